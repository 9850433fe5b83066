/**
 * TLS between the mail servers and the directory, certificates verified, and SASL EXTERNAL: by the user of a Unix socket
 * and by a client's certificate. The authority is the test's own.
 */
import { copyFile, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import tls from 'node:tls';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Certificates, type Identity } from '../server/certificates.js';
import { hosting, manager, managerPassword, presentConfig, suffix } from '../support/howto.js';
import { people } from '../support/hosting-tree.js';
import { freePort } from '../support/place.js';
import { run, type Finished } from '../support/process.js';
import { requirePrograms } from '../support/programs.js';
import { serverKinds, startJammd, startServer, type ReferenceServer } from '../support/reference-server.js';
import type { Courier } from './courier.js';
import type { Dovecot } from './dovecot.js';
import { mailHostObstacle } from './mail-host.js';
import { courierOptions, dovecotOptions, MailStack, stackLdif } from './stack.js';

const obstacle = mailHostObstacle() ?? requirePrograms('openssl', 'ldapwhoami', 'ldapsearch');

/** The tests' configuration with TLS, and `lines` before it. */
function configWith(certificates: Certificates, identity: Identity, ...lines: string[]): string {
  return [
    `TLSCACertificateFile ${certificates.authority.certificate}`,
    `TLSCertificateFile ${identity.certificate}`,
    `TLSCertificateKeyFile ${identity.key}`,
    ...lines,
    presentConfig,
  ].join('\n');
}

describe.skipIf(obstacle)('TLS', () => {
  let certificates: Certificates;
  let identity: Identity;
  let client: Identity;

  beforeAll(() => {
    certificates = new Certificates();
    identity = certificates.issue('server', '/CN=localhost');
    client = certificates.issue('client', '/DC=example/DC=myhosting/CN=backup');
  });

  afterAll(() => certificates.remove());

  const authority = (): string => certificates.authority.certificate;

  /** An ldap-utils program with nothing but what the environment here says about TLS. */
  const ldap = (tool: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Finished> =>
    run(tool, args, { env: { PATH: process.env['PATH'], LDAPTLS_CACERT: authority(), LDAPTLS_REQCERT: 'demand', ...env } });

  describe('from the mail servers', () => {
    let stack: MailStack;
    let ldaps: string;
    let courier: Courier;
    let dovecot: Dovecot;
    let strangersAuthority: string;

    beforeAll(async () => {
      ldaps = `ldaps://127.0.0.1:${await freePort()}`;
      // Whoever forgets TLS gets nothing: what works below worked over TLS.
      const config = configWith(certificates, identity, 'security tls=1');
      stack = await MailStack.start({ config, ldif: stackLdif, urls: [`${ldaps}/`] });
      await copyFile(authority(), stack.host.outside('/etc/ldap/authority.pem'));
      await copyFile(certificates.stranger().certificate, stack.host.outside('/etc/ldap/stranger.pem'));
      strangersAuthority = '/etc/ldap/stranger.pem';
      await stack.host.runOrFail('chmod', ['0644', '/etc/ldap/authority.pem', '/etc/ldap/stranger.pem']);
      [courier, dovecot] = await Promise.all([stack.startCourier(startTls()), stack.startDovecot(startTls())]);
      await stack.host.write('/etc/postfix/main.cf', 'compatibility_level = 3.6\n');
    });

    afterAll(() => stack.stop());

    const startTls = (): string[] => ['-H', `ldap://127.0.0.1:${stack.server.port}`, '-Z', '--ca', '/etc/ldap/authority.pem'];
    const overLdaps = (): string[] => ['-H', ldaps, '--ca', '/etc/ldap/authority.pem'];

    const postmap = async (args: readonly string[]): Promise<Finished> => {
      await stack.installPostfixMaps(args);
      return stack.host.run('postmap', ['-q', people.user.mail, 'ldap:/etc/postfix/jammd-accounts.cf']);
    };

    test.each([
      ['StartTLS', startTls],
      ['ldaps://', overLdaps],
    ])('Postfix, Courier and Dovecot over %s', async (_, args) => {
      expect(await postmap(args())).toMatchObject({ stdout: 'one.example/user/\n', stderr: '' });
      await courier.configure(courierOptions(await stack.courierFiles(args())));
      await dovecot.configure(dovecotOptions(await stack.dovecotFiles(args())));
      for (const [password, right] of [
        [people.user.password, true],
        ['wrong', false],
      ] as const) {
        expect(await courier.authenticate(people.user.mail, password)).toBe(right);
        expect(await dovecot.authenticate(people.user.mail, password)).toBe(right ? 'accepted' : 'refused');
      }
    });

    test.each([
      ['StartTLS', startTls],
      ['ldaps://', overLdaps],
    ])('over %s none of them trusts a certificate of an authority they do not know', async (_, args) => {
      const distrusting = [...args().slice(0, -1), strangersAuthority];
      expect(await postmap(distrusting)).toMatchObject({ code: 1, stdout: '' });
      await courier.configure(courierOptions(await stack.courierFiles(distrusting)));
      await dovecot.configure(dovecotOptions(await stack.dovecotFiles(distrusting)));
      expect(await courier.authenticate(people.user.mail, people.user.password)).toBe(false);
      expect(await dovecot.authenticate(people.user.mail, people.user.password)).not.toBe('accepted');
    });

    test('without TLS the directory gives them nothing', async () => {
      const answer = await postmap([]);
      expect(answer).toMatchObject({ code: 1, stdout: '' });
      expect(answer.stderr).toMatch(/confidentiality|dict_ldap/i);
    });
  });

  describe('from the ldap tools', () => {
    let server: ReferenceServer;
    let ldaps: string;

    beforeAll(async () => {
      ldaps = `ldaps://127.0.0.1:${await freePort()}`;
      const copies = { certificate: join(certificates.folder, 'current.crt'), key: join(certificates.folder, 'current.key') };
      await copyFile(identity.certificate, copies.certificate);
      await copyFile(identity.key, copies.key);
      const config = configWith(
        certificates,
        copies,
        'TLSVerifyClient try',
        'TLSProtocolMin 3.4',
        'security simple_bind=128',
        // A certificate's subject below the suffix is the entry of that name.
        `authz-regexp "^cn=([^,]+),dc=myhosting,dc=example$" "mail=$1@one.example,jvd=one.example,${hosting}"`,
      );
      server = await startJammd({ config, ldif: stackLdif, urls: [`${ldaps}/`] });
    });

    afterAll(() => server.stop());

    const whoami = (url: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Finished> =>
      ldap('ldapwhoami', ['-H', url, ...args], env);
    const asUser = ['-x', '-D', people.user.dn, '-w', people.user.password];

    test('-ZZ and ldaps:// bind; clear text gets 13, confidentialityRequired', async () => {
      const plain = `ldap://127.0.0.1:${server.port}`;
      expect((await whoami(plain, ['-ZZ', ...asUser])).stdout).toBe(`dn:${people.user.dn}\n`);
      expect((await whoami(ldaps, asUser)).stdout).toBe(`dn:${people.user.dn}\n`);
      expect((await whoami(plain, asUser)).code).toBe(13);
      // What needs no bind is still read without TLS.
      expect((await ldap('ldapsearch', ['-x', '-H', plain, '-b', hosting, '-s', 'base', '1.1'])).code).toBe(0);
    });

    test('a certificate of an unknown authority is refused by the client', async () => {
      const wrong = { LDAPTLS_CACERT: certificates.stranger().certificate };
      expect((await whoami(`ldap://127.0.0.1:${server.port}`, ['-ZZ', ...asUser], wrong)).code).not.toBe(0);
      expect((await whoami(ldaps, asUser, wrong)).code).not.toBe(0);
    });

    test('TLSProtocolMin: older TLS is refused', async () => {
      const port = Number(new URL(ldaps).port);
      const connect = (maxVersion: tls.SecureVersion): Promise<string | null> =>
        new Promise((resolve, reject) => {
          const connection = tls.connect({ port, host: '127.0.0.1', rejectUnauthorized: false, maxVersion }, () => {
            resolve(connection.getProtocol());
            connection.destroy();
          });
          connection.on('error', reject);
        });
      expect(await connect('TLSv1.3')).toBe('TLSv1.3');
      await expect(connect('TLSv1.2')).rejects.toThrow();
    });

    test('EXTERNAL over TLS: the certificate says who one is', async () => {
      const env = { LDAPTLS_CERT: client.certificate, LDAPTLS_KEY: client.key };
      const mapped = `dn:mail=backup@one.example,jvd=one.example,${hosting}\n`;
      expect((await whoami(ldaps, ['-Q', '-Y', 'EXTERNAL'], env)).stdout).toBe(mapped);
      expect((await whoami(`ldap://127.0.0.1:${server.port}`, ['-ZZ', '-Q', '-Y', 'EXTERNAL'], env)).stdout).toBe(mapped);
      expect((await whoami(ldaps, ['-Q', '-Y', 'EXTERNAL'])).code).not.toBe(0);
    });

    test('SIGHUP: new connections get the new certificate, open ones stay', async () => {
      const port = Number(new URL(ldaps).port);
      const fingerprint = (): Promise<string> =>
        new Promise((resolve, reject) => {
          const connection = tls.connect({ port, host: '127.0.0.1', rejectUnauthorized: false }, () => {
            resolve(connection.getPeerX509Certificate()?.fingerprint256 ?? '');
            connection.destroy();
          });
          connection.on('error', reject);
        });
      const before = await fingerprint();
      const renewed = certificates.issue('renewed', '/CN=localhost');
      await copyFile(renewed.certificate, join(certificates.folder, 'current.crt'));
      await copyFile(renewed.key, join(certificates.folder, 'current.key'));
      expect(await fingerprint()).toBe(before);
      process.kill(server.pid, 'SIGHUP');
      await expect.poll(fingerprint).not.toBe(before);
      expect((await whoami(ldaps, asUser)).code).toBe(0);
      // A key that does not fit changes nothing.
      await copyFile(client.key, join(certificates.folder, 'current.key'));
      process.kill(server.pid, 'SIGHUP');
      await expect.poll(() => server.log()).toContain('TLS certificates were not reloaded');
      expect((await whoami(ldaps, asUser)).code).toBe(0);
    });
  });

  test.each(serverKinds)('EXTERNAL over ldapi:// on %s: the system says who one is', async (kind) => {
    const socket = `ldapi://${encodeURIComponent(join(certificates.folder, `ldapi-${kind}`))}`;
    // Root of the machine is the Manager.
    const mapping = String.raw`authz-regexp "gidNumber=0\\+uidNumber=0,cn=peercred,cn=external,cn=auth" "${manager}"`;
    const server = await startServer(kind, { config: `${mapping}\n${presentConfig}`, ldif: stackLdif, urls: [`${socket}/`] });
    try {
      const external = ['-Q', '-Y', 'EXTERNAL', '-H', socket];
      // slapd prints names that it has mapped in lower case.
      expect((await ldap('ldapwhoami', external)).stdout.toLowerCase()).toBe(`dn:${manager.toLowerCase()}\n`);
      const seen = await ldap('ldapsearch', [...external, '-LLL', '-b', people.user.dn, 'userPassword']);
      expect(seen.stdout).toContain('userPassword:: ');
      // Another user is nobody but itself.
      await run('chmod', ['0755', certificates.folder]);
      const other = await ldap('setpriv', ['--reuid', '65534', '--regid', '65534', '--clear-groups', 'ldapwhoami', ...external]);
      expect(other.stdout).toBe('dn:gidNumber=65534+uidNumber=65534,cn=peercred,cn=external,cn=auth\n');
    } finally {
      await server.stop();
    }
  });

  describe('TLSVerifyClient demand', () => {
    let server: ReferenceServer;
    let url: string;

    beforeAll(async () => {
      url = `ldaps://127.0.0.1:${await freePort()}`;
      server = await startJammd({
        config: configWith(certificates, identity, 'TLSVerifyClient demand'),
        ldif: stackLdif,
        urls: [`${url}/`],
      });
    });

    afterAll(() => server.stop());

    test('without a certificate, or with one of a stranger, there is no connection', async () => {
      const search = (env: NodeJS.ProcessEnv): Promise<Finished> =>
        ldap('ldapsearch', ['-x', '-H', url, '-b', suffix, '-s', 'base', '1.1'], env);
      const stranger = certificates.stranger();
      expect(await search({ LDAPTLS_CERT: client.certificate, LDAPTLS_KEY: client.key })).toMatchObject({ code: 0, stderr: '' });
      expect((await search({})).code).not.toBe(0);
      expect((await search({ LDAPTLS_CERT: stranger.certificate, LDAPTLS_KEY: stranger.key })).code).not.toBe(0);
    });
  });

  test('ldapi:// reaches a chrooted Postfix: a second listener below its queue', async () => {
    const stack = await MailStack.start({
      urls: ['ldapi://@HOST@%2Frun%2Fjammd%2Fldapi/', 'ldapi://@HOST@%2Fvar%2Fspool%2Fpostfix%2Frun%2Fjammd%2Fldapi/'],
    });
    try {
      const postfix = await stack.startPostfix(['-H', 'ldapi://%2Frun%2Fjammd%2Fldapi']);
      expect(await readFile(stack.host.outside('/etc/postfix/master.cf'), 'utf8')).toMatch(/^127\.0\.0\.1:\d+ +inet +n +- +y /m);
      const sent = await postfix.send('user@one.example');
      expect(sent.code, sent.transcript + postfix.log).toBe(0);
      await expect
        .poll(() => postfix.log, { timeout: 10_000 })
        .toMatch(/to=<user@one\.example>.*status=sent \(delivered to maildir\)/);
      expect((await postfix.send('noone@one.example')).transcript).toMatch(/550 5\.1\.1/);
    } finally {
      await stack.stop();
    }
  });

  test('security ssf= is met by ldapi:// and by TLS, and not by clear text', async () => {
    const socket = `ldapi://${encodeURIComponent(join(certificates.folder, 'ldapi-ssf'))}`;
    const config = configWith(certificates, identity, 'security ssf=56');
    const server = await startJammd({ config, ldif: stackLdif, urls: [`${socket}/`] });
    try {
      const manage = ['-x', '-D', manager, '-w', managerPassword];
      expect((await ldap('ldapwhoami', ['-H', socket, ...manage])).code).toBe(0);
      expect((await ldap('ldapwhoami', ['-H', `ldap://127.0.0.1:${server.port}`, '-ZZ', ...manage])).code).toBe(0);
      expect((await ldap('ldapwhoami', ['-H', `ldap://127.0.0.1:${server.port}`, ...manage])).code).toBe(13);
    } finally {
      await server.stop();
    }
  });
});
