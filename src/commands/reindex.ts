/** `jammd reindex`: builds the indexes of the configuration, as slapindex does. */
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

interface ReindexCommandOptions extends DatabaseChoice, ConfigurationChoice {
  readonly pending?: true;
  readonly everything?: true;
  readonly quiet?: true;
  readonly verbose?: true;
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
    .addHelpText(
      'after',
      `
Examples:
  $ jammd reindex -f slapd.conf
  $ jammd reindex -f slapd.conf -b o=second --pending`,
    )
    .action(reindex);
}

async function reindex(options: ReindexCommandOptions): Promise<void> {
  const config = readConfiguration(options);
  const database = chooseDatabase(config, options);
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
