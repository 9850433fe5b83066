/** Alias entries (RFC 4511 section 4.5.1.3): every way of dereferencing, at the base and below it. */
import { add, bind, modify, read, remove, rename, search } from '../directed/steps.js';
import { database, domainEntry, head, personEntry, root, rootPassword, tree, unitEntry, type Setting } from './setting.js';

const base = 'dc=test';
const alias = (target: string): Record<string, string[]> => ({
  objectClass: ['alias', 'extensibleObject'],
  aliasedObjectName: [target],
});
const bases = [
  base,
  'ou=real,dc=test',
  'ou=alias,dc=test',
  'cn=a,ou=alias,dc=test',
  'cn=twice,dc=test',
  'cn=loop1,dc=test',
  'cn=self,dc=test',
  'cn=dangling,dc=test',
  'cn=outside,dc=test',
  'cn=below,cn=dangling,dc=test',
  'ou=none,dc=test',
  'ou=chain1,dc=test',
  'cn=b,ou=chain1,dc=test',
  'ou=within,ou=real,dc=test',
];

const directives = ['index objectClass eq', 'access to * by * read'].join('\n');

export const aliases: Setting = {
  config: `${head}${database(base, 'test', directives)}${database('dc=other', 'other', 'maxderefdepth 2\naccess to * by * read')}`,
  steps: [
    bind(root, rootPassword, { as: '#root' }),
    ...tree({
      [base]: domainEntry(),
      'ou=real,dc=test': unitEntry(),
      'cn=a,ou=real,dc=test': personEntry(),
      'cn=b,ou=real,dc=test': personEntry(),
      'ou=sub,ou=real,dc=test': unitEntry(),
      'cn=c,ou=sub,ou=real,dc=test': personEntry(),
      'ou=alias,dc=test': { ...alias('ou=real,dc=test'), ou: ['alias'] },
      'cn=twice,dc=test': { ...alias('ou=alias,dc=test'), cn: ['twice'] },
      'ou=chain1,dc=test': { ...alias('ou=chain2,dc=test'), ou: ['chain1'] },
      'ou=chain2,dc=test': { ...alias('ou=real,dc=test'), ou: ['chain2'] },
      'cn=loop1,dc=test': { ...alias('cn=loop2,dc=test'), cn: ['loop1'] },
      'cn=loop2,dc=test': { ...alias('cn=loop1,dc=test'), cn: ['loop2'] },
      'cn=self,dc=test': { ...alias('cn=self,dc=test'), cn: ['self'] },
      'cn=dangling,dc=test': { ...alias('cn=nowhere,dc=test'), cn: ['dangling'] },
      'cn=outside,dc=test': { ...alias('dc=other'), cn: ['outside'] },
      'ou=within,ou=real,dc=test': { ...alias('ou=sub,ou=real,dc=test'), ou: ['within'] },
      'ou=leads,dc=test': unitEntry(),
      'cn=leaf,ou=leads,dc=test': { ...alias('cn=a,ou=real,dc=test'), cn: ['leaf'] },
      'cn=leaf2,ou=leads,dc=test': { ...alias('cn=a,ou=real,dc=test'), cn: ['leaf2'] },
      'cn=tree,ou=leads,dc=test': { ...alias('ou=real,dc=test'), cn: ['tree'] },
      'cn=up,ou=leads,dc=test': { ...alias('dc=test'), cn: ['up'] },
      'dc=other': domainEntry(),
      'ou=1,dc=other': { ...alias('ou=2,dc=other'), ou: ['1'] },
      'ou=2,dc=other': { ...alias('ou=3,dc=other'), ou: ['2'] },
      'ou=3,dc=other': { ...alias('ou=4,dc=other'), ou: ['3'] },
      'ou=4,dc=other': unitEntry(),
    }),
    add('cn=child,ou=alias,dc=test', personEntry(), { as: '#root' }),
    ...[...bases, 'ou=leads,dc=test'].flatMap((name) =>
      ([0, 1, 2, 3] as const).flatMap((deref) =>
        (['base', 'one', 'sub'] as const).map((scope) =>
          search(name, '(objectClass=*)', { as: '#root', scope, deref, attributes: ['1.1'], once: true }),
        ),
      ),
    ),
    search('ou=1,dc=other', '(objectClass=*)', {
      as: '#root',
      scope: 'sub',
      deref: 3,
      attributes: ['1.1'],
      rather: { because: 'slapd reports success where it gave up following aliases', outcome: { code: 36 } },
    }),
    ...[2, 3, 4].map((number) =>
      search(`ou=${number},dc=other`, '(objectClass=*)', { as: '#root', scope: 'sub', deref: 3, attributes: ['1.1'] }),
    ),
    search('dc=other', '(objectClass=*)', { as: '#root', scope: 'sub', deref: 3, attributes: ['1.1'] }),
    search('ou=leads,dc=test', '(cn=a)', { as: '#root', scope: 'sub', deref: 3, attributes: ['1.1'], once: true }),
    search('ou=leads,dc=test', '(cn=leaf)', { as: '#root', scope: 'sub', deref: 3, attributes: ['1.1'] }),
    search('ou=leads,dc=test', '(objectClass=alias)', { as: '#root', scope: 'one', deref: 2, attributes: ['aliasedObjectName'] }),
    modify('ou=alias,dc=test', [['replace', 'description', 'x']], { as: '#root' }),
    rename('cn=a,ou=real,dc=test', 'cn=a', { as: '#root', newSuperior: 'ou=alias,dc=test' }),
    remove('cn=leaf2,ou=leads,dc=test', { as: '#root' }),
    read('ou=alias,dc=test', ['aliasedObjectName', 'description'], { as: '#root' }),
  ],
};
