/** Who may act as whom: `authz-policy`, authzTo and authzFrom (slapd.conf(5)). */
import { Privilege } from '../../access/model.js';
import type { DN } from '../../dn/dn.js';
import { LdapError, ResultCode } from '../../ldap/result.js';
import type { MaybePromise } from '../model.js';
import type { Asker } from './asker.js';
import { entryFor, ruleNames } from './authorization-match.js';
import { authorizationRules } from './authorization-rules.js';
import { identityOf } from './identity.js';

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
    const found = entryFor(this.asker, holder.normalized);
    const description = directory.schema.attributeDescription(attribute);
    if (!found || !description || !found.access.allows(found.record, description, Privilege.auth)) return false;
    return authorizationRules(directory, found.record, description).some((rule) =>
      ruleNames(this.asker, rule, subject.normalized),
    );
  }
}
