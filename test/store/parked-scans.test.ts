/** Going on with a scan where a page ended must show what a new scan shows, whoever wrote meanwhile. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { EntryRecord } from '../../src/entry/record.js';
import type { Store } from '../../src/store/store.js';
import { draft, openStore } from './fixture.js';

const entries = 1_500;

async function filled(): Promise<Store> {
  const store = await openStore();
  await store.bulkLoad((load) => {
    load.insert(draft('dc=example', { objectClass: 'domain', dc: 'example' }), 0, 0);
    for (let n = 1; n < entries; n++) load.insert(draft(`cn=p${n},dc=example`, { cn: `p${n}`, description: 'old' }), 1, 0);
    return Promise.resolve();
  });
  return store;
}

/** The first `count` entries, and the scan is left there, as the end of a page leaves it. */
async function firstOf(scan: AsyncIterable<EntryRecord[]>, count: number): Promise<string[]> {
  const found: string[] = [];
  for await (const chunk of scan) {
    for (const record of chunk) {
      if (found.length === count) return found;
      found.push(`${record.id} ${record.buffer.toString('base64')}`);
    }
  }
  return found;
}

const idOf = (found: string): number => Number.parseInt(found, 10);

const step = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      op: fc.constant('page' as const),
      reader: fc.nat(2),
      size: fc.constantFrom(1, 7, 399, 400, 401, 700),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      op: fc.constantFrom('add' as const, 'change' as const, 'delete' as const),
      n: fc.integer({ min: 1, max: entries - 1 }),
    }),
  },
);

it('shows each reader what is there when its page begins', async () => {
  const store = await filled();
  let added = 0;
  const property = fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
    const after = [0, 0, 0];
    for (const taken of steps) {
      if (taken.op === 'page') {
        const fromId = after[taken.reader]! + 1;
        const page = await firstOf(store.scanPage(fromId, taken.size), taken.size);
        expect(page).toEqual(await firstOf(store.scan({ fromId }), taken.size));
        after[taken.reader] = page.length < taken.size ? 0 : idOf(page.at(-1)!);
        continue;
      }
      await store.write((tx) => {
        const record = tx.entry(taken.n + 1);
        if (taken.op === 'add') tx.insert(draft(`cn=added${++added},dc=example`, { cn: `added${added}` }), 1, 0);
        else if (record && taken.op === 'delete') tx.remove(record);
        else if (record) tx.replace(record, draft(record.dn, { cn: `p${taken.n}`, description: `new ${taken.n}` }), 0);
      });
    }
  });
  await fc.assert(property, { numRuns: 60 });
});

it('shows what is there also where it had time to read ahead', async () => {
  const store = await filled();
  const turns = async (count: number): Promise<void> => {
    for (let turn = 0; turn < count; turn++) await new Promise((resolve) => setImmediate(resolve));
  };
  for (let round = 0; round < 8; round++) {
    let fromId = 1;
    for (let page = 0; fromId < entries; page++) {
      const found = await firstOf(store.scanPage(fromId, 300), 300);
      expect(found).toEqual(await firstOf(store.scan({ fromId }), 300));
      fromId = idOf(found.at(-1)!) + 1;
      await turns(round);
      if (page !== round % 4) continue;
      await store.write((tx) => {
        const record = tx.entry(fromId + 10);
        if (record) tx.replace(record, draft(record.dn, { cn: `p${record.id - 1}`, description: `round ${round}` }), 0);
      });
    }
  }
});

it('lets go of scans that nobody goes on with when there are many, and when the store is closed', async () => {
  const store = await filled();
  for (let fromId = 1; fromId < 40; fromId++) {
    expect(await firstOf(store.scanPage(fromId, 500), 500)).toHaveLength(500);
  }
  await store.close();
  expect(() => store.entry(1_400)).toThrow(/not open/);
});
