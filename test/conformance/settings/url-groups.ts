/** Groups whose members LDAP URLs name (groupOfURLs), in access rules, `limits` and authzTo. */
import { bind, by, modify, search, whoAmI } from '../directed/steps.js';
import type { Attributes, WireControl } from '../../support/wire/operation.js';
import { database, domainEntry, head, root, rootPassword, tree, unitEntry, type Setting } from './setting.js';

const base = 'dc=test';
const person = (more: Attributes = {}): Attributes => ({ objectClass: ['person'], sn: ['s'], userPassword: ['pw'], ...more });
const askers: Readonly<Record<string, string>> = {
  a: 'cn=a,ou=p,dc=test',
  b: 'cn=b,ou=p,dc=test',
  deep: 'cn=deep,cn=a,ou=p,dc=test',
  top: 'ou=p,dc=test',
};

const urls: Readonly<Record<string, readonly string[]>> = {
  sub: ['ldap:///ou=p,dc=test??sub?(sn=s)'],
  one: ['ldap:///ou=p,dc=test??one?(objectClass=*)'],
  base: ['ldap:///cn=a,ou=p,dc=test??base?(sn=*)'],
  children: ['ldap:///ou=p,dc=test??subordinate?(objectClass=*)'],
  childrenByName: ['ldap:///ou=p,dc=test??children?(objectClass=*)'],
  noScope: ['ldap:///cn=a,ou=p,dc=test???(sn=*)'],
  noFilter: ['ldap:///ou=p,dc=test??sub'],
  emptyFilter: ['ldap:///ou=p,dc=test??sub?'],
  attributes: ['ldap:///ou=p,dc=test?cn?sub?(sn=s)'],
  host: ['ldap://elsewhere.test/ou=p,dc=test??sub?(sn=s)'],
  ldaps: ['ldaps:///ou=p,dc=test??sub?(sn=s)'],
  extension: ['ldap:///ou=p,dc=test??sub?(sn=s)?x-nothing'],
  bare: ['ldap:///ou=p,dc=test??sub?sn=s'],
  escaped: ['ldap:///ou=p%2cdc=test??sub?(&(sn=s)(cn=%61))'],
  password: ['ldap:///ou=p,dc=test??sub?(userPassword=pw)'],
  unknown: ['ldap:///ou=p,dc=test??sub?(!(nosuch=x))'],
  operational: ['ldap:///ou=p,dc=test??sub?(creatorsName=cn=root,dc=test)'],
  computed: ['ldap:///ou=p,dc=test??sub?(hasSubordinates=TRUE)'],
  nothing: [],
  ldapi: ['ldapi:///ou=p,dc=test??sub?(sn=s)'],
  cldap: ['cldap:///ou=p,dc=test??sub?(sn=s)'],
  upperCase: ['LDAP:///OU=P,DC=TEST??SUB?(SN=S)'],
  angles: ['<ldap:///ou=p,dc=test??sub?(sn=s)>'],
  brokenUrl: ['nonsense', 'ldap:///ou=p,dc=test??sub?(sn=*)'],
  brokenFilter: ['ldap:///ou=p,dc=test??sub?(sn=', 'ldap:///ou=p,dc=test??sub?(sn=*)'],
  brokenName: ['ldap:///nonsense??sub?(sn=*)', 'ldap:///ou=p,dc=test??sub?(sn=*)'],
  brokenScope: ['ldap:///ou=p,dc=test??near?(sn=*)', 'ldap:///ou=p,dc=test??sub?(sn=*)'],
  brokenLast: ['ldap:///ou=p,dc=test??sub?(sn=*)', 'nonsense'],
  several: ['ldap:///cn=a,ou=p,dc=test??base?(sn=*)', 'ldap:///ou=p,dc=test??sub?(sn=t)'],
};

const group = (memberURL: readonly string[]): Attributes => ({
  objectClass: ['groupOfURLs'],
  ...(memberURL.length === 0 ? {} : { memberURL }),
});

const proxied = (authzId: string): { controls: WireControl[] } => ({
  controls: [{ oid: '2.16.840.1.113730.3.4.18', critical: true, value: authzId }],
});

export const urlGroups: Setting = {
  config: `${head}include /etc/ldap/schema/dyngroup.schema
authz-policy to
${database(
  base,
  'test',
  `
access to attrs=userPassword by anonymous auth
access to attrs=authzTo by * auth
access to dn.exact="${base}" by * read
access to dn.exact="ou=t,dc=test" by * read
access to dn.exact="cn=otherClass,ou=t,dc=test" by group/labeledURIObject/labeledURI="cn=otherClass,ou=g,dc=test" read by * none
access to dn.exact="cn=wrongClass,ou=t,dc=test" by group/groupOfURLs/memberURL="cn=otherClass,ou=g,dc=test" read by * none
access to dn.regex="^cn=([^,]+),ou=t,dc=test$" by group/groupOfURLs/memberURL.expand="cn=$1,ou=g,dc=test" read by * none
access to * by users auth
limits group/groupOfURLs/memberURL="cn=escaped,ou=g,dc=test" size=3
`,
)}`,
  steps: [
    bind(root, rootPassword, { as: '#root' }),
    ...tree({
      [base]: domainEntry(),
      'ou=p,dc=test': unitEntry({ userPassword: ['pw'] }),
      'ou=g,dc=test': unitEntry(),
      'ou=t,dc=test': unitEntry(),
      [askers['a']!]: person({ authzTo: ['group/groupOfURLs/memberURL:cn=several,ou=g,dc=test'] }),
      [askers['b']!]: person({ sn: ['t'] }),
      [askers['deep']!]: person(),
      'cn=otherClass,ou=g,dc=test': {
        objectClass: ['applicationProcess', 'labeledURIObject'],
        labeledURI: ['ldap:///ou=p,dc=test??sub?(sn=t)'],
      },
      ...Object.fromEntries(Object.entries(urls).map(([name, values]) => [`cn=${name},ou=g,dc=test`, group(values)])),
      ...Object.fromEntries(
        [...Object.keys(urls), 'otherClass', 'wrongClass', 'gone'].map((name) => [`cn=${name},ou=t,dc=test`, person()]),
      ),
    }),
    ...Object.entries(askers).flatMap(([name, dn]) =>
      by(`#${name}`, [
        bind(dn, 'pw'),
        search(base, '(objectClass=*)', { scope: 'sub', attributes: ['1.1'] }),
        search(base, '(objectClass=*)', { scope: 'sub', attributes: ['1.1'], sizeLimit: 2, counted: true }),
      ]),
    ),
    search(base, '(objectClass=*)', { scope: 'sub', attributes: ['1.1'], as: '#nobody' }),
    ...Object.values(askers).map((dn) => whoAmI({ as: '#a', ...proxied(`dn:${dn}`) })),
    // Membership follows the entry and the group.
    modify(askers['b']!, [['replace', 'sn', 's']], { as: '#root' }),
    search('ou=t,dc=test', '(objectClass=*)', { scope: 'one', attributes: ['1.1'], as: '#b' }),
    modify('cn=sub,ou=g,dc=test', [['delete', 'memberURL']], { as: '#root' }),
    search('ou=t,dc=test', '(objectClass=*)', { scope: 'one', attributes: ['1.1'], as: '#b' }),
  ],
};
