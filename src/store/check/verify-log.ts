/** Checks the change log of a snapshot: that it is whole, that its changes are in order, and that the context covers them. */
import type { AttributeDictionary } from '../../entry/dictionary.js';
import { CsnSet } from '../../ldap/csn.js';
import type { Database, Snapshot } from '../level/database.js';
import { keyRanges, logKey, metaKeys } from '../level/keys.js';
import { decodeState, type StoredLog } from '../log/change-log.js';
import { decodeChange, type LoggedChange } from '../log/logged-change.js';

export interface LogVerification {
  readonly database: Database;
  readonly snapshot: Snapshot;
  readonly dictionary: AttributeDictionary;
  /** The highest CSN of each server among the entries. */
  readonly stored: CsnSet;
  readonly report: (message: string) => void;
}

export async function verifyLog({ database, snapshot, dictionary, stored, report }: LogVerification): Promise<void> {
  const bytes = database.getAt(snapshot, metaKeys.log);
  // There is none yet, or none any more.
  if (!bytes) return;
  let state: StoredLog;
  try {
    state = decodeState(bytes);
  } catch {
    report('its state cannot be read');
    return;
  }
  const context = CsnSet.of((database.getAt(snapshot, metaKeys.context)?.toString() ?? '').split(' '));
  const { first, next } = state;
  if (!(Number.isSafeInteger(first) && Number.isSafeInteger(next) && first >= 1 && first <= next)) {
    report(`it goes from change ${first} to ${next}, which cannot be`);
    return;
  }
  const order = new LogOrder(report);
  if (state.base) order.begin(state.base);
  if (!state.base && next > first) report('it holds changes, but not the context in which it begins');
  let position = first;
  let size = 0;
  let isWhole = true;
  const missing = (until: number): void => {
    if (until <= position) return;
    isWhole = false;
    report(`${until - position === 1 ? 'change' : 'changes'} ${spanOf(position, until)} missing`);
    position = until;
  };
  for await (const items of database.items({ ...keyRanges.log, gte: logKey(first) }, snapshot)) {
    for (const [key, value] of items) {
      while (position < next && logKey(position) < key) missing(firstNotBelow(position, next, key));
      if (position >= next || logKey(position) !== key) {
        report('it holds a change beyond its end');
        return;
      }
      size += value.length;
      try {
        order.follow(decodeChange(value, position, dictionary));
      } catch (error) {
        report((error as Error).message);
      }
      position++;
    }
  }
  missing(next);
  if (isWhole && size !== state.bytes) report(`it is recorded with ${state.bytes} bytes; its changes have ${size}`);
  checkContext(context, state.base, order.seen, stored, report);
}

function checkContext(
  context: CsnSet,
  base: CsnSet | undefined,
  seen: CsnSet,
  stored: CsnSet,
  report: (message: string) => void,
): void {
  const shown = context.values().join(' ') || 'empty';
  if (base && !context.coversAll(base)) report(`the context is ${shown}, and does not cover the one in which the log begins`);
  else if (!context.coversAll(seen)) report(`the context is ${shown}, and does not cover all changes in the log`);
  for (const csn of stored.values()) {
    // Of servers that the context does not know, entries came before there was a log.
    if (!base || context.ofSameServer(csn) === undefined || context.covers(csn)) continue;
    report(`the context is ${shown}, and does not cover the entry with the CSN ${csn}`);
  }
}

/** CSNs of one server ascend from one change to the next; only what a rename carries along shares that change's. */
class LogOrder {
  seen = CsnSet.empty;

  constructor(private readonly report: (message: string) => void) {}

  begin(base: CsnSet): void {
    this.seen = base;
  }

  follow({ position, kind, csn }: LoggedChange): void {
    const isShared = kind === 'along' && this.seen.ofSameServer(csn) === csn;
    if (isShared) return;
    const before = this.seen.ofSameServer(csn);
    if (this.seen.covers(csn)) this.report(`change ${position} has the CSN ${csn}, which does not come after ${before}`);
    this.seen = this.seen.with(csn);
  }
}

function spanOf(from: number, until: number): string {
  return until - from === 1 ? `${from} is` : `${from} to ${until - 1} are`;
}

/** The first position whose key is not below this one; at most `next`. */
function firstNotBelow(from: number, next: number, key: string): number {
  let low = from;
  for (let high = next; low < high;) {
    const middle = Math.floor((low + high) / 2);
    if (logKey(middle) < key) low = middle + 1;
    else high = middle;
  }
  return low;
}
