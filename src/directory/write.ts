/** What all writes share: the assertion, and the way into the store. */
import type { EntryRecord } from '../entry/record.js';
import { LdapError, ResultCode } from '../ldap/result.js';
import type { ExclusiveTransaction, Transaction } from '../store/model.js';
import { StoreUnavailableError } from '../store/errors.js';
import type { AccessEvaluator } from '../access/model.js';
import type { Database } from './database.js';
import { entryMatches } from './matching.js';
import type { Response } from './model.js';
import type { OperationContext } from './operation.js';

/** Runs `work` as one transaction; resolves when its outcome is on disk. */
export function finishWrite(database: Database, work: (tx: Transaction) => Response): Promise<Response> {
  return settle(database.store.write(work));
}

/** The same for work on whole subtrees. */
export function finishExclusiveWrite(
  database: Database,
  work: (tx: ExclusiveTransaction) => Promise<Response>,
): Promise<Response> {
  return settle(database.store.writeExclusive(work));
}

async function settle(outcome: Promise<Response>): Promise<Response> {
  try {
    return await outcome;
  } catch (error) {
    if (!(error instanceof StoreUnavailableError)) throw error;
    throw new LdapError(ResultCode.unavailable, 'the database cannot be written to now; nothing was changed');
  }
}

/** Throws 122 where the request's Assertion control does not hold for the entry (RFC 4528). */
export function checkAssertion(operation: OperationContext, database: Database, record: EntryRecord, access: AccessEvaluator): void {
  const assertion = operation.controls.get('assertion');
  if (assertion && !entryMatches(assertion.filter, record, access, database)) {
    throw new LdapError(ResultCode.assertionFailed);
  }
}
