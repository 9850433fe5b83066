/**
 * A Debian system with slapd as its package installs and configures it, in a namespace of its own: a layer over this machine
 * (Debian 12) or over the chroot of another release, which neither of them sees. jammd and Node.js are there as well.
 */
import { resolve } from 'node:path';
import { releaseFolder } from '../support/debian-release.js';
import { makeFolder, removeFolder } from '../support/place.js';
import { Daemon, run, type Finished } from '../support/process.js';

const repository = resolve(import.meta.dirname, '../..');

export const suffix = 'dc=example,dc=org';
export const admin = `cn=admin,${suffix}`;

/** The layer's files are in memory: what it is laid over may be a layer itself, and those take no other. */
const layer = `
  lower=$1 place=$2 node=$3 repository=$4
  mount -t tmpfs tmpfs "$place"
  mkdir "$place/upper" "$place/work" "$place/root"
  mount -t overlay overlay -o "lowerdir=$lower,upperdir=$place/upper,workdir=$place/work" "$place/root"
  cd "$place/root"
  mount --rbind /dev dev
  mount -t proc proc proc
  mkdir -p ".$repository"
  mount --bind "$repository" ".$repository"
  if ! [ -e ".$node" ]; then mkdir -p ".\${node%/*}"; touch ".$node"; mount --bind "$node" ".$node"; fi
  echo ready
  exec sleep infinity`;

/** Answers to the package's questions; what stands there already goes. */
const answers = [
  'slapd/domain string example.org',
  'shared/organization string Example',
  'slapd/password1 password secret',
  'slapd/password2 password secret',
  'slapd/no_configuration boolean false',
  'slapd/purge_database boolean true',
  'slapd/move_old_database boolean true',
]
  .map((answer) => `slapd ${answer}`)
  .join('\n');

/** systemd stands in for by what its units would do. */
const systemctl = `#!/bin/sh
ends() {
  [ -s "$1" ] || return 0
  pid=$(cat "$1")
  kill "$pid"
  while kill -0 "$pid" 2> /dev/null; do sleep 0.05; done
  rm -f "$1"
}
case "$*" in
  'disable --now slapd') ends /run/slapd/slapd.pid ;;
  'enable --now slapd') exec slapd -h 'ldap:/// ldapi:///' -F /etc/ldap/slapd.d -u openldap -g openldap ;;
  'disable --now jammd.socket jammd') ends /run/jammd.pid ;;
  'enable --now jammd.socket jammd')
    line=$(sed -n 's/^ExecStart=\\(.\\)/\\1/p' /etc/systemd/system/jammd.service.d/override.conf)
    mkdir -p /run/slapd
    : > /run/jammd.log
    setsid $line -h 'ldap:/// ldapi:///' >> /run/jammd.log 2>&1 &
    echo $! > /run/jammd.pid
    for i in $(seq 600); do
      if grep -q 'listening on ldapi' /run/jammd.log; then exit 0; fi
      kill -0 $! || break
      sleep 0.05
    done
    cat /run/jammd.log >&2
    exit 1 ;;
  *) echo "unknown: $*" >&2; exit 1 ;;
esac
`;

export class PackagedSlapd {
  private constructor(
    private readonly namespace: Daemon,
    private readonly place: string,
  ) {}

  /** Installed as its package does, and started. */
  static async start(release: 'bookworm' | 'trixie'): Promise<PackagedSlapd> {
    const lower = release === 'bookworm' ? '/' : await releaseFolder(release, 'mail');
    const place = await makeFolder('move');
    const inside = ['--mount', '--net', '--propagation', 'private', 'sh', '-ec', layer, 'sh'];
    const namespace = Daemon.start('unshare', [...inside, lower, place, process.execPath, repository]);
    const system = new PackagedSlapd(namespace, place);
    await namespace.waitUntil(() => namespace.output.includes('ready'));
    // The chroot has no program for this; the machine has.
    await run('nsenter', ['-t', String(namespace.pid), '--net', 'ip', 'link', 'set', 'lo', 'up']);
    await system.write('/usr/local/sbin/systemctl', systemctl, '755');
    const jammd = `#!/bin/sh\nexec ${process.execPath} ${repository}/bin/jammd "$@"\n`;
    for (const file of ['/usr/local/bin/jammd', '/opt/jammd/bin/jammd']) await system.write(file, jammd, '755');
    await system.must('useradd --system --home-dir /var/lib/jammd jammd');
    await system.must('debconf-set-selections && dpkg-reconfigure -fnoninteractive slapd', answers);
    await system.must('install -d -o openldap -g openldap /run/slapd && systemctl enable --now slapd');
    return system;
  }

  /** A shell script as root. */
  script(text: string, input = '', timeoutMs = 300_000): Promise<Finished> {
    const enter = ['-t', String(this.namespace.pid), '--mount', '--net'];
    const environment = ['PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', 'LC_ALL=C.UTF-8', 'HOME=/root'];
    return run(
      'nsenter',
      [
        ...enter,
        'chroot',
        `${this.place}/root`,
        'env',
        '-i',
        ...environment,
        'DEBIAN_FRONTEND=noninteractive',
        'sh',
        '-ec',
        text,
      ],
      { input, timeoutMs },
    );
  }

  /** What it writes to standard output. Rejects where the script fails. */
  async must(text: string, input = ''): Promise<string> {
    const { code, stdout, stderr } = await this.script(text, input);
    if (code !== 0) throw new Error(`${text}\nended with ${code}\n${stdout}${stderr}`);
    return stdout;
  }

  async write(path: string, text: string, mode = '644'): Promise<void> {
    await this.must(`mkdir -p '${path.replace(/\/[^/]*$/, '')}' && cat > '${path}' && chmod ${mode} '${path}'`, text);
  }

  async stop(): Promise<void> {
    // What was started in it has to end before the layer can go.
    await this.script('systemctl disable --now slapd; systemctl disable --now jammd.socket jammd').catch(() => undefined);
    await this.namespace.stop('SIGKILL');
    await removeFolder(this.place);
  }
}
