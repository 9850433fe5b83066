import { describe, expect, it } from 'vitest';
import { LongSearches } from '../../src/directory/search/long-searches.js';
import { Client, hosting, manager, managerPassword, openDirectory, suffix } from './support.js';

const never = new Promise<void>(() => undefined);

/** Lets everything happen that can. */
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('long searches', () => {
  it('are at work in a bounded number, the others in the order they came', async () => {
    const all = new LongSearches({ places: 2 });
    const began: number[] = [];
    const searches = [1, 2, 3, 4].map(async (n) => {
      const search = await all.enter('a', 0);
      began.push(n);
      return search;
    });
    await settle();
    expect(began).toEqual([1, 2]);
    (await searches[1]!).leave();
    await settle();
    expect(began).toEqual([1, 2, 3]);
    (await searches[0]!).leave();
    await settle();
    expect(began).toEqual([1, 2, 3, 4]);
    expect(all.count).toBe(2);
  });

  it('of several addresses take turns, however many one of them asks for', async () => {
    const all = new LongSearches({ places: 1 });
    const first = await all.enter('greedy', 0);
    const began: string[] = [];
    for (const address of ['greedy', 'greedy', 'greedy', 'modest', 'greedy', 'other']) {
      void all.enter(address, 0).then((search) => {
        began.push(address);
        search.leave();
      });
    }
    first.leave();
    await settle();
    expect(began).toEqual(['greedy', 'modest', 'other', 'greedy', 'greedy', 'greedy']);
    expect(all.count).toBe(0);
  });

  it('are told busy where too many are there, in all or for one address', async () => {
    const all = new LongSearches({ places: 1, searchesMax: 3, searchesPerAddressMax: 2 });
    const first = await all.enter('a', 0);
    const second = all.enter('a', 0);
    await expect(all.enter('a', 0)).rejects.toMatchObject({ code: 51 });
    const third = all.enter('b', 0);
    await expect(all.enter('c', 0)).rejects.toMatchObject({ code: 51 });
    first.leave();
    (await second).leave();
    (await third).leave();
    (await all.enter('a', 0)).leave();
  });

  it('are told busy where their requests take too much memory, but one alone may be of any size', async () => {
    const all = new LongSearches({ places: 1, requestBytesMax: 300, requestBytesPerAddressMax: 200 });
    const huge = await all.enter('a', 1_000);
    await expect(all.enter('a', 1)).rejects.toMatchObject({ code: 51 });
    huge.leave();
    const first = await all.enter('a', 150);
    await expect(all.enter('a', 60)).rejects.toMatchObject({ code: 51 });
    const second = all.enter('b', 150);
    await expect(all.enter('c', 10)).rejects.toMatchObject({ code: 51 });
    expect(all.count).toBe(2);
    first.leave();
    (await second).leave();
    (await all.enter('a', 200)).leave();
  });

  it('keep their place while they wait for a receiver and nobody wants it', async () => {
    const all = new LongSearches({ places: 1 });
    const search = await all.enter('a', 0);
    let drained = (): void => undefined;
    const kept = search.waitFor(new Promise((resolve) => (drained = resolve)));
    drained();
    expect(await kept).toBe(true);
  });

  it('lose it to one that waits, whoever came first, and come back for another', async () => {
    const all = new LongSearches({ places: 1 });
    const slow = await all.enter('a', 0);
    const kept = slow.waitFor(never);
    const next = await all.enter('b', 0);
    expect(await kept).toBe(false);
    let back = false;
    const comes = slow.comeBack().then(() => (back = true));
    await settle();
    expect(back).toBe(false);
    expect(await next.waitFor(never)).toBe(false);
    await comes;
    slow.leave();
    next.leave();
    expect(all.count).toBe(0);
    expect(await all.enter('c', 0).then((search) => search.waitFor(Promise.resolve()))).toBe(true);
  });

  it('that keep what they hold are few', async () => {
    const all = new LongSearches({ places: 1, keepersMax: 1 });
    const keeper = await all.enter('a', 0);
    expect(all.crowded).toBe(false);
    let drained = (): void => undefined;
    const waited = keeper.waitKeeping(new Promise((resolve) => (drained = resolve)));
    const other = await all.enter('b', 0);
    await settle();
    expect(all.crowded).toBe(true);
    drained();
    other.leave();
    await waited;
    expect(all.crowded).toBe(false);
    keeper.leave();
  });

  it('leave no place taken where the receiver goes away', async () => {
    const all = new LongSearches({ places: 1 });
    const search = await all.enter('a', 0);
    await expect(search.waitFor(Promise.reject(new Error('gone')))).rejects.toThrow('gone');
    search.leave();
    (await all.enter('b', 0)).leave();
    expect(all.count).toBe(0);
  });
});

describe('searches whose receivers are slow', () => {
  it('answer each entry once, wherever others took their place', async () => {
    const directory = await openDirectory('index description eq,sub');
    const admin = new Client(directory);
    await admin.bind(manager, managerPassword);
    await admin.add(suffix, { objectClass: ['top', 'domain'], dc: 'myhosting' });
    await admin.add(hosting, { objectClass: ['top', 'organization'], o: 'hosting' });
    const below = `ou=small,${suffix}`;
    await admin.add(below, { objectClass: ['top', 'organizationalUnit'], ou: 'small' });
    const add = (place: string, n: number) =>
      admin.add(`cn=p${n},${place}`, { objectClass: ['top', 'organizationalRole'], cn: `p${n}`, description: `some${n % 2}` });
    const added = [
      ...Array.from({ length: 1_600 }, (_, n) => add(hosting, n)),
      ...Array.from({ length: 300 }, (_, n) => add(below, n)),
    ];
    for (const response of await Promise.all(added)) expect(response.code).toBe(0);
    const kinds = [
      { base: suffix, filter: '(objectClass=*)', entries: 1_903 },
      { base: hosting, filter: '(description=some1)', entries: 800 },
      { base: below, filter: '(objectClass=*)', entries: 301 },
    ];
    const outcomes = await Promise.all(
      Array.from({ length: 60 }, async (_, n) => {
        const client = new Client(directory, { address: `192.0.2.${n % 7}` });
        await client.bind(manager, managerPassword);
        const { base, filter, entries } = kinds[n % kinds.length]!;
        let count = 0;
        const found = await client.search(base, { filter, onEntry: () => ++count % (17 + n) !== 0 });
        return { expected: entries, sent: found.entries.length, distinct: new Set(found.entries.map(({ dn }) => dn)).size };
      }),
    );
    for (const { expected, sent, distinct } of outcomes) expect([sent, distinct]).toEqual([expected, expected]);
    expect(directory.longSearches.count).toBe(0);
    await directory.close();
  });

  it('end at their time limit, which counts from when they were asked', async () => {
    const directory = await openDirectory('index description eq');
    const admin = new Client(directory);
    await admin.bind(manager, managerPassword);
    await admin.add(suffix, { objectClass: ['top', 'domain'], dc: 'myhosting' });
    for (let n = 0; n < 40; n++) {
      const entry = { objectClass: ['top', 'organizationalRole'], cn: `p${n}`, description: n < 3 ? 'few' : 'many' };
      expect((await admin.add(`cn=p${n},${suffix}`, entry)).code).toBe(0);
    }
    const later = (milliseconds: number) => new Promise<void>((resolve) => setTimeout(resolve, milliseconds));
    // The second entry comes after 1.2 seconds, the end after 2.4.
    const slow = { timeLimit: 2, onEntry: () => false, drained: () => later(1_200) };
    const outcomes = ['(description=few)', '(description=many)', '(objectClass=*)'].map(async (filter) => {
      const { code, entries } = await admin.search(suffix, { ...slow, filter });
      return [code, entries.length];
    });
    expect(await Promise.all(outcomes)).toEqual([
      [3, 2],
      [3, 2],
      [3, 2],
    ]);
    // All places are taken.
    const places = Array.from({ length: 16 }, () => directory.longSearches.enter('192.0.2.1', 0));
    const queued = admin.search(suffix, { timeLimit: 1 });
    await later(1_100);
    for (const place of places) (await place).leave();
    expect(await queued).toMatchObject({ code: 3, entries: [] });
    await directory.close();
  });
});
