/** Output buffers that wait for the next answers: an idle connection holds none, a busy one allocates none. */

const bufferBytes = 16 * 1_024;
const pooledMax = 256;

export class BufferPool {
  readonly #free: Buffer[] = [];

  /** A buffer of at least `bytesMin` bytes with anything in it. */
  take(bytesMin: number): Buffer {
    if (bytesMin <= bufferBytes) return this.#free.pop() ?? Buffer.allocUnsafeSlow(bufferBytes);
    return Buffer.allocUnsafeSlow(2 ** Math.ceil(Math.log2(bytesMin)));
  }

  /** Takes back a buffer that nobody refers to any more. One of another size is left to the garbage collector. */
  give(buffer: Buffer): void {
    if (buffer.length === bufferBytes && this.#free.length < pooledMax) this.#free.push(buffer);
  }
}
