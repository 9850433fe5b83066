/** Postfix on a mail host: Debian's master.cf, the lines of main.cf that every host needs, and what is given besides. */
import { readFileSync } from 'node:fs';
import type { Daemon, Finished } from '../support/process.js';
import { accepts, freePort } from '../support/place.js';
import { hostName, type Host } from './host.js';

export interface PostfixOptions {
  /** Lines for main.cf. */
  readonly main: string;
  /** A second listener for mail from users who log in (through Dovecot's private/auth) and send as themselves. */
  readonly submission?: boolean;
  /** Debian runs most daemons in a chroot below the queue; false: none of them. */
  readonly chroot?: boolean;
}

export interface Sending {
  /** swaks' exit status: 0 accepted, 23 MAIL FROM refused, 24 RCPT TO refused, 28 log-in failed. */
  readonly code: number;
  readonly transcript: string;
}

export class Postfix {
  readonly port: number;
  readonly submissionPort: number;
  readonly #host: Host;
  #daemon: Daemon | undefined;

  private constructor(host: Host, port: number, submissionPort: number) {
    this.#host = host;
    this.port = port;
    this.submissionPort = submissionPort;
  }

  static async start(host: Host, options: PostfixOptions): Promise<Postfix> {
    const postfix = new Postfix(host, await freePort(), await freePort());
    await postfix.configure(options);
    await host.runOrFail('postfix', ['check']);
    await postfix.resume();
    return postfix;
  }

  /** Writes main.cf and master.cf; a running Postfix takes them when it is started anew. */
  async configure(options: PostfixOptions): Promise<void> {
    await this.#host.write('/etc/postfix/main.cf', mainWith(options.main));
    const master = await this.#host.read('/etc/postfix/master.cf.proto');
    const listener = master.replace(/^smtp( +inet)/m, `127.0.0.1:${this.port}$1`);
    const chrooted = options.chroot === false ? listener.replace(/^(\S+ +\S+ +\S+ +\S+ +)y( )/gm, '$1n$2') : listener;
    const submission = options.submission ? submissionService(this.submissionPort) : '';
    await this.#host.write('/etc/postfix/master.cf', `${chrooted}\n${submission}`);
  }

  async resume(): Promise<void> {
    const daemon = this.#host.start('/usr/lib/postfix/sbin/master', ['-c', '/etc/postfix']);
    this.#daemon = daemon;
    await daemon.waitUntil(() => accepts(this.port));
  }

  async halt(): Promise<void> {
    await this.#daemon?.stop();
    // Its children end after it, and hold the port until then.
    while (await accepts(this.port)) await new Promise((resolve) => setTimeout(resolve, 20));
  }

  /** The mail log. */
  get log(): string {
    return readFileSync(this.#host.outside('/var/log/mail.log'), 'utf8');
  }

  /** swaks, to the port for mail from anywhere. */
  send(to: string, options: readonly string[] = []): Promise<Sending> {
    return this.#swaks(this.port, to, ['--from', 'someone@away.example', ...options]);
  }

  /** swaks, to the port for users, logged in. */
  submit(from: string, login: { readonly user: string; readonly password: string }): Promise<Sending> {
    const auth = ['--auth', 'PLAIN', '--auth-user', login.user, '--auth-password', login.password];
    return this.#swaks(this.submissionPort, 'user@one.example', ['--from', from, ...auth]);
  }

  /** `postmap -q KEY MAP` on the host. */
  query(map: string, key: string): Promise<Finished> {
    return this.#host.run('postmap', ['-q', key, map]);
  }

  /** Tries deferred mail again now. */
  async flush(): Promise<void> {
    await this.#host.runOrFail('postqueue', ['-f']);
  }

  /** Addresses that mail in the queue is for. */
  async queue(): Promise<string[]> {
    const { stdout } = await this.#host.runOrFail('postqueue', ['-j']);
    const messages = stdout.split('\n').filter((line) => line !== '');
    return messages.flatMap((line) => (JSON.parse(line) as QueuedMessage).recipients.map(({ address }) => address));
  }

  async #swaks(port: number, to: string, options: readonly string[]): Promise<Sending> {
    const server = ['--server', '127.0.0.1', '--port', String(port), '--helo', 'client.away.example', '--timeout', '20'];
    const finished = await this.#host.run('swaks', [...server, '--to', to, ...options]);
    return { code: finished.code, transcript: finished.stdout + finished.stderr };
  }
}

interface QueuedMessage {
  readonly recipients: readonly { readonly address: string }[];
}

/**
 * The client of the tests is nobody's neighbour: mail for elsewhere is refused, as from anywhere. What an alias sends
 * on to elsewhere is thrown away, and the log says so.
 */
const baseMain = `compatibility_level = 3.6
myhostname = ${hostName}
mydestination = $myhostname, localhost
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
mynetworks = 192.0.2.0/24
smtpd_relay_restrictions = permit_mynetworks, permit_sasl_authenticated, reject_unauth_destination
append_dot_mydomain = no
biff = no
maillog_file = /var/log/mail.log
default_transport = discard:sent elsewhere
alias_maps =
alias_database =
minimal_backoff_time = 1s
maximal_backoff_time = 2s
queue_run_delay = 1s
`;

/**
 * What `lines` set is left out of the base. Postfix warns of a parameter that is set twice, postlogd among others, and
 * that one by its own socket: where ten other warnings wait there, it waits for itself, and all of Postfix for it.
 */
function mainWith(lines: string): string {
  const set = new Set([...lines.matchAll(/^(\w+) *=/gm)].map(([, name]) => name));
  const base = baseMain.split('\n').filter((line) => !set.has(/^\w+/.exec(line)?.[0] ?? ''));
  return `${base.join('\n')}\n${lines}`;
}

function submissionService(port: number): string {
  return `127.0.0.1:${port} inet n - n - - smtpd
  -o smtpd_sasl_auth_enable=yes
  -o smtpd_sasl_type=dovecot
  -o smtpd_sasl_path=private/auth
  -o smtpd_sender_restrictions=reject_sender_login_mismatch
`;
}
