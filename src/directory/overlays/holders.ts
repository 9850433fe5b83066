/** Finds the entries that have a value, for overlays that stand on equality indexes. */
import type { EntryRecord } from '../../entry/record.js';
import type { AttributeDescription } from '../../ldap/schema.js';
import type { Transaction } from '../../store/model.js';
import type { Database } from '../database.js';
import { valueKey } from '../operations/attribute-values.js';

/** An index that an overlay stands on has not been built. */
export class MissingIndexError extends Error {
  override readonly name = 'MissingIndexError';
}

/** Throws MissingIndexError where an overlay has no equality index to stand on. */
export function requireIndexes(database: Database): void {
  for (const { name, indexed } of database.overlays) {
    for (const description of indexed ?? []) {
      if (database.store.indexes.equality(description, '') !== undefined) continue;
      throw new MissingIndexError(
        `"${name}" needs the equality index of ${description.text}, which is not built yet: run "jammd reindex"`,
      );
    }
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
