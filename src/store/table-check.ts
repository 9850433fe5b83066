/**
 * The checksums in LevelDB's table files. LevelDB reads blocks through its binding without looking at them, and may end
 * the whole process over one whose keys are garbled; so a check looks at the files themselves first.
 *
 * A table: blocks, each followed by one byte of compression type and a masked CRC-32C of both, among them an index block
 * that names the data blocks and a metaindex block that names the filter, and a footer of 48 bytes that names those two
 * (leveldb's doc/table_format.md).
 */
import { open, readdir, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';

const footerBytes = 48;
const trailerBytes = 5;
const magic = 0xdb4775248b80fb57n;
const maskDelta = 0xa282ead8;
/** Blocks are some kilobytes; a single value may be megabytes. */
const blockBytesMax = 64 << 20;
/** Blocks follow one another: they are read many at a time. */
const readBytes = 4 << 20;

/** CRC-32C of each byte, and below it of that byte followed by one to seven zeros: eight bytes are taken at a time. */
const crcTable = new Int32Array(8 * 256);
for (let byte = 0; byte < 256; byte++) {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1;
  crcTable[byte] = crc;
}
for (let index = 256; index < crcTable.length; index++) {
  const crc = crcTable[index - 256]!;
  crcTable[index] = (crc >>> 8) ^ crcTable[crc & 0xff]!;
}

export interface TableDamage {
  /** The file's name in the folder. */
  readonly file: string;
  /** Where the damaged block begins; undefined where the file as a whole cannot be read. */
  readonly offset: number | undefined;
  /** The byte that makes LevelDB refuse the block, or the file, when it is 0xff; undefined where nothing is there to read. */
  readonly refusalOffset: number | undefined;
}

/** For people. */
export function describeDamage(folder: string, { file, offset }: TableDamage): string {
  return `${join(folder, file)}: ${offset === undefined ? 'is no whole table file' : `the block at byte ${offset} fails its checksum`}`;
}

type DamageListener = (block: Block | undefined) => void;

/** Goes through every table file of a database that nobody has open, and tells what is not as it was written. */
export async function checkTables(folder: string, onDamage: (damage: TableDamage) => void): Promise<void> {
  const names = (await readdir(folder)).filter((name) => /^\d+\.(?:ldb|sst)$/.test(name)).sort();
  for (const file of names) {
    const handle = await open(join(folder, file), 'r');
    try {
      const { size } = await handle.stat();
      await checkTable(new BlockReader(handle, size), size, (block) => {
        // The type of a block stands right behind it, the end of the magic number at that of the file.
        const refusalOffset = block ? block.offset + block.length : size - 1;
        onDamage({ file, offset: block?.offset, refusalOffset: refusalOffset < 0 ? undefined : refusalOffset });
      });
    } finally {
      await handle.close();
    }
  }
}

async function checkTable(reader: BlockReader, size: number, onDamage: DamageListener): Promise<void> {
  const footer = size < footerBytes ? undefined : await reader.bytes(size - footerBytes, footerBytes);
  if (!footer || footer.readBigUInt64LE(footerBytes - 8) !== magic) return onDamage(undefined);
  const handles = new VarintReader(footer);
  const metaindex = { offset: handles.next(), length: handles.next() };
  const index = { offset: handles.next(), length: handles.next() };
  // The data blocks come first in the file, then the filter, then these two.
  if (metaindex.offset + metaindex.length + trailerBytes !== index.offset) return onDamage(undefined);
  if (index.offset + index.length + trailerBytes !== size - footerBytes) return onDamage(undefined);
  for (const directory of [index, metaindex]) {
    if (await reader.isWhole(directory)) await checkNamedBlocks(reader, directory, onDamage);
    else onDamage(directory);
  }
}

/** Looks at the blocks that a block of entries names. */
async function checkNamedBlocks(
  reader: BlockReader,
  { offset, length }: Block,
  onDamage: DamageListener,
): Promise<void> {
  const bytes = await reader.bytes(offset, length + 1);
  const compressed = bytes[length] !== 0;
  const content = bytes.subarray(0, length);
  for (const block of blocksOf(compressed ? snappyContent(content) : content)) {
    if (!(await reader.isWhole(block))) onDamage(block);
  }
}

interface Block {
  readonly offset: number;
  /** Without the trailer. */
  readonly length: number;
}

/** The values of a block of index entries: each is a block's offset and length. */
function blocksOf(content: Buffer): Block[] {
  const restarts = content.readUInt32LE(content.length - 4);
  const end = content.length - 4 - restarts * 4;
  const reader = new VarintReader(content);
  const blocks: Block[] = [];
  while (reader.position < end) {
    reader.next();
    const keyBytes = reader.next();
    reader.next();
    reader.position += keyBytes;
    blocks.push({ offset: reader.next(), length: reader.next() });
  }
  return blocks;
}

class VarintReader {
  position = 0;

  constructor(private readonly bytes: Buffer) {}

  next(): number {
    let value = 0;
    for (let factor = 1; ; factor *= 128) {
      // A number that runs over the end ends there: the block that it would name is found wanting.
      const byte = this.bytes[this.position++] ?? 0;
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) return value;
    }
  }
}

/** Reads a file in large pieces, for blocks in the order in which they lie. */
class BlockReader {
  #piece = Buffer.alloc(0);
  #start = 0;

  constructor(
    private readonly handle: FileHandle,
    private readonly size: number,
  ) {}

  async bytes(offset: number, length: number): Promise<Buffer> {
    if (offset < this.#start || offset + length > this.#start + this.#piece.length) {
      const piece = Buffer.allocUnsafe(Math.max(0, Math.min(Math.max(length, readBytes), this.size - offset)));
      const { bytesRead } = await this.handle.read(piece, 0, piece.length, offset);
      this.#piece = piece.subarray(0, bytesRead);
      this.#start = offset;
    }
    return this.#piece.subarray(offset - this.#start, offset - this.#start + length);
  }

  async isWhole({ offset, length }: Block): Promise<boolean> {
    if (length > blockBytesMax || offset + length + trailerBytes > this.size) return false;
    const bytes = await this.bytes(offset, length + trailerBytes);
    return bytes.length === length + trailerBytes && bytes.readUInt32LE(length + 1) === maskedCrc(bytes, length + 1);
  }
}

function maskedCrc(bytes: Buffer, length: number): number {
  let crc = ~0;
  let at = 0;
  for (; at + 8 <= length; at += 8) {
    const low = crc ^ (bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24));
    crc =
      crcTable[0x700 | (low & 0xff)]! ^
      crcTable[0x600 | ((low >>> 8) & 0xff)]! ^
      crcTable[0x500 | ((low >>> 16) & 0xff)]! ^
      crcTable[0x400 | (low >>> 24)]! ^
      crcTable[0x300 | bytes[at + 4]!]! ^
      crcTable[0x200 | bytes[at + 5]!]! ^
      crcTable[0x100 | bytes[at + 6]!]! ^
      crcTable[bytes[at + 7]!]!;
  }
  for (; at < length; at++) crc = crcTable[(crc ^ bytes[at]!) & 0xff]! ^ (crc >>> 8);
  crc = ~crc >>> 0;
  return (((crc >>> 15) | (crc << 17)) + maskDelta) >>> 0;
}

/** Snappy's format: literals, and copies of what came before. The checksum has said that the bytes are as written. */
function snappyContent(bytes: Buffer): Buffer {
  const reader = new VarintReader(bytes);
  const content = Buffer.alloc(Math.min(reader.next(), blockBytesMax));
  let at = 0;
  const copy = (distance: number, length: number): void => {
    for (let n = 0; n < length; n++, at++) content[at] = content[at - distance]!;
  };
  while (reader.position < bytes.length) {
    const tag = bytes[reader.position++]!;
    const high = tag >>> 2;
    if ((tag & 3) === 0) {
      const octets = Math.max(0, high - 59);
      const length = (octets === 0 ? high : bytes.readUIntLE(reader.position, octets)) + 1;
      reader.position += octets;
      bytes.copy(content, at, reader.position, reader.position + length);
      at += length;
      reader.position += length;
    } else if ((tag & 3) === 1) {
      copy(((tag >>> 5) << 8) | bytes[reader.position++]!, (high & 7) + 4);
    } else {
      const octets = (tag & 3) === 2 ? 2 : 4;
      copy(bytes.readUIntLE(reader.position, octets), high + 1);
      reader.position += octets;
    }
  }
  return content;
}
