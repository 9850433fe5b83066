/** Referral objects (RFC 3296): where an operation meets one, its `ref` values, turned to the name asked for. */
import type { DN } from '../../dn/dn.js';
import type { EntryRecord } from '../../entry/record.js';
import type { SearchScope } from '../../ldap/request.js';
import { LdapError, ResultCode } from '../../ldap/result.js';
import type { Database } from '../database.js';
import type { DirectoryEnvironment } from '../environment.js';
import { wellKnownOf } from '../rules/schema-check.js';

const scopeWords: Record<SearchScope, string> = { base: 'base', one: 'one', sub: 'sub', children: 'subordinate' };

/** The error that sends the client elsewhere: for the entry `target`, at or below the referral object. */
export function referralTo(
  directory: DirectoryEnvironment,
  referral: EntryRecord,
  target: DN,
  scope: SearchScope | undefined,
): LdapError {
  // As slapd: where an operation meets the very object, and has no scope to add, its values go out as they are.
  const verbatim = scope === undefined && target.normalized === referral.ndn;
  return new LdapError(ResultCode.referral, '', {
    matchedDN: referral.dn,
    referrals: verbatim ? urlsOf(directory, referral) : referralUrls(directory, referral, target, scope),
  });
}

/** `ref` values as URLs that name the target: the part of its DN below the referral object goes over to the other side. */
export function referralUrls(
  directory: DirectoryEnvironment,
  referral: EntryRecord,
  target: DN,
  scope: SearchScope | undefined,
): string[] {
  const here = directory.parseDN(referral.dn);
  return urlsOf(directory, referral).flatMap((url) => rewritten(directory, url, here, target, scope) ?? []);
}

/** The configuration's `referral` for what this server does not hold; undefined where it names no server. */
export function globalReferral(
  directory: DirectoryEnvironment,
  target: DN,
  scope: SearchScope | undefined,
): LdapError | undefined {
  const { referrals } = directory.config;
  if (referrals.length === 0) return undefined;
  const urls = referrals.flatMap((url) => rewritten(directory, url, undefined, target, scope) ?? []);
  return new LdapError(ResultCode.referral, '', { referrals: urls });
}

/** Throws 10, or 53 where there is nowhere to go to: clients do not write to a database that follows a provider. */
export function sendToProvider(directory: DirectoryEnvironment, { config }: Database, target: DN | undefined): void {
  if (config.syncrepls.length === 0) return;
  const urls = config.updateRefs.length > 0 ? config.updateRefs : directory.config.referrals;
  if (urls.length === 0) throw new LdapError(ResultCode.unwillingToPerform, 'shadow context; no update referral');
  // As slapd: Password Modify, which has no target in its request, gets them as they are written.
  const referrals = target ? urls.flatMap((url) => rewritten(directory, url, undefined, target, undefined) ?? []) : urls;
  throw new LdapError(ResultCode.referral, '', { referrals });
}

/** RFC 3296: a label may follow the URL. */
function urlsOf({ schema }: DirectoryEnvironment, referral: EntryRecord): string[] {
  return referral.values(wellKnownOf(schema).ref).map((value) => value.toString().split(/\s/, 1)[0]!);
}

const ldapUrl = /^(ldap[is]?:\/\/[^/?]*)(?:\/([^?]*)(?:\?([^?]*))?(?:\?([^?]*))?(.*))?$/i;

/**
 * An LDAP URL with the target's name in place of its own, and a scope where it has none. `here`: what the URL's name
 * stands for; undefined: everything. Other URLs go out as they are; undefined for one whose name is none.
 */
function rewritten(
  directory: DirectoryEnvironment,
  url: string,
  here: DN | undefined,
  target: DN,
  scope: SearchScope | undefined,
): string | undefined {
  const parts = ldapUrl.exec(url);
  if (!parts) return url;
  const [, server, name = '', attributes = '', ownScope = '', rest = ''] = parts;
  try {
    const there = name === '' ? here : directory.parseDN(decodeURIComponent(name));
    const dn = here && there && target.isWithin(here) ? target.moved(here, there) : target;
    const words = [encodeURI(dn.toString()), attributes, ownScope || (scope === undefined ? '' : scopeWords[scope])];
    return `${server}/${`${words.join('?')}${rest}`.replace(/\?+$/, '')}`;
  } catch {
    return undefined;
  }
}
