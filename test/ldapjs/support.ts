/** A directory mounted on a stock `ldapjs.createServer()`. */
import type { AddressInfo } from 'node:net';
import ldapjs, { type Server } from 'ldapjs';
import { openDirectory, type Directory, type LdapError, type OpenOptions } from '../../src/index.js';
import { mountDirectory, type MountOptions } from '../../src/ldapjs/index.js';
import { wholeTreeLdif } from '../support/hosting-tree.js';

export interface Mounted {
  readonly directory: Directory;
  readonly server: Server;
  readonly port: number;
  readonly errors: LdapError[];
  close(): Promise<void>;
}

export interface MountedOptions {
  readonly open?: OpenOptions;
  readonly ldif?: string;
  readonly mount?: MountOptions;
  /** What else the program has on its server; before the mount. */
  readonly prepare?: (server: Server) => void;
}

export async function mountHosting(options: MountedOptions = {}): Promise<Mounted> {
  const directory = await openDirectory(options.open ?? { memory: true, rootPassword: 'secret' });
  await directory.importLdif(options.ldif ?? wholeTreeLdif);
  const server = ldapjs.createServer();
  options.prepare?.(server);
  const errors: LdapError[] = [];
  mountDirectory(server, directory, { onError: (error) => errors.push(error), ...options.mount });
  await listen(server);
  return {
    directory,
    server,
    errors,
    port: portOf(server),
    close: async () => {
      await closeServer(server);
      await directory.close();
    },
  };
}

export function listen(server: Server): Promise<void> {
  return new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
}

export function portOf(server: Server): number {
  return (server as unknown as { address(): AddressInfo }).address().port;
}

/** Clients that tests have left open would keep it from closing. */
function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => server.close(() => resolve()));
}
