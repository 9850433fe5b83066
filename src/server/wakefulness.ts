/**
 * Keeps the process awake for a moment after an answer if the next request is likely to come soon. A sleeping process takes
 * about 20 microseconds to wake, as long as a lookup takes; a client that asks one thing after the other, as Postfix does
 * for each message, would wait for that every time.
 *
 * Only while requests come that soon and one at a time: the first one that does not lets the process sleep as usual, and
 * when several come at once it does not get to sleep anyway. On a single core it stays off, since the client could not
 * run while the server stays awake.
 */
import { availableParallelism } from 'node:os';

/**
 * How long to stay awake, in milliseconds: on a virtual machine the client itself may take a good part of it to wake. Where a
 * request came too late, four must wait for this process to wake up again.
 */
const awakeMs = 0.25;
/** Requests in a row that came within that time, before it is worth staying awake for the next. */
const soonMin = 3;
/** Requests to let pass without a thought of it, when several came at once. */
const passedWhenBusy = 200;

export interface EventLoop {
  /** Milliseconds, as performance.now(). */
  readonly now: () => number;
  /** Calls back in the next turn, before which there is no sleep then. */
  readonly nextTurn: (callback: () => void) => void;
}

const eventLoop: EventLoop = { now: () => performance.now(), nextTurn: (callback) => void setImmediate(callback) };

export class Wakefulness {
  readonly #pays: boolean;
  readonly #now: EventLoop['now'];
  readonly #nextTurn: EventLoop['nextTurn'];
  /** Requests in a row that came soon; negative while there is no sleep anyhow. */
  #soon = 0;
  #answeredMs = 0;
  #untilMs = 0;
  #awake = false;
  /** Since the event loop came round last. */
  #answers = 0;

  constructor(cores = availableParallelism(), { now, nextTurn } = eventLoop) {
    this.#pays = cores > 1;
    this.#now = now;
    this.#nextTurn = nextTurn;
  }

  /** The last few requests came soon, and no two of them at once. */
  get oneAtATime(): boolean {
    return this.#soon >= soonMin && this.#pays;
  }

  /** A request has come. `nowMs`: by performance.now(). */
  received(nowMs: number): void {
    if (nowMs - this.#answeredMs <= awakeMs) this.#soon++;
    else if (this.#soon > 0) this.#soon = 0;
  }

  /** What has come is answered. */
  answered(): void {
    this.#answeredMs = this.#now();
    if (!this.oneAtATime) return;
    this.#untilMs = this.#answeredMs + awakeMs;
    this.#answers++;
    if (this.#awake) return;
    this.#awake = true;
    this.#nextTurn(this.#stay);
  }

  readonly #stay = (): void => {
    const busy = this.#answers > 1;
    this.#answers = 0;
    if (busy) this.#soon = -passedWhenBusy;
    this.#awake = !busy && this.#now() < this.#untilMs;
    if (this.#awake) this.#nextTurn(this.#stay);
  };
}
