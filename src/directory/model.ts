/**
 * How a front end (the LDAP server, the ldapjs mount, an embedding program, the command line) uses the directory:
 * through a session, which is an identity on a directory and the only way in. Access rules hold for every call.
 *
 * An operation answers with a plain value if it can, and with a promise if it must wait (for a sync to disk, a slow hash,
 * a long search), so lookups cost no promise. Operations throw, or reject with, LdapError.
 */
import type { DN } from '../dn/dn.js';
import type { ResultEntry } from '../entry/result-entry.js';
import type { AnsweredMessage } from '../ldap/request.js';
import type { ExtendedResponse, Response } from '../ldap/response.js';
import type { OperationTrace } from './trace.js';

export type MaybePromise<T> = T | Promise<T>;

/** What the front end knows about the other side of a connection. */
export interface Peer {
  /** The client's address without port; empty for embedded sessions. */
  readonly address: string;
  /** As slapd writes it: `IP=127.0.0.1:40000`, `PATH=/run/ldapi`. */
  readonly name: string;
  /** The number that the log gives the connection; undefined for embedded sessions. */
  connection?: number;
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
  /**
   * The data that a channel binding of this type (RFC 5056) has on this connection, if it has any; undefined without TLS.
   * Changes when TLS starts.
   */
  channelBinding?: ((type: string) => Buffer | undefined) | undefined;
}

/** Where a search puts its answers. */
export interface SearchSink {
  /** False: wait for `drained()` before the next one. */
  entry(entry: ResultEntry): boolean;
  reference(urls: readonly string[]): boolean;
  /** A message that is neither, named by its OID (RFC 4511 section 4.13). Undefined: there is no way to send any. */
  intermediate?(name: string, value: Buffer): boolean;
  /** Resolves when there is room again; rejects when the receiver is gone. */
  drained(): Promise<void>;
}

/** Lets the front end stop an operation (abandon, cancel, a lost connection). */
export interface OperationSignal {
  /** 'abandoned' ends it without an answer, 'canceled' with result 118. */
  readonly stopped: 'abandoned' | 'canceled' | undefined;
  /** Calls `listener` when that happens, instead of the one before. Undefined: to be found out by asking. */
  whenStopped?(listener: () => void): void;
}

/** Hears of the passwords that an operation tries. Of those in simple binds the front end knows by itself. */
export interface PasswordWatcher {
  /** Whose password is about to be tried. */
  passwordTried(dn: DN): void;
  /** It has to wait so long, because earlier ones were wrong. */
  passwordDelayed(milliseconds: number): void;
  passwordWrong(): void;
}

/** What connects an operation under way with the front end that asked for it. */
export interface OperationIO {
  readonly sink: SearchSink;
  readonly signal: OperationSignal;
  /** Where somebody will ask what the operation did. */
  readonly trace?: OperationTrace | undefined;
  readonly passwords?: PasswordWatcher | undefined;
  /** The operation will go on until somebody ends it: a bind does, and the end of the server. */
  persists?(): void;
  /** The request's, where the front end numbers messages. */
  readonly messageId?: number;
  /** Sends an unsolicited notification (RFC 4511 section 4.4), also after the operation has ended. */
  notify?(notification: ExtendedResponse): void;
}

export interface Session {
  /** The name access is decided for; undefined: anonymous. */
  readonly identity: DN | undefined;
  /**
   * Does what the request asks for. A failed bind leaves the session anonymous, whatever it was before. Of the extended
   * operations, Password Modify, Who am I, and Start and End Transaction are known here; StartTLS and Cancel belong to the connection.
   */
  perform(message: Omit<AnsweredMessage, 'messageId'>, io: OperationIO): MaybePromise<Response>;
  /** Makes the session anonymous (as after a failed bind) and forgets its transaction. To be called when a connection ends. */
  reset(): void;
}

const neverStopped: OperationSignal = Object.freeze({ stopped: undefined });

/** For operations that return no entries and that nobody stops: everything but searches. */
export const withoutEntries: OperationIO = Object.freeze({
  sink: {
    entry: () => unexpected(),
    reference: () => unexpected(),
    drained: () => Promise.resolve(),
  },
  signal: neverStopped,
});

function unexpected(): never {
  throw new Error('a search needs a place for its entries');
}
