/** Every control under every operation, critical and not, with a value that is right, one that is not and none. */
import { element, boolean, integer, octets, sequence } from '../../support/wire/ber.js';
import { encodeFilter } from '../../support/wire/filter.js';
import type { Bytes, WireControl } from '../../support/wire/operation.js';
import type { Step } from '../contestant.js';
import { add, bind, compare, extended, modify, passwordModify, read, remove, rename, whoAmI } from '../directed/steps.js';
import { database, domainEntry, head, personEntry, root, rootPassword, tree, unitEntry, type Setting } from './setting.js';

const base = 'dc=test';
const hex = (value: Buffer): Bytes => ({ hex: value.toString('hex') });

/** By name: the OID and the value that it should have. */
const controls: Readonly<Record<string, readonly [oid: string, value?: Bytes]>> = {
  manageDsaIT: ['2.16.840.1.113730.3.4.2'],
  pagedResults: ['1.2.840.113556.1.4.319', hex(sequence(integer(5), octets('')))],
  assertion: ['1.3.6.1.1.12', hex(encodeFilter('(objectClass=*)'))],
  preRead: ['1.3.6.1.1.13.1', hex(sequence(octets('cn')))],
  postRead: ['1.3.6.1.1.13.2', hex(sequence(octets('cn')))],
  matchedValues: ['1.2.826.0.1.3344810.2.3', hex(sequence(encodeFilter('(cn=*)')))],
  proxiedAuthorization: ['2.16.840.1.113730.3.4.18', `dn:${root}`],
  subentries: ['1.3.6.1.4.1.4203.1.10.1', hex(boolean(false))],
  relax: ['1.3.6.1.4.1.4203.666.5.12'],
  domainScope: ['1.2.840.113556.1.4.1339'],
  noOp: ['1.3.6.1.4.1.4203.666.5.2'],
  sessionTracking: [
    '1.3.6.1.4.1.21008.108.63.1',
    hex(sequence(octets('1.2.3.4'), octets('host'), octets('1.3.6.1.4.1.21008.108.63.1.3'), octets('user'))),
  ],
  treeDelete: ['1.2.840.113556.1.4.805'],
  permissiveModify: ['1.2.840.113556.1.4.1413'],
  searchOptions: ['1.2.840.113556.1.4.1340', hex(sequence(integer(1)))],
  dontUseCopy: ['1.3.6.1.1.22'],
  serverSideSort: ['1.2.840.113556.1.4.473', hex(sequence(sequence(octets('uidNumber'))))],
  virtualListView: [
    '2.16.840.1.113730.3.4.9',
    hex(sequence(integer(0), integer(0), element(0xa0, Buffer.concat([integer(1), integer(0)])))),
  ],
  passwordPolicy: ['1.3.6.1.4.1.42.2.27.8.5.1'],
  syncRequest: ['1.3.6.1.4.1.4203.1.9.1.1', hex(sequence(integer(1, 0x0a)))],
  persistentSearch: ['2.16.840.1.113730.3.4.3', 'x'],
  authorizationIdentity: ['2.16.840.1.113730.3.4.16'],
  unknown: ['1.2.3.4.5.6'],
  notAnOid: ['nonsense'],
};

const person = 'cn=p,dc=test';

const operations = (options: { controls: readonly WireControl[] }): Step[] => [
  read(person, ['cn'], options),
  compare(person, 'sn', 'S', options),
  modify(person, [['replace', 'description', 'x']], options),
  add('cn=new,dc=test', personEntry(), options),
  rename('cn=new,dc=test', 'cn=newer', options),
  remove('cn=newer,dc=test', options),
  whoAmI(options),
  passwordModify({ user: person, new: 'x' }, options),
  extended('1.3.6.1.1.8', hex(sequence(integer(999))), options),
  extended('1.2.3.4', undefined, options),
  bind(root, rootPassword, options),
];

/** What stays behind where an operation was refused is put away again, so that each control starts from the same tree. */
const tidied: readonly Step[] = [remove('cn=new,dc=test'), remove('cn=newer,dc=test')];

/** slapd lets its overlay sort, and its synchronisation provider synchronise, only where they are loaded. */
const elsewhere = new Set(['serverSideSort', 'virtualListView']);

/** Values that are none. Over some of them slapd ends the connection. */
const wrongValues: readonly (Bytes | undefined)[] = [undefined, '', 'junk', hex(sequence()), hex(integer(7))];

function withControls(name: string, critical: boolean): Step[] {
  const [oid, value] = controls[name]!;
  const steps = operations({ controls: [{ oid, critical, ...(value === undefined ? {} : { value }) }] });
  // slapd knows session tracking, and says 2 where it is critical, which it must not be; here it is not known at all.
  const told = name === 'sessionTracking' && critical ? steps.map((step) => ({ ...step, either: [12] })) : steps;
  return [...told, ...tidied];
}

function withWrongValues(name: string): Step[] {
  const [oid, right] = controls[name]!;
  return (
    wrongValues
      // Nothing at all as a value of domainScope is, to slapd, none.
      .filter((value) => value !== right && !(name === 'domainScope' && value === ''))
      .flatMap((value) =>
        [true, false].flatMap((critical) => {
          const options = { controls: [{ oid, critical, ...(value === undefined ? {} : { value }) }], either: [2] };
          return [
            bind(root, rootPassword),
            read(person, ['cn'], options),
            modify(person, [['replace', 'description', 'x']], options),
            compare(person, 'sn', 'S', options),
          ];
        }),
      )
  );
}

const usual = Object.keys(controls).filter((name) => !elsewhere.has(name));
const ours = [
  'manageDsaIT',
  'pagedResults',
  'assertion',
  'preRead',
  'postRead',
  'proxiedAuthorization',
  'subentries',
  'relax',
  'domainScope',
];

export const criticality: Setting = {
  config: `${head}authz-policy any\n${database(base, 'test', 'access to * by * read')}`,
  steps: [
    bind(root, rootPassword, { as: '#root' }),
    ...tree({ [base]: domainEntry(), 'ou=a,dc=test': unitEntry(), [person]: personEntry({ objectClass: ['inetOrgPerson'] }) }),
    ...usual
      .flatMap((name) => [...withControls(name, true), ...withControls(name, false)])
      .map((step) => ({ ...step, as: '#root' as const })),
    ...ours.flatMap(withWrongValues).map((step) => ({ ...step, as: '#root' as const })),
    // The same control twice, and several that have nothing to do with each other.
    ...ours.map((name) => {
      const [oid, value] = controls[name]!;
      const control = { oid, critical: true, ...(value === undefined ? {} : { value }) };
      return read(person, ['cn'], { as: '#root', controls: [control, control] });
    }),
  ],
};
