/** The welcome mail: the first delivery to a new account makes its mail folder, and its owner learns how to get at it. */
import { requireDomainAdmin, type MailContext } from './context.js';
import type { Domain } from './domains.js';
import { getAccount, type Account } from './entries.js';
import { MailError } from './errors.js';
import { oneLine } from './mail-relay.js';
import { told } from './told.js';
import { fillTemplate } from './welcome-template.js';
import type { WelcomeSettings } from './welcome-settings.js';
import { settingLines } from './welcome-texts.js';

/** Milliseconds between two to the same account: a button is pressed twice easily. */
const againMs = 60_000;
const rememberedMax = 10_000;
const nameLengthMax = 200;

/** When each account got one, by the relay that took it. */
const sentAt = new WeakMap<WelcomeSettings, Map<string, number>>();

/** @throws MailError `conflict` where the site has not said how mail is sent */
export function requireWelcome({ settings }: Pick<MailContext, 'settings'>): WelcomeSettings {
  if (settings.welcome !== undefined) return settings.welcome;
  throw new MailError(
    'conflict',
    'No welcome mail can be sent: it is not known through which server. Name it with --mail-relay.',
  );
}

/** @throws MailError `not-sent` that says what the mail server said */
export async function sendWelcome(context: MailContext, domain: Domain, address: string): Promise<Account> {
  requireDomainAdmin(context, domain.name);
  const welcome = requireWelcome(context);
  const account = await getAccount(context, domain.name, address);
  if (account.deleted || !account.active || !domain.active)
    throw new MailError('conflict', told('welcomeRefused', { address: account.address }));
  const { subject, body } = fillTemplate(welcome.template, valuesFor(context, welcome, domain.name, account));
  const from = welcome.from ?? `postmaster@${domain.name}`;
  const forget = noteSent(welcome, account.address);
  try {
    await welcome.relay.send({ from, to: account.address, toName: nameOf(account), subject, text: body });
  } catch (error) {
    forget();
    throw error;
  }
  return account;
}

function valuesFor(
  { settings }: MailContext,
  { language, site = '' }: WelcomeSettings,
  domain: string,
  account: Account,
): Parameters<typeof fillTemplate>[1] {
  const servers = settings.clientServers?.of(domain);
  return {
    name: nameOf(account) || account.address,
    address: account.address,
    domain,
    settings: servers === undefined ? '' : settingLines(language, account.address, servers),
    site,
    postmaster: `postmaster@${domain}`,
  };
}

/** Another LDAP client may have written anything into it. */
function nameOf({ name }: Account): string {
  return oneLine(name).slice(0, nameLengthMax);
}

/** @returns how to forget it again. @throws MailError `conflict` */
function noteSent(welcome: WelcomeSettings, address: string): () => void {
  const known = sentAt.get(welcome) ?? new Map<string, number>();
  sentAt.set(welcome, known);
  const key = address.toLowerCase();
  const before = known.get(key);
  if (before !== undefined && performance.now() - before < againMs)
    throw new MailError('conflict', told('welcomeAgain', { address }));
  known.delete(key);
  known.set(key, performance.now());
  const oldest = known.keys().next().value;
  if (known.size > rememberedMax && oldest !== undefined) known.delete(oldest);
  return () => known.delete(key);
}
