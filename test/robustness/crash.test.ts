/** The real program, killed while it writes. `npm run torture` does the same for as long as one likes. */
import { appendFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { CrashRounds } from './crash-rounds.js';
import { Installation, seededRandom } from './jammd-server.js';

const rounds = Number(process.env['JAMMD_TORTURE_ROUNDS'] ?? 20);
const seed = Number(process.env['JAMMD_TORTURE_SEED'] ?? Date.now() % 1_000_000);
/** Milliseconds that a round may take on a slow machine. */
const roundMsMax = 10_000;

it(
  `loses nothing it has acknowledged and halves nothing, ${rounds} times (seed ${seed})`,
  async () => {
    const installation = await Installation.make();
    const crashes = new CrashRounds(installation, seededRandom(seed));
    for (let round = 1; round <= rounds; round++) {
      await crashes.run(round % 5 === 0 || round === rounds);
      if (process.env['JAMMD_TORTURE_LOG']) {
        appendFileSync(process.env['JAMMD_TORTURE_LOG'], `round ${round}: ${crashes.acknowledged} writes acknowledged so far\n`);
      }
    }
    expect(crashes.acknowledged).toBeGreaterThan(rounds * 10);
    await installation.remove();
  },
  rounds * roundMsMax,
);
