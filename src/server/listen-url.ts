/**
 * Parses listener URLs as slapd's -h takes them: `ldap:///`, `ldaps://host:port/`, `ldapi://%2Frun%2Fldapi`, and `pldap://`
 * and `pldaps://` for connections through a proxy that names its client in a PROXY header.
 */

export type NetworkScheme = 'ldap' | 'ldaps' | 'pldap' | 'pldaps';
export type ListenScheme = NetworkScheme | 'ldapi';

export type ListenUrl =
  | {
      readonly scheme: NetworkScheme;
      /** As written, without brackets; empty for every address of this machine. */
      readonly host: string;
      readonly port: number;
    }
  | {
      readonly scheme: 'ldapi';
      readonly path: string;
      /** Of the socket file. */
      readonly mode: number;
    };

/** Text that names no listener. */
export class ListenUrlError extends Error {
  override readonly name = 'ListenUrlError';
}

export const ldapPort = 389;
export const ldapsPort = 636;
const defaultPorts: Readonly<Record<NetworkScheme, number>> = {
  ldap: ldapPort,
  ldaps: ldapsPort,
  pldap: ldapPort,
  pldaps: ldapsPort,
};
const defaultSocketPath = '/var/run/slapd/ldapi';
/** Everybody may connect, as with slapd: what somebody may do is decided by who binds. */
const defaultSocketMode = 0o777;

/** Linux has room for 108 bytes, the last of which is a zero; others have four less. */
const socketPathBytesMax = process.platform === 'linux' ? 107 : 103;

const networkUrl = /^(p?ldaps?):\/\/(?:\[([0-9a-f:.%]+)\]|([^:/?#[\]]*))(?::(\d{1,5}))?\/?$/i;
const localUrl = /^ldapi:\/\/([^/?]*)\/?(?:\?.*?(?:[?,]!?x-mod=([^,?]+))?)?$/i;

/** TLS from the first byte, or from the one after the PROXY header. */
export function isOverTls(scheme: ListenScheme): boolean {
  return scheme === 'ldaps' || scheme === 'pldaps';
}

/** Each connection begins with a PROXY header. */
export function isProxied(scheme: ListenScheme): boolean {
  return scheme === 'pldap' || scheme === 'pldaps';
}

export function isNetworkScheme(text: string): text is NetworkScheme {
  return Object.hasOwn(defaultPorts, text);
}

/** Reads a list of URLs separated by blanks. Throws ListenUrlError. */
export function parseListenUrls(text: string): ListenUrl[] {
  const words = text.split(/\s+/).filter((word) => word !== '');
  if (words.length === 0) throw new ListenUrlError('no listener URL');
  return words.map(parseListenUrl);
}

/** Throws ListenUrlError. */
export function parseListenUrl(text: string): ListenUrl {
  const local = localUrl.exec(text);
  if (local) return parseLocal(text, local);
  const network = networkUrl.exec(text);
  if (!network) throw new ListenUrlError(`"${text}" is no ldap://, ldaps://, pldap://, pldaps:// or ldapi:// URL of a listener`);
  const scheme = network[1]!.toLowerCase() as NetworkScheme;
  const port = network[4] === undefined ? defaultPorts[scheme] : Number(network[4]);
  if (port > 0xffff) throw new ListenUrlError(`"${text}": the port is out of range`);
  const host = network[2] ?? decode(text, network[3]!);
  // slapd's word for every address.
  return { scheme, host: host === '*' ? '' : host, port };
}

/** The URL as text, the way it was written but with the port it has. */
export function formatListenUrl(url: ListenUrl): string {
  if (url.scheme === 'ldapi') return `ldapi://${encodeURIComponent(url.path)}/`;
  const host = url.host.includes(':') ? `[${url.host}]` : url.host;
  return `${url.scheme}://${host}${url.port === defaultPorts[url.scheme] ? '' : `:${url.port}`}/`;
}

function parseLocal(text: string, match: RegExpExecArray): ListenUrl {
  const path = decode(text, match[1]!);
  const mode = match[2] === undefined ? defaultSocketMode : parseMode(match[2]);
  if (mode === undefined) throw new ListenUrlError(`"${text}": x-mod is neither octal nor like -rwxrwx---`);
  // Longer ones would be cut off in silence, and the socket be somewhere else.
  const length = Buffer.byteLength(path);
  if (length > socketPathBytesMax) {
    throw new ListenUrlError(`"${text}": the socket's path has ${length} bytes; the limit is ${socketPathBytesMax}`);
  }
  return { scheme: 'ldapi', path: path === '' ? defaultSocketPath : path, mode };
}

function decode(text: string, part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    throw new ListenUrlError(`"${text}": invalid % escape`);
  }
}

/** slapd's `-rwxrwx---` or octal digits. */
function parseMode(text: string): number | undefined {
  if (/^0?[0-7]{3}$/.test(text)) return Number.parseInt(text, 8);
  if (!/^-(?:[r-][w-][x-]){3}$/.test(text)) return undefined;
  return [...text.slice(1)].reduce((mode, letter) => mode * 2 + (letter === '-' ? 0 : 1), 0);
}
