/** Listeners for a directory: jammd's own LDAP server, in the embedding program's process. */
import { pino, type Logger } from 'pino';
import type { TlsConfig } from '../config/model.js';
import { createServer as createLdapServer, type LdapServer } from '../server/server.js';
import type { Directory as Core } from '../directory/directory.js';
import { internalsOf, type Closeable } from './core.js';
import type { Directory } from './directory.js';
import { guarded, guardedNow } from './failure.js';

/** PEM files for ldaps:// and StartTLS. */
export interface TlsOptions {
  readonly certificateFile: string;
  /** The certificate's own file by default. */
  readonly keyFile?: string;
  /** Certificates of those who may vouch for clients. */
  readonly caFile?: string;
  /** Whether clients show certificates: not asked (the default), asked, refused with a wrong one, refused without one. */
  readonly verifyClient?: TlsConfig['verifyClient'];
}

/** What a server does beyond its configuration. */
export interface ServerOptions {
  /** A pino logger; `debug` gives a line for each operation. Silent by default. */
  readonly logger?: Logger;
  /** What the configuration's TLS directives say by default. */
  readonly tls?: TlsOptions;
}

/**
 * Makes an LDAP server for a directory; it listens when `listen` says so. Its limits and TLS are the configuration's.
 * Throws LdapError 53 if the certificates cannot be used.
 *
 *     const server = createServer(directory);
 *     const [url] = await server.listen('ldap://127.0.0.1:0/');   // 'ldap://127.0.0.1:41234/'
 */
export function createServer(directory: Directory, options: ServerOptions = {}): Server {
  return new Server(directory, options);
}

/** An LDAP server: what slapd is, on a directory of this process. */
export class Server {
  readonly #server: LdapServer;
  readonly #core: Core;
  readonly #users: Set<Closeable>;
  #closing: Promise<void> | undefined;

  /** Not for programs: see `createServer`. @internal */
  constructor(directory: Directory, { logger = pino({ level: 'silent' }), tls }: ServerOptions) {
    const { core, users, assertOpen } = internalsOf(directory);
    assertOpen();
    const { config } = core;
    this.#core = core;
    this.#users = users;
    this.#server = guardedNow(() =>
      createLdapServer({ directory: core, config: tls ? { ...config, tls: tlsConfig(tls) } : config, logger }),
    );
    users.add(this);
    this.#describe();
  }

  /**
   * Opens listeners: one URL, or several separated by blanks, of `ldap://`, `ldaps://` and `ldapi://` (with the socket's
   * path escaped: `ldapi://%2Frun%2Fjammd%2Fldapi`), and of `pldap://` and `pldaps://` behind a load balancer that sends
   * PROXY headers. Resolves with the URLs as bound: port 0 becomes a free one.
   * Rejects with LdapError, and opens none of them: 52 where a port cannot be had, 53 for what is no such URL.
   */
  async listen(urls: string): Promise<string[]> {
    return guarded(async () => {
      const bound = await this.#server.listen(urls);
      this.#describe();
      return bound;
    });
  }

  /** Reloads the certificates. Throws LdapError 53, and goes on with the old ones, where the new cannot be used. */
  reloadTls(): void {
    guardedNow(() => this.#server.reloadTls());
  }

  /**
   * Takes no more connections and requests, lets those under way finish (ten seconds at most) and disconnects everybody.
   * The directory stays open. Closing twice is fine.
   */
  close(): Promise<void> {
    this.#closing ??= guarded(() => this.#server.close()).finally(() => this.#users.delete(this));
    return this.#closing;
  }

  /** The root DSE says what this server offers. */
  #describe(): void {
    this.#core.describeFrontEnd({ startTls: this.#server.startTls }, this.#server);
  }
}

function tlsConfig({ certificateFile, keyFile, caFile, verifyClient }: TlsOptions): TlsConfig {
  return {
    certificateFile,
    certificateKeyFile: keyFile,
    caCertificateFile: caFile,
    caCertificatePath: undefined,
    crlFile: undefined,
    cipherSuite: undefined,
    dhParamFile: undefined,
    protocolMin: '1.2',
    protocolMax: '1.3',
    verifyClient: verifyClient ?? 'never',
  };
}
