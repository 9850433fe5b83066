/** Exim with what `jammd config exim` prints: mail in, delivered, kept to quotas, and log-in, beside jammd and slapd. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { releaseMakingMs, releaseObstacle } from '../support/debian-release.js';
import { people } from '../support/hosting-tree.js';
import { Exim } from './exim.js';
import { ReleaseHost } from './release-host.js';
import { type DirectoryKind, ReleaseStack, small } from './release-stack.js';

const obstacle = releaseObstacle();
const kinds: readonly DirectoryKind[] = ['jammd', 'slapd'];

describe.skipIf(obstacle).each(kinds)('Exim beside %s', (kind) => {
  let stack: ReleaseStack;
  let host: ReleaseHost;
  let exim: Exim;

  beforeAll(async () => {
    stack = await ReleaseStack.start(kind);
    host = await ReleaseHost.create('exim');
    exim = await Exim.start(host, await stack.printedAll('exim'));
  }, releaseMakingMs);

  afterAll(async () => {
    await host.stop();
    await stack.stop();
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

  test.each([
    ['an unknown user', 'noone@one.example'],
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

  test.each(['PLAIN', 'LOGIN'])('log-in by %s', async (mechanism) => {
    const login = (user: string, password: string): Promise<{ code: number }> =>
      exim.send('user@one.example', ['--auth', mechanism, '--auth-user', user, '--auth-password', password]);
    expect((await login(people.user.mail, people.user.password)).code).toBe(0);
    expect((await login(people.user.mail, 'wrong')).code).toBe(28);
    expect((await login(people.user.mail, '')).code).toBe(28);
    expect((await login(people.inactive.mail, people.inactive.password)).code).toBe(28);
    expect((await login('use*@one.example', people.user.password)).code).toBe(28);
  });
});
