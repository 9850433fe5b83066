/** The PROXY header itself, and connections that wait for theirs. */
import { isIPv4, isIPv6 } from 'node:net';
import { pino } from 'pino';
import tls from 'node:tls';
import { once } from 'node:events';
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { decodeProxiedClient, decodeProxyHead, ProxyHeaderError, proxyHeadBytes } from '../../src/server/proxy-header.js';
import { requirePrograms } from '../support/programs.js';
import { Certificates } from './certificates.js';
import { startServer, stopServers, type TestServerOptions } from './fake-directory.js';
import { addressBlock, four, local, option, proxyHeader, six } from './proxy-headers.js';
import { RawClient } from './raw-client.js';
import { bind, lookup } from './requests.js';

afterEach(stopServers);

const pause = (milliseconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds));

async function proxied(options: TestServerOptions = {}) {
  const started = await startServer(options, 'pldap://127.0.0.1:0/');
  return { ...started, peers: () => started.directory.sessions.map(({ peer }) => peer.name) };
}

describe('a PROXY header', () => {
  const decode = (bytes: Buffer) =>
    decodeProxiedClient(decodeProxyHead(bytes.subarray(0, proxyHeadBytes)), bytes.subarray(proxyHeadBytes));

  it('says where the client is, whatever options it has', () => {
    fc.assert(
      fc.property(fc.ipV4(), fc.nat(0xffff), fc.nat(517), (address, port, bytes) => {
        const source = Buffer.from(address.split('.').map(Number)).toString('hex');
        const block = Buffer.concat([addressBlock(source, port), option(bytes + 3)]);
        expect(decode(proxyHeader({ block }))).toEqual({ address, port });
      }),
    );
  });

  it('spells IPv6 addresses as the system does', () => {
    const at = (digits: string) => decode(proxyHeader({ family: 0x21, block: addressBlock(digits, 1) }))!.address;
    expect(at('20010db8000000000000000000000007')).toBe('2001:db8::7');
    expect(at('00000000000000000000000000000001')).toBe('::1');
    expect(at('00000000000000000000ffffc0000207')).toBe('192.0.2.7');
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 16, maxLength: 16 }), (bytes) => {
        const address = at(Buffer.from(bytes).toString('hex'));
        expect(isIPv6(address) || isIPv4(address)).toBe(true);
      }),
    );
  });

  it('is refused in one way only, whatever comes', () => {
    const arbitraryHead = fc.tuple(fc.boolean(), fc.uint8Array({ minLength: 16, maxLength: 16 })).map(([signed, bytes]) => {
      const head = Buffer.from(bytes);
      return signed ? Buffer.concat([four().subarray(0, 12), head.subarray(12)]) : head;
    });
    fc.assert(
      fc.property(arbitraryHead, (bytes) => {
        let head;
        try {
          head = decodeProxyHead(bytes);
        } catch (error) {
          expect(error).toBeInstanceOf(ProxyHeaderError);
          return;
        }
        expect(head.length).toBeLessThanOrEqual(36 + 520);
        decodeProxiedClient(head, Buffer.alloc(head.length));
      }),
      { numRuns: 5_000 },
    );
  });
});

describe('a connection to pldap://', () => {
  it.each([
    ['IPv4', four(), 'IP=192.0.2.7:4660'],
    ['IPv6 with options', six(option(40)), 'IP=[2001:db8::7]:4660'],
  ])('is the proxied client, wherever its header is cut: %s', async (_, header, name) => {
    const { port, peers } = await proxied();
    for (let cut = 1; cut <= header.length; cut++) {
      const client = await RawClient.connect(port);
      client.send(header.subarray(0, cut));
      await pause(1);
      client.send(header.subarray(cut), lookup(1));
      await client.receive(2);
      expect(client.summary()).toEqual(['1 entry', '1 search 0']);
      client.end();
    }
    expect(new Set(peers())).toEqual(new Set([name]));
  });

  it('is the proxy itself after LOCAL', async () => {
    const { port, peers } = await proxied();
    const client = (await RawClient.connect(port)).send(local(Buffer.alloc(20)), lookup(1));
    await client.receive(2);
    expect(peers()[0]).toMatch(/^IP=127\.0\.0\.1:\d+$/);
    client.end();
  });

  it('opens no session before its header is there', async () => {
    const { port, directory } = await proxied();
    const client = (await RawClient.connect(port)).send(four().subarray(0, 20));
    await pause(50);
    expect(directory.sessions).toEqual([]);
    client.end();
  });

  it.each([
    ['no header', lookup(1)],
    ['a header of version 1', Buffer.from('PROXY TCP4 192.0.2.7 192.0.2.8 4660 389\r\n')],
    ['a header with broken signature', Buffer.concat([Buffer.from('0e', 'hex'), four().subarray(1)])],
    ['an address too short', proxyHeader({ block: Buffer.alloc(11) })],
    ['a header of 65,535 bytes', proxyHeader({ block: Buffer.alloc(0xffff) })],
  ])('ends without a word with %s', async (_, bytes) => {
    const { port, directory } = await proxied();
    const client = (await RawClient.connect(port)).send(bytes, lookup(1));
    await client.untilClosed();
    expect(client.chunks).toEqual([]);
    expect(directory.sessions).toEqual([]);
  });

  it('ends at once where its header is cut short', async () => {
    const { port } = await proxied({ tuning: { proxyHeaderMs: 60_000 } });
    for (const bytes of [Buffer.alloc(0), four().subarray(0, 7), four().subarray(0, 20)]) {
      const client = (await RawClient.connect(port)).send(bytes);
      client.socket.end();
      await client.untilClosed();
    }
  });

  it('may take so long for its header and no longer', async () => {
    const { port, server } = await proxied({ tuning: { proxyHeaderMs: 100 } });
    const clients = await Promise.all([RawClient.connect(port), RawClient.connect(port)]);
    clients[1].send(four().subarray(0, 15));
    await Promise.all(clients.map((client) => client.untilClosed()));
    expect(server.statistics.connectionsRefused).toBe(2);
    expect(server.connectionsTotal).toBe(0);
  });

  it('counts for its own address, and while it waits for that of the proxy', async () => {
    const { port } = await proxied({ limits: { connectionsPerAddress: 2 } });
    const open: RawClient[] = [];
    const connect = async (header: Buffer): Promise<RawClient> => {
      const client = (await RawClient.connect(port)).send(header, lookup(1));
      open.push(client);
      await client.receive(1);
      return client;
    };
    for (let n = 0; n < 2; n++) expect((await connect(four())).messages[0]).toMatchObject({ type: 'entry' });
    const refused = await connect(four());
    expect(refused.summary()).toEqual(['0 extended 51']);
    expect((await connect(six())).messages[0]).toMatchObject({ type: 'entry' });
    // Two that never say who they are fill what the proxy's own address may have.
    const silent = [await RawClient.connect(port), await RawClient.connect(port)];
    await pause(20);
    const third = await (await RawClient.connect(port)).untilClosed();
    expect(third.summary()).toEqual(['0 extended 51']);
    for (const client of [...open, ...silent]) client.end();
  });

  it('counts among all connections while it waits', async () => {
    const { port } = await proxied({ limits: { connections: 3 } });
    const silent = await Promise.all([1, 2, 3].map(() => RawClient.connect(port)));
    await pause(20);
    const refused = await (await RawClient.connect(port)).untilClosed();
    expect(refused.summary()).toEqual(['0 extended 51']);
    for (const client of silent) client.end();
  });

  it('is thrown out when the server stops, and holds nothing up', async () => {
    const { port, server } = await proxied();
    const client = (await RawClient.connect(port)).send(four().subarray(0, 15));
    await pause(20);
    await server.close();
    await client.untilClosed();
  });

  it('is logged, and slowed down after failed logins, as the proxied client', async () => {
    const lines: string[] = [];
    const logger = pino({ level: 'info' }, { write: (line: string) => void lines.push(line) });
    const { port, directory } = await proxied({ logger });
    const { waits } = directory.logins;
    /** The longest that this guess was made to wait, in milliseconds. */
    const guess = async (header: Buffer, n: number): Promise<number> => {
      const before = waits.length;
      const client = (await RawClient.connect(port)).send(header, bind(1, `cn=${n}`, `wrong ${n}`));
      await client.receive(1);
      client.end();
      return Math.max(0, ...waits.slice(before));
    };
    for (let n = 0; n < 24; n++) await guess(four(), n);
    expect(lines[0]).toContain('"peer":"IP=192.0.2.7:4660"');
    // By now a guess from there waits for 800 ms; one from another client of the same proxy does not.
    expect(await guess(four(), 99)).toBeGreaterThan(700);
    expect(await guess(six(), 100)).toBeLessThan(700);
  });
});

describe.skipIf(requirePrograms('openssl'))('a connection to pldaps://', () => {
  it('begins with its header in clear text, wherever it is cut, and goes on over TLS', async () => {
    const certificates = new Certificates();
    const { certificate, key } = certificates.issue('server', '/CN=localhost');
    const { directory, port } = await startServer(
      {
        tls: {
          certificateFile: certificate,
          certificateKeyFile: key,
          caCertificateFile: undefined,
          caCertificatePath: undefined,
          crlFile: undefined,
          cipherSuite: undefined,
          dhParamFile: undefined,
          protocolMin: '1.2',
          protocolMax: '1.3',
          verifyClient: 'never',
        },
      },
      'pldaps://127.0.0.1:0/',
    );
    certificates.remove();
    for (const cut of [1, 16, 27, 28]) {
      const plain = await RawClient.connect(port);
      plain.send(four().subarray(0, cut));
      await pause(5);
      plain.send(four().subarray(cut));
      plain.socket.removeAllListeners('data');
      const socket = tls.connect({ socket: plain.socket, rejectUnauthorized: false });
      await once(socket, 'secureConnect');
      const client = new RawClient(socket).send(lookup(1));
      await client.receive(2);
      expect(client.summary()).toEqual(['1 entry', '1 search 0']);
      expect(directory.sessions.at(-1)!.peer).toMatchObject({ name: 'IP=192.0.2.7:4660', tlsSsf: 256 });
      client.end();
    }
  });
});
