/** Dovecot 2.4 on a mail host of today: Debian's conf.d, without its system users, and the file that jammd writes. */
import { accepts, freePort } from '../support/place.js';
import type { Daemon } from '../support/process.js';
import type { Host } from './host.js';

export interface DovecotTodayOptions {
  /** The text of conf.d/99-jammd.conf. */
  readonly config: string;
  /** For IMAP over TLS; on the host. */
  readonly tls?: { readonly certificate: string; readonly key: string };
}

export class DovecotToday {
  readonly imapPort: number;
  readonly imapsPort: number;
  readonly #host: Host;
  #daemon: Daemon | undefined;

  private constructor(host: Host, imapPort: number, imapsPort: number) {
    this.#host = host;
    this.imapPort = imapPort;
    this.imapsPort = imapsPort;
  }

  static async start(host: Host, options: DovecotTodayOptions): Promise<DovecotToday> {
    await host.edit('/etc/dovecot/conf.d/10-auth.conf', (text) =>
      text.replace(/^!include auth-system\.conf\.ext/m, '#!include auth-system.conf.ext'),
    );
    await host.runOrFail('install', ['-d', '-m', '0700', '-o', 'postfix', '/var/spool/postfix/private']);
    const dovecot = new DovecotToday(host, await freePort(), await freePort());
    await dovecot.configure(options);
    return dovecot;
  }

  /** Writes the configuration and starts Dovecot anew. */
  async configure({ config, tls }: DovecotTodayOptions): Promise<void> {
    await this.#daemon?.stop();
    await this.#host.write('/etc/dovecot/conf.d/99-jammd.conf', config);
    await this.#host.write('/etc/dovecot/local.conf', this.#hostSettings(tls));
    this.#daemon = this.#host.start('dovecot', ['-F']);
    await this.#daemon.waitUntil(() => accepts(this.imapPort));
  }

  /** `doveadm auth test`; 'unavailable' where Dovecot itself says that it could not find out. */
  async authenticate(user: string, password: string): Promise<'accepted' | 'refused' | 'unavailable'> {
    const { code, stdout, stderr } = await this.#host.run('doveadm', ['auth', 'test', user, password]);
    if (code === 0) return 'accepted';
    return /temp|internal|timeout/i.test(stdout + stderr) ? 'unavailable' : 'refused';
  }

  /** `doveadm user '*'`: every account. */
  async users(): Promise<string[]> {
    const { stdout } = await this.#host.runOrFail('doveadm', ['user', '*']);
    return stdout.split('\n').filter((line) => line !== '');
  }

  /** The subjects in a user's inbox. */
  async subjects(user: string): Promise<string[]> {
    const { stdout } = await this.#host.run('doveadm', ['fetch', '-u', user, 'hdr.subject', 'mailbox', 'INBOX', 'ALL']);
    return [...stdout.matchAll(/^hdr\.subject: (.*)$/gm)].map(([, subject = '']) => subject);
  }

  get log(): string {
    return this.#daemon?.output ?? '';
  }

  /** Ports of its own on loopback; its brakes on guessing are off, since the tests guess a lot. */
  #hostSettings(tls: DovecotTodayOptions['tls']): string {
    const certificate = tls ? `ssl_server_cert_file = ${tls.certificate}\nssl_server_key_file = ${tls.key}\n` : 'ssl = no\n';
    return `listen = 127.0.0.1
log_path = /dev/stderr
auth_verbose = yes
auth_failure_delay = 0
service anvil {
  unix_listener anvil-auth-penalty {
    mode = 0
  }
}
service imap-login {
  inet_listener imap {
    port = ${this.imapPort}
  }
  inet_listener imaps {
    port = ${tls ? this.imapsPort : 0}
  }
}
${certificate}`;
  }
}
