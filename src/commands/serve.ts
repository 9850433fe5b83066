/** `jammd serve`: the server, in the foreground. */
import { Command, Option } from 'commander';
import type { Logger } from 'pino';
import type { Config } from '../config/model.js';
import { formatDiagnostic } from '../config/parse.js';
import { ControlServer } from '../control/server.js';
import { onPasswordTrouble } from '../password/password.js';
import { Directory } from '../directory/directory.js';
import { EndpointError, parseEndpoint } from '../observe/endpoint.js';
import { Observation, type ObservationOptions } from '../observe/observation.js';
import { closePasswordWorkers } from '../password/password.js';
import { Replication } from '../replica/replication.js';
import { type PassedSocket, takePassedSockets } from '../server/passed-sockets.js';
import { ListenUrlError } from '../server/listen-url.js';
import { ServerIdError, withServerId } from '../server/server-id.js';
import { createServer, type LdapServer } from '../server/server.js';
import {
  type ConfigurationChoice,
  configFileOption,
  convertedFolderOption,
  databaseName,
  readServerConfiguration,
  type ServerConfiguration,
} from './configuration.js';
import { CommandFailure, reasonOf } from './failure.js';
import { logLevelOf } from '../config/log-levels.js';
import { warnOfNoEffect } from './slapd-options.js';
import { type LogFormat, logFormats, makeLogger, pinoLevel } from './logging.js';
import { processFileProblems, ProcessFiles } from './process-files.js';

const defaultUrls = 'ldap:///';

interface ServeOptions extends ConfigurationChoice {
  readonly urls?: string;
  readonly debug?: string;
  readonly logFormat?: LogFormat;
  readonly metrics?: string;
  readonly auditLog?: string;
  readonly slow?: string;
  readonly maxLag?: string;
  readonly name?: string;
}

export function serveCommand(): Command {
  return new Command('serve')
    .summary('run the server')
    .description(
      'Serves the databases of a configuration, in the foreground, until SIGTERM or SIGINT; then it finishes the requests ' +
        'under way, writes everything to disk and exits with 0. SIGHUP reloads TLS certificates and reopens the audit log ' +
        'after a rotation. Logs go to standard error; jammd status, backup and export talk to the server through a ' +
        'socket in the data folder. When it is ready it prints one line for each listener: ' +
        '"listening on ldap://127.0.0.1:389/".',
    )
    .addOption(configFileOption())
    .addOption(convertedFolderOption())
    .option(
      '-h, --urls <urls>',
      'where to listen: ldap://, ldaps:// and ldapi:// URLs, separated by spaces; pldap:// and pldaps:// behind a load ' +
        `balancer that sends PROXY headers (default: the sockets systemd passes, otherwise ${defaultUrls})`,
    )
    .option(
      '-d, --debug <level>',
      "log levels to add to the configuration's, as slapd's: stats,filter or a sum (256: operations)",
    )
    .addOption(new Option('-n, --name <name>', "slapd's name in syslog (no effect here)").hideHelp())
    .addOption(
      new Option(
        '--log-format <format>',
        "slapd: lines like slapd's in syslog (default under systemd's journal); json (default elsewhere)",
      ).choices(logFormats),
    )
    .option('--metrics <host:port>', 'serve Prometheus metrics, /healthz and /readyz over HTTP at this address')
    .option('--audit-log <file>', 'append a line of JSON to this file for each change and each failed login')
    .option('--slow <milliseconds>', 'log operations that take longer than this, and how searches were run')
    .option('--max-lag <seconds>', '/readyz says no while a replica is further behind its provider than this')
    .addHelpText(
      'after',
      `
Examples:
  $ jammd serve -f slapd.conf -h ldap://127.0.0.1:3890/
  $ jammd serve -f slapd.conf -h "ldap:/// ldaps:/// ldapi://%2Frun%2Fjammd%2Fldapi" -d 256
  $ jammd serve -f slapd.conf --metrics 127.0.0.1:9646 --audit-log /var/lib/jammd/audit.jsonl --slow 100`,
    )
    .action(serve);
}

async function serve(options: ServeOptions): Promise<void> {
  warnOfNoEffect('serve', [['-n', options.name, "its lines are named by who keeps them, such as systemd's unit"]]);
  // First of all: whatever is started from here on must not see the variables.
  const passed = takePassedSockets(process.env, process.pid);
  const { config: read, configuration } = readServerConfiguration(options);
  const config = await ownConfig(read, listenUrls(options.urls, passed.sockets));
  const logger = await makeLogger(logLevel(config, options), options.logFormat);
  if (passed.othersPid !== undefined) {
    logger.warn(`sockets were passed to process ${passed.othersPid}, but this is process ${process.pid}: they are not served`);
  }
  const problems = processFileProblems(config);
  if (problems.length > 0) throw new CommandFailure(problems.join('\n'));
  const stop = stopSignal();
  const observation = await Observation.open(observationOptions(options), { logger, schema: config.schema });
  // From here to the end: a rotation while the databases are being opened must not end the server.
  const onHangup = (): void => observation.reopen();
  process.on('SIGHUP', onHangup);
  try {
    if (observation.metricsUrl !== undefined) process.stdout.write(`metrics on ${observation.metricsUrl}\n`);
    await serveDirectory(options, { config, configuration, logger, observation, passed: passed.sockets, stop });
  } finally {
    await observation.close();
    process.off('SIGHUP', onHangup);
    stop.release();
  }
}

interface ServeContext extends ServerConfiguration {
  readonly logger: Logger;
  readonly observation: Observation;
  readonly passed: readonly PassedSocket[];
  readonly stop: StopSignal;
}

async function serveDirectory(options: ServeOptions, context: ServeContext): Promise<void> {
  const { config, configuration, logger, observation, passed, stop } = context;
  const complete = (changed: Config): Promise<Config> => withServerId(changed, listenUrls(options.urls, passed));
  const directory = await openDirectory({ config, configuration }, logger, complete);
  const processFiles = new ProcessFiles();
  let server: LdapServer | undefined;
  let control: ControlServer | undefined;
  let replication: Replication | undefined;
  const onHangup = (): void => (server && directory.config.tls ? reloadTls(server, logger) : undefined);
  try {
    server = createServer({ directory, config, logger, ...observation.serverOptions });
    directory.describeFrontEnd({ startTls: server.startTls }, server);
    followConfiguration(directory, server, { logger, options });
    const urls = await server.listen(listenUrls(options.urls, passed), passed);
    process.on('SIGHUP', onHangup);
    processFiles.write(config, (message) => logger.warn(message));
    replication = Replication.start(config, directory.databases, {
      info: (text) => logger.info(text),
      warn: (text) => logger.warn(text),
    });
    control = await ControlServer.open({ directory, server, logger });
    observation.serving(server, directory);
    for (const url of urls) process.stdout.write(`listening on ${url}\n`);
    logger.info(`stopping: ${await stop.signal}`);
    observation.stopping();
  } finally {
    // Whatever failed: a server that goes on listening would answer without a directory.
    await server?.close();
    process.off('SIGHUP', onHangup);
    await replication?.stop();
    await control?.close();
    await directory.close();
    await closePasswordWorkers();
    processFiles.remove();
  }
}

/** What the server makes of a changed cn=config. */
function followConfiguration(
  directory: Directory,
  server: LdapServer,
  { logger, options }: { readonly logger: Logger; readonly options: ServeOptions },
): void {
  directory.followConfiguration({
    check: (config) => server.checkConfiguration(config),
    changed: (config) => {
      server.useConfiguration(config);
      // As slapd, also where the names of the files are what they were: that is how a renewed certificate is taken up.
      if (config.tls) reloadTls(server, logger);
      directory.describeFrontEnd({ startTls: server.startTls }, server);
      logger.level = pinoLevel(logLevel(config, options));
      logger.info('the configuration has changed');
    },
  });
}

/** Where sockets were passed, they are served; URLs come on top. */
function listenUrls(urls: string | undefined, passed: readonly PassedSocket[]): string {
  return urls ?? (passed.length === 0 ? defaultUrls : '');
}

/** With the serverID of the server that listens there. */
async function ownConfig(config: Config, urls: string): Promise<Config> {
  try {
    return await withServerId(config, urls);
  } catch (error) {
    if (error instanceof ServerIdError) throw new CommandFailure(error.message);
    if (error instanceof ListenUrlError) throw new CommandFailure(`-h ${error.message}`);
    throw error;
  }
}

/** Throws CommandFailure. */
function observationOptions({ metrics, auditLog, slow, maxLag }: ServeOptions): ObservationOptions {
  if (slow !== undefined && !/^\d+(?:\.\d+)?$/.test(slow))
    throw new CommandFailure(`--slow ${slow}: not a number of milliseconds`);
  if (maxLag !== undefined && !/^\d+(?:\.\d+)?$/.test(maxLag))
    throw new CommandFailure(`--max-lag ${maxLag}: not a number of seconds`);
  try {
    return {
      metrics: metrics === undefined ? undefined : parseEndpoint(metrics),
      auditLog,
      slowMs: slow === undefined ? undefined : Number(slow),
      lagSecondsMax: maxLag === undefined ? undefined : Number(maxLag),
    };
  } catch (error) {
    if (!(error instanceof EndpointError)) throw error;
    throw new CommandFailure(`--metrics ${error.message}, as 127.0.0.1:9646 or [::1]:9646`);
  }
}

function logLevel(config: Config, { debug }: ServeOptions): number {
  if (debug === undefined) return config.logLevel;
  try {
    return config.logLevel | logLevelOf(debug.split(','), '-d');
  } catch (error) {
    throw new CommandFailure(reasonOf(error));
  }
}

interface StopSignal {
  readonly signal: Promise<NodeJS.Signals>;
  /** From then on signals end the process at once. */
  release(): void;
}

/**
 * Listens for the first signal to stop. Others change nothing: Ctrl-C below npm comes twice, and stopping takes a bounded
 * time anyway.
 */
function stopSignal(): StopSignal {
  let resolve: (signal: NodeJS.Signals) => void;
  const signal = new Promise<NodeJS.Signals>((resolved) => (resolve = resolved));
  const onSignal = (name: NodeJS.Signals): void => resolve(name);
  process.on('SIGTERM', onSignal);
  process.on('SIGINT', onSignal);
  const release = (): void => void process.off('SIGTERM', onSignal).off('SIGINT', onSignal);
  return { signal, release };
}

async function openDirectory(
  { config, configuration }: ServerConfiguration,
  logger: Logger,
  completeConfiguration: (changed: Config) => Promise<Config>,
): Promise<Directory> {
  onPasswordTrouble((reason, target) =>
    logger.warn(`a password cannot match: ${reason}${target === undefined ? '' : ` (${target})`}`),
  );
  return Directory.open(config, {
    configuration,
    completeConfiguration,
    onConfigurationWarnings: (warnings) => warnings.forEach((warning) => logger.warn(formatDiagnostic(warning))),
    onBackgroundFailure: (database, error) =>
      logger.error(
        `${databaseName(database.config)}: the configuration has changed, but not all that it asks for: ${error.message}`,
      ),
    onDamage: (database, id, error) => logger.error(`${databaseName(database.config)}: entry ${id} is damaged: ${error.message}`),
    onDamagedFile: (database, description) =>
      logger.error(
        `${databaseName(database)}: skipped a damaged block: ${description}; jammd check --database reports what to do`,
      ),
    onCluster: (database, message) => logger.warn(`${databaseName(database)}: ${message}`),
    onPendingIndexes: (database, pending) => {
      const names = pending.map(({ attribute, kind }) => `${attribute} ${kind}`).join(', ');
      logger.warn(
        `${databaseName(database.config)}: searches do without indexes that are not built yet: ${names}; run jammd reindex`,
      );
    },
  });
}

function reloadTls(server: LdapServer, logger: Logger): void {
  try {
    server.reloadTls();
    logger.info('TLS certificates reloaded');
  } catch (error) {
    logger.error(`TLS certificates were not reloaded; the old ones stay in use: ${reasonOf(error)}`);
  }
}
