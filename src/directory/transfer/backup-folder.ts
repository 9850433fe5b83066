/**
 * A backup on disk: a folder with a copy of each database and a table of contents. The table is written last; without it
 * the backup is incomplete.
 */
import { mkdir, open, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { serverVersion } from '../version.js';

const contentsName = 'backup.json';
const newContentsName = `${contentsName}.new`;
/** Raised when a backup of this version cannot be restored by the one before. */
const contentsFormat = 1;
const databaseFolder = /^database-\d+$/;

/** What keeps a folder from being written as, or read as, a backup. The message names it. */
export class BackupError extends Error {
  override readonly name = 'BackupError';
}

/** One database in a backup. */
export interface BackupDatabase {
  /** Its folder's name in the backup. */
  readonly folder: string;
  readonly suffixes: readonly string[];
  readonly entries: number;
}

export interface BackupContents {
  /** The program that wrote it: `jammd 0.1.0`. */
  readonly version: string;
  readonly created: Date;
  readonly databases: readonly BackupDatabase[];
}

/** A backup that is being written. */
export class BackupFolder {
  readonly #path: string;
  readonly #isNew: boolean;
  readonly #created = new Date();
  readonly #databases: BackupDatabase[] = [];

  private constructor(path: string, isNew: boolean) {
    this.#path = path;
    this.#isNew = isNew;
  }

  /** Makes the folder, private to its owner. Throws BackupError where there is something in it, or it cannot be made. */
  static async begin(path: string): Promise<BackupFolder> {
    const isNew = (await stat(path).catch(() => undefined)) === undefined;
    let names: string[];
    try {
      if (isNew) await mkdir(path, { recursive: true, mode: 0o700 });
      names = await readdir(path);
    } catch (error) {
      throw new BackupError(`cannot write a backup to ${path}: ${(error as Error).message}`, { cause: error });
    }
    if (names.includes(contentsName)) throw new BackupError(`${path} already holds a backup; each backup needs its own folder`);
    if (names.length > 0) {
      const isHalf = names.every((name) => databaseFolder.test(name) || name === newContentsName);
      const why = isHalf ? 'holds half a backup, which was cut off: delete it' : 'is not empty: a backup needs its own folder';
      throw new BackupError(`${path} ${why}`);
    }
    return new BackupFolder(path, isNew);
  }

  /** Where the next database is to be copied to. */
  get next(): string {
    return join(this.#path, this.#nextName);
  }

  get #nextName(): string {
    return `database-${this.#databases.length + 1}`;
  }

  /** The copy in `next` is whole and on disk. */
  add(suffixes: readonly string[], entries: number): void {
    this.#databases.push({ folder: this.#nextName, suffixes, entries });
  }

  /** Makes it a backup. On disk when it resolves. */
  async finish(): Promise<void> {
    const contents = {
      format: contentsFormat,
      version: serverVersion,
      created: this.#created,
      databases: this.#databases,
    };
    const path = join(this.#path, contentsName);
    const newPath = join(this.#path, newContentsName);
    await writeFile(newPath, `${JSON.stringify(contents, undefined, 2)}\n`, { mode: 0o600, flush: true });
    await syncFolder(this.#path);
    await rename(newPath, path);
    await syncFolder(this.#path);
    // The folder's own name; the one above need not be this user's.
    if (this.#isNew) await syncFolder(dirname(this.#path)).catch(() => undefined);
  }

  /** Deletes what has been written. */
  async discard(): Promise<void> {
    if (this.#isNew) return rm(this.#path, { recursive: true, force: true });
    for (const name of await readdir(this.#path)) {
      if (databaseFolder.test(name) || name.startsWith(contentsName)) {
        await rm(join(this.#path, name), { recursive: true, force: true });
      }
    }
  }
}

/** Throws BackupError where the folder holds no whole backup, or one that this version does not know. */
export async function readBackup(path: string): Promise<BackupContents> {
  const file = join(path, contentsName);
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    if (!(await stat(path).catch(() => undefined))) throw new BackupError(`${path}: no such folder`);
    throw new BackupError(`${path} is not a backup, or not a complete one: it has no ${contentsName}`);
  }
  const contents = parseJson(text);
  const format = isObject(contents) ? contents['format'] : undefined;
  if (typeof format === 'number' && format > contentsFormat) {
    throw new BackupError(`${file} has format ${format}, newer than the ${contentsFormat} that this jammd knows`);
  }
  const known = format === contentsFormat ? contentsOf(contents) : undefined;
  if (!known) throw new BackupError(`${file} was not written by jammd backup`);
  return known;
}

function contentsOf(contents: unknown): BackupContents | undefined {
  if (!isObject(contents)) return undefined;
  const { version, created, databases } = contents;
  if (typeof version !== 'string' || typeof created !== 'string' || !Array.isArray(databases)) return undefined;
  const time = new Date(created);
  if (Number.isNaN(time.getTime()) || databases.length === 0 || !databases.every(isDatabase)) return undefined;
  return { version, created: time, databases };
}

function isDatabase(value: unknown): value is BackupDatabase {
  if (!isObject(value)) return false;
  const { folder, suffixes, entries } = value;
  return (
    typeof folder === 'string' &&
    databaseFolder.test(folder) &&
    Array.isArray(suffixes) &&
    suffixes.length > 0 &&
    suffixes.every((suffix) => typeof suffix === 'string') &&
    Number.isSafeInteger(entries)
  );
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

async function syncFolder(path: string): Promise<void> {
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
