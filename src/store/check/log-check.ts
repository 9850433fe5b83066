/**
 * Verifies the checksums in LevelDB's logs, which hold what is not in table files yet. LevelDB silently skips a damaged
 * record and the rest of its block, so acknowledged writes would disappear unnoticed.
 *
 * A log consists of blocks of 32 KiB, filled with records. A record begins with a masked CRC-32C of what follows the length,
 * its length in two bytes and its type. If no header fits any more, a block ends in zeros (leveldb's doc/log_format.md).
 */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { maskedCrc32c } from './crc32c.js';
import type { FileDamage } from './damage.js';
import { logName } from '../level/folder.js';

const blockBytes = 32 * 1_024;
const headerBytes = 7;
const lengthOffset = 4;
const typeOffset = 6;

/**
 * Reports the first damaged record of each log. `closed`: the database was closed properly; otherwise an incomplete record at
 * the end of a log is a write that was interrupted and never acknowledged.
 */
export async function checkLogs(folder: string, closed: boolean, onDamage: (damage: FileDamage) => void): Promise<void> {
  for (const file of (await readdir(folder)).filter((name) => logName.test(name)).sort()) {
    const offset = damagedRecord(await readFile(join(folder, file)), closed);
    if (offset !== undefined) onDamage({ file, kind: 'log', offset, refusalOffset: undefined });
  }
}

function damagedRecord(log: Buffer, closed: boolean): number | undefined {
  let suspect: number | undefined;
  for (let block = 0; block < log.length; block += blockBytes) {
    const blockEnd = Math.min(block + blockBytes, log.length);
    for (let at = block; at + headerBytes <= blockEnd;) {
      const end = at + headerBytes + log.readUInt16LE(at + lengthOffset);
      if (end <= blockEnd && log.readUInt32LE(at) === maskedCrc32c(log, at + typeOffset, end)) {
        if (suspect !== undefined) return suspect;
      } else {
        suspect ??= at;
      }
      at = end;
    }
  }
  return closed ? suspect : undefined;
}
