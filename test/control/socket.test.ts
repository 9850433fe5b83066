import { readdir, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { frameHead, jsonFrame } from '../../src/control/frame.js';
import { Installation, inParallel, seededRandom, type JammdServer } from '../robustness/jammd-server.js';
import { makeFolder, removeFolder } from '../support/place.js';
import { ControlClient } from './control-client.js';

describe('the control socket', () => {
  let installation: Installation;
  let server: JammdServer | undefined;
  beforeAll(async () => {
    installation = await Installation.make();
  });
  afterEach(() => server?.stop('SIGKILL'));
  afterAll(() => installation.remove());

  const socketFile = (): string => join(installation.directory, 'control.sock');

  it('is for its owner alone, and gone when the server is', async () => {
    server = await installation.start();
    const file = await stat(socketFile());
    expect([file.isSocket(), file.mode & 0o777]).toEqual([true, 0o600]);
    await server.stop();
    expect(server.daemon.exitCode).toBe(0);
    await expect(stat(socketFile())).rejects.toThrow();
    expect((await installation.jammd('status')).stderr).toContain('no server is running');
  });

  it('takes the place of one that a killed server has left', async () => {
    const killed = await installation.start();
    await killed.stop('SIGKILL');
    expect((await stat(socketFile())).isSocket()).toBe(true);
    expect((await installation.jammd('status')).stderr).toContain('no server is running');
    server = await installation.start();
    const { stdout } = await installation.jammd('status', ['--json']);
    expect(JSON.parse(stdout)).toMatchObject({ pid: server.daemon.pid });
  });

  it('is done without where something else is in its place', async () => {
    const { directory } = installation;
    await rm(socketFile(), { force: true });
    await writeFile(socketFile(), 'mine');
    server = await installation.start();
    await server.expectAnswer();
    expect(server.daemon.output).toContain('exists and is not a socket');
    const refused = await installation.jammd('export');
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain(`${directory} is in use by process ${server.daemon.pid}`);
    await server.stop();
    expect((await stat(socketFile())).isFile()).toBe(true);
    await rm(socketFile());
  });

  it('works in a folder whose path is longer than a socket address can be', async () => {
    const folder = await makeFolder('long');
    const deep = await Installation.make({ directory: join(folder, 'a'.repeat(100), 'b'.repeat(100)) });
    const running = await deep.start();
    try {
      expect((await readdir(deep.directory)).filter((name) => name.endsWith('.sock'))).toEqual(['control.sock']);
      expect((await stat(join(deep.directory, 'control.sock'))).mode & 0o777).toBe(0o600);
      expect((await deep.jammd('status')).stdout).toContain(`process ${running.daemon.pid}`);
      expect((await deep.jammd('export')).stdout).toContain('dn: dc=myhosting,dc=example');
      await running.stop();
      expect(await readdir(deep.directory)).not.toContain('control.sock');
    } finally {
      await running.stop('SIGKILL');
      await deep.remove();
      await removeFolder(folder);
    }
  });
});

describe('a server whose control socket gets', () => {
  let installation: Installation;
  let server: JammdServer;
  beforeAll(async () => {
    installation = await Installation.make();
    server = await installation.start();
    await server.noteState();
  });
  afterAll(async () => {
    await server.stop();
    expect(server.daemon.exitCode).toBe(0);
    await installation.expectSound();
    await installation.remove();
  });
  afterEach(async () => {
    await server.expectUnharmed();
    expect(JSON.parse((await installation.jammd('status', ['--json'])).stdout)).toMatchObject({ pid: server.daemon.pid });
  });

  it.each<[string, Buffer, RegExp]>([
    ['text of another protocol', Buffer.from('GET / HTTP/1.1\r\nHost: x\r\n\r\n'), /not a frame/],
    ['a frame that is too long', frameHead('request', 0x7fffffff), /exceeds the limit/],
    ["a server's frame", jsonFrame('end', {}), /must not send/],
    ['a request that is no JSON', Buffer.concat([frameHead('request', 4), Buffer.from('{{{{')]), /not JSON/],
    ['JSON nested deeply', Buffer.concat([frameHead('request', 200_000), Buffer.alloc(200_000, '[')]), /not JSON/],
    ['a request of another version', jsonFrame('request', { control: 99, request: 'status' }), /version 99/],
    ['an unknown request', jsonFrame('request', { control: 1, request: 'shutdown' }), /unknown request/],
    ['a filter with an error', jsonFrame('request', { control: 1, request: 'export', filter: '(mail=' }), /./],
    ['a filter nested deeply', jsonFrame('request', { control: 1, request: 'export', filter: '(!'.repeat(80_000) }), /./],
    ['a subtree that is no name', jsonFrame('request', { control: 1, request: 'export', subtree: 'x' }), /./],
    [
      'a subtree that is not there',
      jsonFrame('request', { control: 1, request: 'export', subtree: 'o=no' }),
      /o=no: no such entry/,
    ],
  ])('%s says why not, and goes on', async (_, bytes, words) => {
    const client = await ControlClient.connect(installation.directory);
    await client.send(bytes).untilClosed();
    expect(client.json('hello')).toMatchObject({ control: 1, pid: server.daemon.pid });
    expect(client.json('failure')!['reason']).toMatch(words);
    expect(client.count('data') + client.count('end')).toBe(0);
  });

  it('two requests at once ends the connection and both', async () => {
    const client = await ControlClient.connect(installation.directory);
    client.ask('backup').ask('backup');
    await client.untilClosed();
    expect(client.count('end')).toBeLessThan(2);
  });

  it('random bytes, a byte at a time, and clients that come and go', async () => {
    const random = seededRandom(20_261_128);
    await inParallel(300, 10, async (n) => {
      const client = await ControlClient.connect(installation.directory);
      const bytes = Buffer.from(Array.from({ length: random(60) }, () => random(256)));
      if (n % 3 === 0) for (const byte of bytes) client.send(Buffer.from([byte]));
      else client.send(n % 3 === 1 ? bytes : jsonFrame('request', { control: 1, request: 'backup' }));
      if (n % 2 === 0) client.end();
      else if (bytes.length >= 5 || n % 3 === 2)
        await client.until(({ frames, closed }) => frames.length > 1 || closed, 'an answer');
      client.end();
    });
  });

  it('status works beside clients that send nothing', async () => {
    const silent = await Promise.all(Array.from({ length: 40 }, () => ControlClient.connect(installation.directory)));
    const status = await ControlClient.connect(installation.directory);
    expect((await status.ask('status').untilClosed()).count('end')).toBe(1);
    // The oldest made room.
    await silent[0]!.untilClosed();
    expect(silent[0]!.json('failure')!['reason']).toContain('other clients');
    expect(silent.at(-1)!.closed).toBe(false);
    for (const client of silent) client.end();
  });

  it('status works beside backups that nobody reads', async () => {
    const stuck = await Promise.all(Array.from({ length: 40 }, () => ControlClient.connect(installation.directory)));
    for (const client of stuck) {
      client.socket.pause();
      client.ask('backup');
    }
    const status = await ControlClient.connect(installation.directory);
    expect((await status.ask('status').untilClosed()).count('end')).toBe(1);
    for (const client of stuck) client.end();
  });
});
