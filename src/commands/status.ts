/** `jammd status`: what a running server is doing, once or as a live view. */
import { setTimeout as sleep } from 'node:timers/promises';
import { Command } from 'commander';
import { askStatus } from '../control/client.js';
import { ControlError } from '../control/errors.js';
import {
  chooseDatabase,
  configFileOption,
  configFolderOption,
  type ConfigurationChoice,
  numberOption,
  readConfiguration,
  suffixOption,
  type DatabaseChoice,
} from './configuration.js';
import { CommandFailure } from './failure.js';
import { showLive } from './live-view.js';
import { statusLines } from './status-text.js';

interface StatusOptions extends DatabaseChoice, ConfigurationChoice {
  readonly json?: true;
  readonly watch?: string | true;
}

const watchSecondsDefault = 2;
const watchSecondsMin = 0.1;
const watchSecondsMax = 3_600;

export function statusCommand(): Command {
  return new Command('status')
    .summary('show what the running server is doing')
    .description(
      'Shows the figures of the server that is using the databases of a configuration: connections, operations, databases ' +
        'with their indexes and caches, memory, and what is under way. Exits with 1 if no server is running.',
    )
    .addOption(configFileOption())
    .addOption(configFolderOption())
    .addOption(suffixOption())
    .addOption(numberOption())
    .option('--json', 'print JSON')
    .option(
      '--watch [seconds]',
      `repeat every ${watchSecondsDefault} seconds, on a terminal as a live view that ends with q or Ctrl-C`,
    )
    .addHelpText(
      'after',
      `
Examples:
  $ jammd status -f slapd.conf
  $ jammd status -f slapd.conf --watch 1
  $ jammd status -f slapd.conf --json | jq .operations.search.perSecond`,
    )
    .action(status);
}

async function status(options: StatusOptions): Promise<void> {
  const interval = options.watch === undefined ? undefined : secondsOf(options.watch);
  const config = readConfiguration(options);
  const { directory } = chooseDatabase(config, options);
  if (interval === undefined) return print(await text(directory, options, 2));
  if (process.stdout.isTTY && !options.json) return showLive(() => lines(directory), interval * 1_000);
  let readerIsGone = false;
  // `| head`
  process.stdout.on('error', () => (readerIsGone = true));
  for (let first = true; !readerIsGone; first = false) {
    // JSON is a line each time; other text is set apart.
    if (!first && !options.json) print('');
    print(await text(directory, options, undefined));
    await sleep(interval * 1_000);
  }
}

function secondsOf(watch: string | true): number {
  if (watch === true) return watchSecondsDefault;
  const seconds = Number(watch);
  if (watch.trim() !== '' && seconds >= watchSecondsMin && seconds <= watchSecondsMax) return seconds;
  throw new CommandFailure(`--watch ${watch}: expected a number of seconds, ${watchSecondsMin} to ${watchSecondsMax}`);
}

async function text(directory: string, { json }: StatusOptions, indent: number | undefined): Promise<string> {
  const answer = await askStatus(directory);
  return json ? JSON.stringify(answer, undefined, indent) : statusLines(answer).join('\n');
}

/** For the live view, which survives a restart of the server. */
async function lines(directory: string): Promise<readonly string[]> {
  try {
    return statusLines(await askStatus(directory));
  } catch (error) {
    if (!(error instanceof ControlError)) throw error;
    return [error.message];
  }
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
