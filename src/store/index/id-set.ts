/**
 * Ids of entries by container, as posting lists store them, so that two large sets are intersected without unpacking their
 * ids, which is most of the work when few ids remain.
 */
import { appendContainer, containerCount, encodeContainer, forEachContainer, intersectContainers } from './posting.js';

export class IdSet {
  /** Ascending. */
  readonly #numbers: number[] = [];
  /** Of these numbers; as they are stored, never empty, not to be written to. */
  readonly #containers: Buffer[] = [];

  /** `ids`: ascending. */
  static of(ids: readonly number[]): IdSet {
    const set = new IdSet();
    forEachContainer(ids, (number, start, end) => set.append(number, encodeContainer(ids, start, end)));
    return set;
  }

  /** Containers come in ascending order of their numbers. */
  append(number: number, container: Buffer): void {
    this.#numbers.push(number);
    this.#containers.push(container);
  }

  get containerCount(): number {
    return this.#numbers.length;
  }

  get size(): number {
    let size = 0;
    for (const container of this.#containers) size += containerCount(container);
    return size;
  }

  get ids(): readonly number[] {
    const ids: number[] = [];
    this.#numbers.forEach((number, index) => appendContainer(this.#containers[index]!, number, ids));
    return ids;
  }

  /** Of another set only the containers that this one has too are asked for. */
  intersect(containerOf: (number: number) => Buffer | undefined): IdSet {
    const common = new IdSet();
    this.#numbers.forEach((number, index) => {
      const other = containerOf(number);
      const shared = other && intersectContainers(this.#containers[index]!, other);
      if (shared && shared.length > 0) common.append(number, shared);
    });
    return common;
  }

  intersectWith(other: IdSet): IdSet {
    let at = 0;
    return this.intersect((number) => {
      while (at < other.#numbers.length && other.#numbers[at]! < number) at++;
      return other.#numbers[at] === number ? other.#containers[at] : undefined;
    });
  }
}
