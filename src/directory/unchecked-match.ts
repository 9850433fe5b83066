/** Does an entry satisfy a filter, whoever asks? For access rules that select entries with `filter=`. */
import type { EntryRecord } from '../entry/record.js';
import { compileFilter, type CompiledFilter } from '../filter/compile.js';
import { evaluateFilter, type FilterEnvironment } from '../filter/evaluate.js';
import type { Filter } from '../filter/model.js';
import type { FilterTest } from '../access/policy.js';
import type { Schema } from '../schema/model.js';
import { virtualComputedAttributes, computedValuesOf } from './computed.js';

export function uncheckedMatch(schema: Schema): FilterTest {
  const compiled = new WeakMap<Filter, CompiledFilter>();
  const computed = virtualComputedAttributes(schema);
  const environment: FilterEnvironment = {
    mayTest: () => true,
    computedValues: (record, type) => computedValuesOf(computed, record, type),
  };
  return (filter: Filter, record: EntryRecord) => {
    let ready = compiled.get(filter);
    if (!ready) compiled.set(filter, (ready = compileFilter(filter, schema, record.dictionary)));
    return evaluateFilter(ready, record, environment);
  };
}
