/**
 * Three members of etcd and three nodes: writers on all nodes while members and nodes are killed and stopped. Every
 * acknowledged write is on all nodes, and none is there twice. `npm run torture -- --cluster` does it for hours.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { seededRandom } from '../robustness/jammd-server.js';
import { requirePrograms } from '../support/programs.js';
import type { ReferenceServer } from '../support/reference-server.js';
import { EtcdMembers } from './etcd-members.js';
import { addBase, checkHistory, ClusterWriter, pause, people, startNode, suffix, untilEqual, withClient } from './nodes.js';

const rounds = Number(process.env['JAMMD_CLUSTER_ROUNDS'] ?? 3);
const seed = Number(process.env['JAMMD_CLUSTER_SEED'] ?? 7);
const clientsPerNode = 4;

describe.skipIf(requirePrograms('etcd'))('a cluster of three nodes', () => {
  const random = seededRandom(seed);
  const nodes: ReferenceServer[] = [];
  let etcd: EtcdMembers;

  beforeAll(async () => {
    etcd = await EtcdMembers.start(3);
    nodes.push(...(await Promise.all(['a', 'b', 'c'].map((name) => startNode(etcd.endpoints, name)))));
    await addBase(nodes[0]!);
    await untilEqual(nodes);
  }, 120_000);

  afterAll(async () => {
    await Promise.all(nodes.map((node) => node.stop()));
    await etcd?.stop();
  }, 60_000);

  const disasters: readonly (() => Promise<void>)[] = [
    async () => {
      const leader = await etcd.untilLed();
      await etcd.kill(leader);
      await pause(500);
      await etcd.untilLed();
      etcd.run(leader, 'existing');
    },
    async () => {
      const node = nodes[random(nodes.length)]!;
      await node.halt('SIGKILL');
      await pause(200);
      await node.resume();
    },
    async () => {
      const stopped = etcd.members.slice(0, 2);
      for (const { daemon } of stopped) daemon?.signal('SIGSTOP');
      // Reads go on: from each node, while nobody can write.
      for (const node of nodes) {
        const { searchEntries } = await withClient(node, (client) =>
          client.search(suffix, { scope: 'base', attributes: ['dc'] }),
        );
        expect(searchEntries).toHaveLength(1);
      }
      await pause(5_000);
      for (const { daemon } of stopped) daemon?.signal('SIGCONT');
    },
  ];

  it(`loses no acknowledged write, and does none twice (seed ${seed})`, { timeout: 120_000 * rounds }, async () => {
    let acknowledged = 0;
    for (let round = 0; round < rounds; round++) {
      const writers = nodes.flatMap((node, at) =>
        Array.from({ length: clientsPerNode }, (_, n) => new ClusterWriter(`r${round}n${at}c${n}`, node, random)),
      );
      const running = writers.map((writer) => writer.run());
      await pause(500);
      await disasters[round % disasters.length]!();
      await pause(1_000);
      for (const writer of writers) writer.stop();
      await Promise.all(running);
      await etcd.untilLed();
      await checkHistory(nodes, writers);
      const done = writers.reduce((sum, { added }) => sum + [...added.values()].filter((one) => one === 'done').length, 0);
      acknowledged += done;
      const errors = new Map<string, number>();
      for (const writer of writers)
        for (const [error, count] of writer.errors) errors.set(error, (errors.get(error) ?? 0) + count);
      if (process.env['JAMMD_CLUSTER_VERBOSE']) console.log(`round ${round}: ${done} added`, errors);
      // A round's contest begins anew.
      await withClient(nodes[0]!, async (client) => {
        const { Attribute, Change } = await import('ldapts');
        const { searchEntries } = await client.search(people, { filter: '(mail=*)', attributes: ['1.1'] });
        for (const { dn } of searchEntries) await client.del(dn);
        const modification = new Attribute({ type: 'description', values: ['0'] });
        await client.modify(`cn=counter,${suffix}`, new Change({ operation: 'replace', modification }));
      });
    }
    expect(acknowledged).toBeGreaterThan(0);
  });
});
