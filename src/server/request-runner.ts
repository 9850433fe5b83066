/**
 * Performs a connection's requests: passes them to the session and writes the answers to the connection's output. An
 * operation that can answer immediately (a lookup) starts and ends within one call and costs no promise. One that must wait
 * (for a disk sync, in a long search) is pending until it ends.
 */
import type { RestrictedOperation } from '../config/model.js';
import type { MaybePromise, Peer, Session } from '../directory/model.js';
import type { AnsweredMessage, AnsweredOperation, BindRequest, ExtendedRequest, Request } from '../ldap/request.js';
import type { Response } from '../ldap/response.js';
import type { DN } from '../dn/dn.js';
import { LdapError, ResultCode, type LdapResult } from '../ldap/result.js';
import type { ProtocolError } from '../protocol/errors.js';
import { cancelOperation } from './cancel.js';
import { extendedOperationOids, refuseCriticalControls, refuseRestricted } from './extended-operations.js';
import type { LoginThrottle } from '../directory/logins/login-throttle.js';
import { Operation, type PasswordReport } from './operation.js';
import type { ConnectionOutput } from './output.js';
import type { ServerStatistics } from './statistics.js';

/** Shared by the runners of all connections. */
export interface RunnerContext {
  readonly statistics: ServerStatistics;
  readonly throttle: LoginThrottle;
  readonly restricted: ReadonlySet<RestrictedOperation>;
}

/** Counts, logs and reports what happens to requests. See OperationReport. */
export interface RequestReport extends PasswordReport {
  beginTurn(): void;
  /** Bytes have come from the peer. */
  arrived(): void;
  /** A request has arrived. Returns its number on this connection. */
  begun(request: Request): number;
  timed(operation: Operation, message: AnsweredMessage): Operation;
  /** A request that has no response is done. */
  done(operation: 'abandon' | 'unbind'): void;
  /** A request was answered although it could not be decoded. */
  refused(operation: AnsweredOperation, result: LdapResult): void;
  ended(operation: Operation, response: Response): void;
  bindFailed(request: BindRequest, code: ResultCode, name: DN | undefined): void;
  /** A message that ends the connection. */
  malformed(error: ProtocolError): void;
  /** An internal error. */
  fault(error: unknown, operation?: Operation): void;
}

/** What the runner needs from its connection. */
export interface RunnerEnds {
  readonly peer: Peer;
  /** No more answers can be sent. */
  readonly ended: boolean;
  /** Finds out who the client is, if this bind needs that and it is not known yet. */
  identify(request: BindRequest): Promise<void> | undefined;
  /** A pending operation has ended, so others may start. */
  settled(): void;
  /** Writing an answer failed. */
  failed(error: unknown): void;
}

export class RequestRunner {
  /** Encoded size of the pending requests. */
  pendingBytes = 0;
  /** When the last pending operation ended, as performance.now(). */
  settledMs = 0;
  readonly #context: RunnerContext;
  readonly #ends: RunnerEnds;
  readonly #session: Session;
  readonly #output: ConnectionOutput;
  readonly #report: RequestReport;
  /** Operations other than binds that have begun and not ended. */
  readonly #pending = new Set<Operation>();
  /** The bind that is under way. */
  #binding: Operation | undefined;
  /** Requests that the session is handling in this call. */
  #beginning = 0;

  constructor(context: RunnerContext, ends: RunnerEnds, session: Session, output: ConnectionOutput, report: RequestReport) {
    this.#context = context;
    this.#ends = ends;
    this.#session = session;
    this.#output = output;
    this.#report = report;
  }

  get isAuthenticated(): boolean {
    return this.#session.identity !== undefined;
  }

  /** Number of pending operations, not counting a bind. */
  get pending(): number {
    return this.#pending.size;
  }

  /** A bind is running, so nothing else may start (RFC 4511 section 4.2.1). */
  get isBinding(): boolean {
    return this.#binding !== undefined;
  }

  /** Operations that have started and not ended, including the one that reads this figure. */
  get executing(): number {
    return this.#pending.size + (this.#binding ? 1 : 0) + this.#beginning;
  }

  /** The pending operations. Lookups are never among them: they end in the call that starts them. */
  get underWay(): readonly Operation[] {
    return this.#binding ? [this.#binding, ...this.#pending] : [...this.#pending];
  }

  /** `bytes`: the request's encoded size. `then` receives the response. */
  run(message: AnsweredMessage, bytes: number, then?: (response: Response) => void): void {
    const operation = this.#begin(message);
    if (then) operation.onAnswered = then;
    this.#beginning++;
    let response: MaybePromise<Response>;
    try {
      response = this.#perform(operation, message);
    } catch (error) {
      response = this.#failure(operation, error);
    }
    this.#beginning--;
    this.#settle(operation, bytes, response);
  }

  /** Answers a request that the connection handles itself. `work` may throw LdapError. Returns the response. */
  runOwn(message: AnsweredMessage, work: () => Response): Response {
    const operation = this.#begin(message);
    let response: Response;
    try {
      response = work();
    } catch (error) {
      response = this.#failure(operation, error);
    }
    this.#complete(operation, response);
    return response;
  }

  /** Answers a request that could not be decoded. Throws the error if it cannot be answered. */
  refuse(error: ProtocolError): void {
    if (error.remedy.action === 'disconnect') throw error;
    const { messageId, operation } = error.remedy;
    this.#answer(messageId, operation, error.result);
    this.#report.refused(operation, error.result);
  }

  abandon(messageId: number): void {
    this.#find(messageId)?.stop('abandoned');
  }

  /** Ends what would go on for ever, without an answer. */
  abandonPersistent(): void {
    for (const operation of this.#pending) if (operation.persistent) operation.stop('abandoned');
  }

  /** The client no longer wants any answers. */
  abandonAll(): void {
    for (const operation of this.#pending) operation.stop('abandoned');
  }

  #begin(message: AnsweredMessage): Operation {
    const number = this.#report.begun(message.request);
    return this.#report.timed(new Operation(message, number, this.#output, this.#context.statistics, this.#report), message);
  }

  #perform(operation: Operation, message: AnsweredMessage): MaybePromise<Response> {
    const { request } = message;
    if (request.op === 'bind') return this.#bind(operation, message, request);
    if (request.op === 'extended' && request.name === extendedOperationOids.cancel) return this.#cancel(message, request);
    return this.#session.perform(message, operation);
  }

  /** RFC 3909. Throws LdapError. */
  #cancel({ controls }: AnsweredMessage, request: ExtendedRequest): Promise<Response> {
    refuseCriticalControls(controls);
    refuseRestricted(this.#context.restricted, request.name);
    return cancelOperation(request, (messageId) => this.#find(messageId));
  }

  /** A bind may have to wait, because earlier ones failed or to find out who the client is. */
  #bind(operation: Operation, message: AnsweredMessage, request: BindRequest): MaybePromise<Response> {
    const waitMs = this.#context.throttle.delayMs(this.#ends.peer, request);
    if (waitMs > 0) this.#report.passwordDelayed(operation, request.name, waitMs);
    const prepared = waitMs > 0 ? this.#context.throttle.wait(waitMs) : this.#ends.identify(request);
    if (!prepared) return this.#session.perform(message, operation);
    return prepared.then(() => {
      if (this.#ends.ended) throw new LdapError(ResultCode.unavailable, 'the client is gone');
      return this.#session.perform(message, operation);
    });
  }

  #settle(operation: Operation, bytes: number, response: MaybePromise<Response>): void {
    if (!(response instanceof Promise)) return this.#complete(operation, response);
    operation.waitingSinceMs = performance.now();
    const isBind = operation.request.op === 'bind';
    if (isBind) this.#binding = operation;
    else this.#pending.add(operation);
    this.pendingBytes += bytes;
    const finish = (value: Response): void => {
      if (isBind) this.#binding = undefined;
      else this.#pending.delete(operation);
      this.pendingBytes -= bytes;
      this.settledMs = performance.now();
      try {
        this.#complete(operation, value);
      } catch (error) {
        this.#ends.failed(error);
      }
      this.#ends.settled();
    };
    response.then(finish, (error: unknown) => finish(this.#failure(operation, error)));
  }

  #complete(operation: Operation, response: Response): void {
    const { request, messageId } = operation;
    if (request.op === 'bind' && !this.#ends.ended) this.#bound(request, response.code, operation.triedName);
    if (operation.stopped !== 'abandoned') this.#answer(messageId, request.op, response);
    operation.onEnded?.(response.code);
    this.#report.ended(operation, response);
    operation.onAnswered?.(response);
  }

  #bound(request: BindRequest, code: ResultCode, triedName: DN | undefined): void {
    this.#context.throttle.note(this.#ends.peer, request, code, this.#session.identity);
    if (code !== ResultCode.success && code !== ResultCode.saslBindInProgress) this.#report.bindFailed(request, code, triedName);
  }

  #answer(messageId: number, operation: AnsweredOperation, response: Response): void {
    if (this.#ends.ended) return;
    const { writer } = this.#output;
    if (operation === 'extended') writer.extendedResult(messageId, response);
    else if (operation === 'bind') writer.bindResult(messageId, response);
    else writer.result(messageId, operation, response);
    this.#context.statistics.messagesSent++;
  }

  /** Turns an error into a response. Anything but an LdapError is an internal error, whose details stay inside. */
  #failure(operation: Operation, error: unknown): Response {
    if (error instanceof LdapError) return error;
    // A search that was waiting for a client fails when that client goes away.
    if (operation.stopped !== 'abandoned') this.#report.fault(error, operation);
    return { code: ResultCode.other, matchedDN: '', diagnostic: 'internal error' };
  }

  #find(messageId: number): Operation | undefined {
    for (const operation of this.#pending) if (operation.messageId === messageId) return operation;
    return undefined;
  }
}
