/**
 * Scans parked at the end of a page. As long as nobody has written, continuing one yields what a new scan would, without the
 * cost of starting one; the next entries are read and checked while the client looks at its page. Few are kept, and only
 * briefly: each holds a snapshot and some hundred entries.
 */
import type { EntryRecord } from '../entry/record.js';

const scansMax = 16;
const millisecondsMax = 2_000;

type Chunks = AsyncGenerator<EntryRecord[], void, void>;

export class ParkedScans {
  /** In the order they were left, each with the timer that ends it. */
  readonly #scans = new Map<PageScan, NodeJS.Timeout>();
  readonly #changes: () => number;

  /** `changes`: counts writes. */
  constructor(changes: () => number) {
    this.#changes = changes;
  }

  /** A scan of the entries from `fromId` on: one that was left there, or what `begin` begins. */
  scan(fromId: number, begin: () => Chunks): AsyncIterableIterator<EntryRecord[], void, void> {
    const changes = this.#changes();
    for (const scan of this.#scans.keys()) {
      if (scan.changes !== changes) this.#end(scan);
      else if (scan.goOnFrom(fromId)) {
        this.#forget(scan);
        return scan;
      }
    }
    return new PageScan(begin(), fromId, changes, this);
  }

  /** @internal */
  park(scan: PageScan): void {
    this.#scans.set(scan, setTimeout(() => this.#end(scan), millisecondsMax).unref());
    const [oldest] = this.#scans.keys();
    if (this.#scans.size > scansMax) this.#end(oldest!);
  }

  /** Before the database is closed. */
  endAll(): void {
    for (const scan of this.#scans.keys()) this.#end(scan);
  }

  #end(scan: PageScan): void {
    this.#forget(scan);
    scan.end();
  }

  #forget(scan: PageScan): void {
    clearTimeout(this.#scans.get(scan));
    this.#scans.delete(scan);
  }
}

/** Hands out chunks; is parked when its reader leaves it before the end. */
class PageScan implements AsyncIterableIterator<EntryRecord[], void, void> {
  readonly #chunks: Chunks;
  readonly #parked: ParkedScans;
  /** All entries from this one on are in the last chunk that was handed out, or come after it. */
  #fromId: number;
  #last: EntryRecord[] = [];
  /** What of the last chunk is to be handed out again. */
  #rest: EntryRecord[] | undefined;
  /** The next chunk, where it was fetched before anybody asked for it. */
  #ahead: Promise<IteratorResult<EntryRecord[], void>> | undefined;
  #isParked = false;

  constructor(
    chunks: Chunks,
    fromId: number,
    readonly changes: number,
    parked: ParkedScans,
  ) {
    this.#chunks = chunks;
    this.#fromId = fromId;
    this.#parked = parked;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async next(): Promise<IteratorResult<EntryRecord[], void>> {
    const rest = this.#rest;
    if (rest) {
      this.#rest = undefined;
      return { done: false, value: rest };
    }
    const next = await this.#fetch();
    if (next.done !== true) {
      this.#fromId = (this.#last.at(-1)?.id ?? this.#fromId - 1) + 1;
      this.#last = next.value;
    }
    return next;
  }

  #fetch(): Promise<IteratorResult<EntryRecord[], void>> {
    const next = this.#ahead ?? this.#chunks.next();
    this.#ahead = undefined;
    return next;
  }

  /** Once the page has left: its last answers go at the end of the present turn of the event loop. */
  readonly #fetchAhead = (): void => {
    if (!this.#isParked || this.#ahead) return;
    this.#ahead = this.#chunks.next();
    // If nobody asks for it, nobody needs to know how it failed.
    this.#ahead.catch(() => undefined);
  };

  return(): Promise<IteratorResult<EntryRecord[], void>> {
    this.#isParked = true;
    this.#parked.park(this);
    setImmediate(() => setImmediate(this.#fetchAhead));
    return Promise.resolve({ done: true, value: undefined });
  }

  /** True where the scan stands at this entry; it hands out that entry next. */
  goOnFrom(id: number): boolean {
    const lastId = this.#last.at(-1)?.id;
    if (lastId === undefined || id < this.#fromId || id > lastId + 1) return false;
    this.#isParked = false;
    const rest = this.#last.filter((record) => record.id >= id);
    this.#rest = rest.length > 0 ? rest : undefined;
    return true;
  }

  end(): void {
    this.#isParked = false;
    // Nobody waits for it, and a database that was closed meanwhile has closed it, too.
    this.#chunks.return().catch(() => undefined);
  }
}
