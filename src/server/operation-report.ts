/** Counts and logs one connection's operations, and notifies observers. */
import type { Logger } from 'pino';
import type { Peer, Session } from '../directory/model.js';
import type { Response } from '../ldap/response.js';
import { OperationTrace } from '../directory/trace.js';
import type { AnsweredOperation, BindRequest, Request, AnsweredMessage } from '../ldap/request.js';
import type { DN } from '../dn/dn.js';
import type { LdapResult, ResultCode } from '../ldap/result.js';
import type { ProtocolError } from '../protocol/errors.js';
import type { OperationObserver } from './model.js';
import type { Operation, OperationCircumstances } from './operation.js';
import { boundLine, quoted, requestLines, resultLine, unboundLine } from './operation-log.js';
import type { RequestReport } from './request-runner.js';
import type { ServerStatistics } from './statistics.js';

export class OperationReport implements RequestReport {
  readonly #connection: number;
  readonly #peer: Peer;
  readonly #session: Session;
  readonly #statistics: ServerStatistics;
  readonly #logger: Logger;
  readonly #observers: readonly OperationObserver[];
  readonly #traces: boolean;
  /** Somebody always wants to know how long operations take. */
  readonly #timing: boolean;
  /** A line for each step is wanted. */
  #logging: boolean;
  /** When bytes came last, as performance.now(); kept for the log alone. */
  #arrivedMs = 0;
  #received = 0;
  #completed = 0;

  constructor(
    connection: number,
    peer: Peer,
    session: Session,
    shared: { statistics: ServerStatistics; logger: Logger; observers: readonly OperationObserver[] },
  ) {
    this.#connection = connection;
    this.#peer = peer;
    this.#session = session;
    this.#statistics = shared.statistics;
    this.#logger = shared.logger;
    this.#logging = shared.logger.isLevelEnabled('debug');
    this.#observers = shared.observers;
    this.#traces = shared.observers.some(({ traces }) => traces);
    this.#timing = shared.observers.length > 0 || shared.statistics.operations.search.times !== undefined;
  }

  get received(): number {
    return this.#received;
  }

  get completed(): number {
    return this.#completed;
  }

  /** Levels may change while the server runs: asked once a turn, not once a request. */
  beginTurn(): void {
    this.#logging = this.#logger.isLevelEnabled('debug');
  }

  arrived(): void {
    if (this.#logging) this.#arrivedMs = performance.now();
  }

  /** A request has come; returns its number on this connection. */
  begun(request: Request): number {
    const number = this.#received++;
    this.#statistics.operations[request.op].initiated++;
    if (this.#logging) {
      if (request.op === 'bind' && this.#session.identity) this.line(`op=${number} ${unboundLine(this.#ssf)}`);
      for (const line of requestLines(request)) this.line(`op=${number} ${line}`);
    }
    return number;
  }

  /** Notes the time where somebody will want to know how long the operation took, and what else they will ask. */
  timed(operation: Operation, message: AnsweredMessage): Operation {
    if (this.#logging || this.#timing) {
      operation.startedMs = performance.now();
      if (this.#logging && this.#arrivedMs > 0) operation.queuedMs = operation.startedMs - this.#arrivedMs;
      if (this.#observers.length > 0) {
        const trace = this.#traces ? new OperationTrace() : undefined;
        operation.circumstances = { controls: message.controls, asker: this.#session.identity, trace, throttledMs: 0 };
      }
    }
    return operation;
  }

  /** An operation that has no response is done. */
  done(operation: 'abandon' | 'unbind'): void {
    this.#statistics.operations[operation].completed++;
    this.#completed++;
  }

  /** A request was answered although it could not be decoded. */
  refused(operation: AnsweredOperation, result: LdapResult): void {
    const number = this.#received++;
    const count = this.#statistics.operations[operation];
    count.initiated++;
    count.completed++;
    count.times?.record(result.code, 0);
    this.#completed++;
    if (!this.#logging) return;
    const { code, diagnostic } = result;
    this.line(`op=${number} ${resultLine({ op: operation }, { code, diagnostic, entries: 0, queuedMs: 0, tookMs: 0 })}`);
  }

  ended(operation: Operation, response: Response): void {
    const count = this.#statistics.operations[operation.request.op];
    count.completed++;
    this.#completed++;
    if (operation.startedMs === 0) return;
    const milliseconds = performance.now() - operation.startedMs;
    // A search that persists takes as long as its client wants.
    if (count.times && !operation.persistent) {
      // Nobody has got the answer of an abandoned search; an update has happened all the same.
      const lost = operation.stopped === 'abandoned' && operation.request.op === 'search';
      if (lost) count.times.recordAbandoned(milliseconds);
      else count.times.record(response.code, milliseconds);
    }
    if (this.#logging) this.#log(operation, response, milliseconds);
    const { circumstances } = operation;
    if (!circumstances) return;
    for (const observer of this.#observers) {
      if (!observer.wants(operation.request.op, response.code, milliseconds)) continue;
      try {
        this.#tell(observer, operation, circumstances, response.code, milliseconds);
      } catch (error) {
        // The client has its answer: what an observer makes of it is no reason to disconnect anybody.
        this.fault(error, operation);
      }
    }
  }

  passwordDelayed(operation: Operation, name: DN | Buffer, milliseconds: number): void {
    this.#statistics.bindsThrottled++;
    if (operation.circumstances) operation.circumstances.throttledMs += milliseconds;
    const seconds = (milliseconds / 1_000).toFixed(2);
    this.#warn(`${kindOf(operation)} delayed by ${seconds} s after wrong passwords: dn=${quoted(name.toString())}`);
  }

  passwordWrong(operation: Operation, name: DN): void {
    this.#warn(`wrong password in ${kindOf(operation)}: dn=${quoted(name.toString())}`);
  }

  /** `name`: who tried to log in, where the request does not say. */
  bindFailed(request: BindRequest, code: ResultCode, name: DN | undefined): void {
    this.#statistics.bindFailures++;
    this.#warn(`bind failed: dn=${quoted(name?.toString() ?? request.name)} err=${code}`);
  }

  #warn(text: string): void {
    this.#logger.warn({ peer: this.#peer.name }, `conn=${this.#connection} ${text}`);
  }

  malformed(error: ProtocolError): void {
    this.remark(`malformed message: ${error.message}`);
  }

  /** Something went wrong inside the server. */
  fault(error: unknown, operation?: Operation): void {
    const what = operation ? ` op=${operation.number} ${operation.request.op} failed` : ' internal error';
    this.#logger.error({ err: error }, `conn=${this.#connection}${what}`);
  }

  /** Something that an operator may want to know about this peer. */
  remark(text: string): void {
    this.#logger.info({ peer: this.#peer.name }, `conn=${this.#connection} ${text}`);
  }

  line(text: string): void {
    this.#logger.debug(`conn=${this.#connection} ${text}`);
  }

  get #ssf(): number {
    return Math.max(this.#peer.tlsSsf, this.#peer.transportSsf);
  }

  #log({ number, request, entries, queuedMs }: Operation, { code, diagnostic }: Response, tookMs: number): void {
    const bound = this.#session.identity;
    if (request.op === 'bind' && code === 0 && bound !== undefined) {
      this.line(`op=${number} ${boundLine(bound.toString(), mechanismOf(request), this.#ssf)}`);
    }
    this.line(`op=${number} ${resultLine(request, { code, diagnostic, entries, queuedMs, tookMs })}`);
  }

  #tell(
    observer: OperationObserver,
    { number, request, entries, stopped, triedName }: Operation,
    { controls, asker, trace, throttledMs }: OperationCircumstances,
    code: number,
    milliseconds: number,
  ): void {
    observer.completed({
      connection: this.#connection,
      operation: number,
      peer: this.#peer,
      identity: request.op === 'bind' ? this.#session.identity : asker,
      request,
      controls,
      code,
      abandoned: stopped === 'abandoned',
      entries,
      milliseconds,
      throttledMs,
      triedName,
      trace,
    });
  }
}

function kindOf({ request }: Operation): string {
  // Of the extended operations, only this one tries a password.
  return request.op === 'extended' ? 'Password Modify' : request.op;
}

function mechanismOf({ authentication }: BindRequest): string {
  return authentication.method === 'sasl' ? authentication.mechanism : 'SIMPLE';
}
