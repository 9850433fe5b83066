/**
 * What logged changes mean to a replica: an entry comes into its view, changes in it, or leaves it. A renamed entry and
 * those below it are one group, which is told as a whole.
 */
import type { EntryRecord } from '../../entry/record.js';
import type { ChangeLog } from '../../store/log/change-log.js';
import type { LoggedChange } from '../../store/log/logged-change.js';
import { halfStep, keepsOldName } from './half-step.js';
import type { SyncView } from './view.js';

export type SyncMessage =
  | {
      readonly kind: 'add' | 'modify' | 'delete';
      readonly record: EntryRecord;
      /** What the replica has seen after this; undefined: that comes later. */
      readonly csn: string | undefined;
    }
  /** The replica has seen everything up to this. */
  | { readonly kind: 'seen'; readonly csn: string };

/** The log has lost a change that was to be read. */
export class LogLost extends Error {
  override readonly name = 'LogLost';
}

/** Throws LogLost. */
export function readChange(log: ChangeLog, position: number): LoggedChange {
  const change = position < log.first ? undefined : log.read(position);
  if (!change) throw new LogLost();
  return change;
}

/** The position after the change at this one, and after what it carried along. Throws LogLost. */
export function endOfGroup(log: ChangeLog, position: number): number {
  let end = position + 1;
  while (end < log.next && readChange(log, end).kind === 'along') end++;
  return end;
}

/** `movesSubtrees`: the replica itself renames what is below an entry that is renamed, as slapd does. Throws LogLost. */
export function* groupMessages(
  log: ChangeLog,
  from: number,
  end: number,
  view: SyncView,
  movesSubtrees: boolean,
): Generator<SyncMessage, void, void> {
  const change = readChange(log, from);
  const { csn } = change;
  const own = messageOf(change, view);
  if (end === from + 1 || (movesSubtrees && own?.kind === 'modify')) {
    if (own && movesSubtrees) yield* halfStepOf(change, own, view);
    if (own) yield { ...own, csn };
    return;
  }
  // What leaves goes before what it was below, and what comes after what it is below.
  for (let at = end - 1; at > from; at--) {
    const below = messageOf(readChange(log, at), view);
    if (below?.kind === 'delete') yield below;
  }
  if (own) yield own;
  for (let at = from + 1; at < end; at++) {
    const below = messageOf(readChange(log, at), view);
    if (below && below.kind !== 'delete') yield below;
  }
  yield { kind: 'seen', csn };
}

/** For slapd, where one is needed. */
function* halfStepOf({ kind, before, after }: LoggedChange, own: EntryMessage, { schema }: SyncView): Generator<SyncMessage> {
  if (kind !== 'rename' || own.kind !== 'modify' || !before || !after || !keepsOldName(before, after, schema)) return;
  const record = halfStep(after, schema);
  if (record) yield { kind: 'modify', record, csn: undefined };
}

type EntryMessage = Exclude<SyncMessage, { kind: 'seen' }>;

function messageOf({ before, after }: LoggedChange, view: SyncView): EntryMessage | undefined {
  const was = view.includes(before);
  if (view.includes(after)) return { kind: was ? 'modify' : 'add', record: after, csn: undefined };
  return was ? { kind: 'delete', record: before, csn: undefined } : undefined;
}
