/**
 * LDAPMessages from clients as typed requests (RFC 4511 section 4.2 ff.). Every length is checked against the element
 * around it, nothing recurses, and DNs and values are views of the bytes they came in.
 *
 * Components that follow the known ones are ignored: LDAP's sequences are extensible (RFC 4511 section 4).
 */
import type { Control } from '../ldap/control.js';
import {
  type BindRequest,
  type ExtendedRequest,
  type Modification,
  type ModifyDNRequest,
  type ModifyRequest,
  noControls,
  type PartialAttribute,
  type Request,
  type RequestMessage,
  type SearchRequest,
  type SearchScope,
} from '../ldap/request.js';
import { LdapError, ResultCode } from '../ldap/result.js';
import { BerError, BerReader, contextTag, Tag } from '../ber/ber.js';
import { decodeControls } from './control-decoder.js';
import { ProtocolError, protocolError, type ProtocolRemedy } from './errors.js';
import { decodeDescription, decodeFilter, type FilterLimits, FilterMemory } from './filter-decoder.js';

export const RequestTag = {
  bind: 0x60,
  unbind: 0x42,
  search: 0x63,
  modify: 0x66,
  add: 0x68,
  delete: 0x4a,
  modifyDN: 0x6c,
  compare: 0x6e,
  abandon: 0x50,
  extended: 0x77,
} as const satisfies Record<Request['op'], number>;

const operationOfTag: ReadonlyMap<number, Request['op']> = new Map(
  (Object.keys(RequestTag) as Request['op'][]).map((operation) => [RequestTag[operation], operation]),
);

const controlsTag = contextTag(0, 'constructed');
const scopes: readonly SearchScope[] = ['base', 'one', 'sub', 'children'];
const modifyOperations: readonly Modification['operation'][] = ['add', 'delete', 'replace', 'increment'];
const derefAliasesMax = 3;
/** Some clients number a message -1; below that an id is no id. */
const messageIdMin = -1;

export class RequestDecoder {
  readonly #limits: FilterLimits;
  readonly #reader = new BerReader(Buffer.alloc(0));
  readonly #memory = new FilterMemory();

  constructor(limits: FilterLimits) {
    this.#limits = limits;
  }

  /** Decodes the message `buffer[start, end)`. Throws ProtocolError, which says what becomes of the connection. */
  decode(buffer: Buffer, start: number, end: number): RequestMessage {
    const reader = this.#reader;
    let remedy: ProtocolRemedy = { action: 'disconnect' };
    try {
      reader.reset(buffer, start, end);
      reader.enter(Tag.sequence);
      const messageId = reader.integer();
      if (messageId < messageIdMin) throw new BerError('message id out of range');
      const operation = operationOfTag.get(reader.peekTag());
      if (operation === undefined) throw new BerError('unknown LDAP request');
      if (operation !== 'unbind' && operation !== 'abandon') remedy = { action: 'answer', messageId, operation };
      const request = this.#decodeRequest(operation);
      return { messageId, request, controls: this.#decodeControls(operation) };
    } catch (error) {
      throw asProtocolError(error, remedy);
    }
  }

  #decodeRequest(operation: Request['op']): Request {
    switch (operation) {
      case 'search':
        return this.#decodeSearch();
      case 'bind':
        return this.#decodeBind();
      case 'unbind':
        this.#reader.skip();
        return { op: 'unbind' };
      case 'add':
        return this.#decodeAdd();
      case 'modify':
        return this.#decodeModify();
      case 'delete':
        return { op: 'delete', entry: this.#reader.octets(RequestTag.delete) };
      case 'modifyDN':
        return this.#decodeModifyDN();
      case 'compare':
        return this.#decodeCompare();
      case 'abandon':
        return { op: 'abandon', messageId: this.#reader.integer(RequestTag.abandon) };
      case 'extended':
        return this.#decodeExtended();
    }
  }

  #decodeControls(operation: Request['op']): readonly Control[] {
    const reader = this.#reader;
    if (reader.peekTag() !== controlsTag) return noControls;
    reader.enter(controlsTag);
    return decodeControls(reader, operation, this.#limits);
  }

  #decodeSearch(): SearchRequest {
    const reader = this.#reader;
    const outerEnd = reader.enter(RequestTag.search);
    const base = reader.octets();
    const scope = scopes[reader.integer(Tag.enumerated)];
    const derefAliases = reader.integer(Tag.enumerated);
    const sizeLimit = reader.integer();
    const timeLimit = reader.integer();
    const typesOnly = reader.boolean();
    if (scope === undefined) throw protocolError('invalid scope');
    if (derefAliases < 0 || derefAliases > derefAliasesMax) throw protocolError('invalid deref');
    if (sizeLimit < 0) throw protocolError('invalid size limit');
    if (timeLimit < 0) throw protocolError('invalid time limit');
    const filter = decodeFilter(reader, this.#limits, this.#memory);
    const attributes: string[] = [];
    const listEnd = reader.enter(Tag.sequence);
    while (!reader.atEnd) attributes.push(decodeDescription(reader, this.#memory.descriptions));
    reader.leave(listEnd);
    reader.leave(outerEnd);
    return { op: 'search', base, scope, derefAliases, sizeLimit, timeLimit, typesOnly, filter, attributes };
  }

  #decodeBind(): BindRequest {
    const reader = this.#reader;
    const outerEnd = reader.enter(RequestTag.bind);
    const version = reader.integer();
    const name = reader.octets();
    const authentication = this.#decodeAuthentication();
    reader.leave(outerEnd);
    return { op: 'bind', version, name, authentication };
  }

  #decodeAuthentication(): BindRequest['authentication'] {
    const reader = this.#reader;
    const tag = reader.peekTag();
    if (tag === contextTag(0)) return { method: 'simple', password: reader.octets(tag) };
    if (tag !== contextTag(3, 'constructed')) {
      reader.skip();
      return { method: 'unknown', tag };
    }
    const outerEnd = reader.enter(tag);
    const mechanism = reader.latin1();
    const credentials = reader.peekTag() === Tag.octetString ? reader.octets() : undefined;
    reader.leave(outerEnd);
    return { method: 'sasl', mechanism, credentials };
  }

  #decodeAdd(): Request {
    const reader = this.#reader;
    const outerEnd = reader.enter(RequestTag.add);
    const entry = reader.octets();
    const attributes: PartialAttribute[] = [];
    if (!reader.atEnd) {
      const listEnd = reader.enter(Tag.sequence);
      while (!reader.atEnd) attributes.push(this.#decodeAttribute());
      reader.leave(listEnd);
    }
    reader.leave(outerEnd);
    return { op: 'add', entry, attributes };
  }

  #decodeAttribute(): PartialAttribute {
    const reader = this.#reader;
    const outerEnd = reader.enter(Tag.sequence);
    const type = decodeDescription(reader, this.#memory.descriptions);
    const values: Buffer[] = [];
    const setEnd = reader.enter(Tag.set);
    while (!reader.atEnd) values.push(reader.octets());
    reader.leave(setEnd);
    reader.leave(outerEnd);
    return { type, values };
  }

  #decodeModify(): ModifyRequest {
    const reader = this.#reader;
    const outerEnd = reader.enter(RequestTag.modify);
    const object = reader.octets();
    const changes: Modification[] = [];
    if (!reader.atEnd) {
      const listEnd = reader.enter(Tag.sequence);
      while (!reader.atEnd) changes.push(this.#decodeModification());
      reader.leave(listEnd);
    }
    reader.leave(outerEnd);
    return { op: 'modify', object, changes };
  }

  #decodeModification(): Modification {
    const reader = this.#reader;
    try {
      const outerEnd = reader.enter(Tag.sequence);
      const operation = modifyOperations[reader.integer(Tag.enumerated)];
      if (operation === undefined) throw protocolError('unrecognized modify operation');
      const attribute = this.#decodeAttribute();
      reader.leave(outerEnd);
      return { operation, attribute };
    } catch (error) {
      // slapd answers a broken change and goes on.
      throw error instanceof BerError ? protocolError('decoding modlist error') : error;
    }
  }

  #decodeModifyDN(): ModifyDNRequest {
    const reader = this.#reader;
    const outerEnd = reader.enter(RequestTag.modifyDN);
    const entry = reader.octets();
    const newRDN = reader.octets();
    const deleteOldRDN = reader.boolean();
    const newSuperior = reader.peekTag() === contextTag(0) ? reader.octets(contextTag(0)) : undefined;
    reader.leave(outerEnd);
    return { op: 'modifyDN', entry, newRDN, deleteOldRDN, newSuperior };
  }

  #decodeCompare(): Request {
    const reader = this.#reader;
    const outerEnd = reader.enter(RequestTag.compare);
    const entry = reader.octets();
    const assertionEnd = reader.enter(Tag.sequence);
    const attribute = decodeDescription(reader, this.#memory.descriptions);
    const value = reader.octets();
    reader.leave(assertionEnd);
    reader.leave(outerEnd);
    return { op: 'compare', entry, attribute, value };
  }

  #decodeExtended(): ExtendedRequest {
    const reader = this.#reader;
    const outerEnd = reader.enter(RequestTag.extended);
    const name = reader.latin1(contextTag(0));
    const value = reader.peekTag() === contextTag(1) ? reader.octets(contextTag(1)) : undefined;
    reader.leave(outerEnd);
    return { op: 'extended', name, value };
  }
}

/** What the request says wrongly can be answered; after a wrong encoding nothing can be trusted. */
function asProtocolError(error: unknown, remedy: ProtocolRemedy): unknown {
  if (error instanceof LdapError) return new ProtocolError(remedy, error, { cause: error });
  if (!(error instanceof BerError)) return error;
  return ProtocolError.disconnect({ code: ResultCode.protocolError, matchedDN: '', diagnostic: error.message }, { cause: error });
}
