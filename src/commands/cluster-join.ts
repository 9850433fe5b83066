/** `jammd cluster join`: fills this node's database from another node of its cluster, over LDAP. */
import type { Command } from 'commander';
import { ConfigError } from '../config/directive.js';
import type { SyncreplSettings } from '../config/syncrepl-settings.js';
import { singleRefresh } from '../config/syncrepl.js';
import type { ClusterTask } from '../directory/cluster/administration.js';
import { fillFromNode } from '../directory/cluster/join.js';
import { ProviderError } from '../replica/errors.js';
import { nodeContents } from '../replica/node-contents.js';
import { StoreLockedError } from '../store/errors.js';
import { DatabaseRestore, holdsEntries } from '../store/transfer/restore.js';
import { privateUmask } from './backup.js';
import { type ClusterOptions, clusterSubcommand, taskOf } from './cluster-options.js';
import { firstLine } from './config-options.js';
import { databaseName, openStore } from './configuration.js';
import { CommandFailure } from './failure.js';
import { countOf, Progress } from './progress.js';

interface JoinOptions extends ClusterOptions {
  readonly from: string;
  readonly bindDn?: string;
  readonly passwordFile: string;
  readonly startTls?: true;
  readonly ca?: string;
}

export function clusterJoinCommand(): Command {
  return clusterSubcommand('join', 'fill this database from another node of the cluster')
    .description(
      'Fetches everything that another node holds, as it is at one moment, and puts it in the place of this database, whose old ' +
        'files are kept aside. Started again, this node reads on in the log from there. For a node that is new, has lost its disk, ' +
        'was away for longer than the log reaches, or holds another history. The server must be stopped; the other node goes on.',
    )
    .requiredOption('--from <url>', 'the other node: ldap://, ldaps:// or ldapi://')
    .option('-Z, --start-tls', 'use StartTLS')
    .option('--ca <file>', "PEM file of the authority behind the other node's certificate (default: the configuration's)")
    .option('-D, --bind-dn <dn>', 'who may read everything (default: the rootdn)')
    .requiredOption('-y, --password-file <file>', 'a file whose first line is the password')
    .addHelpText(
      'after',
      `
Example:
  $ jammd cluster join -f slapd.conf --from ldap://10.0.0.2 -Z -y /etc/jammd/root-password`,
    )
    .action(join);
}

async function join(options: JoinOptions): Promise<void> {
  const task = taskOf(options);
  const { database } = task;
  const settings = await settingsFor(task, options);
  process.umask(privateUmask);
  try {
    const keepOld = await holdsEntries(database.directory);
    const place = await DatabaseRestore.begin(database.directory);
    try {
      const entries = await fill(task, place.staged, settings);
      const aside = await place.install({ keepOld });
      const old = aside === undefined ? '' : `; the old database is in ${aside}`;
      process.stdout.write(`${databaseName(database)}: ${countOf(entries, 'entry', 'entries')} from ${options.from}${old}\n`);
    } finally {
      await place.close();
    }
  } catch (error) {
    if (error instanceof StoreLockedError) throw new CommandFailure(`${error.message}; stop it first`);
    if (error instanceof ProviderError) throw new CommandFailure(`${options.from}: ${error.message}; nothing was changed`);
    throw error;
  }
}

/** Throws CommandFailure. */
async function settingsFor({ config, database }: ClusterTask, options: JoinOptions): Promise<SyncreplSettings> {
  const { from: url, bindDn = database.rootDN?.toString(), startTls = false, ca } = options;
  const [base, ...others] = database.suffixes;
  if (!base || others.length > 0) {
    throw new CommandFailure('a database with several suffixes cannot be fetched over LDAP: restore a backup of another node');
  }
  if (bindDn === undefined) throw new CommandFailure('the database has no rootdn; say with -D who may read everything');
  if (startTls && !/^ldap:/i.test(url)) throw new CommandFailure('-Z works only with an ldap:// URL');
  const bind = { dn: bindDn, password: await firstLine(options.passwordFile) };
  try {
    return singleRefresh({ url, base, bind, startTls, authorityFile: ca ?? config.tls?.caCertificateFile });
  } catch (error) {
    if (error instanceof ConfigError) throw new CommandFailure(`--from: ${error.message}`);
    throw error;
  }
}

async function fill(task: ClusterTask, folder: string, settings: SyncreplSettings): Promise<number> {
  const { config, database } = task;
  const progress = new Progress();
  const store = await openStore(config, { ...database, directory: folder });
  try {
    const contents = nodeContents(settings, config.tls, new AbortController().signal);
    return await fillFromNode(task, store, contents, (entries) => progress.update(() => countOf(entries, 'entry', 'entries')));
  } finally {
    progress.clear();
    await store.close();
  }
}
