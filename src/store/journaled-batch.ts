/** What waits at a JournaledWriter, and the errors that it answers with. */
import { StoreBusyError, StoreRefusedError, StoreUnavailableError } from './errors.js';
import { WriteLayer } from './layer.js';
import type { StoreTransaction } from './transaction.js';

/** One write that waits. */
export interface Job {
  readonly work: (transaction: StoreTransaction) => unknown;
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: Error) => void;
  /** A moment of performance.now(). */
  readonly until: number;
  notes: readonly unknown[];
  /** How it came out when it was run last. */
  settle: () => void;
}

export class Batch {
  readonly layer = new WriteLayer();
  readonly jobs: Job[] = [];
}

export function closedError(): StoreUnavailableError {
  return new StoreUnavailableError('the store is closed');
}

export function tooManyError(): StoreBusyError {
  return new StoreBusyError('too many writes are waiting');
}

export function unwrittenError(): StoreRefusedError {
  return new StoreRefusedError('unavailable', 'the change was made in the cluster, but this node cannot write it to its disk');
}

export function busyError(): StoreRefusedError {
  return new StoreRefusedError('busy', 'other nodes of the cluster were faster for too long; nothing was changed');
}
