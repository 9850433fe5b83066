/**
 * One connection of an ldapjs server, mended: it stands between the socket and ldapjs's parser, cuts the bytes into
 * messages and decodes each as jammd's own server does, and hands ldapjs one whole, well-formed message at a time. So
 * ldapjs routes requests, and never sees what would hang or crash it; the directory gets them as they were sent, in
 * order, with no more at once than the limits allow.
 */
import type { TLSSocket } from 'node:tls';
import ldapjs from 'ldapjs';
import type { Directory as Core } from '../directory/directory.js';
import type { MaybePromise, Peer } from '../directory/model.js';
import type { Response } from '../ldap/response.js';
import type { DirectorySession } from '../directory/session.js';
import {
  type AnsweredMessage,
  type BindRequest,
  type ExtendedRequest,
  isAnswered,
  type RequestMessage,
} from '../ldap/request.js';
import { LdapError, ResultCode, success, type LdapResult } from '../ldap/result.js';
import type { BufferPool } from '../protocol/buffer-pool.js';
import { ProtocolError } from '../protocol/errors.js';
import { PduFramer } from '../protocol/framing.js';
import type { RequestDecoder } from '../protocol/request-decoder.js';
import { ResponseWriter } from '../protocol/response-writer.js';
import { decodeCancelId, extendedOperationOids } from '../server/extended-operations.js';
import type { LoginThrottle } from '../directory/logins/login-throttle.js';
import { endpointName, peerOf, plainAddress, socketEndpoint } from '../server/peer.js';
import { tlsStrength } from '../server/tls.js';
import type { LdapjsConnection, LdapjsParser, LdapjsRequest, LdapjsResponse } from './model.js';
import { MountedOperation } from './operation.js';

/** Milliseconds one connection may work before others get their turn. */
const turnMs = 4;

/** What all connections of a mount share. */
export interface MountContext {
  readonly core: Core;
  readonly pool: BufferPool;
  readonly decoder: RequestDecoder;
  readonly throttle: LoginThrottle;
  /** The socket file's path; undefined where the server listens on TCP. */
  readonly socketPath: () => string | undefined;
  /** Throws LdapError 52 once the directory is closed. */
  readonly assertOpen: () => void;
  readonly onError: (error: unknown) => void;
}

/** How ldapjs is told that a handler is done with a request. */
interface Completion {
  readonly response: LdapjsResponse;
  readonly next: () => void;
}

export class MountedConnection {
  readonly #context: MountContext;
  readonly #socket: LdapjsConnection;
  readonly #peer: Peer;
  readonly #session: DirectorySession;
  readonly #framer: PduFramer;
  readonly #parse: (message: Buffer) => void;
  readonly #pending = new Set<MountedOperation>();
  /** The messages that ldapjs made its requests of. */
  readonly #messages = new WeakMap<LdapjsRequest, RequestMessage>();
  /** The message that ldapjs's parser is at, until it has made a request of it. */
  #parsing: RequestMessage | undefined;
  /** A bind, as decoded and as sent, that waits until the operations before it have ended. */
  #heldBind: { readonly message: RequestMessage; readonly bytes: Buffer } | undefined;
  /** A bind is under way: nothing else begins. */
  #alone = false;
  /** Messages are being worked through; or will be, when others have had their turn. */
  #inTurn = false;
  /** Nothing more is read. */
  #ended = false;

  constructor(socket: LdapjsConnection, parser: LdapjsParser, context: MountContext) {
    const { idleTimeout, pduBytesAnonymous } = context.core.config.limits;
    this.#context = context;
    this.#socket = socket;
    this.#peer = peerOfSocket(socket, context);
    this.#session = context.core.openSession(this.#peer);
    this.#framer = new PduFramer(pduBytesAnonymous);
    const parse = parser.write.bind(parser);
    this.#parse = (message) => void parse(message);
    parser.write = (chunk) => this.#received(chunk);
    parser.prependListener('message', (request) => this.#parsed(request));
    // What ldapjs cannot read the directory may: ldapjs's own listener would end the connection.
    parser.removeAllListeners('error');
    parser.on('error', (error) => this.#unparsed(error));
    socket.setNoDelay(true);
    // ldapjs destroys a socket that times out.
    if (idleTimeout > 0) socket.setTimeout(idleTimeout * 1_000);
    socket.on('drain', () => this.#drained());
    socket.once('close', () => this.#close());
  }

  /** A request that ldapjs has routed here. `next` lets the program's own handlers see what became of it. */
  take(request: LdapjsRequest, response: LdapjsResponse, next: () => void): void {
    const message = this.#messages.get(request);
    if (message && isAnswered(message)) this.#run(message, { response, next });
    else next();
  }

  /** The client says good-bye. */
  end(): void {
    this.#close();
    this.#socket.end();
  }

  #received(chunk: Buffer): boolean {
    if (!this.#ended) {
      this.#framer.push(chunk);
      this.#turn();
    }
    return true;
  }

  #drained(): void {
    for (const operation of this.#pending) operation.proceed();
    this.#turn();
  }

  /** Works through the messages that have come, as long as nothing forbids to go on. */
  #turn(): void {
    if (this.#inTurn || this.#ended) return;
    this.#inTurn = true;
    // Answers to everything that came in one chunk leave in one write.
    this.#socket.cork();
    try {
      if (this.#processMessages()) setImmediate(() => this.#continue());
      else this.#inTurn = false;
    } catch (error) {
      this.#inTurn = false;
      this.#disconnect(error);
    } finally {
      this.#socket.uncork();
    }
    // An ended connection reads on, into nothing, so that its end is seen.
    if (!this.#ended && (this.#inTurn || !this.#mayProceed())) this.#socket.pause();
    else if (this.#socket.isPaused()) this.#socket.resume();
  }

  #continue(): void {
    this.#inTurn = false;
    this.#turn();
  }

  /** True where there may be more to do than one turn should. Throws ProtocolError. */
  #processMessages(): boolean {
    const started = performance.now();
    while (this.#mayProceed()) {
      if (this.#heldBind) {
        const { message, bytes } = this.#heldBind;
        this.#heldBind = undefined;
        this.#handOver(message, bytes);
      } else {
        if (!this.#framer.next()) return false;
        this.#handle();
      }
      if (performance.now() - started > turnMs) return true;
    }
    return false;
  }

  #mayProceed(): boolean {
    if (this.#alone || this.#ended) return false;
    if (this.#heldBind) return this.#pending.size === 0;
    const { pendingAnonymous, pendingAuthenticated } = this.#context.core.config.limits;
    const pendingMax = this.#session.identity ? pendingAuthenticated : pendingAnonymous;
    return this.#pending.size < pendingMax && !this.#socket.writableNeedDrain;
  }

  /** The message that the framer is at. Throws ProtocolError where the connection has to end. */
  #handle(): void {
    const { buffer, start, end } = this.#framer;
    let message: RequestMessage;
    try {
      message = this.#context.decoder.decode(buffer, start, end);
    } catch (error) {
      if (error instanceof ProtocolError) return this.#refuse(error);
      throw error;
    }
    const { request } = message;
    if (request.op === 'abandon') this.#find(request.messageId)?.stop('abandoned');
    const bytes = buffer.subarray(start, end);
    if (request.op === 'bind' && this.#pending.size > 0) this.#heldBind = { message, bytes };
    else this.#handOver(message, bytes);
  }

  /** Answers a request that could not be decoded, where it can be answered. */
  #refuse(error: ProtocolError): void {
    if (error.remedy.action === 'disconnect') throw error;
    const { messageId, operation } = error.remedy;
    if (operation === 'bind') this.#becomeAnonymous();
    // Only its id and kind are asked for.
    const refused = { messageId, request: { op: operation }, controls: [] } as unknown as AnsweredMessage;
    new MountedOperation(refused, this.#socket, this.#context.pool).end(error.result);
  }

  /** Lets ldapjs find the handler for a message. */
  #handOver(message: RequestMessage, bytes: Buffer): void {
    // Whatever becomes of a bind: until it has succeeded nobody is bound (RFC 4511 section 4.2.1). ldapjs keeps the old
    // identity, and answers anonymous binds without asking any handler.
    if (message.request.op === 'bind') this.#becomeAnonymous();
    // ldapjs refuses to read these, and would answer 34 whatever they are.
    if (isAnswered(message) && namesNoEntry(message)) return this.#run(message, undefined);
    this.#parsing = message;
    try {
      this.#parse(bytes);
    } catch (error) {
      this.#unparsed(error);
    }
    this.#parsing = undefined;
  }

  #parsed(request: LdapjsRequest): void {
    if (this.#parsing) this.#messages.set(request, this.#parsing);
    this.#parsing = undefined;
  }

  /** A message that ldapjs has no means to read (SASL, increment, an empty assertion value, ...) is done without it. */
  #unparsed(error: unknown): void {
    const message = this.#parsing;
    this.#parsing = undefined;
    if (message && isAnswered(message)) return this.#run(message, undefined);
    this.#disconnect(error);
  }

  #run(message: AnsweredMessage, completion: Completion | undefined): void {
    const operation = new MountedOperation(message, this.#socket, this.#context.pool);
    let outcome: MaybePromise<Response>;
    try {
      this.#context.assertOpen();
      outcome = this.#perform(operation, message);
    } catch (error) {
      return this.#complete(operation, this.#failure(operation, error), completion);
    }
    if (!(outcome instanceof Promise)) return this.#complete(operation, outcome, completion);
    this.#pending.add(operation);
    if (operation.operation === 'bind') this.#alone = true;
    const finish = (response: Response): void => {
      this.#pending.delete(operation);
      if (operation.operation === 'bind') this.#alone = false;
      this.#complete(operation, response, completion);
      this.#turn();
    };
    outcome.then(finish, (error: unknown) => finish(this.#failure(operation, error)));
  }

  #perform(operation: MountedOperation, message: AnsweredMessage): MaybePromise<Response> {
    const { request } = message;
    if (request.op === 'extended' && request.name === extendedOperationOids.cancel) return this.#cancel(request);
    const waitMs = request.op === 'bind' ? this.#context.throttle.delayMs(this.#peer, request) : 0;
    if (waitMs === 0) return this.#session.perform(message, operation);
    return this.#context.throttle.wait(waitMs).then(() => {
      if (this.#ended) throw new LdapError(ResultCode.unavailable, 'the client is gone');
      return this.#session.perform(message, operation);
    });
  }

  /** RFC 3909. Throws LdapError. */
  #cancel(request: ExtendedRequest): Promise<Response> {
    const target = this.#find(decodeCancelId(request.value));
    if (!target) throw new LdapError(ResultCode.noSuchOperation, 'message ID not found');
    if (target.operation === 'extended') throw new LdapError(ResultCode.cannotCancel, 'operation cannot be canceled');
    if (target.operation !== 'search') throw new LdapError(ResultCode.tooLate, 'the update is under way');
    if (target.onEnded) throw new LdapError(ResultCode.operationsError, 'operation is being canceled already');
    const canceled = new Promise<Response>((resolve, reject) => {
      target.onEnded = (code) => {
        if (code === ResultCode.canceled) resolve(success);
        else reject(new LdapError(ResultCode.tooLate, 'the operation had ended'));
      };
    });
    target.stop('canceled');
    return canceled;
  }

  #complete(operation: MountedOperation, outcome: Response, completion: Completion | undefined): void {
    if (operation.request.op === 'bind') this.#bound(operation.request, outcome);
    operation.end(outcome);
    if (!completion) return;
    const { response, next } = completion;
    response.status = outcome.code;
    response.matchedDN = outcome.matchedDN;
    response.diagnosticMessage = outcome.diagnostic;
    next();
  }

  #bound(request: BindRequest, { code }: LdapResult): void {
    const { limits } = this.#context.core.config;
    const { identity } = this.#session;
    if (identity) this.#framer.contentBytesMax = limits.pduBytesAuthenticated;
    this.#context.throttle.note(this.#peer, request, code, identity);
  }

  #failure(operation: MountedOperation, error: unknown): Response {
    if (error instanceof LdapError) return error;
    // A search for a client that is gone may fail for that reason alone.
    if (operation.stopped !== 'abandoned') this.#context.onError(error);
    return { code: ResultCode.other, matchedDN: '', diagnostic: 'internal error' };
  }

  #find(messageId: number): MountedOperation | undefined {
    for (const operation of this.#pending) if (operation.messageId === messageId) return operation;
    return undefined;
  }

  #becomeAnonymous(): void {
    this.#session.reset();
    this.#framer.contentBytesMax = this.#context.core.config.limits.pduBytesAnonymous;
    // What ldapjs, and handlers of the program's own, take the connection's identity to be.
    this.#socket.ldap.bindDN = ldapjs.parseDN('cn=anonymous');
  }

  /** RFC 4511 section 4.4.1 */
  #disconnect(error: unknown): void {
    this.#context.onError(error);
    const result =
      error instanceof ProtocolError ? error.result : { code: ResultCode.other, matchedDN: '', diagnostic: 'internal error' };
    const writer = new ResponseWriter(this.#context.pool);
    writer.noticeOfDisconnection(result);
    this.#socket.end(writer.bytes(), () => this.#socket.destroy());
    this.#close();
  }

  #close(): void {
    this.#ended = true;
    this.#heldBind = undefined;
    for (const operation of this.#pending) operation.stop('abandoned');
    this.#session.reset();
  }
}

/** Is this an operation on the empty name, as the root DSE has it? */
function namesNoEntry({ request }: AnsweredMessage): boolean {
  switch (request.op) {
    case 'modify':
      return request.object.length === 0;
    case 'add':
    case 'delete':
    case 'modifyDN':
    case 'compare':
      return request.entry.length === 0;
    default:
      return false;
  }
}

function peerOfSocket(socket: LdapjsConnection, context: MountContext): Peer {
  const path = context.socketPath();
  const localName =
    path === undefined ? endpointName(plainAddress(socket.localAddress ?? ''), socket.localPort ?? 0) : `PATH=${path}`;
  const scheme = socket.encrypted ? 'ldaps' : 'ldap';
  const url = path === undefined ? `${scheme}://${localName.slice('IP='.length)}/` : `ldapi://${encodeURIComponent(path)}/`;
  const peer = peerOf(socket, socketEndpoint(socket, { path }), { url, path, localName }, context.core.config.localSsf);
  if (socket.encrypted) peer.tlsSsf = tlsStrength(socket as unknown as TLSSocket);
  return peer;
}
