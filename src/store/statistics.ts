/** The figures of a store, for its status and the metrics. */
import type { StoreStatistics } from './model.js';
import type { StoreState } from './state.js';

/** What a writer counts. */
export interface WriterFigures {
  readonly batches: number;
  readonly batchedWrites: number;
  readonly waiting: number;
  readonly syncMilliseconds: number;
}

export function storeStatistics({ committed, entryCount }: StoreState, writer: WriterFigures): StoreStatistics {
  const { records, postingCache, terms, memoryBudget } = committed;
  return {
    entries: entryCount,
    memory: {
      bytes: records.bytes + terms.bytes,
      bytesMax: memoryBudget.bytesMax,
      records: records.count,
      terms: terms.count,
      termsComplete: terms.isComplete,
    },
    recordCache: { hits: records.hits, misses: records.misses, bytes: records.bytes },
    postingCache: { hits: postingCache.hits, misses: postingCache.misses, bytes: postingCache.bytes },
    batches: writer.batches,
    batchedWrites: writer.batchedWrites,
    waitingWrites: writer.waiting,
    syncMilliseconds: writer.syncMilliseconds,
  };
}
