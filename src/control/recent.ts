/** The last few seconds: operations per second, and how late the event loop was. */
import { monitorEventLoopDelay, type IntervalHistogram } from 'node:perf_hooks';
import type { OperationName } from '../server/statistics.js';

const sampleMs = 1_000;
const samplesKept = 5;
/** The loop's delay is found with a timer of this period: what it is late is the delay. */
const delayTimerMs = 50;

type Counts = Readonly<Record<OperationName, { readonly completed: number }>>;

interface Sample {
  readonly atMs: number;
  readonly completed: ReadonlyMap<OperationName, number>;
  readonly delayMeanMs: number;
  readonly delayMostMs: number;
}

export interface EventLoopDelay {
  readonly meanMilliseconds: number;
  readonly mostMilliseconds: number;
}

export class RecentFigures {
  readonly #counts: Counts;
  readonly #delay: IntervalHistogram = monitorEventLoopDelay({ resolution: delayTimerMs });
  readonly #timer: NodeJS.Timeout;
  readonly #samples: Sample[] = [];

  constructor(counts: Counts) {
    this.#counts = counts;
    this.#delay.enable();
    this.#sample();
    this.#timer = setInterval(() => this.#sample(), sampleMs);
    this.#timer.unref();
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#delay.disable();
  }

  /** How far back the figures reach. */
  get seconds(): number {
    return (performance.now() - this.#samples[0]!.atMs) / 1_000;
  }

  /** Operations of each type that were completed, a second. */
  get operationsPerSecond(): Record<OperationName, number> {
    const { seconds } = this;
    const [oldest] = this.#samples;
    const rates = Object.entries(this.#counts).map(([name, { completed }]) => {
      const before = oldest!.completed.get(name as OperationName) ?? 0;
      return [name, seconds > 0 ? (completed - before) / seconds : 0];
    });
    return Object.fromEntries(rates) as Record<OperationName, number>;
  }

  get eventLoopDelay(): EventLoopDelay {
    const samples = [...this.#samples.slice(1), this.#read()];
    return {
      meanMilliseconds: samples.reduce((sum, { delayMeanMs }) => sum + delayMeanMs, 0) / samples.length,
      mostMilliseconds: Math.max(...samples.map(({ delayMostMs }) => delayMostMs)),
    };
  }

  #sample(): void {
    this.#samples.push(this.#read());
    this.#delay.reset();
    if (this.#samples.length > samplesKept) this.#samples.shift();
  }

  #read(): Sample {
    const late = (nanoseconds: number): number => Math.max(0, nanoseconds / 1e6 - delayTimerMs);
    // Without a single value the histogram says NaN.
    const some = this.#delay.count > 0;
    return {
      atMs: performance.now(),
      completed: new Map(Object.entries(this.#counts).map(([name, { completed }]) => [name as OperationName, completed])),
      delayMeanMs: some ? late(this.#delay.mean) : 0,
      delayMostMs: some ? late(this.#delay.max) : 0,
    };
  }
}
