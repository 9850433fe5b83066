/** A search's entries as an async iterator that never runs far ahead of its reader and stops when the reader does. */
import type { MaybePromise, OperationSignal, SearchSink } from '../directory/model.js';
import type { Response } from '../ldap/response.js';
import type { ResultEntry } from '../entry/result-entry.js';
import { LdapError, ResultCode } from '../ldap/result.js';
import { entryOfResult, type Entry } from './entry.js';
import { guarded } from './failure.js';
import { PullQueue } from './pull-queue.js';

/** What may wait for a reader before the search waits for it. */
const waitingEntriesMax = 256;
const waitingBytesMax = 1 << 20;

/** Starts the search with a place for its answers and a signal to stop by. */
export type RunSearch = (sink: SearchSink, signal: OperationSignal) => MaybePromise<Response>;

/**
 * The entries that a search finds, once each, as they are found. The search begins with the first entry asked for, goes
 * on only as fast as entries are taken, and is abandoned when the loop ends early.
 *
 * A search that fails, or reaches a limit, throws LdapError after the entries that it did find: 4 where there are more
 * than the size limit allows, 3 at the time limit, 32 where the base does not exist.
 *
 *     for await (const entry of session.search('o=hosting,dc=myhosting,dc=example', { filter: '(mail=*)' })) {
 *       console.log(entry.dn);
 *     }
 */
export class SearchResults implements AsyncIterableIterator<Entry, undefined> {
  readonly #run: RunSearch;
  readonly #onReference: ((urls: readonly string[]) => void) | undefined;
  readonly #queue = new PullQueue<Entry>();
  #waitingBytes = 0;
  #started = false;
  #stopped: OperationSignal['stopped'];
  #resume: (() => void) | undefined;

  /** Made by `Session.search`. @internal */
  constructor(run: RunSearch, onReference?: (urls: readonly string[]) => void) {
    this.#run = run;
    this.#onReference = onReference;
  }

  /** Itself: it can be gone through once. */
  [Symbol.asyncIterator](): this {
    return this;
  }

  /** The next entry. Rejects with LdapError if the search failed. */
  next(): Promise<IteratorResult<Entry, undefined>> {
    if (!this.#started) this.#start();
    const result = this.#queue.next();
    if (this.#queue.length === 0) this.#goOn();
    return result;
  }

  /** Abandons the search. What `for await` does when its loop is left. */
  return(): Promise<IteratorResult<Entry, undefined>> {
    this.#started = true;
    this.#stopped = 'abandoned';
    this.#queue.drop();
    this.#goOn();
    return Promise.resolve({ done: true, value: undefined });
  }

  /** All entries at once. Rejects as `next` does; what was found before is then lost. */
  async toArray(): Promise<Entry[]> {
    const entries: Entry[] = [];
    for await (const entry of this) entries.push(entry);
    return entries;
  }

  #start(): void {
    this.#started = true;
    const stopped = (): OperationSignal['stopped'] => this.#stopped;
    const signal: OperationSignal = {
      get stopped() {
        return stopped();
      },
    };
    const sink: SearchSink = {
      entry: (entry) => this.#take(entry),
      reference: (urls) => {
        if (!this.#stopped) this.#onReference?.([...urls]);
        return true;
      },
      drained: () => this.#drained(),
    };
    guarded(() => this.#run(sink, signal)).then(
      (response) => this.#queue.end(failureOf(response)),
      (error: LdapError) => this.#queue.end(error),
    );
  }

  #take(result: ResultEntry): boolean {
    if (this.#stopped) return true;
    this.#queue.push(entryOfResult(result));
    if (this.#queue.length === 0) return true;
    this.#waitingBytes += result.record.buffer.length;
    return this.#queue.length < waitingEntriesMax && this.#waitingBytes < waitingBytesMax;
  }

  #drained(): Promise<void> {
    if (this.#queue.length === 0) return Promise.resolve();
    return new Promise((resolve) => (this.#resume = resolve));
  }

  #goOn(): void {
    this.#waitingBytes = 0;
    this.#resume?.();
    this.#resume = undefined;
  }
}

function failureOf({ code, matchedDN, diagnostic, referrals }: Response): LdapError | undefined {
  if (code === ResultCode.success) return undefined;
  return new LdapError(code, diagnostic, { matchedDN, ...(referrals && { referrals }) });
}
