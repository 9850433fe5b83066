/**
 * The most recently loaded names and their ids: a ring of fixed size, looked up by hash. Most names of a load are never
 * asked for again; remembering one costs only three numbers.
 */
export class RecentNames {
  readonly #capacity: number;
  readonly #names: string[];
  readonly #ids: Uint32Array;
  /** By hash: which name came last, counted from 1; 0: none. */
  readonly #last: Uint32Array;
  /** By place in the ring: which name with such a hash came before. */
  readonly #before: Uint32Array;
  #count = 0;

  /** `capacity`: a power of two. */
  constructor(capacity: number) {
    this.#capacity = capacity;
    this.#names = new Array<string>(capacity).fill('');
    this.#ids = new Uint32Array(capacity);
    this.#last = new Uint32Array(capacity * 2);
    this.#before = new Uint32Array(capacity);
  }

  /** `hash`: of the name, by `hashText`. */
  add(name: string, hash: number, id: number): void {
    const place = this.#count & (this.#capacity - 1);
    const bucket = hash & (this.#last.length - 1);
    this.#names[place] = name;
    this.#ids[place] = id;
    this.#before[place] = this.#last[bucket]!;
    this.#last[bucket] = ++this.#count;
  }

  /** Undefined if it is not among the last `capacity` names. */
  idOf(name: string, hash: number): number | undefined {
    const oldest = this.#count - this.#capacity;
    for (let at = this.#last[hash & (this.#last.length - 1)]!; at > oldest && at > 0;) {
      const place = (at - 1) & (this.#capacity - 1);
      if (this.#names[place] === name) return this.#ids[place];
      at = this.#before[place]!;
    }
    return undefined;
  }
}
