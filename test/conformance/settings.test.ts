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
import { configText, type Setting } from './settings/setting.js';

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

async function answersOf(kind: 'slapd' | 'jammd', setting: Setting): Promise<Outcome[]> {
  const { files = {}, steps } = setting;
  const text = configText(setting, kind);
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

afterAll(async () => {
  await Promise.all(running.map((server) => server.stop()));
});
