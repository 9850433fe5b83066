/**
 * Three members of etcd and three nodes: writers on all nodes while members and nodes are killed, stopped, wiped and
 * replaced. Every acknowledged write is on all nodes, none is there twice, and what the clients were told can have happened in
 * one order (`linearizability.ts`). `npm run torture -- --cluster` does it for hours.
 */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { jammd } from '../commands/jammd.js';
import { seededRandom } from '../robustness/jammd-server.js';
import { requirePrograms } from '../support/programs.js';
import type { ReferenceServer } from '../support/reference-server.js';
import { EtcdMembers } from './etcd-members.js';
import { History } from './history.js';
import { addBase, pause, startNode, suffix, untilEqual, withClient } from './nodes.js';
import { checkRound, clear, ClusterWriter, Round, type Place } from './writers.js';

const seed = Number(process.env['JAMMD_CLUSTER_SEED'] ?? 7);
const clientsPerNode = 4;
const writersTimeout = 3;

describe.skipIf(requirePrograms('etcd', 'etcdctl'))('a cluster of three nodes', () => {
  const random = seededRandom(seed);
  const nodes: ReferenceServer[] = [];
  let etcd: EtcdMembers;
  /** Counts what a node was before it was filled from another's backup: its reads may go back there. */
  let lives = 0;
  let places: Place[] = [];

  beforeAll(async () => {
    etcd = await EtcdMembers.start(3);
    const setup = { cluster: `timeout=${writersTimeout}` };
    nodes.push(...(await Promise.all(['a', 'b', 'c'].map((name) => startNode(etcd.endpoints, name, setup)))));
    places = nodes.map((server, at) => ({ name: `node${at}`, server }));
    await addBase(nodes[0]!);
    await untilEqual(nodes);
  }, 120_000);

  afterAll(async () => {
    await Promise.all(nodes.map((node) => node.stop()));
    await etcd?.stop();
  }, 60_000);

  const readEverywhere = async (): Promise<void> => {
    for (const node of nodes) {
      const { searchEntries } = await withClient(node, (client) => client.search(suffix, { scope: 'base', attributes: ['dc'] }));
      expect(searchEntries).toHaveLength(1);
    }
  };

  const disasters: readonly (readonly [string, () => Promise<void>])[] = [
    [
      'the leader of etcd is killed, and the next one, too',
      async () => {
        for (let kills = 0; kills < 2; kills++) {
          const leader = await etcd.untilLed();
          await etcd.kill(leader);
          await etcd.untilLed();
          etcd.run(leader, 'existing');
          await pause(500);
        }
      },
    ],
    [
      'a node is killed',
      async () => {
        const node = nodes[random(nodes.length)]!;
        await node.halt('SIGKILL');
        await pause(200);
        await node.resume();
      },
    ],
    [
      'two members of etcd are stopped for longer than a write may take',
      async () => {
        const stopped = etcd.members.slice(0, 2);
        for (const { daemon } of stopped) daemon?.signal('SIGSTOP');
        // Nobody can write meanwhile.
        await readEverywhere();
        await pause((writersTimeout + 1) * 1_000);
        await readEverywhere();
        for (const { daemon } of stopped) daemon?.signal('SIGCONT');
      },
    ],
    [
      'etcd is slow',
      async () => {
        for (let stops = 0; stops < 3; stops++) {
          for (const { daemon } of etcd.members) daemon?.signal('SIGSTOP');
          await pause(200 + random(500));
          for (const { daemon } of etcd.members) daemon?.signal('SIGCONT');
          await pause(200);
        }
      },
    ],
    [
      'a member of etcd has lost its disk and is replaced',
      async () => {
        const leader = await etcd.untilLed();
        const lost = random(2) === 0 ? leader : etcd.members.find((one) => one !== leader)!;
        await etcd.kill(lost);
        await etcd.replace(lost);
      },
    ],
    [
      "a node has lost its disk and is filled from another's backup",
      async () => {
        const at = random(nodes.length);
        const [lost, other] = [nodes[at]!, nodes[(at + 1) % nodes.length]!];
        await lost.halt('SIGKILL');
        await rm(join(lost.folder, 'data'), { recursive: true });
        places[at] = { name: `node${at} life ${++lives}`, server: lost };
        const copy = join(lost.folder, `copy${lives}`);
        const backup = await jammd(['backup', '-f', other.configFile, copy]);
        expect(backup.code, backup.stderr).toBe(0);
        const restored = await jammd(['restore', '-f', lost.configFile, copy]);
        expect(restored.code, restored.stderr).toBe(0);
        await lost.resume();
      },
    ],
  ];

  const rounds = Number(process.env['JAMMD_CLUSTER_ROUNDS'] ?? disasters.length);

  it(`loses no acknowledged write, and does none twice (seed ${seed})`, { timeout: 120_000 * rounds }, async () => {
    for (let n = 0; n < rounds; n++) {
      const [what, disaster] = disasters[n % disasters.length]!;
      const round = new Round(`r${n}`, new History(), random);
      const writers = places.flatMap((place, at) =>
        Array.from({ length: clientsPerNode }, (_, client) => new ClusterWriter(`r${n}n${at}c${client}`, place, round)),
      );
      const running = writers.map((writer) => writer.run());
      await pause(500);
      await disaster();
      await pause(500);
      round.stop();
      await Promise.all(running);
      await etcd.untilLed();
      try {
        await checkRound(places, round);
      } catch (error) {
        throw new Error(`seed ${seed}, round ${n}: ${what}: ${(error as Error).message}`, { cause: error });
      }
      if (process.env['JAMMD_CLUSTER_VERBOSE']) {
        console.log(`round ${n}: ${what}: ${round.done} added, ${round.history.operations.length} judged`, round.errors);
      }
      expect(round.done, what).toBeGreaterThan(0);
      await clear(nodes[0]!);
    }
  });
});
