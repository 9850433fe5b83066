/** Writes down, by itself, that a database belongs to a cluster and where it is in that one's log; or that it belongs to none. */
import type { Database } from './database.js';
import { metaKeys } from './keys.js';

export async function writeClusterPosition(database: Database, position: Buffer | undefined): Promise<void> {
  const batch = database.batch();
  if (position) batch.put(metaKeys.cluster, position);
  else batch.delete(metaKeys.cluster);
  await batch.write({ sync: true });
}
