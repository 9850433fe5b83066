/** Which entries a refresh has spoken of: one bit for each id. */
const bitsPerByte = 8;

export class SeenEntries {
  #bits = Buffer.alloc(1_024);

  add(id: number): void {
    const at = Math.floor(id / bitsPerByte);
    if (at >= this.#bits.length) {
      const larger = Buffer.alloc(Math.max(at + 1, this.#bits.length * 2));
      this.#bits.copy(larger);
      this.#bits = larger;
    }
    this.#bits[at]! |= 1 << (id % bitsPerByte);
  }

  has(id: number): boolean {
    const byte = this.#bits[Math.floor(id / bitsPerByte)];
    return byte !== undefined && (byte & (1 << (id % bitsPerByte))) !== 0;
  }
}
