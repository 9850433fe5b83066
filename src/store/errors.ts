/** What can go wrong with a store as a whole. Each message says what to do about it. */

export class StoreError extends Error {
  override readonly name: string = 'StoreError';
}

/** Another process (or this one) has the database open. */
export class StoreLockedError extends StoreError {
  override readonly name = 'StoreLockedError';

  constructor(
    readonly folder: string,
    /** The process that holds it, where it can be told. */
    readonly pid: number | undefined,
  ) {
    super(
      pid === undefined
        ? `${folder} is in use by another process`
        : `${folder} is in use by ${pid === process.pid ? 'this process' : `process ${pid}`}`,
    );
  }
}

/** The folder holds something this version cannot read, or that does not fit the configured schema. */
export class StoreFormatError extends StoreError {
  override readonly name = 'StoreFormatError';
}

/** A bulk load into this database was cut off; what it left is not a directory. */
export class StoreLoadInterruptedError extends StoreError {
  override readonly name = 'StoreLoadInterruptedError';

  constructor(readonly folder: string) {
    super(
      `an import into ${folder} was interrupted: discard what it left (open with interruptedLoad 'discard') ` +
        'and import again',
    );
  }
}

/** A copy into this folder was cut off: it lacks what had not come yet. */
export class StoreCopyInterruptedError extends StoreError {
  override readonly name = 'StoreCopyInterruptedError';

  constructor(readonly folder: string) {
    super(`the backup in ${folder} was cut off and is not whole: delete it and take another`);
  }
}

/** A backup was being put into this folder in place of what was there, and that was cut off. */
export class StoreRestoreInterruptedError extends StoreError {
  override readonly name = 'StoreRestoreInterruptedError';

  constructor(readonly folder: string) {
    super(`a restore into ${folder} was cut off: run jammd restore again`);
  }
}

/** The disk failed, is full, or the store is closed: nothing can be written (or read) now; later it may. */
export class StoreUnavailableError extends StoreError {
  override readonly name: string = 'StoreUnavailableError';
}

/** More writes wait than the store is willing to queue. Nothing is wrong but the pace. */
export class StoreBusyError extends StoreUnavailableError {
  override readonly name = 'StoreBusyError';
}

/**
 * The cluster does not take a write. The message is for the client. `busy`: others were faster for too long. `unavailable`: there
 * is nobody to take it now. `refused`: this node takes no writes until somebody has done something about it.
 */
export class StoreRefusedError extends StoreUnavailableError {
  override readonly name = 'StoreRefusedError';

  constructor(
    readonly verdict: 'busy' | 'unavailable' | 'refused',
    message: string,
  ) {
    super(message);
  }
}

/** The database belongs to a cluster, and something would change it that does not go through the cluster's log. */
export class StoreClusterMemberError extends StoreError {
  override readonly name = 'StoreClusterMemberError';

  constructor(readonly folder: string) {
    super(
      `the database in ${folder} belongs to a cluster, which nothing but its own nodes may write to: see jammd cluster --help`,
    );
  }
}

/** A database key is missing or holds bytes that cannot have been written: only disk or file damage explains it. */
export class StoreDamagedError extends StoreError {
  override readonly name = 'StoreDamagedError';
}

/** The code that classic-level gives its errors, on the error itself or on its cause. */
export function levelErrorCode(error: unknown): string | undefined {
  for (let at = error, depth = 0; at instanceof Error && depth < 4; at = at.cause, depth++) {
    const code = textCode(at);
    if (code !== undefined && code !== 'LEVEL_DATABASE_NOT_OPEN') return code;
  }
  return error instanceof Error ? textCode(error) : undefined;
}

/** Whatever a transaction's work throws may come by here: an LDAP error's code is a number. */
function textCode(error: Error): string | undefined {
  const { code } = error as { code?: unknown };
  return typeof code === 'string' ? code : undefined;
}

export function isCorruption(error: unknown): boolean {
  return levelErrorCode(error) === 'LEVEL_CORRUPTION';
}

/** A load has an entry of this name already. */
export class NameTakenError extends Error {
  override readonly name = 'NameTakenError';
}
