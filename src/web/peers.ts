/** Whose address a request comes from: the socket's peer or, where that is a trusted proxy, whom the proxy names. */
import { BlockList, isIP, isIPv6 } from 'node:net';

export class Peers {
  readonly #trusted = new BlockList();

  /**
   * @param trusted addresses and networks (`10.0.0.0/8`) of proxies
   * @throws Error for what is neither
   */
  constructor(trusted: readonly string[] = []) {
    for (const text of trusted) {
      const [address = '', bits, ...rest] = text.trim().split('/');
      const [family, most] = isIPv6(address) ? (['ipv6', 128] as const) : (['ipv4', 32] as const);
      const prefix = bits === undefined ? most : /^\d{1,3}$/.test(bits) ? Number(bits) : Infinity;
      if (isIP(address) === 0 || rest.length > 0 || prefix > most)
        throw new Error(`“${text}” is not an address or a network, for example 192.0.2.7 or 10.0.0.0/8`);
      this.#trusted.addSubnet(address, prefix, family);
    }
  }

  /** @param forwardedFor the header X-Forwarded-For, to which each proxy adds at the end whom it heard from */
  addressOf(socketAddress: string | undefined, forwardedFor: string | undefined): string {
    let address = plainAddress(socketAddress ?? '');
    const named = (forwardedFor ?? '').split(',').map((text) => plainAddress(text.trim()));
    for (let next = named.pop(); next !== undefined && this.isTrusted(address); next = named.pop()) {
      // Anything else is not from the proxy that is trusted, and nothing before it can be either.
      if (isIP(next) === 0) break;
      address = next;
    }
    return address;
  }

  isTrusted(address: string): boolean {
    return isIP(address) !== 0 && this.#trusted.check(address, isIPv6(address) ? 'ipv6' : 'ipv4');
  }

  /** What requests are counted by; undefined for an address that many share. One host has a whole IPv6 network. */
  countedAs(address: string): string | undefined {
    if (address === '' || address === '::1' || address.startsWith('127.') || this.isTrusted(address)) return undefined;
    return isIPv6(address) ? network64(address) : address;
  }
}

/** An IPv4 address is the same one when it comes over an IPv6 socket. */
function plainAddress(address: string): string {
  return address.replace(/^::ffff:(?=\d+\.)/i, '').replace(/%.*$/, '');
}

function network64(address: string): string {
  const [head = '', tail] = address.split('::');
  const left = head === '' ? [] : head.split(':');
  const right = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros = tail === undefined ? 0 : Math.max(0, 8 - left.length - right.length);
  const groups = [...left, ...Array.from({ length: zeros }, () => '0'), ...right];
  return `${groups
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(':')}::/64`;
}
