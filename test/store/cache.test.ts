import fc from 'fast-check';
import { expect, it } from 'vitest';
import { GenerationCache } from '../../src/store/cache.js';
import { MemoryBudget } from '../../src/store/memory/budget.js';
import { collect, draft, openStore } from './fixture.js';

it('never takes more bytes than it may', () => {
  const cache = new GenerationCache<number, string>(1_000, (value) => value.length);
  for (let key = 0; key < 10_000; key++) {
    cache.set(key, 'x'.repeat((key * 7) % 90));
    expect(cache.bytes).toBeLessThanOrEqual(1_000 + 90);
  }
});

it('keeps what is used and forgets what is not', () => {
  const cache = new GenerationCache<number, string>(1_000, () => 10);
  cache.set(-1, 'used');
  for (let key = 0; key < 1_000; key++) {
    cache.set(key, 'other');
    expect(cache.get(-1)).toBe('used');
  }
  expect(cache.get(0)).toBeUndefined();
});

it('counts a replaced or deleted value once', () => {
  const cache = new GenerationCache<string, string>(1_000, (value) => value.length);
  cache.set('a', 'x'.repeat(100));
  cache.set('a', 'x'.repeat(50));
  expect(cache.bytes).toBe(50);
  cache.delete('a');
  cache.delete('a');
  expect(cache.bytes).toBe(0);
  expect(cache.get('a')).toBeUndefined();
});

it('answers with the last value that was set, or nothing', () => {
  const steps = fc.array(fc.record({ op: fc.constantFrom('get', 'get', 'set', 'set', 'delete', 'huge'), key: fc.nat(12) }), {
    maxLength: 400,
  });
  fc.assert(
    fc.property(steps, (list) => {
      const cache = new GenerationCache<number, string>(100, (value) => value.length);
      const model = new Map<number, string>();
      for (const [index, { op, key }] of list.entries()) {
        const value = `${op} ${index}`;
        if (op === 'set') {
          cache.set(key, value);
          model.set(key, value);
        } else if (op !== 'get') {
          if (op === 'huge') cache.set(key, 'x'.repeat(51));
          else cache.delete(key);
          model.delete(key);
        }
        const found = cache.get(key);
        if (found !== undefined) expect(found).toBe(model.get(key));
        expect(cache.bytes).toBeGreaterThanOrEqual(0);
        expect(cache.bytes).toBeLessThanOrEqual(100 + 10);
      }
      for (const key of Array.from({ length: 13 }, (_, number) => number)) cache.delete(key);
      expect(cache.bytes).toBe(0);
    }),
  );
});

it('does not take in a value that would push out everything else', () => {
  const cache = new GenerationCache<string, string>(1_000, (value) => value.length);
  cache.set('small', 'x');
  cache.set('huge', 'x'.repeat(600));
  expect(cache.get('huge')).toBeUndefined();
  expect(cache.get('small')).toBe('x');
});

it('bounds the records that a store keeps at hand, and a scan does not fill it', async () => {
  const store = await openStore({ memory: new MemoryBudget(64 * 1024) });
  await store.bulkLoad((load) => {
    const suffix = load.insert(draft('dc=example'), 0, 0);
    for (let n = 0; n < 2_000; n++) load.insert(draft(`ou=${n},dc=example`, { ou: String(n) }), suffix, 0);
    return Promise.resolve();
  });
  expect(await collect(store.scan())).toHaveLength(2_001);
  expect(store.statistics.recordCache.bytes).toBeLessThan(2_000);
  for (let id = 1; id <= 2_000; id++) expect(store.entry(id)?.id).toBe(id);
  expect(store.statistics.recordCache.bytes).toBeLessThanOrEqual(64 * 1024);
  expect(store.statistics.recordCache.bytes).toBeGreaterThan(32 * 1024);
});
