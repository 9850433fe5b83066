/** Opens all databases of a configuration, none of which a server may be using. */
import { existsSync } from 'node:fs';
import type { Config, DatabaseConfig } from '../config/model.js';
import { Directory } from '../directory/directory.js';
import { StoreLockedError } from '../store/errors.js';
import { databaseName, hasStore } from './configuration.js';
import { CommandFailure } from './failure.js';

/**
 * Does the work and closes them. Databases that do not exist yet are left out. Rejects with CommandFailure where one that is
 * needed does not, or where a server uses one.
 */
export async function withStoppedDirectory<T>(
  config: Config,
  needed: readonly DatabaseConfig[],
  work: (directory: Directory) => Promise<T>,
): Promise<T> {
  for (const { directory } of needed) if (!existsSync(directory)) throw new CommandFailure(`no database in ${directory} yet`);
  const databases = config.databases.filter((database) => !hasStore(database) || existsSync(database.directory));
  return withDirectory({ ...config, databases }, { inMemory: false }, work);
}

/** The same with empty databases, whatever those of the configuration hold. */
export function withEmptyDirectory<T>(config: Config, work: (directory: Directory) => Promise<T>): Promise<T> {
  return withDirectory(config, { inMemory: true }, work);
}

async function withDirectory<T>(
  config: Config,
  { inMemory }: { readonly inMemory: boolean },
  work: (directory: Directory) => Promise<T>,
): Promise<T> {
  const directory = await Directory.open(config, {
    inMemory,
    onDamage: (database, id, error) =>
      void process.stderr.write(`${databaseName(database.config)}: entry ${id} is damaged: ${error.message}\n`),
    onDamagedFile: (database, description) =>
      void process.stderr.write(`${databaseName(database)}: skipped a damaged block: ${description}\n`),
  }).catch((error: unknown) => {
    if (!(error instanceof StoreLockedError)) throw error;
    throw new CommandFailure(`${error.message}: stop the server first`);
  });
  try {
    return await work(directory);
  } finally {
    await directory.close();
  }
}
