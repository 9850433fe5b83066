/** The other side of a connection, in the words that access rules and logs use. */
import type { Socket } from 'node:net';
import type { Peer } from '../directory/model.js';
import { localTransportSsf } from './limits.js';

/** IPv4 clients of a socket that serves both families come as `::ffff:192.0.2.1`. */
const mappedIPv4 = '::ffff:';

export function plainAddress(address: string): string {
  return address.startsWith(mappedIPv4) && address.includes('.') ? address.slice(mappedIPv4.length) : address;
}

/** slapd's way to name an end of a connection: `IP=127.0.0.1:389`, `IP=[::1]:389`. */
export function endpointName(address: string, port: number): string {
  return address.includes(':') ? `IP=[${address}]:${port}` : `IP=${address}:${port}`;
}

/** `listener`: its URL. `path`: of the socket file, for ldapi://. */
export function peerOf(socket: Socket, listener: string, path: string | undefined): Peer {
  const address = path === undefined ? plainAddress(socket.remoteAddress ?? '') : '';
  return {
    address,
    name: path === undefined ? endpointName(address, socket.remotePort ?? 0) : `PATH=${path}`,
    listener,
    tlsSsf: 0,
    transportSsf: path === undefined ? 0 : localTransportSsf,
    externalIdentity: undefined,
  };
}
