/**
 * How a front end (the LDAP server, the ldapjs mount, an embedding program, the command line) uses the directory:
 * through a session, which is an identity on a directory and the only way in. Access rules hold for every call.
 *
 * An operation answers at once where it can (a plain value) and with a promise where it must wait (a sync to disk, a
 * slow hash, a long search): lookups then cost no promise. Operations throw, or reject with, LdapError.
 */
import type { DN } from '../dn/dn.js';
import type { ResultEntry } from '../entry/result-entry.js';
import type { Control } from '../ldap/control.js';
import type {
  AddRequest,
  BindRequest,
  CompareRequest,
  DeleteRequest,
  ExtendedRequest,
  ModifyDNRequest,
  ModifyRequest,
  SearchRequest,
} from '../ldap/request.js';
import type { BindResponse, ExtendedResponse, Response } from '../ldap/response.js';
import type { OperationTrace } from './trace.js';

export type MaybePromise<T> = T | Promise<T>;

/** What the front end knows about the other side of a connection. */
export interface Peer {
  /** The client's address without port; empty for embedded sessions. */
  readonly address: string;
  /** As slapd writes it: `IP=127.0.0.1:40000`, `PATH=/run/ldapi`. */
  readonly name: string;
  /** This side of the connection, in the same way; undefined for embedded sessions. */
  readonly localName?: string | undefined;
  /** The listener: `ldap://127.0.0.1:3890/`. */
  readonly listener: string;
  /** Strength of TLS in bits, 0 without. Changes when TLS starts. */
  tlsSsf: number;
  /** Strength of the transport itself: `localSSF` for ldapi://. */
  readonly transportSsf: number;
  /** SASL EXTERNAL's identity, where the transport vouches for one: a DN as text. */
  externalIdentity: string | undefined;
}

/** Where a search puts its answers. */
export interface SearchSink {
  /** False: wait for `drained()` before the next one. */
  entry(entry: ResultEntry): boolean;
  reference(urls: readonly string[]): boolean;
  /** Resolves when there is room again; rejects when the receiver is gone. */
  drained(): Promise<void>;
}

/** Lets the front end stop an operation (abandon, cancel, a lost connection). */
export interface OperationSignal {
  /** 'abandoned' ends it without an answer, 'canceled' with result 118. */
  readonly stopped: 'abandoned' | 'canceled' | undefined;
}

export interface Session {
  /** The name access is decided for; undefined: anonymous. */
  readonly identity: DN | undefined;
  /** A failed bind leaves the session anonymous, whatever it was. */
  bind(request: BindRequest, controls: readonly Control[]): MaybePromise<BindResponse>;
  search(
    request: SearchRequest,
    controls: readonly Control[],
    sink: SearchSink,
    signal: OperationSignal,
    trace?: OperationTrace,
  ): MaybePromise<Response>;
  compare(request: CompareRequest, controls: readonly Control[]): MaybePromise<Response>;
  add(request: AddRequest, controls: readonly Control[], trace?: OperationTrace): Promise<Response>;
  modify(request: ModifyRequest, controls: readonly Control[], trace?: OperationTrace): Promise<Response>;
  modifyDN(request: ModifyDNRequest, controls: readonly Control[], trace?: OperationTrace): Promise<Response>;
  delete(request: DeleteRequest, controls: readonly Control[], trace?: OperationTrace): Promise<Response>;
  /** Password Modify and Who am I; StartTLS and Cancel belong to the connection. */
  extended(request: ExtendedRequest, controls: readonly Control[], trace?: OperationTrace): MaybePromise<ExtendedResponse>;
  /** Makes the session anonymous (as after a failed bind). */
  reset(): void;
}
