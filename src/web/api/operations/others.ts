/** Aliases, postmasters and API tokens of a domain. */
import { setActive } from '../../../mail/accounts.js';
import { changeDestinations, createAlias, deleteAlias, nameAlias } from '../../../mail/aliases.js';
import { listTokens, makeToken, revokeToken, tokenScopes } from '../../../mail/api-tokens.js';
import { getOwnDomain } from '../../../mail/domains.js';
import { findPerson, getAlias, getPerson, listPeople, type Alias } from '../../../mail/entries.js';
import { invalid, MailError } from '../../../mail/errors.js';
import { appointPostmaster, dismissPostmaster, listPostmasters } from '../../../mail/postmasters.js';
import { operation } from '../operation.js';
import { boolean, component, integer, list, nullable, object, oneOf, optional, string } from '../shape.js';
import { aliasShape, aliasValue, madeTokenShape, pageFields, pageOf, tokenShape, tokenValue } from '../shapes.js';
import { addressOf, domainOf, requireOwnOrAdmin } from './paths.js';

const one = '/domains/{domain}/aliases/{address}';

const aliasChange = component(
  'AliasChange',
  object({
    destinations: optional(list(string({ maxLength: 320 }), 500, 'All of them; needed for a new alias')),
    name: optional(string({ maxLength: 200 })),
    active: optional(boolean()),
  }),
);

export const aliasOperations = [
  operation({
    id: 'listAliases',
    method: 'get',
    path: '/domains/{domain}/aliases',
    tag: 'Aliases',
    summary: 'List the aliases of a domain',
    scope: 'read',
    query: object(pageFields),
    result: pageOf('AliasPage', aliasShape),
    run: async ({ mail, param, query }) => {
      const { name } = await getOwnDomain(mail, domainOf(param));
      const { people, ...found } = await listPeople(mail, name, { kind: 'alias', ...query });
      const aliases = people.filter((person): person is Alias => person.kind === 'alias');
      return { value: { items: aliases.map(aliasValue), ...found } };
    },
  }),
  operation({
    id: 'getAlias',
    method: 'get',
    path: one,
    tag: 'Aliases',
    summary: 'Show an alias',
    scope: 'read',
    result: aliasShape,
    run: async ({ mail, param }) => {
      const alias = await getAlias(mail, domainOf(param), addressOf(param));
      requireOwnOrAdmin(mail, domainOf(param), alias);
      return { value: aliasValue(alias) };
    },
  }),
  operation({
    id: 'putAlias',
    method: 'put',
    path: one,
    tag: 'Aliases',
    summary: 'Make or change an alias',
    description: 'Fields that are left out stay as they are. To do it again changes nothing.',
    scope: 'aliases',
    body: aliasChange,
    result: aliasShape,
    creates: 'sometimes',
    run: async ({ mail, param, body }) => {
      const domain = await getOwnDomain(mail, domainOf(param));
      const address = addressOf(param);
      const before = await findPerson(mail, domain.name, address);
      const { destinations, name, active } = body;
      if (before === undefined) {
        if (destinations === undefined) throw invalid('destinations', 'A new alias needs destinations.');
        const request = { address, destinations: destinations.join('\n'), ...(name === undefined ? {} : { name }) };
        const made = await createAlias(mail, domain, request);
        if (active === false) await setActive(mail, domain, made, false);
      } else {
        if (before.kind !== 'alias') throw new MailError('conflict', `${address} is an account, not an alias.`);
        if (destinations !== undefined) {
          const wanted = new Set(destinations.map((text) => text.trim().toLowerCase()));
          const remove = before.destinations.filter((text) => !wanted.has(text.toLowerCase()));
          await changeDestinations(mail, domain, address, { add: destinations.join('\n'), remove });
        }
        if (name !== undefined && name !== before.name) await nameAlias(mail, domain, address, name);
        if (active !== undefined && active !== before.active) await setActive(mail, domain, before, active);
      }
      return { created: before === undefined, value: aliasValue(await getAlias(mail, domain.name, address)) };
    },
  }),
  operation({
    id: 'deleteAlias',
    method: 'delete',
    path: one,
    tag: 'Aliases',
    summary: 'Delete an alias',
    scope: 'aliases',
    run: async ({ mail, param }) => {
      await deleteAlias(mail, await getOwnDomain(mail, domainOf(param)), addressOf(param));
      return { value: undefined };
    },
  }),
];

const postmaster = component('Postmaster', object({ address: nullable(string()), dn: string(), active: boolean() }));

export const postmasterOperations = [
  operation({
    id: 'listPostmasters',
    method: 'get',
    path: '/domains/{domain}/postmasters',
    tag: 'Postmasters',
    summary: 'List the postmasters of a domain',
    scope: 'read',
    result: component('PostmasterList', object({ items: list(postmaster, 1_000) })),
    run: async ({ mail, param }) => {
      const { name } = await getOwnDomain(mail, domainOf(param));
      const items = (await listPostmasters(mail, name)).map(({ dn, person }) => {
        return { dn, address: person?.address ?? null, active: person?.active ?? false };
      });
      return { value: { items } };
    },
  }),
  operation({
    id: 'putPostmaster',
    method: 'put',
    path: '/domains/{domain}/postmasters/{address}',
    tag: 'Postmasters',
    summary: 'Make somebody of the domain its postmaster',
    scope: 'postmasters',
    run: async ({ mail, param }) => {
      const domain = await getOwnDomain(mail, domainOf(param));
      await appointPostmaster(mail, domain, await getPerson(mail, domain.name, addressOf(param)));
      return { value: undefined };
    },
  }),
  operation({
    id: 'deletePostmaster',
    method: 'delete',
    path: '/domains/{domain}/postmasters/{address}',
    tag: 'Postmasters',
    summary: 'Dismiss a postmaster',
    scope: 'postmasters',
    run: async ({ mail, param }) => {
      const domain = await getOwnDomain(mail, domainOf(param));
      const { dn } = await getPerson(mail, domain.name, addressOf(param));
      if (!(await dismissPostmaster(mail, domain, dn))) throw new MailError('not-found', 'That is no postmaster of this domain.');
      return { value: undefined };
    },
  }),
];

const newToken = component(
  'TokenRequest',
  object({
    label: string({ maxLength: 60, description: 'What it is for' }),
    scopes: list(oneOf(tokenScopes), tokenScopes.length, 'What it may change; reading is always among them'),
    days: optional(integer(1, 3_660, 'Until it expires; never if left out')),
  }),
);

export const tokenOperations = [
  operation({
    id: 'listTokens',
    method: 'get',
    path: '/domains/{domain}/tokens',
    tag: 'Tokens',
    summary: 'List the API tokens of a domain',
    scope: undefined,
    result: component('TokenList', object({ items: list(tokenShape, 1_000) })),
    run: async ({ mail, param }) => ({ value: { items: (await listTokens(mail, domainOf(param))).map(tokenValue) } }),
  }),
  operation({
    id: 'makeToken',
    method: 'post',
    path: '/domains/{domain}/tokens',
    tag: 'Tokens',
    summary: 'Make an API token for a domain',
    scope: undefined,
    body: newToken,
    result: madeTokenShape,
    creates: 'always',
    run: async ({ mail, param, body }) => {
      const { label, scopes, days } = body;
      const made = await makeToken(mail, await getOwnDomain(mail, domainOf(param)), { label, scopes, days });
      return { created: true, value: { ...tokenValue(made), token: made.token } };
    },
  }),
  operation({
    id: 'revokeToken',
    method: 'delete',
    path: '/domains/{domain}/tokens/{id}',
    tag: 'Tokens',
    summary: 'Revoke an API token',
    scope: undefined,
    run: async ({ mail, param }) => {
      await revokeToken(mail, await getOwnDomain(mail, domainOf(param)), param('id'));
      return { value: undefined };
    },
  }),
];
