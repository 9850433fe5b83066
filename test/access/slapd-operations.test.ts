/**
 * The same random rules put to a slapd and a jammd that run, one database for each rule set, and asked through searches,
 * compares and modifies: every answer must be the same. Where slapd-differential.test.ts asks which privileges a value has,
 * this asks what operations make of them. JAMM_ACCESS_DATABASES sets how many rule sets are tried, JAMM_ACCESS_SEED which.
 */
import { beforeAll, describe, expect, it } from 'vitest';
import { Contestant, describeStep, type Step } from '../conformance/contestant.js';
import { add, bind, by, compare, modify, search } from '../conformance/directed/steps.js';
import type { Outcome } from '../conformance/outcome.js';
import { database, head, root, rootPassword } from '../conformance/settings/setting.js';
import { serverKinds, startServer } from '../support/reference-server.js';
import { Random } from './random.js';

/** slapd's threads have room for some 26 databases: in further ones it answers 80. */
const databaseCount = Number(process.env['JAMM_ACCESS_DATABASES'] ?? 24);
const seed = Number(process.env['JAMM_ACCESS_SEED'] ?? 1);

/** One rule set with the tree it is about. */
class Case {
  readonly suffix: string;
  readonly rules: readonly string[];
  readonly steps: readonly Step[];

  constructor(
    readonly number: number,
    private readonly random: Random,
  ) {
    this.suffix = number === 0 ? 'dc=test' : `dc=t${number}`;
    this.rules = this.#ruleSet();
    this.steps = this.#steps();
  }

  get config(): string {
    // All rules but the first are random: that one lets people in.
    return database(this.suffix, `data${this.number}`, this.rules.join('\n'));
  }

  name(relative: string): string {
    return `${relative},${this.suffix}`;
  }

  get #names(): string[] {
    return [this.suffix, ...['cn=a', 'cn=b', 'cn=c,cn=a', 'cn=g', 'ou=sub', 'cn=in,ou=sub'].map((name) => this.name(name))];
  }

  #ruleSet(): string[] {
    const { random } = this;
    const rules = Array.from({ length: random.between(1, 4) }, () => this.#rule());
    const rest = random.pick(['none', 'read', '+r', 'search', 'write']);
    const some = random.pick(['anonymous', 'users', 'self']);
    return ['access to attrs=userPassword by anonymous auth by * none', ...rules, `access to * by ${some} read by * ${rest}`];
  }

  #rule(): string {
    const { random } = this;
    const clauses = Array.from({ length: random.between(1, 3) }, () => {
      const control = random.pick(['', '', '', 'continue', 'break', 'break']);
      return ['by', this.#who(), this.#grant(), control].filter((word) => word !== '').join(' ');
    });
    return `access to ${this.#what()} ${clauses.join(' ')}`;
  }

  #what(): string {
    const { random } = this;
    const parts: string[] = [];
    if (random.chance(0.4)) {
      const scope = `dn.${random.pick(['base', 'one', 'subtree', 'children'])}="${random.pick(this.#names)}"`;
      parts.push(random.chance(0.8) ? scope : `dn.regex="^cn=([^,]+),${this.suffix}$$"`);
    }
    if (random.chance(0.25)) {
      parts.push(`filter=${random.pick(['(cn=public)', '(!(description=red))', '(objectClass=person)', '(|(ou=*)(member=*))'])}`);
    }
    if (random.chance(0.8)) parts.push(this.#attributes());
    return parts.length === 0 ? '*' : parts.join(' ');
  }

  #attributes(): string {
    return this.random.pick([
      'attrs=cn',
      'attrs=entry',
      'attrs=entry,cn',
      'attrs=@person',
      'attrs=description,sn',
      'attrs=cn val="Public"',
      'attrs=cn val="PUBLIC"',
      'attrs=cn val="Secret"',
      'attrs=cn val.regex="^[ps]"',
      'attrs=description val="red"',
      'attrs=description val.regex="e"',
      'attrs=name val="Public"',
      'attrs=objectClass val="person"',
      `attrs=member val="${this.name('cn=a')}"`,
      `attrs=member val.one="${this.suffix}"`,
      `attrs=member val.children="${this.suffix}"`,
      'attrs=member',
    ]);
  }

  #who(): string {
    const { random, suffix } = this;
    return random.pick([
      '*',
      '*',
      'anonymous',
      'users',
      'users',
      'self',
      'self.level{1}',
      `dn.exact="${this.name('cn=a')}"`,
      `dn.one="${suffix}"`,
      'dnattr=member',
      'dnattr=owner',
      `group="${this.name('cn=g')}"`,
      `set="this/member & user"`,
      `set="this/owner & user"`,
      `set="[${this.name('cn=g')}]/member & user"`,
      `set="user/cn & [public]"`,
      `set="this/-1 & user/-1"`,
      `dn.regex="^cn=a,${suffix}$$"`,
      'ssf=1',
      'users ssf=128',
      'peername.ip=127.0.0.1',
    ]);
  }

  #grant(): string {
    return this.random.pick([
      ...['none', 'disclose', 'auth', 'compare', 'search', 'read', 'read', 'write', 'add', 'delete'],
      ...['+r', '+rsc', '+w', '+a', '+z', '-r', '-s', '=rscx', 'selfwrite', 'selfread', 'self+a'],
    ]);
  }

  #tree(): Step[] {
    const person = (cn: string[], more: Record<string, string[]> = {}) => ({
      objectClass: ['person'],
      cn,
      sn: ['S'],
      userPassword: ['pw'],
      ...more,
    });
    const entries: [string, Record<string, string[]>][] = [
      [this.suffix, { objectClass: ['domain'] }],
      [this.name('cn=a'), person(['a', 'Public', 'Secret'], { description: ['red', 'green'] })],
      [this.name('cn=b'), person(['b', 'Secret'], { description: ['red'], seeAlso: [this.name('cn=a')] })],
      [this.name('cn=c,cn=a'), { objectClass: ['organizationalRole'], cn: ['c', 'Public'], description: ['blue'] }],
      [
        this.name('cn=g'),
        { objectClass: ['groupOfNames'], member: [this.name('cn=a'), this.name('cn=x,ou=sub')], owner: [this.name('cn=b')] },
      ],
      [this.name('ou=sub'), { objectClass: ['organizationalUnit'], description: ['green'] }],
      [this.name('cn=in,ou=sub'), person(['in', 'Public'])],
    ];
    return entries.map(([dn, attributes]) => add(dn, attributes, { as: '#root' }));
  }

  #steps(): Step[] {
    return [
      ...this.#tree(),
      ...this.#asked('#nobody', []),
      ...this.#asked('#a', [bind(this.name('cn=a'), 'pw')]),
      ...this.#asked('#b', [bind(this.name('cn=b'), 'pw')]),
      search(this.suffix, '(objectClass=*)', { scope: 'sub', as: '#root' }),
    ];
  }

  #asked(as: `#${string}`, login: Step[]): Step[] {
    const { suffix } = this;
    const a = this.name('cn=a');
    const group = this.name('cn=g');
    const own = as === '#b' ? this.name('cn=b') : a;
    const filters = [
      '(cn=public)',
      '(cn=secret)',
      '(cn=p*)',
      '(cn=*)',
      '(!(cn=public))',
      '(!(cn=secret))',
      '(name=public)',
      '(description=red)',
      '(&(objectClass=person)(!(description=red)))',
      `(member=${a})`,
      `(|(member=${own})(cn=a))`,
      '(:caseIgnoreMatch:=public)',
    ];
    const answer = this.random.pick(['add', 'delete'] as const);
    return by(as, [
      ...login,
      search(suffix, '(objectClass=*)', { scope: 'sub' }),
      search(suffix, '(objectClass=*)', { scope: 'sub', typesOnly: true }),
      ...filters.map((filter) => search(suffix, filter, { scope: 'sub', attributes: ['cn'] })),
      ...['Public', 'Secret', 'other'].map((value) => compare(a, 'cn', value)),
      compare(a, 'description', 'red'),
      compare(group, 'member', own),
      compare(group, 'member', this.name('cn=x,ou=sub')),
      modify(group, [['add', 'member', own]]),
      modify(group, [['delete', 'member', own]]),
      modify(a, [[answer, 'cn', 'Public']]),
      modify(a, [['add', 'cn', 'Other']]),
      modify(a, [['replace', 'description', 'red', 'blue']]),
      modify(a, [['replace', 'description', 'blue']]),
      modify(a, [['delete', 'description']]),
      modify(a, [['add', 'description', 'red', 'green']]),
    ]);
  }
}

const cases = Array.from({ length: databaseCount }, (_, number) => new Case(number, new Random(seed * 200_003 + number)));

describe.skipIf(serverKinds.length < 2)('operations under access rules end as in slapd', () => {
  const answers = new Map<string, Outcome[][]>();

  beforeAll(async () => {
    const config = `${head}${cases.map((one) => one.config).join('')}`;
    await Promise.all(
      serverKinds.map(async (kind) => {
        const server = await startServer(kind, { config });
        try {
          const all: Outcome[][] = [];
          // Connections are a case's own: nobody is bound who was so in the one before.
          for (const { steps } of cases) {
            const contestant = new Contestant(server.port);
            await contestant.answer(bind(root, rootPassword, { as: '#root' }));
            all.push(await contestant.answerAll(steps));
            contestant.close();
          }
          answers.set(kind, all);
        } finally {
          await server.stop();
        }
      }),
    );
  }, 120_000);

  it.each(cases.map((one) => [`${seed}/${one.number}`, one] as const))('rule set %s', (_, one) => {
    const theirs = answers.get('slapd')![one.number]!;
    const ours = answers.get('jammd')![one.number]!;
    expect(theirs).toHaveLength(one.steps.length);
    const differences = one.steps.flatMap((step, index) =>
      JSON.stringify(theirs[index]) === JSON.stringify(ours[index])
        ? []
        : [`${index} ${describeStep(step)}\n  slapd: ${JSON.stringify(theirs[index])}\n  jammd: ${JSON.stringify(ours[index])}`],
    );
    expect(differences.join('\n'), one.rules.join('\n')).toBe('');
  });
});
