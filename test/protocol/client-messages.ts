/** The client's side of the wire, for tests: requests to bytes, bytes to responses. */
import type { Filter } from '../../src/ldap/filter.js';
import { controlOids, type Control } from '../../src/ldap/control.js';
import type { PartialAttribute, Request, RequestMessage } from '../../src/ldap/request.js';
import {
  berBoolean,
  berElement,
  berEnumerated,
  berInteger,
  berOctetString,
  BerReader,
  berSequence,
  contextTag,
  Tag,
} from '../../src/ber/ber.js';
import { FilterTag } from '../../src/protocol/filter-decoder.js';
import { RequestTag } from '../../src/protocol/request-decoder.js';
import { intermediateTag, ResponseTag, searchEntryTag, searchReferenceTag } from '../../src/protocol/response-writer.js';

const text = (value: string): Buffer => berOctetString(Buffer.from(value, 'latin1'));

export function encodeMessage({ messageId, request, controls }: RequestMessage): Buffer {
  const list = controls.length === 0 ? [] : [berElement(0xa0, ...controls.map(encodeControl))];
  return berSequence(berInteger(messageId), encodeRequest(request), ...list);
}

/** A message without controls. */
export function message(messageId: number, request: Request): Buffer {
  return encodeMessage({ messageId, request, controls: [] });
}

export function encodeRequest(request: Request): Buffer {
  switch (request.op) {
    case 'bind':
      return berElement(
        RequestTag.bind,
        berInteger(request.version),
        berOctetString(request.name),
        encodeAuthentication(request.authentication),
      );
    case 'unbind':
      return berElement(RequestTag.unbind);
    case 'search':
      return berElement(
        RequestTag.search,
        berOctetString(request.base),
        berEnumerated(['base', 'one', 'sub', 'children'].indexOf(request.scope)),
        berEnumerated(request.derefAliases),
        berInteger(request.sizeLimit),
        berInteger(request.timeLimit),
        berBoolean(request.typesOnly),
        encodeFilter(request.filter),
        berSequence(...request.attributes.map(text)),
      );
    case 'add':
      return berElement(RequestTag.add, berOctetString(request.entry), berSequence(...request.attributes.map(encodeAttribute)));
    case 'modify':
      return berElement(
        RequestTag.modify,
        berOctetString(request.object),
        berSequence(
          ...request.changes.map(({ operation, attribute }) =>
            berSequence(berEnumerated(['add', 'delete', 'replace', 'increment'].indexOf(operation)), encodeAttribute(attribute)),
          ),
        ),
      );
    case 'delete':
      return berElement(RequestTag.delete, request.entry);
    case 'modifyDN':
      return berElement(
        RequestTag.modifyDN,
        berOctetString(request.entry),
        berOctetString(request.newRDN),
        berBoolean(request.deleteOldRDN),
        ...(request.newSuperior ? [berOctetString(request.newSuperior, contextTag(0))] : []),
      );
    case 'compare':
      return berElement(
        RequestTag.compare,
        berOctetString(request.entry),
        berSequence(text(request.attribute), berOctetString(request.value)),
      );
    case 'abandon':
      return berInteger(request.messageId, RequestTag.abandon);
    case 'extended':
      return berElement(
        RequestTag.extended,
        berOctetString(request.name, contextTag(0)),
        ...(request.value ? [berOctetString(request.value, contextTag(1))] : []),
      );
  }
}

function encodeAuthentication(authentication: Extract<Request, { op: 'bind' }>['authentication']): Buffer {
  switch (authentication.method) {
    case 'simple':
      return berOctetString(authentication.password, contextTag(0));
    case 'sasl':
      return berElement(
        contextTag(3, 'constructed'),
        text(authentication.mechanism),
        ...(authentication.credentials ? [berOctetString(authentication.credentials)] : []),
      );
    case 'unknown':
      return berElement(authentication.tag);
  }
}

function encodeAttribute({ type, values }: PartialAttribute): Buffer {
  return berSequence(text(type), berElement(Tag.set, ...values.map((value) => berOctetString(value))));
}

/** Iterative, so that tests can nest as deep as they like. */
export function encodeFilter(filter: Filter): Buffer {
  let nots = 0;
  let inner = filter;
  while (inner.kind === 'not') {
    nots++;
    inner = inner.filter;
  }
  let encoded = encodeOther(inner);
  while (nots-- > 0) encoded = berElement(FilterTag.not, encoded);
  return encoded;
}

function encodeOther(filter: Exclude<Filter, { kind: 'not' }>): Buffer {
  switch (filter.kind) {
    case 'and':
    case 'or':
      return berElement(FilterTag[filter.kind], ...filter.filters.map(encodeFilter));
    case 'present':
      return berElement(FilterTag.present, Buffer.from(filter.attribute, 'latin1'));
    case 'equality':
    case 'greaterOrEqual':
    case 'lessOrEqual':
    case 'approx':
      return berElement(FilterTag[filter.kind], text(filter.attribute), berOctetString(filter.value));
    case 'substrings':
      return berElement(
        FilterTag.substrings,
        text(filter.attribute),
        berSequence(
          ...(filter.initial ? [berOctetString(filter.initial, 0x80)] : []),
          ...filter.any.map((part) => berOctetString(part, 0x81)),
          ...(filter.final ? [berOctetString(filter.final, 0x82)] : []),
        ),
      );
    case 'extensible':
      return berElement(
        FilterTag.extensible,
        ...(filter.rule === undefined ? [] : [berOctetString(Buffer.from(filter.rule, 'latin1'), 0x81)]),
        ...(filter.attribute === undefined ? [] : [berOctetString(Buffer.from(filter.attribute, 'latin1'), 0x82)]),
        berOctetString(filter.value, 0x83),
        ...(filter.dnAttributes ? [berBoolean(true, 0x84)] : []),
      );
  }
}

export function encodeControl(control: Control): Buffer {
  if (control.type === 'unknown') return rawControl(control.oid, control.critical, control.value);
  return rawControl(controlOids[control.type], control.critical, controlValue(control));
}

export function rawControl(oid: string, critical: boolean, value: Buffer | undefined): Buffer {
  return berSequence(text(oid), ...(critical ? [berBoolean(true)] : []), ...(value ? [berOctetString(value)] : []));
}

function controlValue(control: Exclude<Control, { type: 'unknown' }>): Buffer | undefined {
  switch (control.type) {
    case 'transactionSpecification':
      return control.identifier;
    case 'pagedResults':
      return berSequence(berInteger(control.size), berOctetString(control.cookie));
    case 'serverSideSort':
      return berSequence(
        ...control.keys.map((key) =>
          berSequence(
            text(key.attribute),
            ...(key.orderingRule === undefined ? [] : [berOctetString(Buffer.from(key.orderingRule, 'latin1'), 0x80)]),
            ...(key.reverse ? [berBoolean(true, 0x81)] : []),
          ),
        ),
      );
    case 'virtualListView':
      return berSequence(
        berInteger(control.before),
        berInteger(control.after),
        control.by === 'value'
          ? berOctetString(control.value, 0x81)
          : berElement(contextTag(0, 'constructed'), berInteger(control.offset), berInteger(control.count)),
      );
    case 'matchedValues':
      return berSequence(...control.filters.map(encodeFilter));
    case 'assertion':
      return encodeFilter(control.filter);
    case 'preRead':
    case 'postRead':
      return berSequence(...control.attributes.map(text));
    case 'proxiedAuthorization':
      return Buffer.from(control.authzId);
    case 'subentries':
      return berBoolean(control.visible);
    case 'manageDsaIT':
    case 'noOp':
    case 'relax':
    case 'domainScope':
    case 'dontUseCopy':
    case 'permissiveModify':
      return undefined;
    case 'searchOptions':
      return berSequence(berInteger(0));
    case 'dereference':
      return berSequence(
        ...control.specs.map(({ reference, attributes }) => berSequence(text(reference), berSequence(...attributes.map(text)))),
      );
    case 'valueSort':
      return berSequence(berBoolean(control.raw));
    case 'syncRequest':
    case 'passwordPolicy':
    case 'accountUsability':
      return control.value;
  }
}

export interface ReceivedControl {
  readonly oid: string;
  readonly critical: boolean;
  readonly value: Buffer | undefined;
}

export type ReceivedMessage = { readonly messageId: number; readonly controls: readonly ReceivedControl[] } & (
  | { readonly type: 'entry'; readonly dn: string; readonly attributes: Record<string, readonly string[]> }
  | { readonly type: 'reference'; readonly urls: readonly string[] }
  | { readonly type: 'intermediate'; readonly name: string; readonly value: Buffer }
  | {
      readonly type: keyof typeof ResponseTag;
      readonly code: number;
      readonly matchedDN: string;
      readonly diagnostic: string;
      readonly referrals: readonly string[];
      readonly name: string | undefined;
      readonly value: Buffer | undefined;
      readonly serverSaslCredentials: Buffer | undefined;
    }
);

/** Reads as many whole messages as there are; the bytes after the last one come back as `rest`. */
export function decodeMessages(bytes: Buffer): { messages: ReceivedMessage[]; rest: Buffer } {
  const messages: ReceivedMessage[] = [];
  let position = 0;
  for (;;) {
    const size = wholeMessageBytes(bytes.subarray(position));
    if (size === undefined) return { messages, rest: bytes.subarray(position) };
    messages.push(decodeMessage(bytes.subarray(position, position + size)));
    position += size;
  }
}

function wholeMessageBytes(bytes: Buffer): number | undefined {
  if (bytes.length < 2) return undefined;
  const first = bytes[1]!;
  const octets = first < 0x80 ? 0 : first & 0x7f;
  if (bytes.length < 2 + octets) return undefined;
  const size = 2 + octets + (octets === 0 ? first : bytes.readUIntBE(2, octets));
  return size <= bytes.length ? size : undefined;
}

export function decodeMessage(bytes: Buffer): ReceivedMessage {
  const reader = new BerReader(bytes);
  reader.enter(Tag.sequence);
  const messageId = reader.integer();
  const tag = reader.peekTag();
  const end = reader.enter(tag);
  const body = decodeBody(reader, tag);
  reader.leave(end);
  return { messageId, ...body, controls: decodeControls(reader) };
}

function decodeBody(reader: BerReader, tag: number) {
  if (tag === searchReferenceTag) return { type: 'reference' as const, urls: strings(reader) };
  if (tag === searchEntryTag) return { type: 'entry' as const, ...decodeEntry(reader) };
  if (tag === intermediateTag) return { type: 'intermediate' as const, name: reader.latin1(0x80), value: reader.octets(0x81) };
  const type = (Object.keys(ResponseTag) as (keyof typeof ResponseTag)[]).find((name) => ResponseTag[name] === tag);
  if (!type) throw new Error(`response tag 0x${tag.toString(16)}`);
  const code = reader.integer(Tag.enumerated);
  const matchedDN = reader.octets().toString();
  const diagnostic = reader.octets().toString();
  let referrals: string[] = [];
  if (reader.peekTag() === 0xa3) {
    const end = reader.enter(0xa3);
    referrals = strings(reader);
    reader.leave(end);
  }
  const serverSaslCredentials = reader.peekTag() === 0x87 ? reader.octets(0x87) : undefined;
  const name = reader.peekTag() === 0x8a ? reader.latin1(0x8a) : undefined;
  const value = reader.peekTag() === 0x8b ? reader.octets(0x8b) : undefined;
  return { type, code, matchedDN, diagnostic, referrals, name, value, serverSaslCredentials };
}

/** The content of a SearchResultEntry that was entered. */
export function decodeEntry(reader: BerReader): { dn: string; attributes: Record<string, readonly string[]> } {
  const dn = reader.octets().toString();
  const attributes: Record<string, readonly string[]> = {};
  const listEnd = reader.enter(Tag.sequence);
  while (!reader.atEnd) {
    const end = reader.enter(Tag.sequence);
    const type = reader.latin1();
    const setEnd = reader.enter(Tag.set);
    attributes[type] = strings(reader);
    reader.leave(setEnd);
    reader.leave(end);
  }
  reader.leave(listEnd);
  return { dn, attributes };
}

function strings(reader: BerReader): string[] {
  const found: string[] = [];
  while (!reader.atEnd) found.push(reader.octets().toString());
  return found;
}

function decodeControls(reader: BerReader): ReceivedControl[] {
  const controls: ReceivedControl[] = [];
  if (reader.atEnd) return controls;
  reader.enter(0xa0);
  while (!reader.atEnd) {
    const end = reader.enter(Tag.sequence);
    const oid = reader.latin1();
    const critical = reader.peekTag() === Tag.boolean && reader.boolean();
    controls.push({ oid, critical, value: reader.atEnd ? undefined : reader.octets() });
    reader.leave(end);
  }
  return controls;
}
