/**
 * Tells listeners about each write: which entry changed, how, and who asked for it. They are called once the write is on
 * disk, in the order of commits, and before the write's own promise resolves.
 */
import type { Subject } from '../access/model.js';
import type { EntryRecord } from '../entry/record.js';
import type { Transaction } from '../store/model.js';

/** What changed, without who changed it. */
export type UnsignedChange =
  | { readonly kind: 'add'; readonly after: EntryRecord }
  /** A modify, a new password, or a reference that followed another entry's rename or deletion. */
  | { readonly kind: 'modify'; readonly before: EntryRecord; readonly after: EntryRecord }
  | { readonly kind: 'delete'; readonly before: EntryRecord }
  | RenameChange;

/** Told for the entry that was named in the request; all below it moved along. */
export interface RenameChange {
  readonly kind: 'rename';
  readonly before: EntryRecord;
  readonly after: EntryRecord;
}

/** `author`: the DN of who asked, as text; empty for nobody, and for the server itself. */
export type Change = { readonly author: string } & UnsignedChange;

export type ChangeListener = (change: Change) => void;

export function noteChange(tx: Transaction, change: Change): void {
  tx.note(change);
}

export function authorOf({ subject }: { readonly subject: Subject }): string {
  return subject.dn?.toString() ?? '';
}
