/**
 * A client's transaction (RFC 5805) between its start and its end: the writes that wait to be done together. It is bounded in
 * number, bytes and time, and what all of them hold is bounded, too.
 */
import type { LdapResult } from '../ldap/result.js';
import { LdapError, ResultCode } from '../ldap/result.js';
import type { Response } from '../ldap/response.js';
import type { ExclusiveTransaction } from '../store/model.js';
import type { Database } from './database.js';
import { transactionLimits } from './limits.js';
import type { MaybePromise } from './model.js';

/** One write that waits for the end of its transaction. */
export interface QueuedOperation {
  /** Undefined where the front end numbers no messages. */
  readonly messageId: number | undefined;
  readonly work: (tx: ExclusiveTransaction) => MaybePromise<Response>;
}

/** Bytes that the open transactions of a directory hold, all together. */
export class TransactionMemory {
  #bytes = 0;

  /** False: there is no room. */
  take(bytes: number): boolean {
    if (this.#bytes + bytes > transactionLimits.bytesInAllMax) return false;
    this.#bytes += bytes;
    return true;
  }

  give(bytes: number): void {
    this.#bytes -= bytes;
  }
}

export interface OpenTransactionEnds {
  /** The server gives the transaction up; it is empty by now. */
  givenUp(reason: LdapResult): void;
}

export class OpenTransaction {
  /** A request of this transaction that is not queued yet (it takes a search to know who asks, or a hash): others wait. */
  arriving: Promise<void> | undefined;
  readonly #memory: TransactionMemory;
  readonly #bytesMax: number;
  readonly #ends: OpenTransactionEnds;
  readonly #timer: NodeJS.Timeout;
  #database: Database | undefined;
  #operations: QueuedOperation[] = [];
  #requestBytes = 0;
  /** Taken of the memory. */
  #bytes = 0;

  constructor(memory: TransactionMemory, bytesMax: number, ends: OpenTransactionEnds) {
    this.#memory = memory;
    this.#bytesMax = bytesMax;
    this.#ends = ends;
    this.#timer = setTimeout(() => {
      this.#giveUp(ResultCode.timeLimitExceeded, `open for ${transactionLimits.milliseconds / 1_000} seconds`);
    }, transactionLimits.milliseconds);
    this.#timer.unref();
  }

  /** The database of all its operations; undefined while there are none. */
  get database(): Database | undefined {
    return this.#database;
  }

  get operations(): readonly QueuedOperation[] {
    return this.#operations;
  }

  /** Throws 71 for a second database. Throws 11 or 51 where a limit is exceeded, and gives the transaction up. */
  queue(database: Database, operation: QueuedOperation, requestBytes: number): void {
    if (this.#database && this.#database !== database) {
      throw new LdapError(ResultCode.affectsMultipleDSAs, 'transaction cannot span multiple database contexts');
    }
    const { operationsMax, bytesPerOperation } = transactionLimits;
    if (this.#operations.length >= operationsMax) {
      throw this.#giveUp(ResultCode.adminLimitExceeded, `more than ${operationsMax} operations`);
    }
    if (this.#requestBytes + requestBytes > this.#bytesMax) {
      throw this.#giveUp(ResultCode.adminLimitExceeded, `more than ${this.#bytesMax} bytes of requests`);
    }
    const bytes = requestBytes + bytesPerOperation;
    if (!this.#memory.take(bytes)) throw this.#giveUp(ResultCode.busy, 'too much is waiting in transactions');
    this.#database = database;
    this.#requestBytes += requestBytes;
    this.#bytes += bytes;
    this.#operations.push(operation);
  }

  /** No more is queued, and no time limit holds. What is queued stays until `forget`. */
  settle(): void {
    clearTimeout(this.#timer);
  }

  /** Drops what is queued. */
  forget(): void {
    this.settle();
    this.#memory.give(this.#bytes);
    this.#bytes = 0;
    this.#operations = [];
  }

  #giveUp(code: ResultCode, reason: string): LdapError {
    this.forget();
    const error = new LdapError(code, `the transaction was given up: ${reason}`);
    this.#ends.givenUp(error);
    return error;
  }
}
