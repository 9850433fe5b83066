/** Opens the LevelDB in a folder, after what must be done to its files before that. */
import { describeDamage } from './check/damage.js';
import { cutUnclosedLogs, quarantineDamage } from './check/quarantine.js';
import { Database, defaultDatabaseOptions } from './level/database.js';
import { makeFolder, memoryLocation } from './level/folder.js';
import type { StoreOptions } from './options.js';
import { assertNoRestore } from './transfer/restore.js';

export async function openFolder(folder: string, options: StoreOptions): Promise<Database> {
  await makeFolder(folder);
  await assertNoRestore(folder);
  if (options.journal) await cutUnclosedLogs(folder);
  await quarantineDamage(folder, (damage) => options.onDamagedFile?.(describeDamage(folder, damage)));
  return Database.open(folder, {
    ...defaultDatabaseOptions,
    ...options.database,
    ...(options.location === memoryLocation && { durable: false }),
  });
}
