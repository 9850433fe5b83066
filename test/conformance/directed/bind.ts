/** Bind: who is let in, how a DN may be spelled, which password schemes verify, and what a failed bind leaves behind. */
import { createHash } from 'node:crypto';
import { hosting, manager, suffix } from '../../support/howto.js';
import { domainDn, people, ssha } from '../../support/hosting-tree.js';
import type { Step } from '../contestant.js';
import { accountAttributes, add, bind, by, domainAttributes, modify, remove, rename, search, whoAmI } from './steps.js';

const domain = domainDn('bind.example');
const inDomain = (local: string): string => `mail=${local}@bind.example,${domain}`;
const withPassword = (local: string, ...passwords: readonly string[]): Step =>
  add(inDomain(local), accountAttributes({ userPassword: passwords }));

const digest = (algorithm: string, ...parts: readonly (string | Buffer)[]): Buffer =>
  parts.reduce((hash, part) => hash.update(part), createHash(algorithm)).digest();
const salt = Buffer.from('0123456789abcdef');
const salted = (scheme: string, algorithm: string): string =>
  `{${scheme}}${Buffer.concat([digest(algorithm, 'secret', salt), salt]).toString('base64')}`;
const unsalted = (scheme: string, algorithm: string): string => `{${scheme}}${digest(algorithm, 'secret').toString('base64')}`;

const hashes: Readonly<Record<string, string>> = {
  ssha: salted('SSHA', 'sha1'),
  sha: unsalted('SHA', 'sha1'),
  smd5: salted('SMD5', 'md5'),
  md5: unsalted('MD5', 'md5'),
  lower: ssha('secret').replace('{SSHA}', '{ssha}'),
  sha512crypt: '{CRYPT}$6$saltstring$jlxXevLUU5c24GSfNoRdFBlWdnWlO9hxGaeCZzvfFcCEIqU.v27kEjhbkGqHx7V5RxnCJ5zDmR2IpDQ7l1LbP1',
  clear: 'secret',
  cleartext: '{CLEARTEXT}secret',
  unknown: '{FOO}secret',
  open: '{x',
  empty: '{}x',
};

const cleartext = {
  because: "slapd makes {CLEARTEXT} values but Debian's cannot verify them",
  outcome: { code: 0 },
} as const;

const spellings = [
  people.user.dn,
  people.user.dn.toUpperCase(),
  people.user.dn.replaceAll(',', ' , '),
  people.user.dn.replaceAll(',', ';'),
  people.user.dn.replaceAll('=', ' = '),
  people.user.dn.replace('mail=', '0.9.2342.19200300.100.1.3='),
  people.user.dn.replace('mail=', 'rfc822Mailbox='),
  people.user.dn.replace(/mail=([^,]+)/, 'mail="$1"'),
  people.user.dn.replace('user@', '\\75ser@'),
];

const malformed = ['not a dn', 'mail=', 'mail', '=x', 'foo=bar,dc=example', 'cn=a,,dc=b', 'cn=a+', 'cn=\\zz', 'OID.2.5.4.3=x'];

export const bindSteps: readonly Step[] = [
  ...by('#bind', [
    whoAmI(),
    bind(manager, 'secret'),
    whoAmI(),
    bind(manager, 'wrong'),
    whoAmI(),
    bind(manager.toUpperCase(), 'secret'),
    whoAmI(),
    bind('', ''),
    whoAmI(),
    bind(people.user.dn, people.user.password),
    whoAmI(),
    bind(people.user.dn, ''),
    whoAmI(),
    bind('', 'x', { either: [48] }),
    bind(people.user.dn, 'wrong'),
    bind(hosting, 'x'),
    bind(`mail=nobody@one.example,${domainDn('one.example')}`, 'x'),
    bind('dc=elsewhere', 'x'),
    bind(`cn=Manager,${hosting}`, 'secret'),
    ...malformed.flatMap((dn) => [bind(dn, 'x'), bind(dn, '')]),
    bind({ hex: 'fffe' }, 'x'),
    bind(people.user.dn, people.user.password, { version: 2 }),
    bind(people.user.dn, people.user.password, { version: 4 }),
    bind(people.user.dn, people.user.password, { version: 0 }),
    { operation: { op: 'saslBind', mechanism: 'NO-SUCH-MECHANISM' } },
    bind('not a dn', 'x', { controls: [{ oid: '1.2.3.4', critical: true }] }),
    bind(people.user.dn, 'x', { controls: [{ oid: '1.2.3.4', critical: true }] }),
    ...['not a dn', people.user.dn].map((dn) =>
      bind(dn, 'x', { controls: [{ oid: '2.16.840.1.113730.3.4.18', critical: true, value: 'dn:' }] }),
    ),
    ...['not a dn', people.user.dn].map((dn) =>
      bind(dn, 'x', { controls: [{ oid: '1.2.840.113556.1.4.319', critical: true, value: { hex: '300502010a0400' } }] }),
    ),
    bind('not a dn', 'x', { version: 4 }),
    whoAmI(),
    bind(people.inactive.dn, people.inactive.password),
    bind(people.deleted.dn, people.deleted.password),
    bind(people.alias.dn, people.alias.password),
    whoAmI(),
    ...spellings.flatMap((dn) => [bind(dn, people.user.password), whoAmI()]),
  ]),

  add(domain, domainAttributes()),
  ...Object.entries(hashes).map(([local, value]) => withPassword(local, value)),
  withPassword('several', 'first', ssha('second'), hashes['md5'] ?? ''),
  ...by('#hashes', [
    ...Object.keys(hashes).flatMap((local) => [
      bind(inDomain(local), 'secret', local === 'cleartext' ? { rather: cleartext } : {}),
      bind(inDomain(local), 'Secret'),
    ]),
    ...Object.entries(hashes).map(([local, value]) => bind(inDomain(local), value)),
    ...['first', 'second', 'secret', 'third'].map((password) => bind(inDomain('several'), password)),
  ]),

  ...by('#session', [
    bind(inDomain('clear'), 'secret'),
    modify(inDomain('clear'), [['replace', 'userPassword', 'changed']]),
    whoAmI(),
    modify(inDomain('clear'), [['replace', 'description', 'still me']]),
  ]),
  rename(inDomain('clear'), 'mail=clearer@bind.example'),
  ...by('#session', [whoAmI(), modify(inDomain('clearer'), [['replace', 'description', 'not me any more']])]),
  remove(inDomain('clearer')),
  ...by('#session', [whoAmI(), search(suffix, '(objectClass=*)'), bind(inDomain('clearer'), 'changed'), whoAmI()]),
];
