/**
 * The directory of one configuration, as front ends see it: opens and closes the databases, opens sessions, and tells
 * listeners about changes.
 */
import type { CnConfigEntry } from '../config/cn-config/entry.js';
import type { Config, DatabaseConfig } from '../config/model.js';
import { syncprovOf } from '../config/overlays/settings.js';
import type { DN } from '../dn/dn.js';
import type { Schema } from '../ldap/schema.js';
import { memoryLocation } from '../store/level/folder.js';
import { defaultMemoryBytes, MemoryBudget } from '../store/memory/budget.js';
import { Store, type ConfiguredIndex } from '../store/store.js';
import type { Change, ChangeListener } from './changes.js';
import { Database } from './database.js';
import { DirectoryEnvironment, type DamageListener, type FrontEndFacts } from './environment.js';
import type { Peer } from './model.js';
import { Inspection } from './inspection/inspection.js';
import { createOverlays } from './overlays/create.js';
import { requireIndexes } from './overlays/holders.js';
import type { LoginThrottle } from './logins/login-throttle.js';
import { ConfigTree } from './server-config/config-tree.js';
import type { LongSearches } from './search/long-searches.js';
import type { MonitorSource } from './server-entries/monitor.js';
import { readRootDseFiles } from './server-entries/root-dse-file.js';
import { DirectorySession } from './session.js';
import { changeLdif, type ChangeOptions, type ChangeReport } from './transfer/change-ldif.js';
import type { LdifSource } from '../ldif/reader.js';

export interface DirectoryOptions {
  /** Keep the databases in temporary folders that are removed on close, whatever the configuration says. */
  readonly inMemory?: boolean;
  readonly onDamage?: DamageListener;
  /** Called, with a line of text each, for damaged parts of a database's files that were found when it was opened. */
  readonly onDamagedFile?: (database: DatabaseConfig, description: string) => void;
  /** The entries of cn=config, where the configuration is a slapd.d. */
  readonly configRoot?: CnConfigEntry | undefined;
  /** Called for indexes that are configured but not built yet. */
  readonly onPendingIndexes?: (database: Database, pending: readonly ConfiguredIndex[]) => void;
}

export class Directory {
  private constructor(private readonly environment: DirectoryEnvironment) {}

  /**
   * Opens every database. Rejects with the store's error where one cannot be opened, or with RootDseFileError; none
   * stays open then.
   */
  static async open(config: Config, options: DirectoryOptions = {}): Promise<Directory> {
    const rootDseExtra = await readRootDseFiles(config.rootDseFiles, config.schema);
    const databases: Database[] = [];
    const memory = new MemoryBudget(config.limits.memoryBytes || defaultMemoryBytes());
    try {
      for (const database of config.databases) {
        if (database.type === 'monitor') continue;
        const store = await Store.open({
          location: options.inMemory ? memoryLocation : database.directory,
          schema: config.schema,
          indexes: database.indexes,
          changeLog: syncprovOf(database.overlays)?.log,
          memory,
          fillMemory: true,
          onDamagedFile: (description) => options.onDamagedFile?.(database, description),
        });
        databases.push(new Database(database, store, config.schema));
      }
      const environment = new DirectoryEnvironment(
        config,
        databases,
        rootDseExtra,
        options.onDamage,
        options.configRoot && new ConfigTree(options.configRoot, config.schema),
      );
      for (const database of databases) {
        database.overlays = createOverlays(environment, database);
        requireIndexes(database);
      }
      for (const database of databases) await beginChangeLog(environment, database);
      tellPendingIndexes(databases, options);
      return new Directory(environment);
    } catch (error) {
      await Promise.all(databases.map((database) => database.store.close()));
      throw error;
    }
  }

  get config(): Config {
    return this.environment.config;
  }

  get schema(): Schema {
    return this.environment.schema;
  }

  get databases(): readonly Database[] {
    return this.environment.databases;
  }

  get longSearches(): LongSearches {
    return this.environment.longSearches;
  }

  get logins(): LoginThrottle {
    return this.environment.logins;
  }

  /** Waits for queued writes, then closes the databases. */
  async close(): Promise<void> {
    this.logins.stop();
    await Promise.all(this.databases.map((database) => database.store.close()));
  }

  /**
   * Calls `listener` with every change once it is on disk, in the order of commits of its database. Returns a function that
   * ends this. Imports bypass the operations, and their entries are not reported here.
   */
  onChange(listener: ChangeListener): () => void {
    const told = (notes: readonly unknown[]): void => {
      for (const note of notes) listener(note as Change);
    };
    const ends = this.databases.map((database) => database.store.onCommit(told));
    return () => ends.forEach((end) => end());
  }

  /** Makes an LDIF file's changes, without access rules. */
  changeLdif(source: LdifSource, options: ChangeOptions): Promise<ChangeReport> {
    return changeLdif(source, this.environment, options);
  }

  /** For those who want to know what the configuration means, rather than to use it. */
  inspect(): Inspection {
    return new Inspection(this.environment);
  }

  openSession(peer: Peer): DirectorySession {
    return new DirectorySession(this.environment, peer);
  }

  /** The front end says what it offers, so that the root DSE can publish it. */
  describeFrontEnd(facts: FrontEndFacts, monitor?: MonitorSource): void {
    this.environment.describeFrontEnd(facts, monitor);
  }

  /** Throws 34. */
  parseDN(name: Buffer | string): DN {
    return this.environment.parseDN(name);
  }

  reportDamage(database: Database, id: number, error: Error): void {
    this.environment.reportDamage(database, id, error);
  }
}

function tellPendingIndexes(databases: readonly Database[], { onPendingIndexes }: DirectoryOptions): void {
  for (const database of databases) {
    const pending = database.store.pendingIndexes;
    if (pending.length > 0) onPendingIndexes?.(database, pending);
  }
}

/**
 * Where the change log does not know what came before it: a new CSN, above all that are stored, is the context it begins
 * in. Replicas that have seen less refresh.
 */
async function beginChangeLog(environment: DirectoryEnvironment, { store }: Database): Promise<void> {
  if (!store.log.isKept || store.log.base) return;
  await store.write((tx) => {
    tx.resetLog();
    tx.noteContext(environment.changeStamp(undefined).csn);
  });
}
