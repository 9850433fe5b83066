/** What the owner of an account enters in a mail program. */
import type { ClientSettings } from './client-servers.js';
import { administers, type MailContext } from './context.js';
import { getAccount } from './entries.js';
import { denied, MailError } from './errors.js';
import { sameDn } from './names.js';
import { told } from './told.js';

export interface AccountSettings {
  /** The user name of every server. */
  readonly address: string;
  readonly settings: ClientSettings;
}

/** For its owner and postmasters. @throws MailError `not-found` where the site names no servers */
export async function accountSettings(context: MailContext, domain: string, address: string): Promise<AccountSettings> {
  const account = await getAccount(context, domain, address);
  if (!sameDn(account.dn, context.actor.dn) && !administers(context, domain)) throw denied(told('settingsNotYours'));
  const settings = context.settings.clientServers?.of(domain);
  if (settings === undefined) {
    throw new MailError('not-found', told('serversUnknown', { domain }));
  }
  return { address: account.address, settings };
}
