/** What can go wrong between a node and the engine that keeps the cluster's log. Messages are for operators. */

/**
 * `transient`: another try may succeed. `refused`: the engine answered, and will answer the same until somebody changes
 * something (credentials, rights). `full`: the same, until somebody makes room.
 */
export type EngineErrorKind = 'transient' | 'refused' | 'full';

export class EngineError extends Error {
  override readonly name = 'EngineError';

  constructor(
    message: string,
    readonly kind: EngineErrorKind,
    /** False where the request certainly changed nothing. */
    readonly mayHaveHappened: boolean,
  ) {
    super(message);
  }
}

/** Bytes in the log that are not what a node of this version writes. */
export class LogEntryError extends Error {
  override readonly name = 'LogEntryError';
}

/** What is below the prefix is no cluster that this version of jammd knows. */
export class ForeignDataError extends Error {
  override readonly name = 'ForeignDataError';
}
