/**
 * One state of a database, held while it is read from end to end: what an export writes and a backup copies. It must be
 * closed, because LevelDB keeps everything that is overwritten while it is open.
 */
import type { EntryRecord } from '../entry/record.js';
import { decodeCounters, type CommittedState } from './committed.js';
import type { Snapshot } from './level/database.js';
import { countersKey, metaKeys } from './level/keys.js';
import { holdsNearlyAll, scanMemory } from './memory/memory-scan.js';
import { parentsFirst, scanRecords, type ScanOptions } from './long-reads.js';
import { decodeState } from './numbering.js';
import type { StoreState } from './state.js';

/** A key and its value: what a database is made of, for those who copy it. */
export type Item = readonly [key: string, value: Buffer];

export class StoreSnapshot {
  readonly #committed: CommittedState;
  readonly #snapshot: Snapshot;
  /** No entry has a higher id. */
  readonly #lastId: number;
  readonly #isInMemory: boolean;

  constructor({ committed, entryCount, numbering }: StoreState) {
    this.#committed = committed;
    this.#snapshot = committed.database.snapshot();
    this.#lastId = numbering.nextId - 1;
    this.#isInMemory = holdsNearlyAll(committed, entryCount, this.#lastId);
  }

  get entryCount(): number {
    return decodeState(this.#get(metaKeys.state)).entries;
  }

  /** How much of its cluster's log is in it; undefined: it belongs to none. */
  get clusterPosition(): Buffer | undefined {
    return this.#get(metaKeys.cluster);
  }

  childCount(id: number): number {
    const bytes = this.#get(countersKey(id));
    return bytes ? decodeCounters(bytes).children : 0;
  }

  /** All entries, each after its parent. */
  entries(options: Pick<ScanOptions, 'onDamaged' | 'chunkBytes'> = {}): AsyncGenerator<EntryRecord[], void, void> {
    return parentsFirst(this.#inOrder(options), this.#lastId, (id) => this.#committed.entryAt(this.#snapshot, id));
  }

  async *#inOrder(options: Pick<ScanOptions, 'onDamaged' | 'chunkBytes'>): AsyncGenerator<EntryRecord[], void, void> {
    const { database, dictionary } = this.#committed;
    let fromId = 1;
    // Who wants to hear of damage reads what is on disk.
    const mayUseMemory = this.#isInMemory && !options.onDamaged;
    if (mayUseMemory) fromId = yield* scanMemory(this.#committed, this.#snapshot, fromId, this.#lastId);
    if (fromId > this.#lastId) return;
    yield* scanRecords(database, dictionary, this.#snapshot, this.#lastId, { ...options, fromId });
  }

  /** Everything there is, in the order of keys. */
  items(): AsyncGenerator<Item[], void, void> {
    return this.#committed.database.items({ gte: '\0', lt: '\uffff' }, this.#snapshot);
  }

  close(): Promise<void> {
    return this.#snapshot.close();
  }

  #get(key: string): Buffer | undefined {
    return this.#committed.database.getAt(this.#snapshot, key);
  }
}
