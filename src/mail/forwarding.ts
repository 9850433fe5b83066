/** Forwarding: an account's mail goes to other addresses, and comes to its own mailbox as well where a copy is kept. */
import { requireCommonDomain } from './common-domain.js';
import { destinationKey, parseDestinations } from './address.js';
import { modifyWithClass } from './auxiliary.js';
import { administers, lastChangeNow, type MailContext } from './context.js';
import { type Domain } from './domains.js';
import { getAccount, requireUnchanged, type Account } from './entries.js';
import { denied, invalid } from './errors.js';
import { sameDn } from './names.js';

export const addressClass = 'jammdAddress';

const forwardsMax = 50;

export interface Forwarding {
  /** Separated by commas, semicolons or line ends; none ends the forwarding. */
  readonly destinations: string;
  readonly keepCopy: boolean;
  /** The version the person saw. */
  readonly version?: string;
}

/** The account's owner may do it, and who administers the domain. */
export async function setForwarding(
  context: MailContext,
  domain: Domain,
  address: string,
  request: Forwarding,
): Promise<Account> {
  const account = await getAccount(context, domain.name, address);
  if (!sameDn(account.dn, context.actor.dn) && !administers(context, domain.name)) {
    throw denied('You may change only where your own mail goes.');
  }
  requireCommonDomain(domain);
  requireUnchanged(account, request.version);
  const destinations = parseForwards(account, request.destinations);
  const [forward, redirect] = request.keepCopy ? [destinations, []] : [[], destinations];
  await modifyWithClass(context.directory, account.dn, addressClass, [
    ['replace', 'jammdForwardTo', forward],
    ['replace', 'jammdRedirectTo', redirect],
    ['replace', 'lastChange', [lastChangeNow()]],
  ]);
  return getAccount(context, domain.name, address);
}

function parseForwards(account: Account, text: string): readonly string[] {
  const destinations = parseDestinations(text, 'forwardTo');
  const own = destinationKey(account.address);
  for (const destination of destinations) {
    if (!destination.includes('@'))
      throw invalid('forwardTo', `“${destination}” is not an address: enter the whole of it, with the @.`);
    if (destinationKey(destination) === own) {
      throw invalid(
        'forwardTo',
        `${account.address} is this account itself. To keep its mail here as well, choose to keep a copy.`,
      );
    }
  }
  if (destinations.length > forwardsMax) throw invalid('forwardTo', `Mail can be forwarded to at most ${forwardsMax} addresses.`);
  return destinations;
}
