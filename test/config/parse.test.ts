/** slapd.conf directives and what they come to. */
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { formatDiagnostic, loadConfig, parseConfig, type ParseResult } from '../../src/config/parse.js';
import type { Config, DatabaseConfig } from '../../src/config/model.js';
import type { RefintSettings, UniqueRule } from '../../src/config/overlays/settings.js';

const schemas = ['core', 'cosine', 'nis', 'inetorgperson', 'jamm'].map((name) => `include ${name}.schema`).join('\n');
const database = 'database mdb\nsuffix "dc=myhosting,dc=example"\ndirectory /srv/data';

function parse(text: string, files: Readonly<Record<string, string>> = {}): ParseResult {
  const readFile = (path: string): string | undefined => files[path] ?? builtin(path);
  return parseConfig({ file: 'slapd.conf', text, cwd: '/srv', readFile });
}

function builtin(path: string): string | undefined {
  return !path.startsWith('/srv/') && existsSync(path) ? readFileSync(path, 'utf8') : undefined;
}

function config(text: string, files?: Readonly<Record<string, string>>): Config {
  const result = parse(text, files);
  expect(result.diagnostics.filter(({ severity }) => severity === 'error').map(formatDiagnostic)).toEqual([]);
  return result.config!;
}

/** `before` stands before the database, `inside` in it. */
function withDatabase(inside: string, before = ''): DatabaseConfig {
  return config(`${schemas}\n${before}\n${database}\n${inside}`).databases[0]!;
}

function uniqueRules({ overlays }: DatabaseConfig): readonly UniqueRule[] {
  return overlays.flatMap((overlay) => (overlay.kind === 'unique' ? overlay.rules : []));
}

function refintOf({ overlays }: DatabaseConfig): RefintSettings | undefined {
  return overlays.find((overlay) => overlay.kind === 'refint');
}

function globally(text: string): Config {
  return config(`${schemas}\n${text}\n${database}`);
}

function diagnostics(text: string, files?: Readonly<Record<string, string>>): string[] {
  return parse(text, files).diagnostics.map(formatDiagnostic);
}

describe("the HOWTO's own file", () => {
  const howto = `
include          /usr/local/etc/openldap/schema/core.schema
include          /usr/local/etc/openldap/schema/cosine.schema
include          /usr/local/etc/openldap/schema/nis.schema
include          /usr/local/etc/openldap/schema/jamm.schema
database      ldbm
directory     /usr/local/var/openldap-ldbm
suffix        "dc=myhosting,dc=example"
rootdn        "cn=Manager,dc=myhosting,dc=example"
rootpw        {SSHA}ra0sD47QP32ASAlaAhF8kgi+8Aflbgr7
index objectClass pres,eq
index mail,cn eq,sub
access to dn=".*,jvd=([^,]+),o=hosting,dc=myhosting,dc=example"
    attr=userPassword
    by self write
    by group/jammPostmaster/roleOccupant=\\
        "cn=postmaster,jvd=$1,o=hosting,dc=myhosting,dc=example" write
    by anonymous auth
    by * none
access to dn=".*jvd=([^^,]+),o=hosting,dc=myhosting,dc=example"
    by self write
    by group/jammPostmaster/roleOccupant=\\
        "cn=postmaster,jvd=$1,o=hosting,dc=myhosting,dc=example" write
    by * read
access to *
    by * read
`;

  it('is read as it stands', () => {
    const [found] = config(howto).databases;
    expect(found).toMatchObject({ type: 'ldbm', directory: '/usr/local/var/openldap-ldbm', lastmod: true });
    expect(found!.suffixes.map(String)).toEqual(['dc=myhosting,dc=example']);
    expect(found!.rootDN?.toString()).toBe('cn=Manager,dc=myhosting,dc=example');
    expect(found!.rootPassword?.toString()).toBe('{SSHA}ra0sD47QP32ASAlaAhF8kgi+8Aflbgr7');
    expect(found!.indexes.map(({ description, kinds }) => [description.text, [...kinds].sort()])).toEqual([
      ['objectClass', ['eq', 'pres']],
      ['mail', ['eq', 'sub']],
      ['cn', ['eq', 'sub']],
    ]);
    expect(found!.access.map(({ line, by }) => [line, by.length])).toEqual([
      [13, 4],
      [20, 3],
      [25, 1],
    ]);
  });

  it('tells of each schema file that is not where it says', () => {
    const told = diagnostics(howto).filter((text) => text.includes('no such file'));
    expect(told).toHaveLength(4);
    expect(told[1]).toBe(
      'slapd.conf: line 3: warning: include "/usr/local/etc/openldap/schema/cosine.schema": no such file; ' +
        'the built-in cosine schema is used',
    );
  });

  it('works with just the three include lines it shows: what they build on is read first', () => {
    expect(config(howto.replace(/^include.*core.*$/m, '')).schema.objectClass('JammMailAccount')).toBeDefined();
  });
});

describe('errors', () => {
  it('are all told, each with file, line and word, and there is no configuration', () => {
    const text = `${schemas}
bogus word
sizelimit many
loglevel loud
database mdb
suffix nonsense
index nosuch eq
index lastChange eq
index cn fast
rootpw secret
access to * by * reed
TLSVerifyClient perhaps
`;
    const result = parse(text);
    expect(result.config).toBeUndefined();
    const errors = result.diagnostics.filter(({ severity }) => severity === 'error');
    expect(errors.map(({ line, message }) => [line, /"([^"]*)"/.exec(message)?.[1]])).toEqual([
      [6, 'bogus'],
      [7, 'many'],
      [8, 'loud'],
      [10, 'nonsense'],
      [11, 'nosuch'],
      [12, 'lastChange'],
      [13, 'fast'],
      [15, 'reed'],
      [16, 'perhaps'],
      [9, undefined],
      [14, undefined],
    ]);
    expect(errors.every(({ file }) => file === 'slapd.conf')).toBe(true);
  });

  it.each([
    ['suffix dc=x', 'belongs to a database'],
    [`database ldap\nsuffix dc=x`, 'database "ldap": jammd asks no other server; '],
    [`database nosuch\nsuffix dc=x`, 'unknown database type "nosuch" (known: ldbm, bdb, hdb, mdb, monitor)'],
    [`backend sql`, 'backend "sql": jammd has a store of its own'],
    [`${database}\nuri ldap://a`, '"uri": it belongs to databases asyncmeta, ldap, meta: jammd asks no other server; '],
    [`chain-idassert-bind bindmethod=simple`, '"chain-idassert-bind": it belongs to overlay chain: jammd asks no other server; '],
    [`database mdb\ndirectory /d`, 'has no suffix'],
    [`${database}\nsuffix dc=myhosting,dc=example`, 'already served by this database'],
    [`${database}\ndatabase mdb\nsuffix "DC=MyHosting, dc=example"`, 'the database at slapd.conf line 6'],
    [`${database}\ndatabase mdb\ndirectory /e\nsuffix o=in,dc=myhosting,dc=example`, 'already served'],
    [`database mdb\nsuffix ""\n${database}`, 'already served'],
    [`${database}\ndatabase mdb\nsuffix dc=other\ndirectory /srv/data`, 'directory "/srv/data" is already used by'],
    [`${database}\nsubordinate`, 'no later database holds that name'],
    [`${database}\nrootdn cn=x,dc=other\nrootpw {SSHA}x`, 'rootpw can only be set when rootdn is under suffix'],
    [`${database}\nindex cn,sn`, 'no kinds of index for "cn"'],
    [`${database}\nindex cn eq\nindex commonName pres`, 'duplicate index definition for "commonName"'],
    [`${database}\nindex userPassword sub`, 'sub index of attribute "userPassword" disallowed'],
    [`${database}\nlastmod maybe`, '"lastmod" is on or off, not "maybe"'],
    [`${database}\nsyncrepl rid=1`, '"syncrepl" lacks provider, searchbase'],
    [`${database}\noverlay rwm`, 'overlay "rwm": jammd rewrites no names'],
    [`${database}\nunique_uri ldap:///?mail?sub`, 'belongs after "overlay unique"'],
    [`${database}\noverlay unique\nunique_uri ldap:///?mail?sub?(mail=*`, 'bad filter "(mail=*" of "unique_uri"'],
    [`${database}\noverlay unique\nunique_uri ldap:///?mail?base`, 'one entry alone is always unique'],
    [`${database}\noverlay unique\nunique_uri ldap:///?mail?near`, 'unknown scope "near"'],
    [`${database}\noverlay unique\nunique_uri ldap:///??sub`, 'every attribute would have to be unique'],
    [`${database}\noverlay unique\nunique_uri strict`, 'no URI in "unique_uri"'],
    [`${database}\noverlay unique\nunique_ignore cn\nunique_attributes mail`, 'cannot be used together'],
    [`${database}\noverlay unique\nunique_strict`, 'missing argument of "unique_strict"'],
    [`${database}\noverlay unique\nunique_base dc=myhosting,dc=example`, '"unique_base" also needs "unique_attributes"'],
    [`${database}\noverlay refint\nrefint_attributes cn`, 'does not hold DNs'],
    [`${database}\nunique lastChange`, 'no equality matching rule'],
    [`${database}\nunique mail dc=other`, 'is not within the database'],
    [`${database}\nrefint cn`, 'does not hold DNs'],
    ['password-hash {ROT13}', 'unknown password-hash "{ROT13}"'],
    ['require authc none', '"none" must be the first'],
    ['security tls', '"tls" of "security" is not <factor>=<bits>'],
    ['restrict extended=1.2.3', 'is not an extended operation'],
    ['allow everything', 'unknown "everything" in "allow"'],
    ['TLSCertificateFile /c', 'needs TLSCertificateKeyFile'],
    ['TLSVerifyClient demand\nTLSCertificateFile c\nTLSCertificateKeyFile k', 'TLSCACertificateFile'],
    ['TLSCRLCheck all', 'TLSCRLFile'],
    ['referral example.com', 'not an LDAP URL'],
    ['authz-regexp ( x', 'is invalid: Unmatched ('],
    ['sockbuf_max_incoming 1', 'out of range'],
    ['idletimeout soon', '"soon" is not a number for "idletimeout"'],
    ['include /srv/nosuch.conf', 'include "/srv/nosuch.conf": no such file'],
    ['pidfile', 'missing argument of "pidfile"'],
    ['pidfile a b', 'extra argument "b"'],
    ['rootdse "x', 'unterminated quoted string in "rootdse"'],
    ['attributetype ( 1.2.3 NAME', 'attributetype: name expected'],
    ['authid-rewriteEngine on', 'write authz-regexp'],
    [`${database}\nlimits users foo=1`, 'unknown limit "foo=1"'],
    [`${database}\nlimits dn.foo="dc=x" size=1`, 'unknown dn style "foo"'],
    [`${database}\nlimits group/nosuch="dc=x" size=1`, '"nosuch"'],
    [`${database}\nlimits users size.hard=x`, '"x" is not a number'],
  ])('%s', (text, message) => {
    const errors = parse(`${schemas}\n${text}`).diagnostics.filter(({ severity }) => severity === 'error');
    expect(errors.map((error) => error.message).join('\n')).toContain(message);
  });
});

describe('include', () => {
  it('is relative to the working directory, and lines are counted in each file', () => {
    const files = { '/srv/etc/more.conf': 'sizelimit 7\n\nbogus\n' };
    expect(diagnostics(`${schemas}\ninclude etc/more.conf\n${database}`, files)).toEqual([
      'etc/more.conf: line 3: unknown directive "bogus"',
    ]);
  });

  it('a file that includes itself, at once or by others, is an error', () => {
    const files = { '/srv/a.conf': 'include b.conf', '/srv/b.conf': 'include ./a.conf' };
    expect(diagnostics('include a.conf', files)).toContain('b.conf: line 1: "./a.conf" includes itself');
  });

  it('files may include each other only so deep', () => {
    const files = Object.fromEntries(Array.from({ length: 40 }, (_, n) => [`/srv/${n}.conf`, `include ${n + 1}.conf`]));
    expect(diagnostics('include 0.conf', files).join()).toContain('deeper than 20');
  });

  it('a bare name is the built-in schema, without a word', () => {
    expect(diagnostics(`${schemas}\n${database}`)).toEqual([]);
  });

  it('a bare name is the built-in schema also where the working directory may not be entered', () => {
    const refused = (call: string, path: string): Error =>
      Object.assign(new Error(`EACCES: permission denied, ${call} '${path}'`), { code: 'EACCES', syscall: call });
    const told = (call: string): string[] => {
      const readFile = (path: string): string | undefined => {
        if (path.startsWith('/srv/')) throw refused(call, path);
        return builtin(path);
      };
      return parseConfig({ file: 'slapd.conf', text: `${schemas}\n${database}`, cwd: '/srv', readFile }).diagnostics.map(
        formatDiagnostic,
      );
    };
    expect(told('stat')).toEqual([]);
    // A file that is there but may not be read is an error.
    expect(told('open')[0]).toContain('include "core.schema": cannot be read: EACCES');
  });

  it('a file that is there is taken before the built-in one of its name', () => {
    const files = { '/srv/jamm.schema': "attributetype ( 1.2.3.4 NAME 'own' SYNTAX 1.3.6.1.4.1.1466.115.121.1.26 )" };
    const { schema } = config(`include core.schema\ninclude jamm.schema\n${database}`, files);
    expect(schema.attributeType('own')).toBeDefined();
    expect(schema.attributeType('jvd')).toBeUndefined();
  });

  it('without any schema the built-in ones are read, with a warning', () => {
    const result = parse(database);
    expect(result.config?.schema.objectClass('JammMailAccount')).toBeDefined();
    expect(result.diagnostics).toMatchObject([{ severity: 'warning', line: 1 }]);
  });
});

describe('schema directives', () => {
  it('stand inline and keep their own quoting', () => {
    const { schema } = config(`${schemas}
objectidentifier myOrg 1.3.6.1.4.1.99999
attributeType ( myOrg:1
   NAME 'shoeSize' DESC 'the size of "shoes'
   EQUALITY integerMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.27 SINGLE-VALUE )
objectclass ( myOrg:2 NAME 'walker' AUXILIARY MAY shoeSize )
attributeoptions x-hidden lang-
${database}`);
    expect(schema.attributeType('shoesize')?.oid).toBe('1.3.6.1.4.1.99999.1');
    expect(schema.objectClass('walker')).toBeDefined();
    expect(schema.attributeDescription('cn;x-hidden')).toBeDefined();
  });
});

describe('databases', () => {
  it('have their own rules first, then the global ones, wherever those stand before them', () => {
    const { databases, access } = config(`${schemas}
access to attrs=userPassword by * auth
access to * by * read
database mdb
suffix o=in,dc=x
directory in
subordinate advertise
access to attrs=cn by * none
database mdb
suffix dc=x
directory out
database monitor
`);
    expect(databases.map((one) => one.access.map(({ line }) => line))).toEqual([
      [12, 6, 7],
      [6, 7],
      [6, 7],
    ]);
    expect(access.map(({ line }) => line)).toEqual([6, 7]);
    expect(databases[0]).toMatchObject({ subordinate: true, advertise: true, directory: '/srv/in' });
    expect(databases[2]).toMatchObject({ type: 'monitor', directory: '' });
    expect(databases[2]!.suffixes.map((one) => one.normalized)).toEqual(['cn=monitor']);
  });

  it('database frontend is the whole server again; database config is none of the databases', () => {
    const found = config(`${schemas}
database frontend
access to * by users read
database config
rootdn cn=config
rootpw {SSHA}x
access to * by * none
${database}`);
    expect(found.databases).toHaveLength(1);
    expect(found.databases[0]!.access).toHaveLength(1);
  });

  it('several suffixes, and the empty one last', () => {
    const { databases } = config(`${schemas}\n${database}\nsuffix dc=other\ndatabase hdb\nsuffix ""\ndirectory all`);
    expect(databases.map(({ suffixes }) => suffixes.map(String))).toEqual([['dc=myhosting,dc=example', 'dc=other'], ['']]);
  });

  it('switches', () => {
    expect(withDatabase('lastmod off\nadd_content_acl on\nhidden on\nmaxderefdepth 3')).toMatchObject({
      lastmod: false,
      addContentAcl: true,
      hidden: true,
      maxDerefDepth: 3,
    });
  });

  it('restrict and readonly, of the server and of the database', () => {
    expect([...withDatabase('readonly on').restricted].sort()).toEqual(['add', 'delete', 'modify', 'rename']);
    expect([...withDatabase('readonly on\nreadonly off').restricted]).toEqual([]);
    const { restricted } = withDatabase('restrict compare', 'restrict extended');
    expect([...restricted].sort()).toEqual(['compare', 'extended']);
    expect([...withDatabase('restrict read').restricted].sort()).toEqual(['compare', 'search']);
  });

  it('require adds to what the server requires, unless none comes first', () => {
    expect([...withDatabase('require authc', 'require bind').requires]).toEqual(['bind', 'authc']);
    expect([...withDatabase('require none SASL', 'require bind').requires]).toEqual(['SASL']);
  });

  it('security factors', () => {
    expect(withDatabase('security tls=128 simple_bind=64', 'security ssf=1').security).toMatchObject({
      ssf: 1,
      tls: 128,
      simpleBind: 64,
      updateSsf: 0,
    });
  });

  it('index: default kinds, several attributes, the finer substring kinds', () => {
    const { indexes } = withDatabase('index default pres,eq\nindex sn,uid\nindex mail subinitial,subfinal,eq');
    expect(indexes.map(({ description, kinds }) => [description.text, [...kinds]])).toEqual([
      ['sn', ['pres', 'eq']],
      ['uid', ['pres', 'eq']],
      ['mail', ['sub', 'eq']],
    ]);
  });

  it("slapd's overlays unique and refint", () => {
    const found = withDatabase(
      'overlay unique\nunique_uri "serialize ldap:///?mail,uid?sub" ldap:///o=hosting,dc=myhosting,dc=example?cn?sub\n' +
        'overlay refint\nrefint_attributes member owner\nrefint_attributes manager\nrefint_nothing cn=x,dc=y\n' +
        'overlay sssvlv\nsssvlv-max 5\nsizelimit 7',
    );
    expect(uniqueRules(found).map(({ attributes, base }) => [attributes.map(({ text }) => text), base?.toString()])).toEqual([
      [['mail', 'uid'], undefined],
      [['cn'], 'o=hosting,dc=myhosting,dc=example'],
    ]);
    expect(refintOf(found)?.attributes.map(({ text }) => text)).toEqual(['member', 'owner', 'manager']);
    expect(refintOf(found)?.nothing?.toString()).toBe('cn=x,dc=y');
    expect(refintOf(found)?.modifiersName?.toString()).toBe('cn=Referential Integrity Overlay');
    expect(found.searchLimits.sizeSoft).toBe(7);
    const legacy = withDatabase('overlay unique\nunique_attributes mail uid\nunique_base o=hosting,dc=myhosting,dc=example');
    expect(uniqueRules(legacy).map(({ attributes, base }) => [attributes.map(({ text }) => text), base?.toString()])).toEqual([
      [['mail', 'uid'], 'o=hosting,dc=myhosting,dc=example'],
    ]);
  });

  it('keeps the equality indexes that unique and refint need, and says so', () => {
    const lines = 'index mail pres\nindex name eq\nunique mail,cn\nrefint manager';
    expect(withDatabase(lines).indexes.map(({ description, kinds }) => [description.text, [...kinds]])).toEqual([
      ['mail', ['pres', 'eq']],
      ['name', ['eq']],
      ['manager', ['eq']],
    ]);
    expect(diagnostics(`${schemas}\n${database}\n${lines}`)).toEqual([
      expect.stringMatching(/line 11: warning: "unique" keeps an equality index of mail; add "index mail eq"$/),
      expect.stringMatching(/line 12: warning: "refint" keeps an equality index of manager; add "index manager eq"$/),
    ]);
  });

  it('bytes that are not UTF-8: refused where they matter, and not in a comment', () => {
    const text = `# Andr\xe9\n${schemas}\n${database}\nrootdn cn=x,dc=myhosting,dc=example\nrootpw geh\xe9im`;
    const readFile = (path: string): string | Buffer | undefined =>
      path === '/srv/latin1.conf' ? Buffer.from(text, 'latin1') : builtin(path);
    const told = parseConfig({ file: 'latin1.conf', cwd: '/srv', readFile }).diagnostics.map(formatDiagnostic);
    expect(told).toEqual([expect.stringMatching(/^latin1.conf: line 11: not UTF-8: convert the file/)]);
  });

  it('a configuration that is not there, or a folder', () => {
    const told = (file: string): string[] => loadConfig(file).diagnostics.map(formatDiagnostic);
    expect(told('/nonexistent/slapd.conf')).toEqual(['/nonexistent/slapd.conf: no such file']);
    expect(told('/etc')).toEqual(['/etc: a folder; a slapd.d (cn=config) is given with -F']);
  });

  it.each([
    ['logfile-format syslog-utc\nlogfile-only on\nlogfile-rotate 3 10 24', ['logfile-format', 'logfile-only', 'logfile-rotate']],
    ['replica-pidfile /x\nreplica-argsfile /x\nucdata-path /x', ['replica-pidfile', 'replica-argsfile', 'ucdata-path']],
    ["attributetype ( 1.2.3 NAME 'own' SYNTAX OMsDirectoryString X-ORDERED 'SIBLINGS' )", ["X-ORDERED 'SIBLINGS"]],
    [
      'lastbind on\nlastbind-precision 60\nadd_content_acl on\ndisabled off',
      ['lastbind', 'lastbind-precision', 'add_content_acl', 'disabled'],
    ],
  ])('takes with a warning for each: %s', (lines, names) => {
    const told = diagnostics(`${lines}\n${schemas}\n${database}`);
    expect(told).toEqual(names.map((name) => expect.stringMatching(`line \\d+: warning: .?${name}.* has no effect`) as string));
  });

  it('a disabled database is read, and not served', () => {
    const found = config(`${schemas}\n${database}\ndisabled on\ndatabase mdb\nsuffix dc=other\ndirectory /srv/other`);
    expect(found.databases.map(({ suffixes }) => String(suffixes[0]))).toEqual(['dc=other']);
  });

  it('tells of an overlay that is refused once, not once for each of its lines', () => {
    const lines = 'overlay otp\notp_one cn=x,dc=y\notp_two\nsizelimit nonsense';
    expect(diagnostics(`${schemas}\n${database}\n${lines}\ndatabase mdb\nsuffix dc=z\notp_one cn=x`)).toEqual([
      expect.stringContaining('overlay "otp": '),
      expect.stringContaining('"nonsense"'),
      expect.stringContaining('unknown directive "otp_one"'),
    ]);
  });

  it('unique and refint', () => {
    const found = withDatabase(
      'unique mail\nunique uid,uidNumber o=hosting,dc=myhosting,dc=example\n' + 'refint roleOccupant member nothing=cn=x,dc=y',
    );
    expect(uniqueRules(found).map(({ attributes, base }) => [attributes.map(({ text }) => text), base?.toString()])).toEqual([
      [['mail'], undefined],
      [['uid', 'uidNumber'], 'o=hosting,dc=myhosting,dc=example'],
    ]);
    expect(refintOf(found)?.attributes.map(({ text }) => text)).toEqual(['roleOccupant', 'member']);
    expect(refintOf(found)?.nothing?.toString()).toBe('cn=x,dc=y');
  });

  it('a clear rootpw is taken with a warning that does not repeat it', () => {
    const result = parse(`${schemas}\n${database}\nrootdn cn=M,dc=myhosting,dc=example\nrootpw s3cret`);
    expect(result.config?.databases[0]!.rootPassword?.toString()).toBe('s3cret');
    expect(result.diagnostics).toMatchObject([{ severity: 'warning', line: 10 }]);
    expect(JSON.stringify(result.diagnostics)).not.toContain('s3cret');
  });
});

describe('search limits', () => {
  it.each([
    ['', { sizeSoft: 500, sizeHard: 500, timeSoft: 3600, timeHard: 3600, sizeUnchecked: Infinity, pageTotal: 'hard' }],
    ['sizelimit 10', { sizeSoft: 10, sizeHard: 10 }],
    ['sizelimit unlimited', { sizeSoft: Infinity, sizeHard: Infinity }],
    ['sizelimit size.soft=5 size.hard=20', { sizeSoft: 5, sizeHard: 20 }],
    ['sizelimit size.soft=50 size.hard=20', { sizeSoft: 50, sizeHard: 50 }],
    ['sizelimit size.hard=unlimited', { sizeSoft: 500, sizeHard: Infinity }],
    ['sizelimit size.unchecked=disabled', { sizeUnchecked: 0 }],
    ['sizelimit size.unchecked=99', { sizeUnchecked: 99 }],
    ['sizelimit size.pr=25 size.prtotal=disabled', { pageSize: 25, pageTotal: 'disabled' }],
    ['sizelimit size.pr=noEstimate size.prtotal=unlimited', { pageSize: Infinity, pageTotal: Infinity }],
    ['timelimit 60', { timeSoft: 60, timeHard: 60 }],
    ['timelimit time.soft=5 time.hard=none', { timeSoft: 5, timeHard: Infinity }],
    ['timelimit time=7', { timeSoft: 7, timeHard: 7 }],
  ])('%s', (text, expected) => {
    expect(withDatabase('', text).searchLimits).toMatchObject(expected);
    expect(withDatabase(text).searchLimits).toMatchObject(expected);
  });

  it('limits: who and what', () => {
    const { limits } = withDatabase(
      [
        'limits anonymous size=1',
        'limits users size.soft=2 size.hard=soft time=9',
        'limits * size=unlimited',
        'limits dn.exact="cn=a,dc=x" size=3',
        'limits dn.this.subtree="dc=x" size=4',
        'limits dn.regex="^uid=[^,]+,dc=x$" size=5',
        'limits group/groupOfUniqueNames/uniqueMember="cn=g,dc=x" size=6',
        'limits group="cn=g,dc=x" size=7',
        'limits "cn=b,dc=x" size=8',
      ].join('\n'),
      'sizelimit 100\ntimelimit 60',
    );
    expect(limits.map(({ who, changes }) => [who.kind, changes.sizeSoft, changes.timeSoft])).toEqual([
      ['anonymous', 1, 60],
      ['users', 2, 9],
      ['everyone', Infinity, 60],
      ['dn', 3, 60],
      ['dn', 4, 60],
      ['dnRegex', 5, 60],
      ['group', 6, 60],
      ['group', 7, 60],
      ['dn', 8, 60],
    ]);
    expect(limits[1]!.changes.sizeHard).toBe(2);
    expect(limits[4]!.who).toMatchObject({ style: 'subtree', self: false });
    expect(limits[5]!.who).toMatchObject({ self: true, pattern: /^uid=[^,]+,dc=x$/is });
    expect(limits[6]!.who).toMatchObject({ objectClass: 'groupOfUniqueNames', attribute: { text: 'uniqueMember' } });
  });
});

describe('the whole server', () => {
  it('has safe defaults', () => {
    expect(globally('')).toMatchObject({
      logLevel: 0x8000,
      passwordHash: ['{SSHA}'],
      authzPolicy: 'none',
      tls: undefined,
      localSsf: 71,
      serverId: 0,
      features: { bindV2: false, bindUnauthenticated: false, bindAnonymous: true, updateAnonymous: false },
      limits: { pduBytesAnonymous: 262_143, pduBytesAuthenticated: 4_194_303, filterDepth: 1_000 },
    });
  });

  it('every limit has a directive', () => {
    const directives = {
      sockbuf_max_incoming: 'pduBytesAnonymous',
      sockbuf_max_incoming_auth: 'pduBytesAuthenticated',
      sockbuf_max_outgoing: 'unreadBytes',
      conn_max_pending: 'pendingAnonymous',
      conn_max_pending_auth: 'pendingAuthenticated',
      conn_max: 'connections',
      conn_max_per_address: 'connectionsPerAddress',
      maxfilterdepth: 'filterDepth',
      filter_max_terms: 'filterTerms',
      entry_max_values: 'entryValues',
      entry_max_bytes: 'entryBytes',
      memory_max_bytes: 'memoryBytes',
      idletimeout: 'idleTimeout',
      writetimeout: 'writeTimeout',
    } as const;
    const { limits } = globally('');
    expect(Object.values(directives).sort()).toEqual(Object.keys(limits).sort());
    for (const [directive, field] of Object.entries(directives)) {
      expect(globally(`${directive} 87654`).limits[field], directive).toBe(87_654);
    }
  });

  it.each([
    ['loglevel stats', 0x100],
    ['loglevel 256 acl', 0x180],
    ['loglevel 0x81', 0x81],
    ['loglevel any', -1],
    ['loglevel 0', 0],
  ])('%s', (text, level) => {
    expect(globally(text).logLevel).toBe(level);
  });

  it('allow and disallow', () => {
    expect(globally('allow bind_v2 bind_anon_dn update_anon\ndisallow bind_anon tls_authc').features).toMatchObject({
      bindV2: true,
      bindUnauthenticated: true,
      updateAnonymous: true,
      bindAnonymous: false,
      startTlsAuthenticated: false,
      bindSimple: true,
    });
  });

  it('TLS', () => {
    const text = `TLSCertificateFile cert.pem\nTLSCertificateKeyFile /k/key.pem\nTLSCACertificateFile ca.pem
TLSProtocolMin 3.4\nTLSVerifyClient hard\nTLSCipherSuite HIGH\nTLSCRLFile crl.pem`;
    expect(globally(text).tls).toEqual({
      certificateFile: '/srv/cert.pem',
      certificateKeyFile: '/k/key.pem',
      caCertificateFile: '/srv/ca.pem',
      caCertificatePath: undefined,
      crlFile: '/srv/crl.pem',
      cipherSuite: 'HIGH',
      dhParamFile: undefined,
      protocolMin: '1.3',
      protocolMax: '1.3',
      verifyClient: 'demand',
    });
    expect(globally('TLSCertificateFile c\nTLSCertificateKeyFile k\nTLSProtocolMin 3.1').tls?.protocolMin).toBe('1.2');
  });

  it('identities, referrals and the rest', () => {
    const found = globally(`authz-regexp "^uid=([^,]+),cn=external,cn=auth$" "mail=$1,dc=myhosting,dc=example"
authz-policy both
referral ldap://other.example/
rootDSE root.ldif
defaultsearchbase dc=myhosting,dc=example
pidfile run/pid
argsfile /run/args
password-hash {BCRYPT} {SSHA512}
serverID 0x12
localSSF 128`);
    expect(found.authzRegexps[0]).toMatchObject({ replacement: 'mail=$1,dc=myhosting,dc=example', line: 6 });
    expect(found.authzRegexps[0]!.pattern.test('UID=joe,cn=external,cn=auth')).toBe(true);
    expect(found).toMatchObject({
      authzPolicy: 'any',
      referrals: ['ldap://other.example/'],
      rootDseFiles: ['/srv/root.ldif'],
      pidFile: '/srv/run/pid',
      argsFile: '/run/args',
      passwordHash: ['{BCRYPT}', '{SSHA512}'],
      serverId: 18,
      localSsf: 128,
    });
    expect(found.defaultSearchBase?.normalized).toBe('dc=myhosting,dc=example');
  });

  it('what tunes another engine is accepted, with one warning each, and a module that is built in without', () => {
    const modules = 'modulepath /usr/lib/ldap\nmoduleload back_mdb.la\nmoduleload ppolicy';
    const text = `threads 16\n${modules}\nsasl-host x\ngentlehup on`;
    const inside = 'maxsize 1073741824\ncachesize 10000\ncheckpoint 512 30\ndbnosync\nenvflags nosync';
    const result = parse(`${schemas}\n${text}\n${database}\n${inside}`);
    expect(result.config).toBeDefined();
    expect(result.diagnostics.map(({ line }) => line)).toEqual([6, 7, 10, 11, 15, 16, 17, 18, 19]);
    expect(result.config!.warnings).toEqual(result.diagnostics);
    const nosync = result.diagnostics.find(({ message }) => message.includes('dbnosync'));
    expect(nosync?.message).toContain('every write is on disk before it is answered');
  });

  it('is frozen all the way down', () => {
    const found = globally('sizelimit 5\naccess to * by * read');
    expect(() => Object.assign(found.limits, { connections: 1 })).toThrow(TypeError);
    expect(() => Object.assign(found.databases[0]!.access[0]!.by[0]!.grant, { privileges: 255 })).toThrow(TypeError);
    expect(Object.isFrozen(found.databases[0]!.searchLimits)).toBe(true);
  });
});
