/**
 * jammd follows slapd 2.5 and 2.6, and jammd: random writes of all kinds, either side killed, the replica away for a while or
 * for longer than the provider remembers; afterwards both hold the same entries, operational attributes included. The seeds
 * are in the tests' names; JAMMD_REPLICATION_ROUNDS and JAMMD_REPLICATION_SEED ask for more.
 */
import { resolve } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { releaseMakingMs, releaseObstacle } from '../support/debian-release.js';
import { ldapSearch, ldapTool } from '../support/ldap-utils.js';
import { runOrFail } from '../support/process.js';
import { requirePrograms } from '../support/programs.js';
import type { ReferenceServer } from '../support/reference-server.js';
import { beyondTheLog, disturb } from './disturbances.js';
import { RandomChanges, suffix } from './random-changes.js';
import {
  contents,
  contextCsn,
  expectEqual,
  root,
  startFollower,
  startOriginal,
  startReplica,
  write,
  type Mode,
  type Program,
} from './support.js';

const jammd = resolve(import.meta.dirname, '../../bin/jammd');
const rounds = Number(process.env['JAMMD_REPLICATION_ROUNDS'] ?? 2);
const isLong = process.env['JAMMD_REPLICATION_ROUNDS'] !== undefined;
const seed = Number(process.env['JAMMD_REPLICATION_SEED'] ?? Date.now() % 1_000_000);
const roundMs = 40_000;

const servers: ReferenceServer[] = [];

afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.stop()));
});

async function follow(program: Program, mode: Mode): Promise<void> {
  const random = new RandomChanges(seed);
  const provider = await startOriginal(program, 'syncprov-sessionlog 1000');
  servers.push(provider);
  const replica = await startFollower([provider], { mode });
  servers.push(replica);
  await expectEqual(provider, replica, `seed ${seed}, at first`);
  for (let round = 1; round <= rounds; round++) {
    const what = await disturb(random, provider, replica);
    await expectEqual(provider, replica, `seed ${seed}, round ${round}: ${what}`);
  }
  expect(Object.keys(await contents(provider)).length).toBeGreaterThan(3);
  await replica.halt();
  await write(provider, beyondTheLog(random, { swaps: true }));
  await replica.resume();
  await expectEqual(provider, replica, `seed ${seed}, away for longer than the log reaches`);
  await write(provider, random.ldif(20));
  await expectEqual(provider, replica, `seed ${seed}, at last`);
}

const modes = ['refreshOnly', 'refreshAndPersist'] as const;
/** Both modes with each program where somebody asks for more. */
const some = (mode: Mode): readonly Mode[] => (isLong ? modes : [mode]);

describe.skipIf(requirePrograms('slapd', 'ldapsearch') !== undefined)('jammd follows', () => {
  test.each(modes)(`jammd by %s, seed ${seed}`, (mode) => follow('jammd', mode), roundMs * (rounds + 2));
  test.each(some('refreshAndPersist'))(
    `slapd 2.5 by %s, seed ${seed}`,
    (mode) => follow('slapd 2.5', mode),
    roundMs * (rounds + 2),
  );
});

describe.skipIf(releaseObstacle() !== undefined)('jammd follows', () => {
  test.each(some('refreshOnly'))(
    `slapd 2.6 by %s, seed ${seed}`,
    (mode) => follow('slapd 2.6', mode),
    releaseMakingMs + roundMs * (rounds + 2),
  );
});

describe.skipIf(requirePrograms('slapd', 'ldapsearch') !== undefined)('jammd as a replica', () => {
  const unit = (name: string): string =>
    `dn: ou=${name},${suffix}\nchangetype: add\nobjectClass: organizationalUnit\nou: ${name}\n\n`;

  test('passes changes on to its own replicas, and goes over to a second provider', async () => {
    const first = await startOriginal('jammd');
    servers.push(first);
    const middle = await startFollower([first], { lines: 'overlay syncprov' });
    servers.push(middle);
    const slapd = await startReplica(middle, 'refreshAndPersist', '2.5');
    servers.push(slapd);
    const last = await startFollower([first, middle]);
    servers.push(last);
    const random = new RandomChanges(seed);
    await write(first, random.ldif(20));
    for (const server of [middle, slapd, last]) await expectEqual(first, server, `seed ${seed}`);
    // One of two providers is away: the other one's changes come all the same, and readers do not notice.
    await middle.halt();
    await write(first, unit('one') + random.ldif(10));
    await expectEqual(first, last, `seed ${seed}: one provider alone`);
    await middle.resume();
    await expectEqual(first, middle, `seed ${seed}: back again`);
    await expectEqual(first, slapd, `seed ${seed}: behind the one that is back`);
    await first.halt();
    expect(await contents(last)).toEqual(await contents(middle));
    expect(await contextCsn(last)).toBe(await contextCsn(middle));
  }, 120_000);

  test('tells how far it has come, and whether it may be asked', async () => {
    const provider = await startOriginal('jammd');
    servers.push(provider);
    const replica = await startFollower([provider], {
      more: 'keepalive=1:1:1 timeout=1',
      jammdArgs: ['--metrics', '127.0.0.1:0', '--max-lag', '2'],
    });
    servers.push(replica);
    await expectEqual(provider, replica, 'at first');
    const status = async () => (await runOrFail(process.execPath, [jammd, 'status', '-f', replica.configFile])).stdout;
    const metrics = /metrics on (\S+)/.exec(replica.log())![1]!;
    const ready = async () => {
      const response = await fetch(metrics.replace(/metrics$/, 'readyz'));
      return [response.status, await response.text()];
    };
    await expect.poll(status, { timeout: 20_000 }).toContain(`in step; contextCSN ${await contextCsn(provider)}`);
    expect(await status()).toContain(`rid 1 of ${provider.url}: following`);
    expect((await ready())[0]).toBe(200);
    const figures = async (): Promise<string> => (await fetch(metrics)).text();
    const labels = `{database="${suffix}",rid="1",provider="${provider.url}"}`;
    expect(await figures()).toContain(`jammd_replica_connected${labels} 1\n`);
    expect(await figures()).toContain(`jammd_replica_lag_seconds{database="${suffix}"} 0\n`);
    expect(await figures()).toMatch(/^jammd_replica_changes_total.* [1-9]\d*$/m);
    await provider.halt();
    await expect.poll(ready, { timeout: 20_000 }).toEqual([503, expect.stringContaining('s behind its provider')]);
    await expect.poll(status, { timeout: 20_000 }).toContain('cannot connect to');
    expect(await figures()).toContain(`jammd_replica_connected${labels} 0\n`);
    expect(await figures()).toMatch(/^jammd_replica_lag_seconds.* [1-9]/m);
    await provider.resume();
    await expect.poll(async () => (await ready())[0], { timeout: 20_000 }).toBe(200);
    // A provider that stands still: it is there for TCP, and says nothing, neither on the old connection nor on a new one.
    process.kill(provider.pid, 'SIGSTOP');
    try {
      await expect.poll(() => replica.log(), { timeout: 20_000 }).toMatch(/the provider has been silent for \d+ s/);
      await expect.poll(status, { timeout: 20_000 }).toContain('the provider does not answer');
      expect(await ldapSearch(replica, root, ['-b', suffix, '-s', 'one', '1.1'])).toHaveLength(2);
    } finally {
      process.kill(provider.pid, 'SIGCONT');
    }
    await write(provider, unit('late'));
    await expectEqual(provider, replica, 'awake again');
  }, 120_000);

  test('sends writers to the provider, and hides glue', async () => {
    const provider = await startOriginal('jammd');
    servers.push(provider);
    await write(provider, `dn: cn=x,ou=a,${suffix}\nchangetype: add\nobjectClass: person\ncn: x\nsn: y\n\n`);
    const replica = await startFollower([provider], {
      more: 'filter="(objectClass=person)"',
      lines: `updateref ${provider.url}`,
    });
    servers.push(replica);
    const find = (server: ReferenceServer, ...more: string[]) =>
      ldapSearch(server, root, [...more, '-b', suffix, '1.1'], [0, 32]);
    await expect
      .poll(() => find(replica).then((found) => found.map(({ dn }) => dn)), { timeout: 20_000 })
      .toEqual([`cn=x,ou=a,${suffix}`]);
    expect((await find(replica, '-M')).map(({ dn }) => dn).sort()).toEqual(
      [suffix, `ou=a,${suffix}`, `cn=x,ou=a,${suffix}`].sort(),
    );
    const { code, stderr } = await ldapTool('ldapmodify', replica, root, [], unit('no'));
    expect([code, stderr]).toEqual([10, expect.stringContaining(`${provider.url}/ou=no,${suffix}`)]);
    // The last entry below glue takes it along.
    await write(provider, `dn: cn=x,ou=a,${suffix}\nchangetype: delete\n\n`);
    await expect.poll(() => find(replica, '-M'), { timeout: 20_000 }).toEqual([]);
  }, 120_000);
});
