/** Which `serverID N URL` is this server's: the one whose URL is one of those that it listens on, compared as slapd does. */
import { lookup, lookupService } from 'node:dns/promises';
import { hostname } from 'node:os';
import type { Config, ServerUrl } from '../config/model.js';
import { ldapPort, ldapsPort, parseListenUrl } from './listen-url.js';

/** None, or several, are this server's. */
export class ServerIdError extends Error {
  override readonly name = 'ServerIdError';
}

/** `urls`: where it listens, separated by blanks. Rejects with ServerIdError and ListenUrlError. */
export async function withServerId(config: Config, urls: string): Promise<Config> {
  if (config.serverUrls.length === 0) return config;
  const words = urls.split(/\s+/).filter((word) => word !== '');
  const isOwnHost = await ownHosts();
  const own = config.serverUrls.filter((url) => words.some((listener) => matches(url, listener, isOwnHost)));
  const [first, second] = own;
  if (!first) {
    const given = config.serverUrls.map(({ text }) => text).join(', ');
    throw new ServerIdError(`none of the URLs of "serverID" (${given}) is one of this server's: start it with one of them in -h`);
  }
  if (second) throw new ServerIdError(`"serverID": both ${first.text} and ${second.text} are this server's; only one may be`);
  return Object.freeze({ ...config, serverId: first.id });
}

type HostTest = (host: string) => boolean;

/** This machine's own names. */
async function ownHosts(): Promise<HostTest> {
  const short = hostname().toLowerCase();
  const full = await lookup(short)
    .then(({ address }) => lookupService(address, 0))
    .then(({ hostname: name }) => name.toLowerCase())
    .catch(() => short);
  return (host) => host === '' || host.startsWith('localhost') || host === short || host === full;
}

function matches(url: ServerUrl, listener: string, isOwnHost: HostTest): boolean {
  if (url.text.toLowerCase() === listener.toLowerCase()) return true;
  const host = url.host.toLowerCase();
  if (!isOwnHost(host)) return false;
  const parsed = parseListenUrl(listener);
  if (parsed.scheme !== url.scheme) return false;
  if (parsed.scheme === 'ldapi') return host === '' || decodeURIComponent(url.host) === parsed.path;
  if (parsed.port !== (url.port ?? (parsed.scheme.endsWith('s') ? ldapsPort : ldapPort))) return false;
  return host === '' || parsed.host === '' || parsed.host.toLowerCase() === host;
}
