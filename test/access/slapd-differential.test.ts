/**
 * The same rules, subjects and entries put to slapd (by slapacl) and to the evaluator: the privileges on every value
 * must be the same. JAMM_ACCESS_CASES sets how many rule sets are tried, JAMM_ACCESS_SEED which.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { requirePrograms } from '../support/programs.js';
import { Random } from './random.js';
import { Slapacl, type SlapaclLine } from './slapacl.js';
import { account, allowed, description, entry, evaluator, hosting, schema, subject, suffix, tree } from './tree.js';
import { DN } from '../../src/dn/dn.js';

const caseCount = Number(process.env['JAMM_ACCESS_CASES'] ?? 25);
const seed = Number(process.env['JAMM_ACCESS_SEED'] ?? 1);
const questionsPerCase = 8;

const names = tree.map(([dn]) => dn);
const subjects = [undefined, ...names, `cn=nobody,${suffix}`];

const nameScopes = ['exact', 'base', 'one', 'sub', 'subtree', 'children'];

const nameRegexes = [
  '.*,jvd=([^,]+),o=hosting,dc=myhosting,dc=example',
  '^(.+,)?jvd=([^,]+),o=hosting,dc=myhosting,dc=example$',
  '^mail=([^@]+)@([^,]+),jvd=[^,]+,',
  '^cn=(a|p)[a-z]+,',
  '^[[:alpha:]]+=(.*),dc=example$',
  'JVD=[AB]\\\\.EXAMPLE',
  '^(mail|cn)=.{3}@?',
  'nothing here',
];

function what(random: Random): string {
  const parts: string[] = [];
  if (random.chance(0.8)) {
    parts.push(
      random.chance(0.5) ? `dn.${random.pick(nameScopes)}="${random.pick(names)}"` : `dn.regex="${random.pick(nameRegexes)}"`,
    );
  }
  if (random.chance(0.25)) {
    parts.push(
      `filter=${random.pick([
        '(objectClass=JammMailAccount)',
        '(&(accountActive=TRUE)(mail=a*))',
        '(!(cn=Ada))',
        '(|(cn=ada)(jvd=*))',
        '(nosuch=1)',
      ])}`,
    );
  }
  if (random.chance(0.5)) parts.push(attributes(random));
  return parts.length === 0 ? '*' : parts.join(' ');
}

function attributes(random: Random): string {
  return random.pick([
    'attrs=cn',
    'attrs=userPassword,mail',
    'attrs=entry',
    'attrs=children,entry',
    'attrs=@JammMailAccount',
    'attrs=!JammMailAccount',
    'attrs=@extensibleObject',
    'attrs=@top,cn',
    'attrs=name',
    'attrs=member,uniqueMember,roleOccupant',
    'attrs=cn val="ADA"',
    'attrs=cn val.exact="bob"',
    'attrs=cn val.regex="^a(.*)$"',
    'attrs=mail val.regex="^([^@]+)@([^@]+)$"',
    `attrs=member val.subtree="${hosting}"`,
    `attrs=roleOccupant val.children="${hosting}"`,
    `attrs=member val="${account('ada', 'a.example').toUpperCase()}"`,
    'attrs=objectClass val=top',
    'attrs=accountActive val=TRUE',
  ]);
}

function who(random: Random): string {
  return random.pick([
    '*',
    '*',
    'anonymous',
    'users',
    'users',
    'self',
    'self',
    'self.level{1}',
    'self.level{-1}',
    'self.level{2}',
    `dn.exact="${random.pick(names)}"`,
    `dn.${random.pick(nameScopes)}="${random.pick(names)}"`,
    `dn.level{2}="${hosting}"`,
    'dn.regex="^mail=[^,]+,jvd=$1,"',
    'dn.regex="^mail=[^@]+@${2},"',
    'dn.regex="^mail=a[^,]*,.*dc=example$$"',
    `dn.exact,expand="mail=ada@$1,jvd=$1,${hosting}"`,
    'dn.subtree,expand="$1"',
    'dn.children,expand="$1"',
    'dn.exact,expand="$0"',
    `dn.subtree,expand="jvd=\${1},${hosting}"`,
    `dn.exact,expand="mail=\${v1}@\${v2},jvd=\${v2},${hosting}"`,
    'dnattr=roleOccupant',
    'dnattr=member',
    'dnattr=owner',
    'realdnattr=member',
    `group="cn=admins,${suffix}"`,
    `group/groupOfUniqueNames/uniqueMember="cn=staff,${suffix}"`,
    `group/jammPostmaster/roleOccupant="cn=postmaster,jvd=b.example,${hosting}"`,
    `group/jammPostmaster/roleOccupant.expand="cn=postmaster,jvd=$1,${hosting}"`,
    `set="this/roleOccupant & user"`,
    `set="[cn=admins,${suffix}]/member & user"`,
    `set="user/-1 & this/-1"`,
    `set="this/-* & [${hosting}]"`,
    `set="this/owner/cn & [ada]"`,
    `set="(this/member | this/owner) & user"`,
    `set="[cn=staff,${suffix}]/owner* & user"`,
    `set="this/objectClass & [JammMailAccount]"`,
    `set="([mail=] + this/mail) & [mail=al@a.example]"`,
    `set.expand="[jvd=$1,${hosting}] & user/-1"`,
    'ssf=1',
    'ssf=128',
    'tls_ssf=71',
    'peername.ip=127.0.0.1',
    'peername.ip=127.0.0.0%255.0.0.0{40000}',
    'peername.regex="^IP=127"',
    'sockurl="ldap://127.0.0.1:389/"',
    'users ssf=1',
    'self peername.ip=10.0.0.1',
  ]);
}

function grant(random: Random): string {
  return random.pick([
    ...['none', 'disclose', 'auth', 'compare', 'search', 'read', 'write', 'add', 'delete', 'manage'],
    ...['=r', '=wrs', '=cd', '=0', '+r', '+w', '+az', '+0', '-r', '-x', '-sc', '=m', '+m', '-m'],
    ...['selfwrite', 'selfread', 'self+az', 'self-r'],
    '',
  ]);
}

const controls = ['', '', '', 'stop', 'continue', 'break'];

function rule(random: Random): string {
  const clauses = Array.from({ length: random.between(1, 4) }, () =>
    ['by', who(random), grant(random), random.pick(controls)].filter((word) => word !== '').join(' '),
  );
  return `access to ${what(random)} ${clauses.join(' ')}`;
}

/** Ends with a rule that decides: of what no rule decides slapacl shows the privileges gathered, which do not hold. */
function ruleSet(random: Random): string {
  const rules = Array.from({ length: random.between(1, 4) }, () => rule(random));
  const some = random.pick(['anonymous', 'users', 'self']);
  const rest = random.pick(['none', '+r', 'search']);
  return [...rules, `access to * by ${some} read by * ${rest}`].join('\n');
}

const noUserModification = /[az]/g;

function ours(rules: string, dn: string, who: string | undefined, lines: readonly SlapaclLine[], more: object): SlapaclLine[] {
  const asked = evaluator(rules, subject(who, more));
  const about = entry(dn);
  return lines.map(({ target, value }) => {
    const given = value === '****' ? tree.find(([name]) => name === dn)![1]['userPassword']![0] : value;
    return { target, value, privileges: allowed(asked, about, target, given) };
  });
}

/** Attributes that the import adds are not in the tests' records; rules see the same of them all the same. */
function comparable(lines: readonly SlapaclLine[]): SlapaclLine[] {
  return lines.map((line) => {
    const isAttribute = line.target !== 'entry' && line.target !== 'children';
    const isServers = isAttribute && description(line.target).type.noUserModification;
    return isServers ? { ...line, privileges: line.privileges.replace(noUserModification, '') } : line;
  });
}

const missing = requirePrograms('slapacl', 'slapadd');

describe.skipIf(missing !== undefined)('access rules decide as slapd does', () => {
  let slapacl: Slapacl;

  beforeAll(async () => {
    slapacl = await Slapacl.prepare();
  });

  afterAll(async () => {
    await slapacl.remove();
  });

  for (let index = 0; index < caseCount; index++) {
    const random = new Random(seed * 100_003 + index);
    const rules = ruleSet(random);
    it(`rule set ${seed}/${index}`, async () => {
      for (let question = 0; question < questionsPerCase; question++) {
        const dn = random.pick(names);
        const who = random.pick(subjects);
        const strength = random.pick([0, 0, 71, 256]);
        const connection = {
          peername: 'IP=127.0.0.1:40000',
          sockurl: 'ldap://127.0.0.1:389/',
          ssf: String(strength),
          tls_ssf: String(strength),
        };
        const theirs = await slapacl.ask(rules, dn, who, connection);
        expect(theirs, `slapd accepts\n${rules}`).toBeDefined();
        expect(theirs!.length).toBeGreaterThan(3);
        const mine = ours(rules, dn, who, theirs!, { ssf: strength, tlsSsf: strength });
        expect(comparable(mine), `${who ?? 'anonymous'} on ${dn} under\n${rules}`).toEqual(comparable(theirs!));
      }
    });
  }

  it('asks about names that are all in the tree', () => {
    expect(names.every((name) => DN.parse(name, schema).normalized === entry(name).ndn)).toBe(true);
  });
});
