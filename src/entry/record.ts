/**
 * An entry in its stored form: one buffer that is kept in the database, cached, matched against filters in place and
 * copied into answers. Each attribute lies in it as the PartialAttribute that a SearchResultEntry carries (RFC 4511
 * section 4.5.2), so answering is copying. `layout.ts` says what lies where.
 */
import { crc32 } from 'node:zlib';
import type { DN } from '../dn/dn.js';
import { ndnIsWithin } from '../dn/normalized.js';
import { contentLength, contentStart, elementBytes } from '../ber/ber.js';
import type { AttributeDescription } from '../ldap/schema.js';
import type { AttributeDictionary } from './dictionary.js';
import { EntryDraft, type DraftAttribute, type EntryContent } from './draft.js';
import {
  attributesPerEntryMax,
  attributesStart,
  encodedType,
  headerBytes,
  layoutVersion,
  partialAttributeBytes,
  recordName,
  tableRowBytes,
  writeChecksum,
  writeHead,
  writePartialAttributeHead,
  writeTableRow,
  writeValue,
  type RecordPlace,
} from './layout.js';

const comma = 0x2c;

/** Kinds of entry that searches treat apart; found once, when the record is made. */
export const RecordFlag = { referral: 1, alias: 2, subentry: 4, glue: 8 } as const;

/** A record that is not what was written. */
export class RecordDamagedError extends Error {
  override readonly name = 'RecordDamagedError';
}

export class EntryRecord {
  readonly #buffer: Buffer;
  #dn: string | undefined;
  #ndn: string | undefined;

  constructor(
    buffer: Buffer,
    readonly dictionary: AttributeDictionary,
  ) {
    this.#buffer = buffer;
  }

  get buffer(): Buffer {
    return this.#buffer;
  }

  /** Reads a stored record, checking that it is whole. Throws RecordDamagedError. */
  static open(buffer: Buffer, dictionary: AttributeDictionary): EntryRecord {
    if (buffer.length < headerBytes) throw new RecordDamagedError('record is cut short');
    if (crc32(buffer.subarray(4)) !== buffer.readUInt32LE(0)) throw new RecordDamagedError('record fails its checksum');
    if (buffer[4] !== layoutVersion) throw new RecordDamagedError(`record has unknown layout version ${buffer[4]}`);
    return new EntryRecord(buffer, dictionary);
  }

  /** Do the bytes say that they are a whole record of this layout? */
  static isWhole(buffer: Buffer): boolean {
    return buffer.length >= headerBytes && buffer[4] === layoutVersion && crc32(buffer.subarray(4)) === buffer.readUInt32LE(0);
  }

  get id(): number {
    return this.#buffer.readUInt32LE(8);
  }

  get parentId(): number {
    return this.#buffer.readUInt32LE(12);
  }

  /** A sum of RecordFlag. */
  get flags(): number {
    return this.#buffer[5]!;
  }

  get attributeCount(): number {
    return this.#buffer[6]! | (this.#buffer[7]! << 8);
  }

  /** How many of the attributes, the first ones, are user attributes. */
  get userAttributeCount(): number {
    return this.#buffer.readUInt16LE(28);
  }

  get #dnStart(): number {
    return headerBytes + this.attributeCount * tableRowBytes;
  }

  /** The DN as answers carry it. */
  get dn(): string {
    if (this.#dn === undefined) {
      const start = this.#dnStart;
      this.#dn = this.#buffer.toString('utf8', start, start + this.#buffer.readUInt32LE(16));
    }
    return this.#dn;
  }

  /** Where the DN's UTF-8 bytes lie in the buffer: start. */
  get dnBytesStart(): number {
    return this.#dnStart;
  }

  get dnBytesEnd(): number {
    return this.#dnStart + this.#buffer.readUInt32LE(16);
  }

  /** The normalised DN: `DN.normalized`. */
  get ndn(): string {
    if (this.#ndn === undefined) {
      const start = this.dnBytesEnd;
      this.#ndn = this.#buffer.toString('utf8', start, start + this.#buffer.readUInt32LE(20));
    }
    return this.#ndn;
  }

  /** Is this its normalised DN? Looks at the bytes: a record that is read once needs no string of its name. */
  isNamed(ndn: string): boolean {
    if (this.#ndn !== undefined) return this.#ndn === ndn;
    const buffer = this.#buffer;
    const start = this.dnBytesEnd;
    const length = buffer.readUInt32LE(20);
    if (length !== ndn.length) return length > ndn.length && this.ndn === ndn;
    for (let index = 0; index < length; index++) {
      const code = ndn.charCodeAt(index);
      if (code >= 0x80) return this.ndn === ndn;
      if (buffer[start + index] !== code) return false;
    }
    return true;
  }

  /** Is its name `ancestor` (normalised), or below that? Looks at the bytes: a scan would make a string of every name. */
  isWithin(ancestor: string): boolean {
    const buffer = this.#buffer;
    const start = this.dnBytesEnd;
    let position = start + buffer.readUInt32LE(20);
    for (let index = ancestor.length - 1; index >= 0; index--) {
      const code = ancestor.charCodeAt(index);
      if (code >= 0x80) return ndnIsWithin(this.ndn, ancestor);
      if (--position < start || buffer[position] !== code) return false;
    }
    return position === start || ancestor === '' || buffer[position - 1] === comma;
  }

  /** The normalised DN of the parent; empty for a one-RDN DN. */
  get parentNdn(): string {
    const start = this.dnBytesEnd + this.#buffer.readUInt32LE(24) + 1;
    const end = this.dnBytesEnd + this.#buffer.readUInt32LE(20);
    return start < end ? this.#buffer.toString('utf8', start, end) : '';
  }

  /** The dictionary's number of the attribute at `index`. */
  attributeNumber(index: number): number {
    const row = headerBytes + index * tableRowBytes;
    return this.#buffer[row]! | (this.#buffer[row + 1]! << 8);
  }

  description(index: number): AttributeDescription {
    return this.dictionary.description(this.attributeNumber(index));
  }

  /** Where the PartialAttribute at `index` starts in the buffer; for `attributeCount`, where the last one ends. */
  attributeStart(index: number): number {
    if (index === this.attributeCount) return this.#buffer.length;
    return this.#buffer.readUInt32LE(headerBytes + index * tableRowBytes + 2);
  }

  /** The index of the attribute with this number, or -1. */
  indexOf(number: number): number {
    const count = this.attributeCount;
    for (let index = 0; index < count; index++) if (this.attributeNumber(index) === number) return index;
    return -1;
  }

  /**
   * Calls `test` with the index of each attribute that `description` selects (itself, subtypes, more options) until it answers
   * true.
   */
  someSelected(description: AttributeDescription, test: (index: number) => boolean): boolean {
    const numbers = this.dictionary.fewSelectedBy(description);
    if (numbers) {
      return numbers.some((number) => {
        const index = this.indexOf(number);
        return index >= 0 && test(index);
      });
    }
    const { schema } = this.dictionary;
    for (let index = 0; index < this.attributeCount; index++) {
      if (schema.isSubtypeOf(this.description(index), description) && test(index)) return true;
    }
    return false;
  }

  /** Calls `test` with the place of each value of the attribute at `index` until it answers true. */
  someValue(index: number, test: (buffer: Buffer, start: number, end: number) => boolean): boolean {
    const buffer = this.#buffer;
    let position = this.valuesStart(index);
    const end = this.attributeStart(index + 1);
    while (position < end) {
      const start = contentStart(buffer, position);
      const next = start + contentLength(buffer, position);
      if (test(buffer, start, next)) return true;
      position = next;
    }
    return false;
  }

  /** The values of the attribute at `index`, as views of the buffer. */
  valuesAt(index: number): Buffer[] {
    const values: Buffer[] = [];
    this.someValue(index, (buffer, start, end) => {
      values.push(buffer.subarray(start, end));
      return false;
    });
    return values;
  }

  /** The values of exactly this description (no subtypes), as views of the buffer. */
  values(description: AttributeDescription): Buffer[] {
    const number = this.dictionary.number(description);
    const index = number === undefined ? -1 : this.indexOf(number);
    return index < 0 ? [] : this.valuesAt(index);
  }

  /** Where the first value's element of the attribute at `index` starts. */
  valuesStart(index: number): number {
    const buffer = this.#buffer;
    const type = contentStart(buffer, this.attributeStart(index));
    const set = contentStart(buffer, type) + contentLength(buffer, type);
    return contentStart(buffer, set);
  }

  /** The editable form; values are views of this record's buffer, which nobody writes to. */
  toDraft(dn: DN): EntryDraft {
    const attributes: DraftAttribute[] = [];
    for (let index = 0; index < this.attributeCount; index++) {
      attributes.push({ description: this.description(index), values: this.valuesAt(index) });
    }
    return new EntryDraft(dn, attributes);
  }

  /**
   * Makes the stored form. `numberOf` numbers each description (a database's writer gives new ones a number);
   * user attributes come out before operational ones, each in the draft's order. A record that is kept should have
   * memory of its own, as `allocate` gives it by itself.
   */
  static encode(
    entry: EntryContent,
    place: RecordPlace,
    dictionary: AttributeDictionary,
    numberOf: (description: AttributeDescription) => number,
    allocate: (bytes: number) => Buffer = (bytes) => Buffer.allocUnsafeSlow(bytes),
  ): EntryRecord {
    const ordered = userAttributesFirst(entry);
    const name = recordName(entry.dn);
    let position = attributesStart(ordered.length, name);
    let bytes = position;
    for (let index = 0; index < ordered.length; index++) bytes += attributeBytes(ordered[index]!);
    const buffer = allocate(bytes);
    const userAttributes = ordered.findLastIndex(({ description }) => !description.type.operational) + 1;
    writeHead(buffer, place, name, ordered.length, userAttributes);
    for (let index = 0; index < ordered.length; index++) {
      const attribute = ordered[index]!;
      writeTableRow(buffer, index, numberOf(attribute.description), position);
      position = writePartialAttribute(buffer, position, attribute);
    }
    writeChecksum(buffer);
    return new EntryRecord(buffer, dictionary);
  }
}

/** In the order of the record. Throws RangeError if there are more than a record can number. */
export function userAttributesFirst(entry: EntryContent): DraftAttribute[] {
  if (entry.attributes.size > attributesPerEntryMax) throw new RangeError('too many attributes in one entry');
  const user: DraftAttribute[] = [];
  const operational: DraftAttribute[] = [];
  for (const attribute of entry.attributes.values()) {
    (attribute.description.type.operational ? operational : user).push(attribute);
  }
  for (const attribute of operational) user.push(attribute);
  return user;
}

/** Bytes of the attribute's PartialAttribute. */
function attributeBytes({ description, values }: DraftAttribute): number {
  return partialAttributeBytes(encodedType(description).length, valuesBytes(values));
}

function valuesBytes(values: readonly Buffer[]): number {
  let bytes = 0;
  for (let index = 0; index < values.length; index++) bytes += elementBytes(values[index]!.length);
  return bytes;
}

function writePartialAttribute(buffer: Buffer, start: number, { description, values }: DraftAttribute): number {
  let position = writePartialAttributeHead(buffer, start, encodedType(description), valuesBytes(values));
  for (let index = 0; index < values.length; index++) {
    const value = values[index]!;
    position = writeValue(buffer, position, value, 0, value.length);
  }
  return position;
}
