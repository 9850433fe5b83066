/** When a provider is tried again, by `retry`: each step so many times, the last perhaps for ever. */
import type { RetryStep } from '../config/syncrepl-settings.js';

export class Retries {
  readonly #steps: readonly RetryStep[];
  #step = 0;
  #times = 0;

  constructor(steps: readonly RetryStep[]) {
    this.#steps = steps;
  }

  /** Seconds until the next attempt; undefined: there is none. */
  next(): number | undefined {
    const step = this.#steps[this.#step];
    if (!step) return undefined;
    if (this.#times++ < step.times) return step.seconds;
    this.#step++;
    this.#times = 0;
    return this.next();
  }

  /** It has worked. */
  reset(): void {
    this.#step = 0;
    this.#times = 0;
  }
}
