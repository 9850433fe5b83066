/** Remembers strings in a fixed number of bits: may take a new one for known, never a known one for new. */

/** All bits of one string lie this close together, so that looking at them is one access to memory. */
const blockWords = 16;
const bitsOfBlockMask = blockWords * 32 - 1;

export class BloomFilter {
  readonly #words: Uint32Array;
  readonly #blockMask: number;

  /** `bits`: a power of two, at least 512. */
  constructor(bits: number) {
    this.#words = new Uint32Array(bits >>> 5);
    this.#blockMask = this.#words.length / blockWords - 1;
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
    const block = (first & this.#blockMask) * blockWords;
    let known = true;
    for (let probe = 0; probe < 4; probe++) {
      second = Math.imul(second, 0x9e3779b1) + first;
      const bit = (second >>> 20) & bitsOfBlockMask;
      const word = block + (bit >>> 5);
      const flag = 1 << (bit & 31);
      if ((this.#words[word]! & flag) !== 0) continue;
      known = false;
      if (add) this.#words[word]! |= flag;
    }
    return known;
  }
}
