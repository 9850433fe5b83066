/** Accounts of a domain, their passwords and app passwords. */
import {
  changeAccount,
  createAccount,
  deleteAccount,
  purgeAccount,
  renameAccount,
  restoreAccount,
  setActive,
} from '../../../mail/accounts.js';
import { listAppPasswords, makeAppPassword, revokeAppPassword } from '../../../mail/app-passwords.js';
import { getOwnDomain } from '../../../mail/domains.js';
import { findPerson, getAccount, getPerson, listPeople, type Account } from '../../../mail/entries.js';
import { invalid, MailError } from '../../../mail/errors.js';
import { setPassword } from '../../../mail/passwords.js';
import { operation } from '../operation.js';
import { boolean, component, integer, list, nullable, object, oneOf, optional, string, time } from '../shape.js';
import { accountShape, accountValue, appPasswordShape, appPasswordValue, pageFields, pageOf } from '../shapes.js';
import { addressOf, domainOf, requireOwnOrAdmin } from './paths.js';

const accountChange = component(
  'AccountChange',
  object({
    name: optional(string({ maxLength: 200 })),
    quota: optional(string({ maxLength: 40, description: 'Such as 500 MB; empty for no limit' })),
    active: optional(boolean()),
    password: optional(string({ maxLength: 256, description: 'Needed for a new account' })),
    mailbox: optional(oneOf(['fresh', 'reuse'], 'Of a new account: what to do if its mail folder was a deleted account’s')),
  }),
);

const newPassword = component(
  'PasswordChange',
  object({
    password: string({ maxLength: 256 }),
    current: optional(string({ maxLength: 256, description: 'Needed for your own' })),
    revokeAppPasswords: optional(boolean('End all app passwords, too; they stay if left out')),
  }),
);

const newAppPassword = component(
  'NewAppPassword',
  object({
    label: string({ maxLength: 60, description: 'What it is for' }),
    days: optional(integer(1, 3_660, 'Until it expires; never if left out')),
    current: optional(string({ maxLength: 256, description: 'Your password, for an app password of your own' })),
  }),
);

const madeAppPassword = component(
  'MadeAppPassword',
  object({ id: string(), label: string(), expires: nullable(time), password: string({ description: 'Shown this once' }) }),
);

const one = '/domains/{domain}/accounts/{address}';

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
    description: 'Fields that are left out stay as they are. To do it again changes nothing.',
    scope: 'accounts',
    body: accountChange,
    result: accountShape,
    creates: 'sometimes',
    run: async ({ mail, param, body }) => {
      const domain = await getOwnDomain(mail, domainOf(param));
      const address = addressOf(param);
      const before = await findPerson(mail, domain.name, address);
      const { name, quota, active, password, mailbox } = body;
      const details = { ...(name === undefined ? {} : { name }), ...(quota === undefined ? {} : { quota }) };
      if (before === undefined) {
        if (password === undefined) throw invalid('password', 'A new account needs a password.');
        const made = await createAccount(mail, domain, { address, password, repeat: password, mailbox, ...details });
        if (active === false) await setActive(mail, domain, made, false);
      } else {
        if (before.kind !== 'account') throw new MailError('conflict', `${address} is an alias, not an account.`);
        if (before.deleted) throw new MailError('conflict', `${address} is deleted. Restore it first.`);
        if (name !== undefined || quota !== undefined) await changeAccount(mail, domain.name, address, details);
        if (password !== undefined) await setPassword(mail, before, { password, repeat: password });
        if (active !== undefined && active !== before.active) await setActive(mail, domain, before, active);
      }
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
    id: 'putPassword',
    method: 'put',
    path: `${one}/password`,
    tag: 'Passwords',
    summary: 'Set the password of an account or alias',
    scope: 'passwords',
    body: newPassword,
    run: async ({ mail, param, body }) => {
      const person = await getPerson(mail, domainOf(param), addressOf(param));
      const { password, current, revokeAppPasswords = false } = body;
      const request = { password, repeat: password, revokeAppPasswords, ...(current === undefined ? {} : { old: current }) };
      await setPassword(mail, person, request);
      return { value: undefined };
    },
  }),
  operation({
    id: 'listAppPasswords',
    method: 'get',
    path: `${one}/app-passwords`,
    tag: 'Passwords',
    summary: 'List the app passwords of an account',
    scope: 'passwords',
    result: component('AppPasswordList', object({ items: list(appPasswordShape, 1_000) })),
    run: async ({ mail, param }) => {
      const account = await getAccount(mail, domainOf(param), addressOf(param));
      return { value: { items: (await listAppPasswords(mail, account)).map(appPasswordValue) } };
    },
  }),
  operation({
    id: 'makeAppPassword',
    method: 'post',
    path: `${one}/app-passwords`,
    tag: 'Passwords',
    summary: 'Make an app password',
    scope: 'passwords',
    body: newAppPassword,
    result: madeAppPassword,
    creates: 'always',
    run: async ({ mail, param, body }) => {
      const account = await getAccount(mail, domainOf(param), addressOf(param));
      const { label, days, current = '' } = body;
      const made = await makeAppPassword(mail, account, { label, days, old: current });
      const { id, password, expiresAt } = made;
      return { created: true, value: { id, label: made.label, password, expires: expiresAt?.toISOString() ?? null } };
    },
  }),
  operation({
    id: 'revokeAppPassword',
    method: 'delete',
    path: `${one}/app-passwords/{id}`,
    tag: 'Passwords',
    summary: 'Revoke an app password',
    scope: 'passwords',
    run: async ({ mail, param }) => {
      await revokeAppPassword(mail, await getAccount(mail, domainOf(param), addressOf(param)), param('id'));
      return { value: undefined };
    },
  }),
];
