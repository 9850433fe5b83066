/**
 * The mail programs of Debian 13 with what `jammd config` prints: mail in over SMTP, delivered by virtual(8) and by LMTP,
 * read over IMAP, kept to quotas. Beside jammd the release's slapd has the same configuration and must show the same.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { releaseMakingMs, releaseObstacle } from '../support/debian-release.js';
import { manager, managerPassword, suffix } from '../support/howto.js';
import { people } from '../support/hosting-tree.js';
import { usageFromDoveadm } from '../../src/mail/usage.js';
import { Courier } from './courier.js';
import { DovecotToday } from './dovecot-today.js';
import { imapAccepts, imapInbox, imapSession, smtpRecipient } from './mail-clients.js';
import { Postfix } from './postfix.js';
import { release } from './release-host.js';
import { type DirectoryKind, ReleaseStack, small } from './release-stack.js';

const obstacle = releaseObstacle();
const kinds: readonly DirectoryKind[] = ['jammd', 'slapd'];
const dovecotFile = '/etc/dovecot/conf.d/99-jammd.conf';

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

describe.skipIf(obstacle).each(kinds)('today’s mail host beside %s', (kind) => {
  let stack: ReleaseStack;
  let postfix: Postfix;
  let dovecot: DovecotToday;

  beforeAll(async () => {
    stack = await ReleaseStack.start(kind);
    dovecot = await DovecotToday.start(stack.host, { config: await stack.printed('dovecot', dovecotFile, ['--dovecot', '2.4']) });
    postfix = await Postfix.start(stack.host, { main: await postfixMain([]), submission: true });
  }, releaseMakingMs);

  afterAll(() => stack.stop());

  /** Puts the maps in their place, as --write does; answers with the lines for main.cf. */
  const postfixMain = async (args: readonly string[]): Promise<string> => {
    const files = await stack.printedAll('postfix', args);
    for (const [path, text] of files) if (path.includes('/jammd-')) await stack.host.write(path, text);
    return files.get('/etc/postfix/main.cf') ?? '';
  };

  const waitFor = async (what: string, check: () => boolean | Promise<boolean>): Promise<void> => {
    const deadline = Date.now() + 20_000;
    while (!(await check())) {
      if (Date.now() > deadline) throw new Error(`did not happen: ${what}\n${postfix.log}\n${dovecot.log}`);
      await pause(50);
    }
  };

  const user = { user: people.user.mail, password: people.user.password };
  const smallUser = { user: small.mail, password: small.password };

  /** Sends a message that names itself, and waits until IMAP shows it. */
  const deliver = async (to: string, login: typeof user, options: readonly string[] = []): Promise<string> => {
    const subject = `for ${to} #${Math.random().toString(36).slice(2)}`;
    const sent = await postfix.send(to, ['--header', `Subject: ${subject}`, ...options]);
    expect(sent, sent.transcript + postfix.log).toMatchObject({ code: 0 });
    await waitFor(subject, async () => (await imapInbox(dovecot.imapPort, login)).includes(subject));
    return subject;
  };

  describe('Postfix maps', () => {
    test.each([
      ['domains', 'ONE.example', 'one.example'],
      ['domains', 'off.example', undefined],
      ['domains', 'away.example', undefined],
      ['transport', 'one.example', 'virtual:'],
      ['accounts', 'USER@one.example', 'one.example/user/'],
      ['accounts', people.inactive.mail, undefined],
      ['accounts', 'user)(objectClass=*@one.example', undefined],
      ['aliases', 'team@one.example', 'user@one.example,stranger@two.example,far@away.example'],
      ['aliases', '@two.example', 'stranger@two.example'],
      ['accountsmmap', people.deleted.mail, undefined],
    ])('%s: %s', async (source, key, answer) => {
      const { code, stdout, stderr } = await postfix.query(`ldap:/etc/postfix/jammd-${source}.cf`, key);
      expect({ answer: code === 0 ? stdout.trimEnd() : undefined, stderr }).toEqual({ answer, stderr: '' });
    });
  });

  describe('delivery by virtual(8)', () => {
    test('mail comes in over SMTP and is read over IMAP; an alias reaches all', async () => {
      await deliver('user@one.example', user);
      await deliver('everybody@one.example', smallUser);
      await waitFor('its line', () => /to=<user@one\.example>.*relay=virtual.*status=sent/.test(postfix.log));
    });

    test.each([
      ['an unknown user', 'noone@one.example', /550 5\.1\.1/],
      ['an inactive account', 'inactive@one.example', /550 5\.1\.1/],
      ['a domain switched off', 'someone@off.example', /554 5\.7\.1/],
    ])('%s is refused at RCPT TO', async (_, address, answer) => {
      const { code, transcript } = await postfix.send(address);
      expect({ code, transcript }).toEqual({ code: 24, transcript: expect.stringMatching(answer) as string });
    });

    test('users send as themselves and as nobody else', async () => {
      expect((await postfix.submit('user@one.example', user)).code).toBe(0);
      expect((await postfix.submit('neighbour@one.example', user)).transcript).toMatch(/553 5\.7\.1/);
      expect((await postfix.submit('user@one.example', { ...user, password: 'wrong' })).code).toBe(28);
    });
  });

  describe('log-in', () => {
    test.each([
      ['the right password', user.user, user.password, true],
      ['a wrong password', user.user, 'wrong', false],
      ['an inactive account', people.inactive.mail, people.inactive.password, false],
      ['an account to be deleted', people.deleted.mail, people.deleted.password, false],
      ['an alias', people.alias.mail, people.alias.password, false],
      ['a pattern', 'use*@one.example', user.password, false],
    ])('%s', async (_, name, password, right) => {
      expect(await imapAccepts(dovecot.imapPort, { user: name, password })).toBe(right);
    });

    test("doveadm user '*' lists every account that may log in", async () => {
      const users = await dovecot.users();
      expect(users).toEqual(expect.arrayContaining([user.user, small.mail, people.stranger.mail]));
      for (const absent of [people.inactive.mail, people.deleted.mail, people.alias.mail]) expect(users).not.toContain(absent);
    });

    test('a new password works at once, and the old does not', async () => {
      const mail = 'changer@one.example';
      const dn = `mail=${mail},jvd=one.example,o=hosting,${suffix}`;
      expect(await dovecot.authenticate(mail, 'old-pw')).toBe('accepted');
      const changed = await stack.host.run('ldappasswd', [
        '-x',
        '-H',
        stack.server.url,
        '-D',
        dn,
        '-w',
        'old-pw',
        '-s',
        'new-pw',
      ]);
      expect(changed).toMatchObject({ code: 0 });
      expect(await dovecot.authenticate(mail, 'new-pw')).toBe('accepted');
      expect(await dovecot.authenticate(mail, 'old-pw')).toBe('refused');
    });

    test('Courier: log-in and authenumerate', async () => {
      const status = await stack.host.run('dpkg-query', ['-W', '-f', '$' + '{db:Status-Status}', 'courier-authlib-ldap']);
      if (status.stdout !== 'installed') {
        // Debian has dropped it after 13.
        expect(release).not.toBe('trixie');
        return;
      }
      const courier = await Courier.startAuthentication(stack.host, {
        authdaemonrc: await stack.printed('courier', '/etc/courier/authdaemonrc'),
        authldaprc: await stack.printed('courier', '/etc/courier/authldaprc'),
      });
      expect(await courier.authenticate(user.user, user.password)).toBe(true);
      expect(await courier.authenticate(user.user, 'wrong')).toBe(false);
      const users = await courier.users();
      expect(users).toEqual(expect.arrayContaining([user.user, small.mail]));
      expect(users).not.toContain(people.inactive.mail);
    });
  });

  describe('delivery by LMTP, with quotas', () => {
    beforeAll(async () => {
      await postfix.halt();
      await postfix.configure({ main: await postfixMain(['--lmtp']), submission: true });
      await postfix.resume();
    });

    test('mail comes in over SMTP and is read over IMAP', async () => {
      await deliver('user@one.example', user);
      await waitFor('its line', () => /to=<user@one\.example>.*relay=.*dovecot-lmtp.*status=sent/.test(postfix.log));
    });

    test('an address with a plus is an account of its own', async () => {
      const sent = await postfix.send('plus+tag@one.example', ['--header', 'Subject: with a plus']);
      expect(sent.code).toBe(0);
      await waitFor('with a plus', async () => (await dovecot.subjects('plus+tag@one.example')).includes('with a plus'));
      expect(await dovecot.subjects('plus@one.example')).toEqual([]);
    });

    test('GETQUOTAROOT shows limit and usage; without a quota there is no limit', async () => {
      const [limited] = await imapSession(dovecot.imapPort, smallUser, ['GETQUOTAROOT INBOX']);
      expect(limited).toMatch(/QUOTA "User quota" \(.*STORAGE \d+ 30\b.*\)/);
      expect(limited).toMatch(/MESSAGE \d+ 100\b/);
      const [counted] = await imapSession(dovecot.imapPort, { user: 'counted@one.example', password: 'counted-pw' }, [
        'GETQUOTAROOT INBOX',
      ]);
      expect(counted).toMatch(/MESSAGE 0 3\b/);
      expect(counted).not.toMatch(/STORAGE/);
      const [unlimited] = await imapSession(dovecot.imapPort, user, ['GETQUOTAROOT INBOX']);
      expect(unlimited).not.toMatch(/\(STORAGE \d+ \d+/);
    });

    test('APPEND over quota is refused', async () => {
      const big = `Subject: big\r\n\r\n${'x'.repeat(76)}\r\n`.padEnd(small.quotaBytes + 2_000, 'x\r\n');
      const [refused] = await imapSession(dovecot.imapPort, smallUser, [`APPEND INBOX {${big.length}+}\r\n${big}`]);
      expect(refused).toMatch(/NO \[OVERQUOTA\]/);
    });

    test('mail over quota is refused before it is accepted, where its size is told, and bounces otherwise', async () => {
      const body = ['--body', `${'x'.repeat(70)}\n`.repeat(600)];
      const sent = await postfix.send(small.mail, body);
      expect(sent.code).toBe(0);
      await waitFor('the bounce', () => /to=<small@one\.example>.*status=bounced.*552 5\.2\.2/.test(postfix.log));
      expect(await smtpRecipient(postfix.port, small.mail, small.quotaBytes + 1_000)).toMatch(/^552 5\.2\.[23]/);
      expect(await smtpRecipient(postfix.port, small.mail, 500)).toMatch(/^250 /);
      expect(await smtpRecipient(postfix.port, user.user, small.quotaBytes + 1_000)).toMatch(/^250 /);
      const doveadm = await stack.host.asFile('doveadm');
      const before = await usageFromDoveadm(doveadm, small.mail);
      const most = 'Subject: most\r\n\r\n'.padEnd(small.quotaBytes - 3_000, 'x\r\n');
      await imapSession(dovecot.imapPort, smallUser, [`APPEND INBOX {${most.length}+}\r\n${most}`]);
      expect(await smtpRecipient(postfix.port, small.mail, 5_000)).toMatch(/^552 5\.2\.2/);
      const usage = await usageFromDoveadm(doveadm, small.mail);
      expect(usage?.messages).toBe((before?.messages ?? 0) + 1);
      expect(usage?.bytes).toBeGreaterThan(small.quotaBytes - 5_000);
      expect(usage?.bytes).toBeLessThanOrEqual(small.quotaBytes);
    });
  });

  describe('an own bind DN, and hashes read', () => {
    test('a password with quotes, backslashes and variables reaches the directory as it is', async () => {
      const password = 'a"b\\c %{user} $x#y';
      const dn = `mail=${people.neighbour.mail},jvd=one.example,o=hosting,${suffix}`;
      await stack.host.runOrFail('ldappasswd', [
        ...['-x', '-H', stack.server.url, '-D', manager, '-w', managerPassword, '-s', password, dn],
      ]);
      const file = await passwordFile(password);
      const config = await stack.printed('dovecot', dovecotFile, ['--dovecot', '2.4', '-D', dn, '-y', file]);
      await dovecot.configure({ config });
      expect(await dovecot.authenticate(user.user, user.password)).toBe('accepted');
      expect(await dovecot.authenticate(user.user, 'wrong')).toBe('refused');
    });

    test('hashes read', async () => {
      const file = await passwordFile(managerPassword);
      const args = ['--dovecot', '2.4', '--read-hashes', '-D', manager, '-y', file];
      await dovecot.configure({ config: await stack.printed('dovecot', dovecotFile, args) });
      expect(await dovecot.authenticate(user.user, user.password)).toBe('accepted');
      expect(await dovecot.authenticate(user.user, 'wrong')).toBe('refused');
      expect(await dovecot.authenticate(people.inactive.mail, people.inactive.password)).toBe('refused');
    });

    const passwordFile = async (password: string): Promise<string> => {
      await stack.host.write('/root/password', `${password}\n`);
      return stack.host.outside('/root/password');
    };
  });

  test('restarted again and again under load: no look-up and no log-in gets a wrong answer', async () => {
    await dovecot.configure({ config: await stack.printed('dovecot', dovecotFile, ['--dovecot', '2.4']) });
    const wrong: string[] = [];
    const right = { lookups: 0, logins: 0 };
    let done = false;
    const lookup = async (): Promise<void> => {
      while (!done) {
        const { code, stdout, stderr } = await postfix.query('ldap:/etc/postfix/jammd-accounts.cf', user.user);
        if (code === 0 && stdout === 'one.example/user/\n') right.lookups++;
        // postmap tells a miss by silence.
        else if (stderr === '') wrong.push(`look-up: exit ${code} "${stdout}"`);
      }
    };
    const login = async (): Promise<void> => {
      while (!done) {
        if ((await dovecot.authenticate(user.user, user.password)) === 'accepted') right.logins++;
        if ((await dovecot.authenticate(user.user, 'wrong')) === 'accepted') wrong.push('log-in with a wrong password');
      }
    };
    const load = [lookup(), lookup(), login()];
    for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
      await pause(500);
      await stack.server.halt(signal);
      await pause(100);
      await stack.server.resume();
    }
    const before = right.logins;
    await waitFor('log-ins again', () => right.logins > before);
    done = true;
    await Promise.all(load);
    expect(wrong).toEqual([]);
    expect(right.lookups).toBeGreaterThan(5);
    expect(right.logins).toBeGreaterThan(0);
  });
});
