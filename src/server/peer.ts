/** The other side of a connection, in the words that access rules and logs use. */
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

/** `path`: of the socket file, for ldapi://; `localSsf`: what such a connection counts as, in bits. */
export function peerOf(
  socket: Socket,
  listener: { readonly url: string; readonly path: string | undefined; readonly localName: string },
  localSsf: number,
): Peer {
  const { path } = listener;
  const address = path === undefined ? plainAddress(socket.remoteAddress ?? '') : '';
  return {
    address,
    name: path === undefined ? endpointName(address, socket.remotePort ?? 0) : `PATH=${path}`,
    localName:
      path === undefined
        ? endpointName(plainAddress(socket.localAddress ?? ''), socket.localPort ?? 0)
        : listener.localName,
    listener: listener.url,
    tlsSsf: 0,
    transportSsf: path === undefined ? 0 : localSsf,
    externalIdentity: undefined,
  };
}
