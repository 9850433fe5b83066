/**
 * A mail host of another Debian release: a folder that scripts/chroot makes, under a layer of its own that takes what the
 * tests write. It shares the machine's loopback address with jammd, and nothing else; an isolated one not even that.
 */
import { chmod, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { root } from '../commands/jammd.js';
import { releaseFolder, type ReleasePurpose } from '../support/debian-release.js';
import { makeFolder } from '../support/place.js';
import { Host, vmail } from './host.js';

/** Debian 13, unless scripts/mailstack --release asks for another. */
export const release = process.env['JAMMD_RELEASE'] ?? 'trixie';

/** Where the project is on the host. */
export const projectInside = '/opt/jammd';

const projectMount = `mkdir -p "$1/host${projectInside}" && mount --bind "${root}" "$1/host${projectInside}" &&
      mount -o remount,bind,ro "$1/host${projectInside}"`;

export class ReleaseHost extends Host {
  readonly #isolated: boolean;

  private constructor(folder: string, script: string, isolated: boolean) {
    super(folder, script, isolated);
    this.#isolated = isolated;
  }

  /**
   * An isolated host has its own loopback, with every port free, reaches no other network, and its processes end with it;
   * the project is not on it.
   */
  static async create(purpose: ReleasePurpose, { isolated = false } = {}): Promise<ReleaseHost> {
    const below = await releaseFolder(release, purpose);
    const folder = await makeFolder('release');
    await chmod(folder, 0o711);
    for (const name of ['layer', 'host']) await mkdir(join(folder, name));
    // The layer is in memory: an overlay cannot lie on another one, which a container's own files may be on.
    const script = `
      mount -t tmpfs -o size=2g,mode=0755 tmpfs "$1/layer" && mkdir "$1/layer/upper" "$1/layer/work" &&
      mount -t overlay -o "lowerdir=${below},upperdir=$1/layer/upper,workdir=$1/layer/work" overlay "$1/host" &&
      mount -t proc proc "$1/host/proc" && mount --rbind /dev "$1/host/dev" &&
      ${isolated ? 'ip link set lo up' : projectMount}`;
    const host = new ReleaseHost(folder, script, isolated);
    try {
      await host.mounted();
      if (!isolated) await host.#addAccounts();
      return host;
    } catch (error) {
      await host.stop();
      throw error;
    }
  }

  outside(path: string): string {
    return join(`/proc/${this.pid}/root`, this.folder, 'host', path);
  }

  protected get entering(): readonly string[] {
    // A clean environment, as services have it.
    const environment = ['env', '-i', 'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', 'LC_ALL=C.UTF-8'];
    const namespaces = ['--mount', ...(this.#isolated ? ['--net', `--pid=/proc/${this.pid}/ns/pid_for_children`] : [])];
    return ['--target', String(this.pid), ...namespaces, 'chroot', join(this.folder, 'host'), ...environment];
  }

  /** As docs/mail-hosting.md has the administrator do. */
  async #addAccounts(): Promise<void> {
    const script = `
      grep -q '^vmail:' /etc/passwd || {
        groupadd --system --gid 5000 vmail
        useradd --system --uid 5000 --gid vmail --home-dir /home/vmail --create-home --shell /usr/sbin/nologin vmail
      }
      install -d -o vmail -g vmail -m 0700 ${vmail.domains}`;
    await this.runOrFail('sh', ['-ec', script]);
  }
}
