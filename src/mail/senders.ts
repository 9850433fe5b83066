/**
 * Who may send from which address, as Postfix's smtpd_sender_login_maps has it: an account from its own address, from every
 * alias that delivers to it, and from addresses whose entries name it. The name is kept in the entry of the address and not in
 * the sender's own, which its owner may write.
 */
import { requireCommonDomain } from './common-domain.js';
import { destinationKey, parseDomain, splitAddress } from './address.js';
import { modifyWithClass } from './auxiliary.js';
import { lastChangeNow, type MailContext } from './context.js';
import { requireCapability, type Domain } from './domains.js';
import { findPerson, getPerson, toPerson, type Account, type Person } from './entries.js';
import { invalid } from './errors.js';
import { told } from './told.js';
import { aliasClass, and, equals, isA, isAscii, or } from './filters.js';
import { addressClass } from './forwarding.js';

const sendersMax = 200;
const listMax = 500;

export interface SenderChanges {
  /** Addresses of accounts, separated by commas, blanks or line ends. */
  readonly add?: string;
  readonly remove?: readonly string[];
}

/** Lets accounts send from this address, or no longer. Returns the address's entry as it is then. */
export async function changeSenders(
  context: MailContext,
  domain: Domain,
  address: string,
  changes: SenderChanges,
): Promise<Person> {
  const person = await getPerson(context, domain.name, address);
  requireCapability(context, domain, person.kind === 'account' ? 'editAccounts' : 'editAliases');
  requireCommonDomain(domain);
  const present = new Map(person.senders.map((sender) => [destinationKey(sender), sender]));
  const removed: string[] = [];
  for (const typed of changes.remove ?? []) {
    const sender = present.get(destinationKey(typed));
    if (sender === undefined) throw invalid('remove', told('notSender', { typed: typed.trim(), address: person.address }));
    removed.push(sender);
  }
  const added = new Map<string, string>();
  for (const typed of (changes.add ?? '').split(/[\s,;]+/).filter((text) => text !== '')) {
    const sender = await senderAddress(context, typed);
    if (!present.has(destinationKey(sender))) added.set(destinationKey(sender), sender);
  }
  if (present.size + added.size - removed.length > sendersMax) {
    throw invalid('senders', told('sendersAtMost', { most: sendersMax }));
  }
  if (added.size > 0 || removed.length > 0) {
    await modifyWithClass(context.directory, person.dn, addressClass, [
      ...(added.size > 0 ? ([['add', 'jammdSender', [...added.values()]]] as const) : []),
      ...(removed.length > 0 ? ([['delete', 'jammdSender', removed]] as const) : []),
      ['replace', 'lastChange', [lastChangeNow()]],
    ]);
  }
  return getPerson(context, domain.name, address);
}

/** Only accounts log in to send. */
async function senderAddress(context: MailContext, typed: string): Promise<string> {
  const [local, typedDomain] = splitAddress(typed);
  if (local === '' || typedDomain === '') throw invalid('senders', told('senderIncomplete', { typed }));
  const domain = parseDomain(typedDomain, 'senders');
  const person = await findPerson(context, domain, `${local}@${domain}`);
  if (person?.kind !== 'account' || person.deleted) {
    throw invalid('senders', told('senderNoAccount', { typed }));
  }
  return person.address;
}

/** The addresses of its own domain that an account may send from, besides its own, in order. */
export async function furtherSenderAddresses(
  { directory, tree }: MailContext,
  domain: string,
  account: Account,
): Promise<readonly string[]> {
  if (!isAscii(account.address)) return [];
  const { entries } = await directory.list(tree.domain(domain), {
    filter: and(
      // The classes are what a server has an index of.
      or(
        and(isA(aliasClass), equals('maildrop', account.address)),
        and(isA(addressClass), equals('jammdSender', account.address)),
      ),
      equals('accountActive', 'TRUE'),
    ),
    attributes: ['objectClass', 'mail'],
    max: listMax,
  });
  return entries.flatMap((entry) => toPerson(entry)?.address ?? []).sort();
}
