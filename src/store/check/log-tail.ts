/**
 * Cuts LevelDB's logs where they have a hole. Where a journal can tell again what is missing, batches are written without
 * waiting for the disk; after the machine itself has stopped, a batch may be missing whose successors are there, and LevelDB
 * would go on as if nothing were. What is left after the cut is what the database was at some moment.
 *
 * For the format see log-check. A batch begins with the number of its first change and how many it has; numbers have no gaps.
 */
import { readdir, readFile, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { logName } from '../level/folder.js';
import { maskedCrc32c } from './crc32c.js';

const blockBytes = 32 * 1_024;
const headerBytes = 7;
const lengthOffset = 4;
const typeOffset = 6;
const RecordType = { full: 1, first: 2, middle: 3, last: 4 } as const;
const batchHeadBytes = 12;

/** For a database that nobody has open and that was not closed properly. True where something was cut off. */
export async function cutLogs(folder: string): Promise<boolean> {
  let expected: bigint | undefined;
  let isCut = false;
  const files = (await readdir(folder)).filter((name) => logName.test(name)).sort((a, b) => parseInt(a, 10) - parseInt(b, 10));
  for (const file of files) {
    const path = join(folder, file);
    const log = await readFile(path);
    const found = isCut ? { end: 0, next: undefined } : soundPart(log, expected);
    expected = found.next;
    if (found.end === log.length) continue;
    isCut = true;
    await truncate(path, found.end);
  }
  return isCut;
}

/** Up to where the log has all batches, and the number that comes next. */
function soundPart(log: Buffer, expected: bigint | undefined): { readonly end: number; readonly next: bigint | undefined } {
  let next = expected;
  let end = 0;
  let pieces: Buffer[] = [];
  for (let at = 0; at < log.length;) {
    const blockEnd = Math.min(at - (at % blockBytes) + blockBytes, log.length);
    if (blockEnd - at < headerBytes) {
      // What is too short for a header at the end of a block is filling.
      if (blockEnd % blockBytes !== 0) break;
      at = blockEnd;
      if (pieces.length === 0) end = at;
      continue;
    }
    const type = log[at + typeOffset]!;
    const stop = at + headerBytes + log.readUInt16LE(at + lengthOffset);
    if (stop > blockEnd || log.readUInt32LE(at) !== maskedCrc32c(log, at + typeOffset, stop)) break;
    const begins = type === RecordType.full || type === RecordType.first;
    if (begins !== (pieces.length === 0)) break;
    pieces.push(log.subarray(at + headerBytes, stop));
    at = stop;
    if (type === RecordType.first || type === RecordType.middle) continue;
    const head = Buffer.concat(pieces.length > 1 ? pieces.slice(0, 2) : pieces);
    pieces = [];
    if (head.length < batchHeadBytes) break;
    const number = head.readBigUInt64LE(0);
    if (next !== undefined && number !== next) break;
    next = number + BigInt(head.readUInt32LE(8));
    end = at;
  }
  return { end, next };
}
