/** docs/cluster.md, its blocks as they are printed, on loopback: three machines, and a member of etcd that has lost its disk. */
import { copyFile, mkdir, readFile, rm, symlink } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { releaseFolder, releaseMakingMs, releaseObstacle } from '../support/debian-release.js';
import { freePort, makeFolder, removeFolder } from '../support/place.js';
import { Daemon, runOrFail } from '../support/process.js';
import type { ReferenceServer } from '../support/reference-server.js';
import { addBase, people, startNode, untilEqual, withClient } from './nodes.js';

const timeout = 120_000;
const untilMs = 60_000;
const machines = [1, 2, 3];

describe.skipIf(releaseObstacle() !== undefined)('docs/cluster.md', () => {
  const members = new Map<number, Daemon>();
  const nodes: ReferenceServer[] = [];
  let folder: string;
  let programs: string;
  let page: string;
  let ports: readonly [string, string];

  beforeAll(async () => {
    folder = await makeFolder('guide');
    programs = `${await releaseFolder('trixie', 'etcd')}/usr/bin`;
    // That alone: the other programs there are not for this release.
    await mkdir(join(folder, 'bin'));
    await symlink(join(programs, 'etcdctl'), join(folder, 'bin/etcdctl'));
    page = await readFile(resolve(import.meta.dirname, '../../docs/cluster.md'), 'utf8');
    ports = [String(await freePort()), String(await freePort())];
  }, releaseMakingMs);

  afterAll(async () => {
    await Promise.all(nodes.map((node) => node.stop()));
    for (const member of members.values()) await member.stop('SIGKILL');
    await removeFolder(folder);
  }, timeout);

  /** The block that has this in it, without its indent, with the addresses and folders of a machine here. */
  const block = (holding: string, machine = 1): string => {
    const found = page.match(/(?:^ {4}.*\n)+/gm)?.filter((one) => one.includes(holding)) ?? [];
    expect(found, holding).toHaveLength(1);
    return found[0]!
      .replace(/^ {4}/gm, '')
      .replaceAll('10.0.0.', '127.0.0.')
      .replaceAll(':2379', `:${ports[0]}`)
      .replaceAll(':2380', `:${ports[1]}`)
      .replaceAll('/root/etcd', folder)
      .replaceAll('/etc/etcd', join(folder, `m${machine}`));
  };
  const shell = (script: string, more: Record<string, string> = {}) =>
    runOrFail('sh', ['-euc', script], { env: { ...process.env, PATH: `${folder}/bin:${process.env['PATH']}`, ...more } });

  const untilDone = (script: string) =>
    expect
      .poll(() => shell(script, { ETCDCTL_USER: 'root:SECRET' }).then(() => 'done', String), { timeout: untilMs, interval: 500 })
      .toBe('done');

  const start = (machine: number, more: Record<string, string> = {}): void => {
    const text = block('ETCD_NAME=m1', machine)
      .replace('NAME=m1', `NAME=m${machine}`)
      .replace(/^(ETCD_(?!INITIAL_CLUSTER=).*)127\.0\.0\.1/gm, `$1127.0.0.${machine}`);
    const settings = text
      .trim()
      .split('\n')
      .map((line) => /^(\w+)=(.*)$/.exec(line)!.slice(1) as [string, string]);
    const env = { ...process.env, ...Object.fromEntries(settings), ETCD_DATA_DIR: join(folder, `data${machine}`), ...more };
    members.set(machine, Daemon.start(join(programs, 'etcd'), [], { env }));
  };

  it('leads to a cluster, and a member that has lost its disk is replaced', { timeout }, async () => {
    // All machines speak from one address here.
    await shell(block('openssl req -x509').replace('IP:127.0.0.$n', '$&,IP:127.0.0.1'));
    for (const machine of machines) {
      await mkdir(join(folder, `m${machine}`));
      for (const [from, to] of [
        ['ca.pem', 'ca.pem'],
        [`server${machine}.pem`, 'server.pem'],
        [`server${machine}.key`, 'server.key'],
      ] as const)
        await copyFile(join(folder, from), join(folder, `m${machine}`, to));
      start(machine);
    }
    const users = block('etcdctl auth enable');
    const environment = users
      .split('\n')
      .filter((line) => line.startsWith('export '))
      .join('\n');
    await untilDone(`${environment}\netcdctl endpoint health`);
    // It asks for passwords where there is a terminal.
    await shell(users.replace(/user add (\w+)/g, 'user add $1:SECRET'));

    const line = block('cluster engine=etcd').replace(/^cluster /, '');
    const config = (name: string) => ({ line: `${line.trim()} node=${name}` });
    nodes.push(...(await Promise.all(['a', 'b', 'c'].map((name) => startNode('', name, config(name))))));
    await addBase(nodes[0]!);
    await untilEqual(nodes);

    await members.get(3)!.stop('SIGKILL');
    await rm(join(folder, 'data3'), { recursive: true });
    expect(block('ETCD_INITIAL_CLUSTER_STATE=existing')).toContain('>> /etc/default/etcd');
    // etcd changes its members only once it has noticed who is connected.
    for (const command of block('etcdctl member add m3').trim().split('\n')) await untilDone(`${environment}\n${command}`);
    start(3, { ETCD_INITIAL_CLUSTER_STATE: 'existing' });
    // With the third, the second may be lost.
    const third = `${environment}\nETCDCTL_ENDPOINTS=https://127.0.0.3:${ports[0]} etcdctl endpoint health`;
    await untilDone(third);
    // What is done when the quota is used up does no harm while it is not.
    for (const command of block('etcdctl defrag').trim().split('\n')) await untilDone(`${environment}\n${command}`);
    await members.get(2)!.stop('SIGKILL');
    await expect
      .poll(
        () =>
          withClient(nodes[1]!, (client) => client.add(`cn=later,${people}`, { objectClass: 'person', sn: 'x' })).then(
            () => 'added',
            String,
          ),
        { timeout: untilMs, interval: 500 },
      )
      .toMatch(/^added$|0x44/);
    await untilEqual(nodes);
  });
});
