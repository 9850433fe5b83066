/** Subentries (RFC 3672), `;binary` (RFC 4522), language tags and ranges (RFC 3866), matched values (RFC 3876), Relax. */
import { boolean, sequence } from '../../support/wire/ber.js';
import { encodeFilter } from '../../support/wire/filter.js';
import type { Change, WireControl } from '../../support/wire/operation.js';
import { add, bind, by, compare, modify, read, remove, rename, search } from '../directed/steps.js';
import { database, domainEntry, head, personEntry, root, rootPassword, tree, unitEntry, type Setting } from './setting.js';

const base = 'dc=test';
const all = '(objectClass=*)';
const hex = (value: Buffer): { hex: string } => ({ hex: value.toString('hex') });
const subentries = (visible: boolean, critical = true): WireControl[] => [
  { oid: '1.3.6.1.4.1.4203.1.10.1', critical, value: hex(boolean(visible)) },
];
const permissive: WireControl[] = [{ oid: '1.2.840.113556.1.4.1413', critical: true }];
const relax: WireControl[] = [{ oid: '1.3.6.1.4.1.4203.666.5.12', critical: true }];
const matched = (...filters: string[]): WireControl[] => [
  { oid: '1.2.826.0.1.3344810.2.3', critical: true, value: hex(sequence(...filters.map(encodeFilter))) },
];
/** A self-signed one of CN=Binary Test,O=Example. */
const certificate = {
  hex: [
    '3082022c30820195a0030201020214595a7ccf50494e29ad6f77de8bb7ea61be09d12c300d06092a864886f70d01010b0500',
    '30283114301206035504030c0b42696e61727920546573743110300e060355040a0c074578616d706c65301e170d32363131',
    '32333133323334375a170d3336313132303133323334375a30283114301206035504030c0b42696e61727920546573743110',
    '300e060355040a0c074578616d706c6530819f300d06092a864886f70d010101050003818d0030818902818100a1d2802308',
    '70bb730522a784a043a923967e75787faa1a3588377aa62b1084deac181e9df68df7e2aaa3750f9d0d841cec74f949ee41d3',
    'fd627f732603165a7e5d10dea51c07772f8ac442cdded0a0496a16bd088e4ea584d898893ad9ee4bf6c632cf576622058f04',
    '42f834ffa697d451861558890ac977b249c1d4fcbdf7610203010001a3533051301d0603551d0e04160414623b03acd06949',
    '04446df7045625305f398f9abd301f0603551d23041830168014623b03acd0694904446df7045625305f398f9abd300f0603',
    '551d130101ff040530030101ff300d06092a864886f70d01010b05000381810025c6d21665db1c17c5dbaaa047b7250d5c26',
    'b30542730841ec79f0a576a06a3558cca542db5d86f55a93486d0aeb504348500296ae74a7c611787aff57d4b68564620972',
    'df0907930e9135dcafcaac4146cd646807c756e750a2fb97df7dc8b4e480f6bc154a05a4d17f16e922555786abc3b23c5b50',
    '23d297beabdaede00e22',
  ].join(''),
};
const languages = [
  'description',
  'description;lang-en',
  'description;lang-en-',
  'description;lang-en-US',
  'description;lang-',
  'description;lang-de',
  'description;lang-de;lang-en',
  'name;lang-en-',
  'description;x-foo',
  'DESCRIPTION;LANG-EN',
];

/** With and without the optional UID. */
const uniqueMembers = {
  um1: 'cn=u,dc=test',
  um2: "cn=u,dc=test#'0101'B",
  um3: "CN=U,dc=test#'1'B",
  um4: "cn=other,dc=test#'0101'B",
};

/** What there is of such values differs from server to server: these are in both, or in none. */
const subschemaFilters = [
  '(cn=*)',
  '(cn=Subschema)',
  '(cn=x)',
  '(objectClass=subentry)',
  '(objectClass=top)',
  '(attributeTypes=nonsense)',
];

const directives = ['index objectClass,cn eq', 'access to attrs=description val=two by * none', 'access to * by * read'].join(
  '\n',
);

export const extras: Setting = {
  config: `${head}${database(base, 'test', directives)}`,
  steps: [
    bind(root, rootPassword, { as: '#root' }),
    ...tree({
      [base]: domainEntry(),
      'ou=a,dc=test': unitEntry(),
      'cn=sub,dc=test': { objectClass: ['subentry', 'extensibleObject'], subtreeSpecification: ['{}'] },
      'cn=sub2,ou=a,dc=test': { objectClass: ['subentry'], subtreeSpecification: ['{ base "ou=x" }'] },
      'cn=child,cn=sub,dc=test': personEntry(),
      'cn=p,ou=a,dc=test': personEntry({ description: ['one', 'two', 'three'], telephoneNumber: ['+1 2', '3'] }),
    }),
    ...(['base', 'one', 'sub', 'children'] as const).flatMap((scope) =>
      [base, 'cn=sub,dc=test', 'ou=a,dc=test'].flatMap((name) => [
        search(name, all, { as: '#root', scope, attributes: ['1.1'] }),
        search(name, all, { as: '#root', scope, attributes: ['1.1'], controls: subentries(true) }),
        search(name, all, { as: '#root', scope, attributes: ['1.1'], controls: subentries(false) }),
        search(name, '(objectClass=subentry)', { as: '#root', scope, attributes: ['1.1'] }),
      ]),
    ),
    ...by('#root', [
      read('', ['1.1'], { controls: subentries(true) }),
      read(base, ['1.1'], { controls: [{ oid: '1.3.6.1.4.1.4203.1.10.1', critical: true }] }),
      modify('cn=sub,dc=test', [['replace', 'description', 'x']]),
      add('cn=sub3,dc=test', { objectClass: ['subentry'] }),
      rename('cn=p,ou=a,dc=test', 'cn=p', { newSuperior: 'cn=sub,dc=test' }),
      rename('cn=p,cn=sub,dc=test', 'cn=p', { newSuperior: 'ou=a,dc=test' }),
      remove('cn=sub2,ou=a,dc=test'),

      add('cn=cert,dc=test', { objectClass: ['inetOrgPerson'], sn: ['S'], 'userCertificate;binary': [certificate] }),
      add('cn=cert2,dc=test', { objectClass: ['inetOrgPerson'], sn: ['S'], userCertificate: [certificate] }),
      add('cn=cert3,dc=test', { objectClass: ['inetOrgPerson'], sn: ['S'], 'userCertificate;binary': ['junk'] }),
      add('cn=cert5,dc=test', {
        objectClass: ['inetOrgPerson'],
        sn: ['S'],
        'userCertificate;binary': [{ hex: `${certificate.hex}00` }],
      }),
      ...['30', 'ff', '0000', '3000', '0401', '303132', '1f'].flatMap((octets) => [
        modify('cn=cert5,dc=test', [['delete', 'userCertificate;binary', { hex: `${certificate.hex}${octets}` }]]),
        modify('cn=cert5,dc=test', [['add', 'userCertificate;binary', { hex: `${certificate.hex}${octets}` }]]),
      ]),
      remove('cn=cert5,dc=test'),
      add('cn=cert4,dc=test', { objectClass: ['inetOrgPerson'], sn: ['S'], 'description;binary': ['x'] }),
      ...['userCertificate', 'userCertificate;binary', '*', 'userCertificate;lang-en'].map((type) =>
        read('cn=cert,dc=test', [type]),
      ),
      ...[
        '(userCertificate=*)',
        '(userCertificate;binary=*)',
        '(userCertificate;lang-de=*)',
        '(!(userCertificate;binary=*))',
        '(usercertificate:2.5.13.34:=x)',
      ].map((filter) => search(base, filter, { scope: 'sub', attributes: ['1.1'] })),
      // slapd wants the short form of certificateExactMatch here; the whole certificate says as much.
      compare('cn=cert,dc=test', 'userCertificate;binary', certificate, { either: [6] }),
      compare('cn=cert,dc=test', 'userCertificate', certificate, { either: [6] }),
      modify('cn=cert,dc=test', [['add', 'userCertificate;binary', certificate]]),
      modify('cn=cert,dc=test', [['delete', 'userCertificate', certificate]]),
      modify('cn=cert,dc=test', [['delete', 'userCertificate;binary', certificate]]),
      modify('cn=cert,dc=test', [
        ['add', 'userCertificate;binary', certificate],
        ['add', 'userCertificate;binary', certificate],
      ]),

      ...Object.entries(uniqueMembers).map(([cn, value]) =>
        add(`cn=${cn},dc=test`, { objectClass: ['groupOfUniqueNames'], uniqueMember: [value] }),
      ),
      ...['=', '~=', ':uniqueMemberMatch:=', '>='].flatMap((operator) =>
        Object.values(uniqueMembers).map((value) =>
          search(base, `(uniqueMember${operator}${value})`, { scope: 'sub', attributes: ['1.1'] }),
        ),
      ),
      ...Object.values(uniqueMembers).flatMap((value) => [
        compare('cn=um1,dc=test', 'uniqueMember', value),
        modify('cn=um2,dc=test', [['add', 'uniqueMember', value]]),
        modify('cn=um2,dc=test', [['delete', 'uniqueMember', value]]),
        search('cn=um1,dc=test', all, { attributes: ['uniqueMember'], controls: matched(`(uniqueMember=${value})`) }),
      ]),
      ...Object.keys(uniqueMembers).map((cn) => read(`cn=${cn},dc=test`, ['uniqueMember'])),
      ...subschemaFilters.map((filter) =>
        read('cn=Subschema', ['objectClass', 'cn', 'attributeTypes', 'objectClasses', 'createTimestamp', 'entryDN'], {
          controls: matched(filter),
        }),
      ),
      ...subschemaFilters.map((filter) =>
        read('', ['objectClass', 'namingContexts', 'supportedLDAPVersion'], { controls: matched(filter) }),
      ),

      add(
        'cn=lang,dc=test',
        personEntry({
          description: ['none'],
          'description;lang-en': ['en'],
          'description;lang-en-US': ['us'],
          'description;lang-de': ['de'],
          'cn;lang-en': ['Lang'],
        }),
      ),
      ...languages.flatMap((type) => [
        read('cn=lang,dc=test', [type]),
        search(base, `(${type}=*)`, { scope: 'sub', attributes: ['1.1'] }),
        search(base, `(${type}=us)`, { scope: 'sub', attributes: ['1.1'] }),
        search(base, `(!(${type}=us))`, { scope: 'sub', attributes: ['1.1'] }),
        search(base, `(${type}:caseExactMatch:=us)`, { scope: 'sub', attributes: ['1.1'] }),
        compare('cn=lang,dc=test', type, 'us'),
        modify('cn=lang,dc=test', [['add', type, 'new']]),
        modify('cn=lang,dc=test', [['delete', type, 'new']]),
      ]),
      rename('cn=lang,dc=test', 'cn;lang-en=Lang'),

      ...(
        [
          [['add', 'description', 'one']],
          [['add', 'description', 'ONE', 'four']],
          [['add', 'description', 'five', 'Five']],
          [['delete', 'description', 'four', 'none']],
          [['delete', 'description', 'none']],
          [['delete', 'title', 'none']],
          [['delete', 'title']],
          [['delete', 'sn', 'None']],
          [['delete', 'sn']],
          [['add', 'sn', 's']],
          [['add', 'objectClass', 'person']],
          [['add', 'objectClass', 'organizationalPerson']],
          [['delete', 'objectClass', 'device']],
          [['delete', 'noSuchAttribute']],
          [
            ['add', 'telephoneNumber', '+12'],
            ['delete', 'telephoneNumber', '9'],
            ['add', 'seeAlso', 'CN=x'],
          ],
          [['add', 'seeAlso', 'cn=X', 'cn=y']],
          [['add', 'userPassword', 'a']],
          [['add', 'userPassword', 'a', 'A']],
          [['add', 'cn', 'P']],
          [['delete', 'cn', 'p']],
          [['increment', 'description', '1']],
        ] satisfies Change[][]
      ).flatMap((changes) => [modify('cn=p,ou=a,dc=test', changes, { controls: permissive }), read('cn=p,ou=a,dc=test', ['*'])]),
      modify('cn=p,ou=a,dc=test', [
        ['replace', 'objectClass', 'person'],
        ['replace', 'description', 'one', 'two', 'three'],
        ['replace', 'telephoneNumber', '+1 2', '3'],
        ['replace', 'seeAlso'],
        ['replace', 'userPassword'],
      ]),

      ...[
        ['(description=one)'],
        ['(description=t*)'],
        ['(description=one)', '(telephoneNumber=3)'],
        ['(description>=three)'],
        ['(description=*)'],
        ['(description:caseIgnoreMatch:=ONE)'],
        ['(:caseIgnoreMatch:=one)'],
        ['(description~=won)'],
        ['(name=p)'],
        ['(objectClass=top)'],
        ['(2.5.4.13=one)'],
        ['(entryDN=cn=p,ou=a,dc=test)'],
        ['(hasSubordinates=TRUE)'],
      ].flatMap((filters) => [
        read('cn=p,ou=a,dc=test', undefined, { controls: matched(...filters) }),
        read('cn=p,ou=a,dc=test', ['entryDN', 'hasSubordinates', 'subschemaSubentry', 'creatorsName'], {
          controls: matched(...filters),
        }),
        search('cn=p,ou=a,dc=test', all, {
          typesOnly: true,
          attributes: ['description', 'telephoneNumber'],
          controls: matched(...filters),
        }),
        read('cn=p,ou=a,dc=test', ['description'], { as: '#nobody', controls: matched(...filters) }),
      ]),

      ...[
        ['creatorsName', 'cn=x'],
        ['createTimestamp', '20200101000000Z'],
        ['modifiersName', 'cn=x'],
        ['modifyTimestamp', '20200101000000Z'],
        ['entryUUID', '11111111-2222-3333-4444-555555555555'],
        ['entryCSN', '20200101000000.000000Z#000000#000#000000'],
        ['structuralObjectClass', 'person'],
        ['hasSubordinates', 'FALSE'],
        ['entryDN', 'cn=x'],
        ['subschemaSubentry', 'cn=x'],
      ].map(([type, value]) => modify('cn=p,ou=a,dc=test', [['replace', type!, value!]], { controls: relax })),
      read('cn=p,ou=a,dc=test', ['creatorsName', 'modifiersName']),
      modify('cn=p,ou=a,dc=test', [['replace', 'objectClass', 'inetOrgPerson']]),
      modify(
        'cn=p,ou=a,dc=test',
        [
          ['replace', 'objectClass', 'organizationalRole'],
          ['delete', 'sn'],
        ],
        { controls: relax },
      ),
      read('cn=p,ou=a,dc=test', ['objectClass', 'structuralObjectClass']),
      add(
        'cn=made,dc=test',
        personEntry({
          creatorsName: ['cn=x'],
          createTimestamp: ['20200101000000Z'],
          entryUUID: ['11111111-2222-3333-4444-555555555556'],
        }),
        { controls: relax },
      ),
      add('cn=made2,dc=test', personEntry({ structuralObjectClass: ['person'] }), { controls: relax }),
      add('cn=made3,dc=test', personEntry({ entryCSN: ['20200101000000.000000Z#000000#000#000000'] }), { controls: relax }),
      add('cn=made4,dc=test', { objectClass: ['top'] }, { controls: relax }),
      add('cn=made5,dc=test', { objectClass: ['person'] }, { controls: relax }),
      read('cn=made,dc=test', ['creatorsName', 'modifiersName']),
      remove('ou=a,dc=test', { controls: relax }),
    ]),
  ],
};
