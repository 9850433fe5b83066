/** What the paths of operations name: a domain, and somebody in it. */
import { domainToASCII } from 'node:url';
import { destinationKey, splitAddress } from '../../../mail/address.js';
import { administers, type MailContext } from '../../../mail/context.js';
import { getDomain, getOwnDomain, type Domain } from '../../../mail/domains.js';
import type { Person } from '../../../mail/entries.js';
import { denied, invalid } from '../../../mail/errors.js';
import { sameDn } from '../../../mail/names.js';
import { changeSenders } from '../../../mail/senders.js';

type Param = (name: string) => string;

export function domainOf(param: Param): string {
  const typed = param('domain');
  return (domainToASCII(typed) || typed).toLowerCase();
}

/** With or without the domain. */
export function addressOf(param: Param): string {
  const [typed, domain] = [param('address'), domainOf(param)];
  if (!typed.includes('@')) return `${typed}@${domain}`;
  const [local, own] = splitAddress(typed);
  if ((domainToASCII(own) || own) !== domain) throw invalid('address', `${typed} is not an address of ${domain}.`);
  return `${local}@${domain}`;
}

export function requireOwnOrAdmin(mail: MailContext, domain: string, person: Pick<Person, 'dn'>): void {
  if (sameDn(mail.actor.dn, person.dn) || administers(mail, domain)) return;
  throw denied(`Only its owner, a postmaster of ${domain} or the site admin may do that.`);
}

/** The domain of an address, for its owner and for those who administer it. */
export function domainOfAddress(mail: MailContext, param: Param): Promise<Domain> {
  const { actor } = mail;
  const isOwn = actor.level !== 'site' && destinationKey(actor.address) === destinationKey(addressOf(param));
  return (isOwn ? getDomain : getOwnDomain)(mail, domainOf(param));
}

/** Makes these the senders of an address besides its owners. */
export async function replaceSenders(
  mail: MailContext,
  domain: Domain,
  person: Person,
  wanted: readonly string[],
): Promise<void> {
  const [present, asked] = [person.senders, wanted].map((all) => new Set(all.map(destinationKey)));
  const add = wanted.filter((sender) => !present?.has(destinationKey(sender)));
  const remove = person.senders.filter((sender) => !asked?.has(destinationKey(sender)));
  if (add.length > 0 || remove.length > 0) await changeSenders(mail, domain, person.address, { add: add.join('\n'), remove });
}
