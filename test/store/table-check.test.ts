import { cp, open, readdir, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { FileDamage } from '../../src/store/check/damage.js';
import { checkTables } from '../../src/store/check/table-check.js';
import { moveLogsToTables } from '../support/database-files.js';
import { makeFolder, removeFolder } from '../support/place.js';
import { draft, openStore, temporaryFolder } from './fixture.js';

let whole: string;

beforeAll(async () => {
  whole = await makeFolder('tables');
  const store = await openStore({ location: whole });
  await store.bulkLoad((load) => {
    const suffix = load.insert(draft('dc=example'), 0, 0);
    for (let n = 0; n < 5_000; n++) load.insert(draft(`mail=u${n},dc=example`, { mail: `u${n}@d.example` }), suffix, 0);
    return Promise.resolve();
  });
  await store.close();
  await moveLogsToTables(whole);
});

afterAll(() => removeFolder(whole));

async function copy(): Promise<{ folder: string; table: string }> {
  const folder = await temporaryFolder();
  await cp(whole, folder, { recursive: true });
  const sizes = await Promise.all(
    (await readdir(folder))
      .filter((name) => name.endsWith('.ldb'))
      .map(async (name) => {
        const file = await open(join(folder, name));
        const { size } = await file.stat();
        await file.close();
        return { name, size };
      }),
  );
  return { folder, table: sizes.sort((a, b) => b.size - a.size)[0]!.name };
}

async function damages(folder: string): Promise<FileDamage[]> {
  const found: FileDamage[] = [];
  await checkTables(folder, (damage) => found.push(damage));
  return found;
}

describe('the check of table files', () => {
  it('finds nothing wrong with whole ones', async () => {
    expect(await damages(whole)).toEqual([]);
  });

  it('finds a flipped bit wherever it is, and names the file and the block', async () => {
    const { folder, table } = await copy();
    const file = await open(join(folder, table), 'r+');
    const { size } = await file.stat();
    const byte = Buffer.alloc(1);
    for (let part = 0; part < 60; part++) {
      const place = Math.floor(((size - 1) * part) / 59);
      await file.read(byte, 0, 1, place);
      await file.write(Buffer.of(byte[0]! ^ (1 << (part % 8))), 0, 1, place);
      const found = await damages(folder);
      // The footer's filling holds nothing.
      if (size - place > 48 || size - place <= 8) expect(found, `byte ${place} of ${size}`).toHaveLength(1);
      for (const damage of found) {
        expect(damage.file).toBe(table);
        if (damage.offset !== undefined) expect(damage.offset).toBeLessThanOrEqual(place);
      }
      await file.write(byte, 0, 1, place);
    }
    await file.close();
    expect(await damages(folder)).toEqual([]);
  });

  it('finds a file that was cut off', async () => {
    const { folder, table } = await copy();
    await truncate(join(folder, table), 1_000);
    expect(await damages(folder)).toEqual([{ file: table, kind: 'table', offset: undefined, refusalOffset: 999 }]);
    await truncate(join(folder, table), 0);
    expect(await damages(folder)).toEqual([{ file: table, kind: 'table', offset: undefined, refusalOffset: undefined }]);
  });
});
