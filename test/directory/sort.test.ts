/** What a sorted search keeps, and that it is what a full sort would have begun with. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Sorter, SortOverflow, SortPlan, type SortPosition } from '../../src/directory/controls/sort.js';
import { defaultSchema } from '../../src/schema/default.js';

const plan = new SortPlan(
  {
    type: 'serverSideSort',
    critical: true,
    keys: [
      { attribute: 'uidNumber', orderingRule: undefined, reverse: false },
      { attribute: 'cn', orderingRule: 'caseIgnoreOrderingMatch', reverse: true },
    ],
  },
  defaultSchema(),
);

const key = (characters: readonly string[]): fc.Arbitrary<string | undefined> =>
  fc.option(fc.constantFrom(...characters), { nil: undefined });
const found = fc
  .array(fc.tuple(key(['1', '2', '10']), key(['a', 'b', 'c'])), { maxLength: 300 })
  .map((keys) => keys.map((pair, index): SortPosition => ({ keys: pair, part: 0, id: index + 1 })));

describe('a sorter', () => {
  it('keeps the first ones of all, page after page, without repeating or losing any', () => {
    fc.assert(
      fc.property(found, fc.integer({ min: 1, max: 40 }), (positions, size) => {
        const all = [...positions].sort((a, b) => plan.compare(a, b)).map(({ id }) => id);
        const paged: number[] = [];
        let last: SortPosition | undefined;
        for (;;) {
          const sorter = new Sorter(plan, size, last);
          for (const position of positions) sorter.add(position);
          const page = sorter.sorted();
          if (page.length === 0) break;
          paged.push(...page.map(({ id }) => id));
          last = page.at(-1);
        }
        expect(paged).toEqual(all);
      }),
      { numRuns: 60 },
    );
  });

  it('puts integers in their order, and entries without a key last', () => {
    const sorter = new Sorter(plan, Infinity, undefined);
    const keys: (readonly (string | undefined)[])[] = [
      ['10', 'a'],
      [undefined, 'a'],
      ['2', 'a'],
      ['2', 'b'],
      ['2', undefined],
    ];
    keys.forEach((pair, index) => sorter.add({ keys: pair, part: 0, id: index + 1 }));
    expect(sorter.sorted().map(({ id }) => id)).toEqual([5, 4, 3, 1, 2]);
  });

  it('sorts in steps as at one go, and stops where it is told to', async () => {
    await fc.assert(
      fc.asyncProperty(found, fc.option(fc.integer({ min: 1, max: 40 }), { nil: Infinity }), async (positions, wanted) => {
        const filled = (): Sorter => {
          const sorter = new Sorter(plan, wanted, undefined);
          for (const position of positions) sorter.add(position);
          return sorter;
        };
        const expected = [...positions].sort((a, b) => plan.compare(a, b)).slice(0, wanted);
        expect(filled().sorted()).toEqual(expected);
        expect(await filled().sortedInSteps(() => true, 7)).toEqual(expected);
        if (expected.length > 0) expect(await filled().sortedInSteps(() => Promise.resolve(false))).toBeUndefined();
      }),
      { numRuns: 60 },
    );
  });

  it('takes no long step, however many there are', async () => {
    const sorter = new Sorter(plan, 40_000, undefined);
    let longest = 0;
    const timed = (work: () => void): void => {
      const since = process.cpuUsage();
      work();
      const { user } = process.cpuUsage(since);
      longest = Math.max(longest, user / 1_000);
    };
    for (let id = 1; id <= 90_000; id++) {
      const position = { keys: [String((id * 7_919) % 100_003), 'a'], part: 0, id };
      if (id % 40_000 < 200) timed(() => sorter.add(position));
      else sorter.add(position);
    }
    let since = process.cpuUsage();
    const sorted = await sorter.sortedInSteps(() => {
      longest = Math.max(longest, process.cpuUsage(since).user / 1_000);
      since = process.cpuUsage();
      return true;
    });
    expect(sorted).toHaveLength(40_000);
    expect(longest).toBeLessThan(40);
  });

  it('gives up rather than keep more than its share', () => {
    const all = new Sorter(plan, Infinity, undefined);
    expect(() => {
      for (let id = 1; id <= 100_001; id++) all.add({ keys: ['1', undefined], part: 0, id });
    }).toThrow(SortOverflow);
    const first = new Sorter(plan, 10, undefined);
    for (let id = 300_000; id > 0; id--) first.add({ keys: ['1', undefined], part: 0, id });
    expect(first.sorted().map(({ id }) => id)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  });
});
