/** Candidates are found by a plan that weighs costs: whatever it chooses, no entry that qualifies may be missing. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Candidates } from '../../src/store/model.js';
import { attribute, draft, index, openStore } from './fixture.js';

const entries = 8_000;

/** Which entries a term lists: sparse and dense ones, runs, alternations, none, nearly all. */
const membership: Record<string, (n: number) => boolean> = {
  rare: (n) => n % 997 === 0,
  hundredth: (n) => n % 100 === 55,
  tenth: (n) => n % 10 === 5,
  even: (n) => n % 2 === 0,
  odd: (n) => n % 2 === 1,
  early: (n) => n < 700,
  middle: (n) => n >= 3_000 && n < 4_100,
  late: (n) => n >= 7_990,
  most: (n) => n % 50 !== 0,
  none: () => false,
};
const names = Object.keys(membership);

type Asked = string | { readonly op: 'and' | 'or'; readonly terms: readonly Asked[] };

const { asked } = fc.letrec<{ asked: Asked }>((tie) => ({
  asked: fc.oneof(
    { depthSize: 'small' },
    fc.constantFrom(...names),
    fc.record({
      op: fc.constantFrom('and' as const, 'and' as const, 'or' as const),
      terms: fc.array(tie('asked'), { minLength: 1, maxLength: 4 }),
    }),
  ),
}));

function qualifies(wanted: Asked, n: number): boolean {
  if (typeof wanted === 'string') return membership[wanted]!(n);
  return wanted.op === 'and' ? wanted.terms.every((term) => qualifies(term, n)) : wanted.terms.some((term) => qualifies(term, n));
}

it('have every entry that qualifies, whatever the plan', { timeout: 60_000 }, async () => {
  const store = await openStore({ indexes: [index('cn', 'eq')] });
  await store.bulkLoad(async (load) => {
    const suffix = load.insert(draft('dc=example'), 0, 0);
    for (let n = 0; n < entries; n++) {
      const cn = [String(n), ...names.filter((name) => membership[name]!(n))];
      load.insert(draft(`cn=${n},dc=example`, { cn }), suffix, 0);
      if (load.full) await load.drain();
    }
  });
  const firstId = store.idOf('cn=0,dc=example')!;
  const candidatesOf = (wanted: Asked): Candidates =>
    typeof wanted === 'string'
      ? { op: 'posting', key: store.indexes.equality(attribute('cn'), wanted)! }
      : { op: wanted.op, terms: wanted.terms.map(candidatesOf) };
  await fc.assert(
    fc.asyncProperty(asked, async (wanted) => {
      const candidates = candidatesOf(wanted);
      const found = store.fewCandidates(candidates) ?? (await store.candidateIds(candidates));
      if (!found) return;
      const ids = new Set(found);
      expect([...ids]).toEqual([...found].sort((a, b) => a - b));
      for (let n = 0; n < entries; n++) if (qualifies(wanted, n)) expect(ids.has(firstId + n)).toBe(true);
    }),
    { numRuns: 300 },
  );
});

it('are narrowed down to those on both of two lists where one lies close together', async () => {
  const store = await openStore({ indexes: [index('cn', 'eq')] });
  await store.bulkLoad((load) => {
    const suffix = load.insert(draft('dc=example'), 0, 0);
    for (let n = 0; n < 3_000; n++) {
      const cn = [String(n), ...['middle', 'tenth'].filter((name) => membership[name]!(n + 2_000))];
      load.insert(draft(`cn=${n},dc=example`, { cn }), suffix, 0);
    }
    return Promise.resolve();
  });
  const key = (name: string): Candidates => ({ op: 'posting', key: store.indexes.equality(attribute('cn'), name)! });
  const found = await store.candidateIds({ op: 'and', terms: [key('tenth'), key('middle')] });
  expect(found).toHaveLength(110);
});
