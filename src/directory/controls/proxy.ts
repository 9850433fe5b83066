/** Proxied Authorization (RFC 4370): speaking as somebody else. */
import type { DN } from '../../dn/dn.js';
import type { Control } from '../../ldap/control.js';
import { LdapError, ResultCode } from '../../ldap/result.js';
import { mayBecome } from '../logins/authorization.js';
import type { Asker } from '../logins/asker.js';
import { identityOf } from '../logins/identity.js';
import type { MaybePromise } from '../model.js';

/** Who the operation is done as; undefined: anonymous. Throws, or rejects with, 2 or 123. */
export function proxiedIdentity(
  asker: Asker,
  control: Extract<Control, { type: 'proxiedAuthorization' }>,
): MaybePromise<DN | undefined> {
  const { directory, subject } = asker;
  if (!control.critical && !directory.config.features.proxyAuthzNonCritical) {
    throw new LdapError(ResultCode.protocolError, 'proxied authorization criticality FALSE');
  }
  if (!subject.dn && !directory.config.features.proxyAuthzAnonymous) {
    throw new LdapError(ResultCode.authorizationDenied, 'anonymous proxied authorization not allowed');
  }
  if (control.authzId === '') return undefined;
  const wanted = identityOf(asker, control.authzId);
  return wanted instanceof Promise ? wanted.then((dn) => authorized(asker, dn)) : authorized(asker, wanted);
}

function authorized(asker: Asker, wanted: DN | undefined): DN | undefined {
  if (!wanted) throw new LdapError(ResultCode.authorizationDenied, 'authzId mapping failed');
  if (wanted.isEmpty) return undefined;
  const { dn } = asker.subject;
  if (dn && mayBecome(asker, dn, wanted)) return wanted;
  throw new LdapError(ResultCode.authorizationDenied, 'not authorized to assume identity');
}
