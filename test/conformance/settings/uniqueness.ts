/** `unique` and `refint`, which slapd leaves to its overlays: one address for one account, groups that follow members. */
import { add, bind, by, modify, read, remove, rename, search } from '../directed/steps.js';
import type { Step } from '../contestant.js';
import { database, domainEntry, head, root, rootPassword, tree, unitEntry, type Setting } from './setting.js';

const base = 'dc=test';
const inside = 'ou=in,dc=test';
const person = (mail: readonly string[]): Record<string, readonly string[]> => ({
  objectClass: ['inetOrgPerson'],
  sn: ['S'],
  ...(mail.length === 0 ? {} : { mail }),
});
const everything = search(base, '(mail=*)', { scope: 'sub', attributes: ['mail'] });

export const unique: Setting = {
  config: `${head}${database(base, 'test', 'index objectClass,mail,uid,employeeNumber eq\naccess to * by * write')}`,
  overlays: 'moduleload unique\n',
  inOwnWords: {
    slapd: 'unique_uri ldap:///ou=in,dc=test?mail,uid?sub\nunique_uri ldap:///?employeeNumber?sub\n',
    jammd: 'unique mail,uid ou=in,dc=test\nunique employeeNumber\n',
  },
  steps: [
    bind(root, rootPassword, { as: '#root' }),
    ...tree({
      [base]: domainEntry(),
      [inside]: unitEntry(),
      'ou=out,dc=test': unitEntry(),
      'cn=a,ou=in,dc=test': person(['a@x', 'a2@x']),
    }),
    ...by('#root', [
      add('cn=b,ou=in,dc=test', person(['A@X'])),
      add('cn=b,ou=in,dc=test', person(['b@x', 'a2@x'])),
      add('cn=b,ou=in,dc=test', person(['b@x'])),
      add('cn=c,ou=out,dc=test', person(['a@x'])),
      add('cn=d,ou=out,dc=test', person(['a@x'])),
      add('mail=a@x,ou=in,dc=test', person([])),
      add('uid=a@x,ou=in,dc=test', { ...person([]), cn: ['u'] }),
      modify('cn=b,ou=in,dc=test', [['add', 'mail', 'a@x']]),
      modify('cn=b,ou=in,dc=test', [['replace', 'mail', 'a2@X']]),
      modify('cn=b,ou=in,dc=test', [['add', 'mail', 'b2@x']]),
      modify('cn=b,ou=in,dc=test', [['replace', 'mail', 'b@x', 'B2@x']]),
      modify('cn=a,ou=in,dc=test', [['replace', 'mail', 'A@x']]),
      modify('cn=a,ou=in,dc=test', [
        ['delete', 'mail', 'a@x'],
        ['add', 'mail', 'a3@x'],
      ]),
      modify('cn=b,ou=in,dc=test', [['add', 'mail', 'a@x']]),
      modify('cn=b,ou=in,dc=test', [['delete', 'mail']]),
      modify('cn=b,ou=in,dc=test', [['replace', 'mail']]),
      modify('cn=c,ou=out,dc=test', [['replace', 'mail', 'a3@x']]),
      // Not only taken: the entry would lose its cn, too.
      rename('cn=b,ou=in,dc=test', 'mail=a3@x', { either: [65] }),
      rename('cn=b,ou=in,dc=test', 'mail=a3@x', { deleteOldRDN: false }),
      rename('cn=b,ou=in,dc=test', 'mail=b@x'),
      rename('mail=b@x,ou=in,dc=test', 'cn=b'),
      everything,
      modify('cn=a,ou=in,dc=test', [['replace', 'employeeNumber', '1']]),
      add('cn=n,ou=out,dc=test', { ...person([]), employeeNumber: ['1'] }),
      add('cn=n,ou=in,dc=test', { ...person([]), employeeNumber: ['1'] }),
      add('cn=n,ou=out,dc=test', { ...person([]), employeeNumber: ['2'] }),
      modify('cn=n,ou=out,dc=test', [['replace', 'employeeNumber', '1']]),
      remove('cn=a,ou=in,dc=test'),
      modify('cn=n,ou=out,dc=test', [['replace', 'employeeNumber', '1']]),
      everything,
    ]),
    // Uniqueness is not told to those who may not write at all.
    modify('cn=n,ou=out,dc=test', [['replace', 'description', 'x']], { as: '#nobody', either: [8] }),
  ],
};

/** The same in slapd's lines, for both. */
const inSlapdsWords = (setting: Setting, overlay: string): Setting => {
  const lines = setting.inOwnWords!.slapd;
  return { ...setting, inOwnWords: { slapd: lines, jammd: `overlay ${overlay}\n${lines}` } };
};

export const uniqueOverlay: Setting = inSlapdsWords(unique, 'unique');

const member = (name: string): string => `cn=${name},ou=in,dc=test`;
const groups = ['cn=all,dc=test', 'cn=some,dc=test', 'cn=only,dc=test'];
/** slapd mends the references after it has answered. */
const looks = (): Step[] => [
  ...groups.map((group, index) =>
    read(group, ['member', 'owner', 'seeAlso'], { as: '#root', ...(index === 0 ? { afterMs: 400 } : {}) }),
  ),
  read(member('p'), ['manager', 'seeAlso'], { as: '#root' }),
];

export const refint: Setting = {
  config: `${head}${database(base, 'test', 'index objectClass,member,owner,manager eq\naccess to * by * write')}`,
  overlays: 'moduleload refint\n',
  inOwnWords: {
    slapd: 'refint_attributes member owner manager\nrefint_nothing cn=nothing,dc=test\n',
    jammd: 'refint member owner manager nothing=cn=nothing,dc=test\n',
  },
  steps: [
    bind(root, rootPassword, { as: '#root' }),
    ...tree({
      [base]: domainEntry(),
      [inside]: unitEntry(),
      ...Object.fromEntries(['a', 'b', 'c', 'p'].map((name) => [member(name), person([])])),
      [`cn=below,${member('c')}`]: person([]),
      [groups[0]!]: {
        objectClass: ['groupOfNames'],
        member: [member('a'), member('b'), member('c'), `cn=below,${member('c')}`],
        owner: [member('a')],
        seeAlso: [member('a')],
      },
      [groups[1]!]: { objectClass: ['groupOfNames'], member: [member('b').toUpperCase(), member('a')] },
      [groups[2]!]: { objectClass: ['groupOfNames'], member: [member('b')] },
    }),
    modify(
      member('p'),
      [
        ['add', 'manager', member('a')],
        ['add', 'seeAlso', member('a')],
      ],
      { as: '#root' },
    ),
    ...looks(),
    rename(member('a'), 'cn=a2', { as: '#root' }),
    ...looks(),
    remove(member('a2'), { as: '#root' }),
    ...looks(),
    rename(member('c'), 'cn=c2', { as: '#root', newSuperior: base }),
    ...looks(),
    remove(member('b'), { as: '#root' }),
    ...looks(),
    rename(member('p'), 'cn=p', { as: '#root' }),
    ...looks(),
    // References into a subtree, to names that no entry has.
    modify(member('p'), [['add', 'manager', 'cn=ghost,cn=c2,dc=test', 'cn=g,cn=x,cn=below,cn=c2,dc=test']], { as: '#root' }),
    rename('cn=c2,dc=test', 'cn=c3', { as: '#root' }),
    ...looks(),
  ],
};

const byOverlay = inSlapdsWords(refint, 'refint');

export const refintOverlay: Setting = {
  ...byOverlay,
  steps: [
    ...byOverlay.steps,
    ...groups.map((group) => read(group, ['modifiersName'], { as: '#root' })),
    read(member('p'), ['modifiersName'], { as: '#root' }),
  ],
};
