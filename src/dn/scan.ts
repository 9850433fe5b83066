/**
 * The grammar of distinguished names (RFC 4514 section 3, with the RFC 2253 forms that slapd still takes: quoted
 * values, `;` as separator, blanks around everything). Knows no schema: attribute types come out as written.
 */
import { isUtf8 } from 'node:buffer';
import { LdapError, ResultCode } from '../ldap/result.js';

/** slapd's SLAP_LDAPDN_MAXLEN, in bytes of the name as sent. */
export const dnBytesMax = 8_192;

/** One `type=value` as written: the type without options, the value with its escapes undone. */
export interface ScannedAva {
  readonly type: string;
  readonly value: string;
}

const Char = {
  nul: 0x00,
  quote: 0x22,
  hash: 0x23,
  plus: 0x2b,
  comma: 0x2c,
  hyphen: 0x2d,
  dot: 0x2e,
  semicolon: 0x3b,
  less: 0x3c,
  equals: 0x3d,
  greater: 0x3e,
  backslash: 0x5c,
} as const;

export function invalidDN(reason: string): LdapError {
  return new LdapError(ResultCode.invalidDNSyntax, `invalid DN: ${reason}`);
}

/** The text of a name that came as bytes or as text. Throws LdapError 34: too long, or not UTF-8. */
export function dnText(name: string | Buffer): string {
  if (typeof name === 'string') {
    if (name.length > dnBytesMax || (name.length * 3 > dnBytesMax && Buffer.byteLength(name) > dnBytesMax)) {
      throw invalidDN(`longer than ${dnBytesMax} bytes`);
    }
    return name;
  }
  if (name.length > dnBytesMax) throw invalidDN(`longer than ${dnBytesMax} bytes`);
  if (!isUtf8(name)) throw invalidDN('not UTF-8');
  return name.toString('utf8');
}

/** Reads a name RDN by RDN, the leaf first. */
export class DnScanner {
  readonly #text: string;
  #position = 0;

  constructor(text: string) {
    this.#text = text;
  }

  get atEnd(): boolean {
    return this.#position >= this.#text.length;
  }

  /** What is left to read: the text of the parent once an RDN was read. */
  get rest(): string {
    return this.#text.slice(this.#position);
  }

  /** Chars of it. */
  get left(): number {
    return this.#text.length - this.#position;
  }

  /** The same as `rest === text`, without making it. */
  restIs(text: string): boolean {
    return this.left === text.length && this.#text.endsWith(text);
  }

  /** Reads one RDN and the separator after it. Throws LdapError 34. */
  rdn(): ScannedAva[] {
    const avas = [this.#ava()];
    while (this.#code() === Char.plus) {
      this.#position++;
      avas.push(this.#ava());
    }
    if (this.atEnd) return avas;
    // The value ended at a comma or semicolon, which promises another RDN.
    this.#position++;
    this.#skipBlanks();
    if (this.atEnd) throw invalidDN('it ends with a separator');
    return avas;
  }

  #code(): number {
    return this.#text.charCodeAt(this.#position);
  }

  #skipBlanks(): void {
    while (isBlank(this.#code())) this.#position++;
  }

  #ava(): ScannedAva {
    const type = this.#type();
    this.#skipBlanks();
    if (this.#code() !== Char.equals) throw invalidDN(`no "=" after the attribute type at character ${this.#position + 1}`);
    this.#position++;
    this.#skipBlanks();
    const first = this.#code();
    if (first === Char.hash) throw invalidDN(`values in "#hex" form are not supported: ${type}`);
    const value = first === Char.quote ? this.#quotedValue() : this.#plainValue();
    if (value === '') throw invalidDN(`empty value of ${type}`);
    return { type, value };
  }

  /** The attribute type; options are read and, as by slapd, dropped. */
  #type(): string {
    this.#skipBlanks();
    const start = this.#position;
    while (isTypeCharacter(this.#code())) this.#position++;
    const end = this.#position;
    if (end === start) throw invalidDN(`no attribute type at character ${start + 1}`);
    while (this.#code() === Char.semicolon || isTypeCharacter(this.#code())) this.#position++;
    return this.#text.slice(start, end);
  }

  #plainValue(): string {
    const text = this.#text;
    const start = this.#position;
    // End of the value without the unescaped blanks after it.
    let end = start;
    let escaped = false;
    let position = start;
    for (; position < text.length; position++) {
      const code = text.charCodeAt(position);
      if (code === Char.comma || code === Char.semicolon || code === Char.plus) break;
      if (code === Char.backslash) {
        position += escapeLength(text, position + 1);
        escaped = true;
      } else if (code === Char.quote || code === Char.less || code === Char.greater || code === Char.nul) {
        throw invalidDN(`unescaped ${JSON.stringify(text[position])} at character ${position + 1}`);
      } else if (isBlank(code)) {
        continue;
      }
      end = position + 1;
    }
    this.#position = position;
    const raw = text.slice(start, end);
    return escaped ? unescapeValue(raw) : raw;
  }

  /** `"..."`: a backslash makes the next character plain, whatever it is. */
  #quotedValue(): string {
    const text = this.#text;
    let value = '';
    let position = this.#position + 1;
    let runStart = position;
    for (; ; position++) {
      const code = text.charCodeAt(position);
      if (code === Char.quote) break;
      if (code === Char.backslash) {
        value += text.slice(runStart, position);
        position++;
        runStart = position;
      }
      if (position >= text.length) throw invalidDN('no closing quote');
      if (text.charCodeAt(position) === Char.nul) throw invalidDN('NUL in a quoted value');
    }
    value += text.slice(runStart, position);
    this.#position = position + 1;
    this.#skipBlanks();
    const after = this.#code();
    if (!this.atEnd && after !== Char.comma && after !== Char.semicolon && after !== Char.plus) {
      throw invalidDN(`text after the closing quote at character ${this.#position + 1}`);
    }
    return value;
  }
}

/** slapd's LDAP_DN_ASCII_SPACE. */
function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x09 || code === 0x0a || code === 0x0d;
}

function isTypeCharacter(code: number): boolean {
  const letter = code | 0x20;
  if (letter >= 0x61 && letter <= 0x7a && code >= 0x41) return true;
  return (code >= 0x30 && code <= 0x39) || code === Char.hyphen || code === Char.dot;
}

function isHexDigit(code: number): boolean {
  const letter = code | 0x20;
  return (code >= 0x30 && code <= 0x39) || (letter >= 0x61 && letter <= 0x66 && code >= 0x41);
}

/** How many characters belong to the escape after a backslash: 1 (`\,`) or 2 (`\2C`). Throws LdapError 34. */
function escapeLength(text: string, position: number): 1 | 2 {
  const code = text.charCodeAt(position);
  if (isHexDigit(code) && isHexDigit(text.charCodeAt(position + 1))) return 2;
  switch (code) {
    case Char.comma:
    case Char.plus:
    case Char.quote:
    case Char.backslash:
    case Char.less:
    case Char.greater:
    case Char.semicolon:
    case Char.equals:
    case Char.hash:
      return 1;
    default:
      if (isBlank(code)) return 1;
      throw invalidDN(`a backslash at character ${position} escapes nothing that needs it`);
  }
}

/** Undoes the escapes of a value whose escapes were checked. Hex pairs are bytes, which must make UTF-8. */
function unescapeValue(raw: string): string {
  if (!/\\[89a-f][0-9a-f]/i.test(raw)) {
    return raw.replace(/\\([0-9a-f]{2}|[^])/gi, (_, escape: string) =>
      escape.length === 2 ? String.fromCharCode(Number.parseInt(escape, 16)) : escape,
    );
  }
  const source = Buffer.from(raw);
  const bytes = Buffer.alloc(source.length);
  let length = 0;
  for (let position = 0; position < source.length; position++) {
    let byte = source[position]!;
    if (byte === Char.backslash) {
      byte = source[++position]!;
      if (isHexDigit(byte)) byte = Number.parseInt(source.toString('latin1', position, ++position + 1), 16);
    }
    bytes[length++] = byte;
  }
  const value = bytes.subarray(0, length);
  if (!isUtf8(value)) throw invalidDN('a value is not UTF-8');
  return value.toString('utf8');
}

const needsEscape = /[,+"\\<>;=\0]|^[ \t\n\r#]|[ \t\n\r]$/;

/** A value as slapd prints it in a DN: special characters, and blanks at either end, as hex pairs. */
export function escapeValue(value: string): string {
  if (!needsEscape.test(value)) return value;
  return value.replace(/[,+"\\<>;=\0]|^[ \t\n\r#]|[ \t\n\r]$/g, hexPair);
}

function hexPair(character: string): string {
  return `\\${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`;
}
