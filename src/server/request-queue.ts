/**
 * Decides when a connection's requests begin, for the LDAP server and for a mount on an ldapjs server. A turn handles the
 * requests that have arrived, in order, and sends all their answers in one write.
 *
 * A bind runs alone: it starts when every operation before it has ended, and later requests wait for it. While the
 * connection may not continue (a bind is running, too many operations or bytes are pending, the peer does not read its
 * answers), nothing is read from the socket, so TCP makes the peer wait and nothing accumulates here.
 */
import type { ServerLimits } from '../config/model.js';
import type { Session } from '../directory/model.js';
import { type AnsweredMessage, isAnswered, type RequestMessage } from '../ldap/request.js';
import { ResultCode, type LdapResult } from '../ldap/result.js';
import { ProtocolError } from '../protocol/errors.js';
import { PduFramer } from '../protocol/framing.js';
import type { RequestDecoder } from '../protocol/request-decoder.js';
import type { ConnectionOutput } from './output.js';
import { type RequestReport, RequestRunner, type RunnerContext, type RunnerEnds } from './request-runner.js';
import { largeRequestBytes, type Turns } from './turns.js';

/** Shared by the queues of all connections. */
export interface QueueContext extends RunnerContext {
  readonly limits: ServerLimits;
  readonly decoder: RequestDecoder;
  readonly turns: Turns;
}

/** A request as it was sent: `buffer[start, end)`. */
export interface EncodedRequest {
  readonly buffer: Buffer;
  readonly start: number;
  readonly end: number;
}

/** The connection that requests arrive on. */
export interface RequestFrontEnd extends Pick<RunnerEnds, 'peer' | 'ended' | 'identify'> {
  /** It is this request's turn: run it, or pass it on. `encoded` is valid only during the call. */
  serve(message: AnsweredMessage, encoded: EncodedRequest): void;
  /** An unbind, or an abandon that has been carried out. */
  unanswered(message: RequestMessage, encoded: EncodedRequest): void;
  /** A bind could not be decoded. The session is anonymous now, as after every failed bind. */
  bindRefused(): void;
  /** Stops or resumes reading from the peer. */
  setReading(reading: boolean): void;
  /** Sends what has been written and ends the connection. */
  close(reason: string): void;
}

export class RequestQueue {
  readonly runner: RequestRunner;
  readonly #context: QueueContext;
  readonly #frontEnd: RequestFrontEnd;
  readonly #session: Session;
  readonly #output: ConnectionOutput;
  readonly #report: RequestReport;
  readonly #framer: PduFramer;
  /** A bind that waits for the operations before it to end. */
  #heldBind: { readonly message: AnsweredMessage; readonly encoded: EncodedRequest } | undefined;
  /** Nothing starts until `release`. */
  #held = false;
  /** The turn is used up, or the next request is large: other connections go first. */
  #yielding = false;
  /** The framer's current request is large and has waited for its turn. */
  #large = false;
  #inTurn = false;
  #turnScheduled = false;
  #stopping = false;

  constructor(
    context: QueueContext,
    frontEnd: RequestFrontEnd,
    session: Session,
    output: ConnectionOutput,
    report: RequestReport,
  ) {
    this.#context = context;
    this.#frontEnd = frontEnd;
    this.#session = session;
    this.#output = output;
    this.#report = report;
    this.#framer = new PduFramer(context.limits.pduBytesAnonymous);
    const ends: RunnerEnds = {
      peer: frontEnd.peer,
      get ended() {
        return frontEnd.ended;
      },
      identify: (request) => frontEnd.identify(request),
      settled: () => this.#scheduleTurn(),
      failed: (error) => this.fail(error),
    };
    this.runner = new RequestRunner(context, ends, session, output, report);
  }

  /** No request is waiting, running, or partly received. */
  get isIdle(): boolean {
    return this.runner.executing === 0 && !this.#held && !this.#heldBind && !this.#yielding && this.#framer.isEmpty;
  }

  /** More bytes from the peer. */
  received(chunk: Buffer): void {
    this.#framer.push(chunk);
    this.#report.arrived();
    this.turn();
  }

  /** The peer has read its answers. */
  drained(): void {
    this.#output.drained();
    this.turn();
  }

  /** Starts nothing until `release`. */
  hold(): void {
    this.#held = true;
  }

  release(): void {
    this.#held = false;
  }

  /** Takes no more requests, and ends the connection once the running ones have ended. */
  stop(): void {
    this.#stopping = true;
    this.runner.abandonPersistent();
    this.turn();
  }

  /** Runs a request, during its turn or later. `then` receives the result. */
  run(message: AnsweredMessage, bytes: number, then?: (response: LdapResult) => void): void {
    this.runner.run(message, bytes, then);
    if (!this.#inTurn) this.#scheduleTurn();
  }

  /** Does what can be done now and sends the answers. */
  turn(): void {
    if (this.#inTurn || this.#frontEnd.ended) return;
    this.#inTurn = true;
    this.#report.beginTurn();
    try {
      this.#processRequests();
    } catch (error) {
      this.fail(error);
    }
    this.#inTurn = false;
    this.#output.flushSoon();
    this.#frontEnd.setReading(this.#mayProceed());
  }

  #processRequests(): void {
    let turnEndsMs = 0;
    while (this.#mayProceed()) {
      if (this.#heldBind) {
        const { message, encoded } = this.#heldBind;
        this.#heldBind = undefined;
        this.#frontEnd.serve(message, encoded);
      } else if (this.#large) {
        this.#large = false;
        this.#handle();
      } else {
        // A bind may have changed it.
        this.#framer.contentBytesMax = this.#requestBytesMax;
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
    if (this.#stopping && this.runner.executing === 0 && !this.#held) {
      // Without a Notice of Disconnection, as slapd: libldap hands that to the caller as the failure of its next search,
      // where it answers to a mere end with a new connection. Postfix would defer mail after every restart.
      this.end('server shutting down');
    }
  }

  #mayProceed(): boolean {
    if (this.#held || this.#stopping || this.#yielding || this.runner.isBinding || this.#frontEnd.ended) return false;
    if (this.#heldBind) return this.runner.pending === 0;
    // Together, pending requests may take as many bytes as a single request may.
    return this.runner.pending < this.#pendingMax && this.runner.pendingBytes <= this.#requestBytesMax && this.#output.hasRoom;
  }

  get #requestBytesMax(): number {
    const { pduBytesAnonymous, pduBytesAuthenticated } = this.#context.limits;
    return this.runner.isAuthenticated ? pduBytesAuthenticated : pduBytesAnonymous;
  }

  get #pendingMax(): number {
    const { pendingAnonymous, pendingAuthenticated } = this.#context.limits;
    return this.runner.isAuthenticated ? pendingAuthenticated : pendingAnonymous;
  }

  #yieldToOthers(): void {
    this.#yielding = true;
    this.#context.turns.wait(this.#frontEnd.peer.address, this.#proceed);
  }

  readonly #proceed = (): void => {
    this.#yielding = false;
    this.turn();
  };

  /** Operations that end at about the same time share a turn, and a write. */
  #scheduleTurn(): void {
    if (this.#inTurn || this.#turnScheduled) return;
    this.#turnScheduled = true;
    process.nextTick(() => {
      this.#turnScheduled = false;
      this.turn();
    });
  }

  /** Starts the framer's current request. Throws ProtocolError if the connection must end. */
  #handle(): void {
    const framer = this.#framer;
    let message: RequestMessage;
    try {
      message = this.#context.decoder.decode(framer.buffer, framer.start, framer.end);
    } catch (error) {
      if (error instanceof ProtocolError) return this.#refuse(error);
      throw error;
    }
    if (!isAnswered(message)) this.#handleUnanswered(message);
    else if (message.request.op === 'bind' && this.runner.pending > 0) {
      this.#heldBind = { message, encoded: { buffer: framer.buffer, start: framer.start, end: framer.end } };
      // It would wait for these for ever.
      this.runner.abandonPersistent();
    } else this.#frontEnd.serve(message, framer);
  }

  #handleUnanswered(message: RequestMessage): void {
    const { request } = message;
    this.#report.begun(request);
    if (request.op === 'abandon') this.runner.abandon(request.messageId);
    this.#report.done(request.op === 'abandon' ? 'abandon' : 'unbind');
    this.#frontEnd.unanswered(message, this.#framer);
  }

  #refuse(error: ProtocolError): void {
    if (error.remedy.action === 'answer' && error.remedy.operation === 'bind') {
      this.#session.reset();
      this.#frontEnd.bindRefused();
    }
    this.runner.refuse(error);
  }

  /** A malformed message or an internal error ends this connection and no other (RFC 4511 section 4.4.1). */
  fail(error: unknown): void {
    if (error instanceof ProtocolError) {
      this.#report.malformed(error);
      this.#disconnect(error.result);
    } else {
      this.#report.fault(error);
      this.#disconnect({ code: ResultCode.other, matchedDN: '', diagnostic: 'internal error' });
    }
  }

  #disconnect({ code, diagnostic }: LdapResult): void {
    if (this.#frontEnd.ended) return;
    this.#output.writer.noticeOfDisconnection({ code, matchedDN: '', diagnostic });
    this.#context.statistics.messagesSent++;
    this.end(diagnostic);
  }

  /** Sends what has gathered and ends the connection; operations under way are not answered any more. */
  end(reason: string): void {
    if (this.#frontEnd.ended) return;
    this.#abandonAll();
    this.#output.flush();
    this.#frontEnd.close(reason);
  }

  /** The connection is gone. */
  closed(): void {
    if (this.#yielding) this.#context.turns.leave(this.#frontEnd.peer.address, this.#proceed);
    this.#abandonAll();
    this.#output.close();
  }

  #abandonAll(): void {
    this.#heldBind = undefined;
    this.runner.abandonAll();
  }
}
