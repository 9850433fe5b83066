/**
 * Makes the posting lists of many entries at once: gathers them in memory by ascending id and appends them to what is
 * stored, container by container. For bulk loads and rebuilt indexes, while nobody else writes.
 */
import { BloomFilter } from './bloom.js';
import type { BulkWriter } from './bulk-writer.js';
import type { Database } from './database.js';
import { containerKey, metaKeys } from './keys.js';
import type { Numbering } from './numbering.js';
import {
  appendContainer,
  containerCount,
  decodeHead,
  encodeContainer,
  encodeInline,
  encodeLarge,
  forEachContainer,
  inlineIdsMax,
  isInline,
  sizeStep,
  type LargeHead,
} from './posting.js';

/** Postings that may lie in memory; about 10 bytes each, and 100 for each list. */
const postingsMax = 4_000_000;
const listsMax = 400_000;
/** Bits that remember which lists were stored before; 8 MiB. */
const knownBits = 1 << 26;
/** List numbers are reserved, and the reservation synced, this many at a time: a crash must not make one used twice. */
const reservedLists = 100_000;

/** What is built goes into a batch and is forgotten. */
const pooled = (bytes: number): Buffer => Buffer.allocUnsafe(bytes);

export interface PostingBuilderOptions {
  readonly database: Database;
  readonly writer: BulkWriter;
  readonly numbering: Numbering;
  /** Are there no stored lists under any of the keys that will be built? */
  readonly fresh: boolean;
  /** Ids in stored lists are not above this one. */
  readonly lastStoredId: number;
}

export class PostingBuilder {
  readonly #database: Database;
  readonly #writer: BulkWriter;
  readonly #numbering: Numbering;
  readonly #known: BloomFilter | undefined;
  #lists = new Map<string, number[]>();
  #postings = 0;
  #lastStoredId: number;
  #lastId: number;
  #reservedTo = 0;

  constructor(options: PostingBuilderOptions) {
    this.#database = options.database;
    this.#writer = options.writer;
    this.#numbering = options.numbering;
    this.#known = options.fresh ? new BloomFilter(knownBits) : undefined;
    this.#lastStoredId = options.lastStoredId;
    this.#lastId = options.lastStoredId;
  }

  /** Ids come in ascending order; the same list may be named again for the same id. */
  add(key: string, id: number): void {
    this.#lastId = id;
    const ids = this.#lists.get(key);
    if (!ids) this.#lists.set(key, [id]);
    else if (ids[ids.length - 1] !== id) ids.push(id);
    else return;
    this.#postings++;
  }

  /** True: `flush` before adding much more. */
  get full(): boolean {
    return this.#postings >= postingsMax || this.#lists.size >= listsMax;
  }

  async flush(): Promise<void> {
    await this.#writer.settle();
    const lists = this.#lists;
    this.#lists = new Map();
    this.#postings = 0;
    for (const [key, ids] of lists) {
      const stored = !this.#known || this.#known.add(key) ? this.#database.get(key) : undefined;
      if (this.#numbering.nextList >= this.#reservedTo) await this.#reserveLists();
      this.#append(key, stored, ids);
      if (this.#writer.full) await this.#writer.drain();
    }
    await this.#writer.settle();
    this.#lastStoredId = this.#lastId;
  }

  #append(key: string, stored: Buffer | undefined, ids: readonly number[]): void {
    const head = stored && decodeHead(stored);
    if (head && !isInline(head)) {
      this.#writer.put(key, encodeLarge(this.#appendContainers(head, ids)));
      return;
    }
    const all = head ? [...head, ...ids] : ids;
    if (all.length <= inlineIdsMax) {
      this.#writer.put(key, encodeInline(all, pooled));
      return;
    }
    const empty: LargeHead = { list: this.#numbering.allocateList(), containers: 0, estimate: 0 };
    this.#writer.put(key, encodeLarge(this.#appendContainers(empty, all)));
  }

  #appendContainers(head: LargeHead, ids: readonly number[]): LargeHead {
    let { containers, estimate } = head;
    forEachContainer(ids, (number, start, end) => {
      const key = containerKey(head.list, number);
      // Only the container of the last stored id can have been begun; a list made just now has none.
      const begun = head.containers > 0 && number === this.#lastStoredId >>> 8 ? this.#database.get(key) : undefined;
      if (!begun) {
        this.#writer.put(key, encodeContainer(ids, start, end, pooled));
        containers++;
        estimate += sizeStep(end - start);
        return;
      }
      const merged: number[] = [];
      appendContainer(begun, number, merged);
      for (let index = start; index < end; index++) merged.push(ids[index]!);
      this.#writer.put(key, encodeContainer(merged, 0, merged.length, pooled));
      estimate += sizeStep(merged.length) - sizeStep(containerCount(begun));
    });
    return { list: head.list, containers, estimate };
  }

  async #reserveLists(): Promise<void> {
    const to = this.#numbering.nextList + reservedLists;
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32LE(to, 0);
    const batch = this.#database.batch();
    batch.put(metaKeys.lists, bytes);
    await batch.write({ sync: true });
    this.#reservedTo = to;
  }
}
