/** Writes that are not committed yet: those of one transaction, or of a batch on its way to disk. */
import type { EntryRecord } from '../entry/record.js';
import { CsnSet } from '../ldap/csn.js';
import type { UnplacedChange } from './log/logged-change.js';

export interface Counters {
  readonly children: number;
  readonly descendants: number;
}

export const noCounters: Counters = Object.freeze({ children: 0, descendants: 0 });

/** Null, or 0 for an id: gone. */
export class WriteLayer {
  readonly records = new Map<number, EntryRecord | null>();
  readonly names = new Map<string, number>();
  readonly counters = new Map<number, Counters>();
  readonly heads = new Map<string, Buffer | null>();
  readonly containers = new Map<string, Buffer | null>();
  /** Large lists that have become short. */
  readonly shrinkable = new Set<string>();
  /** For the change log, in the order of their CSNs; empty where none is kept. */
  readonly changes: UnplacedChange[] = [];
  /** For the journal, in the order in which they were written; empty where there is none. */
  readonly journaled: UnplacedChange[] = [];
  /** CSNs that the context shall cover from now on. */
  context = CsnSet.empty;
  /** What the context covered before does not count any more. */
  replacesContext = false;
  /** The change log begins anew: what was in it before this, and this layer's changes, are not to be followed. */
  resetsLog = false;
  /** Entries added less entries removed. */
  entries = 0;

  get isEmpty(): boolean {
    return (
      this.records.size === 0 && this.heads.size === 0 && this.containers.size === 0 && !this.resetsLog && this.context.size === 0
    );
  }

  /** Keys that a batch of this would write. */
  get keys(): number {
    return this.records.size + this.names.size + this.counters.size + this.heads.size + this.containers.size;
  }

  /** Lays `upper` over this layer. */
  merge(upper: WriteLayer): void {
    for (const [id, record] of upper.records) this.records.set(id, record);
    for (const [ndn, id] of upper.names) this.names.set(ndn, id);
    for (const [id, counters] of upper.counters) this.counters.set(id, counters);
    for (const [key, head] of upper.heads) this.heads.set(key, head);
    for (const [key, container] of upper.containers) this.containers.set(key, container);
    for (const key of upper.shrinkable) this.shrinkable.add(key);
    if (upper.resetsLog) this.changes.length = 0;
    for (const change of upper.changes) this.changes.push(change);
    for (const change of upper.journaled) this.journaled.push(change);
    this.resetsLog ||= upper.resetsLog;
    this.context = upper.replacesContext ? upper.context : this.context.withAll(upper.context);
    this.replacesContext ||= upper.replacesContext;
    this.entries += upper.entries;
  }
}
