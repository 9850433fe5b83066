/** slapd's overlay valsort: the order of values in answers, weights, and its control. */
import { boolean, sequence } from '../../support/wire/ber.js';
import type { WireControl } from '../../support/wire/operation.js';
import { add, bind, by, modify, search } from '../directed/steps.js';
import { domainEntry, root, rootPassword, tree, unitEntry, withOverlays, type Setting } from './setting.js';

const base = 'dc=test';
const a = 'cn=a,ou=p,dc=test';
const valueSort = (flag: boolean, critical = true): WireControl => ({
  oid: '1.3.6.1.4.1.4203.666.5.14',
  critical,
  value: { hex: sequence(boolean(flag)).toString('hex') },
});
const person = (more: Record<string, readonly string[]> = {}): Record<string, readonly string[]> => ({
  objectClass: ['inetOrgPerson'],
  sn: ['S'],
  ...more,
});
const all = (filter = '(objectClass=inetOrgPerson)', controls: readonly WireControl[] = [], attributes?: readonly string[]) =>
  search(base, filter, { scope: 'sub', inDetail: true, controls, ...(attributes ? { attributes } : {}) });

export const valsort: Setting = {
  config: withOverlays(
    ['valsort'],
    `index objectClass eq
access to * by users write by * read
overlay valsort
valsort-attr mail ou=p,dc=test alpha-ascend
valsort-attr title dc=test alpha-descend
valsort-attr description ou=p,dc=test weighted
valsort-attr l ou=p,dc=test weighted alpha-descend
valsort-attr x121Address ou=p,dc=test numeric-ascend
valsort-attr internationaliSDNNumber ou=p,dc=test numeric-descend
`,
  ),
  steps: [
    bind(root, rootPassword, { as: '#root' }),
    ...tree({ [base]: domainEntry(), 'ou=p,dc=test': unitEntry(), 'ou=q,dc=test': unitEntry() }),
    ...by('#root', [
      add(a, person({ mail: ['c@x', 'a@x', 'B@x'], title: ['one', 'Two', 'three'], description: ['{2}b', '{1}c', '{3}a'] })),
      add('cn=b,ou=q,dc=test', person({ mail: ['c@x', 'a@x', 'B@x'], title: ['one', 'Two', 'three'], description: ['b', 'a'] })),
      add('cn=c,ou=p,dc=test', person({ description: ['{1}x', 'y'] })),
      add('cn=c,ou=p,dc=test', person({ description: ['{1}x', '{y'] })),
      add('cn=c,ou=p,dc=test', person({ l: ['{2}a', '{2}c', '{1}z', '{2}b', '{-1}q'] })),
      add(
        'cn=d,ou=p,dc=test',
        person({ x121Address: ['9', '100', '20'], internationaliSDNNumber: ['9', '100', '20'], description: ['{10}b', '{9}a'] }),
      ),
      all(),
      all('(description={1}c)'),
      all('(description=c)'),
      all(undefined, [], ['mail', 'description']),
      all(undefined, [valueSort(true)]),
      all(undefined, [valueSort(false)]),
      all(undefined, [valueSort(true, false)], ['description']),
      search('', '(objectClass=*)', { attributes: ['supportedControl'] }),
      modify(a, [['add', 'description', 'z']]),
      modify(a, [['add', 'description', '{0}z']]),
      modify(a, [['delete', 'description', '{2}b']]),
      // Not only without weight: there is no such value.
      modify(a, [['delete', 'description', 'b']], { either: [16] }),
      modify(a, [['replace', 'description']]),
      modify('cn=b,ou=q,dc=test', [['add', 'description', 'z']]),
      all(),
    ]),
  ],
};
