/** `jammd cluster`: what is done to a cluster from outside: to begin one, to leave it, to change the schema. */
import { Command } from 'commander';
import { adoptSchema, seedCluster } from '../directory/cluster/administration.js';
import { clusterJoinCommand } from './cluster-join.js';
import { type ClusterOptions, clusterSubcommand as subcommand, taskOf } from './cluster-options.js';
import { chooseDatabase, databaseName, openExistingStore, readConfiguration } from './configuration.js';
import { CommandFailure } from './failure.js';

interface SeedOptions extends ClusterOptions {
  readonly replace?: string;
}

export function clusterCommand(): Command {
  return new Command('cluster')
    .summary('begin a cluster, leave it, change its schema')
    .description(
      'Administers the cluster that a database belongs to by its line "cluster" (docs/cluster.md). How a running node is doing ' +
        'is shown by jammd status.',
    )
    .addCommand(
      subcommand('seed', 'begin a cluster with the entries of this database')
        .description(
          'Begins a cluster with what the database holds, for instance after an import. The server must be stopped. Other nodes ' +
            'join this one then (jammd cluster join). A database without entries needs no seed: the first node that is ' +
            'started begins the cluster.',
        )
        .option(
          '--replace <prefix>',
          'even if there is a cluster: its other nodes take no writes until they have joined this one',
        )
        .action(seed),
    )
    .addCommand(clusterJoinCommand())
    .addCommand(
      subcommand('leave', 'make this database one that belongs to no cluster')
        .description(
          'Makes the database an ordinary one, with all its entries: it may then be imported into, or served without the line ' +
            '"cluster". The server must be stopped. To enter a cluster again it has to be seeded, or to join.',
        )
        .action(leave),
    )
    .addCommand(
      subcommand('schema', 'make the schema of this configuration that of the cluster')
        .description(
          "Makes this configuration's schema the cluster's. All nodes must have the same: from now on those with another take no " +
            'writes, and go on with reads, until they are restarted with it.',
        )
        .action(schema),
    );
}

async function seed(options: SeedOptions): Promise<void> {
  const task = taskOf(options);
  const { config, database, settings } = task;
  if (options.replace !== undefined && options.replace !== settings.prefix) {
    throw new CommandFailure(`--replace ${options.replace}: the prefix of this cluster is ${settings.prefix}`);
  }
  const store = await openExistingStore(config, database);
  try {
    const entries = await seedCluster(task, store, { replaces: options.replace !== undefined });
    process.stdout.write(`the cluster "${settings.prefix}" begins with ${entries} entries\n`);
  } finally {
    await store.close();
  }
}

async function leave(options: ClusterOptions): Promise<void> {
  const config = readConfiguration(options);
  const database = chooseDatabase(config, options);
  const store = await openExistingStore(config, database);
  try {
    if (!store.clusterPosition) throw new CommandFailure(`the database ${databaseName(database)} is in no cluster`);
    await store.setClusterPosition(undefined);
    process.stdout.write(`the database ${databaseName(database)} is in no cluster any more\n`);
  } finally {
    await store.close();
  }
}

async function schema(options: ClusterOptions): Promise<void> {
  const isChanged = await adoptSchema(taskOf(options));
  process.stdout.write(isChanged ? "this schema is the cluster's from now on\n" : "this schema is the cluster's already\n");
}
