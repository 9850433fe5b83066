/**
 * Shares the one thread among connections. A connection works through what it has received until its turn is over. The
 * rest, and every large request, waits here; one waiting connection continues at a time, when nothing else is to be
 * done. So small requests are served between any two large ones, however many connections send those. Addresses
 * take turns, so that one with many connections does not hold up the large requests of others.
 */

/** Requests above this wait: what a request can cost grows with its size, and a lookup has some hundred bytes. */
export const largeRequestBytes = 4 * 1_024;

/** Turns that may be used up in one turn of the event loop before those that follow are cut short. */
const fullTurnsMax = 5;

/** How long a turn of the event loop takes when there is nothing to do in it, in milliseconds. */
const idleTurnMs = 0.05;
/**
 * Turns of the event loop in which others may come before the next of those that wait: Node accepts one connection in
 * each. A flood of small requests must not keep large ones waiting for ever.
 */
const passesMax = 100;

/** Continues a connection's work. */
export type Proceed = () => void;

export class Turns {
  readonly #turnMs: number;
  readonly #waiting = new Map<string, Set<Proceed>>();
  #usedUp = 0;
  #scheduled = false;
  #passes = 0;
  #passedMs = 0;

  /** `turnMs`: milliseconds that a connection may work at a time. */
  constructor(turnMs: number) {
    this.#turnMs = turnMs;
  }

  /** Milliseconds that a turn which begins now may take; with 0 it ends with the request it is at. */
  get allowanceMs(): number {
    return this.#usedUp < fullTurnsMax ? this.#turnMs : 0;
  }

  /** Calls `proceed` when it is the connection's turn. */
  wait(address: string, proceed: Proceed): void {
    this.#usedUp++;
    const waiting = this.#waiting.get(address);
    if (waiting) waiting.add(proceed);
    else this.#waiting.set(address, new Set([proceed]));
    this.#schedule();
  }

  /** The connection is gone. */
  leave(address: string, proceed: Proceed): void {
    const waiting = this.#waiting.get(address);
    if (waiting?.delete(proceed) && waiting.size === 0) this.#waiting.delete(address);
  }

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    this.#passes = 0;
    this.#pass();
  }

  /** Lets the event loop have a turn. */
  #pass(): void {
    this.#passedMs = performance.now();
    setImmediate(() => {
      this.#usedUp = 0;
      const othersWork = performance.now() - this.#passedMs > idleTurnMs;
      if (othersWork && ++this.#passes < passesMax) this.#pass();
      else this.#next();
    });
  }

  #next(): void {
    this.#scheduled = false;
    const [first] = this.#waiting;
    if (!first) return;
    const [address, waiting] = first;
    const [proceed] = waiting;
    waiting.delete(proceed!);
    this.#waiting.delete(address);
    if (waiting.size > 0) this.#waiting.set(address, waiting);
    proceed!();
    if (this.#waiting.size > 0) this.#schedule();
  }
}
