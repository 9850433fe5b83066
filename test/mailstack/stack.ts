/** jammd, and beside it a mail host whose Postfix, Courier and Dovecot are configured with what `jammd config` prints. */
import { jammdProgram } from '../commands/jammd.js';
import { presentConfig } from '../support/howto.js';
import { alias, account, wholeTreeLdif } from '../support/hosting-tree.js';
import { startJammd, type ReferenceServer } from '../support/reference-server.js';
import { Courier } from './courier.js';
import { Dovecot } from './dovecot.js';
import { hostName, localUser, MailHost } from './mail-host.js';
import { Postfix, type PostfixOptions } from './postfix.js';
import { fileOf, printedConfig, type PrintedFiles } from './printed-config.js';

/** The tests' tree, and what only mail needs. */
export const stackLdif =
  wholeTreeLdif +
  account('fresh@one.example', { password: 'fresh-pw' }) +
  alias('sysop@one.example', [`${localUser.name}@${hostName}`]);

export interface StackOptions {
  readonly config?: string;
  readonly ldif?: string;
  /** Listeners of jammd besides the one on loopback; `@HOST@` becomes the mail host's folder. */
  readonly urls?: readonly string[];
}

/** jammd and an empty mail host. */
export class MailStack {
  readonly server: ReferenceServer;
  readonly host: MailHost;

  private constructor(server: ReferenceServer, host: MailHost) {
    this.server = server;
    this.host = host;
  }

  static async start(options: StackOptions = {}): Promise<MailStack> {
    const host = await MailHost.create();
    try {
      const server = await startJammd({
        config: options.config ?? presentConfig,
        ldif: options.ldif ?? stackLdif,
        urls: (options.urls ?? []).map((url) => url.replaceAll('@HOST@', encodeURIComponent(host.outside('')))),
      });
      return new MailStack(server, host);
    } catch (error) {
      await host.stop();
      throw error;
    }
  }

  /** Postfix with what `jammd config postfix` prints for `args`. */
  async startPostfix(args: readonly string[] = [], options: Partial<PostfixOptions> = {}): Promise<Postfix> {
    const main = await this.installPostfixMaps(args);
    return Postfix.start(this.host, { ...options, main: `${main}\n${options.main ?? ''}` });
  }

  /** As the README says it: the command writes the maps; answers with the lines for main.cf, which it prints. */
  async installPostfixMaps(args: readonly string[] = []): Promise<string> {
    const command = [process.execPath, jammdProgram, 'config', 'postfix', ...this.#reach(args)];
    const { stdout } = await this.host.runOrFail('sh', [
      '-c',
      'umask 077; exec "$@"',
      'sh',
      ...command,
      '--write',
      '/etc/postfix',
      '--force',
    ]);
    return stdout;
  }

  async startCourier(args: readonly string[] = []): Promise<Courier> {
    return Courier.start(this.host, courierOptions(await this.courierFiles(args)));
  }

  async courierFiles(args: readonly string[] = []): Promise<PrintedFiles> {
    const files = await this.#printed('courier', args);
    const libldap = files.get('/etc/ldap/ldap.conf');
    if (libldap !== undefined) await this.host.write('/etc/ldap/ldap.conf', libldap);
    return files;
  }

  async startDovecot(args: readonly string[] = []): Promise<Dovecot> {
    return Dovecot.start(this.host, dovecotOptions(await this.dovecotFiles(args)));
  }

  dovecotFiles(args: readonly string[] = []): Promise<PrintedFiles> {
    return this.#printed('dovecot', ['--dovecot', '2.3', ...args]);
  }

  async stop(): Promise<void> {
    await this.host.stop();
    await this.server.stop();
  }

  #reach(args: readonly string[]): string[] {
    return args.includes('-H') ? [...args] : ['-H', this.server.url, ...args];
  }

  #printed(program: string, args: readonly string[]): Promise<PrintedFiles> {
    return printedConfig([program, ...this.#reach(args)]);
  }
}

export function courierOptions(files: PrintedFiles): { authdaemonrc: string; authldaprc: string } {
  return { authdaemonrc: fileOf(files, '/etc/courier/authdaemonrc'), authldaprc: fileOf(files, '/etc/courier/authldaprc') };
}

export function dovecotOptions(files: PrintedFiles): { local: string; ldap: string } {
  return { local: fileOf(files, '/etc/dovecot/local.conf'), ldap: fileOf(files, '/etc/dovecot/dovecot-ldap.conf.ext') };
}
