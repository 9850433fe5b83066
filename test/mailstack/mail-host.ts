/**
 * A mail host of its own: a mount namespace in which /etc/postfix, /etc/courier, /etc/dovecot, /etc/ldap, the accounts
 * of /etc/passwd, /home, /run and the programs' data folders are private ones. Programs whose paths are compiled in run
 * there with the configuration that Debian's packages bring, and no other process of the machine sees any of it.
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, chown, cp, mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { makeFolder, removeFolder } from '../support/place.js';
import { Daemon, run, runOrFail, type Finished, type RunOptions } from '../support/process.js';
import { requirePrograms } from '../support/programs.js';

/** As the HOWTO numbers it, and as `jammd config` assumes. */
export const vmail = { uid: 101, gid: 101, domains: '/home/vmail/domains' } as const;

/** A user of the mail host itself, whose mail procmail files. */
export const localUser = { name: 'jd', uid: 64_123, gid: 64_123, home: '/home/jd' } as const;

export const hostName = 'mail.myhosting.example';

/** Folders that are copied from the machine, as the packages have filled them. */
const copied = ['/etc/postfix', '/etc/courier', '/etc/dovecot', '/etc/ldap'];
/** Folders that begin empty. */
const empty = [
  '/var/spool/postfix',
  '/var/lib/postfix',
  '/var/lib/dovecot',
  '/var/lib/courier',
  '/var/mail',
  '/var/log',
  '/home',
  '/run',
];
const copiedFiles = ['/etc/passwd', '/etc/group'];

const stackPrograms = [
  '/usr/lib/postfix/sbin/master',
  ...['postmap', 'postconf', 'postsuper', 'procmail', 'swaks', 'openssl'],
  ...['dovecot', 'doveadm', 'couriertcpd', '/usr/bin/imapd', '/usr/lib/courier/courier/imaplogin'],
  ...['/usr/lib/courier/courier/courierpop3login', '/usr/lib/courier/courier-authlib/authdaemond', 'authtest'],
  ...['unshare', 'nsenter', 'mount', 'ldapsearch', 'ldapwhoami', 'ldappasswd'],
] as const;

const stackLibraries = {
  'postfix-ldap': '/usr/lib/postfix/postfix-ldap.so',
  'courier-authlib-ldap': '/usr/lib/courier-authlib/libauthldap.so',
  'dovecot-ldap': '/usr/lib/dovecot/modules/auth/libauthdb_ldap.so',
} as const;

/**
 * Why the mail stack cannot be run here; undefined when it can. Throws instead where JAMMD_REQUIRE_ALL is set, so that
 * the run that must skip nothing does not.
 */
export function mailHostObstacle(): string | undefined {
  const reason = requirePrograms(...stackPrograms) ?? libraryObstacle() ?? namespaceObstacle();
  if (reason !== undefined && process.env['JAMMD_REQUIRE_ALL'] === '1')
    throw new Error(`${reason}, and JAMMD_REQUIRE_ALL is set`);
  return reason;
}

function libraryObstacle(): string | undefined {
  const missing = Object.entries(stackLibraries).filter(([, path]) => !existsSync(path));
  return missing.length === 0 ? undefined : `not installed: ${missing.map(([name]) => name).join(', ')}`;
}

function namespaceObstacle(): string | undefined {
  const attempt = spawnSync('unshare', ['--mount', '--propagation', 'private', 'true']);
  return attempt.status === 0 ? undefined : 'a private mount namespace, which needs root, was refused';
}

export class MailHost {
  readonly #folder: string;
  readonly #holder: Daemon;
  readonly #daemons: Daemon[] = [];

  private constructor(folder: string, holder: Daemon) {
    this.#folder = folder;
    this.#holder = holder;
  }

  static async create(): Promise<MailHost> {
    const folder = await makeFolder('host');
    // What is mounted from it is for everybody of the host; nobody else finds its name.
    await chmod(folder, 0o711);
    for (const path of [...copied, ...copiedFiles]) await cp(path, join(folder, path), { recursive: true });
    for (const path of empty) await mkdir(join(folder, path), { recursive: true });
    await addAccounts(folder);
    const mounts = [...copied, ...copiedFiles, ...empty].map((path) => `mount --bind "$1${path}" ${path}`);
    const script = `${mounts.join(' && ')} && echo mounted && exec sleep infinity`;
    const holder = Daemon.start('unshare', ['--mount', '--propagation', 'private', 'sh', '-c', script, 'sh', folder]);
    const host = new MailHost(folder, holder);
    try {
      await holder.waitUntil(() => holder.output.includes('mounted'));
      await host.#makeFolders();
      return host;
    } catch (error) {
      await host.stop();
      throw error;
    }
  }

  /** The process in whose mount namespace the host is: `nsenter --target PID --mount` looks inside. */
  get pid(): number {
    return this.#holder.pid;
  }

  /** Where the machine has a file of the host. */
  outside(path: string): string {
    return join(this.#folder, path);
  }

  async write(path: string, text: string): Promise<void> {
    await writeFile(this.outside(path), text);
  }

  read(path: string): Promise<string> {
    return readFile(this.outside(path), 'utf8');
  }

  /** Changes a file as an administrator's editor would; fails where there is nothing to change. */
  async edit(path: string, change: (text: string) => string): Promise<void> {
    const before = await this.read(path);
    const after = change(before);
    if (after === before) throw new Error(`${path} holds nothing of what was to be changed`);
    await this.write(path, after);
  }

  run(file: string, args: readonly string[], options: RunOptions = {}): Promise<Finished> {
    return run('nsenter', this.#inside(file, args), options);
  }

  runOrFail(file: string, args: readonly string[], options: RunOptions = {}): Promise<Finished> {
    return runOrFail('nsenter', this.#inside(file, args), options);
  }

  /** A daemon of the host; stop() ends it with the others, last started first. */
  start(file: string, args: readonly string[], env: NodeJS.ProcessEnv = process.env): Daemon {
    const daemon = Daemon.start('nsenter', this.#inside(file, args), { env });
    this.#daemons.push(daemon);
    return daemon;
  }

  async stop(): Promise<void> {
    for (const daemon of this.#daemons.reverse()) await daemon.stop();
    await this.#holder.stop('SIGKILL');
    await removeFolder(this.#folder);
  }

  #inside(file: string, args: readonly string[]): string[] {
    return ['--target', String(this.#holder.pid), '--mount', file, ...args];
  }

  async #makeFolders(): Promise<void> {
    const script = `
      install -d -o vmail -g vmail /home/vmail ${vmail.domains}
      install -d -o ${localUser.name} -g ${localUser.name} ${localUser.home}
      install -d -o postfix -g root /var/lib/postfix
      install -d -o courier -g courier /run/courier /run/courier/authdaemon
      install -d /run/jammd /var/spool/postfix/run/jammd
      chmod 1777 /var/mail`;
    await this.runOrFail('sh', ['-ec', script]);
    // Where an administrator would have a second listener's socket: in the folder that Postfix's daemons see as /.
    await chown(this.outside('/run/jammd'), 0, 0);
  }
}

/** First in the file, so that they win over accounts of the machine with the same numbers. */
async function addAccounts(folder: string): Promise<void> {
  const passwd = [
    `vmail:x:${vmail.uid}:${vmail.gid}::/home/vmail:/usr/sbin/nologin`,
    `${localUser.name}:x:${localUser.uid}:${localUser.gid}::${localUser.home}:/bin/sh`,
  ];
  const group = [`vmail:x:${vmail.gid}:`, `${localUser.name}:x:${localUser.gid}:`];
  for (const [name, lines] of [
    ['/etc/passwd', passwd],
    ['/etc/group', group],
  ] as const) {
    const path = join(folder, name);
    await writeFile(`${path}.new`, `${lines.join('\n')}\n${await readFile(path, 'utf8')}`);
    await rename(`${path}.new`, path);
  }
}
