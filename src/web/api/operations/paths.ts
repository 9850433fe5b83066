/** What the paths of operations name: a domain, and somebody in it. */
import { domainToASCII } from 'node:url';
import { administers, type MailContext } from '../../../mail/context.js';
import { denied, invalid } from '../../../mail/errors.js';
import { splitAddress } from '../../../mail/address.js';
import type { Person } from '../../../mail/entries.js';
import { sameDn } from '../../../mail/names.js';

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
