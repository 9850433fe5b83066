/** Reads everything in order from memory, where nearly all of it is, as long as nothing is written. */
import type { EntryRecord } from '../../entry/record.js';
import { openRecord, type CommittedState } from '../committed.js';
import type { Snapshot } from '../level/database.js';
import { recordKey } from '../level/keys.js';

/** A record that has to be read by itself costs as much as three that are read in order. */
const heldShare = 0.9;
/** Numbers without an entry cost as much. */
const numbersPerEntryMax = 1.2;
const chunkRecords = 256;

/** Is it worth reading from memory? `lastId`: no entry has a higher one. */
export function holdsNearlyAll({ records }: CommittedState, entryCount: number, lastId: number): boolean {
  return records.count >= entryCount * heldShare && lastId <= entryCount * numbersPerEntryMax + chunkRecords;
}

/**
 * The records of `snapshot` in id order. Returns the id from which on the snapshot itself has to be read: after the last one,
 * or where something has been written meanwhile, or a record cannot be read.
 */
export function* scanMemory(
  committed: CommittedState,
  snapshot: Snapshot,
  fromId: number,
  lastId: number,
): Generator<EntryRecord[], number, void> {
  const { database, dictionary, records } = committed;
  let id = fromId;
  while (id <= lastId) {
    // Memory shows what is committed: the same as the snapshot only as long as nothing is.
    if (snapshot.changes === undefined || snapshot.changes !== database.changes) return id;
    const chunk: EntryRecord[] = [];
    try {
      for (; id <= lastId && chunk.length < chunkRecords; id++) {
        const record = records.peek(id);
        if (record) chunk.push(record);
        else {
          const bytes = database.get(recordKey(id));
          if (bytes) chunk.push(openRecord(bytes, id, dictionary));
        }
      }
    } catch {
      // A damaged record: those who read the snapshot know what to do about it.
      if (chunk.length > 0) yield chunk;
      return id;
    }
    if (chunk.length > 0) yield chunk;
  }
  return id;
}
