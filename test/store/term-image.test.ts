/** What a store keeps of its memory at an orderly stop is used at the next start, and believed only where it still holds. */
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { nameKey } from '../../src/store/level/keys.js';
import type { Store } from '../../src/store/store.js';
import { attribute, draft, ndn, openStore, reopenStore, temporaryFolder } from './fixture.js';
import { withLevel } from './level.js';

const entries = 6_000;
const nameOf = (id: number): string => `cn=${id},dc=example`;
const content = (id: number, mail: string) => draft(nameOf(id), { cn: String(id), mail });

async function filled(store: Store): Promise<Store> {
  await expect.poll(() => store.statistics.memory.termsComplete, { timeout: 20_000 }).toBe(true);
  return store;
}

async function makeStore(): Promise<Store> {
  const store = await openStore({ location: await temporaryFolder(), fillMemory: true });
  await store.bulkLoad((load) => {
    const suffix = load.insert(draft('dc=example'), 0, 0);
    for (let id = 2; id <= entries; id++) load.insert(content(id, `m${id}@example`), suffix, 0);
    return Promise.resolve();
  });
  return filled(store);
}

async function closed(store: Store): Promise<{ folder: string; hasImage: boolean }> {
  await store.close();
  return { folder: store.folder, hasImage: existsSync(imageOf(store.folder)) };
}

const reopened = async (folder: string): Promise<Store> => filled(await openStore({ location: folder, fillMemory: true }));

const imageOf = (folder: string): string => join(folder, 'terms.image');

function holdersOf(store: Store, address: string): readonly number[] | undefined {
  return store.fewCandidates({ op: 'posting', key: store.indexes.equality(attribute('mail'), address)! });
}

/** The database itself says from now on that entry 2's name is another's: a store that reads it is found out. */
async function giveNameTo(folder: string, id: number): Promise<void> {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(id);
  await withLevel(folder, (level) => level.put(nameKey(ndn(nameOf(2))), bytes));
}

it('is read in place of the database', async () => {
  const { folder, ...made } = await closed(await makeStore());
  expect(made.hasImage).toBe(true);
  await giveNameTo(folder, 3);
  const store = await reopened(folder);
  expect(store.idOf(ndn(nameOf(2)))).toBe(2);
  expect(holdersOf(store, 'm77@example')).toEqual([77]);
  expect(holdersOf(store, 'nobody@example')).toEqual([]);
  const image = await readFile(imageOf(folder));
  await store.close();
  // Nothing was written: what was kept still holds.
  expect((await readFile(imageOf(folder))).equals(image)).toBe(true);
});

it('is not read where it is damaged, and made anew', async () => {
  const { folder } = await closed(await makeStore());
  for (const [attempt, part] of [0, 0.00001, 0.3, 0.7, 1].entries()) {
    const bytes = await readFile(imageOf(folder));
    bytes[Math.floor((bytes.length - 1) * part)]! ^= 0x10;
    await writeFile(imageOf(folder), attempt === 3 ? bytes.subarray(0, bytes.length / 2) : bytes);
    await giveNameTo(folder, attempt + 3);
    const store = await reopened(folder);
    expect(store.idOf(ndn(nameOf(2)))).toBe(attempt + 3);
    expect(holdersOf(store, 'm77@example')).toEqual([77]);
    await store.close();
  }
});

it('does not hold when something has been written since', async () => {
  const { folder } = await closed(await makeStore());
  const image = await readFile(imageOf(folder));
  const writer = await openStore({ location: folder });
  await writer.write((tx) => tx.replace(tx.entry(5)!, content(5, 'new@example'), 0));
  await writer.write((tx) => tx.remove(tx.entry(6)!));
  await closed(writer);
  expect((await readFile(imageOf(folder))).equals(image)).toBe(true);
  const store = await reopened(folder);
  expect(holdersOf(store, 'm5@example')).toEqual([]);
  expect(holdersOf(store, 'new@example')).toEqual([5]);
  expect(store.idOf(ndn(nameOf(6)))).toBeUndefined();
});

it('says the same as the database, whatever is written before it has been read and after', async () => {
  let store = await makeStore();
  const mail = new Map(Array.from({ length: entries - 1 }, (_, at) => [at + 2, `m${at + 2}@example`]));
  for (let start = 1; start <= 4; start++) {
    store = await reopenStore(store, { fillMemory: true });
    for (let id = start * 10; id < entries; id += 1_000) {
      if (!mail.has(id)) continue;
      await store.write((tx) => tx.replace(tx.entry(id)!, content(id, `start${start}.${id}@example`), 0));
      mail.set(id, `start${start}.${id}@example`);
      await store.write((tx) => tx.remove(tx.entry(id + 1)!));
      mail.delete(id + 1);
      if (id > entries / 2) await filled(store);
    }
    for (let id = 2; id <= entries; id++) {
      const expected = mail.get(id);
      expect(store.idOf(ndn(nameOf(id)))).toBe(expected === undefined ? undefined : id);
      if (expected !== undefined) expect(holdersOf(store, expected)).toEqual([id]);
      if (expected !== `m${id}@example`) expect(holdersOf(store, `m${id}@example`)).toEqual([]);
    }
  }
});
