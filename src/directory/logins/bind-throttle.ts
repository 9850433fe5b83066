/**
 * Slows down password guessing. Failed binds are counted per entry and per address, and delay the check of the next
 * password. The delay grows but stays short, so that nobody can lock out anyone else.
 *
 * Local addresses are not counted by address, because mail services there log in on behalf of everyone. A wrong password
 * that is repeated counts once: Courier sends each one again on a new connection, and phones keep sending an old one.
 */
import { createHash, createHmac, randomBytes } from 'node:crypto';

export interface ThrottlePolicy {
  /** Failures without consequence. */
  readonly freeFailures: number;
  /** Milliseconds for the first failure beyond; doubled for each further one. */
  readonly firstDelayMs: number;
  readonly delayMsMax: number;
}

export const entryPolicy: ThrottlePolicy = { freeFailures: 5, firstDelayMs: 50, delayMsMax: 2_000 };
export const addressPolicy: ThrottlePolicy = { freeFailures: 20, firstDelayMs: 50, delayMsMax: 5_000 };

/** After so many milliseconds without another one, a count of failures is halved. */
const halfLifeMs = 60_000;
/** Failures this many milliseconds ago count for nothing any more. */
const forgottenMs = 20 * halfLifeMs;
/** Entries, and addresses, that are remembered; the one whose last failure is the longest ago is forgotten first. */
const remembered = 10_000;
/** Longer names are remembered by a hash, so that names of a stranger's making cost little memory. */
const nameCharactersMax = 256;

interface Failures {
  count: number;
  lastMs: number;
  /** Of the password that failed last. */
  digest: string;
}

export class BindThrottle {
  readonly #entries = new Map<string, Failures>();
  readonly #addresses = new Map<string, Failures>();
  readonly #key = randomBytes(32);
  readonly #now: () => number;

  /** `now`: a monotonic clock in milliseconds. */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /** False while there is nothing to slow down: names need not be worked out then. */
  get active(): boolean {
    if (this.#entries.size === 0 && this.#addresses.size === 0) return false;
    const now = this.#now();
    forgetOld(this.#entries, now);
    forgetOld(this.#addresses, now);
    return this.#entries.size > 0 || this.#addresses.size > 0;
  }

  /** Milliseconds that a bind must wait. `name`: normalised, so that spelling it differently does not help. */
  delayMs(address: string, name: string): number {
    const now = this.#now();
    return Math.max(
      delayAfter(this.#entries.get(entryKey(name)), now, entryPolicy),
      isLocal(address) ? 0 : delayAfter(this.#addresses.get(address), now, addressPolicy),
    );
  }

  failed(address: string, name: string, password: Buffer): void {
    const now = this.#now();
    const digest = createHmac('sha256', this.#key).update(`${name}\0`).update(password).digest('base64');
    const key = entryKey(name);
    if (this.#entries.get(key)?.digest === digest) return;
    count(this.#entries, key, digest, now);
    if (!isLocal(address)) count(this.#addresses, address, digest, now);
  }

  /** A right password clears its entry. Not its address: who has one account could then guess at others for ever. */
  succeeded(name: string): void {
    if (this.#entries.size > 0) this.#entries.delete(entryKey(name));
  }
}

function entryKey(name: string): string {
  return name.length > nameCharactersMax ? createHash('sha256').update(name).digest('base64') : name;
}

/** Mail services of this machine log in from there on behalf of everybody. */
export function isLocal(address: string): boolean {
  return address === '' || address === '::1' || address.startsWith('127.');
}

function currentCount(failures: Failures, now: number): number {
  return failures.count / 2 ** Math.floor((now - failures.lastMs) / halfLifeMs);
}

function delayAfter(failures: Failures | undefined, now: number, policy: ThrottlePolicy): number {
  if (!failures) return 0;
  const beyond = Math.floor(currentCount(failures, now)) - policy.freeFailures;
  return beyond < 0 ? 0 : Math.min(policy.delayMsMax, policy.firstDelayMs * 2 ** beyond);
}

/** A table is in the order of last failures. */
function forgetOld(table: Map<string, Failures>, now: number): void {
  for (const [key, failures] of table) {
    if (now - failures.lastMs < forgottenMs) return;
    table.delete(key);
  }
}

function count(table: Map<string, Failures>, key: string, digest: string, now: number): void {
  const known = table.get(key);
  table.delete(key);
  table.set(key, { count: (known ? currentCount(known, now) : 0) + 1, lastMs: now, digest });
  if (table.size > remembered) table.delete(table.keys().next().value!);
}
