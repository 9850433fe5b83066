import { execFileSync } from 'node:child_process';
import { chmod, readFile, stat, writeFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { SchemaBuilder } from '../../src/schema/builder.js';
import { StoreFormatError, StoreLockedError, StoreUnavailableError } from '../../src/store/errors.js';
import { collect, draft, openStore, temporaryFolder } from './fixture.js';
import { withLevel } from './level.js';

describe('opening a store', () => {
  it('makes a folder for its owner only, and says who has it open', async () => {
    const location = join(await temporaryFolder(), 'a/b');
    const store = await openStore({ location });
    expect((await stat(location)).mode & 0o777).toBe(0o700);
    expect(await readFile(join(location, 'jammd.pid'), 'latin1')).toBe(`${process.pid}\n`);
    await store.close();
    expect(existsSync(join(location, 'jammd.pid'))).toBe(false);
  });

  it('is refused while somebody else has it open, with the process that does', async () => {
    const location = await temporaryFolder();
    await openStore({ location });
    await writeFile(join(location, 'jammd.pid'), '4242\n');
    const refused = openStore({ location });
    await expect(refused).rejects.toBeInstanceOf(StoreLockedError);
    const message = expect.stringContaining('4242') as string;
    await expect(refused).rejects.toMatchObject({ pid: 4242, folder: location, message });
  });

  it('is refused where a newer version wrote it', async () => {
    const location = await temporaryFolder();
    await (await openStore({ location })).close();
    await withLevel(location, (level) => level.put('m:format', Buffer.from('{"version":99}')));
    await expect(openStore({ location })).rejects.toThrow(/format version 99, newer/);
    await expect(openStore({ location })).rejects.toBeInstanceOf(StoreFormatError);
  });

  it("is refused where the database is not jammd's", async () => {
    const location = await temporaryFolder();
    await withLevel(location, (level) => level.put('hello', Buffer.from('world')));
    await expect(openStore({ location })).rejects.toThrow(/not jammd's/);
  });

  it('is refused where the schema lacks an attribute that entries have', async () => {
    const location = await temporaryFolder();
    const store = await openStore({ location });
    await store.write((tx) => tx.insert(draft('dc=example', { jvd: 'example' }), 0, 0));
    await store.close();
    const poorer = new SchemaBuilder().build();
    await expect(openStore({ location, schema: poorer, indexes: [] })).rejects.toThrow(/jvd/);
  });

  it('is refused in a folder that cannot be written to', async () => {
    const location = await temporaryFolder();
    const isRoot = process.getuid?.() === 0;
    // Permissions do not stop root; a file system that is mounted read-only does.
    if (isRoot) execFileSync('mount', ['-t', 'tmpfs', '-o', 'ro', 'jammd-test', location]);
    else await chmod(location, 0o500);
    try {
      await expect(openStore({ location })).rejects.toBeInstanceOf(StoreUnavailableError);
    } finally {
      if (isRoot) execFileSync('umount', ['-l', location]);
      else await chmod(location, 0o700);
    }
  });

  it('is refused with the reason where the folder cannot be made', async () => {
    const file = join(await temporaryFolder(), 'file');
    await writeFile(file, '');
    await expect(openStore({ location: join(file, 'below') })).rejects.toThrow(/cannot create the folder/);
  });

  it('leaves nothing of a database in memory', async () => {
    const store = await openStore();
    const { folder } = store;
    await store.write((tx) => tx.insert(draft('dc=example'), 0, 0));
    expect(existsSync(folder)).toBe(true);
    await store.close();
    expect(existsSync(folder)).toBe(false);
  });
});

describe('a backup', () => {
  it('is a database of its own with what was committed when it began', async () => {
    const store = await openStore({ location: await temporaryFolder() });
    await store.bulkLoad((load) => {
      load.insert(draft('dc=example'), 0, 0);
      for (let n = 0; n < 500; n++) load.insert(draft(`mail=${n}@example,dc=example`, { mail: `${n}@example` }), 1, 0);
      return Promise.resolve();
    });
    const location = join(await temporaryFolder(), 'copy');
    const copying = store.backup(location);
    await store.write((tx) => tx.insert(draft('ou=late,dc=example'), 1, 0));
    await copying;
    const copy = await openStore({ location });
    expect(copy.entryCount).toBe(501);
    const problems: string[] = [];
    await copy.verify(({ message }) => problems.push(message));
    expect(problems).toEqual([]);
    const before = (await collect(store.scan())).slice(0, 501).map(({ buffer }) => buffer);
    expect((await collect(copy.scan())).map(({ buffer }) => buffer)).toEqual(before);
  });

  it('does not mix with what is in the folder', async () => {
    const store = await openStore();
    const location = await temporaryFolder();
    await writeFile(join(location, 'mine'), '');
    await expect(store.backup(location)).rejects.toThrow(/not empty/);
  });
});
