/** API tokens of a domain. */
import { listTokens, makeToken, revokeToken, tokenScopes } from '../../../mail/api-tokens.js';
import { getOwnDomain } from '../../../mail/domains.js';
import { operation } from '../operation.js';
import { component, integer, list, object, oneOf, optional, string } from '../shape.js';
import { madeTokenShape, tokenShape, tokenValue } from '../shapes.js';
import { domainOf } from './paths.js';

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
