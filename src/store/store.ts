/**
 * The store: opens a database folder, reads committed state, runs writes, keeps indexes in step with the configured
 * policy. All use of LevelDB goes through here.
 */
import { AttributeDictionary } from '../entry/dictionary.js';
import type { EntryRecord } from '../entry/record.js';
import { copyDatabase } from './transfer/backup.js';
import { BulkLoad, type BulkLoader, type BulkLoadOptions } from './transfer/bulk-load.js';
import { candidateIds, estimateCandidates, estimatePosting, fewCandidates } from './index/candidates.js';
import { readIds } from './index/posting.js';
import { CommittedState, defaultCacheSizes } from './committed.js';
import { type Database, defaultDatabaseOptions } from './level/database.js';
import { StoreClusterMemberError, StoreCopyInterruptedError, StoreLoadInterruptedError } from './errors.js';
import { defaultMemoryBytes, MemoryBudget } from './memory/budget.js';
import { MemoryFilling } from './memory/filling.js';
import { holdsNearlyAll, scanMemory } from './memory/memory-scan.js';
import { makeTemporaryFolder, memoryLocation, removeFolder } from './level/folder.js';
import { checkFormat } from './level/format.js';
import { ConfiguredIndexes, type ConfiguredIndex, type Reindexing, type ReindexOptions } from './index/configured-indexes.js';
import { IndexTerms } from './index/index-terms.js';
import { childrenKey, metaKeys } from './level/keys.js';
import { ChangeLog } from './log/change-log.js';
import { scanRecords, walkRecords, type ScanOptions } from './long-reads.js';
import { ParkedScans } from './parked-scans.js';
import { ListShrinker } from './index/list-shrinker.js';
import { readMark } from './level/mark.js';
import { readOrMakeSecret } from './level/secret.js';
import type {
  Candidates,
  ExclusiveTransaction,
  IndexCatalog,
  PostingKey,
  StoreReader,
  StoreStatistics,
  Transaction,
} from './model.js';
import { writeClusterPosition } from './level/cluster-position.js';
import { makeWriter } from './make-writer.js';
import { Numbering } from './numbering.js';
import { discardLoad, type ProgressListener } from './index/rebuild.js';
import type { StoreOptions } from './options.js';
import { openFolder } from './open-folder.js';
import { openingError } from './check/quarantine.js';
import { StoreSnapshot } from './snapshot.js';
import { storeStatistics } from './statistics.js';
import type { StoreState } from './state.js';
import { verifyStore, type ProblemListener, type VerifyReport } from './check/verify.js';

export type { ConfiguredIndex, Reindexing, ReindexOptions, StoreOptions };

export type CommitListener = (changes: readonly unknown[]) => void;

const defaultAutoIndexEntriesMax = 10_000;

export class Store implements StoreReader {
  readonly dictionary: AttributeDictionary;
  readonly #options: StoreOptions;
  readonly #database: Database;
  readonly #state: StoreState;
  readonly #indexes: ConfiguredIndexes;
  readonly #writer: ReturnType<typeof makeWriter>;
  readonly #shrinker: ListShrinker;
  readonly #parkedScans: ParkedScans;
  readonly #listeners = new Set<CommitListener>();
  #secret: Buffer = Buffer.alloc(0);
  readonly #filling: MemoryFilling | undefined;
  #closing: Promise<void> | undefined;

  private constructor(options: StoreOptions, database: Database) {
    this.#options = options;
    this.#database = database;
    this.dictionary = new AttributeDictionary(options.schema);
    const sizes = { ...defaultCacheSizes, ...options.cacheSizes };
    const memory = options.memory ?? new MemoryBudget(defaultMemoryBytes());
    const committed = new CommittedState(database, this.dictionary, sizes, memory);
    this.#state = {
      committed,
      numbering: new Numbering(this.dictionary),
      log: new ChangeLog(database, this.dictionary, options.changeLog),
      terms: new IndexTerms([], this.dictionary),
      entryCount: 0,
    };
    this.#writer = makeWriter(this.#state, options, {
      recover: () => this.#recover(),
      committed: (notes) => this.#tellListeners(notes),
      shrinkable: (keys) => this.#shrinker.add(keys),
    });
    this.#shrinker = new ListShrinker(committed, this.#writer);
    this.#parkedScans = new ParkedScans(() => database.changes);
    this.#indexes = new ConfiguredIndexes(this.#state, options.schema);
    if (options.fillMemory) this.#filling = new MemoryFilling(this.#state, this.#indexes);
  }

  /**
   * Throws StoreLockedError, StoreFormatError, StoreLoadInterruptedError, StoreCopyInterruptedError,
   * StoreRestoreInterruptedError, StoreUnavailableError. Builds missing indexes where the database is small; else they
   * are `pendingIndexes`.
   */
  static async open(options: StoreOptions): Promise<Store> {
    const temporary = options.location === memoryLocation;
    const folder = temporary ? await makeTemporaryFolder() : options.location;
    const database = await openFolder(folder, options);
    try {
      const store = new Store(options, database);
      await store.#load();
      store.#secret = await readOrMakeSecret(database);
      store.#filling?.start();
      return store;
    } catch (error) {
      await database.close();
      if (!temporary) throw await openingError(folder, error);
      await removeFolder(folder);
      throw error;
    }
  }

  async #load(): Promise<void> {
    const mark = readMark(this.#database);
    // Half a copy may not have got as far as its format.
    if (mark?.work === 'copy') throw new StoreCopyInterruptedError(this.#database.folder);
    await checkFormat(this.#database);
    this.#state.entryCount = await this.#state.numbering.load(this.#database);
    await this.#state.log.load();
    this.#options.journal?.resume(this.clusterPosition);
    this.#indexes.configure(this.#options.indexes);
    if (mark) {
      if (mark.work === 'load') {
        if (this.#options.interruptedLoad !== 'discard') throw new StoreLoadInterruptedError(this.#database.folder);
        await discardLoad(this.#state, mark.firstId);
      }
      await this.#indexes.rebuildEverything(this.#options.rebuild ?? {});
      return;
    }
    await this.#indexes.useBuilt();
    const small = this.#state.entryCount <= (this.#options.autoIndexEntriesMax ?? defaultAutoIndexEntriesMax);
    if (small && this.pendingIndexes.length > 0) await this.reindex(this.#options.rebuild);
  }

  get folder(): string {
    return this.#database.folder;
  }

  /** Random bytes that stay the same as long as there is the database. */
  get secret(): Buffer {
    return this.#secret;
  }

  /** How much of its cluster's log is in the database; undefined: it belongs to none. */
  get clusterPosition(): Buffer | undefined {
    return this.#database.get(metaKeys.cluster);
  }

  setClusterPosition(position: Buffer | undefined): Promise<void> {
    return writeClusterPosition(this.#database, position);
  }

  get indexes(): IndexCatalog {
    return this.#indexes.catalog;
  }

  /** The latest time that a write was stamped with, in microseconds; 0 where none was. */
  get latestTime(): number {
    return this.#state.numbering.clock;
  }

  /** What replicas follow, and the context: what they have to know. */
  get log(): ChangeLog {
    return this.#state.log;
  }

  get entryCount(): number {
    return this.#state.entryCount;
  }

  /** Indexes that are configured and not built: searches do without them. */
  get pendingIndexes(): readonly ConfiguredIndex[] {
    return this.#indexes.pending;
  }

  /** Indexes that searches use. */
  get builtIndexes(): readonly ConfiguredIndex[] {
    return this.#indexes.built;
  }

  /** How far building indexes has come; undefined while nobody does. */
  get reindexing(): Reindexing | undefined {
    return this.#indexes.reindexing;
  }

  /** Why nothing can be written just now; undefined when all is well. */
  get failure(): Error | undefined {
    return this.#writer.failure;
  }

  /** Rejects with StoreUnavailableError if nothing can be written, which it finds out by writing something. */
  probe(): Promise<void> {
    return this.#writer.probe();
  }

  idOf(ndn: string): number | undefined {
    return this.#state.committed.idOf(ndn);
  }

  entry(id: number): EntryRecord | undefined {
    return this.#state.committed.entry(id);
  }

  entryByNdn(ndn: string): EntryRecord | undefined {
    return this.#state.committed.entryByNdn(ndn);
  }

  childCount(id: number): number {
    return this.#state.committed.childCount(id);
  }

  descendantCount(id: number): number {
    return this.#state.committed.descendantCount(id);
  }

  childrenOf(id: number): PostingKey {
    return childrenKey(id);
  }

  estimate(key: PostingKey): number {
    return estimatePosting(this.#state.committed, key);
  }

  /** An upper bound of how many ids there are. */
  estimateCandidates(candidates: Candidates): number {
    return estimateCandidates(this.#state.committed, candidates);
  }

  fewCandidates(candidates: Candidates): readonly number[] | undefined {
    return fewCandidates(this.#state.committed, candidates);
  }

  idsOf(key: PostingKey): readonly number[] {
    const { committed, numbering } = this.#state;
    const bytes = (name: string): Buffer | undefined => committed.postingBytes(name);
    return readIds({ head: bytes, container: bytes }, key, numbering.nextId - 1);
  }

  candidateIds(candidates: Candidates): Promise<readonly number[] | undefined> {
    return candidateIds(this.#state.committed, candidates, this.#state.entryCount);
  }

  async *scan(options: ScanOptions = {}): AsyncGenerator<EntryRecord[], void, void> {
    const snapshot = this.#database.snapshot();
    const { committed, numbering, entryCount } = this.#state;
    const lastId = numbering.nextId - 1;
    try {
      let fromId = options.fromId ?? 1;
      if (holdsNearlyAll(committed, entryCount, lastId)) fromId = yield* scanMemory(committed, snapshot, fromId, lastId);
      if (fromId > lastId) return;
      yield* scanRecords(this.#database, this.dictionary, snapshot, lastId, { ...options, fromId });
    } finally {
      await snapshot.close();
    }
  }

  /**
   * The same for one page of `wanted` entries: goes on where the page before ended, as long as nothing was written in
   * between, so that the outcome is that of a new scan.
   */
  scanPage(fromId: number, wanted: number): AsyncIterable<EntryRecord[]> {
    return this.#parkedScans.scan(fromId, () => this.scan({ fromId, wanted }));
  }

  walk(baseId: number, options: Pick<ScanOptions, 'onDamaged'> = {}): AsyncGenerator<EntryRecord[], void, void> {
    const lastId = this.#state.numbering.nextId - 1;
    return walkRecords(this.#state.committed, lastId, baseId, options.onDamaged ?? (() => undefined));
  }

  /** What is committed now, to be read from end to end while reads and writes continue. */
  snapshot(): StoreSnapshot {
    return new StoreSnapshot(this.#state);
  }

  /**
   * Runs `work` at once against what is committed and what is queued before it. What it throws is what the promise
   * rejects with, and nothing of it is kept; else the promise resolves when its writes are on disk. Rejects with
   * StoreUnavailableError where the disk fails, StoreBusyError where too much waits.
   */
  write<T>(work: (transaction: Transaction) => T): Promise<T> {
    return this.#writer.write(work);
  }

  /** The same for work that must wait or that touches very many entries: no other write is queued meanwhile. */
  writeExclusive<T>(work: (transaction: ExclusiveTransaction) => Promise<T>): Promise<T> {
    return this.#writer.exclusive(work);
  }

  /**
   * Adds many entries, as an import does; other writes wait. What was inserted stays also where `work` throws. If the
   * process ends before that, the next open says so.
   */
  bulkLoad<T>(work: (loader: BulkLoader) => Promise<T>, options: BulkLoadOptions = {}): Promise<T> {
    if (this.clusterPosition) return Promise.reject(new StoreClusterMemberError(this.folder));
    return this.#unfilled(async () => {
      const load = await BulkLoad.begin(this.#state, options);
      try {
        return await work(load);
      } finally {
        await load.finish();
      }
    });
  }

  /** Calls `listener` with what each write noted, once it is on disk, before its promise resolves. */
  onCommit(listener: CommitListener): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** Goes by these from now on, and by the schema as it is now. Indexes that are not wanted are given up, new ones pending. */
  reconfigure({ indexes, changeLog }: Pick<StoreOptions, 'indexes' | 'changeLog'>): Promise<void> {
    return this.#writer.hold(() => this.#indexes.reconfigure(indexes).then(() => this.#state.log.keepWithin(changeLog)));
  }

  /** Builds indexes while other writes wait; searches do without those that are being built. */
  reindex(options: ReindexOptions = {}): Promise<void> {
    return this.#unfilled(() => this.#indexes.reindex(options));
  }

  /**
   * Copies a snapshot into an empty folder, where it can be opened as it is. Reads and writes continue. Answers how many
   * entries the copy holds.
   */
  async backup(folder: string): Promise<number> {
    const snapshot = this.snapshot();
    try {
      return await copyDatabase(snapshot.items(), folder, { ...defaultDatabaseOptions, ...this.#options.database });
    } finally {
      await snapshot.close();
    }
  }

  /**
   * Checks everything in the database against everything else, in one snapshot, while reads and writes continue. Tells
   * each problem as it is found.
   */
  verify(onProblem: ProblemListener, options: { onProgress?: ProgressListener } = {}): Promise<VerifyReport> {
    return verifyStore(this.#state, this.#indexes.active, onProblem, options.onProgress);
  }

  get statistics(): StoreStatistics {
    return storeStatistics(this.#state, this.#writer);
  }

  /** Waits for what is queued; later writes are refused. */
  close(): Promise<void> {
    return (this.#closing ??= this.#close());
  }

  async #close(): Promise<void> {
    await this.#shrinker.stop();
    await this.#writer.close();
    const isWhole = !this.#writer.failure && this.#options.location !== memoryLocation;
    if (isWhole) await this.#filling?.keep();
    await this.#filling?.stop();
    this.#parkedScans.endAll();
    await this.#database.close();
    if (this.#options.location === memoryLocation) await removeFolder(this.folder);
  }

  /** What was in flight when a write failed may be there or not: everything is read again. */
  async #recover(): Promise<boolean> {
    if (!(await this.#database.reopen())) return false;
    // What failed was a load or a rebuild: the next open knows what to do about it, and writes would make it worse.
    if (readMark(this.#database)) return false;
    this.#state.committed.forgetAll();
    this.#state.entryCount = await this.#state.numbering.load(this.#database);
    await this.#state.log.load();
    this.#filling?.start();
    return true;
  }

  /** For work that writes past the writer's own way, alone. */
  #unfilled<T>(work: () => Promise<T>): Promise<T> {
    return this.#writer.hold(async () => {
      await this.#filling?.stop();
      try {
        return await work();
      } finally {
        this.#filling?.start();
      }
    });
  }

  #tellListeners(notes: readonly unknown[]): void {
    for (const listener of this.#listeners) {
      try {
        listener(notes);
      } catch (error) {
        // The write is on disk whatever a listener makes of it.
        process.emitWarning(error as Error);
      }
    }
  }
}
