/**
 * Limits the size of entries for everyone but the rootdn. Writing, reading and comparing an entry takes time that grows
 * with its values, and cannot be interrupted.
 */
import type { DN } from '../../dn/dn.js';
import type { EntryDraft } from '../../entry/draft.js';
import type { EntryRecord } from '../../entry/record.js';
import type { PartialAttribute } from '../../ldap/request.js';
import { LdapError, ResultCode } from '../../ldap/result.js';
import type { Database } from '../database.js';
import type { DirectoryEnvironment } from '../environment.js';
import type { OperationContext } from '../operations/operation.js';

/**
 * Attribute descriptions that a database may know before new ones are refused. Their numbers are never given up, and
 * options make any number of them: `description;lang-x1`, `description;lang-x2`, ...
 */
const descriptionsMax = 8_192;

/**
 * Throws 11 where a request brings more values than an entry may have, deletions of whole attributes counted as one each:
 * before any of them is looked at.
 */
export function checkRequestSize(operation: OperationContext, dn: DN, attributes: readonly PartialAttribute[]): void {
  const { directory, subject } = operation;
  const { entryValues } = directory.config.limits;
  const count = attributes.reduce((sum, { values }) => sum + Math.max(1, values.length), 0);
  if (count <= entryValues || directory.databaseOf(dn.normalized)?.isRoot(subject.dn)) return;
  throw exceeded(`more than ${entryValues} values in one request`);
}

/** Throws 11 where the entry becomes too large, or larger than it was where it is too large already. */
export function checkEntrySize(
  directory: DirectoryEnvironment,
  database: Database,
  author: DN | undefined,
  entry: EntryDraft,
  old: EntryRecord | undefined,
): void {
  const { entryBytes, entryValues } = directory.config.limits;
  const size = sizeOf(entry);
  const unknown = unknownDescriptions(database, entry);
  if (size.values <= entryValues && size.bytes <= entryBytes && unknown === 0) return;
  if (database.isRoot(author)) return;
  if (unknown > 0 && database.store.dictionary.size + unknown > descriptionsMax) {
    throw exceeded(`more than ${descriptionsMax} different attribute descriptions in the database`);
  }
  const before = old ? sizeOf(old.toDraft(entry.dn)) : { values: 0, bytes: 0 };
  if (size.values > entryValues && size.values > before.values) throw exceeded(`more than ${entryValues} values in one entry`);
  if (size.bytes > entryBytes && size.bytes > before.bytes)
    throw exceeded(`more than ${entryBytes} bytes of values in one entry`);
}

function sizeOf(entry: EntryDraft): { readonly values: number; readonly bytes: number } {
  let count = 0;
  let bytes = 0;
  for (const { values } of entry.attributes.values()) {
    count += values.length;
    for (let index = 0; index < values.length; index++) bytes += values[index]!.length;
  }
  return { values: count, bytes };
}

function unknownDescriptions({ store }: Database, entry: EntryDraft): number {
  let unknown = 0;
  for (const { description } of entry.attributes.values()) if (store.dictionary.number(description) === undefined) unknown++;
  return unknown;
}

function exceeded(diagnostic: string): LdapError {
  return new LdapError(ResultCode.adminLimitExceeded, diagnostic);
}
