/**
 * LDAP's requests as typed values (RFC 4511 section 4). No wire and no directory here: the protocol room makes
 * these from BER, the directory answers them.
 *
 * DNs, attribute values and passwords stay the bytes that were sent (a DN that is not UTF-8 must be answered 34,
 * not mended). Attribute descriptions are strings; one that is not ASCII simply names no attribute.
 */
import type { Filter } from './filter.js';
import type { Control } from './control.js';

/** An attribute with some, or all, of its values: `{ type: 'mail', values: [Buffer.from('a@b.example')] }`. */
export interface PartialAttribute {
  /** An attribute description as written, options included: `description;lang-en`. */
  readonly type: string;
  readonly values: readonly Buffer[];
}

export interface BindRequest {
  readonly op: 'bind';
  readonly version: number;
  readonly name: Buffer;
  readonly authentication:
    | { readonly method: 'simple'; readonly password: Buffer }
    | { readonly method: 'sasl'; readonly mechanism: string; readonly credentials: Buffer | undefined }
    /** An authentication choice RFC 4511 does not define. */
    | { readonly method: 'unknown'; readonly tag: number };
}

export interface UnbindRequest {
  readonly op: 'unbind';
}

/** Only the base, one level below it, the base with everything below it, or everything below it. */
export type SearchScope = 'base' | 'one' | 'sub' | 'children';

export interface SearchRequest {
  readonly op: 'search';
  readonly base: Buffer;
  readonly scope: SearchScope;
  /** RFC 4511 derefAliases, 0 to 3. */
  readonly derefAliases: number;
  /** 0: no limit asked for. */
  readonly sizeLimit: number;
  /** Seconds; 0: no limit asked for. */
  readonly timeLimit: number;
  readonly typesOnly: boolean;
  readonly filter: Filter;
  /** As sent: empty means all user attributes. */
  readonly attributes: readonly string[];
}

export interface AddRequest {
  readonly op: 'add';
  readonly entry: Buffer;
  readonly attributes: readonly PartialAttribute[];
}

export interface Modification {
  readonly operation: 'add' | 'delete' | 'replace' | 'increment';
  readonly attribute: PartialAttribute;
}

export interface ModifyRequest {
  readonly op: 'modify';
  readonly object: Buffer;
  readonly changes: readonly Modification[];
}

export interface DeleteRequest {
  readonly op: 'delete';
  readonly entry: Buffer;
}

export interface ModifyDNRequest {
  readonly op: 'modifyDN';
  readonly entry: Buffer;
  readonly newRDN: Buffer;
  readonly deleteOldRDN: boolean;
  readonly newSuperior: Buffer | undefined;
}

export interface CompareRequest {
  readonly op: 'compare';
  readonly entry: Buffer;
  readonly attribute: string;
  readonly value: Buffer;
}

export interface AbandonRequest {
  readonly op: 'abandon';
  readonly messageId: number;
}

export interface ExtendedRequest {
  readonly op: 'extended';
  /** The request's OID, dotted. */
  readonly name: string;
  readonly value: Buffer | undefined;
}

export type Request =
  | BindRequest
  | UnbindRequest
  | SearchRequest
  | AddRequest
  | ModifyRequest
  | DeleteRequest
  | ModifyDNRequest
  | CompareRequest
  | AbandonRequest
  | ExtendedRequest;

/** A request that has a response. */
export type AnsweredRequest = Exclude<Request, UnbindRequest | AbandonRequest>;

export type AnsweredOperation = AnsweredRequest['op'];

/** One LDAPMessage from a client. */
export interface RequestMessage {
  readonly messageId: number;
  readonly request: Request;
  readonly controls: readonly Control[];
}

export interface AnsweredMessage extends RequestMessage {
  readonly request: AnsweredRequest;
}

export function isAnswered(message: RequestMessage): message is AnsweredMessage {
  return message.request.op !== 'unbind' && message.request.op !== 'abandon';
}

/** What a request without controls carries: one shared empty list. */
export const noControls: readonly Control[] = Object.freeze([]);
