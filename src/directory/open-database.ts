/** Opens the store of one database of the configuration. */
import type { Config, DatabaseConfig } from '../config/model.js';
import { syncprovOf } from '../config/overlays/settings.js';
import { memoryLocation } from '../store/level/folder.js';
import type { MemoryBudget } from '../store/memory/budget.js';
import { Store } from '../store/store.js';
import { StoreClusterMemberError } from '../store/errors.js';
import type { Journal } from '../store/journal.js';
import { type ClusterMembership, Database } from './database.js';
import type { DirectoryEnvironment } from './environment.js';

export interface DatabaseOpening {
  readonly memory: MemoryBudget;
  /** Keep it in a temporary folder that is removed on close, whatever the configuration says. */
  readonly inMemory: boolean;
  /** Called, with a line of text each, for damaged parts of the database's files. */
  readonly onDamagedFile: ((database: DatabaseConfig, description: string) => void) | undefined;
}

/** Of a database that belongs to a cluster. */
export interface ClusterPart extends ClusterMembership {
  readonly node: Journal;
}

/** Rejects with the store's error. It has no overlays yet, and has not joined its cluster. */
export async function openDatabase(
  { schema }: Config,
  database: DatabaseConfig,
  { memory, inMemory, onDamagedFile }: DatabaseOpening,
  cluster?: ClusterPart,
): Promise<Database> {
  const store = await Store.open({
    journal: cluster?.node,
    location: inMemory ? memoryLocation : database.directory,
    schema,
    indexes: database.indexes,
    changeLog: syncprovOf(database.overlays)?.log,
    memory,
    fillMemory: true,
    onDamagedFile: (description) => onDamagedFile?.(database, description),
  });
  if (!cluster && store.clusterPosition) {
    await store.close();
    throw new StoreClusterMemberError(store.folder);
  }
  return new Database(database, store, schema, cluster);
}

/**
 * Where the change log does not know what came before it: a new CSN, above all that are stored, is the context it begins
 * in. Replicas that have seen less refresh. One that itself follows a provider has no CSNs of its own to give: its log begins
 * with what it is told next.
 */
export async function beginChangeLog(environment: DirectoryEnvironment, { store, config }: Database): Promise<void> {
  if (!store.log.isKept || store.log.base || config.syncrepls.length > 0) return;
  await store.write((tx) => {
    tx.resetLog();
    tx.noteContext(environment.changeStamp(undefined).csn);
  });
}
