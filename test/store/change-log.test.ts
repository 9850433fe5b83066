/** The change log: what it holds, its bounds, what restarts do to it, and the context that replicas compare with. */
import { describe, expect, it } from 'vitest';
import { DN } from '../../src/dn/dn.js';
import { sealRenamed } from '../../src/entry/sealed-entry.js';
import { CsnSet, csnMicroseconds } from '../../src/ldap/csn.js';
import type { Transaction } from '../../src/store/model.js';
import { loggedBytes } from '../../src/store/log/logged-change.js';
import type { Store, StoreOptions } from '../../src/store/store.js';
import { draft, openStore, reopenStore, schema, temporaryFolder } from './fixture.js';

const roomy = { changesMax: 1_000, bytesMax: 1 << 20 };

function csn(number: number, sid = 0): string {
  const fraction = String(number).padStart(6, '0');
  return `20261201100000.${fraction}Z#000000#${sid.toString(16).padStart(3, '0')}#000000`;
}

function stamped(dn: string, number: number, sid = 0): ReturnType<typeof draft> {
  return draft(dn, { cn: 'x', entryCSN: csn(number, sid) });
}

async function loggingStore(options: Partial<StoreOptions> = {}): Promise<Store> {
  const store = await openStore({ changeLog: roomy, ...options });
  if (store.log.base) return store;
  await store.write((tx) => {
    tx.resetLog();
    tx.noteContext(csn(0));
  });
  return store;
}

async function addMany(store: Store, from: number, to: number): Promise<void> {
  for (let n = from; n <= to; n++) {
    await store.write((tx) => void tx.insert(stamped(`cn=${n}`, n), 0, 0));
  }
}

function kinds(store: Store): string[] {
  const found: string[] = [];
  for (let at = store.log.first; at < store.log.next; at++) {
    const { kind, csn, before, after } = store.log.read(at)!;
    found.push(`${kind} ${csn.slice(15, 21)} ${before?.dn ?? '-'} ${after?.dn ?? '-'}`);
  }
  return found;
}

function remove(tx: Transaction, ndn: string, number: number): void {
  tx.noteStamp({ csn: csn(number), microseconds: csnMicroseconds(csn(number))! });
  tx.remove(tx.entryByNdn(ndn)!);
}

describe('the change log', () => {
  it('holds every kind of change with the entry before and after it', async () => {
    const store = await loggingStore({ location: await temporaryFolder() });
    await store.write((tx) => void tx.insert(stamped('ou=a', 1), 0, 0));
    await store.write((tx) => void tx.insert(stamped('cn=1,ou=a', 2), tx.idOf('ou=a')!, 0));
    await store.write((tx) => void tx.replace(tx.entryByNdn('cn=1,ou=a')!, stamped('cn=1,ou=a', 3), 0));
    await store.writeExclusive(async (tx) => {
      const old = tx.entryByNdn('ou=a')!;
      tx.relocate(old, stamped('ou=b', 4), 0, 0);
      for await (const id of tx.descendants(old.id)) {
        tx.carry(tx.entry(id)!, sealRenamed(tx.entry(id)!, DN.parse('cn=1,ou=b', schema)));
      }
    });
    await store.write((tx) => remove(tx, 'cn=1,ou=b', 5));
    const expected = [
      'add 000001 - ou=a',
      'add 000002 - cn=1,ou=a',
      'modify 000003 cn=1,ou=a cn=1,ou=a',
      'rename 000004 ou=a ou=b',
      'along 000004 cn=1,ou=a cn=1,ou=b',
      'delete 000005 cn=1,ou=b -',
    ];
    expect(kinds(store)).toEqual(expected);
    expect(store.log.context.values()).toEqual([csn(5)]);
    const again = await reopenStore(store, { changeLog: roomy });
    expect(kinds(again)).toEqual(expected);
    expect(again.log.context.values()).toEqual([csn(5)]);
    expect(
      again.log
        .read(again.log.first + 2)!
        .before!.values(schema.attributeDescription('entryCSN')!)
        .map(String),
    ).toEqual([csn(2)]);
  });

  it('keeps nothing of a write that fails', async () => {
    const store = await loggingStore();
    const { next } = store.log;
    await expect(
      store.write((tx) => {
        tx.insert(stamped('cn=1', 1), 0, 0);
        throw new Error('no');
      }),
    ).rejects.toThrow('no');
    expect(store.log.next).toBe(next);
    expect(store.log.context.values()).toEqual([csn(0)]);
  });

  it('orders the changes of one write by their CSNs', async () => {
    const store = await loggingStore();
    await store.write((tx) => {
      tx.insert(stamped('cn=2', 2), 0, 0);
      tx.insert(stamped('cn=1', 1), 0, 0);
    });
    expect(kinds(store)).toEqual(['add 000001 - cn=1', 'add 000002 - cn=2']);
  });

  it('finds where somebody has to go on', async () => {
    const store = await loggingStore();
    await addMany(store, 1, 50);
    const { first } = store.log;
    for (const seen of [0, 1, 17, 49, 50]) expect(store.log.positionAfter(CsnSet.of([csn(seen)]))).toBe(first + seen);
    expect(store.log.positionAfter(CsnSet.empty)).toBeUndefined();
    expect(store.log.positionAfter(CsnSet.of([csn(7, 3)]))).toBeUndefined();
  });

  it('does not know where somebody goes on who has seen what was never in it', async () => {
    const store = await loggingStore();
    for (const n of [10, 20, 30]) await addMany(store, n, n);
    for (const seen of [5, 15, 25]) {
      expect(store.log.positionAfter(CsnSet.of([csn(seen)]))).toBeUndefined();
      expect(store.log.hasOutrun(CsnSet.of([csn(seen)]))).toBe(false);
    }
    expect(store.log.positionAfter(CsnSet.of([csn(20)]))).toBe(store.log.first + 2);
  });

  it('tells who was left behind by it from who never followed it', async () => {
    const limits = { changeLog: { ...roomy, changesMax: 10 } };
    const store = await loggingStore({ location: await temporaryFolder(), ...limits });
    await addMany(store, 1, 25);
    const outrun = (of: Store): boolean[] => [0, 14, 15, 25].map((n) => of.log.hasOutrun(CsnSet.of([csn(n)])));
    expect(outrun(store)).toEqual([true, true, false, false]);
    expect(store.log.hasOutrun(CsnSet.of([csn(3, 7)]))).toBe(false);
    const again = await reopenStore(store, limits);
    expect(outrun(again)).toEqual([true, true, false, false]);
    await again.write((tx) => {
      tx.resetLog();
      tx.noteContext(csn(30));
    });
    expect(outrun(again)).toEqual([false, false, false, false]);
  });

  it('is bounded by count, and who is beyond the bound is told so', async () => {
    const store = await loggingStore({ location: await temporaryFolder(), changeLog: { ...roomy, changesMax: 10 } });
    await addMany(store, 1, 25);
    expect(kinds(store)).toHaveLength(10);
    expect(kinds(store)[0]).toBe('add 000016 - cn=16');
    expect(store.log.positionAfter(CsnSet.of([csn(14)]))).toBeUndefined();
    expect(store.log.positionAfter(CsnSet.of([csn(15)]))).toBe(store.log.first);
    const again = await reopenStore(store, { changeLog: { ...roomy, changesMax: 10 } });
    expect(kinds(again)).toHaveLength(10);
    expect(again.log.positionAfter(CsnSet.of([csn(14)]))).toBeUndefined();
  });

  it('is bounded by bytes, also where one write is larger', async () => {
    const store = await loggingStore({ changeLog: { ...roomy, bytesMax: 2_000 } });
    await addMany(store, 1, 40);
    expect(store.log.bytes).toBeLessThanOrEqual(2_000);
    expect(store.log.bytes).toBeGreaterThan(1_500);
    await store.write((tx) => {
      for (let n = 41; n <= 100; n++) tx.insert(stamped(`cn=${n}`, n), 0, 0);
    });
    expect(store.log.bytes).toBeLessThanOrEqual(2_000);
    expect(kinds(store).at(-1)).toBe('add 000100 - cn=100');
    const oldest = Number(kinds(store)[0]!.slice(4, 10));
    expect(store.log.positionAfter(CsnSet.of([csn(oldest - 1)]))).toBe(store.log.first);
    expect(store.log.positionAfter(CsnSet.of([csn(oldest - 2)]))).toBeUndefined();
  });

  it('counts its bytes aright across restarts, whatever it has taken off', async () => {
    const limits = { changesMax: 20, bytesMax: 1 << 20 };
    let store = await loggingStore({ location: await temporaryFolder(), changeLog: limits });
    for (let n = 1; n <= 60; n++) {
      if (n % 25 === 0) store = await reopenStore(store, { changeLog: limits });
      await store.write((tx) => void tx.insert(draft(`cn=${n}`, { cn: 'x'.repeat(n * 7), entryCSN: csn(n, n % 2) }), 0, 0));
      let bytes = 0;
      for (let at = store.log.first; at < store.log.next; at++) bytes += loggedBytes(store.log.read(at)!);
      expect(store.log.bytes).toBe(bytes);
      expect(store.log.next - store.log.first).toBe(Math.min(n, 20));
    }
    expect(store.log.base!.values()).toEqual([csn(40, 0), csn(39, 1)]);
  });

  it('follows closely from memory and from afar from disk, with the same outcome', async () => {
    const store = await loggingStore();
    const leave = store.log.attend();
    await addMany(store, 1, 600);
    leave();
    expect(kinds(store)).toEqual(Array.from({ length: 600 }, (_, n) => `add ${String(n + 1).padStart(6, '0')} - cn=${n + 1}`));
  });

  it('tells listeners of committed changes', async () => {
    const store = await loggingStore();
    const seen: number[] = [];
    const stop = store.log.onChange(() => seen.push(store.log.next));
    await addMany(store, 1, 2);
    stop();
    await addMany(store, 3, 3);
    expect(seen).toEqual([store.log.next - 2, store.log.next - 1]);
  });

  it('begins anew where the database was opened without one, for changes may be missing', async () => {
    const store = await loggingStore({ location: await temporaryFolder() });
    await addMany(store, 1, 3);
    const without = await reopenStore(store);
    expect(without.log.isKept).toBe(false);
    expect(without.log.context.values()).toEqual([csn(3)]);
    const again = await reopenStore(without, { changeLog: roomy });
    expect(again.log.base).toBeUndefined();
    expect(again.log.positionAfter(CsnSet.of([csn(3)]))).toBeUndefined();
    expect(kinds(again)).toEqual([]);
  });

  it('begins anew after a CSN that is not above the ones before', async () => {
    const store = await loggingStore();
    await addMany(store, 5, 6);
    const { next } = store.log;
    await addMany(store, 4, 4);
    expect(store.log.first).toBeGreaterThan(next);
    expect(store.log.positionAfter(CsnSet.of([csn(6)]))).toBeUndefined();
    await addMany(store, 7, 8);
    expect(store.log.positionAfter(CsnSet.of([csn(6)]))).toBeUndefined();
    expect(store.log.positionAfter(CsnSet.of([csn(7)]))).toBe(store.log.first);
    expect(kinds(store)).toEqual(['add 000008 - cn=8']);
  });

  it('leaves alone what a replica that refreshes writes, until its context is whole', async () => {
    const store = await loggingStore();
    await store.write((tx) => {
      tx.resetLog();
      tx.insert(stamped('cn=9', 9), 0, 0);
      tx.insert(stamped('cn=3', 3), 0, 0);
    });
    expect(store.log.context.values()).toEqual([csn(0)]);
    expect(store.log.positionAfter(CsnSet.of([csn(0)]))).toBeUndefined();
    await store.write((tx) => {
      tx.resetLog();
      tx.noteContext(csn(9));
    });
    expect(store.log.positionAfter(CsnSet.of([csn(9)]))).toBe(store.log.next);
    expect(store.log.positionAfter(CsnSet.of([csn(0)]))).toBeUndefined();
  });

  it('begins anew after an import, whose CSNs later ones must exceed', async () => {
    const store = await loggingStore();
    await store.bulkLoad((loader) => {
      loader.insert(stamped('cn=1', 500), 0, 0);
      loader.insert(stamped('cn=2', 400, 2), 0, 0);
      loader.insert(draft('cn=3', { cn: 'x', entryCSN: '20301201100000Z#000000#00#000000' }), 0, 0);
      return Promise.resolve();
    });
    expect(store.log.context.values()).toEqual(['20301201100000Z#000000#00#000000', csn(400, 2)]);
    expect(store.latestTime).toBe(Date.UTC(2030, 11, 1, 10) * 1_000);
    expect(store.log.positionAfter(CsnSet.of([csn(0)]))).toBeUndefined();
  });

  it('has no context from an import where no log is kept, unless it is wanted or given', async () => {
    const store = await openStore();
    const load = (dn: string, number: number, writeContext: boolean, given?: string) =>
      store.bulkLoad(
        (loader) => {
          loader.insert(stamped(dn, number), 0, 0);
          if (given !== undefined) loader.noteContext(given);
          return Promise.resolve();
        },
        { writeContext },
      );
    await load('cn=1', 1, false);
    expect(store.log.context.values()).toEqual([]);
    expect(store.latestTime).toBe(csnMicroseconds(csn(1)));
    await load('cn=2', 2, false, csn(3));
    expect(store.log.context.values()).toEqual([csn(3)]);
    await load('cn=4', 4, true);
    expect(store.log.context.values()).toEqual([csn(4)]);
  });
});
