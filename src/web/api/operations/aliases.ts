/** Aliases of a domain, and its catch-all. */
import { setActive } from '../../../mail/accounts.js';
import { createAlias, deleteAlias, nameAlias, renameAlias, replaceDestinations, setCatchAll } from '../../../mail/aliases.js';
import { getCatchAll } from '../../../mail/catch-all.js';
import { destinationWarnings } from '../../../mail/destinations.js';
import { getOwnDomain } from '../../../mail/domains.js';
import { findPerson, getAlias, getPerson, listPeople, type Alias } from '../../../mail/entries.js';
import { invalid, MailError } from '../../../mail/errors.js';
import { inEnglish } from '../../../mail/told.js';
import { operation } from '../operation.js';
import { boolean, component, list, object, optional, string } from '../shape.js';
import { aliasShape, aliasValue, pageFields, pageOf } from '../shapes.js';
import { addressOf, domainOf, domainOfAddress, replaceSenders, requireOwnOrAdmin } from './paths.js';

const one = '/domains/{domain}/aliases/{address}';

const aliasChange = component(
  'AliasChange',
  object({
    destinations: optional(list(string({ maxLength: 320 }), 500, 'All of them; needed for a new alias')),
    name: optional(string({ maxLength: 200 })),
    senders: optional(list(string({ maxLength: 320 }), 200, 'All other accounts that may send from this address')),
    active: optional(boolean()),
  }),
);

const catchAll = component('CatchAll', object({ destinations: list(string({ maxLength: 320 }), 500) }));

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
    description:
      'Fields that are left out stay as they are. To do it again changes nothing. The owner may change destinations and name.',
    scope: 'aliases',
    body: aliasChange,
    result: aliasShape,
    creates: 'sometimes',
    run: async ({ mail, param, body }) => {
      const domain = await domainOfAddress(mail, param);
      const address = addressOf(param);
      const before = await findPerson(mail, domain.name, address);
      const { destinations, name, senders, active } = body;
      if (before === undefined) {
        if (destinations === undefined) throw invalid('destinations', 'A new alias needs destinations.');
        const request = { address, destinations: destinations.join('\n'), ...(name === undefined ? {} : { name }) };
        const made = await createAlias(mail, domain, request);
        if (active === false) await setActive(mail, domain, made, false);
      } else {
        if (before.kind !== 'alias') throw new MailError('conflict', `${address} is an account, not an alias.`);
        if (destinations !== undefined) await replaceDestinations(mail, domain, address, destinations.join('\n'));
        if (name !== undefined && name !== before.name) await nameAlias(mail, domain, address, name);
        if (active !== undefined && active !== before.active) await setActive(mail, domain, before, active);
      }
      if (senders !== undefined) await replaceSenders(mail, domain, await getAlias(mail, domain.name, address), senders);
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
  operation({
    id: 'renameAlias',
    method: 'post',
    path: `${one}/rename`,
    tag: 'Aliases',
    summary: 'Give an alias a new address',
    scope: 'aliases',
    body: object({ address: string({ maxLength: 320 }) }),
    result: aliasShape,
    run: async ({ mail, param, body }) => {
      const domain = await getOwnDomain(mail, domainOf(param));
      return { value: aliasValue(await renameAlias(mail, domain, addressOf(param), body.address)) };
    },
  }),
  operation({
    id: 'getCatchAll',
    method: 'get',
    path: '/domains/{domain}/catch-all',
    tag: 'Aliases',
    summary: 'Show where mail goes that nobody in a domain takes',
    scope: 'read',
    result: catchAll,
    run: async ({ mail, param }) => {
      const { name } = await getOwnDomain(mail, domainOf(param));
      return { value: { destinations: (await getCatchAll(mail, name))?.destinations ?? [] } };
    },
  }),
  operation({
    id: 'putCatchAll',
    method: 'put',
    path: '/domains/{domain}/catch-all',
    tag: 'Aliases',
    summary: 'Deliver mail that nobody in a domain takes',
    description: 'Without destinations it is refused.',
    scope: 'aliases',
    body: catchAll,
    result: catchAll,
    run: async ({ mail, param, body }) => {
      const domain = await getOwnDomain(mail, domainOf(param));
      return { value: { destinations: await setCatchAll(mail, domain, body.destinations.join('\n')) } };
    },
  }),
  operation({
    id: 'listWarnings',
    method: 'get',
    path: '/domains/{domain}/addresses/{address}/warnings',
    tag: 'Aliases',
    summary: 'Tell what is wrong with where mail to an account or alias goes',
    description: 'Addresses of this site that do not exist or take no mail, and mail that goes round in a circle.',
    scope: 'read',
    result: component('WarningList', object({ items: list(string(), 1_000) })),
    run: async ({ mail, param }) => {
      const person = await getPerson(mail, domainOf(param), addressOf(param));
      requireOwnOrAdmin(mail, domainOf(param), person);
      const destinations = person.kind === 'alias' ? person.destinations : person.forwardTo;
      return { value: { items: (await destinationWarnings(mail, person.address, destinations)).map(inEnglish) } };
    },
  }),
];
