/**
 * LDAPMessages from a provider as typed values (RFC 4511). As strict as the decoder of requests: every length is checked
 * against the element around it, nothing recurses, and names and values are views of the bytes they came in.
 */
import { BerError, BerReader, contextTag, Tag } from '../ber/ber.js';
import type { ResponseControl } from '../ldap/control.js';
import type { PartialAttribute } from '../ldap/request.js';
import {
  intermediateTag,
  noticeOfDisconnectionOid,
  ResponseTag,
  searchEntryTag,
  searchReferenceTag,
} from '../protocol/response-writer.js';

export interface ProviderResult {
  readonly code: number;
  readonly matchedDN: string;
  readonly diagnostic: string;
}

export type ProviderResponse =
  | { readonly kind: 'entry'; readonly name: Buffer; readonly attributes: readonly PartialAttribute[] }
  | { readonly kind: 'reference' }
  | { readonly kind: 'intermediate'; readonly name: string | undefined; readonly value: Buffer | undefined }
  | ({ readonly kind: 'search' } & ProviderResult)
  | ({ readonly kind: 'bind' | 'extended' } & ProviderResult)
  /** The provider ends the connection. */
  | ({ readonly kind: 'notice' } & ProviderResult);

export interface ProviderMessage {
  readonly messageId: number;
  readonly response: ProviderResponse;
  readonly controls: readonly ResponseControl[];
}

const controlsTag = contextTag(0, 'constructed');
const controlsMax = 64;
const attributesMax = 65_536;

/** Decodes the message `buffer[start, end)`. Throws BerError. */
export function decodeResponse(buffer: Buffer, start: number, end: number): ProviderMessage {
  const reader = new BerReader(buffer, start, end);
  reader.enter(Tag.sequence);
  const messageId = reader.integer();
  if (messageId < 0) throw new BerError('message id out of range');
  const response = decodeOperation(reader, messageId);
  const controls = reader.peekTag() === controlsTag ? decodeControls(reader) : [];
  if (!reader.atEnd) throw new BerError(`unexpected element at byte ${reader.position}`);
  return { messageId, response, controls };
}

function decodeOperation(reader: BerReader, messageId: number): ProviderResponse {
  const tag = reader.peekTag();
  switch (tag) {
    case searchEntryTag:
      return decodeEntry(reader);
    case searchReferenceTag:
      reader.skip();
      return { kind: 'reference' };
    case intermediateTag:
      return decodeIntermediate(reader);
    case ResponseTag.bind:
      return { kind: 'bind', ...decodeResult(reader, tag).result };
    case ResponseTag.search:
      return { kind: 'search', ...decodeResult(reader, tag).result };
    case ResponseTag.extended: {
      const { result, responseName } = decodeResult(reader, tag);
      const isNotice = messageId === 0 && responseName === noticeOfDisconnectionOid;
      return { kind: isNotice ? 'notice' : 'extended', ...result };
    }
    default:
      throw new BerError(`no response that was asked for: tag 0x${tag.toString(16)}`);
  }
}

function decodeEntry(reader: BerReader): ProviderResponse {
  const outerEnd = reader.enter(searchEntryTag);
  const name = reader.octets();
  const attributes: PartialAttribute[] = [];
  const listEnd = reader.enter(Tag.sequence);
  while (!reader.atEnd) {
    if (attributes.length === attributesMax) throw new BerError('too many attributes in one entry');
    const attributeEnd = reader.enter(Tag.sequence);
    const type = reader.latin1();
    const values: Buffer[] = [];
    const setEnd = reader.enter(Tag.set);
    while (!reader.atEnd) values.push(reader.octets());
    reader.leave(setEnd);
    reader.leave(attributeEnd);
    attributes.push({ type, values });
  }
  reader.leave(listEnd);
  reader.leave(outerEnd);
  return { kind: 'entry', name, attributes };
}

function decodeIntermediate(reader: BerReader): ProviderResponse {
  const outerEnd = reader.enter(intermediateTag);
  const name = reader.peekTag() === contextTag(0) ? reader.latin1(contextTag(0)) : undefined;
  const value = reader.peekTag() === contextTag(1) ? reader.octets(contextTag(1)) : undefined;
  reader.leave(outerEnd);
  return { kind: 'intermediate', name, value };
}

function decodeResult(reader: BerReader, tag: number): { result: ProviderResult; responseName: string | undefined } {
  const outerEnd = reader.enter(tag);
  const code = reader.integer(Tag.enumerated);
  const matchedDN = reader.octets().toString();
  const diagnostic = reader.octets().toString();
  let responseName: string | undefined;
  while (!reader.atEnd) {
    if (reader.peekTag() === contextTag(10)) responseName = reader.latin1(contextTag(10));
    else reader.skip();
  }
  reader.leave(outerEnd);
  return { result: { code, matchedDN, diagnostic }, responseName };
}

function decodeControls(reader: BerReader): ResponseControl[] {
  const controls: ResponseControl[] = [];
  const outerEnd = reader.enter(controlsTag);
  while (!reader.atEnd) {
    if (controls.length === controlsMax) throw new BerError(`more than ${controlsMax} controls`);
    const controlEnd = reader.enter(Tag.sequence);
    const oid = reader.latin1();
    const critical = reader.peekTag() === Tag.boolean && reader.boolean();
    const value = reader.peekTag() === Tag.octetString ? reader.octets() : undefined;
    reader.leave(controlEnd);
    controls.push({ oid, critical, value });
  }
  reader.leave(outerEnd);
  return controls;
}
