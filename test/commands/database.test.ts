import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { defaultConfigText } from '../../src/config/default.js';
import { makeFolder, removeFolder } from '../support/place.js';
import { findProgram, requirePrograms } from '../support/programs.js';
import { jammd, jammdProgram, root } from './jammd.js';

const base = readFileSync(join(root, 'data/base.ldif'), 'utf8');
const sample = join(root, 'data/sample.ldif');
const hosting = 'o=hosting,dc=myhosting,dc=example';

let folder: string;
let config: string;
let directories = 0;

beforeAll(async () => {
  folder = await makeFolder('database');
});
afterAll(() => removeFolder(folder));
beforeEach(async () => {
  config = await writeConfig();
});

/** A configuration with a database of its own. */
async function writeConfig(): Promise<string> {
  const directory = join(folder, `data-${++directories}`);
  const file = join(folder, `slapd-${directories}.conf`);
  await writeFile(file, defaultConfigText({ directory }));
  return file;
}

const importText = (ldif: string, ...args: string[]): ReturnType<typeof jammd> =>
  jammd(['import', '-f', config, ...args], { input: ldif });

const exportText = async (file = config, ...args: string[]): Promise<string> =>
  (await jammd(['export', '-f', file, ...args])).stdout;

const recordsOf = (ldif: string): string[] => ldif.trim().split('\n\n').filter(Boolean);
const dnsOf = (ldif: string): string[] => recordsOf(ldif.replaceAll('\n ', '')).map((record) => /^dn: (.*)$/m.exec(record)![1]!);

const organization = (name: string, ...lines: string[]): string =>
  [`dn: ${name}`, 'objectClass: organization', ...lines].join('\n') + '\n\n';

describe('import and export', () => {
  it('give the same tree back, operational attributes and all', async () => {
    expect((await importText(base)).code).toBe(0);
    expect((await jammd(['import', '-f', config, '-l', sample])).code).toBe(0);
    const first = await exportText();
    expect(recordsOf(first)).toHaveLength(54);
    expect(first).toMatch(/^entryUUID: /m);
    config = await writeConfig();
    expect((await importText(first, '-q')).code).toBe(0);
    expect(await exportText()).toBe(first);
  });

  it.skipIf(requirePrograms('slapadd', 'slapcat'))('agree with slapadd and slapcat to the byte', async () => {
    await importText(base);
    await jammd(['import', '-f', config, '-l', sample]);
    const ours = join(folder, 'ours.ldif');
    await jammd(['export', '-f', config, '-l', ours]);
    const theirs = join(folder, 'theirs');
    execFileSync('mkdir', [theirs]);
    const slapdConf = join(folder, 'theirs.conf');
    const schemas = ['core', 'cosine', 'nis'].map((name) => `include /etc/ldap/schema/${name}.schema`);
    await writeFile(
      slapdConf,
      [
        'modulepath /usr/lib/ldap',
        'moduleload back_mdb',
        ...schemas,
        `include ${join(root, 'schema/jamm.schema')}`,
        'database mdb',
        'suffix "dc=myhosting,dc=example"',
        `directory ${theirs}`,
        '',
      ].join('\n'),
    );
    execFileSync(findProgram('slapadd')!, ['-f', slapdConf, '-l', ours]);
    expect(execFileSync(findProgram('slapcat')!, ['-f', slapdConf], { encoding: 'utf8' })).toBe(await readFile(ours, 'utf8'));
  });

  it('take entries in any order', async () => {
    await importText(base);
    await jammd(['import', '-f', config, '-l', sample]);
    const records = recordsOf(await exportText());
    config = await writeConfig();
    expect((await importText(`${[...records].reverse().join('\n\n')}\n`)).code).toBe(0);
    const again = await exportText();
    expect(recordsOf(again).sort()).toEqual([...records].sort());
    const seen = new Set<string>();
    for (const dn of dnsOf(again)) {
      const parent = dn.slice(dn.indexOf(',') + 1);
      expect(dn === 'dc=myhosting,dc=example' || seen.has(parent), dn).toBe(true);
      seen.add(dn);
    }
    expect((await jammd(['check', '-f', config, '--database'])).code).toBe(0);
  });
});

describe('import', () => {
  it.each([
    [
      'an undefined attribute',
      organization('o=x,dc=myhosting,dc=example', 'o: x', 'foo: 1'),
      ['line 16', 'o=x,dc=myhosting', 'foo'],
    ],
    [
      'a missing attribute',
      'dn: mail=a@a,dc=myhosting,dc=example\nobjectClass: JammMailAlias\nmail: a@a\n',
      ['line 16', "requires attribute 'maildrop'"],
    ],
    ['an entry that exists', organization(hosting, 'o: hosting'), ['line 16', hosting, 'already']],
    ['a missing parent', organization('o=x,o=nowhere,dc=myhosting,dc=example', 'o: x'), ['line 16', 'parent o=nowhere']],
    ['a name outside the suffix', organization('o=x,dc=elsewhere', 'o: x'), ['line 16', 'o=x,dc=elsewhere', 'does not hold']],
    ['a broken name', organization('o=x,,dc=example', 'o: x'), ['line 16', 'o=x,,dc=example']],
    [
      'a line that is no attribute',
      'dn: o=x,dc=myhosting,dc=example\nobjectClass organization\n',
      ['line 17', 'o=x,dc=myhosting,dc=example'],
    ],
    ['a change', 'dn: o=hosting,dc=myhosting,dc=example\nchangetype: delete\n', ['line 16', 'change']],
  ])('stops at %s with line, DN and exit code 1, and keeps what came before', async (_, record, words) => {
    const { code, stderr } = await importText(`${base}\n${record}`);
    expect(code).toBe(1);
    for (const word of words) expect(stderr).toContain(word);
    expect(stderr).not.toContain('    at ');
    expect(dnsOf(await exportText())).toHaveLength(3);
  });

  it('goes on after failures with -c, and still exits with 1', async () => {
    const bad = organization('o=x,dc=elsewhere', 'o: x');
    const good = organization('o=y,dc=myhosting,dc=example', 'o: y');
    const { code, stderr } = await importText(`${base}\n${bad}dn: o=z\nrubbish\n\n${good}`, '-c');
    expect(code).toBe(1);
    expect(stderr).toContain('line 16');
    expect(stderr).toContain('line 21');
    expect(dnsOf(await exportText())).toContain('o=y,dc=myhosting,dc=example');
  });

  it('names each entry with -v, as slapadd', async () => {
    const { stdout } = await importText(base, '-v');
    expect(stdout.split('\n')[0]).toBe('added: "dc=myhosting,dc=example" (00000001)');
  });

  it('stores nothing with -u, and tells the same failures', async () => {
    expect((await importText(base, '-u')).code).toBe(0);
    expect((await importText(`${base}\n${organization('o=x,o=no,dc=myhosting,dc=example', 'o: x')}`, '-u')).code).toBe(1);
    expect(await exportText()).toBe('');
  });

  it('leaves out attributes that are worked out when asked for', async () => {
    await importText(base.replace('cn: Manager\n', 'cn: Manager\nhasSubordinates: FALSE\nentryDN: cn=Manager\n'));
    const text = await exportText();
    expect(dnsOf(text)).toHaveLength(3);
    expect(text).not.toMatch(/^(?:hasSubordinates|entryDN)/m);
  });

  it('adds the values of the name that are not among the attributes', async () => {
    await importText(base + '\ndn: cn=x,dc=myhosting,dc=example\nobjectClass: organizationalRole\n');
    expect(await exportText(config, '-a', '(cn=x)')).toMatch(/^cn: x$/m);
  });

  it('makes no database where the LDIF cannot be read', async () => {
    const { code, stderr } = await jammd(['import', '-f', config, '-l', join(folder, 'absent.ldif')]);
    expect(code).toBe(1);
    expect(stderr).toContain('absent.ldif');
    await expect(stat(join(folder, `data-${directories}`))).rejects.toThrow();
  });

  it('refuses what an import that was killed has left, until it is told to discard it', async () => {
    const many = Array.from({ length: 20_000 }, (_, n) => organization(`o=x${n},dc=myhosting,dc=example`, `o: x${n}`));
    const child = spawn(process.execPath, [jammdProgram, 'import', '-f', config, '-v']);
    child.stdin.on('error', () => undefined);
    child.stdin.end(`${base}\n${many.join('')}`);
    await once(child.stdout, 'data');
    child.kill('SIGKILL');
    await once(child, 'exit');
    for (const command of ['import', 'export', 'reindex', 'serve']) {
      const { code, stderr } = await jammd([command, '-f', config]);
      expect(code, command).toBe(1);
      expect(stderr).toContain('--discard-interrupted');
    }
    expect((await importText(base, '--discard-interrupted')).code).toBe(0);
    expect(dnsOf(await exportText())).toHaveLength(3);
    expect((await jammd(['check', '-f', config, '--database'])).code).toBe(0);
  });

  it('picks the database by -b or -n, and routes nothing into another', async () => {
    const second = 'database mdb\nsuffix "o=second"\ndirectory "' + join(folder, `second-${directories}`) + '"\n';
    await writeFile(config, `${await readFile(config, 'utf8')}\n${second}`);
    const ldif = organization('o=second', 'o: second');
    expect((await importText(ldif)).stderr).toContain('that is the database of o=second');
    expect((await importText(ldif, '-n', '2')).code).toBe(0);
    expect((await importText(organization('o=x,o=second', 'o: x'), '-b', 'o=second')).code).toBe(0);
    expect(dnsOf(await exportText(config, '-b', 'o=x,O=Second'))).toEqual(['o=second', 'o=x,o=second']);
    for (const choice of [
      ['-n', '3'],
      ['-n', '0'],
      ['-b', 'o=third'],
    ]) {
      expect((await importText(ldif, ...choice)).code, choice.join(' ')).toBe(1);
    }
    expect((await importText(ldif, '-n', '1', '-b', 'o=second')).code).toBe(2);
  });
});

describe('export', () => {
  beforeEach(async () => {
    await importText(base);
    await jammd(['import', '-f', config, '-l', sample]);
  });

  it('writes what a filter or a subtree selects', async () => {
    expect(dnsOf(await exportText(config, '-a', '(objectClass=JammVirtualDomain)'))).toHaveLength(5);
    const lantern = await exportText(config, '-s', `jvd=Lantern.example, ${hosting}`);
    expect(dnsOf(lantern)[0]).toBe(`jvd=lantern.example,${hosting}`);
    expect(dnsOf(lantern)).toHaveLength(4);
    expect(await exportText(config, '-s', `jvd=lantern.example,${hosting}`, '-a', '(userPassword=*)')).toBe('');
  });

  it('makes a file that only its owner can read', async () => {
    const file = join(folder, `out-${directories}.ldif`);
    expect((await jammd(['export', '-f', config, '-l', file])).code).toBe(0);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect(await readFile(file, 'utf8')).toBe(await exportText());
  });

  it.each([
    ['a filter with an error', ['-a', '(mail=']],
    ['a subtree that is not there', ['-s', `jvd=absent.example,${hosting}`]],
    ['a file that cannot be made', ['-l', '/nonexistent/out.ldif']],
  ])('refuses %s', async (_, args) => {
    const { code, stdout, stderr } = await jammd(['export', '-f', config, ...args]);
    expect(code).toBe(1);
    expect(stdout).toBe('');
    expect(stderr).toMatch(/^jammd export: .+\n$/);
  });

  it('makes no database where there is none', async () => {
    const file = await writeConfig();
    expect((await jammd(['export', '-f', file])).stderr).toContain('no database');
    await expect(stat(join(folder, `data-${directories}`))).rejects.toThrow();
  });
});

describe('check and reindex', () => {
  it('tell all errors of a configuration with file and line', async () => {
    await writeFile(config, 'frobnicate on\ndatabase mdb\nsuffix "nonsense"\nindex\n');
    const { code, stderr } = await jammd(['check', '-f', config]);
    expect(code).toBe(1);
    expect(stderr).toContain(`${config}: line 1: `);
    expect(stderr).toContain('frobnicate');
    expect(stderr).toContain(`${config}: line 3: `);
    expect(stderr).toContain(`${config}: line 4: `);
    expect((await jammd(['serve', '-f', config])).code).toBe(1);
  });

  it('pass a sound configuration and database', async () => {
    await importText(base);
    const { code, stdout } = await jammd(['check', '-f', config, '--database', '-v']);
    expect(code).toBe(0);
    expect(stdout).toContain('3 entries, no problems');
  });

  it('tell of an index that is not built, and build it', async () => {
    await importText(base);
    await writeFile(config, (await readFile(config, 'utf8')).replace(/^index +mail.*$/m, 'index mail,cn,description eq,sub'));
    const before = await jammd(['check', '-f', config, '--database']);
    expect(before.code).toBe(0);
    expect(before.stderr).toContain('description is not built yet');
    expect((await jammd(['reindex', '-f', config, '-v'])).stderr).toContain('3 entries indexed');
    expect((await jammd(['check', '-f', config, '--database'])).stderr).toBe('');
  });

  it('find a damaged record, say which, and exit with 1', async () => {
    await importText(base);
    const directory = join(folder, `data-${directories}`);
    // LevelDB's tables are compressed; damage is done where the store's own tests do it, through its keys.
    const { ClassicLevel } = await import('classic-level');
    const level = new ClassicLevel<Buffer, Buffer>(directory, { keyEncoding: 'buffer', valueEncoding: 'buffer' });
    for await (const [key, value] of level.iterator()) {
      const at = value.indexOf('organizationalRole');
      if (at < 0 || value.length < 100) continue;
      value[at] = 0x4f;
      await level.put(key, value);
    }
    await level.close();
    const { code, stderr } = await jammd(['check', '-f', config, '--database']);
    expect(code).toBe(1);
    expect(stderr).toMatch(/record: .*2/);
    const text = await jammd(['export', '-f', config]);
    expect(text.code).toBe(1);
    expect(dnsOf(text.stdout)).toEqual(['dc=myhosting,dc=example', hosting]);
    expect(text.stderr).toContain('skipped entry');
  });
});

describe('passwords that nobody can log in with', () => {
  const account = (name: string, password: string): string =>
    `dn: cn=${name},${hosting}\nobjectClass: person\nsn: x\nuserPassword: ${password}\n\n`;
  const ldif = [
    account('a', '{UNHEARD-OF}x'),
    account('b', '{UNHEARD-OF}y'),
    account('c', '{CRYPT}$y$jFT$F5Jx5fExrKuPp53xLKQ..1$' + '.'.repeat(43)),
    account('d', '{CRYPT}!'),
    account('e', '{CRYPT}$y$j9T$F5Jx5fExrKuPp53xLKQ..1$GmcwIgvdUC9qLWcKCi6gklUa1dM3ziD43YxYNURLKy0'),
    account('f', 'clear'),
  ].join('');
  const warnings = [
    `2 entries with a password that nobody can log in with: the scheme {UNHEARD-OF} is not known here (first: cn=a,${hosting})`,
    '1 entry with a password that nobody can log in with: yescrypt asks for 1024 MiB of memory, more than the 256 that one ' +
      `login may take (first: cn=c,${hosting})`,
  ];

  it.each([[], ['-q']])('are told by import %j and by check --database', async (...args) => {
    await importText(base);
    const imported = await importText(ldif, ...args);
    expect(imported.code).toBe(0);
    const checked = await jammd(['check', '-f', config, '--database']);
    expect(checked.code).toBe(0);
    for (const warning of warnings) {
      expect(imported.stderr).toContain(`jammd import: warning: ${warning}\n`);
      expect(checked.stderr).toContain(`dc=myhosting,dc=example: warning: ${warning}\n`);
    }
    expect(imported.stderr.split('\n').filter((line) => line.includes('warning'))).toHaveLength(2);
  });
});
