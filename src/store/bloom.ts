/** Remembers strings in a fixed number of bits: may take a new one for known, never a known one for new. */
export class BloomFilter {
  readonly #bits: Uint32Array;
  readonly #mask: number;

  /** `bits`: a power of two, at least 32. */
  constructor(bits: number) {
    this.#bits = new Uint32Array(bits >>> 5);
    this.#mask = bits - 1;
  }

  /** Adds the string. True where it may have been there before. */
  add(text: string): boolean {
    return this.#probe(text, true);
  }

  /** False: it was never added. */
  mayHave(text: string): boolean {
    return this.#probe(text, false);
  }

  #probe(text: string, add: boolean): boolean {
    let first = 0x811c9dc5;
    let second = 0x9747b28c;
    for (let index = 0; index < text.length; index++) {
      const char = text.charCodeAt(index);
      first = Math.imul(first ^ char, 0x01000193);
      second = Math.imul(second + char, 0x5bd1e995) ^ (second >>> 15);
    }
    let known = true;
    for (let probe = 0; probe < 4; probe++) {
      const bit = (first + Math.imul(probe, second)) & this.#mask;
      const word = bit >>> 5;
      const flag = 1 << (bit & 31);
      if ((this.#bits[word]! & flag) !== 0) continue;
      known = false;
      if (add) this.#bits[word]! |= flag;
    }
    return known;
  }
}
