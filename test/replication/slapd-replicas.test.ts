/**
 * Stock slapds follow jammd: random writes of all kinds, either side killed, the replica away for a while or for longer than the
 * log reaches; afterwards both hold the same entries, operational attributes included. The seeds are in the tests' names;
 * JAMMD_REPLICATION_ROUNDS and JAMMD_REPLICATION_SEED ask for more.
 */
import { afterEach, describe, expect, test } from 'vitest';
import { releaseMakingMs, releaseObstacle } from '../support/debian-release.js';
import { requirePrograms } from '../support/programs.js';
import type { ReferenceServer } from '../support/reference-server.js';
import type { SlapdVersion } from '../support/slapd-programs.js';
import { beyondTheLog, disturb } from './disturbances.js';
import { RandomChanges } from './random-changes.js';
import { contents, expectEqual, startProvider, startReplica, write, type Mode } from './support.js';

const rounds = Number(process.env['JAMMD_REPLICATION_ROUNDS'] ?? 3);
const seed = Number(process.env['JAMMD_REPLICATION_SEED'] ?? Date.now() % 1_000_000);
const roundMs = 40_000;

const servers: ReferenceServer[] = [];

afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.stop()));
});

async function pair(mode: Mode, version: SlapdVersion): Promise<readonly [ReferenceServer, ReferenceServer]> {
  const provider = await startProvider('syncprov-sessionlog 1000');
  servers.push(provider);
  const replica = await startReplica(provider, mode, version);
  servers.push(replica);
  return [provider, replica];
}

async function follow(mode: Mode, version: SlapdVersion): Promise<void> {
  const random = new RandomChanges(seed);
  const [provider, replica] = await pair(mode, version);
  await expectEqual(provider, replica, `seed ${seed}, at first`);
  for (let round = 1; round <= rounds; round++) {
    const what = await disturb(random, provider, replica);
    await expectEqual(provider, replica, `seed ${seed}, round ${round}: ${what}`);
  }
  expect(Object.keys(await contents(provider)).length).toBeGreaterThan(3);
  await replica.halt();
  await write(provider, beyondTheLog(random, { swaps: false }));
  await replica.resume();
  await expectEqual(provider, replica, `seed ${seed}, away for longer than the log reaches`);
  await write(provider, random.ldif(20));
  await expectEqual(provider, replica, `seed ${seed}, at last`);
}

describe.skipIf(requirePrograms('slapd', 'ldapsearch') !== undefined)('slapd 2.5 follows', () => {
  test.each(['refreshOnly', 'refreshAndPersist'] as const)(
    `by %s, seed ${seed}`,
    (mode) => follow(mode, '2.5'),
    roundMs * (rounds + 2),
  );
});

describe.skipIf(releaseObstacle() !== undefined)('slapd 2.6 follows', () => {
  test.each(['refreshOnly', 'refreshAndPersist'] as const)(
    `by %s, seed ${seed}`,
    (mode) => follow(mode, '2.6'),
    releaseMakingMs + roundMs * (rounds + 2),
  );
});
