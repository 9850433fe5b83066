import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Slice } from '../../src/directory/search/slice.js';

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

describe('by a clock that stands still but for what is told', () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ['performance'] }));
  afterEach(() => void vi.useRealTimers());

  /** A slice that begins after turns in which others work this long. */
  const sliceAfter = async (othersTake: number, termsPerStep = 1): Promise<Slice> => {
    const slice = new Slice(termsPerStep);
    for (let turn = 0; turn < 20; turn++) {
      const begun = slice.next();
      vi.advanceTimersByTime(othersTake);
      await begun;
    }
    return slice;
  };

  const stepsUntilOver = (slice: Slice, millisecondsPerStep: number): number => {
    for (let steps = 1; steps < 100_000; steps++) {
      vi.advanceTimersByTime(millisecondsPerStep);
      if (slice.isOver()) return steps;
    }
    throw new Error('does not end');
  };

  it('lasts 2 ms while nobody else works, and a few steps more', async () => {
    expect(stepsUntilOver(await sliceAfter(0), 0.02)).toBe(104);
  });

  it('takes a sixteenth of what others take, to the step', async () => {
    expect(stepsUntilOver(await sliceAfter(0.4), 0.01)).toBe(3);
    expect(stepsUntilOver(await sliceAfter(0.08), 0.002)).toBe(3);
    expect(stepsUntilOver(await sliceAfter(0.06), 0.0009)).toBe(6);
  });

  it('looks at the clock after each step where a step is a long one', async () => {
    expect(stepsUntilOver(await sliceAfter(0, 10_000), 3)).toBe(1);
    expect(stepsUntilOver(await sliceAfter(0, 4), 3)).toBe(4);
  });
});
