/** Changes as programs see them: passed to listeners at once, or read one by one from a bounded queue. */
import type { Change as RecordedChange } from '../directory/changes.js';
import { LdapError, ResultCode } from '../ldap/result.js';
import { entryOfRecord, type Entry } from './entry.js';
import { PullQueue } from './pull-queue.js';

/**
 * One change of the directory, on disk. `author` is the DN of who asked, empty for nobody and for the server itself.
 * Entries are whole, operational attributes and password hashes included: access rules are for sessions, not for this.
 */
export type Change =
  | { readonly kind: 'add'; readonly dn: string; readonly author: string; readonly after: Entry }
  /** A modify, a new password, or a reference that followed another entry (`refint`). */
  | {
      readonly kind: 'modify';
      readonly dn: string;
      readonly author: string;
      readonly before: Entry;
      readonly after: Entry;
    }
  | { readonly kind: 'delete'; readonly dn: string; readonly author: string; readonly before: Entry }
  /** All entries below `dn` are below `newDN` now; there is no change for each of them. */
  | {
      readonly kind: 'rename';
      readonly dn: string;
      readonly newDN: string;
      readonly author: string;
      readonly before: Entry;
      readonly after: Entry;
    }
  /** `importLdif` added so many entries below `suffix`; there is no change for each of them. */
  | { readonly kind: 'import'; readonly suffix: string; readonly entries: number };

/** How far a reader of changes may fall behind. */
export interface ChangesOptions {
  /** Changes that may wait for the reader: beyond that the iteration ends with LdapError 51. 10,000 by default. */
  readonly waitingMax?: number;
}

export const defaultWaitingMax = 10_000;

export function changeOf(change: RecordedChange): Change {
  const { author } = change;
  switch (change.kind) {
    case 'add':
      return { kind: 'add', dn: change.after.dn, author, after: entryOfRecord(change.after) };
    case 'delete':
      return { kind: 'delete', dn: change.before.dn, author, before: entryOfRecord(change.before) };
    case 'modify': {
      const [before, after] = [entryOfRecord(change.before), entryOfRecord(change.after)];
      return { kind: 'modify', dn: after.dn, author, before, after };
    }
    case 'rename': {
      const [before, after] = [entryOfRecord(change.before), entryOfRecord(change.after)];
      return { kind: 'rename', dn: before.dn, newDN: after.dn, author, before, after };
    }
  }
}

/**
 * Changes from the moment this was made, in the order of commits. Ends when the loop is left and when the directory is
 * closed. A reader that falls too far behind gets what had been kept for it, then LdapError 51.
 */
export class ChangeStream implements AsyncIterableIterator<Change, undefined> {
  readonly #queue = new PullQueue<Change>();
  readonly #waitingMax: number;
  readonly #onEnd: () => void;

  /** Made by `directory.changes()`. `onEnd` is called when nothing more is wanted. @internal */
  constructor(waitingMax: number, onEnd: () => void) {
    this.#waitingMax = waitingMax;
    this.#onEnd = onEnd;
  }

  /** Itself: it can be gone through once. */
  [Symbol.asyncIterator](): this {
    return this;
  }

  /** The next change; waits for one. Rejects with LdapError 51 if this reader fell behind. */
  next(): Promise<IteratorResult<Change, undefined>> {
    return this.#queue.next();
  }

  /** Wants no more changes. What `for await` does when its loop is left. */
  return(): Promise<IteratorResult<Change, undefined>> {
    this.#queue.drop();
    this.#onEnd();
    return Promise.resolve({ done: true, value: undefined });
  }

  /** One more change. @internal */
  push(change: Change): void {
    if (this.#queue.ended) return;
    if (this.#queue.length < this.#waitingMax) return this.#queue.push(change);
    this.#queue.end(
      new LdapError(
        ResultCode.busy,
        `the reader of changes fell more than ${this.#waitingMax} changes behind; read the directory again`,
      ),
    );
    this.#onEnd();
  }

  /** No more changes come. @internal */
  end(): void {
    this.#queue.end();
    this.#onEnd();
  }
}
