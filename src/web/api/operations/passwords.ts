/** Passwords, app passwords and second factors. */
import {
  listAppPasswords,
  makeAppPassword,
  removeExpired,
  revokeAllAppPasswords,
  revokeAppPassword,
} from '../../../mail/app-passwords.js';
import { getAccount, getPerson } from '../../../mail/entries.js';
import { denied } from '../../../mail/errors.js';
import { sameDn } from '../../../mail/names.js';
import { setPassword } from '../../../mail/passwords.js';
import { postmasterDomains } from '../../../mail/postmasters.js';
import { removeSecondFactor, secondFactorOf } from '../../../mail/second-factor.js';
import { requiresSecondFactor } from '../../second-factor-rules.js';
import { operation } from '../operation.js';
import { boolean, component, integer, list, nullable, object, optional, string, time } from '../shape.js';
import { appPasswordShape, appPasswordValue, factorShape } from '../shapes.js';
import { addressOf, domainOf, requireOwnOrAdmin } from './paths.js';

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

export const passwordOperations = [
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
  operation({
    id: 'revokeAllAppPasswords',
    method: 'delete',
    path: `${one}/app-passwords`,
    tag: 'Passwords',
    summary: 'Revoke all app passwords of an account',
    scope: 'passwords',
    run: async ({ mail, param }) => {
      await revokeAllAppPasswords(mail, await getAccount(mail, domainOf(param), addressOf(param)));
      return { value: undefined };
    },
  }),
  operation({
    id: 'removeExpiredAppPasswords',
    method: 'post',
    path: '/app-passwords/remove-expired',
    tag: 'Passwords',
    summary: 'Remove expired app passwords of all domains from the directory',
    description: 'Site admins only. Servers other than jammd take them until then.',
    scope: undefined,
    result: component(
      'ExpiredAppPasswords',
      object({ items: list(object({ dn: string(), labels: list(string(), 1_000) }), 1_000_000) }),
    ),
    run: async ({ mail }) => ({ value: { items: await removeExpired(mail) } }),
  }),
  operation({
    id: 'getSecondFactor',
    method: 'get',
    path: `${one}/second-factor`,
    tag: 'Passwords',
    summary: 'Show whether an account or alias has a second factor',
    scope: 'passwords',
    result: factorShape,
    run: async ({ mail, param, site }) => {
      const { dn } = await getPerson(mail, domainOf(param), addressOf(param));
      requireOwnOrAdmin(mail, domainOf(param), { dn });
      const [{ isOn, recoveryLeft }, domains] = await Promise.all([secondFactorOf(mail, dn), postmasterDomains(mail, dn)]);
      const required = requiresSecondFactor(site.secondFactor, { level: domains.length > 0 ? 'domain' : 'user' });
      return { value: { on: isOn, required, recoveryLeft } };
    },
  }),
  operation({
    id: 'removeSecondFactor',
    method: 'delete',
    path: `${one}/second-factor`,
    tag: 'Passwords',
    summary: 'Switch off the second factor of somebody who has lost it',
    description: 'Their password alone logs in then. For your own, use the web pages, which ask for a code.',
    scope: undefined,
    run: async ({ mail, param }) => {
      const { dn } = await getPerson(mail, domainOf(param), addressOf(param));
      // Otherwise a stolen password would be enough to be rid of it.
      if (sameDn(mail.actor.dn, dn)) throw denied('Switch off your own second factor on the web pages, with a code.');
      await removeSecondFactor(mail, dn);
      return { value: undefined };
    },
  }),
];
