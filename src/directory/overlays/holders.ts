/** Finds the entries that have a value, for overlays that stand on indexes. */
import type { EntryRecord } from '../../entry/record.js';
import type { AttributeDescription } from '../../ldap/schema.js';
import type { Transaction } from '../../store/model.js';
import type { Database } from '../database.js';
import { valueKey } from '../operations/attribute-values.js';

/** An index that an overlay stands on has not been built. */
export class MissingIndexError extends Error {
  override readonly name = 'MissingIndexError';
}

/** Throws MissingIndexError where an overlay has no index to stand on. */
export function requireIndexes({ overlays, store: { indexes } }: Database): void {
  for (const { name, indexed = [], presenceIndexed = [] } of overlays) {
    for (const description of indexed) {
      if (indexes.equality(description, '') === undefined) throw missing(name, 'equality', description);
    }
    for (const description of presenceIndexed) {
      if (indexes.presence(description) === undefined) throw missing(name, 'presence', description);
    }
  }
}

function missing(name: string, kind: string, { text }: AttributeDescription): MissingIndexError {
  return new MissingIndexError(`"${name}" needs the ${kind} index of ${text}, which is not built yet: run "jammd reindex"`);
}

/** The entries that have any value of it. */
export function* presentIn(database: Database, tx: Transaction, description: AttributeDescription): Iterable<EntryRecord> {
  const posting = database.store.indexes.presence(description);
  for (const id of posting === undefined ? [] : tx.idsOf(posting)) {
    const holder = tx.entry(id);
    if (holder && holder.values(description).length > 0) yield holder;
  }
}

/** The entries that have this very value, queued writes included; read one by one. */
export function* holdersOf(
  database: Database,
  tx: Transaction,
  description: AttributeDescription,
  key: string,
): Iterable<EntryRecord> {
  const posting = database.store.indexes.equality(description, key);
  for (const id of posting === undefined ? [] : tx.idsOf(posting)) {
    const holder = tx.entry(id);
    if (holder?.values(description).some((value) => valueKey(description, value) === key)) yield holder;
  }
}
