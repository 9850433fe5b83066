/** The HOWTO's three rules as a matrix: who may do what to which entry. */
import { describe, expect, it } from 'vitest';
import { AccessPolicy } from '../../src/access/policy.js';
import type { EntryRecord } from '../../src/entry/record.js';
import { account, allowed, entry, evaluator, hosting, levels, record, rules, schema, subject, suffix, tree } from './tree.js';

const today = `
access to dn.regex=".*,jvd=([^,]+),o=hosting,dc=myhosting,dc=example" attrs=userPassword by self write
  by group/jammPostmaster/roleOccupant.expand="cn=postmaster,jvd=$1,o=hosting,dc=myhosting,dc=example" write
  by anonymous auth by * none
access to dn.regex=".*jvd=([^,]+),o=hosting,dc=myhosting,dc=example" by self write
  by group/jammPostmaster/roleOccupant.expand="cn=postmaster,jvd=$1,o=hosting,dc=myhosting,dc=example" write
  by * read
access to * by * read
`;

const printed = `
access to dn=".* ,jvd=([^,]+) ,o=hosting,dc=myhosting,dc=example" attr=userPassword by self write
  by group/jammPostmaster/roleOccupant="cn=postmaster,jvd=$1,o=hosting,dc=myhosting,dc=example" write
  by anonymous auth by * none
access to dn=".*jvd=([^^,]+) ,o=hosting,dc=myhosting,dc=example" by self write
  by group/jammPostmaster/roleOccupant="cn=postmaster,jvd=$1,o=hosting,dc=myhosting,dc=example" write
  by * read
access to * by * read
`;

const subjects = {
  anonymous: undefined,
  'the account itself': account('al', 'a.example'),
  'its postmaster': account('ada', 'a.example'),
  'a postmaster of another domain': account('bob', 'b.example'),
  'an account of another domain': account('ivy', 'inner.example'),
  'a name outside the tree': `cn=nobody,${suffix}`,
} as const;

type Level = keyof typeof levels;

const al = account('al', 'a.example');
const domain = `jvd=a.example,${hosting}`;

const matrix: readonly [target: string, dn: string, expected: Record<keyof typeof subjects, Level>][] = [
  [
    'userPassword',
    al,
    {
      anonymous: 'auth',
      'the account itself': 'write',
      'its postmaster': 'write',
      'a postmaster of another domain': 'none',
      'an account of another domain': 'none',
      'a name outside the tree': 'none',
    },
  ],
  ...['mail', 'cn', 'entry', 'children'].map((target): (typeof matrix)[number] => [
    target,
    al,
    {
      anonymous: 'read',
      'the account itself': 'write',
      'its postmaster': 'write',
      'a postmaster of another domain': 'read',
      'an account of another domain': 'read',
      'a name outside the tree': 'read',
    },
  ]),
  // The first rule needs something before the jvd: a password on the domain's own entry is readable.
  [
    'userPassword',
    domain,
    {
      anonymous: 'read',
      'the account itself': 'read',
      'its postmaster': 'write',
      'a postmaster of another domain': 'read',
      'an account of another domain': 'read',
      'a name outside the tree': 'read',
    },
  ],
  [
    'children',
    hosting,
    {
      anonymous: 'read',
      'the account itself': 'read',
      'its postmaster': 'read',
      'a postmaster of another domain': 'read',
      'an account of another domain': 'read',
      'a name outside the tree': 'read',
    },
  ],
];

describe.each([
  ["today's spelling", today],
  ['the printed one, blanks and all', printed],
])("the HOWTO's rules in %s", (_, text) => {
  for (const [target, dn, expected] of matrix) {
    for (const [name, who] of Object.entries(subjects)) {
      const level = expected[name as keyof typeof subjects];
      it(`${name}: ${level} on ${target} of ${dn.slice(0, 20)}`, () => {
        expect(allowed(evaluator(text, subject(who)), entry(dn), target)).toBe(levels[level]);
      });
    }
  }

  it('an entry in a domain within a domain belongs to the outer one', () => {
    const ivy = entry(`mail=ivy@inner.example,jvd=inner.example,jvd=b.example,${hosting}`);
    const bob = evaluator(text, subject(account('bob', 'b.example')));
    expect(allowed(bob, ivy, 'userPassword')).toBe(levels.write);
  });

  it('group membership is looked up anew by every evaluator', () => {
    const policy = new AccessPolicy(rules(text), schema);
    const postmaster = `cn=postmaster,jvd=a.example,${hosting}`;
    const before = entry(postmaster);
    const [, attributes] = tree.find(([dn]) => dn === postmaster)!;
    let group: EntryRecord | undefined = before;
    const changing = { entryByNdn: (ndn: string) => (ndn === before.ndn ? group : undefined) };
    const asker = subject(account('al', 'a.example'));
    const answer = (): string => allowed(policy.evaluator(asker, changing), entry(account('ada', 'a.example')), 'cn');
    expect(answer()).toBe(levels.read);
    group = record(postmaster, { ...attributes, roleOccupant: [account('al', 'a.example')] });
    expect(answer()).toBe(levels.write);
    group = undefined;
    expect(answer()).toBe(levels.read);
  });
});

describe('the printed spelling', () => {
  it('is accepted with a warning for each thing that is read as OpenLDAP 2.0 did', () => {
    const warnings: string[] = [];
    rules(printed, warnings);
    expect(warnings.filter((text) => text.includes('read as OpenLDAP 2.0 did'))).toHaveLength(2);
    expect(warnings.filter((text) => text.includes('$ expanded'))).toHaveLength(2);
    expect(warnings.filter((text) => text.includes('a space before ","'))).toHaveLength(2);
  });
});
