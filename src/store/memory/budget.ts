/** The bytes that the databases of a process may keep in memory, all together. */
import { constrainedMemory, totalMemory } from './machine.js';

const defaultShare = 1 / 8;
const defaultLeast = 64 << 20;
const defaultMost = 512 << 20;

/** An eighth of the memory that the process may have; at least 64 MiB, at most 512 MiB. */
export function defaultMemoryBytes(): number {
  const available = Math.min(totalMemory(), constrainedMemory());
  return Math.min(defaultMost, Math.max(defaultLeast, Math.floor(available * defaultShare)));
}

export class MemoryBudget {
  #used = 0;

  constructor(readonly bytesMax: number) {}

  get used(): number {
    return this.#used;
  }

  get isExceeded(): boolean {
    return this.#used > this.bytesMax;
  }

  /** Would so many bytes more still fit? */
  hasRoomFor(bytes: number): boolean {
    return this.#used + bytes <= this.bytesMax;
  }

  take(bytes: number): void {
    this.#used += bytes;
  }

  giveBack(bytes: number): void {
    this.#used -= bytes;
  }
}
