/** Reads enough DER (X.690) to inspect certificates: a cursor over nested elements. */

export interface DerElement {
  /** The identifier octet; multi-byte tags do not occur in certificates. */
  readonly tag: number;
  readonly content: Buffer;
}

export const derTag = {
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  oid: 0x06,
  utcTime: 0x17,
  generalizedTime: 0x18,
  sequence: 0x30,
  set: 0x31,
} as const;

const lengthOctetsMax = 4;

/** Reads the elements of `content` one after the other; `damaged` once one does not fit. */
export class DerReader {
  readonly #content: Buffer;
  #position = 0;
  #damaged = false;

  constructor(content: Buffer) {
    this.#content = content;
  }

  get damaged(): boolean {
    return this.#damaged;
  }

  get atEnd(): boolean {
    return !this.#damaged && this.#position === this.#content.length;
  }

  /** Octets that have not been read. */
  get left(): number {
    return this.#content.length - this.#position;
  }

  peek(): number | undefined {
    return this.#damaged ? undefined : this.#content[this.#position];
  }

  next(): DerElement | undefined {
    const tag = this.peek();
    const header = this.#length(this.#position + 1);
    if (tag === undefined || !header || header.start + header.length > this.#content.length) {
      this.#damaged ||= tag !== undefined;
      return undefined;
    }
    this.#position = header.start + header.length;
    return { tag, content: this.#content.subarray(header.start, this.#position) };
  }

  /** The next element where it has one of these tags; any other stays unread. */
  take(...tags: readonly number[]): DerElement | undefined {
    const tag = this.peek();
    return tag !== undefined && tags.includes(tag) ? this.next() : undefined;
  }

  #length(position: number): { start: number; length: number } | undefined {
    const first = this.#content[position];
    if (first === undefined || first === 0x80) return undefined;
    if (first < 0x80) return { start: position + 1, length: first };
    const octets = first & 0x7f;
    if (octets > lengthOctetsMax || position + octets >= this.#content.length) return undefined;
    return { start: position + 1 + octets, length: this.#content.readUIntBE(position + 1, octets) };
  }
}

/** Opens the one element that fills `value`, up to `spareOctets` at its end, where it has the tag. */
export function openDer(value: Buffer, tag: number, spareOctets = 0): DerReader | undefined {
  const outer = new DerReader(value);
  const element = outer.take(tag);
  return element && outer.left <= spareOctets ? new DerReader(element.content) : undefined;
}

const oidOctetsMax = 256;

/** An OBJECT IDENTIFIER's content in dotted form; undefined where it is cut short or beyond measure. */
export function derOid(content: Buffer): string | undefined {
  if (content.length > oidOctetsMax) return undefined;
  const arcs: bigint[] = [];
  let arc = 0n;
  let open = true;
  for (const octet of content) {
    arc = (arc << 7n) | BigInt(octet & 0x7f);
    open = octet >= 0x80;
    if (open) continue;
    if (arcs.length > 0) arcs.push(arc);
    else if (arc < 80n) arcs.push(arc / 40n, arc % 40n);
    else arcs.push(2n, arc - 80n);
    arc = 0n;
  }
  return open ? undefined : arcs.join('.');
}

const stringEncodings: ReadonlyMap<number, 'utf8' | 'latin1' | 'utf16be' | 'utf32be'> = new Map([
  [0x0c, 'utf8'],
  [0x12, 'latin1'],
  [0x13, 'latin1'],
  [0x14, 'latin1'],
  [0x16, 'latin1'],
  [0x1a, 'latin1'],
  [0x1c, 'utf32be'],
  [0x1e, 'utf16be'],
]);

/** The text of a string element; undefined where it is none. */
export function derText({ tag, content }: DerElement): string | undefined {
  switch (stringEncodings.get(tag)) {
    case 'utf8':
      return content.toString('utf8');
    case 'latin1':
      return content.toString('latin1');
    case 'utf16be':
      return content.length % 2 === 0 ? Buffer.from(content).swap16().toString('utf16le') : undefined;
    case 'utf32be':
      return utf32Text(content);
    case undefined:
      return undefined;
  }
}

function utf32Text(content: Buffer): string | undefined {
  if (content.length % 4 !== 0) return undefined;
  let text = '';
  for (let index = 0; index < content.length; index += 4) {
    const point = content.readUInt32BE(index);
    if (point > 0x10ffff) return undefined;
    text += String.fromCodePoint(point);
  }
  return text;
}
