/** fail2ban's own filter for slapd finds failed log-ins in the log of jammd --log-format slapd as in that of slapd. */
import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { root } from '../commands/jammd.js';
import { releaseMakingMs, releaseObstacle } from '../support/debian-release.js';
import { printedBlock } from '../support/documents.js';
import { people } from '../support/hosting-tree.js';
import { WireClient } from '../support/wire/client.js';
import { type DirectoryKind, ReleaseStack } from './release-stack.js';

const logFile = '/var/log/directory.log';
const waiting = { timeout: 20_000, interval: 100 };

/** In place of a journal and a firewall, which a chroot lacks; and all clients are on this machine. */
const hereInstead = `[jammd]
backend = polling
logpath = ${logFile}
ignoreip =
ignoreself = false
action =
`;

/** fail2ban shows a line of the journal as syslog's, with the program that systemd started. */
const asJournal = (log: string): string => log.replaceAll(' slapd[', ' jammd[');

describe.skipIf(releaseObstacle()).each<DirectoryKind>(['jammd', 'slapd'])('fail2ban with the log of %s', (kind) => {
  let stack: ReleaseStack;

  beforeAll(async () => {
    stack = await ReleaseStack.start(kind, { head: 'loglevel stats', jammdArgs: ['--log-format', 'slapd'] });
  }, releaseMakingMs);

  afterAll(() => stack.stop());

  /** slapd in the foreground writes a time and a thread of its own before what it gives to syslog. */
  const log = (): string => {
    const beforeLine = `${new Date().toString().slice(4, 10)} 12:00:00 mail slapd[1]: `;
    return stack.server.log().replace(/^[0-9a-f]{8}\.[0-9a-f]{8} 0x[0-9a-f]+ /gm, beforeLine);
  };

  test('as many as there were, from where they came', async () => {
    const whoami = ['-x', '-H', stack.server.url, '-D', people.user.dn];
    for (const password of ['wrong', people.user.password, 'wrong', 'wrong']) {
      await stack.host.run('ldapwhoami', [...whoami, '-w', password]);
    }
    await expect.poll(log).toMatch(/(?:RESULT tag=97 err=49[^]*){3}/);
    await stack.host.write(logFile, acceptsFirst(log()));
    const filter = '/etc/fail2ban/filter.d/slapd.conf';
    const { stdout } = await stack.host.runOrFail('fail2ban-regex', ['-v', logFile, filter]);
    const failed = /^\|\s+\d\) \[(\d+)\] \^RESULT.*\n((?:\|\s+\S+ {2}.*\n)*)/m.exec(stdout);
    expect(failed?.[1], stdout).toBe('3');
    expect(failed?.[2]?.match(/127\.0\.0\.1 /g), stdout).toHaveLength(3);
  });

  const bansGuessers = async (): Promise<void> => {
    const { host, server } = stack;
    await copyFile(join(root, 'packaging/debian/fail2ban-filter.conf'), host.outside('/etc/fail2ban/filter.d/jammd.conf'));
    const jail = await printedBlock('operations.md', '[jammd]');
    await host.write('/etc/fail2ban/jail.d/jammd.conf', jail);
    expect((await host.runOrFail('fail2ban-client', ['-t'])).stdout).toContain('OK');
    await host.write('/etc/fail2ban/jail.d/zz-here.local', hereInstead);
    await host.write(logFile, '');
    const before = log().length;
    const daemon = host.start('fail2ban-server', ['-xf', '--logtarget', 'STDOUT', 'start']);
    await daemon.waitUntil(() => daemon.output.includes("Jail 'jammd' started"));
    const retries = Number(/^maxretry = (\d+)$/m.exec(jail)![1]);
    const client = await WireClient.connect(server.port);
    const guess = async (attempt: number): Promise<void> => {
      const name = people.user.dn.replace('user@', `guess${attempt}@`);
      expect(await client.request({ op: 'bind', name, password: 'wrong' })).toMatchObject({ code: 49 });
    };
    for (let attempt = 1; attempt < retries; attempt++) await guess(attempt);
    await host.write(logFile, asJournal(log().slice(before)));
    await expect.poll(() => daemon.output.match(/\[jammd\] Found 127\.0\.0\.1/g)?.length, waiting).toBe(retries - 1);
    expect(daemon.output).not.toContain('Ban ');
    await guess(retries);
    await host.write(logFile, asJournal(log().slice(before)));
    await expect.poll(() => daemon.output, waiting).toContain('[jammd] Ban 127.0.0.1');
    await client.unbind();
  };
  if (kind === 'jammd') test('the package’s filter, in the jail that the docs print, bans who guesses', bansGuessers);

  test('the lines are the same', () => {
    const written = kind === 'jammd' ? log() : acceptsFirst(log());
    // slapd's first connection is that of whoever waited for it.
    const number = /conn=(\d+) op=0 BIND/.exec(written)?.[1] ?? '';
    const lines = written.split('\n').filter((line) => line.includes(`]: conn=${number} `));
    const shown = lines.map((line) =>
      line
        .replace(/^\w{3} [ \d]\d \d\d:\d\d:\d\d \S+ slapd\[\d+\]: /, '')
        .replace(/IP=127\.0\.0\.1:\d+/g, 'IP=127.0.0.1:N')
        .replace(/conn=\d+/, 'conn=C')
        .replace(/fd=\d+/, 'fd=N')
        .replace(/time=\d+\.\d{6}/g, 'time=T'),
    );
    expect(shown.filter((line) => !line.includes('bind failed'))).toEqual([
      'conn=C fd=N ACCEPT from IP=127.0.0.1:N (IP=127.0.0.1:N)',
      `conn=C op=0 BIND dn="${people.user.dn}" method=128`,
      'conn=C op=0 RESULT tag=97 err=49 qtime=T etime=T text=',
      'conn=C op=1 UNBIND',
      'conn=C fd=N closed',
    ]);
  });
});

/**
 * A log in which a connection's ACCEPT comes before its operations. slapd's threads write it after the first BIND now and
 * then (2.5.13: for 3 of 180 connections), and fail2ban, which takes the address from there, then counts a failure of nobody.
 */
function acceptsFirst(log: string): string {
  const connectionOf = (line: string): string | undefined => /\bconn=(\d+) /.exec(line)?.[1];
  const lines = log.split('\n');
  const accepts = new Map(lines.filter((line) => line.includes(' ACCEPT ')).map((line) => [connectionOf(line), line]));
  const told = new Set<string>();
  return lines
    .flatMap((line) => {
      const accept = accepts.get(connectionOf(line));
      if (accept === undefined) return [line];
      const first = !told.has(accept);
      told.add(accept);
      if (line === accept) return first ? [line] : [];
      return first ? [accept, line] : [line];
    })
    .join('\n');
}
