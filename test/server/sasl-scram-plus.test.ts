/** SASL SCRAM-SHA-256-PLUS: logins that are tied to their TLS connection, by ldapwhoami beside slapd and as the RFCs have them. */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import net from 'node:net';
import tls from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Contestant } from '../conformance/contestant.js';
import { bind } from '../conformance/directed/steps.js';
import { database, domainEntry, head, personEntry, root, rootPassword, tree } from '../conformance/settings/setting.js';
import { freePort } from '../support/place.js';
import { run } from '../support/process.js';
import { requirePrograms } from '../support/programs.js';
import { startServer, type ReferenceServer, type ServerKind } from '../support/reference-server.js';
import { WireClient, type WireResult } from '../support/wire/client.js';
import { scramLogin, type ScramLogin } from '../support/wire/scram-client.js';
import { Certificates, type Identity } from './certificates.js';

const plus = 'SCRAM-SHA-256-PLUS';
const config = `${head}TLSCertificateFile @FOLDER@/certificate
TLSCertificateKeyFile @FOLDER@/key
authz-regexp "^uid=([^,]+),cn=scram-sha-256(-plus)?,cn=auth$" "ldap:///dc=test??sub?(sn=$1)"
${database('dc=test', 'test', 'access to attrs=userPassword by anonymous auth by * none\naccess to * by * read')}`;
const entries = { 'dc=test': domainEntry(), 'cn=ann,dc=test': personEntry({ sn: ['ann'], userPassword: ['ann-pw'] }) };

const hasScram = existsSync('/usr/lib/x86_64-linux-gnu/sasl2/libscram.so');
const missing = hasScram ? requirePrograms('slapd', 'ldapwhoami', 'openssl') : 'libsasl2-modules';

interface TlsServer {
  readonly server: ReferenceServer;
  readonly tlsPort: number;
}

describe.skipIf(missing !== undefined)('SCRAM-SHA-256-PLUS', () => {
  let certificates: Certificates;
  let jammd: TlsServer;
  let slapd: TlsServer;
  let slapdUnique: TlsServer;

  const start = async (kind: ServerKind, { certificate, key }: Identity, bindingType?: string): Promise<TlsServer> => {
    const tlsPort = await freePort();
    const server = await startServer(kind, {
      config: bindingType === undefined ? config : `sasl-cbinding ${bindingType}\n${config}`,
      files: { certificate: readFileSync(certificate, 'utf8'), key: readFileSync(key, 'utf8') },
      urls: [`ldaps://127.0.0.1:${tlsPort}/`],
    });
    const contestant = new Contestant(server.port);
    await contestant.answerAll([bind(root, rootPassword, { as: '#root' }), ...tree(entries)]);
    contestant.close();
    return { server, tlsPort };
  };

  beforeAll(async () => {
    certificates = new Certificates();
    const identity = certificates.issue('server', '/CN=localhost');
    jammd = await start('jammd', identity);
    slapd = await start('slapd', identity, 'tls-endpoint');
    slapdUnique = await start('slapd', identity, 'tls-unique');
  }, 60_000);

  afterAll(async () => {
    for (const started of [jammd, slapd, slapdUnique]) await started.server.stop();
    certificates.remove();
  });

  const connect = (options: tls.ConnectionOptions = {}, port = jammd.tlsPort): Promise<tls.TLSSocket> =>
    new Promise((resolve, reject) => {
      const ca = readFileSync(certificates.authority.certificate);
      const socket = tls.connect({ host: '127.0.0.1', port, ca, ...options }, () => resolve(socket));
      socket.once('error', reject);
    });

  const login = async (socket: tls.TLSSocket, how: Partial<ScramLogin>): Promise<WireResult> => {
    const client = WireClient.over(socket);
    try {
      return await scramLogin(client, { user: 'ann', password: 'ann-pw', mechanism: plus, ...how });
    } finally {
      client.destroy();
    }
  };

  const whoAmI = async ({ tlsPort }: TlsServer, { tlsUpTo, binding, mechanism = plus, password = 'ann-pw' }: WhoAmI) => {
    const uri = `ldaps://127.0.0.1:${tlsPort}`;
    const words = ['-Q', '-Y', mechanism, '-H', uri, '-o', `SASL_CBINDING=${binding}`, '-U', 'ann', '-w', password];
    const env = {
      ...process.env,
      LDAPTLS_CACERT: certificates.authority.certificate,
      ...(tlsUpTo === '1.2' && { LDAPTLS_CIPHER_SUITE: 'NORMAL:-VERS-TLS1.3' }),
    };
    const { code, stdout } = await run('ldapwhoami', words, { env });
    return { code, stdout };
  };

  describe('ldapwhoami', () => {
    it.each<WhoAmI & { readonly code: number }>([
      { binding: 'tls-endpoint', tlsUpTo: '1.3', code: 0 },
      { binding: 'tls-endpoint', tlsUpTo: '1.2', code: 0 },
      { binding: 'tls-endpoint', tlsUpTo: '1.3', mechanism: 'SCRAM-SHA-256', code: 0 },
      { binding: 'tls-endpoint', tlsUpTo: '1.3', password: 'wrong', code: 49 },
      { binding: 'tls-unique', tlsUpTo: '1.2', code: 0 },
      { binding: 'tls-unique', tlsUpTo: '1.2', password: 'wrong', code: 49 },
    ])('$binding over TLS $tlsUpTo by $mechanism ends with $code, as with slapd', async ({ code, ...how }) => {
      const expected = await whoAmI(how.binding === 'tls-unique' ? slapdUnique : slapd, how);
      expect(expected).toEqual({ code, stdout: code === 0 ? 'dn:cn=ann,dc=test\n' : '' });
      expect(await whoAmI(jammd, how)).toEqual(expected);
    });

    it.each([
      ['RSA with SHA-1', ['rsa:2048', '-sha1']],
      ['RSA with SHA-384', ['rsa:2048', '-sha384']],
      ['RSASSA-PSS with SHA-512', ['rsa:2048', '-sigopt', 'rsa_padding_mode:pss', '-sha512']],
      ['ECDSA with SHA-512', ['ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-sha512']],
      ['Ed25519', ['ed25519']],
    ])('takes the digest of a certificate signed by %s for the one jammd does', async (_, kind) => {
      const own = certificates.selfSignedOf('kind', kind);
      const other = await start('jammd', own);
      const words = ['-Q', '-Y', plus, '-H', `ldaps://127.0.0.1:${other.tlsPort}`, '-U', 'ann', '-w', 'ann-pw'];
      const env = { ...process.env, LDAPTLS_CACERT: own.certificate };
      const { code, stderr } = await run('ldapwhoami', [...words, '-o', 'SASL_CBINDING=tls-endpoint'], { env });
      await other.server.stop();
      expect(code, stderr).toBe(0);
    });
  });

  const endPoint = (socket: tls.TLSSocket): Buffer => createHash('sha256').update(socket.getPeerX509Certificate()!.raw).digest();
  const exported = (socket: tls.TLSSocket): Buffer =>
    socket.exportKeyingMaterial(32, 'EXPORTER-Channel-Binding', Buffer.alloc(0));
  const finished = (socket: tls.TLSSocket): Buffer => socket.getFinished()!;

  it.each([
    ['tls-server-end-point', 'TLSv1.3', endPoint, 0],
    ['tls-server-end-point', 'TLSv1.2', endPoint, 0],
    ['tls-exporter', 'TLSv1.3', exported, 0],
    ['tls-exporter', 'TLSv1.2', exported, 49],
    ['tls-unique', 'TLSv1.2', finished, 0],
    ['tls-unique', 'TLSv1.3', finished, 49],
    ['tls-unknown', 'TLSv1.3', endPoint, 49],
    // The data of another type, of another connection, and none.
    ['tls-server-end-point', 'TLSv1.3', exported, 49],
    ['tls-exporter', 'TLSv1.3', () => Buffer.alloc(32), 49],
    ['ldap', 'TLSv1.3', endPoint, 49],
    ['ldap', 'TLSv1.3', () => Buffer.alloc(0), 49],
  ] as const)('%s, %s: %o', async (type, maxVersion, dataOf, code) => {
    for (const mechanism of [plus, 'SCRAM-SHA-256']) {
      const socket = await connect({ maxVersion });
      const result = await login(socket, { mechanism, flag: `p=${type}`, binding: dataOf(socket) });
      expect([mechanism, result.code]).toEqual([mechanism, code]);
    }
  });

  it('does not take tls-unique in a resumed session, which may not be one of its own', async () => {
    const first = await connect({ maxVersion: 'TLSv1.2' });
    const session = first.getSession()!;
    const certificate = endPoint(first);
    expect((await login(first, { flag: 'p=tls-unique', binding: finished(first) })).code).toBe(0);
    const resumed = await connect({ maxVersion: 'TLSv1.2', session });
    expect(resumed.isSessionReused()).toBe(true);
    for (const binding of [resumed.getPeerFinished()!, finished(resumed)]) {
      const again = await connect({ maxVersion: 'TLSv1.2', session });
      expect((await login(again, { flag: 'p=tls-unique', binding })).code).toBe(49);
    }
    expect((await login(resumed, { flag: 'p=tls-server-end-point', binding: certificate })).code).toBe(0);
  });

  it('fails a client that was told there is no channel binding, over TLS, as slapd does', async () => {
    for (const { tlsPort, server } of [slapd, jammd]) {
      const how = { mechanism: 'SCRAM-SHA-256', flag: 'y' };
      expect((await login(await connect({}, tlsPort), how)).code).toBe(49);
      expect((await login(await connect({}, tlsPort), { ...how, flag: 'n' })).code).toBe(0);
      const plain = await WireClient.connect(server.port);
      expect((await scramLogin(plain, { user: 'ann', password: 'ann-pw', ...how })).code).toBe(0);
      plain.destroy();
    }
  });

  it('fails a login by -PLUS without a binding', async () => {
    for (const flag of ['n', 'y']) expect((await login(await connect(), { flag })).code).toBe(49);
  });

  it('fails a login that began before TLS', async () => {
    const socket = net.connect(jammd.server.port, '127.0.0.1');
    const plain = WireClient.over(socket);
    const between = async (): Promise<WireClient> => {
      expect((await plain.request({ op: 'extended', oid: '1.3.6.1.4.1.1466.20037' })).code).toBe(0);
      socket.removeAllListeners('data');
      return WireClient.over(await connect({ socket }));
    };
    const how = { user: 'ann', password: 'ann-pw' };
    expect((await scramLogin(plain, { ...how, between })).code).toBe(49);
    socket.destroy();
  });

  it('is announced and taken over TLS alone', async () => {
    const mechanisms = async (client: WireClient): Promise<string[]> => {
      const attributes = ['supportedSASLMechanisms'];
      const result = await client.request({ op: 'search', base: '', scope: 'base', filter: '(objectClass=*)', attributes });
      return result.entries[0]!.attributes.flatMap(({ values }) => values.map(String)).filter((name) => name.includes('SHA-256'));
    };
    for (const { server, tlsPort } of [slapd, jammd]) {
      const plain = await WireClient.connect(server.port);
      expect(await mechanisms(plain)).toEqual(['SCRAM-SHA-256']);
      const refused = await scramLogin(plain, { user: 'ann', password: 'ann-pw', mechanism: plus, flag: 'p=ldap' });
      expect(refused.code).toBe(server.kind === 'slapd' ? 80 : 7);
      plain.destroy();
      const secure = WireClient.over(await connect({}, tlsPort));
      expect(await mechanisms(secure)).toEqual([plus, 'SCRAM-SHA-256']);
      secure.destroy();
    }
  });
});

interface WhoAmI {
  readonly binding: string;
  readonly tlsUpTo: '1.2' | '1.3';
  readonly mechanism?: string;
  readonly password?: string;
}
