/** The mark in a database that says a long piece of work on it was started and has not finished. */
import type { Database, WriteBatch } from './database.js';
import { metaKeys } from './keys.js';

export type Mark =
  /** Entries from `firstId` on are an import's, and may lack names, counters and postings. */
  | { readonly work: 'load'; readonly firstId: number }
  /** Everything but the records is being rebuilt from them. */
  | { readonly work: 'rebuild' }
  /** The database is being copied from another one. */
  | { readonly work: 'copy' };

export function readMark(database: Database): Mark | undefined {
  const bytes = database.get(metaKeys.loading);
  return bytes && (JSON.parse(bytes.toString()) as Mark);
}

/** On disk when it resolves. */
export async function setMark(database: Database, mark: Mark): Promise<void> {
  const batch = database.batch();
  batch.put(metaKeys.loading, Buffer.from(JSON.stringify(mark)));
  await batch.write({ sync: true });
}

export function removeMark(batch: WriteBatch): void {
  batch.delete(metaKeys.loading);
}
