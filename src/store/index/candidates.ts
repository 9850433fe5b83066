/** Finds the ids that may satisfy a filter from posting lists, using as many terms as pay off. */
import type { CommittedState } from '../committed.js';
import type { Snapshot } from '../level/database.js';
import { isCorruption, StoreDamagedError } from '../errors.js';
import { IdSet } from './id-set.js';
import { containerKey, containerRange, partsOfContainerKey } from '../level/keys.js';
import type { Candidates, PostingKey } from '../model.js';
import { decodeHead, isInline, noIds, type PostingHead } from './posting.js';

/**
 * What things cost, in microseconds, measured: to look at a candidate, to ask LevelDB's thread for a list, to get a
 * container from it, to handle an id in one, and to get one container by its key.
 */
const Cost = { candidate: 3, list: 100, container: 2.5, id: 0.005, singleContainer: 4 } as const;
/** Candidates that a further list can be hoped to leave out. */
const hopedShare = 1 / 2;
/** Containers got one by one hold up everybody else. */
const singleContainersMax = 256;
/** When more of all entries qualify, reading everything in order is cheaper; below the floor it never is. */
const scanShare = 0.3;
const scanFloor = 4_096;

/** The ids where each list that matters lies in its head; undefined if one must wait for more. */
export function fewCandidates(state: CommittedState, candidates: Candidates): readonly number[] | undefined {
  try {
    return few(state, candidates);
  } catch (error) {
    if (error instanceof StoreDamagedError) return undefined;
    throw error;
  }
}

function few(state: CommittedState, candidates: Candidates): readonly number[] | undefined {
  if (candidates === 'all') return undefined;
  if (candidates.op === 'posting') {
    const head = state.postingHead(candidates.key);
    return isInline(head) ? head : undefined;
  }
  return candidates.op === 'and' ? fewOfAll(state, candidates.terms) : fewOfAny(state, candidates.terms);
}

function fewOfAll(state: CommittedState, terms: readonly Candidates[]): readonly number[] | undefined {
  let found: readonly number[] | undefined;
  for (let index = 0; index < terms.length; index++) {
    const ids = few(state, terms[index]!);
    if (!ids) continue;
    found = found ? intersect(found, ids) : ids;
    if (found.length <= 1) return found;
  }
  return found;
}

function fewOfAny(state: CommittedState, terms: readonly Candidates[]): readonly number[] | undefined {
  let found: readonly number[] = noIds;
  let others: (readonly number[])[] | undefined;
  for (let index = 0; index < terms.length; index++) {
    const ids = few(state, terms[index]!);
    if (!ids) return undefined;
    if (ids.length === 0) continue;
    if (found.length === 0) found = ids;
    else (others ??= [found]).push(ids);
  }
  // All at once: one by one it would take the square of their number.
  return others ? unite(others) : found;
}

/** An upper bound of how many ids there can be. */
export function estimateCandidates(state: CommittedState, candidates: Candidates): number {
  if (candidates === 'all') return Infinity;
  if (candidates.op === 'posting') return estimatePosting(state, candidates.key);
  const estimates = candidates.terms.map((term) => estimateCandidates(state, term));
  if (candidates.op === 'and') return Math.min(Infinity, ...estimates);
  return estimates.reduce((sum, estimate) => sum + estimate, 0);
}

/** Infinity where the list cannot be read. */
export function estimatePosting(state: CommittedState, key: PostingKey): number {
  const head = headOf(state, key);
  if (!head) return Infinity;
  return isInline(head) ? head.length : head.estimate;
}

/** The ids, ascending; undefined if reading all entries is cheaper, or a list that is needed is damaged. */
export async function candidateIds(
  state: CommittedState,
  candidates: Candidates,
  entryCount: number,
): Promise<readonly number[] | undefined> {
  const idsMax = Math.max(scanFloor, entryCount * scanShare);
  if (estimateCandidates(state, candidates) > idsMax * 2) return undefined;
  const snapshot = state.database.snapshot();
  try {
    const ids = await collect(state, snapshot, candidates);
    return ids && ids.length <= idsMax ? ids : undefined;
  } catch (error) {
    if (error instanceof StoreDamagedError || isCorruption(error)) return undefined;
    throw error;
  } finally {
    await snapshot.close();
  }
}

async function collect(
  state: CommittedState,
  snapshot: Snapshot,
  candidates: Candidates,
): Promise<readonly number[] | undefined> {
  if (candidates !== 'all' && candidates.op === 'or') return collectAny(state, snapshot, candidates.terms);
  return (await collectSet(state, snapshot, candidates))?.ids;
}

async function collectSet(state: CommittedState, snapshot: Snapshot, candidates: Candidates): Promise<IdSet | undefined> {
  if (candidates === 'all') return undefined;
  if (candidates.op === 'posting') return readSet(state, snapshot, candidates.key);
  if (candidates.op === 'and') return collectAll(state, snapshot, candidates.terms);
  const ids = await collectAny(state, snapshot, candidates.terms);
  return ids && IdSet.of(ids);
}

/** The cheapest list first: what it leaves makes the dearer ones cheaper, or needless. */
async function collectAll(state: CommittedState, snapshot: Snapshot, terms: readonly Candidates[]): Promise<IdSet | undefined> {
  const ordered = terms
    .map((term) => ({ term, cost: readingCost(state, term) }))
    .filter(({ cost }) => cost !== Infinity)
    .sort((a, b) => a.cost - b.cost);
  let found: IdSet | undefined;
  for (const { term, cost } of ordered) {
    if (!found) found = await collectSet(state, snapshot, term);
    else found = await narrowed(state, snapshot, found, term, cost);
    if (found?.containerCount === 0) break;
  }
  return found;
}

/** Microseconds to have all ids of `candidates`; Infinity where that cannot be. */
function readingCost(state: CommittedState, candidates: Candidates): number {
  if (candidates === 'all') return Infinity;
  if (candidates.op === 'posting') return listCost(headOf(state, candidates.key));
  const costs = candidates.terms.map((term) => readingCost(state, term));
  if (candidates.op === 'and') return Math.min(Infinity, ...costs);
  return costs.reduce((sum, cost) => sum + cost, 0);
}

function headOf(state: CommittedState, key: PostingKey): PostingHead | undefined {
  try {
    return state.postingHead(key);
  } catch (error) {
    if (error instanceof StoreDamagedError) return undefined;
    throw error;
  }
}

function listCost(head: PostingHead | undefined): number {
  if (!head) return Infinity;
  if (isInline(head)) return head.length * Cost.id;
  return Cost.list + head.containers * Cost.container + head.estimate * Cost.id;
}

/** `found` without the ids that `term` rules out; as it is where finding out costs more than it spares. */
async function narrowed(state: CommittedState, snapshot: Snapshot, found: IdSet, term: Candidates, cost: number): Promise<IdSet> {
  const spared = found.size * Cost.candidate * hopedShare;
  const singles = found.containerCount;
  if (term !== 'all' && term.op === 'posting' && singles <= singleContainersMax) {
    if (singles * Cost.singleContainer < Math.min(cost, spared)) return narrowedBySingles(state, snapshot, found, term.key);
  }
  if (cost >= spared) return found;
  const others = await collectSet(state, snapshot, term);
  return others ? found.intersectWith(others) : found;
}

/** Gets only the containers that `found` has too. */
function narrowedBySingles(state: CommittedState, snapshot: Snapshot, found: IdSet, key: PostingKey): IdSet {
  const head = headAt(state, snapshot, key);
  if (isInline(head)) return found.intersectWith(IdSet.of(head));
  return found.intersect((number) => state.database.getAt(snapshot, containerKey(head.list, number)));
}

async function collectAny(
  state: CommittedState,
  snapshot: Snapshot,
  terms: readonly Candidates[],
): Promise<readonly number[] | undefined> {
  const lists: (readonly number[])[] = [];
  for (const term of terms) {
    const ids = await collect(state, snapshot, term);
    if (!ids) return undefined;
    lists.push(ids);
  }
  return unite(lists);
}

/** A whole posting list, ascending. */
export async function readPosting(state: CommittedState, snapshot: Snapshot, key: PostingKey): Promise<readonly number[]> {
  return (await readSet(state, snapshot, key)).ids;
}

/** Head and containers come from one snapshot: a list may move in between. */
async function readSet(state: CommittedState, snapshot: Snapshot, key: PostingKey): Promise<IdSet> {
  const head = headAt(state, snapshot, key);
  if (isInline(head)) return IdSet.of(head);
  const set = new IdSet();
  for await (const items of state.database.items(containerRange(head.list), snapshot)) {
    for (const [place, container] of items) set.append(partsOfContainerKey(place).number, container);
  }
  if (set.containerCount !== head.containers) throw new StoreDamagedError('some containers of a posting list are missing');
  return set;
}

function headAt(state: CommittedState, snapshot: Snapshot, key: PostingKey): PostingHead {
  const bytes = state.database.getAt(snapshot, key);
  return bytes ? decodeHead(bytes) : noIds;
}

/** Ids on both ascending lists. */
export function intersect(a: readonly number[], b: readonly number[]): readonly number[] {
  const found: number[] = [];
  for (let i = 0, j = 0; i < a.length && j < b.length;) {
    const difference = a[i]! - b[j]!;
    if (difference === 0) {
      found.push(a[i]!);
      i++;
      j++;
    } else if (difference < 0) i++;
    else j++;
  }
  return found;
}

/** Ids on any of the ascending lists, ascending, each once. */
export function unite(lists: readonly (readonly number[])[]): readonly number[] {
  if (lists.length === 1) return lists[0]!;
  const all = new Uint32Array(lists.reduce((sum, list) => sum + list.length, 0));
  let position = 0;
  for (const list of lists) {
    all.set(list, position);
    position += list.length;
  }
  all.sort();
  const found: number[] = [];
  for (let index = 0; index < all.length; index++) {
    if (index === 0 || all[index] !== all[index - 1]) found.push(all[index]!);
  }
  return found;
}
