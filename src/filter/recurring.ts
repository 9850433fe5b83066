/**
 * Assertions that come with every lookup: `(objectClass=JammMailAccount)`, `(accountActive=TRUE)`. Whoever decodes filters
 * hands out the same object for the same bytes, and what was made of it last time is kept with it.
 */
import type { AttributeDictionary } from '../entry/dictionary.js';
import type { Candidates, IndexCatalog } from '../store/model.js';
import type { Term } from './compile.js';

/** An equality filter (see Filter) that comes again. */
export class RecurringAssertion {
  readonly kind = 'equality';
  #term: Term | undefined;
  #dictionary: AttributeDictionary | undefined;
  #dictionarySize = 0;

  /** `value` is kept: it must not be a view of memory that is much larger. */
  constructor(
    readonly attribute: string,
    readonly value: Buffer,
  ) {}

  /** What `compile` makes of it for records of `dictionary`: made anew where that is another one, or has grown since. */
  term(dictionary: AttributeDictionary, compile: () => Term): Term {
    if (this.#term && this.#dictionary === dictionary && this.#dictionarySize === dictionary.size) return this.#term;
    const term = compile();
    this.#term = term.kind === 'value' ? { ...term, recurring: new RecurringCandidates() } : term;
    this.#dictionary = dictionary;
    this.#dictionarySize = dictionary.size;
    return this.#term;
  }
}

/** Of a term that comes again: where the indexes say it may hold. */
export class RecurringCandidates {
  #indexes: IndexCatalog | undefined;
  #candidates: Candidates = 'all';

  /** What `find` finds in `indexes`. */
  in(indexes: IndexCatalog, find: () => Candidates): Candidates {
    if (indexes !== this.#indexes) {
      this.#candidates = find();
      this.#indexes = indexes;
    }
    return this.#candidates;
  }
}
