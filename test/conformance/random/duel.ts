/** Plays random episodes on two servers and, where they differ, finds a short episode that still shows it. */
import { Contestant, describeStep, expected, type Step } from '../contestant.js';
import type { Outcome } from '../outcome.js';
import { generateEpisode, place, type Episode } from './generator.js';

export interface Difference {
  readonly seed: number;
  readonly prelude: readonly Step[];
  /** What has to happen first, shrunk, and then the step on which they differ. */
  readonly steps: readonly Step[];
  readonly reference: Outcome;
  readonly actual: Outcome;
}

const stepsPerEpisode = 40;
const replaysMax = 150;
/** More of one kind teach nothing new. */
const differencesPerKindMax = 2;

/**
 * `other`: slapd fell over something of its own (renaming an entry below which a tree was moved is one such), and what
 * comes after in its tree is not worth comparing.
 */
const slapdsOwnTrouble = 80;

/** Codes that say the same about a request with more than one fault or a rule two codes fit. */
const interchangeable: Readonly<Partial<Record<Step['operation']['op'], readonly (readonly number[])[]>>> = {
  modify: [
    [64, 67],
    [65, 69],
  ],
  modifyDN: [[53, 71]],
};

export class Duel {
  readonly #referencePort: number;
  readonly #actualPort: number;
  readonly #suffix: string;
  #episode = 0;
  operations = 0;

  constructor(referencePort: number, actualPort: number, suffix: string) {
    this.#referencePort = referencePort;
    this.#actualPort = actualPort;
    this.#suffix = suffix;
  }

  /** Plays about `operations` operations; stops early after `differencesMax` differences or `timeMs`. */
  async run(seed: number, operations: number, differencesMax: number, timeMs: number): Promise<Difference[]> {
    const differences: Difference[] = [];
    const kinds = new Map<string, number>();
    const deadline = Date.now() + timeMs;
    for (let number = 0; this.operations < operations && differences.length < differencesMax && Date.now() < deadline; number++) {
      const episodeSeed = (seed + number) >>> 0;
      const episode = generateEpisode(episodeSeed, stepsPerEpisode);
      const difference = await this.#play(episode, episodeSeed);
      if (difference === undefined) continue;
      const kind = kindOf(difference);
      const seen = kinds.get(kind) ?? 0;
      kinds.set(kind, seen + 1);
      if (seen < differencesPerKindMax) differences.push(await this.#shrink(difference));
    }
    return differences;
  }

  /** The first step on which the two differ. */
  async #play(episode: Episode, seed: number): Promise<Difference | undefined> {
    const number = ++this.#episode;
    const reference = new Contestant(this.#referencePort);
    const actual = new Contestant(this.#actualPort);
    try {
      const all = [...episode.prelude, ...episode.steps];
      for (const [index, step] of place(all, number, this.#suffix).entries()) {
        this.operations++;
        const [wanted, given] = await Promise.all([reference.answer(step), actual.answer(step)]);
        if (wanted.code === slapdsOwnTrouble) return undefined;
        if (!isSame(step, wanted, given)) {
          const steps = all.slice(episode.prelude.length, index + 1);
          return { seed, prelude: episode.prelude, steps, reference: wanted, actual: given };
        }
      }
      return undefined;
    } finally {
      reference.close();
      actual.close();
    }
  }

  async #shrink(difference: Difference): Promise<Difference> {
    let shortest = difference;
    let replays = 0;
    // From the end, since what matters most is usually near it; in halves first, then one by one.
    for (let size = Math.ceil(shortest.steps.length / 2); size >= 1; size = Math.floor(size / 2)) {
      for (let end = shortest.steps.length - 1; end > 0 && replays < replaysMax; end -= size) {
        const start = Math.max(0, end - size);
        const steps = [...shortest.steps.slice(0, start), ...shortest.steps.slice(end)];
        replays++;
        const again = await this.#play({ prelude: shortest.prelude, steps }, shortest.seed);
        if (again !== undefined && again.steps.length <= steps.length) {
          shortest = again;
          end = Math.min(end, shortest.steps.length);
        }
      }
    }
    return shortest;
  }
}

function kindOf({ steps, reference, actual }: Difference): string {
  return `${steps.at(-1)?.operation.op} ${reference.code} ${actual.code}`;
}

function isSame(step: Step, reference: Outcome, actual: Outcome): boolean {
  const groups = interchangeable[step.operation.op] ?? [];
  const either = groups.find((group) => group.includes(Number(reference.code)));
  const wanted = expected(either === undefined ? step : { ...step, either }, reference, actual);
  return JSON.stringify(wanted) === JSON.stringify(actual);
}

/** A difference as a person can read and replay it. */
export function describeDifference(difference: Difference): string {
  return [
    `seed ${difference.seed}; after the usual prelude:`,
    ...difference.steps.map((step) => `  ${describeStep(step)}`),
    `  reference: ${JSON.stringify(difference.reference)}`,
    `  jammd:     ${JSON.stringify(difference.actual)}`,
    `  replay: npm run conformance -- --seed ${difference.seed} --ops 1`,
  ].join('\n');
}
