/**
 * Builds the posting lists of many entries at once: gathers them in memory by ascending id and appends them to the stored
 * lists, container by container. For bulk loads and rebuilt indexes, while nobody else writes.
 */
import { BloomFilter, hashText } from './bloom.js';
import type { BulkWriter } from '../transfer/bulk-writer.js';
import type { Database } from '../level/database.js';
import { GatheredPostings, type SharedTerms } from './gathered-postings.js';
import type { TermSink } from './term-sink.js';
import { childrenKey, containerKey, metaKeys } from '../level/keys.js';
import type { Numbering } from '../numbering.js';
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

export class PostingBuilder {
  readonly #database: Database;
  readonly #writer: BulkWriter;
  readonly #numbering: Numbering;
  readonly #known: BloomFilter | undefined;
  #gathered = new GatheredPostings();
  #lastStoredId: number;
  #lastId: number;
  #reservedTo = 0;
  /** The list of `#lastId` alone. A batch copies what is put into it. */
  readonly #onlyLast = Buffer.alloc(4);
  readonly #sink: TermSink = {
    term: (key) => this.#add(key),
    gram: (family, gram) => this.#gathered.addGram(family, gram, this.#lastId),
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
    this.#gathered.addChild(parentId, id);
  }

  /** Puts `id` on the lists of the terms that the sink takes, until it is asked for that of another id. */
  termsOf(id: number): TermSink {
    this.#lastId = id;
    this.#onlyLast.writeUInt32LE(id, 0);
    return this.#sink;
  }

  /** Puts the last `id` of `termsOf` on the lists of all these terms. */
  addShared(terms: SharedTerms): void {
    if (this.#known && !this.#gathered.knows(terms)) for (const key of terms.keys) this.#known.add(hashText(key));
    this.#gathered.addShared(terms, this.#lastId);
  }

  #add(key: string): void {
    // Most terms are one entry's alone: the first id is written at once, and only those that come after are gathered.
    if (this.#known && !this.#known.add(hashText(key))) this.#writer.put(key, this.#onlyLast);
    else this.#gathered.add(key, this.#lastId);
  }

  /** True: `drain` before adding much more. */
  get full(): boolean {
    return this.#writer.full || this.#gathered.areMany;
  }

  /** Resolves when there is room again. */
  async drain(): Promise<void> {
    if (this.#gathered.areMany) await this.flush();
    else await this.#writer.drain();
  }

  async flush(): Promise<void> {
    await this.#writer.settle();
    const { spelled, children, grams } = this.#gathered;
    this.#gathered = new GatheredPostings();
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
