/**
 * LevelDB as this store uses it: string keys, buffer values, synchronous gets, synced batches, snapshots. It
 * knows nothing about entries.
 */
import { ClassicLevel } from 'classic-level';
import { levelErrorCode, StoreLockedError, StoreUnavailableError } from '../errors.js';
import { hasRoom, readPidFile, removePidFile, syncLogs, writePidFile } from './folder.js';
import { keyBytesMax, metaKeys, type KeyRange } from './keys.js';
import { claimFolder } from './open-folders.js';

type Level = ClassicLevel<string, Buffer>;
type LevelSnapshot = ReturnType<Level['snapshot']>;

/** One state of the database. Must be closed; unusable once the database has been reopened. */
export class Snapshot {
  readonly level: LevelSnapshot;
  /** The database's `changes` when it was taken; undefined if a write was under way then. */
  readonly changes: number | undefined;

  constructor(level: LevelSnapshot, changes: number | undefined) {
    this.level = level;
    this.changes = changes;
  }

  close(): Promise<void> {
    return this.level.close();
  }
}

/** How much an iterator fetches at once: the binding's default of 16 KiB is three times slower. */
const iteratorBytes = 1 << 20;
/** LevelDB's binding turns everything it fetched into buffers in one go, and lookups must not wait long for that. */
const iteratorItems = 400;

/**
 * How much LevelDB compresses at once, and reads for one record. With its default of 4 KiB a database is a fifth larger, on
 * disk and in the system's memory; lookups that miss every cache are a tenth faster.
 */
const blockBytes = 8 * 1_024;

export interface DatabaseOptions {
  /** LevelDB's cache of table blocks, bytes. */
  readonly blockCacheBytes: number;
  /** LevelDB's write buffer, bytes; up to two are held. */
  readonly writeBufferBytes: number;
  /** Wait for the disk with each synced batch; false only for a database that need not survive a crash. */
  readonly durable: boolean;
}

/** Puts and deletions that take effect together. */
export interface WriteBatch {
  /** Copies the value. */
  put(key: string, value: Buffer): void;
  delete(key: string): void;
  readonly length: number;
  /** `sync`: resolves when the disk has it. */
  write(options: { sync: boolean }): Promise<void>;
}

export const defaultDatabaseOptions: DatabaseOptions = {
  blockCacheBytes: 16 << 20,
  writeBufferBytes: 8 << 20,
  durable: true,
};

interface ChunkIterator<T> {
  nextv(size: number): Promise<T[]>;
  close(): Promise<void>;
}

export class Database {
  #level: Level;
  #broken: Error | undefined;
  #changes = 0;
  #writesUnderWay = 0;
  #seal: Buffer | undefined;
  #unsealing: Promise<void> | undefined;
  readonly folder: string;
  readonly #giveBack: () => void;
  readonly #options: DatabaseOptions;

  private constructor(folder: string, giveBack: () => void, options: DatabaseOptions, level: Level) {
    this.folder = folder;
    this.#giveBack = giveBack;
    this.#options = options;
    this.#level = level;
    this.#seal = level.getSync(metaKeys.seal);
  }

  /** The folder must exist. Throws StoreLockedError, StoreUnavailableError. */
  static async open(folder: string, options: DatabaseOptions): Promise<Database> {
    const giveBack = await claimFolder(folder);
    try {
      return new Database(folder, giveBack, options, await openMarked(folder, options));
    } catch (error) {
      giveBack();
      throw error;
    }
  }

  get(key: string): Buffer | undefined {
    this.#assertOpen();
    return this.#level.getSync(key);
  }

  getAt(snapshot: Snapshot, key: string): Buffer | undefined {
    // Nothing has been written since, so both give the same answer, and a plain get takes half the time.
    if (snapshot.changes === this.#changes) return this.get(key);
    return this.#level.getSync<string, Buffer>(key, { snapshot: snapshot.level });
  }

  snapshot(): Snapshot {
    this.#assertOpen();
    return new Snapshot(this.#level.snapshot(), this.#writesUnderWay === 0 ? this.#changes : undefined);
  }

  /** Grows when a write begins and when it is done; while it is unchanged, snapshots are identical. */
  get changes(): number {
    return this.#changes;
  }

  async #changing(work: () => Promise<void>): Promise<void> {
    this.#changes++;
    this.#writesUnderWay++;
    try {
      if (this.#seal !== undefined) await this.#breakSeal();
      await work();
    } finally {
      this.#changes++;
      this.#writesUnderWay--;
    }
  }

  /** What the database was sealed with; undefined where something has been written since. */
  get seal(): Buffer | undefined {
    return this.#seal;
  }

  /** Resolves when the disk has the seal. Nothing else may be written at the time. */
  async sealWith(seal: Buffer): Promise<void> {
    await this.#level.put(metaKeys.seal, seal, { sync: this.#options.durable });
    this.#seal = seal;
  }

  /** Before the first write; whoever else writes meanwhile waits, too. It need not be synced: LevelDB's log keeps the order. */
  async #breakSeal(): Promise<void> {
    this.#unsealing ??= this.#level.del(metaKeys.seal).finally(() => (this.#unsealing = undefined));
    await this.#unsealing;
    this.#seal = undefined;
  }

  batch(): WriteBatch {
    this.#assertOpen();
    const chained = this.#level.batch();
    const durable = this.#options.durable;
    return {
      put: (key, value) => void chained.put(key, value),
      delete: (key) => void chained.del(key),
      get length() {
        return chained.length;
      },
      write: ({ sync }) => this.#changing(() => chained.write({ sync: sync && durable })),
    };
  }

  /** The values of a range in key order, many at a time. `wanted`: how many will be read, where that is known. */
  async *values(
    range: KeyRange,
    snapshot?: Snapshot,
    { wanted, chunkBytes = iteratorBytes }: { wanted?: number | undefined; chunkBytes?: number | undefined } = {},
  ): AsyncGenerator<Buffer[], void, void> {
    const options = { ...range, ...(snapshot && { snapshot: snapshot.level }), highWaterMarkBytes: chunkBytes };
    const iterator = this.#level.values(options);
    yield* this.#chunks(iterator, wanted);
  }

  /** Keys and values of a range in key order, many at a time. */
  async *items(range: KeyRange, snapshot?: Snapshot): AsyncGenerator<[string, Buffer][], void, void> {
    const options = { ...range, ...(snapshot && { snapshot: snapshot.level }), highWaterMarkBytes: iteratorBytes };
    yield* this.#chunks(this.#level.iterator(options));
  }

  async *#chunks<T>(iterator: ChunkIterator<T>, wanted = 1): AsyncGenerator<T[], void, void> {
    const level = this.#level;
    let ahead: Promise<T[]> | undefined;
    try {
      for (let fetched = 1; ; fetched++) {
        const chunk = await (ahead ?? iterator.nextv(iteratorItems));
        if (chunk.length === 0) return;
        // Read on another thread while this chunk is processed, but not after the first one: often no more is wanted.
        ahead = fetched > 1 || wanted > iteratorItems ? iterator.nextv(iteratorItems) : undefined;
        // If it is never asked for, its failure does not matter.
        ahead?.catch(() => undefined);
        yield chunk;
      }
    } catch (error) {
      if (level === this.#level && !this.#broken) throw error;
      throw new StoreUnavailableError('the database was reopened while it was being read', { cause: error });
    } finally {
      await iterator.close();
    }
  }

  #assertOpen(): void {
    if (this.#broken) throw new StoreUnavailableError('the database cannot be opened', { cause: this.#broken });
  }

  /** Deletes a range, in several steps: not atomic. */
  async clear(range: KeyRange): Promise<void> {
    await this.#changing(() => this.#level.clear(range));
  }

  /**
   * Resolves when the disk has all that was written, also without `sync`: what is not in table files, which LevelDB syncs
   * as it makes them, is in its logs.
   */
  async sync(): Promise<void> {
    if (this.#options.durable) await syncLogs(this.folder);
  }

  /** Moves what LevelDB holds in memory to table files, and waits for whatever it compacts at the time. */
  async flush(): Promise<void> {
    await this.#level.compactRange('~', '~~');
  }

  /**
   * Opens the database again after a failed write: LevelDB's log may end in half a record, and nothing may be written
   * after that. While the disk has no room the old handle stays, so that reads continue. True when it is open and whole.
   */
  async reopen(): Promise<boolean> {
    if (!(await hasRoom(this.folder, this.#options.writeBufferBytes * 2))) return false;
    this.#changes++;
    const reason = new Error('reopening after a failed write');
    this.#broken = reason;
    try {
      await this.#level.close();
      this.#level = await openLevel(this.folder, this.#options);
      this.#seal = this.#level.getSync(metaKeys.seal);
      this.#broken = undefined;
      return true;
    } catch (error) {
      this.#broken = error instanceof Error ? error : reason;
      return false;
    }
  }

  async close(): Promise<void> {
    await removePidFile(this.folder).catch(() => undefined);
    await this.#level.close();
    this.#giveBack();
  }
}

/** Opens LevelDB and records this process's PID. */
async function openMarked(folder: string, options: DatabaseOptions): Promise<Level> {
  const level = await openLevel(folder, options);
  try {
    await writePidFile(folder);
    return level;
  } catch (error) {
    await level.close();
    throw new StoreUnavailableError(`cannot write to ${folder}: ${(error as Error).message}`, { cause: error });
  }
}

async function openLevel(folder: string, options: DatabaseOptions): Promise<Level> {
  const level = new ClassicLevel<string, Buffer>(folder, {
    keyEncoding: 'utf8',
    valueEncoding: 'buffer',
    cacheSize: options.blockCacheBytes,
    writeBufferSize: options.writeBufferBytes,
    blockSize: blockBytes,
  });
  try {
    await level.open();
  } catch (error) {
    throw await explain(folder, error);
  }
  // classic-level 3.0.0 writes the key of a synchronous get into a buffer that grows with the keys, but cuts a key
  // short where the buffer would end inside a char of several bytes. One long key first makes it large enough for all.
  level.getSync('~'.repeat(keyBytesMax * 2));
  return level;
}

async function explain(folder: string, error: unknown): Promise<Error> {
  const code = levelErrorCode(error);
  if (code === 'LEVEL_LOCKED') return new StoreLockedError(folder, await readPidFile(folder));
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : (error as Error);
  const hint = /read-only|permission denied/i.test(cause.message)
    ? ': the folder must be writable even to read from it; copy it to a writable place'
    : '';
  return new StoreUnavailableError(`cannot open the database in ${folder} (${cause.message})${hint}`, { cause: error });
}
