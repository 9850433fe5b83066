/** The things of the API, as it gives them. */
import { tokenScopes, type ApiToken } from '../../mail/api-tokens.js';
import type { AppPassword } from '../../mail/app-password-notes.js';
import type { Domain } from '../../mail/domains.js';
import type { Account, Alias } from '../../mail/entries.js';
import { displayQuota } from '../../mail/sizes.js';
import {
  boolean,
  component,
  integer,
  list,
  nullable,
  object,
  oneOf,
  optional,
  string,
  time,
  type Shape,
  type TypeOf,
} from './shape.js';

const iso = (at: Date | undefined): string | null => at?.toISOString() ?? null;

const limitsShape = component(
  'DomainLimits',
  object({
    accounts: nullable(integer(0, 9_999_999, 'How many its postmasters may make; null for no limit')),
    aliases: nullable(integer(0, 9_999_999, 'Beside postmaster, abuse and the catch-all; null for no limit')),
    quotaSum: string({ description: 'What the quotas of all accounts may add up to, such as 20 GB; empty for no limit' }),
    defaultQuota: string({ description: 'Quota of new accounts, such as 500 MB; empty for none' }),
  }),
);

export const domainShape = component(
  'Domain',
  object({
    domain: string(),
    active: boolean(),
    deleted: boolean(),
    description: string(),
    transport: string(),
    editAccounts: boolean('Its postmasters may add, rename and delete accounts'),
    editPostmasters: boolean('Its postmasters may appoint others'),
    aliasOf: nullable(string({ description: 'The domain whose addresses it has as well; null for a domain of its own' })),
    limits: limitsShape,
    lastChange: nullable(time),
  }),
);

export function domainValue(domain: Domain): TypeOf<typeof domainShape> {
  const { name, active, deleted, description, transport, aliasOf = null } = domain;
  const { editAccounts, editPostmasters } = domain.can;
  const { accounts = null, aliases = null, quotaBytes: sum, defaultQuota } = domain.limits;
  const quotaSum = sum === undefined ? '' : displayQuota(`${sum}S`);
  return {
    ...{ domain: name, active, deleted, description, transport, editAccounts, editPostmasters, aliasOf },
    limits: { accounts, aliases, quotaSum, defaultQuota: displayQuota(defaultQuota) },
    lastChange: iso(domain.lastChange),
  };
}

const sendersShape = list(string(), 1_000, 'Other accounts that may send from this address');

export const accountShape = component(
  'Account',
  object({
    address: string(),
    name: string(),
    active: boolean(),
    deleted: boolean(),
    quota: string({ description: 'Such as 500 MB; empty for no limit' }),
    mailbox: string(),
    forwardTo: list(string(), 1_000, 'Where its mail goes as well, or instead'),
    keepCopy: boolean('Mail that goes elsewhere comes here, too'),
    senders: sendersShape,
    lastChange: nullable(time),
  }),
);

export function accountValue(account: Account): TypeOf<typeof accountShape> {
  const { address, name, active, deleted, quota, mailbox, forwardTo, keepsCopy: keepCopy, senders, lastChange } = account;
  const common = { address, name, active, deleted, quota: displayQuota(quota), mailbox };
  return { ...common, forwardTo, keepCopy, senders, lastChange: iso(lastChange) };
}

export const aliasShape = component(
  'Alias',
  object({
    address: string(),
    name: string(),
    active: boolean(),
    destinations: list(string(), 1_000),
    senders: sendersShape,
    lastChange: nullable(time),
  }),
);

export function aliasValue({ address, name, active, destinations, senders, lastChange }: Alias): TypeOf<typeof aliasShape> {
  return { address, name, active, destinations, senders, lastChange: iso(lastChange) };
}

export const appPasswordShape = component(
  'AppPassword',
  object({
    id: string(),
    label: string(),
    created: nullable(time),
    expires: nullable(time),
    used: nullable(time),
    expired: boolean(),
  }),
);

export function appPasswordValue(one: AppPassword): TypeOf<typeof appPasswordShape> {
  const { id, label, createdAt, expiresAt, usedAt, expired } = one;
  return { id, label, created: iso(createdAt), expires: iso(expiresAt), used: iso(usedAt), expired };
}

export const factorShape = component(
  'SecondFactor',
  object({
    on: boolean(),
    required: boolean('The site asks for one; it is set up on the web pages'),
    recoveryLeft: integer(0, 1_000, 'Recovery codes that are left'),
  }),
);

const tokenFields = {
  id: string(),
  label: string(),
  scopes: list(oneOf(tokenScopes), tokenScopes.length),
  created: nullable(time),
  expires: nullable(time),
  used: nullable(time),
  expired: boolean(),
};

export const tokenShape = component('Token', object(tokenFields));
export const madeTokenShape = component(
  'NewToken',
  object({ ...tokenFields, token: string({ description: 'Shown this once' }) }),
);

export function tokenValue({ id, label, scopes, createdAt, expiresAt, usedAt, expired }: ApiToken): TypeOf<typeof tokenShape> {
  return { id, label, scopes, created: iso(createdAt), expires: iso(expiresAt), used: iso(usedAt), expired };
}

const pageSizeMax = 500;

/** Query fields are texts: numbers are read from them. */
function number(maximum: number, description: string): Shape<number> {
  const shape = integer(1, maximum, description);
  return {
    ...shape,
    parse: (value, field) => shape.parse(typeof value === 'string' ? Number(value || Number.NaN) : value, field),
  };
}

/** The query of a list. */
export const pageFields = {
  page: optional(number(1_000_000, 'From 1')),
  pageSize: optional(number(pageSizeMax, 'Items of a page; 50 if left out')),
  text: optional(string({ description: 'Part of the address or name', maxLength: 200 })),
  status: optional(oneOf(['current', 'active', 'inactive', 'deleted'], 'Which ones; current leaves out deleted ones')),
};

export function pageOf<T>(name: string, items: Shape<T>): Shape<PageOf<T>> {
  return component(
    name,
    object({
      items: list(items, pageSizeMax),
      page: integer(1, 1_000_000),
      pages: integer(1, 1_000_000),
      total: integer(0, 1_000_000_000),
      cut: boolean('The directory shows only part of what matches: narrow the search'),
    }),
  );
}

export interface PageOf<T> {
  readonly items: readonly T[];
  readonly page: number;
  readonly pages: number;
  readonly total: number;
  readonly cut: boolean;
}
