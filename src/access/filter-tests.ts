/** Compiles the `filter=` of access rules once. */
import type { EntryRecord } from '../entry/record.js';
import { compileFilter, type CompiledFilter } from '../filter/compile.js';
import { evaluateFilter, type FilterEnvironment } from '../filter/evaluate.js';
import type { Filter } from '../ldap/filter.js';
import type { Schema } from '../ldap/schema.js';

/** The `filter=` of rules, asked of entries without any access check. */
export class FilterTests {
  readonly #schema: Schema;
  readonly #compiled = new Map<Filter, CompiledFilter>();

  constructor(schema: Schema) {
    this.#schema = schema;
  }

  matches(filter: Filter, entry: EntryRecord): boolean {
    let compiled = this.#compiled.get(filter);
    if (!compiled) {
      compiled = compileFilter(filter, this.#schema, entry.dictionary);
      this.#compiled.set(filter, compiled);
    }
    return evaluateFilter(compiled, entry, storedOnly) === true;
  }
}

/** Rules see what is stored: attributes that are worked out for an answer are no part of an entry here. */
export const storedOnly: FilterEnvironment = { mayTest: () => true, computedValues: () => undefined };
