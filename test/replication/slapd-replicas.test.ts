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
import { RandomChanges, suffix } from './random-changes.js';
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

async function disturb(random: RandomChanges, provider: ReferenceServer, replica: ReferenceServer): Promise<string> {
  const [what, one, other] = random.pick([
    ['replica killed', replica, replica],
    ['provider killed', provider, provider],
    ['replica away', replica, undefined],
    ['undisturbed', undefined, undefined],
  ] as const);
  if (one === undefined) {
    await write(provider, random.ldif(20));
    return what;
  }
  if (other === undefined) {
    await one.halt();
    await write(provider, random.ldif(25));
    await one.resume();
    return what;
  }
  await write(provider, random.ldif(10));
  const writing = write(provider, random.ldif(30)).catch(() => undefined);
  await new Promise((resolve) => setTimeout(resolve, random.below(120)));
  await one.halt('SIGKILL');
  await writing;
  await one.resume();
  await write(provider, random.ldif(5));
  return what;
}

/** More than the log holds, of changes that nobody's name is exchanged by, or used again. */
function beyondTheLog(random: RandomChanges): string {
  let ldif = random.ldif(30, { swaps: false }) + random.renames(12);
  for (let n = 0; n < 1_050; n++) ldif += `dn: ${suffix}\nchangetype: modify\nreplace: description\ndescription: ${n}\n\n`;
  return ldif + random.ldif(10, { swaps: false });
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
  await write(provider, beyondTheLog(random));
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
