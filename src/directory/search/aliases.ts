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
import { wellKnownOf } from '../rules/schema-check.js';

/** Bits of derefAliases: derefInSearching (1), derefFindingBaseObj (2), derefAlways (3). */
const inSearching = 1;
const findingBase = 2;

/** One part of the tree that a search covers. */
export interface ScopeRoot {
  readonly id: number;
  readonly ndn: string;
  readonly scope: SearchScope;
}

/** Aliases that a search may follow to places it does not cover yet. */
const rootsMax = 10_000;

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
  for (let dn: DN | undefined = name; dn && !dn.isEmpty; dn = dn.parent) {
    const record = database.store.entryByNdn(dn.normalized);
    if (record) return record.flags & RecordFlag.alias ? record : undefined;
  }
  return undefined;
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

/**
 * All parts of the tree that a search covers when it follows the aliases it meets: its own, then those that aliases lead
 * to. An alias that leads nowhere is passed over.
 */
export async function searchRoots(operation: OperationContext, database: Database, own: ScopeRoot): Promise<ScopeRoot[]> {
  const aliases = await allAliases(database);
  const roots = [own];
  const followed = new Set<number>();
  for (let index = 0; index < roots.length && roots.length < rootsMax; index++) {
    for (const alias of aliases) {
      if (followed.has(alias.id) || !isBelowRoot(alias, roots[index]!)) continue;
      followed.add(alias.id);
      const target = finalTarget(operation, database, alias);
      if (target) roots.push({ id: target.id, ndn: target.ndn, scope: own.scope === 'one' ? 'base' : 'sub' });
    }
  }
  return roots;
}

function finalTarget(operation: OperationContext, database: Database, alias: EntryRecord): EntryRecord | undefined {
  try {
    const name = dereferenceBase(operation, database, operation.directory.parseDN(alias.dn), findingBase);
    return database.store.entryByNdn(name.normalized);
  } catch (error) {
    if (error instanceof LdapError) return undefined;
    throw error;
  }
}

async function allAliases(database: Database): Promise<EntryRecord[]> {
  const { store } = database;
  const candidates = database.classCandidates('alias');
  const ids = candidates === 'all' ? undefined : await store.candidateIds(candidates);
  const found: EntryRecord[] = [];
  const keep = (record: EntryRecord | undefined): void => {
    if (record && record.flags & RecordFlag.alias) found.push(record);
  };
  if (ids) for (const id of ids) keep(store.entry(id));
  else for await (const chunk of store.scan()) chunk.forEach(keep);
  return found;
}

export function isInRoot(record: EntryRecord, root: ScopeRoot): boolean {
  switch (root.scope) {
    case 'base':
      return record.id === root.id;
    case 'one':
      return record.parentId === root.id;
    case 'sub':
      return record.isWithin(root.ndn);
    case 'children':
      return record.id !== root.id && record.isWithin(root.ndn);
  }
}

/** An alias that is itself the root has been followed already. */
function isBelowRoot(alias: EntryRecord, root: ScopeRoot): boolean {
  return alias.id !== root.id && isInRoot(alias, root);
}
