/** Commands take a slapd.d with -F where they take a slapd.conf with -f. */
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { accepts, freePort, makeFolder, removeFolder } from '../support/place.js';
import { Daemon, run, runOrFail } from '../support/process.js';
import { requirePrograms } from '../support/programs.js';
import { jammd, jammdProgram } from './jammd.js';

describe('-F', () => {
  let folder: string;
  let tree: string;

  const files = (): Readonly<Record<string, string>> => ({
    'cn=config.ldif': 'dn: cn=config\nobjectClass: olcGlobal\ncn: config\n',
    'cn=config/olcDatabase={1}mdb.ldif':
      'dn: olcDatabase={1}mdb\nobjectClass: olcMdbConfig\nolcDatabase: {1}mdb\nolcSuffix: o=x\n' +
      `olcDbDirectory: ${folder}/data\nolcRootDN: cn=m,o=x\n`,
  });

  beforeAll(async () => {
    folder = await makeFolder('slapd-d');
    tree = join(folder, 'slapd.d');
    for (const [name, text] of Object.entries(files())) {
      await mkdir(dirname(join(tree, name)), { recursive: true });
      await writeFile(join(tree, name), text);
    }
    await mkdir(join(folder, 'data'));
    await mkdir(join(tree, 'cn=config/cn=schema'));
    await writeFile(join(tree, 'cn=config/cn=schema.ldif'), 'dn: cn=schema\nobjectClass: olcSchemaConfig\ncn: schema\n');
    await writeFile(join(tree, 'cn=config/cn=schema/cn={0}org.ldif'), schema);
    await writeFile(join(folder, 'one.ldif'), 'dn: o=x\nobjectClass: organization\no: x\n');
  });

  afterAll(async () => {
    await removeFolder(folder);
  });

  const schema = `dn: cn={0}org
objectClass: olcSchemaConfig
cn: {0}org
olcAttributeTypes: ( 2.5.4.10 NAME 'o' EQUALITY caseIgnoreMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.15 )
olcObjectClasses: ( 2.5.6.4 NAME 'organization' SUP top STRUCTURAL MUST o )
`;

  test('check, import, export and convert read it', async () => {
    expect(await jammd(['check', '-F', tree])).toMatchObject({ code: 0, stdout: `${tree}: no errors; 1 database\n`, stderr: '' });
    expect(await jammd(['import', '-F', tree, '-l', join(folder, 'one.ldif')])).toMatchObject({ code: 0 });
    expect((await jammd(['export', '-F', tree])).stdout).toContain('dn: o=x\n');
    const converted = await jammd(['config', 'convert', '-F', tree]);
    expect(converted.code).toBe(0);
    await writeFile(join(folder, 'slapd.conf'), converted.stdout);
    expect((await jammd(['export', '-f', join(folder, 'slapd.conf')])).stdout).toContain('dn: o=x\n');
  });

  const configLdif = (data: string): string => `dn: cn=config
objectClass: olcGlobal
cn: config

dn: cn=module,cn=config
objectClass: olcModuleList
cn: module
olcModulePath: /usr/lib/ldap
olcModuleLoad: back_mdb

dn: cn=schema,cn=config
objectClass: olcSchemaConfig
cn: schema

include: file://${tree}/cn=config/cn=schema/whole.ldif
include: file://${tree}/cn=config/cn=schema/more.ldif

dn: olcDatabase=config,cn=config
objectClass: olcDatabaseConfig
olcDatabase: config
olcRootPW: secret

dn: olcDatabase=mdb,cn=config
objectClass: olcDatabaseConfig
objectClass: olcMdbConfig
olcDatabase: mdb
olcSuffix: o=x
olcRootDN: cn=m,o=x
olcDbDirectory: ${data}
olcAccess: to attrs=userPassword by * auth
olcAccess: to * by * read
`;

  test('import -n 0 makes a tree of LDIF, export -n 0 prints it, and slapcat reads it', async () => {
    const made = join(folder, 'made');
    await mkdir(made);
    await writeFile(
      join(tree, 'cn=config/cn=schema/whole.ldif'),
      schema.replace('dn: cn={0}org', 'dn: cn=org,cn=schema,cn=config'),
    );
    await writeFile(
      join(tree, 'cn=config/cn=schema/more.ldif'),
      'dn: cn=more,cn=schema,cn=config\nobjectClass: olcSchemaConfig\ncn: more\n',
    );
    const ldif = join(folder, 'config.ldif');
    await writeFile(ldif, configLdif(join(folder, 'data')));
    expect(await jammd(['import', '-n', '0', '-F', made, '-l', ldif])).toMatchObject({ code: 0 });
    expect((await jammd(['export', '-F', made])).stdout).toContain('dn: o=x\n');
    const { stdout } = await jammd(['export', '-n', '0', '-F', made]);
    expect(stdout).toContain('dn: cn={1}more,cn=schema,cn=config\n');
    expect(stdout).toContain('dn: olcDatabase={1}mdb,cn=config\n');
    expect(stdout).toContain('\nolcAccess: {1}to * by * read\n');
    expect(stdout).toContain('\nolcRootPW:: c2VjcmV0\n');
    expect(await jammd(['import', '-n', '0', '-F', made, '-l', ldif])).toMatchObject({ code: 1 });
    const again = join(folder, 'again');
    await mkdir(again);
    await writeFile(join(folder, 'again.ldif'), stdout);
    expect(await jammd(['import', '-n', '0', '-F', again, '-l', join(folder, 'again.ldif')])).toMatchObject({ code: 0 });
    expect((await jammd(['export', '-n', '0', '-F', again])).stdout).toBe(stdout);
    if (requirePrograms('slapcat') !== undefined) return;
    const slapcat = await run('/usr/sbin/slapcat', ['-n', '0', '-F', made]);
    expect([slapcat.code, slapcat.stderr]).toEqual([0, '']);
    expect(slapcat.stdout).toContain('olcAccess: {1}to * by * read\n');
  });

  test('import -n 0 writes nothing where a value is wrong', async () => {
    const wrong = join(folder, 'wrong');
    await mkdir(wrong);
    await writeFile(join(folder, 'wrong.ldif'), configLdif(join(folder, 'data')).replace('by * read', 'by nobody read'));
    const { code, stderr } = await jammd(['import', '-n', '0', '-F', wrong, '-l', join(folder, 'wrong.ldif')]);
    expect(code).toBe(1);
    expect(stderr).toContain('olcAccess value #1');
    expect(await readdir(wrong)).toEqual([]);
  });

  test('and -f says so when it is given one', async () => {
    const { code, stderr } = await jammd(['check', '-f', tree]);
    expect([code, stderr]).toEqual([1, `${tree}: a folder; a slapd.d (cn=config) is given with -F\n`]);
  });

  test('export takes one of both', async () => {
    const { code, stderr } = await jammd(['export', '-f', join(folder, 'slapd.conf'), '-F', tree]);
    expect(code).not.toBe(0);
    expect(stderr).toContain("'-F, --config-dir <folder>' cannot be used with option '-f, --config <file>'");
  });
});

describe('-f with -F, and cn=config without a slapd.d', () => {
  let folder: string;
  let file: string;

  beforeAll(async () => {
    folder = await makeFolder('slapd-conf-to-d');
    file = join(folder, 'slapd.conf');
    await mkdir(join(folder, 'data'));
    await writeFile(
      file,
      "include core.schema\nattributetype ( 1.3.6.1.4.1.99999.9.1 NAME 'own' SUP name )\ndatabase config\nrootpw {CLEARTEXT}secret\n" +
        `database mdb\nsuffix "o=a b"\nrootdn "cn=m,o=a b"\ndirectory ${folder}/data\nsizelimit 5\nlimits users time=3\n`,
    );
  });

  afterAll(async () => {
    await removeFolder(folder);
  });

  const made = async (name: string): Promise<string> => {
    await mkdir(join(folder, name));
    return join(folder, name);
  };

  test('config convert and check make a slapd.d of an empty folder, and touch no other', async () => {
    const tree = await made('converted');
    const converted = await jammd(['config', 'convert', '-f', file, '-F', tree]);
    expect([converted.code, converted.stdout]).toEqual([0, '']);
    const { stdout } = await jammd(['config', 'convert', '-F', tree]);
    expect(stdout).toContain('suffix o="a b"\n');
    expect(stdout).toContain('limits users size=5 time=3\n');
    const again = await jammd(['check', '-f', file, '-F', tree]);
    expect([again.code, again.stderr]).toEqual([
      1,
      `jammd check: ${tree}: the folder is not empty: a slapd.conf is converted into an empty one\n`,
    ]);
    const missing = await jammd(['check', '-f', file, '-F', join(folder, 'missing')]);
    expect([missing.code, missing.stderr]).toEqual([
      1,
      `jammd check: ${join(folder, 'missing')}: no such folder; make it first, readable by the server alone\n`,
    ]);
    const tried = await made('tried');
    expect((await jammd(['check', '-u', '-f', file, '-F', tried])).code).toBe(0);
    expect(await readdir(tried)).toEqual([]);
  });

  test('what cn=config has no attribute for is told, and nothing is written', async () => {
    const tree = await made('own');
    await writeFile(join(folder, 'own.conf'), `conn_max 7\n${await readFile(file, 'utf8')}`);
    const { code, stderr } = await jammd(['config', 'convert', '-f', join(folder, 'own.conf'), '-F', tree]);
    expect(code).toBe(1);
    expect(stderr).toContain('own.conf: line 1: "conn_max" has no attribute in cn=config: a slapd.d cannot hold it\n');
    expect(await readdir(tree)).toEqual([]);
  });

  const limit = (value: number): string => `dn: cn=config\nchangetype: modify\nreplace: olcSizeLimit\nolcSizeLimit: ${value}\n`;

  test.skipIf(requirePrograms('ldapmodify') !== undefined)('serve -f -F keeps changes; serve -f forgets them', async () => {
    const tree = await made('served');
    for (const [args, kept] of [[['-f', file, '-F', tree], true] as const, [['-f', file], false] as const]) {
      const port = await freePort();
      const url = `ldap://127.0.0.1:${port}/`;
      const server = Daemon.start(process.execPath, [jammdProgram, 'serve', ...args, '-h', url]);
      try {
        await server.waitUntil(() => accepts(port));
        const as = ['-x', '-H', url, '-D', 'cn=config', '-w', 'secret'];
        await runOrFail('ldapmodify', as, { input: limit(77) });
        const { stdout } = await runOrFail('ldapsearch', [...as, '-LLL', '-b', 'cn=config', '-s', 'base', 'olcSizeLimit']);
        expect(stdout).toBe('dn: cn=config\nolcSizeLimit: 77\n\n');
        if (!kept) expect(server.output).toContain('keeps changes of cn=config in memory only');
      } finally {
        await server.stop();
      }
    }
    expect((await jammd(['config', 'convert', '-F', tree])).stdout).toContain('\nsizelimit 77\n');
    expect(await readFile(file, 'utf8')).not.toContain('77');
  });
});
