/** TLS between the mail programs of Debian 13 and the directory, certificates verified, and IMAP over TLS. */
import { readFile } from 'node:fs/promises';
import { connect } from 'node:tls';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Certificates, type Identity } from '../server/certificates.js';
import { people } from '../support/hosting-tree.js';
import { freePort } from '../support/place.js';
import type { Finished } from '../support/process.js';
import { requirePrograms } from '../support/programs.js';
import { DovecotToday } from './dovecot-today.js';
import { makingMs, releaseHostObstacle, type ReleaseHost } from './release-host.js';
import { type DirectoryKind, ReleaseStack } from './release-stack.js';

const obstacle = releaseHostObstacle() ?? requirePrograms('openssl');
const kinds: readonly DirectoryKind[] = ['jammd', 'slapd'];
const dovecotFile = '/etc/dovecot/conf.d/99-jammd.conf';

describe.skipIf(obstacle).each(kinds)('TLS beside %s', (kind) => {
  let certificates: Certificates;
  let identity: Identity;
  let stack: ReleaseStack;
  let ldaps: string;
  let dovecot: DovecotToday;

  beforeAll(async () => {
    certificates = new Certificates();
    identity = certificates.issue('server', '/CN=127.0.0.1');
    ldaps = `ldaps://127.0.0.1:${await freePort()}`;
    // Whoever forgets TLS gets nothing: what works below worked over TLS.
    const head = [
      `TLSCACertificateFile ${certificates.authority.certificate}`,
      `TLSCertificateFile ${identity.certificate}`,
      `TLSCertificateKeyFile ${identity.key}`,
      'security tls=1',
    ].join('\n');
    stack = await ReleaseStack.start(kind, { head, urls: [`${ldaps}/`], prepare: copyCertificates });
    const config = (await dovecotFiles(startTls())).get(dovecotFile) ?? '';
    dovecot = await DovecotToday.start(stack.host, { config, tls: identity });
    await stack.host.write('/etc/postfix/main.cf', 'compatibility_level = 3.6\n');
  }, makingMs);

  afterAll(async () => {
    await stack.stop();
    certificates.remove();
  });

  /** Under the same paths as on the machine, so that one configuration serves both servers. */
  const copyCertificates = async (host: ReleaseHost): Promise<void> => {
    await host.runOrFail('install', ['-d', '-m', '0755', certificates.folder]);
    const stranger = certificates.stranger();
    for (const file of [certificates.authority.certificate, stranger.certificate, identity.certificate, identity.key]) {
      await host.write(file, await readFile(file, 'utf8'));
    }
  };

  const authority = (): string => certificates.authority.certificate;
  const startTls = (ca = authority()): string[] => ['-H', stack.server.url, '-Z', '--ca', ca];
  const overLdaps = (ca = authority()): string[] => ['-H', ldaps, '--ca', ca];

  /** With libldap's configuration put in its place, which the command prints, too. */
  const dovecotFiles = async (args: readonly string[]): Promise<ReadonlyMap<string, string>> => {
    const files = await stack.printedAll('dovecot', ['--dovecot', '2.4', ...args]);
    await stack.host.write('/etc/ldap/ldap.conf', files.get('/etc/ldap/ldap.conf') ?? '');
    return files;
  };

  const configure = async (args: readonly string[]): Promise<void> =>
    dovecot.configure({ config: (await dovecotFiles(args)).get(dovecotFile) ?? '', tls: identity });

  const postmap = async (args: readonly string[]): Promise<Finished> => {
    const files = await stack.printedAll('postfix', args);
    for (const [path, text] of files) if (path.includes('/jammd-')) await stack.host.write(path, text);
    return stack.host.run('postmap', ['-q', people.user.mail, 'ldap:/etc/postfix/jammd-accounts.cf']);
  };

  test.each([
    ['StartTLS', startTls],
    ['ldaps://', overLdaps],
  ])('Postfix and Dovecot over %s; with an unknown authority neither', async (_, args) => {
    expect(await postmap(args())).toMatchObject({ stdout: 'one.example/user/\n', stderr: '' });
    await configure(args());
    expect(await dovecot.authenticate(people.user.mail, people.user.password)).toBe('accepted');
    expect(await dovecot.authenticate(people.user.mail, 'wrong')).toBe('refused');
    const stranger = authority().replace(/authority\.crt$/, 'stranger.crt');
    expect(await postmap(args(stranger))).toMatchObject({ code: 1, stdout: '' });
    await configure(args(stranger));
    expect(await dovecot.authenticate(people.user.mail, people.user.password)).not.toBe('accepted');
  });

  test('IMAP over TLS', async () => {
    await configure(startTls());
    const greeting = await new Promise<string>((resolve, reject) => {
      void readFile(authority()).then((ca) => {
        const socket = connect({ host: '127.0.0.1', port: dovecot.imapsPort, ca });
        socket.once('data', (chunk: Buffer) => {
          socket.destroy();
          resolve(chunk.toString());
        });
        socket.once('error', reject);
      });
    });
    expect(greeting).toMatch(/^\* OK/);
  });
});
