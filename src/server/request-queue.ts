/**
 * When a connection's requests begin, for every front end: the LDAP server's connections and those of an ldapjs server.
 * A turn works through the requests that have come, in their order, and sends all their answers in one write.
 *
 * A bind stands alone: it begins when all operations before it have ended, and what comes after waits for it. While
 * anything forbids to go on (a bind, too many pending operations or too many bytes of them, answers that the peer does
 * not read), nothing is read, and TCP tells the peer to wait: nothing piles up here.
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

/** What the queues of all connections share. */
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

/** The connection that the requests come from. */
export interface RequestFrontEnd extends Pick<RunnerEnds, 'peer' | 'ended' | 'identify'> {
  /** This request's time has come: it is to be run, or given to somebody else. `encoded` is valid during the call. */
  serve(message: AnsweredMessage, encoded: EncodedRequest): void;
  /** An abandon, which is done, or an unbind. */
  unanswered(message: RequestMessage, encoded: EncodedRequest): void;
  /** A bind that could not be decoded: the session is anonymous from here on, as after every bind that failed. */
  bindRefused(): void;
  /** Stop reading from the peer, or go on. */
  setReading(reading: boolean): void;
  /** Sends what was written and ends the connection. */
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
  /** A bind that waits until the operations before it have ended. */
  #heldBind: { readonly message: AnsweredMessage; readonly encoded: EncodedRequest } | undefined;
  /** Nothing begins until the connection says so. */
  #held = false;
  /** It has done enough for now, or is at a request that is large: others come first. */
  #yielding = false;
  /** The framer is at a request that has waited for its turn. */
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

  /** No request waits, none is under way, and none has come in part. */
  get isIdle(): boolean {
    return this.runner.executing === 0 && !this.#held && !this.#heldBind && !this.#yielding && this.#framer.isEmpty;
  }

  /** More bytes from the peer. */
  received(chunk: Buffer): void {
    this.#framer.push(chunk);
    this.turn();
  }

  /** The peer has read its answers. */
  drained(): void {
    this.#output.drained();
    this.turn();
  }

  /** Begins nothing until `release`. */
  hold(): void {
    this.#held = true;
  }

  release(): void {
    this.#held = false;
  }

  /** Takes no more requests, and ends the connection when what is under way has ended. */
  stop(): void {
    this.#stopping = true;
    this.turn();
  }

  /** Runs a request, in its turn or later; `then` is told what was answered. */
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
        // A bind may just have changed it.
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
    // As many bytes as one request may have: the more requests may wait, the less memory each may keep.
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
    if (!isAnswered(message)) this.#handleUnanswered(message);
    else if (message.request.op === 'bind' && this.runner.pending > 0) {
      this.#heldBind = { message, encoded: { buffer: framer.buffer, start: framer.start, end: framer.end } };
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

  /** A malformed message, or a fault of the server, ends this connection and nothing else (RFC 4511 section 4.4.1). */
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
