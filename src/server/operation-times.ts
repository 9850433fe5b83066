/**
 * Counts how operations of one kind ended and how long they took, in plain arrays because every lookup is counted. Readers
 * of the figures turn numbers into names.
 */

/** Upper bounds of the histogram's buckets, in seconds. */
export const durationBounds: readonly number[] = [
  0.000_05, 0.000_1, 0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30,
];

const boundsMs = Float64Array.from(durationBounds, (seconds) => seconds * 1_000);

/** Result codes from here on are counted together: what is no code of ours must not make the figures more. */
const otherCodes = 127;

export class OperationTimes {
  readonly #byCode = new Float64Array(otherCodes + 1);
  /** One more than there are bounds: for what took longer than the last one. */
  readonly #buckets = new Float64Array(boundsMs.length + 1);
  /** Ended because nobody wanted the answer any more. */
  abandoned = 0;
  totalMs = 0;

  record(code: number, milliseconds: number): void {
    this.#byCode[code < otherCodes ? code : otherCodes]!++;
    this.#measure(milliseconds);
  }

  recordAbandoned(milliseconds: number): void {
    this.abandoned++;
    this.#measure(milliseconds);
  }

  #measure(milliseconds: number): void {
    let bucket = 0;
    while (bucket < boundsMs.length && milliseconds > boundsMs[bucket]!) bucket++;
    this.#buckets[bucket]!++;
    this.totalMs += milliseconds;
  }

  /** Operations by result code: success, and what else there was; undefined: of codes that LDAP does not know. */
  get results(): readonly (readonly [code: number | undefined, count: number])[] {
    return Array.from(this.#byCode, (count, code) => [code === otherCodes ? undefined : code, count] as const).filter(
      ([code, count]) => count > 0 || code === 0,
    );
  }

  /** How many took at most as long as each bound, and in the end how many there were. */
  get cumulativeCounts(): readonly number[] {
    let sum = 0;
    return Array.from(this.#buckets, (count) => (sum += count));
  }
}
