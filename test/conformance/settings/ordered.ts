/** `X-ORDERED 'VALUES'`: values that keep an order by the numbers in them. authzTo and authzFrom are slapd's own of the kind. */
import type { Change, WireControl } from '../../support/wire/operation.js';
import { bind, by, compare, modify, read, rename, search, whoAmI } from '../directed/steps.js';
import type { Step } from '../contestant.js';
import { database, domainEntry, head, personEntry, root, rootPassword, tree, type Setting } from './setting.js';

const permissive: WireControl[] = [{ oid: '1.2.840.113556.1.4.1413', critical: true }];

const text = 'SYNTAX 1.3.6.1.4.1.1466.115.121.1.15';
const types = [
  `NAME 'list' EQUALITY caseIgnoreMatch ORDERING caseIgnoreOrderingMatch SUBSTR caseIgnoreSubstringsMatch ${text} X-ORDERED 'VALUES'`,
  `NAME 'integers' EQUALITY integerMatch ORDERING integerOrderingMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.27 X-ORDERED 'VALUES'`,
  `NAME 'unequal' SYNTAX 1.3.6.1.4.1.1466.115.121.1.26 X-ORDERED 'VALUES'`,
  `NAME 'single' EQUALITY caseIgnoreMatch ${text} SINGLE-VALUE X-ORDERED 'VALUES'`,
  `NAME 'below' SUP list`,
  `NAME 'names' EQUALITY distinguishedNameMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.12 X-ORDERED 'VALUES'`,
  `NAME 'plain' EQUALITY caseIgnoreMatch ${text} X-ORDERED 'NONE'`,
];
const schema = [
  ...types.map((type, index) => `attributetype ( 1.3.6.1.4.1.99999.1.${index + 1} ${type} )`),
  `objectclass ( 1.3.6.1.4.1.99999.2.1 NAME 'holder' AUXILIARY MAY ( list $ integers $ unequal $ single $ below $ names $ plain ) )`,
].join('\n');

const holder = (fields: Record<string, string[]>): ReturnType<typeof personEntry> =>
  personEntry({ objectClass: ['person', 'holder'], ...fields });
const all = ['*', 'authzTo', 'authzFrom'];

/** Each is made of the entry as the steps before left it, and its outcome read. */
const changed = (cn: string, ...requests: readonly (readonly Change[])[]): Step[] =>
  requests.flatMap((changes) => [modify(`cn=${cn},dc=test`, changes), read(`cn=${cn},dc=test`, all)]);

const proxied = (cn: string): Step =>
  whoAmI({ controls: [{ oid: '2.16.840.1.113730.3.4.18', critical: true, value: `dn:cn=${cn},dc=test` }] });

const filters = [
  ...['=one', '={0}one', '={1}one', '={00}one', '={ 0}one', '={0}', '={x}one', '~=one', '={1} two  words', '={1}two words'],
  ...['=o*', '={0}o*', '=*e', '=*', '>=p', '<=p', '<={0}z', ':caseIgnoreMatch:=one', ':caseIgnoreMatch:={0}one'],
].map((rest) => `(list${rest})`);
const otherFilters = [
  ...['=10', '={0}10', '>=8', '<=8', '>={1}3'].map((rest) => `(integers${rest})`),
  ...['=dn.exact:cn=a,dc=test', '=dn:cn=A,dc=test', '={0}dn:cn=a,dc=test', '=*'].map((rest) => `(authzTo${rest})`),
  ...['=x', '={0}x', '=y', '={0}'].map((rest) => `(below${rest})`),
  ...['=x', '={0}x'].map((rest) => `(plain${rest})`),
  ...['=cn=x,dc=y', '={0}cn=x,dc=y'].map((rest) => `(names${rest})`),
];

export const ordered: Setting = {
  config: `${head}${schema}
authz-policy any
${database('dc=test', 'test', 'index objectClass eq\naccess to * by * write')}`,
  steps: [
    bind(root, rootPassword, { as: '#root' }),
    ...tree({
      'dc=test': domainEntry(),
      'cn=a,dc=test': holder({ list: ['one', 'two'], userPassword: ['pw'] }),
      'cn=b,dc=test': holder({ list: ['{3}three', '{1}one'] }),
      'cn=c,dc=test': holder({ list: ['three', '{1}one', 'x'] }),
      'cn=d,dc=test': holder({ list: ['{0}one', '{1}one'] }),
      'cn=e,dc=test': holder({ list: ['one', '{1}one'] }),
      'cn=f,dc=test': holder({ list: ['{1}'] }),
      'cn=g,dc=test': holder({
        integers: ['{1}5'],
        single: ['one'],
        below: ['{0}x', 'y'],
        names: ['{4}CN=X, dc=y'],
        unequal: ['{3}a'],
        plain: ['{0}x'],
      }),
      'cn=h,dc=test': holder({ integers: ['{}3'] }),
      'cn=i,dc=test': holder({ integers: ['{1 2}3'] }),
      'cn=j,dc=test': holder({ authzTo: ['{0}dn.exact:cn=A, dc=test', 'dn:cn=b,dc=test'] }),
      'cn=k,dc=test': holder({ authzTo: ['{x}dn:cn=a,dc=test'] }),
      'list=x,dc=test': holder({ cn: ['x'] }),
      'plain=x,dc=test': holder({ cn: ['x'] }),
    }),
    ...by('#root', [
      search('dc=test', '(objectClass=*)', { scope: 'sub', attributes: all }),
      rename('cn=a,dc=test', 'list=one'),
      ...changed(
        'a',
        [['add', 'list', 'three']],
        [['add', 'list', '{1}mid']],
        [['add', 'list', '{1}MID']],
        [['add', 'list', '{0}mid']],
        [['add', 'list', 'mid']],
        [['add', 'list', '{9}end']],
        [['add', 'list', '{}3']],
        [['add', 'list', '{x}3']],
        [['add', 'list', '{1 }3']],
        [['delete', 'list', '{1}']],
        [['delete', 'list', 'one']],
        [['delete', 'list', '{2}mid']],
        [['delete', 'list', '{0}nosuch']],
        [['delete', 'list', '{7}']],
        [['delete', 'list', 'end', '{9}']],
        [['replace', 'list', 'a', 'b', '{0}c']],
        [['replace', 'list', '{5}a', '{3}b']],
        [['replace', 'list', 'x', '{1}x']],
        [['replace', 'list', '{00}x', '{0}x']],
        [['delete', 'list', '{00}X']],
        [['delete', 'list', '{0}', '{1}', '{0}']],
        [['delete', 'list', '{0}']],
        [['replace', 'list', '{0}x', '{1}x', '{2}y']],
        [['delete', 'list', 'x', '{1}']],
        [['replace', 'list', 'a', '{7}z', '{1}b']],
        [['add', 'list', '{0}x', '{0}y', 'w']],
        [
          ['delete', 'list', '{0}y', '{1}', '{0}', 'W'],
          ['add', 'list', '{1}n'],
        ],
        [
          ['add', 'list', '{0}c'],
          ['add', 'list', '{0}d'],
          ['delete', 'list', '{1}'],
          ['add', 'list', '{1}e'],
        ],
        [['delete', 'list']],
        [['replace', 'list', 'One', 'two words', 'three']],
        [['add', 'below', '{1}z']],
        [['add', 'below', 'Z']],
      ),
      ...changed('b', [['delete', 'list', 'one']]),
      ...changed('c', [['delete', 'list', 'x']], [['add', 'list', 'four']]),
      ...changed('d', [['delete', 'list', 'one']], [['replace', 'integers', '10', '7']], [['replace', 'single', 'one']]),
      ...changed('d', [['add', 'single', 'two']], [['delete', 'single', '{0}']]),
      ...changed(
        'g',
        [['add', 'integers', '5']],
        [['add', 'integers', '6', '{0}x']],
        [['add', 'integers', '6']],
        [['increment', 'integers', '6']],
        [['delete', 'integers', '{0}']],
        [['replace', 'unequal', 'a', 'b']],
        [['add', 'unequal', 'c']],
        [['delete', 'unequal', '{0}']],
        [['add', 'names', 'cn=x, dc=Y']],
        [['add', 'names', '{0}CN=X, dc=z']],
        [['delete', 'names', '{0}']],
        [['delete', 'plain', '{0}']],
        [['replace', 'authzTo', 'u:a', '{0}dn.exact:CN=A, dc=test']],
        [['add', 'authzTo', '{1}dn:*']],
        [['add', 'authzTo', 'dn.exact:cn=a,dc=test']],
        [['delete', 'authzTo', '{1}']],
        [['delete', 'authzTo', '{1}dn:*']],
        [['delete', 'authzTo', '{0}dn.exact:cn=a,dc=test']],
        [['replace', 'authzFrom', '{3}dn.onelevel:dc=test', '{1}junk']],
        [['replace', 'authzFrom', '{3}dn.onelevel:dc=test']],
        [['add', 'authzFrom', 'DN.Subtree:  DC=test', 'DN.subtree:*', 'DN.regex:^cn=X', 'u:A', 'cn=A, dc=test']],
        [['add', 'authzFrom', 'group/GROUPofnames/MEMBER:CN=A, dc=test', 'Group:cn=B']],
        [['delete', 'authzFrom', 'group/groupOfNames/member:cn=a,dc=test', 'dn.subtree:dc=TEST', 'dn:*', 'dn:CN=a,dc=test']],
        [['add', 'authzFrom', 'group:CN=b']],
        [['add', 'authzFrom', 'u:a']],
        [['delete', 'authzFrom', 'DN.regex:^cn=X']],
      ),
      ...[
        [['add', 'list', 'one', 'four'] as const],
        [['add', 'list', '{0}four'] as const],
        [['delete', 'list', 'none', '{0}'] as const],
      ].flatMap((changes) => [modify('cn=a,dc=test', changes, { controls: permissive }), read('cn=a,dc=test', ['list'])]),
      modify('cn=a,dc=test', [['replace', 'list', 'One', 'two words', 'three']]),
      modify('cn=g,dc=test', [['replace', 'authzTo', 'dn.exact:cn=A,dc=test']]),
      ...[...filters, ...otherFilters].flatMap((filter) => [
        search('dc=test', filter, { scope: 'sub', attributes: ['1.1'] }),
        search('dc=test', `(!${filter})`, { scope: 'sub', attributes: ['1.1'] }),
      ]),
      ...['one', '{0}one', '{1}one', '{0}', '{00}one', '{ 0}one', '{0}}', '{x}one', '{1}two words'].map((value) =>
        compare('cn=a,dc=test', 'list', value),
      ),
      ...['10', '{0}10', '{0}'].map((value) => compare('cn=d,dc=test', 'integers', value)),
      ...['dn.exact:cn=a,dc=test', '{0}dn:cn=a,dc=test', '{0}'].map((value) => compare('cn=g,dc=test', 'authzTo', value)),
    ]),
    // Numbered rules hold as others do.
    ...by('#a', [bind('cn=a,dc=test', 'pw'), proxied('g'), proxied('b'), proxied('j')]),
    modify('cn=a,dc=test', [['replace', 'authzTo', '{4}dn:cn=b,dc=test', '{2}dn.exact:cn=j,dc=test']], { as: '#root' }),
    read('cn=a,dc=test', all, { as: '#root' }),
    ...by('#a', [proxied('b'), proxied('j'), proxied('c')]),
  ],
};
