/** What is remembered of `set=` conditions: less work for many entries, and the same answers. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Privilege, type AccessEnvironment, type AccessEvaluator } from '../../src/access/model.js';
import { AccessPolicy } from '../../src/access/policy.js';
import {
  account,
  allowed,
  entry,
  environment,
  hosting,
  levels,
  record,
  records,
  rules,
  schema,
  subject,
  suffix,
} from './tree.js';

const ada = account('ada', 'a.example');

function evaluatorFor(set: string, from: AccessEnvironment, who: string | undefined = ada): AccessEvaluator {
  return new AccessPolicy(rules(`access to * by set="${set}" write by * none`), schema).evaluator(subject(who), from);
}

function counting(): AccessEnvironment & { lookups: number } {
  return {
    lookups: 0,
    entryByNdn(ndn) {
      this.lookups++;
      return environment.entryByNdn(ndn);
    },
  };
}

it.each([
  [`[cn=postmaster,jvd=a.example,${hosting}]/roleOccupant* & user`],
  [`[cn=admins,${suffix}]/member & user`],
  [`(this/-1/jvd + [x]) | ([cn=staff,${suffix}]/uniqueMember/-1 & user/-1)`],
])('%s is looked up once for all entries', (set) => {
  const first = counting();
  evaluatorFor(set, first).allows(records[0]!, 'entry', Privilege.read);
  const all = counting();
  const evaluator = evaluatorFor(set, all);
  for (let round = 0; round < 5; round++) {
    for (const one of records) evaluator.allows(one, 'entry', Privilege.read);
  }
  // Besides: entries that are in the set are compared with the directory's, and each parent is looked up once.
  expect(first.lookups).toBeGreaterThan(0);
  expect(all.lookups).toBeLessThanOrEqual(first.lookups + 6 * records.length);
});

const names = ['this', 'user', `[cn=admins,${suffix}]`, `[${ada}]`, `[cn=postmaster,jvd=a.example,${hosting}]`, '[x]'];
const steps = ['', '/member', '/member*', '/roleOccupant', '/roleOccupant*', '/-1', '/-*', '/entryDN', '/cn'];
const operand = fc
  .tuple(fc.constantFrom(...names), fc.array(fc.constantFrom(...steps), { maxLength: 2 }))
  .map(([name, path]) => name + path.join(''));
const set = fc
  .array(fc.tuple(operand, fc.constantFrom('&', '|', '+')), { minLength: 1, maxLength: 3 })
  .map((parts) => parts.map(([one, operator], at) => (at === 0 ? one : `${operator} (${one})`)).join(' '));

it('changes no answer', () => {
  fc.assert(
    fc.property(set, fc.constantFrom(ada, `cn=Manager,${suffix}`, undefined), (text, who) => {
      const remembering = evaluatorFor(text, environment, who);
      for (const one of [...records, ...records]) {
        const fresh = evaluatorFor(text, environment, who);
        expect(allowed(remembering, one, 'entry'), one.dn).toBe(allowed(fresh, one, 'entry'));
      }
    }),
    { numRuns: 200 },
  );
});

it('is not taken for an entry that the operation itself has changed', () => {
  const group = entry(`cn=admins,${suffix}`);
  const evaluator = evaluatorFor(`[cn=admins,${suffix}]/description & [changed]`, environment);
  expect(allowed(evaluator, entry(ada), 'entry')).toBe(levels.none);
  expect(allowed(evaluator, group, 'entry')).toBe(levels.none);
  const changed = record(group.dn, { objectClass: ['groupOfNames'], cn: ['admins'], description: ['changed'] });
  expect(allowed(evaluator, changed, 'entry')).toBe(levels.write);
  expect(allowed(evaluator, entry(ada), 'entry')).toBe(levels.none);
});
