/** `jammd passwd`: hashes a password for userPassword or rootpw, as slappasswd does. */
import { readFile, stat } from 'node:fs/promises';
import { Command, Option } from 'commander';
import { argon2CostOf, argon2Module } from '../config/password-directives.js';
import {
  defaultPasswordSettings,
  defaultScheme,
  generatePassword,
  hashPassword,
  isCryptSaltFormat,
  isKnownScheme,
  schemeNames,
  type PasswordSettings,
} from '../password/password.js';
import { CommandFailure } from './failure.js';
import { debugOption, slapdOption, slapdValues } from './slapd-options.js';
import { askNewSecret, isTerminal, readFirstLine } from './terminal.js';

interface PasswdOptions {
  readonly hash?: string;
  readonly secret?: string;
  readonly file?: string;
  readonly generate?: true;
  readonly newline: boolean;
  readonly saltFormat?: string;
  readonly o?: readonly string[];
}

export function passwdCommand(): Command {
  return new Command('passwd')
    .summary('hash a password for userPassword or rootpw')
    .description(
      'Hashes a password and prints the value for userPassword or rootpw, as slappasswd does. Without -s, -T or -g it ' +
        'asks for the password twice, or reads the first line of standard input if that is not a terminal.',
    )
    .addOption(new Option('-h, --hash <scheme>', `one of ${schemeNames.join(' ')} (default: ${defaultScheme})`))
    .addOption(
      new Option('-s, --secret <password>', 'the password (others on this machine can see it while this runs)').conflicts([
        'file',
        'generate',
      ]),
    )
    .addOption(
      new Option('-T, --file <file>', 'use the whole contents of this file, line ending included, as the password').conflicts(
        'generate',
      ),
    )
    .option('-g, --generate', 'generate a password and print it; with -h also print its hash, on a second line')
    .option('-n, --no-newline', 'print no line ending after the value')
    .option('-c, --salt-format <format>', 'the form of {CRYPT}, as in password-crypt-salt-format: $6$%.16s, $y$j9T$%.22s')
    .addOption(slapdOption("module-load='argon2 m=65536 t=2 p=1': what {ARGON2} costs"))
    .addOption(new Option('-v, --verbose').hideHelp())
    .addOption(debugOption())
    .option('-u', 'make an RFC 2307 value (always done; for slappasswd scripts)')
    .addHelpText(
      'after',
      `
Choose {BCRYPT} for new installations and {SSHA} where old programs read the hashes. {CRYPT} makes SHA-512 crypt ($6$).

Examples:
  $ jammd passwd
  New password:
  Re-enter new password:
  {SSHA}NUlr+O3+69l2uVVZg/cqgaH41dsbYY2b

  $ jammd passwd -h '{BCRYPT}' -s secret
  $ jammd passwd -g
  $ printf %s "$SECRET" | jammd passwd -h '{SSHA512}'`,
    )
    .action(passwd);
}

async function passwd(options: PasswdOptions): Promise<void> {
  // Braces may be left out: shells give them a meaning of their own.
  const scheme = options.hash?.replace(/^[^{].*[^}]$/, '{$&}') ?? defaultScheme;
  if (!isKnownScheme(scheme)) {
    throw new CommandFailure(`${scheme}: unknown scheme; known are ${schemeNames.join(' ')}`);
  }
  const settings = passwordSettings(options);
  const lines: string[] = [];
  const password = await passwordFrom(options);
  if (options.generate) lines.push(password.toString());
  if (!options.generate || options.hash !== undefined)
    lines.push((await hashPassword(scheme, password, undefined, settings)).toString('latin1'));
  process.stdout.write(Buffer.from(lines.join('\n') + (options.newline ? '\n' : ''), 'latin1'));
}

/** slappasswd loads modules of that name: of its own kind, {ARGON2} alone has parameters. */
function passwordSettings({ saltFormat, o }: PasswdOptions): PasswordSettings {
  const module = slapdValues(o, ['module-load', 'module-path']).get('module-load') ?? '';
  const [name = '', ...parameters] = module.split(/\s+/);
  if (saltFormat !== undefined && !isCryptSaltFormat(saltFormat)) {
    throw new CommandFailure(`-c ${saltFormat}: not a form of crypt(3) with a %s for the salt`);
  }
  return {
    ...defaultPasswordSettings,
    ...(argon2Module.test(name) && { argon2: argon2CostOf(parameters) }),
    cryptSaltFormat: saltFormat,
  };
}

async function passwordFrom(options: PasswdOptions): Promise<Buffer> {
  if (options.generate) return generatePassword();
  if (options.secret !== undefined) return notEmpty(Buffer.from(options.secret));
  if (options.file !== undefined) return notEmpty(await readPasswordFile(options.file));
  return isTerminal() ? askNewSecret('New password') : notEmpty(await readFirstLine());
}

function notEmpty(password: Buffer): Buffer {
  if (password.length === 0) throw new CommandFailure('the password is empty');
  return password;
}

async function readPasswordFile(file: string): Promise<Buffer> {
  const { mode } = await stat(file);
  if ((mode & 0o007) !== 0) process.stderr.write(`Warning: password file ${file} is publicly readable or writable\n`);
  return readFile(file);
}
