/**
 * Alias entries (RFC 4512 section 2.6): where a search's base, or entries below it, stand for others. Databases without
 * aliases, which is to say about all, pay nothing for this.
 */
import type { DN } from '../../dn/dn.js';
import { RecordFlag, type EntryRecord } from '../../entry/record.js';
import type { SearchScope } from '../../ldap/request.js';
import { LdapError, ResultCode } from '../../ldap/result.js';
import type { Database } from '../database.js';
import type { DirectoryEnvironment } from '../environment.js';
import type { OperationContext } from '../operations/operation.js';
import { nearestEntry } from '../nearest-entry.js';
import { wellKnownOf } from '../rules/schema-check.js';

/** Bits of derefAliases: derefInSearching (1), derefFindingBaseObj (2), derefAlways (3). */
const inSearching = 1;
const findingBase = 2;

/** The base with every alias on its way followed. Throws 33 or 36, naming the alias that leads nowhere. */
export function dereferenceBase(operation: OperationContext, database: Database, base: DN, derefAliases: number): DN {
  if (!database.mayHaveAliases || (derefAliases & findingBase) === 0) return base;
  const { directory } = operation;
  const followed = new Set<string>();
  let name = base;
  let last: { readonly alias: EntryRecord; readonly target: DN } | undefined;
  for (;;) {
    const alias = nearestAlias(database, name);
    if (!alias) break;
    if (followed.has(alias.ndn)) throw problem(alias, 'aliases lead in a circle');
    if (followed.size >= database.config.maxDerefDepth) {
      throw new LdapError(ResultCode.aliasDereferencingProblem, 'maximum deref depth exceeded', { matchedDN: alias.dn });
    }
    followed.add(alias.ndn);
    const target = targetOf(directory, database, alias);
    name = name.moved(directory.parseDN(alias.dn), target);
    last = { alias, target };
  }
  if (last && database.store.idOf(last.target.normalized) === undefined) {
    throw problem(last.alias, 'alias leads to no entry');
  }
  return name;
}

function problem(alias: EntryRecord, diagnostic: string): LdapError {
  return new LdapError(ResultCode.aliasProblem, diagnostic, { matchedDN: alias.dn });
}

/** The entry of this name, or the lowest one above it that exists, where that is an alias. */
function nearestAlias(database: Database, name: DN): EntryRecord | undefined {
  const nearest = nearestEntry(database.store, name.normalized, database.depthOfSuffix(name.normalized));
  return nearest && nearest.flags & RecordFlag.alias ? nearest : undefined;
}

function targetOf(directory: DirectoryEnvironment, database: Database, alias: EntryRecord): DN {
  const [value] = alias.values(wellKnownOf(directory.schema).aliasedObjectName);
  if (!value) throw problem(alias, 'alias lacks aliasedObjectName');
  const target = directory.parseDN(value);
  if (directory.databaseOf(target.normalized) !== database) throw problem(alias, 'alias leads out of its database');
  return target;
}

export function followsAliases(database: Database, scope: SearchScope, derefAliases: number): boolean {
  return database.mayHaveAliases && scope !== 'base' && (derefAliases & inSearching) !== 0;
}

/** The entry that the alias leads to in the end; undefined where it leads nowhere. */
export function aliasTarget(operation: OperationContext, database: Database, alias: EntryRecord): EntryRecord | undefined {
  try {
    const name = dereferenceBase(operation, database, operation.directory.parseDN(alias.dn), findingBase);
    return database.store.entryByNdn(name.normalized);
  } catch (error) {
    if (error instanceof LdapError) return undefined;
    throw error;
  }
}
