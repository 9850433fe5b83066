/** The requests of a client's transaction (RFC 5805): which they are, what they may ask for, and what they take in memory. */
import type { Control } from '../ldap/control.js';
import { extendedOids } from '../ldap/extended.js';
import type { AnsweredRequest, BindRequest, PartialAttribute } from '../ldap/request.js';
import { LdapError, ResultCode } from '../ldap/result.js';
import type { OperationControls } from './controls/controls.js';
import type { QueuedRequest } from './operations/operation.js';

type PerformedRequest = Exclude<AnsweredRequest, BindRequest>;

/** True for a request that is to be queued, and for the one that ends the transaction. */
export function concernsTransaction(request: PerformedRequest, controls: readonly Control[]): boolean {
  if (request.op === 'extended') return request.name === extendedOids.endTransaction;
  return controls.some(({ type }) => type === 'transactionSpecification');
}

/**
 * What the control says of the request; undefined where it is not sent. As slapd: it must be critical, a connection's
 * transactions have an empty identifier, and the entry cannot be read back.
 */
export function queuedRequest(
  controls: OperationControls,
  request: PerformedRequest,
  messageId: number | undefined,
): QueuedRequest | undefined {
  const control = controls.get('transactionSpecification');
  if (!control) return undefined;
  if (!control.critical) {
    throw new LdapError(ResultCode.protocolError, 'transaction specification control must be marked critical');
  }
  if (control.identifier.length > 0) {
    throw new LdapError(ResultCode.transactionIdInvalid, 'invalid transaction identifier');
  }
  for (const [type, label] of [
    ['preRead', 'pre-read'],
    ['postRead', 'post-read'],
  ] as const) {
    if (controls.has(type)) throw new LdapError(ResultCode.unwillingToPerform, `cannot perform ${label} in transaction`);
  }
  return { messageId, bytes: bytesOf(request) };
}

function bytesOf(request: PerformedRequest): number {
  switch (request.op) {
    case 'add':
      return request.entry.length + attributesBytes(request.attributes);
    case 'modify':
      return request.object.length + attributesBytes(request.changes.map(({ attribute }) => attribute));
    case 'modifyDN':
      return request.entry.length + request.newRDN.length + (request.newSuperior?.length ?? 0);
    case 'delete':
      return request.entry.length;
    default:
      return 0;
  }
}

/** Objects in memory, each of which takes more than its few bytes in the message. */
const bytesPerValue = 64;

function attributesBytes(attributes: readonly PartialAttribute[]): number {
  let bytes = 0;
  for (const { type, values } of attributes) {
    bytes += bytesPerValue + type.length;
    for (const value of values) bytes += bytesPerValue + value.length;
  }
  return bytes;
}

/** The same request in memory of its own: a view would keep everything that arrived together with it. */
export function detached(request: PerformedRequest): PerformedRequest {
  switch (request.op) {
    case 'add':
      return { ...request, entry: Buffer.from(request.entry), attributes: request.attributes.map(detachedAttribute) };
    case 'modify': {
      const changes = request.changes.map(({ operation, attribute }) => ({ operation, attribute: detachedAttribute(attribute) }));
      return { ...request, object: Buffer.from(request.object), changes };
    }
    case 'modifyDN': {
      const { entry, newRDN, newSuperior } = request;
      return {
        ...request,
        entry: Buffer.from(entry),
        newRDN: Buffer.from(newRDN),
        newSuperior: newSuperior && Buffer.from(newSuperior),
      };
    }
    case 'delete':
      return { ...request, entry: Buffer.from(request.entry) };
    default:
      return request;
  }
}

function detachedAttribute({ type, values }: PartialAttribute): PartialAttribute {
  return { type, values: values.map((value) => Buffer.from(value)) };
}
