/**
 * Rules over more than one entry, which slapd has overlays for: `unique` (no two entries share a value) and `refint`
 * (attributes that name entries follow these when they are renamed or deleted).
 */
import type { DN } from '../../dn/dn.js';
import { ndnIsWithin } from '../../dn/normalized.js';
import type { EntryDraft } from '../../entry/draft.js';
import type { EntryRecord } from '../../entry/record.js';
import { LdapError, ResultCode } from '../../ldap/result.js';
import type { AttributeDescription } from '../../ldap/schema.js';
import type { Transaction } from '../../store/model.js';
import { valueKey } from '../operations/attribute-values.js';
import { noteChange } from '../changes.js';
import type { Database } from '../database.js';
import type { DirectoryEnvironment } from '../environment.js';
import { stampChanged } from './operational.js';
import { checkEntry } from './schema-check.js';

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
        if (holdersOf(database, tx, description, key).some((holder) => isOther(holder, old, base))) {
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

/** The entries that have this very value, queued writes included. */
function holdersOf(database: Database, tx: Transaction, description: AttributeDescription, key: string): EntryRecord[] {
  const posting = database.store.indexes.equality(description, key);
  const ids = posting === undefined ? [] : tx.idsOf(posting);
  return ids.flatMap((id) => {
    const holder = tx.entry(id);
    return holder?.values(description).some((value) => valueKey(description, value) === key) ? [holder] : [];
  });
}

/** `to`: the new name of the entry that was called `from`; undefined where it has been deleted. */
export function cleanReferences(
  directory: DirectoryEnvironment,
  database: Database,
  tx: Transaction,
  from: DN,
  to: DN | undefined,
): void {
  const { refint } = database.config;
  if (!refint) return;
  const replacement = to ?? refint.nothing;
  for (const description of refint.attributes) {
    const key = valueKey(description, Buffer.from(from.toString()));
    for (const holder of holdersOf(database, tx, description, key)) {
      const entry = holder.toDraft(directory.parseDN(holder.dn));
      entry.set(description, replaced(description, entry.values(description), key, to, replacement));
      if (!obeysSchema(directory, entry)) continue;
      if (database.config.lastmod)
        stampChanged(entry, directory.changeStamp(refint.modifiersName ?? database.config.rootDN), directory.schema);
      const record = tx.replace(holder, entry, holder.flags);
      noteChange(tx, { kind: 'modify', author: '', before: holder, after: record });
    }
  }
}

function replaced(
  description: AttributeDescription,
  values: readonly Buffer[],
  key: string,
  to: DN | undefined,
  replacement: DN | undefined,
): Buffer[] {
  const others = values.filter((value) => valueKey(description, value) !== key);
  if (!replacement || (!to && others.length > 0)) return others;
  const added = Buffer.from(replacement.toString());
  const addedKey = valueKey(description, added);
  return others.some((value) => valueKey(description, value) === addedKey) ? others : [...others, added];
}

/** A reference that its entry cannot do without stays, though it leads nowhere: `nothing=` is for that. */
function obeysSchema(directory: DirectoryEnvironment, entry: EntryDraft): boolean {
  try {
    checkEntry(entry, directory.schema);
    return true;
  } catch (error) {
    if (error instanceof LdapError) return false;
    throw error;
  }
}
