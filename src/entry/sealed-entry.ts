/**
 * An entry that has passed every rule and may be stored. The store takes no other: an entry that was not checked has the
 * wrong type. Only `directory/rules/pipeline.ts` seals entries that a client writes; `directory/replica/` those that a provider has
 * checked, and
 * `directory/cluster/` those that another node has.
 */
import type { DN } from '../dn/dn.js';
import type { AttributeDescription } from '../ldap/schema.js';
import type { EntryContent, EntryDraft } from './draft.js';
import type { EntryRecord } from './record.js';

declare const sealed: unique symbol;

export interface SealedEntry extends EntryContent {
  readonly [sealed]: true;
}

/** For an entry whose checks are done. */
export function sealEntry(entry: EntryDraft): SealedEntry {
  return entry as unknown as SealedEntry;
}

/** A stored entry under another name: what was checked stays as it is. For entries below one that is renamed. */
export function sealRenamed(record: EntryRecord, dn: DN): SealedEntry {
  return sealEntry(record.toDraft(dn));
}

/** A stored entry under its own name, with another CSN. For a database that is older than what its replicas have seen. */
export function sealRestamped(record: EntryRecord, dn: DN, entryCSN: AttributeDescription, csn: string): SealedEntry {
  const entry = record.toDraft(dn);
  entry.set(entryCSN, [Buffer.from(csn)]);
  return sealEntry(entry);
}

/** An entry that passed every rule on another node of the cluster, under the same schema and on the same state. */
export function sealReplicated(entry: EntryDraft): SealedEntry {
  return sealEntry(entry);
}
