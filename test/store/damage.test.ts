/** What a disk may do to a database: every kind is found, named, and the rest still served. */
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { ClassicLevel } from 'classic-level';
import { RecordDamagedError } from '../../src/entry/record.js';
import { childrenKey, containerKey, countersKey, nameKey, recordKey } from '../../src/store/level/keys.js';
import { StoreDamagedError } from '../../src/store/errors.js';
import type { Store } from '../../src/store/store.js';
import { moveLogsToTables } from '../support/database-files.js';
import { attribute, collect, draft, openStore, snapshotEntries, temporaryFolder } from './fixture.js';
import { withLevel } from './level.js';

type Level = ClassicLevel<string, Buffer>;

/** dc=example (1) with accounts (2 to 301), reopened after `damage`. */
async function damaged(damage: (level: Level) => Promise<void>): Promise<Store> {
  const location = await temporaryFolder();
  const store = await openStore({ location });
  await store.bulkLoad((load) => {
    const suffix = load.insert(draft('dc=example'), 0, 0);
    for (let n = 0; n < 300; n++) {
      const mail = `u${n}@d.example`;
      load.insert(draft(`mail=${mail},dc=example`, { objectClass: 'JammMailAccount', mail }), suffix, 0);
    }
    return Promise.resolve();
  });
  await store.close();
  await withLevel(location, damage);
  return openStore({ location });
}

async function problems(store: Store): Promise<string[]> {
  const found: string[] = [];
  const report = await store.verify(({ message }) => found.push(message));
  expect(report.problems).toBe(found.length);
  return found;
}

async function flip(level: Level, key: string, position: number): Promise<void> {
  const bytes = Buffer.from((await level.get(key))!);
  bytes[position]! ^= 0x10;
  await level.put(key, bytes);
}

describe('a record with a flipped bit', () => {
  const open = (): Promise<Store> => damaged((level) => flip(level, recordKey(7), 50));

  it('is never answered, and everything else is', async () => {
    const store = await open();
    expect(() => store.entry(7)).toThrow(RecordDamagedError);
    expect(store.entry(8)?.dn).toBe('mail=u6@d.example,dc=example');
    const told: number[] = [];
    const onDamaged = (id: number): void => void told.push(id);
    expect(await collect(store.scan({ onDamaged }))).toHaveLength(300);
    expect(await collect(store.walk(1, { onDamaged }))).toHaveLength(300);
    expect(await snapshotEntries(store, { onDamaged })).toHaveLength(300);
    expect(told).toEqual([7, 7, 7]);
  });

  it('is found by a check', async () => {
    expect((await problems(await open()))[0]).toMatch(/^entry 7: .*checksum/);
  });

  it('is found wherever the bit is', async () => {
    const lengths: number[] = [];
    const store = await damaged(async (level) => void lengths.push((await level.get(recordKey(7)))!.length));
    const { folder } = store;
    await store.close();
    for (let position = 0; position < lengths[0]!; position += 5) {
      await withLevel(folder, (level) => flip(level, recordKey(7), position));
      const opened = await openStore({ location: folder });
      expect(() => opened.entry(7)).toThrow(RecordDamagedError);
      await opened.close();
      await withLevel(folder, (level) => flip(level, recordKey(7), position));
    }
  });
});

describe('a damaged table file', () => {
  it('costs what lies in the damaged block, and no more', async () => {
    const location = await temporaryFolder();
    const store = await openStore({ location });
    const names: string[] = [];
    await store.bulkLoad((load) => {
      const suffix = load.insert(draft('dc=example'), 0, 0);
      for (let n = 0; n < 3_000; n++) {
        names.push(`mail=u${n}@d.example,dc=example`);
        load.insert(draft(names[n]!, { mail: `u${n}@d.example`, description: randomText(n) }), suffix, 0);
      }
      return Promise.resolve();
    });
    await store.close();
    await moveLogsToTables(location);
    const tables = (await readdir(location)).filter((name) => name.endsWith('.ldb'));
    for (const table of tables) {
      const bytes = await readFile(join(location, table));
      if (bytes.length < 100_000) continue;
      for (let part = 1; part < 8; part++) {
        const start = Math.floor((bytes.length * part) / 8);
        bytes.fill(0xff, start, start + 100);
      }
      await writeFile(join(location, table), bytes);
    }
    const opened = await openStore({ location });
    const lost = new Set<number>();
    const scanned = await collect(opened.scan({ onDamaged: (id) => lost.add(id) }));
    expect(scanned.length).toBeGreaterThan(1_500);
    for (const record of scanned) expect(record.buffer.equals(opened.entry(record.id)!.buffer)).toBe(true);
    expect(lost.size).toBeGreaterThan(0);
    let answered = 0;
    for (const name of names) {
      try {
        if (opened.entryByNdn(name)?.ndn === name) answered++;
      } catch (error) {
        if (!(error instanceof RecordDamagedError) && !(error instanceof StoreDamagedError)) throw error;
      }
    }
    expect(answered).toBeGreaterThan(1_000);
    const found = await problems(opened);
    expect(found.length).toBeGreaterThan(0);
    expect(found.join('\n')).toMatch(/entry \d+: /);
  });

  /** Text that does not compress, so that the records fill many blocks. */
  function randomText(seed: number): string {
    let text = '';
    for (let n = 0, state = seed + 1; n < 40; n++) {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      text += state.toString(36);
    }
    return text;
  }
});

describe('a check', () => {
  it('finds nothing wrong with a whole database', async () => {
    expect(await problems(await damaged(() => Promise.resolve()))).toEqual([]);
  });

  it("finds a record in another's place", async () => {
    const store = await damaged(async (level) => level.put(recordKey(7), (await level.get(recordKey(8)))!));
    expect(() => store.entry(7)).toThrow(RecordDamagedError);
    expect(await problems(store)).toContainEqual('entry 7: the record of entry 7 belongs to entry 8');
  });

  it('finds a missing name and one that leads nowhere', async () => {
    const store = await damaged(async (level) => {
      await level.del(nameKey('mail=u6@d.example,dc=example'));
      await level.put(nameKey('ou=gone,dc=example'), Buffer.from([99, 9, 0, 0]));
    });
    const found = await problems(store);
    expect(found).toContainEqual('entry 8 is named mail=u6@d.example,dc=example, but that name leads to no entry');
    expect(found).toContainEqual('the name ou=gone,dc=example leads to entry 2403, which does not exist');
    expect(found).toHaveLength(2);
  });

  it('finds an entry without a parent, and the counters that are wrong by it', async () => {
    const store = await damaged((level) => level.del(recordKey(1)));
    const found = await problems(store);
    expect(found).toContainEqual('entry 2 (mail=u0@d.example,dc=example) lies below entry 1, which does not exist');
    expect(found).toContainEqual('the stored number of entries is 301; there are 300');
  });

  it('finds wrong counters', async () => {
    const store = await damaged((level) => level.put(countersKey(1), Buffer.from([1, 0, 0, 0, 2, 0, 0, 0])));
    expect(await problems(store)).toEqual(['entry 1 is recorded with 1 children and 2 entries below; it has 300 and 300']);
  });

  it('finds a posting that is missing and one that is too many, and names the term', async () => {
    const key = (store: Store, mail: string): string => store.indexes.equality(attribute('mail'), mail)!;
    const plain = await openStore();
    const [six, seven] = [key(plain, 'u6@d.example'), key(plain, 'u7@d.example')];
    const store = await damaged(async (level) => {
      await level.del(six);
      await level.put(seven, Buffer.from([9, 0, 0, 0, 10, 0, 0, 0]));
    });
    expect(await problems(store)).toEqual([
      'index mail eq, term "u7@d.example": entry 10 is listed but should not be',
      'index mail eq, term "u6@d.example": entry 8 is missing',
    ]);
  });

  it('finds a container that is missing, changed or of no list', async () => {
    const store = await damaged(async (level) => {
      const list = (await level.get(childrenKey(1)))!.readUInt32LE(1);
      await level.del(containerKey(list, 1));
      await level.put(containerKey(99_999, 0), Buffer.from([1]));
    });
    const found = await problems(store);
    expect(found).toContainEqual('posting list 99999 has containers but no head');
    expect(found).toContainEqual('children of entry 1: entry 300 is missing');
    expect(found.some((message) => message.startsWith('children of entry 1: the head says 2 containers'))).toBe(true);
    expect(await store.candidateIds({ op: 'posting', key: store.childrenOf(1) })).toBeUndefined();
    expect(await collect(store.walk(1))).toHaveLength(301);
  });

  it('finds nothing any more after everything was made again', async () => {
    const store = await damaged(async (level) => {
      await level.del(nameKey('mail=u6@d.example,dc=example'));
      await level.del(countersKey(1));
      await level.clear({ gte: 'c', lt: 'd' });
      await level.put(containerKey(99_999, 0), Buffer.from([1]));
    });
    expect((await problems(store)).length).toBeGreaterThan(3);
    await store.reindex({ scope: 'everything' });
    expect(await problems(store)).toEqual([]);
    expect(store.entryByNdn('mail=u6@d.example,dc=example')?.id).toBe(8);
  });
});
