/** The terms of a filter as they bear on attributes that lists work out. */
import type { Filter } from '../../ldap/filter.js';
import type { AttributeDescription, Schema } from '../../ldap/schema.js';

export type FilterTerm = Exclude<Filter, { kind: 'and' | 'or' | 'not' }>;

export function termsOf(filter: Filter): readonly FilterTerm[] {
  switch (filter.kind) {
    case 'and':
    case 'or':
      return filter.filters.flatMap(termsOf);
    case 'not':
      return termsOf(filter.filter);
    default:
      return [filter];
  }
}

/** Does the term look at values of this attribute? */
export function looksAt(term: FilterTerm, description: AttributeDescription, schema: Schema): boolean {
  const named = term.attribute === undefined ? undefined : schema.attributeDescription(term.attribute);
  if (term.attribute === undefined) return true;
  return named !== undefined && schema.isSubtypeOf(description, named);
}

/** The filter with such terms left open: for indexes, which know what is stored. */
export function withoutTerms(filter: Filter, isOpen: (term: FilterTerm) => boolean): Filter {
  switch (filter.kind) {
    case 'and':
    case 'or':
      return { kind: filter.kind, filters: filter.filters.map((inner) => withoutTerms(inner, isOpen)) };
    case 'not':
      return { kind: 'not', filter: withoutTerms(filter.filter, isOpen) };
    default:
      return isOpen(filter) ? { kind: 'present', attribute: 'objectClass' } : filter;
  }
}
