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
  type Domain,
} from '../../../mail/domains.js';
import { isMailError, MailError } from '../../../mail/errors.js';
import { aliasDomainsOf, createAliasDomain, pointAliasDomain } from '../../../mail/alias-domains.js';
import { requireSiteAdmin, type MailContext } from '../../../mail/context.js';
import { limitChanges, type TypedLimits } from '../../../mail/domain-limits.js';
import { domainUse, setLimits } from '../../../mail/domain-room.js';
import { secondFactorOf } from '../../../mail/second-factor.js';
import { requiresSecondFactor } from '../../second-factor-rules.js';
import { operation } from '../operation.js';
import { boolean, component, integer, list, nullable, object, oneOf, optional, string, type TypeOf } from '../shape.js';
import { domainShape, domainValue, factorShape, pageFields, pageOf } from '../shapes.js';
import { domainOf } from './paths.js';

const purgeField = { purge: optional(oneOf(['true', 'false'], 'Remove a deleted one permanently')) };

const limitsChange = component(
  'DomainLimitsChange',
  object({
    accounts: optional(nullable(integer(0, 9_999_999))),
    aliases: optional(nullable(integer(0, 9_999_999))),
    quotaSum: optional(string({ maxLength: 40, description: 'Such as 20 GB; empty for no limit' })),
    defaultQuota: optional(string({ maxLength: 40, description: 'Such as 500 MB; empty for none' })),
  }),
);

const newDomain = component(
  'DomainChange',
  object({
    description: optional(string({ maxLength: 1_000 })),
    transport: optional(string({ maxLength: 200, description: 'Postfix’s, such as virtual:' })),
    active: optional(boolean()),
    editAccounts: optional(boolean()),
    editPostmasters: optional(boolean()),
    aliasOf: optional(
      nullable(string({ maxLength: 320, description: 'Of a new or an alias domain: the domain whose addresses it has as well' })),
    ),
    limits: optional(limitsChange),
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

type DomainChange = TypeOf<typeof newDomain>;

function makeDomain(mail: MailContext, domain: string, { aliasOf, postmaster = [] }: DomainChange): Promise<Domain> {
  if (typeof aliasOf === 'string') return createAliasDomain(mail, domain, aliasOf);
  return createDomain(mail, { domain, destinations: postmaster.join('\n') });
}

/** A domain that is there stays what it is: one of its own, or another name of one. */
async function pointedDomain(mail: MailContext, domain: Domain, { aliasOf }: DomainChange): Promise<Domain> {
  if (aliasOf === undefined || (aliasOf ?? undefined) === domain.aliasOf) return domain;
  if (aliasOf !== null) return pointAliasDomain(mail, domain, aliasOf);
  throw new MailError(
    'conflict',
    `${domain.name} is another name of a domain. Purge it first, to make it one of its own.`,
    'aliasOf',
  );
}

/** Those that differ from what the domain has, or would have when it is made, as people type them. */
function typedLimits(domain: Domain | undefined, limits: TypeOf<typeof limitsChange>): TypedLimits {
  const present: Readonly<Record<string, unknown>> = domain === undefined ? {} : domainValue(domain).limits;
  const changed = Object.entries(limits).filter(([name, value]) => present[name] !== value);
  return Object.fromEntries(changed.map(([name, value]) => [name, value === null ? '' : String(value)]));
}

const domainUseShape = component(
  'DomainUsage',
  object({
    accounts: integer(0, Number.MAX_SAFE_INTEGER, 'Without deleted ones'),
    aliases: integer(0, Number.MAX_SAFE_INTEGER, 'Beside postmaster, abuse and the catch-all'),
    quotaBytes: integer(0, Number.MAX_SAFE_INTEGER, 'The quotas of the accounts, added up'),
    unlimited: integer(0, Number.MAX_SAFE_INTEGER, 'Accounts without a quota'),
    cut: boolean('The directory does not show all: the numbers are lower bounds'),
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
    id: 'getOwnSecondFactor',
    method: 'get',
    path: '/me/second-factor',
    tag: 'Yourself',
    summary: 'Show whether you have a second factor',
    scope: undefined,
    result: factorShape,
    run: async ({ mail, site }) => {
      const { isOn, recoveryLeft } = await secondFactorOf(mail, mail.actor.dn);
      return { value: { on: isOn, required: requiresSecondFactor(site.secondFactor, mail.actor), recoveryLeft } };
    },
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
    id: 'getDomainUsage',
    method: 'get',
    path: '/domains/{domain}/usage',
    tag: 'Domains',
    summary: 'Show how much of its limits a domain has used',
    scope: 'read',
    result: domainUseShape,
    run: async ({ mail, param }) => {
      const { name } = await getOwnDomain(mail, domainOf(param));
      return { value: await domainUse(mail, name) };
    },
  }),
  operation({
    id: 'listAliasDomains',
    method: 'get',
    path: '/domains/{domain}/alias-domains',
    tag: 'Domains',
    summary: 'List the other names of a domain',
    description: 'Site admins only.',
    scope: undefined,
    result: component('AliasDomainList', object({ items: list(domainShape, 1_000) })),
    run: async ({ mail, param }) => {
      requireSiteAdmin(mail);
      const { name } = await getDomain(mail, domainOf(param));
      return { value: { items: (await aliasDomainsOf(mail, name)).map(domainValue) } };
    },
  }),
  operation({
    id: 'putDomain',
    method: 'put',
    path: '/domains/{domain}',
    tag: 'Domains',
    summary: 'Make or change a domain',
    description:
      'Site admins only. Fields that are left out stay as they are. A new domain has postmaster and abuse as aliases, ' +
      'unless it is another name of one.',
    scope: undefined,
    body: newDomain,
    result: domainShape,
    creates: 'sometimes',
    run: async ({ mail, param, body }) => {
      requireSiteAdmin(mail);
      const name = domainOf(param);
      const before = await orNothing(() => getDomain(mail, name));
      const limits = typedLimits(before, body.limits ?? {});
      // What is wrong with them is told before anything is made.
      limitChanges(limits);
      const domain = before === undefined ? await makeDomain(mail, name, body) : await pointedDomain(mail, before, body);
      const { description = domain.description, transport = domain.transport, active } = body;
      if (description !== domain.description || transport !== domain.transport)
        await describeDomain(mail, domain.name, { description, transport });
      for (const capability of ['editAccounts', 'editPostmasters'] as const) {
        const on = body[capability];
        if (on !== undefined && on !== domain.can[capability]) await setCapability(mail, domain.name, capability, on);
      }
      if (Object.keys(limits).length > 0) await setLimits(mail, domain, limits);
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
