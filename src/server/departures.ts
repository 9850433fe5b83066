/**
 * Sends all answers to requests read in one turn of the event loop together, at its end. Each write to a socket wakes its
 * reader if that sleeps, which costs as much as finding the answer did; if one process reads several sockets, only the
 * first write has to wake it. When requests come one at a time there is nothing to wait for, and the answer leaves
 * before anything else is done in the turn.
 */
import type { Wakefulness } from './wakefulness.js';

/** Where there is something to send; see ConnectionOutput. */
export interface Outgoing {
  flush(): void;
}

/** Answers that are ready leave once there are so many of them, */
const waitingMax = 16;
/** or when the first has waited this long, in milliseconds, as work comes that takes long. */
const waitMs = 0.25;

export class Departures {
  readonly #pace: Pick<Wakefulness, 'oneAtATime'>;
  #waiting: Outgoing[] = [];
  #sinceMs = 0;
  #scheduled = false;

  constructor(pace: Pick<Wakefulness, 'oneAtATime'>) {
    this.#pace = pace;
  }

  /** Something else is about to be done. `nowMs`: by performance.now(). */
  beforeWork(nowMs: number): void {
    if (this.#waiting.length > 0 && nowMs - this.#sinceMs > waitMs) this.#leave();
  }

  /** Flushes `outgoing` soon, or now. */
  add(outgoing: Outgoing): void {
    if (this.#pace.oneAtATime) return outgoing.flush();
    if (this.#waiting.push(outgoing) === 1) this.#sinceMs = performance.now();
    if (this.#waiting.length >= waitingMax) this.#leave();
    else this.#schedule();
  }

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(this.#endOfTurn);
  }

  readonly #endOfTurn = (): void => {
    this.#scheduled = false;
    this.#leave();
  };

  #leave(): void {
    const leaving = this.#waiting;
    this.#waiting = [];
    for (const outgoing of leaving) outgoing.flush();
  }
}
