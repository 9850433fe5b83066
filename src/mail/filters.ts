/** The search filters of the use cases, built as values: no text is parsed, so nothing typed can change their meaning. */
import { AndFilter, EqualityFilter, NotFilter, OrFilter, SubstringFilter, type Filter } from 'ldapts';

export const accountClass = 'JammMailAccount';
export const aliasClass = 'JammMailAlias';
export const domainClass = 'JammVirtualDomain';
export const postmasterClass = 'JammPostmaster';

export function and(...filters: readonly Filter[]): Filter {
  return filters.length === 1 && filters[0] !== undefined ? filters[0] : new AndFilter({ filters: [...filters] });
}

export function or(...filters: readonly Filter[]): Filter {
  return filters.length === 1 && filters[0] !== undefined ? filters[0] : new OrFilter({ filters: [...filters] });
}

export function not(filter: Filter): Filter {
  return new NotFilter({ filter });
}

export function equals(attribute: string, value: string): Filter {
  return new EqualityFilter({ attribute, value });
}

export function isA(objectClass: string): Filter {
  return equals('objectClass', objectClass);
}

export function contains(attribute: string, text: string): Filter {
  return new SubstringFilter({ attribute, any: [text] });
}

export function beginsWith(attribute: string, text: string): Filter {
  return new SubstringFilter({ attribute, initial: text });
}

/** Text that an IA5 String assertion can hold: with any other, slapd takes the whole term for Undefined. */
export function isAscii(text: string): boolean {
  return /^\p{ASCII}*$/u.test(text);
}
