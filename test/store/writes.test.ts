import { describe, expect, it } from 'vitest';
import { DN } from '../../src/dn/dn.js';
import type { Candidates, Transaction } from '../../src/store/model.js';
import { StoreBusyError, StoreUnavailableError } from '../../src/store/errors.js';
import type { Store } from '../../src/store/store.js';
import { sealRenamed } from '../../src/entry/sealed-entry.js';
import { attribute, collect, draft, openStore, reopenStore, schema, temporaryFolder } from './fixture.js';

async function storeWithSuffix(options: Parameters<typeof openStore>[0] = {}): Promise<Store> {
  const store = await openStore(options);
  await store.write((tx) => tx.insert(draft('dc=example', { dc: 'example' }), 0, 0));
  return store;
}

function insertUnit(tx: Transaction, name: string): number {
  return tx.insert(draft(`ou=${name},dc=example`, { ou: name }), tx.idOf('dc=example')!, 0).id;
}

describe('a write', () => {
  it('sees what is queued before it, and readers do not until it is on disk', async () => {
    const store = await storeWithSuffix();
    const first = store.write((tx) => insertUnit(tx, 'a'));
    const second = store.write((tx) => {
      expect(tx.idOf('ou=a,dc=example')).toBeDefined();
      expect(tx.childCount(1)).toBe(1);
      expect(tx.idsOf(store.childrenOf(1))).toEqual([tx.idOf('ou=a,dc=example')]);
      return insertUnit(tx, 'b');
    });
    expect(store.idOf('ou=a,dc=example')).toBeUndefined();
    expect(store.entryCount).toBe(1);
    const [a, b] = await Promise.all([first, second]);
    expect(store.fewCandidates({ op: 'posting', key: store.childrenOf(1) })).toEqual([a, b]);
    expect(store.childCount(1)).toBe(2);
    expect(store.entryCount).toBe(3);
  });

  it('leaves nothing behind when it throws, and its neighbours are kept', async () => {
    const store = await storeWithSuffix();
    const before = store.write((tx) => insertUnit(tx, 'before'));
    const thrown = store.write((tx) => {
      insertUnit(tx, 'thrown');
      tx.remove(tx.entryByNdn('ou=before,dc=example')!);
      throw new RangeError('no');
    });
    const after = store.write((tx) => insertUnit(tx, 'after'));
    await expect(thrown).rejects.toThrow(RangeError);
    await Promise.all([before, after]);
    const names = (await collect(store.scan())).map(({ dn }) => dn);
    expect(names).toEqual(['dc=example', 'ou=before,dc=example', 'ou=after,dc=example']);
  });

  it('shares a batch with those that come while another is on its way to disk', async () => {
    const store = await storeWithSuffix();
    const { batches } = store.statistics;
    await Promise.all(Array.from({ length: 50 }, (_, n) => store.write((tx) => insertUnit(tx, String(n)))));
    expect(store.statistics.batches - batches).toBe(1);
    expect(store.statistics.batchedWrites).toBe(51);
  });

  it('never gets the id of an entry that was removed', async () => {
    let store = await storeWithSuffix({ location: await temporaryFolder() });
    const id = await store.write((tx) => insertUnit(tx, 'a'));
    await store.write((tx) => tx.remove(tx.entry(id)!));
    store = await reopenStore(store);
    expect(await store.write((tx) => insertUnit(tx, 'a'))).toBeGreaterThan(id);
  });

  it('cannot go on with its transaction once it has ended', async () => {
    const store = await storeWithSuffix();
    const kept = await store.write((tx) => {
      insertUnit(tx, 'a');
      return tx;
    });
    expect(() => insertUnit(kept, 'b')).toThrow(/ended/);
  });

  it('refuses what would break the tree', async () => {
    const store = await storeWithSuffix();
    await store.write((tx) => insertUnit(tx, 'a'));
    await expect(store.write((tx) => insertUnit(tx, 'A'))).rejects.toThrow(/exists/);
    await expect(store.write((tx) => tx.remove(tx.entry(1)!))).rejects.toThrow(/below/);
    await expect(store.write((tx) => tx.insert(draft('ou=x,dc=nowhere'), 99, 0))).rejects.toThrow(/parent/);
    const stale = store.entryByNdn('ou=a,dc=example')!;
    await store.write((tx) => tx.replace(stale, draft('ou=a,dc=example', { ou: 'a', description: 'new' }), 0));
    await expect(store.write((tx) => tx.remove(stale))).rejects.toThrow(/current/);
  });

  it('is refused when too much waits, and taken again later', async () => {
    const store = await storeWithSuffix({ writeLimits: { queuedWritesMax: 3 } });
    const writes = Array.from({ length: 5 }, (_, n) => store.write((tx) => insertUnit(tx, String(n))));
    const outcomes = await Promise.allSettled(writes);
    const kept = outcomes.map(({ status }) => status === 'fulfilled');
    expect(kept).toEqual([true, true, true, false, false]);
    await expect(writes[4]).rejects.toBeInstanceOf(StoreBusyError);
    await store.write((tx) => insertUnit(tx, 'later'));
  });

  it('is finished by close, and refused after it', async () => {
    const store = await storeWithSuffix();
    let done = false;
    void store.write((tx) => insertUnit(tx, 'a')).then(() => (done = true));
    await store.close();
    expect(done).toBe(true);
    await expect(store.write((tx) => insertUnit(tx, 'b'))).rejects.toBeInstanceOf(StoreUnavailableError);
  });
});

describe('those who listen to commits', () => {
  it('are told of each kept write, in order, before its promise resolves', async () => {
    const store = await storeWithSuffix();
    const seen: unknown[] = [];
    const stop = store.onCommit((changes) => seen.push(...changes));
    const writes = ['a', 'b'].map((name) =>
      store.write((tx) => {
        insertUnit(tx, name);
        tx.note(name);
      }),
    );
    const failed = store.write((tx) => {
      tx.note('never');
      throw new Error('no');
    });
    await expect(failed).rejects.toThrow('no');
    expect(seen).toEqual([]);
    await writes[0]!.then(() => expect(seen[0]).toBe('a'));
    await writes[1];
    await store.writeExclusive((tx) => Promise.resolve(tx.note('exclusive')));
    stop();
    await store.write((tx) => tx.note('not listened to'));
    expect(seen).toEqual(['a', 'b', 'exclusive']);
  });
});

describe('an exclusive write', () => {
  it('moves a subtree at once, and holds off writes that come later', async () => {
    const store = await storeWithSuffix();
    await store.write((tx) => {
      const a = tx.insert(draft('ou=a,dc=example', { ou: 'a' }), 1, 0);
      for (let n = 0; n < 300; n++) tx.insert(draft(`cn=${n},ou=a,dc=example`, { cn: String(n) }), a.id, 0);
    });
    const moved = store.writeExclusive(async (tx) => {
      const id = tx.idOf('ou=a,dc=example')!;
      const suffix = tx.entry(id)!;
      tx.relocate(suffix, sealRenamed(suffix, DN.parse('ou=b,dc=example', schema)), 1, suffix.flags);
      const carry = (entry: number, dn: string): void => {
        const old = tx.entry(entry)!;
        tx.carry(old, sealRenamed(old, DN.parse(dn, schema)));
      };
      for await (const below of tx.descendants(id)) {
        await new Promise((resolve) => setImmediate(resolve));
        carry(below, tx.entry(below)!.dn.replace('ou=a', 'ou=b'));
        expect(store.idOf('ou=b,dc=example')).toBeUndefined();
      }
    });
    const later = store.write((tx) => {
      expect(tx.idOf('ou=a,dc=example')).toBeUndefined();
      return tx.idOf('cn=7,ou=b,dc=example');
    });
    await moved;
    expect(await later).toBe(store.idOf('cn=7,ou=b,dc=example'));
    expect(store.idOf('cn=7,ou=a,dc=example')).toBeUndefined();
    expect(store.descendantCount(store.idOf('ou=b,dc=example')!)).toBe(300);
    const problems: string[] = [];
    await store.verify(({ message }) => problems.push(message));
    expect(problems).toEqual([]);
  });

  it('keeps nothing when its work rejects', async () => {
    const store = await storeWithSuffix();
    const work = store.writeExclusive(async (tx) => {
      insertUnit(tx, 'a');
      await Promise.resolve();
      throw new Error('no');
    });
    await expect(work).rejects.toThrow('no');
    expect(store.idOf('ou=a,dc=example')).toBeUndefined();
    await store.write((tx) => insertUnit(tx, 'a'));
  });
});

describe('a posting list that shrank', () => {
  it('goes back into its head behind the writes', async () => {
    const store = await storeWithSuffix();
    await store.write((tx) => {
      for (let n = 0; n < 400; n++) insertUnit(tx, String(n));
    });
    const children = { op: 'posting', key: store.childrenOf(1) } as const;
    expect(store.fewCandidates(children)).toBeUndefined();
    expect(await store.candidateIds(children)).toHaveLength(400);
    expect(store.estimate(children.key)).toBeGreaterThanOrEqual(400);
    await store.write((tx) => {
      for (let n = 10; n < 400; n++) tx.remove(tx.entryByNdn(`ou=${n},dc=example`)!);
    });
    for (let turn = 0; turn < 200 && !store.fewCandidates(children); turn++) {
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    expect(store.fewCandidates(children)).toHaveLength(10);
    const problems: string[] = [];
    await store.verify(({ message }) => problems.push(message));
    expect(problems).toEqual([]);
  });
});

describe('candidates', () => {
  it('are narrowed down by every term that pays, and given up where too many qualify', async () => {
    const store = await storeWithSuffix();
    await store.bulkLoad((load) => {
      for (let n = 0; n < 6_000; n++) {
        const kind = n % 2 === 0 ? 'even' : 'odd';
        load.insert(draft(`cn=${n},dc=example`, { cn: [String(n), kind], mail: `${n % 50}@example` }), 1, 0);
      }
      return Promise.resolve();
    });
    const cn = attribute('cn');
    const even = { op: 'posting', key: store.indexes.equality(cn, 'even')! } as const;
    const odd = { op: 'posting', key: store.indexes.equality(cn, 'odd')! } as const;
    const mail = (n: number): Candidates => {
      return { op: 'posting', key: store.indexes.equality(attribute('mail'), `${n}@example`)! };
    };
    const one = store.indexes.equality(cn, '77')!;
    expect(await store.candidateIds({ op: 'and', terms: [even, odd] })).toEqual([]);
    expect(await store.candidateIds({ op: 'or', terms: [even, odd] })).toBeUndefined();
    expect(await store.candidateIds({ op: 'and', terms: ['all', even] })).toHaveLength(3_000);
    expect(await store.candidateIds({ op: 'or', terms: ['all', mail(1)] })).toBeUndefined();
    expect(store.fewCandidates({ op: 'or', terms: [mail(1), mail(2)] })).toHaveLength(240);
    const found = store.fewCandidates({ op: 'and', terms: [even, { op: 'posting', key: one }] });
    expect(found).toEqual([store.idOf('cn=77,dc=example')]);
    expect(store.fewCandidates({ op: 'and', terms: [even, odd] })).toBeUndefined();
    expect(store.fewCandidates({ op: 'and', terms: [mail(1), mail(2)] })).toEqual([]);
    expect(store.fewCandidates('all')).toBeUndefined();
  });
});
