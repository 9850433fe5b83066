/** Accounts: making, changing, renaming, switching, deleting softly, restoring, purging. */
import { requireOpenDomain } from './common-domain.js';
import { isReserved, parseNewLocalPart, splitAddress } from './address.js';
import { lastChangeNow, administers, type MailContext } from './context.js';
import { getDomain, requireCapability, type Domain } from './domains.js';
import { DomainRoom, requireRoomForQuota } from './domain-room.js';
import {
  aliasesDeliveringTo,
  renameInEntries,
  deactivatedWithDomain,
  getAccount,
  findHolders,
  findPerson,
  requireUnchanged,
  switchPerson,
  type Account,
  type Person,
} from './entries.js';
import { denied, invalid, MailError } from './errors.js';
import { told } from './told.js';
import { accountClass } from './filters.js';
import { chooseMailbox, forgetPurged, MailFolders, rememberPurged, type MailboxChoice } from './mailboxes.js';
import { escapeDnValue, sameDn } from './names.js';
import { checkNewPassword } from './passwords.js';
import { appointPostmaster, isPostmaster, postmasterDomains, removeOccupant } from './postmasters.js';
import { parseQuota } from './quota.js';

const nameLengthMax = 200;

export interface NewAccount {
  /** With or without the domain. */
  readonly address: string;
  readonly name?: string;
  readonly password: string;
  readonly repeat: string;
  /** As typed: `500 MB`; the domain's default where it is left out. */
  readonly quota?: string;
  readonly postmaster?: boolean;
  readonly mailbox?: MailboxChoice;
}

export function parseName(text: string, field = 'name'): string {
  const name = text.trim();
  if ([...name].length > nameLengthMax) throw invalid(field, told('nameTooLong', { most: nameLengthMax }));
  if (/\p{Cc}/u.test(name)) throw invalid(field, told('nameControl'));
  return name;
}

/** Everything about a new account that can be checked without writing. */
export function checkNewAccount(
  context: MailContext,
  domain: Domain,
  request: NewAccount,
): { local: string; name: string; quota: string } {
  requireCapability(context, domain, 'editAccounts');
  requireOpenDomain(domain);
  if (request.postmaster) requireCapability(context, domain, 'editPostmasters');
  const local = parseNewLocalPart(request.address, domain.name);
  const name = parseName(request.name ?? '');
  const quota = request.quota === undefined ? domain.limits.defaultQuota : parseQuota(request.quota);
  checkNewPassword(context.settings, request.password, request.repeat);
  return { local, name, quota };
}

/** Makes an account; it gets mail and can log in from this moment on. */
export async function createAccount(
  context: MailContext,
  domain: Domain,
  request: NewAccount,
  known: { readonly folders?: MailFolders; readonly room?: DomainRoom } = {},
): Promise<Account> {
  const { directory, tree, settings } = context;
  const { local, name, quota } = checkNewAccount(context, domain, request);
  const address = `${local}@${domain.name}`;
  await requireFree(context, domain.name, address);
  (known.room ?? (await DomainRoom.open(context, domain))).takeAccount(quota);
  const folders = known.folders ?? (await MailFolders.open(context, domain.name));
  const { mailbox, wasPurged } = await chooseMailbox(folders, local, domain.name, request.mailbox);
  const dn = tree.mail(address, domain.name);
  await directory.add(dn, {
    objectClass: ['top', accountClass],
    mail: [address],
    homeDirectory: [settings.mailHome],
    mailbox: [mailbox],
    accountActive: [domain.active ? 'TRUE' : 'FALSE'],
    delete: ['FALSE'],
    lastChange: [lastChangeNow()],
    ...(name === '' ? {} : { cn: [name] }),
    ...(quota === '' ? {} : { quota: [quota] }),
    ...(domain.active ? {} : { description: [deactivatedWithDomain] }),
  });
  try {
    await directory.changePassword(dn, { newPassword: request.password });
  } catch (error) {
    await directory.delete(dn).catch(() => undefined);
    throw error;
  }
  if (wasPurged) await forgetPurged(context, domain.name, mailbox);
  const account = await getAccount(context, domain.name, address);
  if (request.postmaster) await appointPostmaster(context, domain, account);
  return account;
}

/** @throws MailError `exists` that says what is there */
export async function requireFree(context: MailContext, domain: string, address: string): Promise<void> {
  const there = (await findPerson(context, domain, address)) ?? (await findHolders(context, domain, address))[0];
  if (there === undefined) return;
  if (there.address.toLowerCase() !== address.toLowerCase())
    throw new MailError('exists', told('isFurtherAddress', { address, holder: there.address }), 'address');
  const message =
    there.kind === 'alias'
      ? told('isAlias', { address })
      : there.deleted
        ? told('isDeletedAccount', { address })
        : told('isAccount', { address });
  throw new MailError('exists', message, 'address');
}

export interface AccountChanges {
  readonly name?: string;
  /** As typed. */
  readonly quota?: string;
  /** The version the person saw; a different one now is a conflict. */
  readonly version?: string;
}

/** Name and quota. One's own name anybody may change; a quota only a postmaster. */
export async function changeAccount(
  context: MailContext,
  domainName: string,
  address: string,
  changes: AccountChanges,
): Promise<Account> {
  const account = await getAccount(context, domainName, address);
  const own = sameDn(account.dn, context.actor.dn);
  if (!own && !administers(context, domainName)) throw denied(told('onlyOwnAccount'));
  if (changes.quota !== undefined && !administers(context, domainName)) {
    throw denied(told('quotaByPostmaster'));
  }
  requireUnchanged(account, changes.version);
  const name = changes.name === undefined ? undefined : parseName(changes.name);
  const quota = changes.quota === undefined ? undefined : parseQuota(changes.quota);
  if (quota !== undefined && quota !== account.quota)
    await requireRoomForQuota(context, await getDomain(context, domainName), account, quota);
  await context.directory.modify(account.dn, [
    ...(name === undefined ? [] : ([['replace', 'cn', name === '' ? [] : [name]]] as const)),
    ...(quota === undefined ? [] : ([['replace', 'quota', quota === '' ? [] : [quota]]] as const)),
    ['replace', 'lastChange', [lastChangeNow()]],
  ]);
  return getAccount(context, domainName, address);
}

/** Switches an account or alias off or on. */
export async function setActive(context: MailContext, domain: Domain, person: Person, active: boolean): Promise<void> {
  if (person.kind === 'alias') requireCapability(context, domain, 'editAliases');
  else if (!administers(context, domain.name)) throw denied(told('activeByPostmaster'));
  if (person.kind === 'account' && person.deleted) {
    throw new MailError('conflict', told('isDeleted', { name: person.address }));
  }
  if (active && !domain.active) {
    throw new MailError('conflict', told('domainInactive', { domain: domain.name }));
  }
  if (!active && sameDn(person.dn, context.actor.dn)) {
    throw new MailError('conflict', told('wouldLockOut'));
  }
  await switchPerson(context, person, active);
}

export interface Renamed {
  readonly account: Account;
  /** Aliases of the domain that deliver to the new address now. */
  readonly aliases: readonly string[];
}

/** Gives an account a new address. Its mail stays in its folder; aliases of the domain and postmaster rights follow. */
export async function renameAccount(context: MailContext, domain: Domain, address: string, newAddress: string): Promise<Renamed> {
  requireCapability(context, domain, 'editAccounts');
  const { directory, tree } = context;
  const account = await getAccount(context, domain.name, address);
  requireNotReserved(account);
  if (sameDn(account.dn, context.actor.dn)) {
    // The directory knows this session by its old name: it would lose all rights at once.
    throw new MailError('conflict', told('renameSelf'));
  }
  const local = parseNewLocalPart(newAddress, domain.name, 'newAddress');
  const target = `${local}@${domain.name}`;
  if (target.toLowerCase() !== account.address.toLowerCase()) await requireFree(context, domain.name, target);
  const groups = await postmasterDomains(context, account.dn);
  await directory.rename(account.dn, `mail=${escapeDnValue(target)}`);
  const dn = tree.mail(target, domain.name);
  await directory.modify(dn, [['replace', 'lastChange', [lastChangeNow()]]]);
  for (const group of groups) {
    await directory.modifyUnlessDone(tree.postmaster(group), [
      ['delete', 'roleOccupant', [account.dn]],
      ['add', 'roleOccupant', [dn]],
    ]);
  }
  await renameInEntries(context, domain.name, account.address, target);
  const aliases = await aliasesDeliveringTo(context, domain.name, account.address);
  for (const alias of aliases) {
    await directory.modifyUnlessDone(alias.dn, [
      ['delete', 'maildrop', [account.address]],
      ['add', 'maildrop', [target]],
    ]);
  }
  return { account: await getAccount(context, domain.name, target), aliases: aliases.map((alias) => alias.address) };
}

/** Soft deletion: no mail, no login, no postmaster rights; all but the rights can be restored. */
export async function deleteAccount(context: MailContext, domain: Domain, address: string): Promise<void> {
  requireCapability(context, domain, 'editAccounts');
  const account = await getAccount(context, domain.name, address);
  requireNotReserved(account);
  if (sameDn(account.dn, context.actor.dn)) throw new MailError('conflict', told('deleteSelf'));
  // The directory lets a deleted account's password bind as before: its rights have to go.
  if (await isPostmaster(context, domain.name, account.dn)) {
    requireCapability(context, domain, 'editPostmasters');
    await removeOccupant(context, domain.name, account.dn);
  }
  await context.directory.modify(account.dn, [
    ['replace', 'delete', ['TRUE']],
    ['replace', 'accountActive', ['FALSE']],
    ['replace', 'lastChange', [lastChangeNow()]],
    ...(account.waitsForDomain ? ([['delete', 'description', [deactivatedWithDomain]]] as const) : []),
  ]);
}

export async function restoreAccount(context: MailContext, domain: Domain, address: string): Promise<void> {
  requireCapability(context, domain, 'editAccounts');
  const account = await getAccount(context, domain.name, address);
  if (account.deleted) (await DomainRoom.open(context, domain)).takeAccount(account.quota);
  await context.directory.modify(account.dn, [
    ['replace', 'delete', ['FALSE']],
    ['replace', 'accountActive', [domain.active ? 'TRUE' : 'FALSE']],
    ['replace', 'lastChange', [lastChangeNow()]],
    ...(domain.active || account.waitsForDomain ? [] : ([['add', 'description', [deactivatedWithDomain]]] as const)),
  ]);
}

/** Removes a deleted account's entry for good. Its mail stays on disk, and the domain remembers where. */
export async function purgeAccount(context: MailContext, domain: Domain, address: string): Promise<void> {
  requireCapability(context, domain, 'editAccounts');
  const account = await getAccount(context, domain.name, address);
  if (!account.deleted) throw new MailError('conflict', told('deleteFirst', { address }));
  await rememberPurged(context, domain.name, account.homeDirectory, account.mailbox);
  await context.directory.delete(account.dn);
}

/** @throws MailError `denied` for what every domain must keep */
export function requireNotReserved(person: Person): void {
  const [local] = splitAddress(person.address);
  if (isReserved(local) || (person.kind === 'alias' && person.isPostmasterGroup)) {
    throw denied(told('addressReserved', { address: person.address }));
  }
}

/** The domain a name lies in, read for somebody who may see it. */
export async function domainOfPerson(context: MailContext, person: Person): Promise<Domain> {
  return getDomain(context, context.tree.domainOf(person.dn) ?? splitAddress(person.address)[1]);
}
