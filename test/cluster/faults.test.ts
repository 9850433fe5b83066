/** Single faults at the worst moment: an answer of etcd that does not come, a node killed before it applies, clocks, a full quota. */
import type { Client } from 'ldapts';
import { resolve } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { jammd } from '../commands/jammd.js';
import { httpOf, Scrape } from '../observe/support.js';
import { requirePrograms } from '../support/programs.js';
import type { ReferenceServer } from '../support/reference-server.js';
import { EtcdMembers } from './etcd-members.js';
import { EtcdProxy } from './etcd-proxy.js';
import { addBase, connect, contents, people, startNode, suffix, untilEqual, withClient } from './nodes.js';

const timeout = 120_000;
const untilMs = 60_000;
const settings = { cluster: 'timeout=2', args: ['--metrics', '127.0.0.1:0'] };

describe.skipIf(requirePrograms('etcd', 'etcdctl'))('a cluster in which', () => {
  let etcd: EtcdMembers;
  let proxy: EtcdProxy;
  /** `a` sees etcd through the proxy, between endpoints that do not answer; `b` directly, an hour later by its clock. */
  let a: ReferenceServer;
  let b: ReferenceServer;

  beforeAll(async () => {
    etcd = await EtcdMembers.start(1, { more: ['--quota-backend-bytes', String(16 << 20)] });
    proxy = await EtcdProxy.before(etcd.members[0]!.client);
    a = await startNode(`http://127.0.0.1:9,${proxy.url},http://127.0.0.1:10`, 'a', settings);
    b = await withClock(3_600_000, () => startNode(etcd.endpoints, 'b', settings));
    await addBase(a);
    await untilEqual([a, b]);
  }, timeout);

  afterAll(async () => {
    await Promise.all([a?.stop(), b?.stop()]);
    await proxy?.stop();
    await etcd?.stop();
  }, untilMs);

  beforeEach(async () => {
    proxy.onAppended = () => 'pass';
    for (const node of [a, b]) await untilFollowing(node);
  }, timeout);

  const untilFollowing = (node: ReferenceServer) => expect.poll(() => figure(node, 'following'), { timeout: untilMs }).toBe(1);
  const add = (client: Client, name: string): Promise<void> =>
    client.add(`cn=${name},${people}`, { objectClass: 'person', sn: 'x' });
  const lastEntry = async (node: ReferenceServer): Promise<number> => (await figure(node, 'applied'))!;
  const ready = async (node: ReferenceServer): Promise<string> => {
    const response = await fetch(`${httpOf(node.log())}/readyz`);
    return `${response.status} ${await response.text()}`;
  };

  it('endpoints are dead: the one that answers is used', { timeout }, async () => {
    await withClient(a, (client) => add(client, 'reached'));
    const { stdout } = await jammd(['status', '-f', a.configFile]);
    expect(stdout).toContain(`etcd at ${proxy.url}: `);
  });

  it('an answer of etcd is lost: it is asked again, and the change is made once', { timeout }, async () => {
    const before = await lastEntry(a);
    let cuts = 0;
    proxy.onAppended = () => (cuts++ === 0 ? 'cut' : 'pass');
    await withClient(a, (client) => add(client, 'cut'));
    expect(cuts).toBe(2);
    expect(await lastEntry(a)).toBe(before + 1);
    await untilEqual([a, b]);
  });

  it('no answer of etcd comes: the client is told that nobody knows, and it is found out later', { timeout }, async () => {
    const client = await connect(a);
    proxy.onAppended = () => 'keep';
    await expect(add(client, 'kept')).rejects.toThrow(/may have been made; look before you make it again/);
    proxy.onAppended = () => 'pass';
    await expect.poll(() => contents(a), { timeout: untilMs }).toContain('cn=kept,');
    await untilEqual([a, b]);
    await untilFollowing(a);
    await expect(add(client, 'kept')).rejects.toMatchObject({ code: 68 });
    await client.unbind();
  });

  it('a node is killed between append and apply: it applies what it had appended', { timeout }, async () => {
    const client = await connect(a);
    const before = await lastEntry(b);
    proxy.onAppended = () => {
      process.kill(a.pid, 'SIGKILL');
      return 'keep';
    };
    await expect(add(client, 'killed')).rejects.toThrow(/[Cc]onnection/);
    await a.halt();
    proxy.onAppended = () => 'pass';
    await expect.poll(() => contents(b), { timeout: untilMs }).toContain('cn=killed,');
    await a.resume();
    await untilEqual([a, b]);
    expect([await lastEntry(a), await lastEntry(b)]).toEqual([before + 1, before + 1]);
  });

  it('clocks differ by an hour: CSNs ascend in the order of the writes on all nodes', { timeout }, async () => {
    const csns: string[] = [];
    for (let n = 0; n < 6; n++) {
      const node = n % 2 === 0 ? b : a;
      const dn = `cn=clock${n},${people}`;
      await withClient(node, (client) => client.add(dn, { objectClass: 'person', sn: 'x' }));
      const { searchEntries } = await withClient(node, (client) =>
        client.search(dn, { scope: 'base', attributes: ['entryCSN'] }),
      );
      csns.push(String(searchEntries[0]!['entryCSN']));
    }
    expect(csns).toEqual([...csns].sort());
    expect(new Set(csns).size).toBe(csns.length);
    await untilEqual([a, b]);
  });

  it('etcd goes and comes: /readyz, the metrics and the status tell', { timeout }, async () => {
    for (const node of [a, b]) {
      await expect.poll(() => figure(node, 'has_leader'), { timeout: untilMs }).toBe(1);
      expect(await ready(node)).toBe('200 ready\n');
      expect([await figure(node, 'following'), await figure(node, 'lag')]).toEqual([1, 0]);
      expect(await figure(node, 'engine_bytes')).toBeGreaterThan(0);
      expect(await figure(node, 'appended_total')).toBeGreaterThan(0);
    }
    const { count } = await etcd.call('/v3/kv/range', {
      key: base64('jammd/log/'),
      range_end: base64('jammd/log0'),
      count_only: true,
    });
    expect([await lastEntry(a), await lastEntry(b)]).toEqual([Number(count), Number(count)]);
    expect(await figure(b, 'foreign_entries_total')).toBeGreaterThan(0);

    await etcd.kill(etcd.members[0]!);
    await expect.poll(() => figure(b, 'following'), { timeout: untilMs }).toBe(0);
    expect(await figure(b, 'has_leader')).toBe(0);
    expect(await ready(b)).toBe(
      `503 not ready: ${suffix}: the cluster cannot be reached or has no majority now; nothing was changed\n`,
    );
    expect((await jammd(['status', '-f', b.configFile])).stdout).toMatch(/node b: unreachable \(http:.*ECONNREFUSED.*\)/);
    await withClient(b, (client) => expect(add(client, 'no')).rejects.toMatchObject({ code: 52 }));
    expect((await contents(b)).split('\n').length).toBeGreaterThan(3);
    etcd.run(etcd.members[0]!);
    await etcd.untilLed();
    await expect.poll(() => ready(b), { timeout: untilMs }).toBe('200 ready\n');
  });

  it("etcd's quota is used up: told as that, and mended as docs/cluster.md has it", { timeout }, async () => {
    const filling = 'x'.repeat(700_000);
    await expect
      .poll(async () => JSON.stringify(await etcd.put('foreign/x', filling).catch(String)), { timeout: untilMs, interval: 0 })
      .toContain('space exceeded');
    for (const node of [a, b]) {
      await withClient(node, (client) =>
        expect(add(client, 'full')).rejects.toThrow(/no room for changes now; nothing was changed/),
      );
      await expect.poll(() => ready(node), { timeout: untilMs }).toMatch(/^503 not ready: .*no room for changes/);
      expect((await jammd(['status', '-f', node.configFile])).stdout).toMatch(/: full \(.*(space exceeded|NOSPACE)/);
      expect(await contents(node)).toContain('cn=reached,');
    }
    const { header } = (await etcd.call('/v3/maintenance/status', {})) as { header: { revision: string } };
    // A node has compacted it already, or does so now.
    await etcd.ctl('compact', header.revision);
    for (const args of [['defrag'], ['alarm', 'disarm']]) {
      const { code, stderr } = await etcd.ctl(...args);
      expect(code, stderr).toBe(0);
    }
    for (const node of [a, b]) {
      await expect.poll(() => ready(node), { timeout: untilMs }).toBe('200 ready\n');
      await withClient(node, (client) => add(client, `room${node.port}`));
    }
    await untilEqual([a, b]);
  });
});

const base64 = (text: string): string => Buffer.from(text).toString('base64');

async function figure(node: ReferenceServer, name: string): Promise<number | undefined> {
  const scrape = new Scrape(await (await fetch(`${httpOf(node.log())}/metrics`)).text());
  return scrape.value(`jammd_cluster_${name}{database="${suffix}"}`);
}

async function withClock<T>(milliseconds: number, start: () => Promise<T>): Promise<T> {
  process.env['NODE_OPTIONS'] = `--import=${resolve(import.meta.dirname, 'clock-shift.mjs')}`;
  process.env['JAMMD_TEST_CLOCK_MS'] = String(milliseconds);
  try {
    return await start();
  } finally {
    delete process.env['NODE_OPTIONS'];
    delete process.env['JAMMD_TEST_CLOCK_MS'];
  }
}
