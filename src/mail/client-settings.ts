/** What the owner of an account enters in a mail program. */
import type { ClientSettings } from './client-servers.js';
import { administers, type MailContext } from './context.js';
import { getAccount } from './entries.js';
import { denied, MailError } from './errors.js';
import { sameDn } from './names.js';

export interface AccountSettings {
  /** The user name of every server. */
  readonly address: string;
  readonly settings: ClientSettings;
}

/** For its owner and postmasters. @throws MailError `not-found` where the site names no servers */
export async function accountSettings(context: MailContext, domain: string, address: string): Promise<AccountSettings> {
  const account = await getAccount(context, domain, address);
  if (!sameDn(account.dn, context.actor.dn) && !administers(context, domain)) throw denied('You may see only your own settings.');
  const settings = context.settings.clientServers?.of(domain);
  if (settings === undefined) {
    const message = `It is not known which servers mail programs of ${domain} use. Name them with --imap-server and --smtp-server.`;
    throw new MailError('not-found', message);
  }
  return { address: account.address, settings };
}
