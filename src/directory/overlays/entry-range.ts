/** Which entries a configured LDAP URL speaks of: its base, scope and filter put to one entry. */
import { grantEverything } from '../../access/policy.js';
import type { EntryRange } from '../../config/overlays/entry-range.js';
import { ndnIsBelow, ndnIsWithin, ndnParent } from '../../dn/normalized.js';
import type { EntryDraft } from '../../entry/draft.js';
import type { EntryRecord } from '../../entry/record.js';
import { compileFilter, type CompiledFilter } from '../../filter/compile.js';
import { evaluateFilter } from '../../filter/evaluate.js';
import type { Ternary } from '../../filter/term.js';
import type { Database } from '../database.js';
import { filterEnvironment } from '../search/matching.js';
import { transientRecord } from '../server-entries/virtual-entry.js';

export class EntryRangeTest {
  readonly #filter: CompiledFilter | undefined;
  readonly #base: string;

  constructor(
    private readonly database: Database,
    private readonly range: EntryRange,
  ) {
    const { filter, base } = range;
    this.#filter = filter && compileFilter(filter, database.schema, database.store.dictionary);
    this.#base = base?.normalized ?? database.config.suffixes[0]?.normalized ?? '';
  }

  /** The name of the base, normalised. */
  get base(): string {
    return this.#base;
  }

  /** Is the name within the base, whatever the scope? */
  isWithinBase(ndn: string): boolean {
    return this.range.base === undefined || ndnIsWithin(ndn, this.#base);
  }

  isInScope(ndn: string): boolean {
    switch (this.range.scope) {
      case 'base':
        return ndn === this.#base;
      case 'one':
        return ndnParent(ndn) === this.#base;
      case 'sub':
        return this.isWithinBase(ndn);
      case 'children':
        return ndnIsBelow(ndn, this.#base);
    }
  }

  /** Does the entry satisfy the filter? Undefined as evaluation leaves it. */
  satisfies(entry: EntryRecord): Ternary {
    if (!this.#filter) return true;
    return evaluateFilter(this.#filter, entry, filterEnvironment(grantEverything, this.database.computed));
  }

  /** The same of an entry that is not stored. */
  draftSatisfies(draft: EntryDraft): Ternary {
    return this.#filter ? this.satisfies(transientRecord(draft, this.database.schema)) : true;
  }

  selects(entry: EntryRecord): boolean {
    return this.isInScope(entry.ndn) && this.satisfies(entry) === true;
  }
}
