/** `jammd config`: the configuration of Postfix, Courier, Dovecot or slapd for this very directory, ready to paste. */
import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { Command, InvalidArgumentError, Option } from 'commander';
import type { Config } from '../config/model.js';
import { DN } from '../dn/dn.js';
import { defaultSchema } from '../schema/default.js';
import {
  courierFiles,
  dovecotFiles,
  legacyPostfixFiles,
  postfixFiles,
  slapdFiles,
  type ConfigFile,
  type DirectoryAccess,
  type MailOwner,
} from './config-text.js';
import { chooseDatabase, readConfiguration } from './configuration.js';
import { CommandFailure, reasonOf } from './failure.js';

interface PlaceOptions {
  readonly config?: string;
  readonly suffix?: string;
  readonly ca?: string;
  readonly write?: string;
  readonly force?: true;
}

interface ReachOptions extends PlaceOptions {
  readonly url: string;
  readonly startTls?: true;
  readonly bindDn?: string;
  readonly passwordFile?: string;
}

interface OwnerOptions {
  readonly vmailUser: string;
  readonly vmailGroup?: string;
  readonly vmailUid: number;
  readonly vmailGid?: number;
  readonly vmailHome: string;
}

export function configCommand(): Command {
  const group = new Command('config')
    .summary('print the configuration of Postfix, Courier, Dovecot or slapd for this directory')
    .description(
      'Prints what Postfix, Courier or Dovecot must be told to work with this directory, and a slapd.conf that jammd and ' +
        'slapd 2.5 both read. Before each file stands a comment with its path.',
    )
    .exitOverride();
  for (const make of [postfixCommand, courierCommand, dovecotCommand, slapdCommand]) {
    group.addCommand(make().exitOverride().helpOption('--help', 'print this help'));
  }
  return group.addHelpText(
    'after',
    `
Examples:
  $ jammd config postfix -f slapd.conf
  $ jammd config postfix -b dc=hosting,dc=example --vmail-uid 5000 --write /etc/postfix >> /etc/postfix/main.cf
  $ jammd config dovecot -f slapd.conf -H ldaps://ldap.hosting.example --ca /etc/ssl/certs/ca-certificates.crt`,
  );
}

function postfixCommand(): Command {
  return withOwner(withReach(new Command('postfix')))
    .description('Prints the lines for main.cf and the files of the LDAP look-ups.')
    .option('--legacy', 'print it as the HOWTO does: the look-ups in main.cf, by its own names')
    .action((options: ReachOptions & OwnerOptions & { legacy?: true }) =>
      deliver(options, async () => {
        const access = await directoryAccess(options, 'bind');
        return options.legacy ? legacyPostfixFiles(access, mailOwner(options)) : postfixFiles(access, mailOwner(options));
      }),
    );
}

function courierCommand(): Command {
  return withPasswordCheck(withOwner(withReach(new Command('courier'))))
    .description('Prints authldaprc and the line for authdaemonrc.')
    .action((options: ReachOptions & OwnerOptions & { readHashes?: true }) =>
      deliver(options, async () => courierFiles(await directoryAccess(options, passwordCheck(options)), mailOwner(options))),
    );
}

function dovecotCommand(): Command {
  return withPasswordCheck(withOwner(withReach(new Command('dovecot'))))
    .description('Prints dovecot-ldap.conf.ext and the lines for local.conf, for Dovecot 2.3.')
    .action((options: ReachOptions & OwnerOptions & { readHashes?: true }) =>
      deliver(options, async () => dovecotFiles(await directoryAccess(options, passwordCheck(options)), mailOwner(options))),
    );
}

function slapdCommand(): Command {
  return withPlace(new Command('slapd'))
    .description("Prints the HOWTO's slapd.conf for a suffix, in words that slapd 2.5 and jammd both read.")
    .option('--directory <folder>', 'where the database is', '/var/lib/jammd/data')
    .option('--root-password <hash>', 'the rootpw, as "jammd passwd" prints it')
    .option('--certificate <file>', "PEM file of the server's certificate")
    .option('--key <file>', 'PEM file of its key')
    .action((options: PlaceOptions & { directory: string; rootPassword?: string; certificate?: string; key?: string }) =>
      deliver(options, () => {
        if ((options.certificate === undefined) !== (options.key === undefined)) {
          throw new CommandFailure('--certificate and --key belong together');
        }
        const { certificate, key, directory, rootPassword } = options;
        return slapdFiles({
          suffix: place(options).suffix,
          directory,
          ...(rootPassword === undefined ? {} : { rootPassword }),
          ...(certificate === undefined || key === undefined
            ? {}
            : { tls: { certificateFile: certificate, keyFile: key, authorityFile: options.ca } }),
        });
      }),
    );
}

function withPlace(command: Command): Command {
  return command
    .addOption(new Option('-f, --config <file>', "the directory's own slapd.conf: its suffix and its TLS authority are taken"))
    .addOption(
      new Option('-b, --suffix <dn>', 'the name at the top of the tree (default: dc=myhosting,dc=example)').conflicts('config'),
    )
    .option('--ca <file>', "PEM file of the authority behind the directory's certificate")
    .option('--write <folder>', 'write the files that are wholly of its making there, and print only the lines for others')
    .option('--force', 'with --write: write over files that are there');
}

function withReach(command: Command): Command {
  return withPlace(command)
    .option('-H, --url <url>', 'where the directory listens: an ldap://, ldaps:// or ldapi:// URL', 'ldap://127.0.0.1:389')
    .option('-Z, --start-tls', 'use StartTLS')
    .option('-D, --bind-dn <dn>', 'look up as this entry (default: without a bind)')
    .option('-y, --password-file <file>', "the first line of this file is that entry's password");
}

function withPasswordCheck(command: Command): Command {
  return command.option('--read-hashes', 'let it read userPassword and compare by itself; needs -D with the right to');
}

function withOwner(command: Command): Command {
  return command
    .option('--vmail-user <name>', 'the Unix account that the mail belongs to', 'vmail')
    .option('--vmail-group <name>', 'its group (default: named as the account)')
    .addOption(new Option('--vmail-uid <number>', 'its user number').default(101).argParser(idNumber))
    .addOption(new Option('--vmail-gid <number>', 'its group number (default: as the user number)').argParser(idNumber))
    .option('--vmail-home <folder>', 'its home; mail is in "domains" below it', '/home/vmail');
}

function idNumber(text: string): number {
  const value = /^\d{1,10}$/.test(text) ? Number(text) : 0;
  if (value < 1 || value > 0xffff_fffe) throw new InvalidArgumentError('a number above 0; mail never belongs to root.');
  return value;
}

function mailOwner(options: OwnerOptions): MailOwner {
  return {
    name: options.vmailUser,
    group: options.vmailGroup ?? options.vmailUser,
    uid: options.vmailUid,
    gid: options.vmailGid ?? options.vmailUid,
    home: options.vmailHome,
  };
}

function passwordCheck(options: ReachOptions & { readHashes?: true }): DirectoryAccess['passwordCheck'] {
  if (!options.readHashes) return 'bind';
  if (options.bindDn === undefined) throw new CommandFailure('--read-hashes needs -D: nobody reads userPassword without a bind');
  return 'hash';
}

async function directoryAccess(options: ReachOptions, check: DirectoryAccess['passwordCheck']): Promise<DirectoryAccess> {
  const scheme = /^(ldaps?|ldapi):\/\/\S*$/i.exec(options.url)?.[1]?.toLowerCase();
  if (scheme === undefined) throw new CommandFailure(`-H ${options.url}: no ldap://, ldaps:// or ldapi:// URL`);
  if (options.startTls && scheme !== 'ldap') throw new CommandFailure('-Z goes with an ldap:// URL only');
  if ((options.bindDn === undefined) !== (options.passwordFile === undefined)) {
    throw new CommandFailure('-D and -y belong together');
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

function place({ config: file, suffix }: PlaceOptions): { suffix: string; config: Config | undefined } {
  if (file === undefined) return { suffix: parseName('-b', suffix ?? 'dc=myhosting,dc=example'), config: undefined };
  const config = readConfiguration(file);
  const found = chooseDatabase(config, {}).suffixes[0];
  if (!found) throw new CommandFailure(`${file}: its first database has no suffix`);
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
  throw new CommandFailure(`${option}: the empty name is of no use here`);
}

async function firstLine(file: string): Promise<string> {
  const line = (await readFile(file, 'utf8')).split(/\r?\n/, 1)[0] ?? '';
  if (line === '') throw new CommandFailure(`${file}: its first line is empty, and an empty password is no password`);
  return line;
}

/** Prints the files, or writes those that are wholly ours. */
async function deliver(options: PlaceOptions, make: () => ConfigFile[] | Promise<ConfigFile[]>): Promise<void> {
  const files = await make();
  const { write } = options;
  const written = write === undefined ? [] : files.filter(({ part }) => part === 'whole');
  if (write !== undefined) await writeAll(write, written, options.force === true);
  const printed = files.filter((file) => !written.includes(file)).map(printedFile);
  process.stdout.write(printed.join('\n'));
}

/** Readable for the group only: there may be a password in them. */
async function writeAll(folder: string, files: readonly ConfigFile[], force: boolean): Promise<void> {
  const targets = files.map(({ path, text }) => ({ path: join(folder, basename(path)), text }));
  const existing = targets.find(({ path }) => existsSync(path));
  if (existing && !force) throw new CommandFailure(`${existing.path} is there already; --force writes over it`);
  await mkdir(folder, { recursive: true });
  for (const { path, text } of targets) {
    await writeFile(path, text, { mode: 0o640 });
    process.stderr.write(`wrote ${path}\n`);
  }
}

function printedFile({ path, part, text }: ConfigFile): string {
  return `# ${part === 'whole' ? path : `${path}: add, in place of what it says of the same`}\n${text}`;
}
