/** Accounts of a domain. */
import {
  changeAccount,
  createAccount,
  deleteAccount,
  purgeAccount,
  renameAccount,
  restoreAccount,
  setActive,
} from '../../../mail/accounts.js';
import { destinationKey, parseDestinations } from '../../../mail/address.js';
import type { MailContext } from '../../../mail/context.js';
import { getOwnDomain, type Domain } from '../../../mail/domains.js';
import { findPerson, getAccount, listPeople, type Account } from '../../../mail/entries.js';
import { invalid, MailError } from '../../../mail/errors.js';
import { setForwarding } from '../../../mail/forwarding.js';
import { setPassword } from '../../../mail/passwords.js';
import { convertQuotas } from '../../../mail/quota-conversion.js';
import { quotaBytes } from '../../../mail/quota.js';
import { displayQuota } from '../../../mail/sizes.js';
import { furtherSenderAddresses } from '../../../mail/senders.js';
import { mailUsage } from '../../../mail/usage.js';
import { operation, requireScope } from '../operation.js';
import { boolean, component, integer, list, nullable, object, oneOf, optional, string, type TypeOf } from '../shape.js';
import { accountShape, accountValue, pageFields, pageOf } from '../shapes.js';
import { addressOf, domainOf, domainOfAddress, replaceSenders, requireOwnOrAdmin } from './paths.js';

const accountChange = component(
  'AccountChange',
  object({
    name: optional(string({ maxLength: 200 })),
    quota: optional(string({ maxLength: 40, description: 'Such as 500 MB; empty for no limit' })),
    active: optional(boolean()),
    forwardTo: optional(list(string({ maxLength: 320 }), 50, 'All addresses that its mail goes to; none ends the forwarding')),
    keepCopy: optional(boolean('Of mail that goes elsewhere; true if it begins to go there and this is left out')),
    senders: optional(list(string({ maxLength: 320 }), 200, 'All other accounts that may send from this address')),
    password: optional(
      string({ maxLength: 256, description: 'Needed for a new account; of another, tokens need the scope passwords' }),
    ),
    mailbox: optional(oneOf(['fresh', 'reuse'], 'Of a new account: what to do if its mail folder was a deleted account’s')),
  }),
);

const number = integer(0, Number.MAX_SAFE_INTEGER);
const one = '/domains/{domain}/accounts/{address}';

/** Would these change something? What cannot be read as a quota is told by the use case. */
function changes(before: Account, { name, quota }: { readonly name?: string; readonly quota?: string }): boolean {
  const same = [before.quota, displayQuota(before.quota)];
  return (name !== undefined && name.trim() !== before.name) || (quota !== undefined && !same.includes(quota.trim()));
}

async function applySharing(
  mail: MailContext,
  domain: Domain,
  account: Account,
  { forwardTo, keepCopy, senders }: TypeOf<typeof accountChange>,
): Promise<void> {
  const wanted = forwardTo ?? account.forwardTo;
  const keeps = keepCopy ?? (account.forwardTo.length === 0 || account.keepsCopy);
  const [before, after] = [account.forwardTo, wanted].map((all) => [...new Set(all.map(destinationKey))].sort().join('\n'));
  if (before !== after || (wanted.length > 0 && keeps !== account.keepsCopy))
    await setForwarding(mail, domain, account.address, { destinations: wanted.join('\n'), keepCopy: keeps });
  if (senders !== undefined) await replaceSenders(mail, domain, account, senders);
}

export const accountOperations = [
  operation({
    id: 'listAccounts',
    method: 'get',
    path: '/domains/{domain}/accounts',
    tag: 'Accounts',
    summary: 'List the accounts of a domain',
    scope: 'read',
    query: object(pageFields),
    result: pageOf('AccountPage', accountShape),
    run: async ({ mail, param, query }) => {
      const { name } = await getOwnDomain(mail, domainOf(param));
      const { people, ...found } = await listPeople(mail, name, { kind: 'account', ...query });
      const accounts = people.filter((person): person is Account => person.kind === 'account');
      return { value: { items: accounts.map(accountValue), ...found } };
    },
  }),
  operation({
    id: 'getAccount',
    method: 'get',
    path: one,
    tag: 'Accounts',
    summary: 'Show an account',
    scope: 'read',
    result: accountShape,
    run: async ({ mail, param }) => {
      const account = await getAccount(mail, domainOf(param), addressOf(param));
      requireOwnOrAdmin(mail, domainOf(param), account);
      return { value: accountValue(account) };
    },
  }),
  operation({
    id: 'putAccount',
    method: 'put',
    path: one,
    tag: 'Accounts',
    summary: 'Make or change an account',
    description:
      'Fields that are left out stay as they are. To do it again changes nothing. The owner may change name and forwarding.',
    scope: 'accounts',
    body: accountChange,
    result: accountShape,
    creates: 'sometimes',
    run: async ({ mail, param, body, scopes }) => {
      const domain = await domainOfAddress(mail, param);
      const address = addressOf(param);
      const before = await findPerson(mail, domain.name, address);
      const { name, quota, active, password, mailbox } = body;
      const details = { ...(name === undefined ? {} : { name }), ...(quota === undefined ? {} : { quota }) };
      if (before === undefined) {
        if (password === undefined) throw invalid('password', 'A new account needs a password.');
        // Before anything is made.
        parseDestinations((body.forwardTo ?? []).join('\n'), 'forwardTo');
        const made = await createAccount(mail, domain, { address, password, repeat: password, mailbox, ...details });
        if (active === false) await setActive(mail, domain, made, false);
      } else {
        if (before.kind !== 'account') throw new MailError('conflict', `${address} is an alias, not an account.`);
        if (before.deleted) throw new MailError('conflict', `${address} is deleted. Restore it first.`);
        if (password !== undefined) requireScope(scopes, 'passwords');
        if (changes(before, details)) await changeAccount(mail, domain.name, address, details);
        if (password !== undefined) await setPassword(mail, before, { password, repeat: password });
        if (active !== undefined && active !== before.active) await setActive(mail, domain, before, active);
      }
      await applySharing(mail, domain, await getAccount(mail, domain.name, address), body);
      return { created: before === undefined, value: accountValue(await getAccount(mail, domain.name, address)) };
    },
  }),
  operation({
    id: 'deleteAccount',
    method: 'delete',
    path: one,
    tag: 'Accounts',
    summary: 'Delete an account, or purge a deleted one',
    description: 'A deleted account can be restored until it is purged.',
    scope: 'accounts',
    query: object({ purge: optional(oneOf(['true', 'false'], 'Remove a deleted one permanently')) }),
    run: async ({ mail, param, query }) => {
      const domain = await getOwnDomain(mail, domainOf(param));
      await (query.purge === 'true' ? purgeAccount : deleteAccount)(mail, domain, addressOf(param));
      return { value: undefined };
    },
  }),
  operation({
    id: 'restoreAccount',
    method: 'post',
    path: `${one}/restore`,
    tag: 'Accounts',
    summary: 'Restore a deleted account',
    scope: 'accounts',
    result: accountShape,
    run: async ({ mail, param }) => {
      const domain = await getOwnDomain(mail, domainOf(param));
      await restoreAccount(mail, domain, addressOf(param));
      return { value: accountValue(await getAccount(mail, domain.name, addressOf(param))) };
    },
  }),
  operation({
    id: 'renameAccount',
    method: 'post',
    path: `${one}/rename`,
    tag: 'Accounts',
    summary: 'Give an account a new address',
    description: 'Its mail, its rights and the aliases that deliver to it follow.',
    scope: 'accounts',
    body: object({ address: string({ maxLength: 320 }) }),
    result: accountShape,
    run: async ({ mail, param, body }) => {
      const domain = await getOwnDomain(mail, domainOf(param));
      const { account } = await renameAccount(mail, domain, addressOf(param), body.address);
      return { value: accountValue(account) };
    },
  }),
  operation({
    id: 'getMailUsage',
    method: 'get',
    path: `${one}/usage`,
    tag: 'Accounts',
    summary: 'Show how full the mailbox of an account is',
    description: 'Null where it cannot be found out on the machine that serves this API.',
    scope: 'read',
    result: component('MailUsage', object({ bytes: nullable(number), messages: nullable(number), quotaBytes: nullable(number) })),
    run: async ({ mail, param }) => {
      const account = await getAccount(mail, domainOf(param), addressOf(param));
      requireOwnOrAdmin(mail, domainOf(param), account);
      const { bytes = null, messages = null } = (await mailUsage(mail.settings, account)) ?? {};
      return { value: { bytes, messages, quotaBytes: quotaBytes(account.quota) ?? null } };
    },
  }),
  operation({
    id: 'listSenderAddresses',
    method: 'get',
    path: `${one}/sender-addresses`,
    tag: 'Accounts',
    summary: 'List the addresses that an account may send from besides its own',
    scope: 'read',
    result: component('SenderAddressList', object({ items: list(string(), 1_000) })),
    run: async ({ mail, param }) => {
      const account = await getAccount(mail, domainOf(param), addressOf(param));
      requireOwnOrAdmin(mail, domainOf(param), account);
      return { value: { items: await furtherSenderAddresses(mail, domainOf(param), account) } };
    },
  }),
  operation({
    id: 'convertQuotas',
    method: 'post',
    path: '/domains/{domain}/quota-conversion',
    tag: 'Accounts',
    summary: 'Find quotas that mail servers cannot read, and convert them',
    scope: 'accounts',
    body: component(
      'QuotaConversion',
      object({
        apply: boolean('Convert them; otherwise they are only listed'),
        bareNumber: optional(oneOf(['megabytes', 'bytes'], 'What a number without a unit counts; megabytes if left out')),
      }),
    ),
    result: component(
      'QuotaConversionList',
      object({ items: list(object({ address: string(), before: string(), after: nullable(string()) }), 100_000) }),
    ),
    run: async ({ mail, param, body: { apply, bareNumber = 'megabytes' } }) => {
      const found = await convertQuotas(mail, await getOwnDomain(mail, domainOf(param)), { apply, bareNumber });
      return { value: { items: found.map(({ after = null, ...one }) => ({ ...one, after })) } };
    },
  }),
];
