/**
 * Makes guessing passwords slow: failed log-ins are counted by name and by address, and the next one waits before its
 * password is looked at. The wait stays short, so that nobody can lock somebody else out.
 *
 * Attempts that are under way count as failures until they turn out otherwise, or many at once would all be free. A
 * wrong password that is sent again counts once.
 */
import { createHmac, randomBytes } from 'node:crypto';
import { loginLimits, type DelayPolicy } from './limits.js';

export interface LoginAttempt {
  /** How long to wait before the password is looked at. */
  readonly delayMs: number;
  /** To be called once: how it ended; undefined where that was not found out. */
  end(outcome: 'right' | 'wrong' | undefined): void;
}

export class LoginThrottle {
  readonly #names: FailureCounts;
  readonly #addresses: FailureCounts;
  readonly #key = randomBytes(32);

  /** `now`: a monotonic clock in milliseconds. */
  constructor(now: () => number = () => performance.now()) {
    this.#names = new FailureCounts(loginLimits.perName, now);
    this.#addresses = new FailureCounts(loginLimits.perAddress, now);
  }

  /**
   * @param name one text for all spellings of it
   * @param address undefined for one that is not counted
   */
  begin(name: string, address: string | undefined, password: string): LoginAttempt {
    const digest = createHmac('sha256', this.#key).update(`${name}\0${password}`).digest('base64url');
    const counted = [[this.#names, name] as const, ...(address === undefined ? [] : ([[this.#addresses, address]] as const))];
    const delayMs = Math.max(...counted.map(([counts, key]) => counts.delayMs(key)));
    for (const [counts, key] of counted) counts.begin(key);
    return {
      delayMs,
      end: (outcome) => {
        for (const [counts, key] of counted) counts.end(key);
        if (outcome === 'wrong' && !this.#names.isLast(name, digest)) {
          for (const [counts, key] of counted) counts.add(key, digest);
        }
        // The address stays: whoever has one account could else guess at others for ever.
        if (outcome === 'right') this.#names.forget(name);
      },
    };
  }
}

interface Failures {
  readonly count: number;
  readonly lastMs: number;
  /** Of the password that failed last. */
  readonly digest: string;
}

class FailureCounts {
  readonly #policy: DelayPolicy;
  readonly #now: () => number;
  /** In the order of last failures. */
  readonly #failures = new Map<string, Failures>();
  readonly #underWay = new Map<string, number>();

  constructor(policy: DelayPolicy, now: () => number) {
    this.#policy = policy;
    this.#now = now;
  }

  delayMs(key: string): number {
    const { freeFailures, firstDelayMs, delayMsMax } = this.#policy;
    const beyond = Math.floor(this.#count(key)) + (this.#underWay.get(key) ?? 0) - freeFailures;
    return beyond < 0 ? 0 : Math.min(delayMsMax, firstDelayMs * 2 ** beyond);
  }

  begin(key: string): void {
    this.#underWay.set(key, (this.#underWay.get(key) ?? 0) + 1);
  }

  end(key: string): void {
    const left = (this.#underWay.get(key) ?? 1) - 1;
    if (left === 0) this.#underWay.delete(key);
    else this.#underWay.set(key, left);
  }

  isLast(key: string, digest: string): boolean {
    return this.#failures.get(key)?.digest === digest;
  }

  add(key: string, digest: string): void {
    const count = this.#count(key) + 1;
    this.forget(key);
    this.#failures.set(key, { count, lastMs: this.#now(), digest });
    const oldest = this.#failures.keys().next().value;
    if (this.#failures.size > loginLimits.remembered && oldest !== undefined) this.forget(oldest);
  }

  forget(key: string): void {
    this.#failures.delete(key);
  }

  #count(key: string): number {
    const failures = this.#failures.get(key);
    if (failures === undefined) return 0;
    const ageMs = this.#now() - failures.lastMs;
    return ageMs >= loginLimits.forgottenMs ? 0 : failures.count / 2 ** Math.floor(ageMs / loginLimits.halfLifeMs);
  }
}
