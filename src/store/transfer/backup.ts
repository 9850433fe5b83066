/**
 * Copies a database, item by item, into an empty folder, where it is a database like any other. The copy carries a mark until
 * all of it is on disk, so half a copy is never mistaken for a whole one.
 */
import { readdir } from 'node:fs/promises';
import { BulkWriter } from './bulk-writer.js';
import { Database, defaultDatabaseOptions, type DatabaseOptions } from '../level/database.js';
import { StoreError } from '../errors.js';
import { makeFolder } from '../level/folder.js';
import { metaKeys } from '../level/keys.js';
import { setMark } from '../level/mark.js';
import { decodeState } from '../numbering.js';
import type { Item } from '../snapshot.js';

export class DatabaseCopy {
  readonly #database: Database;
  readonly #writer: BulkWriter;
  /** The mark that the source itself carries: it comes last. */
  #sourceMark: Buffer | undefined;
  #items = 0;

  private constructor(database: Database) {
    this.#database = database;
    this.#writer = new BulkWriter(database);
  }

  /** Makes the folder, private to its owner. Throws StoreError if there is something in it, or it cannot be made. */
  static async begin(folder: string, options: DatabaseOptions = defaultDatabaseOptions): Promise<DatabaseCopy> {
    await makeFolder(folder);
    if ((await readdir(folder)).length > 0) {
      throw new StoreError(`${folder} is not empty: a backup needs its own folder`);
    }
    const database = await Database.open(folder, options);
    try {
      await setMark(database, { work: 'copy' });
      return new DatabaseCopy(database);
    } catch (error) {
      await database.close();
      throw error;
    }
  }

  /** Items put so far. */
  get items(): number {
    return this.#items;
  }

  put([key, value]: Item): void {
    this.#items++;
    if (key === metaKeys.loading) this.#sourceMark = value;
    else this.#writer.put(key, value);
  }

  /** True: `drain` before putting much more. */
  get full(): boolean {
    return this.#writer.full;
  }

  drain(): Promise<void> {
    return this.#writer.drain();
  }

  /** Makes the copy whole and durable, takes the mark off, closes. Answers how many entries it holds. */
  async finish(): Promise<number> {
    try {
      await this.#writer.settle();
      // Once the mark is gone everything before it must be on disk.
      await this.#database.flush();
      const batch = this.#database.batch();
      if (this.#sourceMark) batch.put(metaKeys.loading, this.#sourceMark);
      else batch.delete(metaKeys.loading);
      await batch.write({ sync: true });
      // Tables have checksums that can be checked later, one by one.
      await this.#database.flush();
      return decodeState(this.#database.get(metaKeys.state)).entries;
    } finally {
      await this.#database.close();
    }
  }

  /** Closes what has become of it, mark and all. */
  async abandon(): Promise<void> {
    await this.#writer.settle().catch(() => undefined);
    await this.#database.close();
  }
}

/** Copies `chunks` into the folder. Answers how many entries the copy holds. */
export async function copyDatabase(
  chunks: AsyncIterable<readonly Item[]>,
  folder: string,
  options?: DatabaseOptions,
): Promise<number> {
  const copy = await DatabaseCopy.begin(folder, options);
  try {
    for await (const items of chunks) {
      for (const item of items) copy.put(item);
      if (copy.full) await copy.drain();
    }
  } catch (error) {
    await copy.abandon();
    throw error;
  }
  return copy.finish();
}
