import { execFileSync } from 'node:child_process';
import { mkdir, readdir, readFile, rename, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { DatabaseCopy } from '../../src/store/transfer/backup.js';
import { StoreCopyInterruptedError, StoreLockedError, StoreRestoreInterruptedError } from '../../src/store/errors.js';
import { DatabaseRestore, holdsEntries } from '../../src/store/transfer/restore.js';
import { draft, openStore, snapshotEntries, temporaryFolder } from './fixture.js';

/** A closed database with so many entries. */
async function database(entries: number, folder?: string): Promise<string> {
  const location = folder ?? (await temporaryFolder());
  const store = await openStore({ location });
  for (let n = 0; n < entries; n++) {
    await store.write((tx) => tx.insert(draft(n === 0 ? 'dc=example' : `ou=${n},dc=example`), n === 0 ? 0 : 1, 0));
  }
  await store.close();
  return location;
}

async function entriesIn(location: string): Promise<number> {
  const store = await openStore({ location });
  const entries = await snapshotEntries(store);
  const problems: string[] = [];
  await store.verify(({ message }) => problems.push(message));
  await store.close();
  expect(problems).toEqual([]);
  return entries.length;
}

async function restore(source: string, folder: string, keepOld = true): Promise<string | undefined> {
  const work = await DatabaseRestore.begin(folder);
  try {
    await work.stage(source);
    expect(await entriesIn(work.staged)).toBeGreaterThan(0);
    return await work.install({ keepOld });
  } finally {
    await work.close();
  }
}

describe('a restore', () => {
  it("makes the folder, or takes an empty database's place and leaves nothing of it", async () => {
    const source = await database(5);
    const folder = join(await temporaryFolder(), 'below', 'data');
    expect(await holdsEntries(folder)).toBe(false);
    expect(await restore(source, folder, false)).toBeUndefined();
    expect(await entriesIn(folder)).toBe(5);
    expect((await stat(folder)).mode & 0o777).toBe(0o700);

    const empty = await database(0);
    expect(await holdsEntries(empty)).toBe(false);
    expect(await restore(source, empty, false)).toBeUndefined();
    expect(await entriesIn(empty)).toBe(5);
    expect((await readdir(empty)).filter((name) => name.includes('restore'))).toEqual([]);
  });

  it('puts the old database aside, where it can be opened, and leaves other files alone', async () => {
    const [source, folder] = [await database(5), await database(3)];
    await writeFile(join(folder, 'slapd.conf'), 'mine');
    expect(await holdsEntries(folder)).toBe(true);
    const aside = await restore(source, folder);
    expect(aside).toMatch(/before-restore-\d{8}T\d{9}Z$/);
    expect(await entriesIn(folder)).toBe(5);
    expect(await entriesIn(aside!)).toBe(3);
    expect(await readFile(join(folder, 'slapd.conf'), 'utf8')).toBe('mine');
    expect(await entriesIn(source)).toBe(5);
  });

  it('works through a symbolic link', async () => {
    const [source, folder] = [await database(5), await database(3)];
    const path = join(await temporaryFolder(), 'link');
    await symlink(folder, path);
    await restore(source, path);
    expect(await entriesIn(folder)).toBe(5);
  });

  it('is refused while somebody has the database open, and keeps others from opening it', async () => {
    const [source, folder] = [await database(5), await database(3)];
    const store = await openStore({ location: folder });
    // In this process, and below in another one: the first attempt must not cost the lock.
    await expect(holdsEntries(folder)).rejects.toBeInstanceOf(StoreLockedError);
    await expect(openStore({ location: folder })).rejects.toBeInstanceOf(StoreLockedError);
    const attempt = (): string =>
      execFileSync(process.execPath, ['--input-type=module', '-e', script], {
        encoding: 'utf8',
        env: { ...process.env, FOLDER: folder },
      });
    const dist = new URL('../../dist/store/', import.meta.url).href;
    const script = `
      const { DatabaseRestore, holdsEntries } = await import('${dist}transfer/restore.js');
      const { Database, defaultDatabaseOptions } = await import('${dist}level/database.js');
      const tell = (error) => console.log(error.message);
      await holdsEntries(process.env.FOLDER).then(console.log, tell);
      await DatabaseRestore.begin(process.env.FOLDER).then((work) => work.close().then(() => console.log('restored')), tell);
      await Database.open(process.env.FOLDER, defaultDatabaseOptions).then((one) => one.close().then(() => console.log('opened')), tell);
    `;
    const inUse = `${folder} is in use by process ${process.pid}\n`;
    expect(attempt()).toBe(inUse + inUse + inUse);
    expect(store.entryCount).toBe(3);
    await store.close();
    const work = await DatabaseRestore.begin(folder);
    expect(attempt()).toBe(inUse + inUse + inUse);
    await work.stage(source);
    await work.close();
    expect(attempt()).toBe('true\nrestored\nopened\n');
    expect(await entriesIn(folder)).toBe(3);
  });

  it.each([
    ['before the first old file moved', 0, 0],
    ['when some old files had moved', 2, 0],
    ['when all had', 100, 0],
    ['when some new ones had come', 100, 2],
    ['when all had', 100, 100],
  ])('that was cut off %s is gone on with, and until then nobody opens the folder', async (_, moved, placed) => {
    const [source, folder] = [await database(5), await database(3)];
    const isContent = (name: string): boolean => /^(?:CURRENT|MANIFEST.*|.*\.(?:ldb|log))$/.test(name);
    const aside = join(folder, 'before-restore-x');
    await mkdir(aside);
    const old = (await readdir(folder)).filter((name) => isContent(name));
    for (const name of old.slice(0, moved)) await rename(join(folder, name), join(aside, name));
    if (placed > 0) {
      const other = await database(4);
      const files = (await readdir(other)).filter((name) => isContent(name));
      for (const name of files.slice(0, placed)) await rename(join(other, name), join(folder, name));
    }
    const phase = placed > 0 ? 'placing' : 'moving';
    await writeFile(join(folder, 'restore-unfinished'), JSON.stringify({ phase, aside: 'before-restore-x' }));
    await expect(openStore({ location: folder })).rejects.toBeInstanceOf(StoreRestoreInterruptedError);
    expect(await holdsEntries(folder)).toBe(false);
    expect(await restore(source, folder, false)).toBe(aside);
    expect(await entriesIn(folder)).toBe(5);
    expect(await entriesIn(aside)).toBe(3);
  });

  it('does not guess what a guard file means that nobody has written', async () => {
    const [source, folder] = [await database(5), await database(3)];
    await writeFile(join(folder, 'restore-unfinished'), '{"phase":"moving","aside":"../elsewhere"}');
    await expect(restore(source, folder)).rejects.toThrow(/was not written by a restore/);
    await expect(openStore({ location: folder })).rejects.toThrow(/was not written by a restore/);
  });
});

describe('a copy', () => {
  it('that was cut off opens nowhere, wherever that was', async () => {
    const store = await openStore({ location: await database(3) });
    const snapshot = store.snapshot();
    const items = [];
    for await (const chunk of snapshot.items()) items.push(...chunk);
    await snapshot.close();
    for (const count of [0, 1, Math.floor(items.length / 2), items.length]) {
      const location = await temporaryFolder();
      const copy = await DatabaseCopy.begin(location);
      for (const item of items.slice(0, count)) copy.put(item);
      await copy.abandon();
      await expect(openStore({ location })).rejects.toBeInstanceOf(StoreCopyInterruptedError);
    }
  });
});
