/** Whom a rule of authzTo, authzFrom or dgAuthz names. */
import type { AccessEvaluator } from '../../access/model.js';
import { isInScope } from '../../access/names.js';
import { groupsOf } from '../../access/groups.js';
import type { EntryRecord } from '../../entry/record.js';
import { evaluateFilter } from '../../filter/evaluate.js';
import { LdapError } from '../../ldap/result.js';
import type { Database } from '../database.js';
import { filterEnvironment } from '../search/matching.js';
import type { Asker } from './asker.js';
import type { AuthorizationRule } from './authorization-rules.js';

export function entryFor(
  { directory, subject }: Asker,
  ndn: string,
): { record: EntryRecord; database: Database; access: AccessEvaluator } | undefined {
  const database = directory.databaseOf(ndn);
  const record = database?.store.entryByNdn(ndn);
  if (!database || !record) return undefined;
  const access = database.evaluator(subject, {
    entryByNdn: (name) => directory.databaseOf(name)?.store.entryByNdn(name),
  });
  return { record, database, access };
}

/** Does the rule name `subject`, a normalised DN? */
export function ruleNames(asker: Asker, rule: AuthorizationRule, subject: string): boolean {
  switch (rule.kind) {
    case 'anyone':
      return true;
    case 'name':
      return isInScope(subject, rule.style === 'exact' ? 'base' : rule.style, rule.ndn);
    case 'group':
      return isMember(asker, rule, subject);
    case 'url':
      return isFound(asker, rule, subject);
  }
}

function isMember(
  asker: Asker,
  { ndn, objectClass, member }: Extract<AuthorizationRule, { kind: 'group' }>,
  subject: string,
): boolean {
  const found = entryFor(asker, ndn);
  if (!found) return false;
  return groupsOf(asker.directory.schema).hasMember(found.record, { objectClass, member }, subject, {
    entryByNdn: (name) => asker.directory.databaseOf(name)?.store.entryByNdn(name),
  });
}

/** Would the asker's search find the subject? */
function isFound(asker: Asker, { url, filter }: Extract<AuthorizationRule, { kind: 'url' }>, subject: string): boolean {
  const scope = url.scope === 'sub' ? 'subtree' : url.scope;
  if (!isInScope(subject, scope, url.base.normalized)) return false;
  const found = entryFor(asker, subject);
  if (!found) return false;
  try {
    return evaluateFilter(filter, found.record, filterEnvironment(found.access, found.database.computed)) === true;
  } catch (error) {
    // Too much to compare at one go.
    if (error instanceof LdapError) return false;
    throw error;
  }
}
