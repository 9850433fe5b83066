/** TLS settings changed by ldapmodify on cn=config: new connections have the new certificate, with jammd as with slapd. */
import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { connect, type TLSSocket } from 'node:tls';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { jammdProgram } from '../commands/jammd.js';
import { Certificates, type Identity } from '../server/certificates.js';
import { accepts, freePort, makeFolder, removeFolder } from '../support/place.js';
import { Daemon, run } from '../support/process.js';
import { requirePrograms } from '../support/programs.js';

interface Served {
  readonly kind: 'slapd' | 'jammd';
  readonly port: number;
  readonly socket: string;
  /** Where its certificate and key are. */
  readonly own: Identity;
  readonly daemon: Daemon;
}

describe.skipIf(requirePrograms('slapd', 'slaptest', 'ldapmodify', 'openssl') !== undefined)('TLS in cn=config', () => {
  const certificates = new Certificates();
  const names = ['one', 'two', 'three'] as const;
  const identities = new Map<string, Identity>();
  const servers: Served[] = [];
  let folder: string;

  beforeAll(async () => {
    folder = await makeFolder('cn-config-tls');
    for (const name of names) identities.set(name, certificates.issue(name, `/CN=${name}`));
    for (const kind of ['slapd', 'jammd'] as const) servers.push(await start(kind));
  }, 120_000);

  afterAll(async () => {
    for (const { daemon } of servers) await daemon.stop();
    certificates.remove();
    await removeFolder(folder);
  });

  async function start(kind: 'slapd' | 'jammd'): Promise<Served> {
    const place = join(folder, kind);
    const tree = join(place, 'slapd.d');
    await mkdir(tree, { recursive: true });
    const own = { certificate: join(place, 'server.crt'), key: join(place, 'server.key') };
    await put('one', own);
    const file = join(place, 'slapd.conf');
    await writeFile(
      file,
      `include /etc/ldap/schema/core.schema
TLSCACertificateFile ${certificates.authority.certificate}
TLSCertificateFile ${own.certificate}
TLSCertificateKeyFile ${own.key}
database config
access to * by dn.exact=gidNumber=0+uidNumber=0,cn=peercred,cn=external,cn=auth manage by * break
`,
    );
    await run('/usr/sbin/slaptest', ['-f', file, '-F', tree]);
    const port = await freePort();
    const socket = `ldapi://${encodeURIComponent(join(place, 'ldapi'))}`;
    const urls = `ldaps://127.0.0.1:${port}/ ${socket}`;
    const daemon =
      kind === 'slapd'
        ? Daemon.start('/usr/sbin/slapd', ['-F', tree, '-h', urls, '-d', '0'])
        : Daemon.start(process.execPath, [jammdProgram, 'serve', '-F', tree, '-h', urls]);
    await daemon.waitUntil(() => accepts(port));
    return { kind, port, socket, own, daemon };
  }

  async function put(name: string, { certificate, key }: Identity): Promise<void> {
    await copyFile(identities.get(name)!.certificate, certificate);
    await copyFile(identities.get(name)!.key, key);
  }

  async function replace({ socket }: Served, { certificate, key }: Identity): Promise<number> {
    const input = `dn: cn=config
changetype: modify
replace: olcTLSCertificateFile
olcTLSCertificateFile: ${certificate}
-
replace: olcTLSCertificateKeyFile
olcTLSCertificateKeyFile: ${key}
`;
    return (await run('ldapmodify', ['-Q', '-Y', 'EXTERNAL', '-H', socket], { input })).code ?? -1;
  }

  function open({ port }: Served): Promise<TLSSocket> {
    return new Promise((resolve, reject) => {
      const socket = connect({ port, host: '127.0.0.1', rejectUnauthorized: false }, () => resolve(socket));
      socket.once('error', reject);
    });
  }

  async function shownTo(served: Served): Promise<unknown> {
    const socket = await open(served);
    const { subject } = socket.getPeerCertificate();
    socket.destroy();
    return subject.CN;
  }

  /** What each of them does. */
  async function each<Answer>(ask: (served: Served) => Promise<Answer>): Promise<Record<string, Answer>> {
    const answers = await Promise.all(servers.map(async (served) => [served.kind, await ask(served)] as const));
    return Object.fromEntries(answers);
  }

  const both = <Answer>(answer: Answer): Record<string, Answer> => ({ slapd: answer, jammd: answer });

  test('other files: new connections have that certificate, and open ones go on', async () => {
    const early = new Map<Served, TLSSocket>();
    for (const served of servers) early.set(served, await open(served));
    expect(await each(shownTo)).toEqual(both('one'));
    expect(await each((served) => replace(served, identities.get('two')!))).toEqual(both(0));
    expect(await each(shownTo)).toEqual(both('two'));
    // An anonymous bind, and its success.
    const answered = await each(async (served) => {
      const socket = early.get(served)!;
      const answer = new Promise<Buffer>((resolve, reject) => socket.once('data', resolve).once('close', reject));
      socket.write(Buffer.from('300c020101600702010304008000', 'hex'));
      const [code] = [...(await answer).subarray(9, 10)];
      socket.destroy();
      return code;
    });
    expect(answered).toEqual(both(0));
  }, 60_000);

  test('the same files again, with other contents: they are read anew', async () => {
    expect(await each((served) => replace(served, served.own))).toEqual(both(0));
    expect(await each(shownTo)).toEqual(both('one'));
    await Promise.all(servers.map(({ own }) => put('three', own)));
    expect(await each((served) => replace(served, served.own))).toEqual(both(0));
    expect(await each(shownTo)).toEqual(both('three'));
  }, 60_000);

  /** slapd takes no TLS connections from then on. */
  test('files that cannot be used are refused, and change nothing in jammd', async () => {
    const missing = { certificate: join(folder, 'missing.crt'), key: join(folder, 'missing.key') };
    expect(await each((served) => replace(served, missing))).toEqual(both(80));
    const jammd = servers.find(({ kind }) => kind === 'jammd')!;
    expect(await shownTo(jammd)).toBe('three');
  }, 60_000);
});
