/** Peers that are rude with the connection itself: too much, too slow, too many, gone. */
import { once } from 'node:events';
import net from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { RawClient } from '../server/raw-client.js';
import { Certificates } from '../server/certificates.js';
import { abandon, bind, startTls } from '../server/requests.js';
import { account, people, places } from '../support/hosting-tree.js';
import { answerMsMax, inParallel, Installation, type JammdServer, mailLookup, pause, searchAll } from './jammd-server.js';

const certificates = new Certificates();
/** With these a search for everything has some six megabytes to say. */
const manyAccounts = Array.from({ length: 3_000 }, (_, n) =>
  account(`bulk${n}@two.example`, { description: `${n} `.repeat(350) }),
).join('');

let installation: Installation;
let server: JammdServer;
const clients: RawClient[] = [];

beforeAll(async () => {
  const { certificate, key } = certificates.issue('server', '/CN=localhost');
  installation = await Installation.make({
    global: `sizelimit unlimited\nwritetimeout 4\nTLSCertificateFile ${certificate}\nTLSCertificateKeyFile ${key}\n`,
    ldif: manyAccounts,
    urls: 'ldap://127.0.0.1:0/ ldaps://127.0.0.1:0/',
  });
  server = await installation.start();
  await server.noteState();
}, 120_000);
afterEach(async () => {
  for (const client of clients.splice(0)) client.end();
  await server.expectUnharmed();
}, 60_000);
afterAll(async () => {
  await server.stop();
  await installation.expectSound();
  await installation.remove();
  certificates.remove();
});

async function connect(): Promise<RawClient> {
  const client = await server.connect();
  clients.push(client);
  return client;
}

describe('one connection with very many requests', () => {
  it('1,000 abandons in one segment', async () => {
    const client = await connect();
    client.send(...Array.from({ length: 1_000 }, (_, n) => abandon(n + 1, n)), mailLookup(5_000, people.user.mail));
    await client.receive(2);
    expect(client.summary()).toEqual(['5000 entry', '5000 search 0']);
  });

  it('4,096 searches for everything, each abandoned at once', async () => {
    const client = await connect();
    client.socket.pause();
    const storm = Array.from({ length: 4_096 }, (_, n) => [searchAll(2 * n + 1), abandon(2 * n + 2, 2 * n + 1)]).flat();
    client.send(...storm, mailLookup(10_000, people.user.mail));
    await server.expectAnswer();
    client.socket.resume();
    await client.until(({ messages }) => messages.at(-1)?.messageId === 10_000, 'the lookup after the storm');
  });

  it('10,000 pipelined lookups, all answered in order, others served meanwhile', async () => {
    const client = await connect();
    const count = 10_000;
    client.send(...Array.from({ length: count }, (_, n) => mailLookup(n + 1, people.user.mail)));
    await server.expectAnswer();
    await client.receive(2 * count);
    const ids = client.messages.filter(({ type }) => type === 'search').map(({ messageId }) => messageId);
    expect(ids).toEqual(Array.from({ length: count }, (_, n) => n + 1));
  });

  it('10,000 pipelined updates that may not be, as many binds, none of which stops others', async () => {
    const client = await connect();
    const binds = Array.from({ length: 10_000 }, (_, n) => bind(n + 1, '', ''));
    client.send(...binds);
    await server.expectAnswer();
    await client.receive(10_000);
    expect(client.messages.every((message) => 'code' in message && message.code === 0)).toBe(true);
  });
});

describe('many connections', () => {
  it('500 that say nothing and 500 that stop in mid-request', async () => {
    const half = mailLookup(1, people.user.mail).subarray(0, 20);
    for (let n = 0; n < 500; n++) await connect();
    for (let n = 0; n < 500; n++) (await connect()).send(half);
    await server.expectAnswer();
  });

  it('2,000 that come and go', async () => {
    await inParallel(2_000, 50, async () => (await server.connect()).end());
    await server.expectAnswer();
  });

  it('2,000 that reset', async () => {
    await inParallel(2_000, 50, async () => {
      const client = await server.connect();
      client.send(searchAll(1));
      (client.socket as net.Socket).resetAndDestroy();
      await Promise.resolve();
    });
    await server.expectAnswer();
  });

  it('more from one address than may be are told so, and there is room again when they have gone', async () => {
    const open: RawClient[] = [];
    for (let n = 0; n < 2_050; n++) open.push(await connect());
    const refused = open.at(-1)!;
    await refused.untilClosed();
    expect(refused.summary()).toEqual(['0 extended 51']);
    for (const client of clients.splice(0)) client.end();
    const deadline = performance.now() + answerMsMax;
    for (let code = ''; code !== '1 search 0';) {
      expect(performance.now()).toBeLessThan(deadline);
      const client = await server.connect();
      await client.send(mailLookup(1, people.user.mail)).receive(2);
      code = client.summary()[1] ?? '';
      client.end();
    }
  });
});

describe('slow peers', () => {
  it('one byte at a time', async () => {
    const senders = await Promise.all(Array.from({ length: 20 }, connect));
    const bytes = mailLookup(1, people.user.mail);
    for (const byte of bytes) {
      for (const client of senders) client.send(Buffer.of(byte));
      await pause(1);
    }
    await server.expectAnswer();
    for (const client of senders) expect((await client.receive(2)).length).toBe(2);
  });

  it('that ask for everything 50 times and read nothing: bounded memory, and they are left in the end', async () => {
    const readers = await Promise.all(Array.from({ length: 40 }, connect));
    for (const client of readers) {
      client.socket.pause();
      client.send(...Array.from({ length: 50 }, (_, n) => searchAll(n + 1)));
    }
    for (let look = 0; look < 10; look++) {
      await server.expectAnswer();
      await pause(100);
    }
    const deadline = Date.now() + 25_000;
    const left = (): number => server.daemon.output.split('does not read its answers').length - 1;
    while (left() < readers.length && Date.now() < deadline) await pause(100);
    expect(left()).toBe(readers.length);
  }, 40_000);

  it('that go away in the middle of a large answer, every one in another place', async () => {
    await inParallel(150, 10, async (n) => {
      const client = await server.connect();
      client.send(searchAll(1, ['*', '+']));
      await client.until(({ messages }) => messages.length > n * 10, 'the beginning of the answer');
      (client.socket as net.Socket).resetAndDestroy();
    });
    await server.expectAnswer();
  }, 40_000);
});

describe('TLS', () => {
  async function raw(scheme: 'ldap' | 'ldaps'): Promise<net.Socket> {
    const socket = net.connect(server.portOf(scheme), '127.0.0.1');
    socket.on('error', () => undefined);
    await once(socket, 'connect');
    return socket;
  }

  it('handshakes that stall, before the first byte and in the middle, on either kind of port', async () => {
    const hello = Buffer.from('16030100a5010000a10303', 'hex');
    const sockets: net.Socket[] = [];
    for (let n = 0; n < 200; n++) {
      const socket = await raw('ldaps');
      if (n % 2 === 0) socket.write(hello);
      sockets.push(socket);
    }
    for (let n = 0; n < 100; n++) {
      const client = await connect();
      await client.send(startTls(1)).receive(1);
      client.send(hello);
    }
    await server.expectAnswer();
    for (const socket of sockets) socket.destroy();
  });

  it('garbage instead of a handshake', async () => {
    await inParallel(300, 20, async () => {
      const socket = await raw('ldaps');
      socket.resume();
      socket.write(mailLookup(1, people.user.mail));
      await once(socket, 'close');
    });
    await server.expectAnswer();
  });
});

it('a lookup takes its usual time beside ten searches for everything', async () => {
  const readers = await Promise.all(Array.from({ length: 10 }, connect));
  for (const client of readers) client.send(searchAll(1, ['*', '+']));
  const client = await connect();
  const times: number[] = [];
  for (let n = 1; n <= 100; n++) {
    const started = performance.now();
    client.send(mailLookup(n, `user@${places.one.slice(4, 15)}`));
    await client.until(({ messages }) => messages.at(-1)?.messageId === n && messages.at(-1)!.type === 'search');
    times.push(performance.now() - started);
  }
  // Generous: the searchers of this very process decode some hundred thousand entries meanwhile.
  expect(times.sort((a, b) => a - b)[50]).toBeLessThan(250);
});
