/** Proxied Authorization (RFC 4370): speaking as somebody else, where `authz-policy`, authzTo and authzFrom allow it. */
import type { Subject } from '../access/model.js';
import type { Control } from '../ldap/control.js';
import type { DN } from '../dn/dn.js';
import { ndnIsBelow, ndnIsWithin, ndnParent } from '../dn/normalized.js';
import type { EntryRecord } from '../entry/record.js';
import { LdapError, ResultCode } from '../ldap/result.js';
import type { Directory } from './directory.js';

/** Who the operation is done as; undefined: anonymous. Throws 2 or 123. */
export function proxiedIdentity(
  directory: Directory,
  subject: Subject,
  control: Extract<Control, { type: 'proxiedAuthorization' }>,
): DN | undefined {
  if (!control.critical && !directory.config.features.proxyAuthzNonCritical) throw new LdapError(ResultCode.protocolError, 'proxied authorization criticality FALSE');
  if (!subject.dn && !directory.config.features.proxyAuthzAnonymous) {
    throw new LdapError(ResultCode.authorizationDenied, 'anonymous proxied authorization not allowed');
  }
  if (control.authzId === '') return undefined;
  if (!control.authzId.toLowerCase().startsWith('dn:')) {
    throw new LdapError(ResultCode.authorizationDenied, 'authzId mapping failed');
  }
  const wanted = nameOrUndefined(directory, control.authzId.slice(3));
  if (!wanted) throw new LdapError(ResultCode.authorizationDenied, 'authzId mapping failed');
  if (wanted.isEmpty) return undefined;
  if (subject.dn && mayBecome(directory, subject.dn, wanted)) return wanted;
  throw new LdapError(ResultCode.authorizationDenied, 'not authorized to assume identity');
}

function mayBecome(directory: Directory, asker: DN, wanted: DN): boolean {
  if (asker.normalized === wanted.normalized) return true;
  if (directory.databaseOf(wanted.normalized)?.isRoot(asker)) return true;
  const to = (): boolean => anyRuleNames(directory, asker, 'authzTo', wanted);
  const from = (): boolean => anyRuleNames(directory, wanted, 'authzFrom', asker);
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

/** Does a value of `attribute` on the entry `holder` name `subject`? */
function anyRuleNames(directory: Directory, holder: DN, attribute: 'authzTo' | 'authzFrom', subject: DN): boolean {
  const record: EntryRecord | undefined = directory.databaseOf(holder.normalized)?.store.entryByNdn(holder.normalized);
  const description = directory.schema.attributeDescription(attribute);
  if (!record || !description) return false;
  return record.values(description).some((value) => ruleNames(directory, value.toString(), subject));
}

/**
 * `dn[.style]:pattern` or a bare DN, as slapd.conf(5)'s authz-policy describes them. A `dn.regex` names nobody here: users
 * may write their own authzTo, and an expression of a stranger's making could hold the server up.
 */
function ruleNames(directory: Directory, rule: string, subject: DN): boolean {
  const parts = /^dn(?:\.(\w+))?:(.*)$/is.exec(rule);
  const style = parts?.[1]?.toLowerCase() ?? 'exact';
  const pattern = parts ? parts[2]! : rule;
  if (pattern === '*') return true;
  const ndn = nameOrUndefined(directory, pattern)?.normalized;
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

function nameOrUndefined(directory: Directory, name: string): DN | undefined {
  try {
    return directory.parseDN(name);
  } catch {
    return undefined;
  }
}
