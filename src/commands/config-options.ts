/** The options that the commands of `jammd config` share: where the directory is, who looks up, whose the mail is. */
import { readFile } from 'node:fs/promises';
import { type Command, InvalidArgumentError, Option } from 'commander';
import type { Config } from '../config/model.js';
import { DN } from '../dn/dn.js';
import type { DirectoryAccess, MailOwner } from '../mail-programs/model.js';
import { defaultSchema } from '../schema/default.js';
import { chooseDatabase, type ConfigurationChoice, readConfiguration } from './configuration.js';
import { CommandFailure, reasonOf } from './failure.js';

export interface PlaceOptions extends ConfigurationChoice {
  readonly suffix?: string;
  readonly ca?: string;
  readonly write?: string;
  readonly force?: true;
}

export interface ReachOptions extends PlaceOptions {
  readonly url: string;
  readonly startTls?: true;
  readonly bindDn?: string;
  readonly passwordFile?: string;
}

export interface OwnerOptions {
  readonly vmailUser: string;
  readonly vmailGroup?: string;
  readonly vmailUid: number;
  readonly vmailGid?: number;
  readonly vmailHome: string;
}

export function withPlace(command: Command): Command {
  return command
    .addOption(new Option('-f, --config <file>', "take suffix and TLS authority from this slapd.conf, the directory's own"))
    .addOption(new Option('-F, --config-dir <folder>', 'take them from this slapd.d').conflicts(['config', 'suffix']))
    .addOption(
      new Option('-b, --suffix <dn>', 'the name at the top of the tree (default: dc=myhosting,dc=example)').conflicts('config'),
    )
    .option('--ca <file>', "PEM file of the authority behind the directory's certificate")
    .option('--write <folder>', 'write complete files to this folder, and print only the lines to add to existing files')
    .option('--force', 'with --write: overwrite existing files');
}

export function withReach(command: Command): Command {
  return withPlace(command)
    .option('-H, --url <url>', 'the directory: ldap://, ldaps:// or ldapi://', 'ldap://127.0.0.1:389')
    .option('-Z, --start-tls', 'use StartTLS')
    .option('-D, --bind-dn <dn>', 'bind as this entry for lookups (default: no bind)')
    .option('-y, --password-file <file>', "read that entry's password from the first line of this file");
}

export function withPasswordCheck(command: Command): Command {
  return command.option(
    '--read-hashes',
    'let the program read userPassword and compare hashes itself; needs -D with the right to read them',
  );
}

export function withOwner(command: Command): Command {
  return command
    .option('--vmail-user <name>', 'the Unix account that owns the mail', 'vmail')
    .option('--vmail-group <name>', 'its group (default: the name of the account)')
    .addOption(new Option('--vmail-uid <number>', 'its numeric user ID').default(101).argParser(idNumber))
    .addOption(new Option('--vmail-gid <number>', 'its numeric group ID (default: the user ID)').argParser(idNumber))
    .option('--vmail-home <folder>', 'its home; mail is stored in "domains" below it', '/home/vmail');
}

function idNumber(text: string): number {
  const value = /^\d{1,10}$/.test(text) ? Number(text) : 0;
  if (value < 1 || value > 0xffff_fffe)
    throw new InvalidArgumentError('expected a number above 0; mail must not belong to root.');
  return value;
}

export function mailOwner(options: OwnerOptions): MailOwner {
  return {
    name: options.vmailUser,
    group: options.vmailGroup ?? options.vmailUser,
    uid: options.vmailUid,
    gid: options.vmailGid ?? options.vmailUid,
    home: options.vmailHome,
  };
}

export function passwordCheck(options: ReachOptions & { readHashes?: true }): DirectoryAccess['passwordCheck'] {
  if (!options.readHashes) return 'bind';
  if (options.bindDn === undefined)
    throw new CommandFailure('--read-hashes needs -D: userPassword cannot be read without a bind');
  return 'hash';
}

export async function directoryAccess(options: ReachOptions, check: DirectoryAccess['passwordCheck']): Promise<DirectoryAccess> {
  const scheme = /^(ldaps?|ldapi):\/\/\S*$/i.exec(options.url)?.[1]?.toLowerCase();
  if (scheme === undefined) throw new CommandFailure(`-H ${options.url}: not an ldap://, ldaps:// or ldapi:// URL`);
  if (options.startTls && scheme !== 'ldap') throw new CommandFailure('-Z works only with an ldap:// URL');
  if ((options.bindDn === undefined) !== (options.passwordFile === undefined)) {
    throw new CommandFailure('-D and -y must be given together');
  }
  const { suffix, config } = place(options);
  return {
    base: `o=hosting,${suffix}`,
    url: options.url.replace(/\/$/, ''),
    startTls: options.startTls === true,
    authorityFile: options.ca ?? config?.tls?.caCertificateFile,
    bind:
      options.bindDn === undefined || options.passwordFile === undefined
        ? undefined
        : { dn: parseName('-D', options.bindDn), password: await firstLine(options.passwordFile) },
    passwordCheck: check,
  };
}

export function place(options: PlaceOptions): { suffix: string; config: Config | undefined } {
  const source = options.config ?? options.configDir;
  if (source === undefined) {
    return { suffix: parseName('-b', options.suffix ?? 'dc=myhosting,dc=example'), config: undefined };
  }
  const config = readConfiguration(options);
  const found = chooseDatabase(config, {}).suffixes[0];
  if (!found) throw new CommandFailure(`${source}: its first database has no suffix`);
  return { suffix: found.toString(), config };
}

/** Throws CommandFailure. */
function parseName(option: string, text: string): string {
  try {
    const name = DN.parse(text, defaultSchema());
    if (!name.isEmpty) return name.toString();
  } catch (error) {
    throw new CommandFailure(`${option} ${text}: ${reasonOf(error)}`);
  }
  throw new CommandFailure(`${option}: the name is empty`);
}

export async function firstLine(file: string): Promise<string> {
  const line = (await readFile(file, 'utf8')).split(/\r?\n/, 1)[0] ?? '';
  if (line === '') throw new CommandFailure(`${file}: the first line, which should hold the password, is empty`);
  return line;
}
