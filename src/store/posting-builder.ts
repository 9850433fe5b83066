/**
 * Makes the posting lists of many entries at once: gathers them in memory by ascending id and appends them to what is
 * stored, container by container. For bulk loads and rebuilt indexes, while nobody else writes.
 */
import { BloomFilter } from './bloom.js';
import type { BulkWriter } from './bulk-writer.js';
import type { Database } from './database.js';
import type { TermSink } from './index-terms.js';
import { childrenKey, containerKey, metaKeys } from './keys.js';
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

/** Keys made of a number each: what is gathered under them is found by the number, and spelled out when it is written. */
export interface KeyFamily {
  readonly keyOf: (number: number) => string;
}

const children: KeyFamily = { keyOf: childrenKey };

/** Most lists have one id, which needs no array. */
type GatheredIds = number | number[];

class GatheredLists<K> {
  readonly lists = new Map<K, GatheredIds>();

  /** False where `id` was the last one already. */
  add(key: K, id: number): boolean {
    const ids = this.lists.get(key);
    if (ids === undefined) this.lists.set(key, id);
    else if (typeof ids === 'number') {
      if (ids === id) return false;
      this.lists.set(key, [ids, id]);
    } else if (ids[ids.length - 1] === id) return false;
    else ids.push(id);
    return true;
  }
}

export class PostingBuilder {
  readonly #database: Database;
  readonly #writer: BulkWriter;
  readonly #numbering: Numbering;
  readonly #known: BloomFilter | undefined;
  #spelled = new GatheredLists<string>();
  #numbered = new Map<KeyFamily, GatheredLists<number>>();
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
    if (this.#spelled.add(key, id)) this.#postings++;
  }

  /** The same for the list at `family.keyOf(number)`. */
  addNumbered(family: KeyFamily, number: number, id: number): void {
    this.#lastId = id;
    let gathered = this.#numbered.get(family);
    if (!gathered) this.#numbered.set(family, (gathered = new GatheredLists<number>()));
    if (gathered.add(number, id)) this.#postings++;
  }

  /** Puts `id` on its parent's list of children. */
  addChild(parentId: number, id: number): void {
    this.addNumbered(children, parentId, id);
  }

  /** Puts `id` on the lists of the terms that the sink takes. */
  termsOf(id: number): TermSink {
    return {
      term: (key) => this.add(key, id),
      gram: (family, gram) => this.addNumbered(family, gram, id),
    };
  }

  /** True: `flush` before adding much more. */
  get full(): boolean {
    if (this.#postings >= postingsMax) return true;
    let lists = this.#spelled.lists.size;
    for (const gathered of this.#numbered.values()) lists += gathered.lists.size;
    return lists >= listsMax;
  }

  async flush(): Promise<void> {
    await this.#writer.settle();
    const spelled = this.#spelled;
    const numbered = this.#numbered;
    this.#spelled = new GatheredLists();
    this.#numbered = new Map();
    this.#postings = 0;
    for (const [key, ids] of spelled.lists) {
      const wait = this.#write(key, ids);
      if (wait) await wait;
    }
    for (const [{ keyOf }, { lists }] of numbered) {
      for (const [number, ids] of lists) {
        const wait = this.#write(keyOf(number), ids);
        if (wait) await wait;
      }
    }
    await this.#writer.settle();
    this.#lastStoredId = this.#lastId;
  }

  /** What must be waited for before the next list, if anything. */
  #write(key: string, ids: GatheredIds): Promise<void> | undefined {
    if (this.#numbering.nextList >= this.#reservedTo) return this.#reserveLists().then(() => this.#write(key, ids));
    const stored = !this.#known || this.#known.add(key) ? this.#database.get(key) : undefined;
    this.#append(key, stored, typeof ids === 'number' ? [ids] : ids);
    return this.#writer.full ? this.#writer.drain() : undefined;
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
