/**
 * Verifies the checksums in LevelDB's table files. LevelDB's binding reads blocks without verifying them, and a damaged one
 * may end the process, so this reads the files itself first.
 *
 * A table: blocks, each followed by one byte of compression type and a masked CRC-32C of both, among them an index block
 * that names the data blocks and a metaindex block that names the filter, and a footer of 48 bytes that names those two
 * (leveldb's doc/table_format.md).
 */
import { open, readdir, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { maskedCrc32c } from './crc32c.js';
import type { FileDamage } from './damage.js';

const footerBytes = 48;
const trailerBytes = 5;
const magic = 0xdb4775248b80fb57n;
/** Blocks are some kilobytes; a single value may be megabytes. */
const blockBytesMax = 64 << 20;
/** Blocks are adjacent, so many are read at a time. */
const readBytes = 4 << 20;

type DamageListener = (block: Block | undefined) => void;

/** Reads every table file of a database that no process has open, and reports what is damaged. */
export async function checkTables(folder: string, onDamage: (damage: FileDamage) => void): Promise<void> {
  const names = (await readdir(folder)).filter((name) => /^\d+\.(?:ldb|sst)$/.test(name)).sort();
  for (const file of names) {
    const handle = await open(join(folder, file), 'r');
    try {
      const { size } = await handle.stat();
      await checkTable(new BlockReader(handle, size), size, (block) => {
        // A block's type follows it directly; the magic number ends with the file.
        const refusalOffset = block ? block.offset + block.length : size - 1;
        onDamage({ file, kind: 'table', offset: block?.offset, refusalOffset: refusalOffset < 0 ? undefined : refusalOffset });
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

/** Checks the blocks that a block of index entries points to. */
async function checkNamedBlocks(reader: BlockReader, { offset, length }: Block, onDamage: DamageListener): Promise<void> {
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
    return bytes.length === length + trailerBytes && bytes.readUInt32LE(length + 1) === maskedCrc32c(bytes, 0, length + 1);
  }
}

/** Snappy's format: literals, and copies of earlier bytes. The checksum has shown that the bytes are intact. */
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
