/** The command line `jammd`: its subcommands, and how they end. */
import { Command, CommanderError } from 'commander';
import { reasonOf } from './commands/failure.js';
import { watchOutput } from './commands/output.js';
import { version } from './directory/version.js';

/** Each in a module of its own, which is loaded when it is asked for: most need little of what the others do. */
const commands: ReadonlyMap<string, () => Promise<Command>> = new Map([
  ['init', async () => (await import('./commands/init.js')).initCommand()],
  ['serve', async () => (await import('./commands/serve.js')).serveCommand()],
  ['import', async () => (await import('./commands/import.js')).importCommand()],
  ['export', async () => (await import('./commands/export.js')).exportCommand()],
  ['backup', async () => (await import('./commands/backup.js')).backupCommand()],
  ['restore', async () => (await import('./commands/restore.js')).restoreCommand()],
  ['status', async () => (await import('./commands/status.js')).statusCommand()],
  ['cluster', async () => (await import('./commands/cluster.js')).clusterCommand()],
  ['reindex', async () => (await import('./commands/reindex.js')).reindexCommand()],
  ['check', async () => (await import('./commands/check.js')).checkCommand()],
  ['check-schema', async () => (await import('./commands/check-schema.js')).checkSchemaCommand()],
  ['modify', async () => (await import('./commands/modify.js')).modifyCommand()],
  ['access', async () => (await import('./commands/access.js')).accessCommand()],
  ['identity', async () => (await import('./commands/identity.js')).identityCommand()],
  ['slapd-tools', async () => (await import('./commands/slapd-tools.js')).slapdToolsCommand()],
  ['passwd', async () => (await import('./commands/passwd.js')).passwdCommand()],
  ['config', async () => (await import('./commands/config.js')).configCommand()],
  ['web', async () => (await import('./commands/web.js')).webCommand()],
  ['domain', async () => (await import('./commands/domain.js')).domainCommand()],
  ['account', async () => (await import('./commands/account.js')).accountCommand()],
  ['alias', async () => (await import('./commands/alias.js')).aliasCommand()],
  ['postmaster', async () => (await import('./commands/postmaster.js')).postmasterCommand()],
  ['app-password', async () => (await import('./commands/app-password.js')).appPasswordCommand()],
  ['second-factor', async () => (await import('./commands/second-factor.js')).secondFactorCommand()],
  ['token', async () => (await import('./commands/token.js')).tokenCommand()],
  ['clean', async () => (await import('./commands/clean.js')).cleanCommand()],
]);

/** For a command line that makes no sense, as against a failure of what it asks for (1). */
const usageExitCode = 2;

/** Runs one command line (without the program's name). Resolves with the exit code; never rejects. */
export async function run(args: readonly string[]): Promise<number> {
  watchOutput(['jammd', ...args.slice(0, 1)].join(' '));
  // Commander's own help command knows one name only.
  if (args[0] === 'help' && args.length > 2) return run([...args.slice(1), '--help']);
  try {
    const program = await makeProgram(args[0]);
    await program.parseAsync(args, { from: 'user' });
    return Number(process.exitCode ?? 0);
  } catch (error) {
    // Commander has said itself what was wrong with the command line, or printed the help that was asked for.
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : usageExitCode;
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

/** With the command that is named first; with all of them where that is something else. */
export async function makeProgram(name: string | undefined): Promise<Command> {
  const named = name === undefined ? undefined : commands.get(name);
  const program = new Command('jammd')
    .description('An LDAP directory server for mail hosting.')
    .version(version, '-V, --version', 'print the version')
    // slapd's tools use -h for something else.
    .helpOption('--help', 'print this help')
    .helpCommand('help [command...]', 'print help for a command')
    .showHelpAfterError('(see --help)')
    .exitOverride()
    .addHelpText('after', '\nFor help on a command: jammd COMMAND --help');
  for (const make of named ? [named] : commands.values()) {
    const command = await make();
    program.addCommand(command.copyInheritedSettings(program).helpOption('--help', 'print this help'));
    for (const below of command.commands) below.showHelpAfterError(`(see jammd ${command.name()} ${below.name()} --help)`);
  }
  return program;
}
