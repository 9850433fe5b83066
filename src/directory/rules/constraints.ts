/** Enforces `unique` (no two entries share a value), and finds the indexes that it and `refint` need. */
import type { DN } from '../../dn/dn.js';
import { ndnIsWithin } from '../../dn/normalized.js';
import type { EntryDraft } from '../../entry/draft.js';
import type { EntryRecord } from '../../entry/record.js';
import { LdapError, ResultCode } from '../../ldap/result.js';
import type { AttributeDescription } from '../../ldap/schema.js';
import type { Transaction } from '../../store/model.js';
import { valueKey } from '../operations/attribute-values.js';
import type { Database } from '../database.js';

/** An index that a rule stands on has not been built. */
export class MissingIndexError extends Error {
  override readonly name = 'MissingIndexError';
}

/** Throws MissingIndexError where a rule has no equality index to stand on. */
export function requireIndexes(database: Database): void {
  const { unique, refint } = database.config;
  const needed = [...unique.flatMap((rule) => rule.attributes), ...(refint?.attributes ?? [])];
  for (const description of needed) {
    if (database.store.indexes.equality(description, '') !== undefined) continue;
    throw new MissingIndexError(
      `"unique" and "refint" need the equality index of ${description.text}, which is not built yet: run "jammd reindex"`,
    );
  }
}

/** Throws 19 where an entry would take a value that another one has. `old`: the entry as it was before a change. */
export function checkUnique(database: Database, tx: Transaction, entry: EntryDraft, old: EntryRecord | undefined): void {
  for (const { attributes, base } of database.config.unique) {
    if (base && !entry.dn.isWithin(base)) continue;
    for (const description of attributes) {
      const before = new Set(old?.values(description).map((value) => valueKey(description, value)));
      for (const value of entry.values(description)) {
        const key = valueKey(description, value);
        if (before.has(key) && old?.ndn === entry.dn.normalized) continue;
        for (const holder of holdersOf(database, tx, description, key)) {
          if (!isOther(holder, old, base)) continue;
          throw new LdapError(
            ResultCode.constraintViolation,
            `some attributes not unique: ${description.text} '${value.toString()}' is taken`,
          );
        }
      }
    }
  }
}

function isOther(holder: EntryRecord, old: EntryRecord | undefined, base: DN | undefined): boolean {
  return holder.id !== old?.id && (!base || ndnIsWithin(holder.ndn, base.normalized));
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
