/**
 * Writes entries as slapcat does: lines folded at 78 columns, base64 for values that are not plain printable ASCII. Bytes are
 * copied straight from the records, because an export writes very many.
 */
import { contentLength, contentStart } from '../ber/ber.js';
import type { AttributeDictionary } from '../entry/dictionary.js';
import type { EntryRecord } from '../entry/record.js';
import type { PartialAttribute } from '../ldap/request.js';

/** Bytes of a line, as slapcat writes them; a folded line's next parts start with a blank. */
export const ldifColumns = 78;
const startBytes = 64 * 1_024;

const lineFeed = 0x0a;
const space = 0x20;
const colon = 0x3a;
const less = 0x3c;

/** Attributes whose values are base64 whatever they hold, so that a password is not read over a shoulder. */
const alwaysBase64 = new Set(['userpassword', '2.5.4.35']);

const base64Digits = Buffer.from('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=');
const base64Padding = 64;

/** How the lines of one attribute start. */
interface LineHead {
  readonly name: Buffer;
  readonly encoded: boolean;
}

/** Attribute names whose heads are remembered. */
const headsMax = 1_000;

/** Gathers entries as LDIF. What it writes is ASCII. */
export class LdifWriter {
  readonly #heads = new Map<string, LineHead>();
  /** The heads of one dictionary's attributes, by its numbers. */
  #numbered: LineHead[] = [];
  #dictionary: AttributeDictionary | undefined;
  readonly #columns: number;
  readonly #encoded: ReadonlySet<string>;
  #buffer = Buffer.allocUnsafe(startBytes);
  #length = 0;

  /** `columns`: 2 at least; Infinity folds no line. `encoded`: more attributes whose values are base64 whatever they hold. */
  constructor(columns = ldifColumns, encoded: readonly string[] = []) {
    this.#columns = columns;
    this.#encoded = new Set([...alwaysBase64, ...encoded.map((name) => name.toLowerCase())]);
  }

  /** An entry with all its attributes, operational ones included, those given, and the empty line after it. */
  record(record: EntryRecord, more: readonly PartialAttribute[] = []): void {
    const { buffer, attributeCount } = record;
    this.#line(this.#head('dn'), buffer, record.dnBytesStart, record.dnBytesEnd);
    for (let index = 0; index < attributeCount; index++) {
      const head = this.#headAt(record, index);
      const end = record.attributeStart(index + 1);
      for (let position = record.valuesStart(index); position < end;) {
        const start = contentStart(buffer, position);
        position = start + contentLength(buffer, position);
        this.#line(head, buffer, start, position);
      }
    }
    this.#attributes(more);
    this.#endEntry();
  }

  /** The same for an entry that is not a stored record. */
  entry(dn: string, attributes: Iterable<PartialAttribute>): void {
    const name = Buffer.from(dn);
    this.#line(this.#head('dn'), name, 0, name.length);
    this.#attributes(attributes);
    this.#endEntry();
  }

  #attributes(attributes: Iterable<PartialAttribute>): void {
    for (const { type, values } of attributes) {
      const head = this.#head(type);
      for (const value of values) this.#line(head, value, 0, value.length);
    }
  }

  /** What was written since the last time. */
  take(): Buffer {
    const text = this.#buffer.subarray(0, this.#length);
    this.#buffer = Buffer.allocUnsafe(Math.max(startBytes, this.#buffer.length));
    this.#length = 0;
    return text;
  }

  #headAt(record: EntryRecord, index: number): LineHead {
    if (record.dictionary !== this.#dictionary) {
      this.#dictionary = record.dictionary;
      this.#numbered = [];
    }
    const number = record.attributeNumber(index);
    return (this.#numbered[number] ??= this.#head(record.description(index).text));
  }

  #head(name: string): LineHead {
    let head = this.#heads.get(name);
    if (!head) {
      const encoded = this.#encoded.has(name.toLowerCase()) || name.includes(';binary');
      head = { name: Buffer.from(name), encoded };
      if (this.#heads.size >= headsMax) this.#heads.clear();
      this.#heads.set(name, head);
    }
    return head;
  }

  #line({ name, encoded }: LineHead, value: Buffer, start: number, end: number): void {
    // At the worst, each octet of the line has a line of its own.
    const reserved = name.length + 4 + base64Bytes(end - start);
    this.#reserve((this.#columns < ldifColumns ? 3 : 2) * reserved + ldifColumns);
    const buffer = this.#buffer;
    const lineStart = this.#length;
    let at = lineStart;
    for (let index = 0; index < name.length; index++) buffer[at++] = name[index]!;
    buffer[at++] = colon;
    let valueStart = at;
    if (start < end) {
      valueStart = at + 1;
      const copied = encoded ? -1 : copyIfSafe(value, start, end, buffer, valueStart);
      if (copied < 0) {
        buffer[at++] = colon;
        valueStart++;
      }
      buffer[at] = space;
      at = copied < 0 ? writeBase64(value, start, end, buffer, valueStart) : copied;
    }
    // The name stays whole, however few the columns.
    const firstEnd = Math.max(lineStart + this.#columns, valueStart);
    if (at > firstEnd) at = fold(buffer, firstEnd, at, this.#columns - 1);
    buffer[at++] = lineFeed;
    this.#length = at;
  }

  #endEntry(): void {
    this.#reserve(1);
    this.#buffer[this.#length++] = lineFeed;
  }

  #reserve(bytes: number): void {
    const needed = this.#length + bytes;
    if (needed <= this.#buffer.length) return;
    const larger = Buffer.allocUnsafe(Math.max(needed, this.#buffer.length * 2));
    this.#buffer.copy(larger, 0, 0, this.#length);
    this.#buffer = larger;
  }
}

/** One entry as text; see LdifWriter. */
export function formatRecord(record: EntryRecord): string {
  const writer = new LdifWriter();
  writer.record(record);
  return writer.take().toString('latin1');
}

/** One entry that is not a stored record as text; see LdifWriter. */
export function formatEntry(dn: string, attributes: Iterable<PartialAttribute>): string {
  const writer = new LdifWriter();
  writer.entry(dn, attributes);
  return writer.take().toString('latin1');
}

/**
 * Copies a value that a line may show as it is; answers where it ends, or -1 where base64 is needed. Stricter than RFC 2849, as
 * slapcat: printable ASCII, not starting with `:`, `<` or a blank, not ending with one.
 */
function copyIfSafe(from: Buffer, start: number, end: number, to: Buffer, at: number): number {
  const first = from[start]!;
  if (first === space || first === colon || first === less || from[end - 1] === space) return -1;
  let place = at;
  for (let index = start; index < end; index++) {
    const octet = from[index]!;
    if (octet < 0x20 || octet > 0x7e) return -1;
    to[place++] = octet;
  }
  return place;
}

/** Below this, a loop copies faster than Buffer does. */
const loopBytesMax = 128;

function base64Bytes(bytes: number): number {
  return Math.ceil(bytes / 3) * 4;
}

function writeBase64(from: Buffer, start: number, end: number, to: Buffer, at: number): number {
  let place = at;
  for (let index = start; index < end; index += 3) {
    const left = end - index;
    const second = left > 1 ? from[index + 1]! : 0;
    const third = left > 2 ? from[index + 2]! : 0;
    const group = (from[index]! << 16) | (second << 8) | third;
    to[place++] = base64Digits[group >>> 18]!;
    to[place++] = base64Digits[(group >>> 12) & 63]!;
    to[place++] = base64Digits[left > 1 ? (group >>> 6) & 63 : base64Padding]!;
    to[place++] = base64Digits[left > 2 ? group & 63 : base64Padding]!;
  }
  return place;
}

/** Folds what lies from `first` on into lines of `part` octets each, where it lies, from its end on; answers its new end. */
function fold(buffer: Buffer, first: number, end: number, part: number): number {
  const folds = Math.ceil((end - first) / part);
  for (let number = folds; number > 0; number--) {
    const from = first + (number - 1) * part;
    const to = from + 2 * number;
    const partEnd = Math.min(from + part, end);
    // A loop is faster for the few bytes of most parts; it goes backwards, because the two overlap.
    if (partEnd - from > loopBytesMax) buffer.copyWithin(to, from, partEnd);
    else for (let index = partEnd - 1; index >= from; index--) buffer[index + 2 * number] = buffer[index]!;
    buffer[to - 2] = lineFeed;
    buffer[to - 1] = space;
  }
  return end + 2 * folds;
}
