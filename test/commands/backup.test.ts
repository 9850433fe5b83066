import { chown, mkdir, open, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { defaultConfigText } from '../../src/config/default.js';
import { makeFolder, removeFolder } from '../support/place.js';
import { jammd, root } from './jammd.js';

let folder: string;
let config: string;
let directory: string;
let count = 0;

beforeAll(async () => {
  folder = await makeFolder('backup');
});
afterAll(() => removeFolder(folder));
beforeEach(async () => {
  config = await writeConfig();
});

const newPath = (what: string): string => join(folder, `${what}-${++count}`);

async function writeConfig(change: (text: string) => string = (text) => text): Promise<string> {
  directory = newPath('data');
  const file = newPath('slapd.conf');
  await writeFile(file, change(defaultConfigText({ directory })));
  return file;
}

async function fill(): Promise<void> {
  for (const name of ['base.ldif', 'sample.ldif']) await succeed('import', '-l', join(root, 'data', name));
}

const second = (text: string): string => `${text}\ndatabase mdb\nsuffix "o=second"\ndirectory "${newPath('second')}"\n`;

async function succeed(command: string, ...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await jammd([command, '-f', config, ...args]);
  const said = { import: /^\d+ entr(?:y|ies) loaded\n$/, export: /^\d+ entr(?:y|ies) written\n$/ }[command] ?? /^$/;
  expect([code, stderr]).toEqual([0, expect.stringMatching(said)]);
  return stdout;
}

async function fail(command: string, ...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await jammd([command, '-f', config, ...args]);
  expect([code, stdout]).toEqual([1, '']);
  expect(stderr).not.toContain('    at ');
  return stderr;
}

async function backup(...args: string[]): Promise<string> {
  const target = newPath('backup');
  await succeed('backup', target, ...args);
  return target;
}

/** Everything below, with its permissions. */
async function modesIn(path: string): Promise<Map<string, number>> {
  const modes = new Map([['.', (await stat(path)).mode & 0o777]]);
  for (const name of await readdir(path, { recursive: true })) modes.set(name, (await stat(join(path, name))).mode & 0o777);
  return modes;
}

describe('backup and restore of a stopped database', () => {
  it('give the same tree back in another place, private to its owner', async () => {
    await fill();
    const before = await succeed('export');
    const target = await backup();
    for (const [name, mode] of await modesIn(target)) {
      expect(mode, name).toBe(name === '.' || name === 'database-1' ? 0o700 : 0o600);
    }
    config = await writeConfig();
    expect(await succeed('restore', target)).toBe(`dc=myhosting,dc=example: 54 entries restored to ${directory}\n`);
    expect(await succeed('export')).toBe(before);
    expect(await succeed('check', '--database', '-v')).toContain('54 entries, no problems');
    expect((await stat(directory)).mode & 0o777).toBe(0o700);
  });

  it('change nothing about what they read', async () => {
    await fill();
    const target = await backup();
    const contents = async (): Promise<string[]> => {
      const names = (await readdir(target, { recursive: true })).sort();
      const files = names.filter((name) => name !== 'database-1');
      return Promise.all(files.map(async (name) => `${name} ${(await readFile(join(target, name))).toString('base64')}`));
    };
    const before = await contents();
    config = await writeConfig((text) => text.replace(/^index +mail.*$/m, 'index mail,cn,description eq,sub'));
    const { code, stderr } = await jammd(['restore', '-f', config, target]);
    expect([code, stderr]).toEqual([0, expect.stringContaining('no eq index of description')]);
    expect(await contents()).toEqual(before);
    // An index policy of its own: what the backup lacks is built when it is opened.
    await succeed('reindex', '-q');
    await succeed('check', '--database');
  });

  it('replace a database with entries only when told to, and put it aside', async () => {
    await fill();
    const target = await backup();
    await succeed('import', '-l', await ldif('dn: o=later,dc=myhosting,dc=example\nobjectClass: organization\no: later\n'));
    const later = await succeed('export');
    expect(await fail('restore', target)).toContain('--replace');
    expect(await succeed('export')).toBe(later);
    const said = await succeed('restore', target, '--replace');
    const aside = /the old database is in (.*)\n$/.exec(said)![1]!;
    expect(aside.startsWith(`${directory}/before-restore-`)).toBe(true);
    expect(await succeed('export', '-a', '(o=later)')).toBe('');
    await succeed('check', '--database');
    config = newPath('aside.conf');
    await writeFile(config, defaultConfigText({ directory: aside }));
    expect(await succeed('export')).toBe(later);
  });

  it('take all databases, or one, and know them by their suffixes', async () => {
    config = await writeConfig(second);
    await fill();
    await succeed('import', '-b', 'o=second', '-l', await ldif('dn: o=second\nobjectClass: organization\no: second\n'));
    const [first, other] = [await succeed('export'), await succeed('export', '-n', '2')];
    const both = await backup();
    const one = await backup('-b', 'o=second');
    expect((JSON.parse(await readFile(join(both, 'backup.json'), 'utf8')) as { databases: unknown[] }).databases).toMatchObject([
      { folder: 'database-1', suffixes: ['dc=myhosting,dc=example'], entries: 54 },
      { folder: 'database-2', suffixes: ['o=second'], entries: 1 },
    ]);

    // In another order.
    config = await writeConfig((text) =>
      text.replace(/^database /m, `database mdb\nsuffix "o=second"\ndirectory "${newPath('moved')}"\n$&`),
    );
    expect(await fail('restore', one, '-b', 'dc=myhosting,dc=example')).toContain(
      'contains no backup of dc=myhosting,dc=example, only of o=second',
    );
    await succeed('restore', both);
    expect([await succeed('export', '-n', '1'), await succeed('export', '-n', '2')]).toEqual([other, first]);

    config = await writeConfig();
    expect(await fail('restore', both)).toContain('the configuration has no database o=second');
    await expect(stat(directory)).rejects.toThrow();
    await succeed('restore', both, '-n', '1');
    expect(await succeed('export')).toBe(first);
  });

  it('restore none where one of them cannot be', async () => {
    config = await writeConfig(second);
    await fill();
    await succeed('import', '-b', 'o=second', '-l', await ldif('dn: o=second\nobjectClass: organization\no: second\n'));
    const both = await backup();
    await flipBit(await largestTable(join(both, 'database-2')));
    config = await writeConfig(second);
    expect(await fail('restore', both)).toContain('nothing was changed');
    expect((await jammd(['export', '-f', config])).stdout).toBe('');
  });
});

describe('backup', () => {
  it('takes an empty folder, and no other', async () => {
    await fill();
    const target = newPath('backup');
    await mkdir(target);
    await succeed('backup', target);
    expect(await fail('backup', target)).toContain('already holds a backup');
    const used = newPath('used');
    await mkdir(used);
    await writeFile(join(used, 'mine'), '');
    expect(await fail('backup', used)).toContain('is not empty');
    expect(await readdir(used)).toEqual(['mine']);
  });

  it.each([
    ['a database that is not there yet', [], 'no database in'],
    ['a folder that cannot be made', [join(import.meta.filename, 'below')], 'ENOTDIR'],
  ])('refuses %s and leaves nothing', async (_, [path], words) => {
    if (path !== undefined) await fill();
    const target = path ?? newPath('backup');
    expect(await fail('backup', target)).toContain(words);
    await expect(stat(target)).rejects.toThrow();
  });
});

describe('restore', () => {
  it.each<[string, (target: string) => Promise<unknown>, RegExp]>([
    ['without its table of contents', (target) => rm(join(target, 'backup.json')), /is not a backup, or not a complete one/],
    ['that is not there', (target) => rm(target, { recursive: true }), /no such folder/],
    [
      'whose table of contents is something else',
      (target) => writeFile(join(target, 'backup.json'), '{}'),
      /was not written by jammd backup/,
    ],
    [
      'that points elsewhere',
      (target) => edit(join(target, 'backup.json'), 'database-1', '../../etc'),
      /was not written by jammd backup/,
    ],
    [
      'of a later format',
      (target) => edit(join(target, 'backup.json'), '"format": 1', '"format": 2'),
      /format 2, newer than the 1/,
    ],
    ['with a flipped bit', async (target) => flipBit(await largestTable(join(target, 'database-1'))), /fails its checksum/],
    [
      'with a file cut short',
      async (target) => truncate(await largestTable(join(target, 'database-1'))),
      /not a complete table file|fails its checksum/,
    ],
    ['without one of its files', async (target) => rm(await largestTable(join(target, 'database-1'))), /./],
    ['without its CURRENT', (target) => rm(join(target, 'database-1', 'CURRENT')), /./],
    ['with other entries than it says', (target) => edit(join(target, 'backup.json'), '54', '55'), /found 54 of 55 entries/],
  ])('refuses a backup %s, and changes nothing', async (_, damage, words) => {
    await fill();
    const before = await succeed('export');
    const target = await backup();
    await damage(target);
    expect(await fail('restore', target, '--replace')).toMatch(words);
    expect(await succeed('export')).toBe(before);
    expect((await readdir(directory)).filter((name) => name.includes('restore'))).toEqual([]);
  });

  it('takes the place of a database that is damaged beyond reading', async () => {
    await fill();
    const before = await succeed('export');
    const target = await backup();
    await truncate(await largestTable(directory));
    expect((await jammd(['check', '-f', config, '--database'])).stderr).toContain('restore a backup (jammd restore)');
    expect(await fail('restore', target)).toContain('--replace');
    await succeed('restore', target, '--replace');
    expect(await succeed('export')).toBe(before);
    await rm(join(directory, 'CURRENT'));
    expect(await fail('restore', target)).toContain('--replace');
    await succeed('restore', target, '--replace');
    expect(await succeed('export')).toBe(before);
  });

  it.skipIf(process.getuid?.() !== 0)('by root gives the files to whom the folder belongs', async () => {
    await fill();
    const target = await backup();
    await mkdir(newPath('home'));
    const home = join(folder, `home-${count}`);
    await chown(home, 12_345, 12_346);
    config = newPath('slapd.conf');
    await writeFile(config, defaultConfigText({ directory: join(home, 'data') }));
    await succeed('restore', target);
    for (const name of ['.', 'CURRENT', 'LOCK']) {
      const { uid, gid } = await stat(join(home, 'data', name));
      expect([name, uid, gid]).toEqual([name, 12_345, 12_346]);
    }
  });
});

async function ldif(text: string): Promise<string> {
  const file = newPath('ldif');
  await writeFile(file, text);
  return file;
}

async function edit(file: string, from: string, to: string): Promise<void> {
  await writeFile(file, (await readFile(file, 'utf8')).replaceAll(from, to));
}

async function largestTable(path: string): Promise<string> {
  const tables = (await readdir(path)).filter((name) => name.endsWith('.ldb')).map((name) => join(path, name));
  const sizes = await Promise.all(tables.map(async (file) => ({ file, size: (await stat(file)).size })));
  return sizes.sort((a, b) => b.size - a.size)[0]!.file;
}

async function flipBit(file: string): Promise<void> {
  const handle = await open(file, 'r+');
  const byte = Buffer.alloc(1);
  await handle.read(byte, 0, 1, 100);
  byte[0]! ^= 4;
  await handle.write(byte, 0, 1, 100);
  await handle.close();
}

async function truncate(file: string): Promise<void> {
  const handle = await open(file, 'r+');
  await handle.truncate(200);
  await handle.close();
}
