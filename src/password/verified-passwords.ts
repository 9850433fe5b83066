/**
 * Remembers for a short while which passwords were right, so that programs that log in the same user again and again
 * (IMAP clients, webmail) pay for bcrypt once. It covers only slow hashes and only right passwords.
 *
 * It stores a MAC of the stored value and the offered password, under a key of this process: neither can be recovered
 * from it, and a hit means that exactly this password was right for exactly the value stored now.
 */
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { isSlow, verify, type HashOrigin } from './password.js';
import { SlowForms } from './slow-forms.js';

export interface VerifiedPasswordsOptions {
  /** Entries remembered at most; the longest known go first. */
  readonly entriesMax?: number;
  /** How long a right password is remembered. */
  readonly lifetimeMilliseconds?: number;
  /** Milliseconds on a clock that never goes back. */
  readonly now?: () => number;
}

interface Verified {
  readonly mac: Buffer;
  readonly until: number;
}

/** An entry may have several passwords (one a device, say); more than these are verified anew each time. */
const passwordsPerEntryMax = 4;

export class VerifiedPasswords {
  /** Of the slow hashes that were verified. */
  readonly forms = new SlowForms();
  readonly #key = randomBytes(32);
  readonly #byNdn = new Map<string, Verified[]>();
  readonly #entriesMax: number;
  readonly #lifetime: number;
  readonly #now: () => number;
  #hits = 0;
  #misses = 0;

  constructor(options: VerifiedPasswordsOptions = {}) {
    this.#entriesMax = options.entriesMax ?? 10_000;
    this.#lifetime = options.lifetimeMilliseconds ?? 60_000;
    this.#now = options.now ?? (() => performance.now());
  }

  get size(): number {
    return this.#byNdn.size;
  }

  get hits(): number {
    return this.#hits;
  }

  get misses(): number {
    return this.#misses;
  }

  /**
   * As `verify`, for the entry named `ndn` (`DN.normalized`), asked from `address` where that is one client's. Answers at
   * once where the password is remembered.
   */
  verify(ndn: string, stored: Buffer, offered: Buffer, address?: string): boolean | Promise<boolean> {
    const origin: HashOrigin = { address, target: ndn };
    if (!isSlow(stored)) return verify(stored, offered, origin);
    const mac = this.#mac(stored, offered);
    if (this.#isRemembered(ndn, mac)) {
      this.#hits++;
      return true;
    }
    this.#misses++;
    this.forms.note(ndn, stored);
    const result = verify(stored, offered, origin);
    if (typeof result === 'boolean') return result;
    return result.then((right) => {
      if (right) this.#remember(ndn, mac);
      return right;
    });
  }

  /** To be called when the entry's passwords change, or it is renamed or deleted. */
  forget(ndn: string): void {
    this.#byNdn.delete(ndn);
  }

  clear(): void {
    this.#byNdn.clear();
  }

  #mac(stored: Buffer, offered: Buffer): Buffer {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(stored.length);
    return createHmac('sha256', this.#key).update(length).update(stored).update(offered).digest();
  }

  #isRemembered(ndn: string, mac: Buffer): boolean {
    const now = this.#now();
    return this.#byNdn.get(ndn)?.some((verified) => timingSafeEqual(verified.mac, mac) && verified.until > now) ?? false;
  }

  #remember(ndn: string, mac: Buffer): void {
    const now = this.#now();
    const others = (this.#byNdn.get(ndn) ?? []).filter((verified) => verified.until > now && !timingSafeEqual(verified.mac, mac));
    this.#byNdn.delete(ndn);
    this.#byNdn.set(ndn, [...others.slice(1 - passwordsPerEntryMax), { mac, until: now + this.#lifetime }]);
    if (this.#byNdn.size > this.#entriesMax) {
      for (const oldest of this.#byNdn.keys()) {
        this.#byNdn.delete(oldest);
        break;
      }
    }
  }
}
