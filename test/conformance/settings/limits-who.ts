/** `limits`: every way to say who (slapd.conf(5)), the first that fits holding, each with a number of entries of its own. */
import { bind, search } from '../directed/steps.js';
import type { Asker, Step } from '../contestant.js';
import { database, domainEntry, head, personEntry, root, rootPassword, tree, unitEntry, type Setting } from './setting.js';

const base = 'dc=test';
const people = 'ou=people,dc=test';
const many = 'ou=many,dc=test';
const few = 'ou=few,ou=many,dc=test';
const who = (name: string, below = people): string => `cn=${name},${below}`;

/** By who asks: the name that binds. */
const askers: Readonly<Record<string, string>> = {
  exact: who('exact'),
  base: who('base'),
  bare: who('bare'),
  one: who('one', 'ou=one,ou=people,dc=test'),
  deeper: who('deeper', 'cn=one,ou=one,ou=people,dc=test'),
  subtree: 'ou=subtree,ou=people,dc=test',
  within: who('within', 'ou=subtree,ou=people,dc=test'),
  children: 'ou=children,ou=people,dc=test',
  child: who('child', 'ou=children,ou=people,dc=test'),
  regex: who('regex42'),
  self: who('self'),
  named: who('named'),
  unique: who('unique'),
  member: who('member'),
  both: who('both'),
  nobodyInParticular: who('rest'),
};

const searches = (name: string): Step[] => {
  const as: Asker = `#${name}`;
  const dn = askers[name];
  const wide = { as, scope: 'sub', attributes: ['1.1'], counted: true } as const;
  return [
    ...(dn === undefined ? [] : [bind(dn, 'pw', { as })]),
    search(many, '(objectClass=*)', wide),
    search(many, '(objectClass=*)', { ...wide, sizeLimit: 25 }),
    search(few, '(objectClass=*)', wide),
    search('ou=this,dc=test', '(objectClass=*)', wide),
    search(many, '(objectClass=*)', { ...wide, scope: 'one' }),
    search(many, '(cn=e1*)', wide),
    search('', '(objectClass=*)', { as, attributes: ['1.1'] }),
  ];
};

const withPassword = { userPassword: ['pw'] };

export const limitsWho: Setting = {
  config: `${head}${database(
    base,
    'test',
    `
index objectClass,cn eq
access to attrs=userPassword by anonymous auth
access to * by * read
sizelimit 19
limits dn.this.exact="ou=this,dc=test" size=1
limits dn.this.children="${many}" size=2
limits anonymous size=3
limits dn.exact="${who('exact')}" size=4
limits dn.base="${who('base')}" size=5
limits dn="${who('bare')}" size=6
limits dn.one="ou=one,ou=people,dc=test" size=7
limits dn.sub="ou=subtree,ou=people,dc=test" size=8
limits dn.children="ou=children,ou=people,dc=test" size=9
limits dn.regex="^cn=regex[0-9]+,ou=people,dc=test$" size=10
limits dn.self.exact="${who('self')}" size=11
limits group="cn=names,dc=test" size=12
limits group/groupOfUniqueNames/uniqueMember="cn=uniques,dc=test" size=13
limits group/organizationalRole/roleOccupant="cn=role,dc=test" size=14
limits dn.exact="${who('both')}" size=15
limits users size=16
limits * size=17
`,
  )}`,
  steps: [
    bind(root, rootPassword, { as: '#root' }),
    ...tree({
      [base]: domainEntry(),
      [people]: unitEntry(),
      'ou=one,ou=people,dc=test': unitEntry(),
      'ou=subtree,ou=people,dc=test': unitEntry(withPassword),
      'ou=children,ou=people,dc=test': unitEntry(withPassword),
      ...Object.fromEntries(
        Object.values(askers)
          .filter((dn) => dn.startsWith('cn='))
          .map((dn) => [dn, personEntry(withPassword)]),
      ),
      'cn=names,dc=test': { objectClass: ['groupOfNames'], member: [who('named'), who('both')] },
      'cn=uniques,dc=test': { objectClass: ['groupOfUniqueNames'], uniqueMember: [who('unique')] },
      'cn=role,dc=test': { objectClass: ['organizationalRole'], roleOccupant: [who('member')] },
      'ou=this,dc=test': unitEntry(),
      'cn=a,ou=this,dc=test': personEntry(),
      [many]: unitEntry(),
      [few]: unitEntry(),
      ...Object.fromEntries(Array.from({ length: 5 }, (_, index) => [`cn=f${index},${few}`, personEntry()])),
      ...Object.fromEntries(Array.from({ length: 22 }, (_, index) => [`cn=e${index},${many}`, personEntry()])),
    }),
    ...searches('anonymous'),
    ...Object.keys(askers).flatMap(searches),
    search(many, '(objectClass=*)', { as: '#root', scope: 'sub', attributes: ['1.1'], counted: true }),
  ],
};
