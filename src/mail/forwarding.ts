/** Forwarding: an account's mail goes to other addresses, and comes to its own mailbox as well where a copy is kept. */
import { requireCommonDomain } from './common-domain.js';
import { destinationKey, parseDestinations } from './address.js';
import { modifyWithClass } from './auxiliary.js';
import { administers, lastChangeNow, type MailContext } from './context.js';
import { type Domain } from './domains.js';
import { getAccount, requireUnchanged, type Account } from './entries.js';
import { denied, invalid } from './errors.js';
import { told } from './told.js';
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
    throw denied(told('onlyOwnForwarding'));
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
    if (!destination.includes('@')) throw invalid('forwardTo', told('forwardIncomplete', { typed: destination }));
    if (destinationKey(destination) === own) {
      throw invalid('forwardTo', told('forwardToItself', { address: account.address }));
    }
  }
  if (destinations.length > forwardsMax) throw invalid('forwardTo', told('forwardsAtMost', { most: forwardsMax }));
  return destinations;
}
