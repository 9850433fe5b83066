/**
 * Cuts long work on the one thread into slices, so that others get their turn: however many long searches there are,
 * one slice is done in each turn of the event loop. While nobody else has anything to do slices are long, for turns
 * cost time; while others work they are short: with all that comes along with a slice, the long searches together take
 * about half of the time.
 */

import { sliceLimits } from '../limits.js';

const { longestMilliseconds, shortestMilliseconds, share, idleTurnMilliseconds } = sliceLimits;
const { stepsBetweenLooks, shortMilliseconds, termsBetweenLooks } = sliceLimits;

/** What all slices share: whose turn is next, and how long a slice may be. */
const waiting: (() => void)[] = [];
let sliceMilliseconds: number = longestMilliseconds;
let sliceEnded = 0;

function wait(resolve: () => void): void {
  sliceEnded = performance.now();
  if (waiting.push(resolve) === 1) setImmediate(beginSlice);
}

function beginSlice(): void {
  const othersTook = performance.now() - sliceEnded;
  sliceMilliseconds =
    othersTook < idleTurnMilliseconds
      ? Math.min(sliceMilliseconds * 2, longestMilliseconds)
      : Math.max(Math.min(othersTook * share, longestMilliseconds), shortestMilliseconds);
  const resolve = waiting.shift()!;
  // Who goes on now may end without waiting again.
  if (waiting.length > 0) setImmediate(beginSlice);
  resolve();
}

/** The slices of one piece of long work. */
export class Slice {
  #started = performance.now();
  #steps = 0;
  readonly #stepsBetweenLooks: number;

  /** `termsPerStep`: assertions that one step goes through. */
  constructor(termsPerStep = 1) {
    this.#stepsBetweenLooks = Math.max(1, Math.min(stepsBetweenLooks, Math.floor(termsBetweenLooks / termsPerStep)));
  }

  /** To be asked after each step of the work. True: `next` before the next step. */
  isOver(): boolean {
    const isLook = ++this.#steps % this.#stepsBetweenLooks === 0 || sliceMilliseconds < shortMilliseconds;
    return isLook && performance.now() - this.#started > sliceMilliseconds;
  }

  /** Resolves when the next slice may begin. */
  async next(): Promise<void> {
    await new Promise<void>(wait);
    this.#started = performance.now();
  }
}
