/** Just enough BER to speak LDAP, and to speak it wrongly where a test wants to. Independent of the server's own. */

/** One element: tag octet, length, contents. */
export function element(tag: number, ...contents: readonly Buffer[]): Buffer {
  const body = contents.length === 1 && contents[0] !== undefined ? contents[0] : Buffer.concat(contents);
  return Buffer.concat([Buffer.from([tag]), lengthOctets(body.length), body]);
}

function lengthOctets(length: number): Buffer {
  if (length < 0x80) return Buffer.from([length]);
  if (length < 0x100) return Buffer.from([0x81, length]);
  if (length < 0x10000) return Buffer.from([0x82, length >> 8, length & 0xff]);
  const octets = Buffer.alloc(5);
  octets[0] = 0x84;
  octets.writeUInt32BE(length, 1);
  return octets;
}

/** INTEGER contents in two's complement, as few octets as it takes. */
export function integer(value: number, tag = 0x02): Buffer {
  const octets: number[] = [];
  let rest = value;
  do {
    octets.unshift(rest & 0xff);
    rest = Math.floor(rest / 256);
  } while (!(rest === 0 && ((octets[0] ?? 0) & 0x80) === 0) && !(rest === -1 && ((octets[0] ?? 0) & 0x80) !== 0));
  return element(tag, Buffer.from(octets));
}

export function boolean(value: boolean, tag = 0x01): Buffer {
  return element(tag, Buffer.from([value ? 0xff : 0]));
}

export function octets(value: string | Buffer, tag = 0x04): Buffer {
  return element(tag, typeof value === 'string' ? Buffer.from(value, 'utf8') : value);
}

export function sequence(...contents: readonly Buffer[]): Buffer {
  return element(0x30, ...contents);
}

export interface Element {
  readonly tag: number;
  readonly contents: Buffer;
  /** Octets of the whole element. */
  readonly size: number;
}

/** The element at `offset`, or undefined when its octets are not all there yet. */
export function readElement(bytes: Buffer, offset = 0): Element | undefined {
  if (bytes.length < offset + 2) return undefined;
  const tag = bytes[offset] ?? 0;
  const first = bytes[offset + 1] ?? 0;
  const lengthSize = first < 0x80 ? 0 : first & 0x7f;
  const start = offset + 2 + lengthSize;
  if (lengthSize > 4) throw new Error(`a length of ${lengthSize} octets`);
  if (bytes.length < start) return undefined;
  const length = lengthSize === 0 ? first : bytes.readUIntBE(offset + 2, lengthSize);
  if (bytes.length < start + length) return undefined;
  return { tag, contents: bytes.subarray(start, start + length), size: start + length - offset };
}

/** All elements in a constructed element's contents. */
export function children(contents: Buffer): Element[] {
  const found: Element[] = [];
  for (let offset = 0; offset < contents.length;) {
    const child = readElement(contents, offset);
    if (child === undefined) throw new Error('an element is cut short');
    found.push(child);
    offset += child.size;
  }
  return found;
}

export function readInteger(contents: Buffer): number {
  return contents.length === 0 ? 0 : contents.readIntBE(0, contents.length);
}
