/** All forms in which slapd's overlay unique is configured: filters, scopes, several URIs, ignore, strict, the older lines. */
import { add, bind, by, modify, remove, rename, search } from '../directed/steps.js';
import type { Step } from '../contestant.js';
import type { WireControl } from '../../support/wire/operation.js';
import { domainEntry, root, rootPassword, tree, unitEntry, withOverlays, type Setting } from './setting.js';

const base = 'dc=test';
const indexes = 'index objectClass,cn,sn,mail,uid,employeeNumber,description eq,pres\naccess to * by users write by * read\n';
const person = (more: Record<string, readonly string[]> = {}): Record<string, readonly string[]> => ({
  objectClass: ['inetOrgPerson'],
  sn: ['S'],
  ...more,
});
const relax: WireControl = { oid: '1.3.6.1.4.1.4203.666.5.12', critical: true };

const beginning = (more: Readonly<Record<string, Record<string, readonly string[]>>>): readonly Step[] => [
  bind(root, rootPassword, { as: '#root' }),
  ...tree({ [base]: domainEntry(), 'ou=in,dc=test': unitEntry(), 'ou=out,dc=test': unitEntry(), ...more }),
];
const everything = search(base, '(objectClass=inetOrgPerson)', { scope: 'sub', attributes: ['mail', 'uid', 'employeeNumber'] });

/** Two rules, the first with two URIs, the second with a filter that stands for the whole database. */
export const uniqueFilter: Setting = {
  config: withOverlays(
    ['unique'],
    `${indexes}overlay unique
unique_uri "serialize ldap:///ou=in,dc=test?mail?one ldap:///ou=out,dc=test?mail?sub"
unique_uri ldap:///?uid?sub?(employeeNumber=1)
unique_uri ldap:///ou=in,dc=test?description?children?(&(sn=S)(!(cn=z)))
`,
  ),
  steps: [
    ...beginning({ 'cn=a,ou=in,dc=test': person({ mail: ['a@x'], uid: ['a'], employeeNumber: ['1'], description: ['d'] }) }),
    ...by('#root', [
      add('cn=b,ou=in,dc=test', person({ mail: ['A@x'] })),
      add('cn=b,ou=out,dc=test', person({ mail: ['A@x'] })),
      add('cn=c,ou=out,dc=test', person({ mail: ['a@X'] })),
      add('cn=below,cn=a,ou=in,dc=test', person({ mail: ['a@x'] })),
      add('cn=below,cn=a,ou=in,dc=test', person({ mail: ['below@x'] })),
      add('cn=b,ou=in,dc=test', person({ mail: ['below@x'] })),
      add('cn=below2,cn=a,ou=in,dc=test', person({ mail: ['below@x'] })),
      add('cn=c,ou=in,dc=test', person({ uid: ['a'], employeeNumber: ['1'] })),
      add('cn=c,ou=in,dc=test', person({ uid: ['a'], employeeNumber: ['2'] })),
      add('cn=d,ou=in,dc=test', person({ uid: ['a'] })),
      // The filter is put to those that have the value, and not to the entry that is changed.
      modify('cn=b,ou=in,dc=test', [['add', 'uid', 'a']]),
      modify('cn=d,ou=in,dc=test', [['replace', 'employeeNumber', '1']]),
      modify('cn=d,ou=in,dc=test', [['replace', 'uid', 'a']]),
      modify('cn=d,ou=in,dc=test', [
        ['replace', 'uid', 'a'],
        ['replace', 'uid', 'd'],
      ]),
      modify('cn=d,ou=in,dc=test', [['delete', 'uid', 'a']]),
      add('cn=e,ou=in,dc=test', person({ description: ['d'] })),
      add('cn=e,ou=in,dc=test', person({ description: ['d'], sn: ['T'] })),
      add('cn=z,ou=in,dc=test', person({ cn: ['z'], description: ['d'] })),
      modify('cn=z,ou=in,dc=test', [['replace', 'description', 'd']]),
      rename('cn=e,ou=in,dc=test', 'uid=a', { deleteOldRDN: false }),
      rename('cn=e,ou=in,dc=test', 'uid=e', { deleteOldRDN: false }),
      everything,
      remove('cn=a,ou=out,dc=test'),
    ]),
  ],
};

export const uniqueIgnore: Setting = {
  config: withOverlays(
    ['unique'],
    `${indexes}overlay unique
unique_uri "ignore ldap:///ou=in,dc=test?objectClass,sn,cn?sub"
`,
  ),
  steps: [
    ...beginning({ 'cn=a,ou=in,dc=test': person({ mail: ['a@x'], uid: ['a'], description: ['a@x'] }) }),
    ...by('#root', [
      add('cn=b,ou=in,dc=test', person({ uid: ['A'] })),
      add('cn=b,ou=in,dc=test', person({ title: ['t'] })),
      add('cn=c,ou=in,dc=test', person({ title: ['T'] })),
      add('cn=c,ou=in,dc=test', person({ title: ['a@x'] })),
      add('cn=d,ou=out,dc=test', person({ uid: ['a'] })),
      modify('cn=b,ou=in,dc=test', [['add', 'mail', 'a@x']]),
      modify('cn=b,ou=in,dc=test', [['replace', 'cn', 'b', 'a']]),
      modify('cn=b,ou=in,dc=test', [['replace', 'mail']]),
      rename('cn=b,ou=in,dc=test', 'uid=a', { deleteOldRDN: false }),
      rename('cn=b,ou=in,dc=test', 'uid=b', { deleteOldRDN: false }),
      everything,
    ]),
  ],
};

export const uniqueStrict: Setting = {
  config: withOverlays(['unique'], `${indexes}overlay unique\nunique_uri "strict ldap:///?mail,uid?sub"\n`),
  steps: [
    ...beginning({
      'cn=a,ou=in,dc=test': person({ mail: ['a@x'] }),
      'cn=b,ou=in,dc=test': person({ mail: ['b@x'], uid: ['b'] }),
    }),
    ...by('#root', [
      add('cn=c,ou=in,dc=test', person()),
      modify('cn=b,ou=in,dc=test', [['replace', 'uid']]),
      modify('cn=b,ou=in,dc=test', [['replace', 'mail']]),
      modify('cn=c,ou=in,dc=test', [['replace', 'mail']]),
      modify('cn=a,ou=in,dc=test', [['replace', 'description']]),
      modify('cn=a,ou=in,dc=test', [['delete', 'mail']]),
      modify('cn=a,ou=in,dc=test', [['replace', 'mail', 'b@x']]),
      everything,
    ]),
  ],
};

export const uniqueLegacy: Setting = {
  config: withOverlays(
    ['unique'],
    `${indexes}overlay unique
unique_strict TRUE
unique_ignore objectClass sn
unique_ignore cn
unique_base ou=in,dc=test
`,
  ),
  steps: [
    ...beginning({ 'cn=a,ou=in,dc=test': person({ mail: ['a@x'], uid: ['a'] }), 'cn=b,ou=in,dc=test': person() }),
    ...by('#root', [
      add('cn=c,ou=in,dc=test', person({ mail: ['a@x'] })),
      add('cn=c,ou=in,dc=test', person({ mail: ['a@x'] }), { controls: [relax] }),
      add('cn=c,ou=out,dc=test', person({ mail: ['a@x'] })),
      modify('cn=b,ou=in,dc=test', [['add', 'mail', 'a@x']]),
      modify('cn=b,ou=in,dc=test', [['add', 'mail', 'a@x']], { controls: [relax] }),
      modify('cn=b,ou=in,dc=test', [['replace', 'mail']]),
      modify('cn=b,ou=in,dc=test', [['replace', 'title']]),
      everything,
    ]),
  ],
};
