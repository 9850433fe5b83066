/** Copies a snapshot of a database into an empty folder, where it is a database like any other. */
import { readdir } from 'node:fs/promises';
import { BulkWriter } from './bulk-writer.js';
import { Database, type DatabaseOptions, type Snapshot } from './database.js';
import { StoreError } from './errors.js';
import { makeFolder } from './folder.js';

export async function copyDatabase(
  source: Database,
  snapshot: Snapshot,
  folder: string,
  options: DatabaseOptions,
): Promise<void> {
  await makeFolder(folder);
  if ((await readdir(folder)).length > 0) {
    throw new StoreError(`${folder} is not empty: a backup needs a folder of its own`);
  }
  const target = await Database.open(folder, options);
  try {
    const writer = new BulkWriter(target);
    for await (const items of source.items({ gte: '\0', lt: '\uffff' }, snapshot)) {
      for (const [key, value] of items) writer.put(key, value);
      await writer.drain();
    }
    await writer.settle();
    await target.flush();
  } finally {
    await target.close();
  }
}
