/** docs/replication.md: a jammd replica from what `jammd config replica` prints, from a copy, and in the provider's place. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { runOrFail } from '../support/process.js';
import { requirePrograms } from '../support/programs.js';
import { startJammd, type ReferenceServer } from '../support/reference-server.js';
import { suffix } from './random-changes.js';
import { contents, contextCsn, expectEqual, root, startFollower, startProvider, syncreplLines, write } from './support.js';

const jammd = resolve(import.meta.dirname, '../../bin/jammd');
const servers: ReferenceServer[] = [];

afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.stop()));
});

async function running(server: Promise<ReferenceServer>): Promise<ReferenceServer> {
  servers.push(await server);
  return server;
}

const unit = (name: string): string =>
  `dn: ou=${name},${suffix}\nchangetype: add\nobjectClass: organizationalUnit\nou: ${name}\n\n`;

/** Starts it again, with lines in place of those that say whom it follows, or that it is followed. */
async function restart(server: ReferenceServer, lines: string): Promise<void> {
  await server.halt();
  const config = (await readFile(server.configFile, 'utf8')).replace(/^(?:syncrepl|overlay syncprov).*\n/gm, '');
  await writeFile(server.configFile, `${config}${lines}`);
  await server.resume();
}

describe.skipIf(requirePrograms('ldapsearch') !== undefined)('a jammd replica', () => {
  test('follows by what jammd config replica prints', async () => {
    const provider = await running(startProvider());
    const folder = await mkdtemp(join(tmpdir(), 'jammd-replica-'));
    try {
      await writeFile(join(folder, 'password'), `${root.password}\n`);
      const from = ['-b', suffix, '-H', provider.url, '-D', root.dn, '-y', join(folder, 'password')];
      const printed = await runOrFail(process.execPath, [jammd, 'config', 'replica', ...from, '--directory', '@DIRECTORY@']);
      const config = printed.stdout.replace(/^rootdn.*$/m, `rootdn "${root.dn}"\nrootpw ${root.password}`);
      const replica = await running(startJammd({ config }));
      await expectEqual(provider, replica, 'at first');
      await write(provider, unit('c'));
      await expectEqual(provider, replica, 'later');
      expect(replica.log()).not.toMatch(/warning: "syncrepl"/);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }, 60_000);

  test('starts from a backup or an export where the provider was then', async () => {
    const provider = await running(startProvider());
    await write(provider, unit('c'));
    const [csn, entries] = [await contextCsn(provider), await contents(provider)];
    const copy = join(dirname(provider.configFile), 'copy');
    await runOrFail(process.execPath, [jammd, 'backup', '-f', provider.configFile, copy]);
    const exported = await runOrFail(process.execPath, [jammd, 'export', '-f', provider.configFile]);
    await provider.halt();
    const fromExport = await running(startFollower([provider], { ldif: exported.stdout }));
    const fromBackup = await running(startFollower([provider]));
    await fromBackup.halt();
    await runOrFail(process.execPath, [jammd, 'restore', '-f', fromBackup.configFile, copy]);
    await fromBackup.resume();
    for (const replica of [fromExport, fromBackup]) {
      expect(await contextCsn(replica)).toBe(csn);
      expect(await contents(replica)).toEqual(entries);
    }
    await provider.resume();
    await write(provider, `dn: ou=c,${suffix}\nchangetype: delete\n\n${unit('d')}`);
    await expectEqual(provider, fromExport, 'from an export');
    await expectEqual(provider, fromBackup, 'from a backup');
  }, 90_000);

  test('takes the provider’s place, and the old one follows it', async () => {
    const old = await running(startProvider());
    const heir = await running(startFollower([old]));
    const other = await running(startFollower([old]));
    await write(old, unit('c'));
    await expectEqual(old, heir, 'the heir');
    await expectEqual(old, other, 'the other replica');
    await heir.halt();
    await other.halt();
    // Nobody has seen this one when the provider goes.
    await write(old, unit('lost'));
    await old.halt();
    await restart(heir, 'overlay syncprov\n');
    await restart(other, syncreplLines([heir], 'refreshAndPersist'));
    await write(heir, `dn: ou=c,${suffix}\nchangetype: delete\n\n${unit('d')}`);
    await expectEqual(heir, other, 'the other replica of the heir');
    await restart(old, syncreplLines([heir], 'refreshAndPersist'));
    await expectEqual(heir, old, 'the old provider');
    expect(Object.keys(await contents(old)).filter((dn) => dn.includes('lost'))).toEqual([]);
  }, 90_000);
});
