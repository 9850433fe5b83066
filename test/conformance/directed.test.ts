/**
 * The directed script: every group's operations go to slapd and to jammd, and jammd has to give slapd's result codes,
 * matched DNs, entries, attributes and values. Without slapd its recorded answers take its place.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { serverKinds, type ReferenceServer } from '../support/reference-server.js';
import { Contestant, describeStep, expected } from './contestant.js';
import { groups } from './directed/index.js';
import type { Outcome } from './outcome.js';
import { isRecording, readRecording, writeRecording } from './recording.js';
import { startContestant } from './servers.js';

const hasSlapd = serverKinds.includes('slapd');
const hasJammd = serverKinds.includes('jammd');
const servers: ReferenceServer[] = [];
const contestants = new Map<'slapd' | 'jammd', Contestant>();

beforeAll(async () => {
  for (const kind of serverKinds) {
    const server = await startContestant(kind);
    servers.push(server);
    contestants.set(kind, new Contestant(server.port));
  }
});

afterAll(async () => {
  for (const contestant of contestants.values()) contestant.close();
  for (const server of servers) await server.stop();
});

describe.each(Object.entries(groups))('%s', (name, steps) => {
  const recorded = readRecording(name);
  let fromSlapd: Outcome[] = [];
  let fromJammd: Outcome[] = [];

  beforeAll(async () => {
    fromSlapd = (await contestants.get('slapd')?.answerAll(steps)) ?? [];
    fromJammd = (await contestants.get('jammd')?.answerAll(steps)) ?? [];
    if (isRecording && hasSlapd) {
      writeRecording(
        name,
        steps.map((step, index) => ({ step: describeStep(step), outcome: fromSlapd[index] ?? { code: 'no answer' } })),
      );
    }
  });

  test('the recording is of these steps', () => {
    if (!isRecording) expect(recorded?.map(({ step }) => step)).toEqual(steps.map(describeStep));
  });

  for (const [index, step] of steps.entries()) {
    const title = `${index}: ${describeStep(step)}`;

    if (hasSlapd && !isRecording) {
      test(`slapd, ${title}`, () => {
        expect(fromSlapd[index]).toEqual(recorded?.[index]?.outcome);
      });
    }

    if (hasJammd) {
      test(`jammd, ${title}`, () => {
        const reference = fromSlapd[index] ?? recorded?.[index]?.outcome;
        const actual = fromJammd[index];
        if (reference === undefined || actual === undefined) throw new Error('no answer to compare');
        const wanted = expected(step, reference, actual);
        expect(actual, `slapd: ${JSON.stringify(wanted)}\njammd: ${JSON.stringify(actual)}\n`).toEqual(wanted);
      });
    }
  }
});
