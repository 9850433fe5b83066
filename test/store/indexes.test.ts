/** A search never trusts an index that was not built. */
import { describe, expect, it } from 'vitest';
import type { IndexPolicy } from '../../src/ldap/index-policy.js';
import { StoreFormatError } from '../../src/store/errors.js';
import type { Store } from '../../src/store/store.js';
import { attribute, draft, index, openStore, reopenStore, temporaryFolder } from './fixture.js';

const mailOnly = [index('mail', 'eq')];
const both = [index('mail', 'eq'), index('cn', 'eq', 'sub')];

async function loaded(indexes: readonly IndexPolicy[], entries = 300): Promise<Store> {
  const store = await openStore({ location: await temporaryFolder(), indexes });
  await store.bulkLoad((load) => {
    const suffix = load.insert(draft('dc=example'), 0, 0);
    for (let n = 0; n < entries; n++) {
      load.insert(draft(`cn=name${n},dc=example`, { cn: `name${n}`, mail: `${n}@example` }), suffix, 0);
    }
    return Promise.resolve();
  });
  return store;
}

function find(store: Store, type: string, value: string): readonly number[] | undefined {
  const key = store.indexes.equality(attribute(type), value);
  return key === undefined ? undefined : store.fewCandidates({ op: 'posting', key });
}

async function problems(store: Store): Promise<string[]> {
  const found: string[] = [];
  await store.verify(({ message }) => found.push(message));
  return found;
}

describe('a changed index policy', () => {
  it('is made good when a small database is opened', async () => {
    const store = await reopenStore(await loaded(mailOnly), { indexes: both });
    expect(store.pendingIndexes).toEqual([]);
    expect(find(store, 'cn', 'name7')).toEqual([store.idOf('cn=name7,dc=example')]);
    expect(await problems(store)).toEqual([]);
  });

  it('is not used in a large one until it is built', async () => {
    let store = await reopenStore(await loaded(mailOnly), { indexes: both, autoIndexEntriesMax: 10 });
    expect(store.pendingIndexes).toEqual([
      { attribute: 'cn', kind: 'eq' },
      { attribute: 'cn', kind: 'sub' },
    ]);
    expect(find(store, 'cn', 'name7')).toBeUndefined();
    expect(find(store, 'mail', '7@example')).toHaveLength(1);
    const progress: number[] = [];
    await store.reindex({ onProgress: (done) => progress.push(done) });
    expect(progress.at(-1)).toBe(301);
    expect(find(store, 'cn', 'name7')).toHaveLength(1);
    expect(await problems(store)).toEqual([]);
    store = await reopenStore(store, { indexes: both, autoIndexEntriesMax: 10 });
    expect(store.pendingIndexes).toEqual([]);
  });

  it('makes a dropped index worthless, also when it is configured again', async () => {
    let store = await reopenStore(await loaded(both), { indexes: mailOnly });
    expect(find(store, 'cn', 'name7')).toBeUndefined();
    await store.write((tx) => {
      const old = tx.entryByNdn('cn=name7,dc=example')!;
      tx.replace(old, draft('cn=name7,dc=example', { cn: ['name7', 'other'] }), 0);
    });
    expect(await problems(store)).toEqual([]);
    store = await reopenStore(store, { indexes: both, autoIndexEntriesMax: 10 });
    expect(find(store, 'cn', 'other')).toBeUndefined();
    await store.reindex();
    expect(find(store, 'cn', 'other')).toHaveLength(1);
    expect(await problems(store)).toEqual([]);
  });

  it('is refused where the attribute has no rule for it', async () => {
    await expect(openStore({ indexes: [index('lastChange', 'eq')] })).rejects.toBeInstanceOf(StoreFormatError);
  });
});

describe('building an index', () => {
  it('lets reads go on without it, and writes wait', async () => {
    const store = await loaded(both, 3_000);
    const reindexed = store.reindex({ scope: 'indexes' });
    await new Promise((resolve) => setImmediate(resolve));
    expect(find(store, 'mail', '7@example')).toBeUndefined();
    expect(store.entryByNdn('cn=name7,dc=example')).toBeDefined();
    let written = false;
    const write = store.write((tx) => tx.insert(draft('cn=late,dc=example', { cn: 'late' }), 1, 0)).then(() => (written = true));
    await new Promise((resolve) => setImmediate(resolve));
    expect(written).toBe(false);
    await Promise.all([reindexed, write]);
    expect(find(store, 'mail', '7@example')).toHaveLength(1);
    expect(find(store, 'cn', 'late')).toHaveLength(1);
    expect(await problems(store)).toEqual([]);
  });

  it('makes everything again from the records alone', async () => {
    const store = await loaded(both, 1_000);
    await store.write((tx) => tx.insert(draft('ou=x,cn=name1,dc=example'), tx.idOf('cn=name1,dc=example')!, 0));
    await store.reindex({ scope: 'everything' });
    expect(await problems(store)).toEqual([]);
    expect(store.entryCount).toBe(1_002);
    expect(store.descendantCount(1)).toBe(1_001);
    expect(find(store, 'cn', 'name7')).toHaveLength(1);
  });
});

describe('an index on a supertype', () => {
  it('answers for its subtypes and for options, and not the other way round', async () => {
    const store = await openStore({ indexes: [index('name', 'eq'), index('description;lang-en', 'eq')] });
    await store.write((tx) => {
      const values = { sn: 'A', 'cn;lang-de': 'B', description: 'plain', 'description;lang-en': 'C' };
      tx.insert(draft('dc=example', values), 0, 0);
    });
    expect(find(store, 'name', 'a')).toEqual([1]);
    expect(find(store, 'sn', 'a')).toEqual([1]);
    expect(find(store, 'cn', 'b')).toEqual([1]);
    expect(find(store, 'cn;lang-de', 'b')).toEqual([1]);
    expect(find(store, 'description', 'c')).toBeUndefined();
    expect(find(store, 'description;lang-en', 'c')).toEqual([1]);
    expect(find(store, 'description;lang-en', 'plain')).toEqual([]);
  });
});
