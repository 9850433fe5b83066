/** Referral objects (RFC 3296) under every operation, with and without ManageDsaIT; and the global `referral`. */
import { add, bind, by, compare, modify, passwordModify, read, remove, rename, search, whoAmI } from '../directed/steps.js';
import { database, domainEntry, head, personEntry, root, rootPassword, tree, unitEntry, type Setting } from './setting.js';

const base = 'dc=test';
const manage = [{ oid: '2.16.840.1.113730.3.4.2', critical: true }];
const searchOptions = (hex: string): { oid: string; critical: boolean; value: { hex: string } }[] => [
  { oid: '1.2.840.113556.1.4.1340', critical: true, value: { hex } },
];
const domainScope = [{ oid: '1.2.840.113556.1.4.1339', critical: true }];
const referral = (...ref: string[]): Record<string, string[]> => ({ objectClass: ['referral', 'extensibleObject'], ref });
const all = '(objectClass=*)';
const names = [
  'ou=there,dc=test',
  'ou=below,ou=there,dc=test',
  'cn=x,ou=below,ou=there,dc=test',
  'ou=named,dc=test',
  'cn=x,ou=named,dc=test',
  'ou=bare,dc=test',
  'ou=several,dc=test',
  'ou=web,dc=test',
  'ou=odd,dc=test',
  'ou=here,dc=test',
  'ou=nowhere,dc=test',
  'dc=elsewhere',
];

const nearest = {
  because: 'slapd names the servers that hold everything else, rather than the one that holds this entry',
  outcome: {
    matchedDN: 'ou=there,dc=test',
    referrals: ['ldap://there.example.com/cn=x,ou=below,ou=there,dc=test'],
  },
};

const directives = ['index objectClass eq', 'access to dn.base="ou=secret,dc=test" by * none', 'access to * by * read'].join(
  '\n',
);

export const referrals: Setting = {
  config: `referral ldap://root.example.com\nreferral ldap://root2.example.com:1389/\n${head}${database(base, 'test', directives)}`,
  steps: [
    bind(root, rootPassword, { as: '#root' }),
    ...tree({
      [base]: domainEntry(),
      'ou=here,dc=test': unitEntry(),
      'cn=h,ou=here,dc=test': personEntry({ userPassword: ['pw'] }),
      'ou=there,dc=test': referral('ldap://there.example.com/ou=there,dc=test'),
      'ou=named,dc=test': referral('ldap://named.example.com/ou=other,dc=name'),
      'ou=bare,dc=test': referral('ldap://bare.example.com'),
      'ou=several,dc=test': referral('ldap://one.example.com/', 'ldaps://two.example.com:1636/dc=two'),
      'ou=web,dc=test': referral('http://www.example.com/'),
      'ou=odd,dc=test': referral('ldap://odd.example.com/ou=o%20dd,dc=test??sub?(cn=*) a label'),
      'ou=secret,dc=test': referral('ldap://secret.example.com/'),
    }),
    ...names.flatMap((name) =>
      (['base', 'one', 'sub', 'children'] as const).map((scope) =>
        search(name, all, { as: '#nobody', scope, attributes: ['1.1'] }),
      ),
    ),
    ...(['base', 'one', 'sub', 'children'] as const).flatMap((scope) => [
      search(base, all, { as: '#nobody', scope, attributes: ['1.1'] }),
      search(base, '(cn=h)', { as: '#nobody', scope, attributes: ['1.1'] }),
      search(base, all, { as: '#nobody', scope, attributes: ['ref'], controls: manage }),
      search(base, all, { as: '#nobody', scope, attributes: ['1.1'], controls: domainScope }),
      ...['3003020100', '3003020101', '3003020102', '3003020103', '300302017f', '3000', '02'].map((value) =>
        search(base, all, { as: '#nobody', scope, attributes: ['1.1'], controls: searchOptions(value), either: [2] }),
      ),
      search('ou=there,dc=test', all, { as: '#nobody', scope, attributes: ['ref'], controls: manage }),
      search('ou=there,dc=test', all, { as: '#nobody', scope, attributes: ['1.1'], controls: domainScope }),
    ]),
    search(base, all, { as: '#root', scope: 'sub', sizeLimit: 2, attributes: ['1.1'], counted: true }),
    search('', all, { as: '#nobody', attributes: ['ref', 'namingContexts'] }),
    search('', all, { as: '#nobody', scope: 'sub', attributes: ['1.1'] }),
    ...by('#root', [
      ...names.flatMap((name) => [
        compare(name, 'cn', 'x'),
        compare(name, 'ref', 'ldap://bare.example.com', { controls: manage }),
        modify(name, [['replace', 'description', 'x']]),
        remove(name === 'ou=here,dc=test' ? 'cn=none,ou=here,dc=test' : name),
        rename(
          name === 'ou=here,dc=test' ? 'cn=none,ou=here,dc=test' : name,
          'ou=renamed',
          name === 'cn=x,ou=below,ou=there,dc=test' ? { rather: nearest } : {},
        ),
        add(`cn=new,${name}`, personEntry()),
      ]),
      passwordModify(
        { user: 'ou=named,dc=test', new: 'x' },
        {
          rather: {
            because: 'slapd names the servers that hold everything else, rather than the one that holds this entry',
            outcome: { matchedDN: 'ou=named,dc=test', referrals: ['ldap://named.example.com/ou=other,dc=name'] },
          },
        },
      ),
      rename('cn=h,ou=here,dc=test', 'cn=h', { newSuperior: 'ou=there,dc=test' }),
      rename('cn=h,ou=here,dc=test', 'cn=h', { newSuperior: 'ou=there,dc=test', controls: manage }),
      add('ou=there,dc=test', unitEntry()),
      add('cn=sub,ou=web,dc=test', personEntry(), { controls: manage }),
      modify('ou=web,dc=test', [['replace', 'description', 'x']], { controls: manage }),
      rename('ou=web,dc=test', 'ou=web2', { controls: manage }),
      read('ou=web2,dc=test', ['ref', 'description'], { controls: manage }),
      remove('ou=several,dc=test', { controls: manage }),
      search(base, all, { scope: 'sub', attributes: ['1.1'] }),
      whoAmI({ controls: manage }),
    ]),
    ...by('#there', [bind('ou=there,dc=test', 'pw'), bind('cn=x,ou=there,dc=test', 'pw'), bind('cn=x,dc=elsewhere', 'pw')]),
  ],
};
