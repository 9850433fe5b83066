/**
 * Configurations of their own kinds: for each one a slapd and a jammd run it, its steps go to both, and jammd has to
 * give slapd's answers. Without slapd its recorded answers take its place.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { serverKinds, startServer, type ReferenceServer } from '../support/reference-server.js';
import { Contestant, describeStep, expected } from './contestant.js';
import type { Outcome } from './outcome.js';
import { isRecording, readRecording, writeRecording } from './recording.js';
import { settings } from './settings/index.js';
import type { Setting } from './settings/setting.js';

describe.each(Object.entries(settings))('%s', (name, setting) => {
  const { steps } = setting;
  const recorded = readRecording(name);
  const answers = new Map<'slapd' | 'jammd', Outcome[]>();

  beforeAll(async () => {
    await Promise.all(serverKinds.map(async (kind) => answers.set(kind, await answersOf(kind, setting))));
    const fromSlapd = answers.get('slapd');
    if (isRecording && fromSlapd) {
      writeRecording(
        name,
        steps.map((step, index) => ({ step: describeStep(step), outcome: fromSlapd[index] ?? { code: 'no answer' } })),
      );
    }
  }, 60_000);

  test('the recording is of these steps', () => {
    if (!isRecording) expect(recorded?.map(({ step }) => step)).toEqual(steps.map(describeStep));
  });

  test.skipIf(isRecording || !serverKinds.includes('slapd'))('slapd answers as recorded', () => {
    expect(answers.get('slapd')).toEqual(recorded?.map(({ outcome }) => outcome));
  });

  test.skipIf(!serverKinds.includes('jammd'))(`jammd answers ${steps.length} operations as slapd does`, () => {
    const fromJammd = answers.get('jammd') ?? [];
    const fromSlapd = answers.get('slapd') ?? recorded?.map(({ outcome }) => outcome) ?? [];
    expect(fromSlapd).toHaveLength(steps.length);
    const differences = steps.flatMap((step, index) => {
      const actual = fromJammd[index]!;
      const wanted = expected(step, fromSlapd[index]!, actual);
      if (isEqual(actual, wanted)) return [];
      return [`${index}: ${describeStep(step)}\n  slapd: ${JSON.stringify(wanted)}\n  jammd: ${JSON.stringify(actual)}`];
    });
    expect(differences.join('\n')).toBe('');
  });
});

function isEqual(actual: Outcome, wanted: Outcome): boolean {
  try {
    expect(actual).toEqual(wanted);
    return true;
  } catch {
    return false;
  }
}

const running: ReferenceServer[] = [];

async function answersOf(
  kind: 'slapd' | 'jammd',
  { config, overlays = '', inOwnWords, files = {}, steps }: Setting,
): Promise<Outcome[]> {
  const text = `${kind === 'slapd' ? withOverlays(config, overlays) : config}${inOwnWords?.[kind] ?? ''}`;
  const server = await startServer(kind, { config: text, files });
  running.push(server);
  const contestant = new Contestant(server.port);
  try {
    return await contestant.answerAll(steps);
  } finally {
    contestant.close();
    await server.stop();
  }
}

/** An overlay's module is loaded before the databases, and the overlay itself belongs to the last of them. */
function withOverlays(config: string, overlays: string): string {
  if (overlays === '') return config;
  const names = [...overlays.matchAll(/^moduleload (\w+)$/gm)].map(([, name]) => `overlay ${name ?? ''}\n`);
  return `${config.replace('moduleload back_mdb\n', `moduleload back_mdb\n${overlays}`)}\n${names.join('')}`;
}

afterAll(async () => {
  await Promise.all(running.map((server) => server.stop()));
});
