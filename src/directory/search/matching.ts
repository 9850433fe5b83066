/** Does one entry satisfy a filter, as far as the asker may test it? For controls that carry a filter. */
import type { AccessEvaluator } from '../../access/model.js';
import { Privilege } from '../../access/model.js';
import type { EntryRecord } from '../../entry/record.js';
import { compileFilter } from '../../filter/compile.js';
import { evaluateFilter, type FilterEnvironment } from '../../filter/evaluate.js';
import type { Filter } from '../../ldap/filter.js';
import type { Database } from '../database.js';
import { computedValuesOf, type ComputedAttribute } from './computed.js';

/** What a filter may ask of an entry, answered under access rules. */
export function filterEnvironment(access: AccessEvaluator, computed: readonly ComputedAttribute[]): FilterEnvironment {
  return {
    mayTest: (record, description, value) => access.allows(record, description, Privilege.search, value),
    computedValues: (record, type) => computedValuesOf(computed, record, type),
  };
}

export function entryMatches(filter: Filter, record: EntryRecord, access: AccessEvaluator, database: Database): boolean {
  const compiled = compileFilter(filter, database.schema, record.dictionary);
  return evaluateFilter(compiled, record, filterEnvironment(access, database.computed)) === true;
}
