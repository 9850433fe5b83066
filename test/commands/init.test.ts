import { mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { closePasswordWorkers, verify } from '../../src/password/password.js';
import { makeFolder, removeFolder } from '../support/place.js';
import { jammd } from './jammd.js';

let place: string;
beforeAll(async () => {
  place = await makeFolder('init');
});
afterAll(async () => {
  await closePasswordWorkers();
  await removeFolder(place);
});

const modeOf = async (path: string): Promise<number> => (await stat(path)).mode & 0o777;
const rootPassword = async (folder: string): Promise<Buffer> =>
  Buffer.from(/^rootpw +"(.*)"$/m.exec(await readFile(join(folder, 'slapd.conf'), 'utf8'))![1]!);
const exported = async (folder: string): Promise<string> =>
  (await jammd(['export', '-f', join(folder, 'slapd.conf')])).stdout.replaceAll('\n ', '');

describe('jammd init', () => {
  it('makes a private folder with a valid configuration and the base tree', async () => {
    const folder = join(place, 'plain');
    const { code, stdout } = await jammd(['init', folder, '-b', 'dc=hosting,dc=example', '-w', 'secret']);
    expect(code).toBe(0);
    expect(stdout).toContain('cn=Manager,dc=hosting,dc=example');
    expect(stdout).not.toContain('secret');
    expect([await modeOf(folder), await modeOf(join(folder, 'slapd.conf')), await modeOf(join(folder, 'data'))]).toEqual([
      0o700, 0o600, 0o700,
    ]);
    expect(await readdir(folder)).toEqual(['data', 'slapd.conf']);
    expect(await verify(await rootPassword(folder), Buffer.from('secret'))).toBe(true);
    const names = [...(await exported(folder)).matchAll(/^dn: (.*)$/gm)].map((match) => match[1]);
    expect(names).toEqual(['dc=hosting,dc=example', 'cn=Manager,dc=hosting,dc=example', 'o=hosting,dc=hosting,dc=example']);
    const check = await jammd(['check', '-f', join(folder, 'slapd.conf'), '--database']);
    expect(check).toMatchObject({ code: 0, stderr: '' });
  });

  it('generates the password, hashes as told, and prints it once', async () => {
    const folder = join(place, 'generated');
    const { stdout } = await jammd(['init', folder, '-g', '-h', '{BCRYPT}']);
    const password = /^Password: (\S{12})$/m.exec(stdout)![1]!;
    const stored = await rootPassword(folder);
    expect(stored.toString()).toMatch(/^\{BCRYPT\}\$2b\$/);
    expect(await verify(stored, Buffer.from(password))).toBe(true);
  });

  it.each(['o=Müller \\"AG\\"', 'ou=x\\,y,o=z', 'l=Ulm,c=DE'])('makes the tree of the suffix %s', async (suffix) => {
    const folder = join(place, `suffix-${suffix.length}`);
    const made = await jammd(['init', folder, '-b', suffix, '-w', 'secret']);
    expect(made.stderr).toBe('');
    expect((await exported(folder)).match(/^dn:/gm)).toHaveLength(3);
  });

  it('leaves an existing directory, and a folder with other things, as they are', async () => {
    const folder = join(place, 'twice');
    await jammd(['init', folder, '-w', 'secret']);
    const before = await readFile(join(folder, 'slapd.conf'), 'utf8');
    const again = await jammd(['init', folder, '-w', 'other']);
    expect(again.code).toBe(1);
    expect(again.stderr).toContain('already');
    expect(await readFile(join(folder, 'slapd.conf'), 'utf8')).toBe(before);
    const foreign = join(place, 'foreign');
    await mkdir(foreign);
    await writeFile(join(foreign, 'diary'), 'dear');
    expect((await jammd(['init', foreign, '-w', 'x'])).code).toBe(1);
    expect(await readdir(foreign)).toEqual(['diary']);
  });

  it('finishes what one that was cut off has left, but not beside one at work', async () => {
    const folder = join(place, 'resumed');
    await jammd(['init', folder, '-w', 'secret']);
    await rm(join(folder, 'slapd.conf'));
    await writeFile(join(folder, 'init-unfinished'), `${process.pid}\n`);
    const beside = await jammd(['init', folder, '-w', 'secret']);
    expect(beside.code).toBe(1);
    expect(beside.stderr).toContain(`process ${process.pid}`);
    // Above the largest pid there can be.
    await writeFile(join(folder, 'init-unfinished'), '4194305\n');
    const resumed = await jammd(['init', folder, '-w', 'secret']);
    expect(resumed.code).toBe(0);
    expect(resumed.stderr).toContain('starting over');
    expect(await readdir(folder)).toEqual(['data', 'slapd.conf']);
    expect((await exported(folder)).match(/^dn:/gm)).toHaveLength(3);
  });

  it.each([
    ['a suffix that is no name', ['-b', 'nonsense', '-w', 'x'], 'nonsense'],
    ['a suffix of an unusual kind', ['-b', 'cn=x', '-w', 'x'], 'cn=x'],
    ['no password, without a terminal to ask on', ['-b', 'dc=x'], 'give it with -w or -T, or generate one with -g'],
    ['an empty password', ['-w', ''], 'empty'],
    ['an unknown scheme', ['-w', 'x', '-h', '{FOO}'], '{FOO}'],
    ['LDIF that is not there', ['-w', 'x', '-l', '/nonexistent.ldif'], '/nonexistent.ldif'],
  ])('makes nothing of %s', async (_, args, words) => {
    const folder = join(place, 'refused');
    const { code, stderr } = await jammd(['init', folder, ...args]);
    expect(code).toBe(1);
    expect(stderr).toContain(words);
    expect(stderr).not.toContain('    at ');
    await expect(stat(folder)).rejects.toThrow();
  });
});
