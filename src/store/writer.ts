/**
 * The only writer. A write runs at once against what is committed and queued, and joins the batch being gathered; while one
 * batch is on its way to disk, the next gathers. A write's promise resolves after its batch has been synced. If a batch
 * fails, it and everything queued on top of it are rejected and forgotten; reads continue.
 */
import { performance } from 'node:perf_hooks';
import type { AttributeDescription } from '../ldap/schema.js';
import type { CommittedState } from './committed.js';
import { commitLayer, probeDisk } from './commit.js';
import { levelErrorCode, StoreBusyError, StoreUnavailableError } from './errors.js';
import type { IndexTerms } from './index/index-terms.js';
import { ExclusiveStoreTransaction } from './exclusive-transaction.js';
import { WriteLayer } from './layer.js';
import type { ExclusiveTransaction } from './model.js';
import type { StoreState } from './state.js';
import { StoreTransaction, type TransactionSource } from './transaction.js';

export interface WriteLimits {
  /** Writes that may wait for one batch. */
  readonly queuedWritesMax: number;
  /** Keys that may wait in one batch; about 100 bytes each. */
  readonly queuedKeysMax: number;
  /** Milliseconds between two attempts to open the database again after a failed write. */
  readonly reopenIntervalMs: number;
}

export const defaultWriteLimits: WriteLimits = {
  queuedWritesMax: 10_000,
  queuedKeysMax: 500_000,
  reopenIntervalMs: 1_000,
};

/** What the writer asks of, and tells, the store around it. */
export interface WriterEvents {
  /** Opens the database again and reads what it says; false: still no use. */
  recover(): Promise<boolean>;
  /** A write is on disk: called in commit order, before the write's promise resolves. */
  committed(notes: readonly unknown[]): void;
  /** Large posting lists have become short. */
  shrinkable(keys: ReadonlySet<string>): void;
}

/** One write that waits for its batch. */
interface QueuedWrite {
  readonly notes: readonly unknown[];
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

class Batch {
  readonly layer = new WriteLayer();
  readonly writes: QueuedWrite[] = [];
}

type State =
  | { readonly kind: 'open' }
  | { readonly kind: 'failed'; readonly error: Error; recovery: Promise<void> | undefined; retryAt: number };

export class Writer implements TransactionSource {
  readonly #store: StoreState;
  /** What entries keep their CSN in. */
  readonly #csn: AttributeDescription | undefined;
  readonly #events: WriterEvents;
  readonly #limits: WriteLimits;
  #state: State = { kind: 'open' };
  #gathering = new Batch();
  #inFlight: Batch | undefined;
  #flushPlanned = false;
  #closing = false;
  /** Held by an exclusive write: others wait. */
  #held = false;
  readonly #waiting: (() => void)[] = [];
  readonly #whenQueueEmpty: (() => void)[] = [];
  readonly #whenIdle: (() => void)[] = [];
  batches = 0;
  batchedWrites = 0;
  syncMilliseconds = 0;

  constructor(store: StoreState, events: WriterEvents, limits: WriteLimits) {
    this.#store = store;
    this.#csn = store.committed.dictionary.schema.attributeDescription('entryCSN');
    this.#events = events;
    this.#limits = limits;
  }

  get committed(): CommittedState {
    return this.#store.committed;
  }

  get terms(): IndexTerms {
    return this.#store.terms;
  }

  allocateId(): number {
    return this.#store.numbering.allocateId();
  }

  get lastId(): number {
    return this.#store.numbering.nextId - 1;
  }

  allocateList(): number {
    return this.#store.numbering.allocateList();
  }

  get loggedCsn(): AttributeDescription | undefined {
    return this.#store.log.isKept ? this.#csn : undefined;
  }

  /** No journal: JournaledWriter is the writer where there is one. */
  readonly isJournaled = false;

  noteTime(microseconds: number): void {
    this.#store.numbering.noteTime(microseconds);
  }

  numberOf(description: AttributeDescription): number {
    return this.#store.numbering.numberOf(description);
  }

  /** The error of the write that failed last, while nothing can be written. */
  get failure(): Error | undefined {
    return this.#state.kind === 'failed' ? this.#state.error : undefined;
  }

  /** Writes that wait for a batch or for an exclusive write to end. */
  get waiting(): number {
    return this.#gathering.writes.length + (this.#inFlight?.writes.length ?? 0) + this.#waiting.length;
  }

  /** Runs `work` now, or as soon as an exclusive write is over. What it throws is what the promise rejects with. */
  write<T>(work: (transaction: StoreTransaction) => T): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      if (this.#closing) reject(closedError());
      else this.#enter(work, resolve, reject);
    });
  }

  #enter<T>(work: (transaction: StoreTransaction) => T, resolve: (result: T) => void, reject: (error: Error) => void): void {
    if (this.#state.kind === 'failed') {
      this.#assertWritable().then(() => this.#enter(work, resolve, reject), reject);
    } else if (!this.#held) this.#run(work, resolve, reject);
    else if (this.#waiting.length >= this.#limits.queuedWritesMax) reject(busyError());
    else this.#waiting.push(() => this.#enter(work, resolve, reject));
  }

  /** Waits for the queue to empty, then holds off other writes until `work` is done and on disk. */
  exclusive<T>(work: (transaction: ExclusiveTransaction) => Promise<T>): Promise<T> {
    return this.hold(async () => {
      const transaction = new ExclusiveStoreTransaction(this);
      try {
        const result = await work(transaction);
        transaction.end();
        await this.#commitExclusive(transaction);
        return result;
      } finally {
        transaction.end();
      }
    });
  }

  /** Keeps later writes off while `work` runs, which may change the database by its own means. */
  hold<T>(work: () => Promise<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const start = (): void => {
        this.#held = true;
        void this.#runAlone(work)
          .finally(() => this.#release())
          .then(resolve, reject);
      };
      if (this.#closing) reject(closedError());
      else if (!this.#held) start();
      else if (this.#waiting.length >= this.#limits.queuedWritesMax) reject(busyError());
      else this.#waiting.push(start);
    });
  }

  async #runAlone<T>(work: () => Promise<T>): Promise<T> {
    await this.#queueEmpty();
    await this.#assertWritable();
    try {
      return await work();
    } catch (error) {
      // A write that bypassed the queue failed: LevelDB's log is as suspect as after one of the queue's.
      if (this.#state.kind === 'open' && levelErrorCode(error)?.startsWith('LEVEL_')) {
        throw this.#enterFailure(error as Error);
      }
      throw error;
    }
  }

  /** Those who waited go on in the order they came, up to the next who wants to be alone. */
  #release(): void {
    this.#held = false;
    while (!this.#held && this.#waiting.length > 0) this.#waiting.shift()!();
    this.#tellIfIdle();
  }

  get #isQueueEmpty(): boolean {
    return this.#inFlight === undefined && this.#gathering.writes.length === 0;
  }

  /** Resolves when nothing gathers or is on its way. */
  #queueEmpty(): Promise<void> {
    if (this.#isQueueEmpty) return Promise.resolve();
    return new Promise((resolve) => void this.#whenQueueEmpty.push(resolve));
  }

  #tellIfIdle(): void {
    if (!this.#isQueueEmpty) return;
    for (const resolve of this.#whenQueueEmpty.splice(0)) resolve();
    if (!this.#held) for (const resolve of this.#whenIdle.splice(0)) resolve();
  }

  /** Resolves when nobody waits for anything. */
  #idle(): Promise<void> {
    if (this.#isQueueEmpty && !this.#held) return Promise.resolve();
    return new Promise((resolve) => void this.#whenIdle.push(resolve));
  }

  /** Finishes what is queued; later writes are refused. */
  async close(): Promise<void> {
    this.#closing = true;
    await this.#idle();
  }

  #run<T>(work: (transaction: StoreTransaction) => T, resolve: (result: T) => void, reject: (error: Error) => void): void {
    const batch = this.#gathering;
    if (batch.writes.length >= this.#limits.queuedWritesMax || batch.layer.keys >= this.#limits.queuedKeysMax) {
      reject(busyError());
      return;
    }
    const queued = this.#inFlight ? [batch.layer, this.#inFlight.layer] : [batch.layer];
    const transaction = new StoreTransaction(this, queued);
    let result: T;
    try {
      result = work(transaction);
    } catch (error) {
      reject(error as Error);
      return;
    } finally {
      transaction.end();
    }
    batch.layer.merge(transaction.layer);
    batch.writes.push({ notes: transaction.notes, resolve: () => resolve(result), reject });
    this.#planFlush();
  }

  /** A batch starts when everything that came in with this turn of the event loop has joined it. */
  #planFlush(): void {
    if (this.#inFlight || this.#flushPlanned) return;
    this.#flushPlanned = true;
    setImmediate(() => {
      this.#flushPlanned = false;
      void this.#flush();
    });
  }

  async #flush(): Promise<void> {
    while (!this.#inFlight && this.#gathering.writes.length > 0) {
      const batch = this.#gathering;
      this.#inFlight = batch;
      this.#gathering = new Batch();
      const failure = await this.#attempt(batch.layer, batch.writes.length, false);
      this.#inFlight = undefined;
      if (failure) this.#fail(batch, failure);
      else this.#succeed(batch);
    }
    this.#tellIfIdle();
  }

  /** Writes a layer to disk and brings the committed state up to it. Answers the error where that failed. */
  async #attempt(layer: WriteLayer, writes: number, slowly: boolean): Promise<Error | undefined> {
    if (layer.isEmpty) return undefined;
    const outcome = await commitLayer(this.#store, layer, { slowly });
    if (typeof outcome !== 'number') return outcome;
    this.syncMilliseconds += outcome;
    this.batches++;
    this.batchedWrites += writes;
    if (layer.shrinkable.size > 0) this.#events.shrinkable(layer.shrinkable);
    return undefined;
  }

  #succeed(batch: Batch): void {
    for (const write of batch.writes) {
      if (write.notes.length > 0) this.#events.committed(write.notes);
      write.resolve();
    }
  }

  #fail(batch: Batch, cause: Error): void {
    const error = this.#enterFailure(cause);
    const above = this.#gathering;
    this.#gathering = new Batch();
    for (const write of batch.writes) write.reject(error);
    for (const write of above.writes) write.reject(error);
  }

  #enterFailure(cause: Error): Error {
    const error = new StoreUnavailableError(`cannot write to the database: ${deepMessage(cause)}`, { cause });
    this.#state = { kind: 'failed', error, recovery: undefined, retryAt: 0 };
    return error;
  }

  async #commitExclusive(transaction: StoreTransaction): Promise<void> {
    const failure = await this.#attempt(transaction.layer, 1, true);
    if (failure) throw this.#enterFailure(failure);
    if (transaction.notes.length > 0) this.#events.committed(transaction.notes);
  }

  /**
   * Finds out whether the disk takes writes: a failed database is opened again where that is possible, and something is
   * written that leaves nothing behind. Rejects with StoreUnavailableError.
   */
  async probe(): Promise<void> {
    if (this.#closing) throw closedError();
    await this.#assertWritable();
    // Who writes finds out by himself.
    if (this.#held || !this.#isQueueEmpty) return;
    try {
      await probeDisk(this.#store.committed.database);
    } catch (error) {
      throw this.#state.kind === 'failed' ? this.#state.error : this.#enterFailure(error as Error);
    }
  }

  /** Tries now and then to get a failed database going again. Throws StoreUnavailableError if it is no use. */
  async #assertWritable(): Promise<void> {
    const state = this.#state;
    if (state.kind === 'open') return;
    if (!state.recovery) {
      if (performance.now() < state.retryAt) throw state.error;
      state.recovery = this.#recover(state).finally(() => {
        state.recovery = undefined;
        state.retryAt = performance.now() + this.#limits.reopenIntervalMs;
      });
    }
    await state.recovery;
    if (this.#state === state) throw state.error;
  }

  async #recover(failed: State): Promise<void> {
    await this.#queueEmpty();
    if ((await this.#events.recover()) && this.#state === failed) this.#state = { kind: 'open' };
  }
}

function closedError(): StoreUnavailableError {
  return new StoreUnavailableError('the store is closed');
}

function busyError(): StoreBusyError {
  return new StoreBusyError('too many writes are waiting');
}

/** LevelDB's own words, which classic-level puts below its error. */
function deepMessage(error: Error): string {
  return error.cause instanceof Error ? error.cause.message : error.message;
}
