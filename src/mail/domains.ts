/** Domains: listing, making, capabilities, switching them off and on with all that is in them, deleting. */
import type { MailEntry } from './mail-entry.js';
import { administers, forEachBounded, lastChangeNow, requireDomainAdmin, requireSiteAdmin, type MailContext } from './context.js';
import { denied, MailError } from './errors.js';
import { told } from './told.js';
import { requireCommonDomain } from './common-domain.js';
import { limitAttributes, limitsOf, type DomainLimits } from './domain-limits.js';
import { deactivatedWithDomain } from './entries.js';
import { accountClass, aliasClass, and, contains, domainClass, equals, isA, isAscii, not, postmasterClass } from './filters.js';
import { displayDomain, parseDestinations, parseDomain } from './address.js';
import { leafRdn } from './names.js';
import { checkNewPassword } from './passwords.js';
import { listWhole } from './whole-list.js';

/** What the site admin lets a domain's postmasters do. */
export const capabilities = ['editAccounts', 'editAliases', 'editPostmasters', 'editCatchAlls'] as const;
export type Capability = (typeof capabilities)[number];

export interface Domain {
  readonly dn: string;
  readonly name: string;
  readonly active: boolean;
  readonly deleted: boolean;
  readonly transport: string;
  readonly description: string;
  readonly lastChange: Date | undefined;
  readonly can: Readonly<Record<Capability, boolean>>;
  readonly limits: DomainLimits;
  /** The domain whose addresses this one has as well; undefined for a domain of its own. */
  readonly aliasOf: string | undefined;
}

export const domainAttributes: readonly string[] = [
  ...['jvd', 'accountActive', 'delete', 'lastChange', 'postfixTransport', 'description'],
  ...capabilities,
  ...limitAttributes,
  'jammdAliasOf',
];

/** Marks a description value that is jammd's own note (see mailboxes.ts) and not for people. */
export const notePrefix = 'jammd:';

export function toDomain(entry: MailEntry): Domain {
  const seconds = Number(entry.first('lastChange'));
  return {
    dn: entry.dn,
    // By its name and not by jvd, of which an entry may have further values.
    name: (leafRdn(entry.dn)?.value ?? '').toLowerCase(),
    active: entry.flag('accountActive'),
    deleted: entry.flag('delete'),
    transport: entry.first('postfixTransport') ?? '',
    description: entry
      .all('description')
      .filter((text) => !text.startsWith(notePrefix))
      .join('; '),
    lastChange: Number.isSafeInteger(seconds) && seconds > 0 ? new Date(seconds * 1000) : undefined,
    limits: limitsOf(entry),
    aliasOf: entry.first('jammdAliasOf')?.toLowerCase(),
    can: {
      editAccounts: entry.flag('editAccounts'),
      editPostmasters: entry.flag('editPostmasters'),
      // Jamm's domain class has no place for these two; where a site has added it, they count.
      editAliases: entry.flag('editAliases', true),
      editCatchAlls: entry.flag('editCatchAlls', true),
    },
  };
}

/** @throws MailError `not-found`, also where the person has no business with the domain */
export async function getDomain(context: MailContext, name: string): Promise<Domain> {
  const entry = await context.directory.read(context.tree.domain(name), domainAttributes);
  if (entry === undefined) throw new MailError('not-found', told('noDomain', { domain: displayDomain(name) }));
  return toDomain(entry);
}

/** The domain, for somebody who administers it. */
export async function getOwnDomain(context: MailContext, name: string): Promise<Domain> {
  requireDomainAdmin(context, name);
  return getDomain(context, name);
}

export function may(context: MailContext, domain: Domain, capability: Capability): boolean {
  if (domain.aliasOf !== undefined) return false;
  return context.actor.level === 'site' || (administers(context, domain.name) && domain.can[capability]);
}

const refusals = {
  editAccounts: 'mayNotEditAccounts',
  editAliases: 'mayNotEditAliases',
  editPostmasters: 'mayNotEditPostmasters',
  editCatchAlls: 'mayNotEditCatchAlls',
} as const;

/** @throws MailError `denied` */
export function requireCapability(context: MailContext, domain: Domain, capability: Capability): void {
  requireDomainAdmin(context, domain.name);
  requireCommonDomain(domain);
  if (!may(context, domain, capability)) {
    throw denied(told(refusals[capability], { domain: displayDomain(domain.name) }));
  }
}

export type DomainStatus = 'current' | 'active' | 'inactive' | 'deleted';

export interface DomainQuery {
  readonly text?: string;
  readonly status?: DomainStatus;
  readonly sort?: 'name' | 'changed';
  readonly descending?: boolean;
  readonly page?: number;
  readonly pageSize?: number;
}

export interface DomainPage {
  readonly domains: readonly Domain[];
  readonly page: number;
  readonly pages: number;
  readonly total: number;
  readonly cut: boolean;
}

const listMax = 50_000;
const defaultPageSize = 25;

/** A page of the domains this person administers. */
export async function listDomains(context: MailContext, query: DomainQuery = {}): Promise<DomainPage> {
  const { domains, cut } = await matchingDomains(context, query);
  const direction = query.descending ? -1 : 1;
  const byChange = query.sort === 'changed';
  domains.sort((left, right) => {
    const order = byChange ? (left.lastChange?.getTime() ?? 0) - (right.lastChange?.getTime() ?? 0) : 0;
    return direction * (order || (left.name < right.name ? -1 : 1));
  });
  const pageSize = query.pageSize ?? defaultPageSize;
  const pages = Math.max(1, Math.ceil(domains.length / pageSize));
  const page = Math.min(Math.max(1, query.page ?? 1), pages);
  return { domains: domains.slice((page - 1) * pageSize, page * pageSize), page, pages, total: domains.length, cut };
}

async function matchingDomains(context: MailContext, query: DomainQuery): Promise<{ domains: Domain[]; cut: boolean }> {
  const { actor, directory, tree } = context;
  const text = query.text?.trim() ?? '';
  const wanted = (domain: Domain): boolean =>
    hasStatus(domain, query.status ?? 'current') &&
    (domain.name.includes(text.toLowerCase()) || displayDomain(domain.name).includes(text.toLowerCase()));
  if (actor.level === 'user') throw denied(told('domainsHidden'));
  if (actor.level === 'domain') {
    const entries = await Promise.all(actor.domains.map((name) => directory.read(tree.domain(name), domainAttributes)));
    return { domains: entries.flatMap((entry) => (entry ? toDomain(entry) : [])).filter(wanted), cut: false };
  }
  const terms = [isA(domainClass)];
  if (text !== '' && isAscii(text)) terms.push(contains('jvd', text));
  const listing = await directory.list(tree.base, { filter: and(...terms), attributes: domainAttributes, max: listMax });
  const matching = isAscii(text) ? (domain: Domain): boolean => hasStatus(domain, query.status ?? 'current') : wanted;
  return { domains: listing.entries.map(toDomain).filter(matching), cut: listing.cut };
}

function hasStatus(domain: Domain, status: DomainStatus): boolean {
  switch (status) {
    case 'current':
      return !domain.deleted;
    case 'active':
      return domain.active && !domain.deleted;
    case 'inactive':
      return !domain.active && !domain.deleted;
    case 'deleted':
      return domain.deleted;
  }
}

export interface DomainCounts {
  readonly accounts: number;
  readonly aliases: number;
  /** The directory did not show all: the numbers are lower bounds. */
  readonly cut: boolean;
}

/** Accounts (without deleted ones) and aliases of a domain. */
export async function countDomain({ directory, tree }: MailContext, name: string): Promise<DomainCounts> {
  const count = { attributes: ['1.1'], max: listMax };
  const [accounts, aliases] = await Promise.all([
    listWhole(directory, tree.domain(name), { filter: and(isA(accountClass), not(equals('delete', 'TRUE'))), ...count }),
    listWhole(directory, tree.domain(name), { filter: isA(aliasClass), ...count }),
  ]);
  return { accounts: accounts.entries.length, aliases: aliases.entries.length, cut: accounts.cut || aliases.cut };
}

export interface NewDomain {
  readonly domain: string;
  /** Where mail to postmaster goes; `postmaster` of this machine where it is left out. */
  readonly destinations?: string;
  /** With one, postmaster@domain can log in and administer the domain. */
  readonly password?: string;
  readonly repeat?: string;
}

/** Makes a domain with its postmaster and its abuse alias; all three or nothing. */
export async function createDomain(context: MailContext, request: NewDomain): Promise<Domain> {
  requireSiteAdmin(context);
  const { directory, tree, settings } = context;
  const name = parseDomain(request.domain);
  const typed = parseDestinations(request.destinations ?? '');
  const destinations = typed.length > 0 ? typed : ['postmaster'];
  if (request.password) checkNewPassword(settings, request.password, request.repeat ?? '');
  const made: string[] = [];
  const add = async (dn: string, attributes: Readonly<Record<string, readonly string[]>>): Promise<void> => {
    await directory.add(dn, attributes);
    made.push(dn);
  };
  const common = { accountActive: ['TRUE'], lastChange: [lastChangeNow()] };
  const postmaster = tree.postmaster(name);
  try {
    await add(tree.domain(name), {
      ...common,
      objectClass: ['top', domainClass],
      jvd: [name],
      postfixTransport: [settings.transport],
      delete: ['FALSE'],
      editAccounts: ['TRUE'],
      editPostmasters: ['TRUE'],
    });
    await add(postmaster, {
      ...common,
      objectClass: ['top', aliasClass, postmasterClass],
      cn: ['postmaster'],
      mail: [`postmaster@${name}`],
      maildrop: destinations,
      roleOccupant: [postmaster],
    });
    await add(tree.mail(`abuse@${name}`, name), {
      ...common,
      objectClass: ['top', aliasClass],
      mail: [`abuse@${name}`],
      maildrop: [`postmaster@${name}`],
    });
    if (request.password) await directory.changePassword(postmaster, { newPassword: request.password });
  } catch (error) {
    for (const dn of made.reverse()) await directory.delete(dn).catch(() => undefined);
    if (error instanceof MailError && error.kind === 'exists') {
      throw new MailError('exists', told('domainExistsOrDeleted', { domain: displayDomain(name) }), 'domain', { cause: error });
    }
    throw error;
  }
  return getDomain(context, name);
}

export async function setCapability(context: MailContext, name: string, capability: Capability, on: boolean): Promise<void> {
  requireSiteAdmin(context);
  await context.directory.modify(context.tree.domain(name), [
    ['replace', capability, [on ? 'TRUE' : 'FALSE']],
    ['replace', 'lastChange', [lastChangeNow()]],
  ]);
}

export async function describeDomain(
  context: MailContext,
  name: string,
  texts: { readonly description: string; readonly transport: string },
): Promise<void> {
  requireSiteAdmin(context);
  const { directory, tree, settings } = context;
  const transport = texts.transport.trim() || settings.transport;
  if (!/^[!-~]{1,200}$/.test(transport)) {
    throw new MailError('invalid', told('transportInvalid', { typed: transport }), 'transport');
  }
  const entry = await directory.read(tree.domain(name), ['description']);
  const notes = (entry?.all('description') ?? []).filter((text) => text.startsWith(notePrefix));
  const description = texts.description.trim();
  await directory.modify(tree.domain(name), [
    ['replace', 'postfixTransport', [transport]],
    ['replace', 'description', description === '' ? notes : [description, ...notes]],
    ['replace', 'lastChange', [lastChangeNow()]],
  ]);
}

// Writes wait for the disk one after the other; a few in flight keep the line busy.
const writesInFlight = 16;

/** How many accounts and aliases were switched with the domain. */
export type Switched = number;

/**
 * Deactivates a domain and all that is active in it, and marks those, so that they come back with it. What was inactive
 * before stays unmarked. Done again after an interruption, it finishes the work.
 */
export async function deactivateDomain(context: MailContext, name: string): Promise<Switched> {
  requireSiteAdmin(context);
  await getDomain(context, name);
  const switched = await switchAll(context, name, equals('accountActive', 'TRUE'), 'FALSE');
  await switchDomain(context, name, [['replace', 'accountActive', ['FALSE']]]);
  return switched;
}

/** Activates a domain and what was active in it when it was deactivated. */
export async function activateDomain(context: MailContext, name: string): Promise<Switched> {
  requireSiteAdmin(context);
  const domain = await getDomain(context, name);
  if (domain.deleted) throw new MailError('conflict', told('isDeleted', { name: displayDomain(name) }));
  const switched = await switchAll(context, name, equals('description', deactivatedWithDomain), 'TRUE');
  await switchDomain(context, name, [['replace', 'accountActive', ['TRUE']]]);
  return switched;
}

/** Soft deletion: nothing in the domain gets mail or can log in, all of it can be restored. */
export async function deleteDomain(context: MailContext, name: string): Promise<Switched> {
  requireSiteAdmin(context);
  await getDomain(context, name);
  const switched = await switchAll(context, name, equals('accountActive', 'TRUE'), 'FALSE');
  await switchDomain(context, name, [
    ['replace', 'accountActive', ['FALSE']],
    ['replace', 'delete', ['TRUE']],
  ]);
  return switched;
}

export async function restoreDomain(context: MailContext, name: string): Promise<Switched> {
  requireSiteAdmin(context);
  await switchDomain(context, name, [['replace', 'delete', ['FALSE']]]);
  return activateDomain(context, name);
}

/** Removes a deleted domain's entries for good. Mail on disk stays where it is. Returns how many entries went. */
export async function purgeDomain(context: MailContext, name: string): Promise<number> {
  requireSiteAdmin(context);
  const { directory, tree } = context;
  const domain = await getDomain(context, name);
  if (!domain.deleted) throw new MailError('conflict', told('deleteDomainFirst', { domain: displayDomain(name) }));
  const others = await directory.list(tree.base, { filter: equals('jammdAliasOf', name), attributes: ['1.1'], max: 1 });
  const [other] = others.entries;
  if (other !== undefined) {
    const its = displayDomain(leafRdn(other.dn)?.value ?? '');
    throw new MailError('conflict', told('purgeOtherNameFirst', { other: its, domain: displayDomain(name) }));
  }
  let removed = 0;
  for (;;) {
    const children = await directory.list(tree.domain(name), {
      filter: not(isA(domainClass)),
      attributes: ['1.1'],
      max: listMax,
    });
    if (children.entries.length === 0) break;
    await forEachBounded(children.entries, writesInFlight, async ({ dn }) => {
      await directory.delete(dn);
      removed += 1;
    });
  }
  await directory.delete(tree.domain(name));
  return removed + 1;
}

async function switchDomain(
  { directory, tree }: MailContext,
  name: string,
  changes: readonly (readonly ['replace', string, readonly string[]])[],
): Promise<void> {
  await directory.modify(tree.domain(name), [...changes, ['replace', 'lastChange', [lastChangeNow()]]]);
}

/** Switches everything directly below a domain that matches, in as many rounds as the size limit asks for. */
async function switchAll(
  context: MailContext,
  name: string,
  state: ReturnType<typeof equals>,
  to: 'TRUE' | 'FALSE',
): Promise<number> {
  const { directory, tree } = context;
  const mark: 'add' | 'delete' = to === 'FALSE' ? 'add' : 'delete';
  const filter = and(not(isA(domainClass)), state);
  let switched = 0;
  for (;;) {
    const { entries, cut } = await directory.list(tree.domain(name), { filter, attributes: ['description'], max: listMax });
    await forEachBounded(entries, writesInFlight, async (entry) => {
      const marked = entry.all('description').includes(deactivatedWithDomain);
      await directory.modify(entry.dn, [
        ['replace', 'accountActive', [to]],
        ['replace', 'lastChange', [lastChangeNow()]],
        ...(marked === (mark === 'delete') ? ([[mark, 'description', [deactivatedWithDomain]]] as const) : []),
      ]);
      switched += 1;
    });
    if (!cut || entries.length === 0) return switched;
  }
}
