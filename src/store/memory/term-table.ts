/**
 * Which entry has a name, or the only one that has an indexed value: a table from 32 bits of a key's hash to an id, complete
 * for all keys of its kinds that are in the database. A key costs some 12 bytes, and one that is not there is known to be absent
 * without asking the database.
 *
 * A hash stands for one id only while exactly one key has it, and nothing was written to that key's list since it was taken in.
 * Whatever else happens to a hash (a second key, a second id, a write) makes it `ask`: the database is asked. So the table
 * may be slow to answer, and never wrong.
 */
import { randomBytes } from 'node:crypto';

/** What the table says of a hash: no key has it, or the database must be asked; anything else is an id. */
export const absent = 0;
export const ask = 0xffff_ffff;

const segments = 256;
const segmentSlotsLeast = 16;
/** Slots that are taken, at most: three quarters. */
const loadMax = 0.75;

class Segment {
  hashes = new Uint32Array(segmentSlotsLeast);
  /** By slot; `absent`: free. */
  ids = new Uint32Array(segmentSlotsLeast);
  count = 0;

  slotOf(hash: number): number {
    const { hashes, ids } = this;
    const mask = ids.length - 1;
    let slot = hash & mask;
    while (ids[slot] !== absent && hashes[slot] !== hash) slot = (slot + 1) & mask;
    return slot;
  }

  /** True where the segment had to grow. */
  put(slot: number, hash: number, id: number): boolean {
    this.hashes[slot] = hash;
    this.ids[slot] = id;
    this.count++;
    if (this.count <= this.ids.length * loadMax) return false;
    const { hashes, ids } = this;
    this.hashes = new Uint32Array(ids.length * 2);
    this.ids = new Uint32Array(ids.length * 2);
    for (let old = 0; old < ids.length; old++) {
      if (ids[old] === absent) continue;
      const moved = this.slotOf(hashes[old]!);
      this.hashes[moved] = hashes[old]!;
      this.ids[moved] = ids[old]!;
    }
    return true;
  }
}

/** A table as it can be kept outside memory. */
export interface TermTableImage {
  readonly seed: number;
  readonly count: number;
  readonly asks: number;
  /** Each with as many hashes as ids. */
  readonly segments: readonly { readonly hashes: Uint32Array; readonly ids: Uint32Array }[];
}

export class TermTable {
  readonly #segments = Array.from({ length: segments }, () => new Segment());
  /** Nobody outside can make up keys that share a hash. */
  #seed = randomBytes(4).readInt32LE(0);
  #bytes = segments * segmentSlotsLeast * 8;
  #asks = 0;
  #count = 0;

  /** Undefined if it cannot be a table's. */
  static of(image: TermTableImage): TermTable | undefined {
    if (image.segments.length !== segments) return undefined;
    const table = new TermTable();
    table.#seed = image.seed;
    table.#count = image.count;
    table.#asks = image.asks;
    table.#bytes = 0;
    for (const [number, { hashes, ids }] of image.segments.entries()) {
      const slots = ids.length;
      // A full segment would be searched for ever.
      const count = ids.reduce((taken, id) => (id === absent ? taken : taken + 1), 0);
      const isPowerOfTwo = (slots & (slots - 1)) === 0;
      if (!isPowerOfTwo || slots < segmentSlotsLeast || hashes.length !== slots || count > slots * loadMax) return undefined;
      Object.assign(table.#segments[number]!, { hashes, ids, count });
      table.#bytes += slots * 8;
    }
    return table;
  }

  /** Shares the table's memory. */
  get image(): TermTableImage {
    return { seed: this.#seed, count: this.#count, asks: this.#asks, segments: this.#segments };
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Hashes that the table knows. */
  get count(): number {
    return this.#count;
  }

  /** Hashes for which the database is asked. */
  get asks(): number {
    return this.#asks;
  }

  /** An id, `absent` or `ask`. */
  find(key: string): number {
    const hash = this.#hash(key);
    const segment = this.#segments[hash >>> 24]!;
    return segment.ids[segment.slotOf(hash)]!;
  }

  /**
   * Takes in a key of the database, with the id that it stands for or `ask` for several; or one that was written to, with
   * what it stands for now if it is new, `absent` where it is gone.
   */
  note(key: string, id: number): void {
    const hash = this.#hash(key);
    const segment = this.#segments[hash >>> 24]!;
    const slot = segment.slotOf(hash);
    const known = segment.ids[slot]!;
    if (known === ask) return;
    if (known !== absent) {
      segment.ids[slot] = ask;
      this.#asks++;
    } else if (id !== absent) {
      if (id === ask) this.#asks++;
      this.#count++;
      if (segment.put(slot, hash, id)) this.#bytes += segment.ids.length * 4;
    }
  }

  /** FNV-1a and MurmurHash3's last steps, from a secret start. */
  #hash(key: string): number {
    let hash = this.#seed;
    for (let index = 0; index < key.length; index++) hash = Math.imul(hash ^ key.charCodeAt(index), 0x01000193);
    hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
    hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
    return (hash ^ (hash >>> 16)) >>> 0;
  }
}
