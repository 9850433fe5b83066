/** The command line `jammd`: its subcommands, and how they end. */
import { readFileSync } from 'node:fs';
import { Command, CommanderError } from 'commander';
import { CommandFailure, reasonOf } from './commands/failure.js';
import { passwdCommand } from './commands/passwd.js';

const commands: readonly (() => Command)[] = [passwdCommand];

/** Runs one command line (without the program's name). Resolves with the exit code; never rejects. */
export async function run(args: readonly string[]): Promise<number> {
  const program = makeProgram();
  try {
    await program.parseAsync(args, { from: 'user' });
    return Number(process.exitCode ?? 0);
  } catch (error) {
    // Commander has said itself what was wrong with the command line, or printed the help that was asked for.
    if (error instanceof CommanderError) return error.exitCode;
    const name = ['jammd', args[0]].join(' ');
    const bug = !(error instanceof CommandFailure) && error instanceof Error && !('code' in error);
    process.stderr.write(`${name}: ${bug ? (error.stack ?? error.message) : reasonOf(error)}\n`);
    return 1;
  }
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
