/** What all writes share: the assertion, the No-Op control, and the way into the store. */
import type { EntryRecord } from '../entry/record.js';
import { LdapError, ResultCode } from '../ldap/result.js';
import type { ExclusiveTransaction, Transaction } from '../store/model.js';
import { StoreUnavailableError } from '../store/errors.js';
import type { AccessEvaluator } from '../access/model.js';
import type { Database } from './database.js';
import { entryMatches } from './matching.js';
import type { Response } from './model.js';
import type { OperationContext } from './operation.js';

/** Ends a transaction without keeping it. */
class NoOperation extends Error {
  constructor(readonly response: Response) {
    super('no operation');
  }
}

/** Runs `work` as one transaction; resolves when its outcome is on disk. */
export function finishWrite(
  operation: OperationContext,
  database: Database,
  work: (tx: Transaction) => Response,
): Promise<Response> {
  return settle(
    database.store.write((tx) => {
      const response = work(tx);
      if (operation.controls.has('noOp')) throw new NoOperation(response);
      return response;
    }),
  );
}

/** The same for work on whole subtrees. */
export function finishExclusiveWrite(
  operation: OperationContext,
  database: Database,
  work: (tx: ExclusiveTransaction) => Promise<Response>,
): Promise<Response> {
  return settle(
    database.store.writeExclusive(async (tx) => {
      const response = await work(tx);
      if (operation.controls.has('noOp')) throw new NoOperation(response);
      return response;
    }),
  );
}

async function settle(outcome: Promise<Response>): Promise<Response> {
  try {
    return await outcome;
  } catch (error) {
    if (error instanceof NoOperation) return { ...error.response, code: ResultCode.noOperation };
    if (error instanceof StoreUnavailableError) {
      throw new LdapError(ResultCode.unavailable, 'the database cannot be written to now; nothing was changed');
    }
    throw error;
  }
}

/** Throws 122 where the request's Assertion control does not hold for the entry (RFC 4528). */
export function checkAssertion(operation: OperationContext, database: Database, record: EntryRecord, access: AccessEvaluator): void {
  const assertion = operation.controls.get('assertion');
  if (assertion && !entryMatches(assertion.filter, record, access, database)) {
    throw new LdapError(ResultCode.assertionFailed);
  }
}
