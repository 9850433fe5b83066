/** Referral objects (RFC 3296): where an operation meets one, its `ref` values, turned to the name asked for. */
import type { DN } from '../dn/dn.js';
import type { EntryRecord } from '../entry/record.js';
import type { SearchScope } from '../ldap/request.js';
import { LdapError, ResultCode } from '../ldap/result.js';
import type { OperationContext } from './operation.js';
import { wellKnownOf } from './schema-check.js';

const scopeWords: Record<SearchScope, string> = { base: 'base', one: 'one', sub: 'sub', children: 'subordinate' };

/** The error that sends the client elsewhere: for the entry `target`, at or below the referral object. */
export function referralTo(
  operation: OperationContext,
  referral: EntryRecord,
  target: DN,
  scope: SearchScope | undefined,
): LdapError {
  return new LdapError(ResultCode.referral, '', {
    matchedDN: referral.dn,
    referrals: referralUrls(operation, referral, target, scope),
  });
}

/** `ref` values as URLs that name the target: the part of its DN below the referral object goes over to the other side. */
export function referralUrls(
  operation: OperationContext,
  referral: EntryRecord,
  target: DN,
  scope: SearchScope | undefined,
): string[] {
  const { schema, directory } = operation;
  const values = referral.values(wellKnownOf(schema).ref);
  return values.map((value) => {
    const text = value.toString();
    const slash = text.indexOf('/', text.indexOf('://') + 3);
    const server = slash < 0 ? text : text.slice(0, slash);
    const namedThere = slash < 0 ? '' : decodePercent(text.slice(slash + 1).split('?', 1)[0]!);
    const here = directory.parseDN(referral.dn);
    const there = namedThere === '' ? here : directory.parseDN(namedThere);
    const dn = target.isWithin(here) ? target.moved(here, there) : target;
    const suffix = scope === undefined ? '' : `??${scopeWords[scope]}`;
    return `${server}/${encodeURI(dn.toString())}${suffix}`;
  });
}

function decodePercent(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
