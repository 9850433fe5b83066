/** `jammd config`: the configuration of Postfix, Courier, Dovecot, Exim, slapd or Roundcube for this very directory. */
import { resolve } from 'node:path';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { Command, Option } from 'commander';
import { courierFiles } from '../mail-programs/courier.js';
import { dovecot23Files } from '../mail-programs/dovecot-2.3.js';
import { dovecot24Files } from '../mail-programs/dovecot-2.4.js';
import { eximFiles } from '../mail-programs/exim.js';
import { legacyPostfixFiles, postfixFiles } from '../mail-programs/postfix.js';
import { roundcubeFiles } from '../mail-programs/roundcube.js';
import { jammdReplicaFiles, slapdReplicaFiles } from '../mail-programs/replica.js';
import { slapdChanges, slapdFiles } from '../mail-programs/slapd.js';
import { convertCommand } from './config-convert.js';
import { deliver } from './config-files.js';
import {
  directoryAccess,
  mailOwner,
  type OwnerOptions,
  passwordCheck,
  place,
  type PlaceOptions,
  type ReachOptions,
  withOwner,
  withPasswordCheck,
  withPlace,
  withReach,
} from './config-options.js';
import { CommandFailure } from './failure.js';

export function configCommand(): Command {
  const group = new Command('config')
    .summary('print the configuration of Postfix, Exim, Courier, Dovecot, Roundcube or slapd for this directory')
    .description(
      'Prints the settings that make Postfix, Exim, Courier, Dovecot or Roundcube use this directory, or a slapd.conf that ' +
        'both jammd and slapd can read. A comment before each file gives its path. "convert" turns a slapd.d ' +
        'into a slapd.conf, and the other way round.',
    )
    .exitOverride();
  for (const make of [
    postfixCommand,
    eximCommand,
    courierCommand,
    dovecotCommand,
    roundcubeCommand,
    slapdCommand,
    slapdReplicaCommand,
    replicaCommand,
    convertCommand,
  ]) {
    group.addCommand(make().exitOverride().helpOption('--help', 'print this help'));
  }
  return group.addHelpText(
    'after',
    `
Examples:
  $ jammd config postfix -f slapd.conf
  $ jammd config postfix -b dc=hosting,dc=example --vmail-uid 5000 --write /etc/postfix >> /etc/postfix/main.cf
  $ jammd config convert -F /etc/ldap/slapd.d > slapd.conf
  $ jammd config dovecot -f slapd.conf -H ldaps://ldap.hosting.example --ca /etc/ssl/certs/ca-certificates.crt`,
  );
}

/** The folder of the program's files. */
function folderOf({ write }: PlaceOptions, usual: string): string {
  return write === undefined ? usual : resolve(write);
}

function postfixCommand(): Command {
  return withOwner(withReach(new Command('postfix')))
    .description('Prints the lines for main.cf and the files of the LDAP lookups.')
    .option('--lmtp', 'let Dovecot deliver over LMTP, with quotas; the default, virtual(8), has none')
    .option('--legacy', 'print it as in the HOWTO: lookups in main.cf, under its names')
    .action((options: ReachOptions & OwnerOptions & { legacy?: true; lmtp?: true }) =>
      deliver(options, async () => {
        if (options.legacy && options.lmtp)
          throw new CommandFailure('--legacy and --lmtp exclude each other: the HOWTO delivers with virtual(8)');
        const access = await directoryAccess(options, 'bind');
        const folder = folderOf(options, '/etc/postfix');
        if (options.legacy) return legacyPostfixFiles(access, mailOwner(options), folder);
        const written = options.write !== undefined;
        return postfixFiles(access, mailOwner(options), { folder, lmtp: options.lmtp === true, written });
      }),
    );
}

function courierCommand(): Command {
  return withPasswordCheck(withOwner(withReach(new Command('courier'))))
    .description('Prints authldaprc and the line for authdaemonrc.')
    .action((options: ReachOptions & OwnerOptions & { readHashes?: true }) =>
      deliver(options, async () =>
        courierFiles(
          await directoryAccess(options, passwordCheck(options)),
          mailOwner(options),
          folderOf(options, '/etc/courier'),
        ),
      ),
    );
}

function dovecotCommand(): Command {
  return withPasswordCheck(withOwner(withReach(new Command('dovecot'))))
    .description('Prints conf.d/99-jammd.conf; for Dovecot 2.3, dovecot-ldap.conf.ext and the lines for local.conf.')
    .addOption(
      new Option('--dovecot <version>', 'the version of Dovecot (default: the installed one, otherwise 2.4)').choices([
        '2.3',
        '2.4',
      ]),
    )
    .option('--no-postfix', 'leave out the sockets that Postfix uses for delivery and authentication')
    .action((options: ReachOptions & OwnerOptions & { readHashes?: true; dovecot?: '2.3' | '2.4'; postfix: boolean }) =>
      deliver(options, async () => {
        const make = (options.dovecot ?? (await installedDovecot())) === '2.3' ? dovecot23Files : dovecot24Files;
        const access = await directoryAccess(options, passwordCheck(options));
        return make(access, mailOwner(options), { folder: folderOf(options, '/etc/dovecot'), postfix: options.postfix });
      }),
    );
}

/** As it reports its own version; 2.4 where none is installed. */
async function installedDovecot(): Promise<'2.3' | '2.4'> {
  const path = `${process.env['PATH'] ?? ''}:/usr/sbin:/usr/local/sbin:/usr/bin`;
  const said = await promisify(execFile)('dovecot', ['--version'], { env: { ...process.env, PATH: path } }).catch(
    () => undefined,
  );
  return said !== undefined && /^2\.[0-3]\./.test(said.stdout) ? '2.3' : '2.4';
}

function eximCommand(): Command {
  return withOwner(withReach(new Command('exim')))
    .description("Prints files for Exim's split configuration (/etc/exim4/conf.d): domains, routers, delivery, authentication.")
    .option('--lmtp', 'let Dovecot deliver over LMTP; without it, Exim delivers')
    .action((options: ReachOptions & OwnerOptions & { lmtp?: true }) =>
      deliver(options, async () =>
        eximFiles(await directoryAccess(options, 'bind'), mailOwner(options), {
          folder: folderOf(options, '/etc/exim4'),
          lmtp: options.lmtp === true,
        }),
      ),
    );
}

function roundcubeCommand(): Command {
  return withReach(new Command('roundcube'))
    .description(
      'Prints files for Roundcube 1.6 (login, address book, password plugin) and the line for config.inc.php that includes them.',
    )
    .option('--imap <server>', 'the IMAP server, as in Roundcube', 'localhost:143')
    .option('--smtp <server>', 'the SMTP server', 'tls://localhost:587')
    .action((options: ReachOptions & { imap: string; smtp: string }) =>
      deliver(options, async () =>
        roundcubeFiles(await directoryAccess(options, 'bind'), {
          folder: folderOf(options, '/etc/roundcube'),
          imapHost: options.imap,
          smtpHost: options.smtp,
        }),
      ),
    );
}

function slapdCommand(): Command {
  return withPlace(new Command('slapd'))
    .description("Prints the HOWTO's slapd.conf for a suffix, in a form that both slapd 2.5 and jammd can read.")
    .option('--ldif', 'print LDIF for ldapmodify that changes cn=config, as used by Debian')
    .option('--directory <folder>', 'the folder of the database', '/var/lib/jammd/data')
    .option('--root-password <hash>', 'the rootpw, as printed by "jammd passwd"')
    .option('--certificate <file>', "PEM file of the server's certificate")
    .option('--key <file>', 'PEM file of its key')
    .action(
      (options: PlaceOptions & { ldif?: true; directory: string; rootPassword?: string; certificate?: string; key?: string }) =>
        deliver(options, () => {
          if ((options.certificate === undefined) !== (options.key === undefined)) {
            throw new CommandFailure('--certificate and --key must be given together');
          }
          const { certificate, key, directory, rootPassword } = options;
          const settings = {
            suffix: place(options).suffix,
            directory,
            ...(rootPassword === undefined ? {} : { rootPassword }),
            ...(certificate === undefined || key === undefined
              ? {}
              : { tls: { certificateFile: certificate, keyFile: key, authorityFile: options.ca } }),
          };
          return (options.ldif ? slapdChanges : slapdFiles)(settings, folderOf(options, '/etc/ldap'));
        }),
    );
}

const ridMax = 999;

function slapdReplicaCommand(): Command {
  return withReplica(
    new Command('slapd-replica').description(
      'Prints a slapd.conf for a stock slapd that follows this directory, which needs "overlay syncprov".',
    ),
    { database: '/var/lib/ldap', folder: '/etc/ldap', files: slapdReplicaFiles },
  );
}

function replicaCommand(): Command {
  return withReplica(
    new Command('replica').description(
      'Prints a slapd.conf for a jammd that follows this directory, or a slapd with "overlay syncprov".',
    ),
    { database: '/var/lib/jammd/data', folder: '/etc/jammd', files: jammdReplicaFiles },
  );
}

/** Where a replica keeps its database and its configuration, and what that consists of. */
interface ReplicaKind {
  readonly database: string;
  readonly folder: string;
  readonly files: typeof slapdReplicaFiles;
}

function withReplica(command: Command, { database, folder, files }: ReplicaKind): Command {
  return withReach(command)
    .option('--directory <folder>', "the folder of the replica's database", database)
    .option('--rid <number>', 'tells the replicas of this directory apart', '1')
    .action((options: ReachOptions & { directory: string; rid: string }) =>
      deliver(options, async () => {
        const rid = /^\d{1,3}$/.test(options.rid) ? Number(options.rid) : ridMax + 1;
        if (rid > ridMax) throw new CommandFailure(`--rid ${options.rid}: expected a number up to ${ridMax}`);
        const access = await directoryAccess(options, 'bind');
        if (!access.bind) throw new CommandFailure('give -D and -y: a replica binds as an entry that may read everything');
        const settings = { suffix: place(options).suffix, directory: options.directory, rid };
        return files(settings, access, folderOf(options, folder));
      }),
    );
}
