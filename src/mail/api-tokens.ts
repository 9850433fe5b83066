/**
 * API tokens. Each is an identity of its own in the directory: an entry of its domain that binds with the token's secret, whose hash
 * it keeps. What a token may change, the directory's access rules decide: one that may write is in the domain's postmaster group,
 * one that may only read is not. So a token reaches its domain and no other, whatever the API would let pass.
 */
import { randomBytes } from 'node:crypto';
import { parseDomain } from './address.js';
import { appPasswordsOf, hashGenerated, loginClass, makeNote, noteAttribute, passwordAttributes } from './app-password-notes.js';
import { checkDays, parseLabel, withoutSchema } from './app-passwords.js';
import { DirectoryConnection, type ConnectionOptions } from './connection.js';
import type { MailContext, MailSettings } from './context.js';
import { getOwnDomain, requireCapability, type Domain } from './domains.js';
import { wrongCredentials } from './directory-errors.js';
import { denied, invalid, MailError } from './errors.js';
import { told } from './told.js';
import { isA } from './filters.js';
import type { MailEntry } from './mail-entry.js';
import { isTokenName, tokenPrefix, type HostingTree } from './names.js';
import { removeOccupant } from './postmasters.js';
import { findTree } from './tree.js';

const tokenClass = 'jammdApiToken';
const scopeAttribute = 'jammdTokenScope';
const countMax = 100;
const attributes = [...passwordAttributes, 'cn', scopeAttribute];

/** What a token may be used for: to read, or to change these. */
export const tokenScopes = ['read', 'accounts', 'aliases', 'passwords', 'postmasters'] as const;
export type TokenScope = (typeof tokenScopes)[number];

export interface ApiToken {
  readonly id: string;
  readonly label: string;
  readonly scopes: readonly TokenScope[];
  readonly createdAt: Date | undefined;
  readonly expiresAt: Date | undefined;
  readonly usedAt: Date | undefined;
  readonly expired: boolean;
}

function tokenDn(tree: HostingTree, domain: string, id: string): string {
  return `cn=${tokenPrefix}${id},${tree.domain(domain)}`;
}

function toToken(entry: MailEntry): ApiToken {
  const [password] = appPasswordsOf(entry);
  const scopes = tokenScopes.filter((scope) => entry.all(scopeAttribute).includes(scope));
  const id = (entry.first('cn') ?? '').slice(tokenPrefix.length);
  const { label = '', createdAt, expiresAt, usedAt, expired = true } = password ?? {};
  return { id, label, scopes, createdAt, expiresAt, usedAt, expired };
}

export async function listTokens(context: MailContext, domainName: string): Promise<readonly ApiToken[]> {
  const domain = await getOwnDomain(context, domainName);
  requireCapability(context, domain, 'editPostmasters');
  const request = { filter: isA(tokenClass), attributes, max: countMax };
  const { entries } = await context.directory.list(context.tree.domain(domain.name), request);
  return entries.filter(({ dn }) => isTokenName(dn)).map(toToken);
}

export interface NewToken {
  readonly label: string;
  readonly scopes: readonly TokenScope[];
  readonly days?: number | undefined;
}

export interface MadeToken extends ApiToken {
  /** To be shown once: only its hash is kept. */
  readonly token: string;
}

export async function makeToken(context: MailContext, domain: Domain, request: NewToken): Promise<MadeToken> {
  requireCapability(context, domain, 'editPostmasters');
  if (domain.deleted) throw new MailError('conflict', told('domainDeleted'));
  const { directory, tree } = context;
  const label = parseLabel(request.label);
  const scopes = tokenScopes.filter((scope) => scope === 'read' || request.scopes.includes(scope));
  const expiresAt = checkDays(request.days);
  if ((await listTokens(context, domain.name)).length >= countMax) {
    throw new MailError('conflict', told('tokensAtMost', { most: countMax }));
  }
  const [id, secret] = [randomBytes(8).toString('hex'), randomBytes(24).toString('hex')];
  const dn = tokenDn(tree, domain.name, id);
  const value = hashGenerated(secret);
  try {
    await directory.add(dn, {
      objectClass: ['top', tokenClass, loginClass],
      cn: [`${tokenPrefix}${id}`],
      [scopeAttribute]: scopes,
      userPassword: [value],
      [noteAttribute]: [makeNote(value, label, expiresAt)],
    });
  } catch (error) {
    throw withoutSchema(error) ?? error;
  }
  if (scopes.length > 1) {
    try {
      await directory.modify(tree.postmaster(domain.name), [['add', 'roleOccupant', [dn]]]);
    } catch (error) {
      await directory.delete(dn).catch(() => undefined);
      throw error;
    }
  }
  const token = `jammd_${id}_${secret}_${domain.name}`;
  return { token, id, label, scopes, createdAt: new Date(), expiresAt, usedAt: undefined, expired: false };
}

export async function revokeToken(context: MailContext, domain: Domain, id: string): Promise<void> {
  requireCapability(context, domain, 'editPostmasters');
  if (!/^[0-9a-f]{16}$/.test(id)) throw noToken();
  const dn = tokenDn(context.tree, domain.name, id);
  if ((await context.directory.nameOf(dn)) === undefined) throw noToken();
  await removeOccupant(context, domain.name, dn);
  await context.directory.delete(dn);
}

function noToken(): MailError {
  return new MailError('not-found', told('noToken'));
}

export interface TokenLogin {
  readonly context: MailContext;
  readonly scopes: readonly TokenScope[];
}

/** A connection bound as the token, which is the caller's to close. @throws MailError `credentials`, `denied`, `unavailable` */
export async function loginByToken(options: ConnectionOptions, settings: MailSettings, token: string): Promise<TokenLogin> {
  const [, id, secret, domain] = /^jammd_([0-9a-f]{16})_([0-9a-f]{48})_([a-z0-9.-]{1,253})$/.exec(token) ?? [];
  if (id === undefined || secret === undefined || domain === undefined || parseDomain(domain) !== domain)
    throw wrongCredentials();
  const directory = await DirectoryConnection.open(options);
  try {
    const tree = await findTree(directory, settings.base);
    const dn = tokenDn(tree, domain, id);
    await directory.bind(dn, secret);
    const [entry, above] = await Promise.all([
      directory.read(dn, attributes),
      directory.read(tree.domain(domain), ['accountActive', 'delete']),
    ]);
    if (entry?.isA(tokenClass) !== true || above === undefined) throw wrongCredentials();
    const { label, scopes, expired } = toToken(entry);
    if (expired) throw denied(told('tokenExpired'));
    if (!above.flag('accountActive') || above.flag('delete')) throw denied(told('tokenDomainInactive', { domain }));
    const actor = {
      level: 'domain',
      dn: entry.dn,
      login: `token ${label}`,
      address: '',
      home: domain,
      domains: [domain],
    } as const;
    return { context: { directory, tree, settings, actor }, scopes };
  } catch (error) {
    await directory.close();
    throw error;
  }
}

/** @throws MailError `invalid` */
export function requireScopes(names: readonly string[]): readonly TokenScope[] {
  const unknown = names.find((name) => !tokenScopes.some((scope) => scope === name));
  if (unknown !== undefined) throw invalid('scopes', told('scopeUnknown', { typed: unknown, scopes: tokenScopes.join(', ') }));
  return tokenScopes.filter((scope) => names.includes(scope));
}
