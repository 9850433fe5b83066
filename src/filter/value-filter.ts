/** Filters over single values rather than entries: what the Matched Values control carries (RFC 3876). */
import { LdapError, ResultCode } from '../ldap/result.js';
import type { AttributeDescription, Schema } from '../ldap/schema.js';
import { compileItem, isItem } from './compile.js';
import type { Filter } from '../ldap/filter.js';

export interface CompiledValueFilter {
  /** Is this value of this attribute one that the filter selects? */
  matches(description: AttributeDescription, value: Buffer): boolean;
}

/** Throws LdapError 2 where a filter is not a SimpleFilterItem: and, or, not, `:dn`. */
export function compileValueFilters(filters: readonly Filter[], schema: Schema): CompiledValueFilter[] {
  return filters.map((filter) => compileValueFilter(filter, schema));
}

function compileValueFilter(filter: Filter, schema: Schema): CompiledValueFilter {
  if (!isItem(filter)) {
    throw new LdapError(ResultCode.protocolError, `matched values: "${filter.kind}" is not allowed`);
  }
  if (filter.kind === 'extensible' && filter.dnAttributes) {
    throw new LdapError(ResultCode.protocolError, 'matched values: ":dn" is not allowed');
  }
  const term = compileItem(filter, schema, undefined);
  switch (term.kind) {
    case 'undefined':
      return { matches: () => false };
    case 'present':
      return { matches: (description) => schema.isSubtypeOf(description, term.description) };
    case 'value':
      return {
        matches: (description, value) => schema.isSubtypeOf(description, term.description) && term.test(value, 0, value.length),
      };
    case 'extensible':
      return {
        matches: (description, value) => term.rule.appliesTo(description.type) && term.test(value, 0, value.length),
      };
  }
}
