/** `jammd reindex`: builds the indexes of the configuration, as slapindex does. */
import { existsSync } from 'node:fs';
import { gluedBelow } from '../config/glue.js';
import type { Config, DatabaseConfig } from '../config/model.js';
import { CommandFailure } from './failure.js';
import { Command, Option } from 'commander';
import {
  chooseDatabase,
  configFileOption,
  configFolderOption,
  type ConfigurationChoice,
  databaseName,
  numberOption,
  openExistingStore,
  readConfiguration,
  suffixOption,
  type DatabaseChoice,
} from './configuration.js';
import { countOf, Progress } from './progress.js';
import { debugOption, slapdOption, slapdValues, warnOfNoEffect } from './slapd-options.js';

interface ReindexCommandOptions extends DatabaseChoice, ConfigurationChoice {
  readonly pending?: true;
  readonly everything?: true;
  readonly quiet?: true;
  readonly verbose?: true;
  readonly g?: true;
  readonly o?: readonly string[];
}

export function reindexCommand(): Command {
  return new Command('reindex')
    .summary('build the indexes of the configuration, as slapindex does')
    .description(
      'Builds the indexes that the configuration names, in a database that no server is using. Run it after you change an ' +
        'index line: until then searches do without the index. You can interrupt it and run it again at any time.',
    )
    .addOption(configFileOption())
    .addOption(configFolderOption())
    .addOption(suffixOption())
    .addOption(numberOption())
    .addOption(new Option('--pending', 'build only indexes that are configured but not built yet').conflicts('everything'))
    .option('--everything', 'also rebuild names, tree and counters from the records')
    .option('-q, --quiet', 'print nothing if all is well')
    .addOption(new Option('-v, --verbose').hideHelp())
    .argument('[attributes...]', 'have to be indexed, as for slapindex; the indexes of the others are built as well')
    .addOption(new Option('-c').hideHelp())
    .option('-g', 'only this database, and not those that are glued below it ("subordinate")')
    .addOption(new Option('-t').hideHelp())
    .addOption(slapdOption('as for slapindex (no effect here)').hideHelp())
    .addOption(debugOption())
    .addHelpText(
      'after',
      `
Examples:
  $ jammd reindex -f slapd.conf
  $ jammd reindex -f slapd.conf -b o=second --pending`,
    )
    .action(reindex);
}

async function reindex(attributes: readonly string[], options: ReindexCommandOptions): Promise<void> {
  slapdValues(options.o, []);
  const config = readConfiguration(options);
  const database = chooseDatabase(config, options);
  checkIndexed(attributes, config, database);
  const glued = options.g || options.number !== undefined ? [] : gluedBelow(config, database);
  for (const other of [database, ...glued.filter(({ directory }) => existsSync(directory))]) {
    await reindexDatabase(config, other, options);
  }
}

async function reindexDatabase(config: Config, database: DatabaseConfig, options: ReindexCommandOptions): Promise<void> {
  const progress = new Progress();
  const onProgress = (done: number, total: number): void =>
    progress.update(() => `${done.toLocaleString('en')} of ${countOf(total, 'entry', 'entries')}`);
  const store = await openExistingStore(config, database, { autoIndexEntriesMax: 0, rebuild: { onProgress } });
  try {
    let damaged = 0;
    await store.reindex({
      scope: options.everything ? 'everything' : options.pending ? 'pending' : 'indexes',
      onProgress,
      onDamaged: (id, error) => {
        damaged++;
        progress.clear();
        process.stderr.write(`jammd reindex: skipped entry ${id}: ${error.message}\n`);
      },
    });
    progress.clear();
    if (!options.quiet) {
      process.stderr.write(`${databaseName(database)}: ${countOf(store.entryCount, 'entry', 'entries')} indexed\n`);
    }
    if (damaged > 0) process.exitCode = 1;
  } finally {
    await store.close();
  }
}

/** slapindex refuses attributes that the configuration has no index of. Throws CommandFailure. */
function checkIndexed(attributes: readonly string[], { schema }: Config, { indexes }: DatabaseConfig): void {
  for (const name of attributes) {
    const description = schema.attributeDescription(name);
    if (!description) throw new CommandFailure(`${name}: no such attribute`);
    if (!indexes.some((index) => index.description === description)) {
      throw new CommandFailure(`${name}: the configuration has no index of it`);
    }
  }
  const reason = 'all indexes are built in one pass';
  warnOfNoEffect('reindex', [['the list of attributes', attributes.length > 0 || undefined, reason]]);
}
