/** prom-client's metrics, but for their values, which are read when they are asked for. */
import { Counter, Gauge, Histogram, type Registry } from 'prom-client';

type Labels = Readonly<Record<string, string>>;

export interface Sample {
  readonly labels: Labels;
  readonly value: number;
  /** For the parts of a histogram. */
  readonly metricName?: string;
}

interface Definition {
  readonly name: string;
  readonly help: string;
  readonly registers: Registry[];
}

/** What prom-client asks a metric for. */
function answer<Type>({ name, help }: Definition, type: Type, samples: readonly Sample[]) {
  return {
    name,
    help,
    type,
    aggregator: 'sum' as const,
    collect: () => undefined,
    values: samples.map((sample) => ({ ...sample })),
  };
}

export class ReadCounter extends Counter {
  constructor(
    private readonly definition: Definition,
    private readonly read: () => readonly Sample[],
  ) {
    super(definition);
  }

  override get(): ReturnType<Counter['get']> {
    return Promise.resolve(answer(this.definition, 'counter' as never, this.read()));
  }
}

export class ReadGauge extends Gauge {
  constructor(
    private readonly definition: Definition,
    private readonly read: () => readonly Sample[],
  ) {
    super(definition);
  }

  override get(): ReturnType<Gauge['get']> {
    return Promise.resolve(answer(this.definition, 'gauge' as never, this.read()));
  }
}

export class ReadHistogram extends Histogram {
  constructor(
    private readonly definition: Definition,
    private readonly read: () => readonly Sample[],
  ) {
    super(definition);
  }

  override get(): ReturnType<Histogram['get']> {
    return Promise.resolve(answer(this.definition, 'histogram' as never, this.read()));
  }

  /** prom-client's own way around `get` for histograms. */
  getForPromString(): ReturnType<Histogram['get']> {
    return this.get();
  }
}
