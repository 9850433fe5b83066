/** A slapd.d means what its entries say, and what is wrong with it is told with entry and attribute. */
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { crc32 } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { olcAttributes } from '../../src/config/cn-config/attributes.js';
import { slapdConfText } from '../../src/config/cn-config/convert.js';
import { loadConfigFolder } from '../../src/config/cn-config/load.js';
import { quoteWord, splitValue } from '../../src/config/cn-config/words.js';
import { splitWords } from '../../src/config/lines.js';
import { overlayTypes } from '../../src/config/overlays/registry.js';
import { formatDiagnostic, parseConfig } from '../../src/config/parse.js';
import { configForm } from '../support/config-form.js';
import { makeFolder, removeFolder } from '../support/place.js';

const rootEntry = `dn: cn=config
objectClass: olcGlobal
cn: config
olcConfigFile: slapd.conf
olcIdleTimeout: 7
olcLogLevel: Config
olcLogLevel: Stats
olcThreads: 16
`;

const schemaEntry = `dn: cn=schema
objectClass: olcSchemaConfig
cn: schema
olcObjectIdentifier: OLcfg 1.3.6.1.4.1.4203.1.12.2
olcAttributeTypes: ( OLcfgGlAt:1 NAME 'olcAccess' SYNTAX 1.3.6.1.4.1.1466.115.121.1.15 )
olcAttributeTypes: ( 2.5.4.0 NAME 'objectClass' EQUALITY objectIdentifierMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.38 )
`;

const domainSchema = `dn: cn={0}domain
objectClass: olcSchemaConfig
cn: {0}domain
olcAttributeTypes: {0}( 0.9.2342.19200300.100.1.25 NAME ( 'dc' 'domainComponent' ) EQUALITY caseIgnoreIA5Match SUBSTR ca
 seIgnoreIA5SubstringsMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.26 SINGLE-VALUE )
olcObjectClasses: {0}( 1.3.6.1.4.1.1466.344 NAME 'dcObject' SUP top AUXILIARY MUST d
 c )
`;

const database = `dn: olcDatabase={1}mdb
objectClass: olcDatabaseConfig
objectClass: olcMdbConfig
olcDatabase: {1}mdb
olcSuffix: dc=x
olcDbDirectory: /srv/data
olcRootDN: cn=m,dc=x
olcRootPW:: e1NTSEF9YWJj
olcAccess: {0}to dn.regex="^(.+,)?uid=([^,]+),dc=x$"  by dn.exact,expand="uid=$
 2,dc=x" write  by * none
olcAccess: {1}to *  by * read
olcDbIndex: uid eq
structuralObjectClass: olcMdbConfig
entryCSN: 20261130181136.347925Z#000000#000#000000
`;

const frontend = `dn: olcDatabase={-1}frontend
objectClass: olcDatabaseConfig
objectClass: olcFrontendConfig
olcDatabase: {-1}frontend
olcSizeLimit: 5
olcMaxDerefDepth: 0
olcPasswordHash: {SSHA}
olcPasswordHash: {SHA}
`;

type Files = Readonly<Record<string, string>>;

const usual: Files = {
  'cn=config': rootEntry,
  'cn=config/cn=schema': schemaEntry,
  'cn=config/cn=schema/cn={0}domain': domainSchema,
  'cn=config/olcDatabase={-1}frontend': frontend,
  'cn=config/olcDatabase={1}mdb': database,
};

describe('a slapd.d', () => {
  let folder: string;
  let trees = 0;

  beforeAll(async () => {
    folder = await makeFolder('cn-config');
  });

  afterAll(async () => {
    await removeFolder(folder);
  });

  async function tree(files: Files, checksum: (text: string) => number = (text) => crc32(text)): Promise<string> {
    const place = join(folder, `tree-${++trees}`);
    for (const [name, text] of Object.entries(files)) {
      const path = join(place, `${name}.ldif`);
      await mkdir(dirname(path), { recursive: true });
      const sum = checksum(text).toString(16).padStart(8, '0');
      await writeFile(path, `# AUTO-GENERATED FILE - DO NOT EDIT!! Use ldapmodify.\n# CRC32 ${sum}\n${text}`);
    }
    return place;
  }

  async function told(files: Files, severity: 'error' | 'warning' = 'error'): Promise<string[]> {
    const { diagnostics } = loadConfigFolder(await tree({ ...usual, ...files }));
    return diagnostics.filter((one) => one.severity === severity).map(formatDiagnostic);
  }

  it('means what the same slapd.conf means', async () => {
    const { config, diagnostics } = loadConfigFolder(await tree(usual));
    expect(diagnostics.map(formatDiagnostic)).toEqual([]);
    const text = `
attributetype ( 0.9.2342.19200300.100.1.25 NAME ( 'dc' 'domainComponent' ) EQUALITY caseIgnoreIA5Match
  SUBSTR caseIgnoreIA5SubstringsMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.26 SINGLE-VALUE )
objectclass ( 1.3.6.1.4.1.1466.344 NAME 'dcObject' SUP top AUXILIARY MUST dc )
idletimeout 7
loglevel config stats
sizelimit 5
password-hash {SSHA} {SHA}
database mdb
suffix dc=x
directory /srv/data
rootdn cn=m,dc=x
rootpw {SSHA}abc
access to dn.regex="^(.+,)?uid=([^,]+),dc=x$" by dn.exact,expand="uid=$2,dc=x" write by * none
access to * by * read
index uid eq
`;
    const expected = parseConfig({ file: 'slapd.conf', text }).config;
    expect(configForm(config!)).toEqual(configForm(expected!));
  });

  it('converts to a slapd.conf that means the same', async () => {
    const { config, lines } = loadConfigFolder(await tree(usual));
    const text = slapdConfText(lines);
    expect(text).toContain('access to dn.regex="^(.+,)?uid=([^,]+),dc=x$"\n  by dn.exact,expand="uid=$2,dc=x" write\n');
    expect(text).not.toMatch(/threads|olcAccess|maxDerefDepth/);
    expect(configForm(parseConfig({ file: 'slapd.conf', text }).config!)).toEqual(configForm(config!));
  });

  it('is read in the order of its numbers', async () => {
    const numbered = (number: number): Files => ({
      [`cn=config/olcDatabase={${number}}mdb`]: database
        .replaceAll('{1}', `{${number}}`)
        .replace('/srv/data', `/srv/${number}`)
        .replaceAll('dc=x', `dc=x${number}`),
    });
    const others = Object.fromEntries(Object.entries(usual).filter(([, text]) => text !== database));
    const { config } = loadConfigFolder(await tree({ ...others, ...numbered(10), ...numbered(9), ...numbered(2) }));
    expect(config!.databases.map(({ directory }) => directory)).toEqual(['/srv/2', '/srv/9', '/srv/10']);
  });

  it('may hold definitions that an administrator added to cn=schema', async () => {
    const own = `${schemaEntry}olcAttributeTypes: ( 1.1.1 NAME 'mine' SYNTAX 1.3.6.1.4.1.1466.115.121.1.15 )\n`;
    const { config } = loadConfigFolder(await tree({ ...usual, 'cn=config/cn=schema': own }));
    expect(config!.schema.attributeType('mine')?.oid).toBe('1.1.1');
    expect(config!.schema.published('attributeTypes').filter((text) => text.includes('olcAccess'))).toEqual([]);
  });

  it('warns of a wrong checksum, and reads on', async () => {
    const place = await tree(usual, (text) => (text === database ? 1 : crc32(text)));
    const { config, diagnostics } = loadConfigFolder(place);
    expect(diagnostics.map(formatDiagnostic)).toEqual([
      `${place}/cn=config/olcDatabase={1}mdb.ldif: warning: checksum error: the file has been edited by hand or is damaged`,
    ]);
    expect(config).toBeDefined();
  });

  it('warns of what has no effect, with entry and attribute', async () => {
    const files = {
      'cn=config/olcDatabase={-1}frontend': frontend.replace('olcMaxDerefDepth: 0', 'olcMaxDerefDepth: 3'),
      'cn=config/olcDatabase={1}mdb': `${database}olcDbMaxSize: 1073741824\n`,
    };
    expect(await told(files, 'warning')).toEqual([
      'olcDatabase={-1}frontend,cn=config olcMaxDerefDepth: warning: "olcMaxDerefDepth" has no effect here, as in slapd; ' +
        'set it in a database',
      'olcDatabase={1}mdb,cn=config olcDbMaxSize: warning: "maxsize" has no effect: a database grows as far as its disk has room',
    ]);
  });

  it.each<[string, Files, string[]]>([
    [
      'a rule that cannot be read',
      { 'cn=config/olcDatabase={1}mdb': `${database}olcAccess: {2}to * by * reed\n` },
      ['olcDatabase={1}mdb,cn=config olcAccess value #2: expecting <access> got "reed"'],
    ],
    [
      'an attribute that slapd does not know',
      { 'cn=config/olcDatabase={1}mdb': `${database}olcBogus: x\n` },
      ['olcDatabase={1}mdb,cn=config olcBogus: unknown attribute "olcBogus"'],
    ],
    [
      'a definition that cannot be read',
      {
        'cn=config/cn=schema/cn={1}more':
          'dn: cn={1}more\nobjectClass: olcSchemaConfig\ncn: {1}more\nolcAttributeTypes: ( 1.1.1\n',
      },
      ["cn={1}more,cn=schema,cn=config olcAttributeTypes: attributetype: keyword or ')' expected at the end of the definition"],
    ],
    [
      'a kind of database that there is none of; its attributes go with it',
      {
        'cn=config/olcDatabase={2}ldap':
          'dn: olcDatabase={2}ldap\nobjectClass: olcLDAPConfig\nolcDatabase: {2}ldap\nolcSuffix: dc=z\nolcDbURI: ldap://a\n',
      },
      [
        'olcDatabase={2}ldap,cn=config: database "ldap": jammd asks no other server; clients follow referrals themselves, or keep ' +
          'slapd for this database',
      ],
    ],
    [
      'an overlay that there is none of; its attributes go with it',
      {
        'cn=config/olcDatabase={1}mdb/olcOverlay={0}pcache':
          'dn: olcOverlay={0}pcache\nobjectClass: olcPcacheConfig\nolcOverlay: {0}pcache\nolcPcache: mdb 10000 1 50 100\n',
      },
      [
        'olcOverlay={0}pcache,olcDatabase={1}mdb,cn=config: overlay "pcache": jammd asks no other server and has nothing to ' +
          'cache; keep slapd for this database',
      ],
    ],
    [
      'two databases in one folder',
      { 'cn=config/olcDatabase={2}mdb': database.replaceAll('{1}', '{2}').replaceAll('dc=x', 'dc=y') },
      ['olcDatabase={2}mdb,cn=config: directory "/srv/data" is already used by the database at olcDatabase={1}mdb,cn=config'],
    ],
    [
      'an entry of no known kind',
      { 'cn=config/cn=what': 'dn: cn=what\nobjectClass: olcConfig\ncn: what\n' },
      ['cn=what,cn=config: entries of this kind are not supported here'],
    ],
  ])('tells of %s', async (_, files, expected) => {
    expect(await told(files)).toEqual(expected);
  });

  it('tells of LDIF that cannot be read with file and line', async () => {
    const place = await tree({ ...usual, 'cn=config/olcDatabase={2}mdb': 'dn: olcDatabase={2}mdb\nolcSuffix dc=y\n' });
    expect(loadConfigFolder(place).diagnostics.map(formatDiagnostic)[0]).toMatch(
      new RegExp(`^${place}/cn=config/olcDatabase=\\{2\\}mdb\\.ldif: line 4: `),
    );
  });

  it('is a folder with cn=config in it', async () => {
    const file = join(folder, 'slapd.conf');
    await writeFile(file, '');
    const why = (path: string): string[] => loadConfigFolder(path).diagnostics.map(formatDiagnostic);
    expect(why(join(folder, 'none'))).toEqual([`${folder}/none: no such folder`]);
    expect(why(file)).toEqual([`${file}: not a folder; a slapd.conf is given with -f`]);
    expect(why(folder)).toEqual([`${folder}: not a slapd.d: it holds no cn=config.ldif`]);
  });
});

describe('arguments in a value', () => {
  it.each<[string, string[]]>([
    ['to *  by * read', ['to', '*', 'by', '*', 'read']],
    [' size.soft=5\tsize.hard=6 ', ['size.soft=5', 'size.hard=6']],
    ['dn.base="ou=a b,dc=x" read', ['dn.base=ou=a b,dc=x', 'read']],
    ['"uid=(.*),cn=x" "cn=$1, dc=x"', ['uid=(.*),cn=x', 'cn=$1, dc=x']],
    [String.raw`dn.regex="^cn=\(a\),dc=x$"`, [String.raw`dn.regex=^cn=\(a\),dc=x$`]],
    ['by\n  dn="x"', ['by', 'dn=x']],
    ['', []],
  ])('%j', (value, words) => {
    expect(splitValue(value)).toEqual(words);
    expect(splitWords(words.map(quoteWord).join(' '))).toEqual({ words, unterminated: false });
  });
});

describe('overlays', () => {
  it.each([...overlayTypes.values()])('$name: its attributes stand for its directives', ({ olcNames }) => {
    for (const [directive, olc] of olcNames) {
      if (olc !== undefined) expect(olcAttributes.get(olc.toLowerCase())?.directive?.toLowerCase()).toBe(directive);
    }
  });
});
