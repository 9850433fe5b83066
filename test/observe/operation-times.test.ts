import fc from 'fast-check';
import { expect, it } from 'vitest';
import { durationBounds, OperationTimes } from '../../src/server/operation-times.js';

it('counts each operation under its code and in the buckets that hold it', () => {
  const operation = fc.record({ code: fc.nat({ max: 200 }), milliseconds: fc.double({ min: 0, max: 60_000, noNaN: true }) });
  fc.assert(
    fc.property(fc.array(operation), (operations) => {
      const times = new OperationTimes();
      for (const { code, milliseconds } of operations) times.record(code, milliseconds);
      const counts = times.cumulativeCounts;
      durationBounds.forEach((bound, index) => {
        expect(counts[index]).toBe(operations.filter(({ milliseconds }) => milliseconds <= bound * 1_000).length);
      });
      expect(counts).toHaveLength(durationBounds.length + 1);
      expect(counts.at(-1)).toBe(operations.length);
      expect(times.totalMs).toBeCloseTo(
        operations.reduce((sum, { milliseconds }) => sum + milliseconds, 0),
        3,
      );
      expect(times.results.reduce((sum, [, count]) => sum + count, 0)).toBe(operations.length);
      for (const [code, count] of times.results) {
        expect(count).toBe(operations.filter((one) => (one.code < 127 ? one.code : undefined) === code).length);
      }
    }),
  );
});

it('holds no more figures whatever codes there are', () => {
  const times = new OperationTimes();
  for (let code = 0; code < 10_000; code++) times.record(code, 1);
  times.recordAbandoned(2);
  expect(times.results).toHaveLength(128);
  expect(times.results.at(-1)).toEqual([undefined, 10_000 - 127]);
  expect(times.abandoned).toBe(1);
  expect(times.cumulativeCounts.at(-1)).toBe(10_001);
});
