/** A Unix socket on a host of the tests that leads to a server elsewhere, as if that one listened on the host itself. */
import { once } from 'node:events';
import { connect, createServer, type NetConnectOpts, type Server } from 'node:net';
import { pipeline } from 'node:stream';
import type { Host } from './host.js';

/** Open to every user of the host. */
export async function openPassage(host: Host, path: string, to: NetConnectOpts): Promise<Server> {
  const server = createServer((socket) => {
    pipeline(socket, connect(to), socket, () => undefined);
  });
  server.listen(host.outside(path));
  await once(server, 'listening');
  await host.runOrFail('chmod', ['0666', path]);
  return server;
}
