/** Remembers strings in a fixed number of bits: it may mistake a new one for known, but never a known one for new. */

/** All bits of one string lie this close together, so that looking at them is one access to memory. */
const blockWords = 16;
const probes = 4;

/** 32 bits of a string, all of which depend on all of it: FNV-1a, and MurmurHash3's last steps. */
export function hashText(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}

export class BloomFilter {
  readonly #words: Uint32Array;
  readonly #blockMask: number;

  /** `bits`: a power of two, at least 512. */
  constructor(bits: number) {
    this.#words = new Uint32Array(bits >>> 5);
    this.#blockMask = this.#words.length / blockWords - 1;
  }

  /** Adds the string with this `hashText`. True where it may have been there before. */
  add(hash: number): boolean {
    return this.#probe(hash, true);
  }

  /** False: it was never added. */
  mayHave(hash: number): boolean {
    return this.#probe(hash, false);
  }

  #probe(hash: number, add: boolean): boolean {
    const block = (hash & this.#blockMask) * blockWords;
    let bits = hash;
    let known = true;
    for (let probe = 0; probe < probes; probe++) {
      // The nine high bits of a product, which depend on all bits of the hash.
      bits = Math.imul(bits, 0x9e3779b1) + 0x7f4a7c15;
      const word = block + (bits >>> 28);
      const flag = 1 << ((bits >>> 23) & 31);
      if ((this.#words[word]! & flag) !== 0) continue;
      known = false;
      if (add) this.#words[word]! |= flag;
    }
    return known;
  }
}
