/**
 * A hosting company's tree for the tests: two active domains, one switched off, accounts, aliases, a catch-all and
 * postmasters, with every password known.
 */
import { createHash } from 'node:crypto';
import { baseLdif, hosting, suffix } from './howto.js';

/** A {SSHA} value with the four-byte salt slappasswd makes. */
export function ssha(password: string, salt = Buffer.from('salt')): string {
  const digest = createHash('sha1').update(password).update(salt).digest();
  return `{SSHA}${Buffer.concat([digest, salt]).toString('base64')}`;
}

export interface Person {
  readonly mail: string;
  readonly dn: string;
  readonly password: string;
}

export function domainDn(domain: string): string {
  return `jvd=${domain},${hosting}`;
}

function person(mail: string, password: string): Person {
  return { mail, password, dn: `mail=${mail},${domainDn(mail.slice(mail.indexOf('@') + 1))}` };
}

export const people = {
  /** An ordinary account. */
  user: person('user@one.example', 'user-pw'),
  /** A second account of the same domain. */
  neighbour: person('neighbour@one.example', 'neighbour-pw'),
  /** An account that is also the domain's postmaster. */
  postmaster: person('chief@one.example', 'chief-pw'),
  /** Postmaster of the other domain. */
  otherPostmaster: person('chief@two.example', 'other-chief-pw'),
  /** An account of the other domain. */
  stranger: person('stranger@two.example', 'stranger-pw'),
  /** An alias that has a password, so that its owner may change its destinations. */
  alias: person('team@one.example', 'team-pw'),
  /** accountActive: FALSE */
  inactive: person('inactive@one.example', 'inactive-pw'),
  /** delete: TRUE */
  deleted: person('deleted@one.example', 'deleted-pw'),
} as const;

export const postmasterGroup = (domain: string): string => `cn=postmaster,${domainDn(domain)}`;

/** Characters that mail addresses may hold and that filters, DNs or shells treat specially. */
export const oddLocalParts = [
  'plus+tag',
  "o'brien",
  'paren(s)',
  'star*',
  'back\\slash',
  'sla/sh',
  'equ=al',
  'quote"d',
  'com,ma',
  'ha#sh',
  'semi;colon',
  'less<more>',
];

export function account(mail: string, fields: Readonly<Record<string, string>> = {}): string {
  const [local, domain] = splitAddress(mail);
  return record(`mail=${escapeRdnValue(mail)},${domainDn(domain)}`, [
    ['objectClass', 'top'],
    ['objectClass', 'JammMailAccount'],
    ['mail', mail],
    ['homeDirectory', '/home/vmail/domains'],
    ['mailbox', fields['mailbox'] ?? `${domain}/${local}/`],
    ['accountActive', fields['accountActive'] ?? 'TRUE'],
    ['lastChange', '1020000000'],
    ['delete', fields['delete'] ?? 'FALSE'],
    ...(fields['password'] === undefined ? [] : [['userPassword', ssha(fields['password'])] as const]),
    ...(fields['cn'] === undefined ? [] : [['cn', fields['cn']] as const]),
    ...(fields['description'] === undefined ? [] : [['description', fields['description']] as const]),
    ...(fields['quota'] === undefined ? [] : [['quota', fields['quota']] as const]),
  ]);
}

export function alias(mail: string, destinations: readonly string[], password?: string): string {
  return record(`mail=${escapeRdnValue(mail)},${domainDn(splitAddress(mail)[1])}`, [
    ['objectClass', 'top'],
    ['objectClass', 'JammMailAlias'],
    ['mail', mail],
    ...destinations.map((destination) => ['maildrop', destination] as const),
    ['accountActive', 'TRUE'],
    ['lastChange', '1020000000'],
    ...(password === undefined ? [] : [['userPassword', ssha(password)] as const]),
  ]);
}

export function domain(name: string, postmasters: readonly string[], active = 'TRUE'): string {
  return (
    record(domainDn(name), [
      ['objectClass', 'top'],
      ['objectClass', 'JammVirtualDomain'],
      ['jvd', name],
      ['postfixTransport', 'virtual:'],
      ['accountActive', active],
      ['lastChange', '1020000000'],
      ['delete', 'FALSE'],
      ['editAccounts', 'TRUE'],
      ['editPostmasters', 'TRUE'],
    ]) +
    record(postmasterGroup(name), [
      ['objectClass', 'top'],
      ['objectClass', 'JammMailAlias'],
      ['objectClass', 'JammPostmaster'],
      ['cn', 'postmaster'],
      ['mail', `postmaster@${name}`],
      ['maildrop', 'postmaster'],
      ['accountActive', 'TRUE'],
      ['lastChange', '1020000000'],
      ['roleOccupant', postmasterGroup(name)],
      ...postmasters.map((dn) => ['roleOccupant', dn] as const),
    ]) +
    alias(`abuse@${name}`, ['postmaster'])
  );
}

/** The domains, accounts and aliases, to be added below the HOWTO's base tree. */
export const hostingLdif =
  domain('one.example', [people.postmaster.dn]) +
  domain('two.example', [people.otherPostmaster.dn]) +
  domain('off.example', [], 'FALSE') +
  ['user', 'neighbour', 'postmaster', 'otherPostmaster', 'stranger']
    .map((name) => people[name as keyof typeof people])
    .map(({ mail, password }) => account(mail, { password }))
    .join('') +
  account(people.inactive.mail, { password: people.inactive.password, accountActive: 'FALSE' }) +
  account(people.deleted.mail, { password: people.deleted.password, delete: 'TRUE' }) +
  account('Mixed.Case@One.Example', { mailbox: 'one.example/Mixed.Case/', description: 'Mixed case as it was sent' }) +
  account('someone@off.example') +
  alias(people.alias.mail, ['user@one.example', 'stranger@two.example', 'far@away.example'], people.alias.password) +
  alias('@two.example', ['stranger@two.example']) +
  oddLocalParts.map((local) => account(`${local}@one.example`, { mailbox: 'one.example/odd/' })).join('');

/** The HOWTO's base tree with all of that below it. */
export const wholeTreeLdif = `${baseLdif}\n${hostingLdif}`;

/** DNs of the base tree that the tests name. */
export const places = { suffix, hosting, one: domainDn('one.example'), two: domainDn('two.example') };

/** RFC 4514 escapes for one attribute value in an RDN. */
export function escapeRdnValue(value: string): string {
  return value
    .replace(/["+,;<>\\=]/g, '\\$&')
    .replace(/^[ #]/, '\\$&')
    .replace(/ $/, '\\ ');
}

function splitAddress(mail: string): [local: string, domain: string] {
  const at = mail.lastIndexOf('@');
  return [mail.slice(0, at), mail.slice(at + 1)];
}

function record(dn: string, attributes: readonly (readonly [string, string])[]): string {
  const lines = [line('dn', dn), ...attributes.map(([type, value]) => line(type, value))];
  return `${lines.join('\n')}\n\n`;
}

function line(type: string, value: string): string {
  const safe = /^[!-9;=-~][ -~]*$/.test(value) && !value.endsWith(' ');
  return safe ? `${type}: ${value}` : `${type}:: ${Buffer.from(value, 'utf8').toString('base64')}`;
}
