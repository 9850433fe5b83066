/** Checks a database's files before LevelDB reads them. */
import { readPidFile } from '../level/folder.js';
import type { FileDamage } from './damage.js';
import { checkLogs } from './log-check.js';
import { checkTables } from './table-check.js';

/** Reads all files of a database that no process has open, and reports what is damaged. */
export async function checkDatabaseFiles(folder: string, onDamage: (damage: FileDamage) => void): Promise<void> {
  await checkTables(folder, onDamage);
  await checkLogs(folder, (await readPidFile(folder)) === undefined, onDamage);
}
