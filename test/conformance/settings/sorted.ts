/** Server-side sorting (RFC 2891), which slapd leaves to its overlay sssvlv, alone and with paged results. */
import { boolean, element, integer, octets, sequence } from '../../support/wire/ber.js';
import type { WireControl } from '../../support/wire/operation.js';
import { bind, by as asAsker, search } from '../directed/steps.js';
import { database, domainEntry, head, personEntry, root, rootPassword, tree, unitEntry, type Setting } from './setting.js';

const base = 'dc=test';
const all = '(objectClass=*)';

/** A key with the rule that most attributes lack in their definitions. */
function by(attribute: string, rule = 'caseIgnoreOrderingMatch'): { attribute: string; rule: string } {
  return { attribute, rule };
}

type Key = string | { readonly attribute: string; readonly rule?: string; readonly reverse?: boolean };

function sortBy(keys: readonly Key[], critical = true): WireControl {
  const value = sequence(
    ...keys.map((key) => {
      if (typeof key === 'string') return sequence(octets(key));
      return sequence(
        octets(key.attribute),
        ...(key.rule === undefined ? [] : [octets(key.rule, 0x80)]),
        ...(key.reverse === undefined ? [] : [boolean(key.reverse, 0x81)]),
      );
    }),
  );
  return { oid: '1.2.840.113556.1.4.473', critical, value: { hex: value.toString('hex') } };
}

const sorts: readonly (readonly Key[])[] = [
  [by('sn')],
  [{ ...by('sn'), reverse: true }],
  [by('sn', '2.5.13.3'), by('cn')],
  [by('employeeNumber'), by('cn')],
  [{ ...by('employeeNumber'), reverse: true }, by('cn')],
  ['uidNumber', { ...by('cn'), reverse: true }],
  [{ attribute: 'uidNumber', reverse: true }, by('cn')],
  ['gidNumber', { ...by('cn'), reverse: true }],
  [by('2.5.4.4'), by('cn')],
  [by('description'), by('cn')],
  [{ ...by('description'), reverse: true }, by('cn')],
  [by('entryDN', 'distinguishedNameMatch')],
  ['createTimestamp', by('cn')],
];
const byName = [by('sn')];
const refused: readonly (readonly Key[])[] = [
  ['nonsense'],
  ['sn'],
  ['name'],
  ['sn', 'nonsense'],
  ['jpegPhoto'],
  ['mail'],
  [{ attribute: 'sn', rule: 'nonsense' }],
  [{ attribute: 'sn', rule: 'caseIgnoreMatch' }],
  [{ attribute: 'sn', rule: 'integerOrderingMatch' }],
  ['sn', 'sn'],
  ['description;lang-en'],
  ['dn'],
  ['entryDN'],
  [{ attribute: 'sn', rule: '' }],
  ['uidNumber', 'gidNumber', 'uidNumber', 'gidNumber', 'uidNumber', 'gidNumber'],
];

/** RFC 2891 section 2: such a control fails no search. By what is asked for: the sort result, and the key it names. */
const unsortable: readonly (readonly [keys: readonly Key[], code: number, attribute?: string])[] = [
  [['nonsense'], 16, 'nonsense'],
  [['dn'], 16, 'dn'],
  [['sn', 'nonsense'], 16, 'nonsense'],
  [['jpegPhoto'], 18, 'jpegPhoto'],
  [['entryDN'], 18, 'entryDN'],
  [[{ attribute: 'sn', rule: 'nonsense' }], 18, 'sn'],
  [['uidNumber', 'gidNumber', 'uidNumber', 'gidNumber', 'uidNumber', 'gidNumber'], 53],
];

/** No ordering rule, but an equality rule that says as much. */
const byEquality: readonly (readonly [keys: readonly Key[], order: string])[] = [
  [['sn'], 'bdafce'],
  [[{ attribute: 'sn', reverse: true }], 'ecfadb'],
  [['cn'], 'abcdef'],
  [[{ attribute: 'cn', reverse: true }], 'fedcba'],
  [['mail', { attribute: 'cn', reverse: true }], 'fedcba'],
  [['description', 'cn'], 'cbeadf'],
  [[{ attribute: 'sn', rule: '' }], 'bdafce'],
];

const rdn = (name: string): string => `cn=${name},ou=p,dc=test`;

function sortResult(code: number, attribute?: string): string {
  const key = attribute === undefined ? [] : [octets(attribute, 0x80)];
  return `1.2.840.113556.1.4.474 ${sequence(integer(code, 0x0a), ...key).toString('hex')}`;
}

const people: readonly (readonly [string, Record<string, string[]>])[] = [
  ['a', { sn: ['Smith'], uidNumber: ['10'], employeeNumber: ['7'] }],
  ['b', { sn: ['adams'], uidNumber: ['9'], description: ['b'] }],
  ['c', { sn: ['Zander'], uidNumber: ['100'], employeeNumber: ['07'], description: ['x', 'a'] }],
  ['d', { sn: ['Adamsson'], uidNumber: ['-5'] }],
  ['e', { sn: ['Österreich'], description: ['c'] }],
  ['f', { sn: ['young'] }],
];

const options = { scope: 'one', attributes: ['1.1'], inOrder: true } as const;

export const sorted: Setting = {
  config: `${head}${database(base, 'test', 'index objectClass eq\naccess to * by * read')}`,
  overlays: 'moduleload sssvlv\n',
  steps: [
    bind(root, rootPassword, { as: '#root' }),
    ...tree({
      [base]: domainEntry(),
      'ou=p,dc=test': unitEntry(),
      ...Object.fromEntries(
        people.map(([name, fields]) => [
          `cn=${name},ou=p,dc=test`,
          personEntry({
            objectClass: ['inetOrgPerson', 'posixAccount'],
            uid: [name],
            gidNumber: ['1'],
            homeDirectory: ['/'],
            uidNumber: ['1'],
            ...fields,
          }),
        ]),
      ),
    }),
    ...asAsker('#root', [
      ...sorts.map((keys) => search('ou=p,dc=test', all, { ...options, controls: [sortBy(keys)] })),
      ...sorts.slice(0, 3).map((keys) => search('ou=p,dc=test', all, { ...options, controls: [sortBy(keys, false)] })),
      search('ou=p,dc=test', all, {
        ...options,
        controls: [sortBy([by('sn', 'caseExactOrderingMatch')])],
        rather: {
          because: 'slapd gives the rule values that have lost their case',
          outcome: { order: ['d', 'a', 'c', 'b', 'f', 'e'].map(rdn) },
        },
      }),
      ...refused.map((keys) => search('ou=p,dc=test', all, { ...options, inOrder: false, controls: [sortBy(keys)] })),
      ...unsortable.map(([keys, code, attribute]) =>
        search('ou=p,dc=test', all, {
          ...options,
          inOrder: false,
          controls: [sortBy(keys, false)],
          rather: {
            because: 'slapd fails a search for a sort control that is not critical',
            outcome: {
              code: 0,
              entries: Object.fromEntries(people.map(([name]) => [rdn(name), {}])),
              controls: [sortResult(code, attribute)],
            },
          },
        }),
      ),
      ...byEquality.map(([keys, order]) =>
        search('ou=p,dc=test', all, {
          ...options,
          controls: [sortBy(keys, false)],
          rather: {
            because: 'slapd fails a search for a sort control that is not critical',
            outcome: {
              code: 0,
              entries: Object.fromEntries(people.map(([name]) => [rdn(name), {}])),
              controls: [sortResult(0)],
              order: [...order].map(rdn),
            },
          },
        }),
      ),
      search('ou=p,dc=test', '(cn=none)', { ...options, controls: [sortBy(byName)] }),
      search('ou=none,dc=test', all, { ...options, controls: [sortBy(byName)] }),
      search('ou=p,dc=test', all, { ...options, controls: [{ oid: '1.2.840.113556.1.4.473', critical: true }] }),
      search('ou=p,dc=test', all, {
        ...options,
        controls: [{ oid: '1.2.840.113556.1.4.473', critical: true, value: { hex: element(0x30).toString('hex') } }],
      }),
      search('ou=p,dc=test', all, { ...options, sizeLimit: 3, controls: [sortBy(byName)] }),
      search('', all, { attributes: ['1.1'], controls: [sortBy(byName)] }),
      search('cn=a,ou=p,dc=test', all, { attributes: ['1.1'], controls: [sortBy(byName)] }),
    ]),
    // On connections of their own: the overlay is slow to notice that a paged search is over, and then calls itself busy.
    ...[1, 2, 4, 6, 50].map((pageSize) =>
      search('ou=p,dc=test', all, { as: `#pages${pageSize}`, ...options, pageSize, controls: [sortBy(byName)] }),
    ),
    search('ou=p,dc=test', all, {
      as: '#reverse',
      ...options,
      pageSize: 4,
      controls: [sortBy([{ ...by('sn'), reverse: true }])],
    }),
  ],
};
