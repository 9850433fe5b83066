import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import net from 'node:net';
import tls from 'node:tls';
import { pino } from 'pino';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { TlsConfig } from '../../src/config/model.js';
import { success } from '../../src/ldap/result.js';
import { TlsConfigError } from '../../src/server/tls-files.js';
import { Certificates, type Identity } from './certificates.js';
import { startServer, stopServers, type TestServerOptions } from './fake-directory.js';
import { RawClient } from './raw-client.js';
import { bind, lookup, remove, startTls } from './requests.js';
import { requirePrograms } from '../support/programs.js';

const withoutOpenssl = requirePrograms('openssl') !== undefined;
const describeTls = describe.skipIf(withoutOpenssl);

let certificates: Certificates;
let server: Identity;
let client: Identity;
const sockets: { destroy(): void }[] = [];

beforeAll(() => {
  if (withoutOpenssl) return;
  certificates = new Certificates();
  server = certificates.issue('server', '/CN=localhost');
  client = certificates.issue('client', '/DC=example/DC=mail+O=A\\, B/CN=Jörg <jd>/emailAddress=jd@mail.example');
});

afterAll(() => withoutOpenssl || certificates.remove());

afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await stopServers();
});

function config(more: Partial<TlsConfig> = {}): TlsConfig {
  return {
    certificateFile: server.certificate,
    certificateKeyFile: server.key,
    caCertificateFile: certificates.authority.certificate,
    caCertificatePath: undefined,
    crlFile: undefined,
    cipherSuite: undefined,
    dhParamFile: undefined,
    protocolMin: '1.2',
    protocolMax: '1.3',
    verifyClient: 'never',
    ...more,
  };
}

function trusting(identity?: Identity, more: tls.ConnectionOptions = {}): tls.ConnectionOptions {
  return {
    ca: readFileSync(certificates.authority.certificate),
    ...(identity && { cert: readFileSync(identity.certificate), key: readFileSync(identity.key) }),
    ...more,
  };
}

async function secure(options: tls.ConnectionOptions): Promise<tls.TLSSocket> {
  return new Promise((resolve, reject) => {
    const socket = tls.connect({ host: '127.0.0.1', ...options });
    sockets.push(socket);
    socket.once('error', reject);
    socket.once('secureConnect', () => resolve(socket));
  });
}

const secureServer = (options: TestServerOptions = {}) => startServer({ tls: config(), ...options }, 'ldaps://127.0.0.1:0/');

async function plainClient(port: number): Promise<RawClient> {
  const raw = await RawClient.connect(port);
  sockets.push(raw.socket);
  return raw;
}

/** Asks for TLS on a plain connection, and shakes hands. */
async function upgraded(port: number, options = trusting()): Promise<RawClient> {
  const raw = await plainClient(port);
  raw.send(startTls(1));
  await raw.receive(1);
  expect(raw.summary()).toEqual(['1 extended 0']);
  raw.socket.removeAllListeners();
  return new RawClient(await secure({ ...options, socket: raw.socket }));
}

describeTls('ldaps://', () => {
  it('serves over TLS, and knows how strong it is', async () => {
    const { port, directory, url } = await secureServer();
    expect(url).toBe(`ldaps://127.0.0.1:${port}/`);
    const socket = await secure({ ...trusting(), port, ciphers: 'TLS_AES_128_GCM_SHA256' });
    const raw = new RawClient(socket).send(lookup(1));
    await raw.receive(2);
    expect(raw.summary()).toEqual(['1 entry', '1 search 0']);
    expect(directory.sessions[0]!.peer).toMatchObject({ tlsSsf: 128, transportSsf: 0, externalIdentity: undefined });
    const other = await secure({ ...trusting(), port, maxVersion: 'TLSv1.2', ciphers: 'ECDHE-RSA-CHACHA20-POLY1305' });
    await new RawClient(other).send(lookup(1)).receive(2);
    expect(directory.sessions[1]!.peer.tlsSsf).toBe(256);
  });

  it('carries large answers and many requests', async () => {
    const { port } = await secureServer();
    const raw = new RawClient(await secure({ ...trusting(), port }));
    raw.send(...Array.from({ length: 3_000 }, (_, index) => lookup(index)));
    await raw.receive(6_000);
    expect(raw.summary().filter((line) => line.endsWith('search 0'))).toHaveLength(3_000);
  });

  it('keeps to the protocol versions that are allowed', async () => {
    const { port } = await secureServer({ tls: config({ protocolMin: '1.3' }) });
    await expect(secure({ ...trusting(), port, maxVersion: 'TLSv1.2' })).rejects.toThrow();
    expect((await secure({ ...trusting(), port })).getProtocol()).toBe('TLSv1.3');
  });

  it('keeps to the ciphers that are allowed', async () => {
    const { port } = await secureServer({ tls: config({ cipherSuite: 'ECDHE-RSA-AES256-GCM-SHA384' }) });
    await expect(
      secure({ ...trusting(), port, maxVersion: 'TLSv1.2', ciphers: 'ECDHE-RSA-AES128-GCM-SHA256' }),
    ).rejects.toThrow();
    expect((await secure({ ...trusting(), port, maxVersion: 'TLSv1.2' })).getCipher().name).toBe('ECDHE-RSA-AES256-GCM-SHA384');
  });

  it('leaves who speaks no TLS, who stalls and who goes away, and serves the others', async () => {
    const { port, server: ldap } = await secureServer({ tuning: { handshakeMs: 200 } });
    const plain = (await plainClient(port)).send(lookup(1));
    const stalling = (await plainClient(port)).send(Buffer.from('160301', 'hex'));
    for (let visits = 0; visits < 50; visits++) (await RawClient.connect(port)).end();
    await plain.untilClosed();
    await stalling.untilClosed();
    await expect.poll(() => ldap.connectionsCurrent).toBe(0);
    const raw = new RawClient(await secure({ ...trusting(), port })).send(lookup(1));
    await raw.receive(2);
    expect(raw.summary()).toEqual(['1 entry', '1 search 0']);
  });

  it('stops at once, even in the middle of a handshake', async () => {
    const { port, server: ldap } = await secureServer();
    const stalling = await plainClient(port);
    await expect.poll(() => ldap.connectionsCurrent).toBe(1);
    await ldap.close();
    await stalling.untilClosed();
  });
});

describeTls('StartTLS', () => {
  it('turns a connection into a secure one, which is anonymous', async () => {
    const { port, directory } = await startServer({ tls: config() });
    const raw = await plainClient(port);
    raw.send(bind(1));
    await raw.receive(1);
    expect(directory.sessions[0]!.identity).toBeDefined();
    raw.send(startTls(2));
    await raw.receive(2);
    expect(directory.sessions[0]!.identity).toBeUndefined();
    raw.socket.removeAllListeners();
    const secured = new RawClient(await secure({ ...trusting(), socket: raw.socket }));
    secured.send(lookup(3), bind(4), lookup(5));
    await secured.receive(5);
    expect(secured.summary()).toEqual(['3 entry', '3 search 0', '4 bind 0', '5 entry', '5 search 0']);
    expect(directory.sessions).toHaveLength(1);
    expect(directory.sessions[0]!.peer.tlsSsf).toBe(256);
  });

  it('comes once', async () => {
    const { port } = await startServer({ tls: config() });
    const secured = await upgraded(port);
    secured.send(startTls(5), lookup(6));
    await secured.receive(3);
    expect(secured.summary()).toEqual(['5 extended 1', '6 entry', '6 search 0']);
  });

  it('does not take what came before TLS for something that came over it', async () => {
    const { port, directory } = await startServer({ tls: config() });
    const raw = await plainClient(port);
    raw.send(startTls(1), lookup(2));
    await raw.receive(3);
    expect(raw.summary()).toEqual(['1 extended 1', '2 entry', '2 search 0']);
    expect(directory.sessions[0]!.peer.tlsSsf).toBe(0);
  });

  it('is refused while an operation is under way', async () => {
    let end = (): void => undefined;
    const { port } = await startServer({
      tls: config(),
      behaviour: { update: () => new Promise((resolve) => (end = () => resolve(success))) },
    });
    const raw = await plainClient(port);
    raw.send(remove(1)).send(startTls(2));
    await raw.receive(1);
    end();
    await raw.receive(2);
    expect(raw.summary()).toEqual(['2 extended 1', '1 delete 0']);
  });

  it('keeps or refuses an identity as configured', async () => {
    const keeping = await startServer({ tls: config(), features: { startTlsToAnonymous: false } });
    const raw = await plainClient(keeping.port);
    raw.send(bind(1)).send(startTls(2));
    await raw.receive(2);
    expect(raw.summary()).toEqual(['1 bind 0', '2 extended 0']);
    expect(keeping.directory.sessions[0]!.identity).toBeDefined();
    const refusing = await startServer({
      tls: config(),
      features: { startTlsToAnonymous: false, startTlsAuthenticated: false },
    });
    const other = await plainClient(refusing.port);
    other.send(bind(1)).send(startTls(2));
    await other.receive(2);
    expect(other.summary()).toEqual(['1 bind 0', '2 extended 1']);
  });

  it('ends the connection where the handshake fails', async () => {
    const { port, server: ldap } = await startServer({ tls: config() });
    const raw = await plainClient(port);
    raw.send(startTls(1));
    await raw.receive(1);
    raw.send(lookup(2));
    await raw.untilClosed();
    expect(raw.summary()).toEqual(['1 extended 0']);
    await expect.poll(() => ldap.connectionsCurrent).toBe(0);
  });
});

describeTls("clients' certificates", () => {
  async function identityWith(verifyClient: TlsConfig['verifyClient'], identity?: Identity): Promise<string | undefined> {
    const { port, directory } = await secureServer({ tls: config({ verifyClient }) });
    const raw = new RawClient(await secure({ ...trusting(identity), port })).send(lookup(1));
    await raw.receive(2);
    if (raw.closed) return 'refused';
    return directory.sessions[0]!.peer.externalIdentity ?? 'nobody';
  }

  const subject = 'email=jd@mail.example,cn=Jörg \\<jd\\>,dc=mail+o=A\\, B,dc=example';

  it('name the client, in the form of LDAP', async () => {
    const name = await identityWith('demand', client);
    expect(name?.split(',cn=')[0]).toBe('email=jd@mail.example');
    // openssl sorts the two values of the RDN as it likes.
    expect([subject, subject.replace('dc=mail+o=A\\, B', 'o=A\\, B+dc=mail')]).toContain(name);
  });

  it('are asked for as strictly as configured', async () => {
    const stranger = certificates.issue('intruder', '/CN=jd', certificates.stranger());
    const outcomes: string[] = [];
    for (const verify of ['never', 'allow', 'try', 'demand'] as const) {
      for (const identity of [undefined, stranger]) {
        outcomes.push(`${verify}: ${await identityWith(verify, identity).catch(() => 'refused')}`);
      }
    }
    expect(outcomes).toEqual([
      'never: nobody',
      'never: nobody',
      'allow: nobody',
      'allow: nobody',
      'try: nobody',
      'try: refused',
      'demand: refused',
      'demand: refused',
    ]);
    expect(await identityWith('try', client)).toContain('cn=J');
    expect(await identityWith('allow', client)).toContain('cn=J');
    expect(await identityWith('never', client)).toBe('nobody');
  });
});

describeTls('certificates of the server', () => {
  it('can be changed while it runs, and stay where the new ones are no good', async () => {
    const files = { certificate: join(certificates.folder, 'live.crt'), key: join(certificates.folder, 'live.key') };
    copyFileSync(server.certificate, files.certificate);
    copyFileSync(server.key, files.key);
    const { port, server: ldap } = await secureServer({
      tls: config({ certificateFile: files.certificate, certificateKeyFile: files.key }),
    });
    const serial = async () => (await secure({ ...trusting(), port })).getPeerCertificate().serialNumber;
    const first = await serial();
    const next = certificates.issue('next', '/CN=localhost');
    writeFileSync(files.certificate, 'broken');
    expect(() => ldap.reloadTls()).toThrow(TlsConfigError);
    expect(await serial()).toBe(first);
    copyFileSync(next.certificate, files.certificate);
    copyFileSync(next.key, files.key);
    ldap.reloadTls();
    expect(await serial()).not.toBe(first);
  });

  it.each([
    ['a file that is not there', { certificateFile: '/nowhere/server.crt' }, /TLSCertificateFile: ENOENT/],
    ['a key that does not fit', {}, /does not belong to the certificate/],
    ['a cipher that nobody knows', { cipherSuite: 'NO-SUCH-CIPHER' }, /TLS cannot be set up/],
  ])('are refused at the start for %s', async (what, more, message) => {
    const wrongKey = what.startsWith('a key') ? { certificateKeyFile: client.key } : {};
    await expect(startServer({ tls: config({ ...more, ...wrongKey }) })).rejects.toThrow(message);
  });

  it('are needed for ldaps://', async () => {
    await expect(startServer({}, 'ldaps://127.0.0.1:0/')).rejects.toThrow('ldaps:// needs TLSCertificateFile');
  });

  it('may be trusted through a folder of authorities', async () => {
    const { port, directory } = await secureServer({
      tls: config({ caCertificateFile: undefined, caCertificatePath: certificates.folder, verifyClient: 'demand' }),
    });
    await new RawClient(await secure({ ...trusting(client), port })).send(lookup(1)).receive(2);
    expect(directory.sessions[0]!.peer.externalIdentity).toContain('cn=J');
  });
});

describeTls('what the log says', () => {
  it('names the strength of TLS and why a handshake failed', async () => {
    const lines: string[] = [];
    const logger = pino({ level: 'debug' }, { write: (line) => lines.push(line) });
    const { port } = await secureServer({ logger });
    await new RawClient(await secure({ ...trusting(), port })).send(lookup(1)).receive(2);
    const intruder = net.connect({ host: '127.0.0.1', port });
    sockets.push(intruder);
    intruder.on('error', () => undefined);
    intruder.write('hello');
    await expect.poll(() => lines.join('')).toContain('TLS negotiation failed');
    expect(lines.join('')).toContain('TLS established tls_ssf=256 ssf=256');
  });
});
