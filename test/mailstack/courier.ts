/** Courier on a mail host: authdaemond with authldap, and its IMAP and POP3 servers, each with Debian's own settings. */
import { existsSync } from 'node:fs';
import { accepts, freePort } from '../support/place.js';
import type { Daemon } from '../support/process.js';
import type { Host } from './host.js';

export interface CourierOptions {
  /** The lines for authdaemonrc. */
  readonly authdaemonrc: string;
  readonly authldaprc: string;
}

const libexec = '/usr/lib/courier';

export class Courier {
  readonly imapPort: number;
  readonly pop3Port: number;
  readonly #host: Host;
  #auth: Daemon | undefined;

  private constructor(host: Host, imapPort: number, pop3Port: number) {
    this.#host = host;
    this.imapPort = imapPort;
    this.pop3Port = pop3Port;
  }

  static async start(host: Host, options: CourierOptions): Promise<Courier> {
    const courier = new Courier(host, await freePort(), await freePort());
    await courier.configure(options);
    await courier.#startServer('imapd', courier.imapPort, `${libexec}/courier/imaplogin /usr/bin/imapd Maildir`);
    await courier.#startServer(
      'pop3d',
      courier.pop3Port,
      `${libexec}/courier/courierpop3login ${libexec}/courier/courierpop3d Maildir`,
    );
    return courier;
  }

  /** Without the IMAP and POP3 servers, which cannot be installed beside Dovecot's. */
  static async startAuthentication(host: Host, options: CourierOptions): Promise<Courier> {
    const courier = new Courier(host, 0, 0);
    await courier.configure(options);
    return courier;
  }

  /** Writes authdaemonrc and authldaprc, and starts the authentication daemon anew. */
  async configure(options: CourierOptions): Promise<void> {
    const names = new Set([...options.authdaemonrc.matchAll(/^(\w+)=/gm)].map(([, name]) => name));
    await this.#host.edit('/etc/courier/authdaemonrc', (text) => {
      const kept = text.split('\n').filter((line) => !names.has(/^(\w+)=/.exec(line)?.[1] ?? ''));
      return [...kept, options.authdaemonrc].join('\n');
    });
    await this.#host.write('/etc/courier/authldaprc', options.authldaprc);
    await this.#auth?.stop();
    this.#auth = this.#host.start('sh', [
      '-c',
      `set -a; . /etc/courier/authdaemonrc; rm -f /run/courier/authdaemon/socket; exec ${libexec}/courier-authlib/authdaemond`,
    ]);
    await this.#auth.waitUntil(() => existsSync(this.#host.outside('/run/courier/authdaemon/socket')));
  }

  /** `authtest -s service user password` */
  async authenticate(user: string, password: string, service = 'imap'): Promise<boolean> {
    const finished = await this.#host.run('authtest', ['-s', service, user, password]);
    return finished.code === 0 && `${finished.stdout}${finished.stderr}`.includes('Authentication succeeded');
  }

  /** `authenumerate`: the addresses of all accounts. */
  async users(): Promise<string[]> {
    const { stdout } = await this.#host.runOrFail('authenumerate', []);
    return stdout.split('\n').flatMap((line) => (line === '' || line === '.' ? [] : [line.split('\t')[0] ?? '']));
  }

  get log(): string {
    return this.#auth?.output ?? '';
  }

  /** As /usr/lib/courier/imapd and pop3d start them, in the foreground and on a port of their own. */
  async #startServer(name: string, port: number, command: string): Promise<void> {
    const script = `set -a; . /etc/courier/${name}-ssl; . /etc/courier/${name}; IMAP_STARTTLS=NO
      exec couriertcpd -address=127.0.0.1 -maxprocs=40 -maxperip=40 -nodnslookup -noidentlookup ${port} ${command}`;
    const daemon = this.#host.start('sh', ['-c', script]);
    await daemon.waitUntil(() => accepts(port));
  }
}
