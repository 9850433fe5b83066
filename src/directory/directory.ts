/**
 * The directory of one configuration, as front ends see it: opens and closes the databases, opens sessions, and tells
 * listeners about changes.
 */
import type { LiveConfiguration } from '../config/cn-config/live.js';
import type { Config, DatabaseConfig, Diagnostic } from '../config/model.js';
import type { DN } from '../dn/dn.js';
import type { Schema } from '../ldap/schema.js';
import { defaultMemoryBytes, MemoryBudget } from '../store/memory/budget.js';
import type { ConfiguredIndex } from '../store/store.js';
import type { Change, ChangeListener } from './changes.js';
import { ClusterMember } from './cluster/member.js';
import type { Database } from './database.js';
import { DirectoryEnvironment, type DamageListener, type FrontEndFacts } from './environment.js';
import type { Peer } from './model.js';
import { Inspection } from './inspection/inspection.js';
import { beginChangeLog, openDatabase, type DatabaseOpening } from './open-database.js';
import { AuditlogRecord } from './overlays/auditlog/record.js';
import { createOverlays } from './overlays/create.js';
import { requireIndexes } from './overlays/holders.js';
import type { LoginThrottle } from './logins/login-throttle.js';
import { ConfigTree } from './server-config/config-tree.js';
import { type ConfigurationFollower, ServerConfiguration } from './server-config/server-configuration.js';
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
  /** Called with what the log should say about a database's cluster. */
  readonly onCluster?: (database: DatabaseConfig, message: string) => void;
  /** Where the configuration is a slapd.d: serves cn=config, which can be changed. */
  readonly configuration?: LiveConfiguration | undefined;
  /** What the front end adds to a configuration when cn=config changes; rejects where it cannot go by it. */
  readonly completeConfiguration?: (config: Config) => Promise<Config>;
  /** Called when cn=config has been changed, for what has no effect in it. */
  readonly onConfigurationWarnings?: (warnings: readonly Diagnostic[]) => void;
  /** Called where work that a change of cn=config asks for failed after it had been answered. */
  readonly onBackgroundFailure?: (database: Database, error: Error) => void;
  /** Called for indexes that are configured but not built yet. */
  readonly onPendingIndexes?: (database: Database, pending: readonly ConfiguredIndex[]) => void;
}

export class Directory {
  readonly #configuration: ServerConfiguration | undefined;
  readonly #listeners = new Set<Listening>();
  readonly #closing = new Set<Promise<void>>();

  private constructor(
    private readonly environment: DirectoryEnvironment,
    { configuration, completeConfiguration, onConfigurationWarnings, onBackgroundFailure }: DirectoryOptions,
    opening: DatabaseOpening,
  ) {
    if (!configuration) return;
    this.#configuration = new ServerConfiguration(environment, configuration, opening, {
      complete: completeConfiguration ?? ((config) => Promise.resolve(config)),
      opened: (database) => this.#listeners.forEach(({ listener, ends }) => ends.push(listenTo(database, listener))),
      closed: (database) => this.#closeDatabase(database),
      warned: (warnings) => onConfigurationWarnings?.(warnings),
      failed: (database, error) => onBackgroundFailure?.(database, error),
    });
    environment.configuration = this.#configuration;
    // What a change asked for before a restart is done now.
    this.#configuration.buildIndexes();
  }

  /**
   * Opens every database. Rejects with the store's error where one cannot be opened, or with RootDseFileError; none
   * stays open then.
   */
  static async open(config: Config, options: DirectoryOptions = {}): Promise<Directory> {
    const rootDseExtra = await readRootDseFiles(config.rootDseFiles, config.schema);
    const databases: Database[] = [];
    const members = new Map<Database, ClusterMember>();
    const opening: DatabaseOpening = {
      memory: new MemoryBudget(config.limits.memoryBytes || defaultMemoryBytes()),
      inMemory: options.inMemory === true,
      onDamagedFile: options.onDamagedFile,
    };
    try {
      for (const database of config.databases) {
        if (database.type === 'monitor') continue;
        const member = ClusterMember.of(config, database, (message) => options.onCluster?.(database, message));
        const opened = await openDatabase(config, database, opening, member);
        databases.push(opened);
        if (member) members.set(opened, member);
      }
      const { configuration } = options;
      const configTree = configuration && new ConfigTree(configuration.root, config.schema);
      const environment = new DirectoryEnvironment({ config, databases, rootDseExtra, configTree }, options.onDamage);
      for (const database of databases) {
        database.overlays = createOverlays(environment, database);
        requireIndexes(database);
      }
      for (const database of databases) {
        const member = members.get(database);
        if (member) await member.join(environment, database);
        else await beginChangeLog(environment, database);
      }
      if (!configuration) tellPendingIndexes(databases, options);
      return new Directory(environment, options, opening);
    } catch (error) {
      await Promise.all(databases.map((database) => database.close()));
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
    await this.#configuration?.settled();
    await Promise.all([...this.#closing]);
    await Promise.all(this.databases.map((database) => database.close()));
    await Promise.all(this.databases.flatMap(({ overlays }) => overlays.map(async (overlay) => overlay.close?.())));
  }

  /**
   * Calls `listener` with every change once it is on disk, in the order of commits of its database. Returns a function that
   * ends this. Imports bypass the operations, and their entries are not reported here.
   */
  onChange(listener: ChangeListener): () => void {
    const listening = { listener, ends: this.databases.map((database) => listenTo(database, listener)) };
    this.#listeners.add(listening);
    return () => {
      this.#listeners.delete(listening);
      listening.ends.forEach((end) => end());
    };
  }

  /** To go by the configuration when cn=config changes. Returns a function that ends this. */
  followConfiguration(follower: ConfigurationFollower): () => void {
    return this.#configuration?.follow(follower) ?? (() => undefined);
  }

  #closeDatabase(database: Database): Promise<void> {
    const closing = database.close().catch(() => undefined);
    this.#closing.add(closing);
    return closing.finally(() => this.#closing.delete(closing));
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

interface Listening {
  readonly listener: ChangeListener;
  /** One for each database. */
  readonly ends: (() => void)[];
}

function listenTo({ store }: Database, listener: ChangeListener): () => void {
  return store.onCommit((notes) => {
    for (const note of notes) if (!(note instanceof AuditlogRecord)) listener(note as Change);
  });
}
