/**
 * The socket under a connection: reads that can be paused, writes that report when their bytes are sent, an upgrade to TLS
 * on the open connection, and a close that lets the peer read the last answer.
 */
import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { withSharedReads } from './shared-reads.js';
import type { TlsAcceptor } from './tls.js';

export interface TransportEvents {
  data(chunk: Buffer): void;
  /** Everything that was written is on its way. */
  drained(): void;
  /** The peer sends nothing more. */
  peerEnded(): void;
  /** Something that an operator may have to act on, unlike clients that come and go. */
  trouble(what: string): void;
  /** It is over; called once. `reason` is for the log. */
  closed(reason: string): void;
}

export interface TransportLimits {
  /** Milliseconds a peer may leave what was written unread; 0: for ever. */
  readonly writeTimeoutMs: number;
  /** Milliseconds that the peer gets to read the last bytes. */
  readonly lingerMs: number;
}

export class Transport {
  readonly #events: TransportEvents;
  readonly #limits: TransportLimits;
  #socket: Socket;
  #encrypted = false;
  #securing = false;
  #paused = false;
  #sharesReads = false;
  /** Why it ended; set as soon as it does. */
  #ending: string | undefined;
  #closed = false;
  #linger: NodeJS.Timeout | undefined;

  constructor(socket: Socket, events: TransportEvents, limits: TransportLimits) {
    this.#socket = socket;
    this.#events = events;
    this.#limits = limits;
  }

  /** For those who must know whose socket it is. */
  get socket(): Socket {
    return this.#socket;
  }

  get ended(): boolean {
    return this.#ending !== undefined;
  }

  /** A TLS handshake is under way. */
  get securing(): boolean {
    return this.#securing;
  }

  /** Bytes that were written and that this process still holds. */
  get unreadBytes(): number {
    return this.#socket.writableLength;
  }

  /** True when bytes that are written now will surely not be gone at once. */
  get keepsBytes(): boolean {
    return this.#encrypted || this.#socket.writableLength > 0;
  }

  /** Begins to read. To be called in the same turn of the event loop in which the socket was accepted. */
  start(): void {
    const shared = withSharedReads(this.#socket, this.#onData);
    this.#sharesReads = shared !== undefined;
    if (shared) this.#socket = shared.resume();
    else this.#socket.on('data', this.#onData);
    this.#watch();
  }

  #watch(): void {
    const socket = this.#socket;
    socket.on('drain', this.#onDrain);
    socket.on('timeout', this.#onTimeout);
    socket.on('end', this.#onEnd);
    socket.on('error', this.#onError);
    socket.on('close', this.#onClose);
  }

  /** Writes. True: the kernel has taken everything, and nothing refers to `bytes` any more. */
  write(bytes: Buffer): boolean {
    const socket = this.#socket;
    if (socket.destroyed) return true;
    socket.write(bytes);
    if (socket.writableLength === 0) return true;
    // Node's socket timeout knows slow progress from none.
    if (this.#limits.writeTimeoutMs > 0) socket.setTimeout(this.#limits.writeTimeoutMs);
    return false;
  }

  /**
   * Stops or goes on reading; the peer's TCP notices. One more chunk may come, as of any socket of Node's: so long as
   * nothing does, it is noticed when the peer goes away.
   */
  setReading(reading: boolean): void {
    if (this.ended || this.#securing || this.#paused !== reading) return;
    this.#paused = !reading;
    if (reading) this.#socket.resume();
    else if (!this.#sharesReads) this.#socket.pause();
  }

  /**
   * Shakes hands for TLS, before the first byte or in mid-course, and then goes on over it. Where that fails the
   * connection is closed and nothing is returned.
   */
  async secure(acceptor: TlsAcceptor): Promise<TLSSocket | undefined> {
    const plain = this.#socket;
    this.#securing = true;
    this.#leave();
    plain.on('error', this.#onError);
    try {
      const secured = await acceptor.accept(plain);
      this.#securing = false;
      this.#encrypted = true;
      this.#paused = false;
      this.#sharesReads = false;
      this.#socket = secured;
      secured.on('data', this.#onData);
      this.#watch();
      return secured;
    } catch (error) {
      if (!this.ended) this.#events.trouble(`TLS negotiation failed: ${(error as Error).message}`);
      this.destroy('TLS negotiation failure');
      this.#onClose();
      return undefined;
    }
  }

  /**
   * Sends what was written and closes. What still comes is read and dropped, lest a reset overtakes the last bytes; unless
   * there are none, so that it can be done `at once`.
   */
  end(reason: string, when: 'at once' | 'when the peer ends' = 'when the peer ends'): void {
    if (this.ended) return;
    this.#ending = reason;
    const socket = this.#socket;
    socket.end(when === 'at once' ? () => socket.destroy() : undefined);
    this.#socket.resume();
    this.#linger = setTimeout(() => this.#socket.destroy(), this.#limits.lingerMs);
  }

  /** Closes at once. */
  destroy(reason: string): void {
    this.#ending ??= reason;
    this.#socket.destroy();
  }

  /** Leaves the socket to TLS. */
  #leave(): void {
    const socket = this.#socket;
    socket.pause();
    socket.setTimeout(0);
    socket.off('data', this.#onData);
    socket.off('drain', this.#onDrain);
    socket.off('timeout', this.#onTimeout);
    socket.off('end', this.#onEnd);
    socket.off('error', this.#onError);
    socket.off('close', this.#onClose);
  }

  readonly #onData = (chunk: Buffer): void => {
    if (this.ended) return;
    if (this.#sharesReads && this.#paused) this.#socket.pause();
    this.#events.data(chunk);
  };

  readonly #onDrain = (): void => {
    if (this.#limits.writeTimeoutMs > 0) this.#socket.setTimeout(0);
    this.#events.drained();
  };

  readonly #onTimeout = (): void => {
    if (this.#socket.writableLength === 0) return;
    this.#events.trouble('does not read its answers');
    this.destroy('answers not read');
  };

  readonly #onEnd = (): void => this.#events.peerEnded();

  readonly #onError = (error: Error): void => {
    this.#ending ??= `connection lost: ${error.message}`;
  };

  readonly #onClose = (): void => {
    clearTimeout(this.#linger);
    if (this.#closed) return;
    this.#closed = true;
    this.#ending ??= 'connection lost';
    this.#events.closed(this.#ending);
  };
}
