/**
 * The cluster's log as it lies in etcd, below a prefix:
 *
 *     meta                        what all nodes must agree on, as text
 *     head                        the position of the last entry
 *     log/<index>                 the entries, without gaps
 *     part/<index>/<batch>/<n>    bodies that are long for one value
 *     node/<name>                 how far each node has come
 *
 * An entry is appended by a transaction that demands that the head is the position the writer has applied, and moves it on:
 * no entry can be appended twice, in the wrong place, or to another history than the writer's.
 */
import { randomBytes } from 'node:crypto';
import type { Condition, EtcdClient, KeyValue, Operation, Range } from './etcd/client.js';
import { EngineError, ForeignDataError, LogEntryError } from './errors.js';
import {
  decodeEntry,
  encodeEntry,
  encodeSeed,
  hashBytes,
  idBytes,
  sha256,
  type LogEntry,
  type PartedBody,
  type Seed,
} from './log-entry.js';
import { pack, unpack } from './packing.js';
import { parsePosition, positionText, type Position } from './position.js';

/** A body up to this size is in its entry. */
const inlineBytesMax = 256 << 10;
/** etcd takes requests of 1.5 MiB, in which a value is base64. */
const partBytes = 512 << 10;
/** A transaction may have 128 conditions. */
const partsMax = 120;
/** Entries that are read at once. */
const entriesPerRead = 64;
const partsPerRead = 4;
const namesToldMax = 1_000;

/** What a batch may hold at most, in bytes, before it is packed. */
export const batchBytesMax = partsMax * partBytes;

/** The log as it is found. */
export interface LogState {
  readonly meta: string | undefined;
  readonly head: Position | undefined;
}

export interface PlacedEntry {
  readonly entry: LogEntry;
  /** With this entry. */
  readonly position: Position;
}

export interface NodeReport {
  readonly name: string;
  readonly index: number;
  /** Milliseconds since 1970, by that node's clock. */
  readonly time: number;
}

export class SharedLog {
  readonly #client: EtcdClient;
  readonly #prefix: string;

  constructor(client: EtcdClient, prefix: string) {
    this.#client = client;
    this.#prefix = prefix;
  }

  #logKey(index: number): string {
    return `${this.#prefix}log/${indexText(index)}`;
  }

  #partsKey(index: number, batchId: Buffer): string {
    return `${this.#prefix}part/${indexText(index)}/${batchId.toString('hex')}/`;
  }

  get #metaKey(): string {
    return `${this.#prefix}meta`;
  }

  get #headKey(): string {
    return `${this.#prefix}head`;
  }

  /** Throws EngineError; ForeignDataError where there is something else below the prefix. */
  async inspect(until: number): Promise<LogState> {
    const { found } = await this.#client.txn([], [get(this.#metaKey), get(this.#headKey)], [], until);
    const state = this.#stateOf(found);
    if (state) return state;
    const { items } = await this.#client.range(rangeBelow(this.#prefix), 1, until, true);
    if (items.length === 0) return { meta: undefined, head: undefined };
    // Another node may have begun the cluster in between.
    const again = await this.#client.txn([], [get(this.#metaKey), get(this.#headKey)], [], until);
    const begun = this.#stateOf(again.found);
    if (begun) return begun;
    throw new ForeignDataError(`what is below the prefix "${this.#prefix}" in etcd is no cluster of jammd (${items[0]!.key})`);
  }

  #stateOf([meta, head]: readonly (KeyValue | undefined)[]): LogState | undefined {
    return meta && head && { meta: meta.value.toString(), head: this.#headOf(head.value) };
  }

  #headOf(value: Buffer): Position {
    const head = parsePosition(value.toString());
    if (!head) throw new ForeignDataError(`"${this.#headKey}" in etcd is no position of a cluster of jammd`);
    return head;
  }

  /**
   * Begins a generation. `after`: the head that it takes the place of; undefined: there is no cluster yet. Answers with the
   * position it begins in; undefined where somebody else was faster.
   */
  async seed(meta: string, seed: Seed, after: Position | undefined, until: number): Promise<Position | undefined> {
    const entry: LogEntry = {
      kind: 'seed',
      generation: randomBytes(idBytes),
      previous: after?.hash ?? Buffer.alloc(hashBytes),
      batchId: randomBytes(idBytes),
      bytesBefore: after?.bytes ?? 0,
      body: encodeSeed(seed),
      isPacked: false,
    };
    const { bytes, position } = placed(entry, after);
    const conditions: Condition[] = after
      ? [{ kind: 'value', key: this.#headKey, value: Buffer.from(positionText(after)) }]
      : [
          { kind: 'absent', key: this.#headKey },
          { kind: 'absent', key: this.#metaKey },
        ];
    const puts: Operation[] = [
      { kind: 'put', key: this.#metaKey, value: Buffer.from(meta) },
      { kind: 'put', key: this.#headKey, value: Buffer.from(positionText(position)) },
      { kind: 'put', key: this.#logKey(position.index), value: bytes },
    ];
    const outcome = await this.#client.txn(conditions, puts, [get(this.#logKey(position.index))], until);
    // An attempt that was not answered may have been the one that succeeded.
    return outcome.succeeded || outcome.found[0]?.value.equals(bytes) ? position : undefined;
  }

  /** Puts another text in the place of this one. False: it was another one already. */
  async changeMeta(from: string, to: string, until: number): Promise<boolean> {
    const { succeeded, found } = await this.#client.txn(
      [{ kind: 'value', key: this.#metaKey, value: Buffer.from(from) }],
      [{ kind: 'put', key: this.#metaKey, value: Buffer.from(to) }],
      [get(this.#metaKey)],
      until,
    );
    return succeeded || found[0]?.value.toString() === to;
  }

  /**
   * Appends a batch after `at`. Undefined: the log has gone on, or the cluster has changed: nothing was appended, and nothing
   * of it will be. Throws EngineError; where it may have happened, reading on tells whether it has.
   */
  async append(at: Position, meta: string, body: Buffer, until: number): Promise<Position | undefined> {
    if (body.length > batchBytesMax) {
      const limit = Math.floor(batchBytesMax >> 20);
      throw new EngineError(
        `the change is too large for the cluster (${body.length} bytes, at most ${limit} MiB)`,
        'refused',
        false,
      );
    }
    const batchId = randomBytes(idBytes);
    const conditions = this.#demands(at, meta);
    const packed = await pack(body);
    const stored = packed ?? body;
    let held: LogEntry['body'] = stored;
    if (stored.length > inlineBytesMax) {
      held = { parts: Math.ceil(stored.length / partBytes), bytes: stored.length, hash: sha256(stored) };
      conditions.push(...(await this.#putParts(at.index + 1, batchId, stored, until)));
    }
    const entry: LogEntry = {
      kind: 'batch',
      generation: at.generation,
      previous: at.hash,
      batchId,
      bytesBefore: at.bytes,
      body: held,
      isPacked: packed !== undefined,
    };
    const { bytes, position } = placed(entry, at);
    const outcome = await this.#client.txn(
      conditions,
      [
        { kind: 'put', key: this.#logKey(position.index), value: bytes },
        { kind: 'put', key: this.#headKey, value: Buffer.from(positionText(position)) },
      ],
      [get(this.#logKey(position.index))],
      until,
    );
    return outcome.succeeded || outcome.found[0]?.value.equals(bytes) ? position : undefined;
  }

  /** Their bodies' parts are written before the entry: whoever sees it finds them. */
  async #putParts(index: number, batchId: Buffer, body: Buffer, until: number): Promise<Condition[]> {
    const demands: Condition[] = [];
    try {
      for (let start = 0; start < body.length; start += partBytes) {
        const key = this.#partsKey(index, batchId) + partText(demands.length);
        await this.#client.put(key, body.subarray(start, start + partBytes), until);
        demands.push({ kind: 'exists', key });
      }
    } catch (error) {
      // Parts without an entry are nothing that anybody sees.
      if (error instanceof EngineError) throw new EngineError(error.message, error.kind, false);
      throw error;
    }
    return demands;
  }

  /** Is this still the end of the log? */
  async isCurrent(at: Position, meta: string, until: number): Promise<boolean> {
    return (await this.#client.txn(this.#demands(at, meta), [], [], until)).succeeded;
  }

  #demands(at: Position, meta: string): Condition[] {
    return [
      { kind: 'value', key: this.#headKey, value: Buffer.from(positionText(at)) },
      { kind: 'value', key: this.#metaKey, value: Buffer.from(meta) },
    ];
  }

  /**
   * The entries that follow `at`, as many as are read at once. Throws EngineError, LogEntryError where they do not continue its
   * history; 'trimmed' where the log begins later.
   */
  async read(at: Position, until: number): Promise<readonly PlacedEntry[] | 'trimmed'> {
    const range = { from: this.#logKey(at.index + 1), to: rangeBelow(`${this.#prefix}log/`).to };
    const { items } = await this.#client.range(range, entriesPerRead, until);
    const entries: PlacedEntry[] = [];
    let last = at;
    for (const item of items) {
      const index = this.indexOf(item);
      if (index !== last.index + 1) {
        if (entries.length === 0) return 'trimmed';
        break;
      }
      const next = continued(item.value, last);
      entries.push(next);
      last = next.position;
    }
    return entries;
  }

  /** The entry that a watch has told, if it is the one after `at`. Throws LogEntryError. */
  told(item: KeyValue, at: Position): PlacedEntry | undefined {
    return this.indexOf(item) === at.index + 1 ? continued(item.value, at) : undefined;
  }

  indexOf({ key }: KeyValue): number {
    return Number(key.slice(`${this.#prefix}log/`.length));
  }

  /** An entry's body, wherever it lies. Throws EngineError, LogEntryError where it is not what was written. */
  async body(placedEntry: PlacedEntry, until: number): Promise<Buffer> {
    const { body, isPacked } = placedEntry.entry;
    const stored = Buffer.isBuffer(body) ? body : await this.#parts(placedEntry, body, until);
    return isPacked ? unpack(stored, batchBytesMax) : stored;
  }

  async #parts({ entry, position }: PlacedEntry, body: PartedBody, until: number): Promise<Buffer> {
    const prefix = this.#partsKey(position.index, entry.batchId);
    const pieces: Buffer[] = [];
    while (pieces.length < body.parts) {
      const range = { from: prefix + partText(pieces.length), to: rangeBelow(prefix).to };
      const { items } = await this.#client.range(range, partsPerRead, until);
      if (items.length === 0) throw new LogEntryError(`a part of entry ${position.index} of the log is missing`);
      for (const { value } of items) pieces.push(value);
    }
    const whole = Buffer.concat(pieces);
    if (whole.length !== body.bytes || !sha256(whole).equals(body.hash)) {
      throw new LogEntryError(`the parts of entry ${position.index} of the log are not what was written`);
    }
    return whole;
  }

  async oldest(until: number): Promise<PlacedEntry | undefined> {
    const { items } = await this.#client.range(rangeBelow(`${this.#prefix}log/`), 1, until);
    const [item] = items;
    if (!item) return undefined;
    const entry = decodeEntry(item.value);
    return { entry, position: positionOf(item.value, entry, this.indexOf(item) - 1) };
  }

  /** The entry with this number; undefined where there is none any more. */
  async entryAt(index: number, until: number): Promise<LogEntry | undefined> {
    const value = await this.#client.get(this.#logKey(index), until);
    return value && decodeEntry(value);
  }

  /** Takes off all entries before this one, and has etcd forget them. */
  async trim(before: number, until: number): Promise<void> {
    const below = (kind: string): Range => ({
      from: `${this.#prefix}${kind}/`,
      to: `${this.#prefix}${kind}/${indexText(before)}`,
    });
    await this.#client.delete(below('log'), until);
    await this.#client.delete(below('part'), until);
  }

  /** Has etcd forget what was before now. */
  async compact(until: number): Promise<void> {
    const { revision } = await this.#client.range(rangeBelow(this.#headKey), 1, until, true);
    await this.#client.compact(revision, until);
  }

  /** Tells each entry that is appended from now on. Rejects with EngineError when it ends. */
  async watch(onEntry: (item: KeyValue) => void, signal: AbortSignal, until: number): Promise<void> {
    const range = rangeBelow(`${this.#prefix}log/`);
    const { revision } = await this.#client.range(rangeBelow(this.#headKey), 1, until, true);
    await this.#client.watch(range, revision + 1, onEntry, signal);
  }

  async report(name: string, index: number, until: number): Promise<void> {
    await this.#client.put(`${this.#prefix}node/${name}`, Buffer.from(`${index} ${Date.now()}`), until);
  }

  async reports(until: number): Promise<NodeReport[]> {
    const prefix = `${this.#prefix}node/`;
    const { items } = await this.#client.range(rangeBelow(prefix), namesToldMax, until);
    return items.flatMap(({ key, value }) => {
      const [index, time] = value.toString().split(' ').map(Number);
      return index !== undefined && time !== undefined ? [{ name: key.slice(prefix.length), index, time }] : [];
    });
  }
}

function get(key: string): Operation {
  return { kind: 'get', key };
}

/** Numbers whose texts sort as they do. */
function indexText(index: number): string {
  return String(index).padStart(16, '0');
}

function partText(part: number): string {
  return String(part).padStart(6, '0');
}

/** All keys that begin with this. */
function rangeBelow(prefix: string): Range {
  const last = prefix.length - 1;
  return { from: prefix, to: prefix.slice(0, last) + String.fromCharCode(prefix.charCodeAt(last) + 1) };
}

function placed(entry: LogEntry, after: Position | undefined): { readonly bytes: Buffer; readonly position: Position } {
  const bytes = encodeEntry(entry);
  return { bytes, position: positionOf(bytes, entry, after?.index ?? 0) };
}

function positionOf(bytes: Buffer, { generation, bytesBefore, body }: LogEntry, after: number): Position {
  const beside = Buffer.isBuffer(body) ? 0 : body.bytes;
  return { generation, index: after + 1, hash: sha256(bytes), bytes: bytesBefore + bytes.length + beside };
}

/** Throws LogEntryError where the entry does not follow. */
function continued(bytes: Buffer, at: Position): PlacedEntry {
  const entry = decodeEntry(bytes);
  if (!entry.previous.equals(at.hash)) {
    throw new LogEntryError(`entry ${at.index + 1} of the log does not follow entry ${at.index} of this node: another history`);
  }
  return { entry, position: positionOf(bytes, entry, at.index) };
}
