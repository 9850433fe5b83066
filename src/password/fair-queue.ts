/**
 * A bounded queue that is fair to the flows its items belong to (here: an address, and an account whose password is tried).
 * Each item is due one place after the last item of any of its flows, so that a flow with many items waits behind those
 * with few, and none waits for ever (start-time fair queueing). When the queue is full, the item due last is dropped.
 */

/** What an item has in common with others that it shares the queue with. */
export interface Flow {
  readonly name: string;
  /** How far behind the item that is served next this flow can push its items at most. */
  readonly placesMax: number;
}

interface Waiting<T> {
  readonly item: T;
  readonly flows: readonly Flow[];
  readonly due: number;
}

export class FairQueue<T> {
  /** In the order in which they are due; equal ones in the order in which they came. */
  readonly #waiting: Waiting<T>[] = [];
  /** When the last item of a flow is due. Holds only flows that are ahead of what is being served. */
  readonly #last = new Map<string, number>();
  /** When the item that was served last was due. */
  #served = 0;

  constructor(private readonly itemsMax: number) {}

  get size(): number {
    return this.#waiting.length;
  }

  /** Returns the item that finds no room: another one, or the very one that was added. */
  push(item: T, flows: readonly Flow[]): T | undefined {
    const due = Math.max(this.#served + 1, ...flows.map((flow) => this.#dueIn(flow)));
    const added: Waiting<T> = { item, flows, due };
    if (this.#waiting.length >= this.itemsMax) {
      const latest = this.#waiting.at(-1);
      if (!latest || latest.due <= due) return item;
      this.#waiting.pop();
      this.#insert(added);
      this.#retreat(latest);
      return latest.item;
    }
    this.#insert(added);
    return undefined;
  }

  shift(): T | undefined {
    const next = this.#waiting.shift();
    if (!next) return undefined;
    this.#served = next.due;
    for (const { name } of next.flows) if ((this.#last.get(name) ?? 0) <= this.#served) this.#last.delete(name);
    return next.item;
  }

  /** Takes all items out, in order. */
  clear(): T[] {
    this.#last.clear();
    return this.#waiting.splice(0).map(({ item }) => item);
  }

  #dueIn({ name, placesMax }: Flow): number {
    const last = this.#last.get(name);
    return last === undefined ? 0 : Math.min(last + 1, this.#served + placesMax);
  }

  #insert(added: Waiting<T>): void {
    let place = this.#waiting.length;
    while (place > 0 && this.#waiting[place - 1]!.due > added.due) place--;
    this.#waiting.splice(place, 0, added);
    for (const { name } of added.flows) this.#last.set(name, Math.max(added.due, this.#last.get(name) ?? 0));
  }

  /** The flows of an item that gave way end with the item before it, lest they pay for what was never done. */
  #retreat({ flows }: Waiting<T>): void {
    for (const { name } of flows) {
      const before = this.#waiting.findLast((waiting) => waiting.flows.some((flow) => flow.name === name));
      if (before) this.#last.set(name, before.due);
      else this.#last.delete(name);
    }
  }
}
