/** Turns a layer of writes into the puts and deletions of a LevelDB batch. */
import { encodeCounters } from './committed.js';
import type { WriteBatch } from './level/database.js';
import { countersKey, nameKey, recordKey } from './level/keys.js';
import type { WriteLayer } from './layer.js';

/** Keys that may be put into a batch before others get a turn. */
const keysPerTurn = 2_000;

export function fillBatch(batch: WriteBatch, layer: WriteLayer): void {
  const steps = batchSteps(batch, layer);
  while (steps.next().done !== true);
}

/** The same for a layer of any size, letting others have their turn in between. */
export async function fillBatchSlowly(batch: WriteBatch, layer: WriteLayer): Promise<void> {
  let keys = 0;
  for (const step of batchSteps(batch, layer)) {
    keys += step;
    if (keys < keysPerTurn) continue;
    keys = 0;
    await new Promise<void>((resolve) => setImmediate(resolve));
  }
}

function* batchSteps(batch: WriteBatch, layer: WriteLayer): Generator<number, void, void> {
  for (const [id, record] of layer.records) yield change(batch, recordKey(id), record && record.buffer);
  for (const [ndn, id] of layer.names) yield change(batch, nameKey(ndn), id === 0 ? null : encodeId(id));
  for (const [id, counters] of layer.counters) {
    const gone = counters.children === 0 && counters.descendants === 0;
    yield change(batch, countersKey(id), gone ? null : encodeCounters(counters));
  }
  for (const [key, head] of layer.heads) yield change(batch, key, head);
  for (const [key, container] of layer.containers) yield change(batch, key, container);
}

function change(batch: WriteBatch, key: string, value: Buffer | null): number {
  if (value === null) batch.delete(key);
  else batch.put(key, value);
  return 1;
}

export function encodeId(id: number): Buffer {
  const bytes = Buffer.allocUnsafe(4);
  bytes.writeUInt32LE(id, 0);
  return bytes;
}
