/** Databases that are glued below another one go with it when it is exported and loaded, as slapcat and slapadd do. */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeFolder, removeFolder } from '../support/place.js';
import { run } from '../support/process.js';
import { requirePrograms } from '../support/programs.js';
import { jammd } from './jammd.js';

const unit = (dn: string): string => `dn: ${dn}\nobjectClass: organizationalUnit\nou: ${/^ou=(\w+)/.exec(dn)![1]}\n`;
const ldif = [
  'dn: dc=x\nobjectClass: domain\ndc: x\n',
  ...['ou=other,dc=x', 'ou=sub,dc=x', 'ou=in,ou=sub,dc=x', 'ou=low,ou=in,ou=sub,dc=x', 'ou=late,dc=x'].map(unit),
].join('\n');

let folder: string;

/** Three databases: the last one holds the two before, one of them below the other. */
function configuration(name: string, head: string): string {
  const database = (suffix: string, number: number, more = ''): string =>
    `database mdb\nsuffix "${suffix}"\n${more}directory ${join(folder, name, String(number))}\n`;
  return [
    head,
    database('ou=in,ou=sub,dc=x', 1, 'subordinate\n'),
    database('ou=sub,dc=x', 2, 'subordinate\n'),
    database('dc=x', 3),
  ].join('\n');
}

async function prepare(name: string, head: string): Promise<string> {
  for (const number of [1, 2, 3]) await mkdir(join(folder, name, String(number)), { recursive: true });
  const config = join(folder, name, 'slapd.conf');
  await writeFile(config, configuration(name, head));
  return config;
}

const namesIn = (text: string): string[] => [...text.matchAll(/^dn: (.*)$/gm)].map(([, dn]) => dn!);

const jammdHead = 'include core.schema\ninclude cosine.schema';
const slapdHead = ['core', 'cosine'].map((schema) => `include /etc/ldap/schema/${schema}.schema`).join('\n');

beforeAll(async () => {
  folder = await makeFolder('glue');
  await writeFile(join(folder, 'tree.ldif'), ldif);
});
afterAll(() => removeFolder(folder));

describe.skipIf(requirePrograms('slapadd', 'slapcat'))('export and import', () => {
  let ours: string;
  let theirs: string;
  beforeAll(async () => {
    ours = await prepare('ours', jammdHead);
    theirs = await prepare('theirs', `modulepath /usr/lib/ldap\nmoduleload back_mdb\n${slapdHead}`);
    const file = join(folder, 'tree.ldif');
    expect(await run('/usr/sbin/slapadd', ['-f', theirs, '-l', file])).toMatchObject({ code: 0 });
    expect(await jammd(['import', '-f', ours, '-l', file])).toMatchObject({ code: 0 });
  });

  it.each([
    '',
    '-g',
    '-b dc=x',
    '-b dc=x -g',
    '-n 1',
    '-n 2',
    '-n 2 -g',
    '-n 3',
    '-b ou=sub,dc=x',
    '-a (ou=*l*)',
    '-H ldap:///dc=x??one',
    '-H ldap:///dc=x??base',
  ])('write what slapcat %s writes', async (line) => {
    const wanted = line.split(' ').filter((word) => word !== '');
    const reference = await run('/usr/sbin/slapcat', ['-f', theirs, ...wanted]);
    const { stdout, code } = await jammd(['export', '-f', ours, ...wanted]);
    expect(code).toBe(0);
    expect(namesIn(stdout).sort()).toEqual(namesIn(reference.stdout).sort());
  });

  it('go round: what is exported is loaded again, from standard input too', async () => {
    const { stdout: exported } = await jammd(['export', '-f', ours]);
    expect(namesIn(exported)).toHaveLength(6);
    const again = await prepare('again', jammdHead);
    expect(await jammd(['import', '-q', '-f', again], { input: exported })).toMatchObject({ code: 0 });
    expect((await jammd(['export', '-f', again])).stdout).toBe(exported);
    expect(namesIn((await jammd(['export', '-f', again, '-n', '1', '-g'])).stdout)).toEqual([
      'ou=in,ou=sub,dc=x',
      'ou=low,ou=in,ou=sub,dc=x',
    ]);
  });

  it.each([
    ['', ['dc=x: 3', 'ou=in,ou=sub,dc=x: 2', 'ou=sub,dc=x: 1']],
    ['-g', ['dc=x: 3']],
    ['-b ou=sub,dc=x', ['ou=sub,dc=x: 1']],
  ])('reindex with %j', async (line, told) => {
    const { stderr, code } = await jammd(['reindex', '-f', ours, ...line.split(' ').filter((word) => word !== '')]);
    expect(code).toBe(0);
    expect([...stderr.matchAll(/^(.*: \d+) entr(?:y|ies) indexed$/gm)].map(([, text]) => text)).toEqual(told);
  });

  it('tell of an entry that no database holds once, and load the others with -c', async () => {
    const config = await prepare('stranger', jammdHead);
    const file = join(folder, 'stranger.ldif');
    await writeFile(file, `${await readFile(join(folder, 'tree.ldif'), 'utf8')}\n${unit('ou=far,dc=y')}`);
    const { stderr, code } = await jammd(['import', '-c', '-f', config, '-l', file]);
    expect(code).toBe(1);
    expect(stderr.match(/ou=far,dc=y/g)).toHaveLength(1);
    expect(namesIn((await jammd(['export', '-f', config])).stdout)).toHaveLength(6);
  });

  it.each(['-g', '-n 3'])('of one database alone with %s refuse what the others hold, as slapadd does', async (line) => {
    const wanted = line.split(' ');
    const config = await prepare(`alone${wanted.join('')}`, jammdHead);
    const { stderr, code } = await jammd(['import', '-c', '-f', config, '-l', join(folder, 'tree.ldif'), ...wanted]);
    expect(code).toBe(1);
    expect(stderr).toContain('that is the database of ou=sub,dc=x');
    expect(namesIn((await jammd(['export', '-f', config])).stdout).sort()).toEqual(['dc=x', 'ou=late,dc=x', 'ou=other,dc=x']);
  });
});
