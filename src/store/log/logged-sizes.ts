/**
 * The sizes of changes that were logged since the start, so that taking them off the log again needs no read of each:
 * some bytes for a change, of which the log holds a few hundred thousand at most.
 */

/** Sizes given up that are kept until it is worth moving the others. */
const givenUpMax = 4_096;

export class LoggedSizes {
  #sizes: number[] = [];
  /** The position of the first of `#sizes`. */
  #from = 0;

  /** Of changes at `position` and after. What was known before counts only if these follow it. */
  add(position: number, sizes: readonly number[]): void {
    if (position !== this.#from + this.#sizes.length) {
      this.#sizes = [];
      this.#from = position;
    }
    for (const size of sizes) this.#sizes.push(size);
  }

  at(position: number): number | undefined {
    return this.#sizes[position - this.#from];
  }

  /** What is before `position` is not asked for again. */
  giveUp(position: number): void {
    const givenUp = Math.min(position - this.#from, this.#sizes.length);
    if (givenUp <= givenUpMax) return;
    this.#sizes.splice(0, givenUp);
    this.#from += givenUp;
  }
}
