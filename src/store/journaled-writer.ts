/**
 * The only writer where a journal decides the order of writes. As in `Writer`, a write runs at once against what is committed
 * and queued, and joins the batch being gathered; while one batch is appended to the journal, the next gathers. Where others
 * were faster, their batches are applied first, and all writes that wait run again on what those have left. What a write
 * throws is an answer as well: it is given when it is certain that nothing was missing below it.
 */
import { performance } from 'node:perf_hooks';
import type { AttributeDescription } from '../ldap/schema.js';
import { commitLayer, probeDisk } from './commit.js';
import type { CommittedState } from './committed.js';
import { levelErrorCode, StoreUnavailableError } from './errors.js';
import { ExclusiveStoreTransaction } from './exclusive-transaction.js';
import type { IndexTerms } from './index/index-terms.js';
import type { Journal } from './journal.js';
import { Batch, busyError, closedError, tooManyError, unwrittenError, type Job } from './journaled-batch.js';
import { WriteLayer } from './layer.js';
import { metaKeys } from './level/keys.js';
import type { ExclusiveTransaction } from './model.js';
import type { StoreState } from './state.js';
import { StoreTransaction, type TransactionSource } from './transaction.js';
import type { WriteLimits, WriterEvents } from './writer.js';

/** The journal keeps what the disk may not have yet; so much of it is read again after the machine has stopped. */
const syncIntervalMs = 1_000;

export class JournaledWriter implements TransactionSource {
  readonly isJournaled = true;
  readonly loggedCsn: AttributeDescription | undefined;
  readonly #store: StoreState;
  readonly #journal: Journal;
  readonly #events: WriterEvents;
  readonly #limits: WriteLimits;
  #gathering = new Batch();
  #inFlight: Batch | undefined;
  /** Appended, and on its way to the disk; the next batch is appended meanwhile. */
  #settling: Batch | undefined;
  #settled: Promise<void> = Promise.resolve();
  /** What is done next, alone, when what gathers has been written. Others wait. */
  #alone: { readonly run: () => Promise<void>; readonly reject: (error: Error) => void } | undefined;
  /** Something is being applied: what is committed is about to change. */
  #absorbing = false;
  #waiting: (() => void)[] = [];
  #running = false;
  #closing = false;
  #failure: StoreUnavailableError | undefined;
  #retryAt = 0;
  #syncAt = 0;
  #recovery: Promise<void> | undefined;
  readonly #whenIdle: (() => void)[] = [];
  batches = 0;
  batchedWrites = 0;
  syncMilliseconds = 0;

  constructor(store: StoreState, journal: Journal, events: WriterEvents, limits: WriteLimits) {
    this.#store = store;
    this.#journal = journal;
    this.loggedCsn = store.committed.dictionary.schema.attributeDescription('entryCSN');
    this.#events = events;
    this.#limits = limits;
    journal.onNews(() => this.#kick());
  }

  get committed(): CommittedState {
    return this.#store.committed;
  }

  get terms(): IndexTerms {
    return this.#store.terms;
  }

  get lastId(): number {
    return this.#store.numbering.nextId - 1;
  }

  allocateId(): number {
    return this.#store.numbering.allocateId();
  }

  allocateList(): number {
    return this.#store.numbering.allocateList();
  }

  noteTime(microseconds: number): void {
    this.#store.numbering.noteTime(microseconds);
  }

  numberOf(description: AttributeDescription): number {
    return this.#store.numbering.numberOf(description);
  }

  /** Why nothing can be written now: the disk, or the cluster. */
  get failure(): Error | undefined {
    return this.#failure ?? this.#journal.obstacle;
  }

  get waiting(): number {
    const underWay = (this.#inFlight?.jobs.length ?? 0) + (this.#settling?.jobs.length ?? 0);
    return this.#gathering.jobs.length + underWay + this.#waiting.length;
  }

  /** As Writer's. */
  write<T>(work: (transaction: StoreTransaction) => T): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const job: Job = {
        work,
        resolve: resolve as (result: unknown) => void,
        reject,
        until: performance.now() + this.#journal.timeoutMs,
        notes: [],
        settle: () => undefined,
      };
      if (this.#closing) reject(closedError());
      else this.#enter(job);
    });
  }

  #enter(job: Job): void {
    const { obstacle } = this.#journal;
    if (this.#failure) this.#assertWritable().then(() => this.#enter(job), job.reject);
    else if (obstacle) job.reject(obstacle);
    else if (!this.#absorbing && !this.#alone) this.#run(job);
    else if (this.#waiting.length >= this.#limits.queuedWritesMax) job.reject(tooManyError());
    else this.#waiting.push(() => this.#enter(job));
  }

  #run(job: Job): void {
    const batch = this.#gathering;
    if (batch.jobs.length >= this.#limits.queuedWritesMax || batch.layer.keys >= this.#limits.queuedKeysMax) {
      job.reject(tooManyError());
      return;
    }
    const queued = [batch, this.#inFlight, this.#settling].flatMap((one) => one?.layer ?? []);
    const transaction = new StoreTransaction(this, queued);
    job.notes = [];
    try {
      const result = job.work(transaction);
      batch.layer.merge(transaction.layer);
      job.notes = transaction.notes;
      job.settle = () => job.resolve(result);
    } catch (error) {
      job.settle = () => job.reject(error as Error);
    } finally {
      transaction.end();
    }
    batch.jobs.push(job);
    this.#kick();
  }

  /** As Writer's: waits for the queue to empty, then holds off other writes until `work` is done and written. */
  exclusive<T>(work: (transaction: ExclusiveTransaction) => Promise<T>): Promise<T> {
    return this.hold(async () => {
      const until = performance.now() + this.#journal.timeoutMs;
      for (;;) {
        if (this.#journal.obstacle) throw this.#journal.obstacle;
        const transaction = new ExclusiveStoreTransaction(this);
        let result: T | undefined;
        let refusal: Error | undefined;
        try {
          result = await work(transaction);
        } catch (error) {
          refusal = error as Error;
        } finally {
          transaction.end();
        }
        const { notes } = transaction;
        const layer = refusal ? new WriteLayer() : transaction.layer;
        const position = await this.#append(layer, notes, until);
        if (position !== 'behind') {
          if (await this.#commit(layer, position)) throw unwrittenError();
          if (refusal) throw refusal;
          if (notes.length > 0) this.#events.committed(notes);
          return result as T;
        }
        await this.#applyAll();
        if (performance.now() >= until) throw busyError();
      }
    });
  }

  /** Keeps later writes off while `work` runs, which may change by its own means what is not in the journal. */
  hold<T>(work: () => Promise<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const run = async (): Promise<void> => {
        try {
          resolve(await work());
        } catch (error) {
          // As in Writer.
          if (!this.#failure && levelErrorCode(error)?.startsWith('LEVEL_')) this.#enterFailure(error as Error);
          reject(this.#failure ?? (error as Error));
        }
      };
      const enter = (): void => {
        if (this.#failure) this.#assertWritable().then(enter, reject);
        else if (this.#alone || this.#absorbing) {
          if (this.#waiting.length >= this.#limits.queuedWritesMax) reject(tooManyError());
          else this.#waiting.push(enter);
        } else {
          this.#alone = { run, reject };
          this.#kick();
        }
      };
      if (this.#closing) reject(closedError());
      else enter();
    });
  }

  #kick(): void {
    if (this.#running) return;
    this.#running = true;
    // A batch starts when everything that came in with this turn of the event loop has joined it.
    setImmediate(() => void this.#work());
  }

  async #work(): Promise<void> {
    while (!this.#failure) {
      if (this.#journal.hasNews && !this.#closing) await this.#absorb();
      else if (this.#gathering.jobs.length > 0) await this.#flush();
      else if (this.#settling) await this.#settled;
      else if (this.#alone) {
        await this.#alone.run();
        this.#alone = undefined;
        this.#release();
      } else break;
    }
    if (this.#failure) this.#failAll(this.#failure);
    this.#running = false;
    for (const resolve of this.#whenIdle.splice(0)) resolve();
  }

  /** Those who waited go on in the order they came, up to the next who wants to be alone. */
  #release(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const enter of waiting) enter();
  }

  async #flush(): Promise<void> {
    const batch = this.#gathering;
    this.#inFlight = batch;
    this.#gathering = new Batch();
    const notes = batch.jobs.flatMap((job) => job.notes);
    try {
      const position = await this.#append(batch.layer, notes, batch.jobs[0]!.until);
      await this.#settled;
      if (position === 'behind') return await this.#absorb();
      this.#inFlight = undefined;
      this.#settling = batch;
      this.#settled = this.#settle(batch, position);
    } catch (error) {
      this.#inFlight = undefined;
      for (const job of batch.jobs) job.reject(error as Error);
      // What gathered meanwhile ran on what is not there now.
      this.#runAgain(this.#takeGathering());
    }
  }

  /** Writes a batch that the journal has, and answers. */
  async #settle(batch: Batch, position: Buffer | undefined): Promise<void> {
    const failure = await this.#commit(batch.layer, position);
    this.#settling = undefined;
    this.batchedWrites += batch.jobs.length;
    for (const job of batch.jobs) {
      if (failure) job.reject(position ? unwrittenError() : failure);
      else {
        if (job.notes.length > 0) this.#events.committed(job.notes);
        job.settle();
      }
    }
  }

  /** Appends what was written, if anything was; undefined: it was nothing. Throws StoreUnavailableError. */
  async #append(layer: WriteLayer, notes: readonly unknown[], until: number): Promise<Buffer | 'behind' | undefined> {
    // What is below it may have failed to reach the disk.
    if (this.#failure) throw this.#failure;
    if (layer.journaled.length > 0) return this.#journal.append({ changes: layer.journaled, notes }, until);
    return (await this.#journal.isCurrent(until)) ? undefined : 'behind';
  }

  async #commit(layer: WriteLayer, position: Buffer | undefined): Promise<StoreUnavailableError | undefined> {
    if (this.#failure) return this.#failure;
    if (layer.isEmpty && !position) return undefined;
    const now = performance.now();
    const unsynced = now < this.#syncAt;
    if (!unsynced) this.#syncAt = now + syncIntervalMs;
    const outcome = await commitLayer(this.#store, layer, { slowly: true, ...(position && { position, unsynced }) });
    if (typeof outcome !== 'number') return this.#enterFailure(outcome);
    this.syncMilliseconds += outcome;
    this.batches++;
    if (layer.shrinkable.size > 0) this.#events.shrinkable(layer.shrinkable);
    return undefined;
  }

  #takeGathering(): Job[] {
    const { jobs } = this.#gathering;
    this.#gathering = new Batch();
    return jobs;
  }

  /** Applies what others have appended, and runs again what waited. */
  async #absorb(): Promise<void> {
    await this.#settled;
    this.#absorbing = true;
    const again = [...(this.#inFlight?.jobs ?? []), ...this.#takeGathering()];
    this.#inFlight = undefined;
    let error: Error | undefined;
    try {
      await this.#applyAll();
    } catch (failure) {
      error = failure as Error;
    }
    this.#absorbing = false;
    if (error) for (const job of again) job.reject(error);
    else this.#runAgain(again);
    this.#release();
  }

  async #applyAll(): Promise<void> {
    for (;;) {
      const run = await this.#journal.next(performance.now() + this.#journal.timeoutMs);
      if (!run) return;
      const transaction = new ExclusiveStoreTransaction(this);
      try {
        await run.apply(transaction);
      } finally {
        transaction.end();
      }
      const failure = await this.#commit(transaction.layer, run.position);
      if (failure) throw failure;
      this.#journal.noteApplied(run.position);
      if (transaction.notes.length > 0) this.#events.committed(transaction.notes);
    }
  }

  #runAgain(jobs: readonly Job[]): void {
    const now = performance.now();
    for (const job of jobs) {
      if (now >= job.until) job.reject(busyError());
      else this.#run(job);
    }
  }

  #enterFailure(cause: Error): StoreUnavailableError {
    const { message } = cause.cause instanceof Error ? cause.cause : cause;
    this.#failure = new StoreUnavailableError(`cannot write to the database: ${message}`, { cause });
    this.#retryAt = performance.now() + this.#limits.reopenIntervalMs;
    return this.#failure;
  }

  /** Everybody who waits is told. Those who enter again soon are told at once. */
  #failAll(error: Error): void {
    for (const job of this.#takeGathering()) job.reject(error);
    this.#alone?.reject(error);
    this.#alone = undefined;
    this.#release();
  }

  /** Opens the database again after a failed write, where it is time to try. Throws StoreUnavailableError. */
  async #assertWritable(): Promise<void> {
    const failure = this.#failure;
    if (!failure) return;
    if (performance.now() < this.#retryAt) throw failure;
    this.#recovery ??= this.#recover().finally(() => (this.#recovery = undefined));
    await this.#recovery;
    if (this.#failure) throw this.#failure;
  }

  async #recover(): Promise<void> {
    if (await this.#events.recover()) {
      this.#failure = undefined;
      this.#journal.resume(this.committed.database.get(metaKeys.cluster));
    } else this.#retryAt = performance.now() + this.#limits.reopenIntervalMs;
  }

  /** As Writer's: finds out whether the disk takes writes. */
  async probe(): Promise<void> {
    if (this.#closing) throw closedError();
    await this.#assertWritable();
    if (this.#running) return;
    try {
      await probeDisk(this.committed.database);
    } catch (error) {
      throw this.#failure ?? this.#enterFailure(error as Error);
    }
  }

  /** Finishes what is queued, and waits for the disk; later writes are refused. */
  async close(): Promise<void> {
    this.#closing = true;
    while (this.#running || this.#recovery) await new Promise<void>((resolve) => void this.#whenIdle.push(resolve));
    await this.committed.database.sync();
  }
}
