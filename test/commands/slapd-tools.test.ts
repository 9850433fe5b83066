import { execFileSync } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { defaultConfigText } from '../../src/config/default.js';
import { makeFolder, removeFolder } from '../support/place.js';
import { run, type Finished } from '../support/process.js';
import { findProgram, requirePrograms } from '../support/programs.js';
import { jammd } from './jammd.js';

const base = 'dc=myhosting,dc=example';
const ldif = [
  `dn: ${base}\nobjectClass: domain\ndc: myhosting\n`,
  `dn: ou=people,${base}\nobjectClass: organizationalUnit\nou: people\ndescription: ${'long '.repeat(40)}end\n`,
  `dn: cn=anna,ou=people,${base}\nobjectClass: person\ncn: anna\nsn: x\nuserPassword: secret\n`,
].join('\n');

let folder: string;
let tools: string;

/** One of the installed programs; a script that calls it has nothing else on its mind. */
const tool = (name: string, ...args: string[]): Promise<Finished> => run(join(tools, name), args);

async function expectSaid(finished: Promise<Finished>, code: number, said: string): Promise<void> {
  const { stderr, code: exit } = await finished;
  expect(stderr).toContain(said);
  expect(exit).toBe(code);
}

beforeAll(async () => {
  folder = await makeFolder('slapd-tools');
  const config = join(folder, 'slapd.conf');
  await writeFile(config, `${defaultConfigText({ directory: join(folder, 'data') })}\n`);
  await writeFile(join(folder, 'base.ldif'), ldif);
  tools = join(folder, 'tools');
  expect((await jammd(['slapd-tools', tools, '-f', config])).stderr).toBe('');
});
afterAll(() => removeFolder(folder));

describe("slapd's tools by name, with the flags of their manual pages", () => {
  it('slapadd', async () => {
    const file = join(folder, 'base.ldif');
    const dry = await tool('slapadd', '-u', '-c', '-d', '0', '-g', '-n', '1', '-o', 'syslog=none', '-l', file);
    expect(dry).toMatchObject({ code: 0, stderr: '' });
    const added = await tool(
      'slapadd',
      ...['-b', base, '-l', file, '-q', '-s', '-w', '-S', '7', '-j', '1', '-v', '-d0'],
      ...['-o', 'schema-check=yes', '-o', 'value-check=no'],
    );
    expect(added.code).toBe(0);
    expect(added.stderr).toContain('jammd import: warning: -s has no effect: entries always have to obey the schema\n');
    const { stdout } = await tool('slapcat');
    expect(stdout).toMatch(/^entryCSN: \d{14}\.\d{6}Z#[0-9a-f]{6}#007#000000$/m);
    // -w: the highest one.
    const [highest] = [...stdout.matchAll(/^entryCSN: (.*)$/gm)]
      .map(([, csn]) => csn!)
      .sort()
      .reverse();
    expect(stdout.match(/^contextCSN: .*$/gm)).toEqual([`contextCSN: ${highest}`]);
  });

  it('slapadd -j skips what comes before the line', async () => {
    const { stdout } = await tool('slapadd', '-u', '-v', '-j', '10', '-l', join(folder, 'base.ldif'), '-c');
    expect(stdout).not.toContain('ou=people,dc=myhosting,dc=example" (');
  });

  it('slapcat, its lines as long as they are', async () => {
    const { stdout } = await tool('slapcat', '-o', 'ldif-wrap=no', '-c', '-g', '-d', '0', '-v');
    expect(stdout).toContain(`\ndescription: ${'long '.repeat(40)}end\n`);
    expect(await tool('slapcat', '-o', 'ldif_wrap=0', '-n', '1')).toMatchObject({ stdout: (await tool('slapcat')).stdout });
    await expectSaid(tool('slapcat', '-o', 'ldif-wrap=1'), 1, 'from 2 on');
    await expectSaid(tool('slapcat', '-o', 'nosuch=1'), 1, 'unknown option');
  });

  const names = async (...args: string[]): Promise<string[]> =>
    [...(await tool('slapcat', ...args)).stdout.matchAll(/^dn: ([a-z]+=[a-z]+)/gm)].map(([, name]) => name!);

  it.each([
    [`ldap:///${base}`, ['dc=myhosting', 'ou=people', 'cn=anna']],
    [`ldap:///${base}??one`, ['ou=people']],
    [`ldap:///ou=people,${base}??base`, ['ou=people']],
    [`ldap:///${base}??sub?(objectClass=person)`, ['cn=anna']],
    [`ldap:///${encodeURIComponent(base)}??sub?%28cn=anna%29`, ['cn=anna']],
    ['ldap:///???(ou=*)', ['ou=people']],
  ])('slapcat -H %s', async (url, expected) => {
    expect(await names('-H', url)).toEqual(expected);
  });

  it.each([`ldap:///${base}?cn?sub`, `ldap://host/${base}`, `ldap:///${base}??up`, 'ldap:///%zz', 'http:///'])(
    'slapcat -H %s is refused',
    async (url) => {
      expect(await tool('slapcat', '-H', url)).toMatchObject({ code: 1, stdout: '' });
    },
  );

  it('slapcat -a -s -b', async () => {
    expect(await names('-b', base, '-s', `ou=people,${base}`, '-a', '(cn=*)')).toEqual(['cn=anna']);
  });

  it('slapindex', async () => {
    expect(await tool('slapindex', '-c', '-g', '-q', '-t', '-d', '0', '-b', base, '-o', 'syslog=none')).toMatchObject({
      code: 0,
    });
    const chosen = await tool('slapindex', '-v', 'mail', 'cn');
    await expectSaid(Promise.resolve(chosen), 0, 'all indexes are built in one pass');
    await expectSaid(tool('slapindex', 'description'), 1, 'no index of it');
    await expectSaid(tool('slapindex', 'nosuch'), 1, 'no such attribute');
  });

  it('slaptest', async () => {
    expect(await tool('slaptest', '-u', '-d', '0', '-v', '-o', 'syslog=none')).toMatchObject({ code: 0 });
    expect(await tool('slaptest', '-Q', '-u')).toMatchObject({ code: 0, stdout: '', stderr: '' });
    expect((await tool('slaptest', '-f', join(folder, 'absent.conf'))).code).toBe(1);
  });

  it('slappasswd', async () => {
    const { stdout } = await tool('slappasswd', '-v', '-u', '-n', '-h', '{CRYPT}', '-c', '$5$%.8s', '-s', 'secret');
    expect(stdout).toMatch(/^\{CRYPT\}\$5\$[./0-9A-Za-z]{8}\$[./0-9A-Za-z]{43}$/);
    const argon2 = await tool(
      'slappasswd',
      '-o',
      'module-path=/x',
      '-o',
      'module-load=argon2 m=1024 t=1 p=1',
      '-h',
      '{ARGON2}',
      '-s',
      'x',
    );
    expect(argon2.stdout).toContain('$m=1024,t=1,p=1$');
    expect((await tool('slappasswd', '-c', 'abc', '-s', 'x')).code).toBe(1);
  });

  it('jammd itself takes the configuration of JAMMD_CONFIG', async () => {
    const script = await readFile(join(tools, 'slapcat'), 'utf8');
    expect(script).toMatch(/^\[ -n "\$JAMMD_CONFIG" \] \|\| JAMMD_CONFIG='.*slapd\.conf'$/m);
  });
});

describe.skipIf(requirePrograms('slapadd', 'slapcat'))('beside slapcat', () => {
  it.each(['2', '20', '78', 'no'])('lines are folded alike with ldif-wrap=%s', async (wrap) => {
    const config = join(folder, 'theirs.conf');
    const data = join(folder, `theirs-${wrap}`);
    execFileSync('mkdir', [data]);
    const schemas = ['core', 'cosine', 'nis'].map((name) => `include /etc/ldap/schema/${name}.schema\n`).join('');
    const head = `${schemas}modulepath /usr/lib/ldap\nmoduleload back_mdb\ndatabase mdb\n`;
    await writeFile(config, `${head}suffix "${base}"\ndirectory ${data}\n`);
    const ours = await tool('slapcat', '-o', 'ldif-wrap=no');
    await run(findProgram('slapadd')!, ['-f', config, '-q'], { input: ours.stdout });
    const theirs = await run(findProgram('slapcat')!, ['-f', config, '-o', `ldif-wrap=${wrap}`]);
    expect((await tool('slapcat', '-o', `ldif-wrap=${wrap}`)).stdout).toBe(theirs.stdout);
  });
});
