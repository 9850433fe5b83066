/**
 * The log of `jammd serve --log-format slapd` beside those of slapd 2.5 and 2.6: for the same dialogue the same lines, but
 * for what is said here.
 */
import { connect } from 'node:net';
import { join } from 'node:path';
import tls from 'node:tls';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Certificates } from '../server/certificates.js';
import { releaseMakingMs, releaseObstacle } from '../support/debian-release.js';
import { people, places, wholeTreeLdif } from '../support/hosting-tree.js';
import { manager, managerPassword, presentConfig } from '../support/howto.js';
import { freePort, makeFolder, removeFolder } from '../support/place.js';
import { requirePrograms } from '../support/programs.js';
import { type ReferenceServer, startJammd, startSlapd } from '../support/reference-server.js';
import { WireClient } from '../support/wire/client.js';
import { encodeMessage, type Operation } from '../support/wire/operation.js';
import { abandon } from '../server/requests.js';

const search: Operation = {
  op: 'search',
  base: places.hosting,
  scope: 'sub',
  filter: `(mail=${people.user.mail})`,
  attributes: ['mail', 'cn'],
};
const asManager: Operation = { op: 'bind', name: manager, password: managerPassword };
const asUser: Operation = { op: 'bind', name: people.user.dn, password: people.user.password };
const entry = `cn=logged,${places.hosting}`;
const renamed = `cn=renamed,${places.hosting}`;
const extended = (oid: string, value?: string): Operation => ({
  op: 'extended',
  oid,
  ...(value !== undefined && { value: { hex: value } }),
});

/** Each on a connection of its own, a request at a time. */
const dialogues: Readonly<Record<string, readonly Operation[]>> = {
  searches: [
    search,
    { ...search, attributes: [] },
    { ...search, base: 'o=nowhere' },
    { ...search, scope: 'base', deref: 3, typesOnly: true },
    { ...search, filter: '(objectClass=*)', sizeLimit: 1 },
    ...['(mail=a\\2ab)', '(cn=é\\28)', '(mail=*a*b*)', '(&(mail=x)(!(cn=y)))', '(cn~=x)', '(uid:dn:=x)'].map(
      (filter): Operation => ({ ...search, filter }),
    ),
  ],
  binds: [
    asUser,
    asUser,
    { op: 'bind', name: people.user.dn, password: 'wrong' },
    { op: 'bind', name: '', password: '' },
    { op: 'bind', name: people.user.dn, password: '' },
    { op: 'bind', name: people.user.dn, password: 'x', version: 2 },
    { op: 'saslBind', mechanism: 'EXTERNAL' },
    asManager,
    { op: 'saslBind', mechanism: 'NO-SUCH' },
    search,
  ],
  updates: [
    asManager,
    { op: 'add', entry, attributes: { objectClass: ['organizationalRole'], cn: ['logged'] } },
    {
      op: 'modify',
      entry,
      changes: [
        ['replace', 'description', 'x'],
        ['add', 'l', 'y'],
        ['replace', 'description', 'z'],
      ],
    },
    { op: 'compare', entry, attribute: 'description', value: 'x' },
    { op: 'modifyDN', entry, newRDN: 'cn=renamed' },
    { op: 'delete', entry: renamed },
    { op: 'delete', entry: renamed },
  ],
  'extended operations': [
    extended('1.3.6.1.4.1.4203.1.11.3'),
    asUser,
    extended('1.3.6.1.4.1.4203.1.11.3'),
    extended('1.3.6.1.1.8', '3003020163'),
    { op: 'passwordModify', user: people.user.dn, old: people.user.password, new: 'new-pw' },
    { op: 'passwordModify', user: people.user.dn, new: people.user.password },
    { op: 'passwordModify', old: 'wrong', new: 'x' },
    { op: 'passwordModify', new: people.user.password },
    extended('1.3.6.1.4.1.4203.1.11.1', 'ffff'),
    extended('1.3.6.1.4.1.4203.1.11.1'),
    asManager,
    { op: 'passwordModify', user: people.user.dn },
  ],
};

interface Logging {
  readonly name: string;
  readonly server: ReferenceServer;
  readonly securePort: number;
  readonly socketPath: string;
}

/** Lines by what they are about: the connection, or one of its operations. Threads of slapd mix these. */
type Told = Readonly<Record<string, readonly string[]>>;

const servers: Logging[] = [];
let certificates: Certificates;
let folder: string;

describe.skipIf(releaseObstacle() ?? requirePrograms('slapd', 'openssl'))('the log of slapd 2.5, slapd 2.6 and jammd', () => {
  beforeAll(async () => {
    certificates = new Certificates();
    folder = await makeFolder('log-lines');
    const identity = certificates.issue('server', '/CN=localhost');
    const config = `loglevel stats
TLSCACertificateFile ${certificates.authority.certificate}
TLSCertificateFile ${identity.certificate}
TLSCertificateKeyFile ${identity.key}
authz-regexp .*cn=peercred,cn=external,cn=auth ${manager}
${presentConfig}`;
    for (const name of ['slapd 2.5', 'slapd 2.6', 'jammd'] as const) {
      const securePort = await freePort();
      const socketPath = join(folder, name.replace(' ', '-'));
      const urls = [`ldaps://127.0.0.1:${securePort}/`, `ldapi://${encodeURIComponent(socketPath)}`];
      const options = { config, ldif: wholeTreeLdif, urls };
      const server =
        name === 'jammd'
          ? await startJammd({ ...options, jammdArgs: ['--log-format', 'slapd'] })
          : await startSlapd({ ...options, slapdDebug: 256, slapd: name === 'slapd 2.6' ? '2.6' : '2.5' });
      servers.push({ name, server, securePort, socketPath });
    }
  }, releaseMakingMs);

  afterAll(async () => {
    for (const { server } of servers) await server.stop();
    certificates.remove();
    await removeFolder(folder);
  });

  /** What each server logs of the connection that `talk` makes, without the differences below. */
  async function told(talk: (logging: Logging) => Promise<unknown>): Promise<Readonly<Record<string, Told>>> {
    const all: Record<string, Told> = {};
    for (const logging of servers) {
      const before = logging.server.log().length;
      await talk(logging);
      const added = (): string => logging.server.log().slice(before);
      await expect.poll(added).toMatch(/fd=\d+ closed/);
      all[logging.name] = grouped(added());
    }
    return all;
  }

  const expectSame = (all: Readonly<Record<string, Told>>): void => {
    expect(all['jammd']).toEqual(all['slapd 2.6']);
    expect(withoutTlsNames(all['slapd 2.5']!)).toEqual(withoutTlsNames(all['slapd 2.6']!));
  };

  async function say(client: WireClient, operations: readonly Operation[]): Promise<void> {
    for (const operation of operations) await client.request(operation);
    await client.unbind();
  }

  test.each(Object.entries(dialogues))('is the same: %s', async (_, operations) => {
    const all = await told(async ({ server }) => say(await WireClient.connect(server.port), operations));
    expectSame(all);
    expect(all['jammd']!['fd']).toEqual(['ACCEPT from IP=127.0.0.1:N (IP=127.0.0.1:N)', 'closed']);
    expect(Object.keys(all['jammd']!)).toHaveLength(operations.length + 2);
  });

  test('is the same: an abandon, and a client that goes without a word', async () => {
    const all = await told(async ({ server }) => {
      const client = await WireClient.connect(server.port);
      client.send(abandon(client.takeMessageId(), 99));
      await client.request(search);
      client.destroy();
    });
    expectSame(all);
    expect(all['jammd']!['fd']!.at(-1)).toBe('closed (connection lost)');
  });

  test.each(['TLSv1.2', 'TLSv1.3'] as const)('is the same: StartTLS, with %s', async (version) => {
    const all = await told(async ({ server }) => {
      const socket = connect(server.port, '127.0.0.1');
      socket.write(encodeMessage(1, { op: 'extended', oid: '1.3.6.1.4.1.1466.20037' }));
      await new Promise((resolve) => socket.once('data', resolve));
      const ciphers = 'TLS_AES_256_GCM_SHA384:ECDHE-RSA-CHACHA20-POLY1305';
      await sayOver(tls.connect({ socket, rejectUnauthorized: false, minVersion: version, maxVersion: version, ciphers }));
    });
    expectSame(all);
    const cipher = version === 'TLSv1.2' ? 'ECDHE-RSA-CHACHA20-POLY1305' : 'TLS_AES_256_GCM_SHA384';
    const protection = `tls_ssf=256 ssf=256 tls_proto=${version} tls_cipher=${cipher}`;
    expect(all['jammd']!['fd']).toContain(`TLS established ${protection}`);
  });

  test.each(['AES256-GCM-SHA384', 'ECDHE-RSA-AES128-GCM-SHA256'])('is the same: ldaps, with %s', async (ciphers) => {
    const all = await told(({ securePort }) =>
      sayOver(tls.connect({ host: '127.0.0.1', port: securePort, rejectUnauthorized: false, maxVersion: 'TLSv1.2', ciphers })),
    );
    expectSame(all);
  });

  async function sayOver(secure: tls.TLSSocket): Promise<void> {
    await new Promise((resolve, reject) => secure.once('secureConnect', resolve).once('error', reject));
    await say(WireClient.over(secure), [asUser, asUser, search]);
  }

  test('is the same: SASL EXTERNAL over the Unix socket', async () => {
    const all = await told(async ({ socketPath }) => {
      const socket = connect(socketPath);
      await new Promise((resolve, reject) => socket.once('connect', resolve).once('error', reject));
      await say(WireClient.over(socket), [{ op: 'saslBind', mechanism: 'EXTERNAL', credentials: '' }, search]);
    });
    expectSame(all);
    expect(all['jammd']!['op=0']).toContain(`BIND dn="${manager.toLowerCase()}" mech=EXTERNAL bind_ssf=0 ssf=71`);
  });

  test('has, for Wazuh, the program, the connection, its address and the name that somebody gave where slapd has them', async () => {
    const { server } = servers.find(({ name }) => name === 'jammd')!;
    const before = server.log().length;
    await say(await WireClient.connect(server.port), [{ op: 'bind', name: people.user.dn, password: 'wrong' }]);
    const lines = (): string[] => server.log().slice(before).split('\n');
    await expect.poll(() => lines().some((line) => line.endsWith(' closed'))).toBe(true);
    const words = (what: string): string[] =>
      lines()
        .find((line) => line.includes(what))!
        .split(/ +/)
        .slice(4);
    const [program, connection, ...accept] = words(' ACCEPT ');
    expect(program).toMatch(/^slapd\[\d+\]:$/);
    expect(connection).toMatch(/^conn=\d+$/);
    expect(accept.slice(1, 3)).toEqual(['ACCEPT', 'from']);
    expect(accept[3]).toMatch(/^IP=127\.0\.0\.1:\d+$/);
    expect(words(' BIND ')).toEqual([program, connection, 'op=0', 'BIND', `dn="${people.user.dn}"`, 'method=128']);
    expect(words(' RESULT ').slice(0, 6)).toEqual([program, connection, 'op=0', 'RESULT', 'tag=97', 'err=49']);
  });

  test('tells how long a request has waited for its turn', async () => {
    const { server } = servers.find(({ name }) => name === 'jammd')!;
    const before = server.log().length;
    const client = await WireClient.connect(server.port);
    const searches = Array.from({ length: 400 }, (_, index) => encodeMessage(index + 1, search));
    const answered = client.expect(400);
    client.send(Buffer.concat(searches));
    await answered;
    await client.unbind();
    const waits = [
      ...server
        .log()
        .slice(before)
        .matchAll(/qtime=(\d+\.\d{6})/g),
    ].map(([, wait]) => Number(wait));
    expect(waits).toHaveLength(400);
    // Each waits for those that came in the same bytes before it.
    expect(waits[399]).toBeGreaterThan(waits[0]!);
    expect(waits[399]).toBeGreaterThan(0.0005);
  });
});

/**
 * What is left out: jammd's line for each bind that failed, which it has at every level; slapd's lines on what its SASL
 * library and its decoders say; the text of results, which test/conformance/directed compares; numbers that differ anyhow.
 */
function grouped(log: string): Told {
  const groups: Record<string, string[]> = {};
  for (const line of log.split('\n')) {
    const [, about, text] = / conn=\d+ (?:(op=\d+|fd)(?:=\d+)?) (.*)$/.exec(line) ?? [];
    if (about === undefined || text === undefined || /^(?:BIND authcid=|do_\w+: )/.test(text)) continue;
    (groups[about] ??= []).push(
      text
        .replace(/qtime=\d+\.\d{6} etime=\d+\.\d{6}/, 'qtime=T etime=T')
        .replace(/IP=127\.0\.0\.1:\d+/g, 'IP=127.0.0.1:N')
        .replace(/PATH=[^\s)]+/g, 'PATH=P')
        .replace(/ text=.*/, ' text='),
    );
  }
  return groups;
}

/** Debian's slapd 2.5 is built with GnuTLS, which has names of its own; 2.6 has OpenSSL's, as Node has. */
function withoutTlsNames(told: Told): Told {
  return { ...told, fd: (told['fd'] ?? []).map((line) => line.replace(/ tls_proto=.*/, '')) };
}
