/** Finds what an LDAP URL of a list speaks of, as a search by the same client would: with its rights, aliases and referrals apart. */
import { Privilege } from '../../access/model.js';
import { RecordFlag, type EntryRecord } from '../../entry/record.js';
import type { Filter } from '../../ldap/filter.js';
import type { SearchRequest } from '../../ldap/request.js';
import { walkedPart } from '../limits.js';
import type { OperationContext } from '../operations/operation.js';
import { readEntry } from '../search/entry-reader.js';
import { searchParts, type SearchPart } from '../search/part.js';
import type { ListUrl } from './list-url.js';
import { eachOf, type Steps } from './work.js';

export type Visit = (record: EntryRecord, part: SearchPart) => void;

export function* searchRange(operation: OperationContext, { base, scope }: ListUrl, filter: Filter, visit: Visit): Steps {
  const { directory } = operation;
  const database = directory.databaseOf(base.normalized);
  if (!database) return;
  const request: SearchRequest = {
    op: 'search',
    base: Buffer.from(base.toString()),
    scope,
    derefAliases: 0,
    sizeLimit: 0,
    timeLimit: 0,
    typesOnly: false,
    filter,
    attributes: ['1.1'],
  };
  for (const part of searchParts(operation, database, base, request)) yield* searchPart(operation, part, visit);
}

function* searchPart(operation: OperationContext, part: SearchPart, visit: Visit): Steps {
  const { database, scope } = part;
  const { store } = database;
  const isRoot = part.base.isEmpty && database.isSuffix(part.base);
  const base = isRoot ? operation.directory.rootEntry : store.entryByNdn(part.base.normalized);
  if (!base || !part.access.allows(base, 'entry', Privilege.search)) return;
  part.enter(base);
  const consider = (record: EntryRecord): void => {
    if (part.covers(record) && !(record.flags & RecordFlag.subentry) && part.selects(record)) visit(record, part);
  };
  if (scope === 'base') return consider(base);
  const candidates = part.candidates(false);
  const ids = store.fewCandidates(candidates) ?? ((yield store.candidateIds(candidates)) as readonly number[] | undefined);
  if (ids) {
    for (const id of ids) {
      const record = readEntry(operation, database, id);
      if (record) consider(record);
      yield;
    }
    return;
  }
  const walks = part.baseId !== 0 && part.descendantCount < store.entryCount * walkedPart;
  yield* eachOf(walks ? store.walk(part.baseId) : store.scan(), consider);
}
