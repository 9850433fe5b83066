/** One after the other: of several links of a database, one refreshes at a time. */
import { ReplicaStopped } from './errors.js';

export class RefreshTurn {
  #isTaken = false;
  readonly #waiting: (() => void)[] = [];

  /** Resolves with what ends the turn. Rejects with ReplicaStopped. */
  async enter(signal: AbortSignal): Promise<() => void> {
    while (this.#isTaken && !signal.aborted) {
      await new Promise<void>((resolve) => {
        this.#waiting.push(resolve);
        signal.addEventListener('abort', () => resolve(), { once: true });
      });
    }
    if (signal.aborted) throw new ReplicaStopped('stopped');
    this.#isTaken = true;
    return () => {
      this.#isTaken = false;
      for (const resolve of this.#waiting.splice(0)) resolve();
    };
  }
}
