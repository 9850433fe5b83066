/** LevelDB's logs are cut at the first hole, and only there. */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { maskedCrc32c } from '../../src/store/check/crc32c.js';
import { cutLogs } from '../../src/store/check/log-tail.js';
import { makeFolder, removeFolder } from '../support/place.js';

let folder: string;

beforeEach(async () => {
  folder = await makeFolder('log-tail');
  await mkdir(folder, { recursive: true });
});

afterEach(() => removeFolder(folder));

/** One record with a batch of `count` changes, the first with this number. */
function batch(number: number, count: number): Buffer {
  const record = Buffer.alloc(7 + 12 + 20, count);
  record.writeUInt16LE(record.length - 7, 4);
  record[6] = 1;
  record.writeBigUInt64LE(BigInt(number), 7);
  record.writeUInt32LE(count, 15);
  record.writeUInt32LE(maskedCrc32c(record, 6, record.length), 0);
  return record;
}

const write = (file: string, ...records: Buffer[]) => writeFile(join(folder, file), Buffer.concat(records));
const length = async (file: string) => (await readFile(join(folder, file))).length;
const size = batch(1, 1).length;

it('leaves whole logs alone', async () => {
  await write('000004.log', batch(1, 2), batch(3, 1));
  await write('000006.log', batch(4, 5));
  expect(await cutLogs(folder)).toBe(false);
  expect([await length('000004.log'), await length('000006.log')]).toEqual([2 * size, size]);
});

it.each([
  ['a batch is missing between two', [batch(1, 2), batch(4, 1)], size],
  ['a batch is zeros', [batch(1, 2), Buffer.alloc(size), batch(4, 1)], size],
  ['the last batch is cut short', [batch(1, 2), batch(3, 1).subarray(0, 20)], size],
])('cuts where %s, and empties what follows', async (_, records, end) => {
  await write('000004.log', ...records);
  await write('000010.log', batch(5, 1));
  expect(await cutLogs(folder)).toBe(true);
  expect([await length('000004.log'), await length('000010.log')]).toEqual([end, 0]);
});

it('notices that the end of one log is missing before the next', async () => {
  await write('000004.log', batch(1, 2));
  await write('000006.log', batch(4, 5));
  expect(await cutLogs(folder)).toBe(true);
  expect([await length('000004.log'), await length('000006.log')]).toEqual([size, 0]);
});
