/** `jammd check`: reports everything that is wrong with a configuration and its databases. */
import { stat } from 'node:fs/promises';
import { Command, Option } from 'commander';
import { defaultConfig } from '../config/default.js';
import type { Config, DatabaseConfig } from '../config/model.js';
import { formatDiagnostic } from '../config/parse.js';
import { describeDamage } from '../store/check/damage.js';
import { checkDatabaseFiles } from '../store/check/file-check.js';
import {
  chooseDatabase,
  type ConfigurationChoice,
  configFileOption,
  convertedFolderOption,
  convertIfBoth,
  databaseName,
  hasStore,
  loadChosenConfig,
  openStore,
  type DatabaseChoice,
} from './configuration.js';
import { startProblems } from './check-start.js';
import { reasonOf } from './failure.js';
import { memberOfWarnings } from './member-of-warnings.js';
import { describeUnverifiable, unverifiablePasswords } from './password-warnings.js';
import { countOf, Progress } from './progress.js';
import { debugOption, slapdOption, slapdValues } from './slapd-options.js';

interface CheckOptions extends DatabaseChoice, ConfigurationChoice {
  readonly urls?: string;
  readonly database?: true;
  readonly mend?: string;
  readonly quiet?: true;
  readonly verbose?: true;
  readonly o?: readonly string[];
  readonly Q?: true;
  readonly u?: true;
}

export function checkCommand(): Command {
  return new Command('check')
    .summary('check a configuration and, with --database, the data')
    .description(
      'Reports every mistake in a configuration. With --database (or -b or -n) it also verifies the databases, while no ' +
        'server is using them: each record and its checksum, names, tree, counters, each index in both directions, and the ' +
        'change log that replicas follow. ' +
        'Exits with 1 if it finds an error; warnings do not count.',
    )
    .addOption(configFileOption())
    .addOption(convertedFolderOption())
    .option('-h, --urls <urls>', 'also check these listener URLs for "jammd serve"')
    .option('--database', 'also check the databases')
    .addOption(new Option('-b, --suffix <dn>', 'check only the database that holds this name').conflicts('number'))
    .addOption(new Option('-n, --number <n>', 'check only the n-th database, counted from 1').conflicts('suffix'))
    .option('--mend <file>', 'with --database: write the LDIF changes that mend a wrong memberOf, for jammd modify')
    .option('-q, --quiet', 'print nothing if all is well')
    .addOption(new Option('-v, --verbose').hideHelp())
    .addOption(new Option('-Q').hideHelp())
    .addOption(new Option('-u').hideHelp())
    .addOption(slapdOption('as for slaptest (no effect here)').hideHelp())
    .addOption(debugOption())
    .addHelpText(
      'after',
      `
Examples:
  $ jammd check -f slapd.conf
  $ jammd check -f slapd.conf --database`,
    )
    .action(check);
}

async function check(options: CheckOptions): Promise<void> {
  slapdValues(options.o, []);
  options = { ...options, ...(options.Q && { quiet: true }) };
  const config = checkConfiguration(convertIfBoth(options, options.u));
  const problems = config ? await startProblems(config, options.urls) : [];
  for (const problem of problems) process.stderr.write(`${problem}\n`);
  if (!config || problems.length > 0) {
    process.exitCode = 1;
    return;
  }
  if (!options.quiet)
    process.stdout.write(`${options.config ?? options.configDir ?? 'the built-in configuration'}: ${summary(config)}\n`);
  const chosen = options.suffix !== undefined || options.number !== undefined;
  if (!chosen && !options.database) return;
  const databases = chosen ? [chooseDatabase(config, options)] : config.databases.filter(hasStore);
  for (const database of databases) {
    const problems = await checkDatabase(config, database, options);
    if (problems > 0) process.exitCode = 1;
  }
}

function summary({ databases, warnings }: Config): string {
  const told = warnings.length === 0 ? '' : `, ${countOf(warnings.length, 'warning')}`;
  return `no errors${told}; ${countOf(databases.length, 'database')}`;
}

function checkConfiguration(options: ConfigurationChoice): Config | undefined {
  const loaded = loadChosenConfig(options);
  if (!loaded) return defaultConfig();
  const { config, diagnostics } = loaded;
  for (const diagnostic of diagnostics) process.stderr.write(`${formatDiagnostic(diagnostic)}\n`);
  return config;
}

/** Resolves with the number of problems reported. */
async function checkDatabase(config: Config, database: DatabaseConfig, options: CheckOptions): Promise<number> {
  const name = databaseName(database);
  const tell = (message: string): void => void process.stderr.write(`${name}: ${message}\n`);
  if (!(await stat(database.directory).catch(() => undefined))) {
    tell(`warning: no database in ${database.directory} yet`);
    return 0;
  }
  const progress = new Progress();
  try {
    const damaged = await checkFiles(database.directory, tell);
    if (damaged > 0) return damaged;
    const store = await openStore(config, database, { autoIndexEntriesMax: 0 });
    try {
      for (const { attribute, kind } of store.pendingIndexes) {
        tell(`warning: the ${kind} index of ${attribute} is not built yet: run jammd reindex`);
      }
      const report = await store.verify(
        (problem) => {
          progress.clear();
          tell(`${problem.about}: ${problem.message}`);
        },
        {
          onProgress: (done, total) =>
            progress.update(() => `${done.toLocaleString('en')} of ${countOf(total, 'entry', 'entries')}`),
        },
      );
      progress.clear();
      for (const warning of await unverifiablePasswords(store, config.schema)) tell(`warning: ${describeUnverifiable(warning)}`);
      for (const warning of await memberOfWarnings(store, config.schema, database, options.mend)) tell(`warning: ${warning}`);
      if (report.problems > 0) tell(countOf(report.problems, 'problem'));
      else if (!options.quiet) process.stdout.write(`${name}: ${countOf(report.entries, 'entry', 'entries')}, no problems\n`);
      return report.problems;
    } finally {
      await store.close();
    }
  } catch (error) {
    progress.clear();
    tell(reasonOf(error));
    return 1;
  }
}

/** A database with damaged files is not opened: LevelDB may end the process. */
async function checkFiles(folder: string, tell: (message: string) => void): Promise<number> {
  let problems = 0;
  await checkDatabaseFiles(folder, (damage) => {
    problems++;
    tell(describeDamage(folder, damage));
  });
  if (problems > 0) {
    tell(
      `${countOf(problems, 'damaged place')}: restore a backup (jammd restore). Without one, export the undamaged entries ` +
        '(jammd export) and import them into an empty folder',
    );
  }
  return problems;
}
