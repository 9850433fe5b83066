/** What all writes share: the assertion, and the way into the store. */
import type { EntryRecord } from '../../entry/record.js';
import { LdapError, ResultCode, success } from '../../ldap/result.js';
import type { ExclusiveTransaction, Transaction } from '../../store/model.js';
import { StoreRefusedError, StoreUnavailableError } from '../../store/errors.js';
import { Privilege, type AccessEvaluator } from '../../access/model.js';
import type { Database } from '../database.js';
import { ManyFollowUps, WritePipeline } from '../rules/pipeline.js';
import { entryMatches } from '../search/matching.js';
import type { Response } from '../../ldap/response.js';
import type { QueuedOperation } from '../open-transaction.js';
import type { OperationContext, QueuedRequest } from './operation.js';
import type { OperationTrace } from '../trace.js';

const noOperation: Response = Object.freeze({ code: ResultCode.noOperation, matchedDN: '', diagnostic: '' });

/** Thrown out of a transaction that would have succeeded, and is thereby forgotten (the No-Op control). */
class NoOperation extends Error {
  override readonly name = 'NoOperation';
}

function undone(work: (tx: Transaction) => Response): (tx: Transaction) => never {
  return (tx) => {
    work(tx);
    throw new NoOperation();
  };
}

function undoneExclusive(work: (tx: ExclusiveTransaction) => Promise<Response>): (tx: ExclusiveTransaction) => Promise<never> {
  return async (tx) => {
    await work(tx);
    throw new NoOperation();
  };
}

/** The way into the store for the client's own changes. */
function clientPipeline(operation: OperationContext, database: Database, tx: Transaction): WritePipeline {
  const { directory, subject, controls, peer } = operation;
  const isRelaxed = controls.has('relax');
  const mayManage = (entry: EntryRecord): boolean => operation.evaluator(database, tx).allows(entry, 'entry', Privilege.manage);
  return new WritePipeline(directory, database, tx, { dn: subject.dn, isServer: false, isRelaxed, mayManage, peer });
}

/**
 * Runs `wanted`, and what overlays want because of it, as one transaction; resolves when its outcome is on disk. Where that
 * is much, all of it is done again while other writes wait. In a client's transaction: queues it.
 */
export async function finishWrite(
  operation: OperationContext,
  database: Database,
  wanted: (pipeline: WritePipeline) => Response,
): Promise<Response> {
  const alone = (): Promise<Response> =>
    finishExclusiveWrite(operation, database, (pipeline) => Promise.resolve(wanted(pipeline)));
  if (operation.queued) return alone();
  try {
    return await runWrite(operation, database, (tx) => {
      const pipeline = clientPipeline(operation, database, tx);
      const response = wanted(pipeline);
      pipeline.followUp();
      return response;
    });
  } catch (error) {
    if (!(error instanceof ManyFollowUps)) throw error;
  }
  return alone();
}

function runWrite(
  { trace, controls }: OperationContext,
  database: Database,
  wanted: (tx: Transaction) => Response,
): Promise<Response> {
  const work = controls.has('noOp') ? undone(wanted) : wanted;
  if (!trace) return settle(database.store.write(work));
  const times = new WriteTimes(trace);
  return settle(
    database.store.write((tx) => {
      times.begin();
      const response = work(tx);
      times.done();
      return response;
    }),
    times,
  );
}

/** The same for work on whole subtrees. */
export function finishExclusiveWrite(
  operation: OperationContext,
  database: Database,
  wanted: (pipeline: WritePipeline, tx: ExclusiveTransaction) => Promise<Response>,
): Promise<Response> {
  return runExclusiveWrite(operation, database, async (tx) => {
    const pipeline = clientPipeline(operation, database, tx);
    const response = await wanted(pipeline, tx);
    await pipeline.followUpInSlices();
    return response;
  });
}

function runExclusiveWrite(
  operation: OperationContext,
  database: Database,
  wanted: (tx: ExclusiveTransaction) => Promise<Response>,
): Promise<Response> {
  const { trace, controls } = operation;
  const work = controls.has('noOp') ? undoneExclusive(wanted) : wanted;
  if (operation.queued) return Promise.resolve(enqueue(operation, operation.queued, database, work));
  if (!trace) return settle(database.store.writeExclusive(work));
  const times = new WriteTimes(trace);
  return settle(
    database.store.writeExclusive(async (tx) => {
      times.begin();
      const response = await work(tx);
      times.done();
      return response;
    }),
    times,
  );
}

/** As slapd: answered with success at once; what the entries themselves forbid is found out at the end. */
function enqueue(
  { session }: OperationContext,
  { messageId, bytes }: QueuedRequest,
  database: Database,
  work: QueuedOperation['work'],
): Response {
  if (!session.transaction) throw new LdapError(ResultCode.transactionIdInvalid, 'invalid transaction identifier');
  session.transaction.queue(database, { messageId, work }, bytes);
  return success;
}

/** Where the time of a write goes, for its trace. */
class WriteTimes {
  #markMs = performance.now();
  #queued = false;

  constructor(private readonly trace: OperationTrace) {}

  begin(): void {
    this.trace.queuedMs += this.#lap();
  }

  done(): void {
    this.#lap();
    this.#queued = true;
  }

  settled(): void {
    if (this.#queued) this.trace.batchMs += this.#lap();
  }

  #lap(): number {
    const since = this.#markMs;
    this.#markMs = performance.now();
    return this.#markMs - since;
  }
}

/** What a client is told where the cluster does not take its write. */
const refusals = {
  busy: ResultCode.busy,
  unavailable: ResultCode.unavailable,
  refused: ResultCode.unwillingToPerform,
} as const;

/** Maps failures of the store, and the No-Op control, to the result for the client. */
export async function settle(outcome: Promise<Response>, times?: WriteTimes): Promise<Response> {
  try {
    const response = await outcome;
    times?.settled();
    return response;
  } catch (error) {
    const response = asOutcome(error);
    if (response) return response;
    if (error instanceof StoreRefusedError) throw new LdapError(refusals[error.verdict], error.message);
    if (!(error instanceof StoreUnavailableError)) throw error;
    throw new LdapError(ResultCode.unavailable, 'the database cannot be written to now; nothing was changed');
  }
}

/** What a write comes to that failed only to be undone; undefined where it really failed. */
export function asOutcome(error: unknown): Response | undefined {
  return error instanceof NoOperation ? noOperation : undefined;
}

/** Throws 122 where the request's Assertion control does not hold for the entry (RFC 4528). */
export function checkAssertion(
  operation: OperationContext,
  database: Database,
  record: EntryRecord,
  access: AccessEvaluator,
): void {
  const assertion = operation.controls.get('assertion');
  if (assertion && !entryMatches(assertion.filter, record, access, database)) {
    throw new LdapError(ResultCode.assertionFailed);
  }
}
