/**
 * Finds what was made of the same bytes before. Bytes are let in when they come for the second time while nothing else took
 * their place: addresses from all over a directory, which would only push out what comes with every request, hardly ever do.
 */

interface Kept<Made> {
  readonly bytes: Buffer;
  readonly made: Made;
}

export class BytesMemory<Made> {
  readonly #kept: (Kept<Made> | undefined)[];
  /**
   * Two for each slot: the hash of what is kept, then that of what was not kept last. Most of what is looked for is not
   * there; that shows here, without going to the bytes that are, each step of which waits for memory.
   */
  readonly #hashes: Int32Array;
  readonly #mask: number;
  readonly #bytesMax: number;
  #hash = 0;

  /** `slots`: a power of two. `bytesMax`: longer ones are not worth keeping. */
  constructor(slots: number, bytesMax: number) {
    this.#kept = new Array<Kept<Made> | undefined>(slots).fill(undefined);
    this.#hashes = new Int32Array(slots * 2);
    this.#mask = slots - 1;
    this.#bytesMax = bytesMax;
  }

  /** What is kept for `buffer[start, end)`. */
  find(buffer: Buffer, start: number, end: number): Made | undefined {
    if (end - start > this.#bytesMax) return undefined;
    const hash = (this.#hash = hashOf(buffer, start, end));
    const slot = slotOf(hash) & this.#mask;
    if (this.#hashes[slot * 2] !== hash) return undefined;
    const kept = this.#kept[slot];
    return kept && isSame(kept.bytes, buffer, start, end) ? kept.made : undefined;
  }

  /** Takes what `find` has just not found. `make` makes of a copy, which may be kept, what is made of the bytes. */
  note(buffer: Buffer, start: number, end: number, make: (bytes: Buffer) => Made): void {
    if (end - start > this.#bytesMax) return;
    const hash = this.#hash;
    const slot = slotOf(hash) & this.#mask;
    if (this.#hashes[slot * 2 + 1] !== hash) {
      this.#hashes[slot * 2 + 1] = hash;
      return;
    }
    const bytes = Buffer.allocUnsafeSlow(end - start);
    buffer.copy(bytes, 0, start, end);
    this.#kept[slot] = { bytes, made: make(bytes) };
    this.#hashes[slot * 2] = hash;
  }
}

function hashOf(buffer: Buffer, start: number, end: number): number {
  let hash = end - start;
  for (let index = start; index < end; index++) hash = (Math.imul(hash, 31) + buffer[index]!) | 0;
  return hash;
}

function slotOf(hash: number): number {
  return hash ^ (hash >>> 10) ^ (hash >>> 20);
}

function isSame(bytes: Buffer, buffer: Buffer, start: number, end: number): boolean {
  if (bytes.length !== end - start) return false;
  for (let index = 0; index < bytes.length; index++) if (bytes[index] !== buffer[start + index]) return false;
  return true;
}
