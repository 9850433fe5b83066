/**
 * A mail host of another release beside a directory: jammd, which runs on the machine, or the release's own slapd, which
 * runs on the host with the same configuration and the same entries.
 */
import type { ReleasePurpose } from '../support/debian-release.js';
import { presentConfig } from '../support/howto.js';
import { ownConfig, ownLdif } from '../support/own-schema.js';
import { account, alias, wholeTreeLdif } from '../support/hosting-tree.js';
import { accepts, freePort } from '../support/place.js';
import type { Daemon } from '../support/process.js';
import { startJammd } from '../support/reference-server.js';
import { fileOf, printedConfig } from './printed-config.js';
import { projectInside, ReleaseHost } from './release-host.js';

export type DirectoryKind = 'jammd' | 'slapd';

/** What of a directory's life the tests direct. */
export interface ReleaseDirectory {
  readonly url: string;
  readonly port: number;
  log(): string;
  halt(signal?: NodeJS.Signals): Promise<void>;
  resume(): Promise<void>;
  stop(): Promise<void>;
}

export interface ReleaseStackOptions {
  readonly purpose?: ReleasePurpose;
  /** With jammd.schema, and entries that use it. */
  readonly own?: boolean;
  /** Lines before the configuration. */
  readonly head?: string;
  readonly urls?: readonly string[];
  /** Further arguments of `jammd serve`. */
  readonly jammdArgs?: readonly string[];
  /** Whatever the directory needs on the host before it starts. */
  readonly prepare?: (host: ReleaseHost) => Promise<void>;
}

export const small = { mail: 'small@one.example', password: 'small-pw', quotaBytes: 30_000 } as const;

export const releaseLdif =
  wholeTreeLdif +
  account(small.mail, { password: small.password, quota: `${small.quotaBytes}S,100C` }) +
  account('counted@one.example', { password: 'counted-pw', quota: '3C' }) +
  account('changer@one.example', { password: 'old-pw' }) +
  account('plus@one.example') +
  account('named@one.example', { cn: 'Jay Dee' }) +
  account('web+mail@one.example', { password: 'plus-pw' }) +
  alias('everybody@one.example', ['user@one.example', small.mail]);

export class ReleaseStack {
  readonly server: ReleaseDirectory;
  readonly host: ReleaseHost;

  private constructor(server: ReleaseDirectory, host: ReleaseHost) {
    this.server = server;
    this.host = host;
  }

  static async start(kind: DirectoryKind, options: ReleaseStackOptions = {}): Promise<ReleaseStack> {
    const host = await ReleaseHost.create(options.purpose ?? 'mail');
    const config = `${options.head ?? ''}\n${(options.own ? ownConfig : presentConfig).replace(/^database /m, 'sizelimit unlimited\n$&')}`;
    const ldif = releaseLdif + (options.own ? ownLdif : '');
    const urls = options.urls ?? [];
    try {
      await options.prepare?.(host);
      const server =
        kind === 'jammd'
          ? await startJammd({ config, ldif, urls, jammdArgs: options.jammdArgs ?? [] })
          : await ReleaseSlapd.start(host, config, ldif, urls);
      return new ReleaseStack(server, host);
    } catch (error) {
      await host.stop();
      throw error;
    }
  }

  /** One file that `jammd config` prints. */
  async printed(program: string, path: string, args: readonly string[] = []): Promise<string> {
    return fileOf(await this.printedAll(program, args), path);
  }

  printedAll(program: string, args: readonly string[] = []): ReturnType<typeof printedConfig> {
    const owner = program === 'slapd' || program === 'roundcube' ? [] : ['--vmail-uid', '5000', '--vmail-gid', '5000'];
    const url = args.includes('-H') ? [] : ['-H', this.server.url];
    return printedConfig([program, ...owner, ...url, ...args]);
  }

  async stop(): Promise<void> {
    await this.server.stop();
    await this.host.stop();
  }
}

/** slapd of the release, in the foreground. */
class ReleaseSlapd implements ReleaseDirectory {
  readonly url: string;
  readonly #daemons: Daemon[] = [];

  private constructor(
    private readonly host: ReleaseHost,
    readonly port: number,
    private readonly urls: readonly string[],
  ) {
    this.url = `ldap://127.0.0.1:${port}`;
  }

  static async start(host: ReleaseHost, config: string, ldif: string, urls: readonly string[]): Promise<ReleaseSlapd> {
    const folder = '/var/lib/ldap-test';
    await host.runOrFail('install', ['-d', folder]);
    const text = config
      .replaceAll('@DIRECTORY@', folder)
      .replaceAll('@JAMM_SCHEMA@', `${projectInside}/schema/jamm.schema`)
      .replaceAll('@JAMMD_SCHEMA@', `${projectInside}/schema/jammd.schema`)
      .replace(/^database\s+mdb\s*$/gm, 'database mdb\nmaxsize 1073741824');
    await host.write(`${folder}/slapd.conf`, text);
    await host.write(`${folder}/tree.ldif`, ldif);
    await host.runOrFail('slapadd', ['-f', `${folder}/slapd.conf`, '-l', `${folder}/tree.ldif`]);
    const slapd = new ReleaseSlapd(host, await freePort(), urls);
    await slapd.resume();
    return slapd;
  }

  log(): string {
    return this.#daemons.map(({ output }) => output).join('');
  }

  async halt(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    await this.#daemons.at(-1)?.stop(signal);
  }

  async resume(): Promise<void> {
    const urls = [`${this.url}/`, ...this.urls].join(' ');
    const daemon = this.host.start('/usr/sbin/slapd', ['-f', '/var/lib/ldap-test/slapd.conf', '-h', urls, '-d', '256']);
    this.#daemons.push(daemon);
    await daemon.waitUntil(() => accepts(this.port));
  }

  async stop(): Promise<void> {
    await this.halt();
  }
}
