/**
 * A private instance of Courier's authentication daemon with authldap. Its paths are compiled in, so daemon and
 * authtest run in a mount namespace of their own where /etc/courier and /run/courier/authdaemon are private folders.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { hosting } from './howto.js';
import { makeFolder, removeFolder } from './place.js';
import { Daemon, run } from './process.js';
import { requirePrograms } from './programs.js';

const authdaemond = '/usr/lib/courier/courier-authlib/authdaemond';

const courierPrograms = ['authtest', authdaemond, 'unshare', 'nsenter'] as const;

/**
 * Why Courier cannot be run privately here; undefined when it can. Throws instead where JAMMD_REQUIRE_ALL is set, so
 * that the run that must skip nothing does not.
 */
export function courierObstacle(): string | undefined {
  const reason = requirePrograms(...courierPrograms) ?? findObstacle();
  if (reason !== undefined && process.env['JAMMD_REQUIRE_ALL'] === '1')
    throw new Error(`${reason}, and JAMMD_REQUIRE_ALL is set`);
  return reason;
}

function findObstacle(): string | undefined {
  if (!existsSync('/usr/lib/courier-authlib/libauthldap.so')) return 'courier-authlib-ldap is not installed';
  const attempt = spawnSync('unshare', ['--mount', '--propagation', 'private', 'true']);
  return attempt.status === 0 ? undefined : 'a private mount namespace, which needs root, was refused';
}

/** authldap refuses a file that does not hold the marker of sysconftool. */
const versionMarker = '##VERSION: $Id$\n##NAME: MARKER:0\n';

export interface AuthResult {
  readonly accepted: boolean;
  /** authtest's own words. */
  readonly output: string;
}

export type AuthldapSettings = Readonly<Record<string, string>>;

/** authldaprc as the HOWTO's section 4.5.2 recommends, with LDAP_AUTHBIND. */
export function authBindSettings(port: number): AuthldapSettings {
  return { ...commonSettings(port), LDAP_AUTHBIND: '1' };
}

/** The section's other way: Courier reads the hashes as `dn` and verifies them itself. */
export function readHashSettings(port: number, dn: string, password: string): AuthldapSettings {
  return { ...commonSettings(port), LDAP_INITBIND: '1', LDAP_BINDDN: dn, LDAP_BINDPW: password };
}

/** nobody stands for the vmail user. */
function commonSettings(port: number): AuthldapSettings {
  return {
    LDAP_URI: `ldap://127.0.0.1:${port}`,
    LDAP_PROTOCOL_VERSION: '3',
    LDAP_BASEDN: hosting,
    LDAP_TIMEOUT: '5',
    LDAP_MAIL: 'mail',
    LDAP_FILTER: '(objectClass=JammMailAccount)(accountActive=TRUE)(delete=FALSE)',
    LDAP_GLOB_UID: 'nobody',
    LDAP_GLOB_GID: 'nogroup',
    LDAP_HOMEDIR: 'homeDirectory',
    LDAP_MAILDIR: 'mailbox',
    LDAP_CRYPTPW: 'userPassword',
    LDAP_DEREF: 'never',
    LDAP_TLS: '0',
  };
}

export class CourierAuth {
  readonly #folder: string;
  readonly #daemon: Daemon;

  private constructor(folder: string, daemon: Daemon) {
    this.#folder = folder;
    this.#daemon = daemon;
  }

  static async start(settings: AuthldapSettings): Promise<CourierAuth> {
    const folder = await makeFolder('courier');
    const etc = join(folder, 'etc');
    const socketFolder = join(folder, 'run');
    await mkdir(etc);
    await mkdir(socketFolder);
    const authdaemonrc = {
      authmodulelist: 'authldap',
      authmodulelistorig: 'authldap',
      daemons: '2',
      authdaemonvar: '/run/courier/authdaemon',
      DEBUG_LOGIN: '1',
    };
    await writeFile(
      join(etc, 'authdaemonrc'),
      pairs(authdaemonrc, (name, value) => `${name}="${value}"`),
    );
    await writeFile(join(etc, 'authldaprc'), versionMarker + pairs(settings, (name, value) => `${name}\t${value}`));
    const mounts = `mount --bind "$1" /etc/courier && mount --bind "$2" /run/courier/authdaemon && exec ${authdaemond}`;
    const daemon = Daemon.start('unshare', ['--mount', '--propagation', 'private', 'sh', '-c', mounts, 'sh', etc, socketFolder], {
      env: { ...process.env, ...authdaemonrc },
    });
    try {
      await daemon.waitUntil(() => existsSync(join(socketFolder, 'socket')));
      return new CourierAuth(folder, daemon);
    } catch (error) {
      await daemon.stop();
      await removeFolder(folder);
      throw error;
    }
  }

  /** `authtest [-s service] user password` */
  async authenticate(user: string, password: string, service = 'imap'): Promise<AuthResult> {
    const inside = ['--target', String(this.#daemon.pid), '--mount'];
    const finished = await run('nsenter', [...inside, 'authtest', '-s', service, user, password]);
    const output = finished.stdout + finished.stderr;
    return { accepted: finished.code === 0 && output.includes('Authentication succeeded'), output };
  }

  /** The daemon's debug log. */
  log(): string {
    return this.#daemon.output;
  }

  async stop(): Promise<void> {
    await this.#daemon.stop();
    await removeFolder(this.#folder);
  }
}

function pairs(settings: Readonly<Record<string, string>>, format: (name: string, value: string) => string): string {
  return Object.entries(settings)
    .map(([name, value]) => `${format(name, value)}\n`)
    .join('');
}
