/** A batch of this node's writes as the log's entries tell them. */
import type { EntryChange } from '../../cluster/log-entry.js';
import type { EntryRecord } from '../../entry/record.js';
import type { Schema } from '../../ldap/schema.js';
import type { JournalBatch } from '../../store/journal.js';
import type { Change } from '../changes.js';
import { wellKnownOf } from '../rules/schema-check.js';

const nothing = Buffer.alloc(0);

export function changesOf({ changes, notes }: JournalBatch, schema: Schema): EntryChange[] {
  const { entryUUID } = wellKnownOf(schema);
  const authors = new Map<EntryRecord, string>();
  for (const change of notes as readonly Change[])
    authors.set(change.kind === 'delete' ? change.before : change.after, change.author);
  return changes.map(({ kind, csn, before, after }) => {
    const record = (after ?? before)!;
    const named = (before ?? after)!;
    return {
      kind,
      uuid: named.values(entryUUID)[0]?.toString('latin1') ?? '',
      dn: named.dn,
      newDn: kind === 'rename' || kind === 'along' ? record.dn : '',
      csn,
      author: authors.get(record),
      attributes: after ? after.buffer.subarray(after.attributeStart(0)) : nothing,
    };
  });
}
