/** Folders of other Debian releases with their programs, which scripts/chroot makes: whether there can be any here, and where. */
import { spawnSync } from 'node:child_process';
import { resolve } from 'node:path';
import { runOrFail } from './process.js';
import { requirePrograms } from './programs.js';

/** What is installed there, by scripts/chroot's name for it. */
export type ReleasePurpose = 'base' | 'mail' | 'exim' | 'node' | 'guide' | 'webmail' | 'containers' | 'etcd';

/** Long enough for debootstrap on a busy machine. */
export const releaseMakingMs = 600_000;

/**
 * Why another release's programs cannot run here; undefined where they can. Throws instead where JAMMD_REQUIRE_ALL is
 * set, so that the run that must skip nothing does not.
 */
export function releaseObstacle(): string | undefined {
  const reason = requirePrograms('debootstrap', 'unshare', 'nsenter', 'flock', 'ip') ?? namespaceObstacle();
  if (reason !== undefined && process.env['JAMMD_REQUIRE_ALL'] === '1') {
    throw new Error(`${reason}, and JAMMD_REQUIRE_ALL is set`);
  }
  return reason;
}

function namespaceObstacle(): string | undefined {
  if (process.getuid?.() !== 0) return 'a chroot of another Debian release needs root';
  const attempt = spawnSync('unshare', ['--mount', '--propagation', 'private', 'true']);
  return attempt.status === 0 ? undefined : 'a private mount namespace was refused';
}

/** Makes the folder where it is missing. Nobody writes to it: it is shared by all tests and kept between runs. */
export async function releaseFolder(release: string, purpose: ReleasePurpose): Promise<string> {
  const script = resolve(import.meta.dirname, '../../scripts/chroot');
  return (await runOrFail(script, [release, purpose], { timeoutMs: releaseMakingMs })).stdout.trim();
}
