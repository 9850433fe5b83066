/** The command line `jammd`: its subcommands, and how they end. */
import { readFileSync } from 'node:fs';
import { Command, CommanderError } from 'commander';
import { accountCommand } from './commands/account.js';
import { aliasCommand } from './commands/alias.js';
import { checkCommand } from './commands/check.js';
import { cleanCommand } from './commands/clean.js';
import { configCommand } from './commands/config.js';
import { domainCommand } from './commands/domain.js';
import { exportCommand } from './commands/export.js';
import { reasonOf } from './commands/failure.js';
import { importCommand } from './commands/import.js';
import { initCommand } from './commands/init.js';
import { passwdCommand } from './commands/passwd.js';
import { postmasterCommand } from './commands/postmaster.js';
import { reindexCommand } from './commands/reindex.js';
import { serveCommand } from './commands/serve.js';
import { webCommand } from './commands/web.js';

const commands: readonly (() => Command)[] = [
  initCommand,
  serveCommand,
  importCommand,
  exportCommand,
  reindexCommand,
  checkCommand,
  passwdCommand,
  configCommand,
  webCommand,
  domainCommand,
  accountCommand,
  aliasCommand,
  postmasterCommand,
  cleanCommand,
];

/** Runs one command line (without the program's name). Resolves with the exit code; never rejects. */
export async function run(args: readonly string[]): Promise<number> {
  const program = makeProgram();
  try {
    await program.parseAsync(args, { from: 'user' });
    return Number(process.exitCode ?? 0);
  } catch (error) {
    // Commander has said itself what was wrong with the command line, or printed the help that was asked for.
    if (error instanceof CommanderError) return error.exitCode;
    process.stderr.write(`jammd ${args[0]}: ${describe(error)}\n`);
    return 1;
  }
}

/** JavaScript's own errors come of mistakes in this program; those the program or the system makes explain themselves. */
const mistakes = new Set(['Error', 'TypeError', 'RangeError', 'ReferenceError', 'SyntaxError', 'AssertionError']);

function describe(error: unknown): string {
  const isMistake = error instanceof Error && mistakes.has(error.name) && !('code' in error);
  return isMistake ? (error.stack ?? error.message) : reasonOf(error);
}

function makeProgram(): Command {
  const program = new Command('jammd')
    .description('An LDAP directory server for mail hosting.')
    .version(version(), '-V, --version', 'print the version')
    // slapd's tools use -h for something else.
    .helpOption('--help', 'print this help')
    .helpCommand('help [command]', 'print the help of a command')
    .showHelpAfterError('(--help tells more)')
    .exitOverride()
    .addHelpText('after', '\nEach command has its own help: jammd serve --help');
  for (const make of commands) {
    program.addCommand(make().copyInheritedSettings(program).helpOption('--help', 'print this help'));
  }
  return program;
}

function version(): string {
  const file = new URL('../package.json', import.meta.url);
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
}
