/** Mail from SMTP to the Maildir and out again over IMAP and POP3, with the HOWTO's Postfix and with today's. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createAccount } from '../../src/mail/accounts.js';
import { getDomain } from '../../src/mail/domains.js';
import { login as loginTo } from '../../src/mail/login.js';
import { MailRelay } from '../../src/mail/mail-relay.js';
import { welcomeSettings } from '../../src/mail/welcome-settings.js';
import { sendWelcome } from '../../src/mail/welcome.js';
import { manager, managerPassword } from '../support/howto.js';
import { ownConfig, ownLdif } from '../support/own-schema.js';
import { people } from '../support/hosting-tree.js';
import { settings } from '../mail/support.js';
import type { Courier } from './courier.js';
import type { Dovecot } from './dovecot.js';
import { imapInbox, pop3Count } from './mail-clients.js';
import { hostName, localUser, mailHostObstacle, vmail } from './mail-host.js';
import type { Postfix } from './postfix.js';
import { MailStack, stackLdif } from './stack.js';

const obstacle = mailHostObstacle();
const nothingElse = { template: undefined, from: undefined, site: undefined, clientServers: undefined };

describe.skipIf(obstacle).each([
  ['of today', []],
  ['of the HOWTO', ['--legacy']],
])('mail through a Postfix %s', (_style, args) => {
  let stack: MailStack;
  let postfix: Postfix;
  let courier: Courier;
  let dovecot: Dovecot;

  beforeAll(async () => {
    stack = await MailStack.start({ config: ownConfig, ldif: stackLdif + ownLdif });
    [courier, dovecot] = await Promise.all([stack.startCourier(), stack.startDovecot()]);
    postfix = await stack.startPostfix(args, { main: 'mailbox_command = /usr/bin/procmail', submission: true });
  });

  afterAll(() => stack.stop());

  /** Sends a message that names itself, and waits until `folders` (each below the host's root) have it. */
  const deliver = async (to: string, folders: readonly string[]): Promise<string> => {
    const subject = `for ${to} #${Math.random().toString(36).slice(2)}`;
    const sent = await postfix.send(to, ['--header', `Subject: ${subject}`]);
    expect(sent, sent.transcript).toMatchObject({ code: 0 });
    for (const folder of folders)
      await waitFor(`${subject} in ${folder}`, async () => (await messagesIn(folder)).includes(subject));
    return subject;
  };

  const messagesIn = async (folder: string): Promise<string> => {
    const place = stack.host.outside(join(folder, 'new'));
    const names = await readdir(place).catch(() => []);
    return (await Promise.all(names.map((name) => readFile(join(place, name), 'utf8')))).join('');
  };

  const waitFor = async (what: string, check: () => boolean | Promise<boolean>): Promise<void> => {
    const deadline = Date.now() + 15_000;
    while (!(await check())) {
      if (Date.now() > deadline) throw new Error(`did not happen: ${what}\n${postfix.log}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  };

  const mailbox = (path: string): string => `${vmail.domains}/${path}`;

  test('an account: its Maildir is made by the first message, and IMAP, POP3 and Dovecot find it there', async () => {
    expect(await readdir(stack.host.outside(vmail.domains))).not.toContain('one.example');
    const subject = await deliver('user@one.example', [mailbox('one.example/user')]);
    const login = { user: people.user.mail, password: people.user.password };
    expect(await pop3Count(courier.pop3Port, login)).toBe(1);
    expect(await imapInbox(courier.imapPort, login)).toContain(`Subject: ${subject}`);
    expect(await dovecot.subjects(people.user.mail)).toEqual([subject]);
  });

  test('a new account: its welcome mail makes the Maildir', async () => {
    const login = await loginTo({ url: stack.server.url }, settings, 'root', managerPassword);
    try {
      const relay = new MailRelay({ host: '127.0.0.1', port: postfix.port, security: 'may' });
      const welcome = welcomeSettings({ relay, language: 'fr', ...nothingElse });
      const mail = { ...login, settings: { ...login.settings, welcome } };
      const domain = await getDomain(mail, 'one.example');
      const name = 'newcomer';
      await createAccount(mail, domain, { address: name, name: 'Zoë', password: 'correct horse', repeat: 'correct horse' });
      await sendWelcome(mail, domain, `${name}@one.example`);
      const folder = mailbox(`one.example/${name}`);
      await waitFor(folder, async () => (await messagesIn(folder)).includes(`<${name}@one.example>`));
    } finally {
      await login.directory.close();
    }
  });

  test('an account whose address is written in another case', async () => {
    await deliver('MIXED.case@ONE.example', [mailbox('one.example/Mixed.Case')]);
  });

  test('an alias: every destination gets it, here and elsewhere', async () => {
    await deliver('team@one.example', [mailbox('one.example/user'), mailbox('two.example/stranger')]);
    await waitFor('mail sent on', () => /to=<far@away\.example>.*status=sent \(sent elsewhere\)/.test(postfix.log));
  });

  test('a catch-all takes what nobody else has, and leaves real users theirs', async () => {
    await deliver('whoever@two.example', [mailbox('two.example/stranger')]);
    const subject = await deliver('chief@two.example', [mailbox('two.example/chief')]);
    expect(await messagesIn(mailbox('two.example/stranger'))).not.toContain(subject);
  });

  test('an alias domain: what the other domain has, its aliases and its catch-all, are there under this name, too', async () => {
    await deliver('user@first.example', [mailbox('one.example/user')]);
    await deliver('Team@FIRST.example', [mailbox('one.example/user'), mailbox('two.example/stranger')]);
    const subject = await deliver('chief@second.example', [mailbox('two.example/chief')]);
    await deliver('whoever@second.example', [mailbox('two.example/stranger')]);
    expect(await messagesIn(mailbox('two.example/stranger'))).not.toContain(subject);
  });

  test('an account that forwards keeps a copy; one that redirects keeps none', async () => {
    const copied = await deliver('copier@one.example', [mailbox('one.example/copier'), mailbox('two.example/stranger')]);
    const copies = (await messagesIn(mailbox('one.example/copier'))).split(`Subject: ${copied}`).length - 1;
    expect(copies).toBe(1);
    await deliver('copier@first.example', [mailbox('one.example/copier'), mailbox('two.example/stranger')]);
    await deliver('mover@one.example', [mailbox('one.example/neighbour')]);
    await expect(readdir(stack.host.outside(mailbox('one.example/mover')))).rejects.toThrow('ENOENT');
  });

  test('a local user, by name and through an alias of a domain: procmail files it', async () => {
    await stack.host.write(`${localUser.home}/.procmailrc`, 'DEFAULT=$HOME/Maildir/\n:0\n* ^Subject:.*for sysop\n.sysop/\n');
    await stack.host.runOrFail('chown', [`${localUser.name}:`, `${localUser.home}/.procmailrc`]);
    await deliver(`${localUser.name}@${hostName}`, [`${localUser.home}/Maildir`]);
    await deliver('sysop@one.example', [`${localUser.home}/.sysop`]);
  });

  test.each([
    ['an unknown user', 'noone@one.example', /550 5\.1\.1 .*noone@one\.example.*User unknown/],
    ['an inactive account', 'inactive@one.example', /550 5\.1\.1/],
    ['an account to be deleted', 'deleted@one.example', /550 5\.1\.1/],
    ['a domain switched off', 'someone@off.example', /554 5\.7\.1 .*Relay access denied/],
    ['a domain of others', 'someone@away.example', /554 5\.7\.1 .*Relay access denied/],
    ['a pattern', 'use*@one.example', /550 5\.1\.1/],
    ['an unknown user of an alias domain', 'noone@first.example', /550 5\.1\.1 .*noone@first\.example.*User unknown/],
    ['an inactive account in an alias domain', 'inactive@first.example', /550 5\.1\.1/],
  ])('%s is refused at RCPT TO', async (_, address, answer) => {
    const { code, transcript } = await postfix.send(address);
    expect({ code, transcript }).toEqual({ code: 24, transcript: expect.stringMatching(answer) as string });
  });

  test('no mail is left in the queue', async () => {
    await waitFor('an empty queue', async () => (await postfix.queue()).length === 0);
    expect(postfix.log).not.toMatch(/warning: dict_ldap|status=bounced|status=deferred/);
  });

  test('who logs in sends as itself, as an alias that is its own, and as nobody else', async () => {
    const user = { user: people.user.mail, password: people.user.password };
    const stranger = { user: people.stranger.mail, password: people.stranger.password };
    expect((await postfix.submit('user@one.example', user)).code).toBe(0);
    expect((await postfix.submit('team@one.example', user)).code).toBe(0);
    expect((await postfix.submit('anything@two.example', stranger)).code).toBe(0);
    expect((await postfix.submit('user@first.example', user)).code).toBe(0);
    expect((await postfix.submit('shared@one.example', user)).code).toBe(0);
    expect((await postfix.submit('shared@one.example', stranger)).code).toBe(0);
    const others = [
      await postfix.submit('neighbour@one.example', user),
      await postfix.submit('chief@two.example', stranger),
      await postfix.submit('nobody@one.example', user),
      await postfix.submit('neighbour@first.example', user),
      await postfix.submit('shared@one.example', { user: people.neighbour.mail, password: people.neighbour.password }),
    ];
    for (const { code, transcript } of others) {
      expect({ code, transcript }).toEqual({
        code: 24,
        transcript: expect.stringMatching(/Sender address rejected: not (owned by|logged in)|553 5\.7\.1/) as string,
      });
    }
    expect((await postfix.submit('user@one.example', { ...user, password: 'wrong' })).code).toBe(28);
  });
});

describe.skipIf(obstacle)('mail through a Postfix that looks up with a password', () => {
  test('virtual(8), which runs as the user postfix, can read the maps, and nobody else can', async () => {
    const stack = await MailStack.start();
    try {
      await stack.host.write('/etc/postfix/password', `${managerPassword}\n`);
      const postfix = await stack.startPostfix(['-D', manager, '-y', '/etc/postfix/password']);
      expect((await postfix.send('user@one.example')).code).toBe(0);
      await expect.poll(() => postfix.log, { timeout: 15_000 }).toMatch(/status=(?:sent|deferred|bounced)/);
      expect(postfix.log).toMatch(/to=<user@one\.example>.*status=sent \(delivered to maildir\)/);
      const { stdout } = await stack.host.runOrFail('sh', ['-c', 'stat -c "%U %G %a" /etc/postfix/jammd-*.cf | sort -u']);
      expect(stdout).toBe('root postfix 640\n');
    } finally {
      await stack.stop();
    }
  });
});
