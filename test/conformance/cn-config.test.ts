/**
 * The trees that slaptest 2.5 and 2.6 make of the project's own configurations, and those which Debian's packages install, mean
 * to jammd what the slapd.conf means that they were made of; and jammd knows every attribute that slapd has for them.
 */
import { existsSync } from 'node:fs';
import { cp, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { olcAttributes, type OlcAttribute } from '../../src/config/cn-config/attributes.js';
import { slapdConfText } from '../../src/config/cn-config/convert.js';
import type { CnConfigEntry } from '../../src/config/cn-config/entry.js';
import { convertSlapdConf } from '../../src/config/cn-config/from-slapd-conf.js';
import { loadConfigFolder } from '../../src/config/cn-config/load.js';
import { withDescendants } from '../../src/config/cn-config/tree.js';
import { defaultConfigText } from '../../src/config/default.js';
import { defaultLogLevel } from '../../src/config/draft.js';
import { defaultServerLimits } from '../../src/config/limits.js';
import { formatDiagnostic, loadConfig, parseConfig } from '../../src/config/parse.js';
import { slapdFiles } from '../../src/mail-programs/slapd.js';
import { configForm } from '../support/config-form.js';
import { releaseFolder, releaseMakingMs, releaseObstacle } from '../support/debian-release.js';
import { accessRules, configHead, manager, suffix } from '../support/howto.js';
import { accepts, freePort, makeFolder, removeFolder } from '../support/place.js';
import { Daemon, run, runOrFail } from '../support/process.js';
import { requirePrograms } from '../support/programs.js';
import { slapdPrograms, type SlapdVersion } from '../support/slapd-programs.js';
import { settings } from './settings/index.js';
import { configText } from './settings/setting.js';

const root = resolve(import.meta.dirname, '../..');

/** As one test of each writes it, with what slapd.conf can say in several ways. */
const everything = `${configHead}include /etc/ldap/schema/inetorgperson.schema
moduleload back_monitor
moduleload unique
moduleload refint
pidfile @FOLDER@/slapd.pid
argsfile @FOLDER@/slapd.args
allow bind_v2 bind_anon_dn
disallow tls_2_anon
sizelimit size.soft=7 size.hard=20
timelimit 90
loglevel stats 64
security ssf=1 simple_bind=0
password-hash {SSHA} {SHA}
authz-regexp "uid=([^,]*),cn=[^,]*,cn=auth" "ldap:///${suffix}??sub?(uid=$1)"
authz-policy to
require bind LDAPv3
restrict rename
attributeoptions lang- x-
idletimeout 70
writetimeout 20
referral ldap://elsewhere.example/
defaultsearchbase "${suffix}"
localssf 128
serverid 7
conn_max_pending 50
sockbuf_max_incoming 100000
sockbuf_max_incoming_auth 1000000
access to dn.base="" by * read
access to dn.exact="cn=Sub\\2Cschema" by * none
database config
rootpw secret
database monitor
access to * by users read
database mdb
directory @DIRECTORY@
suffix "${suffix}"
rootdn "${manager}"
rootpw {SSHA}ra0sD47QP32ASAlaAhF8kgi+8Aflbgr7
readonly on
lastmod off
maxderefdepth 3
add_content_acl on
sizelimit 9
limits users size=30
limits group/groupOfNames/member="cn=g,${suffix}" size.soft=1 size.hard=unlimited time=5
limits dn.regex="^cn=([^,]+),o=a b,${suffix}$" size.pr=5 size.prtotal=disabled
index default pres,eq
index mail
index cn,sn eq,sub
${accessRules}
access to attrs=cn val.regex="^a \\\\.c$" by set="this/cn & user/cn" write by peername.ip=127.0.0.1 read
overlay unique
unique_uri ldap:///?mail?sub
overlay refint
refint_attributes member roleOccupant
refint_nothing "${manager}"
`;

interface Configuration {
  readonly config: string;
  readonly files?: Readonly<Record<string, string>>;
}

/**
 * slaptest makes no tree where `referral` is given twice, and one that slapd cannot read where slapd.conf itself holds definitions
 * that build on included ones.
 */
const withoutTree = new Set(['referrals', 'schemas']);

const configurations = new Map<string, Configuration>([
  ['everything', { config: everything }],
  ...Object.entries(settings)
    .filter(([name]) => !withoutTree.has(name))
    .map(([name, setting]) => [name, { ...setting, config: configText(setting, 'slapd') }] as const),
]);

/**
 * What slaptest writes besides what slapd.conf says: where it was read, its defaults, and in each database what that takes over from
 * the whole server.
 */
function isSlaptestsOwn(attribute: OlcAttribute, values: readonly string[], frontend: CnConfigEntry): boolean {
  const places = ['olcConfigFile', 'olcConfigDir'];
  const defaults = new Map([
    ['olcLogLevel', '0'],
    ['olcSockbufMaxIncomingAuth', '16777215'],
    ['olcMaxDerefDepth', '0'],
    ['olcAddContentAcl', 'TRUE'],
    ['olcAttributeOptions', 'lang-'],
    ['olcMemberOfDangling', 'ignore'],
    ['olcMemberOfDanglingError', 'constraintViolation'],
    ['olcSssVlvMax', '0'],
    ['olcSssVlvMaxPerConn', '5'],
  ]);
  const { name, unset } = attribute;
  if (places.includes(name) || values.every((value) => value === 'FALSE' || unset.has(value) || defaults.get(name) === value))
    return true;
  const inherited = frontend.attributes.get(name.toLowerCase())?.values.map(String).join(' ') ?? '';
  // Of a size limit, a database is told the hard one alone.
  return values.every((value) => inherited.includes(value.trim()));
}

/** Attributes that only one of the trees has, with no reason, and those that have another number of values there. */
function unexplained(jammd: CnConfigEntry, slapd: CnConfigEntry): { ofJammd: string[]; ofSlapd: string[]; counts: string[] } {
  const frontend = slapd.children.find(({ name }) => name.startsWith('olcDatabase={-1}'))!;
  const [ours, theirs] = [jammd, slapd].map((tree) => {
    const rows = [...withDescendants(tree)]
      // slapd fills in what it defines itself, and its glue; what slapd.conf itself defines it reads before what that builds on.
      .filter(({ name }) => !/^(?:cn=schema|cn=\{\d+\}slapd,cn=schema|olcOverlay=\{0\}glue,.*),cn=config$/.test(name))
      .flatMap(({ name, attributes }) =>
        [...attributes.values()].flatMap(({ type, values }) => {
          const attribute = olcAttributes.get(type.toLowerCase());
          const isDefinition = name === 'cn=config' && /^olc(?:AttributeTypes|ObjectClasses)$/.test(type);
          return attribute && !isDefinition
            ? [[`${name} ${attribute.name}`, { attribute, values: values.map(String) }] as const]
            : [];
        }),
      );
    return new Map(rows);
  }) as unknown as [Map<string, OlcRow>, Map<string, OlcRow>];
  return {
    ofJammd: [...ours.keys()].filter((row) => !theirs.has(row)),
    ofSlapd: [...theirs]
      .filter(([row, { attribute, values }]) => !ours.has(row) && !isSlaptestsOwn(attribute, values, frontend))
      .map(([row, { values }]) => `${row} ${values.join(' ')}`),
    counts: [...theirs]
      .filter(([row, { values }]) => ours.has(row) && countOf(ours.get(row)!.values) !== values.length)
      .map(([row, { values }]) => `${row}: ${ours.get(row)!.values.length} values, not ${values.length}`),
  };
}

/** `restrict write` is one value of jammd's and all that it stands for in slapd's. */
const countOf = (values: readonly string[]): number => values.length + (values.includes('write') ? 3 : 0);

interface OlcRow {
  readonly attribute: OlcAttribute;
  readonly values: readonly string[];
}

interface Defaulted {
  readonly logLevel: number;
  readonly limits: { readonly pduBytesAuthenticated: number };
}

/** Where slapd.conf says nothing, slaptest writes slapd's own defaults, of which two are not jammd's. */
function asWritten(expected: object, tree: object): object {
  const { logLevel, limits } = expected as Defaulted;
  const written = tree as Defaulted;
  const isDefault = limits.pduBytesAuthenticated === defaultServerLimits.pduBytesAuthenticated;
  return {
    ...expected,
    logLevel: logLevel === defaultLogLevel && written.logLevel === 0 ? 0 : logLevel,
    limits: isDefault ? { ...limits, pduBytesAuthenticated: written.limits.pduBytesAuthenticated } : limits,
  };
}

const obstacle = { '2.5': requirePrograms('slaptest'), '2.6': releaseObstacle() };
const versions: readonly SlapdVersion[] = ['2.5', '2.6'];

describe.each(versions.filter((version) => obstacle[version] === undefined))('slaptest %s', (version) => {
  let folder: string;
  let trees = 0;

  beforeAll(async () => {
    folder = await makeFolder(`cn-config-${version}`);
    await slapdPrograms(version);
  }, releaseMakingMs);

  afterAll(async () => {
    await removeFolder(folder);
  });

  /** A slapd.conf with its folders, and the tree that slaptest makes of it. */
  async function convert({ config, files = {} }: Configuration): Promise<{ file: string; tree: string }> {
    const place = join(folder, String(++trees));
    const tree = join(place, 'slapd.d');
    await mkdir(tree, { recursive: true });
    const text = config
      .replaceAll('@DIRECTORY@', `${place}/data`)
      .replaceAll('@FOLDER@', place)
      .replaceAll(/^(include +)(?=[\w.]+$)/gm, `$1${place}/schema/`)
      .replaceAll('@JAMM_SCHEMA@', `${place}/schema/jamm.schema`);
    await cp(join(root, 'schema'), join(place, 'schema'), { recursive: true });
    for (const [, directory] of text.matchAll(/^directory\s+"?([^"\n]+)"?$/gm)) await mkdir(directory!, { recursive: true });
    for (const [name, content] of Object.entries(files)) await writeFile(join(place, name), content);
    const file = join(place, 'slapd.conf');
    await writeFile(file, text);
    const [program, ...args] = (await slapdPrograms(version)).command('slaptest');
    // Exits with 1 afterwards, because there is no database to open; with -u it would write no tree.
    const { stderr } = await run(program, [...args, '-f', file, '-F', tree]);
    expect(existsSync(join(tree, 'cn=config.ldif')), stderr).toBe(true);
    return { file, tree };
  }

  function expectSame(tree: string, expected: ReturnType<typeof loadConfig>): void {
    const { config, diagnostics, lines } = loadConfigFolder(tree);
    expect(config, diagnostics.map(formatDiagnostic).join('\n')).toBeDefined();
    expect(expected.config, expected.diagnostics.map(formatDiagnostic).join('\n')).toBeDefined();
    const form = configForm(config!);
    expect(form).toEqual(asWritten(configForm(expected.config!), form));
    const converted = parseConfig({ file: 'converted.conf', text: slapdConfText(lines) });
    expect(configForm(converted.config!)).toEqual(form);
  }

  /** jammd makes the same of that slapd.conf: to itself, to slapd, and beside slapd's own tree. */
  async function expectOwnTree(file: string, tree: string): Promise<string> {
    const own = join(dirname(file), 'own.d');
    await mkdir(own);
    const told = convertSlapdConf({ file, folder: own });
    expect(told.filter(({ severity }) => severity === 'error').map(formatDiagnostic)).toEqual([]);
    const { config, diagnostics, root: ours } = loadConfigFolder(own);
    expect(config, diagnostics.map(formatDiagnostic).join('\n')).toBeDefined();
    expect(configForm(config!)).toEqual(configForm(loadConfig(file).config!));
    const [slaptest, ...args] = (await slapdPrograms(version)).command('slaptest');
    const { code, stderr } = await run(slaptest, [...args, '-u', '-F', own]);
    // slapd cannot read what it writes itself of a unique_uri with two URIs.
    const isSlapds =
      code !== 0 && (await run(slaptest, [...args, '-u', '-F', tree])).stderr.includes('extra cruft after <ldapuri>');
    expect(code, stderr).toBe(isSlapds ? 1 : 0);
    expect(unexplained(ours!, loadConfigFolder(tree).root!)).toEqual({ ofJammd: [], ofSlapd: [], counts: [] });
    return own;
  }

  test.each([...configurations.keys()])('%s', async (name) => {
    const { file, tree } = await convert(configurations.get(name)!);
    expectSame(tree, loadConfig(file));
    await expectOwnTree(file, tree);
  });

  test("slapd serves from jammd's tree", async () => {
    const port = await freePort();
    const { file, tree } = await convert({ config: everything.replace(/^(?:security|restrict|readonly|require) .*\n/gm, '') });
    const own = await expectOwnTree(file, tree);
    const programs = await slapdPrograms(version);
    const [slapadd, ...addArgs] = programs.command('slapadd');
    const ldif = join(dirname(file), 'suffix.ldif');
    await writeFile(ldif, `dn: ${suffix}\nobjectClass: organization\nobjectClass: dcObject\no: x\ndc: myhosting\n`);
    await runOrFail(slapadd, [...addArgs, '-F', own, '-b', suffix, '-l', ldif]);
    const [slapd, ...args] = programs.command('slapd');
    const url = `ldap://127.0.0.1:${port}/`;
    const daemon = Daemon.start(slapd, [...args, '-F', own, '-h', url, '-d', '0']);
    try {
      await daemon.waitUntil(() => accepts(port));
      const ask = ['-x', '-LLL', '-H', url, '-s', 'base'];
      const found = await runOrFail('ldapsearch', [...ask, '-b', suffix, 'o']);
      expect(found.stdout).toBe(`dn: ${suffix}\no: x\n\n`);
      const indexes = await runOrFail('ldapsearch', [
        ...[...ask, '-D', 'cn=config', '-w', 'secret'],
        ...['-b', 'olcDatabase={2}mdb,cn=config', 'olcDbIndex'],
      ]);
      expect(indexes.stdout).toContain('olcDbIndex: cn eq,sub\nolcDbIndex: sn eq,sub\n');
    } finally {
      await daemon.stop();
    }
  });

  test('what jammd config slapd prints', async () => {
    const [printed] = slapdFiles({ suffix, directory: '@DIRECTORY@', rootPassword: '{SSHA}x' }, '/etc/ldap');
    const { file, tree } = await convert({ config: printed!.text.replaceAll(`${root}/schema/`, '') });
    expectSame(tree, loadConfig(file));
  });

  test('the default configuration', async () => {
    const text = defaultConfigText({ directory: '@DIRECTORY@' });
    const config = text.replace(/^database /m, 'modulepath /usr/lib/ldap\nmoduleload back_mdb\ndatabase ');
    const { file, tree } = await convert({ config });
    expectSame(tree, loadConfig(file));
  });

  test("what Debian's package installs", async () => {
    const place = join(folder, 'package');
    const tree = join(place, 'slapd.d');
    await mkdir(tree, { recursive: true });
    // As the package's postinst does, with debconf's answers.
    const release = version === '2.5' ? '/' : await releaseFolder('trixie', 'mail');
    const template = await readFile(join(release, 'usr/share/slapd/slapd.init.ldif'), 'utf8');
    const ldif = template
      .replaceAll('@SUFFIX@', 'dc=nodomain')
      .replaceAll('@PASSWORD@', '{SSHA}q/rpDux4SE16C3pJ8ibr6bEkqlTA9s9E');
    await writeFile(join(place, 'init.ldif'), ldif);
    const [slapadd, ...args] = (await slapdPrograms(version)).command('slapadd');
    await runOrFail(slapadd, [...args, '-F', tree, '-b', 'cn=config', '-l', join(place, 'init.ldif')]);
    const { config, diagnostics, lines } = loadConfigFolder(tree);
    expect(diagnostics.map(formatDiagnostic)).toEqual([
      'cn=module{0},cn=config olcModulePath: warning: "modulepath" has no effect: nothing is loaded: what there is, is built in',
      'olcDatabase={1}mdb,cn=config olcDbCheckpoint: warning: "checkpoint" has no effect: every write is on disk before it is ' +
        'answered, here always',
      'olcDatabase={1}mdb,cn=config olcDbMaxSize: warning: "maxsize" has no effect: a database grows as far as its disk has room',
    ]);
    expect(config!.databases.map(({ directory, access }) => [directory, access.length])).toEqual([['/var/lib/ldap', 6]]);
    const converted = parseConfig({ file: 'converted.conf', text: slapdConfText(lines) });
    expect(configForm(converted.config!)).toEqual(configForm(config!));
  });
});

describe.skipIf(requirePrograms('slapd', 'ldapsearch') !== undefined)('attributes of cn=config', () => {
  let folder: string;

  beforeAll(async () => {
    folder = await makeFolder('cn-config-attributes');
  });

  afterAll(async () => {
    await removeFolder(folder);
  });

  /** With all modules that Debian has and that do without further configuration. */
  async function attributesOfSlapd(): Promise<string[]> {
    const unusable = /^(?:back_asyncmeta|dyngroup|nssov|smbk5pwd|pw-.*|argon2)$/;
    const modules = (await readdir('/usr/lib/ldap'))
      .filter((name) => name.endsWith('.la'))
      .map((name) => name.slice(0, -'.la'.length))
      .filter((name) => !unusable.test(name));
    const file = join(folder, 'slapd.conf');
    const schemas = ['core', 'cosine', 'nis', 'inetorgperson', 'dyngroup'].map(
      (name) => `include /etc/ldap/schema/${name}.schema`,
    );
    const loads = modules.map((name) => `moduleload ${name}`);
    await writeFile(file, [...schemas, 'modulepath /usr/lib/ldap', ...loads, ''].join('\n'));
    const port = await freePort();
    const slapd = Daemon.start('/usr/sbin/slapd', ['-f', file, '-h', `ldap://127.0.0.1:${port}/`, '-d', '0']);
    try {
      await slapd.waitUntil(() => accepts(port));
      const search = ['-x', '-LLL', '-o', 'ldif-wrap=no', '-H', `ldap://127.0.0.1:${port}/`, '-b', 'cn=subschema', '-s', 'base'];
      const { stdout } = await runOrFail('ldapsearch', [...search, 'attributeTypes']);
      const names = [...stdout.matchAll(/NAME (?:'([^']+)'|\(([^)]+)\))/g)].flatMap(([, one, more]) =>
        one === undefined ? more!.match(/[^\s']+/g)! : [one],
      );
      return names.filter((name) => name.startsWith('olc'));
    } finally {
      await slapd.stop();
    }
  }

  test('are all known', async () => {
    const names = await attributesOfSlapd();
    expect(names.length).toBeGreaterThan(300);
    expect(names.filter((name) => olcAttributes.get(name.toLowerCase())?.name !== name)).toEqual([]);
  });

  /** In the database that it belongs to, or before all. */
  test('stand for directives that are supported, or refused with a reason', () => {
    const own = [...olcAttributes.values()].filter(({ section, directive }) => directive !== undefined && section !== 'other');
    expect(own.length).toBeGreaterThan(120);
    const lines = own.map(({ directive }) => `${directive} x\n`).join('');
    const unknownIn = (text: string): Set<string> =>
      new Set(
        parseConfig({ file: 'x.conf', text }).diagnostics.flatMap(
          ({ message }) => /^unknown directive "(.*)"/.exec(message)?.[1] ?? [],
        ),
      );
    const before = unknownIn(lines);
    const within = unknownIn(`database mdb\nsuffix cn=x\ndirectory /srv/data\n${lines}`);
    const unknown = own.filter(({ directive }) => [before, within].every((names) => names.has(directive!.toLowerCase())));
    expect(unknown.map(({ name }) => name)).toEqual([]);
  });
});
