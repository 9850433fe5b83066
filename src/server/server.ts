/**
 * The LDAP server: listens, and opens a session on a directory for each client. It knows sockets and LDAP messages but not
 * what is in the directory.
 *
 *     const server = createServer({ directory, config, logger });
 *     const [url] = await server.listen('ldap://127.0.0.1:0/');
 *     await server.close();
 */
import type { Socket } from 'node:net';
import type { MonitoredConnection } from '../directory/server-entries/monitor.js';
import { ResultCode } from '../ldap/result.js';
import { BufferPool } from '../protocol/buffer-pool.js';
import { RequestDecoder } from '../protocol/request-decoder.js';
import { ResponseWriter } from '../protocol/response-writer.js';
import { Connection, type ConnectionContext } from './connection.js';
import { defaultTuning, sweepMs } from './limits.js';
import { Departures } from './departures.js';
import { Descriptors } from './descriptors.js';
import { closeListener, type Listener, type ListenerEvents, openListener, openPassed } from './listener.js';
import { isOverTls, isProxied, type ListenScheme, parseListenUrls } from './listen-url.js';
import type { OperationUnderWay, ServerFigures, ServerOptions } from './model.js';
import type { PassedSocket } from './passed-sockets.js';
import { type ClientEndpoint, peerOf, socketEndpoint } from './peer.js';
import { ProxyGate } from './proxy-gate.js';
import { ServerStatistics } from './statistics.js';
import { TlsAcceptor } from './tls.js';
import { TlsConfigError } from './tls-files.js';
import { Wakefulness } from './wakefulness.js';
import { Turns } from './turns.js';

/** Throws TlsConfigError where the configured certificates cannot be used. */
export function createServer(options: ServerOptions): LdapServer {
  return new LdapServer(options);
}

/** slapd numbers connections from 1000. */
const firstConnectionNumber = 1_000;

export class LdapServer implements ServerFigures {
  readonly statistics = new ServerStatistics();
  #options: ServerOptions;
  /** What connections share, those that are open, too. */
  readonly #context: { -readonly [Key in keyof ConnectionContext]: ConnectionContext[Key] };
  readonly #listeners: Listener[] = [];
  readonly #connections = new Set<Connection>();
  /** Those that wait for their PROXY header stand under the proxy's address. */
  readonly #connectionsByAddress = new Map<string, number>();
  readonly #proxyGate: ProxyGate;
  readonly #descriptors: Descriptors;
  readonly #refusal = refusalNotice();
  readonly #events: ListenerEvents = {
    connection: (socket, listener) => this.#accept(socket, listener),
    error: (error, listener) => {
      this.statistics.connectionsRefused++;
      this.#options.logger.error({ err: error }, `accepting on ${listener.url} failed`);
    },
  };
  #nextNumber = firstConnectionNumber;
  #connectionsMax = 0;
  #sweeper: NodeJS.Timeout | undefined;
  #closing: Promise<void> | undefined;
  #onEmpty: (() => void) | undefined;

  constructor(options: ServerOptions) {
    const { config, logger } = options;
    const tuning = { ...defaultTuning, ...options.tuning };
    const wakefulness = new Wakefulness();
    this.#options = options;
    this.#proxyGate = new ProxyGate(tuning.proxyHeaderMs);
    this.#descriptors = new Descriptors(tuning.openFilesMax);
    if (options.measureOperations) this.statistics.measureOperations();
    this.#context = {
      options,
      tuning,
      limits: config.limits,
      restricted: config.restricted,
      decoder: new RequestDecoder(config.limits),
      pool: new BufferPool(),
      statistics: this.statistics,
      throttle: options.directory.logins,
      departures: new Departures(wakefulness),
      wakefulness,
      turns: new Turns(tuning.turnMs),
      logger,
      tls: acceptorOf(config.tls, tuning.handshakeMs),
    };
  }

  /** Can clients start TLS here? For the root DSE. */
  get startTls(): boolean {
    return this.#context.tls !== undefined && this.#options.config.features.startTls;
  }

  /**
   * Opens listeners: a list of URLs separated by blanks, as slapd's -h, and sockets that others have opened. Answers with
   * the URLs as bound (port 0 becomes the port it got). Rejects with ListenUrlError, ListenError or TlsConfigError; none
   * of them stays open then.
   */
  async listen(urls: string, passed: readonly PassedSocket[] = []): Promise<string[]> {
    const opened: Listener[] = [];
    try {
      for (const socket of passed) {
        const listener = await openPassed(socket, this.#events);
        opened.push(listener);
        this.#requireTlsFor(listener.scheme);
      }
      for (const url of urls === '' && passed.length > 0 ? [] : parseListenUrls(urls)) {
        this.#requireTlsFor(url.scheme);
        opened.push(await openListener(url, this.#events));
      }
    } catch (error) {
      for (const listener of opened) closeListener(listener);
      throw error;
    }
    this.#listeners.push(...opened);
    this.#startSweeper();
    return opened.map(({ url }) => url);
  }

  #requireTlsFor(scheme: ListenScheme): void {
    if (!isOverTls(scheme) || this.#context.tls) return;
    throw new TlsConfigError(`${scheme}:// needs TLSCertificateFile and TLSCertificateKeyFile`);
  }

  /** Reloads the certificates. Throws TlsConfigError, and keeps the old ones, if the new ones cannot be used. */
  reloadTls(): void {
    this.#context.tls?.reload();
  }

  /** Throws TlsConfigError where the server cannot go by `config`. */
  checkConfiguration({ tls }: ServerOptions['config']): void {
    const acceptor = this.#acceptorFor(tls);
    const needed = this.#listeners.find(({ scheme }) => isOverTls(scheme));
    if (needed && !acceptor) throw new TlsConfigError(`${needed.url} needs TLSCertificateFile and TLSCertificateKeyFile`);
  }

  /** Goes by another configuration from now on. Throws TlsConfigError, and changes nothing then. */
  useConfiguration(config: ServerOptions['config']): void {
    const tls = this.#acceptorFor(config.tls);
    this.#options = { ...this.#options, config };
    Object.assign(this.#context, {
      options: this.#options,
      limits: config.limits,
      restricted: config.restricted,
      decoder: new RequestDecoder(config.limits),
      tls,
    });
    clearInterval(this.#sweeper);
    this.#sweeper = undefined;
    if (this.#listeners.length > 0) this.#startSweeper();
  }

  /** The one there is, where nothing of TLS has changed. Throws TlsConfigError. */
  #acceptorFor(tls: ServerOptions['config']['tls']): TlsAcceptor | undefined {
    const isAsBefore = JSON.stringify(tls) === JSON.stringify(this.#options.config.tls);
    return isAsBefore ? this.#context.tls : acceptorOf(tls, this.#context.tuning.handshakeMs);
  }

  /**
   * Stops: no new connections, no new requests; operations under way may finish, within the grace time, and are
   * answered; then the connections are closed without a word. Resolves when all are gone.
   */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    clearInterval(this.#sweeper);
    for (const listener of this.#listeners) closeListener(listener);
    this.#context.throttle.stop();
    this.#proxyGate.close();
    if (this.#connections.size === 0) return;
    const empty = new Promise<void>((resolve) => (this.#onEmpty = resolve));
    for (const connection of [...this.#connections]) connection.stop();
    const grace = setTimeout(() => {
      for (const connection of [...this.#connections]) connection.destroy();
    }, this.#context.tuning.graceMs);
    await empty;
    clearTimeout(grace);
  }

  #accept(socket: Socket, listener: Listener): void {
    const endpoint = socketEndpoint(socket, listener);
    if (this.#descriptors.isScarceFor(socket)) {
      return this.#refuse(socket, listener, endpoint.address, 'file descriptors are running out');
    }
    if (!isProxied(listener.scheme)) return this.#admit(socket, listener, endpoint);
    const limit = this.#exceededLimit(endpoint.address);
    if (limit !== undefined) return this.#refuse(socket, listener, endpoint.address, limit);
    this.#count(endpoint.address, 1);
    this.#proxyGate.receive(socket, {
      passed: (client) => {
        this.#count(endpoint.address, -1);
        this.#admit(socket, listener, client ?? endpoint);
      },
      failed: (reason) => {
        this.#count(endpoint.address, -1);
        if (reason === undefined) return;
        this.statistics.connectionsRefused++;
        this.#options.logger.warn({ peer: endpoint.address }, `connection to ${listener.url} refused: ${reason}`);
      },
    });
  }

  #admit(socket: Socket, listener: Listener, client: ClientEndpoint): void {
    const { address } = client;
    const limit = this.#exceededLimit(address);
    if (limit !== undefined) return this.#refuse(socket, listener, address, limit);
    const peer = peerOf(socket, client, listener, this.#options.config.localSsf);
    const connection = new Connection(this.#nextNumber++, socket, peer, this.#context, (closed) => this.#forget(closed));
    this.#connections.add(connection);
    this.#count(address, 1);
    this.#connectionsMax = Math.max(this.#connectionsMax, this.#connections.size);
    this.statistics.connectionsTotal++;
    connection.start(isOverTls(listener.scheme));
  }

  #count(address: string, change: 1 | -1): void {
    const count = (this.#connectionsByAddress.get(address) ?? 0) + change;
    if (count === 0) this.#connectionsByAddress.delete(address);
    else this.#connectionsByAddress.set(address, count);
  }

  #exceededLimit(address: string): string | undefined {
    const { connections, connectionsPerAddress } = this.#options.config.limits;
    if (this.#connections.size + this.#proxyGate.size >= connections) return 'too many connections';
    const fromAddress = address === '' ? 0 : (this.#connectionsByAddress.get(address) ?? 0);
    return fromAddress >= connectionsPerAddress ? 'too many connections from this address' : undefined;
  }

  /** Tells the client that there is no room for it; over TLS there is no cheap way to tell. */
  #refuse(socket: Socket, listener: Listener, address: string, reason: string): void {
    this.statistics.connectionsRefused++;
    this.#options.logger.warn({ peer: address }, `connection refused: ${reason}`);
    socket.on('error', () => socket.destroy());
    if (isOverTls(listener.scheme)) {
      socket.destroy();
    } else {
      socket.end(this.#refusal, () => socket.destroy());
    }
  }

  #forget(connection: Connection): void {
    if (!this.#connections.delete(connection)) return;
    this.#count(connection.peer.address, -1);
    if (this.#connections.size === 0) this.#onEmpty?.();
  }

  #startSweeper(): void {
    const idleMs = this.#options.config.limits.idleTimeout * 1_000;
    if (idleMs === 0 || this.#sweeper) return;
    this.#sweeper = setInterval(
      () => {
        const now = performance.now();
        for (const connection of [...this.#connections]) connection.endIfIdle(now, idleMs);
      },
      Math.min(sweepMs, idleMs),
    );
    this.#sweeper.unref();
  }

  // What follows is what cn=Monitor, the status and the metrics read.
  get started(): Date {
    return this.statistics.started;
  }

  get listeners(): readonly { readonly url: string; readonly localName: string }[] {
    return this.#listeners;
  }

  /** Of the connections there are now; each is described when it is asked for. */
  get connections(): Iterable<MonitoredConnection> {
    return described([...this.#connections]);
  }

  get connectionsTotal(): number {
    return this.statistics.connectionsTotal;
  }

  get connectionsRefused(): number {
    return this.statistics.connectionsRefused;
  }

  get connectionsCurrent(): number {
    return this.#connections.size;
  }

  /** The most at one time. */
  get connectionsMax(): number {
    return this.#connectionsMax;
  }

  get operations(): ServerStatistics['operations'] {
    return this.statistics.operations;
  }

  get bindFailures(): number {
    return this.statistics.bindFailures;
  }

  get bindsThrottled(): number {
    return this.statistics.bindsThrottled;
  }

  get bytesReceived(): number {
    return this.statistics.bytesReceived;
  }

  get bytesSent(): number {
    return this.statistics.bytesSent;
  }

  get messagesSent(): number {
    return this.statistics.messagesSent;
  }

  get entriesSent(): number {
    return this.statistics.entriesSent;
  }

  get referralsSent(): number {
    return this.statistics.referralsSent;
  }

  get operationsUnderWay(): OperationUnderWay[] {
    return [...this.#connections].flatMap((connection) => connection.operationsUnderWay);
  }

  /** Connections whose peer has not read all of its answers. */
  get writeWaiters(): number {
    let waiting = 0;
    for (const connection of this.#connections) if (connection.waitsForWrite) waiting++;
    return waiting;
  }
}

/** Undefined where clients cannot use TLS. Throws TlsConfigError. */
function acceptorOf(tls: ServerOptions['config']['tls'], handshakeMs: number): TlsAcceptor | undefined {
  return tls?.certificateFile === undefined ? undefined : new TlsAcceptor(tls, handshakeMs);
}

function refusalNotice(): Buffer {
  const writer = new ResponseWriter(new BufferPool());
  writer.noticeOfDisconnection({ code: ResultCode.busy, matchedDN: '', diagnostic: 'too many connections' });
  return Buffer.from(writer.bytes());
}

function* described(connections: readonly Connection[]): Iterable<MonitoredConnection> {
  for (const connection of connections) {
    yield {
      number: connection.number,
      peerName: connection.peer.name,
      localName: connection.peer.localName ?? '',
      listener: connection.peer.listener,
      identity: connection.identity,
      received: connection.received,
      executing: connection.executing,
      pending: 0,
      completed: connection.completed,
      reads: connection.reads,
      writes: connection.writes,
      waitsForWrite: connection.waitsForWrite,
      started: connection.started,
      active: connection.active,
    };
  }
}
