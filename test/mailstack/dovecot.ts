/**
 * Dovecot on a mail host: Debian's configuration with PAM left out, and local.conf. Its IMAP server cannot be installed
 * beside Courier's; its authentication, which alone speaks LDAP, and doveadm, which reads mail as the IMAP server does,
 * are in dovecot-core.
 */
import { existsSync } from 'node:fs';
import type { Daemon } from '../support/process.js';
import type { Host } from './host.js';

export interface DovecotOptions {
  /** The lines for local.conf. */
  readonly local: string;
  readonly ldap: string;
}

const postfixSocket = '/var/spool/postfix/private/auth';

/** Its own brakes on guessing are off: the tests guess a lot. */
const hostSettings = `log_path = /dev/stderr
auth_verbose = yes
auth_failure_delay = 0
service anvil {
  unix_listener anvil-auth-penalty {
    mode = 0
  }
}
ssl = no
service auth {
  unix_listener ${postfixSocket} {
    mode = 0660
    user = postfix
    group = postfix
  }
}
`;

export class Dovecot {
  readonly #host: Host;
  #daemon: Daemon | undefined;

  private constructor(host: Host) {
    this.#host = host;
  }

  static async start(host: Host, options: DovecotOptions): Promise<Dovecot> {
    await host.edit('/etc/dovecot/conf.d/10-auth.conf', (text) =>
      text.replace(/^!include auth-system\.conf\.ext/m, '#!include auth-system.conf.ext'),
    );
    // Only its IMAP server would use a certificate, and the package makes none where ssl-cert is not installed.
    await host.edit('/etc/dovecot/conf.d/10-ssl.conf', (text) => text.replace(/^(ssl_(?:cert|key) = )/gm, '#$1'));
    await host.runOrFail('install', ['-d', '-m', '0700', '-o', 'postfix', '/var/spool/postfix/private']);
    const dovecot = new Dovecot(host);
    await dovecot.configure(options);
    return dovecot;
  }

  /** Writes the configuration and starts Dovecot anew. */
  async configure({ local, ldap }: DovecotOptions): Promise<void> {
    await this.#host.write('/etc/dovecot/local.conf', `${local}\n${hostSettings}`);
    await this.#host.write('/etc/dovecot/dovecot-ldap.conf.ext', ldap);
    await this.#daemon?.stop();
    this.#daemon = this.#host.start('dovecot', ['-F']);
    await this.#daemon.waitUntil(() => existsSync(this.#host.outside('/run/dovecot/auth-client')));
  }

  /** `doveadm auth test`; 'unavailable' where Dovecot itself says that it could not find out. */
  async authenticate(user: string, password: string): Promise<'accepted' | 'refused' | 'unavailable'> {
    const { code, stdout, stderr } = await this.#host.run('doveadm', ['auth', 'test', user, password]);
    if (code === 0) return 'accepted';
    return /temp|internal|timeout/i.test(stdout + stderr) ? 'unavailable' : 'refused';
  }

  /** `doveadm user`: what the user database says; undefined where it knows nobody of that name. */
  async user(name: string): Promise<Readonly<Record<string, string>> | undefined> {
    const { code, stdout } = await this.#host.run('doveadm', ['user', name]);
    if (code !== 0) return undefined;
    const lines = stdout.trim().split('\n').slice(1);
    return Object.fromEntries(lines.map((line) => line.split('\t') as [string, string]));
  }

  /** `doveadm user '*'`: every account. */
  async users(): Promise<string[]> {
    const { stdout } = await this.#host.runOrFail('doveadm', ['user', '*']);
    return stdout.split('\n').filter((line) => line !== '');
  }

  /** The subjects in a user's inbox, read where the user database says the mail is. */
  async subjects(user: string): Promise<string[]> {
    const { stdout } = await this.#host.runOrFail('doveadm', ['fetch', '-u', user, 'hdr.subject', 'mailbox', 'INBOX', 'ALL']);
    return [...stdout.matchAll(/^hdr\.subject: (.*)$/gm)].map(([, subject = '']) => subject);
  }

  /** `doveadm save`: puts a message into a user's inbox, as far as the quota lets it. */
  async save(user: string, message: string): Promise<boolean> {
    return (await this.#host.run('doveadm', ['save', '-u', user], { input: message })).code === 0;
  }

  /** `doveadm quota get`: what is stored and what may be, in KiB; `-` where there is no limit. */
  async storage(user: string): Promise<{ used: string; limit: string }> {
    const { stdout } = await this.#host.runOrFail('doveadm', ['-f', 'tab', 'quota', 'get', '-u', user]);
    const [, , used = '', limit = ''] = /^.*\tSTORAGE\t.*$/m.exec(stdout)?.[0].split('\t') ?? [];
    return { used, limit };
  }

  get log(): string {
    return this.#daemon?.output ?? '';
  }
}
