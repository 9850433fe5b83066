import { expect, it } from 'vitest';
import { Slice } from '../../src/directory/slice.js';

/** Counts turns of the event loop until it is stopped. */
class Turns {
  count = 0;
  #stopped = false;

  constructor() {
    this.#next();
  }

  stop(): void {
    this.#stopped = true;
  }

  #next(): void {
    setImmediate(() => {
      this.count++;
      if (!this.#stopped) this.#next();
    });
  }
}

it('gives all long work together one slice in each turn, each in order', async () => {
  const turns = new Turns();
  const slices: { work: string; turn: number }[] = [];
  const run = async (work: string, count: number): Promise<void> => {
    const slice = new Slice();
    for (let index = 0; index < count; index++) {
      await slice.next();
      slices.push({ work, turn: turns.count });
    }
  };
  await Promise.all([run('a', 6), run('b', 2), run('c', 4)]);
  turns.stop();
  expect(new Set(slices.map(({ turn }) => turn)).size).toBe(12);
  expect(slices.map(({ work }) => work).join('')).toBe('abcabcacacaa');
});

it('ends a slice by the clock, soon', () => {
  const slice = new Slice();
  const started = performance.now();
  while (!slice.isOver());
  expect(performance.now() - started).toBeGreaterThan(0.015);
  expect(performance.now() - started).toBeLessThan(1_000);
});

it('looks at the clock after each step where a step is a long one', () => {
  const stepsUntilOver = (slice: Slice): number => {
    for (let steps = 1; ; steps++) {
      for (const end = performance.now() + 3; performance.now() < end; );
      if (slice.isOver()) return steps;
    }
  };
  expect(stepsUntilOver(new Slice(10_000))).toBe(1);
  expect(stepsUntilOver(new Slice(4))).toBe(4);
});
