/**
 * One client's connection: requests in, answers out, in turns. A turn works through the requests that have come, in
 * their order, and sends all their answers in one write. An operation that answers at once (a lookup) begins and ends
 * within its turn and costs no promise; one that must wait (a sync to disk, a long search) ends in a later turn.
 *
 * A bind stands alone: it begins when all operations before it have ended, and what comes after waits for it. So does
 * StartTLS. While anything forbids to go on (a bind, too many pending operations, answers the peer does not read), the
 * socket is paused, and TCP tells the peer to wait: nothing piles up here.
 */
import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import type { Logger } from 'pino';
import type { BindResponse, ExtendedResponse, MaybePromise, Peer, Response, Session } from '../directory/model.js';
import type { Control } from '../ldap/control.js';
import type { BindRequest, ExtendedRequest, RequestMessage } from '../ldap/request.js';
import { LdapError, ResultCode, success } from '../ldap/result.js';
import type { BufferPool } from '../protocol/buffer-pool.js';
import { type AnsweredOperation, ProtocolError } from '../protocol/errors.js';
import { PduFramer } from '../protocol/framing.js';
import type { RequestDecoder } from '../protocol/request-decoder.js';
import { decodeCancelId, extendedOperationOids } from './extended-operations.js';
import { type ConnectionTuning, unreadBytesMin } from './limits.js';
import { localPeerIdentity } from './local-peer.js';
import type { LoginThrottle } from './login-throttle.js';
import type { ServerOptions } from './model.js';
import { Operation } from './operation.js';
import { quoted, requestLines, resultLine } from './operation-log.js';
import { ConnectionOutput } from './output.js';
import type { ServerStatistics } from './statistics.js';
import { type TlsAcceptor, tlsStrength, verifiedSubject } from './tls.js';

/** What all connections of a server share. */
export interface ConnectionContext {
  readonly options: ServerOptions;
  readonly tuning: ConnectionTuning;
  readonly decoder: RequestDecoder;
  readonly pool: BufferPool;
  readonly statistics: ServerStatistics;
  readonly throttle: LoginThrottle;
  readonly logger: Logger;
  /** Undefined where TLS is not configured. */
  readonly tls: TlsAcceptor | undefined;
}

/** What ended a connection, as the log tells it. */
type Ending = string;

export class Connection {
  readonly number: number;
  readonly peer: Peer;
  readonly started = new Date();
  readonly localName: string;
  readonly #context: ConnectionContext;
  readonly #logger: Logger;
  readonly #session: Session;
  readonly #framer: PduFramer;
  readonly #output: ConnectionOutput;
  /** Operations that have begun and not ended. */
  readonly #pending = new Set<Operation>();
  readonly #onClosed: (connection: Connection) => void;
  #socket: Socket;
  /** Lines for each operation are wanted. Asked once a turn. */
  #logging = false;
  #operations = 0;
  #completed = 0;
  #lastActivityMs = performance.now();
  /** A bind or a TLS handshake is under way: nothing else begins. */
  #alone = false;
  #handshaking = false;
  /** A bind that waits until the operations before it have ended. */
  #heldBind: RequestMessage | undefined;
  /** Between two turns of one long run of requests. */
  #yielding = false;
  #inTurn = false;
  #turnScheduled = false;
  #paused = false;
  #stopping = false;
  /** Set when nothing is read from the peer or told to it any more. */
  #ended: Ending | undefined;
  #linger: NodeJS.Timeout | undefined;

  constructor(
    number: number,
    socket: Socket,
    peer: Peer,
    localName: string,
    context: ConnectionContext,
    onClosed: (connection: Connection) => void,
  ) {
    const { limits } = context.options.config;
    this.number = number;
    this.peer = peer;
    this.localName = localName;
    this.#context = context;
    this.#logger = context.logger;
    this.#socket = socket;
    this.#onClosed = onClosed;
    this.#session = context.options.directory.openSession(peer);
    this.#framer = new PduFramer(limits.pduBytesAnonymous);
    this.#output = new ConnectionOutput(socket, context.pool, context.statistics, {
      flushBytes: context.tuning.flushBytes,
      highWaterBytes: Math.max(unreadBytesMin, Math.min(context.tuning.highWaterBytes, limits.unreadBytes)),
      writeTimeoutMs: limits.writeTimeout * 1_000,
    });
  }

  get identity(): string | undefined {
    return this.#session.identity?.toString();
  }

  get received(): number {
    return this.#operations;
  }

  get completed(): number {
    return this.#completed;
  }

  get executing(): number {
    return this.#pending.size;
  }

  get active(): Date {
    return new Date(performance.timeOrigin + this.#lastActivityMs);
  }

  /** The peer has not read all of its answers. */
  get waitsForWrite(): boolean {
    return this.#socket.writableLength > 0;
  }

  /** Starts to serve; over TLS from the first byte for ldaps://. */
  start(overTls: boolean): void {
    this.#log(`ACCEPT from ${this.peer.name} (${this.localName})`);
    if (overTls) void this.#handshake();
    else this.#attach();
  }

  /** Ends the connection when it has done nothing for `idleMs` milliseconds. */
  endIfIdle(nowMs: number, idleMs: number): void {
    if (this.#pending.size > 0 || this.#alone || this.waitsForWrite) return;
    if (nowMs - this.#lastActivityMs >= idleMs) this.#end('idle for too long');
  }

  /** Takes no more requests; ends when what is under way has ended. */
  stop(): void {
    this.#stopping = true;
    if (this.#handshaking) this.destroy();
    else this.#turn();
  }

  /** Ends the connection now, whatever is under way. */
  destroy(): void {
    this.#ended ??= 'server stops';
    this.#socket.destroy();
  }

  /* --- the socket --- */

  #attach(): void {
    const socket = this.#socket;
    socket.on('data', this.#onData);
    socket.on('drain', this.#onDrain);
    socket.on('timeout', this.#onTimeout);
    socket.on('end', this.#onEnd);
    socket.on('error', this.#onError);
    socket.on('close', this.#onClose);
  }

  /** Leaves the socket to TLS. */
  #detach(): void {
    const socket = this.#socket;
    socket.pause();
    socket.off('data', this.#onData);
    socket.off('drain', this.#onDrain);
    socket.off('timeout', this.#onTimeout);
    socket.off('end', this.#onEnd);
    socket.off('error', this.#onError);
    socket.off('close', this.#onClose);
    socket.setTimeout(0);
  }

  readonly #onData = (chunk: Buffer): void => {
    this.#context.statistics.bytesReceived += chunk.length;
    if (this.#ended !== undefined) return;
    this.#lastActivityMs = performance.now();
    this.#framer.push(chunk);
    this.#turn();
  };

  readonly #onDrain = (): void => {
    this.#output.drained();
    this.#turn();
  };

  readonly #onTimeout = (): void => {
    if (this.#socket.writableLength === 0) return;
    this.#logger.info(`conn=${this.number} ${this.peer.name} does not read its answers`);
    this.#ended ??= 'answers not read';
    this.#socket.destroy();
  };

  readonly #onEnd = (): void => {
    this.#end('connection lost');
  };

  readonly #onError = (error: Error): void => {
    this.#ended ??= `connection lost: ${error.message}`;
  };

  readonly #onClose = (): void => {
    clearTimeout(this.#linger);
    this.#ended ??= 'connection lost';
    this.#abandonAll();
    this.#output.close();
    this.#log(`closed (${this.#ended})`);
    this.#onClosed(this);
  };

  /** Sends what there is to send and closes, without keeping the peer from reading it by a reset. */
  #end(ending: Ending): void {
    if (this.#ended !== undefined) return;
    this.#ended = ending;
    this.#abandonAll();
    this.#output.flush();
    this.#socket.end();
    this.#socket.off('data', this.#onData);
    this.#socket.resume();
    this.#linger = setTimeout(() => this.#socket.destroy(), this.#context.tuning.lingerMs);
  }

  /** RFC 4511 section 4.4.1 */
  #disconnect(code: ResultCode, diagnostic: string): void {
    this.#output.writer.noticeOfDisconnection({ code, matchedDN: '', diagnostic });
    this.#context.statistics.messagesSent++;
    this.#end(diagnostic);
  }

  #abandonAll(): void {
    this.#heldBind = undefined;
    for (const operation of this.#pending) operation.stop('abandoned');
  }

  /* --- turns --- */

  /** Does what can be done now and sends the answers. */
  #turn(): void {
    if (this.#inTurn || this.#ended !== undefined) return;
    this.#inTurn = true;
    this.#logging = this.#logger.isLevelEnabled('debug');
    try {
      this.#processRequests();
    } catch (error) {
      this.#onFatal(error);
    } finally {
      this.#inTurn = false;
    }
    this.#output.flush();
    this.#pauseOrResume();
  }

  #processRequests(): void {
    let turnEndsMs = 0;
    while (this.#mayProceed()) {
      if (this.#heldBind) {
        const bind = this.#heldBind;
        this.#heldBind = undefined;
        this.#bind(bind, bind.request as BindRequest);
        continue;
      }
      if (!this.#framer.next()) return;
      this.#handle();
      if (turnEndsMs === 0) turnEndsMs = performance.now() + this.#context.tuning.turnMs;
      else if (performance.now() > turnEndsMs) return this.#yieldToOthers();
    }
    if (this.#stopping && this.#ended === undefined && this.#pending.size === 0 && !this.#alone) {
      this.#disconnect(ResultCode.unavailable, 'server shutting down');
    }
  }

  #mayProceed(): boolean {
    if (this.#alone || this.#stopping || this.#yielding || this.#ended !== undefined) return false;
    if (this.#heldBind) return this.#pending.size === 0;
    return this.#pending.size < this.#pendingMax() && this.#output.hasRoom;
  }

  #pendingMax(): number {
    const { limits } = this.#context.options.config;
    return this.#session.identity ? limits.pendingAuthenticated : limits.pendingAnonymous;
  }

  #yieldToOthers(): void {
    this.#yielding = true;
    setImmediate(() => {
      this.#yielding = false;
      this.#turn();
    });
  }

  #pauseOrResume(): void {
    if (this.#ended !== undefined || this.#handshaking) return;
    const pause = !this.#mayProceed();
    if (pause === this.#paused) return;
    this.#paused = pause;
    if (pause) this.#socket.pause();
    else this.#socket.resume();
  }

  /** Operations that end at about the same time share a turn, and a write. */
  #scheduleTurn(): void {
    if (this.#inTurn || this.#turnScheduled) return;
    this.#turnScheduled = true;
    process.nextTick(() => {
      this.#turnScheduled = false;
      this.#turn();
    });
  }

  #onFatal(error: unknown): void {
    if (error instanceof ProtocolError) {
      this.#logger.info(`conn=${this.number} ${this.peer.name} malformed message: ${error.message}`);
      this.#disconnect(error.result.code, error.result.diagnostic);
    } else {
      this.#logger.error({ err: error }, `conn=${this.number} internal error`);
      this.#disconnect(ResultCode.other, 'internal error');
    }
  }

  /* --- requests --- */

  /** Begins the request that the framer is at. Throws ProtocolError where the connection has to end. */
  #handle(): void {
    const framer = this.#framer;
    let message: RequestMessage;
    try {
      message = this.#context.decoder.decode(framer.buffer, framer.start, framer.end);
    } catch (error) {
      if (error instanceof ProtocolError) return this.#refuse(error);
      throw error;
    }
    switch (message.request.op) {
      case 'bind':
        return this.#bind(message, message.request);
      case 'unbind':
        this.#count(message);
        return this.#end('unbind');
      case 'abandon':
        this.#count(message);
        return this.#find(message.request.messageId)?.stop('abandoned');
      case 'extended':
        return this.#extended(message, message.request);
      default:
        return this.#run(this.#begin(message), message.controls);
    }
  }

  /** Answers a request that could not be decoded, where it can be answered. */
  #refuse(error: ProtocolError): void {
    if (error.remedy.action === 'disconnect') throw error;
    const { messageId, operation } = error.remedy;
    const number = this.#operations++;
    if (operation === 'bind') this.#becomeAnonymous();
    this.#context.statistics.operations[operation].initiated++;
    this.#context.statistics.operations[operation].completed++;
    this.#completed++;
    this.#answer(messageId, operation, error.result);
    if (this.#logging) this.#log(`op=${number} ${resultLine(operation, error.result.code, error.message, 0, 0)}`);
  }

  /** Begins an operation: it is counted, and logged where that is wanted. */
  #begin(message: RequestMessage): Operation {
    const operation = new Operation(message, this.#count(message), this.#output, this.#context.statistics);
    if (this.#logging || this.#context.options.observer) operation.startedMs = performance.now();
    return operation;
  }

  #count({ request }: RequestMessage): number {
    const number = this.#operations++;
    const count = this.#context.statistics.operations[request.op];
    count.initiated++;
    if (request.op === 'abandon' || request.op === 'unbind') count.completed++;
    if (this.#logging) for (const line of requestLines(request)) this.#log(`op=${number} ${line}`);
    return number;
  }

  /** Lets the session do an operation, and answers: now, or when it has ended. */
  #run(operation: Operation, controls: readonly Control[]): void {
    let response: MaybePromise<Response>;
    try {
      response = this.#perform(operation, controls);
    } catch (error) {
      return this.#complete(operation, this.#failure(operation, error));
    }
    if (response instanceof Promise) this.#await(operation, response);
    else this.#complete(operation, response);
  }

  #perform(operation: Operation, controls: readonly Control[]): MaybePromise<Response> {
    const { request } = operation;
    switch (request.op) {
      case 'search':
        return this.#session.search(request, controls, operation, operation);
      case 'compare':
        return this.#session.compare(request, controls);
      case 'add':
        return this.#session.add(request, controls);
      case 'modify':
        return this.#session.modify(request, controls);
      case 'modifyDN':
        return this.#session.modifyDN(request, controls);
      case 'delete':
        return this.#session.delete(request, controls);
      case 'extended':
        return this.#session.extended(request, controls);
      case 'bind':
        return this.#session.bind(request, controls);
      case 'unbind':
      case 'abandon':
        throw new Error(`${request.op} has no response`);
    }
  }

  #await(operation: Operation, response: Promise<Response>): void {
    this.#pending.add(operation);
    response.then(
      (value) => this.#completeLater(operation, value),
      (error: unknown) => this.#completeLater(operation, this.#failure(operation, error)),
    );
  }

  #completeLater(operation: Operation, response: Response): void {
    this.#pending.delete(operation);
    this.#lastActivityMs = performance.now();
    this.#guard(() => this.#complete(operation, response));
    this.#scheduleTurn();
  }

  /** Outside of a turn: a fault ends this connection, and nothing else. */
  #guard(work: () => void): void {
    try {
      work();
    } catch (error) {
      this.#onFatal(error);
    }
  }

  #complete(operation: Operation, response: Response): void {
    const { request, messageId } = operation;
    const name = request.op as AnsweredOperation;
    const abandoned = operation.stopped === 'abandoned';
    if (!abandoned) this.#answer(messageId, name, response);
    this.#context.statistics.operations[name].completed++;
    this.#completed++;
    operation.onEnded?.(response.code);
    if (operation.startedMs > 0) this.#report(operation, name, response, abandoned);
  }

  #answer(messageId: number, operation: AnsweredOperation, response: Response): void {
    if (this.#ended !== undefined) return;
    const { writer } = this.#output;
    if (operation === 'extended') writer.extendedResult(messageId, response);
    else if (operation === 'bind') writer.bindResult(messageId, response);
    else writer.result(messageId, operation, response);
    this.#context.statistics.messagesSent++;
  }

  /** An operation's failure as its response. What is no LdapError is a fault of the server and says nothing outside. */
  #failure(operation: Operation, error: unknown): Response {
    if (error instanceof LdapError) return error;
    // A search that was waiting for a client that is gone fails for that reason alone.
    if (operation.stopped !== 'abandoned') {
      this.#logger.error({ err: error }, `conn=${this.number} op=${operation.number} ${operation.request.op} failed`);
    }
    return { code: ResultCode.other, matchedDN: '', diagnostic: 'internal error' };
  }

  #report(operation: Operation, name: AnsweredOperation, response: Response, abandoned: boolean): void {
    const milliseconds = performance.now() - operation.startedMs;
    const { code, diagnostic } = response;
    if (this.#logging) {
      this.#log(`op=${operation.number} ${resultLine(name, code, diagnostic, operation.entries, milliseconds)}`);
    }
    this.#context.options.observer?.completed({
      connection: this.number,
      operation: operation.number,
      peer: this.peer,
      identity: this.#session.identity,
      request: operation.request,
      code,
      abandoned,
      entries: operation.entries,
      milliseconds,
    });
  }

  #find(messageId: number): Operation | undefined {
    for (const operation of this.#pending) if (operation.messageId === messageId) return operation;
    return undefined;
  }

  #log(text: string): void {
    this.#logger.debug(`conn=${this.number} ${text}`);
  }

  /* --- bind --- */

  #bind(message: RequestMessage, request: BindRequest): void {
    if (this.#pending.size > 0) {
      this.#heldBind = message;
      return;
    }
    const operation = this.#begin(message);
    const waitMs = this.#context.throttle.delayMs(this.peer, request);
    if (waitMs === 0 && !this.#needsLocalIdentity(request)) {
      let response: MaybePromise<BindResponse>;
      try {
        response = this.#session.bind(request, message.controls);
      } catch (error) {
        return this.#bound(operation, request, this.#failure(operation, error));
      }
      if (!(response instanceof Promise)) return this.#bound(operation, request, response);
      return this.#bindLater(operation, request, response);
    }
    this.#bindLater(operation, request, this.#preparedBind(message, request, waitMs));
  }

  #bindLater(operation: Operation, request: BindRequest, response: Promise<BindResponse>): void {
    this.#alone = true;
    const finish = (value: BindResponse): void => {
      this.#alone = false;
      this.#lastActivityMs = performance.now();
      this.#guard(() => this.#bound(operation, request, value));
      this.#scheduleTurn();
    };
    response.then(finish, (error: unknown) => finish(this.#failure(operation, error)));
  }

  /** A bind that must wait for its turn, or for the answer who the client is. */
  async #preparedBind(message: RequestMessage, request: BindRequest, waitMs: number): Promise<BindResponse> {
    if (waitMs > 0) await this.#context.throttle.wait(waitMs);
    if (this.#needsLocalIdentity(request)) this.peer.externalIdentity = await localPeerIdentity(this.#socket);
    if (this.#ended !== undefined) throw new LdapError(ResultCode.unavailable, 'the client is gone');
    return this.#session.bind(request, message.controls);
  }

  #needsLocalIdentity({ authentication }: BindRequest): boolean {
    if (authentication.method !== 'sasl' || authentication.mechanism !== 'EXTERNAL') return false;
    return this.peer.transportSsf > 0 && this.peer.externalIdentity === undefined;
  }

  #bound(operation: Operation, request: BindRequest, response: BindResponse): void {
    if (this.#ended !== undefined) return this.#complete(operation, response);
    const { limits } = this.#context.options.config;
    const { identity } = this.#session;
    this.#framer.contentBytesMax = identity ? limits.pduBytesAuthenticated : limits.pduBytesAnonymous;
    if (response.code !== ResultCode.success) this.#bindFailed(request, response.code);
    this.#context.throttle.note(this.peer, request, response.code);
    this.#complete(operation, response);
  }

  #becomeAnonymous(): void {
    this.#session.reset();
    this.#framer.contentBytesMax = this.#context.options.config.limits.pduBytesAnonymous;
  }

  #bindFailed(request: BindRequest, code: ResultCode): void {
    this.#context.statistics.bindFailures++;
    const dn = quoted(request.name);
    this.#logger.warn({ peer: this.peer.name }, `conn=${this.number} bind failed: dn=${dn} err=${code}`);
  }

  /* --- extended operations of the connection itself --- */

  #extended(message: RequestMessage, request: ExtendedRequest): void {
    const operation = this.#begin(message);
    if (request.name !== extendedOperationOids.startTls && request.name !== extendedOperationOids.cancel) {
      return this.#run(operation, message.controls);
    }
    try {
      refuseCriticalControls(message.controls);
      if (request.name === extendedOperationOids.cancel) this.#cancel(operation, request);
      else this.#startTls(operation, request);
    } catch (error) {
      this.#complete(operation, this.#failure(operation, error));
    }
  }

  /** RFC 3909. Throws LdapError. */
  #cancel(operation: Operation, request: ExtendedRequest): void {
    const target = this.#find(decodeCancelId(request.value));
    if (!target) throw new LdapError(ResultCode.noSuchOperation, 'message ID not found');
    if (target.request.op === 'extended') throw new LdapError(ResultCode.cannotCancel, 'operation cannot be canceled');
    if (target.request.op !== 'search') throw new LdapError(ResultCode.tooLate, 'the update is under way');
    if (target.onEnded) throw new LdapError(ResultCode.operationsError, 'operation is being canceled already');
    this.#await(
      operation,
      new Promise((resolve, reject) => {
        target.onEnded = (code) => {
          if (code === ResultCode.canceled) resolve(success);
          else reject(new LdapError(ResultCode.tooLate, 'the operation had ended'));
        };
      }),
    );
    target.stop('canceled');
  }

  /** RFC 4511 section 4.14. Throws LdapError. */
  #startTls(operation: Operation, request: ExtendedRequest): void {
    const { tls, options } = this.#context;
    if (request.value !== undefined) throw new LdapError(ResultCode.protocolError, 'no request data expected');
    if (!tls || !options.config.features.startTls) {
      throw new LdapError(ResultCode.protocolError, 'unsupported extended operation');
    }
    if (this.peer.tlsSsf > 0) throw new LdapError(ResultCode.operationsError, 'TLS already started');
    if (this.peer.transportSsf > 0) {
      throw new LdapError(ResultCode.unwillingToPerform, 'a local connection needs no TLS');
    }
    // What follows in clear text must not be taken for something that came over TLS.
    if (this.#pending.size > 0 || !this.#framer.isEmpty) {
      throw new LdapError(ResultCode.operationsError, 'cannot start TLS while requests are outstanding');
    }
    if (options.config.features.startTlsToAnonymous) this.#becomeAnonymous();
    if (this.#session.identity && !options.config.features.startTlsAuthenticated) {
      throw new LdapError(ResultCode.operationsError, 'cannot start TLS when authenticated');
    }
    const response: ExtendedResponse = { ...success, responseName: extendedOperationOids.startTls };
    this.#complete(operation, response);
    this.#output.flush();
    this.#detach();
    void this.#handshake();
  }

  async #handshake(): Promise<void> {
    const { tls } = this.#context;
    const plain = this.#socket;
    plain.on('error', this.#onError);
    this.#alone = true;
    this.#handshaking = true;
    try {
      if (!tls) throw new Error('TLS is not configured');
      this.#secured(await tls.accept(plain));
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      this.#logger.info(`conn=${this.number} ${this.peer.name} TLS negotiation failed: ${reason}`);
      this.#ended ??= 'TLS negotiation failed';
      plain.destroy();
      this.#onClose();
    }
  }

  #secured(socket: TLSSocket): void {
    if (this.#ended !== undefined || this.#stopping) {
      socket.destroy();
      throw new Error('server stops');
    }
    this.#socket = socket;
    this.#output.use(socket, true);
    this.peer.tlsSsf = tlsStrength(socket);
    this.peer.externalIdentity = verifiedSubject(socket);
    this.#log(`TLS established tls_ssf=${this.peer.tlsSsf} ssf=${this.peer.tlsSsf}`);
    this.#alone = false;
    this.#handshaking = false;
    this.#paused = false;
    this.#attach();
  }
}

function refuseCriticalControls(controls: readonly Control[]): void {
  if (controls.some(({ critical }) => critical)) {
    throw new LdapError(ResultCode.unavailableCriticalExtension, 'critical extension is not recognized');
  }
}
