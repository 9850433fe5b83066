/** What tests do to the files of a database that nobody has open. */
import { Database, defaultDatabaseOptions } from '../../src/store/level/database.js';

/** LevelDB makes a table of what is in its logs when it opens them. */
export async function moveLogsToTables(folder: string): Promise<void> {
  const database = await Database.open(folder, defaultDatabaseOptions);
  await database.close();
}
