/**
 * What random entries, changes and filters are made of: few enough values that they collide, spelled in the ways that
 * matching rules have to see through. `%DOMAIN%` becomes the episode's own mail domain.
 */
import type { Bytes } from '../../support/wire/operation.js';

const words = [
  'Smith',
  'smith',
  'SMITH',
  ' Smith ',
  'John  Smith',
  'John Smith',
  'john smith',
  'x',
  'X',
  '(a)*b',
  'a\\b',
  'com,ma',
  'plus+',
  '#x',
  ' ',
  'one',
  'two',
];
const unicode = [
  'Größe',
  'GRÖSSE',
  'größe',
  'Gro\u0308ße',
  'é',
  'e\u0301',
  'É',
  '\uff21\uff22',
  'ab',
  'ﬁsh',
  'fish',
  'Ω',
  'ω',
  'x\u00ady',
  'xy',
  'naïve',
  '日本',
];
const addresses = [
  'a@%DOMAIN%',
  'A@%DOMAIN%',
  'b@%DOMAIN%',
  'c@%DOMAIN%',
  'd+e@%DOMAIN%',
  '@%DOMAIN%',
  'x y@%DOMAIN%',
  'x  y@%DOMAIN%',
  "o'b@%DOMAIN%",
  'nobody@else.example',
];
const booleans = ['TRUE', 'FALSE', 'TRUE', 'FALSE', 'true', 'yes', ''];
const integers = ['0', '1', '5', '10', '-3', '100', '1020000000', '123456789012345678901234567890', '01', '+1', '-0', '', 'x'];
const paths = ['one/a/', 'One/a/', 'one/b/', '/home/vmail', '', ' ', 'ü/'];
const phones = ['+49 89 1234', '+49891234', '+49-89-1234', '+49 (89) 1234', '1234', '', ' '];
const names = [
  'cn=a,dc=x',
  'CN=A , DC=X',
  'cn=a\\,b,dc=x',
  'cn="a,b",dc=x',
  'cn=a+sn=b,dc=x',
  'sn=B+cn=A,dc=x',
  '',
  'nonsense',
  'foo=bar',
  '%JVD%',
  '%OU%',
];
// Not {CLEARTEXT}, which slapd makes but does not verify: the directed script says so.
const secrets = ['secret', 'Secret', '{NONE}secret', '{SSHA}bm90IGEgaGFzaA==', ''];
const uris = ['http://x.example/ label', 'http://X.example/ label', 'x'];
const binary: readonly Bytes[] = [{ hex: 'ffd8ffe0' }, { hex: 'ffd8' }, { hex: '00' }, 'text'];

/** Attributes by name with values that are more or less theirs. */
export const values: Readonly<Record<string, readonly Bytes[]>> = {
  mail: addresses,
  maildrop: [...addresses, 'postmaster', 'POSTMASTER', 'post master'],
  mailsource: addresses,
  mailbox: paths,
  homeDirectory: paths,
  quota: ['1', '2', '10S'],
  accountActive: booleans,
  delete: booleans,
  editAccounts: booleans,
  editPostmasters: booleans,
  lastChange: integers,
  uidNumber: integers,
  jvd: ['sub.%DOMAIN%', 'SUB.%DOMAIN%', 'other.example'],
  postfixTransport: ['virtual:', 'VIRTUAL:', 'smtp:[x]'],
  cn: [...words, ...unicode],
  sn: [...words, ...unicode],
  givenName: words,
  uid: words,
  title: [...words, ...unicode],
  description: [...words, ...unicode],
  'description;lang-en': words,
  'cn;lang-de': unicode,
  ou: words,
  telephoneNumber: phones,
  mobile: phones,
  employeeNumber: words,
  labeledURI: uris,
  seeAlso: names,
  manager: names,
  roleOccupant: [...names, 'mail=p1@%DOMAIN%,%JVD%', 'mail=u1@%DOMAIN%,%JVD%'],
  jpegPhoto: binary,
  userPassword: secrets,
  clearPassword: [...secrets, { hex: '00ff' }],
  displayName: words,
  preferredLanguage: ['de', 'DE', 'en'],
};

/** Attributes that no entry has, or that nobody may write. */
export const strangeAttributes = [
  'noSuchAttribute',
  'description;bogus',
  'c',
  'createTimestamp',
  'entryDN',
  'hasSubordinates',
  'structuralObjectClass',
  'name',
  '2.5.4.13',
  'commonName',
  '1.2.3.4',
] as const;

export interface EntryKind {
  readonly classes: readonly string[];
  readonly must: readonly string[];
  readonly may: readonly string[];
  readonly naming: readonly string[];
  /** Where such entries live. */
  readonly below: 'JVD' | 'OU';
}

export const entryKinds: readonly EntryKind[] = [
  {
    classes: ['top', 'JammMailAccount'],
    must: ['homeDirectory', 'mailbox', 'accountActive', 'lastChange', 'delete'],
    may: ['uidNumber', 'uid', 'cn', 'description', 'quota', 'userPassword', 'clearPassword', 'description;lang-en', 'mail'],
    naming: ['mail', 'mail', 'mail', 'cn', 'uid'],
    below: 'JVD',
  },
  {
    classes: ['JammMailAlias'],
    must: ['maildrop', 'accountActive', 'lastChange'],
    may: ['mailsource', 'cn', 'description', 'userPassword', 'mail'],
    naming: ['mail', 'mail', 'cn'],
    below: 'JVD',
  },
  {
    classes: ['top', 'JammMailAlias', 'JammPostmaster'],
    must: ['maildrop', 'accountActive', 'lastChange', 'roleOccupant', 'mail'],
    may: ['cn', 'description'],
    naming: ['cn'],
    below: 'JVD',
  },
  {
    classes: ['JammVirtualDomain'],
    must: ['accountActive', 'lastChange', 'delete', 'editAccounts', 'editPostmasters'],
    may: ['postfixTransport', 'description'],
    naming: ['jvd'],
    below: 'JVD',
  },
  {
    classes: ['inetOrgPerson'],
    must: ['sn', 'cn'],
    may: [
      'givenName',
      'uid',
      'title',
      'description',
      'telephoneNumber',
      'mobile',
      'employeeNumber',
      'labeledURI',
      'seeAlso',
      'manager',
      'jpegPhoto',
      'userPassword',
      'displayName',
      'preferredLanguage',
      'mail',
      'cn;lang-de',
    ],
    naming: ['cn', 'cn', 'uid', 'sn', 'mail'],
    below: 'OU',
  },
  {
    classes: ['top', 'organizationalUnit'],
    must: [],
    may: ['description', 'telephoneNumber', 'seeAlso', 'userPassword'],
    naming: ['ou'],
    below: 'OU',
  },
  {
    classes: ['organizationalRole'],
    must: ['cn'],
    may: ['roleOccupant', 'description', 'telephoneNumber', 'seeAlso', 'ou'],
    naming: ['cn'],
    below: 'OU',
  },
];

export const objectClasses = [
  'top',
  'TOP',
  'JammMailAccount',
  'jammmailalias',
  'JammPostmaster',
  'JammVirtualDomain',
  'person',
  'inetOrgPerson',
  'organizationalUnit',
  'organizationalRole',
  'noSuchClass',
  '2.5.6.6',
] as const;

export const matchingRules = [
  'caseIgnoreMatch',
  'caseExactMatch',
  'caseIgnoreIA5Match',
  'caseExactIA5Match',
  'integerMatch',
  'booleanMatch',
  'distinguishedNameMatch',
  'octetStringMatch',
  'telephoneNumberMatch',
  'objectIdentifierMatch',
  '2.5.13.2',
  'noSuchRule',
] as const;

/** `mail`, `cn` and `objectClass` are indexed; slapd loses index keys when one request touches them twice. */
export const indexedAttributes: ReadonlySet<string> = new Set(['mail', 'cn', 'cn;lang-de', 'commonName', 'objectClass']);
