/** slapd's overlay deref: attributes of the entries that an entry names, under the client's rights. */
import { octets, sequence } from '../../support/wire/ber.js';
import type { WireControl } from '../../support/wire/operation.js';
import { bind, by, search } from '../directed/steps.js';
import { domainEntry, root, rootPassword, tree, unitEntry, withOverlays, type Setting } from './setting.js';

const base = 'dc=test';
const person = (more: Record<string, readonly string[]> = {}): Record<string, readonly string[]> => ({
  objectClass: ['inetOrgPerson'],
  sn: ['S'],
  ...more,
});
type Spec = readonly [reference: string, ...attributes: string[]];
const dereference = (specs: readonly Spec[], critical = true): WireControl => ({
  oid: '1.3.6.1.4.1.4203.666.5.16',
  critical,
  value: {
    hex: sequence(
      ...specs.map(([reference, ...names]) => sequence(octets(reference), sequence(...names.map((name) => octets(name))))),
    ).toString('hex'),
  },
});
const groups = (specs: readonly Spec[], critical = true) =>
  search(base, '(objectClass=groupOfNames)', { scope: 'sub', inDetail: true, controls: [dereference(specs, critical)] });

const searches = [
  groups([['member', 'cn', 'mail', 'uid']]),
  groups([
    ['member', 'sn'],
    ['owner', 'cn', 'objectClass'],
  ]),
  groups([['Member', 'commonName', 'userPassword', 'entryUUID;x-none']]),
  groups([['member', 'userPassword', 'modifiersName']]),
  groups([['seeAlso', 'cn']]),
  groups([
    ['member', 'cn'],
    ['member', 'sn'],
  ]),
  groups([['cn', 'cn']]),
  groups([['cn', 'cn']], false),
  groups([['nosuch', 'cn']]),
  groups([['member', 'nosuch']], false),
  groups([['member']]),
  search(base, '(cn=one)', {
    scope: 'sub',
    attributes: ['1.1'],
    inDetail: true,
    controls: [dereference([['member', 'cn']], false)],
  }),
  search('', '(objectClass=*)', { attributes: ['1.1'], controls: [dereference([['member', 'cn']], false)] }),
];

export const deref: Setting = {
  config: withOverlays(
    ['deref'],
    `index objectClass eq
access to attrs=userPassword by users write by * auth
access to dn.exact="cn=hidden,ou=p,dc=test" by users write by * none
access to attrs=mail by users write by * search
access to attrs=owner by users write by * none
access to * by users write by * read
overlay deref
`,
  ),
  steps: [
    bind(root, rootPassword, { as: '#root' }),
    ...tree({
      [base]: domainEntry(),
      'ou=p,dc=test': unitEntry(),
      'cn=a,ou=p,dc=test': person({ mail: ['a@x', 'a2@x'], uid: ['a'], userPassword: ['p'] }),
      'cn=hidden,ou=p,dc=test': person({ mail: ['h@x'] }),
      'cn=one,dc=test': {
        objectClass: ['groupOfNames'],
        member: ['cn=a,ou=p,dc=test', 'CN=Hidden,ou=p,dc=test', 'cn=ghost,ou=p,dc=test', 'cn=elsewhere,dc=other'],
        owner: ['cn=a,ou=p,dc=test'],
      },
      'cn=two,dc=test': { objectClass: ['groupOfNames'], member: ['cn=one,dc=test'] },
    }),
    ...by('#root', searches),
    ...by('#nobody', searches),
  ],
};
