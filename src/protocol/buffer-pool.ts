/** Output buffers that wait for the next answers: an idle connection holds none, a busy one allocates none. */

/** Bytes of the buffers that are kept, and how many of them: some for lookups, a few for answers of many entries. */
const sizes = [
  { bytes: 16 * 1_024, keptMax: 256 },
  { bytes: 64 * 1_024, keptMax: 16 },
] as const;

export class BufferPool {
  readonly #free: readonly Buffer[][] = sizes.map(() => []);

  /** A buffer of at least `bytesMin` bytes with anything in it. */
  take(bytesMin: number): Buffer {
    for (let index = 0; index < sizes.length; index++) {
      const { bytes } = sizes[index]!;
      if (bytesMin <= bytes) return this.#free[index]!.pop() ?? Buffer.allocUnsafeSlow(bytes);
    }
    return Buffer.allocUnsafeSlow(2 ** Math.ceil(Math.log2(bytesMin)));
  }

  /** Takes back a buffer that nobody refers to any more. One of another size is left to the garbage collector. */
  give(buffer: Buffer): void {
    for (let index = 0; index < sizes.length; index++) {
      const { bytes, keptMax } = sizes[index]!;
      const free = this.#free[index]!;
      if (buffer.length === bytes && free.length < keptMax) free.push(buffer);
    }
  }
}
