/** What the commands of `jammd cluster` have in common: whose database it is. */
import { Command } from 'commander';
import type { ClusterTask } from '../directory/cluster/administration.js';
import {
  chooseDatabase,
  configFileOption,
  configFolderOption,
  type ConfigurationChoice,
  type DatabaseChoice,
  databaseName,
  numberOption,
  readConfiguration,
  suffixOption,
} from './configuration.js';
import { CommandFailure } from './failure.js';

export type ClusterOptions = ConfigurationChoice & DatabaseChoice;

export function clusterSubcommand(name: string, summary: string): Command {
  return new Command(name)
    .summary(summary)
    .addOption(configFileOption())
    .addOption(configFolderOption())
    .addOption(suffixOption())
    .addOption(numberOption());
}

/** Throws CommandFailure. */
export function taskOf(options: ClusterOptions): ClusterTask {
  const config = readConfiguration(options);
  const database = chooseDatabase(config, options);
  const { cluster: settings } = database;
  if (!settings) throw new CommandFailure(`the database ${databaseName(database)} has no line "cluster"`);
  return { config, database, settings };
}
