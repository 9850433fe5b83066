/** Postmasters: the people whom a domain's cn=postmaster group names, and who therefore administer it. */
import type { MailContext } from './context.js';
import { requireCapability, type Domain } from './domains.js';
import { readPerson, type Person } from './entries.js';
import { MailError } from './errors.js';
import { told } from './told.js';
import { and, equals, isA, postmasterClass } from './filters.js';
import { isTokenName, normalizedDn, sameDn } from './names.js';

/** The names in a domain's group, cn=postmaster itself included where it is one. */
export async function occupants({ directory, tree }: MailContext, domain: string): Promise<readonly string[]> {
  const group = await directory.read(tree.postmaster(domain), ['roleOccupant']);
  return group?.all('roleOccupant') ?? [];
}

export interface Postmaster {
  readonly dn: string;
  /** Undefined where the name leads nowhere (any more). */
  readonly person: Person | undefined;
}

const listMax = 200;

export async function listPostmasters(context: MailContext, domain: string): Promise<readonly Postmaster[]> {
  // API tokens may have a postmaster's rights, but are nobody.
  const names = (await occupants(context, domain)).filter((dn) => !isTokenName(dn)).slice(0, listMax);
  return Promise.all(names.map(async (dn) => ({ dn, person: await readPerson(context, dn) })));
}

/** The directory compares the names: it alone knows all spellings of one. */
export async function isPostmaster(
  { directory, tree }: Pick<MailContext, 'directory' | 'tree'>,
  domain: string,
  dn: string,
): Promise<boolean> {
  return (await directory.read(tree.postmaster(domain), ['1.1'], equals('roleOccupant', dn))) !== undefined;
}

/** Normalised names of a domain's postmasters, for marking them in a list. */
export async function postmasterNames(context: MailContext, domain: string): Promise<ReadonlySet<string>> {
  return new Set((await occupants(context, domain)).map(normalizedDn));
}

/** The domains whose group names this entry, in order. */
export async function postmasterDomains(
  { directory, tree }: Pick<MailContext, 'directory' | 'tree'>,
  dn: string,
): Promise<readonly string[]> {
  const { entries } = await directory.list(tree.base, {
    scope: 'sub',
    filter: and(isA(postmasterClass), equals('roleOccupant', dn)),
    attributes: ['1.1'],
    max: 10_000,
  });
  // Only cn=postmaster directly below a domain gives rights (the HOWTO's access rules).
  const domains = entries.flatMap((entry) => {
    const domain = tree.domainOf(entry.dn);
    return domain !== undefined && sameDn(entry.dn, tree.postmaster(domain)) ? domain : [];
  });
  return domains.sort();
}

/** Makes somebody a postmaster of the domain. Returns whether they were not one already. */
export async function appointPostmaster(context: MailContext, domain: Domain, person: Person): Promise<boolean> {
  requireCapability(context, domain, 'editPostmasters');
  if (person.kind === 'account' && person.deleted) throw new MailError('conflict', told('isDeleted', { name: person.address }));
  return context.directory.modifyUnlessDone(context.tree.postmaster(domain.name), [['add', 'roleOccupant', [person.dn]]]);
}

/** Takes the rights back. Returns whether they were there. */
export async function dismissPostmaster(context: MailContext, domain: Domain, dn: string): Promise<boolean> {
  requireCapability(context, domain, 'editPostmasters');
  if (sameDn((await context.directory.nameOf(dn)) ?? dn, context.actor.dn)) {
    throw new MailError('conflict', told('dismissSelf'));
  }
  return removeOccupant(context, domain.name, dn);
}

export async function removeOccupant(context: MailContext, domain: string, dn: string): Promise<boolean> {
  if (!(await isPostmaster(context, domain, dn))) return false;
  const names = await occupants(context, domain);
  // The schema wants at least one: the group stands in for itself, as in a new domain.
  const group = context.tree.postmaster(domain);
  const standIn = names.length === 1 && !sameDn(names[0] ?? '', group) ? ([['add', 'roleOccupant', [group]]] as const) : [];
  return context.directory.modifyUnlessDone(group, [...standIn, ['delete', 'roleOccupant', [dn]]]);
}
