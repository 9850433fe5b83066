/**
 * Is there an order of the operations on each entry in which every answer is right, and which keeps to the times at which they
 * were asked and answered? (Wing and Gong; each entry by itself, because linearizability is local.) What is unknown may have
 * been done at any time after it was asked, or never. Writes keep to the order of all clients. A read is answered from its
 * node's own database, so it keeps to what that node has answered before: it may be late, but it shows this node's writes and
 * never goes back.
 */
import { everyNode, type Operation, type Result } from './history.js';

/** Undefined: the entry is not there. */
type State = string | undefined;

/** More than this on one entry, and nobody knows. */
const stepsMax = 2_000_000;

/** What is wrong, in words, for each entry whose history cannot have happened. */
export function findViolations(operations: readonly Operation[]): string[] {
  const byKey = new Map<string, Operation[]>();
  for (const operation of operations) {
    if (operation.result === 'refused' || (operation.action.kind === 'read' && operation.result !== 'done')) continue;
    const known = byKey.get(operation.key);
    if (known) known.push(operation);
    else byKey.set(operation.key, [operation]);
  }
  return [...byKey].flatMap(([key, list]) => {
    const violation = new Search(list).violation();
    return violation === undefined ? [] : [`${key}: ${violation}`];
  });
}

/** The state after it where the answer is right in this state; else false. */
function after(state: State, { action, result, found }: Operation): { readonly state: State } | false {
  const right = (is: boolean, next: State = state): { readonly state: State } | false => is && { state: next };
  if (action.kind === 'read') return right(state === found);
  const obstacle = obstacleTo(state, action);
  const expected: Result = result === 'unknown' ? 'done' : result;
  if (obstacle !== expected) return false;
  if (obstacle !== 'done') return { state };
  return { state: action.kind === 'delete' ? undefined : action.value };
}

function obstacleTo(state: State, action: Exclude<Operation['action'], { readonly kind: 'read' }>): Result {
  if (action.kind === 'add') return state === undefined ? 'done' : 'exists';
  if (state === undefined) return 'missing';
  return action.kind === 'swap' && action.from !== state ? 'differs' : 'done';
}

class Search {
  readonly #operations: readonly Operation[];
  /** Of each operation, those that come after it in any order. */
  readonly #followers: readonly (readonly number[])[];
  /** Of each operation, how many that come before it have no place yet. */
  readonly #awaited: Int32Array;
  /** Those that may come next. */
  readonly #ready = new Set<number>();
  readonly #seen = new Set<string>();
  #required: number;
  #steps = 0;
  #fewestLeft = Infinity;
  #stuck = '';

  constructor(operations: readonly Operation[]) {
    const end = ({ result, answered }: Operation): number => (result === 'unknown' ? Infinity : answered);
    const sorted = [...operations].sort((a, b) => (end(a) === end(b) ? a.asked - b.asked : end(a) - end(b)));
    this.#operations = sorted;
    this.#awaited = new Int32Array(sorted.length);
    this.#followers = sorted.map((one) => {
      const followers: number[] = [];
      sorted.forEach((other, at) => {
        const isSeen = other.action.kind !== 'read' || other.node === one.node || other.node === everyNode;
        if (end(one) >= other.asked || !isSeen) return;
        followers.push(at);
        this.#awaited[at]!++;
      });
      return followers;
    });
    sorted.forEach((_, at) => {
      if (this.#awaited[at] === 0) this.#ready.add(at);
    });
    this.#required = sorted.filter(({ result }) => result !== 'unknown').length;
  }

  violation(): string | undefined {
    return this.#search(undefined) ? undefined : this.#stuck;
  }

  #place(at: number, isPlaced: boolean): void {
    const change = isPlaced ? -1 : 1;
    if (isPlaced) this.#ready.delete(at);
    else this.#ready.add(at);
    for (const follower of this.#followers[at]!) {
      const awaited = (this.#awaited[follower]! += change);
      if (awaited === 0) this.#ready.add(follower);
      else if (awaited === 1 && !isPlaced) this.#ready.delete(follower);
    }
    if (this.#operations[at]!.result !== 'unknown') this.#required += change;
  }

  #candidates(): number[] {
    return [...this.#ready].sort((a, b) => a - b);
  }

  /** Gives a place to what is right now and changes nothing: no order is lost by that. Answers with what was placed. */
  #placeIdle(state: State): number[] {
    const placed: number[] = [];
    for (let grew = true; grew;) {
      grew = false;
      for (const at of this.#candidates()) {
        const next = after(state, this.#operations[at]!);
        if (!next || next.state !== state || this.#operations[at]!.result === 'unknown') continue;
        this.#place(at, true);
        placed.push(at);
        grew = true;
      }
    }
    return placed;
  }

  #search(state: State): boolean {
    if (++this.#steps > stepsMax) throw new Error(`a history of ${this.#operations.length} operations is too much to judge`);
    const idle = this.#placeIdle(state);
    if (this.#required === 0) return true;
    const here = this.#fingerprint(state);
    if (!this.#seen.has(here)) {
      this.#seen.add(here);
      const candidates = this.#candidates();
      for (const at of candidates) {
        const next = after(state, this.#operations[at]!);
        if (!next) continue;
        this.#place(at, true);
        if (this.#search(next.state)) return true;
        this.#place(at, false);
      }
      if (this.#required < this.#fewestLeft) {
        this.#fewestLeft = this.#required;
        this.#stuck =
          `${this.#required} of ${this.#operations.length} answers cannot be right; the entry is ${state ?? 'not there'}, then none of\n` +
          candidates.map((at) => `  ${told(this.#operations[at]!)}`).join('\n');
      }
    }
    for (const at of idle.reverse()) this.#place(at, false);
    return false;
  }

  #fingerprint(state: State): string {
    // What comes next tells what was before.
    return `${this.#candidates().join(' ')} ${state ?? '-'}`;
  }
}

function told({ node, action, result, found, asked, answered }: Operation): string {
  const { kind, ...values } = action;
  const words = [kind, ...Object.values(values), `at ${node}`, `from ${asked.toFixed(1)} to ${answered.toFixed(1)}:`, result];
  return [...words, ...(kind === 'read' ? [found ?? 'no entry'] : [])].join(' ');
}
