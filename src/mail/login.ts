/** From a login name and a password to a connection bound as that person, and to what that person may administer. */
import { splitAddress } from './address.js';
import { DirectoryConnection, type ConnectionOptions } from './connection.js';
import type { Actor, MailContext, MailSettings } from './context.js';
import { accountClass, aliasClass, and, equals, isA, isAscii, or } from './filters.js';
import { readPerson } from './entries.js';
import { denied, isMailError, MailError } from './errors.js';
import { HostingTree, rdnsOf } from './names.js';
import { domainToASCII } from 'node:url';
import { isPostmaster, postmasterDomains } from './postmasters.js';

/**
 * Logs in by address, by a site admin's name or by DN. The connection is the caller's to close.
 *
 * @throws MailError `credentials`, `denied` (switched off or deleted), `unavailable`
 */
export async function login(
  options: ConnectionOptions,
  settings: MailSettings,
  name: string,
  password: string,
): Promise<MailContext> {
  const directory = await DirectoryConnection.open(options);
  try {
    return await loginOn(directory, settings, name.trim(), password);
  } catch (error) {
    await directory.close();
    throw error;
  }
}

async function loginOn(
  directory: DirectoryConnection,
  settings: MailSettings,
  name: string,
  password: string,
): Promise<MailContext> {
  const tree = new HostingTree(settings.base);
  const dn = await loginDn(directory, settings, tree, name);
  await directory.bind(dn, password);
  const partial = { directory, tree, settings };
  return { ...partial, actor: await actorOf(partial, dn, name) };
}

/** The name to bind as. An unknown address still gets one, so that it fails as a wrong password does. */
async function loginDn(directory: DirectoryConnection, settings: MailSettings, tree: HostingTree, name: string): Promise<string> {
  const siteAdmin = settings.siteAdmins.get(name.toLowerCase());
  if (siteAdmin !== undefined) return siteAdmin;
  if (looksLikeDn(name)) return name;
  // ldapts takes the bare names of SASL mechanisms for something else than DNs, so none may pass as it is.
  if (!name.includes('@')) return tree.mail(name, 'unknown.invalid');
  const [local, typedDomain] = splitAddress(name);
  const domain = domainToASCII(typedDomain) || typedDomain;
  const address = `${local}@${domain}`;
  return (await findByAddress(directory, tree, domain, address)) ?? tree.mail(address, domain);
}

/** `a=b@one.example` is an address, `mail=b@one.example,jvd=one.example,...` is not. */
function looksLikeDn(name: string): boolean {
  const rdns = rdnsOf(name);
  return rdns !== undefined && rdns.length > 1 && !rdns.at(-1)?.value.includes('@');
}

/** Most entries are named by their address, but cn=postmaster has one as well. */
async function findByAddress(
  directory: DirectoryConnection,
  tree: HostingTree,
  domain: string,
  address: string,
): Promise<string | undefined> {
  if (!isAscii(address)) return undefined;
  try {
    const filter = and(or(isA(accountClass), isA(aliasClass)), equals('mail', address));
    const { entries } = await directory.list(tree.domain(domain), { filter, attributes: ['1.1'], max: 2 });
    return entries[0]?.dn;
  } catch (error) {
    // A directory that shows nothing to strangers still lets people bind by the usual name.
    if (isMailError(error, 'denied', 'unavailable')) return undefined;
    throw error;
  }
}

/** @throws MailError `denied` when the account, or its domain, is switched off or deleted */
async function actorOf(context: Omit<MailContext, 'actor'>, dn: string, login: string): Promise<Actor> {
  const home = context.tree.domainOf(dn);
  if (home === undefined) return { level: 'site', dn, login };
  const person = { ...context, actor: { level: 'user', dn, login, address: login, home } as const };
  return personActor(person, () => postmasterDomains(context, dn));
}

async function personActor(context: MailContext, postmasterOf: () => Promise<readonly string[]>): Promise<Actor> {
  const { tree, directory } = context;
  const { dn, login } = context.actor;
  const home = tree.domainOf(dn) ?? '';
  const [person, domain, domains] = await Promise.all([
    readPerson(context, dn),
    directory.read(tree.domain(home), ['accountActive', 'delete']),
    postmasterOf(),
  ]);
  if (person === undefined || domain === undefined) throw new MailError('session-lost', 'Your account is not there any more.');
  if (person.kind === 'account' && person.deleted)
    throw denied(`${person.address} is deleted. Ask your postmaster to restore it.`);
  if (!domain.flag('accountActive') || domain.flag('delete'))
    throw denied(`The domain ${home} is switched off. Ask your site admin.`);
  if (!person.active) throw denied(`${person.address} is switched off. Ask your postmaster to activate it.`);
  const who = { dn, login, address: person.address, home };
  return domains.length > 0 ? { level: 'domain', ...who, domains } : { level: 'user', ...who };
}

/**
 * The same context with what the person may do by now: rights taken, accounts switched off and rights in the own domain
 * count at once. (Finding rights given in other domains takes a search over all of them: that is for the next login.)
 *
 * @throws MailError as login() does
 */
export async function refreshed(context: MailContext): Promise<MailContext> {
  const { actor } = context;
  if (actor.level === 'site') return context;
  const known = actor.level === 'domain' ? actor.domains : [];
  const candidates = known.includes(actor.home) ? known : [...known, actor.home].sort();
  const stillPostmaster = async (): Promise<readonly string[]> => {
    const answers = await Promise.all(candidates.map((domain) => isPostmaster(context, domain, actor.dn)));
    return candidates.filter((_, index) => answers[index]);
  };
  return { ...context, actor: await personActor(context, stillPostmaster) };
}
