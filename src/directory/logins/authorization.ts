/** Who may act as whom: `authz-policy`, authzTo and authzFrom (slapd.conf(5)). */
import { Privilege, type AccessEvaluator } from '../../access/model.js';
import { isInScope } from '../../access/names.js';
import { Groups } from '../../access/groups.js';
import type { DN } from '../../dn/dn.js';
import type { EntryRecord } from '../../entry/record.js';
import { evaluateFilter } from '../../filter/evaluate.js';
import { LdapError, ResultCode } from '../../ldap/result.js';
import type { Database } from '../database.js';
import type { MaybePromise } from '../model.js';
import { filterEnvironment } from '../search/matching.js';
import { authorizationRules, type AuthorizationRule } from './authorization-rules.js';
import { identityOf, type Asker } from './identity.js';

/** May `authenticated`, on whose behalf `asker` looks things up, become `wanted`? Anybody may become anonymous. */
export function mayBecome(asker: Asker, authenticated: DN, wanted: DN): boolean {
  return wanted.isEmpty || new Authorization(asker, authenticated).mayBecome(wanted);
}

/**
 * Whom the owner of `authenticated` acts as, who asked with a SASL authorization identity; undefined: anonymous. An empty one
 * stands for himself. Throws, or rejects with, 50.
 */
export function assumedIdentity(
  asker: Asker,
  authenticated: DN,
  authzId: string,
  mechanism: string,
): MaybePromise<DN | undefined> {
  if (authzId === '') return authenticated;
  const authorized = (wanted: DN | undefined): DN | undefined => {
    if (wanted && mayBecome(asker, authenticated, wanted)) return wanted.isEmpty ? undefined : wanted;
    throw new LdapError(ResultCode.insufficientAccessRights, 'not authorized to act as that identity');
  };
  const wanted = identityOf(asker, authzId, mechanism);
  return wanted instanceof Promise ? wanted.then(authorized) : authorized(wanted);
}

class Authorization {
  constructor(
    private readonly asker: Asker,
    private readonly authenticated: DN,
  ) {}

  mayBecome(wanted: DN): boolean {
    const { authenticated } = this;
    const { directory } = this.asker;
    if (authenticated.normalized === wanted.normalized) return true;
    if (directory.databaseOf(wanted.normalized)?.isRoot(authenticated)) return true;
    const to = (): boolean => this.#anyRuleNames(authenticated, 'authzTo', wanted);
    const from = (): boolean => this.#anyRuleNames(wanted, 'authzFrom', authenticated);
    switch (directory.config.authzPolicy) {
      case 'none':
        return false;
      case 'to':
        return to();
      case 'from':
        return from();
      case 'any':
        return to() || from();
      case 'all':
        return to() && from();
    }
  }

  /** Does a value of `attribute` on the entry `holder`, which the asker must have auth access to, name `subject`? */
  #anyRuleNames(holder: DN, attribute: 'authzTo' | 'authzFrom', subject: DN): boolean {
    const { directory } = this.asker;
    const found = this.#entry(holder.normalized);
    const description = directory.schema.attributeDescription(attribute);
    if (!found || !description || !found.access.allows(found.record, description, Privilege.auth)) return false;
    return authorizationRules(directory, found.record, description).some((rule) => this.#ruleNames(rule, subject.normalized));
  }

  #entry(ndn: string): { record: EntryRecord; database: Database; access: AccessEvaluator } | undefined {
    const { directory, subject } = this.asker;
    const database = directory.databaseOf(ndn);
    const record = database?.store.entryByNdn(ndn);
    if (!database || !record) return undefined;
    const access = database.evaluator(subject, {
      entryByNdn: (name) => directory.databaseOf(name)?.store.entryByNdn(name),
    });
    return { record, database, access };
  }

  #ruleNames(rule: AuthorizationRule, subject: string): boolean {
    switch (rule.kind) {
      case 'anyone':
        return true;
      case 'name':
        return isInScope(subject, rule.style === 'exact' ? 'base' : rule.style, rule.ndn);
      case 'group':
        return this.#isMember(rule, subject);
      case 'url':
        return this.#isFound(rule, subject);
    }
  }

  #isMember({ ndn, objectClass, member }: Extract<AuthorizationRule, { kind: 'group' }>, subject: string): boolean {
    const found = this.#entry(ndn);
    if (!found) return false;
    return groupsOf(this.asker).hasMember(found.record, { objectClass, member }, subject);
  }

  /** Would the asker's search find the subject? */
  #isFound({ url, filter }: Extract<AuthorizationRule, { kind: 'url' }>, subject: string): boolean {
    const scope = url.scope === 'sub' ? 'subtree' : url.scope;
    if (!isInScope(subject, scope, url.base.normalized)) return false;
    const found = this.#entry(subject);
    if (!found) return false;
    try {
      return evaluateFilter(filter, found.record, filterEnvironment(found.access, found.database.computed)) === true;
    } catch (error) {
      // Too much to compare at one go.
      if (error instanceof LdapError) return false;
      throw error;
    }
  }
}

/** Groups are remembered for as long as the directory is open. */
const groups = new WeakMap<object, Groups>();

function groupsOf({ directory }: Asker): Groups {
  let known = groups.get(directory);
  if (!known) groups.set(directory, (known = new Groups(directory.schema)));
  return known;
}
