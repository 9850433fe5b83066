/** Reads candidates: a damaged record is left out of answers and reported to the operator, and the search goes on. */
import { RecordDamagedError, type EntryRecord } from '../../entry/record.js';
import type { Database } from '../database.js';
import type { OperationContext } from '../operations/operation.js';

/** Undefined if the entry does not exist or is damaged. */
export function readEntry(operation: OperationContext, database: Database, id: number): EntryRecord | undefined {
  try {
    return database.store.entry(id);
  } catch (error) {
    if (!(error instanceof RecordDamagedError)) throw error;
    operation.directory.reportDamage(database, id, error);
    return undefined;
  }
}
