/**
 * Alias domains: another name of a domain, address by address. Such a domain has no addresses of its own; what the other one
 * does not have is unknown under this name as well.
 */
import { displayDomain, parseDomain } from './address.js';
import { withoutSchema } from './auxiliary.js';
import { lastChangeNow, requireSiteAdmin, type MailContext } from './context.js';
import { domainAttributes, getDomain, toDomain, type Domain } from './domains.js';
import { isMailError, MailError } from './errors.js';
import { told, type Told } from './told.js';
import { and, domainClass, equals, isA } from './filters.js';

export const aliasDomainClass = 'jammdAliasDomain';

const listMax = 1_000;

/** Makes a domain that is another name of one. */
export async function createAliasDomain(context: MailContext, typed: string, of: string): Promise<Domain> {
  requireSiteAdmin(context);
  const { directory, tree, settings } = context;
  const name = parseDomain(typed);
  const target = await requireTarget(context, name, of);
  try {
    await directory.add(tree.domain(name), {
      objectClass: ['top', domainClass, aliasDomainClass],
      jvd: [name],
      jammdAliasOf: [target],
      postfixTransport: [settings.transport],
      accountActive: ['TRUE'],
      delete: ['FALSE'],
      editAccounts: ['FALSE'],
      editPostmasters: ['FALSE'],
      lastChange: [lastChangeNow()],
    });
  } catch (error) {
    if (!isMailError(error, 'exists')) throw withoutSchema(error);
    throw new MailError('exists', told('domainExists', { domain: displayDomain(name) }), 'domain', { cause: error });
  }
  return getDomain(context, name);
}

/** Makes an alias domain the name of another domain. */
export async function pointAliasDomain(context: MailContext, domain: Domain, of: string): Promise<Domain> {
  requireSiteAdmin(context);
  if (domain.aliasOf === undefined) {
    throw new MailError('conflict', told('hasAddresses', { domain: displayDomain(domain.name) }), 'aliasOf');
  }
  const target = await requireTarget(context, domain.name, of);
  await context.directory.modify(domain.dn, [
    ['replace', 'jammdAliasOf', [target]],
    ['replace', 'lastChange', [lastChangeNow()]],
  ]);
  return getDomain(context, domain.name);
}

async function requireTarget(context: MailContext, name: string, typed: string): Promise<string> {
  const target = await getDomain(context, parseDomain(typed, 'aliasOf'));
  const shown = displayDomain(target.name);
  const refuse = (reason: Told): MailError => new MailError('invalid', reason, 'aliasOf');
  if (target.name === name) throw refuse(told('nameOfItself'));
  if (target.aliasOf !== undefined) throw refuse(told('nameOfName', { domain: shown, other: displayDomain(target.aliasOf) }));
  if (target.deleted) throw refuse(told('isDeleted', { name: shown }));
  return target.name;
}

/** The other names of a domain, in order. */
export async function aliasDomainsOf({ directory, tree }: MailContext, name: string): Promise<readonly Domain[]> {
  const { entries } = await directory.list(tree.base, {
    filter: and(equals('jammdAliasOf', name), isA(domainClass)),
    attributes: domainAttributes,
    max: listMax,
  });
  return entries.map(toDomain).sort((left, right) => (left.name < right.name ? -1 : 1));
}
