/**
 * Random trees, changes, filters, renames, binds and compares on slapd and jammd side by side. A bounded run is part of
 * the tests; `npm run conformance -- --seed N --ops N` goes on for longer.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { suffix } from '../support/howto.js';
import { requirePrograms } from '../support/programs.js';
import { serverKinds, type ReferenceServer } from '../support/reference-server.js';
import { describeDifference, Duel } from './random/duel.js';
import { Random } from './random/random.js';
import { generateEpisode } from './random/generator.js';
import { startContestant } from './servers.js';

const seed = Number(process.env['JAMM_CONFORMANCE_SEED'] ?? 20_020_501);
const operations = Number(process.env['JAMM_CONFORMANCE_OPS'] ?? 4_000);
const differencesMax = Number(process.env['JAMM_CONFORMANCE_DIFFERENCES'] ?? 5);
const timeMs = operations <= 4_000 ? 60_000 : operations * 50;

describe('the generator', () => {
  test('repeats itself from a seed, and only from the same', () => {
    expect(generateEpisode(7, 40)).toEqual(generateEpisode(7, 40));
    expect(generateEpisode(7, 40)).not.toEqual(generateEpisode(8, 40));
  });

  test('draws evenly enough to reach everything', () => {
    const random = new Random(1);
    const drawn = new Set(Array.from({ length: 200 }, () => random.below(20)));
    expect(drawn.size).toBe(20);
  });
});

describe.skipIf(requirePrograms('slapd'))('random operations', () => {
  test('a planted difference is found and shrunk to the one operation that shows it', { timeout: 60_000 }, async () => {
    const usual = await startContestant('slapd');
    const planted = await startContestant('slapd', (config) => config.replaceAll('by self write', 'by self read'));
    try {
      const [difference] = await new Duel(usual.port, planted.port, suffix).run(seed, 4_000, 1, 30_000);
      expect(difference?.steps).toHaveLength(1);
      expect([difference?.reference.code, difference?.actual.code]).toContain(50);
    } finally {
      await usual.stop();
      await planted.stop();
    }
  });

  const servers: ReferenceServer[] = [];

  beforeAll(async () => {
    // With jammd left out by JAMM_TEST_SERVERS, slapd against itself shows that the harness sees no ghosts.
    const opponent = serverKinds.includes('jammd') ? 'jammd' : 'slapd';
    for (const kind of ['slapd', opponent] as const) servers.push(await startContestant(kind));
  });

  afterAll(async () => {
    for (const server of servers) await server.stop();
  });

  test(`${operations} operations from seed ${seed} get the same answers`, { timeout: timeMs + 120_000 }, async () => {
    const [slapd, opponent] = servers;
    if (slapd === undefined || opponent === undefined) throw new Error('two servers are needed');
    const duel = new Duel(slapd.port, opponent.port, suffix);
    const differences = await duel.run(seed, operations, differencesMax, timeMs);
    expect(differences.map(describeDifference).join('\n\n')).toBe('');
    expect(duel.operations).toBeGreaterThan(0);
  });
});
