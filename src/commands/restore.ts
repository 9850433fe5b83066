/** `jammd restore`: puts the databases of a backup in the place of those there are. */
import { join } from 'node:path';
import { Command, Option } from 'commander';
import type { Config, DatabaseConfig } from '../config/model.js';
import { leadsReplicas } from '../config/replication.js';
import { readBackup, type BackupContents, type BackupDatabase } from '../directory/transfer/backup-folder.js';
import { restampEntries } from '../directory/transfer/restamp.js';
import { DN } from '../dn/dn.js';
import { StoreLockedError } from '../store/errors.js';
import { DatabaseRestore, holdsEntries } from '../store/transfer/restore.js';
import { Store } from '../store/store.js';
import { describeDamage } from '../store/check/damage.js';
import { checkDatabaseFiles } from '../store/check/file-check.js';
import { privateUmask } from './backup.js';
import {
  chooseDatabase,
  configFileOption,
  configFolderOption,
  type ConfigurationChoice,
  databaseName,
  hasStore,
  readConfiguration,
  type DatabaseChoice,
} from './configuration.js';
import { CommandFailure, reasonOf } from './failure.js';
import { countOf, Progress } from './progress.js';

interface RestoreOptions extends DatabaseChoice, ConfigurationChoice {
  readonly replace?: true;
}

/** A database of the backup, and the one of the configuration that it is to become. */
interface Pair {
  readonly source: string;
  readonly saved: BackupDatabase;
  readonly database: DatabaseConfig;
}

export function restoreCommand(): Command {
  return new Command('restore')
    .summary('replace the databases with a backup')
    .description(
      'Restores the databases of a backup made by jammd backup, while no server is using them. It first checks the whole ' +
        'backup as jammd check --database does, and changes nothing if it finds a fault. It replaces a database that has ' +
        'entries only with --replace, and then keeps the old one beside the new. Where replicas follow (overlay syncprov), all ' +
        'entries get new change sequence numbers, so that every replica takes the restored state.',
    )
    .argument('<folder>', 'the backup')
    .addOption(configFileOption())
    .addOption(configFolderOption())
    .addOption(
      new Option('-b, --suffix <dn>', 'only the database that holds this name (default: all of the backup)').conflicts('number'),
    )
    .addOption(new Option('-n, --number <n>', 'only the n-th database, counted from 1').conflicts('suffix'))
    .option('--replace', 'replace databases that have entries; the old ones are kept aside')
    .addHelpText(
      'after',
      `
Examples:
  $ jammd restore -f slapd.conf /var/backups/jammd/2026-11-28
  $ jammd restore -f slapd.conf --replace /var/backups/jammd/2026-11-28`,
    )
    .action(restore);
}

async function restore(folder: string, options: RestoreOptions): Promise<void> {
  const config = readConfiguration(options);
  process.umask(privateUmask);
  const pairs = pairsOf(folder, await readBackup(folder), config, options);
  if (!options.replace) for (const { database } of pairs) await refuseEntries(database);
  const restores: DatabaseRestore[] = [];
  try {
    // All are looked at before the first is exchanged.
    for (const pair of pairs) restores.push(await prepare(pair, config));
    for (const [index, { saved, database }] of pairs.entries()) {
      const aside = await restores[index]!.install({ keepOld: options.replace === true });
      const old = aside === undefined ? '' : `; the old database is in ${aside}`;
      process.stdout.write(
        `${databaseName(database)}: ${countOf(saved.entries, 'entry', 'entries')} restored to ${database.directory}${old}\n`,
      );
    }
  } finally {
    for (const one of restores) await one.close();
  }
}

/** Throws CommandFailure where the configuration lacks one of them. */
function pairsOf(folder: string, backup: BackupContents, config: Config, options: RestoreOptions): Pair[] {
  const normalized = (suffix: string): string => DN.parse(suffix, config.schema).normalized;
  const isSaved = (database: DatabaseConfig, saved: BackupDatabase): boolean => {
    const suffixes = saved.suffixes.map(normalized);
    return hasStore(database) && database.suffixes.some((suffix) => suffixes.includes(suffix.normalized));
  };
  const names = backup.databases.map(({ suffixes }) => suffixes[0]).join(', ');
  if (options.suffix !== undefined || options.number !== undefined) {
    const database = chooseDatabase(config, options);
    const saved = backup.databases.find((candidate) => isSaved(database, candidate));
    if (!saved) throw new CommandFailure(`${folder} contains no backup of ${databaseName(database)}, only of ${names}`);
    return [{ source: join(folder, saved.folder), saved, database }];
  }
  return backup.databases.map((saved) => {
    const database = config.databases.find((candidate) => isSaved(candidate, saved));
    if (database) return { source: join(folder, saved.folder), saved, database };
    throw new CommandFailure(
      `the configuration has no database ${saved.suffixes[0]}; choose one of the backup's databases with -b (${names})`,
    );
  });
}

async function refuseEntries({ directory }: DatabaseConfig): Promise<void> {
  if (!(await stopped(() => holdsEntries(directory)))) return;
  throw new CommandFailure(
    `${directory} holds a database with entries; use --replace to replace it (the old one is kept in the same folder)`,
  );
}

/** Brings the copy to where it will be, locks others out and checks it. */
async function prepare(pair: Pair, config: Config): Promise<DatabaseRestore> {
  const { source, database } = pair;
  await checkFiles(source);
  const prepared = await stopped(() => DatabaseRestore.begin(database.directory));
  try {
    await prepared.stage(source);
    await checkCopy(pair, prepared.staged, config);
    return prepared;
  } catch (error) {
    await prepared.close();
    throw error;
  }
}

async function stopped<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof StoreLockedError) throw new CommandFailure(`${error.message}; stop it first`);
    throw error;
  }
}

async function checkFiles(source: string): Promise<void> {
  let damaged = 0;
  await checkDatabaseFiles(source, (damage) => {
    damaged++;
    process.stderr.write(`${describeDamage(source, damage)}\n`);
  });
  if (damaged > 0) throw damagedBackup();
}

/** The copy is opened, and written to by that; the backup itself is only read. */
async function checkCopy({ source, saved, database }: Pair, staged: string, config: Config): Promise<void> {
  const progress = new Progress();
  const name = databaseName(database);
  const tell = (message: string): void => {
    progress.clear();
    process.stderr.write(`${name}: ${message}\n`);
  };
  try {
    const { schema } = config;
    const store = await Store.open({ location: staged, schema, indexes: database.indexes, autoIndexEntriesMax: 0 });
    try {
      const report = await store.verify(({ about, message }) => tell(`${about}: ${message}`), {
        onProgress: (done, total) =>
          progress.update(() => `checked ${done.toLocaleString('en')} of ${countOf(total, 'entry', 'entries')}`),
      });
      if (report.entries !== saved.entries) tell(`found ${report.entries} of ${countOf(saved.entries, 'entry', 'entries')}`);
      if (report.problems > 0 || report.entries !== saved.entries) throw damagedBackup();
      for (const { attribute, kind } of store.pendingIndexes) {
        tell(
          `the backup has no ${kind} index of ${attribute}: build it with jammd reindex ` +
            '(in small databases the server builds it at startup)',
        );
      }
      // A node of a cluster must have what the others have; it knows its place in the log.
      if (leadsReplicas(database) && !store.clusterPosition) await restampEntries(store, config);
    } finally {
      await store.close();
    }
  } catch (error) {
    // The copy is nothing that anybody will find later.
    throw new CommandFailure(reasonOf(error).replaceAll(staged, source));
  } finally {
    progress.clear();
  }
}

function damagedBackup(): CommandFailure {
  return new CommandFailure('the backup is damaged; nothing was changed');
}
