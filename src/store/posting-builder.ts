/**
 * Makes the posting lists of many entries at once: gathers them in memory by ascending id and appends them to what is
 * stored, container by container. For bulk loads and rebuilt indexes, while nobody else writes.
 */
import { BloomFilter, hashText } from './bloom.js';
import type { BulkWriter } from './bulk-writer.js';
import type { Database } from './database.js';
import { packedGramsCount } from './grams.js';
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
  pooled,
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

export interface PostingBuilderOptions {
  readonly database: Database;
  readonly writer: BulkWriter;
  readonly numbering: Numbering;
  /** Are there no stored lists under any of the keys that will be built? */
  readonly fresh: boolean;
  /** Ids in stored lists are not above this one. */
  readonly lastStoredId: number;
}

/** Keys of one substring index: what is gathered under them is found by the gram, and spelled out when it is written. */
export interface KeyFamily {
  readonly keyOf: (gram: number) => string;
}

class GatheredLists<K> {
  readonly lists = new Map<K, number[]>();

  /** False where `id` was the last one already. */
  add(key: K, id: number): boolean {
    const ids = this.lists.get(key);
    if (ids === undefined) this.lists.set(key, [id]);
    else if (ids[ids.length - 1] === id) return false;
    else ids.push(id);
    return true;
  }
}

/** The lists of one family of grams. Every value has a few dozen of them: a list is found by counting, not by hashing. */
class GramLists {
  readonly grams: number[] = [];
  readonly lists: number[][] = [];
  /** By gram: where its list is, counted from 1; 0: nowhere. */
  readonly #places = new Uint32Array(packedGramsCount);

  add(gram: number, id: number): boolean {
    const place = this.#places[gram]!;
    if (place === 0) {
      this.grams.push(gram);
      this.#places[gram] = this.lists.push([id]);
      return true;
    }
    const ids = this.lists[place - 1]!;
    if (ids[ids.length - 1] === id) return false;
    ids.push(id);
    return true;
  }
}

export class PostingBuilder {
  readonly #database: Database;
  readonly #writer: BulkWriter;
  readonly #numbering: Numbering;
  readonly #known: BloomFilter | undefined;
  #spelled = new GatheredLists<string>();
  #children = new GatheredLists<number>();
  #grams = new Map<KeyFamily, GramLists>();
  #postings = 0;
  #lastStoredId: number;
  #lastId: number;
  #reservedTo = 0;
  /** The list of `#lastId` alone. A batch copies what is put into it. */
  readonly #onlyLast = Buffer.alloc(4);
  readonly #sink: TermSink = {
    term: (key) => this.#add(key),
    gram: (family, gram) => this.#addGram(family, gram, this.#lastId),
  };

  constructor(options: PostingBuilderOptions) {
    this.#database = options.database;
    this.#writer = options.writer;
    this.#numbering = options.numbering;
    this.#known = options.fresh ? new BloomFilter(knownBits) : undefined;
    this.#lastStoredId = options.lastStoredId;
    this.#lastId = options.lastStoredId;
  }

  /** Puts `id` on its parent's list of children. Ids come in ascending order. */
  addChild(parentId: number, id: number): void {
    this.#lastId = id;
    if (this.#children.add(parentId, id)) this.#postings++;
  }

  /** Puts `id` on the lists of the terms that the sink takes, until it is asked for that of another id. */
  termsOf(id: number): TermSink {
    this.#lastId = id;
    this.#onlyLast.writeUInt32LE(id, 0);
    return this.#sink;
  }

  #add(key: string): void {
    // Most terms are one entry's alone: the first id is written at once, and only those that come after are gathered.
    if (this.#known && !this.#known.add(hashText(key))) this.#writer.put(key, this.#onlyLast);
    else if (this.#spelled.add(key, this.#lastId)) this.#postings++;
  }

  #addGram(family: KeyFamily, gram: number, id: number): void {
    let gathered = this.#grams.get(family);
    if (!gathered) this.#grams.set(family, (gathered = new GramLists()));
    if (gathered.add(gram, id)) this.#postings++;
  }

  /** True: `drain` before adding much more. */
  get full(): boolean {
    return this.#writer.full || this.#holdsMuch;
  }

  get #holdsMuch(): boolean {
    if (this.#postings >= postingsMax) return true;
    let lists = this.#spelled.lists.size + this.#children.lists.size;
    for (const gathered of this.#grams.values()) lists += gathered.lists.length;
    return lists >= listsMax;
  }

  /** Resolves when there is room again. */
  async drain(): Promise<void> {
    if (this.#holdsMuch) await this.flush();
    else await this.#writer.drain();
  }

  async flush(): Promise<void> {
    await this.#writer.settle();
    const spelled = this.#spelled;
    const children = this.#children;
    const grams = this.#grams;
    this.#spelled = new GatheredLists();
    this.#children = new GatheredLists();
    this.#grams = new Map();
    this.#postings = 0;
    for (const [key, ids] of spelled.lists) {
      const wait = this.#write(key, ids, true);
      if (wait) await wait;
    }
    for (const [parentId, ids] of children.lists) {
      const key = childrenKey(parentId);
      const wait = this.#write(key, ids, this.#mayBeStored(key));
      if (wait) await wait;
    }
    for (const [{ keyOf }, gathered] of grams) {
      for (let index = 0; index < gathered.lists.length; index++) {
        const key = keyOf(gathered.grams[index]!);
        const wait = this.#write(key, gathered.lists[index]!, this.#mayBeStored(key));
        if (wait) await wait;
      }
    }
    await this.#writer.settle();
    this.#lastStoredId = this.#lastId;
  }

  #mayBeStored(key: string): boolean {
    return this.#known?.add(hashText(key)) ?? true;
  }

  /** What must be waited for before the next list, if anything. */
  #write(key: string, ids: readonly number[], mayBeStored: boolean): Promise<void> | undefined {
    if (this.#numbering.nextList >= this.#reservedTo) {
      return this.#reserveLists().then(() => this.#write(key, ids, mayBeStored));
    }
    this.#append(key, mayBeStored ? this.#database.get(key) : undefined, ids);
    return this.#writer.full ? this.#writer.drain() : undefined;
  }

  #append(key: string, stored: Buffer | undefined, ids: readonly number[]): void {
    const head = stored && decodeHead(stored);
    if (head && !isInline(head)) {
      this.#writer.put(key, encodeLarge(this.#appendContainers(head, ids)));
      return;
    }
    // An entry may name its term twice: the first time was written at once.
    const all = head ? [...head, ...(head[head.length - 1] === ids[0] ? ids.slice(1) : ids)] : ids;
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
