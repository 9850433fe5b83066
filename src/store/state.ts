/** What all parts of an open store share. */
import type { CommittedState } from './committed.js';
import type { ChangeLog } from './log/change-log.js';
import type { IndexTerms } from './index/index-terms.js';
import type { Numbering } from './numbering.js';

export interface StoreState {
  readonly committed: CommittedState;
  readonly numbering: Numbering;
  readonly log: ChangeLog;
  /** Of the indexes that are kept up. */
  terms: IndexTerms;
  /** Committed entries. */
  entryCount: number;
}
