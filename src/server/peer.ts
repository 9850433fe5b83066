/** Describes the other side of a connection in the terms of access rules and logs. */
import type { Socket } from 'node:net';
import type { Peer } from '../directory/model.js';

/** IPv4 clients of a socket that serves both families come as `::ffff:192.0.2.1`. */
const mappedIPv4 = '::ffff:';

export function plainAddress(address: string): string {
  return address.startsWith(mappedIPv4) && address.includes('.') ? address.slice(mappedIPv4.length) : address;
}

/** slapd's way to name an end of a connection: `IP=127.0.0.1:389`, `IP=[::1]:389`. */
export function endpointName(address: string, port: number): string {
  return address.includes(':') ? `IP=[${address}]:${port}` : `IP=${address}:${port}`;
}

/** Where a client is; its address is empty on a Unix socket. */
export interface ClientEndpoint {
  readonly address: string;
  readonly port: number;
}

/** The other end of the socket itself. */
export function socketEndpoint(socket: Socket, { path }: { readonly path: string | undefined }): ClientEndpoint {
  return path === undefined
    ? { address: plainAddress(socket.remoteAddress ?? ''), port: socket.remotePort ?? 0 }
    : { address: '', port: 0 };
}

/**
 * `client`: the socket's other end, or whom the proxy there speaks for; `path`: of the socket file, for ldapi://;
 * `localSsf`: what such a connection counts as, in bits.
 */
export function peerOf(
  socket: Socket,
  client: ClientEndpoint,
  listener: { readonly url: string; readonly path: string | undefined; readonly localName: string },
  localSsf: number,
): Peer {
  const { path } = listener;
  return {
    address: client.address,
    name: path === undefined ? endpointName(client.address, client.port) : `PATH=${path}`,
    localName:
      path === undefined ? endpointName(plainAddress(socket.localAddress ?? ''), socket.localPort ?? 0) : listener.localName,
    listener: listener.url,
    tlsSsf: 0,
    transportSsf: path === undefined ? 0 : localSsf,
    externalIdentity: undefined,
  };
}
