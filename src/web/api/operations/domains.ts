/** Domains, and who is asking. */
import {
  activateDomain,
  createDomain,
  deactivateDomain,
  deleteDomain,
  describeDomain,
  getDomain,
  getOwnDomain,
  listDomains,
  purgeDomain,
  restoreDomain,
  setCapability,
} from '../../../mail/domains.js';
import { isMailError } from '../../../mail/errors.js';
import { requireSiteAdmin } from '../../../mail/context.js';
import { operation } from '../operation.js';
import { boolean, component, list, nullable, object, oneOf, optional, string } from '../shape.js';
import { domainShape, domainValue, pageFields, pageOf } from '../shapes.js';
import { domainOf } from './paths.js';

const purgeField = { purge: optional(oneOf(['true', 'false'], 'Remove a deleted one permanently')) };

const newDomain = component(
  'DomainChange',
  object({
    description: optional(string({ maxLength: 1_000 })),
    transport: optional(string({ maxLength: 200, description: 'Postfix’s, such as virtual:' })),
    active: optional(boolean()),
    editAccounts: optional(boolean()),
    editPostmasters: optional(boolean()),
    postmaster: optional(list(string({ maxLength: 320 }), 100, 'Of a new domain: where mail to its postmaster goes')),
  }),
);

const me = component(
  'Me',
  object({
    level: oneOf(['site', 'domain', 'user']),
    login: string(),
    address: nullable(string()),
    domains: list(string(), 100_000, 'Domains that you administer; a site admin administers all'),
  }),
);

export const domainOperations = [
  operation({
    id: 'whoAmI',
    method: 'get',
    path: '/me',
    tag: 'Yourself',
    summary: 'Who you are here',
    scope: 'read',
    result: me,
    run: ({ mail: { actor } }) =>
      Promise.resolve({
        value: {
          level: actor.level,
          login: actor.login,
          address: actor.level === 'site' || actor.address === '' ? null : actor.address,
          domains: actor.level === 'domain' ? actor.domains : [],
        },
      }),
  }),
  operation({
    id: 'listDomains',
    method: 'get',
    path: '/domains',
    tag: 'Domains',
    summary: 'List the domains that you administer',
    scope: 'read',
    query: object(pageFields),
    result: pageOf('DomainPage', domainShape),
    run: async ({ mail, query }) => {
      const { domains, ...found } = await listDomains(mail, { pageSize: 50, ...query });
      return { value: { items: domains.map(domainValue), ...found } };
    },
  }),
  operation({
    id: 'getDomain',
    method: 'get',
    path: '/domains/{domain}',
    tag: 'Domains',
    summary: 'Show a domain',
    scope: 'read',
    result: domainShape,
    run: async ({ mail, param }) => ({ value: domainValue(await getOwnDomain(mail, domainOf(param))) }),
  }),
  operation({
    id: 'putDomain',
    method: 'put',
    path: '/domains/{domain}',
    tag: 'Domains',
    summary: 'Make or change a domain',
    description: 'Site admins only. Fields that are left out stay as they are. A new domain has postmaster and abuse as aliases.',
    scope: undefined,
    body: newDomain,
    result: domainShape,
    creates: 'sometimes',
    run: async ({ mail, param, body }) => {
      requireSiteAdmin(mail);
      const name = domainOf(param);
      const before = await orNothing(() => getDomain(mail, name));
      const domain = before ?? (await createDomain(mail, { domain: name, destinations: (body.postmaster ?? []).join(',') }));
      const { description = domain.description, transport = domain.transport, active } = body;
      if (description !== domain.description || transport !== domain.transport)
        await describeDomain(mail, domain.name, { description, transport });
      for (const capability of ['editAccounts', 'editPostmasters'] as const) {
        const on = body[capability];
        if (on !== undefined && on !== domain.can[capability]) await setCapability(mail, domain.name, capability, on);
      }
      if (active !== undefined && active !== domain.active) await (active ? activateDomain : deactivateDomain)(mail, domain.name);
      return { created: before === undefined, value: domainValue(await getDomain(mail, domain.name)) };
    },
  }),
  operation({
    id: 'deleteDomain',
    method: 'delete',
    path: '/domains/{domain}',
    tag: 'Domains',
    summary: 'Delete a domain, or purge a deleted one',
    description: 'Site admins only. A deleted domain can be restored until it is purged.',
    scope: undefined,
    query: object(purgeField),
    run: async ({ mail, param, query }) => {
      await (query.purge === 'true' ? purgeDomain : deleteDomain)(mail, domainOf(param));
      return { value: undefined };
    },
  }),
  operation({
    id: 'restoreDomain',
    method: 'post',
    path: '/domains/{domain}/restore',
    tag: 'Domains',
    summary: 'Restore a deleted domain',
    scope: undefined,
    result: domainShape,
    run: async ({ mail, param }) => {
      requireSiteAdmin(mail);
      const { name } = await getDomain(mail, domainOf(param));
      await restoreDomain(mail, name);
      return { value: domainValue(await getDomain(mail, name)) };
    },
  }),
];

/** What there is, or undefined where there is nothing. */
export async function orNothing<T>(get: () => Promise<T>): Promise<T | undefined> {
  try {
    return await get();
  } catch (error) {
    if (isMailError(error, 'not-found')) return undefined;
    throw error;
  }
}
