/**
 * Replaces the database in a folder with a copy. The copy is first brought into a folder inside it and verified; then the
 * old files are moved aside and the new ones take their place, one rename each. Meanwhile a guard file keeps everybody from
 * opening the folder, even if the process ends halfway; another restore then continues.
 *
 * Files are moved, not the folder: it may be a mount point or a symbolic link, lie in somebody else's folder, or hold other
 * things.
 */
import { chmod, chown, copyFile, mkdir, open, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Database, defaultDatabaseOptions } from '../level/database.js';
import { StoreError, StoreLockedError, StoreRestoreInterruptedError } from '../errors.js';
import { makeFolder, removeFolder, removePidFile, writePidFile } from '../level/folder.js';
import { FolderLock, lockName } from '../level/folder-lock.js';
import { metaKeys } from '../level/keys.js';
import { decodeState } from '../numbering.js';
import { checkTables } from '../check/table-check.js';

const guardName = 'restore-unfinished';
/** A folder inside that is gone when a restore is over. */
const workName = 'restore-work.copy';
const currentName = 'CURRENT';
/** What LevelDB keeps in its folder, but for the lock, which stays where it is. */
const databaseFile = /^(?:CURRENT|MANIFEST-\d+|\d+\.(?:ldb|sst|log|dbtmp)|LOG(?:\.old)?)$/;
/** Of those, what a copy needs. */
const contentFile = /^(?:CURRENT|MANIFEST-\d+|\d+\.(?:ldb|sst|log))$/;

/** How far the exchange of files had come. */
interface Guard {
  /** `moving`: old files are going aside; `placing`: what is in the folder are new ones. */
  readonly phase: 'moving' | 'placing';
  /** The folder inside for the old ones. */
  readonly aside: string;
}

/** Throws StoreRestoreInterruptedError. */
export async function assertNoRestore(folder: string): Promise<void> {
  if (await readGuard(folder)) throw new StoreRestoreInterruptedError(folder);
}

/**
 * Is there anything in the folder that an exchange would move aside? A database without entries is nothing. Throws
 * StoreLockedError where somebody has it open.
 */
export async function holdsEntries(folder: string): Promise<boolean> {
  // What a restore that was cut off has left is to be exchanged anyhow.
  if (await readGuard(folder)) return false;
  const names = await namesIn(folder);
  if (!names.some((name) => databaseFile.test(name))) return false;
  if (!names.includes(currentName)) return true;
  let damaged = false;
  // Before LevelDB reads them: a damaged one may end the process.
  await checkTables(folder, () => void (damaged = true));
  if (damaged) return true;
  try {
    const database = await Database.open(folder, defaultDatabaseOptions);
    try {
      return decodeState(database.get(metaKeys.state)).entries > 0;
    } finally {
      await database.close();
    }
  } catch (error) {
    if (error instanceof StoreLockedError) throw error;
    return true;
  }
}

export class DatabaseRestore {
  readonly #folder: string;
  readonly #lock: FolderLock;
  readonly #owner: Owner | undefined;

  private constructor(folder: string, lock: FolderLock, owner: Owner | undefined) {
    this.#folder = folder;
    this.#lock = lock;
    this.#owner = owner;
  }

  /**
   * Locks the folder against everybody else, creating it if it does not exist. Throws StoreLockedError if somebody
   * has the database open. Must be closed.
   */
  static async begin(folder: string): Promise<DatabaseRestore> {
    const owner = await ownerFor(folder);
    await makeFolder(folder);
    const lock = await FolderLock.take(folder);
    // Now this is what one that was killed has left.
    await removeFolder(join(folder, workName));
    await writePidFile(folder);
    await mkdir(join(folder, workName), { mode: 0o700 });
    return new DatabaseRestore(folder, lock, owner);
  }

  /** Where the copy is until it takes its place: a database that may be opened, and must be closed again. */
  get staged(): string {
    return join(this.#folder, workName, 'database');
  }

  /** Brings the database in `source`, which nobody may have open, to `staged`. */
  async stage(source: string): Promise<void> {
    await mkdir(this.staged, { mode: 0o700 });
    for (const name of (await namesIn(source)).filter((file) => contentFile.test(file))) {
      const target = join(this.staged, name);
      await copyFile(join(source, name), target);
      await chmod(target, 0o600);
      await sync(target);
    }
  }

  /**
   * Exchanges the files. `keepOld`: false where what is there is known to have no entries. Answers with the folder the
   * old files are in now; undefined: there were none, or they were not kept.
   */
  async install({ keepOld }: { readonly keepOld: boolean }): Promise<string | undefined> {
    const resumes = (await readGuard(this.#folder)) !== undefined;
    const aside = await this.#moveAside();
    const names = (await namesIn(this.staged)).filter((name) => contentFile.test(name));
    // With this one it is a database.
    names.sort((a, b) => Number(a === currentName) - Number(b === currentName));
    for (const name of names) {
      await this.#giveToOwner(join(this.staged, name));
      await rename(join(this.staged, name), join(this.#folder, name));
    }
    await this.#giveToOwner(this.#folder);
    await this.#giveToOwner(join(this.#folder, lockName));
    await sync(this.#folder);
    await rm(join(this.#folder, guardName), { force: true });
    await sync(this.#folder);
    if (aside === undefined || keepOld || resumes) return aside;
    await removeFolder(aside);
    return undefined;
  }

  /** Lets others at the folder; what was staged and not installed is gone. */
  async close(): Promise<void> {
    await removeFolder(join(this.#folder, workName));
    await removePidFile(this.#folder);
    await this.#lock.close();
  }

  async #moveAside(): Promise<string | undefined> {
    const found = await readGuard(this.#folder);
    const old = (await namesIn(this.#folder)).filter((name) => databaseFile.test(name));
    if (found?.phase === 'placing') {
      // Those are a backup's, half of it.
      for (const name of old) await rm(join(this.#folder, name));
    } else if (old.length > 0 || found) {
      const guard: Guard = found ?? { phase: 'moving', aside: asideName(new Date()) };
      const aside = join(this.#folder, guard.aside);
      await mkdir(aside, { recursive: found !== undefined, mode: 0o700 });
      await this.#writeGuard(guard);
      for (const name of old) await rename(join(this.#folder, name), join(aside, name));
      await this.#giveToOwner(aside);
      await sync(aside);
      await this.#writeGuard({ ...guard, phase: 'placing' });
      return aside;
    } else {
      await this.#writeGuard({ phase: 'placing', aside: '' });
    }
    return found && found.aside !== '' ? join(this.#folder, found.aside) : undefined;
  }

  async #writeGuard(guard: Guard): Promise<void> {
    const path = join(this.#folder, guardName);
    await writeFile(`${path}.new`, JSON.stringify(guard), { mode: 0o600, flush: true });
    await rename(`${path}.new`, path);
    await sync(this.#folder);
  }

  /** Where root does this for the server's user, the server must be able to open it. */
  async #giveToOwner(path: string): Promise<void> {
    if (this.#owner) await chown(path, this.#owner.uid, this.#owner.gid);
  }
}

interface Owner {
  readonly uid: number;
  readonly gid: number;
}

/** Who a folder, or the nearest one above it that there is, belongs to; undefined if that need not be minded. */
async function ownerFor(folder: string): Promise<Owner | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  for (let path = folder; ; path = join(path, '..')) {
    const found = await stat(path).catch(() => undefined);
    if (found) return { uid: found.uid, gid: found.gid };
    if (path === '/' || path === '.') return undefined;
  }
}

async function readGuard(folder: string): Promise<Guard | undefined> {
  const path = join(folder, guardName);
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return undefined;
    throw error;
  }
  try {
    const { phase, aside } = JSON.parse(text) as Partial<Guard>;
    if ((phase === 'moving' || phase === 'placing') && typeof aside === 'string' && !aside.includes('/')) return { phase, aside };
  } catch {
    // Said below.
  }
  throw new StoreError(`${path} was not written by a restore: move everything out of ${folder}, then restore`);
}

function asideName(time: Date): string {
  return `before-restore-${time.toISOString().replace(/[-:.]/g, '')}`;
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

/** On disk when it resolves: a file's content, or a folder's names. */
async function sync(path: string): Promise<void> {
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
