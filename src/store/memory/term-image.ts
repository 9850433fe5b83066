/**
 * The table of terms in a file beside the database, so that a start after an orderly stop need not read every name and term: it is
 * there within a moment, whatever the size.
 *
 * The file is believed only where the database carries the same seal, which the first write takes off, and where what the
 * database says of itself is what it was. So a file that is older, or another database's, or damaged, is no worse than none.
 *
 *     u32 byte order and kind, u32 length of the head, head (JSON)
 *     per segment: u32 slots, u32 CRC-32 of what follows, the hashes, the ids
 */
import { open, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { TermTable, type TermTableImage } from './term-table.js';

const fileName = 'terms.image';
/** Reads otherwise on a machine of another byte order. */
const kind = 0x4a54_4d31;
const segmentsBetweenPauses = 16;

/** What a file is for. */
export interface ImageSubject {
  /** The database's. */
  readonly seal: Buffer;
  /** What the table was made of, in words that are compared. */
  readonly content: string;
}

interface Head {
  readonly seal: string;
  readonly content: string;
  readonly seed: number;
  readonly count: number;
  readonly asks: number;
  readonly freshAsks: number;
}

/** A table, and how many hashes it had to ask for when it was new. */
export interface KeptTerms {
  readonly table: TermTable;
  readonly freshAsks: number;
}

/** On disk when it resolves. */
export async function writeTermImage(folder: string, { seal, content }: ImageSubject, kept: KeptTerms): Promise<void> {
  const { seed, count, asks, segments } = kept.table.image;
  const head: Head = { seal: seal.toString('hex'), content, seed, count, asks, freshAsks: kept.freshAsks };
  const headBytes = Buffer.from(JSON.stringify(head).padEnd(512));
  const path = join(folder, fileName);
  try {
    const file = await open(`${path}.new`, 'w', 0o600);
    try {
      await file.writeFile(Buffer.concat([bytesOf(Uint32Array.of(kind, headBytes.length)), headBytes]));
      for (const { hashes, ids } of segments) {
        const parts = [bytesOf(hashes), bytesOf(ids)];
        const sum = crc32(parts[1]!, crc32(parts[0]!));
        await file.writev([bytesOf(Uint32Array.of(ids.length, sum)), ...parts]);
      }
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(`${path}.new`, path);
  } catch (error) {
    await rm(`${path}.new`, { force: true });
    throw error;
  }
}

/** Undefined where there is no file for this subject. Never rejects. */
export async function readTermImage(folder: string, subject: ImageSubject): Promise<KeptTerms | undefined> {
  try {
    return await decode(await readFile(join(folder, fileName)), subject);
  } catch {
    return undefined;
  }
}

async function decode(bytes: Buffer, { seal, content }: ImageSubject): Promise<KeptTerms | undefined> {
  const [found, headLength] = wordsOf(bytes, 0, 2);
  if (found !== kind) return undefined;
  let at = 8 + headLength!;
  const head = JSON.parse(bytes.toString('utf8', 8, at)) as Head;
  if (head.seal !== seal.toString('hex') || head.content !== content) return undefined;
  const segments: TermTableImage['segments'][number][] = [];
  while (at < bytes.length) {
    const [slots, sum] = wordsOf(bytes, at, 2);
    at += 8;
    const end = at + slots! * 8;
    if (crc32(bytes.subarray(at, end)) !== sum) return undefined;
    segments.push({ hashes: wordsOf(bytes, at, slots!), ids: wordsOf(bytes, at + slots! * 4, slots!) });
    at = end;
    if (segments.length % segmentsBetweenPauses === 0) await new Promise<void>((resolve) => setImmediate(resolve));
  }
  const table = TermTable.of({ ...head, segments });
  return table && { table, freshAsks: head.freshAsks };
}

/** A copy, in memory of its own. Throws RangeError where there are not so many. */
function wordsOf(bytes: Buffer, start: number, count: number): Uint32Array {
  const end = start + count * 4;
  if (end > bytes.length) throw new RangeError('the file is cut short');
  return new Uint32Array(bytes.buffer.slice(bytes.byteOffset + start, bytes.byteOffset + end));
}

function bytesOf(words: Uint32Array): Buffer {
  return Buffer.from(words.buffer, words.byteOffset, words.byteLength);
}
