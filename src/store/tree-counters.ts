/** Counts children and descendants of many entries at once, from their parents' ids. */
import type { Counters } from './layer.js';

export class TreeCounters {
  readonly #children = new Map<number, number>();

  /** One more entry below `parentId`. */
  add(parentId: number): void {
    if (parentId !== 0) this.#children.set(parentId, (this.#children.get(parentId) ?? 0) + 1);
  }

  /** What was added, by entry. `parentOf`: 0 for a suffix entry, and where there is no such entry. */
  totals(parentOf: (id: number) => number): Map<number, Counters> {
    const descendants = new Map<number, number>();
    for (const [parent, children] of this.#children) {
      // A damaged tree may have a ring in it.
      const seen = new Set<number>();
      for (let id = parent; id !== 0 && !seen.has(id); id = parentOf(id)) {
        seen.add(id);
        descendants.set(id, (descendants.get(id) ?? 0) + children);
      }
    }
    const totals = new Map<number, Counters>();
    for (const [id, count] of descendants) {
      totals.set(id, { children: this.#children.get(id) ?? 0, descendants: count });
    }
    return totals;
  }
}
