/** Caches the candidates of recurring terms while the indexes stay the same. */
import type { Candidates, IndexCatalog } from '../store/model.js';

/** Where the indexes say that a recurring term may hold. */
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
