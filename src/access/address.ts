/** Internet addresses in peer names: text to bytes, and the comparison under a mask. */
import { isIPv4, isIPv6 } from 'node:net';

/** Four or sixteen bytes; undefined where `text` is no address of the family. */
export function parseInternetAddress(text: string, family: 4 | 6): Buffer | undefined {
  if (family === 4) return isIPv4(text) ? Buffer.from(text.split('.').map(Number)) : undefined;
  if (!isIPv6(text) || text.includes('%')) return undefined;
  const [head, tail] = text.split('::') as [string, string | undefined];
  const first = groupBytes(head);
  const last = groupBytes(tail ?? '');
  return Buffer.concat([first, Buffer.alloc(16 - first.length - last.length), last]);
}

function groupBytes(groups: string): Buffer {
  if (groups === '') return Buffer.alloc(0);
  return Buffer.concat(
    groups.split(':').map((group) => {
      if (group.includes('.')) return Buffer.from(group.split('.').map(Number));
      const value = Number.parseInt(group, 16);
      return Buffer.from([value >> 8, value & 0xff]);
    }),
  );
}

/** Address and port of a peer name `IP=127.0.0.1:40000` or `IP=[::1]:40000`. */
export function splitPeerName(peerName: string): { address: string; family: 4 | 6; port: number } | undefined {
  const found = /^IP=(?:\[([^\]]*)\]|([^:]*)):(\d+)$/i.exec(peerName);
  if (!found) return undefined;
  return { address: (found[1] ?? found[2])!, family: found[1] === undefined ? 4 : 6, port: Number(found[3]) };
}

export function equalUnderMask(address: Buffer, mask: Buffer, wanted: Buffer): boolean {
  return address.length === wanted.length && wanted.every((byte, index) => (address[index]! & mask[index]!) === byte);
}
