/** Postings of many entries, held in memory until they are written: lists of ids that only grow, in ascending order. */
import { packedGramsCount } from './grams.js';
import type { KeyFamily, TermSink } from './term-sink.js';

/** Postings that may lie in memory; about 10 bytes each, and 100 for each list. */
const postingsMax = 4_000_000;
const listsMax = 400_000;

/** Takes the terms that many entries have all together, whose lists are then looked for once. */
export class SharedTerms implements TermSink {
  readonly keys: string[] = [];
  readonly grams: (readonly [KeyFamily, number])[] = [];

  term(key: string): void {
    this.keys.push(key);
  }

  gram(family: KeyFamily, gram: number): void {
    this.grams.push([family, gram]);
  }
}

/** Puts `id` on a list of ascending ids; false where it is on it. */
function push(ids: number[], id: number): boolean {
  if (ids[ids.length - 1] === id) return false;
  ids.push(id);
  return true;
}

class GatheredLists<K> {
  readonly lists = new Map<K, number[]>();

  /** The list of this key, created if there is none. */
  of(key: K): number[] {
    let ids = this.lists.get(key);
    if (ids === undefined) this.lists.set(key, (ids = []));
    return ids;
  }
}

/** The lists of one family of grams. Every value has a few dozen of them: a list is found by counting, not by hashing. */
class GramLists {
  readonly grams: number[] = [];
  readonly lists: number[][] = [];
  /** By gram: where its list is, counted from 1; 0: nowhere. */
  readonly #places = new Uint32Array(packedGramsCount);

  of(gram: number): number[] {
    const place = this.#places[gram]!;
    if (place > 0) return this.lists[place - 1]!;
    const ids: number[] = [];
    this.grams.push(gram);
    this.#places[gram] = this.lists.push(ids);
    return ids;
  }
}

export class GatheredPostings {
  readonly spelled = new GatheredLists<string>();
  readonly children = new GatheredLists<number>();
  readonly grams = new Map<KeyFamily, GramLists>();
  readonly #shared = new Map<SharedTerms, readonly number[][]>();
  #postings = 0;

  add(key: string, id: number): void {
    if (push(this.spelled.of(key), id)) this.#postings++;
  }

  addChild(parentId: number, id: number): void {
    if (push(this.children.of(parentId), id)) this.#postings++;
  }

  addGram(family: KeyFamily, gram: number, id: number): void {
    if (push(this.#gramsOf(family).of(gram), id)) this.#postings++;
  }

  /** Has anything been added under these? */
  knows(terms: SharedTerms): boolean {
    return this.#shared.has(terms);
  }

  addShared(terms: SharedTerms, id: number): void {
    const lists = this.#shared.get(terms) ?? this.#findLists(terms);
    for (let index = 0; index < lists.length; index++) if (push(lists[index]!, id)) this.#postings++;
  }

  #findLists(terms: SharedTerms): readonly number[][] {
    const lists = [
      ...terms.keys.map((key) => this.spelled.of(key)),
      ...terms.grams.map(([family, gram]) => this.#gramsOf(family).of(gram)),
    ];
    this.#shared.set(terms, lists);
    return lists;
  }

  #gramsOf(family: KeyFamily): GramLists {
    let lists = this.grams.get(family);
    if (!lists) this.grams.set(family, (lists = new GramLists()));
    return lists;
  }

  /** True: they should be written before many more are added. */
  get areMany(): boolean {
    if (this.#postings >= postingsMax) return true;
    let lists = this.spelled.lists.size + this.children.lists.size;
    for (const gathered of this.grams.values()) lists += gathered.lists.length;
    return lists >= listsMax;
  }
}
