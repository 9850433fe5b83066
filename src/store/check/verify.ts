/**
 * Checks a whole database against itself, in one snapshot: records, names, tree, counters, and every posting in both
 * directions. Memory does not grow with the number of postings: expected and stored ones are first compared as sums, and only
 * an index whose sums differ is compared list by list.
 */
import type { EntryRecord } from '../../entry/record.js';
import { GenerationCache } from '../cache.js';
import { decodeCounters, openRecord } from '../committed.js';
import type { Database, Snapshot } from '../level/database.js';
import { isCorruption } from '../errors.js';
import { unitName, type IndexUnit } from '../index/index-units.js';
import { IndexTerms } from '../index/index-terms.js';
import { countersKey, keyRanges, metaKeys, nameKey, numberInKey, recordKey } from '../level/keys.js';
import type { Counters } from '../layer.js';
import { scanRecords } from '../long-reads.js';
import { HighestCsns } from '../log/highest-csns.js';
import { verifyLog } from './verify-log.js';
import { comparePostings, PostingSums, sumStoredPostings } from './verify-postings.js';
import type { ProgressListener } from '../index/rebuild.js';
import type { StoreState } from '../state.js';
import { TreeCounters } from '../tree-counters.js';

export interface StoreProblem {
  readonly about: 'record' | 'name' | 'tree' | 'counters' | 'index' | 'change log' | 'database';
  /** The entry it is about, where it is about one. */
  readonly id?: number;
  /** One line that says precisely what is wrong. */
  readonly message: string;
}

export type ProblemListener = (problem: StoreProblem) => void;

export interface VerifyReport {
  /** Whole records read. */
  readonly entries: number;
  readonly problems: number;
}

/** Bytes for the names of parents that are needed again and again. */
const parentNamesBytes = 16 << 20;

export async function verifyStore(
  state: StoreState,
  units: readonly IndexUnit[],
  onProblem: ProblemListener,
  onProgress?: ProgressListener,
): Promise<VerifyReport> {
  const snapshot = state.committed.database.snapshot();
  try {
    return await new Verification(state, units, snapshot, onProblem, onProgress).run();
  } finally {
    await snapshot.close();
  }
}

class Verification {
  readonly #state: StoreState;
  readonly #database: Database;
  readonly #snapshot: Snapshot;
  readonly #units: readonly IndexUnit[];
  readonly #terms: IndexTerms;
  readonly #report: ProblemListener;
  readonly #onProgress: ProgressListener | undefined;
  readonly #tree = new TreeCounters();
  readonly #expected = new PostingSums();
  readonly #damaged = new Set<number>();
  readonly #unindexable = new Set<number>();
  readonly #csns: HighestCsns;
  readonly #parentNames = new GenerationCache<number, string>(parentNamesBytes, (name) => name.length * 2 + 100);
  #entries = 0;
  #problems = 0;

  constructor(
    state: StoreState,
    units: readonly IndexUnit[],
    snapshot: Snapshot,
    onProblem: ProblemListener,
    onProgress: ProgressListener | undefined,
  ) {
    this.#state = state;
    this.#database = state.committed.database;
    this.#snapshot = snapshot;
    this.#units = units;
    this.#terms = new IndexTerms(units, state.committed.dictionary);
    this.#csns = new HighestCsns(state.committed.dictionary);
    this.#onProgress = onProgress;
    this.#report = (problem) => {
      this.#problems++;
      onProblem(problem);
    };
  }

  async run(): Promise<VerifyReport> {
    await this.#unlessUnreadable('the records', () => this.#checkRecords());
    this.#checkState();
    await this.#unlessUnreadable('the names', () => this.#checkNames());
    await this.#unlessUnreadable('the counters', () => this.#checkCounters());
    await this.#unlessUnreadable('the indexes', () => this.#checkPostings());
    await this.#unlessUnreadable('the change log', () => this.#checkLog());
    return { entries: this.#entries, problems: this.#problems };
  }

  /** A table file may be damaged in such a way that LevelDB gives up on a whole range. */
  async #unlessUnreadable(what: string, check: () => Promise<void>): Promise<void> {
    try {
      await check();
    } catch (error) {
      if (!isCorruption(error)) throw error;
      this.#report({ about: 'database', message: `${what} cannot be read: ${(error as Error).message}` });
    }
  }

  #get(key: string): Buffer | undefined {
    try {
      return this.#database.getAt(this.#snapshot, key);
    } catch (error) {
      if (isCorruption(error)) return undefined;
      throw error;
    }
  }

  #termsOf(record: EntryRecord): Iterable<string> {
    try {
      return this.#terms.of(record);
    } catch (error) {
      const { id, dn } = record;
      if (!this.#unindexable.has(id)) {
        this.#report({ about: 'record', id, message: `entry ${id} (${dn}): ${(error as Error).message}` });
      }
      this.#unindexable.add(id);
      return [];
    }
  }

  #records(): AsyncIterable<EntryRecord[]> {
    const { committed, numbering } = this.#state;
    return scanRecords(this.#database, committed.dictionary, this.#snapshot, numbering.nextId - 1, {
      onDamaged: (id, error) => {
        if (this.#damaged.has(id)) return;
        this.#damaged.add(id);
        this.#report({ about: 'record', id, message: `entry ${id}: ${error.message}` });
      },
    });
  }

  async #checkRecords(): Promise<void> {
    for await (const chunk of this.#records()) {
      for (const record of chunk) this.#checkRecord(record);
      this.#entries += chunk.length;
      this.#onProgress?.(this.#entries, this.#state.entryCount);
    }
  }

  #checkRecord(record: EntryRecord): void {
    const { id, parentId } = record;
    const named = this.#idOf(record.ndn);
    if (named !== id) {
      const found = named === undefined ? 'no entry' : `entry ${named}`;
      const message = `entry ${id} is named ${record.dn}, but that name leads to ${found}`;
      this.#report({ about: 'name', id, message });
    }
    this.#csns.note(record);
    this.#checkParent(record);
    this.#tree.add(parentId);
    this.#expected.addChild(parentId, id);
    for (const term of this.#termsOf(record)) this.#expected.addTerm(term, id);
  }

  #checkParent(record: EntryRecord): void {
    const { id, parentId } = record;
    if (parentId === 0 || this.#damaged.has(parentId)) return;
    const name = this.#nameOf(parentId);
    if (name === record.parentNdn) return;
    const found = name === undefined ? 'does not exist' : `is named ${name}`;
    const message = `entry ${id} (${record.dn}) lies below entry ${parentId}, which ${found}`;
    this.#report({ about: 'tree', id, message });
  }

  #nameOf(id: number): string | undefined {
    const known = this.#parentNames.get(id);
    if (known !== undefined) return known;
    const name = this.#read(id)?.ndn;
    if (name !== undefined) this.#parentNames.set(id, name);
    return name;
  }

  #idOf(ndn: string): number | undefined {
    const bytes = this.#get(nameKey(ndn));
    return bytes?.length === 4 ? bytes.readUInt32LE(0) : undefined;
  }

  #read(id: number): EntryRecord | undefined {
    try {
      const bytes = this.#get(recordKey(id));
      return bytes && openRecord(bytes, id, this.#state.committed.dictionary);
    } catch {
      return undefined;
    }
  }

  #checkState(): void {
    const stored = this.#get(metaKeys.state)?.readUInt32LE(8) ?? 0;
    const found = this.#entries + this.#damaged.size;
    if (stored === found) return;
    this.#report({ about: 'database', message: `the stored number of entries is ${stored}; there are ${found}` });
  }

  /** Each record's name was looked up, so the names that remain lead to entries that do not exist. */
  async #checkNames(): Promise<void> {
    for (const range of [keyRanges.names, keyRanges.hashedNames]) {
      for await (const items of this.#database.items(range, this.#snapshot)) {
        for (const [key, bytes] of items) this.#checkName(key, bytes);
      }
    }
  }

  #checkName(key: string, bytes: Buffer): void {
    const shown = key.startsWith('d') ? key.slice(1) : '(a long name)';
    if (bytes.length !== 4) {
      this.#report({ about: 'name', message: `the name ${shown} has an id of ${bytes.length} bytes` });
      return;
    }
    const id = bytes.readUInt32LE(0);
    if (this.#damaged.has(id)) return;
    const record = this.#read(id);
    if (record && nameKey(record.ndn) === key) return;
    const found = record ? `which is named ${record.dn}` : 'which does not exist';
    this.#report({ about: 'name', id, message: `the name ${shown} leads to entry ${id}, ${found}` });
  }

  async #checkCounters(): Promise<void> {
    const expected = this.#tree.totals((id) => this.#read(id)?.parentId ?? 0);
    for (const [id, counters] of expected) {
      const bytes = this.#get(countersKey(id));
      this.#checkCounter(id, bytes, counters);
    }
    for await (const items of this.#database.items(keyRanges.counters, this.#snapshot)) {
      for (const [key, bytes] of items) {
        const id = numberInKey(key);
        if (!expected.has(id)) this.#checkCounter(id, bytes, { children: 0, descendants: 0 });
      }
    }
  }

  #checkCounter(id: number, bytes: Buffer | undefined, expected: Counters): void {
    const stored = bytes?.length === 8 ? decodeCounters(bytes) : { children: 0, descendants: 0 };
    if (stored.children === expected.children && stored.descendants === expected.descendants) return;
    this.#report({
      about: 'counters',
      id,
      message:
        `entry ${id} is recorded with ${stored.children} children and ${stored.descendants} entries below; ` +
        `it has ${expected.children} and ${expected.descendants}`,
    });
  }

  async #checkPostings(): Promise<void> {
    const names = new Map(this.#units.map((unit) => [unit.prefix, `index ${unitName(unit)}`]));
    const report = (message: string): void => this.#report({ about: 'index', message });
    const stored = await sumStoredPostings(this.#database, this.#snapshot, names, report);
    for (const group of this.#expected.groupsUnlike(stored, names.keys())) {
      await comparePostings({
        database: this.#database,
        snapshot: this.#snapshot,
        group,
        name: names.get(group),
        postings: this.#expected.count(group),
        records: () => this.#records(),
        termsOf: (record) => this.#termsOf(record),
        report,
      });
    }
  }

  #checkLog(): Promise<void> {
    return verifyLog({
      database: this.#database,
      snapshot: this.#snapshot,
      dictionary: this.#state.committed.dictionary,
      stored: this.#csns.set(),
      report: (message) => this.#report({ about: 'change log', message }),
    });
  }
}
