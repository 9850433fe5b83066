/**
 * Keeps LevelDB away from damaged blocks. Its binding reads blocks without verifying their checksums, and a damaged one may
 * end the process. LevelDB does refuse a block of an unknown type and continues with the others, so the type byte after a
 * damaged block is changed to such a type. A file whose end is damaged is changed so that LevelDB does not take it for a table.
 */
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { isCorruption, StoreDamagedError, StoreFormatError, StoreLockedError } from '../errors.js';
import { readPidFile } from '../level/folder.js';
import { FolderLock } from '../level/folder-lock.js';
import { describeDamage, type FileDamage } from './damage.js';
import { checkLogs } from './log-check.js';
import { cutLogs } from './log-tail.js';
import { checkTables } from './table-check.js';

const refused = Buffer.of(0xff);

/**
 * To be called before a database is opened. Checks its logs, which LevelDB will read, and, if it was not closed properly,
 * every table, so that damage that ended one process does not end the next. This takes about a second for some hundred
 * megabytes; logs have only a few.
 */
export async function quarantineDamage(folder: string, onDamage: (damage: FileDamage) => void): Promise<void> {
  // The process that has it open has recorded its PID.
  if ((await readPidFile(folder)) === undefined) return checkClosedLogs(folder, onDamage);
  const lock = await lockIfFree(folder);
  if (!lock) return;
  try {
    const found: FileDamage[] = [];
    await checkTables(folder, (damage) => found.push(damage));
    for (const damage of found) {
      await disable(folder, damage);
      onDamage(damage);
    }
    await checkLogs(folder, false, onDamage);
  } finally {
    await lock.close();
  }
}

/** Before that, where a journal tells again what the logs may lack. */
export async function cutUnclosedLogs(folder: string): Promise<void> {
  if ((await readPidFile(folder)) === undefined) return;
  const lock = await lockIfFree(folder);
  if (!lock) return;
  try {
    await cutLogs(folder);
  } finally {
    await lock.close();
  }
}

async function checkClosedLogs(folder: string, onDamage: (damage: FileDamage) => void): Promise<void> {
  try {
    await checkLogs(folder, true, onDamage);
  } catch (error) {
    // Unreadable logs, or logs that are gone because another process is opening the database: opening it reports the reason.
    if ((error as NodeJS.ErrnoException).code === undefined) throw error;
  }
}

/** The error for a database that cannot be opened: if files are damaged, it names the damage rather than the consequence. */
export async function openingError(folder: string, error: unknown): Promise<unknown> {
  if (!isCorruption(error) && !(error instanceof StoreDamagedError || error instanceof StoreFormatError)) return error;
  const found: FileDamage[] = [];
  await checkTables(folder, (damage) => found.push(damage));
  const [first] = found;
  if (!first) return error;
  const more = found.length === 1 ? '' : ` (and ${found.length - 1} more; jammd check --database names them all)`;
  const what = `the database cannot be opened: ${describeDamage(folder, first)}${more}: restore a backup (jammd restore)`;
  return new StoreDamagedError(what, { cause: error });
}

/** Undefined if another process has the database open or nothing can be written: opening it reports the reason. */
async function lockIfFree(folder: string): Promise<FolderLock | undefined> {
  try {
    return await FolderLock.take(folder);
  } catch (error) {
    if (error instanceof StoreLockedError || (error as NodeJS.ErrnoException).code !== undefined) return undefined;
    throw error;
  }
}

async function disable(folder: string, { file, refusalOffset }: FileDamage): Promise<void> {
  if (refusalOffset === undefined) return;
  const handle = await open(join(folder, file), 'r+');
  try {
    await handle.write(refused, 0, 1, refusalOffset);
    await handle.sync();
  } finally {
    await handle.close();
  }
}
