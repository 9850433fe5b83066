/** Commands take a slapd.d with -F where they take a slapd.conf with -f. */
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeFolder, removeFolder } from '../support/place.js';
import { jammd } from './jammd.js';

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

  test('and -f says so when it is given one', async () => {
    const { code, stderr } = await jammd(['check', '-f', tree]);
    expect([code, stderr]).toEqual([1, `${tree}: a folder; a slapd.d (cn=config) is given with -F\n`]);
  });

  test('exclude each other', async () => {
    const { code, stderr } = await jammd(['check', '-f', join(folder, 'slapd.conf'), '-F', tree]);
    expect(code).not.toBe(0);
    expect(stderr).toContain("'-F, --config-dir <folder>' cannot be used with option '-f, --config <file>'");
  });
});
