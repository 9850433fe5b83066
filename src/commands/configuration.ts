/** Reads the configuration and chooses the database, as most commands do first. */
import { statSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { Option } from 'commander';
import { LiveConfiguration } from '../config/cn-config/live.js';
import { configInMemory, convertSlapdConf, readSlapdConf } from '../config/cn-config/from-slapd-conf.js';
import { type FolderResult, loadConfigFolder } from '../config/cn-config/load.js';
import { defaultConfig } from '../config/default.js';
import { holderOf } from '../config/glue.js';
import type { Config, DatabaseConfig } from '../config/model.js';
import { syncprovOf } from '../config/overlays/settings.js';
import { formatDiagnostic, loadConfig, type ParseResult } from '../config/parse.js';
import { DN } from '../dn/dn.js';
import { isServed } from '../control/client.js';
import { StoreLockedError } from '../store/errors.js';
import { Store, type StoreOptions } from '../store/store.js';
import { CommandFailure } from './failure.js';

export const configFileOption = (): Option =>
  new Option('-f, --config <file>', "the configuration, a slapd.conf (default: the HOWTO's, with data in ./var/data)");

export const configFolderOption = (): Option =>
  new Option('-F, --config-dir <folder>', 'the configuration as a slapd.d (cn=config), as slapd keeps it').conflicts('config');

/** For commands that convert, given both. */
export const convertedFolderOption = (): Option =>
  new Option(
    '-F, --config-dir <folder>',
    'the configuration as a slapd.d (cn=config), as slapd keeps it; with -f, an empty folder that it is converted into',
  );

/** Where both are given: makes the slapd.d of the slapd.conf. Throws CommandFailure with what is in the way. */
export function convertIfBoth({ config, configDir }: ConfigurationChoice, dryRun = false): ConfigurationChoice {
  if (config === undefined || configDir === undefined) return { config, configDir };
  const diagnostics = convertSlapdConf({ file: config, folder: configDir }, { dryRun });
  const told = diagnostics.map(formatDiagnostic);
  if (diagnostics.some(({ severity }) => severity === 'error')) throw new CommandFailure(told.join('\n'));
  for (const line of told) process.stderr.write(`${line}\n`);
  return dryRun ? { config } : { configDir };
}

export const suffixOption = (): Option =>
  new Option('-b, --suffix <dn>', 'the database that holds this name (default: the first)').conflicts('number');

export const numberOption = (): Option =>
  new Option(
    '-n, --number <n>',
    'the n-th database of the configuration, counted from 1; 0 is cn=config (import, export)',
  ).conflicts('suffix');

/** Names the configuration where the command line names none: a slapd.conf or a slapd.d. */
export const usualConfigVariable = 'JAMMD_CONFIG';

export interface DatabaseChoice {
  readonly suffix?: string;
  readonly number?: string;
}

export interface ConfigurationChoice {
  /** A slapd.conf. */
  readonly config?: string;
  /** A slapd.d. */
  readonly configDir?: string;
}

/** Undefined: neither is given, and the default configuration is meant. */
export function loadChosenConfig({ config, configDir }: ConfigurationChoice): ParseResult | FolderResult | undefined {
  const folder = configDir ?? (config === undefined ? usualFolder() : undefined);
  if (folder !== undefined) return loadConfigFolder(folder);
  const file = chosenFile({ config });
  return file === undefined ? undefined : loadConfig(file);
}

/** A slapd.conf; undefined where a slapd.d is chosen, or nothing. */
function chosenFile({ config, configDir }: ConfigurationChoice): string | undefined {
  if (configDir !== undefined) return undefined;
  return config ?? (usualFolder() === undefined ? process.env[usualConfigVariable] || undefined : undefined);
}

function usualFolder(): string | undefined {
  const usual = process.env[usualConfigVariable];
  return usual && statSync(usual, { throwIfNoEntry: false })?.isDirectory() ? usual : undefined;
}

export interface ServerConfiguration {
  readonly config: Config;
  /** Where it was read from a slapd.d: what makes changes of cn=config possible. */
  readonly configuration: LiveConfiguration | undefined;
}

/** Warnings go to standard error. Throws CommandFailure with all errors of the configuration. */
export function readConfiguration(choice: ConfigurationChoice): Config {
  return configOf(loadChosenConfig(choice)) ?? defaultConfig();
}

/** As `readConfiguration`, for who serves cn=config. Given both a file and a folder, goes on from the folder, as slapd. */
export function readServerConfiguration(choice: ConfigurationChoice): ServerConfiguration {
  const chosen = convertIfBoth(choice);
  const file = chosenFile(chosen);
  const loaded: ParseResult | FolderResult | undefined =
    file === undefined ? loadChosenConfig(chosen) : configInMemory(readSlapdConf(file), file);
  const config = configOf(loaded) ?? defaultConfig();
  return { config, configuration: loaded && isTree(loaded) ? LiveConfiguration.of(loaded, file === undefined) : undefined };
}

function isTree(loaded: ParseResult | FolderResult): loaded is FolderResult {
  return 'root' in loaded;
}

function configOf(loaded: ParseResult | undefined): Config | undefined {
  if (!loaded) return undefined;
  const { config, diagnostics } = loaded;
  if (!config) throw new CommandFailure(['the configuration is not valid', ...diagnostics.map(formatDiagnostic)].join('\n'));
  for (const warning of diagnostics) process.stderr.write(`${formatDiagnostic(warning)}\n`);
  return config;
}

/** Databases are numbered as slapd's tools do, a monitor database included. Throws CommandFailure. */
export function chooseDatabase(config: Config, choice: DatabaseChoice): DatabaseConfig {
  if (choice.number !== undefined) return numberedDatabase(config, choice.number);
  if (choice.suffix !== undefined) return databaseHolding(config, choice.suffix);
  // As slapd's tools: one that is glued to another is not meant by itself.
  const stores = config.databases.filter(hasStore);
  const first = stores.find(({ subordinate }) => !subordinate) ?? stores[0];
  if (!first) throw new CommandFailure('the configuration has no database');
  return first;
}

export function hasStore(database: DatabaseConfig): boolean {
  return database.type !== 'monitor';
}

/** For messages: the first suffix, or what it is. */
export function databaseName(database: DatabaseConfig): string {
  return database.suffixes[0]?.toString() ?? database.type;
}

export function openStore(
  config: Config,
  database: DatabaseConfig,
  options: Partial<Omit<StoreOptions, 'location' | 'schema' | 'indexes'>> = {},
): Promise<Store> {
  return Store.open({
    onDamagedFile: (description) =>
      void process.stderr.write(`${databaseName(database)}: skipped a damaged block: ${description}\n`),
    ...options,
    location: database.directory,
    schema: config.schema,
    indexes: database.indexes,
    changeLog: syncprovOf(database.overlays)?.log,
  });
}

/** For commands that only read: rejects with CommandFailure where there is no folder yet, rather than make one. */
export async function openExistingStore(
  config: Config,
  database: DatabaseConfig,
  options: Parameters<typeof openStore>[2] = {},
): Promise<Store> {
  const status = await stat(database.directory).catch(() => undefined);
  if (!status) throw new CommandFailure(`no database in ${database.directory} yet`);
  return openStore(config, database, options);
}

/**
 * For commands that only read. 'server': a running one has the database open, and can be asked. Rejects as
 * `openExistingStore`; with StoreLockedError where whoever has it open cannot be asked.
 */
export async function openStoreOrServer(
  config: Config,
  database: DatabaseConfig,
  options: Parameters<typeof openStore>[2] = {},
): Promise<Store | 'server'> {
  try {
    return await openExistingStore(config, database, options);
  } catch (error) {
    if (!(error instanceof StoreLockedError)) throw error;
    if (await isServed(database.directory)) return 'server';
    throw new CommandFailure(`${error.message}, which is not a jammd server`);
  }
}

function numberedDatabase(config: Config, text: string): DatabaseConfig {
  const database = /^\d+$/.test(text) ? config.databases[Number(text) - 1] : undefined;
  if (!database) throw new CommandFailure(`-n ${text}: databases are numbered 1 to ${config.databases.length}`);
  if (!hasStore(database)) throw new CommandFailure(`-n ${text}: a ${database.type} database stores no entries`);
  return database;
}

function databaseHolding(config: Config, text: string): DatabaseConfig {
  const { normalized } = DN.parse(text, config.schema);
  const found = holderOf(config.databases.filter(hasStore), normalized);
  if (!found) throw new CommandFailure(`-b ${text}: no database holds this name`);
  return found;
}
