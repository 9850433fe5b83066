/**
 * Caches compiled terms of assertions that come with every lookup: `(objectClass=JammMailAccount)`, `(accountActive=TRUE)`.
 * The request decoder returns the same object for the same bytes; this remembers the term last compiled from it.
 */
import type { AttributeDictionary } from '../entry/dictionary.js';
import type { RecurringEquality } from '../ldap/filter.js';
import { RecurringCandidates } from './recurring-candidates.js';
import type { Term } from './term.js';

interface CompiledTerm {
  readonly term: Term;
  /** It holds for records of this dictionary while that has not grown. */
  readonly dictionary: AttributeDictionary;
  readonly dictionaryVersion: number;
}

const compiled = new WeakMap<RecurringEquality, CompiledTerm>();

/** What `compile` makes of a recurring `filter` for records of `dictionary`, from memory where it still holds. */
export function recurringTerm(filter: RecurringEquality, dictionary: AttributeDictionary, compile: () => Term): Term {
  const known = compiled.get(filter);
  if (known && known.dictionary === dictionary && known.dictionaryVersion === dictionary.version) return known.term;
  const made = compile();
  const term: Term = made.kind === 'value' ? { ...made, recurring: new RecurringCandidates() } : made;
  compiled.set(filter, { term, dictionary, dictionaryVersion: dictionary.version });
  return term;
}
