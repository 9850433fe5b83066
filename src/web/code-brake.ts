/**
 * Makes guessing codes of a second factor hopeless. Only who knows the password gets as far as a code, so this may lock out: after
 * some wrong codes none is looked at for a while, and that while doubles.
 */
import { codeLimits } from './limits.js';

interface Failures {
  readonly count: number;
  readonly lastMs: number;
}

export class CodeBrake {
  /** In the order of last failures. */
  readonly #failures = new Map<string, Failures>();
  readonly #now: () => number;

  /** `now`: a monotonic clock in milliseconds. */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /** Milliseconds until a code of this person is looked at; counts an attempt as wrong until `passed` is called. */
  begin(who: string): number {
    const { freeFailures, firstWaitMs, waitMsMax, forgottenMs, remembered } = codeLimits;
    const known = this.#failures.get(who);
    const before = known && this.#now() - known.lastMs < forgottenMs ? known : undefined;
    const count = before?.count ?? 0;
    if (before && count >= freeFailures) {
      const waitMs = before.lastMs + Math.min(waitMsMax, firstWaitMs * 2 ** (count - freeFailures)) - this.#now();
      if (waitMs > 0) return waitMs;
    }
    this.#failures.delete(who);
    this.#failures.set(who, { count: count + 1, lastMs: this.#now() });
    const oldest = this.#failures.keys().next().value;
    if (this.#failures.size > remembered && oldest !== undefined) this.#failures.delete(oldest);
    return 0;
  }

  passed(who: string): void {
    this.#failures.delete(who);
  }
}
