/** Where metrics are served: `127.0.0.1:9646`, `[::1]:9646`, `monitoring.example:9646`, `:9646` for every address. */
import { lookup } from 'node:dns/promises';
import net from 'node:net';

export interface Endpoint {
  /** Without brackets; empty for every address of this machine. */
  readonly host: string;
  readonly port: number;
}

/** Text that names no endpoint. */
export class EndpointError extends Error {
  override readonly name = 'EndpointError';
}

const pattern = /^(?:\[([0-9a-f:.]+(?:%[\w.-]+)?)\]|([\w.-]*)):(\d{1,5})$/i;

/** Throws EndpointError. */
export function parseEndpoint(text: string): Endpoint {
  const match = pattern.exec(text);
  if (!match) throw new EndpointError(`"${text}" is not HOST:PORT`);
  const [, bracketed, plain = '', digits] = match;
  const port = Number(digits);
  if (port > 0xffff) throw new EndpointError(`"${text}": the port is out of range`);
  if (bracketed !== undefined && !net.isIPv6(bracketed)) throw new EndpointError(`"${text}": no IPv6 address in the brackets`);
  return { host: bracketed ?? plain, port };
}

/** As part of a URL. */
export function formatEndpoint({ host, port }: Endpoint): string {
  const shown = host === '' ? '0.0.0.0' : host;
  return shown.includes(':') ? `[${shown}]:${port}` : `${shown}:${port}`;
}

/** The addresses to listen on; an empty one is every address. Rejects where a name has none. */
export async function addressesOf({ host }: Endpoint): Promise<readonly string[]> {
  if (host === '') return [''];
  if (net.isIP(host) !== 0) return [host];
  return (await lookup(host, { all: true })).map(({ address }) => address);
}

export function isLoopback(address: string): boolean {
  return address === '::1' || address.startsWith('127.') || address.startsWith('::ffff:127.');
}
