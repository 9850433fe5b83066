/** Writes many keys without waiting for the disk each time: in batches of bounded size, two at once. */
import type { Database, WriteBatch } from '../level/database.js';

export const batchKeys = 5_000;
const underWayMax = 2;

export class BulkWriter {
  readonly #database: Database;
  #batch: WriteBatch;
  readonly #underWay = new Set<Promise<void>>();
  #failure: Error | undefined;

  constructor(database: Database) {
    this.#database = database;
    this.#batch = database.batch();
  }

  /** True: `drain` before putting much more. */
  get full(): boolean {
    return this.#underWay.size >= underWayMax;
  }

  put(key: string, value: Buffer): void {
    this.#batch.put(key, value);
    if (this.#batch.length >= batchKeys) this.#send();
  }

  delete(key: string): void {
    this.#batch.delete(key);
    if (this.#batch.length >= batchKeys) this.#send();
  }

  /** Resolves when there is room again. Rejects where a batch failed. */
  async drain(): Promise<void> {
    while (this.full) await Promise.race(this.#underWay);
    this.#assertWhole();
  }

  /** Resolves when everything put so far can be read. */
  async settle(): Promise<void> {
    if (this.#batch.length > 0) this.#send();
    await Promise.all(this.#underWay);
    this.#assertWhole();
  }

  #send(): void {
    const batch = this.#batch;
    this.#batch = this.#database.batch();
    const written: Promise<void> = batch.write({ sync: false }).then(
      () => void this.#underWay.delete(written),
      (error: unknown) => {
        this.#underWay.delete(written);
        this.#failure ??= error as Error;
      },
    );
    this.#underWay.add(written);
  }

  #assertWhole(): void {
    if (this.#failure) throw this.#failure;
  }
}
