import { readFile, stat, writeFile } from 'node:fs/promises';
import { createConnection } from 'node:net';
import { join } from 'node:path';
import { Client } from 'ldapts';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { freePort, makeFolder, removeFolder } from '../support/place.js';
import { Daemon } from '../support/process.js';
import { jammd, jammdProgram, root } from './jammd.js';

const suffix = 'dc=myhosting,dc=example';
const manager = `cn=Manager,${suffix}`;

let folder: string;
let config: string;
let daemon: Daemon | undefined;

beforeAll(async () => {
  folder = await makeFolder('serve');
  const files = ['base.ldif', 'sample.ldif'].map((name) => join(root, 'data', name));
  const made = await jammd(['init', join(folder, 'd'), '-b', suffix, '-w', 'secret', '-l', ...files]);
  expect(made.stderr).toBe('');
  config = join(folder, 'd', 'slapd.conf');
});
afterEach(async () => {
  await daemon?.stop('SIGKILL');
});
afterAll(() => removeFolder(folder));

async function serve(urls: string, ...args: string[]): Promise<Daemon> {
  const started = Daemon.start(process.execPath, [jammdProgram, 'serve', '-f', config, '-h', urls, ...args]);
  daemon = started;
  await started.waitUntil(() => started.output.split('listening on ').length > urls.split(' ').length);
  return started;
}

describe('jammd serve', () => {
  it('says where it listens, answers, and ends with 0 on SIGTERM', async () => {
    const port = await freePort();
    const socket = join(folder, 'ldapi');
    const server = await serve(`ldap://127.0.0.1:${port}/ ldapi://${encodeURIComponent(socket)}`);
    expect(server.output).toContain(`listening on ldap://127.0.0.1:${port}/\n`);
    expect(server.output).toContain(`listening on ldapi://${encodeURIComponent(socket)}/\n`);
    const client = new Client({ url: `ldap://127.0.0.1:${port}` });
    await client.bind(manager, 'secret');
    const { searchEntries } = await client.search(`o=hosting,${suffix}`, { filter: '(mail=ada@orchard.example)' });
    expect(searchEntries).toHaveLength(1);
    await client.unbind();
    server.signal('SIGTERM');
    await server.stop();
    expect(server.exitCode).toBe(0);
    await expect(stat(socket)).rejects.toThrow();
  });

  it('keeps what it acknowledged over SIGINT with clients still connected', async () => {
    const port = await freePort();
    const server = await serve(`ldap://127.0.0.1:${port}/`);
    const client = new Client({ url: `ldap://127.0.0.1:${port}` });
    await client.bind(manager, 'secret');
    await client.add(`o=kept,${suffix}`, { objectClass: 'organization', o: 'kept' });
    const idle = createConnection(port, '127.0.0.1');
    idle.on('error', () => undefined);
    await new Promise((resolve) => idle.once('connect', resolve));
    server.signal('SIGINT');
    await server.stop();
    expect(server.exitCode).toBe(0);
    idle.destroy();
    const { stdout } = await jammd(['export', '-f', config, '-a', '(o=kept)']);
    expect(stdout).toContain(`dn: o=kept,${suffix}`);
  });

  it('writes and removes the files that pidfile and argsfile name', async () => {
    const [pidFile, argsFile] = [join(folder, 'pid'), join(folder, 'args')];
    const text = await readFile(config, 'utf8');
    config = join(folder, 'with-files.conf');
    await writeFile(config, `pidfile ${pidFile}\nargsfile ${argsFile}\n${text}`, { mode: 0o600 });
    const server = await serve(`ldap://127.0.0.1:${await freePort()}/`);
    const pid = Number(await readFile(pidFile, 'utf8'));
    expect(process.kill(pid, 0)).toBe(true);
    expect(await readFile(argsFile, 'utf8')).toContain('serve -f');
    await server.stop();
    await expect(stat(pidFile)).rejects.toThrow();
    await expect(stat(argsFile)).rejects.toThrow();
  });

  it('goes on after SIGHUP', async () => {
    const port = await freePort();
    const server = await serve(`ldap://127.0.0.1:${port}/`);
    server.signal('SIGHUP');
    const client = new Client({ url: `ldap://127.0.0.1:${port}` });
    await client.bind(manager, 'secret');
    await client.unbind();
    expect(server.running).toBe(true);
  });

  it('logs operations only when told to, and never a password', async () => {
    const logged = async (...args: string[]): Promise<string> => {
      const port = await freePort();
      const server = await serve(`ldap://127.0.0.1:${port}/`, ...args);
      const client = new Client({ url: `ldap://127.0.0.1:${port}` });
      await client.bind(manager, 'secret');
      await expect(client.bind(manager, 'hunter2')).rejects.toThrow();
      await client.unbind();
      await server.stop();
      return server.output;
    };
    const quiet = await logged();
    expect(quiet).not.toContain('BIND dn');
    expect(quiet).toContain('bind failed');
    const loud = await logged('-d', '256');
    expect(loud).toContain('BIND dn');
    const named = await logged('-d', 'filter,stats', '-n', 'slapd-here');
    expect(named).toContain('BIND dn');
    expect(named).toContain('warning: -n has no effect');
    expect((await jammd(['serve', '-f', config, '-d', 'stats,loud'])).stderr).toMatch(
      /^jammd serve: unknown "loud" in "-d" .*stats2/,
    );
    for (const output of [quiet, loud, named]) {
      expect(output).not.toContain('secret');
      expect(output).not.toContain('hunter2');
    }
  });

  it('refuses a database in use, naming its holder', async () => {
    const server = await serve(`ldap://127.0.0.1:${await freePort()}/`);
    const second = await jammd(['serve', '-f', config, '-h', `ldap://127.0.0.1:${await freePort()}/`]);
    expect(second.code).toBe(1);
    expect(second.stderr).toContain('in use by process');
    expect((await jammd(['import', '-f', config], { input: '' })).code).toBe(1);
    expect(server.running).toBe(true);
  });

  it.each([
    ['an address that is not its own', 'ldap://192.0.2.1:3890/', 'ldap://192.0.2.1:3890/'],
    ['text that is no URL', 'nonsense', 'nonsense'],
    ['ldaps:// without certificates', 'ldaps://127.0.0.1:0/', 'TLSCertificateFile'],
  ])('says why it cannot listen: %s', async (_, urls, words) => {
    const { code, stdout, stderr } = await jammd(['serve', '-f', config, '-h', urls]);
    expect(code).toBe(1);
    expect(stdout).toBe('');
    expect(stderr).toContain(words);
    expect(stderr).not.toContain('    at ');
  });
});
