/** How many requests somebody may send: a bucket for each, filled steadily. */
import { apiLimits } from '../limits.js';

interface Bucket {
  readonly left: number;
  readonly atMs: number;
}

export class RateLimit {
  /** In the order of use. */
  readonly #buckets = new Map<string, Bucket>();
  readonly #now: () => number;
  readonly #limits: { readonly burst: number; readonly perSecond: number };

  /** `now`: a monotonic clock in milliseconds. */
  constructor(
    limits: { readonly burst: number; readonly perSecond: number } = apiLimits.perCaller,
    now: () => number = () => performance.now(),
  ) {
    this.#limits = limits;
    this.#now = now;
  }

  /** 0 where the request may go on, else the seconds after which to come again. */
  take(who: string): number {
    const { burst, perSecond } = this.#limits;
    const before = this.#buckets.get(who) ?? { left: burst, atMs: this.#now() };
    const filled = Math.min(burst, before.left + ((this.#now() - before.atMs) / 1_000) * perSecond);
    const left = filled >= 1 ? filled - 1 : filled;
    this.#buckets.delete(who);
    this.#buckets.set(who, { left, atMs: this.#now() });
    const oldest = this.#buckets.keys().next().value;
    if (this.#buckets.size > apiLimits.remembered && oldest !== undefined) this.#buckets.delete(oldest);
    return filled >= 1 ? 0 : Math.max(1, Math.ceil((1 - filled) / perSecond));
  }
}
