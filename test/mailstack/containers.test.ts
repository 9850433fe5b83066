/**
 * packaging/Dockerfile and packaging/compose.yaml, built and run by Debian 13's podman: the commands that compose.yaml names, then
 * the web pages, and mail that came over SMTP and is read over IMAP. Here Debian's image is the release's own folder.
 */
import { copyFile, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { root } from '../commands/jammd.js';
import { releaseFolder, releaseMakingMs, releaseObstacle } from '../support/debian-release.js';
import { type Daemon, type Finished, runOrFail } from '../support/process.js';
import { requirePrograms } from '../support/programs.js';
import { release, ReleaseHost } from './release-host.js';

const compose = await readFile(join(root, 'packaging/compose.yaml'), 'utf8');
/** What follows the compose file's name in the commands at its top. */
const commands = [...compose.matchAll(/^# {3}docker compose -f packaging\/compose\.yaml (.+)$/gm)].map(([, command]) => command!);
const password = 'secret';
/** What podman would take from the kernel and from systemd, and a sandbox does not give. */
const settings = `[containers]
cgroups = "disabled"
default_ulimits = ["nofile=1024:4096", "nproc=4096:4096"]
`;

describe.skipIf(releaseObstacle() ?? requirePrograms('dpkg-deb', 'tar'))('the containers', () => {
  let host: ReleaseHost;
  let network: Daemon | undefined;

  const shell = (script: string): Promise<Finished> => host.runOrFail('sh', ['-ec', script], { timeoutMs: 300_000 });
  /** In a network of its own, where all ports are free. */
  const inNetwork = (script: string): Promise<Finished> =>
    shell(`exec nsenter --net=/proc/${network!.pid}/ns/net sh -ec '${script.replaceAll("'", "'\\''")}'`);
  const composed = (command: string): Promise<Finished> =>
    inNetwork(`cd /root/jammd && BUILDAH_ISOLATION=chroot podman-compose -f /root/jammd/packaging/compose.yaml ${command}`);
  const commandWith = (words: string): string => commands.find((command) => command.startsWith(words))!;

  beforeAll(async () => {
    const { stdout } = await runOrFail(process.execPath, [join(root, 'scripts/deb/package.mjs')], { timeoutMs: 120_000 });
    host = await ReleaseHost.create('containers');
    // An overlay cannot lie on another one.
    await shell(`mkdir -p /var/lib/containers /root/jammd/packaging /root/jammd/dist /etc/containers
      mount -t tmpfs tmpfs /var/lib/containers
      mount -t tmpfs tmpfs /run
      mount -t sysfs sysfs /sys
      mount -t cgroup2 cgroup2 /sys/fs/cgroup`);
    await host.write('/etc/containers/containers.conf', settings);
    const deb = stdout.trim();
    await copyFile(deb, host.outside(`/root/jammd/dist/${basename(deb)}`));
    for (const name of ['Dockerfile', 'Dockerfile.dockerignore', 'compose.yaml', 'start-mail']) {
      await copyFile(join(root, 'packaging', name), host.outside(`/root/jammd/packaging/${name}`));
    }
    await runOrFail('tar', ['-C', await releaseFolder(release, 'base'), '-cf', host.outside('/root/base.tar'), '.']);
    const path = 'ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
    await shell(
      `podman import --quiet --change '${path}' /root/base.tar docker.io/library/debian:trixie-slim; rm /root/base.tar`,
    );
    const own = host.start('unshare', ['--net', 'sh', '-c', 'ip link set lo up && echo up && exec sleep infinity']);
    network = own;
    await own.waitUntil(() => own.output.includes('up'));
  }, releaseMakingMs);

  afterAll(async () => {
    // They are podman's children, not this process's.
    if (network !== undefined) await composed('down');
    await host.stop();
  });

  test('are built as compose.yaml says', async () => {
    expect(commands.map((command) => command.split(' ')[0])).toEqual(['build', 'run', 'up']);
    // The packages come from Debian's archive, which only the machine's own network reaches.
    const build = `BUILDAH_ISOLATION=chroot podman-compose -f /root/jammd/packaging/compose.yaml ${commandWith('build')}`;
    await shell(`cd /root/jammd && ${build}`);
    expect((await shell("podman images --format '{{.Repository}}'")).stdout).toMatch(
      /localhost\/jammd-mail[^]*localhost\/jammd$/m,
    );
  }, 400_000);

  test('are started, and none runs the directory as root', async () => {
    const { stdout } = await composed(`${commandWith('run')} -w ${password}`);
    expect(stdout).toContain('Manager: cn=Manager,dc=myhosting,dc=example');
    await composed(commandWith('up'));
    const answer = async (): Promise<string> =>
      (await inNetwork('curl --silent --location --output /dev/null --write-out "%{http_code}" http://127.0.0.1:8389/ || true'))
        .stdout;
    await expect.poll(answer, { timeout: 60_000, interval: 500 }).toBe('200');
    const shape = "podman inspect --format '{{.Config.User}} {{.HostConfig.ReadonlyRootfs}}' packaging_directory_1";
    expect((await shell(shape)).stdout).toBe('jammd true\n');
  }, 120_000);

  /** A command in a container of its own, as an administrator without Node.js runs it. */
  const administer = (command: string, input = ''): Promise<Finished> =>
    inNetwork(`cd /root/jammd && printf '%s\\n' '${input}' | podman-compose -f /root/jammd/packaging/compose.yaml \
      run -T --rm directory ${command} -H ldap://directory:3890 -w ${password}`);
  const inbox = async (): Promise<string> => {
    const login = '--silent --insecure --ssl-reqd --user jd@one.example:jd-password';
    return (await inNetwork(`curl ${login} "imap://127.0.0.1:1430/INBOX;MAILINDEX=1" || true`)).stdout;
  };

  test('carry mail from SMTP to IMAP', async () => {
    await administer('domain add one.example');
    await administer("account add jd@one.example --quota '1 MB'", 'jd-password');
    await host.write('/root/message', 'Subject: In a container\r\n\r\nIt works.\r\n');
    const envelope = '--mail-from someone@elsewhere.example --mail-rcpt jd@one.example';
    const sent = async (): Promise<string> =>
      (await inNetwork(`curl --silent --show-error smtp://127.0.0.1:2525 ${envelope} --upload-file /root/message 2>&1 || true`))
        .stdout;
    // Postfix and Dovecot take a moment to start.
    await expect.poll(sent, { timeout: 60_000, interval: 1_000 }).toBe('');
    await expect.poll(inbox, { timeout: 30_000, interval: 500 }).toContain('Subject: In a container');
  }, 120_000);

  test('leave their data where the next ones find it', async () => {
    await composed('down');
    await composed(commandWith('up'));
    await expect.poll(inbox, { timeout: 60_000, interval: 1_000 }).toContain('Subject: In a container');
  }, 120_000);
});
