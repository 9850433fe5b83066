/** Exim with what `jammd config exim` prints: delivery, its own and Dovecot's, quotas, log-in, TLS, beside jammd and slapd. */
import type { Server } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { releaseMakingMs, releaseObstacle } from '../support/debian-release.js';
import { people } from '../support/hosting-tree.js';
import { manager, managerPassword } from '../support/howto.js';
import { freePort } from '../support/place.js';
import { DovecotToday } from './dovecot-today.js';
import { Exim } from './exim.js';
import { openPassage } from './passage.js';
import { ReleaseCertificates } from './release-certificates.js';
import { ReleaseHost } from './release-host.js';
import { type DirectoryKind, ReleaseStack, small } from './release-stack.js';

const obstacle = releaseObstacle();
const kinds: readonly DirectoryKind[] = ['jammd', 'slapd'];

describe.skipIf(obstacle).each(kinds)('Exim beside %s', (kind) => {
  let stack: ReleaseStack;
  let host: ReleaseHost;
  let exim: Exim;
  let certificates: ReleaseCertificates;
  let ldaps: string;
  const passages: Server[] = [];

  beforeAll(async () => {
    certificates = new ReleaseCertificates();
    ldaps = `ldaps://127.0.0.1:${await freePort()}`;
    stack = await ReleaseStack.start(kind, {
      own: true,
      head: certificates.directives,
      urls: [`${ldaps}/`],
      prepare: (mailHost) => certificates.install(mailHost),
    });
    host = await ReleaseHost.create('exim');
    await certificates.install(host);
    exim = await Exim.start(host, await stack.printedAll('exim'));
  }, releaseMakingMs);

  afterAll(async () => {
    for (const passage of passages) passage.close();
    await host?.stop();
    await stack?.stop();
    certificates.remove();
  });

  const delivered = async (to: string, folder: string): Promise<void> => {
    const subject = `for ${to} #${Math.random().toString(36).slice(2)}`;
    const sent = await exim.send(to, ['--header', `Subject: ${subject}`]);
    expect(sent.code, sent.transcript).toBe(0);
    const search = ['-c', `cat /home/vmail/domains/${folder}/new/* | grep -c "$1"`, 'sh', subject];
    await expect.poll(async () => (await host.run('sh', search)).stdout || (await exim.log), { timeout: 15_000 }).toBe('1\n');
  };

  test('an account, by its address in any case', () => delivered('USER@one.example', 'one.example/user'));
  test('an alias', () => delivered('everybody@one.example', 'one.example/small'));
  test('a catch-all takes what nobody else has', () => delivered('whoever@two.example', 'two.example/stranger'));
  test('and leaves real users theirs', () => delivered('chief@two.example', 'two.example/chief'));
  test('letters that filters treat specially', () => delivered('plus+tag@one.example', 'one.example/odd'));

  test('an alias domain, its catch-all included', async () => {
    await delivered('user@first.example', 'one.example/user');
    await delivered('whoever@second.example', 'two.example/stranger');
  });
  test('an account that forwards keeps a copy; one that redirects keeps none', async () => {
    await delivered('copier@first.example', 'one.example/copier');
    await delivered('copier@one.example', 'two.example/stranger');
    await delivered('mover@one.example', 'one.example/neighbour');
    expect(await host.run('ls', ['/home/vmail/domains/one.example/mover'])).not.toMatchObject({ code: 0 });
  });

  test.each([
    ['an unknown user', 'noone@one.example'],
    ['an unknown user of an alias domain', 'noone@first.example'],
    ['an inactive account', people.inactive.mail],
    ['an account to be deleted', people.deleted.mail],
    ['a domain switched off', 'someone@off.example'],
    ['a domain of others', 'someone@away.example'],
  ])('%s is refused at RCPT TO', async (_, address) => {
    const { code, transcript } = await exim.send(address);
    expect({ code, transcript }).toEqual({ code: 24, transcript: expect.stringMatching(/^<\*\* 550 /m) as string });
  });

  test('mail over quota is not delivered', async () => {
    const sent = await exim.send(small.mail, ['--body', `${'x'.repeat(70)}\n`.repeat(600)]);
    expect(sent.code).toBe(0);
    await expect.poll(() => exim.log, { timeout: 15_000 }).toMatch(/== small@one\.example .*mailbox is full/);
  });

  const login = async (mechanism: string, user: string, password: string): Promise<number> => {
    const auth = ['--auth', mechanism, '--auth-user', user, '--auth-password', password];
    return (await exim.send('user@one.example', auth)).code;
  };

  test.each(['PLAIN', 'LOGIN'])('log-in by %s', async (mechanism) => {
    expect(await login(mechanism, people.user.mail, people.user.password)).toBe(0);
    expect(await login(mechanism, people.user.mail, 'wrong')).toBe(28);
    expect(await login(mechanism, people.user.mail, '')).toBe(28);
    expect(await login(mechanism, people.inactive.mail, people.inactive.password)).toBe(28);
    expect(await login(mechanism, 'use*@one.example', people.user.password)).toBe(28);
  });

  const route = 'router = jammd_accounts, transport = jammd_mailbox';

  test.each([
    ['StartTLS', (ca: string) => ['-Z', '--ca', ca]],
    ['ldaps://', (ca: string) => ['-H', ldaps, '--ca', ca]],
  ])('over %s; with an unknown authority nothing is found out', async (_, args) => {
    await exim.configure(await stack.printedAll('exim', args(certificates.authority)));
    expect(await exim.route(people.user.mail)).toBe(route);
    expect(await login('PLAIN', people.user.mail, people.user.password)).toBe(0);
    await exim.configure(await stack.printedAll('exim', args(certificates.stranger)));
    expect(await exim.route(people.user.mail)).toBeUndefined();
    expect(await login('PLAIN', people.user.mail, people.user.password)).toBe(28);
  });

  test('an own bind DN: its password reaches the directory as it is, and a wrong one finds nothing out', async () => {
    const password = 'a"b\\c ${lookup} {x} %{user} $y#z';
    await stack.host.runOrFail('ldappasswd', [
      ...['-x', '-H', stack.server.url, '-D', manager, '-w', managerPassword, '-s', password, people.neighbour.dn],
    ]);
    const bindWith = async (text: string): Promise<void> => {
      await stack.host.write('/root/password', `${text}\n`);
      const bind = ['-D', people.neighbour.dn, '-y', stack.host.outside('/root/password')];
      await exim.configure(await stack.printedAll('exim', bind));
    };
    await bindWith(password);
    expect(await exim.route(people.user.mail)).toBe(route);
    expect(await login('PLAIN', people.user.mail, people.user.password)).toBe(0);
    await bindWith('wrong');
    expect(await exim.route(people.user.mail)).toBeUndefined();
  });

  describe("delivery by Dovecot's LMTP", () => {
    let dovecot: DovecotToday;

    beforeAll(async () => {
      const file = '/etc/dovecot/conf.d/99-jammd.conf';
      const config = await stack.printed('dovecot', file, ['--dovecot', '2.4', '--no-postfix']);
      dovecot = await DovecotToday.start(stack.host, { config });
      const socket = '/run/dovecot/lmtp';
      await host.runOrFail('install', ['-d', '/run/dovecot']);
      passages.push(await openPassage(host, socket, { path: stack.host.outside(socket) }));
      await exim.configure(await stack.printedAll('exim', ['--lmtp']));
    });

    test.each([
      ['an account', 'USER@one.example', 'user@one.example'],
      ['an alias', 'everybody@one.example', small.mail],
      ['a catch-all', 'whoever@two.example', people.stranger.mail],
      ['an address with a plus', 'web+mail@one.example', 'web+mail@one.example'],
    ])('%s', async (_, to, user) => {
      const subject = `for ${to} by LMTP`;
      const sent = await exim.send(to, ['--header', `Subject: ${subject}`]);
      expect(sent.code, sent.transcript).toBe(0);
      await expect.poll(() => dovecot.subjects(user), { timeout: 15_000 }).toContain(subject);
    });

    test('mail over quota bounces', async () => {
      const sent = await exim.send(small.mail, ['--body', `${'x'.repeat(70)}\n`.repeat(600)]);
      expect(sent.code).toBe(0);
      await expect.poll(() => exim.log, { timeout: 15_000 }).toMatch(/\*\* small@one\.example .*552 5\.2\.2/);
    });
  });
});
