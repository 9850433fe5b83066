/** The extended operations for transactions (RFC 5805): several writes of one connection, done together or not at all. */
import { extendedOids } from '../../ldap/extended.js';
import type { ExtendedResponse, Response } from '../../ldap/response.js';
import { LdapError, ResultCode, success } from '../../ldap/result.js';
import { decodeEndTransaction, encodeFailedRequest } from '../../protocol/transaction-values.js';
import type { ExclusiveTransaction } from '../../store/model.js';
import { sliceLimits } from '../limits.js';
import type { MaybePromise } from '../model.js';
import { OpenTransaction, type QueuedOperation } from '../open-transaction.js';
import type { OperationContext } from './operation.js';
import { asOutcome, settle } from './write.js';

/** As slapd: a connection has one transaction at a time, whose identifier is empty. */
const identifier = Buffer.alloc(0);

export function startTransaction(operation: OperationContext, value: Buffer | undefined): ExtendedResponse {
  const { directory, session, io } = operation;
  if (value) throw new LdapError(ResultCode.protocolError, 'no request data expected');
  operation.checkAllowed(undefined, { oid: extendedOids.startTransaction, update: true });
  if (session.transaction) throw new LdapError(ResultCode.busy, 'too many transactions');
  const transaction = new OpenTransaction(directory.transactionMemory, directory.config.limits.pduBytesAuthenticated, {
    givenUp: ({ code, diagnostic }) => {
      if (session.transaction === transaction) session.transaction = undefined;
      const responseName = extendedOids.abortedTransaction;
      io.notify?.({ code, matchedDN: '', diagnostic, responseName, responseValue: identifier });
    },
  });
  session.transaction = transaction;
  return { ...success, responseValue: identifier };
}

export function endTransaction(operation: OperationContext, value: Buffer | undefined): MaybePromise<ExtendedResponse> {
  const { session } = operation;
  const request = decodeEndTransaction(value);
  operation.checkAllowed(undefined, { oid: extendedOids.endTransaction, update: true });
  const { transaction } = session;
  if (!transaction || request.identifier.length > 0) throw noSuchTransaction();
  session.transaction = undefined;
  if (request.commit) return commit(transaction);
  transaction.forget();
  return { ...success, diagnostic: 'transaction aborted' };
}

export function noSuchTransaction(): LdapError {
  return new LdapError(ResultCode.transactionIdInvalid, 'invalid transaction identifier');
}

/** An operation of the transaction could not be done. */
class FailedOperation extends Error {
  override readonly name = 'FailedOperation';

  constructor(
    readonly messageId: number | undefined,
    readonly response: Response,
  ) {
    super();
  }
}

async function commit(transaction: OpenTransaction): Promise<ExtendedResponse> {
  transaction.settle();
  const { database, operations } = transaction;
  try {
    if (!database) throw new LdapError(ResultCode.operationsError, 'no updates to commit');
    return await settle(database.store.writeExclusive((tx) => performAll(operations, tx)));
  } catch (error) {
    if (!(error instanceof FailedOperation)) throw error;
    const { messageId, response } = error;
    const { code, diagnostic, referrals } = response;
    // As slapd: matchedDN would be said of another request.
    const failure = { code, matchedDN: '', diagnostic, ...(referrals && { referrals }) };
    return messageId === undefined ? failure : { ...failure, responseValue: encodeFailedRequest(messageId) };
  } finally {
    transaction.forget();
  }
}

/** One after the other, each on what those before it have left, and lookups in between. */
async function performAll(operations: readonly QueuedOperation[], tx: ExclusiveTransaction): Promise<Response> {
  let sliceStarted = performance.now();
  for (const { messageId, work } of operations) {
    if (performance.now() - sliceStarted > sliceLimits.longestMilliseconds) {
      await new Promise((resolve) => setImmediate(resolve));
      sliceStarted = performance.now();
    }
    try {
      await work(tx);
    } catch (error) {
      const response = error instanceof LdapError ? error : asOutcome(error);
      throw response ? new FailedOperation(messageId, response) : error;
    }
  }
  return success;
}
