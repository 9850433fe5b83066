import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { Client } from 'ldapts';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { freePort, makeFolder, removeFolder } from '../support/place.js';
import { Daemon, run, type Finished } from '../support/process.js';
import { root } from './jammd.js';

const script = join(root, 'scripts/start.mjs');
const manager = 'cn=Manager,dc=myhosting,dc=example';

let place: string;
let daemon: Daemon | undefined;
beforeAll(async () => {
  place = await makeFolder('start');
});
afterEach(async () => {
  await daemon?.stop('SIGKILL');
});
afterAll(() => removeFolder(place));

async function start(data: string, port: number, ...args: string[]): Promise<string> {
  const env = { ...process.env };
  delete env['JAMMD_MANAGER_PASSWORD'];
  const started = Daemon.start(process.execPath, [script, '--data', data, '--port', String(port), '--web-port', '0', ...args], {
    env,
  });
  daemon = started;
  await started.waitUntil(() => started.output.includes('listening on '), 60_000);
  return started.output;
}

const finish = (...args: string[]): Promise<Finished> => run(process.execPath, [script, ...args]);

async function countEntries(port: number, dn: string, password: string): Promise<number> {
  const client = new Client({ url: `ldap://127.0.0.1:${port}` });
  await client.bind(dn, password);
  const { searchEntries } = await client.search('dc=myhosting,dc=example', { filter: '(objectClass=*)' });
  await client.unbind();
  return searchEntries.length;
}

describe('npm start', () => {
  it('serves the web pages beside the directory, and goes on without them where their port is taken', async () => {
    const data = join(place, 'with-pages');
    const webPort = await freePort();
    const output = await start(data, await freePort(), '--web-port', String(webPort));
    expect(output).toContain(`web pages on http://127.0.0.1:${webPort}/`);
    expect(output).toContain('bin/jammd domain list -H ldap://127.0.0.1:');
    const page = await fetch(`http://127.0.0.1:${webPort}/login`);
    expect([page.status, (await page.text()).includes('<form')]).toEqual([200, true]);
    const first = daemon!;
    const second = await start(join(place, 'without-pages'), await freePort(), '--web-port', String(webPort));
    expect(second).toContain('No web pages: ');
    await first.stop('SIGKILL');
  });

  it('makes nothing, and tells no password, where its port is taken', async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const { port } = other.address() as { port: number };
    const data = join(place, 'taken');
    const { code, stdout, stderr } = await finish('--data', data, '--port', String(port), '--web-port', '0');
    other.close();
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toContain(`port ${port} cannot be used: another program`);
    expect(stderr).not.toContain('    at ');
    await expect(stat(data)).rejects.toThrow();
  });

  it('makes the directory once, tells the password once, and just starts after that', async () => {
    const data = join(place, 'var');
    const port = await freePort();
    const output = await start(data, port);
    const password = /Password +(\S{12}) /.exec(output)![1]!;
    expect(output).toContain(`ldap://127.0.0.1:${port}/`);
    expect(output.match(/^ {2}ldap(?:search|whoami) /gm)).toHaveLength(3);
    expect(await countEntries(port, manager, password)).toBe(54);
    const ada = `mail=ada@orchard.example,jvd=orchard.example,o=hosting,dc=myhosting,dc=example`;
    expect(await countEntries(port, ada, 'sample-ada')).toBe(54);
    await daemon!.stop('SIGINT');
    expect(daemon!.exitCode).toBe(0);

    expect((await stat(data)).mode & 0o777).toBe(0o700);
    expect((await stat(join(data, 'slapd.conf'))).mode & 0o777).toBe(0o600);
    expect(await readFile(join(data, 'slapd.conf'), 'utf8')).not.toContain(password);

    const again = await start(data, port);
    expect(again).not.toContain('Password');
    expect(await countEntries(port, manager, password)).toBe(54);
    await daemon!.stop();

    const clobbering = await finish('--data', data, '--port', String(port), '--password', 'new');
    expect(clobbering.code).toBe(1);
    expect(clobbering.stderr).toContain('rootpw');
  });

  it('takes the password that is given and does not repeat it', async () => {
    const port = await freePort();
    const output = await start(join(place, 'given'), port, '--password', 'open sesame');
    expect(output).not.toContain('open sesame');
    expect(await countEntries(port, manager, 'open sesame')).toBe(54);
  });

  it('makes anew what a first run that was cut off has left', async () => {
    const data = join(place, 'cut');
    await mkdir(join(data, 'data'), { recursive: true });
    await writeFile(join(data, 'init-unfinished'), '4194305\n');
    await writeFile(join(data, 'data', 'CURRENT'), 'rubbish');
    const port = await freePort();
    expect(await start(data, port, '--password', 'secret')).toContain('interrupted');
    expect(await countEntries(port, manager, 'secret')).toBe(54);
  });

  it('leaves a folder alone that is not its own', async () => {
    const data = join(place, 'foreign');
    await mkdir(data);
    await writeFile(join(data, 'diary'), 'dear');
    const { code, stderr } = await finish('--data', data, '--port', String(await freePort()));
    expect(code).toBe(1);
    expect(stderr).toMatch(/^start: .*not empty \(diary\).*\n$/);
    expect(await readdir(data)).toEqual(['diary']);
  });

  it.each([[['--port', '70000']], [['--frobnicate']], [['--password', '']]])('refuses %j', async (args) => {
    const { code, stderr } = await finish(...args, '--data', join(place, 'refused'));
    expect(code).toBe(1);
    expect(stderr).not.toContain('    at ');
    await expect(stat(join(place, 'refused'))).rejects.toThrow();
  });
});
