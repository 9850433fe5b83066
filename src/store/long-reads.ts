/** Long reads, in chunks: everything in order, a subtree, a snapshot with parents first. */
import type { AttributeDictionary } from '../entry/dictionary.js';
import { EntryRecord, RecordDamagedError } from '../entry/record.js';
import { fewCandidates, readPosting } from './index/candidates.js';
import { openRecord, type CommittedState } from './committed.js';
import type { Database, Snapshot } from './level/database.js';
import { isCorruption, StoreDamagedError } from './errors.js';
import { childrenKey, keyRanges, numberInKey, recordKey } from './level/keys.js';
import { noIds } from './index/posting.js';

export type DamageListener = (id: number, error: Error) => void;

/** Entries handed out at once by reads that fetch them one by one. */
const chunkEntries = 256;

export interface ScanOptions {
  readonly fromId?: number;
  /** How many entries will be read, where that is known. */
  readonly wanted?: number;
  readonly onDamaged?: DamageListener;
  /** Most that is read at once; there is a default. */
  readonly chunkBytes?: number;
}

/** All entries in id order, from `snapshot`. `lastId`: no entry has a higher one. */
export async function* scanRecords(
  database: Database,
  dictionary: AttributeDictionary,
  snapshot: Snapshot,
  lastId: number,
  { fromId = 1, wanted, chunkBytes, onDamaged = () => undefined }: ScanOptions,
): AsyncGenerator<EntryRecord[], void, void> {
  let nextId = fromId;
  try {
    for await (const values of database.values({ ...keyRanges.records, gte: recordKey(fromId) }, snapshot, {
      wanted,
      chunkBytes,
    })) {
      const chunk = decodeChunk(values, dictionary, nextId);
      if (!chunk) {
        // One of them is damaged: go back and take them with their keys.
        for await (const records of scanCarefully(database, dictionary, snapshot, nextId, onDamaged)) {
          const whole = records.filter(({ id }) => id >= nextId);
          if (whole.length === 0) continue;
          // Where this ends in an error, too, what follows goes on from here.
          nextId = whole[whole.length - 1]!.id + 1;
          yield whole;
        }
        return;
      }
      nextId = chunk[chunk.length - 1]!.id + 1;
      yield chunk;
    }
  } catch (error) {
    if (!isCorruption(error)) throw error;
    yield* scanById(database, dictionary, snapshot, nextId, lastId, onDamaged);
    await tellSkipped(database, snapshot, fromId, nextId, onDamaged);
  }
}

/** Undefined if a record is damaged or stands in another's place. */
function decodeChunk(values: readonly Buffer[], dictionary: AttributeDictionary, fromId: number): EntryRecord[] | undefined {
  const chunk = new Array<EntryRecord>(values.length);
  let previous = fromId - 1;
  for (let index = 0; index < values.length; index++) {
    if (!EntryRecord.isWhole(values[index]!)) return undefined;
    const record = new EntryRecord(values[index]!, dictionary);
    if (record.id <= previous) return undefined;
    previous = record.id;
    chunk[index] = record;
  }
  return chunk;
}

async function* scanCarefully(
  database: Database,
  dictionary: AttributeDictionary,
  snapshot: Snapshot,
  fromId: number,
  onDamaged: DamageListener,
): AsyncGenerator<EntryRecord[], void, void> {
  for await (const items of database.items({ ...keyRanges.records, gte: recordKey(fromId) }, snapshot)) {
    const chunk: EntryRecord[] = [];
    for (const [key, value] of items) {
      const id = numberInKey(key);
      try {
        chunk.push(openRecord(value, id, dictionary));
      } catch (error) {
        onDamaged(id, error as Error);
      }
    }
    yield chunk;
  }
}

/** Where a table file itself is damaged, an iterator may stop there for good; single reads get past it. */
async function* scanById(
  database: Database,
  dictionary: AttributeDictionary,
  snapshot: Snapshot,
  fromId: number,
  lastId: number,
  onDamaged: DamageListener,
): AsyncGenerator<EntryRecord[], void, void> {
  for (let id = fromId; id <= lastId;) {
    const chunk: EntryRecord[] = [];
    for (const end = Math.min(id + chunkEntries, lastId + 1); id < end; id++) {
      try {
        const bytes = database.getAt(snapshot, recordKey(id));
        if (bytes) chunk.push(openRecord(bytes, id, dictionary));
      } catch (error) {
        if (!isCorruption(error) && !(error instanceof RecordDamagedError)) throw error;
        onDamaged(id, isCorruption(error) ? unreadable(id) : (error as Error));
      }
    }
    if (chunk.length > 0) yield chunk;
    await new Promise<void>((resolve) => setImmediate(resolve));
  }
}

/**
 * Tells of the records between `fromId` and `endId` that an iterator did not come upon: it goes past a block that LevelDB
 * refuses to read, and says only at its end that there was one.
 */
async function tellSkipped(
  database: Database,
  snapshot: Snapshot,
  fromId: number,
  endId: number,
  onDamaged: DamageListener,
): Promise<void> {
  let next = fromId;
  const tellUpTo = async (end: number): Promise<void> => {
    for (let looked = 1; next < end; next++, looked++) {
      try {
        database.getAt(snapshot, recordKey(next));
      } catch (error) {
        if (!isCorruption(error)) throw error;
        onDamaged(next, unreadable(next));
      }
      if (looked % chunkEntries === 0) await new Promise<void>((resolve) => setImmediate(resolve));
    }
  };
  try {
    for await (const items of database.items({ ...keyRanges.records, gte: recordKey(fromId) }, snapshot)) {
      for (const [key] of items) {
        const id = numberInKey(key);
        if (id < next || id >= endId) continue;
        if (id > next) await tellUpTo(id);
        next = id + 1;
      }
    }
  } catch (error) {
    if (!isCorruption(error)) throw error;
  }
  await tellUpTo(endId);
}

function unreadable(id: number): RecordDamagedError {
  return new RecordDamagedError(`entry ${id} cannot be read from the database file`);
}

/** Ids of all entries below, parents before children. `lastId`: no entry has a higher one. */
export async function* descendantIds(state: CommittedState, lastId: number, id: number): AsyncGenerator<number, void, void> {
  for await (const ids of childLists(state, lastId, id)) yield* ids;
}

/** The same by families: the children of the entry, then those of each entry below that has any. */
async function* childLists(state: CommittedState, lastId: number, id: number): AsyncGenerator<readonly number[], void, void> {
  const pending: number[] = [id];
  for (let parent = pending.pop(); parent !== undefined; parent = pending.pop()) {
    if (state.childCount(parent) === 0) continue;
    const children = await childIds(state, lastId, parent);
    yield children;
    for (let index = children.length - 1; index >= 0; index--) pending.push(children[index]!);
  }
}

async function childIds(state: CommittedState, lastId: number, id: number): Promise<readonly number[]> {
  const key = childrenKey(id);
  const few = fewCandidates(state, { op: 'posting', key });
  if (few) return few;
  const snapshot = state.database.snapshot();
  try {
    return await readPosting(state, snapshot, key);
  } catch (error) {
    if (!(error instanceof StoreDamagedError) && !isCorruption(error)) throw error;
    return await childIdsByReadingAll(state, snapshot, lastId, id);
  } finally {
    await snapshot.close();
  }
}

/** The list of children is damaged: their records say the same, at a price. */
async function childIdsByReadingAll(state: CommittedState, snapshot: Snapshot, lastId: number, id: number): Promise<number[]> {
  const ids: number[] = [];
  const { database, dictionary } = state;
  for await (const chunk of scanRecords(database, dictionary, snapshot, lastId, {})) {
    for (const record of chunk) if (record.parentId === id) ids.push(record.id);
  }
  return ids;
}

/** The base, then everything below, parents before children. An entry that is gone by its turn is left out. */
export async function* walkRecords(
  state: CommittedState,
  lastId: number,
  baseId: number,
  onDamaged: DamageListener,
): AsyncGenerator<EntryRecord[], void, void> {
  let chunk: EntryRecord[] = [];
  const take = (id: number): void => {
    try {
      const record = state.records.peek(id) ?? state.uncachedEntry(id);
      if (record) chunk.push(record);
    } catch (error) {
      if (!(error instanceof RecordDamagedError)) throw error;
      onDamaged(id, error);
    }
  };
  take(baseId);
  for await (const ids of childLists(state, lastId, baseId)) {
    for (const id of ids) {
      take(id);
      if (chunk.length < chunkEntries) continue;
      yield chunk;
      chunk = [];
    }
  }
  if (chunk.length > 0) yield chunk;
}

/**
 * All entries of a snapshot, each after its parent. Ids ascend that way already but for entries that were moved below
 * a younger one: those wait, by id, for their parent.
 */
export async function* parentsFirst(
  chunks: AsyncIterable<EntryRecord[]>,
  lastId: number,
  read: (id: number) => EntryRecord | undefined,
): AsyncGenerator<EntryRecord[], void, void> {
  const seen = new Uint8Array((lastId >>> 3) + 1);
  const waiting = new Map<number, number[]>();
  const emit = (record: EntryRecord, out: EntryRecord[]): void => {
    out.push(record);
    seen[record.id >>> 3]! |= 1 << (record.id & 7);
  };
  /** Hands out a waiting entry, and whatever waits for it. */
  const release = (id: number, out: EntryRecord[]): void => {
    const ready = [id];
    for (let next = ready.pop(); next !== undefined; next = ready.pop()) {
      const record = read(next);
      if (record) emit(record, out);
      ready.push(...takeWaiting(waiting, next));
    }
  };
  for await (const chunk of chunks) {
    const out: EntryRecord[] = [];
    for (const record of chunk) {
      const parent = record.parentId;
      if (parent === 0 || (seen[parent >>> 3]! & (1 << (parent & 7))) !== 0) {
        emit(record, out);
        for (const id of takeWaiting(waiting, record.id)) release(id, out);
      } else if (waiting.has(parent)) waiting.get(parent)!.push(record.id);
      else waiting.set(parent, [record.id]);
    }
    if (out.length > 0) yield out;
  }
  yield* orphans(waiting, release);
}

function takeWaiting(waiting: Map<number, number[]>, parent: number): readonly number[] {
  const ids = waiting.get(parent);
  if (!ids) return noIds;
  waiting.delete(parent);
  return ids;
}

/** Entries whose parent's record is damaged or missing still have their own content, and entries below them. */
function* orphans(
  waiting: Map<number, number[]>,
  release: (id: number, out: EntryRecord[]) => void,
): Generator<EntryRecord[], void, void> {
  const ids = new Set([...waiting.values()].flat());
  for (const [parent, children] of [...waiting]) {
    if (ids.has(parent)) continue;
    waiting.delete(parent);
    for (const id of children) {
      const out: EntryRecord[] = [];
      release(id, out);
      if (out.length > 0) yield out;
    }
  }
}
