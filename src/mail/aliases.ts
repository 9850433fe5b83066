/** Aliases: addresses that deliver elsewhere, and the catch-all that takes what nobody else in a domain does. */
import { requireCommonDomain, requireOpenDomain } from './common-domain.js';
import { destinationKey, parseDestinations, parseNewLocalPart } from './address.js';
import { parseName, requireFree, requireNotReserved } from './accounts.js';
import { lastChangeNow, type MailContext } from './context.js';
import { catchAllAddress, getCatchAll, isCatchAll } from './catch-all.js';
import { requireCapability, type Domain } from './domains.js';
import { DomainRoom } from './domain-room.js';
import { deactivatedWithDomain, getAlias, type Alias } from './entries.js';
import { denied, invalid, MailError } from './errors.js';
import { told } from './told.js';
import { aliasClass } from './filters.js';
import { escapeDnValue, sameDn } from './names.js';
import { checkNewPassword } from './passwords.js';

export interface NewAlias {
  /** With or without the domain. */
  readonly address: string;
  readonly name?: string;
  /** Separated by commas, semicolons or line ends. */
  readonly destinations: string;
  /** With one, its owner can log in and change the destinations. */
  readonly password?: string;
  readonly repeat?: string;
}

/** Everything about a new alias that can be checked without asking the directory. */
export function checkNewAlias(
  context: MailContext,
  domain: Domain,
  request: NewAlias,
): { readonly address: string; readonly name: string; readonly destinations: readonly string[] } {
  requireCapability(context, domain, 'editAliases');
  requireOpenDomain(domain);
  const local = parseNewLocalPart(request.address, domain.name);
  const address = `${local}@${domain.name}`;
  const name = parseName(request.name ?? '');
  const destinations = parseDestinations(request.destinations);
  if (destinations.length === 0) throw invalid('destinations', told('destinationRequired'));
  requireNoLoop(address, destinations);
  if (request.password) checkNewPassword(context.settings, request.password, request.repeat ?? '');
  return { address, name, destinations };
}

export async function createAlias(
  context: MailContext,
  domain: Domain,
  request: NewAlias,
  known: { readonly room?: DomainRoom } = {},
): Promise<Alias> {
  const { address, name, destinations } = checkNewAlias(context, domain, request);
  await requireFree(context, domain.name, address);
  (known.room ?? (await DomainRoom.open(context, domain))).takeAlias();
  await addAlias(context, domain, address, destinations, name);
  if (request.password) {
    const dn = context.tree.mail(address, domain.name);
    try {
      await context.directory.changePassword(dn, { newPassword: request.password });
    } catch (error) {
      await context.directory.delete(dn).catch(() => undefined);
      throw error;
    }
  }
  return getAlias(context, domain.name, address);
}

async function addAlias(
  context: MailContext,
  domain: Domain,
  address: string,
  destinations: readonly string[],
  name = '',
): Promise<void> {
  requireOpenDomain(domain);
  await context.directory.add(context.tree.mail(address, domain.name), {
    objectClass: ['top', aliasClass],
    mail: [address],
    maildrop: destinations,
    accountActive: [domain.active ? 'TRUE' : 'FALSE'],
    lastChange: [lastChangeNow()],
    ...(name === '' ? {} : { cn: [name] }),
    ...(domain.active ? {} : { description: [deactivatedWithDomain] }),
  });
}

function requireNoLoop(address: string, destinations: readonly string[]): void {
  if (destinations.length === 1 && destinations[0]?.toLowerCase() === address.toLowerCase()) {
    throw invalid('destinations', told('onlyToItself'));
  }
}

export interface DestinationChanges {
  /** Separated by commas, semicolons or line ends. */
  readonly add?: string;
  readonly remove?: readonly string[];
}

export interface ChangedDestinations {
  readonly alias: Alias;
  readonly added: readonly string[];
  readonly removed: readonly string[];
}

/**
 * Adds and removes destinations, one by one: what somebody else changed at the same time stays. At least one remains.
 * Nothing is changed where a destination to remove is not there.
 * The alias's owner may do it, and who may edit the domain's aliases.
 */
export async function changeDestinations(
  context: MailContext,
  domain: Domain,
  address: string,
  changes: DestinationChanges,
): Promise<ChangedDestinations> {
  const alias = await getAlias(context, domain.name, address);
  if (!sameDn(alias.dn, context.actor.dn)) requireCapability(context, domain, 'editAliases');
  const present = new Map(alias.destinations.map((destination) => [destinationKey(destination), destination]));
  const remove = new Map((changes.remove ?? []).map((destination) => [destinationKey(destination), destination]));
  for (const [key, typed] of remove) {
    if (!present.has(key)) throw invalid('remove', told('notDestination', { typed: typed.trim(), address: alias.address }));
  }
  const added = parseDestinations(changes.add ?? '').filter((destination) => !present.has(destinationKey(destination)));
  const removed = [...present].flatMap(([key, destination]) => (remove.has(key) ? destination : []));
  const remaining = [...present.values(), ...added].filter((destination) => !remove.has(destinationKey(destination)));
  if (remaining.length === 0) {
    throw invalid('destinations', told('lastDestination'));
  }
  requireNoLoop(alias.address, remaining);
  const kept = added.filter((destination) => remaining.includes(destination));
  if (kept.length > 0 || removed.length > 0) {
    await context.directory.modify(alias.dn, [
      ...(kept.length > 0 ? ([['add', 'maildrop', kept]] as const) : []),
      ...(removed.length > 0 ? ([['delete', 'maildrop', removed]] as const) : []),
      ['replace', 'lastChange', [lastChangeNow()]],
    ]);
  }
  return { alias: await getAlias(context, domain.name, address), added: kept, removed };
}

/** Makes these all its destinations; what stays is not touched. */
export async function replaceDestinations(context: MailContext, domain: Domain, address: string, text: string): Promise<void> {
  const { destinations } = await getAlias(context, domain.name, address);
  const wanted = new Set(parseDestinations(text).map(destinationKey));
  const remove = destinations.filter((destination) => !wanted.has(destinationKey(destination)));
  await changeDestinations(context, domain, address, { add: text, remove });
}

export async function nameAlias(context: MailContext, domain: Domain, address: string, text: string): Promise<void> {
  const alias = await getAlias(context, domain.name, address);
  if (!sameDn(alias.dn, context.actor.dn)) requireCapability(context, domain, 'editAliases');
  if (alias.isPostmasterGroup) throw denied(told('postmasterName'));
  const name = parseName(text);
  await context.directory.modify(alias.dn, [
    ['replace', 'cn', name === '' ? [] : [name]],
    ['replace', 'lastChange', [lastChangeNow()]],
  ]);
}

export async function renameAlias(context: MailContext, domain: Domain, address: string, newAddress: string): Promise<Alias> {
  requireCapability(context, domain, 'editAliases');
  const alias = await getAlias(context, domain.name, address);
  requireNotReserved(alias);
  if (sameDn(alias.dn, context.actor.dn)) throw new MailError('conflict', told('renameOwnAlias'));
  const target = `${parseNewLocalPart(newAddress, domain.name, 'newAddress')}@${domain.name}`;
  if (target.toLowerCase() !== alias.address.toLowerCase()) await requireFree(context, domain.name, target);
  await context.directory.rename(alias.dn, `mail=${escapeDnValue(target)}`);
  await context.directory.modify(context.tree.mail(target, domain.name), [['replace', 'lastChange', [lastChangeNow()]]]);
  return getAlias(context, domain.name, target);
}

/** Removes an alias at once: Jamm's schema gives aliases no delete flag. */
export async function deleteAlias(context: MailContext, domain: Domain, address: string): Promise<void> {
  const alias = await getAlias(context, domain.name, address);
  requireCapability(context, domain, isCatchAll(alias) ? 'editCatchAlls' : 'editAliases');
  requireNotReserved(alias);
  if (sameDn(alias.dn, context.actor.dn)) throw new MailError('conflict', told('deleteOwnAlias'));
  await context.directory.delete(alias.dn);
}

/** Sends what nobody in the domain takes to these destinations; without any, such mail is refused again. */
export async function setCatchAll(context: MailContext, domain: Domain, text: string): Promise<readonly string[]> {
  requireCapability(context, domain, 'editCatchAlls');
  requireCommonDomain(domain);
  const destinations = parseDestinations(text);
  const present = await getCatchAll(context, domain.name);
  if (destinations.length === 0) {
    if (present) await context.directory.delete(present.dn);
  } else if (present) {
    await context.directory.modify(present.dn, [
      ['replace', 'maildrop', destinations],
      ['replace', 'lastChange', [lastChangeNow()]],
    ]);
  } else {
    await addAlias(context, domain, catchAllAddress(domain.name), destinations);
  }
  return destinations;
}
