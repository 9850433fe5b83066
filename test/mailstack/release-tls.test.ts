/** TLS between the mail programs of Debian 13 and the directory, certificates verified, and IMAP over TLS. */
import { readFile } from 'node:fs/promises';
import { connect } from 'node:tls';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { releaseMakingMs, releaseObstacle } from '../support/debian-release.js';
import { people } from '../support/hosting-tree.js';
import { freePort } from '../support/place.js';
import type { Finished } from '../support/process.js';
import { requirePrograms } from '../support/programs.js';
import { DovecotToday } from './dovecot-today.js';
import { ReleaseCertificates } from './release-certificates.js';
import { type DirectoryKind, ReleaseStack } from './release-stack.js';

const obstacle = releaseObstacle() ?? requirePrograms('openssl');
const kinds: readonly DirectoryKind[] = ['jammd', 'slapd'];
const dovecotFile = '/etc/dovecot/conf.d/99-jammd.conf';

describe.skipIf(obstacle).each(kinds)('TLS beside %s', (kind) => {
  let certificates: ReleaseCertificates;
  let stack: ReleaseStack;
  let ldaps: string;
  let dovecot: DovecotToday;

  beforeAll(async () => {
    certificates = new ReleaseCertificates();
    ldaps = `ldaps://127.0.0.1:${await freePort()}`;
    // Whoever forgets TLS gets nothing: what works below worked over TLS.
    const head = `${certificates.directives}\nsecurity tls=1`;
    stack = await ReleaseStack.start(kind, { head, urls: [`${ldaps}/`], prepare: (host) => certificates.install(host) });
    const config = (await dovecotFiles(startTls())).get(dovecotFile) ?? '';
    dovecot = await DovecotToday.start(stack.host, { config, tls: certificates.identity });
    await stack.host.write('/etc/postfix/main.cf', 'compatibility_level = 3.6\n');
  }, releaseMakingMs);

  afterAll(async () => {
    await stack.stop();
    certificates.remove();
  });

  const authority = (): string => certificates.authority;
  const startTls = (ca = authority()): string[] => ['-H', stack.server.url, '-Z', '--ca', ca];
  const overLdaps = (ca = authority()): string[] => ['-H', ldaps, '--ca', ca];

  /** With libldap's configuration put in its place, which the command prints, too. */
  const dovecotFiles = async (args: readonly string[]): Promise<ReadonlyMap<string, string>> => {
    const files = await stack.printedAll('dovecot', ['--dovecot', '2.4', ...args]);
    await stack.host.write('/etc/ldap/ldap.conf', files.get('/etc/ldap/ldap.conf') ?? '');
    return files;
  };

  const configure = async (args: readonly string[]): Promise<void> =>
    dovecot.configure({ config: (await dovecotFiles(args)).get(dovecotFile) ?? '', tls: certificates.identity });

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
    const { stranger } = certificates;
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
