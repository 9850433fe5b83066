/** cn=config over LDAP, from the tree that slaptest made: what slapd answers, jammd answers. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { jammdProgram } from '../commands/jammd.js';
import { accepts, freePort, makeFolder, removeFolder } from '../support/place.js';
import { Daemon, run } from '../support/process.js';
import { requirePrograms } from '../support/programs.js';

const config = `include /etc/ldap/schema/core.schema
include /etc/ldap/schema/cosine.schema
include /etc/ldap/schema/inetorgperson.schema
modulepath /usr/lib/ldap
moduleload back_mdb
moduleload memberof
moduleload unique
database config
rootpw secret
access to * by dn.exact=gidNumber=0+uidNumber=0,cn=peercred,cn=external,cn=auth manage by * break
database mdb
suffix dc=x
rootdn cn=m,dc=x
rootpw m
directory @FOLDER@/data
index cn eq
access to * by * read
overlay memberof
`;

interface Served {
  readonly kind: 'slapd' | 'jammd';
  readonly folder: string;
  readonly tree: string;
  readonly port: number;
  readonly daemon: Daemon;
}

describe.skipIf(requirePrograms('slapd', 'slaptest', 'ldapsearch') !== undefined)('cn=config served', () => {
  let folder: string;
  const servers: Served[] = [];

  beforeAll(async () => {
    folder = await makeFolder('cn-config-served');
    for (const kind of ['slapd', 'jammd'] as const) servers.push(await start(kind));
  }, 60_000);

  afterAll(async () => {
    for (const { daemon } of servers) await daemon.stop();
    await removeFolder(folder);
  });

  async function start(kind: 'slapd' | 'jammd'): Promise<Served> {
    const place = join(folder, kind);
    const tree = join(place, 'slapd.d');
    await mkdir(tree, { recursive: true });
    await mkdir(join(place, 'data'));
    const file = join(place, 'slapd.conf');
    await writeFile(file, config.replaceAll('@FOLDER@', place));
    await run('/usr/sbin/slaptest', ['-f', file, '-F', tree]);
    const port = await freePort();
    const urls = `ldap://127.0.0.1:${port}/ ldapi://${encodeURIComponent(join(place, 'ldapi'))}`;
    const daemon =
      kind === 'slapd'
        ? Daemon.start('/usr/sbin/slapd', ['-F', tree, '-h', urls, '-d', '0'])
        : Daemon.start(process.execPath, [jammdProgram, 'serve', '-F', tree, '-h', urls]);
    await daemon.waitUntil(() => accepts(port));
    return { kind, folder: place, tree, port, daemon };
  }

  /** What each of them answers, without what names its own folder and the time. */
  async function both(program: string, args: readonly string[], input = ''): Promise<{ slapd: string; jammd: string }> {
    const [slapd, jammd] = await Promise.all(servers.map((server) => answer(server, program, args, input)));
    return { slapd: slapd!, jammd: jammd! };
  }

  async function answer(
    { port, folder: place }: Served,
    program: string,
    args: readonly string[],
    input: string,
  ): Promise<string> {
    const local = args.includes('EXTERNAL');
    const url = local ? `ldapi://${encodeURIComponent(join(place, 'ldapi'))}` : `ldap://127.0.0.1:${port}/`;
    const { code, stdout, stderr } = await run(program, ['-H', url, ...args], { input });
    // In any order: slapd's changes when it starts.
    const lines = stdout.split('\n\n').map((entry) => entry.split('\n').sort().join('\n'));
    return `${lines.join('\n\n')}${stderr}exit ${code}`.replaceAll(place, '@FOLDER@');
  }

  const asRoot = ['-x', '-D', 'cn=config', '-w', 'secret'];
  const shown = ['-LLL', '-o', 'ldif-wrap=no'];

  test.each([
    [...asRoot, ...shown, '-b', 'cn=config', 'dn'],
    [...asRoot, ...shown, '-b', 'cn=config', '(olcDatabase=*)', 'olcAccess', 'olcRootPW', 'olcSuffix'],
    [...asRoot, ...shown, '-b', 'cn=config', '-s', 'one', '(objectClass=olcDatabaseConfig)', '1.1'],
    [...asRoot, ...shown, '-b', 'olcDatabase={1}mdb,cn=config'],
    [...asRoot, ...shown, '-b', 'olcDatabase={7}mdb,cn=config'],
    [...asRoot, ...shown, '-b', 'cn=config', '(olcDbIndex=cn*)', 'olcDbIndex'],
    ['-x', ...shown, '-b', 'cn=config', 'dn'],
    ['-x', ...shown, '-b', '', '-s', 'base', 'configContext'],
    ['-Q', '-Y', 'EXTERNAL', ...shown, '-b', 'cn=config', '(olcOverlay=*)'],
  ])('ldapsearch %s %s %s %s %s %s %s %s %s %s %s', async (...args) => {
    const { slapd, jammd } = await both('ldapsearch', args);
    expect(jammd).toBe(slapd);
  });

  test.each([['secret'], ['wrong']])('a bind as its rootdn with the password %s', async (password) => {
    const { slapd, jammd } = await both('ldapwhoami', ['-x', '-D', 'cn=config', '-w', password]);
    expect(jammd).toBe(slapd);
  });
});
