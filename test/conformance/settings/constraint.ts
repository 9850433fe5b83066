/** slapd's overlay constraint: all kinds of rules, with and without restrictions. */
import { add, bind, by, modify, rename, search } from '../directed/steps.js';
import type { WireControl } from '../../support/wire/operation.js';
import { domainEntry, root, rootPassword, tree, unitEntry, withOverlays, type Setting } from './setting.js';

const base = 'dc=test';
const person = (more: Record<string, readonly string[]> = {}): Record<string, readonly string[]> => ({
  objectClass: ['inetOrgPerson'],
  sn: ['S'],
  ...more,
});
const a = 'cn=a,ou=p,dc=test';
const other = (name: string): string => `cn=${name},ou=q,dc=test`;
const relax: WireControl = { oid: '1.3.6.1.4.1.4203.666.5.12', critical: true };

const rules = String.raw`
constraint_attribute mail regex ^[[:alnum:]]+@(x|y)\.example$
constraint_attribute mail negregex ^root@
constraint_attribute mail,uid size 12
constraint_attribute mail count 2
constraint_attribute title uri ldap:///ou=titles,dc=test?cn,description?one?(objectClass=organizationalRole)
constraint_attribute departmentNumber uri ldap:///cn=chief,ou=titles,dc=test?cn
constraint_attribute displayName,sn,givenName set "(this/givenName + [ ] + this/sn) & this/displayName"
  restrict=ldap:///ou=p,dc=test??sub?(displayName=*)
constraint_attribute employeeNumber regex ^[0-9]+$ restrict=ldap:///ou=p,dc=test??one
constraint_attribute employeeType regex ^a$ restrict=ldap:///cn=a,ou=p,dc=test restrict=ldap:///ou=p,dc=test??children?(sn=S)
constraint_attribute o count 1 restrict=ldap:///???(sn=one)
constraint_attribute description set "user & [cn=keeper,dc=test]"
`;

export const constraint: Setting = {
  config: withOverlays(
    ['constraint'],
    `index objectClass,cn,description eq\naccess to * by users write by * read\noverlay constraint${rules}`,
  ),
  steps: [
    bind(root, rootPassword, { as: '#root' }),
    ...tree({
      [base]: domainEntry(),
      'ou=p,dc=test': unitEntry(),
      'ou=q,dc=test': unitEntry(),
      'ou=titles,dc=test': unitEntry(),
      'cn=chief,ou=titles,dc=test': { objectClass: ['organizationalRole'] },
      'cn=wrong,ou=titles,dc=test': { objectClass: ['person'], sn: ['x'] },
      'cn=keeper,dc=test': { objectClass: ['person'], sn: ['x'], userPassword: ['k'] },
      [a]: person({ mail: ['a@x.example'] }),
    }),
    ...by('#root', [
      add(other('b'), person({ mail: ['b@z.example'] })),
      add(other('b'), person({ mail: ['B@X.example'] })),
      add(other('b'), person({ mail: ['b@x.example', 'b@z.example'] })),
      add(other('b'), person({ mail: ['root@x.example'] })),
      add(other('b'), person({ mail: ['b1@x.example', 'b2@x.example', 'b3@x.example'] })),
      add(other('b'), person({ mail: ['b@z.example'] }), { controls: [relax] }),
      modify(other('b'), [['replace', 'sn', 'T']]),
      modify(other('b'), [['add', 'mail', 'c@z.example']]),
      modify(other('b'), [['delete', 'mail', 'b@z.example']]),
      modify(other('b'), [['replace', 'mail', 'longer@y.example']]),
      modify(other('b'), [['replace', 'uid', '1234567890123']]),
      modify(other('b'), [['replace', 'uid', '123456789012']]),
      modify(a, [['add', 'mail', 'b@x.example', 'c@x.example']]),
      modify(a, [
        ['add', 'mail', 'b@x.example', 'c@x.example'],
        ['delete', 'mail', 'a@x.example'],
      ]),
      modify(a, [['add', 'mail', 'd@x.example']]),
      modify(a, [['replace', 'title', 'Chief']]),
      modify(a, [['replace', 'title', 'wrong']]),
      modify(a, [['replace', 'title', 'nobody']]),
      modify(a, [['delete', 'title']]),
      modify(a, [['replace', 'departmentNumber', 'chief']]),
      modify(a, [['replace', 'departmentNumber', 'wrong']]),
      add('cn=d,ou=p,dc=test', person({ displayName: ['G S'], givenName: ['G'] })),
      add('cn=e,ou=p,dc=test', person({ displayName: ['X'], givenName: ['G'] })),
      add(other('e'), person({ displayName: ['X'], givenName: ['G'] })),
      modify('cn=d,ou=p,dc=test', [['replace', 'sn', 'T']]),
      modify('cn=d,ou=p,dc=test', [
        ['replace', 'sn', 'T'],
        ['replace', 'displayName', 'G T'],
      ]),
      modify(a, [['replace', 'displayName', 'X']]),
      modify(a, [['replace', 'employeeNumber', '12']]),
      modify(a, [['replace', 'employeeNumber', 'x']]),
      modify(other('b'), [['replace', 'employeeNumber', 'x']]),
      modify('ou=p,dc=test', [['replace', 'description', 'x']]),
      modify(a, [['replace', 'employeeType', 'b']]),
      modify('cn=d,ou=p,dc=test', [['replace', 'employeeType', 'b']]),
      modify('cn=d,ou=p,dc=test', [['replace', 'employeeType', 'a']]),
      modify(a, [['add', 'o', '1', '2']]),
      modify(a, [['replace', 'sn', 'one']]),
      modify(a, [['add', 'o', '3']]),
      modify(a, [['replace', 'o', '3']]),
      rename(a, 'mail=q@z.example', { deleteOldRDN: false }),
      rename('cn=d,ou=p,dc=test', 'uid=d', { deleteOldRDN: false }),
      search(base, '(objectClass=inetOrgPerson)', { scope: 'sub' }),
    ]),
    bind('cn=keeper,dc=test', 'k', { as: '#keeper' }),
    ...by('#keeper', [modify(a, [['replace', 'description', 'x']]), modify(a, [['replace', 'mail', 'x']])]),
  ],
};
