/**
 * How a stored record is laid out, for the two that make records. Integers are little-endian:
 *
 *     0  u32 checksum of all that follows (CRC-32)
 *     4  u8  layout version      5  u8 flags      6  u16 number of attributes
 *     8  u32 entry id           12  u32 parent's id (0: none in this database)
 *    16  u32 bytes of the DN    20  u32 bytes of the normalised DN
 *    24  u32 bytes of the first RDN in the normalised DN
 *    28  u16 number of user attributes (they come first)      30  u16 0
 *    32  per attribute: u16 number in the dictionary, u32 offset of its PartialAttribute
 *        DN, normalised DN, the PartialAttributes
 */
import { crc32 } from 'node:zlib';
import type { DN } from '../dn/dn.js';
import { elementBytes, Tag, writeHeader } from '../ber/ber.js';
import type { AttributeDescription } from '../ldap/schema.js';

export const layoutVersion = 1;
export const headerBytes = 32;
export const tableRowBytes = 6;
export const attributesPerEntryMax = 0xffff;

/** Where an entry stands, and its RecordFlags. */
export interface RecordPlace {
  readonly id: number;
  readonly parentId: number;
  readonly flags: number;
}

/** A record's name as it is written, measured. */
export interface RecordName {
  readonly dn: string;
  readonly ndn: string;
  readonly dnBytes: number;
  readonly ndnBytes: number;
  readonly rdnBytes: number;
}

export function recordName(name: DN): RecordName {
  const dn = name.toString();
  const ndn = name.normalized;
  return {
    dn,
    ndn,
    dnBytes: Buffer.byteLength(dn),
    ndnBytes: Buffer.byteLength(ndn),
    rdnBytes: Buffer.byteLength(name.rdn?.normalized ?? ''),
  };
}

/** Where the first PartialAttribute starts. */
export function attributesStart(attributes: number, name: RecordName): number {
  return headerBytes + attributes * tableRowBytes + name.dnBytes + name.ndnBytes;
}

/** Writes all but the checksum, the table's rows and the attributes. */
export function writeHead(
  buffer: Buffer,
  place: RecordPlace,
  name: RecordName,
  attributes: number,
  userAttributes: number,
): void {
  const tableEnd = headerBytes + attributes * tableRowBytes;
  buffer[4] = layoutVersion;
  buffer[5] = place.flags;
  buffer.writeUInt16LE(attributes, 6);
  buffer.writeUInt32LE(place.id, 8);
  buffer.writeUInt32LE(place.parentId, 12);
  buffer.writeUInt32LE(name.dnBytes, 16);
  buffer.writeUInt32LE(name.ndnBytes, 20);
  buffer.writeUInt32LE(name.rdnBytes, 24);
  buffer.writeUInt16LE(userAttributes, 28);
  buffer.writeUInt16LE(0, 30);
  buffer.write(name.dn, tableEnd);
  buffer.write(name.ndn, tableEnd + name.dnBytes);
}

/** `index`: the attribute's place in the table; `start`: of its PartialAttribute. */
export function writeTableRow(buffer: Buffer, index: number, number: number, start: number): void {
  const row = headerBytes + index * tableRowBytes;
  // Octet by octet, which is faster than Buffer's checked ways: a record has a row for each attribute.
  buffer[row] = number;
  buffer[row + 1] = number >>> 8;
  buffer[row + 2] = start;
  buffer[row + 3] = start >>> 8;
  buffer[row + 4] = start >>> 16;
  buffer[row + 5] = start >>> 24;
}

export function writeChecksum(buffer: Buffer): void {
  buffer.writeUInt32LE(crc32(buffer.subarray(4)), 0);
}

const encodedTypes = new WeakMap<AttributeDescription, Buffer>();

/** The description as an OCTET STRING. */
export function encodedType(description: AttributeDescription): Buffer {
  let type = encodedTypes.get(description);
  if (!type) {
    const length = Buffer.byteLength(description.text);
    type = Buffer.alloc(elementBytes(length));
    type.write(description.text, writeHeader(type, 0, Tag.octetString, length));
    encodedTypes.set(description, type);
  }
  return type;
}

/** Bytes of a PartialAttribute whose type is encoded in `typeBytes`, and its values, as elements, in `valuesBytes`. */
export function partialAttributeBytes(typeBytes: number, valuesBytes: number): number {
  return elementBytes(typeBytes + elementBytes(valuesBytes));
}

/** Writes a PartialAttribute up to its first value; returns where that goes. */
export function writePartialAttributeHead(buffer: Buffer, start: number, type: Buffer, valuesBytes: number): number {
  const position = writeHeader(buffer, start, Tag.sequence, type.length + elementBytes(valuesBytes));
  return writeHeader(buffer, copyBytes(type, 0, type.length, buffer, position), Tag.set, valuesBytes);
}

/** Writes `from[start, end)` as one value; returns the position after it. */
export function writeValue(buffer: Buffer, position: number, from: Buffer, start: number, end: number): number {
  return copyBytes(from, start, end, buffer, writeHeader(buffer, position, Tag.octetString, end - start));
}

/** Below this, a loop copies faster than Buffer does. */
const loopBytesMax = 64;

function copyBytes(from: Buffer, start: number, end: number, to: Buffer, position: number): number {
  const length = end - start;
  if (length > loopBytesMax) from.copy(to, position, start, end);
  else for (let index = 0; index < length; index++) to[position + index] = from[start + index]!;
  return position + length;
}
