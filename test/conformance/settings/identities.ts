/** `authz-regexp`: names of authentication that become those of entries, by text and by a search. */
import { bind, by, whoAmI } from '../directed/steps.js';
import type { Step } from '../contestant.js';
import { database, domainEntry, head, personEntry, root, rootPassword, tree, type Setting } from './setting.js';

const proxied = (authzId: string): Step =>
  whoAmI({ controls: [{ oid: '2.16.840.1.113730.3.4.18', critical: true, value: authzId }] });

const expressions: readonly (readonly [string, string])[] = [
  ['^uid=one,cn=auth$', 'ldap:///dc=test??sub?(sn=One)'],
  ['^uid=two,cn=auth$', 'ldap:///dc=test??sub?(objectClass=person)'],
  ['^uid=none,cn=auth$', 'ldap:///dc=test??sub?(sn=Nobody)'],
  ['^uid=level,cn=auth$', 'ldap:///dc=test??one?(sn=One)'],
  ['^uid=nofilter,cn=auth$', 'ldap:///cn=a,dc=test??base'],
  ['^uid=base,cn=auth$', 'ldap:///cn=a,dc=test??base?(sn=One)'],
  ['^uid=broken,cn=auth$', 'ldap:///dc=test??sub?(sn=One'],
  ['^uid=far,cn=auth$', 'ldap:///dc=elsewhere??sub?(sn=One)'],
  ['^uid=other,cn=auth$', 'ldap://127.0.0.1:9/dc=test??sub?(sn=One)'],
  ['^uid=hidden,cn=auth$', 'ldap:///dc=test??sub?(description=hidden)'],
  ['^uid=find-([^,]+),cn=auth$', 'ldap:///dc=test??sub?(sn=$1)'],
  ['^uid=text-([^,]+),cn=auth$', 'CN=$1,DC=Test'],
  ['^uid=wrong-([^,]+),cn=auth$', '$1'],
];

const asked = [
  ...['one', 'two', 'none', 'level', 'nofilter', 'base', 'broken', 'far', 'other', 'hidden'].map((name) => `u:${name}`),
  ...['u:find-one', 'u:find-x', 'u:text-A', 'u:text-nobody', 'u:wrong-x', 'u:unmatched', 'dn:uid=one,cn=auth', 'dn:CN=A,dc=Test'],
];

const rules = [
  'access to attrs=userPassword by anonymous auth by * none',
  'access to attrs=description by dn.exact="cn=a,dc=test" none by * auth',
  'access to * by * read',
].join('\n');

export const identities: Setting = {
  config: `${head}${expressions.map(([match, replacement]) => `authz-regexp "${match}" "${replacement}"\n`).join('')}authz-policy to
${database('dc=test', 'test', rules)}`,
  steps: [
    bind(root, rootPassword, { as: '#root' }),
    ...tree({
      'dc=test': domainEntry(),
      'cn=a,dc=test': personEntry({
        sn: ['One'],
        userPassword: ['pw'],
        description: ['hidden'],
        authzTo: ['dn.onelevel:dc=test'],
      }),
      'cn=b,cn=a,dc=test': personEntry({ sn: ['Two'] }),
    }),
    ...by('#root', asked.map(proxied)),
    ...by('#a', [bind('cn=a,dc=test', 'pw'), ...asked.map(proxied)]),
  ],
};
