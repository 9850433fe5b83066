/** Proxied Authorization (RFC 4370): speaking as somebody else, where `authz-policy`, authzTo and authzFrom allow it. */
import { Privilege, type AccessEvaluator, type Subject } from '../../access/model.js';
import type { DN } from '../../dn/dn.js';
import { ndnIsBelow, ndnIsWithin, ndnParent } from '../../dn/normalized.js';
import type { EntryRecord } from '../../entry/record.js';
import { parseFilter } from '../../filter/text.js';
import type { Control } from '../../ldap/control.js';
import { LdapError, ResultCode } from '../../ldap/result.js';
import { mapIdentity } from '../operations/authz-regexp.js';
import type { Database } from '../database.js';
import type { DirectoryEnvironment } from '../environment.js';
import { entryMatches } from '../search/matching.js';
import { wellKnownOf } from '../rules/schema-check.js';

/** Who the operation is done as; undefined: anonymous. Throws 2 or 123. */
export function proxiedIdentity(
  directory: DirectoryEnvironment,
  subject: Subject,
  control: Extract<Control, { type: 'proxiedAuthorization' }>,
): DN | undefined {
  if (!control.critical && !directory.config.features.proxyAuthzNonCritical) {
    throw new LdapError(ResultCode.protocolError, 'proxied authorization criticality FALSE');
  }
  if (!subject.dn && !directory.config.features.proxyAuthzAnonymous) {
    throw new LdapError(ResultCode.authorizationDenied, 'anonymous proxied authorization not allowed');
  }
  if (control.authzId === '') return undefined;
  const wanted = namedBy(directory, control.authzId);
  if (!wanted) throw new LdapError(ResultCode.authorizationDenied, 'authzId mapping failed');
  if (wanted.isEmpty) return undefined;
  if (subject.dn && new Authorization(directory, subject, subject.dn).mayBecome(wanted)) return wanted;
  throw new LdapError(ResultCode.authorizationDenied, 'not authorized to assume identity');
}

/**
 * RFC 4513 section 5.2.1.8: `dn:` and a name, or `u:` and a user's, which `authz-regexp` may turn into an entry's. As in
 * slapd, the name is spelled in its normalised form from here on.
 */
function namedBy(directory: DirectoryEnvironment, authzId: string): DN | undefined {
  const [, kind, text = ''] = /^(dn|u):(.*)$/is.exec(authzId) ?? [];
  if (kind === undefined || (kind.toLowerCase() === 'u' && text === '')) return undefined;
  const name = kind.toLowerCase() === 'dn' ? text : `uid=${escapeValue(text)},cn=auth`;
  const dn = nameOrUndefined(directory, name);
  if (!dn || dn.isEmpty) return dn;
  const mapped = mapIdentity(directory, dn);
  return nameOrUndefined(directory, mapped.normalized) ?? mapped;
}

function escapeValue(text: string): string {
  return text.replace(/[\\",+<>;=#\s\0]/g, (character) =>
    [...Buffer.from(character)].map((byte) => `\\${byte.toString(16).padStart(2, '0')}`).join(''),
  );
}

/** One asker's right to be somebody else. */
class Authorization {
  constructor(
    private readonly directory: DirectoryEnvironment,
    private readonly subject: Subject,
    private readonly asker: DN,
  ) {}

  mayBecome(wanted: DN): boolean {
    const { directory, asker } = this;
    if (asker.normalized === wanted.normalized) return true;
    if (directory.databaseOf(wanted.normalized)?.isRoot(asker)) return true;
    const to = (): boolean => this.#anyRuleNames(asker, 'authzTo', wanted);
    const from = (): boolean => this.#anyRuleNames(wanted, 'authzFrom', asker);
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
    const found = this.#entry(holder.normalized);
    const description = this.directory.schema.attributeDescription(attribute);
    if (!found || !description || !found.access.allows(found.record, description, Privilege.auth)) return false;
    return found.record.values(description).some((value) => this.#ruleNames(value.toString(), subject));
  }

  #entry(ndn: string): { record: EntryRecord; database: Database; access: AccessEvaluator } | undefined {
    const { directory, subject } = this;
    const database = directory.databaseOf(ndn);
    const record = database?.store.entryByNdn(ndn);
    if (!database || !record) return undefined;
    const access = database.evaluator(subject, {
      entryByNdn: (name) => directory.databaseOf(name)?.store.entryByNdn(name),
    });
    return { record, database, access };
  }

  /** The forms of slapd.conf(5)'s authz-policy: `dn[.style]:`, a bare DN, `group[/class[/attribute]]:`, an LDAP URL. */
  #ruleNames(rule: string, subject: DN): boolean {
    if (/^ldap:\/\/\//i.test(rule)) return this.#urlNames(rule, subject);
    const group = /^group(?:\/([^/:]*))?(?:\/([^:]*))?:(.*)$/is.exec(rule);
    if (group) return this.#groupNames(group[3]!, group[1] || 'groupOfNames', group[2] || 'member', subject);
    const parts = /^dn(?:\.(\w+))?:(.*)$/is.exec(rule);
    return this.#dnNames(parts?.[1]?.toLowerCase() ?? 'exact', parts ? parts[2]! : rule, subject);
  }

  /**
   * A `dn.regex` names nobody here: users may write their own authzTo, and an expression of a stranger's making could hold
   * the server up.
   */
  #dnNames(style: string, pattern: string, subject: DN): boolean {
    if (pattern === '*') return true;
    const ndn = nameOrUndefined(this.directory, pattern)?.normalized;
    if (ndn === undefined) return false;
    switch (style) {
      case 'exact':
        return subject.normalized === ndn;
      case 'onelevel':
      case 'one':
        return ndnParent(subject.normalized) === ndn;
      case 'subtree':
        return ndnIsWithin(subject.normalized, ndn);
      case 'children':
        return ndnIsBelow(subject.normalized, ndn);
      default:
        return false;
    }
  }

  #groupNames(name: string, className: string, attribute: string, subject: DN): boolean {
    const { schema } = this.directory;
    const ndn = nameOrUndefined(this.directory, name)?.normalized;
    const found = ndn === undefined ? undefined : this.#entry(ndn);
    const wanted = schema.objectClass(className);
    const description = schema.attributeDescription(attribute);
    const equality = description?.type.equality;
    if (!found || !wanted || !description || !equality) return false;
    const classes = found.record.values(wellKnownOf(schema).objectClass);
    if (!classes.some((value) => schema.objectClass(value.toString('latin1'))?.lineage.includes(wanted))) return false;
    return found.record.values(description).some((value) => equality.normalize(value) === subject.normalized);
  }

  /** `ldap:///base??scope?filter`: would the asker's search find the subject? */
  #urlNames(url: string, subject: DN): boolean {
    const [encodedBase = '', , scope = '', filter = ''] = url.slice('ldap:///'.length).split('?');
    const found = this.#entry(subject.normalized);
    if (!found || filter === '') return false;
    try {
      const base = this.directory.parseDN(decodeURIComponent(encodedBase)).normalized;
      if (!isInScope(subject.normalized, base, scope.toLowerCase())) return false;
      return entryMatches(parseFilter(decodeURIComponent(filter)), found.record, found.access, found.database);
    } catch {
      return false;
    }
  }
}

function isInScope(ndn: string, base: string, scope: string): boolean {
  switch (scope) {
    case '':
    case 'base':
      return ndn === base;
    case 'one':
    case 'onelevel':
      return ndnParent(ndn) === base;
    case 'sub':
    case 'subtree':
      return ndnIsWithin(ndn, base);
    default:
      return false;
  }
}

function nameOrUndefined(directory: DirectoryEnvironment, name: string): DN | undefined {
  try {
    return directory.parseDN(name);
  } catch {
    return undefined;
  }
}
