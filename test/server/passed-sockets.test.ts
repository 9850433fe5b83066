/** Sockets that systemd, or somebody like it, has opened for the program. */
import { readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs';
import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import tls from 'node:tls';
import { once } from 'node:events';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { PassedSocketsError, takePassedSockets } from '../../src/server/passed-sockets.js';
import { jammd, jammdProgram } from '../commands/jammd.js';
import { people, wholeTreeLdif } from '../support/hosting-tree.js';
import { freePort, makeFolder, removeFolder } from '../support/place.js';
import { Daemon, run } from '../support/process.js';
import { requirePrograms } from '../support/programs.js';
import { Installation, mailLookup, pause } from '../robustness/jammd-server.js';
import { Certificates } from './certificates.js';
import { RawClient } from './raw-client.js';
import { SocketLauncher } from './socket-launcher.js';

describe('what the environment says', () => {
  const own = { LISTEN_PID: '77', LISTEN_FDS: '2', LISTEN_FDNAMES: 'ldap:ldaps' };

  it('is taken, and taken away', () => {
    const environment = { ...own, PATH: '/bin' };
    expect(takePassedSockets(environment, 77)).toEqual({
      sockets: [
        { descriptor: 3, name: 'ldap' },
        { descriptor: 4, name: 'ldaps' },
      ],
      othersPid: undefined,
    });
    expect(environment).toEqual({ PATH: '/bin' });
  });

  it('may leave the names out', () => {
    const { sockets } = takePassedSockets({ LISTEN_PID: '77', LISTEN_FDS: '1' }, 77);
    expect(sockets).toEqual([{ descriptor: 3, name: 'unknown' }]);
  });

  it('may be meant for another process, and is taken away then, too', () => {
    const environment = { ...own };
    expect(takePassedSockets(environment, 78)).toEqual({ sockets: [], othersPid: 77 });
    expect(environment).toEqual({});
  });

  it.each([{}, { LISTEN_FDS: '1' }, { LISTEN_PID: '77' }])('may say nothing: %j', (environment) => {
    expect(takePassedSockets(environment, 77)).toEqual({ sockets: [], othersPid: undefined });
  });

  it.each([
    [{ ...own, LISTEN_PID: 'x' }, 'LISTEN_PID is "x"'],
    [{ ...own, LISTEN_FDS: '' }, 'LISTEN_FDS is ""'],
    [{ ...own, LISTEN_FDS: '0' }, 'LISTEN_FDS is "0"'],
    [{ ...own, LISTEN_FDS: '-1' }, 'LISTEN_FDS is "-1"'],
    [{ ...own, LISTEN_FDS: '2 ' }, 'LISTEN_FDS is "2 "'],
    [{ ...own, LISTEN_FDS: '999999999' }, 'too many sockets'],
    [{ ...own, LISTEN_FDS: '3' }, 'LISTEN_FDNAMES has 2 names for the 3 sockets'],
  ])('must make sense: %j', (environment, words) => {
    const copy = { ...environment };
    expect(() => takePassedSockets(copy, 77)).toThrow(PassedSocketsError);
    expect(() => takePassedSockets({ ...environment }, 77)).toThrow(words);
    expect(copy).toEqual({});
  });
});

describe.skipIf(requirePrograms('perl', 'openssl'))('jammd serve with passed sockets', () => {
  const certificates = new Certificates();
  let installation: Installation;
  let folder: string;
  let launcher: SocketLauncher | undefined;

  beforeAll(async () => {
    const { certificate, key } = certificates.issue('server', '/CN=localhost');
    installation = await Installation.make({ global: `TLSCertificateFile ${certificate}\nTLSCertificateKeyFile ${key}` });
  });
  beforeEach(async () => {
    folder = await makeFolder('passed');
  });
  afterEach(async () => {
    await launcher?.close();
    launcher = undefined;
    await removeFolder(folder);
  });
  afterAll(async () => {
    await installation.remove();
    certificates.remove();
  });

  function launch(sockets: readonly string[], names?: string, ...args: readonly string[]): SocketLauncher {
    const command = [process.execPath, jammdProgram, 'serve', '-f', installation.config, ...args];
    launcher = new SocketLauncher({ sockets, ...(names === undefined ? {} : { names }) }, command);
    return launcher;
  }

  async function expectAnswer(client: RawClient): Promise<void> {
    await client.receive(2);
    expect(client.summary()).toEqual(['1 entry', '1 search 0']);
    client.end();
  }

  const askAt = async (where: number | string): Promise<void> =>
    expectAnswer((await RawClient.connect(where)).send(mailLookup(1, people.user.mail)));

  it('serves those and no other: IPv4, IPv6 and Unix', async () => {
    const path = join(folder, 'a b');
    const started = launch(['ip=127.0.0.1', 'ip=::1', `unix=${path}`]);
    const [four, six] = await started.opened();
    expect(await started.start()).toEqual([
      `ldap://127.0.0.1:${four}/`,
      `ldap://[::1]:${six}/`,
      `ldapi://${encodeURIComponent(path)}/`,
    ]);
    await askAt(Number(four));
    await askAt(path);
    const { stdout } = await run('ldapsearch', ['-x', '-LLL', '-H', `ldap://[::1]:${six}`, '-s', 'base', '-b', '', '1.1']);
    expect(stdout).toContain('dn:');
  });

  it('serves the URLs of -h beside them', async () => {
    const port = await freePort();
    const started = launch(['ip=127.0.0.1'], undefined, '-h', `ldap://127.0.0.1:${port}/`);
    const [passed] = await started.opened();
    expect(await started.start(2)).toEqual([`ldap://127.0.0.1:${passed}/`, `ldap://127.0.0.1:${port}/`]);
    await askAt(Number(passed));
    await askAt(port);
  });

  it('speaks TLS where the name says ldaps, and PROXY where it says pldap', async () => {
    const started = launch(['ip=127.0.0.1', 'ip=127.0.0.1', 'ip=127.0.0.1'], 'ldaps:pldap:jammd.socket');
    const [secure, proxied, plain] = (await started.opened()).map(Number) as [number, number, number];
    expect(await started.start()).toEqual([
      `ldaps://127.0.0.1:${secure}/`,
      `pldap://127.0.0.1:${proxied}/`,
      `ldap://127.0.0.1:${plain}/`,
    ]);
    await askAt(plain);
    const socket = tls.connect({ port: secure, host: '127.0.0.1', rejectUnauthorized: false });
    await once(socket, 'secureConnect');
    await expectAnswer(new RawClient(socket).send(mailLookup(1, people.user.mail)));
    const unannounced = (await RawClient.connect(proxied)).send(mailLookup(1, people.user.mail));
    await unannounced.untilClosed();
    expect(unannounced.messages).toEqual([]);
    const local = Buffer.from('0d0a0d0a000d0a515549540a20000000', 'hex');
    await expectAnswer((await RawClient.connect(proxied)).send(local, mailLookup(1, people.user.mail)));
  });

  it('leaves the file of a Unix socket alone: its mode, and that it is there', async () => {
    const path = join(folder, 'ldapi');
    const started = launch([`unix=${path}`]);
    await started.opened();
    await chmod(path, 0o640);
    await started.start();
    expect(statSync(path).mode & 0o777).toBe(0o640);
    expect(await started.stop()).toBe(0);
    expect(statSync(path).isSocket()).toBe(true);
    expect(statSync(path).mode & 0o777).toBe(0o640);
  });

  it.skipIf(requirePrograms('ldapwhoami'))('knows who comes by a passed Unix socket', async () => {
    const path = join(folder, 'ldapi');
    await launch([`unix=${path}`]).start();
    const { stdout } = await run('ldapwhoami', ['-Q', '-Y', 'EXTERNAL', '-H', `ldapi://${encodeURIComponent(path)}`]);
    expect(stdout.trim()).toBe(
      `dn:gidNumber=${process.getgid!()}+uidNumber=${process.getuid!()},cn=peercred,cn=external,cn=auth`,
    );
  });

  it('passes no socket on to programs it starts', async () => {
    const started = launch(['ip=127.0.0.1', 'ip=127.0.0.1']);
    await started.start();
    const { pid } = started;
    const closeOnExec = 0o2000000;
    const sockets = readdirSync(`/proc/${pid}/fd`).filter((name) =>
      readlinkSync(`/proc/${pid}/fd/${name}`).startsWith('socket:'),
    );
    expect(sockets).toEqual(expect.arrayContaining(['3', '4']));
    for (const descriptor of sockets) {
      const flags = /^flags:\s+(\d+)$/m.exec(readFileSync(`/proc/${pid}/fdinfo/${descriptor}`, 'utf8'))![1]!;
      expect(Number.parseInt(flags, 8) & closeOnExec, `descriptor ${descriptor}`).toBe(closeOnExec);
    }
  });

  it('lets clients that come during a restart wait: none is refused', async () => {
    const path = join(folder, 'ldapi');
    const started = launch(['ip=127.0.0.1', `unix=${path}`]);
    const [port] = await started.opened();
    await started.start();
    await askAt(Number(port));
    expect(await started.stop()).toBe(0);
    const waiting: RawClient[] = [];
    for (let n = 0; n < 300; n++) {
      waiting.push((await RawClient.connect(n % 2 === 0 ? Number(port) : path)).send(mailLookup(1, people.user.mail)));
    }
    await started.start();
    for (const client of waiting) await expectAnswer(client);
  });

  it('goes on being reached by whoever looks something up while it restarts again and again', async () => {
    const started = launch(['ip=127.0.0.1']);
    const port = Number((await started.opened())[0]);
    await started.start();
    let restarting = true;
    let answered = 0;
    let cutOff = 0;
    const asking = (async () => {
      while (restarting) {
        const client = (await RawClient.connect(port)).send(mailLookup(1, people.user.mail));
        await client.until(({ closed, messages }) => closed || messages.length === 2);
        if (client.messages.length === 2) answered++;
        else cutOff++;
        client.end();
      }
    })();
    const rounds = 3;
    for (let round = 0; round < rounds; round++) {
      expect(await started.stop()).toBe(0);
      await started.start();
      const before = answered;
      while (answered < before + 20) await pause(5);
    }
    restarting = false;
    await asking;
    // Whose connection was taken just before it stops sees the end of it; RawClient throws where one is refused.
    expect(cutOff).toBeLessThanOrEqual(rounds);
  });

  describe('says why it cannot serve', () => {
    const serveWith = (environment: string, redirect = ''): Promise<{ code: number; stderr: string }> => {
      const serve = `"${process.execPath}" "${jammdProgram}" serve -f "${installation.config}"`;
      const command = `${environment} LISTEN_PID=$$ exec ${serve} ${redirect}`;
      return run('sh', ['-c', command]);
    };

    it.each([
      ['LISTEN_FDS=nonsense', '', 'LISTEN_FDS is "nonsense"'],
      ['LISTEN_FDS=2 LISTEN_FDNAMES=ldap', '', 'LISTEN_FDNAMES has 1 names for the 2 sockets'],
      ['LISTEN_FDS=1', '3</dev/null', 'passed socket 3 (unknown): not a socket'],
    ])('%s %s', async (environment, redirect, words) => {
      const { code, stderr } = await serveWith(environment, redirect);
      expect(code).toBe(1);
      expect(stderr).toContain(words);
      expect(stderr).not.toContain('    at ');
    });

    it('a Unix socket that is to speak TLS', async () => {
      const started = launch([`unix=${join(folder, 'ldapi')}`], 'ldaps');
      started.begin();
      await started.until(() => started.output.includes('ldaps is for TCP sockets'));
    });

    it('a socket that is to speak TLS without certificates', async () => {
      const plain = await Installation.make();
      const command = [process.execPath, jammdProgram, 'serve', '-f', plain.config];
      launcher = new SocketLauncher({ sockets: ['ip=127.0.0.1'], names: 'ldaps' }, command);
      launcher.begin();
      await launcher.until(() => launcher!.output.includes('ldaps:// needs TLSCertificateFile'));
      await plain.remove();
    });
  });

  it.skipIf(requirePrograms('systemd-socket-activate'))('is started by systemd-socket-activate', async () => {
    const port = await freePort();
    const path = join(folder, 'ldapi');
    const command = [process.execPath, jammdProgram, 'serve', '-f', installation.config];
    const daemon = Daemon.start('systemd-socket-activate', [
      '-l',
      `127.0.0.1:${port}`,
      '-l',
      path,
      '--fdname=ldap:ldapi',
      ...command,
    ]);
    try {
      await daemon.waitUntil(() => daemon.output.includes(`Listening on ${path}`));
      await askAt(port);
      await askAt(path);
      expect(daemon.output).toContain(`listening on ldapi://${encodeURIComponent(path)}/`);
    } finally {
      await daemon.stop();
    }
  });
});

it('tells where sockets were meant for another process, as they are when a shell stands between', async () => {
  const folder = await makeFolder('passed');
  const config = join(folder, 'slapd.conf');
  await writeFile(config, `database mdb\nsuffix dc=myhosting,dc=example\ndirectory ${folder}/data\n`);
  await jammd(['import', '-f', config], { input: wholeTreeLdif });
  const env = { ...process.env, LISTEN_PID: '1', LISTEN_FDS: '1' };
  const daemon = Daemon.start(process.execPath, [jammdProgram, 'serve', '-f', config, '-h', 'ldap://127.0.0.1:0/'], { env });
  await daemon.waitUntil(() => daemon.output.includes('listening on'));
  expect(daemon.output).toContain('sockets were passed to process 1');
  await daemon.stop();
  await removeFolder(folder);
});
