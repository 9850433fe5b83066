import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeFolder, removeFolder } from '../support/place.js';
import { run, type Finished } from '../support/process.js';
import { root } from './jammd.js';

let project: string;
beforeAll(async () => {
  project = await makeFolder('test-script');
  await mkdir(join(project, 'test'));
  await symlink(join(root, 'node_modules'), join(project, 'node_modules'));
});
afterAll(() => removeFolder(project));

/** Runs `npm test`'s script on a project that has this one test file. */
async function runTests(file: string, env: NodeJS.ProcessEnv = {}): Promise<Finished & { lastLine: string }> {
  const programs = JSON.stringify(join(root, 'test/support/programs.ts'));
  const head = `import { describe, expect, it } from 'vitest';\nimport { requirePrograms } from ${programs};\n`;
  await writeFile(join(project, 'test', 'some.test.ts'), head + file);
  const finished = await run(process.execPath, [join(root, 'scripts/test.mjs'), '--root', project], {
    env: { ...process.env, JAMMD_REQUIRE_ALL: '', ...env },
  });
  return { ...finished, lastLine: finished.stdout.trimEnd().split('\n').at(-1)! };
}

const passing = "it('passes', () => expect(1).toBe(1));\n";
const failing = "it('fails', () => expect(1).toBe(2));\n";
const needy = "describe.skipIf(requirePrograms('no-such-program'))('with it', () => { it('is skipped', () => {}); });\n";

describe('npm test', () => {
  it('ends with the numbers alone on a line', async () => {
    expect(await runTests(passing)).toMatchObject({ code: 0, lastLine: '1 passed, 0 failed' });
    expect(await runTests(passing + failing)).toMatchObject({ code: 1, lastLine: '1 passed, 1 failed' });
  });

  it('counts a file that cannot be run as a failure', async () => {
    const broken = await runTests(`${passing}throw new Error('at once');\n`);
    expect(broken).toMatchObject({ code: 1, lastLine: '0 passed, 1 failed' });
    expect(broken.stderr).toContain('some.test.ts');
  });

  it('tells which programs are missing and what was skipped for it', async () => {
    const { code, stdout, lastLine } = await runTests(passing + needy);
    expect(code).toBe(0);
    expect(lastLine).toBe('1 passed, 0 failed, 1 skipped');
    expect(stdout).toContain('Programs that this machine lacks: no-such-program');
    expect(stdout).toMatch(/some\.test\.ts: 1\n +with it/);
  });

  it('lets nothing be skipped where all is required', async () => {
    const all = { JAMMD_REQUIRE_ALL: '1' };
    expect(await runTests(passing + needy, all)).toMatchObject({ code: 1, lastLine: '0 passed, 1 failed' });
    expect(await runTests(`${passing}it.skip('left out', () => {});\n`, all)).toMatchObject({
      code: 1,
      lastLine: '1 passed, 1 failed',
    });
    expect(await runTests(passing, all)).toMatchObject({ code: 0, lastLine: '1 passed, 0 failed' });
  });
});
