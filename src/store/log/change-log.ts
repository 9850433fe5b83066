/**
 * The change log: what was committed last, in the order of commits, for replicas. It is written in the batch of the change
 * itself and bounded by count and bytes; of what it holds, only sizes are in memory. It also keeps the context, which is the
 * highest CSN of each server whose changes the database holds.
 *
 * Positions count up from 1 and are never used twice. `base` is the context in which the log begins: whoever has seen all
 * changes up to it can follow the log from its first change. Without a base nobody can, until the context moves on.
 */
import type { AttributeDictionary } from '../../entry/dictionary.js';
import { CsnSet } from '../../ldap/csn.js';
import type { Database, WriteBatch } from '../level/database.js';
import { keyRanges, logKey, metaKeys } from '../level/keys.js';
import { isCorruption } from '../errors.js';
import type { WriteLayer } from '../layer.js';
import { LoggedSizes } from './logged-sizes.js';
import {
  csnIfLegible,
  csnOfEncoded,
  decodeChange,
  encodeChange,
  loggedBytes,
  type LoggedChange,
  type UnplacedChange,
} from './logged-change.js';

export interface ChangeLogLimits {
  readonly changesMax: number;
  readonly bytesMax: number;
}

/** Changes that are kept in memory as well, while somebody follows the log closely. */
const recentMax = 256;
const recentBytesMax = 2 << 20;
/** Old changes that one batch takes off. */
const trimmedAtOnceMax = 2_000;

interface LogState {
  readonly first: number;
  /** The position of the next change. */
  readonly next: number;
  readonly bytes: number;
  readonly base: CsnSet | undefined;
  /** The context in which the log began, before anything was taken off it. */
  readonly origin: CsnSet | undefined;
  readonly context: CsnSet;
}

/** What becomes of the log when a batch is on disk. */
export interface StagedLog {
  readonly state: LogState;
  readonly placed: readonly LoggedChange[];
  /** Of what is placed, in bytes. */
  readonly sizes: readonly number[];
}

const emptyState: LogState = { first: 1, next: 1, bytes: 0, base: undefined, origin: undefined, context: CsnSet.empty };

export class ChangeLog {
  readonly #database: Database;
  readonly #dictionary: AttributeDictionary;
  #limits: ChangeLogLimits | undefined;
  #state = emptyState;
  #recent: LoggedChange[] = [];
  #recentBytes = 0;
  readonly #sizes = new LoggedSizes();
  readonly #listeners = new Set<() => void>();
  #followers = 0;

  /** Without limits no log is kept, only the context. */
  constructor(database: Database, dictionary: AttributeDictionary, limits: ChangeLogLimits | undefined) {
    this.#database = database;
    this.#dictionary = dictionary;
    this.#limits = limits;
  }

  /** The same for a log that is there. */
  async keepWithin(limits: ChangeLogLimits | undefined): Promise<void> {
    const isKeptAsBefore = (limits === undefined) === (this.#limits === undefined);
    this.#limits = limits;
    if (!isKeptAsBefore) await this.load();
  }

  get isKept(): boolean {
    return this.#limits !== undefined;
  }

  /** The position of the oldest change; `next` where there is none. */
  get first(): number {
    return this.#state.first;
  }

  get next(): number {
    return this.#state.next;
  }

  get bytes(): number {
    return this.#state.bytes;
  }

  get base(): CsnSet | undefined {
    return this.#state.base;
  }

  /** The highest CSN of each server, of what is committed. */
  get context(): CsnSet {
    return this.#state.context;
  }

  async load(): Promise<void> {
    const bytes = this.#database.get(metaKeys.log);
    const context = CsnSet.of((this.#database.get(metaKeys.context)?.toString() ?? '').split(' '));
    this.#forgetRecent();
    if (this.#limits) {
      const stored = bytes ? this.#decode(bytes) : emptyState;
      this.#state = { ...(stored ?? emptyState), context };
      if (stored) await this.#clear(1, stored.first);
      else await this.#database.clear(keyRanges.log);
      return;
    }
    this.#state = { ...emptyState, context };
    if (!bytes) return;
    // Changes that are not logged will follow: what there is would have a gap after it.
    const batch = this.#database.batch();
    batch.delete(metaKeys.log);
    await batch.write({ sync: true });
    await this.#database.clear(keyRanges.log);
  }

  /** Undefined where it cannot be read: the log begins anew then. */
  #decode(bytes: Buffer): StoredLog | undefined {
    try {
      return decodeState(bytes);
    } catch {
      return undefined;
    }
  }

  /** The change at a position between `first` and `next`. Throws StoreDamagedError. */
  read(position: number): LoggedChange | undefined {
    const recent = this.#recent[this.#recent.length - (this.#state.next - position)];
    if (recent) return recent;
    const bytes = this.#database.get(logKey(position));
    return bytes && decodeChange(bytes, position, this.#dictionary);
  }

  /**
   * Where to go on for somebody who has seen all changes up to these CSNs. Undefined: the log does not tell. Changes that
   * `seen` covers may follow where several servers' changes are in the log.
   */
  positionAfter(seen: CsnSet): number | undefined {
    const { base, context, first, next } = this.#state;
    if (!base || !seen.coversAll(base)) return undefined;
    if (context.size > 1) return first;
    let low = first;
    for (let high = next; low < high;) {
      const middle = Math.floor((low + high) / 2);
      const csn = this.#csnAt(middle);
      if (csn === undefined) return undefined;
      if (seen.covers(csn)) low = middle + 1;
      else high = middle;
    }
    // A CSN that is none of these was seen before an older copy of the data took this one's place.
    const [latest] = context.values();
    if (latest === undefined) return low;
    const given = [latest, base.ofSameServer(latest), low > first ? this.#csnAt(low - 1) : undefined];
    return given.includes(seen.ofSameServer(latest)) ? low : undefined;
  }

  /** Has somebody who has seen this followed the log that there is, and was left behind by it? */
  hasOutrun(seen: CsnSet): boolean {
    const { base, origin } = this.#state;
    return base !== undefined && origin !== undefined && seen.coversAll(origin) && !seen.coversAll(base);
  }

  #csnAt(position: number): string | undefined {
    const bytes = this.#database.get(logKey(position));
    return bytes && csnOfEncoded(bytes, position);
  }

  /** Somebody reads changes as they come, until the function that is returned is called. */
  attend(): () => void {
    this.#followers++;
    return () => void this.#followers--;
  }

  /** Calls `listener` when changes have been added, or the log has begun anew. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** Puts a layer's changes into the batch that writes it. */
  stage(batch: WriteBatch, layer: WriteLayer): StagedLog | undefined {
    if (!this.#limits) {
      const context = contextAfter(this.#state.context, layer);
      if (context === this.#state.context) return undefined;
      return this.#staged(batch, { ...this.#state, context });
    }
    const { changes, resetsLog } = layer;
    if (changes.length === 0 && !resetsLog && layer.context.size === 0) return undefined;
    let { context } = this.#state;
    let inOrder = !resetsLog;
    if (!resetsLog) {
      for (const { csn, kind } of changes) {
        if (kind === 'along' && context.ofSameServer(csn) === csn) continue;
        const raised = context.with(csn);
        if (raised === context) inOrder = false;
        context = raised;
      }
    }
    context = contextAfter(context, layer);
    if (!inOrder || !this.#state.base) {
      const begins = resetsLog ? layer.context.size > 0 : inOrder && context !== this.#state.context;
      const next = this.#state.next + Math.max(1, changes.length);
      return this.#staged(batch, this.#begun(next, begins ? context : undefined, context));
    }
    return this.#append(batch, changes, context, this.#limits, this.#state.base);
  }

  #append(
    batch: WriteBatch,
    changes: readonly UnplacedChange[],
    context: CsnSet,
    { changesMax, bytesMax }: ChangeLogLimits,
    oldBase: CsnSet,
  ): StagedLog {
    let { first, next, bytes } = this.#state;
    let base = oldBase;
    const sizes = changes.map(loggedBytes);
    let added = sizes.reduce((sum, size) => sum + size, 0);
    // Of a batch that is larger than the log, the last changes stay.
    let skipped = 0;
    while (skipped < changes.length && (changes.length - skipped > changesMax || added > bytesMax)) {
      base = base.with(changes[skipped]!.csn);
      added -= sizes[skipped++]!;
    }
    if (skipped > 0) {
      for (const csn of this.#state.context.values()) base = base.with(csn);
      next += skipped;
      first = next;
      bytes = 0;
    }
    const placed: LoggedChange[] = [];
    for (const change of changes.slice(skipped)) {
      batch.put(logKey(next), encodeChange(change));
      placed.push({ ...change, position: next++ });
    }
    bytes += added;
    const untrimmed = first;
    const end = Math.min(next - placed.length, first + trimmedAtOnceMax);
    for (; first < end && (next - first > changesMax || bytes > bytesMax); first++) {
      bytes -= this.#sizeAt(first);
      batch.delete(logKey(first));
    }
    if (first > untrimmed) base = this.#baseAfter(base, untrimmed, first);
    return this.#staged(batch, { ...this.#state, first, next, bytes, base, context }, placed, sizes.slice(skipped));
  }

  /** 0 where the change is lost. */
  #sizeAt(position: number): number {
    return this.#sizes.at(position) ?? this.#storedAt(position)?.length ?? 0;
  }

  /**
   * The base once the changes `[from, to)` are taken off. CSNs ascend, so the last one of them says it, where they are all of
   * one server. A damaged one must not stop those who write: whoever has seen less than everything refreshes.
   */
  #baseAfter(base: CsnSet, from: number, to: number): CsnSet {
    const { context } = this.#state;
    for (let position = context.size > 1 ? from : to - 1; position < to; position++) {
      const bytes = this.#storedAt(position);
      const csn = bytes && csnIfLegible(bytes);
      if (csn === undefined) return base.withAll(context);
      base = base.with(csn);
    }
    return base;
  }

  /** Undefined where it is lost. */
  #storedAt(position: number): Buffer | undefined {
    try {
      return this.#database.get(logKey(position));
    } catch (error) {
      if (isCorruption(error)) return undefined;
      throw error;
    }
  }

  #staged(batch: WriteBatch, state: LogState, placed: readonly LoggedChange[] = [], sizes: readonly number[] = []): StagedLog {
    if (this.#limits) batch.put(metaKeys.log, encodeState(state));
    if (state.context !== this.#state.context) batch.put(metaKeys.context, Buffer.from(state.context.values().join(' ')));
    return { state, placed, sizes };
  }

  /** The log begins anew after entries came by a way that is not logged. Nobody can follow unless that moves the context on. */
  stageRestart(batch: WriteBatch, added: CsnSet): StagedLog {
    const context = this.#state.context.withAll(added);
    const next = this.#state.next + 1;
    const base = context === this.#state.context ? undefined : context;
    return this.#staged(batch, this.#limits ? this.#begun(next, base, context) : { ...this.#state, context });
  }

  /** An empty log. Without a base nobody can follow it yet. */
  #begun(next: number, base: CsnSet | undefined, context: CsnSet): LogState {
    return { first: next, next, bytes: 0, base, origin: base, context };
  }

  /** The batch that `stage` was called for is on disk. */
  committed({ state, placed, sizes }: StagedLog): void {
    const before = this.#state;
    this.#state = state;
    if (placed.length === 0 || this.#followers === 0) this.#forgetRecent();
    else this.#remember(placed);
    this.#sizes.add(state.next - sizes.length, sizes);
    this.#sizes.giveUp(state.first);
    if (placed.length === 0 && state.first > before.first) void this.#clear(before.first, state.first).catch(() => undefined);
    if (state.next !== before.next || state.context !== before.context) for (const listener of [...this.#listeners]) listener();
  }

  #remember(placed: readonly LoggedChange[]): void {
    if (placed.length > recentMax || this.#recent.at(-1)?.position !== placed[0]!.position - 1) this.#forgetRecent();
    for (const change of placed.slice(-recentMax)) {
      this.#recent.push(change);
      this.#recentBytes += loggedBytes(change);
    }
    while (this.#recent.length > recentMax || this.#recentBytes > recentBytesMax) {
      this.#recentBytes -= loggedBytes(this.#recent.shift()!);
    }
  }

  #forgetRecent(): void {
    if (this.#recent.length === 0) return;
    this.#recent = [];
    this.#recentBytes = 0;
  }

  async #clear(from: number, to: number): Promise<void> {
    if (from < to) await this.#database.clear({ gte: logKey(from), lt: logKey(to) });
  }
}

function contextAfter(context: CsnSet, layer: WriteLayer): CsnSet {
  return layer.replacesContext ? layer.context : context.withAll(layer.context);
}

/** As it is stored: the context has a key of its own. */
export type StoredLog = Omit<LogState, 'context'>;

/** As JSON, put together by hand: each batch has one. */
function encodeState({ first, next, bytes, base, origin }: LogState): Buffer {
  const set = (csns: CsnSet | undefined): string => (csns ? JSON.stringify(csns.values()) : 'null');
  const stored = `{"first":${first},"next":${next},"bytes":${bytes},"base":${set(base)},"origin":${set(origin)}}`;
  return Buffer.from(stored, 'latin1');
}

/** Throws where the bytes are not what was written. */
export function decodeState(bytes: Buffer): StoredLog {
  const { base, origin, ...rest } = JSON.parse(bytes.toString()) as {
    readonly first: number;
    readonly next: number;
    readonly bytes: number;
    readonly base: readonly string[] | null;
    /** Missing in what the first versions wrote. */
    readonly origin?: readonly string[] | null;
  };
  return { ...rest, base: base ? CsnSet.of(base) : undefined, origin: origin ? CsnSet.of(origin) : undefined };
}
