/** What the mail commands (domain, account, alias, postmaster, clean, web) share: reaching the directory, passwords, output. */
import { readFile } from 'node:fs/promises';
import { Command, InvalidArgumentError, Option } from 'commander';
import { splitAddress, parseDomain } from '../mail/address.js';
import { inEnglish, type Told } from '../mail/told.js';
import type { ConnectionOptions } from '../mail/connection.js';
import { defaultSettings, type MailContext, type MailSettings } from '../mail/context.js';
import type { Person } from '../mail/entries.js';
import { MailError } from '../mail/errors.js';
import { login } from '../mail/login.js';
import { rdnsOf } from '../mail/names.js';
import { generatePassword } from '../mail/passwords.js';
import { CommandFailure } from './failure.js';
import { askNewSecret, askSecret, isTerminal, readFirstLine } from './terminal.js';

export interface SiteOptions {
  readonly ldapUrl: string;
  readonly base?: string;
  readonly manager?: string;
  readonly siteAdmin?: readonly string[];
  readonly loginName: string;
  readonly minPassword: number;
  readonly mailHome: string;
  readonly transport: string;
  readonly doveadm?: string | true;
  readonly startTls?: true;
  readonly ca?: string;
}

export interface MailOptions extends SiteOptions {
  readonly as: string;
  readonly password?: string;
  readonly passwordFile?: string;
  readonly json?: true;
}

/** Options that say where the directory is and what the site's rules are. */
export function addSiteOptions(command: Command): Command {
  return command
    .addOption(
      new Option('-H, --ldap-url <url>', 'the directory: ldap://, ldaps:// or ldapi://')
        .env('JAMMD_LDAP_URL')
        .default('ldap://127.0.0.1:389'),
    )
    .addOption(
      new Option('-b, --base <dn>', 'the entry above the domains (default: o=hosting below the suffix)').env('JAMMD_BASE'),
    )
    .addOption(
      new Option('--manager <dn>', "the site admin's DN (default: cn=Manager in the entry above the base)").env('JAMMD_MANAGER'),
    )
    .addOption(new Option('--login-name <name>', "the site admin's login name").default('root'))
    .option('--site-admin <dn>', 'a further site admin, who logs in by this DN; repeatable', collect)
    .addOption(
      new Option('--min-password <characters>', 'minimum length of new passwords')
        .default(defaultSettings.passwordLengthMin)
        .argParser(positiveInteger),
    )
    .addOption(
      new Option('--mail-home <folder>', 'the folder that mailbox paths are relative to')
        .env('JAMMD_MAIL_HOME')
        .default(defaultSettings.mailHome),
    )
    .addOption(new Option('--transport <transport>', 'the Postfix transport of new domains').default(defaultSettings.transport))
    .option('--doveadm [program]', 'ask Dovecot on this machine how full mailboxes are (default: look into the mail folder)')
    .option('-Z, --start-tls', 'use StartTLS')
    .option('--ca <file>', "PEM file of the authority behind the directory's certificate");
}

/** The same, with whom to log in as. */
export function addMailOptions(command: Command): Command {
  return addSiteOptions(command)
    .addOption(
      new Option('-D, --as <who>', 'log in as: the login name of the site admin, a mail address or a DN').default('root'),
    )
    .option('-w, --password <password>', 'the password (others on this machine can see it while this runs)')
    .addOption(
      new Option('-y, --password-file <file>', 'take the password from the first line of this file').conflicts('password'),
    )
    .option('--json', 'print JSON')
    .exitOverride();
}

/** Rules of the site that only some commands look at. The others take them as well, from scripts that give all alike. */
const lookedAtBy: Readonly<Record<string, readonly string[]>> = {
  '--min-password': ['domain add', 'account add', 'account passwd', 'account import', 'alias add', 'alias passwd'],
  '--mail-home': ['account show', 'account add', 'account import', 'account welcome'],
  '--transport': ['domain add', 'domain set'],
  '--doveadm': ['account show'],
};

const ofWelcomeMails = /^--(imap-|pop-|smtp-|mail-relay|welcome-|public-url)/;

/** The command's own options first; then those that all have, without what means nothing to this one. */
function arrangeHelp(name: string, command: Command, own: ReadonlySet<Option>): void {
  for (const option of command.options) {
    if (own.has(option)) {
      if (name === 'account add' && ofWelcomeMails.test(option.long ?? '')) option.helpGroup('The welcome mail:');
      continue;
    }
    option.helpGroup('The directory, and who asks:');
    if (lookedAtBy[option.long ?? '']?.includes(name) === false) option.hideHelp();
  }
}

/** A command with subcommands that all take the mail options. */
export function mailCommandGroup(name: string, summary: string, description: string, subcommands: readonly Command[]): Command {
  const group = new Command(name).summary(summary).description(description).exitOverride();
  for (const subcommand of subcommands) {
    const own = new Set(subcommand.options);
    group.addCommand(addMailOptions(subcommand).helpOption('--help', 'print this help'));
    arrangeHelp(`${name} ${subcommand.name()}`, subcommand, own);
  }
  return group.addHelpText(
    'after',
    `
The password comes from -w, -y, the environment variable JAMMD_PASSWORD or, on a terminal, a prompt. New passwords
come from standard input or, with --generate, from jammd.`,
  );
}

export function siteSettings(options: SiteOptions): MailSettings {
  const further = options.siteAdmin ?? [];
  requireDn('-b', options.base);
  requireDn('--manager', options.manager);
  for (const dn of further) requireDn('--site-admin', dn);
  return {
    base: options.base,
    siteAdmins: new Map([
      [options.loginName.toLowerCase(), options.manager],
      ...further.map((dn) => [dn.toLowerCase(), dn] as const),
    ]),
    passwordLengthMin: options.minPassword,
    mailHome: options.mailHome,
    transport: options.transport,
    ...(options.doveadm === undefined ? {} : { doveadm: options.doveadm === true ? 'doveadm' : options.doveadm }),
  };
}

export function requireDn(option: string, dn: string | undefined): void {
  if (dn !== undefined && (rdnsOf(dn) ?? []).length === 0) throw new CommandFailure(`${option} ${dn}: not a DN`);
}

export function connectionOptions(options: SiteOptions): ConnectionOptions {
  if (!/^(ldaps?:\/\/[^/]|ldapi:\/\/)/i.test(options.ldapUrl))
    throw new CommandFailure(`-H ${options.ldapUrl}: not an ldap://, ldaps:// or ldapi:// URL`);
  return {
    url: options.ldapUrl,
    ...(options.startTls ? { startTls: true } : {}),
    ...(options.ca === undefined ? {} : { caFile: options.ca }),
  };
}

/** Runs a use case as the person the options name. Its failures become the command's. */
export async function withMail<T>(
  options: MailOptions,
  useCase: (mail: MailContext) => Promise<T>,
  further: Partial<MailSettings> = {},
): Promise<T> {
  let mail: MailContext | undefined;
  try {
    const settings = { ...siteSettings(options), ...further };
    mail = await login(connectionOptions(options), settings, options.as, await bindPassword(options));
    return await useCase(mail);
  } catch (error) {
    if (error instanceof MailError) throw new CommandFailure(error.message, { cause: error });
    throw error;
  } finally {
    await mail?.directory.close();
  }
}

async function bindPassword(options: MailOptions): Promise<string> {
  if (options.password !== undefined) return options.password;
  if (options.passwordFile !== undefined) return (await readFile(options.passwordFile, 'utf8')).split(/\r?\n/, 1)[0] ?? '';
  const inherited = process.env['JAMMD_PASSWORD'];
  if (inherited !== undefined) return inherited;
  if (!isTerminal()) throw new CommandFailure('no password: give it with -w, -y or in JAMMD_PASSWORD');
  return (await askSecret(`Password of ${options.as}: `)).toString('utf8');
}

export interface NewPasswordOptions {
  readonly generate?: true;
}

export interface NewPassword {
  readonly password: string;
  readonly repeat: string;
  /** It has to be told to somebody. */
  readonly generated: boolean;
}

/** A new password: made, typed twice, or the first line of standard input. */
export async function newPassword(options: NewPasswordOptions, of: string): Promise<NewPassword> {
  if (options.generate) {
    const password = generatePassword();
    return { password, repeat: password, generated: true };
  }
  const typed = isTerminal() ? await askNewSecret(`New password of ${of}`) : await readFirstLine();
  const password = typed.toString('utf8').replace(/\r$/, '');
  return { password, repeat: password, generated: false };
}

export const generateOption = ['--generate', 'generate a password and print it'] as const;

/** What a command has to say: JSON with --json, else lines. */
export function report(options: { readonly json?: true }, value: unknown, lines: readonly string[]): void {
  process.stdout.write(options.json ? `${JSON.stringify(value, undefined, 2)}\n` : lines.map((line) => `${line}\n`).join(''));
}

/** What somebody should know although it was done. */
export function warn(command: string, warnings: readonly (Told | string)[]): void {
  for (const warning of warnings)
    process.stderr.write(`jammd ${command}: warning: ${typeof warning === 'string' ? warning : inEnglish(warning)}\n`);
}

/** Rows under one another, columns as wide as they need. */
export function table(rows: readonly (readonly string[])[]): readonly string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => [...(row[column] ?? '')].length)));
  return rows.map((row) =>
    row
      .map((cell, column) => (column === row.length - 1 ? cell : cell + ' '.repeat((widths[column] ?? 0) - [...cell].length)))
      .join('  ')
      .trimEnd(),
  );
}

/** The address and the domain of an argument such as john@example.com; the domain may be in any script. */
export function addressArgument(text: string): { readonly address: string; readonly local: string; readonly domain: string } {
  const [local, typed] = splitAddress(text);
  if (typed === '') throw new CommandFailure(`${text}: not a mail address`);
  const domain = parseDomain(typed);
  return { address: `${local}@${domain}`, local, domain };
}

export function positiveInteger(text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new InvalidArgumentError('Not a positive number.');
  return Number(text);
}

export function onOff(text: string): boolean {
  if (/^(on|yes|true|1)$/i.test(text)) return true;
  if (/^(off|no|false|0)$/i.test(text)) return false;
  throw new InvalidArgumentError('Say on or off.');
}

/** An option that repeatable. */
export function collect(value: string, previous: readonly string[] = []): readonly string[] {
  return [...previous, value];
}

/** A person as JSON, without what only the site's own pages need. */
export function personJson(person: Person): Readonly<Record<string, unknown>> {
  const { dn, address, name, description, active, waitsForDomain, lastChange, senders } = person;
  const state = { active, waitsForDomain, lastChange: lastChange?.toISOString() ?? null };
  const common = { dn, address, name, description, ...state, senders };
  if (person.kind === 'alias') return { kind: 'alias', ...common, destinations: person.destinations };
  const { deleted, quota, homeDirectory, mailbox, forwardTo, keepsCopy } = person;
  return { kind: 'account', ...common, deleted, quota, homeDirectory, mailbox, forwardTo, keepsCopy };
}

export function stateWord(person: {
  readonly active: boolean;
  readonly deleted?: boolean;
  readonly waitsForDomain?: boolean;
}): string {
  if (person.deleted) return 'deleted';
  return person.active ? 'active' : person.waitsForDomain ? 'inactive with its domain' : 'inactive';
}
