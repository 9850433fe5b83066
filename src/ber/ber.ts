/**
 * BER as LDAP restricts it (RFC 4511 section 5.1): one-octet tags, definite lengths, primitive strings. The reader is
 * a cursor that never looks outside its element; the builders make the small values of extended operations and
 * controls. Lengths may be longer than need be (some clients always send four octets), as liblber reads them.
 */

/** The universal tags that LDAP uses. */
export const Tag = {
  boolean: 0x01,
  integer: 0x02,
  octetString: 0x04,
  objectIdentifier: 0x06,
  enumerated: 0x0a,
  sequence: 0x30,
  set: 0x31,
} as const;

/** Context-specific tag `number`, of a primitive or a constructed element. */
export function contextTag(number: number, form: 'primitive' | 'constructed' = 'primitive'): number {
  return (form === 'primitive' ? 0x80 : 0xa0) | number;
}

/** Bytes that are not the BER they should be. The message says what is wrong and where, never what the bytes hold. */
export class BerError extends Error {
  override readonly name = 'BerError';
}

/** More octets of length than any message can need. */
const lengthOctetsMax = 4;
const integerOctetsMax = 4;

/**
 * A cursor over BER elements. `enter` narrows it to an element's content and `leave` takes it past that element, so
 * every length is checked against the element around it. All methods throw BerError.
 */
export class BerReader {
  #buffer: Buffer;
  #position: number;
  #end: number;

  constructor(buffer: Buffer, start = 0, end = buffer.length) {
    this.#buffer = buffer;
    this.#position = start;
    this.#end = end;
  }

  /** Starts anew on other bytes. */
  reset(buffer: Buffer, start: number, end: number): void {
    this.#buffer = buffer;
    this.#position = start;
    this.#end = end;
  }

  get buffer(): Buffer {
    return this.#buffer;
  }

  get position(): number {
    return this.#position;
  }

  /** Where the element that was entered ends. */
  get end(): number {
    return this.#end;
  }

  /** True when the element that was entered holds nothing more. */
  get atEnd(): boolean {
    return this.#position >= this.#end;
  }

  /** The next element's tag; -1 at the end. */
  peekTag(): number {
    return this.#position < this.#end ? this.#buffer[this.#position]! : -1;
  }

  /** Goes into a constructed element. Give what it returns to `leave`. */
  enter(tag: number): number {
    const outerEnd = this.#end;
    this.#end = this.#header(tag);
    return outerEnd;
  }

  /** Goes past the element that was entered, over whatever of it was not read. */
  leave(outerEnd: number): void {
    this.#position = this.#end;
    this.#end = outerEnd;
  }

  /** The content of an element, as a view. */
  octets(tag: number = Tag.octetString): Buffer {
    const end = this.#header(tag);
    const content = this.#buffer.subarray(this.#position, end);
    this.#position = end;
    return content;
  }

  /** Goes past an element and returns where its content starts; it ends at `position`. */
  pass(tag: number): number {
    const end = this.#header(tag);
    const start = this.#position;
    this.#position = end;
    return start;
  }

  /** Goes past an element of any tag. */
  skip(): void {
    if (this.atEnd) throw new BerError(`element missing at byte ${this.#position}`);
    this.#position = this.#header(this.peekTag());
  }

  /** A string of octets as characters: attribute descriptions, OIDs, mechanisms. */
  latin1(tag: number = Tag.octetString): string {
    const start = this.pass(tag);
    return this.#buffer.toString('latin1', start, this.#position);
  }

  /** A signed integer of at most 32 bits. */
  integer(tag: number = Tag.integer): number {
    const end = this.#header(tag);
    return this.#integerUpTo(end);
  }

  /** All that remains of the bytes is one integer without tag and length, as in an AbandonRequest. */
  #integerUpTo(end: number): number {
    const octets = end - this.#position;
    if (octets < 1 || octets > integerOctetsMax) {
      throw new BerError(`integer of ${octets} octets at byte ${this.#position}`);
    }
    let value = (this.#buffer[this.#position++]! << 24) >> 24;
    while (this.#position < end) value = (value << 8) | this.#buffer[this.#position++]!;
    return value;
  }

  boolean(tag: number = Tag.boolean): boolean {
    const end = this.#header(tag);
    if (end - this.#position !== 1) throw new BerError(`boolean of more or less than one octet at byte ${this.#position}`);
    return this.#buffer[this.#position++] !== 0;
  }

  /** Reads a header, leaves the cursor at the content and returns where the content ends. */
  #header(tag: number): number {
    const buffer = this.#buffer;
    const position = this.#position;
    if (position + 2 > this.#end) throw new BerError(`element missing at byte ${position}`);
    if (buffer[position] !== tag) {
      throw new BerError(`tag 0x${buffer[position]!.toString(16)} in place of 0x${tag.toString(16)} at byte ${position}`);
    }
    const length = buffer[position + 1]!;
    if (length >= 0x80) return this.#longHeader(length & 0x7f);
    const end = position + 2 + length;
    if (end > this.#end) throw new BerError(`element at byte ${position} is longer than what it is part of`);
    this.#position = position + 2;
    return end;
  }

  #longHeader(octets: number): number {
    const start = this.#position + 2;
    if (octets === 0 || octets > lengthOctetsMax) throw new BerError(`length of unsupported form at byte ${start - 1}`);
    if (start + octets > this.#end) throw new BerError(`length cut short at byte ${start - 1}`);
    const end = start + octets + this.#buffer.readUIntBE(start, octets);
    if (end > this.#end) throw new BerError(`element at byte ${start - 2} is longer than what it is part of`);
    this.#position = start + octets;
    return end;
  }
}

/** How many octets the shortest length field for `length` takes. */
export function lengthOctets(length: number): number {
  if (length < 0x80) return 1;
  if (length < 0x100) return 2;
  if (length < 0x10000) return 3;
  return length < 0x1000000 ? 4 : 5;
}

/** How many bytes an element with a content of `length` bytes takes. */
export function elementBytes(length: number): number {
  return 1 + lengthOctets(length) + length;
}

/** How many octets the shortest encoding of a 32-bit signed integer takes. */
export function integerOctets(value: number): number {
  if (value >= -0x80 && value < 0x80) return 1;
  if (value >= -0x8000 && value < 0x8000) return 2;
  return value >= -0x800000 && value < 0x800000 ? 3 : 4;
}

/** Writes tag and length; returns where the content goes. */
export function writeHeader(buffer: Buffer, position: number, tag: number, length: number): number {
  buffer[position] = tag;
  if (length < 0x80) {
    buffer[position + 1] = length;
    return position + 2;
  }
  const octets = lengthOctets(length) - 1;
  buffer[position + 1] = 0x80 | octets;
  return buffer.writeUIntBE(length, position + 2, octets);
}

/** Writes a whole integer element; returns the position after it. */
export function writeInteger(buffer: Buffer, position: number, tag: number, value: number): number {
  const octets = integerOctets(value);
  buffer[position] = tag;
  buffer[position + 1] = octets;
  return buffer.writeIntBE(value, position + 2, octets);
}

/** One element with the given content. */
export function berElement(tag: number, ...content: readonly Buffer[]): Buffer {
  const length = content.reduce((total, part) => total + part.length, 0);
  const element = Buffer.allocUnsafe(elementBytes(length));
  let position = writeHeader(element, 0, tag, length);
  for (const part of content) position += part.copy(element, position);
  return element;
}

export function berSequence(...content: readonly Buffer[]): Buffer {
  return berElement(Tag.sequence, ...content);
}

/** Text is encoded as UTF-8. */
export function berOctetString(value: Buffer | string, tag: number = Tag.octetString): Buffer {
  return berElement(tag, typeof value === 'string' ? Buffer.from(value) : value);
}

/** `value` fits into 32 bits, signed. */
export function berInteger(value: number, tag: number = Tag.integer): Buffer {
  const element = Buffer.allocUnsafe(2 + integerOctets(value));
  writeInteger(element, 0, tag, value);
  return element;
}

export function berEnumerated(value: number): Buffer {
  return berInteger(value, Tag.enumerated);
}

export function berBoolean(value: boolean, tag: number = Tag.boolean): Buffer {
  return Buffer.from([tag, 1, value ? 0xff : 0]);
}

/** Where the content of the element at `position` starts: of one that is known to be whole. */
export function contentStart(buffer: Buffer, position: number): number {
  const first = buffer[position + 1]!;
  return first < 0x80 ? position + 2 : position + 2 + (first & 0x7f);
}

/** How many bytes that content has. */
export function contentLength(buffer: Buffer, position: number): number {
  const first = buffer[position + 1]!;
  return first < 0x80 ? first : buffer.readUIntBE(position + 2, first & 0x7f);
}
