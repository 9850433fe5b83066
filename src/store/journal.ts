/**
 * A journal outside the store decides the order of writes, where a database is shared between nodes: each batch is appended
 * to it before it is written here, and what others have appended is applied first. The store knows no more of it than this.
 */
import type { UnplacedChange } from './log/logged-change.js';
import type { ExclusiveTransaction } from './model.js';

/** What one batch has changed, in the order in which it was written, and what it noted for listeners. */
export interface JournalBatch {
  readonly changes: readonly UnplacedChange[];
  readonly notes: readonly unknown[];
}

/** Some of what others have appended, to be applied in one batch. */
export interface JournalRun {
  /** Where the journal is after it, to be stored with it. */
  readonly position: Buffer;
  apply(tx: ExclusiveTransaction): Promise<void>;
}

/**
 * All methods reject with StoreUnavailableError: StoreRefusedError says what to tell the client. `until`: a moment of
 * performance.now().
 */
export interface Journal {
  /** Milliseconds that a write may take. */
  readonly timeoutMs: number;
  /** Something may have to be applied. */
  readonly hasNews: boolean;
  /** Called whenever that becomes true. */
  onNews(listener: () => void): void;
  /** Where this store has come, as it was stored; undefined: nowhere yet. Also after the store was read anew. */
  resume(position: Buffer | undefined): void;
  /** Why nothing can be written now; undefined where it may be tried. */
  readonly obstacle: Error | undefined;
  /**
   * Answers with the position to be stored, after which the next batch is appended; what this one holds may still be on its
   * way to the disk. 'behind': others were faster, nothing was appended and
   * nothing will be.
   */
  append(batch: JournalBatch, until: number): Promise<Buffer | 'behind'>;
  /** Is everything applied that has been appended? */
  isCurrent(until: number): Promise<boolean>;
  /** What is to be applied next; undefined: nothing. */
  next(until: number): Promise<JournalRun | undefined>;
  /** The run with this position is stored. */
  noteApplied(position: Buffer): void;
}
