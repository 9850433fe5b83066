/** slapd's overlay memberof: groups, members that follow, what refers to no entry, and several of them in one database. */
import { add, bind, by, compare, modify, read, remove, rename, search } from '../directed/steps.js';
import type { Step } from '../contestant.js';
import { domainEntry, personEntry, root, rootPassword, tree, unitEntry, withOverlays, type Setting } from './setting.js';

const base = 'dc=test';
const person = (name: string): string => `cn=${name},ou=p,dc=test`;
const group = (name: string): string => `cn=${name},ou=g,dc=test`;
const members = (...names: string[]): Record<string, readonly string[]> => ({ objectClass: ['groupOfNames'], member: names });
const lines = `index objectClass,memberOf eq
access to * by * write
`;

const people = ['a', 'b', 'c'];
const beginning: readonly Step[] = [
  bind(root, rootPassword, { as: '#root' }),
  ...tree({
    [base]: domainEntry(),
    'ou=p,dc=test': unitEntry(),
    'ou=g,dc=test': unitEntry(),
    ...Object.fromEntries(people.map((name) => [person(name), personEntry()])),
  }),
];
const look = (): Step[] =>
  by('#root', [
    search(base, '(memberOf=*)', { scope: 'sub', attributes: ['memberOf'] }),
    search(base, '(objectClass=groupOfNames)', { scope: 'sub', attributes: ['member'] }),
  ]);
const seen = (steps: readonly Step[]): Step[] => steps.flatMap((step) => [{ ...step, as: '#root' as const }, ...look()]);

const changes: readonly Step[] = [
  add(group('one'), members(person('a'), person('b'), person('ghost'))),
  add(group('two'), members(person('A'), group('one'))),
  add(group('self'), members(group('self'))),
  modify(group('self'), [['replace', 'member', group('self')]]),
  modify(group('one'), [['add', 'member', person('c')]]),
  modify(group('one'), [['add', 'member', person('c')]]),
  modify(group('one'), [['delete', 'member', person('a')]]),
  modify(group('one'), [['replace', 'member', person('a'), person('ghost')]]),
  add(person('ghost'), personEntry()),
  modify(group('one'), [['replace', 'member', person('a'), person('ghost')]]),
  modify(group('one'), [
    ['delete', 'member', person('a')],
    ['add', 'member', person('b')],
    ['add', 'description', 'x'],
  ]),
  modify(group('two'), [['delete', 'member']]),
  rename(group('one'), 'cn=uno'),
  rename(person('b'), 'cn=b2'),
  rename(person('b2'), 'cn=b', { newSuperior: base }),
  rename(group('uno'), 'cn=one', { newSuperior: base }),
  modify(person('c'), [['add', 'memberOf', group('two')]]),
  remove(person('a')),
  remove(person('ghost')),
  remove('cn=one,dc=test'),
  add(group('three'), members(person('c'))),
  modify(group('three'), [
    ['replace', 'objectClass', 'organizationalRole'],
    ['delete', 'member'],
  ]),
  add('cn=x,ou=g,dc=test', { objectClass: ['groupOfUniqueNames'], uniqueMember: [person('c')] }),
];

const searches: readonly Step[] = by('#root', [
  add(group('four'), members(person('c'), group('two'))),
  search(base, `(memberOf=${group('four').toUpperCase()})`, { scope: 'sub', attributes: ['1.1'] }),
  search(base, '(!(memberOf=*))', { scope: 'sub', attributes: ['1.1'] }),
  search(base, '(cn=c)', { scope: 'sub', attributes: ['*'] }),
  search(base, '(cn=c)', { scope: 'sub', attributes: ['memberOf', 'modifiersName'] }),
  compare(person('c'), 'memberOf', group('four')),
  compare(person('c'), 'memberOf', group('five')),
  compare(person('b'), 'memberOf', group('four')),
]);

export const memberof: Setting = {
  config: withOverlays(['memberof'], `${lines}overlay memberof\n`),
  steps: [...beginning, ...seen(changes), ...searches],
};

export const memberofRefint: Setting = {
  config: withOverlays(['memberof'], `${lines}overlay memberof\nmemberof-refint TRUE\nmemberof-dn cn=keeper,dc=test\n`),
  steps: [...beginning, ...seen(changes), ...searches],
};

const dangling: readonly Step[] = [
  add(group('one'), members(person('a'), person('ghost'))),
  add(group('one'), members(person('a'))),
  add(group('two'), members(person('ghost'))),
  add(group('own'), members(group('own'))),
  modify(group('one'), [['add', 'member', person('ghost')]]),
  modify(group('one'), [['add', 'member', person('ghost'), person('b')]]),
  modify(group('one'), [['replace', 'member', person('ghost')]]),
  modify(group('one'), [['replace', 'member', person('ghost'), person('c')]]),
  modify(group('one'), [['delete', 'member', person('ghost')]]),
  modify(group('one'), [['add', 'description', 'x']]),
  modify(group('one'), [['add', 'member', 'cn=elsewhere,dc=other']]),
];

export const memberofDrop: Setting = {
  config: withOverlays(['memberof'], `${lines}overlay memberof\nmemberof-dangling drop\n`),
  steps: [...beginning, ...seen(dangling)],
};

export const memberofError: Setting = {
  config: withOverlays(['memberof'], `${lines}overlay memberof\nmemberof-dangling error\nmemberof-dangling-error noSuchObject\n`),
  steps: [...beginning, ...seen(dangling)],
};

/** Groups of two kinds, the second with its members in another attribute. */
export const memberofTwice: Setting = {
  config: withOverlays(
    ['memberof'],
    `${lines}overlay memberof
memberof-group-oc groupOfUniqueNames
memberof-member-ad uniqueMember
memberof-memberof-ad seeAlso
memberof-refint on
overlay memberof
memberof-dangling error
`,
  ),
  steps: [
    ...beginning,
    ...by(
      '#root',
      [
        add(group('u'), { objectClass: ['groupOfUniqueNames'], uniqueMember: [person('a'), person('b'), person('ghost')] }),
        add(group('n'), members(person('a'), person('c'))),
        modify(group('n'), [['add', 'member', person('ghost')]]),
        rename(person('a'), 'cn=a2'),
        rename(group('u'), 'cn=u2'),
        rename(group('n'), 'cn=n2'),
        remove(person('b')),
        modify(group('u2'), [['replace', 'uniqueMember', person('c')]]),
        remove(group('u2')),
        remove(group('n2')),
      ].flatMap((step) => [
        step,
        search(base, '(|(memberOf=*)(seeAlso=*))', { scope: 'sub', attributes: ['memberOf', 'seeAlso'] }),
        search(base, '(|(member=*)(uniqueMember=*))', { scope: 'sub', attributes: ['member', 'uniqueMember'] }),
      ]),
    ),
    read(person('c'), ['+', '*'], { as: '#root' }),
  ],
};
