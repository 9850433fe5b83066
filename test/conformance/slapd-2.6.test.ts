/**
 * Debian 13's slapd 2.6 gives the recorded answers of 2.5 to every directed step, so that jammd, which gives them too, answers as
 * both do; and slaptest 2.6 judges the lines that 2.6 brought as `jammd check` does. `npm run conformance -- --slapd 2.6` runs all
 * comparisons against 2.6.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { loadConfig } from '../../src/config/parse.js';
import { releaseMakingMs, releaseObstacle } from '../support/debian-release.js';
import { makeFolder, removeFolder } from '../support/place.js';
import { run } from '../support/process.js';
import type { ReferenceServer } from '../support/reference-server.js';
import { slapdPrograms } from '../support/slapd-programs.js';
import { Contestant, describeStep } from './contestant.js';
import { groups } from './directed/index.js';
import { isRecording, readRecording } from './recording.js';
import { startContestant } from './servers.js';

describe.skipIf(releaseObstacle() !== undefined || isRecording)('slapd 2.6', () => {
  let folder: string;
  let server: ReferenceServer;
  let contestant: Contestant;

  beforeAll(async () => {
    folder = await makeFolder('slapd-2.6');
    await mkdir(join(folder, 'data'));
    server = await startContestant('slapd', undefined, '2.6');
    contestant = new Contestant(server.port);
  }, releaseMakingMs);

  afterAll(async () => {
    contestant.close();
    await server.stop();
    await removeFolder(folder);
  });

  test('is the version that runs', async () => {
    const [program, ...args] = (await slapdPrograms('2.6')).command('slapd');
    expect((await run(program, [...args, '-VV'])).stderr).toContain('slapd 2.6.');
  });

  test.each(Object.entries(groups))('answers as 2.5: %s', async (name, steps) => {
    const answers = await contestant.answerAll(steps);
    const told = steps.map((step, index) => ({ step: describeStep(step), outcome: answers[index] }));
    expect(told).toEqual(readRecording(name));
  });

  test.each([
    ...['debug', 'syslog-utc', 'syslog-localtime', 'rfc3339-utc'].map((form) => `logfile-format ${form}`),
    ...['logfile-only on', 'logfile-rotate 3 10 24', 'lastbind-precision 60', 'lastbind on', 'add_content_acl on'],
    'add_content_acl maybe',
  ])('slaptest and check agree: %s', async (line) => {
    expect(await judge(line)).toEqual(line.endsWith('maybe') ? { slapd: false, jammd: false } : { slapd: true, jammd: true });
  });

  test.each(['logfile-format wrong', 'logfile-only maybe', 'logfile-rotate 3 10'])(
    'jammd does not look at the arguments of lines that change nothing: %s',
    async (line) => {
      expect(await judge(line)).toEqual({ slapd: false, jammd: true });
    },
  );

  test('slaptest and check agree: lastbind-precision x', async () => {
    expect(await judge('lastbind-precision x')).toEqual({ slapd: false, jammd: false });
  });

  async function judge(line: string): Promise<{ slapd: boolean; jammd: boolean }> {
    const file = join(folder, 'slapd.conf');
    const head = 'include /etc/ldap/schema/core.schema\nmodulepath /usr/lib/ldap\nmoduleload back_mdb\n';
    await writeFile(file, `${head}${line}\ndatabase mdb\nsuffix dc=x\ndirectory ${folder}/data\n`);
    const [program, ...args] = (await slapdPrograms('2.6')).command('slaptest');
    const { code } = await run(program, [...args, '-u', '-f', file]);
    return { slapd: code === 0, jammd: loadConfig(file).config !== undefined };
  }
});
