/** Makes guessing passwords slow: after some failures, the next attempt has to wait until the window is over. */
import { webLimits } from './options.js';

interface Failures {
  count: number;
  readonly since: number;
}

export class LoginThrottle {
  readonly #failures = new Map<string, Failures>();

  /** Seconds to wait before another attempt; 0 for none. */
  waitSeconds(name: string, peer: string): number {
    const pair = this.#waitMs(this.#pairKey(name, peer), webLimits.failedLogins);
    const all = this.#waitMs(this.#nameKey(name), webLimits.failedLoginsPerName);
    return Math.ceil(Math.max(pair, all) / 1000);
  }

  failed(name: string, peer: string): void {
    this.#count(this.#pairKey(name, peer));
    this.#count(this.#nameKey(name));
  }

  succeeded(name: string, peer: string): void {
    this.#failures.delete(this.#pairKey(name, peer));
  }

  #pairKey(name: string, peer: string): string {
    return `${name.trim().toLowerCase()}\n${peer}`;
  }

  #nameKey(name: string): string {
    return name.trim().toLowerCase();
  }

  #waitMs(key: string, allowed: number): number {
    const failures = this.#current(key);
    return failures && failures.count >= allowed ? failures.since + webLimits.failedLoginWindowMs - Date.now() : 0;
  }

  #current(key: string): Failures | undefined {
    const failures = this.#failures.get(key);
    if (failures && Date.now() - failures.since < webLimits.failedLoginWindowMs) return failures;
    this.#failures.delete(key);
    return undefined;
  }

  #count(key: string): void {
    const failures = this.#current(key);
    if (failures) failures.count += 1;
    else {
      const oldest = this.#failures.keys().next().value;
      if (this.#failures.size >= webLimits.failedLoginKeys && oldest !== undefined) this.#failures.delete(oldest);
      this.#failures.set(key, { count: 1, since: Date.now() });
    }
  }
}
