/**
 * Notes about an operation for the slow log, taken only if the front end passes a trace. They are references and numbers,
 * which become words only if the operation was slow.
 */
import type { CompiledFilter } from '../filter/compile.js';
import type { SearchScope } from '../ldap/request.js';
import type { Database } from './database.js';

/** How a search found the entries that it looked at. */
export type SearchMethod =
  /** The base alone. */
  | 'base'
  /** Those that indexes name. */
  | 'candidates'
  /** All below the base, one level after the other. */
  | 'subtree'
  /** All of the database. */
  | 'everything';

/** What a search did in one database. */
export interface SearchStep {
  readonly database: Database;
  readonly filter: CompiledFilter;
  readonly scope: SearchScope;
  method: SearchMethod;
  /** Entries that indexes named, where they did. */
  candidates: number | undefined;
}

export class OperationTrace {
  readonly steps: SearchStep[] = [];
  /** Entries that a search read and compared with its filter and scope. */
  examined = 0;
  /** Milliseconds that it waited for its turn: among long searches, or behind an update that must be alone. */
  queuedMs = 0;
  /** Milliseconds that a search waited for a receiver that did not read. */
  receiverMs = 0;
  /** Milliseconds that an update waited for the batch that it went to disk with. */
  batchMs = 0;

  /** The search's present step. */
  get step(): SearchStep | undefined {
    return this.steps.at(-1);
  }
}
