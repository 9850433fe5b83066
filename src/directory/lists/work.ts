/**
 * Work in steps, which begins at once and goes on in slices where there is much of it: a list of ten addresses is expanded
 * without a promise, one of ten thousand beside other searches.
 */

/** Yields after each step, nothing or a promise that the next one needs the outcome of. */
export type Steps<Result = void> = Generator<Promise<unknown> | undefined, Result, unknown>;

/** Asked after each step: waits where others have to come first; false: stop. */
export type Proceed = () => boolean | Promise<boolean>;

/** One step for each item. */
export function* eachOf<Item>(chunks: AsyncIterable<readonly Item[]>, visit: (item: Item) => void): Steps {
  const iterator = chunks[Symbol.asyncIterator]();
  try {
    for (;;) {
      const next = (yield iterator.next()) as IteratorResult<readonly Item[]>;
      if (next.done) return;
      for (const item of next.value) {
        visit(item);
        yield;
      }
    }
  } finally {
    iterator.return?.().catch(() => undefined);
  }
}

export class Work {
  #awaited: Promise<unknown> | undefined;

  constructor(private readonly steps: Steps) {}

  /** Does so many steps; true: that was all of it. Where not, `finish` or `abandon` has to follow. */
  atOnce(stepsMax: number): boolean {
    for (let step = 0; step < stepsMax && !this.#awaited; step++) {
      if (this.#advance(undefined)) return true;
    }
    return false;
  }

  /** Does the rest; false: it was stopped. */
  async finish(proceed: Proceed): Promise<boolean> {
    try {
      for (;;) {
        const outcome = await this.#awaited;
        this.#awaited = undefined;
        if (this.#advance(outcome)) return true;
        if (this.#awaited) continue;
        const going = proceed();
        if (going !== true && !(await going)) return false;
      }
    } finally {
      this.abandon();
    }
  }

  abandon(): void {
    this.#awaited?.catch(() => undefined);
    this.steps.return();
  }

  #advance(outcome: unknown): boolean {
    const { done, value } = this.steps.next(outcome);
    if (done) return true;
    this.#awaited = value ?? undefined;
    return false;
  }
}
