/** `sizelimit`, `timelimit` and `limits` in their forms: exact numbers of entries, and codes 3, 4 and 11. */
import type { Step } from '../contestant.js';
import { bind, by, search } from '../directed/steps.js';
import { database, domainEntry, head, personEntry, root, rootPassword, tree, unitEntry, type Setting } from './setting.js';

const base = 'dc=test';
const many = 'ou=many,dc=test';
const all = '(objectClass=*)';
const numbers = Array.from({ length: 20 }, (_, index) => `e${index + 1}`);
const names = [
  'exact',
  'child',
  'regex',
  'member',
  'hard',
  'unchecked',
  'prsize',
  'prtotal',
  'prhard',
  'prdisabled',
  'noestimate',
  'unlimited',
  'other',
  'soft',
];
const who = (name: string): string => `cn=${name},ou=people,dc=test`;

const asked = (name: string): Step[] => {
  const as = `#${name}` as const;
  const wide = { as, scope: 'sub', attributes: ['1.1'] } as const;
  return [
    ...(name === 'anonymous' ? [] : [bind(who(name), 'pw', { as })]),
    // Which of them come is up to the order of the store: only how many.
    ...[0, 3, 6, 9, 15, 100, 2_147_483_647].map((sizeLimit) => search(many, all, { ...wide, sizeLimit, counted: true })),
    search(many, '(cn=e7)', { ...wide, sizeLimit: 100 }),
    search(many, '(cn=e7)', { ...wide }),
    search(many, '(sn=x)', { ...wide }),
    search(many, all, { ...wide, scope: 'one', counted: true }),
    search(many, all, { ...wide, scope: 'base', sizeLimit: 100 }),
    ...[0, 5, 100].map((timeLimit) => search(many, '(cn=e7)', { ...wide, timeLimit })),
    ...[1, 4, 7, 30].map((pageSize) => search(many, all, { ...wide, pageSize, counted: true })),
    search(many, all, { ...wide, pageSize: 4, sizeLimit: 6, counted: true }),
    ...[4, 7].map((size) => search(many, all, { ...wide, page: { size, critical: false }, counted: true })),
    search(many, all, { ...wide, pageSize: 4, sizeLimit: 100, counted: true }),
  ];
};

export const limits: Setting = {
  config: `${head}${database(
    base,
    'test',
    `
index objectClass,cn eq
access to * by * read
sizelimit size.soft=5 size.hard=10
timelimit time.soft=10 time.hard=20
limits anonymous size=2
limits dn.exact="${who('exact')}" size.soft=3 size.hard=7 time=5
limits dn.regex="^cn=regex,.*$" size=unlimited time=unlimited
limits group/groupOfNames/member="cn=group,dc=test" size.soft=4
limits dn.exact="${who('hard')}" size.hard=15 time.hard=200
limits dn.exact="${who('soft')}" size.soft=8 size.hard=soft
limits dn.exact="${who('unchecked')}" size.unchecked=6 size.soft=unlimited
limits dn.exact="${who('prsize')}" size.pr=4 size=unlimited
limits dn.exact="${who('prtotal')}" size.prtotal=9 size=unlimited
limits dn.exact="${who('prhard')}" size.soft=3 size.hard=8 size.prtotal=hard
limits dn.exact="${who('prdisabled')}" size.prtotal=disabled size=unlimited
limits dn.exact="${who('noestimate')}" size.pr=noEstimate size=unlimited
limits dn.exact="${who('unlimited')}" size=unlimited size.prtotal=unlimited
limits dn.onelevel="ou=children,ou=people,dc=test" size=6
limits users size=4 time.soft=4 time.hard=8
`,
  )}`,
  steps: [
    bind(root, rootPassword, { as: '#root' }),
    ...tree({
      [base]: domainEntry(),
      'ou=people,dc=test': unitEntry(),
      'ou=children,ou=people,dc=test': unitEntry(),
      ...Object.fromEntries(
        names.filter((name) => name !== 'child').map((name) => [who(name), personEntry({ userPassword: ['pw'] })]),
      ),
      'cn=child,ou=children,ou=people,dc=test': personEntry({ userPassword: ['pw'] }),
      'cn=group,dc=test': { objectClass: ['groupOfNames'], member: [who('member')] },
      [many]: unitEntry(),
      ...Object.fromEntries(numbers.map((name) => [`cn=${name},${many}`, personEntry()])),
    }),
    ...asked('anonymous'),
    ...names.filter((name) => name !== 'child').flatMap(asked),
    ...by('#child', [
      bind('cn=child,ou=children,ou=people,dc=test', 'pw'),
      search(many, all, { scope: 'sub', attributes: ['1.1'], counted: true }),
    ]),
    search(many, all, { as: '#root', scope: 'sub', attributes: ['1.1'], sizeLimit: 3, counted: true }),
    search(many, all, { as: '#root', scope: 'sub', attributes: ['1.1'] }),
    search('', all, { as: '#anonymous', sizeLimit: 1 }),
    search('cn=Subschema', all, { as: '#anonymous', sizeLimit: 100, attributes: ['cn'] }),
  ],
};
