/** Exim on a mail host: Debian's split configuration with the files that jammd writes. */
import { accepts, freePort } from '../support/place.js';
import type { Daemon } from '../support/process.js';
import type { Host } from './host.js';

const main = `dc_eximconfig_configtype='internet'
dc_other_hostnames='mail.myhosting.example'
dc_local_interfaces='127.0.0.1'
dc_readhost=''
dc_relay_domains=''
dc_minimaldns='false'
dc_relay_nets=''
dc_smarthost=''
CFILEMODE='644'
dc_use_split_config='true'
dc_hide_mailname=''
dc_mailname_in_oh='true'
dc_localdelivery='mail_spool'
`;

export class Exim {
  #daemon: Daemon | undefined;

  private constructor(
    private readonly host: Host,
    readonly port: number,
  ) {}

  static async start(host: Host, files: ReadonlyMap<string, string>): Promise<Exim> {
    await host.write('/etc/exim4/update-exim4.conf.conf', main);
    await host.write('/etc/mailname', 'mail.myhosting.example\n');
    // The tests log in without TLS, and are nobody's neighbour.
    await host.write('/etc/exim4/conf.d/main/00_tests', 'AUTH_SERVER_ALLOW_NOTLS_PASSWORDS = yes\nMAIN_RELAY_NETS = 192.0.2.1\n');
    const exim = new Exim(host, await freePort());
    await exim.configure(files);
    return exim;
  }

  /** Puts the files in their place and starts Exim anew. */
  async configure(files: ReadonlyMap<string, string>): Promise<void> {
    await this.#daemon?.stop();
    for (const [path, text] of files) await this.host.write(path, text);
    await this.host.runOrFail('update-exim4.conf', []);
    this.#daemon = this.host.start('exim4', ['-bdf', '-oX', `127.0.0.1.${this.port}`]);
    await this.#daemon.waitUntil(() => accepts(this.port));
  }

  /** `exim -bt`: where it would deliver; undefined where it cannot find out. */
  async route(address: string): Promise<string | undefined> {
    const { code, stdout } = await this.host.run('exim4', ['-bt', address]);
    return code === 0 ? /router = .*/.exec(stdout)?.[0] : undefined;
  }

  get log(): Promise<string> {
    return this.host.read('/var/log/exim4/mainlog');
  }

  async send(to: string, options: readonly string[] = []): Promise<{ code: number; transcript: string }> {
    const server = ['--server', '127.0.0.1', '--port', String(this.port), '--helo', 'client.away.example', '--timeout', '20'];
    const from = ['--from', 'someone@away.example', '--to', to];
    const finished = await this.host.run('swaks', [...server, ...from, ...options]);
    return { code: finished.code, transcript: finished.stdout + finished.stderr };
  }
}
