/** What the store keeps in memory says the same as the database, whatever is written, and stays within its budget. */
import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AttributeDictionary } from '../../src/entry/dictionary.js';
import { EntryRecord } from '../../src/entry/record.js';
import { MemoryBudget } from '../../src/store/memory/budget.js';
import { RecordMemory } from '../../src/store/memory/record-memory.js';
import { absent, ask, TermTable } from '../../src/store/memory/term-table.js';
import type { Store } from '../../src/store/store.js';
import { attribute, draft, ndn, openStore, schema, temporaryFolder } from './fixture.js';

function record(id: number, text: string): EntryRecord {
  const dictionary = new AttributeDictionary(schema);
  return EntryRecord.encode(
    draft(`cn=${id}`, { cn: String(id), description: text }),
    { id, parentId: 1, flags: 0 },
    dictionary,
    () => 1,
  );
}

describe('a table of terms', () => {
  it('knows what it was told, says "ask" where two keys share a hash, and knows nothing else', () => {
    const table = new TermTable();
    const keys = 300_000;
    const texts = Array.from({ length: keys }, (_, n) => createHash('md5').update(String(n)).digest('base64'));
    texts.forEach((text, n) => table.note(text, n + 1));
    let asks = 0;
    for (let n = 0; n < keys; n++) {
      const found = table.find(texts[n]!);
      if (found === ask) asks++;
      else if (found !== n + 1) expect(found).toBe(n + 1);
    }
    // Some ten pairs of 300,000 keys share 32 bits.
    expect(asks).toBeGreaterThan(0);
    expect(asks).toBeLessThan(200);
    expect(table.asks * 2).toBeGreaterThanOrEqual(asks);
    let strangers = 0;
    for (let n = 1; n <= 10_000; n++) if (table.find(`other ${n}`) !== absent) strangers++;
    expect(strangers).toBeLessThan(20);
    expect(table.bytes / keys).toBeLessThan(24);
  });

  it('does not trust a key that was written to again', () => {
    const table = new TermTable();
    table.note('a', 1);
    table.note('a', 2);
    table.note('b', 3);
    table.note('b', absent);
    table.note('c', absent);
    table.note('d', ask);
    expect(['a', 'b', 'c', 'd'].map((key) => table.find(key))).toEqual([ask, ask, absent, ask]);
  });
});

describe('records in memory', () => {
  it('are what was put there last, or not there', () => {
    const step = fc.record({
      op: fc.constantFrom('get', 'get', 'set', 'offer', 'delete'),
      id: fc.integer({ min: 1, max: 60 }),
      size: fc.nat(3_000),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 300 }), (steps) => {
        const budget = new MemoryBudget(128 << 10);
        const memory = new RecordMemory(budget, new AttributeDictionary(schema));
        const model = new Map<number, EntryRecord>();
        for (const { op, id, size } of steps) {
          if (op === 'delete') {
            memory.delete(id);
            model.delete(id);
          } else if (op === 'set' || (op === 'offer' && !model.has(id))) {
            const made = record(id, 'x'.repeat(size + 1));
            model.set(id, made);
            if (op === 'set') memory.set(id, made);
            else memory.offer(id, made);
          }
          const found = memory.get(id);
          if (found) expect(found.buffer.equals(model.get(id)!.buffer)).toBe(true);
          expect(budget.used).toBeLessThanOrEqual((128 << 10) + (20 << 10));
          expect(memory.bytes).toBe(budget.used);
        }
        memory.clear();
        expect([budget.used, memory.count]).toEqual([0, 0]);
      }),
    );
  });

  it('stay what they were for whoever holds one, when their memory is given up', () => {
    const memory = new RecordMemory(new MemoryBudget(64 << 10), new AttributeDictionary(schema));
    memory.set(1, record(1, 'held'));
    const held = memory.get(1)!;
    const bytes = Buffer.from(held.buffer);
    for (let id = 2; id <= 500; id++) memory.set(id, record(id, 'y'.repeat(500)));
    expect(memory.has(1)).toBe(false);
    expect(held.buffer.equals(bytes)).toBe(true);
  });

  it('that are large for a block stay as well, within the budget', () => {
    const budget = new MemoryBudget(32 << 20);
    const memory = new RecordMemory(budget, new AttributeDictionary(schema));
    const group = record(1, 'member '.repeat(100_000));
    memory.set(1, group);
    expect(memory.get(1)?.buffer.equals(group.buffer)).toBe(true);
    for (let id = 2; id <= 40; id++) {
      memory.set(id, record(id, 'other '.repeat(100_000)));
      expect(memory.get(1)?.id).toBe(1);
      expect(memory.bytes).toBe(budget.used);
      expect(budget.used).toBeLessThanOrEqual(5 << 20);
    }
    memory.set(1, record(1, 'small now'));
    expect(memory.get(1)?.buffer.length).toBeLessThan(1_000);
    memory.delete(1);
    expect(memory.get(1)).toBeUndefined();
    memory.clear();
    expect(budget.used).toBe(0);
  });

  it('that are asked for stay when others come and go', () => {
    const memory = new RecordMemory(new MemoryBudget(256 << 10), new AttributeDictionary(schema));
    memory.set(1, record(1, 'popular'));
    for (let id = 2; id <= 5_000; id++) {
      memory.set(id, record(id, 'y'.repeat(200)));
      expect(memory.get(1)?.id).toBe(1);
    }
  });
});

interface Known {
  readonly dn: string;
  readonly mail: string;
}

/** What the store answers about a name and an address. */
function answers(store: Store, name: string, address: string): unknown {
  const key = store.indexes.equality(attribute('mail'), address)!;
  const ids = store.fewCandidates({ op: 'posting', key }) ?? [];
  const holders = ids.filter((id) =>
    store
      .entry(id)
      ?.values(attribute('mail'))
      .some((value) => String(value) === address),
  );
  return { id: store.idOf(ndn(name)), dn: store.entryByNdn(ndn(name))?.dn, holders };
}

it('reads beside writes, renames and deletions are those of a store that keeps nothing', async () => {
  const names = Array.from({ length: 40 }, (_, n) => `cn=${n},dc=example`);
  const addresses = Array.from({ length: 30 }, (_, n) => `m${n}@example`);
  const budget = new MemoryBudget(96 << 10);
  const store = await openStore({ memory: budget, fillMemory: true });
  const suffix = await store.write((tx) => tx.insert(draft('dc=example', { dc: 'example' }), 0, 0).id);
  const known = new Map<number, Known>();
  let state = 20_261_130;
  const random = (bound: number): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * bound);
  };
  const free = (): string | undefined => {
    const name = names[random(names.length)]!;
    return [...known.values()].some(({ dn }) => dn === name) ? undefined : name;
  };
  const content = (dn: string, mail: string) =>
    draft(dn, { cn: dn.slice(3, dn.indexOf(',')), mail, description: 'z'.repeat(random(900) + 1) });
  const expected = (name: string, address: string): unknown => {
    const own = [...known].find(([, { dn }]) => dn === name);
    const holders = [...known].filter(([, { mail }]) => mail === address).map(([id]) => id);
    return { id: own?.[0], dn: own?.[1].dn, holders: holders.sort((a, b) => a - b) };
  };
  for (let round = 0; round < 1_500; round++) {
    const mail = addresses[random(addresses.length)]!;
    const ids = [...known.keys()];
    const id = ids[random(ids.length)];
    const kind = random(5);
    const name = free();
    if (kind <= 1 && name !== undefined) {
      const made = await store.write((tx) => tx.insert(content(name, mail), suffix, 0).id);
      known.set(made, { dn: name, mail });
    } else if (kind === 2 && id !== undefined) {
      const { dn } = known.get(id)!;
      await store.write((tx) => tx.replace(tx.entry(id)!, content(dn, mail), 0));
      known.set(id, { dn, mail });
    } else if (kind === 3 && id !== undefined && name !== undefined) {
      await store.write((tx) => tx.relocate(tx.entry(id)!, content(name, mail), suffix, 0));
      known.set(id, { dn: name, mail });
    } else if (kind === 4 && id !== undefined) {
      await store.write((tx) => tx.remove(tx.entry(id)!));
      known.delete(id);
    }
    // Anew now and then, while writes go on: what is read in the background must not undo what was written since.
    if (round % 100 === 50) void store.reindex({ scope: 'indexes' });
    for (let look = 0; look < 5; look++) {
      const [some, address] = [names[random(names.length)]!, addresses[random(addresses.length)]!];
      const indexed = store.indexes.equality(attribute('mail'), address) !== undefined;
      if (indexed) expect(answers(store, some, address)).toEqual(expected(some, address));
    }
    expect(budget.used).toBeLessThanOrEqual(budget.bytesMax + (64 << 10));
  }
});

it('what is written while it is filled counts, and not what was read before', async () => {
  const location = await temporaryFolder();
  const entries = 6_000;
  const first = await openStore({ location });
  await first.bulkLoad((load) => {
    const suffix = load.insert(draft('dc=example'), 0, 0);
    for (let n = 2; n <= entries; n++)
      load.insert(draft(`cn=${n},dc=example`, { cn: String(n), mail: `m${n}@example` }), suffix, 0);
    return Promise.resolve();
  });
  await first.close();
  const store = await openStore({ location, fillMemory: true });
  const mail = new Map(Array.from({ length: entries - 1 }, (_, at) => [at + 2, `m${at + 2}@example`]));
  let whileFilling = 0;
  // From the end, which is read last.
  for (let id = entries; id > 2 && store.statistics.memory.records < entries / 2; id -= 3) {
    if (!store.statistics.memory.termsComplete) whileFilling++;
    const changed = draft(`cn=${id},dc=example`, { cn: String(id), mail: `new${id}@example` });
    await Promise.all([
      store.write((tx) => tx.replace(tx.entry(id)!, changed, 0)),
      store.write((tx) => tx.remove(tx.entry(id - 1)!)),
    ]);
    mail.set(id, `new${id}@example`);
    mail.delete(id - 1);
  }
  expect(whileFilling).toBeGreaterThan(3);
  await expect.poll(() => store.statistics.memory.records).toBe(mail.size + 1);
  for (let id = 2; id <= entries; id++) {
    const expected = mail.get(id);
    expect(store.idOf(ndn(`cn=${id},dc=example`))).toBe(expected === undefined ? undefined : id);
    expect(store.entry(id)?.values(attribute('mail')).map(String)).toEqual(expected === undefined ? undefined : [expected]);
    for (const address of [`m${id}@example`, `new${id}@example`]) {
      const ids = store.fewCandidates({ op: 'posting', key: store.indexes.equality(attribute('mail'), address)! });
      expect(ids).toEqual(expected === address ? [id] : []);
    }
  }
});

it.each([false, true])(
  'reads everything as it was when it began, whatever is written meanwhile (in memory: %s)',
  async (fillMemory) => {
    const store = await openStore({ fillMemory });
    await store.bulkLoad((load) => {
      const suffix = load.insert(draft('dc=example'), 0, 0);
      for (let n = 2; n <= 2_000; n++)
        load.insert(draft(`cn=${n},dc=example`, { cn: String(n), mail: 'before@example' }), suffix, 0);
      return Promise.resolve();
    });
    if (fillMemory) await expect.poll(() => store.statistics.memory.records).toBe(2_000);
    await store.write((tx) => tx.remove(tx.entry(7)!));
    const { misses } = store.statistics.recordCache;
    const seen: number[] = [];
    let chunks = 0;
    for await (const chunk of store.scan({ fromId: 5 })) {
      for (const entry of chunk) {
        seen.push(entry.id);
        expect(entry.values(attribute('mail')).map(String)).toEqual(['before@example']);
      }
      if (++chunks !== 2) continue;
      await store.write((tx) => {
        tx.replace(tx.entry(1_500)!, draft('cn=1500,dc=example', { cn: '1500', mail: 'after@example' }), 0);
        tx.remove(tx.entry(1_600)!);
        tx.insert(draft('cn=new,dc=example', { cn: 'new', mail: 'after@example' }), 1, 0);
      });
    }
    expect(seen).toEqual(Array.from({ length: 1_996 }, (_, at) => at + 5).filter((id) => id !== 7));
    // Neither way counts as use.
    expect(store.statistics.recordCache.misses - misses).toBeLessThan(10);
  },
);

it('is filled in the background: what was never asked for is there without being read', async () => {
  const store = await openStore({ fillMemory: true });
  await store.bulkLoad((load) => {
    const suffix = load.insert(draft('dc=example'), 0, 0);
    for (let n = 0; n < 3_000; n++) load.insert(draft(`cn=${n},dc=example`, { cn: String(n), mail: `m${n}@example` }), suffix, 0);
    return Promise.resolve();
  });
  await expect.poll(() => store.statistics.memory).toMatchObject({ termsComplete: true, records: 3_001 });
  const { hits, misses } = store.statistics.recordCache;
  for (let n = 0; n < 3_000; n++) expect(store.entryByNdn(`cn=${n},dc=example`)?.dn).toBe(`cn=${n},dc=example`);
  expect(store.statistics.recordCache.misses).toBe(misses);
  expect(store.statistics.recordCache.hits).toBeGreaterThanOrEqual(hits + 3_000);
});
