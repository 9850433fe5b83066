/**
 * One client's connection: requests in, answers out, in turns. A turn works through the requests that have come, in
 * their order, and sends all their answers in one write. An operation that answers at once (a lookup) begins and ends
 * within its turn and costs no promise; one that must wait (a sync to disk, a long search) ends in a later turn.
 *
 * A bind stands alone: it begins when all operations before it have ended, and what comes after waits for it. So does
 * StartTLS. While anything forbids to go on (a bind, too many pending operations, answers the peer does not read),
 * nothing is read, and TCP tells the peer to wait: nothing piles up here.
 */
import type { Socket } from 'node:net';
import type { Logger } from 'pino';
import type { MaybePromise, Peer, Session } from '../directory/model.js';
import type { BindResponse, ExtendedResponse, Response } from '../ldap/response.js';
import type { Control } from '../ldap/control.js';
import {
  type AnsweredMessage,
  type AnsweredOperation,
  type BindRequest,
  type ExtendedRequest,
  isAnswered,
  type Request,
  type RequestMessage,
} from '../ldap/request.js';
import { LdapError, ResultCode, success } from '../ldap/result.js';
import type { BufferPool } from '../protocol/buffer-pool.js';
import { ProtocolError } from '../protocol/errors.js';
import { PduFramer } from '../protocol/framing.js';
import type { RequestDecoder } from '../protocol/request-decoder.js';
import type { Departures } from './departures.js';
import { decodeCancelId, extendedOperationOids } from './extended-operations.js';
import { type ConnectionTuning, unreadBytesMin } from './limits.js';
import { localPeerIdentity } from './local-peer.js';
import type { LoginThrottle } from '../directory/logins/login-throttle.js';
import type { OperationUnderWay, ServerOptions } from './model.js';
import { Operation } from './operation.js';
import { requestLines } from './operation-log.js';
import { OperationReport } from './operation-report.js';
import { ConnectionOutput } from './output.js';
import type { ServerStatistics } from './statistics.js';
import { largeRequestBytes, type Turns } from './turns.js';
import { type TlsAcceptor, tlsStrength, verifiedSubject } from './tls.js';
import { Transport } from './transport.js';
import type { Wakefulness } from './wakefulness.js';

/** What all connections of a server share. */
export interface ConnectionContext {
  readonly options: ServerOptions;
  readonly tuning: ConnectionTuning;
  readonly decoder: RequestDecoder;
  readonly pool: BufferPool;
  readonly statistics: ServerStatistics;
  readonly throttle: LoginThrottle;
  readonly departures: Departures;
  readonly wakefulness: Wakefulness;
  readonly turns: Turns;
  readonly logger: Logger;
  /** Undefined where TLS is not configured. */
  readonly tls: TlsAcceptor | undefined;
}

export class Connection {
  readonly number: number;
  readonly peer: Peer;
  readonly started = new Date();
  readonly #context: ConnectionContext;
  readonly #onClosed: (connection: Connection) => void;
  readonly #session: Session;
  readonly #transport: Transport;
  readonly #framer: PduFramer;
  readonly #output: ConnectionOutput;
  readonly #report: OperationReport;
  /** Operations that have begun and not ended. */
  readonly #pending = new Set<Operation>();
  /** A bind that waits until the operations before it have ended. */
  #heldBind: AnsweredMessage | undefined;
  /** A bind or a TLS handshake is under way: nothing else begins. */
  #alone = false;
  /** The bind that is under way. */
  #binding: Operation | undefined;
  /** It has done enough for now, or is at a request that is large: others come first. */
  #yielding = false;
  /** The framer is at a request that has waited for its turn. */
  #large = false;
  /** Bytes of the requests under way. */
  #pendingBytes = 0;
  #inTurn = false;
  #turnScheduled = false;
  #stopping = false;
  #lastActivityMs = performance.now();

  constructor(
    number: number,
    socket: Socket,
    peer: Peer,
    context: ConnectionContext,
    onClosed: (connection: Connection) => void,
  ) {
    const { options, tuning, statistics, logger } = context;
    const { limits } = options.config;
    this.number = number;
    this.peer = peer;
    this.#context = context;
    this.#onClosed = onClosed;
    this.#session = options.directory.openSession(peer);
    this.#framer = new PduFramer(limits.pduBytesAnonymous);
    this.#transport = new Transport(
      socket,
      {
        data: (chunk) => this.#received(chunk),
        drained: () => this.#drained(),
        peerEnded: () => this.#end('connection lost'),
        trouble: (what) => this.#report.remark(what),
        closed: (reason) => this.#closed(reason),
      },
      { writeTimeoutMs: limits.writeTimeout * 1_000, lingerMs: tuning.lingerMs },
    );
    this.#output = new ConnectionOutput(this.#transport, context, {
      firstEntries: tuning.firstEntries,
      flushBytes: tuning.flushBytes,
      flushBytesMax: tuning.flushBytesMax,
      highWaterBytes: Math.max(unreadBytesMin, Math.min(tuning.highWaterBytes, limits.unreadBytes)),
    });
    this.#report = new OperationReport(number, peer, this.#session, { statistics, logger, observers: options.observers ?? [] });
  }

  get identity(): string | undefined {
    return this.#session.identity?.toString();
  }

  get received(): number {
    return this.#report.received;
  }

  get completed(): number {
    return this.#report.completed;
  }

  get executing(): number {
    return this.#pending.size;
  }

  /** What has begun and not ended; lookups never are among these: they end as they begin. */
  get operationsUnderWay(): OperationUnderWay[] {
    const operations = this.#binding ? [this.#binding, ...this.#pending] : [...this.#pending];
    const now = performance.now();
    return operations.map((operation) => ({
      connection: this.number,
      operation: operation.number,
      peer: this.peer.name,
      identity: this.identity,
      what: requestLines(operation.request).join(' '),
      entriesSent: operation.entries,
      milliseconds: now - operation.waitingSinceMs,
    }));
  }

  get active(): Date {
    return new Date(performance.timeOrigin + this.#lastActivityMs);
  }

  /** The peer has not read all of its answers. */
  get waitsForWrite(): boolean {
    return this.#transport.unreadBytes > 0;
  }

  /** Starts to serve; over TLS from the first byte for ldaps://. */
  start(overTls: boolean): void {
    this.#report.line(`ACCEPT from ${this.peer.name} (${this.peer.localName ?? ''})`);
    if (overTls) void this.#secure();
    else this.#transport.start();
  }

  /** Ends the connection when it has done nothing for `idleMs` milliseconds. */
  endIfIdle(nowMs: number, idleMs: number): void {
    if (this.#pending.size > 0 || this.#alone || this.waitsForWrite) return;
    if (nowMs - this.#lastActivityMs >= idleMs) this.#end('idle for too long');
  }

  /** Takes no more requests; ends when what is under way has ended. */
  stop(): void {
    this.#stopping = true;
    if (this.#transport.securing) this.destroy();
    else this.#turn();
  }

  /** Ends the connection now, whatever is under way. */
  destroy(): void {
    this.#transport.destroy('server stops');
  }

  #received(chunk: Buffer): void {
    this.#context.statistics.bytesReceived += chunk.length;
    this.#lastActivityMs = performance.now();
    this.#context.departures.beforeWork(this.#lastActivityMs);
    this.#context.wakefulness.received(this.#lastActivityMs);
    this.#framer.push(chunk);
    this.#turn();
    this.#context.wakefulness.answered();
  }

  #drained(): void {
    this.#output.drained();
    this.#turn();
  }

  /** Does what can be done now and sends the answers. */
  #turn(): void {
    if (this.#inTurn || this.#transport.ended) return;
    this.#inTurn = true;
    this.#report.beginTurn();
    this.#guard(() => this.#processRequests());
    this.#inTurn = false;
    this.#output.flushSoon();
    this.#transport.setReading(this.#mayProceed());
  }

  #processRequests(): void {
    let turnEndsMs = 0;
    while (this.#mayProceed()) {
      if (this.#heldBind) {
        this.#beginHeldBind(this.#heldBind);
      } else if (this.#large) {
        this.#large = false;
        this.#handle();
      } else {
        if (!this.#framer.next()) return;
        if (this.#framer.end - this.#framer.start > largeRequestBytes) {
          this.#large = true;
          return this.#yieldToOthers();
        }
        this.#handle();
      }
      // The clock is looked at where there is more to do.
      if (this.#framer.isEmpty) continue;
      if (turnEndsMs === 0) turnEndsMs = performance.now() + this.#context.turns.allowanceMs;
      else if (performance.now() > turnEndsMs) return this.#yieldToOthers();
    }
    if (this.#stopping && this.#pending.size === 0 && !this.#alone) {
      // Without a Notice of Disconnection, as slapd: libldap hands that to the caller as the failure of its next search,
      // where it answers to a mere end with a new connection. Postfix would defer mail after every restart.
      this.#end('server shutting down');
    }
  }

  #mayProceed(): boolean {
    if (this.#alone || this.#stopping || this.#yielding || this.#transport.ended) return false;
    if (this.#heldBind) return this.#pending.size === 0;
    return this.#pending.size < this.#pendingMax() && this.#pendingBytes <= this.#pendingBytesMax && this.#output.hasRoom;
  }

  /** As much as one request may have: requests that wait must not keep more memory the more of them there may be. */
  get #pendingBytesMax(): number {
    return this.#framer.contentBytesMax;
  }

  #pendingMax(): number {
    const { limits } = this.#context.options.config;
    return this.#session.identity ? limits.pendingAuthenticated : limits.pendingAnonymous;
  }

  #yieldToOthers(): void {
    this.#yielding = true;
    this.#context.turns.wait(this.peer.address, this.#proceed);
  }

  readonly #proceed = (): void => {
    this.#yielding = false;
    this.#turn();
  };

  /** Operations that end at about the same time share a turn, and a write. */
  #scheduleTurn(): void {
    if (this.#inTurn || this.#turnScheduled) return;
    this.#turnScheduled = true;
    process.nextTick(() => {
      this.#turnScheduled = false;
      this.#turn();
    });
  }

  /** A malformed message, or a fault of the server, ends this connection and nothing else. */
  #guard(work: () => void): void {
    try {
      work();
    } catch (error) {
      if (error instanceof ProtocolError) {
        this.#report.remark(`malformed message: ${error.message}`);
        this.#disconnect(error.result.code, error.result.diagnostic);
      } else {
        this.#report.fault(error);
        this.#disconnect(ResultCode.other, 'internal error');
      }
    }
  }

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
    if (!isAnswered(message)) return this.#handleUnanswered(message.request);
    const { request } = message;
    if (request.op === 'bind') this.#bind(message, request);
    else if (request.op === 'extended') this.#extended(message, request);
    else this.#run(this.#begin(message), message);
  }

  #handleUnanswered(request: Request): void {
    this.#report.begun(request);
    if (request.op === 'abandon') {
      this.#find(request.messageId)?.stop('abandoned');
      this.#report.done('abandon');
    } else {
      this.#report.done('unbind');
      this.#end('unbind');
    }
  }

  /** Answers a request that could not be decoded, where it can be answered. */
  #refuse(error: ProtocolError): void {
    if (error.remedy.action === 'disconnect') throw error;
    const { messageId, operation } = error.remedy;
    if (operation === 'bind') this.#becomeAnonymous();
    this.#answer(messageId, operation, error.result);
    this.#report.refused(operation, error.result);
  }

  #begin(message: AnsweredMessage): Operation {
    const number = this.#report.begun(message.request);
    return this.#report.timed(new Operation(message, number, this.#output, this.#context.statistics), message);
  }

  /** Lets the session do an operation, and answers: now, or when it has ended. */
  #run(operation: Operation, message: AnsweredMessage): void {
    let response: MaybePromise<Response>;
    try {
      response = this.#session.perform(message, operation);
    } catch (error) {
      return this.#complete(operation, this.#failure(operation, error));
    }
    if (response instanceof Promise) this.#await(operation, response);
    else this.#complete(operation, response);
  }

  #await(operation: Operation, response: Promise<Response>): void {
    operation.waitingSinceMs = performance.now();
    this.#pending.add(operation);
    // The framer is still at this request.
    const bytes = this.#framer.end - this.#framer.start;
    this.#pendingBytes += bytes;
    const finish = (value: Response): void => {
      this.#pending.delete(operation);
      this.#pendingBytes -= bytes;
      this.#completeLater(() => this.#complete(operation, value));
    };
    response.then(finish, (error: unknown) => finish(this.#failure(operation, error)));
  }

  #completeLater(complete: () => void): void {
    this.#lastActivityMs = performance.now();
    this.#guard(complete);
    this.#scheduleTurn();
  }

  #complete(operation: Operation, response: Response): void {
    const { request, messageId } = operation;
    if (operation.stopped !== 'abandoned') this.#answer(messageId, request.op, response);
    operation.onEnded?.(response.code);
    this.#report.ended(operation, response);
  }

  #answer(messageId: number, operation: AnsweredOperation, response: Response): void {
    if (this.#transport.ended) return;
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
    if (operation.stopped !== 'abandoned') this.#report.fault(error, operation);
    return { code: ResultCode.other, matchedDN: '', diagnostic: 'internal error' };
  }

  #find(messageId: number): Operation | undefined {
    for (const operation of this.#pending) if (operation.messageId === messageId) return operation;
    return undefined;
  }

  #bind(message: AnsweredMessage, request: BindRequest): void {
    if (this.#pending.size > 0) {
      this.#heldBind = message;
      return;
    }
    const operation = this.#begin(message);
    let response: MaybePromise<BindResponse>;
    try {
      const waitMs = this.#context.throttle.delayMs(this.peer, request);
      if (waitMs > 0) this.#report.bindThrottled(operation, waitMs);
      response =
        waitMs > 0 || this.#needsLocalIdentity(request)
          ? this.#preparedBind(operation, message, request, waitMs)
          : this.#session.perform(message, operation);
    } catch (error) {
      return this.#bound(operation, request, this.#failure(operation, error));
    }
    if (response instanceof Promise) this.#awaitBind(operation, request, response);
    else this.#bound(operation, request, response);
  }

  #beginHeldBind(message: AnsweredMessage): void {
    this.#heldBind = undefined;
    this.#bind(message, message.request as BindRequest);
  }

  #awaitBind(operation: Operation, request: BindRequest, response: Promise<BindResponse>): void {
    operation.waitingSinceMs = performance.now();
    this.#binding = operation;
    this.#alone = true;
    const finish = (value: BindResponse): void => {
      this.#alone = false;
      this.#binding = undefined;
      this.#completeLater(() => this.#bound(operation, request, value));
    };
    response.then(finish, (error: unknown) => finish(this.#failure(operation, error)));
  }

  /** A bind that must wait because others failed, or for the answer who the client is. */
  async #preparedBind(
    operation: Operation,
    message: AnsweredMessage,
    request: BindRequest,
    waitMs: number,
  ): Promise<BindResponse> {
    if (waitMs > 0) await this.#context.throttle.wait(waitMs);
    if (this.#needsLocalIdentity(request)) {
      this.peer.externalIdentity = await localPeerIdentity(this.#transport.socket);
    }
    if (this.#transport.ended) throw new LdapError(ResultCode.unavailable, 'the client is gone');
    return this.#session.perform(message, operation);
  }

  get #isLocal(): boolean {
    return this.peer.listener.startsWith('ldapi:');
  }

  #needsLocalIdentity({ authentication }: BindRequest): boolean {
    if (authentication.method !== 'sasl' || authentication.mechanism !== 'EXTERNAL') return false;
    return this.#isLocal && this.peer.externalIdentity === undefined;
  }

  #bound(operation: Operation, request: BindRequest, response: BindResponse): void {
    if (!this.#transport.ended) {
      const { limits } = this.#context.options.config;
      const { identity } = this.#session;
      this.#framer.contentBytesMax = identity ? limits.pduBytesAuthenticated : limits.pduBytesAnonymous;
      this.#context.throttle.note(this.peer, request, response.code, identity);
      if (response.code !== ResultCode.success) this.#report.bindFailed(request, response.code);
    }
    this.#complete(operation, response);
  }

  #becomeAnonymous(): void {
    this.#session.reset();
    this.#framer.contentBytesMax = this.#context.options.config.limits.pduBytesAnonymous;
  }

  /** StartTLS and Cancel are the connection's own; the others are the directory's. */
  #extended(message: AnsweredMessage, request: ExtendedRequest): void {
    const operation = this.#begin(message);
    if (request.name !== extendedOperationOids.startTls && request.name !== extendedOperationOids.cancel) {
      return this.#run(operation, message);
    }
    try {
      refuseCriticalControls(message.controls);
      if (request.name === extendedOperationOids.cancel) this.#cancel(operation, request);
      else this.#startTls(operation, request);
    } catch (error) {
      this.#complete(operation, this.#failure(operation, error));
    }
  }

  /** Throws 53 where `restrict` names this very operation: all extended ones, to slapd, are those of the directory. */
  #refuseRestricted(name: string): void {
    if (this.#context.options.config.restricted.has(`extended=${name}`)) {
      throw new LdapError(ResultCode.unwillingToPerform, 'operation restricted');
    }
  }

  /** RFC 3909. Throws LdapError. */
  #cancel(operation: Operation, request: ExtendedRequest): void {
    this.#refuseRestricted(request.name);
    const target = this.#find(decodeCancelId(request.value));
    if (!target) throw new LdapError(ResultCode.noSuchOperation, 'message ID not found');
    if (target.request.op === 'extended') throw new LdapError(ResultCode.cannotCancel, 'operation cannot be canceled');
    if (target.request.op !== 'search') throw new LdapError(ResultCode.tooLate, 'the update is under way');
    if (target.onEnded) throw new LdapError(ResultCode.operationsError, 'operation is being canceled already');
    const canceled = new Promise<Response>((resolve, reject) => {
      target.onEnded = (code) => {
        if (code === ResultCode.canceled) resolve(success);
        else reject(new LdapError(ResultCode.tooLate, 'the operation had ended'));
      };
    });
    this.#await(operation, canceled);
    target.stop('canceled');
  }

  /** RFC 4511 section 4.14. Throws LdapError. */
  #startTls(operation: Operation, request: ExtendedRequest): void {
    const { tls, options } = this.#context;
    const { features } = options.config;
    if (request.value !== undefined) throw new LdapError(ResultCode.protocolError, 'no request data expected');
    if (!tls || !features.startTls) throw new LdapError(ResultCode.protocolError, 'unsupported extended operation');
    this.#refuseRestricted(request.name);
    if (this.peer.tlsSsf > 0) throw new LdapError(ResultCode.operationsError, 'TLS already started');
    if (this.#isLocal) {
      throw new LdapError(ResultCode.unwillingToPerform, 'a local connection needs no TLS');
    }
    // What follows in clear text must not be taken for something that came over TLS.
    if (this.#pending.size > 0 || !this.#framer.isEmpty) {
      throw new LdapError(ResultCode.operationsError, 'cannot start TLS while requests are outstanding');
    }
    if (features.startTlsToAnonymous) this.#becomeAnonymous();
    if (this.#session.identity && !features.startTlsAuthenticated) {
      throw new LdapError(ResultCode.operationsError, 'cannot start TLS when authenticated');
    }
    const response: ExtendedResponse = { ...success, responseName: extendedOperationOids.startTls };
    this.#complete(operation, response);
    this.#output.flush();
    void this.#secure();
  }

  async #secure(): Promise<void> {
    const { tls } = this.#context;
    if (!tls) return this.#transport.destroy('TLS is not configured');
    this.#alone = true;
    const socket = await this.#transport.secure(tls);
    this.#alone = false;
    if (!socket) return;
    this.peer.tlsSsf = tlsStrength(socket);
    this.peer.externalIdentity = verifiedSubject(socket);
    this.#report.line(`TLS established tls_ssf=${this.peer.tlsSsf} ssf=${this.peer.tlsSsf}`);
    if (this.#stopping) this.destroy();
  }

  /** RFC 4511 section 4.4.1 */
  #disconnect(code: ResultCode, diagnostic: string): void {
    if (this.#transport.ended) return;
    this.#output.writer.noticeOfDisconnection({ code, matchedDN: '', diagnostic });
    this.#context.statistics.messagesSent++;
    this.#end(diagnostic);
  }

  /** Sends what has gathered and ends; operations under way are not answered any more. */
  #end(reason: string): void {
    if (this.#transport.ended) return;
    this.#abandonAll();
    this.#output.flush();
    this.#transport.end(reason);
  }

  #abandonAll(): void {
    this.#heldBind = undefined;
    for (const operation of this.#pending) operation.stop('abandoned');
  }

  #closed(reason: string): void {
    if (this.#yielding) this.#context.turns.leave(this.peer.address, this.#proceed);
    this.#abandonAll();
    this.#output.close();
    this.#report.line(`closed (${reason})`);
    this.#onClosed(this);
  }
}

function refuseCriticalControls(controls: readonly Control[]): void {
  if (controls.some(({ critical }) => critical)) {
    throw new LdapError(ResultCode.unavailableCriticalExtension, 'critical extension is not recognized');
  }
}
