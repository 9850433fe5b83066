/**
 * docs/mail-hosting.md, followed to the letter on a new Debian 13: every block of sh in it is run as it is printed, in
 * order, with jammd from the package and the release's own packages, on the guide's own ports. Then mail that came over
 * SMTP is read over IMAP.
 *
 * What the machine's administrator adds is here: yes to apt's questions, "Internet Site" and the machine's name to
 * Postfix's. systemd does not run in a chroot: stand-in-systemctl starts what the units say, as the user they say.
 */
import { copyFile, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { root } from '../commands/jammd.js';
import { releaseMakingMs, releaseObstacle } from '../support/debian-release.js';
import type { Finished } from '../support/process.js';
import { runOrFail } from '../support/process.js';
import { requirePrograms } from '../support/programs.js';
import { type GuideStep, guideSteps } from './guide-steps.js';
import { ReleaseHost } from './release-host.js';

const guide = await readFile(join(root, 'docs/mail-hosting.md'), 'utf8');
const steps = guideSteps(guide);
const sections = [...new Set(steps.map(({ section }) => section))];
const login = "jd@one.example:jd's password";

describe.skipIf(releaseObstacle() ?? requirePrograms('dpkg-deb'))('the guide to mail hosting', () => {
  let host: ReleaseHost;

  beforeAll(async () => {
    const { stdout } = await runOrFail(process.execPath, [join(root, 'scripts/deb/package.mjs')], { timeoutMs: 120_000 });
    host = await ReleaseHost.create('guide', { isolated: true });
    await copyFile(stdout.trim(), host.outside(`/root/${basename(stdout.trim())}`));
    await copyFile(join(root, 'test/mailstack/stand-in-systemctl'), host.outside('/usr/local/sbin/systemctl'));
    await host.write('/etc/apt/apt.conf.d/yes', 'APT::Get::Assume-Yes "true";\n');
    const answers = `postfix postfix/main_mailer_type select Internet Site
postfix postfix/mailname string mail.myhosting.example\n`;
    await host.runOrFail('debconf-set-selections', [], { input: answers });
  }, releaseMakingMs);

  afterAll(() => host.stop());

  const shell = (script: string, errors = '-e'): Promise<Finished> =>
    host.run('env', ['DEBIAN_FRONTEND=noninteractive', 'HOME=/root', 'sh', '-c', `cd /root\nset ${errors}\n${script}`], {
      timeoutMs: 150_000,
    });

  const follow = async (step: GuideStep): Promise<string> => {
    const { code, stdout, stderr } = await shell(step.script);
    const log = code === 0 ? '' : (await shell('tail -n 30 /var/log/*.service.log', '+e')).stdout;
    expect(code, `docs/mail-hosting.md:${step.line}\n${stdout}${stderr}${log}`).toBe(0);
    return stdout + stderr;
  };

  const followSection = async (section: string): Promise<string> => {
    const found = steps.filter((step) => step.section === section);
    expect(found, section).not.toEqual([]);
    let said = '';
    for (const step of found) said += await follow(step);
    return said;
  };

  const inbox = async (): Promise<string> =>
    (await shell(`curl --silent --user "${login}" 'imap://127.0.0.1/INBOX' --request 'FETCH 1:* (BODY[HEADER])' --verbose 2>&1`))
      .stdout;

  const send = (options: string): Promise<Finished> => shell(`swaks --server 127.0.0.1 --to jd@one.example ${options}`);

  test('has these sections with commands, and all of them are followed below', () => {
    expect(sections).toEqual([
      'The vmail account [4.2]',
      'The directory [4.3]',
      'Postfix [4.4]',
      'Dovecot',
      'The first domain and account',
      'Quotas',
      'Users who send mail',
    ]);
  });

  test('the accounts and the directory', async () => {
    await followSection('The vmail account [4.2]');
    await followSection('The directory [4.3]');
    expect((await shell('stat -c %U /proc/$(cat /run/jammd.service.pid)')).stdout).toBe('jammd\n');
  }, 180_000);

  test('Postfix', async () => {
    const said = await followSection('Postfix [4.4]');
    expect(said).not.toMatch(/warning: (?!.*resolv)|error|fatal/);
  }, 180_000);

  test('Dovecot', async () => {
    await followSection('Dovecot');
  }, 180_000);

  test('mail that came over SMTP, delivered by virtual(8), is read over IMAP', async () => {
    const said = await followSection('The first domain and account');
    expect(said).toContain('Subject: The first message');
    expect((await shell('stat -c %U:%G /home/vmail/domains/one.example/jd')).stdout).toBe('vmail:vmail\n');
  }, 180_000);

  test('mail is delivered by LMTP, and what is too much for the mailbox is refused', async () => {
    await followSection('Quotas');
    expect(await send("--header 'Subject: By LMTP'")).toMatchObject({ code: 0 });
    await expect.poll(inbox, { timeout: 20_000 }).toContain('Subject: By LMTP');
    expect(await inbox()).toContain('with LMTP');
    // curl says beforehand how large the message is.
    const refused = await shell(`head -c 1200000 /dev/zero | tr '\\0' x | fold > large
      curl --silent --verbose --upload-file large --mail-from root@localhost --mail-rcpt jd@one.example smtp://127.0.0.1 2>&1`);
    expect(refused.code).not.toBe(0);
    expect(refused.stdout).toMatch(/< 552 5\.2\.[23] /);
  }, 180_000);

  test('users log in to send, as themselves only', async () => {
    await followSection('Users who send mail');
    await expect.poll(inbox, { timeout: 20_000 }).toContain('Subject: Submitted');
    const { code, stdout } = await send(
      `--port 587 --tls --auth PLAIN --auth-user jd@one.example --auth-password "jd's password" --from postmaster@two.example`,
    );
    expect(code, stdout).toBe(24);
    expect(stdout).toContain('553 5.7.1');
  }, 180_000);
});
