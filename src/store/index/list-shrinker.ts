/** Moves posting lists that have become short back into their heads, in the background. */
import type { CommittedState } from '../committed.js';
import { StoreUnavailableError } from '../errors.js';
import { containerRange, partsOfContainerKey } from '../level/keys.js';
import { isInline, shrinkEstimateMax, shrinkList } from './posting.js';
import type { StoreTransaction } from '../transaction.js';

/** What of a writer it needs. */
export interface MaintenanceWriter {
  write(work: (transaction: StoreTransaction) => void): Promise<void>;
}

/** Lists that may wait; one that finds no place stays large, which is slower and nothing else. */
const waitingMax = 10_000;

export class ListShrinker {
  readonly #committed: CommittedState;
  readonly #writer: MaintenanceWriter;
  readonly #waiting = new Set<string>();
  #running: Promise<void> | undefined;

  constructor(committed: CommittedState, writer: MaintenanceWriter) {
    this.#committed = committed;
    this.#writer = writer;
  }

  add(keys: ReadonlySet<string>): void {
    for (const key of keys) if (this.#waiting.size < waitingMax) this.#waiting.add(key);
    this.#running ??= this.#run().finally(() => (this.#running = undefined));
  }

  /** Resolves when nothing is being shrunk. What waits is dropped. */
  async stop(): Promise<void> {
    this.#waiting.clear();
    await this.#running;
  }

  async #run(): Promise<void> {
    for (const key of this.#waiting) {
      this.#waiting.delete(key);
      try {
        await this.#shrink(key);
      } catch (error) {
        // The list is as good as before; who writes next learns of a database that cannot be written to.
        if (error instanceof StoreUnavailableError) return;
      }
    }
  }

  async #shrink(key: string): Promise<void> {
    const head = this.#committed.postingHead(key);
    if (isInline(head) || head.estimate > shrinkEstimateMax) return;
    const numbers: number[] = [];
    for await (const items of this.#committed.database.items(containerRange(head.list))) {
      for (const [place] of items) numbers.push(partsOfContainerKey(place).number);
    }
    await this.#writer.write((transaction) => shrinkList(transaction.postings, key, numbers));
  }
}
