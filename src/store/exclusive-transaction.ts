/** A transaction while no other write is queued or gathered: it may wait, and sees whole subtrees, as it has made them itself. */
import { childrenKey } from './level/keys.js';
import { descendantIds } from './long-reads.js';
import type { ExclusiveTransaction } from './model.js';
import { StoreTransaction, type TransactionSource } from './transaction.js';

export class ExclusiveStoreTransaction extends StoreTransaction implements ExclusiveTransaction {
  readonly #given: TransactionSource;

  constructor(source: TransactionSource) {
    super(source, []);
    this.#given = source;
  }

  get written(): readonly number[] {
    return [...this.layer.records.keys()];
  }

  async *descendants(id: number): AsyncGenerator<number, void, void> {
    // Whatever changes the tree counts for all entries above it.
    if (!this.layer.counters.has(id)) {
      yield* descendantIds(this.#given.committed, this.#given.lastId, id);
      return;
    }
    const children = this.idsOf(childrenKey(id));
    yield* children;
    for (const child of children) yield* this.descendants(child);
  }
}
