/** docs/replication.md: a stock slapd from what `jammd config slapd-replica` prints, one that is loaded from an export first, and ends. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { ldapSearch } from '../support/ldap-utils.js';
import { Daemon, runOrFail } from '../support/process.js';
import { requirePrograms } from '../support/programs.js';
import { startSlapd, type ReferenceServer } from '../support/reference-server.js';
import { suffix } from './random-changes.js';
import { contextCsn, expectEqual, root, startProvider, startReplica, write } from './support.js';

const jammd = resolve(import.meta.dirname, '../../bin/jammd');
const servers: ReferenceServer[] = [];

afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.stop()));
});

async function provider(lines = ''): Promise<ReferenceServer> {
  const server = await startProvider(lines);
  servers.push(server);
  return server;
}

describe.skipIf(requirePrograms('slapd', 'ldapsearch') !== undefined)('a stock slapd', () => {
  test('follows by what jammd config slapd-replica prints', async () => {
    const server = await provider();
    const folder = await mkdtemp(join(tmpdir(), 'jammd-replica-'));
    try {
      await writeFile(join(folder, 'password'), `${root.password}\n`);
      const from = ['-b', suffix, '-H', server.url, '-D', root.dn, '-y', join(folder, 'password')];
      const printed = await runOrFail(process.execPath, [
        jammd,
        'config',
        'slapd-replica',
        ...from,
        '--directory',
        '@DIRECTORY@',
      ]);
      // The comments of `jammd config` are comments to slapd as well; its rootdn gets a password to look with.
      const config = printed.stdout.replace(/^rootdn.*$/m, `rootdn "${root.dn}"\nrootpw ${root.password}`);
      const replica = await startSlapd({ config });
      servers.push(replica);
      await expectEqual(server, replica, 'at first');
      await write(server, `dn: ou=c,${suffix}\nchangetype: add\nobjectClass: organizationalUnit\nou: c\n\n`);
      await expectEqual(server, replica, 'later');
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }, 60_000);

  test('goes on from an export that it is loaded with', async () => {
    const server = await provider();
    await write(server, `dn: ou=c,${suffix}\nchangetype: add\nobjectClass: organizationalUnit\nou: c\n\n`);
    const { stdout } = await runOrFail(process.execPath, [jammd, 'export', '-f', server.configFile]);
    expect(stdout.match(/^contextCSN: .*$/gm)).toEqual([`contextCSN: ${await contextCsn(server)}`]);
    const replica = await startReplica(server, 'refreshAndPersist', '2.5', '', stdout);
    servers.push(replica);
    expect(await contextCsn(replica)).toBe(await contextCsn(server));
    await write(server, `dn: ou=a,${suffix}\nchangetype: delete\n\n`);
    await expectEqual(server, replica, 'after a deletion');
  }, 60_000);
});

describe.skipIf(requirePrograms('ldapsearch') !== undefined)('a search that persists', () => {
  const persist = (server: ReferenceServer): Daemon =>
    Daemon.start('ldapsearch', [
      ...['-x', '-H', server.url, '-D', root.dn, '-w', root.password],
      ...['-b', suffix, '-E', 'sync=rp', '1.1'],
    ]);

  test('outlasts idletimeout, and ends with the server at once', async () => {
    const server = await provider('idletimeout 1');
    const search = persist(server);
    await search.waitUntil(() => search.output.includes('refresh done'));
    await new Promise((resolve) => setTimeout(resolve, 2_500));
    await write(server, `dn: ou=c,${suffix}\nchangetype: add\nobjectClass: organizationalUnit\nou: c\n\n`);
    await search.waitUntil(() => search.output.includes(`ou=c,${suffix}`));
    const before = performance.now();
    await server.halt();
    expect(performance.now() - before).toBeLessThan(5_000);
    await search.stop();
  }, 60_000);

  test('keeps nobody from anything', async () => {
    const server = await provider();
    const searches = Array.from({ length: 20 }, () => persist(server));
    for (const search of searches) await search.waitUntil(() => search.output.includes('refresh done'));
    expect(await ldapSearch(server, root, ['-b', suffix, '-s', 'one', '1.1'])).toHaveLength(2);
    for (const search of searches) await search.stop('SIGKILL');
    expect(await ldapSearch(server, root, ['-b', suffix, '-s', 'one', '1.1'])).toHaveLength(2);
  }, 60_000);
});
