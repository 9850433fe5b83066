/** Compares the stored postings with those that the records require. */
import type { EntryRecord } from '../../entry/record.js';
import type { Database, Snapshot } from '../level/database.js';
import {
  childrenKey,
  containerRange,
  indexPrefixChars,
  indexRange,
  keyRanges,
  numberInKey,
  partsOfContainerKey,
} from '../level/keys.js';
import {
  appendContainer,
  containerCount,
  containerIsCanonical,
  decodeHead,
  isInline,
  sizeStep,
  type LargeHead,
} from '../index/posting.js';

type Report = (message: string) => void;

/** Postings are summed in groups: one for each index, and one for the children of entries. */
const childrenGroup = 'k';

function groupOf(key: string): string {
  return key.startsWith(childrenGroup) ? childrenGroup : key.slice(0, indexPrefixChars);
}

function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) value = Math.imul(value ^ text.charCodeAt(index), 0x01000193);
  return value;
}

function mix(value: number, factor: number): number {
  let mixed = Math.imul(value ^ (value >>> 16), factor);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}

interface Sum {
  count: number;
  first: number;
  second: number;
}

/** Sums that do not depend on order: two sets of postings with equal sums are, almost certainly, the same. */
export class PostingSums {
  readonly #groups = new Map<string, Sum>();

  addChild(parentId: number, id: number): void {
    this.#add(childrenGroup, hash(childrenKey(parentId)), id);
  }

  addTerm(key: string, id: number): void {
    this.#add(groupOf(key), hash(key), id);
  }

  addAll(key: string, ids: readonly number[]): void {
    const group = groupOf(key);
    const keyHash = hash(key);
    for (const id of ids) this.#add(group, keyHash, id);
  }

  #add(group: string, keyHash: number, id: number): void {
    let sum = this.#groups.get(group);
    if (!sum) this.#groups.set(group, (sum = { count: 0, first: 0, second: 0 }));
    const value = keyHash ^ Math.imul(id, 0x9e3779b1);
    sum.count++;
    sum.first = (sum.first + mix(value, 0x85ebca6b)) >>> 0;
    sum.second = (sum.second + mix(value ^ id, 0x27d4eb2f)) >>> 0;
  }

  count(group: string): number {
    return this.#groups.get(group)?.count ?? 0;
  }

  /** The groups that differ, among those given and the children's. */
  groupsUnlike(other: PostingSums, named: Iterable<string>): string[] {
    return [childrenGroup, ...named].filter((group) => {
      const a = this.#groups.get(group);
      const b = other.#groups.get(group);
      return a?.count !== b?.count || a?.first !== b?.first || a?.second !== b?.second;
    });
  }
}

/** Sums what is stored under `groups` and the children's lists, and checks that each list is well formed. */
export async function sumStoredPostings(
  database: Database,
  snapshot: Snapshot,
  groups: ReadonlyMap<string, string>,
  report: Report,
): Promise<PostingSums> {
  const sums = new PostingSums();
  const large = new Map<number, LargeList>();
  for (const range of [keyRanges.children, keyRanges.terms]) {
    for await (const items of database.items(range, snapshot)) {
      for (const [key, bytes] of items) {
        const head = decodeHead(bytes);
        if (!isInline(head)) large.set(head.list, { key, head, containers: 0, estimate: 0 });
        else if (range === keyRanges.children || groups.has(groupOf(key))) {
          if (!isAscending(head) || bytes.length !== head.length * 4 || head.length === 0) {
            report(`${listName(key, groups)}: the list is not in order`);
          }
          sums.addAll(key, head);
        }
      }
    }
  }
  await sumContainers(database, snapshot, groups, large, sums, report);
  return sums;
}

interface LargeList {
  readonly key: string;
  readonly head: LargeHead;
  containers: number;
  estimate: number;
}

async function sumContainers(
  database: Database,
  snapshot: Snapshot,
  groups: ReadonlyMap<string, string>,
  large: ReadonlyMap<number, LargeList>,
  sums: PostingSums,
  report: Report,
): Promise<void> {
  const strays = new Set<number>();
  for await (const items of database.items(keyRanges.containers, snapshot)) {
    for (const [place, container] of items) {
      const { list, number } = partsOfContainerKey(place);
      const found = large.get(list);
      if (!found) {
        if (!strays.has(list)) report(`posting list ${list} has containers but no head`);
        strays.add(list);
        continue;
      }
      if (!containerIsCanonical(container)) report(`${listName(found.key, groups)}: container ${number} is damaged`);
      found.containers++;
      found.estimate += sizeStep(containerCount(container));
      const ids: number[] = [];
      appendContainer(container, number, ids);
      sums.addAll(found.key, ids);
    }
  }
  for (const { key, head, containers, estimate } of large.values()) {
    if (head.containers === containers && head.estimate === estimate) continue;
    // Postings of an index that is no longer configured do no harm.
    if (!key.startsWith(childrenGroup) && !groups.has(groupOf(key))) continue;
    const said = `${head.containers} containers with an estimate of ${head.estimate}`;
    report(`${listName(key, groups)}: the head says ${said}; there are ${containers} with ${estimate}`);
  }
}

function isAscending(ids: readonly number[]): boolean {
  return ids.every((id, index) => index === 0 || id > ids[index - 1]!);
}

function listName(key: string, groups: ReadonlyMap<string, string>): string {
  if (key.startsWith(childrenGroup)) return `children of entry ${numberInKey(key)}`;
  return `${groups.get(groupOf(key)) ?? 'dropped index'}, term ${termText(key)}`;
}

function termText(key: string): string {
  const term = key.slice(indexPrefixChars);
  return term.startsWith('=') ? JSON.stringify(term.slice(1)) : term;
}

/** Postings compared at a time; the rest need another pass over the records. */
const postingsPerPass = 2_000_000;
/** Differences reported one by one. */
const differencesMax = 100;

export interface PostingComparison {
  readonly database: Database;
  readonly snapshot: Snapshot;
  readonly group: string;
  /** The index's name in messages; undefined for the children's lists. */
  readonly name: string | undefined;
  /** How many postings the records ask for. */
  readonly postings: number;
  readonly records: () => AsyncIterable<EntryRecord[]>;
  readonly termsOf: (record: EntryRecord) => Iterable<string>;
  readonly report: Report;
}

/** Goes through one group list by list and reports each posting that is missing or superfluous. */
export async function comparePostings(comparison: PostingComparison): Promise<void> {
  const passes = Math.max(1, Math.ceil(comparison.postings / postingsPerPass));
  let differences = 0;
  const tell: Report = (message) => {
    if (++differences <= differencesMax) comparison.report(message);
  };
  for (let pass = 0; pass < passes; pass++) {
    const inPass = (key: string): boolean => (hash(key) >>> 0) % passes === pass;
    const expected = await expectedLists(comparison, inPass);
    await compareLists(comparison, inPass, expected, tell);
  }
  if (differences > differencesMax) {
    const name = comparison.name ?? 'children of entries';
    comparison.report(`${name}: ${differences - differencesMax} more differences`);
  }
}

async function expectedLists(
  { group, records, termsOf }: PostingComparison,
  inPass: (key: string) => boolean,
): Promise<Map<string, Set<number>>> {
  const expected = new Map<string, Set<number>>();
  const expect = (key: string, id: number): void => {
    if (groupOf(key) !== group || !inPass(key)) return;
    const ids = expected.get(key);
    if (ids) ids.add(id);
    else expected.set(key, new Set([id]));
  };
  for await (const chunk of records()) {
    for (const record of chunk) {
      if (group === childrenGroup) expect(childrenKey(record.parentId), record.id);
      else for (const term of termsOf(record)) expect(term, record.id);
    }
  }
  return expected;
}

async function compareLists(
  { database, snapshot, group, name }: PostingComparison,
  inPass: (key: string) => boolean,
  expected: Map<string, Set<number>>,
  tell: Report,
): Promise<void> {
  const names = new Map([[group, name ?? '']]);
  const range = group === childrenGroup ? keyRanges.children : indexRange(group);
  for await (const items of database.items(range, snapshot)) {
    for (const [key, bytes] of items) {
      if (!inPass(key)) continue;
      const ids = await storedIds(database, snapshot, bytes);
      const wanted = expected.get(key) ?? new Set<number>();
      expected.delete(key);
      for (const id of ids) {
        if (!wanted.delete(id)) tell(`${listName(key, names)}: entry ${id} is listed but should not be`);
      }
      for (const id of wanted) tell(`${listName(key, names)}: entry ${id} is missing`);
    }
  }
  for (const [key, ids] of expected) {
    for (const id of ids) tell(`${listName(key, names)}: entry ${id} is missing`);
  }
}

async function storedIds(database: Database, snapshot: Snapshot, bytes: Buffer): Promise<readonly number[]> {
  const head = decodeHead(bytes);
  if (isInline(head)) return head;
  const ids: number[] = [];
  for await (const items of database.items(containerRange(head.list), snapshot)) {
    for (const [place, container] of items) appendContainer(container, partsOfContainerKey(place).number, ids);
  }
  return ids;
}
