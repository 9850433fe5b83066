/** The alias that takes what nobody else in a domain does. */
import type { MailContext } from './context.js';
import { findPerson, type Alias } from './entries.js';

export function isCatchAll(alias: Alias): boolean {
  return alias.address.startsWith('@');
}

export function catchAllAddress(domain: string): string {
  return `@${domain}`;
}

export async function getCatchAll(context: MailContext, domain: string): Promise<Alias | undefined> {
  const person = await findPerson(context, domain, catchAllAddress(domain));
  return person?.kind === 'alias' ? person : undefined;
}
