/** What one connection's operations leave behind: counts, log lines and what an observer is told. */
import type { Logger } from 'pino';
import type { Peer, Response, Session } from '../directory/model.js';
import type { BindRequest, Request } from '../ldap/request.js';
import type { ResultCode} from '../ldap/result.js';
import { type LdapResult } from '../ldap/result.js';
import type { AnsweredOperation } from '../protocol/errors.js';
import type { OperationObserver } from './model.js';
import type { Operation } from './operation.js';
import { quoted, requestLines, resultLine } from './operation-log.js';
import type { ServerStatistics } from './statistics.js';

export class OperationReport {
  readonly #connection: number;
  readonly #peer: Peer;
  readonly #session: Session;
  readonly #statistics: ServerStatistics;
  readonly #logger: Logger;
  readonly #observer: OperationObserver | undefined;
  /** A line for each step is wanted. */
  #logging = false;
  #received = 0;
  #completed = 0;

  constructor(
    connection: number,
    peer: Peer,
    session: Session,
    shared: { statistics: ServerStatistics; logger: Logger; observer: OperationObserver | undefined },
  ) {
    this.#connection = connection;
    this.#peer = peer;
    this.#session = session;
    this.#statistics = shared.statistics;
    this.#logger = shared.logger;
    this.#observer = shared.observer;
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

  /** A request has come; returns its number on this connection. */
  begun(request: Request): number {
    const number = this.#received++;
    this.#statistics.operations[request.op].initiated++;
    if (this.#logging) for (const line of requestLines(request)) this.line(`op=${number} ${line}`);
    return number;
  }

  /** Notes the time where somebody will want to know how long the operation took. */
  timed(operation: Operation): Operation {
    if (this.#logging || this.#observer) operation.startedMs = performance.now();
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
    this.#statistics.operations[operation].initiated++;
    this.#statistics.operations[operation].completed++;
    this.#completed++;
    if (this.#logging) this.line(`op=${number} ${resultLine(operation, result.code, result.diagnostic, 0, 0)}`);
  }

  ended(operation: Operation, response: Response): void {
    this.#statistics.operations[operation.request.op].completed++;
    this.#completed++;
    if (operation.startedMs > 0) this.#tell(operation, response, performance.now() - operation.startedMs);
  }

  bindFailed(request: BindRequest, code: ResultCode): void {
    this.#statistics.bindFailures++;
    const what = `bind failed: dn=${quoted(request.name)} err=${code}`;
    this.#logger.warn({ peer: this.#peer.name }, `conn=${this.#connection} ${what}`);
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

  #tell(operation: Operation, { code, diagnostic }: Response, milliseconds: number): void {
    const { number, request, entries } = operation;
    if (this.#logging) {
      this.line(`op=${number} ${resultLine(request.op as AnsweredOperation, code, diagnostic, entries, milliseconds)}`);
    }
    this.#observer?.completed({
      connection: this.#connection,
      operation: number,
      peer: this.#peer,
      identity: this.#session.identity,
      request,
      code,
      abandoned: operation.stopped === 'abandoned',
      entries,
      milliseconds,
    });
  }
}
