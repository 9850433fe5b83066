/**
 * A mail host of its own: a mount namespace in which /etc/postfix, /etc/courier, /etc/dovecot, /etc/ldap, the accounts
 * of /etc/passwd, /home, /run and the programs' data folders are private ones. Programs whose paths are compiled in run
 * there with the configuration that Debian's packages bring, and no other process of the machine sees any of it.
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, chown, cp, mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { makeFolder } from '../support/place.js';
import { requirePrograms } from '../support/programs.js';
import { Host, localUser, vmail } from './host.js';

export { hostName, localUser, vmail } from './host.js';

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
  ...[
    '/usr/lib/courier/courier/courierpop3login',
    '/usr/lib/courier/courier-authlib/authdaemond',
    'authtest',
    'deliverquota',
    'maildirmake',
  ],
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

export class MailHost extends Host {
  static async create(): Promise<MailHost> {
    const folder = await makeFolder('host');
    // What is mounted from it is for everybody of the host; nobody else finds its name.
    await chmod(folder, 0o711);
    for (const path of [...copied, ...copiedFiles]) await cp(path, join(folder, path), { recursive: true });
    for (const path of empty) await mkdir(join(folder, path), { recursive: true });
    await addAccounts(folder);
    const mounts = [...copied, ...copiedFiles, ...empty].map((path) => `mount --bind "$1${path}" ${path}`);
    const host = new MailHost(folder, mounts.join(' && '));
    try {
      await host.mounted();
      await host.#makeFolders();
      return host;
    } catch (error) {
      await host.stop();
      throw error;
    }
  }

  outside(path: string): string {
    return join(this.folder, path);
  }

  protected get entering(): readonly string[] {
    return ['--target', String(this.pid), '--mount'];
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
