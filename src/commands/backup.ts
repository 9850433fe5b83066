/** `jammd backup`: copies databases into a folder, whether a server is using them or not. */
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Command, Option } from 'commander';
import type { Config, DatabaseConfig } from '../config/model.js';
import { askBackup } from '../control/client.js';
import { BackupFolder } from '../directory/transfer/backup-folder.js';
import { copyDatabase } from '../store/transfer/backup.js';
import type { Item } from '../store/snapshot.js';
import {
  chooseDatabase,
  configFileOption,
  configFolderOption,
  type ConfigurationChoice,
  databaseName,
  hasStore,
  openStoreOrServer,
  readConfiguration,
  type DatabaseChoice,
} from './configuration.js';
import { countOf, Progress, sizeOf } from './progress.js';

type BackupOptions = DatabaseChoice & ConfigurationChoice;

/** What a backup must not grant to others: it holds every password hash. */
export const privateUmask = 0o077;

export function backupCommand(): Command {
  return new Command('backup')
    .summary('copy the databases into a folder, even while the server runs')
    .description(
      'Copies every database of a configuration, with its indexes, into a folder that must be new or empty and that only ' +
        'its owner can read. Each copy shows one moment and holds every write acknowledged before it; a running server ' +
        'keeps serving meanwhile. Restore the backup, once it is complete, with jammd restore.',
    )
    .argument('<folder>', 'the folder for the backup')
    .addOption(configFileOption())
    .addOption(configFolderOption())
    .addOption(new Option('-b, --suffix <dn>', 'only the database that holds this name (default: all)').conflicts('number'))
    .addOption(new Option('-n, --number <n>', 'only the n-th database, counted from 1').conflicts('suffix'))
    .addHelpText(
      'after',
      `
Examples:
  $ jammd backup -f slapd.conf /var/backups/jammd/$(date +%F)
  $ jammd backup -f slapd.conf -b o=second /var/backups/second`,
    )
    .action(backup);
}

async function backup(folder: string, options: BackupOptions): Promise<void> {
  const config = readConfiguration(options);
  const chosen = options.suffix !== undefined || options.number !== undefined;
  const databases = chosen ? [chooseDatabase(config, options)] : config.databases.filter(hasStore);
  process.umask(privateUmask);
  const target = await BackupFolder.begin(folder);
  try {
    for (const database of databases) await backupDatabase(config, database, target);
    await target.finish();
  } catch (error) {
    await target.discard().catch(() => undefined);
    throw error;
  }
  process.stdout.write(`backup complete: ${folder}\n`);
}

async function backupDatabase(config: Config, database: DatabaseConfig, target: BackupFolder): Promise<void> {
  const started = performance.now();
  const folder = target.next;
  const entries = await copy(config, database, folder);
  target.add(database.suffixes.map(String), entries);
  const seconds = ((performance.now() - started) / 1_000).toFixed(1);
  const what = `${countOf(entries, 'entry', 'entries')}, ${sizeOf(await bytesIn(folder))}, ${seconds} s`;
  process.stdout.write(`${databaseName(database)}: ${what}\n`);
}

async function copy(config: Config, database: DatabaseConfig, folder: string): Promise<number> {
  const progress = new Progress();
  const counted = (chunks: AsyncIterable<readonly Item[]>): AsyncIterable<readonly Item[]> => told(chunks, progress);
  // Indexes that are missing stay so: a backup changes nothing.
  const store = await openStoreOrServer(config, database, { autoIndexEntriesMax: 0 });
  try {
    if (store === 'server') return await copyDatabase(counted(askBackup(database.directory)), folder);
    const snapshot = store.snapshot();
    try {
      return await copyDatabase(counted(snapshot.items()), folder);
    } finally {
      await snapshot.close();
    }
  } finally {
    progress.clear();
    if (store !== 'server') await store.close();
  }
}

async function* told(chunks: AsyncIterable<readonly Item[]>, progress: Progress): AsyncGenerator<readonly Item[]> {
  let bytes = 0;
  for await (const items of chunks) {
    for (const [key, value] of items) bytes += key.length + value.length;
    progress.update(() => `${sizeOf(bytes)} copied`);
    yield items;
  }
}

async function bytesIn(folder: string): Promise<number> {
  let bytes = 0;
  for (const name of await readdir(folder)) bytes += (await stat(join(folder, name))).size;
  return bytes;
}
