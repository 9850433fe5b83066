import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { defaultConfigText } from '../../src/config/default.js';
import { makeFolder, removeFolder } from '../support/place.js';
import { run } from '../support/process.js';
import { findProgram, requirePrograms } from '../support/programs.js';
import { jammd } from './jammd.js';

const base = 'dc=myhosting,dc=example';
const top = `dn: ${base}\nobjectClass: domain\ndc: myhosting\n\n`;
const account = (name: string, ...lines: string[]): string =>
  `dn: cn=${name},${base}\nobjectClass: inetOrgPerson\ncn: ${name}\nsn: ${name}\n${lines.join('\n')}\n\n`;

let folder: string;
let databases = 0;

beforeAll(async () => {
  folder = await makeFolder('lenient-import');
});
afterAll(() => removeFolder(folder));

async function configure(): Promise<string> {
  const config = join(folder, `slapd-${++databases}.conf`);
  await writeFile(config, defaultConfigText({ directory: join(folder, `data-${databases}`) }));
  return config;
}

/** Lines of an entry: what slapadd 2.5.13 does with them is asked below. */
const lines: readonly string[][] = [
  ['description:'],
  ['description: A', 'description: a'],
  ['mail: A@x', 'mail: a@x'],
  ['telephoneNumber:'],
  ['homePhone:'],
  ['teletexTerminalIdentifier: abc'],
  ['title:'],
  ['mail:'],
  ['seeAlso:'],
  ['seeAlso: not a dn'],
  ['labeledURI:'],
  ['mail:: w6RAeA=='],
  ['jpegPhoto:: AAAA'],
  ['userCertificate;binary:: AAAA'],
  ['createTimestamp: nonsense'],
  ['entryUUID: zz'],
  ['authzTo: {0}dn.exact:cn=b,dc=x'],
  ['authzTo: {0}ldap:///dc=x??sub?(cn=a)', 'authzTo: {1}u:someone'],
  ['preferredLanguage: x', 'preferredLanguage: y'],
  ['nosuch: x'],
];

describe.skipIf(requirePrograms('slapadd'))('import takes what slapadd takes', () => {
  it('for lines that an add would refuse, with a warning that names line and DN', async () => {
    const data = join(folder, 'theirs');
    await mkdir(data);
    const theirs = join(folder, 'theirs.conf');
    const schemas = ['core', 'cosine', 'inetorgperson'].map((name) => `include /etc/ldap/schema/${name}.schema\n`).join('');
    const head = `${schemas}modulepath /usr/lib/ldap\nmoduleload back_mdb\ndatabase mdb\n`;
    await writeFile(theirs, `${head}suffix "${base}"\ndirectory ${data}\n`);
    const ours = await configure();
    const ldif = top + lines.map((some, index) => account(`n${index}`, ...some)).join('');
    const [slapadd, imported] = await Promise.all([
      run(findProgram('slapadd')!, ['-c', '-f', theirs], { input: ldif }),
      jammd(['import', '-c', '-v', '-f', ours], { input: ldif }),
    ]);
    const added = await run(findProgram('slapcat')!, ['-f', theirs]);
    const kept = await jammd(['export', '-f', ours]);
    const namesOf = (text: string): string[] =>
      [...text.matchAll(/^dn: cn=n(\d+),/gm)].map(([, n]) => lines[Number(n)]!.join(' | '));
    expect(namesOf(kept.stdout), `${imported.stderr}\n${slapadd.stderr}`).toEqual(namesOf(added.stdout));
    expect(imported.stderr).toMatch(
      /^jammd import: warning: line \d+: dn "cn=n1,dc=myhosting,dc=example": .*; loaded nevertheless/m,
    );
    expect(kept.stdout).toContain('description: A\ndescription: a\n');
    expect(await jammd(['check', '-f', ours, '--database'])).toMatchObject({ code: 0, stderr: '' });
  });
});

describe('import', () => {
  it('leaves out what overlays wrote that are not configured, and says so', async () => {
    const config = await configure();
    const many = Array.from({ length: 13 }, (_, index) => account(`m${index}`, `memberOf: cn=g,${base}`)).join('');
    const ldif = top + account('p', 'authTimestamp: 20200101000000Z') + many;
    const { code, stderr } = await jammd(['import', '-f', config], { input: ldif });
    expect(code).toBe(0);
    const told = stderr.split('\n').filter((line) => line.includes('memberOf is left out: overlay memberof is not configured'));
    expect(told).toHaveLength(11);
    expect(told[0]).toContain(`line 11: dn "cn=m0,${base}": `);
    expect(told[10]).toBe('jammd import: warning: 3 more entries: memberOf is left out: overlay memberof is not configured');
    expect(stderr).toContain(`dn "cn=p,${base}": authTimestamp is left out: overlay lastbind is not configured`);
    expect((await jammd(['export', '-f', config])).stdout).not.toContain('memberOf');
  });

  it('reads values and records of other files', async () => {
    const config = await configure();
    await writeFile(join(folder, 'value'), 'from a file');
    await writeFile(join(folder, 'top.ldif'), top);
    await writeFile(join(folder, 'bad.ldif'), account('b', 'nosuch: x'));
    const include = (name: string): string => `include: file://${join(folder, name)}\n\n`;
    const ldif = include('top.ldif') + account('f', `description:< file://${join(folder, 'value')}`) + include('bad.ldif');
    const { code, stderr } = await jammd(['import', '-c', '-f', config], { input: ldif + include('absent.ldif') });
    expect(code).toBe(1);
    expect(stderr).toContain(`${join(folder, 'bad.ldif')} line 1: dn "cn=b,${base}": `);
    expect(stderr).toContain(`cannot include ${join(folder, 'absent.ldif')}`);
    expect((await jammd(['export', '-f', config])).stdout).toContain('description: from a file\n');
  });

  it('ends where files include one another', async () => {
    const config = await configure();
    const file = join(folder, 'loop.ldif');
    await writeFile(file, `include: file://${file}\n`);
    const { code, stderr } = await jammd(['import', '-f', config, '-l', file]);
    expect(code).toBe(1);
    expect(stderr).toContain('more than 16 files include one another');
  });
});
