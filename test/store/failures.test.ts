/** A disk that fails: nothing is said to be written that is not, reads go on, and writes too once they can. */
import { execFileSync } from 'node:child_process';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { Database } from '../../src/store/level/database.js';
import { StoreLoadInterruptedError, StoreUnavailableError } from '../../src/store/errors.js';
import type { Transaction } from '../../src/store/model.js';
import type { Store } from '../../src/store/store.js';
import { collect, draft, openStore, temporaryFolder } from './fixture.js';

afterEach(() => void vi.restoreAllMocks());

async function storeWithSuffix(location: string): Promise<Store> {
  const store = await openStore({ location, writeLimits: { reopenIntervalMs: 50 } });
  await store.write((tx) => tx.insert(draft('dc=example', { dc: 'example' }), 0, 0));
  return store;
}

function insertUnit(tx: Transaction, name: string, text = ''): number {
  const description = text === '' ? [] : [text];
  return tx.insert(draft(`ou=${name},dc=example`, { ou: name, description }), 1, 0).id;
}

/** The next `times` synced batches fail before anything of them is written. */
function failBatches(times: number): void {
  const real = Object.getOwnPropertyDescriptor(Database.prototype, 'batch')!.value as Database['batch'];
  let left = times;
  vi.spyOn(Database.prototype, 'batch').mockImplementation(function (this: Database) {
    const batch = real.call(this);
    const write = batch.write.bind(batch);
    batch.write = async (options) => {
      if (options.sync && left-- > 0) {
        await new Promise((resolve) => setTimeout(resolve, 20));
        throw Object.assign(new Error('injected'), { code: 'LEVEL_IO_ERROR' });
      }
      await write(options);
    };
    return batch;
  });
}

async function problems(store: Store): Promise<string[]> {
  const found: string[] = [];
  await store.verify(({ message }) => found.push(message));
  return found;
}

describe('a batch that fails', () => {
  it('rejects its writes and those queued on top of it; the next one opens the database again', async () => {
    const store = await storeWithSuffix(await temporaryFolder());
    const notes: unknown[] = [];
    store.onCommit((changes) => notes.push(...changes));
    failBatches(1);
    const first = store.write((tx) => {
      tx.note('a');
      return insertUnit(tx, 'a');
    });
    await new Promise((resolve) => setImmediate(resolve));
    const above = store.write((tx) => {
      expect(tx.idOf('ou=a,dc=example')).toBeDefined();
      return insertUnit(tx, 'above');
    });
    const outcomes = await Promise.allSettled([first, above]);
    const reason = expect.any(StoreUnavailableError) as Error;
    for (const outcome of outcomes) expect(outcome).toMatchObject({ reason });
    expect(store.failure).toBeInstanceOf(StoreUnavailableError);
    expect(store.idOf('ou=a,dc=example')).toBeUndefined();
    expect(store.entryCount).toBe(1);
    const id = await store.write((tx) => {
      expect(tx.idOf('ou=a,dc=example')).toBeUndefined();
      return insertUnit(tx, 'a');
    });
    expect(store.failure).toBeUndefined();
    expect(store.entry(id)?.dn).toBe('ou=a,dc=example');
    expect(notes).toEqual([]);
    expect(await problems(store)).toEqual([]);
  });

  it('rejects an exclusive write likewise', async () => {
    const store = await storeWithSuffix(await temporaryFolder());
    failBatches(1);
    const exclusive = store.writeExclusive((tx) => Promise.resolve(insertUnit(tx, 'a')));
    const later = store.write((tx) => insertUnit(tx, 'b'));
    await expect(exclusive).rejects.toBeInstanceOf(StoreUnavailableError);
    await later;
    expect((await collect(store.scan())).map(({ dn }) => dn)).toEqual(['dc=example', 'ou=b,dc=example']);
  });

  it('keeps the numbers of attributes that it was the first to use', async () => {
    const store = await storeWithSuffix(await temporaryFolder());
    failBatches(1);
    await expect(store.write((tx) => insertUnit(tx, 'a', 'text'))).rejects.toThrow('injected');
    await store.write((tx) => insertUnit(tx, 'a', 'text'));
    const { folder } = store;
    await store.close();
    const again = await openStore({ location: folder });
    expect(again.entryByNdn('ou=a,dc=example')?.description(1).text).toBe('description');
  });

  it('leaves a bulk load to the next open: nothing is written on top of half of it', async () => {
    const location = await temporaryFolder();
    const store = await storeWithSuffix(location);
    const load = store.bulkLoad((loader) => {
      loader.insert(draft('ou=a,dc=example', { ou: 'a' }), 1, 0);
      failBatches(1);
      return Promise.resolve();
    });
    await expect(load).rejects.toThrow('injected');
    await expect(store.write((tx) => insertUnit(tx, 'b'))).rejects.toBeInstanceOf(StoreUnavailableError);
    await store.close();
    await expect(openStore({ location })).rejects.toBeInstanceOf(StoreLoadInterruptedError);
    const again = await openStore({ location, interruptedLoad: 'discard' });
    expect(again.entryCount).toBe(1);
    expect(await problems(again)).toEqual([]);
  });

  it('is not tried again before its time', async () => {
    const store = await storeWithSuffix(await temporaryFolder());
    failBatches(1);
    const reopen = vi.spyOn(Database.prototype, 'reopen').mockResolvedValue(false);
    await expect(store.write((tx) => insertUnit(tx, 'a'))).rejects.toThrow('injected');
    const writes = Array.from({ length: 20 }, (_, n) => store.write((tx) => insertUnit(tx, String(n))));
    const outcomes = await Promise.allSettled(writes);
    expect(outcomes.every(({ status }) => status === 'rejected')).toBe(true);
    expect(reopen).toHaveBeenCalledTimes(1);
    reopen.mockRestore();
    await new Promise((resolve) => setTimeout(resolve, 60));
    await store.write((tx) => insertUnit(tx, 'a'));
  });
});

/** A file system of 24 MiB, where this machine lets us make one. */
async function smallDisk(): Promise<{ folder: string; unmount: () => void } | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  const folder = join(await temporaryFolder(), 'disk');
  await mkdir(folder);
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=24m', 'jammd-test', folder], { stdio: 'ignore' });
  } catch {
    return undefined;
  }
  return { folder, unmount: () => void execFileSync('umount', ['-l', folder], { stdio: 'ignore' }) };
}

it('serves reads from a full disk, and takes writes again when there is room', async (context) => {
  const disk = await smallDisk();
  if (!disk) return context.skip('no tmpfs can be mounted here');
  try {
    const store = await storeWithSuffix(join(disk.folder, 'db'));
    const acknowledged: string[] = [];
    const noise = (n: number): string =>
      Array.from({ length: 3_000 }, (_, at) => Math.imul(n + 1, at * at + 7).toString(36)).join('');
    let failure: unknown;
    for (let n = 0; n < 3_000 && !failure; n++) {
      const name = `n${n}`;
      await store
        .write((tx) => insertUnit(tx, name, noise(n)))
        .then(
          () => acknowledged.push(name),
          (error: unknown) => (failure = error),
        );
      if (n === 100) await writeFile(join(disk.folder, 'ballast'), Buffer.alloc(6 << 20));
    }
    expect(failure).toBeInstanceOf(StoreUnavailableError);
    expect(acknowledged.length).toBeGreaterThan(100);
    for (const name of acknowledged) expect(store.entryByNdn(`ou=${name},dc=example`)?.parentId).toBe(1);
    await expect(store.write((tx) => insertUnit(tx, 'no-room'))).rejects.toBeInstanceOf(StoreUnavailableError);
    expect((await collect(store.scan())).length).toBeGreaterThanOrEqual(acknowledged.length);
    await writeFile(join(disk.folder, 'ballast'), '');
    await rm(join(disk.folder, 'ballast'));
    execFileSync('mount', ['-o', 'remount,size=128m', disk.folder], { stdio: 'ignore' });
    await new Promise((resolve) => setTimeout(resolve, 100));
    await store.write((tx) => insertUnit(tx, 'room-again'));
    for (const name of [...acknowledged, 'room-again']) {
      expect(store.entryByNdn(`ou=${name},dc=example`)?.parentId).toBe(1);
    }
    expect(await problems(store)).toEqual([]);
    await store.close();
  } finally {
    disk.unmount();
  }
}, 60_000);
