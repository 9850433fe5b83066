/** Finds out whether the server can do its work, for load balancers and supervisors. */
import type { Directory } from '../directory/directory.js';
import type { Store } from '../store/store.js';

/** Milliseconds that an answer about a database is good for: to find out costs a write. */
const probedMs = 5_000;
/** Milliseconds after which a database that does not say is taken for one that cannot be written to. */
const patienceMs = 3_000;

type Phase = 'starting' | 'serving' | 'stopping';

export class Readiness {
  #phase: Phase = 'starting';
  #directory: Directory | undefined;
  readonly #probes = new WeakMap<Store, DatabaseProbe>();

  /** Seconds that a replica may be behind; undefined: as long as it likes. */
  constructor(private readonly lagSecondsMax?: number) {}

  /** The databases are open and the listeners, too. */
  serving(directory: Directory): void {
    this.#phase = 'serving';
    this.#directory = directory;
  }

  /** Databases come and go while the server runs. */
  #probe({ config, store }: Directory['databases'][number]): DatabaseProbe {
    const known = this.#probes.get(store) ?? new DatabaseProbe(config.suffixes[0]?.toString() ?? '', store);
    this.#probes.set(store, known);
    return known;
  }

  stopping(): void {
    this.#phase = 'stopping';
  }

  /** Why the server is not ready, a line for each reason; empty when it is. */
  async reasons(): Promise<readonly string[]> {
    if (this.#phase !== 'serving') return [`the server is ${this.#phase}`];
    const found = await Promise.all((this.#directory?.databases ?? []).map((database) => this.#probe(database).reason()));
    // It may have begun to stop meanwhile.
    if ((this.#phase as Phase) === 'stopping') return ['the server is stopping'];
    const lags = (this.#directory?.databases ?? []).map((database) => this.#lag(database));
    return [...found, ...lags].filter((reason) => reason !== undefined);
  }

  #lag({ config, replica }: Directory['databases'][number]): string | undefined {
    if (this.lagSecondsMax === undefined || !replica) return undefined;
    const name = config.suffixes[0]?.toString() ?? '';
    const { lagSeconds } = replica;
    if (lagSeconds === undefined) return `${name}: has not been in step with a provider yet`;
    return lagSeconds > this.lagSecondsMax ? `${name}: ${Math.round(lagSeconds)} s behind its provider` : undefined;
  }
}

class DatabaseProbe {
  #reason: Promise<string | undefined> | undefined;
  #askedMs = 0;

  constructor(
    private readonly name: string,
    private readonly store: Store,
  ) {}

  /** Asks the disk at most once in a while, however often this is called. */
  reason(): Promise<string | undefined> {
    const now = performance.now();
    // What a client's write has found out is known at once.
    if (!this.#reason || now - this.#askedMs >= probedMs) {
      this.#askedMs = now;
      this.#reason = this.#ask();
    }
    const { failure } = this.store;
    return failure ? Promise.resolve(this.#told(failure)) : this.#reason;
  }

  async #ask(): Promise<string | undefined> {
    let timer: NodeJS.Timeout | undefined;
    const silence = new Promise<string>((resolve) => {
      timer = setTimeout(() => resolve(`${this.name}: the disk does not answer`), patienceMs);
    });
    const answer = this.store.probe().then(
      () => undefined,
      (error: unknown) => this.#told(error),
    );
    const reason = await Promise.race([answer, silence]);
    clearTimeout(timer);
    return reason;
  }

  #told(error: unknown): string {
    return `${this.name}: ${error instanceof Error ? error.message : String(error)}`;
  }
}
