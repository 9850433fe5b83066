/** Replicas of a cluster, a stock slapd and a jammd, each of which knows two nodes: they follow the other when one is gone. */
import { afterAll, beforeAll, describe, it } from 'vitest';
import { RandomChanges, startLdif, suffix } from '../replication/random-changes.js';
import { expectEqual, startFollower, startReplica, write } from '../replication/support.js';
import { requirePrograms } from '../support/programs.js';
import type { ReferenceServer } from '../support/reference-server.js';
import { EtcdMembers } from './etcd-members.js';
import { startNode } from './nodes.js';

const timeout = 120_000;
const untilMs = 60_000;
const seed = Number(process.env['JAMMD_CLUSTER_SEED'] ?? Date.now() % 1_000_000);

describe.skipIf(requirePrograms('etcd', 'slapd', 'ldapsearch'))('replicas of a cluster', () => {
  const started: ReferenceServer[] = [];
  let etcd: EtcdMembers;

  const keep = async (server: Promise<ReferenceServer>): Promise<ReferenceServer> => {
    started.push(await server);
    return server;
  };

  beforeAll(async () => {
    etcd = await EtcdMembers.start(1);
  }, timeout);

  afterAll(async () => {
    await Promise.all(started.map((server) => server.stop()));
    await etcd?.stop();
  }, timeout);

  it(`stay equal while nodes are killed in turn (seed ${seed})`, { timeout }, async () => {
    const random = new RandomChanges(seed);
    const setup = { suffix, lines: 'overlay syncprov\n' };
    const [a, b, c] = (await Promise.all(['a', 'b', 'c'].map((name) => keep(startNode(etcd.endpoints, name, setup))))) as [
      ReferenceServer,
      ReferenceServer,
      ReferenceServer,
    ];
    await write(a, startLdif.replace(/^dn: .*$/gm, '$&\nchangetype: add'));
    const slapd = await keep(startReplica([a, b], 'refreshAndPersist', '2.5'));
    const jammd = await keep(startFollower([b, c]));
    const equal = async (node: ReferenceServer, about: string): Promise<void> => {
      for (const replica of [slapd, jammd]) await expectEqual(node, replica, `seed ${seed}, ${replica.kind}, ${about}`, untilMs);
    };
    await equal(a, 'at first');
    for (const [killed, writer] of [
      [b, a],
      [a, c],
      [c, b],
    ] as const) {
      await write(writer, random.ldif(10));
      const writing = write(writer, random.ldif(20));
      await killed.halt('SIGKILL');
      await writing;
      await equal(writer, 'while one node is gone');
      await killed.resume();
      await write(killed, random.ldif(5));
      for (const node of [a, b, c]) await expectEqual(killed, node, `seed ${seed}, nodes`, untilMs);
    }
    await equal(a, 'at last');
  });
});
