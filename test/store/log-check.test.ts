import { cp, readdir, readFile, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ClassicLevel } from 'classic-level';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { describeDamage, type FileDamage } from '../../src/store/check/damage.js';
import { checkDatabaseFiles } from '../../src/store/check/file-check.js';
import { checkLogs } from '../../src/store/check/log-check.js';
import { makeFolder, removeFolder } from '../support/place.js';
import { draft, openStore, temporaryFolder } from './fixture.js';

/** A database all of whose content is in one log, in records that fill parts of blocks and several of them. */
let whole: string;
let log: string;

async function contentOf(folder: string): Promise<Map<string, string>> {
  const level = new ClassicLevel<string, string>(folder, { valueEncoding: 'base64' });
  await level.open();
  try {
    return new Map(await level.iterator().all());
  } finally {
    await level.close();
  }
}

beforeAll(async () => {
  whole = await makeFolder('logs');
  const level = new ClassicLevel<string, string>(whole);
  await level.open();
  for (let n = 0; n < 120; n++) await level.put(`key ${n}`, `${n} `.repeat(n % 10 === 0 ? 20_000 : n * 7));
  await level.close();
  [log] = (await readdir(whole)).filter((name) => name.endsWith('.log')) as [string];
});
afterAll(() => removeFolder(whole));

async function copy(): Promise<string> {
  const folder = await temporaryFolder();
  await cp(whole, folder, { recursive: true });
  return folder;
}

async function damages(folder: string, closed: boolean): Promise<FileDamage[]> {
  const found: FileDamage[] = [];
  await checkLogs(folder, closed, (damage) => found.push(damage));
  return found;
}

describe('the check of logs', () => {
  it('finds nothing wrong with whole ones', async () => {
    expect((await readFile(join(whole, log))).length).toBeGreaterThan(500_000);
    expect(await damages(whole, true)).toEqual([]);
    expect(await damages(whole, false)).toEqual([]);
  });

  it('finds every flipped bit over which LevelDB passes in silence, and names the record', { timeout: 120_000 }, async () => {
    const bytes = await readFile(join(whole, log));
    const before = await contentOf(await copy());
    let lossy = 0;
    await fc.assert(
      fc.asyncProperty(fc.nat(bytes.length - 1), fc.nat(7), async (place, bit) => {
        const folder = await copy();
        const flipped = Buffer.from(bytes);
        flipped[place]! ^= 1 << bit;
        await writeFile(join(folder, log), flipped);
        const [damage, ...more] = await damages(folder, true);
        expect(more).toEqual([]);
        if (damage) {
          expect(damage).toMatchObject({ file: log, kind: 'log' });
          expect(damage.offset).toBeLessThanOrEqual(place);
        }
        const after = await contentOf(folder);
        const isSame = after.size === before.size && [...before].every(([key, value]) => after.get(key) === value);
        if (isSame) return;
        lossy++;
        expect(damage, `byte ${place}`).toBeDefined();
      }),
      { numRuns: 60 },
    );
    expect(lossy).toBeGreaterThan(30);
  });

  it('takes an end that is missing for a write that was cut off, unless the database was closed in order', async () => {
    const { length } = await readFile(join(whole, log));
    for (const missing of [1, 3, 100, 800, 40_000]) {
      const folder = await copy();
      await truncate(join(folder, log), length - missing);
      expect(await damages(folder, false)).toEqual([]);
      expect(await damages(folder, true)).toHaveLength(1);
    }
  });

  it('does the same with an end of zeros, as a power cut may leave', async () => {
    const folder = await copy();
    const bytes = await readFile(join(folder, log));
    await writeFile(join(folder, log), bytes.fill(0, bytes.length - 5_000));
    expect(await damages(folder, false)).toEqual([]);
    expect(await damages(folder, true)).toHaveLength(1);
  });
});

describe('a database with a damaged log', () => {
  it('tells so when it is opened, once, and has the rest', async () => {
    const location = await temporaryFolder();
    const store = await openStore({ location });
    await store.write((tx) => tx.insert(draft('dc=example', { dc: 'example' }), 0, 0));
    for (let n = 0; n < 200; n++) {
      await store.write((tx) => tx.insert(draft(`cn=p${n},dc=example`, { cn: `p${n}`, description: `${n} `.repeat(300) }), 1, 0));
    }
    await store.close();
    const [name] = (await readdir(location)).filter((file) => file.endsWith('.log'));
    const bytes = await readFile(join(location, name!));
    bytes[bytes.indexOf('100 100 100')]! ^= 1;
    await writeFile(join(location, name!), bytes);
    const found: FileDamage[] = [];
    await checkDatabaseFiles(location, (damage) => found.push(damage));
    expect(found).toHaveLength(1);
    const told: string[] = [];
    const opened = await openStore({ location, onDamagedFile: (description) => told.push(description) });
    expect(told).toEqual([describeDamage(location, found[0]!)]);
    expect(told[0]).toMatch(/\.log: the record at byte \d+ fails its checksum; what was written last may be lost with it$/);
    expect(opened.idOf('cn=p0,dc=example')).toBe(2);
    expect(opened.idOf('cn=p100,dc=example')).toBeUndefined();
    expect(opened.idOf('cn=p199,dc=example')).toBe(201);
    await opened.reindex({ scope: 'everything' });
    const problems: string[] = [];
    await opened.verify(({ message }) => problems.push(message));
    expect(problems).toEqual([]);
    await opened.close();
    const again = await openStore({ location, onDamagedFile: (description) => told.push(description) });
    expect(told).toHaveLength(1);
    await again.close();
  });
});
