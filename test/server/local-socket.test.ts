import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { LdapError, ResultCode, success } from '../../src/ldap/result.js';
import { message } from '../protocol/client-messages.js';
import { startServer, stopServers } from './fake-directory.js';
import { hasProgram, requirePrograms } from '../support/programs.js';
import { RawClient } from './raw-client.js';
import { lookup, startTls } from './requests.js';

let folder: string;
let path: string;
let url: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'jammd-local-'));
  path = join(folder, 'ldapi');
  url = `ldapi://${encodeURIComponent(path)}/`;
});

afterEach(async () => {
  await stopServers();
  rmSync(folder, { recursive: true, force: true });
});

/** Name and parent of a process; of one that has just ended, nothing. */
function readStat(pid: string): { readonly name: string; readonly parent: number } {
  try {
    const found = /^\d+ \((.*)\) \S (\d+)/.exec(readFileSync(`/proc/${pid}/stat`, 'latin1'));
    return { name: found?.[1] ?? '', parent: Number(found?.[2]) };
  } catch {
    return { name: '', parent: 0 };
  }
}

const external = (messageId: number) =>
  message(messageId, {
    op: 'bind',
    version: 3,
    name: Buffer.alloc(0),
    authentication: { method: 'sasl', mechanism: 'EXTERNAL', credentials: undefined },
  });

describe('ldapi://', () => {
  it('serves a socket file, and takes it away when it stops', async () => {
    const { server, directory, url: bound } = await startServer({}, url);
    expect(bound).toBe(url);
    const client = (await RawClient.connect(path)).send(lookup(1));
    await client.receive(2);
    expect(client.summary()).toEqual(['1 entry', '1 search 0']);
    expect(directory.sessions[0]!.peer).toMatchObject({
      address: '',
      name: `PATH=${path}`,
      listener: url,
      transportSsf: 71,
      tlsSsf: 0,
    });
    client.end();
    await server.close();
    expect(existsSync(path)).toBe(false);
  });

  it('opens the file to those it is meant for', async () => {
    await startServer({}, url);
    expect(statSync(path).mode & 0o777).toBe(0o777);
    await stopServers();
    await startServer({}, `${url}????x-mod=-rw-rw----`);
    expect(statSync(path).mode & 0o777).toBe(0o660);
  });

  it('replaces a file that a dead server left, and nothing else', async () => {
    const dead = spawn(
      process.execPath,
      ['-e', `require('net').createServer().listen(${JSON.stringify(path)}, () => console.log('up'))`],
      {
        stdio: ['ignore', 'pipe', 'inherit'],
      },
    );
    await once(dead.stdout, 'data');
    await expect(startServer({}, url)).rejects.toThrow('another server is listening');
    dead.kill('SIGKILL');
    await once(dead, 'close');
    expect(existsSync(path)).toBe(true);
    await startServer({}, url);
    await stopServers();
    writeFileSync(path, 'precious');
    await expect(startServer({}, url)).rejects.toThrow('exists and is not a socket');
    expect(existsSync(path)).toBe(true);
  });

  it.skipIf(!hasProgram('perl') && requirePrograms('python3'))('knows who binds with SASL EXTERNAL', async () => {
    const { directory } = await startServer(
      {
        behaviour: {
          bind: (_, session) => {
            if (session.peer.externalIdentity === undefined) throw new LdapError(ResultCode.authMethodNotSupported);
            session.become(session.peer.externalIdentity);
            return success;
          },
        },
      },
      url,
    );
    const client = (await RawClient.connect(path)).send(external(1), lookup(2));
    await client.receive(3);
    expect(client.summary()).toEqual(['1 bind 0', '2 entry', '2 search 0']);
    expect(directory.sessions[0]!.identity?.toString()).toBe(
      `gidNumber=${process.getgid!()}+uidNumber=${process.getuid!()},cn=peercred,cn=external,cn=auth`,
    );
    // The descriptor was lent to another process: it must still be what it was.
    client.send(...Array.from({ length: 2_000 }, (_, index) => lookup(index)));
    await client.receive(4_003);
    client.end();
  });

  it.skipIf(!hasProgram('perl') && requirePrograms('python3'))(
    'asks for few names at a time, and for everybody in the end',
    async () => {
      await startServer(
        {
          behaviour: {
            bind: (_, session) => {
              if (session.peer.externalIdentity === undefined) throw new LdapError(ResultCode.authMethodNotSupported);
              return success;
            },
          },
        },
        url,
      );
      const helpers = (): number =>
        readdirSync('/proc')
          .filter((name) => /^\d+$/.test(name))
          .filter((pid) => readStat(pid).parent === process.pid && /^(?:perl|python3)$/.test(readStat(pid).name)).length;
      const clients = await Promise.all(Array.from({ length: 30 }, () => RawClient.connect(path)));
      for (const client of clients) client.send(external(1));
      const gone = clients.splice(20);
      for (const client of gone) client.end();
      let most = 0;
      while (clients.some(({ messages }) => messages.length === 0)) {
        most = Math.max(most, helpers());
        await new Promise((resolve) => setTimeout(resolve, 2));
      }
      expect(most).toBeGreaterThan(0);
      expect(most).toBeLessThanOrEqual(4);
      for (const client of clients) expect(client.summary()).toEqual(['1 bind 0']);
      for (const client of clients) client.end();
    },
  );

  it('needs no TLS', async () => {
    await startServer({}, url);
    const client = (await RawClient.connect(path)).send(startTls(1));
    await client.receive(1);
    expect(client.summary()).toEqual(['1 extended 2']);
    client.end();
  });
});

describe('listeners', () => {
  it('serve IPv4, IPv6 and names at once, each with its URL', async () => {
    const { server } = await startServer({}, 'ldap://127.0.0.1:0/ ldap://localhost:0/');
    const urls = server.listeners.map((listener) => listener.url);
    expect(urls[0]).toMatch(/^ldap:\/\/127\.0\.0\.1:\d+\/$/);
    expect(urls[1]).toMatch(/^ldap:\/\/localhost:\d+\/$/);
    for (const listener of urls) {
      const client = (await RawClient.connect(Number(/:(\d+)\//.exec(listener)![1]))).send(lookup(1));
      await client.receive(2);
      client.end();
    }
  });

  it('without a host serve every address, and call IPv4 peers by their IPv4 names', async () => {
    const { directory, port } = await startServer({}, 'ldap://:0/');
    const client = (await RawClient.connect(port)).send(lookup(1));
    await client.receive(2);
    expect(directory.sessions[0]!.peer.name).toMatch(/^IP=127\.0\.0\.1:\d+$/);
    client.end();
  });

  it('leave none open where one cannot be opened', async () => {
    const blocker = net.createServer().listen(0, '127.0.0.1');
    await once(blocker, 'listening');
    const { port } = blocker.address() as net.AddressInfo;
    await expect(startServer({}, `${url} ldap://127.0.0.1:${port}/`)).rejects.toThrow(
      `cannot listen on ldap://127.0.0.1:${port}/: another program listens there; stop it, or choose another port`,
    );
    expect(existsSync(path)).toBe(false);
    blocker.close();
  });
});
