/** Commands whose output goes nowhere: `| head` has seen enough, the disk is full. */
import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { defaultConfigText } from '../../src/config/default.js';
import { accepts, freePort, makeFolder, removeFolder } from '../support/place.js';
import { run, type Finished } from '../support/process.js';
import { jammd, jammdProgram, root } from './jammd.js';

const base = join(root, 'data/base.ldif');

let folder: string;
let config: string;

beforeAll(async () => {
  folder = await makeFolder('output');
  config = join(folder, 'slapd.conf');
  await writeFile(config, defaultConfigText({ directory: join(folder, 'data') }));
});
afterAll(() => removeFolder(folder));

/** Runs `jammd COMMAND` by the shell, with what comes after it on the command line; then tells how jammd ended. */
async function inShell(command: string, after: string): Promise<Finished & { readonly ended: string | undefined }> {
  const status = join(folder, 'status');
  const script = `{ "$0" "$1" ${command}; echo $? > "${status}"; } ${after}`;
  const finished = await run('/bin/sh', ['-c', script, process.execPath, jammdProgram]);
  return { ...finished, ended: readFileSync(status, 'utf8').trim() };
}

// `:` has gone long before jammd has anything to say.
describe('a reader that has gone', () => {
  it.each(['--help', 'import --help', 'config slapd', 'init nowhere --help'])('is no failure of jammd %s', async (command) => {
    const { stdout, stderr, ended } = await inShell(command, '| :');
    expect({ stdout, stderr, ended }).toEqual({ stdout: '', stderr: '', ended: '0' });
  });

  it('does not stop an import that tells what it adds', async () => {
    const { stderr, ended } = await inShell(`import -v -f "${config}" -l "${base}"`, '2>&1 | :');
    expect({ stderr, ended }).toEqual({ stderr: '', ended: '0' });
    const entries = readFileSync(base, 'utf8').match(/^dn: /gm)!.length;
    expect((await jammd(['export', '-f', config])).stdout.match(/^dn: /gm)).toHaveLength(entries);
  });

  it('does not stop a server', async () => {
    const port = await freePort();
    const serving = inShell(
      `serve -f "${config}" -h ldap://127.0.0.1:${port}/ & echo $! > "${join(folder, 'pid')}"; wait $!`,
      '2>&1 | :',
    );
    try {
      await expect.poll(() => accepts(port), { timeout: 10_000 }).toBe(true);
      // Long enough for an error that is told later.
      await new Promise((resolve) => setTimeout(resolve, 300));
      expect(await accepts(port)).toBe(true);
    } finally {
      process.kill(Number(readFileSync(join(folder, 'pid'), 'utf8')), 'SIGTERM');
    }
    expect((await serving).ended).toBe('0');
  });
});

describe('a disk that is full', () => {
  it.each(['--help', 'config slapd'])('is told, and jammd %s fails', async (command) => {
    const { stderr, ended } = await inShell(command, '> /dev/full');
    expect(stderr).toMatch(/^jammd [\w-]+: cannot write to standard output: ENOSPC[^\n]*\n$/);
    expect(ended).toBe('1');
  });

  it('is told once by an export', async () => {
    const { stderr, ended } = await inShell(`export -f "${config}"`, '> /dev/full');
    expect(stderr).toMatch(/^jammd export: [^\n]*ENOSPC[^\n]*\n$/);
    expect(ended).toBe('1');
  });
});
