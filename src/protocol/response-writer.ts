/**
 * Answers as bytes, one after the other in one growing buffer that leaves in one write. An entry's attributes lie in
 * its record in the very bytes an answer needs, so they are copied, not built.
 */
import type { BindResponse, ExtendedResponse, Response } from '../ldap/response.js';
import type { ResultEntry } from '../entry/result-entry.js';
import type { ResponseControl } from '../ldap/control.js';
import type { AnsweredOperation, PartialAttribute } from '../ldap/request.js';
import type { LdapResult, ResultCode } from '../ldap/result.js';
import { contextTag, elementBytes, integerOctets, Tag, writeHeader, writeInteger } from '../ber/ber.js';
import type { BufferPool } from './buffer-pool.js';

export const ResponseTag = {
  bind: 0x61,
  search: 0x65,
  modify: 0x67,
  add: 0x69,
  delete: 0x6b,
  modifyDN: 0x6d,
  compare: 0x6f,
  extended: 0x78,
} as const satisfies Record<AnsweredOperation, number>;

export const searchEntryTag = 0x64;
export const searchReferenceTag = 0x73;
export const intermediateTag = 0x79;
export const noticeOfDisconnectionOid = '1.3.6.1.4.1.1466.20036';

/** The largest result code that a message without anything else is laid out for. */
const oneOctetMax = 0x7f;
const controlsTag = contextTag(0, 'constructed');
const referralTag = contextTag(3, 'constructed');
const serverSaslCredentialsTag = contextTag(7);
const intermediateNameTag = contextTag(0);
const intermediateValueTag = contextTag(1);
const responseNameTag = contextTag(10);
const responseValueTag = contextTag(11);

/** resultCode of one octet, then matchedDN and diagnosticMessage, both empty. */
const bareResultBytes = 7;
/** Below this a loop copies faster than a call into native code. */
const loopCopyBytesMax = 32;

const noControls: readonly ResponseControl[] = [];
const empty = Buffer.alloc(0);

/** What may follow an LDAPResult in a response. */
interface Trailer {
  readonly tag: number;
  readonly value: Buffer | string;
}

const noTrailers: readonly Trailer[] = [];

export class ResponseWriter {
  readonly #pool: BufferPool;
  #buffer: Buffer = empty;
  #length = 0;

  constructor(pool: BufferPool) {
    this.#pool = pool;
  }

  /** Bytes that were written and not yet taken. */
  get length(): number {
    return this.#length;
  }

  /** Bytes of memory that what was written occupies. */
  get capacity(): number {
    return this.#buffer.length;
  }

  /** A view of what was written. Valid until the next write, or for good after `abandonBuffer`. */
  bytes(): Buffer {
    return this.#buffer.subarray(0, this.#length);
  }

  /** What was written is not needed any more, nor are views of it: the buffer goes back to the pool. */
  releaseBuffer(): void {
    this.#pool.give(this.#buffer);
    this.abandonBuffer();
  }

  /** What was written belongs to somebody else now, who may still read it. */
  abandonBuffer(): void {
    this.#buffer = empty;
    this.#length = 0;
  }

  /** A SearchResultEntry. */
  entry(messageId: number, entry: ResultEntry): void {
    const { record, controls } = entry;
    const attributes = attributesBytes(entry);
    const nameBytes = record.dnBytesEnd - record.dnBytesStart;
    const content = elementBytes(nameBytes) + elementBytes(attributes);
    let position = this.#message(messageId, elementBytes(content) + controlsBytes(controls));
    position = writeHeader(this.#buffer, position, searchEntryTag, content);
    position = writeEntryContent(this.#buffer, position, entry, nameBytes, attributes);
    this.#length = writeControls(this.#buffer, position, controls);
  }

  /** A SearchResultReference. */
  reference(messageId: number, urls: readonly string[]): void {
    const content = stringsBytes(urls);
    const position = this.#message(messageId, elementBytes(content));
    this.#length = writeStrings(this.#buffer, writeHeader(this.#buffer, position, searchReferenceTag, content), urls);
  }

  /** The response that ends an operation. */
  result(messageId: number, operation: AnsweredOperation, response: Response): void {
    const controls = response.controls ?? noControls;
    const isBare = response.code <= oneOctetMax && response.diagnostic === '' && response.matchedDN === '';
    if (isBare && !response.referrals && controls.length === 0) {
      this.#bareResult(messageId, ResponseTag[operation], response.code);
    } else {
      this.#fullResult(messageId, ResponseTag[operation], response, noTrailers, controls);
    }
  }

  bindResult(messageId: number, response: BindResponse): void {
    if (!response.serverSaslCredentials) return this.result(messageId, 'bind', response);
    const trailers = [{ tag: serverSaslCredentialsTag, value: response.serverSaslCredentials }];
    this.#fullResult(messageId, ResponseTag.bind, response, trailers, response.controls ?? noControls);
  }

  extendedResult(messageId: number, response: ExtendedResponse): void {
    const trailers: Trailer[] = [];
    if (response.responseName !== undefined) trailers.push({ tag: responseNameTag, value: response.responseName });
    if (response.responseValue !== undefined) {
      trailers.push({ tag: responseValueTag, value: response.responseValue });
    }
    this.#fullResult(messageId, ResponseTag.extended, response, trailers, response.controls ?? noControls);
  }

  /** An IntermediateResponse (RFC 4511 section 4.13). */
  intermediate(messageId: number, name: string, value: Buffer): void {
    const content = stringBytes(name) + stringBytes(value);
    let position = this.#message(messageId, elementBytes(content));
    position = writeHeader(this.#buffer, position, intermediateTag, content);
    position = writeString(this.#buffer, position, intermediateNameTag, name);
    this.#length = writeString(this.#buffer, position, intermediateValueTag, value);
  }

  /** RFC 4511 section 4.4.1 */
  noticeOfDisconnection(result: LdapResult): void {
    this.extendedResult(0, { ...result, responseName: noticeOfDisconnectionOid });
  }

  #bareResult(messageId: number, tag: number, code: ResultCode): void {
    const position = this.#message(messageId, 2 + bareResultBytes);
    const buffer = this.#buffer;
    buffer[position] = tag;
    buffer[position + 1] = bareResultBytes;
    buffer[position + 2] = Tag.enumerated;
    buffer[position + 3] = 1;
    buffer[position + 4] = code;
    buffer[position + 5] = Tag.octetString;
    buffer[position + 6] = 0;
    buffer[position + 7] = Tag.octetString;
    buffer[position + 8] = 0;
    this.#length = position + 9;
  }

  #fullResult(
    messageId: number,
    tag: number,
    result: LdapResult,
    trailers: readonly Trailer[],
    controls: readonly ResponseControl[],
  ): void {
    const referrals = result.referrals && result.referrals.length > 0 ? stringsBytes(result.referrals) : 0;
    let content = 2 + integerOctets(result.code) + stringBytes(result.matchedDN) + stringBytes(result.diagnostic);
    if (referrals > 0) content += elementBytes(referrals);
    for (const trailer of trailers) content += stringBytes(trailer.value);
    let position = this.#message(messageId, elementBytes(content) + controlsBytes(controls));
    const buffer = this.#buffer;
    position = writeHeader(buffer, position, tag, content);
    position = writeInteger(buffer, position, Tag.enumerated, result.code);
    position = writeString(buffer, position, Tag.octetString, result.matchedDN);
    position = writeString(buffer, position, Tag.octetString, result.diagnostic);
    if (referrals > 0) {
      position = writeStrings(buffer, writeHeader(buffer, position, referralTag, referrals), result.referrals!);
    }
    for (const trailer of trailers) position = writeString(buffer, position, trailer.tag, trailer.value);
    this.#length = writeControls(buffer, position, controls);
  }

  /** Makes room for a message, writes its envelope and id, and returns where `bytes` of operation and controls go. */
  #message(messageId: number, bytes: number): number {
    const content = 2 + integerOctets(messageId) + bytes;
    this.#reserve(elementBytes(content));
    const position = writeHeader(this.#buffer, this.#length, Tag.sequence, content);
    return writeInteger(this.#buffer, position, Tag.integer, messageId);
  }

  #reserve(bytes: number): void {
    const needed = this.#length + bytes;
    if (needed <= this.#buffer.length) return;
    const larger = this.#pool.take(needed);
    this.#buffer.copy(larger, 0, 0, this.#length);
    this.#pool.give(this.#buffer);
    this.#buffer = larger;
  }
}

/** A SearchResultEntry by itself, as the pre-read and post-read controls carry it (RFC 4527). */
export function encodeSearchResultEntry(entry: ResultEntry): Buffer {
  const attributes = attributesBytes(entry);
  const nameBytes = entry.record.dnBytesEnd - entry.record.dnBytesStart;
  const content = elementBytes(nameBytes) + elementBytes(attributes);
  const encoded = Buffer.allocUnsafe(elementBytes(content));
  writeEntryContent(encoded, writeHeader(encoded, 0, searchEntryTag, content), entry, nameBytes, attributes);
  return encoded;
}

function attributesBytes({ ranges, extra }: ResultEntry): number {
  let bytes = 0;
  for (let index = 0; index < ranges.length; index += 2) bytes += ranges[index + 1]! - ranges[index]!;
  for (const attribute of extra) bytes += elementBytes(attributeBytes(attribute));
  return bytes;
}

function writeEntryContent(
  buffer: Buffer,
  start: number,
  { record, ranges, extra }: ResultEntry,
  nameBytes: number,
  attributes: number,
): number {
  const stored = record.buffer;
  let position = writeHeader(buffer, start, Tag.octetString, nameBytes);
  position = copyBytes(stored, record.dnBytesStart, record.dnBytesEnd, buffer, position);
  position = writeHeader(buffer, position, Tag.sequence, attributes);
  for (let index = 0; index < ranges.length; index += 2) {
    position = copyBytes(stored, ranges[index]!, ranges[index + 1]!, buffer, position);
  }
  for (const attribute of extra) position = writeAttribute(buffer, position, attribute);
  return position;
}

function valuesBytes(values: readonly Buffer[]): number {
  let bytes = 0;
  for (const value of values) bytes += elementBytes(value.length);
  return bytes;
}

function attributeBytes({ type, values }: PartialAttribute): number {
  return stringBytes(type) + elementBytes(valuesBytes(values));
}

function writeAttribute(buffer: Buffer, start: number, attribute: PartialAttribute): number {
  let position = writeHeader(buffer, start, Tag.sequence, attributeBytes(attribute));
  position = writeString(buffer, position, Tag.octetString, attribute.type);
  position = writeHeader(buffer, position, Tag.set, valuesBytes(attribute.values));
  for (const value of attribute.values) position = writeString(buffer, position, Tag.octetString, value);
  return position;
}

/** Controls come last in a message; without any there is nothing to write. */
function controlsBytes(controls: readonly ResponseControl[]): number {
  if (controls.length === 0) return 0;
  return elementBytes(controls.reduce((bytes, control) => bytes + elementBytes(controlBytes(control)), 0));
}

function controlBytes({ oid, critical, value }: ResponseControl): number {
  return stringBytes(oid) + (critical ? 3 : 0) + (value ? stringBytes(value) : 0);
}

function writeControls(buffer: Buffer, start: number, controls: readonly ResponseControl[]): number {
  if (controls.length === 0) return start;
  const content = controls.reduce((bytes, control) => bytes + elementBytes(controlBytes(control)), 0);
  let position = writeHeader(buffer, start, controlsTag, content);
  for (const control of controls) {
    position = writeHeader(buffer, position, Tag.sequence, controlBytes(control));
    position = writeString(buffer, position, Tag.octetString, control.oid);
    if (control.critical) {
      position = writeHeader(buffer, position, Tag.boolean, 1);
      buffer[position++] = 0xff;
    }
    if (control.value) position = writeString(buffer, position, Tag.octetString, control.value);
  }
  return position;
}

function stringBytes(value: Buffer | string): number {
  return elementBytes(Buffer.byteLength(value));
}

function writeString(buffer: Buffer, start: number, tag: number, value: Buffer | string): number {
  if (typeof value !== 'string') {
    const position = writeHeader(buffer, start, tag, value.length);
    return copyBytes(value, 0, value.length, buffer, position);
  }
  const position = writeHeader(buffer, start, tag, Buffer.byteLength(value));
  return position + buffer.write(value, position);
}

function stringsBytes(values: readonly string[]): number {
  let bytes = 0;
  for (const value of values) bytes += stringBytes(value);
  return bytes;
}

function writeStrings(buffer: Buffer, start: number, values: readonly string[]): number {
  let position = start;
  for (const value of values) position = writeString(buffer, position, Tag.octetString, value);
  return position;
}

function copyBytes(source: Buffer, start: number, end: number, target: Buffer, position: number): number {
  if (end - start > loopCopyBytesMax) {
    source.copy(target, position, start, end);
    return position + end - start;
  }
  for (let from = start; from < end; from++) target[position++] = source[from]!;
  return position;
}
