import { describe, expect, it } from 'vitest';
import type { EntryDraft } from '../../src/entry/draft.js';
import type { SealedEntry } from '../../src/entry/sealed-entry.js';
import { StoreLoadInterruptedError } from '../../src/store/errors.js';
import type { Store } from '../../src/store/store.js';
import { collect, draft, openStore, reopenStore, temporaryFolder } from './fixture.js';
import { levelContents } from './level.js';

function* tree(domains: number, accounts: number, prefix = ''): Generator<EntryDraft & SealedEntry> {
  for (let d = 0; d < domains; d++) {
    const domain = `jvd=${prefix}d${d}.example,dc=example`;
    yield draft(domain, { objectClass: ['top', 'JammVirtualDomain'], jvd: `${prefix}d${d}.example` });
    for (let u = 0; u < accounts; u++) {
      const mail = `u${u}@${prefix}d${d}.example`;
      // Some of its grams are those of the others, some are not ASCII.
      const mixed = [`User ${u}`, 'everyone', ...(u % 3 === 0 ? [`Zoë, Usér ${u}, everyone`] : [])];
      const cn = u % 5 === 1 ? ['Zoë everywhere'] : mixed;
      // A term that an entry names twice.
      yield draft(`mail=${mail},${domain}`, { objectClass: ['top', 'JammMailAccount'], mail, cn, 'cn;lang-en': cn[0]! });
    }
  }
}

async function addEach(store: Store, entries: Iterable<EntryDraft & SealedEntry>): Promise<void> {
  const writes = Array.from(entries, (entry) =>
    store.write((tx) => void tx.insert(entry, tx.idOf(entry.dn.parent!.normalized) ?? 0, 0)),
  );
  await Promise.all(writes);
}

function load(store: Store, entries: Iterable<EntryDraft>): Promise<void> {
  return store.bulkLoad(async (loader) => {
    for (const entry of entries) {
      loader.insert(entry, loader.idOf(entry.dn.parent!.normalized) ?? 0, 0);
      if (loader.full) await loader.drain();
    }
  });
}

async function problems(store: Store): Promise<string[]> {
  const found: string[] = [];
  await store.verify(({ message }) => found.push(message));
  return found;
}

const suffix = (): EntryDraft & SealedEntry => draft('dc=example', { objectClass: 'domain', dc: 'example' });

describe('a bulk load', () => {
  it('ends in what single adds end in', async () => {
    const added = await openStore({ location: await temporaryFolder() });
    await addEach(added, [suffix(), ...tree(7, 90)]);
    const bulk = await openStore({ location: await temporaryFolder() });
    await load(bulk, [suffix(), ...tree(7, 90)]);
    expect(await problems(bulk)).toEqual([]);
    expect(bulk.entryCount).toBe(added.entryCount);
    const folders = [added.folder, bulk.folder];
    await Promise.all([added.close(), bulk.close()]);
    const [one, other] = await Promise.all(folders.map((folder) => levelContents(folder)));
    expect(withoutListNumbers(other!)).toEqual(withoutListNumbers(one!));
  });

  it('adds to what is there, beginning in the middle of containers', async () => {
    const store = await openStore();
    await addEach(store, [suffix(), ...tree(3, 77)]);
    await load(store, tree(5, 60, 'more-'));
    expect(await problems(store)).toEqual([]);
    await load(store, tree(3, 60, 'still-more-'));
    expect(await problems(store)).toEqual([]);
    expect(store.entryCount).toBe(1 + 3 * 78 + 8 * 61);
    expect(store.descendantCount(1)).toBe(store.entryCount - 1);
  });

  it('knows the names that it has loaded and those that were there', async () => {
    const store = await openStore();
    await load(store, [suffix()]);
    await store.bulkLoad((loader) => {
      expect(loader.idOf('dc=example')).toBe(1);
      expect(() => loader.insert(suffix(), 0, 0)).toThrow(/exists/);
      const id = loader.insert(draft('ou=a,dc=example'), 1, 0);
      expect(loader.idOf('ou=a,dc=example')).toBe(id);
      expect(loader.idOf('ou=b,dc=example')).toBeUndefined();
      return Promise.resolve();
    });
  });

  it('keeps what it has when its work stops half way', async () => {
    const store = await openStore();
    const work = store.bulkLoad((loader) => {
      loader.insert(suffix(), 0, 0);
      return Promise.reject(new Error('line 7: no'));
    });
    await expect(work).rejects.toThrow('line 7');
    expect(store.entryCount).toBe(1);
    expect(await problems(store)).toEqual([]);
  });

  it('holds off writes until it is over', async () => {
    const store = await openStore();
    const loading = load(store, [suffix(), ...tree(2, 10)]);
    const id = await store.write((tx) => tx.insert(draft('ou=late,dc=example'), tx.idOf('dc=example')!, 0).id);
    await loading;
    expect(id).toBe(24);
    expect(await problems(store)).toEqual([]);
  });
});

describe('a bulk load that was cut off', () => {
  /** Leaves the folder as a process does that ends in the middle of a load. */
  async function interrupted(): Promise<string> {
    const store = await openStore({ location: await temporaryFolder() });
    await addEach(store, [suffix(), ...tree(2, 20)]);
    const copy = await temporaryFolder();
    await store.bulkLoad(async (loader) => {
      for (const entry of tree(20, 100, 'x-')) {
        loader.insert(entry, loader.idOf(entry.dn.parent!.normalized)!, 0);
        if (loader.full) await loader.drain();
      }
      await loader.drain();
      await store.backup(`${copy}/half`);
    });
    return `${copy}/half`;
  }

  it('is not taken for a directory', async () => {
    const location = await interrupted();
    await expect(openStore({ location })).rejects.toBeInstanceOf(StoreLoadInterruptedError);
    await expect(openStore({ location })).rejects.toThrow(/import/);
  });

  it('is undone on request, to the state before it', async () => {
    const location = await interrupted();
    let store = await openStore({ location, interruptedLoad: 'discard' });
    expect(store.entryCount).toBe(43);
    expect(await collect(store.scan())).toHaveLength(43);
    expect(await problems(store)).toEqual([]);
    store = await reopenStore(store);
    await load(store, tree(1, 5, 'x-'));
    expect(await problems(store)).toEqual([]);
  });
});

/** Which number a long posting list got depends on the order in which lists grew long; each database has a secret of its own. */
function withoutListNumbers(contents: Map<string, Buffer>): [string, string][] {
  const order = new Map<number, string>();
  for (const [key, value] of contents) {
    if (/^[kp]/.test(key) && value.length === 13) order.set(value.readUInt32LE(1), key);
  }
  const comparable: [string, string][] = [];
  for (const [key, value] of contents) {
    if (key === 'm:state' || key === 'm:lists' || key === 'm:secret') continue;
    if (key.startsWith('c')) {
      const list = Buffer.from(key.slice(1, 6)).reduce((number, byte) => number * 128 + byte, 0);
      comparable.push([`c of ${order.get(list)} ${key.slice(6)}`, value.toString('hex')]);
    } else if (/^[kp]/.test(key) && value.length === 13) {
      comparable.push([key, value.toString('hex', 5)]);
    } else comparable.push([key, value.toString('hex')]);
  }
  return comparable.sort(([a], [b]) => (a < b ? -1 : 1));
}
