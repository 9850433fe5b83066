/**
 * Roundcube with what `jammd config roundcube` prints, in a browser, beside jammd and slapd: log in as a virtual user, read
 * mail that came over SMTP, send some, change the password in the directory, look addresses up there.
 */
import type { Server } from 'node:net';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startBrowser } from '../support/browser.js';
import { releaseMakingMs, releaseObstacle } from '../support/debian-release.js';
import { people } from '../support/hosting-tree.js';
import { requirePrograms } from '../support/programs.js';
import { DovecotToday } from './dovecot-today.js';
import { openPassage } from './passage.js';
import { Postfix } from './postfix.js';
import { fileOf, type PrintedFiles } from './printed-config.js';
import { ReleaseCertificates } from './release-certificates.js';
import { ReleaseHost } from './release-host.js';
import { type DirectoryKind, ReleaseStack } from './release-stack.js';
import { Roundcube, WebmailUser } from './roundcube.js';

const obstacle = releaseObstacle() ?? requirePrograms('chromium', 'openssl');
const kinds: readonly DirectoryKind[] = ['jammd', 'slapd'];

describe.skipIf(obstacle).each(kinds)('Roundcube beside %s', (kind) => {
  let certificates: ReleaseCertificates;
  let stack: ReleaseStack;
  let host: ReleaseHost;
  let dovecot: DovecotToday;
  let postfix: Postfix;
  let roundcube: Roundcube;
  let browser: Browser;
  let passage: Server | undefined;
  const visitors: WebmailUser[] = [];

  beforeAll(async () => {
    certificates = new ReleaseCertificates();
    const prepare = (at: ReleaseHost): Promise<void> => certificates.install(at);
    const mailHost = ReleaseStack.start(kind, { head: certificates.directives, prepare }).then(async (started) => {
      stack = started;
      const [dovecotConfig, postfixFiles] = await Promise.all([
        stack.printed('dovecot', '/etc/dovecot/conf.d/99-jammd.conf', ['--dovecot', '2.4']),
        stack.printedAll('postfix', ['--lmtp']),
      ]);
      dovecot = await DovecotToday.start(stack.host, { config: dovecotConfig });
      for (const [path, text] of postfixFiles) if (path.includes('/jammd-')) await stack.host.write(path, text);
      postfix = await Postfix.start(stack.host, { main: fileOf(postfixFiles, '/etc/postfix/main.cf'), submission: true });
    });
    const webHost = ReleaseHost.create('webmail').then(async (created) => {
      host = created;
      await prepare(host);
    });
    const started = startBrowser().then((it) => (browser = it));
    await Promise.all([mailHost, webHost, started]);
    roundcube = await Roundcube.start(host, await printed());
  }, releaseMakingMs);

  afterAll(async () => {
    for (const visitor of visitors) await visitor.close();
    await browser?.close();
    passage?.close();
    await host?.stop();
    await stack?.stop();
    certificates.remove();
  });

  const printed = (args: readonly string[] = []): Promise<PrintedFiles> => {
    const servers = ['--imap', `127.0.0.1:${dovecot.imapPort}`, '--smtp', `127.0.0.1:${postfix.submissionPort}`];
    return stack.printedAll('roundcube', [...servers, ...args]);
  };

  const visit = async (): Promise<WebmailUser> => {
    const visitor = await WebmailUser.open(browser, roundcube.url);
    visitors.push(visitor);
    return visitor;
  };

  const loggedIn = async (user: string, password: string): Promise<WebmailUser> => {
    const visitor = await visit();
    expect(await visitor.logIn(user, password)).toBe('in');
    return visitor;
  };

  /** The URL of one in the web server's own folders, where the directory cannot listen. */
  const unixSocket = async (): Promise<string> => {
    passage = await openPassage(host, '/run/ldapi', { host: '127.0.0.1', port: stack.server.port });
    return 'ldapi://%2Frun%2Fldapi';
  };

  test('a wrong password, an inactive account', async () => {
    const visitor = await visit();
    expect(await visitor.logIn(people.user.mail, 'wrong')).toBe('Login failed.');
    expect(await visitor.logIn(people.inactive.mail, people.inactive.password)).toBe('Login failed.');
  });

  test('reads what came over SMTP, sends, and looks addresses up in the directory', async () => {
    const sent = await postfix.send(people.user.mail, ['--header', 'Subject: From outside', '--body', 'Good morning.']);
    expect(sent.code, sent.transcript).toBe(0);
    await expect.poll(() => dovecot.subjects(people.user.mail), { timeout: 15_000 }).toContain('From outside');
    const user = await loggedIn(people.user.mail, people.user.password);
    expect(await user.read('From outside')).toContain('Good morning.');
    expect(await user.send(people.neighbour.mail, 'From the browser', 'Good evening.')).toBe('sent');
    await expect.poll(() => dovecot.subjects(people.neighbour.mail), { timeout: 15_000 }).toContain('From the browser');
    expect(await user.suggestions('jay')).toEqual(['Jay Dee <named@one.example>']);
    expect(await user.lookUp('two.example')).toEqual([people.otherPostmaster.mail, people.stranger.mail]);
    expect(await user.lookUp('dee')).toEqual(['Jay Dee']);
    expect(await user.lookUp('inactive')).toEqual([]);
  }, 120_000);

  test('changes the password; the old one is refused', async () => {
    const mail = 'changer@one.example';
    const user = await loggedIn(mail, 'old-pw');
    expect(await user.changePassword('old-pw', 'a new password')).toBe('Successfully saved.');
    expect(await (await visit()).logIn(mail, 'old-pw')).toBe('Login failed.');
    await loggedIn(mail, 'a new password');
  }, 120_000);

  test('left no errors in the log', async () => {
    expect(await roundcube.complaints()).toBe('');
  });

  test('over StartTLS as a name of its own, over a Unix socket, for an address with a plus; an unknown authority is refused', async () => {
    const mail = 'web+mail@one.example';
    await stack.host.write('/root/password', `${people.neighbour.password}\n`);
    const bind = ['-D', people.neighbour.dn, '-y', stack.host.outside('/root/password')];
    await roundcube.configure(await printed(['-Z', '--ca', certificates.authority, ...bind]));
    const user = await loggedIn(mail, 'plus-pw');
    expect(await user.lookUp('dee')).toEqual(['Jay Dee']);
    expect(await user.changePassword('plus-pw', 'first password')).toBe('Successfully saved.');
    await roundcube.configure(await printed(['-H', await unixSocket()]));
    expect(await user.lookUp('dee')).toEqual(['Jay Dee']);
    expect(await user.changePassword('first password', 'second password')).toBe('Successfully saved.');
    await roundcube.configure(await printed(['-Z', '--ca', certificates.stranger, ...bind]));
    expect(await user.lookUp('dee')).toEqual([]);
    expect(await user.changePassword('second password', 'third password')).toBe(
      'New password could not be saved. There is a connection error.',
    );
  }, 120_000);
});
