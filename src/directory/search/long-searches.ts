/**
 * Bounds what long searches cost together. Each holds pieces of the database in memory while it is at work, so only so
 * many are at work at once; the others wait, those of each address in their order and the addresses in turn, so that one
 * that asks a lot does not keep others waiting. A search whose receiver does not read gives its place to one that waits.
 */
import { LdapError, ResultCode } from '../../ldap/result.js';
import { defaultLongSearchLimits, type LongSearchLimits } from '../limits.js';

export class LongSearches {
  readonly #limits: LongSearchLimits;
  #working = 0;
  #count = 0;
  #keepers = 0;
  #requestBytes = 0;
  readonly #byAddress = new Map<string, { count: number; requestBytes: number }>();
  /** Who waits for a place, by address; the address whose turn is next comes first. */
  readonly #waiting = new Map<string, (() => void)[]>();
  /** Searches that wait for their receivers and hold places meanwhile; the one that waits the longest comes first. */
  readonly #lent = new Set<LongSearch>();

  constructor(limits: Partial<LongSearchLimits> = {}) {
    this.#limits = { ...defaultLongSearchLimits, ...limits };
  }

  /**
   * Resolves when there is a place; the search must `leave` in the end. `requestBytes`: what its request takes of memory.
   * Rejects with 51 where too many are there.
   */
  async enter(address: string, requestBytes: number): Promise<LongSearch> {
    const limits = this.#limits;
    const of = this.#byAddress.get(address) ?? { count: 0, requestBytes: 0 };
    if (this.#count >= limits.searchesMax || of.count >= limits.searchesPerAddressMax) {
      throw new LdapError(ResultCode.busy, 'too many long searches are waiting; try again');
    }
    // One alone may be as large as any request may be.
    const fits = (present: number, most: number): boolean => present === 0 || present + requestBytes <= most;
    if (!fits(this.#requestBytes, limits.requestBytesMax) || !fits(of.requestBytes, limits.requestBytesPerAddressMax)) {
      throw new LdapError(ResultCode.busy, 'too many large searches are waiting; try again');
    }
    this.#note(address, 1, requestBytes);
    await this.take(address);
    return new LongSearch(this, address, requestBytes);
  }

  /** At work or waiting. */
  get count(): number {
    return this.#count;
  }

  get working(): number {
    return this.#working;
  }

  /** True while there is no room for searches that cannot release what they hold. */
  get crowded(): boolean {
    return this.#waiting.size > 0 || !this.roomToKeep;
  }

  get roomToKeep(): boolean {
    return this.#keepers < this.#limits.keepersMax;
  }

  /** @internal */
  take(address: string): Promise<void> | undefined {
    if (this.#working < this.#limits.places) {
      this.#working++;
      return undefined;
    }
    return new Promise((resolve) => {
      const queue = this.#waiting.get(address);
      if (queue) queue.push(resolve);
      else this.#waiting.set(address, [resolve]);
      const [lent] = this.#lent;
      if (lent) this.#evict(lent);
    });
  }

  /** @internal */
  give(): void {
    this.#working--;
    const [next] = this.#waiting;
    if (!next) return;
    const [address, queue] = next;
    const resolve = queue.shift()!;
    this.#waiting.delete(address);
    if (queue.length > 0) this.#waiting.set(address, queue);
    this.#working++;
    resolve();
  }

  /** @internal */
  lend(search: LongSearch): void {
    if (this.#waiting.size > 0) this.#evict(search);
    else this.#lent.add(search);
  }

  /** @internal */
  takeBack(search: LongSearch): void {
    this.#lent.delete(search);
  }

  #evict(search: LongSearch): void {
    this.#lent.delete(search);
    search.evicted();
    this.give();
  }

  /** @internal `change`: 1 for one more keeper, -1 for one less. */
  noteKeeper(change: 1 | -1): void {
    this.#keepers += change;
  }

  /** @internal */
  left(address: string, requestBytes: number): void {
    this.#note(address, -1, -requestBytes);
  }

  #note(address: string, count: 1 | -1, requestBytes: number): void {
    this.#count += count;
    this.#requestBytes += requestBytes;
    const of = this.#byAddress.get(address) ?? { count: 0, requestBytes: 0 };
    of.count += count;
    of.requestBytes += requestBytes;
    if (of.count === 0) this.#byAddress.delete(address);
    else this.#byAddress.set(address, of);
  }
}

/** One long search's part in this. */
export class LongSearch {
  #hasPlace = true;
  #onEvicted: (() => void) | undefined;

  constructor(
    private readonly all: LongSearches,
    private readonly address: string,
    private readonly requestBytes: number,
  ) {}

  /**
   * Waits for the receiver. False: another search took the place, and this one must let go of what it holds, wait for
   * `drained` itself, and `comeBack`.
   */
  async waitFor(drained: Promise<void>): Promise<boolean> {
    if (this.#hasPlace) {
      const evicted = new Promise<void>((resolve) => (this.#onEvicted = resolve));
      this.all.lend(this);
      try {
        await Promise.race([drained, evicted]);
      } finally {
        this.#onEvicted = undefined;
        this.all.takeBack(this);
      }
    }
    return this.#hasPlace;
  }

  /**
   * The same for a search that cannot let go of what it holds: goes on when there is a place again. `ifRoom`: rejects with 51
   * where so many keep what they hold already.
   */
  async waitKeeping(drained: Promise<void>, ifRoom = false): Promise<void> {
    if (await this.waitFor(drained)) return;
    if (ifRoom && !this.all.roomToKeep) {
      throw new LdapError(ResultCode.busy, 'too many searches wait for slow readers; try again');
    }
    this.all.noteKeeper(1);
    try {
      await drained;
    } finally {
      this.all.noteKeeper(-1);
    }
    await this.comeBack();
  }

  async comeBack(): Promise<void> {
    await this.all.take(this.address);
    this.#hasPlace = true;
  }

  /** @internal */
  evicted(): void {
    this.#hasPlace = false;
    this.#onEvicted?.();
  }

  leave(): void {
    if (this.#hasPlace) this.all.give();
    this.#hasPlace = false;
    this.all.left(this.address, this.requestBytes);
  }
}
