/**
 * What becomes of a connection's requests once they begin: the session performs them, and their answers go into the
 * connection's output. An operation that answers at once (a lookup) begins and ends here and costs no promise; one that
 * must wait (a sync to disk, a long search) is pending until it ends.
 */
import type { RestrictedOperation } from '../config/model.js';
import type { MaybePromise, Peer, Session } from '../directory/model.js';
import type { AnsweredMessage, AnsweredOperation, BindRequest, ExtendedRequest, Request } from '../ldap/request.js';
import type { Response } from '../ldap/response.js';
import { LdapError, ResultCode, type LdapResult } from '../ldap/result.js';
import type { ProtocolError } from '../protocol/errors.js';
import { cancelOperation } from './cancel.js';
import { extendedOperationOids, refuseCriticalControls, refuseRestricted } from './extended-operations.js';
import type { LoginThrottle } from '../directory/logins/login-throttle.js';
import { Operation } from './operation.js';
import type { ConnectionOutput } from './output.js';
import type { ServerStatistics } from './statistics.js';

/** What the runners of all connections share. */
export interface RunnerContext {
  readonly statistics: ServerStatistics;
  readonly throttle: LoginThrottle;
  readonly restricted: ReadonlySet<RestrictedOperation>;
}

/** Who is told what requests come to: counts, logs, observers. See OperationReport. */
export interface RequestReport {
  beginTurn(): void;
  /** A request has come; returns its number on this connection. */
  begun(request: Request): number;
  timed(operation: Operation, message: AnsweredMessage): Operation;
  /** A request that has no response is done. */
  done(operation: 'abandon' | 'unbind'): void;
  /** A request was answered although it could not be decoded. */
  refused(operation: AnsweredOperation, result: LdapResult): void;
  ended(operation: Operation, response: Response): void;
  bindThrottled(operation: Operation, milliseconds: number): void;
  bindFailed(request: BindRequest, code: ResultCode): void;
  /** A message that ends the connection. */
  malformed(error: ProtocolError): void;
  /** Something went wrong inside the server. */
  fault(error: unknown, operation?: Operation): void;
}

/** The connection around it. */
export interface RunnerEnds {
  readonly peer: Peer;
  /** Nothing can be answered any more. */
  readonly ended: boolean;
  /** Finds out who the client is, where this bind needs to know that and does not yet. */
  identify(request: BindRequest): Promise<void> | undefined;
  /** An operation that was waited for has ended, and others may begin. */
  settled(): void;
  /** An answer could not be given. */
  failed(error: unknown): void;
}

export class RequestRunner {
  /** Bytes of the requests under way. */
  pendingBytes = 0;
  /** When an operation that was waited for ended last, by performance.now. */
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
  /** Requests that the session is looking at right now. */
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

  /** Operations that are waited for, binds apart. */
  get pending(): number {
    return this.#pending.size;
  }

  /** A bind is under way: nothing else may begin (RFC 4511 section 4.2.1). */
  get isBinding(): boolean {
    return this.#binding !== undefined;
  }

  /** Operations that have begun and not ended, with the one that asks for this figure. */
  get executing(): number {
    return this.#pending.size + (this.#binding ? 1 : 0) + this.#beginning;
  }

  /** What has begun and not ended; lookups never are among these: they end as they begin. */
  get underWay(): readonly Operation[] {
    return this.#binding ? [this.#binding, ...this.#pending] : [...this.#pending];
  }

  /** `bytes`: of the request; `then` is told what was answered. */
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

  /** A request that is the connection's own affair. `work` may throw LdapError. Returns what was answered. */
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

  /** Answers a request that could not be decoded, where it can be answered. */
  refuse(error: ProtocolError): void {
    if (error.remedy.action === 'disconnect') throw error;
    const { messageId, operation } = error.remedy;
    this.#answer(messageId, operation, error.result);
    this.#report.refused(operation, error.result);
  }

  abandon(messageId: number): void {
    this.#find(messageId)?.stop('abandoned');
  }

  /** Nobody waits for the answers any more. */
  abandonAll(): void {
    for (const operation of this.#pending) operation.stop('abandoned');
  }

  #begin(message: AnsweredMessage): Operation {
    const number = this.#report.begun(message.request);
    return this.#report.timed(new Operation(message, number, this.#output, this.#context.statistics), message);
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

  /** A bind waits because others failed, or for the answer who the client is. */
  #bind(operation: Operation, message: AnsweredMessage, request: BindRequest): MaybePromise<Response> {
    const waitMs = this.#context.throttle.delayMs(this.#ends.peer, request);
    if (waitMs > 0) this.#report.bindThrottled(operation, waitMs);
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
    if (request.op === 'bind' && !this.#ends.ended) this.#bound(request, response.code);
    if (operation.stopped !== 'abandoned') this.#answer(messageId, request.op, response);
    operation.onEnded?.(response.code);
    this.#report.ended(operation, response);
    operation.onAnswered?.(response);
  }

  #bound(request: BindRequest, code: ResultCode): void {
    this.#context.throttle.note(this.#ends.peer, request, code, this.#session.identity);
    if (code !== ResultCode.success) this.#report.bindFailed(request, code);
  }

  #answer(messageId: number, operation: AnsweredOperation, response: Response): void {
    if (this.#ends.ended) return;
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
}
