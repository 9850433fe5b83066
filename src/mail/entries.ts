/** What accounts and aliases of a domain have in common: finding one, and listing many in pages. */
import type { Filter } from 'ldapts';
import type { MailEntry } from './mail-entry.js';
import { forEachBounded, lastChangeNow, type MailContext } from './context.js';
import { MailError } from './errors.js';
import { told } from './told.js';
import { accountClass, aliasClass, and, beginsWith, contains, equals, isA, isAscii, not, or } from './filters.js';
import { leafRdn, namedByAddress, normalizedDn } from './names.js';
import { listWhole } from './whole-list.js';

/** Put into `description` of what was active when its domain was deactivated, and taken out when that ends. */
export const deactivatedWithDomain = 'Deactivated together with its domain';

const entryAttributes: readonly string[] = [
  ...['objectClass', 'mail', 'cn', 'description', 'accountActive', 'delete', 'lastChange', 'quota'],
  ...['homeDirectory', 'mailbox', 'maildrop', 'roleOccupant', 'entryCSN'],
  ...['jammdForwardTo', 'jammdRedirectTo', 'jammdSender'],
];

/** More entries than ever share one address by mistake. */
const holdersMax = 1_000;

interface Common {
  readonly dn: string;
  readonly address: string;
  /** cn; empty where there is none. */
  readonly name: string;
  readonly description: string;
  readonly active: boolean;
  /** It was active until its domain was deactivated, and will be again with it. */
  readonly waitsForDomain: boolean;
  readonly lastChange: Date | undefined;
  /** Accounts that may send from this address besides its owners. */
  readonly senders: readonly string[];
  /** Changes with every change of the entry, whoever makes it. */
  readonly version: string;
}

export interface Account extends Common {
  readonly kind: 'account';
  readonly deleted: boolean;
  /** As stored, in Courier's form: `104857600S`; empty where there is none. */
  readonly quota: string;
  readonly homeDirectory: string;
  readonly mailbox: string;
  /** Where its mail goes besides, or instead; empty where it stays here. */
  readonly forwardTo: readonly string[];
  /** Mail that goes elsewhere comes here, too. */
  readonly keepsCopy: boolean;
}

export interface Alias extends Common {
  readonly kind: 'alias';
  readonly destinations: readonly string[];
  /** It is the domain's cn=postmaster with the people who may administer the domain. */
  readonly isPostmasterGroup: boolean;
}

export type Person = Account | Alias;

export function toPerson(entry: MailEntry): Person | undefined {
  const descriptions = entry.all('description');
  const seconds = Number(entry.first('lastChange'));
  const common: Common = {
    dn: entry.dn,
    address: addressOf(entry),
    name: entry.first('cn') ?? '',
    description: descriptions.filter((text) => text !== deactivatedWithDomain).join('; '),
    active: entry.flag('accountActive'),
    waitsForDomain: descriptions.includes(deactivatedWithDomain),
    lastChange: Number.isSafeInteger(seconds) && seconds > 0 ? new Date(seconds * 1000) : undefined,
    senders: entry.all('jammdSender'),
    version: entry.first('entryCSN') ?? entry.first('lastChange') ?? '',
  };
  if (entry.isA(accountClass)) {
    const redirectTo = entry.all('jammdRedirectTo');
    return {
      ...common,
      kind: 'account',
      deleted: entry.flag('delete'),
      quota: entry.first('quota') ?? '',
      homeDirectory: entry.first('homeDirectory') ?? '',
      mailbox: entry.first('mailbox') ?? '',
      // Mail servers look at the first only where there is none of the second.
      forwardTo: redirectTo.length > 0 ? redirectTo : entry.all('jammdForwardTo'),
      keepsCopy: redirectTo.length === 0,
    };
  }
  if (!entry.isA(aliasClass)) return undefined;
  return { ...common, kind: 'alias', destinations: entry.all('maildrop'), isPostmasterGroup: entry.isA('JammPostmaster') };
}

/**
 * The address an entry is named by. People may write further values of `mail` into their own entries: those make
 * nobody somebody else.
 */
function addressOf(entry: MailEntry): string {
  return (namedByAddress(entry.dn) ? leafRdn(entry.dn)?.value : entry.first('mail')) ?? '';
}

export async function readPerson({ directory }: Pick<MailContext, 'directory'>, dn: string): Promise<Person | undefined> {
  const entry = await directory.read(dn, entryAttributes);
  return entry && toPerson(entry);
}

/** The account or alias of a domain whose own address this is; undefined where there is none. */
export async function findPerson(context: MailContext, domain: string, address: string): Promise<Person | undefined> {
  const holders = await findHolders(context, domain, address);
  const typed = address.toLowerCase();
  return (
    holders.find(({ dn }) => namedByAddress(dn) && leafRdn(dn)?.value.toLowerCase() === typed) ??
    holders.find(({ dn }) => !namedByAddress(dn))
  );
}

/** Everybody in a domain who has an address, be it as a further one. */
export async function findHolders(context: MailContext, domain: string, address: string): Promise<readonly Person[]> {
  if (!isAscii(address)) return [];
  const { entries } = await context.directory.list(context.tree.domain(domain), {
    filter: equals('mail', address),
    attributes: entryAttributes,
    max: holdersMax,
  });
  return entries.map(toPerson).filter((person) => person !== undefined);
}

/** @throws MailError `not-found` */
export async function getPerson(context: MailContext, domain: string, address: string): Promise<Person> {
  const person = await findPerson(context, domain, address);
  if (person === undefined) throw new MailError('not-found', told('noAddress', { address }));
  return person;
}

export async function getAccount(context: MailContext, domain: string, address: string): Promise<Account> {
  const person = await getPerson(context, domain, address);
  if (person.kind !== 'account') throw new MailError('not-found', told('aliasNotAccount', { address }));
  return person;
}

export async function getAlias(context: MailContext, domain: string, address: string): Promise<Alias> {
  const person = await getPerson(context, domain, address);
  if (person.kind !== 'alias') throw new MailError('not-found', told('accountNotAlias', { address }));
  return person;
}

/** @throws MailError `conflict` when the entry is not what the person saw when they began to edit */
export function requireUnchanged(person: Person, version: string | undefined): void {
  if (version !== undefined && version !== '' && version !== person.version) {
    throw new MailError('conflict', told('changedByOther', { address: person.address }));
  }
}

/** Switches one entry. Switching by hand also ends the waiting for the domain. */
export async function switchPerson(context: MailContext, person: Person, active: boolean): Promise<void> {
  await context.directory.modify(person.dn, [
    ['replace', 'accountActive', [active ? 'TRUE' : 'FALSE']],
    ['replace', 'lastChange', [lastChangeNow()]],
    ...(person.waitsForDomain ? ([['delete', 'description', [deactivatedWithDomain]]] as const) : []),
  ]);
}

export type Status = 'current' | 'active' | 'inactive' | 'deleted';
export type SortKey = 'address' | 'name' | 'changed';

export interface PeopleQuery {
  readonly kind: 'account' | 'alias';
  /** Part of address, name or (aliases) destination. */
  readonly text?: string;
  readonly status?: Status;
  /** How the address begins. */
  readonly begins?: string;
  readonly sort?: SortKey;
  readonly descending?: boolean;
  /** From 1. */
  readonly page?: number;
  readonly pageSize?: number;
}

export interface PeoplePage {
  readonly people: readonly Person[];
  /** From 1; the nearest page there is. */
  readonly page: number;
  readonly pages: number;
  /** How many match, as far as the directory shows them. */
  readonly total: number;
  /** The directory shows this person only a part of what matches: narrow the search. */
  readonly cut: boolean;
}

const listMax = 50_000;
/** What is worth several searches for one page, where the directory does not answer with all at once. */
const splitMax = 5_000;
const defaultPageSize = 50;

/**
 * One page of a domain's accounts or aliases. Only names travel for all that match; the rest is read for the page that
 * is shown, so that a page of ten thousand accounts costs little more than one of fifty.
 */
export async function listPeople(context: MailContext, domain: string, query: PeopleQuery): Promise<PeoplePage> {
  const { directory, tree } = context;
  const base = tree.domain(domain);
  const sort = query.sort ?? 'address';
  const attribute = sort === 'name' ? 'cn' : sort === 'changed' ? 'lastChange' : '1.1';
  const listing = await listWhole(directory, base, {
    filter: peopleFilter(query),
    attributes: [attribute],
    max: listMax,
    splitMax,
  });
  const keyed = listing.entries.map((entry) => ({ entry, key: sortKey(entry, attribute) }));
  const direction = query.descending ? -1 : 1;
  keyed.sort((left, right) => direction * (compare(left.key, right.key) || compare(left.entry.dn, right.entry.dn)));
  const pageSize = query.pageSize ?? defaultPageSize;
  const pages = Math.max(1, Math.ceil(keyed.length / pageSize));
  const page = Math.min(Math.max(1, query.page ?? 1), pages);
  const shown = keyed.slice((page - 1) * pageSize, page * pageSize).map(({ entry }) => entry.dn);
  return { people: await readPeople(context, base, shown), page, pages, total: keyed.length, cut: listing.cut };
}

/** All accounts or aliases of a domain, by address, without deleted ones. */
export async function everybody(
  { directory, tree }: MailContext,
  domain: string,
  kind: Person['kind'],
): Promise<{ readonly people: readonly Person[]; readonly cut: boolean }> {
  const request = { filter: peopleFilter({ kind }), attributes: entryAttributes, max: listMax };
  const { entries, cut } = await listWhole(directory, tree.domain(domain), request);
  const people = entries.map(toPerson).filter((person) => person !== undefined);
  return { people: people.sort((left, right) => compare(left.address, right.address)), cut };
}

function sortKey(entry: MailEntry, attribute: string): string {
  if (attribute === '1.1') return leafRdn(entry.dn)?.value.toLowerCase() ?? entry.dn;
  const value = entry.first(attribute) ?? '';
  return attribute === 'lastChange' ? value.padStart(20, '0') : value.toLocaleLowerCase();
}

function compare(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}

function peopleFilter(query: PeopleQuery): Filter {
  const terms: Filter[] = [];
  // slapd asks its access rules for each term of each entry until one fails: what fails for most comes first.
  if (query.begins && isAscii(query.begins)) terms.push(beginsWith('mail', query.begins));
  if (query.text) terms.push(textFilter(query.text, query.kind));
  terms.push(isA(query.kind === 'account' ? accountClass : aliasClass));
  switch (query.status ?? 'current') {
    case 'current':
      terms.push(not(equals('delete', 'TRUE')));
      break;
    case 'active':
      terms.push(equals('accountActive', 'TRUE'), not(equals('delete', 'TRUE')));
      break;
    case 'inactive':
      terms.push(equals('accountActive', 'FALSE'), not(equals('delete', 'TRUE')));
      break;
    case 'deleted':
      terms.push(equals('delete', 'TRUE'));
  }
  return and(...terms);
}

function textFilter(text: string, kind: 'account' | 'alias'): Filter {
  const terms = [contains('cn', text)];
  if (isAscii(text)) {
    terms.push(contains('mail', text));
    if (kind === 'alias') terms.push(contains('maildrop', text));
  }
  return or(...terms);
}

/** Each entry that is found is compared with the whole filter: one for a long list would take quadratic time. */
const namesInFilter = 100;
const readsInFlight = 16;

/** Entries by name, in that order; names that are gone meanwhile are left out. */
async function readPeople(context: MailContext, base: string, dns: readonly string[]): Promise<readonly Person[]> {
  if (dns.length === 0) return [];
  const { directory } = context;
  const byName = new Map<string, Person>();
  const keep = (entry: MailEntry | undefined): void => {
    const person = entry && toPerson(entry);
    if (person) byName.set(normalizedDn(person.dn), person);
  };
  const addresses = dns.map(leafRdn).flatMap((rdn) => (rdn?.type === 'mail' ? [rdn.value] : []));
  for (let from = 0; from < addresses.length; from += namesInFilter) {
    const some = addresses.slice(from, from + namesInFilter);
    const filter = or(...some.map((address) => equals('mail', address)));
    // Other entries may have one of these addresses too, such as cn=postmaster.
    const found = await directory.list(base, { filter, attributes: entryAttributes, max: some.length * 2 });
    found.entries.forEach(keep);
  }
  const missing = dns.filter((dn) => !byName.has(normalizedDn(dn)));
  await forEachBounded(missing, readsInFlight, async (dn) => {
    keep(await directory.read(dn, entryAttributes));
  });
  return dns.flatMap((dn) => byName.get(normalizedDn(dn)) ?? []);
}

/** Where accounts of the domain forward to an address, or addresses let it send, they name the new one. */
export async function renameInEntries(context: MailContext, domain: string, address: string, target: string): Promise<void> {
  if (!isAscii(address)) return;
  const names = ['jammdForwardTo', 'jammdRedirectTo', 'jammdSender'] as const;
  const { entries } = await context.directory.list(context.tree.domain(domain), {
    filter: or(...names.map((name) => equals(name, address))),
    attributes: names,
    max: holdersMax,
  });
  for (const entry of entries) {
    for (const name of names) {
      if (!entry.all(name).some((value) => value.toLowerCase() === address.toLowerCase())) continue;
      await context.directory.modifyUnlessDone(entry.dn, [
        ['delete', name, [address]],
        ['add', name, [target]],
      ]);
    }
  }
}

/** Aliases of the domain that deliver to an address. */
export async function aliasesDeliveringTo(context: MailContext, domain: string, address: string): Promise<readonly Alias[]> {
  if (!isAscii(address)) return [];
  const { entries } = await context.directory.list(context.tree.domain(domain), {
    filter: and(isA(aliasClass), equals('maildrop', address)),
    attributes: entryAttributes,
    max: 500,
  });
  return entries.map(toPerson).filter((person): person is Alias => person?.kind === 'alias');
}
