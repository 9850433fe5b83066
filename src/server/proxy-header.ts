/**
 * Parses the header in which a proxy names its client: PROXY protocol version 2, the binary form, as slapd accepts it on
 * `pldap://`. The socket is read elsewhere.
 */
import { SocketAddress } from 'node:net';
import { type ClientEndpoint, plainAddress } from './peer.js';

/** What the first bytes say. */
export interface ProxyHead {
  readonly command: 'PROXY' | 'LOCAL';
  readonly family: AddressFamily | undefined;
  /** Bytes that follow: addresses, then type-length-values, which are ignored. */
  readonly length: number;
}

interface AddressFamily {
  readonly name: 'ipv4' | 'ipv6';
  readonly addressBytes: number;
  /** Both addresses and both ports. */
  readonly blockBytes: number;
}

/** No header, or one that cannot be used: the connection has to go. */
export class ProxyHeaderError extends Error {
  override readonly name = 'ProxyHeaderError';
}

export const proxyHeadBytes = 16;
/** What may follow the addresses, in bytes: as much as slapd takes. */
export const proxyOptionBytesMax = 520;

const signature = Buffer.from('0d0a0d0a000d0a515549540a', 'hex');
const families: ReadonlyMap<number, AddressFamily> = new Map([
  [0x11, { name: 'ipv4', addressBytes: 4, blockBytes: 12 }],
  [0x21, { name: 'ipv6', addressBytes: 16, blockBytes: 36 }],
]);

/** Reads the first `proxyHeadBytes` bytes. Throws ProxyHeaderError. */
export function decodeProxyHead(bytes: Buffer): ProxyHead {
  if (!bytes.subarray(0, signature.length).equals(signature)) throw new ProxyHeaderError('no PROXY header of version 2');
  const versionAndCommand = bytes[12]!;
  if (versionAndCommand >> 4 !== 2) throw new ProxyHeaderError(`PROXY header of version ${versionAndCommand >> 4}`);
  const length = bytes.readUInt16BE(14);
  switch (versionAndCommand & 0x0f) {
    case 0:
      // The proxy's own connection, a health check: the addresses mean nothing.
      return checkedLength({ command: 'LOCAL', family: undefined, length });
    case 1:
      return checkedLength({ command: 'PROXY', family: familyOf(bytes[13]!), length });
    default:
      throw new ProxyHeaderError(`PROXY header with unknown command ${versionAndCommand & 0x0f}`);
  }
}

/** UNSPEC, UNIX and UDP too are refused, as by slapd: such a client has no address that access rules could be asked about. */
function familyOf(byte: number): AddressFamily {
  const family = families.get(byte);
  if (!family) throw new ProxyHeaderError(`PROXY header of unsupported protocol 0x${byte.toString(16).padStart(2, '0')}`);
  return family;
}

function checkedLength(head: ProxyHead): ProxyHead {
  const least = head.family?.blockBytes ?? 0;
  if (head.length < least) throw new ProxyHeaderError(`PROXY header with ${head.length} bytes for addresses of ${least}`);
  if (head.length - least > proxyOptionBytesMax) throw new ProxyHeaderError(`PROXY header of ${head.length} bytes: too long`);
  return head;
}

/** Reads what follows the head, `head.length` bytes. Undefined: the client is the proxy itself. */
export function decodeProxiedClient({ family }: ProxyHead, block: Buffer): ClientEndpoint | undefined {
  if (!family) return undefined;
  const { name, addressBytes } = family;
  const source = block.subarray(0, addressBytes);
  const address = name === 'ipv4' ? source.join('.') : ipv6Text(source);
  return { address, port: block.readUInt16BE(2 * addressBytes) };
}

/** In the spelling that the system gives the addresses of clients that come directly. */
function ipv6Text(bytes: Buffer): string {
  const groups = Array.from({ length: 8 }, (_, index) => bytes.readUInt16BE(2 * index).toString(16));
  return plainAddress(new SocketAddress({ address: groups.join(':'), family: 'ipv6' }).address);
}
