/**
 * A cache bounded by bytes in two generations: what is used moves to the young one; when that is half the bound, the
 * old one is forgotten and the young one grows old. A hit in the young generation is one Map lookup.
 */
export class GenerationCache<K, V extends NonNullable<unknown>> {
  #young = new Map<K, V>();
  #old = new Map<K, V>();
  #youngBytes = 0;
  #oldBytes = 0;
  readonly #generationBytesMax: number;
  readonly #sizeOf: (value: V, key: K) => number;
  hits = 0;
  misses = 0;

  /** `sizeOf`: bytes a value takes with its key and all overhead; must not change while it is cached. */
  constructor(bytesMax: number, sizeOf: (value: V, key: K) => number) {
    this.#generationBytesMax = bytesMax / 2;
    this.#sizeOf = sizeOf;
  }

  get bytes(): number {
    return this.#youngBytes + this.#oldBytes;
  }

  get size(): number {
    return this.#young.size + this.#old.size;
  }

  get(key: K): V | undefined {
    const young = this.#young.get(key);
    if (young !== undefined) {
      this.hits++;
      return young;
    }
    const old = this.#old.get(key);
    if (old === undefined) {
      this.misses++;
      return undefined;
    }
    this.hits++;
    this.set(key, old);
    return old;
  }

  has(key: K): boolean {
    return this.#young.has(key) || this.#old.has(key);
  }

  set(key: K, value: V): void {
    this.delete(key);
    const size = this.#sizeOf(value, key);
    if (size > this.#generationBytesMax) return;
    this.#young.set(key, value);
    this.#youngBytes += size;
    if (this.#youngBytes > this.#generationBytesMax) this.#age();
  }

  delete(key: K): void {
    const young = this.#young.get(key);
    if (young !== undefined) {
      this.#young.delete(key);
      this.#youngBytes -= this.#sizeOf(young, key);
      return;
    }
    const old = this.#old.get(key);
    if (old === undefined) return;
    this.#old.delete(key);
    this.#oldBytes -= this.#sizeOf(old, key);
  }

  clear(): void {
    this.#young = new Map();
    this.#old = new Map();
    this.#youngBytes = 0;
    this.#oldBytes = 0;
  }

  #age(): void {
    this.#old = this.#young;
    this.#oldBytes = this.#youngBytes;
    this.#young = new Map();
    this.#youngBytes = 0;
  }
}
