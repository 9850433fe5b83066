/**
 * A connection's way out. Answers gather in a writer and leave in one write; what the peer does not read is counted,
 * so that whoever makes answers can be told to wait.
 */
import type { Socket } from 'node:net';
import type { BufferPool } from '../protocol/buffer-pool.js';
import { ResponseWriter } from '../protocol/response-writer.js';
import type { ServerStatistics } from './statistics.js';

/** Who waits for room. */
export interface Waiter {
  /** There is room, or the waiter need not wait any more. */
  proceed(): void;
  /** There will never be room. */
  fail(error: Error): void;
}

export class ConnectionOutput {
  readonly writer: ResponseWriter;
  readonly #statistics: ServerStatistics;
  readonly #waiters = new Set<Waiter>();
  readonly #flushBytes: number;
  readonly #highWaterBytes: number;
  readonly #writeTimeoutMs: number;
  #socket: Socket;
  #encrypted = false;
  #closed = false;

  constructor(
    socket: Socket,
    pool: BufferPool,
    statistics: ServerStatistics,
    limits: { flushBytes: number; highWaterBytes: number; writeTimeoutMs: number },
  ) {
    this.writer = new ResponseWriter(pool);
    this.#socket = socket;
    this.#statistics = statistics;
    this.#flushBytes = limits.flushBytes;
    this.#highWaterBytes = limits.highWaterBytes;
    this.#writeTimeoutMs = limits.writeTimeoutMs;
  }

  /** Answers go through this socket from now on: the one that TLS made. */
  use(socket: Socket, encrypted: boolean): void {
    this.#socket = socket;
    this.#encrypted = encrypted;
  }

  /** Bytes that the peer has yet to read, as far as this process holds them. */
  get unreadBytes(): number {
    return this.#socket.writableLength + this.writer.length;
  }

  get hasRoom(): boolean {
    return this.unreadBytes < this.#highWaterBytes;
  }

  /** After each entry: sends what has gathered when that is much. False: wait for room. */
  entryWritten(): boolean {
    if (this.writer.length >= this.#flushBytes) this.flush();
    return this.hasRoom;
  }

  /** Sends what has gathered. */
  flush(): void {
    const { writer } = this;
    if (writer.length === 0) return;
    if (this.#closed || this.#socket.destroyed) return writer.releaseBuffer();
    this.#statistics.bytesSent += writer.length;
    // Where the socket will surely keep the bytes for a while, it gets no more memory than they need.
    if (this.#encrypted || this.#socket.writableLength > 0) {
      this.#socket.write(Buffer.from(writer.bytes()));
      writer.releaseBuffer();
    } else {
      this.#socket.write(writer.bytes());
      // Zero once the kernel has taken everything: nobody refers to the buffer any more.
      if (this.#socket.writableLength === 0) writer.releaseBuffer();
      else writer.abandonBuffer();
    }
    // Node's socket timeout knows slow progress from none.
    if (this.#writeTimeoutMs > 0 && this.#socket.writableLength > 0) this.#socket.setTimeout(this.#writeTimeoutMs);
  }

  /** Tells `waiter` when there is room. */
  wait(waiter: Waiter): void {
    this.flush();
    if (this.#closed) waiter.fail(new Error('the client is gone'));
    else if (this.hasRoom) waiter.proceed();
    else this.#waiters.add(waiter);
  }

  /** The waiter does not wait any more. */
  release(waiter: Waiter): void {
    if (this.#waiters.delete(waiter)) waiter.proceed();
  }

  /** The socket has got rid of everything. */
  drained(): void {
    if (this.#writeTimeoutMs > 0) this.#socket.setTimeout(0);
    const waiters = [...this.#waiters];
    this.#waiters.clear();
    for (const waiter of waiters) waiter.proceed();
  }

  /** Nothing can be sent any more. */
  close(): void {
    this.#closed = true;
    this.writer.releaseBuffer();
    const waiters = [...this.#waiters];
    this.#waiters.clear();
    for (const waiter of waiters) waiter.fail(new Error('the client is gone'));
  }
}
