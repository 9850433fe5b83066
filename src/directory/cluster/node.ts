/**
 * One database of this server as a node of its cluster: the journal of its store. It knows how much of the shared log is
 * applied here, appends this node's batches after that, and hands the writer what others have appended.
 */
import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { EngineError, ForeignDataError, LogEntryError } from '../../cluster/errors.js';
import type { KeyValue } from '../../cluster/etcd/client.js';
import { decodeChanges, decodeSeed, encodeChanges, type EntryChange } from '../../cluster/log-entry.js';
import { parsePosition, positionText, type Position } from '../../cluster/position.js';
import type { PlacedEntry, SharedLog } from '../../cluster/shared-log.js';
import { StoreRefusedError } from '../../store/errors.js';
import type { Journal, JournalBatch, JournalRun } from '../../store/journal.js';
import type { ExclusiveTransaction } from '../../store/model.js';
import type { Database } from '../database.js';
import type { DirectoryEnvironment } from '../environment.js';
import { Slice } from '../search/slice.js';
import { applyChange } from './apply.js';
import { changesOf } from './changes.js';
import type { NodeState } from './figures.js';
import { disagreement, full, refusalOf, unreachable } from './refusals.js';

/** What is applied at once. */
const runChangesMax = 500;
const runBytesMax = 2 << 20;
/** For so long after others have written they are let in after each batch of this node's. */
const sharedMs = 500;
const longestPauseMs = 40;
const emptyReadsMax = 5;

interface Place {
  readonly directory: DirectoryEnvironment;
  readonly database: Database;
}

export class ClusterNode implements Journal {
  readonly timeoutMs: number;
  readonly #log: SharedLog;
  readonly #agreement: string;
  readonly #tell: (message: string) => void;
  #place: Place | undefined;
  #state: NodeState = 'joining';
  #reason = '';
  #applied: Position | undefined;
  /** Entries that follow what is applied, as a watch has told them. */
  #told: PlacedEntry[] = [];
  /** There may be entries that no watch has told. */
  #mustRead = false;
  /** To be applied before anything else: what the database is to become as it joins. */
  #preparation: JournalRun | undefined;
  #listener: () => void = () => undefined;
  readonly #whenCurrent: (() => void)[] = [];
  #foreignMs = -Infinity;
  #appendMs = 0;
  #ownLast = false;
  #emptyReads = 0;
  #isFinal = false;
  /** The last that was seen of the log's end. */
  head: Position | undefined;
  lastError = '';
  appended = 0;
  conflicts = 0;
  foreignEntries = 0;

  constructor(log: SharedLog, agreement: string, timeoutMs: number, tell: (message: string) => void) {
    this.#log = log;
    this.#agreement = agreement;
    this.timeoutMs = timeoutMs;
    this.#tell = tell;
  }

  get state(): NodeState {
    return this.#state;
  }

  /** Of its state; empty where all is well. */
  get reason(): string {
    return this.#reason;
  }

  get applied(): Position | undefined {
    return this.#applied;
  }

  /** Entries that are known to be missing here. */
  get lag(): number {
    return Math.max(0, (this.head?.index ?? 0) - (this.#applied?.index ?? 0));
  }

  attach(place: Place): void {
    this.#place = place;
  }

  get hasNews(): boolean {
    if (this.#preparation) return true;
    return this.#applied !== undefined && this.#state !== 'stopped' && (this.#told.length > 0 || this.#mustRead);
  }

  onNews(listener: () => void): void {
    this.#listener = listener;
  }

  resume(position: Buffer | undefined): void {
    this.#applied = position && parsePosition(position.toString());
    this.#told = [];
    this.#mustRead = true;
    if (this.#state === 'following') this.#listener();
  }

  /** The database takes this place in the log, by this work. */
  enterAt(position: Position, work: (tx: ExclusiveTransaction) => void): void {
    this.#preparation = {
      position: Buffer.from(positionText(position)),
      apply: (tx) => {
        work(tx);
        return Promise.resolve();
      },
    };
    this.follow();
  }

  /** The log is within reach, and this node belongs to it. */
  follow(): void {
    if (this.#state !== 'following') {
      if (this.#state !== 'joining')
        this.#tell(this.#state === 'full' ? 'the cluster has room again' : 'the cluster is within reach again');
      this.#state = 'following';
      this.#reason = '';
    }
    this.readOn();
  }

  readOn(): void {
    this.#mustRead = true;
    this.#listener();
  }

  /** Resolves when everything that was in the log has been applied, or it cannot be. */
  current(): Promise<void> {
    if (!this.hasNews) return Promise.resolve();
    return new Promise((resolve) => void this.#whenCurrent.push(resolve));
  }

  get obstacle(): Error | undefined {
    switch (this.#state) {
      case 'following':
        return undefined;
      case 'stopped':
        return new StoreRefusedError('refused', `this node takes no writes, other nodes may: ${this.#reason}`);
      case 'joining':
        return new StoreRefusedError('unavailable', 'this node has not found its place in the cluster yet');
      case 'unreachable':
        return unreachable();
      case 'full':
        return full();
    }
  }

  /** The engine did not answer for as long as a write may take, or has no room. */
  lose(error: EngineError): void {
    const state = error.kind === 'full' ? 'full' : 'unreachable';
    this.lastError = error.message;
    this.#mustRead = false;
    this.#releaseWaiting();
    if (this.#state === state || this.#state === 'stopped') return;
    this.#state = state;
    this.#reason = error.message;
    const what = state === 'full' ? 'has no room' : 'cannot be reached';
    this.#tell(`the cluster ${what}; reads go on, writes are refused: ${error.message}`);
  }

  stop(reason: string): void {
    this.lastError = reason;
    this.#told = [];
    this.#mustRead = false;
    this.#releaseWaiting();
    if (this.#state === 'stopped' && this.#reason === reason) return;
    this.#state = 'stopped';
    this.#reason = reason;
    this.#tell(`this node takes no writes until this is resolved; reads go on: ${reason}`);
  }

  #releaseWaiting(): void {
    for (const resolve of this.#whenCurrent.splice(0)) resolve();
  }

  /** An entry that a watch has told. */
  hear(item: KeyValue): void {
    const last = this.#told.at(-1)?.position ?? this.#applied;
    if (!last || this.#state === 'stopped') return;
    try {
      const entry = this.#log.told(item, last);
      if (entry) this.#told.push(entry);
      else if (this.#log.indexOf(item) > last.index) this.#mustRead = true;
      else return;
    } catch {
      // Whatever it is: reading tells, in order.
      this.#mustRead = true;
    }
    this.#listener();
  }

  async append(batch: JournalBatch, until: number): Promise<Buffer | 'behind'> {
    const at = this.#applied;
    const { obstacle } = this;
    if (!at || obstacle) throw obstacle ?? unreachable();
    await this.#letOthersIn();
    if (this.hasNews) return this.#behind();
    const body = encodeChanges(changesOf(batch, this.#place!.directory.schema));
    const started = performance.now();
    let position: Position | undefined;
    try {
      position = await this.#log.append(at, this.#agreement, body, until);
    } catch (error) {
      throw this.#refusal(error);
    }
    this.#appendMs = performance.now() - started;
    if (!position) return this.#behind();
    this.appended++;
    this.#ownLast = true;
    this.#advance(position);
    return Buffer.from(positionText(position));
  }

  #behind(): 'behind' {
    this.conflicts++;
    this.#mustRead = true;
    return 'behind';
  }

  /** Whoever has just appended is ready for the next sooner than those who must first apply it: they would never get a turn. */
  async #letOthersIn(): Promise<void> {
    if (!this.#ownLast || performance.now() - this.#foreignMs > sharedMs) return;
    await sleep(Math.min(longestPauseMs, this.#appendMs * 2));
  }

  #refusal(error: unknown): StoreRefusedError {
    if (!(error instanceof EngineError)) throw error;
    this.lastError = error.message;
    if (error.kind !== 'refused') this.lose(error);
    else this.#tell(`the cluster refused a change: ${error.message}`);
    return refusalOf(error);
  }

  async isCurrent(until: number): Promise<boolean> {
    const at = this.#applied;
    const { obstacle } = this;
    if (!at || obstacle) throw obstacle ?? unreachable();
    try {
      if (!this.hasNews && (await this.#log.isCurrent(at, this.#agreement, until))) return true;
    } catch (error) {
      if (!(error instanceof EngineError)) throw error;
      this.lose(error);
      throw unreachable();
    }
    this.#mustRead = true;
    return false;
  }

  noteApplied(bytes: Buffer): void {
    this.#advance(parsePosition(bytes.toString())!);
  }

  #advance(position: Position): void {
    this.#applied = position;
    if (!this.head || this.head.index < position.index) this.head = position;
    while (this.#told[0] && this.#told[0].position.index <= position.index) this.#told.shift();
  }

  /** Rejects with StoreRefusedError; then there are no news until somebody finds that there are. */
  async next(until: number): Promise<JournalRun | undefined> {
    const preparation = this.#preparation;
    if (preparation) {
      this.#preparation = undefined;
      return preparation;
    }
    try {
      const run = await this.#next(until);
      if (!run) this.#releaseWaiting();
      return run;
    } catch (error) {
      if (error instanceof EngineError) this.lose(error);
      else if (error instanceof LogEntryError || error instanceof ForeignDataError) this.stop(error.message);
      else if (!(error instanceof StoreRefusedError)) throw error;
      throw this.obstacle ?? unreachable();
    }
  }

  async #next(until: number): Promise<JournalRun | undefined> {
    const at = this.#applied;
    if (!at) return undefined;
    if (this.#told.length === 0) {
      if (!this.#mustRead) return undefined;
      this.#mustRead = false;
      const entries = await this.#log.read(at, until);
      if (entries === 'trimmed') {
        this.stop(
          `this node was away for longer than the log reaches back (its entry ${at.index + 1} is gone): ` +
            'fetch what another node has (jammd cluster join)',
        );
        throw this.obstacle!;
      }
      if (entries.length === 0) {
        await this.compareHead(until);
        // It may have grown in between, once or twice.
        this.#emptyReads = this.#mustRead ? this.#emptyReads + 1 : 0;
        if (this.#emptyReads > emptyReadsMax) throw new LogEntryError(`entry ${at.index + 1} of the log is missing`);
        return undefined;
      }
      this.#emptyReads = 0;
      this.#told = [...entries];
      // There may be more than are read at once.
      this.#mustRead = true;
    }
    return this.#runOfTold(until);
  }

  async #runOfTold(until: number): Promise<JournalRun> {
    const changes: EntryChange[] = [];
    let bytes = 0;
    let last: PlacedEntry | undefined;
    while (this.#told[0] && changes.length < runChangesMax && bytes < runBytesMax) {
      const [placed] = this.#told;
      const body = await this.#log.body(placed, until);
      if (placed.entry.kind === 'seed') {
        if (last) break;
        throw new LogEntryError(
          `the cluster begins anew with another database (${decodeSeed(body).entries} entries): ` +
            'fetch it from the node that it was seeded from (jammd cluster join)',
        );
      }
      for (const change of decodeChanges(body)) changes.push(change);
      bytes += body.length;
      last = placed;
      this.#told.shift();
      this.foreignEntries++;
    }
    this.#foreignMs = performance.now();
    this.#ownLast = false;
    const { position } = last!;
    return { position: Buffer.from(positionText(position)), apply: (tx) => this.#apply(tx, changes, position) };
  }

  async #apply(tx: ExclusiveTransaction, changes: readonly EntryChange[], { index }: Position): Promise<void> {
    const { directory, database } = this.#place!;
    const slice = new Slice();
    try {
      for (const change of changes) {
        applyChange(directory, database, tx, change);
        if (slice.isOver()) await slice.next();
      }
    } catch (error) {
      this.#isFinal = true;
      this.stop(`entry ${index} of the log, or one just before it, cannot be applied: ${(error as Error).message}`);
      throw this.obstacle!;
    }
  }

  /** After `stop`: has whatever it was been resolved? Throws EngineError, ForeignDataError, LogEntryError, StoreRefusedError. */
  async examine(until: number): Promise<void> {
    const at = this.#applied;
    if (!at || this.#isFinal) return;
    await this.compareHead(until);
    if ((await this.#log.read(at, until)) !== 'trimmed') this.follow();
  }

  /** Is what is applied here a part of what the cluster has? Throws EngineError, ForeignDataError, StoreRefusedError. */
  async compareHead(until: number): Promise<void> {
    // From before the question: this node's own batches move both on while it is under way.
    const at = this.#applied;
    const { meta, head } = await this.#log.inspect(until);
    if (!at) {
      this.head = head;
      return;
    }
    const reason = disagreement(at, head, meta, this.#agreement);
    if (reason === undefined) {
      if (!this.head || head!.index > this.head.index) this.head = head;
      if (head!.index > this.#applied!.index && this.#told.length === 0) this.readOn();
      return;
    }
    this.head = head;
    this.stop(reason);
    throw this.obstacle!;
  }
}
