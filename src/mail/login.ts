/** From a login name and a password to a connection bound as that person, and to what that person may administer. */
import { createHmac, randomBytes } from 'node:crypto';
import { domainToASCII } from 'node:url';
import { splitAddress } from './address.js';
import { isAppPassword, mainPasswordsOf, readPasswords } from './app-password-notes.js';
import { DirectoryConnection, type ConnectionOptions } from './connection.js';
import type { Actor, MailContext, MailSettings } from './context.js';
import { readPerson } from './entries.js';
import { denied, isMailError, MailError } from './errors.js';
import { told } from './told.js';
import type { MailEntry } from './mail-entry.js';
import { accountClass, aliasClass, and, equals, isA, isAscii, or } from './filters.js';
import { namedByAddress, normalizedDn, parentOf, rdnsOf, type HostingTree } from './names.js';
import { isPostmaster, postmasterDomains } from './postmasters.js';
import { findTree, requireTree } from './tree.js';

/**
 * Logs in by address, by a site admin's name or by DN. The connection is the caller's to close.
 *
 * @throws MailError `credentials`, `denied` (deactivated, deleted, or nobody who may log in here), `unavailable`
 */
export async function login(
  options: ConnectionOptions,
  settings: MailSettings,
  name: string,
  password: string,
): Promise<MailContext> {
  const pending = await openLogin(options, settings, name);
  return pending.finish(password);
}

/** A login name that has been looked up, on a connection that waits for its password. To be finished or closed. */
export interface PendingLogin {
  /** One text for all spellings of a name: what failed attempts are counted by. */
  readonly identity: string;
  /** Closes the connection where it throws. @throws MailError as login() does */
  finish(password: string): Promise<MailContext>;
  close(): Promise<void>;
}

/** @throws MailError `unavailable`, and `not-found` where the directory does not have the hosting tree */
export async function openLogin(options: ConnectionOptions, settings: MailSettings, name: string): Promise<PendingLogin> {
  const directory = await DirectoryConnection.open(options);
  try {
    const tree = await findTree(directory, settings.base);
    const trimmed = name.trim();
    const named = await lookUp(directory, settings, tree, trimmed);
    return {
      identity: named.identity,
      close: () => directory.close(),
      finish: async (password) => {
        try {
          await directory.bind(named.dn, password);
          return await boundContext(directory, settings, tree, { ...named, name: trimmed, password });
        } catch (error) {
          await directory.close();
          throw error;
        }
      },
    };
  } catch (error) {
    await directory.close();
    throw error;
  }
}

interface LoginName {
  /** To bind as. */
  readonly dn: string;
  readonly identity: string;
  /** It is the login name of a site admin. */
  readonly isSiteAdmin: boolean;
}

/** Shared by all names that lead to no entry that can be seen: they have too many spellings to be counted apart. */
const unresolved = '(unresolved)';

/** An unknown address still gets a name to bind as, so that it fails as a wrong password does. */
async function lookUp(
  directory: DirectoryConnection,
  settings: MailSettings,
  tree: HostingTree,
  name: string,
): Promise<LoginName> {
  const listed = siteAdmins(settings, tree).get(name.toLowerCase());
  if (listed !== undefined) {
    return { dn: listed, identity: normalizedDn((await directory.nameOf(listed)) ?? listed), isSiteAdmin: true };
  }
  if (looksLikeDn(name)) {
    const known = await directory.nameOf(name);
    return { dn: known ?? name, identity: known === undefined ? unresolved : normalizedDn(known), isSiteAdmin: false };
  }
  // ldapts takes the bare names of SASL mechanisms for something else than DNs, so none may pass as it is.
  if (!name.includes('@')) return { dn: tree.mail(name, 'unknown.invalid'), identity: unresolved, isSiteAdmin: false };
  const [local, typedDomain] = splitAddress(name);
  const domain = domainToASCII(typedDomain) || typedDomain;
  const address = `${local}@${domain}`;
  const dn = (await findByAddress(directory, tree, domain, address)) ?? tree.mail(address, domain);
  return { dn, identity: /^[!-~]+$/.test(address) ? normalizedDn(dn) : unresolved, isSiteAdmin: false };
}

function siteAdmins(settings: MailSettings, tree: HostingTree): ReadonlyMap<string, string> {
  const manager = `cn=Manager,${parentOf(tree.base)}`;
  return new Map([...settings.siteAdmins].map(([name, dn]) => [name.toLowerCase(), dn ?? manager]));
}

/** `a=b@one.example` is an address, `mail=b@one.example,jvd=one.example,...` is not. */
function looksLikeDn(name: string): boolean {
  const rdns = rdnsOf(name);
  return rdns !== undefined && rdns.length > 1 && !rdns.at(-1)?.value.includes('@');
}

/** The name of an entry whose own address this is, or of one like cn=postmaster, which is not named by its address. */
async function findByAddress(
  directory: DirectoryConnection,
  tree: HostingTree,
  domain: string,
  address: string,
): Promise<string | undefined> {
  if (!isAscii(address)) return undefined;
  const own = await directory.nameOf(tree.mail(address, domain));
  if (own !== undefined) return own;
  try {
    const filter = and(or(isA(accountClass), isA(aliasClass)), equals('mail', address));
    const { entries } = await directory.list(tree.domain(domain), { filter, attributes: ['1.1'], max: 100 });
    return entries.find(({ dn }) => !namedByAddress(dn))?.dn;
  } catch (error) {
    // A directory that shows nothing to strangers still lets people bind by the usual name.
    if (isMailError(error, 'denied', 'unavailable')) return undefined;
    throw error;
  }
}

/** Who this is, in the server's own words: a name that was typed may be spelt in many ways. */
async function boundContext(
  directory: DirectoryConnection,
  settings: MailSettings,
  seen: HostingTree,
  named: LoginName & { readonly name: string; readonly password: string },
): Promise<MailContext> {
  const dn = (await directory.whoAmI()) ?? (await directory.nameOf(named.dn));
  if (dn === undefined) throw denied(told('identityUnknown'));
  const isSiteAdmin = named.isSiteAdmin || (await isListed(directory, siteAdmins(settings, seen).values(), dn));
  const tree = isSiteAdmin ? await requireTree(directory, seen) : seen;
  const context = { directory, tree, settings };
  const passwords = await readPasswords(directory, dn);
  if (isAppPassword(passwords, named.password)) throw denied(told('appPasswordLogin'));
  return { ...context, credentials: credentialsIn(passwords), actor: await grantedActor(context, dn, named.name, isSiteAdmin) };
}

async function isListed(directory: DirectoryConnection, listed: Iterable<string>, dn: string): Promise<boolean> {
  const own = normalizedDn(dn);
  for (const admin of listed) {
    if (normalizedDn(admin) === own) return true;
    const name = await directory.nameOf(admin);
    if (name !== undefined && normalizedDn(name) === own) return true;
  }
  return false;
}

type Bound = Pick<MailContext, 'directory' | 'tree' | 'settings'>;

/** Levels are granted: to whom nothing gives one, none. @throws MailError `denied` */
async function grantedActor(context: Bound, dn: string, login: string, isSiteAdmin: boolean): Promise<Actor> {
  const home = context.tree.domainOf(dn);
  if (home !== undefined) {
    const person = await personActor(context, { dn, login, home }, () => postmasterDomains(context, dn));
    return isSiteAdmin ? { level: 'site', dn, login } : person;
  }
  if (isSiteAdmin) return { level: 'site', dn, login };
  throw denied(told('mayNotLogIn', { name: dn }));
}

/** @throws MailError `denied` when the account, or its domain, is deactivated or deleted */
async function personActor(
  context: Bound,
  { dn, login, home }: { readonly dn: string; readonly login: string; readonly home: string },
  postmasterOf: () => Promise<readonly string[]>,
): Promise<Exclude<Actor, { level: 'site' }>> {
  const { tree, directory } = context;
  const [person, domain, domains] = await Promise.all([
    readPerson(context, dn),
    directory.read(tree.domain(home), ['accountActive', 'delete']),
    postmasterOf(),
  ]);
  if (person === undefined || domain === undefined) throw new MailError('session-lost', told('accountGone'));
  if (person.kind === 'account' && person.deleted) throw denied(told('accountDeleted', { address: person.address }));
  if (!domain.flag('accountActive') || domain.flag('delete')) throw denied(told('loginDomainInactive', { domain: home }));
  if (!person.active) throw denied(told('accountInactive', { address: person.address }));
  const who = { dn, login, address: person.address, home };
  return domains.length > 0 ? { level: 'domain', ...who, domains } : { level: 'user', ...who };
}

/**
 * The same context with what the person may do by now: rights taken, accounts deactivated, changed passwords and rights
 * in the own domain count at once. (Finding rights given in other domains takes a search over all of them: that is for
 * the next login.)
 *
 * @throws MailError as login() does, and `session-lost` when the password has changed
 */
export async function refreshed(context: MailContext): Promise<MailContext> {
  const { actor, directory, tree } = context;
  const home = tree.domainOf(actor.dn);
  if (home === undefined) return context;
  const known = actor.level === 'domain' ? actor.domains : [];
  const candidates = known.includes(home) ? known : [...known, home].sort();
  const stillPostmaster = async (): Promise<readonly string[]> => {
    const answers = await Promise.all(candidates.map((domain) => isPostmaster(context, domain, actor.dn)));
    return candidates.filter((_, index) => answers[index]);
  };
  const [person, credentials] = await Promise.all([
    personActor(context, { dn: actor.dn, login: actor.login, home }, stillPostmaster),
    credentialsOf(directory, actor.dn),
  ]);
  if (context.credentials !== undefined && credentials !== undefined && credentials !== context.credentials)
    throw new MailError('session-lost', told('passwordChanged'));
  return actor.level === 'site' ? context : { ...context, actor: person };
}

/** The same context after its owner has changed the own password. */
export async function withNewCredentials(context: MailContext): Promise<MailContext> {
  return { ...context, credentials: await credentialsOf(context.directory, context.actor.dn) };
}

const credentialsKey = randomBytes(32);

/**
 * Stands for the passwords of an entry that its owner logs in here with, without telling anything about them; undefined where
 * their owner may not read them (the HOWTO's rules let owners write, and so read, their own).
 */
async function credentialsOf(directory: DirectoryConnection, dn: string): Promise<string | undefined> {
  return credentialsIn(await readPasswords(directory, dn));
}

function credentialsIn(entry: MailEntry | undefined): string | undefined {
  const values = mainPasswordsOf(entry);
  if (values.length === 0) return undefined;
  return createHmac('sha256', credentialsKey)
    .update([...values].sort().join('\n'))
    .digest('base64url');
}
