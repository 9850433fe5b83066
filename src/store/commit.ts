/** The step that makes a layer of writes durable: one LevelDB batch, and the committed state brought up to it. */
import { performance } from 'node:perf_hooks';
import type { AttributeDescription } from '../ldap/schema.js';
import type { WriteLayer } from './layer.js';
import { fillBatch, fillBatchSlowly } from './layer-batch.js';
import type { Database } from './level/database.js';
import { metaKeys } from './level/keys.js';
import type { StagedLog } from './log/change-log.js';
import type { StoreState } from './state.js';

export interface CommitOptions {
  /** Let others have their turn while the batch is filled: for layers of any size. */
  readonly slowly: boolean;
  /** Where the journal is with this batch. */
  readonly position?: Buffer;
  /** Do not wait for the disk: the journal has it, and tells it again. */
  readonly unsynced?: boolean;
}

/** Answers with the milliseconds that LevelDB took, or the error where it failed. */
export async function commitLayer(
  state: StoreState,
  layer: WriteLayer,
  { slowly, position, unsynced = false }: CommitOptions,
): Promise<number | Error> {
  const { numbering, committed, log } = state;
  const entries = state.entryCount + layer.entries;
  let started: number;
  let descriptions: readonly AttributeDescription[];
  let staged: StagedLog | undefined;
  try {
    const batch = committed.database.batch();
    if (slowly) await fillBatchSlowly(batch, layer);
    else fillBatch(batch, layer);
    staged = log.stage(batch, layer);
    descriptions = numbering.save(batch, entries);
    if (position) batch.put(metaKeys.cluster, position);
    started = performance.now();
    await batch.write({ sync: !unsynced });
  } catch (error) {
    return error as Error;
  }
  const milliseconds = performance.now() - started;
  numbering.saved(descriptions);
  state.entryCount = entries;
  committed.apply(layer);
  if (staged) log.committed(staged);
  return milliseconds;
}

/** More than a disk's block, so that it does not fit where the log file has room left. */
const probeBytes = 8_192;

/** Writes something that leaves nothing behind. Rejects with LevelDB's error. */
export async function probeDisk(database: Database): Promise<void> {
  const batch = database.batch();
  batch.put(metaKeys.probe, Buffer.alloc(probeBytes));
  batch.delete(metaKeys.probe);
  await batch.write({ sync: true });
}
