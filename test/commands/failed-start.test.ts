/** A server that cannot start ends with 1, says why, listens nowhere, and leaves the files of others alone. */
import { mkdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { accepts, freePort, makeFolder, removeFolder } from '../support/place.js';
import { Daemon, type Finished } from '../support/process.js';
import { jammd, jammdProgram } from './jammd.js';

let folder: string;
let files = 0;
let other: Daemon | undefined;
let server: Daemon | undefined;

beforeAll(async () => {
  folder = await makeFolder('failed-start');
  await mkdir(join(folder, 'data'));
});
afterEach(async () => {
  await server?.stop('SIGKILL');
  await other?.stop('SIGKILL');
});
afterAll(() => removeFolder(folder));

async function configuration(lines: string): Promise<string> {
  const file = join(folder, `${++files}.conf`);
  await writeFile(file, `${lines}\ndatabase mdb\nsuffix dc=example\ndirectory ${folder}/data\n`);
  return file;
}

/** The start has to fail by itself. */
async function failedStart(config: string, urls: string): Promise<Finished> {
  return jammd(['serve', '-f', config, '-h', urls], { timeoutMs: 20_000 });
}

async function started(config: string): Promise<Daemon> {
  const daemon = Daemon.start(process.execPath, [
    jammdProgram,
    'serve',
    '-f',
    config,
    '-h',
    `ldap://127.0.0.1:${await freePort()}/`,
  ]);
  server = daemon;
  await daemon.waitUntil(() => daemon.output.includes('listening on '));
  return daemon;
}

describe('a start that fails', () => {
  it.each([
    ['a missing folder', (): string => `pidfile ${folder}/missing/pid`, 'missing/pid'],
    ['a folder', (): string => `argsfile ${folder}/data`, 'is a folder'],
  ])('ends with 1 where a process file cannot be made: %s', async (_, lines, words) => {
    const config = await configuration(lines());
    const port = await freePort();
    const { code, stdout, stderr } = await failedStart(config, `ldap://127.0.0.1:${port}/`);
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toContain(words);
    expect(stderr).not.toContain('    at ');
    expect(await accepts(port)).toBe(false);
    const checked = await jammd(['check', '-f', config]);
    expect(checked.code).toBe(1);
    expect(checked.stderr).toContain(words);
  });

  it('ends with 1 where something goes wrong when it listens already', async () => {
    const port = await freePort();
    // Nothing is there, and its folder can be written to: that the link leads nowhere is found when it is written.
    const link = join(folder, 'link');
    await symlink(join(folder, 'missing', 'pid'), link);
    const { code, stderr } = await failedStart(await configuration(`pidfile ${link}`), `ldap://127.0.0.1:${port}/`);
    expect(code).toBe(1);
    expect(stderr).toContain(`pidfile ${link} cannot be written`);
    expect(await accepts(port)).toBe(false);
  });

  it('ends with 1 where the path of a socket is too long, and with the other listeners closed', async () => {
    const config = await configuration('');
    const port = await freePort();
    const urls = `ldap://127.0.0.1:${port}/ ldapi://${encodeURIComponent(`/tmp/${'x'.repeat(103)}`)}`;
    const { code, stderr } = await failedStart(config, urls);
    expect(code).toBe(1);
    expect(stderr).toContain('the limit is 107');
    expect(await accepts(port)).toBe(false);
    const checked = await jammd(['check', '-f', config, '-h', urls]);
    expect([checked.code, checked.stderr]).toEqual([1, expect.stringContaining('the limit is 107')]);
  });
});

describe('files of a process that is alive', () => {
  it('are neither overwritten nor removed', async () => {
    other = Daemon.start('/bin/sleep', ['299']);
    await other.waitUntil(() => other!.running);
    const [pidFile, argsFile] = [join(folder, 'other.pid'), join(folder, 'other.args')];
    // Below setpriv it is the same process.
    await writeFile(pidFile, `${other.pid}\n`);
    // As slapd writes it: with a blank at the end.
    await writeFile(argsFile, '/bin/sleep 299 \n');
    const ours = await started(await configuration(`pidfile ${pidFile}\nargsfile ${argsFile}`));
    expect(ours.output).toContain(`belongs to process ${other.pid}`);
    await ours.stop();
    expect(ours.exitCode).toBe(0);
    expect(await readFile(pidFile, 'utf8')).toBe(`${other.pid}\n`);
    expect(await readFile(argsFile, 'utf8')).toBe('/bin/sleep 299 \n');
  });

  it('are taken over from a dead one, and not removed where another has taken them over', async () => {
    const pidFile = join(folder, 'stale.pid');
    // Above the largest number there can be.
    await writeFile(pidFile, '4194305\n');
    const ours = await started(await configuration(`pidfile ${pidFile}`));
    expect(await readFile(pidFile, 'utf8')).toBe(`${ours.pid}\n`);
    await writeFile(pidFile, '4194306\n');
    await ours.stop();
    expect(await readFile(pidFile, 'utf8')).toBe('4194306\n');
    await rm(pidFile);
  });
});
