/**
 * Locks a database's folder without opening the database, which may be damaged. LevelDB locks the file LOCK, whatever
 * name it is reached by: so another, empty database is opened with this folder's lock file.
 */
import { link, mkdtemp, open, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Database, defaultDatabaseOptions } from './database.js';
import { StoreLockedError } from '../errors.js';
import { readPidFile, removeFolder } from './folder.js';
import { claimFolder } from './open-folders.js';

export const lockName = 'LOCK';
const workPrefix = 'lock-work-';

export class FolderLock {
  readonly #lock: Database;
  readonly #giveBack: () => void;

  private constructor(lock: Database, giveBack: () => void) {
    this.#lock = lock;
    this.#giveBack = giveBack;
  }

  /** The folder must exist. Throws StoreLockedError if another process has the database open. Must be closed. */
  static async take(folder: string): Promise<FolderLock> {
    const giveBack = await claimFolder(folder);
    try {
      const lock = await lockFolder(folder);
      // With the lock held, these can only be left over from a killed process.
      for (const name of await readdir(folder)) {
        if (name.startsWith(workPrefix) && join(folder, name) !== lock.folder) await removeFolder(join(folder, name));
      }
      return new FolderLock(lock, giveBack);
    } catch (error) {
      giveBack();
      throw error;
    }
  }

  async close(): Promise<void> {
    await this.#lock.close();
    await removeFolder(this.#lock.folder);
    this.#giveBack();
  }
}

async function lockFolder(folder: string): Promise<Database> {
  const lock = join(folder, lockName);
  await (await open(lock, 'a', 0o600)).close();
  // Of its own, so that those who come in vain disturb nothing.
  const other = await mkdtemp(join(folder, workPrefix));
  try {
    await link(lock, join(other, lockName));
    return await Database.open(other, defaultDatabaseOptions);
  } catch (error) {
    await removeFolder(other);
    if (error instanceof StoreLockedError) throw new StoreLockedError(folder, await readPidFile(folder));
    throw error;
  }
}
