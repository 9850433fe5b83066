import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { IdSet } from '../../src/store/index/id-set.js';
import { containerIsCanonical, intersectContainers } from '../../src/store/index/posting.js';

/** Sparse, in runs, and close enough together for two sets to meet. */
const ids = fc
  .oneof(
    fc.array(fc.nat(2_000), { maxLength: 400 }),
    fc.array(fc.integer({ min: 0xfffffe00, max: 0xfffffffe }), { maxLength: 60 }),
    fc.tuple(fc.nat(1_500), fc.nat(700)).map(([from, length]) => Array.from({ length }, (_, index) => from + index)),
  )
  .map((list) => [...new Set(list)].sort((a, b) => a - b));

const both = (a: readonly number[], b: readonly number[]): number[] => a.filter((id) => b.includes(id));

describe('a set of ids by container', () => {
  it('has the ids that it was made of', () => {
    fc.assert(
      fc.property(ids, (list) => {
        const set = IdSet.of(list);
        expect(set.ids).toEqual(list);
        expect(set.size).toBe(list.length);
        expect(set.containerCount).toBe(new Set(list.map((id) => id >>> 8)).size);
      }),
    );
  });

  it('shares with another one the ids that both have, and no empty container', () => {
    fc.assert(
      fc.property(ids, ids, (a, b) => {
        const shared = IdSet.of(a).intersectWith(IdSet.of(b));
        const expected = both(a, b);
        expect(shared.ids).toEqual(expected);
        expect(shared.size).toBe(expected.length);
        expect(shared.containerCount).toBe(new Set(expected.map((id) => id >>> 8)).size);
      }),
      { numRuns: 300 },
    );
  });

  it('asks for no container of another set that it does not have itself', () => {
    const asked: number[] = [];
    const shared = IdSet.of([5, 700, 701, 90_000]).intersect((number) => {
      asked.push(number);
      return number === 2 ? Buffer.from([700 & 0xff]) : undefined;
    });
    expect(asked).toEqual([0, 2, 351]);
    expect(shared.ids).toEqual([700]);
  });

  it('keeps containers in the one form that their ids have, and leaves alone what it was given', () => {
    const lows = fc.uniqueArray(fc.nat(255), { minLength: 1, maxLength: 256 }).map((list) => list.sort((a, b) => a - b));
    fc.assert(
      fc.property(lows, lows, (a, b) => {
        const [first, second] = [containerOf(a), containerOf(b)];
        const before = [Buffer.from(first), Buffer.from(second)];
        const shared = intersectContainers(first, second);
        expect([first, second]).toEqual(before);
        expect(shared.length === 0 || containerIsCanonical(shared)).toBe(true);
      }),
      { numRuns: 300 },
    );
  });
});

/** Of low bytes: a list of them, or a bitmap where there are many. */
function containerOf(list: readonly number[]): Buffer {
  if (list.length < 32) return Buffer.from(list);
  const bitmap = Buffer.alloc(32);
  for (const low of list) bitmap[low >>> 3]! |= 1 << (low & 7);
  return bitmap;
}
