/** One client's connection to the LDAP server: its socket, TLS and StartTLS, around the queue of its requests. */
import type { Socket } from 'node:net';
import type { Logger } from 'pino';
import type { Peer, Session } from '../directory/model.js';
import type { ExtendedResponse } from '../ldap/response.js';
import type { AnsweredMessage, BindRequest, ExtendedRequest, RequestMessage } from '../ldap/request.js';
import { LdapError, ResultCode, success } from '../ldap/result.js';
import type { BufferPool } from '../protocol/buffer-pool.js';
import { channelBinding } from './channel-binding.js';
import type { Departures } from './departures.js';
import { descriptorOf } from './descriptor.js';
import { extendedOperationOids, refuseCriticalControls, refuseRestricted } from './extended-operations.js';
import type { ConnectionTuning } from './limits.js';
import { localPeerIdentity } from './local-peer.js';
import type { OperationUnderWay, ServerOptions } from './model.js';
import { requestLines, tlsLine } from './operation-log.js';
import { OperationReport } from './operation-report.js';
import { ConnectionOutput, outputLimits } from './output.js';
import { type EncodedRequest, type QueueContext, type RequestFrontEnd, RequestQueue } from './request-queue.js';
import { type TlsAcceptor, tlsStrength, verifiedSubject } from './tls.js';
import { Transport } from './transport.js';
import type { Wakefulness } from './wakefulness.js';

/** What all connections of a server share. */
export interface ConnectionContext extends QueueContext {
  readonly options: ServerOptions;
  readonly tuning: ConnectionTuning;
  readonly pool: BufferPool;
  readonly departures: Departures;
  readonly wakefulness: Wakefulness;
  readonly logger: Logger;
  /** Undefined where TLS is not configured. */
  readonly tls: TlsAcceptor | undefined;
}

export class Connection implements RequestFrontEnd {
  readonly number: number;
  readonly peer: Peer;
  readonly started = new Date();
  readonly #context: ConnectionContext;
  readonly #descriptor: number;
  readonly #onClosed: (connection: Connection) => void;
  readonly #session: Session;
  readonly #transport: Transport;
  readonly #output: ConnectionOutput;
  readonly #report: OperationReport;
  readonly #queue: RequestQueue;
  #stopping = false;
  #reads = 0;
  #drains = 0;
  #receivedMs = performance.now();

  constructor(
    number: number,
    socket: Socket,
    peer: Peer,
    context: ConnectionContext,
    onClosed: (connection: Connection) => void,
  ) {
    const { options, tuning, limits, statistics, logger } = context;
    this.number = number;
    this.peer = peer;
    peer.connection = number;
    this.#descriptor = descriptorOf(socket);
    this.#context = context;
    this.#onClosed = onClosed;
    this.#session = options.directory.openSession(peer);
    this.#transport = new Transport(
      socket,
      {
        data: (chunk) => this.#received(chunk),
        drained: () => this.#drained(),
        peerEnded: () => this.#queue.end('connection lost'),
        trouble: (what) => this.#report.remark(what),
        closed: (reason) => this.#closed(reason),
      },
      { writeTimeoutMs: limits.writeTimeout * 1_000, lingerMs: tuning.lingerMs },
    );
    this.#output = new ConnectionOutput(this.#transport, context, outputLimits(tuning, limits));
    this.#report = new OperationReport(number, peer, this.#session, { statistics, logger, observers: options.observers ?? [] });
    this.#queue = new RequestQueue(context, this, this.#session, this.#output, this.#report);
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

  /** Operations that have started and not ended. */
  get executing(): number {
    return this.#queue.runner.executing;
  }

  /** How often data arrived. */
  get reads(): number {
    return this.#reads;
  }

  /** How often the peer made room for answers that had to wait. */
  get writes(): number {
    return this.#drains;
  }

  /** The pending operations. Lookups are never among them: they end in the call that starts them. */
  get operationsUnderWay(): OperationUnderWay[] {
    const now = performance.now();
    return this.#queue.runner.underWay.map((operation) => ({
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

  get #lastActivityMs(): number {
    return Math.max(this.#receivedMs, this.#queue.runner.settledMs);
  }

  /** The peer has not read all of its answers. */
  get waitsForWrite(): boolean {
    return this.#transport.unreadBytes > 0;
  }

  /** Starts to serve; over TLS from the first byte for ldaps://. */
  start(overTls: boolean): void {
    this.#report.line(`fd=${this.#descriptor} ACCEPT from ${this.peer.name} (${this.peer.localName ?? ''})`);
    if (overTls) void this.#secure();
    else this.#transport.start();
  }

  /** Ends the connection when it has done nothing for `idleMs` milliseconds. */
  endIfIdle(nowMs: number, idleMs: number): void {
    if (this.executing > 0 || this.#transport.securing || this.waitsForWrite) return;
    if (nowMs - this.#lastActivityMs >= idleMs) this.#queue.end('idle for too long');
  }

  /** Takes no more requests and ends once the running ones have ended; at once if there are none. */
  stop(): void {
    this.#stopping = true;
    if (this.#transport.securing) this.destroy();
    else if (this.#queue.isIdle && !this.waitsForWrite) this.#transport.end('server shutting down', 'at once');
    else this.#queue.stop();
  }

  /** Ends the connection now, whatever is under way. */
  destroy(): void {
    this.#transport.destroy('server stops');
  }

  #received(chunk: Buffer): void {
    const { statistics, departures, wakefulness } = this.#context;
    this.#reads++;
    statistics.bytesReceived += chunk.length;
    this.#receivedMs = performance.now();
    departures.beforeWork(this.#receivedMs);
    wakefulness.received(this.#receivedMs);
    this.#queue.received(chunk);
    wakefulness.answered();
  }

  #drained(): void {
    this.#drains++;
    this.#queue.drained();
  }

  // What the queue needs from a connection:

  get ended(): boolean {
    return this.#transport.ended;
  }

  serve(message: AnsweredMessage, encoded: EncodedRequest): void {
    const { request } = message;
    if (request.op === 'extended' && request.name === extendedOperationOids.startTls) this.#startTls(message, request);
    else this.#queue.run(message, encoded.end - encoded.start);
  }

  unanswered({ request }: RequestMessage): void {
    if (request.op === 'unbind') this.#queue.end('unbind');
  }

  bindRefused(): void {
    // The session knows.
  }

  /** SASL EXTERNAL on a local socket: whose process is it? */
  identify({ authentication }: BindRequest): Promise<void> | undefined {
    if (authentication.method !== 'sasl' || authentication.mechanism !== 'EXTERNAL') return undefined;
    if (!this.#isLocal || this.peer.externalIdentity !== undefined) return undefined;
    return localPeerIdentity(this.#transport.socket).then((identity) => {
      this.peer.externalIdentity = identity;
    });
  }

  setReading(reading: boolean): void {
    this.#transport.setReading(reading);
  }

  close(reason: string): void {
    this.#transport.end(reason);
  }

  get #isLocal(): boolean {
    return this.peer.listener.startsWith('ldapi:');
  }

  /** RFC 4511 section 4.14 */
  #startTls(message: AnsweredMessage, request: ExtendedRequest): void {
    const { code } = this.#queue.runner.runOwn(message, () => this.#acceptStartTls(message, request));
    if (code !== ResultCode.success) return;
    this.#output.flush();
    void this.#secure();
  }

  /** Throws LdapError. */
  #acceptStartTls({ controls }: AnsweredMessage, request: ExtendedRequest): ExtendedResponse {
    const { tls, options } = this.#context;
    const { features, restricted } = options.config;
    refuseCriticalControls(controls);
    if (request.value !== undefined) throw new LdapError(ResultCode.protocolError, 'no request data expected');
    if (!tls || !features.startTls) throw new LdapError(ResultCode.protocolError, 'unsupported extended operation');
    refuseRestricted(restricted, request.name);
    if (this.peer.tlsSsf > 0) throw new LdapError(ResultCode.operationsError, 'TLS already started');
    if (this.#isLocal) {
      throw new LdapError(ResultCode.unwillingToPerform, 'a local connection needs no TLS');
    }
    // What follows in clear text must not be taken for something that came over TLS.
    if (!this.#queue.isIdle) {
      throw new LdapError(ResultCode.operationsError, 'cannot start TLS while requests are outstanding');
    }
    if (features.startTlsToAnonymous) this.#session.reset();
    if (this.#session.identity && !features.startTlsAuthenticated) {
      throw new LdapError(ResultCode.operationsError, 'cannot start TLS when authenticated');
    }
    // Without responseName, which RFC 4511 permits and slapd does not send: lloadd takes such an answer for a refusal.
    return success;
  }

  async #secure(): Promise<void> {
    const { tls } = this.#context;
    if (!tls) return this.#transport.destroy('TLS is not configured');
    this.#queue.hold();
    const socket = await this.#transport.secure(tls);
    this.#queue.release();
    if (!socket) return;
    this.peer.tlsSsf = tlsStrength(socket);
    this.peer.externalIdentity = verifiedSubject(socket);
    this.peer.channelBinding = (type) => channelBinding(socket, type);
    const line = tlsLine(this.peer.tlsSsf, socket.getProtocol() ?? '', socket.getCipher().name);
    this.#report.line(`fd=${this.#descriptor} ${line}`);
    if (this.#stopping) this.destroy();
  }

  #closed(reason: string): void {
    this.#queue.closed();
    this.#session.reset();
    this.#report.line(`fd=${this.#descriptor} closed${reason === 'unbind' ? '' : ` (${reason})`}`);
    this.#onClosed(this);
  }
}
