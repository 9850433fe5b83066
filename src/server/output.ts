/**
 * A connection's output. Answers are gathered in a writer and leave in one write; bytes that the peer has not read are
 * counted, so that searches can wait.
 */
import type { ServerLimits } from '../config/model.js';
import type { BufferPool } from '../protocol/buffer-pool.js';
import { ResponseWriter } from '../protocol/response-writer.js';
import type { Departures, Outgoing } from './departures.js';
import { unreadBytesMin } from './limits.js';
import type { ServerStatistics } from './statistics.js';

/** Where a connection's bytes go. */
export interface Outlet {
  /** Bytes that were written and that this process still holds. */
  readonly unreadBytes: number;
  /** True when bytes that are written now will surely not be gone at once. */
  readonly keepsBytes: boolean;
  /** True: the kernel has taken everything, and nothing refers to `bytes` any more. */
  write(bytes: Buffer): boolean;
}

/** Who waits for room. */
export interface Waiter {
  /** There is room, or the waiter need not wait any more. */
  proceed(): void;
  /** There will never be room. */
  fail(error: Error): void;
}

/** What the outputs of all connections share. */
export interface OutputContext {
  readonly pool: BufferPool;
  readonly departures: Departures;
  readonly statistics: ServerStatistics;
}

export interface OutputLimits {
  /** Entries of one answer that do not wait for others to gather. */
  readonly firstEntries: number;
  /** Answers that gather before they are handed to the socket, in bytes. */
  readonly flushBytes: number;
  /** The same at the end of a long answer: the more has been sent, the longer its reader has to do with it. */
  readonly flushBytesMax: number;
  /** Unread bytes from which on there is no room. */
  readonly highWaterBytes: number;
}

/** `unreadBytes`: what the configuration allows. */
export function outputLimits(tuning: OutputLimits, { unreadBytes }: Pick<ServerLimits, 'unreadBytes'>): OutputLimits {
  const { firstEntries, flushBytes, flushBytesMax, highWaterBytes } = tuning;
  return {
    firstEntries,
    flushBytes,
    flushBytesMax,
    highWaterBytes: Math.max(unreadBytesMin, Math.min(highWaterBytes, unreadBytes)),
  };
}

export class ConnectionOutput implements Outgoing {
  readonly writer: ResponseWriter;
  readonly #outlet: Outlet;
  readonly #departures: Departures;
  readonly #statistics: ServerStatistics;
  readonly #limits: OutputLimits;
  #flushBytes: number;
  #departs = false;
  readonly #waiters = new Set<Waiter>();
  #closed = false;

  constructor(outlet: Outlet, shared: OutputContext, limits: OutputLimits) {
    this.writer = new ResponseWriter(shared.pool);
    this.#outlet = outlet;
    this.#departures = shared.departures;
    this.#statistics = shared.statistics;
    this.#limits = limits;
    this.#flushBytes = limits.flushBytes;
  }

  /** The peer has not read so much that it must be waited for. */
  get hasRoom(): boolean {
    return this.#outlet.unreadBytes + this.writer.length < this.#limits.highWaterBytes;
  }

  /**
   * After each entry or reference: sends what has gathered when that is much. `entries`: of the same answer, with this
   * one. False: wait for room.
   */
  entryWritten(entries = 0): boolean {
    if (this.writer.length >= this.#flushBytes) {
      this.#flushBytes = Math.min(this.#flushBytes * 2, this.#limits.flushBytesMax);
      this.flush();
    } else if (entries === this.#limits.firstEntries) {
      this.flush();
    }
    return this.hasRoom;
  }

  /** Sends what has gathered, together with what others have to send. */
  flushSoon(): void {
    this.#flushBytes = this.#limits.flushBytes;
    if (this.#departs || this.writer.length === 0) return;
    this.#departs = true;
    this.#departures.add(this);
  }

  /** Sends what has gathered. */
  flush(): void {
    const { writer } = this;
    this.#departs = false;
    if (writer.length === 0) return;
    this.#statistics.bytesSent += writer.length;
    if (this.#outlet.keepsBytes) {
      // These will lie about for a while: they get no more memory than they need.
      this.#outlet.write(Buffer.from(writer.bytes()));
      writer.releaseBuffer();
    } else if (this.#outlet.write(writer.bytes())) {
      writer.releaseBuffer();
    } else {
      writer.abandonBuffer();
    }
  }

  /** Tells `waiter` when there is room. */
  wait(waiter: Waiter): void {
    this.flush();
    if (this.#closed) waiter.fail(clientGone());
    else if (this.hasRoom) waiter.proceed();
    else this.#waiters.add(waiter);
  }

  /** The waiter does not wait any more. */
  release(waiter: Waiter): void {
    if (this.#waiters.delete(waiter)) waiter.proceed();
  }

  /** Everything that was written is gone. */
  drained(): void {
    for (const waiter of this.#takeWaiters()) waiter.proceed();
  }

  /** Nothing can be sent any more. */
  close(): void {
    this.#closed = true;
    this.writer.releaseBuffer();
    for (const waiter of this.#takeWaiters()) waiter.fail(clientGone());
  }

  #takeWaiters(): Waiter[] {
    const waiters = [...this.#waiters];
    this.#waiters.clear();
    return waiters;
  }
}

function clientGone(): Error {
  return new Error('the client is gone');
}
