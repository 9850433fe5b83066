/** Opens the sockets of one listener URL, and takes over sockets passed by another program. */
import { lookup } from 'node:dns/promises';
import { once } from 'node:events';
import { chmodSync, fstatSync, lstatSync, unlinkSync } from 'node:fs';
import net from 'node:net';
import { formatListenUrl, type ListenScheme, type ListenUrl } from './listen-url.js';
import { localPathOf, networkSchemeOf, type PassedSocket } from './passed-sockets.js';
import { endpointName } from './peer.js';

/** A listener that cannot be opened. The message names its URL. */
export class ListenError extends Error {
  override readonly name = 'ListenError';
}

export interface Listener {
  /** As bound: with the port it got. */
  readonly url: string;
  /** Its first socket, as slapd names it. */
  readonly localName: string;
  readonly scheme: ListenScheme;
  /** Of the socket file, for ldapi://. */
  readonly path: string | undefined;
  readonly servers: readonly net.Server[];
}

export interface ListenerEvents {
  connection(socket: net.Socket, listener: Listener): void;
  error(error: Error, listener: Listener): void;
}

/** Milliseconds to find out whether a socket file is still being served. */
const probeMs = 2_000;
/**
 * Clients that wait to be accepted on a passed socket. Node sets it anew there: the most there is, so that nobody is
 * refused who waits for a restart. The kernel cuts it down to its own limit.
 */
const passedBacklog = 0xffff;

/** Rejects with ListenError. */
export async function openListener(url: ListenUrl, events: ListenerEvents): Promise<Listener> {
  try {
    return url.scheme === 'ldapi' ? await openLocal(url, events) : await openNetwork(url, events);
  } catch (error) {
    throw new ListenError(`cannot listen on ${formatListenUrl(url)}: ${listenReason(error)}`, { cause: error });
  }
}

/** The usual reasons in words that tell what to do. */
const reasons: Readonly<Record<string, string>> = {
  EADDRINUSE: 'another program listens there; stop it, or choose another port',
  EACCES: 'this user may not; ports below 1024 need root or the capability CAP_NET_BIND_SERVICE',
  EADDRNOTAVAIL: 'this machine has no such address',
  ENOTFOUND: 'no such host',
};

/** Why an address cannot be listened on. */
export function listenReason(error: unknown): string {
  const { code, syscall } = error as NodeJS.ErrnoException;
  const known = syscall === 'listen' || syscall === 'getaddrinfo' ? reasons[code ?? ''] : undefined;
  return known ?? (error instanceof Error ? error.message : String(error));
}

/** Takes over a socket that listens already. Rejects with ListenError. */
export async function openPassed(passed: PassedSocket, events: ListenerEvents): Promise<Listener> {
  try {
    return await adopt(passed, events);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new ListenError(`cannot listen on passed socket ${passed.descriptor} (${passed.name}): ${reason}`, { cause: error });
  }
}

async function adopt(passed: PassedSocket, events: ListenerEvents): Promise<Listener> {
  const { descriptor } = passed;
  if (!fstatSync(descriptor).isSocket()) throw new Error('not a socket');
  const server = newServer();
  server.listen({ fd: descriptor }, passedBacklog);
  await once(server, 'listening');
  const address = server.address();
  const servers = [server];
  if (address === null || typeof address === 'string') {
    // The file belongs to the program that made it: leave it alone.
    const path = localPathOf(passed);
    const url = formatListenUrl({ scheme: 'ldapi', path, mode: 0 });
    return serve({ url, localName: `PATH=${path}`, scheme: 'ldapi', path, servers }, events);
  }
  const scheme = networkSchemeOf(passed, address.port);
  const url = formatListenUrl({ scheme, host: address.address, port: address.port });
  return serve({ url, localName: endpointName(address.address, address.port), scheme, path: undefined, servers }, events);
}

/** Stops listening; connections go on. */
export function closeListener(listener: Listener): void {
  for (const server of listener.servers) server.close();
}

function newServer(): net.Server {
  return net.createServer({ noDelay: true, keepAlive: true });
}

function serve(listener: Listener, events: ListenerEvents): Listener {
  for (const server of listener.servers) {
    server.on('connection', (socket) => events.connection(socket, listener));
    // A client that could not be accepted, for want of file descriptors: those that are connected go on.
    server.on('error', (error) => events.error(error, listener));
  }
  return listener;
}

async function openNetwork(url: Extract<ListenUrl, { host: string }>, events: ListenerEvents): Promise<Listener> {
  const servers: net.Server[] = [];
  let port = url.port;
  let unavailable: unknown;
  for (const host of await addressesOf(url.host)) {
    const server = newServer();
    try {
      await listen(server, { host, port });
      port = (server.address() as net.AddressInfo).port;
      servers.push(server);
    } catch (error) {
      // A name may have an address of a family that this machine does not speak.
      if (!isUnavailable(error)) {
        for (const opened of servers) opened.close();
        throw error;
      }
      unavailable = error;
    }
  }
  const first = servers[0];
  if (!first) throw unavailable;
  const bound = first.address() as net.AddressInfo;
  const localName = endpointName(bound.address, bound.port);
  return serve({ url: formatListenUrl({ ...url, port }), localName, scheme: url.scheme, path: undefined, servers }, events);
}

/** Without a host: every address of both families through one socket, or of IPv4 where there is no IPv6. */
async function addressesOf(host: string): Promise<readonly string[]> {
  if (host === '') return (await speaksIPv6()) ? ['::'] : ['0.0.0.0'];
  if (net.isIP(host) !== 0) return [host];
  return (await lookup(host, { all: true })).map(({ address }) => address);
}

async function speaksIPv6(): Promise<boolean> {
  const probe = net.createServer();
  try {
    await listen(probe, { host: '::', port: 0 });
    return true;
  } catch {
    return false;
  } finally {
    probe.close();
  }
}

function isUnavailable(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'EADDRNOTAVAIL' || code === 'EAFNOSUPPORT';
}

async function openLocal(url: Extract<ListenUrl, { path: string }>, events: ListenerEvents): Promise<Listener> {
  await removeStale(url.path);
  const server = newServer();
  await listen(server, { path: url.path });
  try {
    chmodSync(url.path, url.mode);
  } catch (error) {
    server.close();
    throw error;
  }
  const localName = `PATH=${url.path}`;
  return serve({ url: formatListenUrl(url), localName, scheme: url.scheme, path: url.path, servers: [server] }, events);
}

/** Removes the socket file of a server that died. Rejects if it is being served or is not a socket. */
async function removeStale(path: string): Promise<void> {
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (!found) return;
  if (!found.isSocket()) throw new Error(`${path} exists and is not a socket`);
  if (await answers(path)) throw new Error(`another server is listening on ${path}`);
  unlinkSync(path);
}

async function answers(path: string): Promise<boolean> {
  const probe = net.connect({ path, timeout: probeMs });
  try {
    await Promise.race([
      once(probe, 'connect'),
      once(probe, 'timeout').then(() => Promise.reject(new Error(`no answer from ${path}`))),
    ]);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ECONNREFUSED') return false;
    throw error;
  } finally {
    probe.destroy();
  }
}

async function listen(server: net.Server, options: net.ListenOptions): Promise<void> {
  server.listen(options);
  await once(server, 'listening');
}
