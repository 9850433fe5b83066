/** The slapd that tests compare with: this machine's own, 2.5 on Debian 12, or the 2.6 of Debian 13. */
import { tmpdir } from 'node:os';
import { releaseFolder } from './debian-release.js';

export type SlapdVersion = '2.5' | '2.6';

export interface SlapdPrograms {
  /** Program and arguments that run one of slapd's programs, such as slapadd. */
  command(program: string): readonly [string, ...string[]];
}

/** `npm run conformance -- --slapd 2.6` chooses the other one. */
export const slapdVersion: SlapdVersion = process.env['JAMM_SLAPD'] === '2.6' ? '2.6' : '2.5';

const own: SlapdPrograms = { command: (program) => [`/usr/sbin/${program}`] };

export async function slapdPrograms(version: SlapdVersion = slapdVersion): Promise<SlapdPrograms> {
  return version === '2.5' ? own : ofRelease(await releaseFolder('trixie', 'mail'));
}

// In a mount namespace of its own, which ends with the program. Temporary files have the same paths on both sides.
const script = `
  mkdir -p "$1$2"
  mount --bind "$2" "$1$2"
  mount --rbind /dev "$1/dev"
  root=$1
  shift 2
  exec chroot "$root" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 "$@"`;

function ofRelease(folder: string): SlapdPrograms {
  const inside = ['--mount', '--propagation', 'private', 'sh', '-ec', script, 'sh', folder, tmpdir()];
  return { command: (program) => ['/usr/bin/unshare', ...inside, program] };
}
