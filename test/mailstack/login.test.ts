/** Logging in over IMAP and POP3 through Courier, and with Dovecot, by a bind and by reading the hash. */
import { readFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { manager, managerPassword, presentConfig, suffix } from '../support/howto.js';
import { account, people, wholeTreeLdif } from '../support/hosting-tree.js';
import { ldapTool } from '../support/ldap-utils.js';
import type { Courier } from './courier.js';
import type { Dovecot } from './dovecot.js';
import { parseMaildirsize, usageFromDoveadm, type Usage } from '../../src/mail/usage.js';
import { imapAccepts, imapSession, pop3Accepts } from './mail-clients.js';
import { mailHostObstacle, vmail } from './mail-host.js';
import { courierOptions, dovecotOptions, MailStack } from './stack.js';

const obstacle = mailHostObstacle();

/** One account for each way of storing a password; the password is "sample-" and the name. */
const sample = readFileSync(resolve(import.meta.dirname, '../../data/sample.ldif'), 'utf8');
const storedAs = new Map(
  sample
    .replace(/\n /g, '')
    .split(/\n\s*\n/)
    .map(
      (record) =>
        [/^mail: ([a-z]+)@orchard\.example$/m.exec(record)?.[1], /^userPassword: (\S+)$/m.exec(record)?.[1], record] as const,
    )
    .filter(([name, value]) => name !== undefined && value !== undefined)
    .filter(([, , record]) =>
      [/JammMailAccount/, /^accountActive: TRUE$/m, /^delete: FALSE$/m].every((part) => part.test(record)),
    )
    .map(([name, value]) => [name ?? '', value ?? ''] as const),
);
const hashes = [...storedAs].map(([name, value]) => [schemeOf(value), name] as const);

function schemeOf(value: string): string {
  const [, scheme, crypt] = /^(\{[^}]+\})(\$\w+\$)?/.exec(value) ?? [];
  return scheme === undefined ? 'clear text' : `${scheme}${crypt ?? ''}`;
}

/** What Courier's authlib verifies without the directory's help, of what the sample holds. */
const courierVerifies = ['{SSHA}', '{SHA}', '{MD5}', '{SHA256}', '{SHA512}', '{CRYPT}$6$', '{CRYPT}$5$', '{CRYPT}$1$', '{CRYPT}'];
/** The same for Dovecot. */
const dovecotVerifies = [...courierVerifies, 'clear text', '{SMD5}', '{SSHA256}', '{SSHA512}', '{CRYPT}$2y$'];

const ldif =
  `${wholeTreeLdif}${sample}\n` +
  account('limited@one.example', { password: 'limited-pw', quota: '40960S' }) +
  account('courier-limited@one.example', { password: 'limited-pw', quota: '40960S' }) +
  account('changer@one.example', { password: 'old-pw' }) +
  account("o'dd+t@one.example", { password: 'odd-pw' });
/** More accounts than an answer may have without a limit of their own, so that listing them all needs one. */
const config = presentConfig.replace(/^database /m, 'sizelimit unlimited\n$&');

describe.skipIf(obstacle)('log-in', () => {
  let stack: MailStack;
  let courier: Courier;
  let dovecot: Dovecot;

  beforeAll(async () => {
    stack = await MailStack.start({ config, ldif });
    [courier, dovecot] = await Promise.all([stack.startCourier(), stack.startDovecot()]);
    const accounts = [
      ...[...storedAs.keys()].map((name) => `orchard.example/${name}`),
      'one.example/user',
      'one.example/changer',
      'one.example/limited',
      'one.example/courier-limited',
    ];
    for (const path of accounts) {
      for (const part of ['cur', 'new', 'tmp']) {
        await mkdir(stack.host.outside(join(vmail.domains, path, part)), { recursive: true });
      }
    }
    await stack.host.runOrFail('chown', ['-R', 'vmail:vmail', vmail.domains]);
  });

  afterAll(() => stack.stop());

  const refused: readonly (readonly [what: string, user: string, password: string])[] = [
    ['a wrong password', people.user.mail, 'wrong'],
    ["another user's password", people.user.mail, people.neighbour.password],
    ['an inactive account', people.inactive.mail, people.inactive.password],
    ['an account to be deleted', people.deleted.mail, people.deleted.password],
    ['an alias', people.alias.mail, people.alias.password],
    ['an unknown user', 'noone@one.example', 'x'],
    ['a pattern', '*', people.user.password],
    ['a pattern of a name', 'use*@one.example', people.user.password],
    ['a filter', `x)(|(mail=${people.user.mail})`, people.user.password],
  ];

  test('the sample has an account for every supported scheme', () => {
    expect(hashes.length).toBeGreaterThan(15);
  });

  describe('Courier with LDAP_AUTHBIND', () => {
    test.concurrent.each(hashes)('%s: %s logs in over IMAP', async (_, name) => {
      const user = `${name}@orchard.example`;
      expect(await imapAccepts(courier.imapPort, { user, password: `sample-${name}` })).toBe(true);
    });

    test('no scheme lets a wrong password in', async () => {
      const attempts = [...storedAs.keys()].map((name) => courier.authenticate(`${name}@orchard.example`, 'sample-'));
      expect(await Promise.all(attempts)).toEqual([...storedAs].map(() => false));
    });

    test.concurrent.each(refused)('%s is refused', async (_, user, password) => {
      expect(await courier.authenticate(user, password)).toBe(false);
    });

    test('authenumerate lists every account that may log in, and no other', async () => {
      const users = await courier.users();
      expect(users).toEqual(expect.arrayContaining([people.user.mail, 'ada@orchard.example']));
      for (const absent of ['inactive@one.example', 'deleted@one.example', 'team@one.example', 'xeno@orchard.example']) {
        expect(users).not.toContain(absent);
      }
      // Dovecot lower-cases them; authenumerate leaves out whose name holds a number sign.
      const lower = users.map((user) => user.toLowerCase());
      expect((await dovecot.users()).filter((user) => !lower.includes(user.toLowerCase()))).toEqual(['ha#sh@one.example']);
    });

    test('POP3, and passwords that are wrong or empty', async () => {
      const { mail: user, password } = people.user;
      expect(await pop3Accepts(courier.pop3Port, { user, password })).toBe(true);
      // Courier lets whoever guesses wait for five seconds.
      const guesses = [
        pop3Accepts(courier.pop3Port, { user, password: 'wrong' }),
        imapAccepts(courier.imapPort, { user, password: 'wrong' }),
        imapAccepts(courier.imapPort, { user, password: '' }),
      ];
      expect(await Promise.all(guesses)).toEqual([false, false, false]);
    });
  });

  describe('Dovecot with auth_bind', () => {
    test.concurrent.each(hashes)('%s: %s logs in', async (_, name) => {
      expect(await dovecot.authenticate(`${name}@orchard.example`, `sample-${name}`)).toBe('accepted');
    });

    test.concurrent.each([...refused, ['an empty password', people.user.mail, ''] as const])(
      '%s is refused',
      async (_, user, password) => {
        expect(await dovecot.authenticate(user, password)).toBe('refused');
      },
    );

    test('one connection for searches and binds in turn, many at once: each gets its own answer', async () => {
      const attempts = Array.from({ length: 60 }, (_, index) => (index % 3 === 0 ? 'wrong' : people.user.password));
      const answers = await Promise.all(attempts.map((password) => dovecot.authenticate(people.user.mail, password)));
      expect(answers).toEqual(attempts.map((password) => (password === 'wrong' ? 'refused' : 'accepted')));
      // A refused bind leaves the connection anonymous; the next search must not suffer.
      expect(await dovecot.user(people.user.mail)).toMatchObject({
        uid: String(vmail.uid),
        home: `${vmail.domains}/one.example/user/`,
      });
    });

    test('a name of special characters is itself, and the user database knows only who may log in', async () => {
      expect(await dovecot.authenticate("o'dd+t@one.example", 'odd-pw')).toBe('accepted');
      expect(await dovecot.user('inactive@one.example')).toBeUndefined();
      expect(await dovecot.user('noone@one.example')).toBeUndefined();
    });

    test('the quota attribute is a limit, where it is a size', async () => {
      const message = (bytes: number): string => 'Subject: room\n\n'.padEnd(bytes, 'x\n');
      expect(await dovecot.storage('limited@one.example')).toEqual({ used: '0', limit: '40' });
      expect(await dovecot.save('limited@one.example', message(50_000))).toBe(false);
      expect(await dovecot.save('limited@one.example', message(20_000))).toBe(true);
      expect(await dovecot.save('limited@one.example', message(25_000))).toBe(false);
      expect(await dovecot.storage('changer@one.example')).toEqual({ used: '0', limit: '-' });
      const doveadm = await stack.host.asFile('doveadm');
      const usage = (local: string): Promise<Usage | undefined> => usageFromDoveadm(doveadm, `${local}@one.example`);
      expect(await usage('limited')).toEqual({ bytes: expect.closeTo(20_000, -4) as unknown, messages: 1 });
      expect(await usage('changer')).toEqual({ bytes: 0, messages: 0 });
      expect(await usage('noone')).toBeUndefined();
    });

    test('iterate_filter lists every account that may log in, and no other', async () => {
      const users = await dovecot.users();
      expect(users).toContain(people.user.mail);
      expect(users).toContain('ada@orchard.example');
      for (const absent of ['inactive@one.example', 'deleted@one.example', 'team@one.example', 'xeno@orchard.example']) {
        expect(users).not.toContain(absent);
      }
      expect(new Set(users).size).toBe(users.length);
    });
  });

  test('a quota that its folder knows holds in Courier: GETQUOTAROOT, APPEND and deliverquota keep to it', async () => {
    const login = { user: 'courier-limited@one.example', password: 'limited-pw' };
    const folder = join(vmail.domains, 'one.example/courier-limited');
    const message = (bytes: number): string => 'Subject: room\n\n'.padEnd(bytes - 1, 'x') + '\n';
    const append = (bytes: number): string => `APPEND INBOX {${bytes}}\r\n${message(bytes)}`;
    const asOwner = (command: readonly string[], input = '') =>
      stack.host.run('setpriv', ['--reuid', '101', '--regid', '101', '--clear-groups', ...command], { input });
    // The IMAP server reads the folder's own note of the quota; the directory's is what these make it from.
    const { stdout } = await stack.host.runOrFail('authtest', ['-s', 'imap', login.user, login.password]);
    const quota = /Quota: (\S+)/.exec(stdout)?.[1] ?? '';
    expect(quota).toBe('40960S');
    expect((await asOwner(['maildirmake', '-q', quota, folder])).code).toBe(0);
    const deliver = async (bytes: number): Promise<number> => (await asOwner(['deliverquota', folder], message(bytes))).code;
    // From a pipe, as Postfix gives it; from a file, whose size is known at once, it is 77 (EX_NOPERM).
    expect(await deliver(50_000)).toBe(75);

    const [fits, shown, tooMuch] = await imapSession(courier.imapPort, login, [
      append(20_000),
      'GETQUOTAROOT INBOX',
      append(25_000),
    ]);
    expect(fits).toMatch(/^b0 OK/m);
    expect(shown).toMatch(/QUOTA "ROOT" \(STORAGE (?:19|20) 40\)/);
    expect(tooMuch).toMatch(/^b2 NO \[ALERT\] You exceeded your mail quota/m);
    expect(await deliver(25_000)).toBe(75);
    expect(await deliver(5_000)).toBe(0);
    const usage = parseMaildirsize(await stack.host.read(join(folder, 'maildirsize')));
    expect(usage).toMatchObject({ messages: 2 });
    expect(usage?.bytes).toBeGreaterThanOrEqual(25_000);
  });

  describe('a new password', () => {
    const user = 'changer@one.example';
    const dn = `mail=${user},jvd=one.example,o=hosting,${suffix}`;
    const expectOnly = async (password: string, old: string): Promise<void> => {
      expect(await imapAccepts(courier.imapPort, { user, password })).toBe(true);
      expect(await courier.authenticate(user, old)).toBe(false);
      expect(await dovecot.authenticate(user, password)).toBe('accepted');
      expect(await dovecot.authenticate(user, old)).toBe('refused');
    };

    test('set by the user with ldappasswd works at once, and the old does not', async () => {
      await expectOnly('old-pw', 'user-pw');
      const changed = await ldapTool('ldappasswd', stack.server, { dn, password: 'old-pw' }, ['-a', 'old-pw', '-s', 'second-pw']);
      expect(changed.code).toBe(0);
      await expectOnly('second-pw', 'old-pw');
    });

    test("set by the domain's postmaster works at once, and the old does not", async () => {
      const changed = await ldapTool('ldappasswd', stack.server, people.postmaster, ['-s', 'third-pw', dn]);
      expect(changed.code).toBe(0);
      await expectOnly('third-pw', 'second-pw');
      const foreign = await ldapTool('ldappasswd', stack.server, people.otherPostmaster, ['-s', 'fourth-pw', dn]);
      expect(foreign.code).not.toBe(0);
      await expectOnly('third-pw', 'fourth-pw');
    });
  });

  // Last: it configures both anew.
  describe('with the hashes read', () => {
    beforeAll(async () => {
      const passwordFile = join(stack.server.folder, 'manager-password');
      await writeFile(passwordFile, `${managerPassword}\n`);
      const args = ['--read-hashes', '-D', manager, '-y', passwordFile];
      await courier.configure(courierOptions(await stack.courierFiles(args)));
      await dovecot.configure(dovecotOptions(await stack.dovecotFiles(args)));
    });

    const verifiedBy = (list: readonly string[]) => hashes.filter(([scheme]) => list.includes(scheme));

    test.concurrent.each(verifiedBy(courierVerifies))('Courier verifies %s: %s', async (_, name) => {
      expect(await courier.authenticate(`${name}@orchard.example`, `sample-${name}`)).toBe(true);
      expect(await courier.authenticate(`${name}@orchard.example`, 'wrong')).toBe(false);
    });

    test.concurrent.each(verifiedBy(dovecotVerifies))('Dovecot verifies %s: %s', async (_, name) => {
      expect(await dovecot.authenticate(`${name}@orchard.example`, `sample-${name}`)).toBe('accepted');
      expect(await dovecot.authenticate(`${name}@orchard.example`, 'wrong')).toBe('refused');
    });

    test.concurrent.each(refused)('%s is refused by both', async (_, user, password) => {
      expect(await courier.authenticate(user, password)).toBe(false);
      expect(await dovecot.authenticate(user, password)).toBe('refused');
    });
  });
});
