/** The requests that a replica sends its provider, as bytes (RFC 4511): bind, StartTLS, search, unbind. */
import { berBoolean, berElement, berEnumerated, berInteger, berOctetString, berSequence, contextTag, Tag } from '../ber/ber.js';
import type { Filter } from '../ldap/filter.js';
import type { SearchRequest, SearchScope } from '../ldap/request.js';
import { RequestTag } from '../protocol/request-decoder.js';
import { encodeFilter } from './filter-encoder.js';

/** A control of a request, its value encoded. */
export interface RequestControl {
  readonly oid: string;
  readonly critical: boolean;
  readonly value: Buffer | undefined;
}

const scopes: readonly SearchScope[] = ['base', 'one', 'sub', 'children'];
const startTlsOid = '1.3.6.1.4.1.1466.20037';
const version = 3;

export type ReplicaSearch = Pick<SearchRequest, 'scope' | 'sizeLimit' | 'timeLimit' | 'attributes'> & {
  readonly base: string;
  readonly filter: Filter;
};

export function encodeBind(messageId: number, name: string, password: string): Buffer {
  return message(
    messageId,
    berElement(RequestTag.bind, berInteger(version), berOctetString(name), berOctetString(password, contextTag(0))),
  );
}

export function encodeStartTls(messageId: number): Buffer {
  return message(messageId, berElement(RequestTag.extended, berOctetString(startTlsOid, contextTag(0))));
}

export function encodeSearch(messageId: number, search: ReplicaSearch, controls: readonly RequestControl[] = []): Buffer {
  const { base, scope, sizeLimit, timeLimit, filter, attributes } = search;
  const request = berElement(
    RequestTag.search,
    berOctetString(base),
    berEnumerated(scopes.indexOf(scope)),
    berEnumerated(0),
    berInteger(sizeLimit),
    berInteger(timeLimit),
    berBoolean(false),
    encodeFilter(filter),
    berSequence(...attributes.map((name) => berOctetString(name))),
  );
  return message(messageId, request, controls);
}

export function encodeUnbind(messageId: number): Buffer {
  return message(messageId, berElement(RequestTag.unbind));
}

function message(messageId: number, operation: Buffer, controls: readonly RequestControl[] = []): Buffer {
  const list = controls.length === 0 ? [] : [berElement(contextTag(0, 'constructed'), ...controls.map(encodeControl))];
  return berSequence(berInteger(messageId), operation, ...list);
}

function encodeControl({ oid, critical, value }: RequestControl): Buffer {
  return berElement(
    Tag.sequence,
    berOctetString(oid),
    ...(critical ? [berBoolean(true)] : []),
    ...(value ? [berOctetString(value)] : []),
  );
}
