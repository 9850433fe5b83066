/**
 * What slapd accepts and refuses (slaptest -u) is accepted and refused here. Left out, since they differ on purpose:
 * several suffixes of one database (back-mdb takes one), peername.ip with an address that is none (slapd means to
 * refuse it), overlays and replication.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { formatDiagnostic, loadConfig } from '../../src/config/parse.js';
import { makeFolder, removeFolder } from '../support/place.js';
import { run } from '../support/process.js';
import { findProgram, requirePrograms } from '../support/programs.js';

const jammSchema = resolve(import.meta.dirname, '../../schema/jamm.schema');
const stock = ['core', 'cosine', 'nis', 'inetorgperson'];

/** Lines in a database, or before it where they come first; true: slapd accepts them. */
const inDatabase = [
  'index cn,sn eq,sub',
  'index default pres,eq\nindex cn',
  'index cn',
  'index cn eq\nindex cn pres',
  'index nosuch eq',
  'index cn fast',
  'index lastChange eq',
  'index userPassword sub',
  'index jpegPhoto eq',
  'index cn;lang-en eq',
  'index objectClass pres,eq,nolang',
  'rootdn cn=m,dc=x\nrootpw {SSHA}x',
  'rootdn cn=m,dc=y\nrootpw {SSHA}x',
  'rootdn cn=m,dc=y',
  'rootdn nonsense',
  'suffix dc=x',
  'lastmod off',
  'lastmod maybe',
  'readonly on',
  'restrict write bind',
  'restrict nosuch',
  'hidden on',
  'maxderefdepth 5',
  'add_content_acl on',
  'sizelimit 5',
  'sizelimit size.soft=5 size.hard=unlimited size.unchecked=disabled',
  'sizelimit many',
  'sizelimit size.pr=5 size.prtotal=disabled',
  'timelimit time.soft=5 time.hard=9',
  'timelimit time.foo=5',
  'limits users size=5',
  'limits anonymous size.soft=1 time.hard=soft',
  'limits dn.exact="cn=a,dc=x" size=unlimited',
  'limits dn.this.subtree="dc=x" size=3',
  'limits dn.regex="^cn=[^,]+,dc=x$" time=3',
  'limits dn.foo="dc=x" size=1',
  'limits group/groupOfNames/member="cn=g,dc=x" size=1',
  'limits group/nosuch="cn=g,dc=x" size=1',
  'require authc',
  'require none SASL',
  'require nosuch',
  'security ssf=1 simple_bind=128',
  'security nosuch=1',
  'access to * by * read',
  'access to *',
  'access to * by * reed',
  'access to attrs=nosuch by * read',
  'access to dn.foo="dc=x" by * read',
  'access to dn.regex="(" by * read',
  'access to attrs=cn val.regex="[" by * read',
  'access to attrs=cn,sn val=x by * read',
  'access to * by dn.exact,expand="dc=x" read',
  'access to * by dn.exact="nonsense" read',
  'access to * by ssf=0 read',
  'access to * by dnattr=cn read',
  'access to * by group/nosuch="dc=x" read',
  'access to * by group/person/member="dc=x" read',
  'access to * by peername.ip=1.2.3.4%255.0.0.0{389} read',
  'access to * by self users read',
  'access to * by self.level{1} =wr continue by * break',
  'access to filter=(&(cn=a)(!(sn=*))) by * read',
  'access to filter=cn=a) by * read',
  'access to * by users read\n  by * none',
  'access to * by users read\n# a comment\n  by * none',
  'subordinate\ndatabase mdb\nsuffix ""\ndirectory @FOLDER@/other',
  'database mdb\nsuffix dc=x\ndirectory @FOLDER@/other',
  'database mdb\nsuffix ou=a,dc=x\ndirectory @FOLDER@/other',
  'database monitor',
  'bogus x',
  'maxsize 1048576',
  'mode 0600',
  'checkpoint 512 30',
  'searchstack 16',
  'dbnosync',
];

const before = [
  'pidfile @FOLDER@/pid',
  'argsfile @FOLDER@/args',
  'loglevel stats acl 0x20',
  'loglevel loud',
  'sizelimit unlimited',
  'idletimeout 30',
  'idletimeout soon',
  'writetimeout 30',
  'conn_max_pending 10\nconn_max_pending_auth 20',
  'sockbuf_max_incoming 4096\nsockbuf_max_incoming_auth 8192',
  'maxfilterdepth 50',
  'allow bind_v2 bind_anon_cred update_anon',
  'allow nosuch',
  'disallow bind_anon tls_authc',
  'disallow nosuch',
  'password-hash {SSHA} {CLEARTEXT}',
  'password-hash {ROT13}',
  'referral ldap://example.com/',
  'authz-regexp "uid=([^,]*),cn=.*" "uid=$1,dc=x"',
  'authz-regexp "(" "x"',
  'authz-policy any',
  'authz-policy sometimes',
  'defaultsearchbase dc=x',
  'defaultsearchbase nonsense',
  'serverID 5',
  'serverID 5000',
  'localSSF 128',
  'threads 4',
  'tool-threads 1',
  'concurrency 4',
  'gentlehup on',
  'reverse-lookup off',
  'sasl-host example.com',
  'attributeoptions x-hidden lang-',
  "objectidentifier my 1.3.6.1.4.1.99999\nattributetype ( my:1 NAME 'own' SYNTAX 1.3.6.1.4.1.1466.115.121.1.26 )",
  'attributetype ( 1.3.6.1.4.1.99999.1 NAME \'own\' )',
  'objectclass ( 1.3.6.1.4.1.99999.2 NAME \'own\' MUST nosuch )',
  'ditcontentrule ( 2.5.6.6 NAME \'own\' NOT telephoneNumber )',
  'access to * by * read',
  'include @FOLDER@/nosuch.conf',
  'include @FOLDER@/more.conf',
  'suffix dc=y',
  'rootpw x',
  'index cn eq',
  'limits users size=5',
  'backend mdb',
  'backend nosuch',
  'pidfile "/unterminated',
  'password-hash',
  'loglevel',
];

interface Verdicts {
  readonly slapd: boolean;
  readonly jammd: boolean;
  /** What each says. */
  readonly told: readonly string[];
  readonly said: string;
}

const others = [
  ...['collective', 'corba', 'dsee', 'duaconf', 'dyngroup', 'java'],
  ...['misc', 'msuser', 'namedobject', 'openldap', 'pmi'],
];

const missing = requirePrograms('slaptest');

describe.skipIf(missing !== undefined)('as slaptest says', () => {
  let folder: string;

  beforeAll(async () => {
    folder = await makeFolder('slaptest');
    await mkdir(join(folder, 'data'));
    await mkdir(join(folder, 'other'));
    await writeFile(join(folder, 'more.conf'), 'sizelimit 7\n');
  });

  afterAll(async () => {
    await removeFolder(folder);
  });

  async function verdicts(first: string, last: string): Promise<Verdicts> {
    const file = join(folder, 'slapd.conf');
    const text = [
      ...stock.map((name) => `include /etc/ldap/schema/${name}.schema`),
      `include ${jammSchema}`,
      'modulepath /usr/lib/ldap',
      'moduleload back_mdb',
      'moduleload back_monitor',
      first,
      'database mdb',
      'suffix dc=x',
      `directory ${folder}/data`,
      last,
      '',
    ].join('\n');
    await writeFile(file, text.replaceAll('@FOLDER@', folder));
    const { code, stderr } = await run(findProgram('slaptest')!, ['-u', '-f', file]);
    const { config, diagnostics } = loadConfig(file);
    return { slapd: code === 0, jammd: config !== undefined, told: diagnostics.map(formatDiagnostic), said: stderr };
  }

  it.each(inDatabase)('in a database: %s', async (lines) => {
    const { slapd, jammd, told, said } = await verdicts('', lines);
    expect(jammd, [...told, said].join('\n')).toBe(slapd);
  });

  it.each(before)('before any database: %s', async (lines) => {
    const { slapd, jammd, told, said } = await verdicts(lines, '');
    expect(jammd, [...told, said].join('\n')).toBe(slapd);
  });

  it.each(others)("Debian's %s.schema", async (name) => {
    const { slapd, jammd, told } = await verdicts(`include /etc/ldap/schema/${name}.schema`, '');
    expect([slapd, jammd], told.join('\n')).toEqual([true, true]);
  });
});
