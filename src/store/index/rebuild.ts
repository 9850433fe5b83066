/** Rebuilds from the records what can be rebuilt: the postings of some indexes, or everything else. */
import { BulkWriter } from '../transfer/bulk-writer.js';
import { encodeCounters, type CommittedState } from '../committed.js';
import { IndexTerms } from './index-terms.js';
import { encodePolicy, type IndexUnit } from './index-units.js';
import {
  containerRange,
  countersKey,
  indexRange,
  keyRanges,
  metaKeys,
  nameKey,
  recordKey,
  type KeyRange,
} from '../level/keys.js';
import { encodeId } from '../layer-batch.js';
import { scanRecords, type DamageListener } from '../long-reads.js';
import { removeMark, setMark } from '../level/mark.js';
import { PostingBuilder } from './posting-builder.js';
import { decodeHead, isInline } from './posting.js';
import type { StoreState } from '../state.js';
import { TreeCounters } from '../tree-counters.js';

/** `done` of `total` entries. */
export type ProgressListener = (done: number, total: number) => void;

export interface RebuildOptions {
  readonly onProgress?: ProgressListener;
  readonly onDamaged?: DamageListener;
}

/**
 * Builds the postings of `units` while nobody writes. They must not be in use; whatever is stored under their keys is
 * cleared. On disk when it resolves; that they are built is for the caller to write down.
 */
export async function buildUnits(
  state: StoreState,
  units: readonly IndexUnit[],
  { onProgress, onDamaged }: RebuildOptions,
): Promise<void> {
  const { committed, numbering } = state;
  const { database, dictionary } = committed;
  for (const unit of units) await clearUnit(state, unit);
  const writer = new BulkWriter(database);
  const postings = new PostingBuilder({ database, writer, numbering, fresh: true, lastStoredId: 0 });
  const terms = new IndexTerms(units, dictionary);
  const snapshot = database.snapshot();
  try {
    let done = 0;
    for await (const chunk of scanRecords(database, dictionary, snapshot, numbering.nextId - 1, { onDamaged })) {
      for (const record of chunk) terms.visit(record, postings.termsOf(record.id));
      if (postings.full) await postings.drain();
      done += chunk.length;
      onProgress?.(done, state.entryCount);
    }
    await postings.flush();
  } finally {
    await snapshot.close();
  }
  await database.sync();
  committed.forgetPostings();
}

/** Containers go before the heads that name them, so that being interrupted leaves nothing unnamed. */
async function clearUnit({ committed }: StoreState, unit: IndexUnit): Promise<void> {
  const { database } = committed;
  const range = indexRange(unit.prefix);
  for await (const items of database.items(range)) {
    for (const [, bytes] of items) {
      const head = decodeHead(bytes);
      if (!isInline(head)) await database.clear(containerRange(head.list));
    }
  }
  await database.clear(range);
}

/** Writes down which units are built. On disk when it resolves. */
export async function savePolicy(state: StoreState, built: readonly IndexUnit[]): Promise<void> {
  const batch = state.committed.database.batch();
  batch.put(metaKeys.policy, encodePolicy(built));
  const descriptions = state.numbering.save(batch, state.entryCount);
  await batch.write({ sync: true });
  state.numbering.saved(descriptions);
}

/** Deletes the records of an import that was cut off. What else it left is for `rebuildAll`. */
export async function discardLoad(state: StoreState, firstId: number): Promise<void> {
  await setMark(state.committed.database, { work: 'load', firstId });
  await state.committed.database.clear({ ...keyRanges.records, gte: recordKey(firstId) });
}

const derivedRanges: readonly KeyRange[] = [
  keyRanges.terms,
  keyRanges.children,
  keyRanges.containers,
  keyRanges.counters,
  keyRanges.names,
  keyRanges.hashedNames,
];

/**
 * Makes names, tree, counters and the postings of `units` from the records alone, while nobody reads or writes. A mark
 * makes an interrupted rebuild start again at the next open.
 */
export async function rebuildAll(
  state: StoreState,
  units: readonly IndexUnit[],
  { onProgress, onDamaged }: RebuildOptions,
): Promise<void> {
  const { committed, numbering } = state;
  const { database, dictionary } = committed;
  await setMark(database, { work: 'rebuild' });
  for (const range of derivedRanges) await database.clear(range);
  committed.forgetAll();
  const writer = new BulkWriter(database);
  const postings = new PostingBuilder({ database, writer, numbering, fresh: true, lastStoredId: 0 });
  const tree = new TreeCounters();
  const terms = new IndexTerms(units, dictionary);
  const total = state.entryCount;
  let entries = 0;
  const snapshot = database.snapshot();
  try {
    for await (const chunk of scanRecords(database, dictionary, snapshot, numbering.nextId - 1, { onDamaged })) {
      for (const record of chunk) {
        writer.put(nameKey(record.ndn), encodeId(record.id));
        tree.add(record.parentId);
        postings.addChild(record.parentId, record.id);
        terms.visit(record, postings.termsOf(record.id));
      }
      if (postings.full) await postings.drain();
      if (writer.full) await writer.drain();
      entries += chunk.length;
      onProgress?.(entries, total);
    }
    await postings.flush();
  } finally {
    await snapshot.close();
  }
  const parentOf = (id: number): number => recordOrNone(committed, id)?.parentId ?? 0;
  for (const [id, counters] of tree.totals(parentOf)) writer.put(countersKey(id), encodeCounters(counters));
  await writer.settle();
  await database.sync();
  state.entryCount = entries;
  const batch = database.batch();
  batch.put(metaKeys.policy, encodePolicy(units));
  const descriptions = numbering.save(batch, entries);
  removeMark(batch);
  await batch.write({ sync: true });
  numbering.saved(descriptions);
  committed.forgetAll();
}

/** A damaged ancestor counts nothing: it was told about when it was scanned. */
function recordOrNone(committed: CommittedState, id: number): { parentId: number } | undefined {
  try {
    return committed.entry(id);
  } catch {
    return undefined;
  }
}
