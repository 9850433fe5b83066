/**
 * Changes the configuration of a running directory: a new tree of cn=config is tried, what it asks for is made ready, its files are
 * written, and then the whole server goes by it in one step. Where any of this fails, nothing has changed.
 */
import type { CnConfigEntry } from '../../config/cn-config/entry.js';
import type { LiveConfiguration, TriedTree } from '../../config/cn-config/live.js';
import { ConfigError } from '../../config/directive.js';
import type { Config, DatabaseConfig, Diagnostic } from '../../config/model.js';
import { syncprovOf } from '../../config/overlays/settings.js';
import { LdapError, ResultCode } from '../../ldap/result.js';
import type { Database } from '../database.js';
import type { DirectoryEnvironment } from '../environment.js';
import { beginChangeLog, openDatabase, type DatabaseOpening } from '../open-database.js';
import { createOverlays } from '../overlays/create.js';
import { readRootDseFiles } from '../server-entries/root-dse-file.js';
import { ConfigTree, type ConfigurationChanges } from './config-tree.js';

/** Who goes by the configuration besides the directory. */
export interface ConfigurationFollower {
  /** Throws where it cannot go by this one. */
  readonly check?: (config: Config) => void;
  /** Goes by this one from now on. */
  readonly changed: (config: Config) => void;
}

/** What the directory does besides, as its databases come and go. */
export interface ConfigurationHooks {
  /** Adds what the front end knows. Rejects where it cannot go by it. */
  complete(config: Config): Promise<Config>;
  opened(database: Database): void;
  closed(database: Database): Promise<void>;
  /** Of a change that has been made: what has no effect. */
  warned(warnings: readonly Diagnostic[]): void;
  /** What was left to be done in the background could not be done. */
  failed(database: Database, error: Error): void;
}

export class ServerConfiguration implements ConfigurationChanges {
  readonly #followers = new Set<ConfigurationFollower>();
  #last: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly environment: DirectoryEnvironment,
    private readonly live: LiveConfiguration,
    private readonly opening: DatabaseOpening,
    private readonly hooks: ConfigurationHooks,
  ) {}

  follow(follower: ConfigurationFollower): () => void {
    this.#followers.add(follower);
    return () => void this.#followers.delete(follower);
  }

  change(work: (tree: ConfigTree) => CnConfigEntry): Promise<void> {
    const change = this.#last.then(() => this.#change(work));
    this.#last = change.catch(() => undefined);
    return change;
  }

  /** Resolves when the changes under way have ended. */
  async settled(): Promise<void> {
    await this.#last;
  }

  /** In the background. */
  buildIndexes(): void {
    for (const database of this.environment.databases) void this.#finish(database);
  }

  async #change(work: (tree: ConfigTree) => CnConfigEntry): Promise<void> {
    const { environment, live, opening } = this;
    const before = { root: live.root, config: live.config };
    const root = work(environment.configTree!);
    if (root === before.root) return;
    const tried = this.#try(root);
    const rootDseExtra = await readRootDseFiles(tried.config.rootDseFiles, tried.config.schema).catch((error) => refuse(error));
    const { serverId } = await this.hooks.complete(tried.config).catch((error) => refuse(error));
    const { schemaChanged, undo } = live.adopt(tried);
    const kept = environment.databases.filter(({ config }) => live.config.databases.some((one) => isSame(one, config)));
    const opened: Database[] = [];
    try {
      for (const database of live.config.databases) {
        if (database.type === 'monitor' || kept.some(({ config }) => isSame(config, database))) continue;
        opened.push(await openDatabase(live.config, database, opening));
      }
      for (const database of kept) await this.#prepare(database, configOf(live.config, database), schemaChanged);
      live.save(before.root);
    } catch (error) {
      undo();
      await Promise.all(opened.map(({ store }) => store.close()));
      for (const database of kept) await this.#prepare(database, database.config, schemaChanged).catch(() => undefined);
      refuse(error);
    }
    this.#goBy({ kept, opened, rootDseExtra, serverId, before, schemaChanged });
    this.hooks.warned(newAmong(tried.warnings, before.config.warnings));
  }

  #try(root: CnConfigEntry): TriedTree {
    try {
      const tried = this.live.try(root);
      for (const database of this.environment.databases) demandPossible(database, tried.config);
      demandSameProviders(this.environment.databases, tried.config);
      for (const follower of this.#followers) follower.check?.(tried.config);
      return tried;
    } catch (error) {
      return refuse(error);
    }
  }

  /** Indexes that an overlay may stand on are built before it begins. */
  async #prepare({ store, config: old }: Database, config: DatabaseConfig, schemaChanged: boolean): Promise<void> {
    const changeLog = syncprovOf(config.overlays)?.log;
    const isAsBefore = indexText(old) === indexText(config) && sameText(changeLog, syncprovOf(old.overlays)?.log);
    if (isAsBefore && !schemaChanged) return;
    await store.reconfigure({ indexes: config.indexes, changeLog });
    const needsIndexes = config.overlays.some(({ kind }) => old.overlays.every((other) => other.kind !== kind));
    if (needsIndexes && store.pendingIndexes.length > 0) await store.reindex();
  }

  #goBy({ kept, opened, rootDseExtra, serverId, before, schemaChanged }: PreparedChange): void {
    const { environment, live } = this;
    const config = Object.freeze({ ...live.config, serverId });
    const gone = environment.databases.filter((database) => !kept.includes(database));
    const databases = config.databases.flatMap((one) => [...kept, ...opened].find((other) => isSame(other.config, one)) ?? []);
    environment.reconfigure({ config, databases, rootDseExtra, configTree: new ConfigTree(live.root, environment.schema) });
    const isGlobalChange = before.root.attributes !== live.root.attributes || schemaChanged;
    for (const database of kept) {
      const entry = database.config.file;
      database.reconfigure(configOf(config, database));
      const isSameEntry = entryNamed(before.root, entry) === entryNamed(live.root, database.config.file);
      if (isGlobalChange || !isSameEntry) database.overlays = createOverlays(environment, database);
    }
    for (const database of opened) {
      database.overlays = createOverlays(environment, database);
      this.hooks.opened(database);
    }
    for (const follower of this.#followers) follower.changed(config);
    for (const database of databases) void this.#finish(database);
    for (const database of gone) void this.hooks.closed(database);
  }

  /** What need not be done before the change is answered. */
  async #finish(database: Database): Promise<void> {
    try {
      await beginChangeLog(this.environment, database);
      if (database.store.pendingIndexes.length > 0 && !database.store.reindexing) await database.store.reindex();
    } catch (error) {
      this.hooks.failed(database, error as Error);
    }
  }
}

interface PreparedChange {
  readonly kept: readonly Database[];
  readonly opened: readonly Database[];
  readonly rootDseExtra: Awaited<ReturnType<typeof readRootDseFiles>>;
  readonly serverId: number;
  readonly before: { readonly root: CnConfigEntry; readonly config: Config };
  readonly schemaChanged: boolean;
}

/** A database is where its folder is, whatever its number. */
function isSame(one: DatabaseConfig, other: DatabaseConfig): boolean {
  return one.type !== 'monitor' && other.type !== 'monitor' && one.directory === other.directory;
}

function configOf({ databases }: Config, { config }: Database): DatabaseConfig {
  return databases.find((one) => isSame(one, config))!;
}

function entryNamed({ children }: CnConfigEntry, name: string): CnConfigEntry | undefined {
  return children.find((child) => child.name === name);
}

/** Throws 53 where a database that is open cannot become what the configuration asks for. */
function demandPossible({ config: old, store }: Database, { databases, schema }: Config): void {
  const now = databases.find((one) => isSame(one, old));
  const suffixes = ({ suffixes: names }: DatabaseConfig): string => names.map(({ normalized }) => normalized).join('\n');
  if (now && suffixes(now) !== suffixes(old)) {
    throw refused(
      `olcSuffix: the suffix of a database that is open (${String(old.suffixes[0])}) cannot be changed; stop jammd first`,
    );
  }
  if (!now) {
    if (databases.every((one) => suffixes(one) !== suffixes(old))) return;
    throw refused(`olcDbDirectory: the folder of a database that is open (${old.directory}) cannot be changed; stop jammd first`);
  }
  const lost = store.dictionary.descriptions.find(({ type }) => !schema.attributeType(type.oid));
  if (!lost) return;
  throw refused(`attribute type ${lost.type.name} is in use in the database ${String(old.suffixes[0])}: it cannot be removed`);
}

/** Throws 53 where other providers are to be followed than when the server was started. */
function demandSameProviders(open: readonly Database[], { databases }: Config): void {
  const providers = (all: readonly DatabaseConfig[]): string =>
    JSON.stringify(
      all
        .filter(({ syncrepls }) => syncrepls.length > 0)
        .map(({ directory, syncrepls }) => [
          directory,
          syncrepls.map((one) => ({
            ...one,
            file: undefined,
            line: undefined,
            base: one.base.normalized,
            excluded: [...one.excluded],
          })),
        ])
        .sort(),
    );
  if (providers(databases) === providers(open.map(({ config }) => config))) return;
  throw refused('olcSyncrepl: providers are changed while jammd is stopped');
}

function refused(why: string): LdapError {
  return new LdapError(ResultCode.unwillingToPerform, why);
}

/** What the server cannot go by is answered as slapd answers it: 80, and what is wrong. */
function refuse(error: unknown): never {
  if (error instanceof LdapError) throw error;
  const isExpected = error instanceof ConfigError || 'code' in (error as object) || /Error$/.test((error as Error).name);
  if (!isExpected || (error as Error).name === 'TypeError') throw error;
  throw new LdapError(ResultCode.other, (error as Error).message);
}

function indexText({ indexes }: DatabaseConfig): string {
  return indexes
    .map(({ description, kinds }) => `${description.key} ${[...kinds].sort().join(',')}`)
    .sort()
    .join('\n');
}

function sameText(one: object | undefined, other: object | undefined): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

function newAmong(warnings: readonly Diagnostic[], known: readonly Diagnostic[]): readonly Diagnostic[] {
  const told = new Set(known.map(({ file, message }) => `${file} ${message}`));
  return warnings.filter(({ file, message }) => !told.has(`${file} ${message}`));
}
