/** How nodes enter a cluster, come back to it, and are kept out of it: one member of etcd, a prefix for each case. */
import { randomBytes } from 'node:crypto';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join as inFolder } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { jammd } from '../commands/jammd.js';
import { Certificates } from '../server/certificates.js';
import { requirePrograms } from '../support/programs.js';
import { startJammd, type ReferenceServer } from '../support/reference-server.js';
import { EtcdMembers } from './etcd-members.js';
import {
  addBase,
  contents,
  nodeConfig,
  pause,
  people,
  startNode,
  suffix,
  untilEqual,
  withClient,
  type NodeSetup,
} from './nodes.js';

const timeout = 120_000;
const untilMs = 60_000;

describe.skipIf(requirePrograms('etcd', 'etcdctl'))('membership in a cluster', () => {
  let etcd: EtcdMembers;
  const nodes: ReferenceServer[] = [];
  const certificates = new Certificates();

  beforeAll(async () => {
    etcd = await EtcdMembers.start(1, { tls: certificates.issue('etcd', '/CN=etcd') });
  }, timeout);

  afterEach(async () => {
    await Promise.all(nodes.splice(0).map((node) => node.stop()));
  });

  afterAll(async () => {
    await etcd?.stop();
    certificates.remove();
  });

  const start = async (name: string, prefix: string, setup: NodeSetup = {}): Promise<ReferenceServer> => {
    const node = await startNode(etcd.endpoints, name, { cluster: 'timeout=2 log=10', ...setup, prefix });
    nodes.push(node);
    return node;
  };
  const add = (node: ReferenceServer, name: string, description = 'x'): Promise<void> =>
    withClient(node, (client) => client.add(`cn=${name},${people}`, { objectClass: 'person', sn: 'x', description }));
  /** `from`: another node, which goes on meanwhile. */
  const join = async (node: ReferenceServer, from: Pick<ReferenceServer, 'url'>, password = 'secret') => {
    const file = inFolder(node.folder, 'password');
    await writeFile(file, `${password}\n`, { mode: 0o600 });
    return jammd(['cluster', 'join', '-f', node.configFile, '--from', from.url, '-y', file]);
  };
  const untilLogs = async (node: ReferenceServer, text: RegExp): Promise<void> => {
    const end = Date.now() + untilMs;
    while (!text.test(node.log())) {
      if (Date.now() > end) throw new Error(`never logged ${text.source}:\n${node.log()}`);
      await pause(100);
    }
  };

  it('a node that was away for longer than the log reaches refuses writes, and comes back by a backup', { timeout }, async () => {
    const [a, b] = [await start('a', 'trim/'), await start('b', 'trim/')];
    await addBase(a);
    await untilEqual([a, b]);
    await b.halt();
    for (let n = 0; n < 80; n++) await add(a, `away${n}`);
    // What is large, also when it is packed, lies in parts beside the log.
    await add(a, 'large', randomBytes(500_000).toString('base64'));
    await expect
      .poll(async () => Number((await etcd.call('/v3/kv/range', all('trim/log/'))).count), { timeout: untilMs })
      .toBeLessThan(60);
    await b.resume();
    await untilLogs(b, /away for longer than the log reaches back/);
    expect((await contents(b)).split('\n')).toHaveLength(3);
    await expect(add(b, 'no')).rejects.toThrow(/this node takes no writes/);
    const copy = inFolder(b.folder, 'copy');
    expect((await jammd(['backup', '-f', a.configFile, copy])).stderr).not.toMatch(/^jammd/m);
    await b.halt();
    const restored = await jammd(['restore', '-f', b.configFile, '--replace', copy]);
    expect(restored.code, restored.stderr).toBe(0);
    await add(a, 'later');
    await b.resume();
    await add(b, 'yes');
    await untilEqual([a, b]);
  });

  it(
    'a node without entries fills itself from the log while that reaches back, and does not start otherwise',
    { timeout },
    async () => {
      const a = await start('a', 'fill/', { cluster: 'timeout=2' });
      await addBase(a);
      const b = await start('b', 'fill/', { cluster: 'timeout=2' });
      expect(await contents(b)).toBe(await contents(a));
      await etcd.call('/v3/kv/deleterange', all('fill/log/', '0000000000000002'));
      await expect(start('c', 'fill/', { cluster: 'timeout=2' })).rejects.toThrow(/does not reach back to an empty database/);
    },
  );

  it('a node that has lost its disk comes back by another node, while clients write there', { timeout }, async () => {
    // contextCSN is among what is compared.
    const lines = 'overlay syncprov\n';
    const setup = { lines, cluster: 'timeout=2' };
    const [a, b] = [await start('a', 'wiped/', setup), await start('b', 'wiped/', setup)];
    await addBase(a);
    for (let n = 0; n < 30; n++) await add(a, `before${n}`);
    await untilEqual([a, b]);
    await b.halt();
    const data = inFolder(b.folder, 'data');
    await rm(data, { recursive: true });
    await etcd.call('/v3/kv/deleterange', all('wiped/log/', '0000000000000009'));
    await expect(b.resume()).rejects.toThrow(/does not reach back to an empty database/);
    // Whatever goes wrong changes nothing.
    expect((await join(b, a, 'wrong')).stderr).toMatch(/bind as .*result 49; nothing was changed/);
    expect((await join(b, { url: 'ldap://127.0.0.1:9' })).stderr).toMatch(/nothing was changed/);
    const alone = await startJammd({ config: nodeConfig('http://127.0.0.1:9', 'x').replace(/^cluster .*$/m, '') });
    nodes.push(alone);
    await addBase(alone);
    expect((await join(b, alone)).stderr).toMatch(/no node of a cluster; nothing was changed/);
    await expect(b.resume()).rejects.toThrow(/does not reach back/);
    let writing = true;
    const writer = (async () => {
      for (let n = 0; writing; n++) await add(a, `meanwhile${n}`);
    })();
    const joined = await join(b, a);
    expect(joined.code, joined.stderr).toBe(0);
    await add(a, 'later');
    await b.resume();
    writing = false;
    await writer;
    await add(b, 'yes');
    await untilEqual([a, b]);
    await b.halt();
    const checked = await jammd(['check', '-f', b.configFile, '--database']);
    expect(checked.code, checked.stderr + checked.stdout).toBe(0);
  });

  it('who does not belong to the cluster does not start', { timeout }, async () => {
    const a = await start('a', 'join/');
    await addBase(a);
    await expect(start('b', 'join/', { global: 'serverID 3\n' })).rejects.toThrow(/all need the same/);
    const schema = "attributetype ( 1.3.6.1.4.1.4203.666.99.1 NAME 'extra' SYNTAX 1.3.6.1.4.1.1466.115.121.1.15 )\n";
    await expect(start('b', 'join/', { global: schema })).rejects.toThrow(/another schema/);
    await etcd.put('foreign/x', 'y');
    await expect(start('b', 'foreign/')).rejects.toThrow(/is no cluster of jammd/);
    await expect(startNode('http://127.0.0.1:9', 'b', { cluster: 'timeout=1' })).rejects.toThrow(/cannot reach the cluster/);
    const config = nodeConfig(etcd.endpoints, 'b', { prefix: 'join/' });
    const ldif = `dn: ${suffix}\nobjectClass: dcObject\nobjectClass: organization\ndc: hosting\no: x\n`;
    await expect(startJammd({ config, ldif })).rejects.toThrow(/holds entries and is in no cluster/);
  });

  it('a node of one cluster takes no writes in another, which goes on', { timeout }, async () => {
    const [a, b] = [await start('a', 'one/'), await start('b', 'two/')];
    for (const node of [a, b]) await addBase(node);
    await add(a, 'own');
    for (const name of ['other1', 'other2', 'other3']) await add(b, name);
    await a.halt();
    await writeFile(a.configFile, (await readFile(a.configFile, 'utf8')).replace('prefix=one/', 'prefix=two/'));
    await a.resume();
    await untilLogs(a, /another history/);
    await expect(add(a, 'no')).rejects.toMatchObject({ code: 53 });
    expect(await contents(a)).toMatch(/cn=own,/);
    expect(await contents(b)).not.toMatch(/cn=own,|cn=no,/);
    await add(b, 'more');
  });

  it('a cluster is seeded with an import, guarded against a mistake', { timeout }, async () => {
    const a = await start('a', 'seed/');
    await addBase(a);
    await a.halt();
    const ldif = inFolder(a.folder, 'more.ldif');
    await writeFile(ldif, `dn: cn=imported,${people}\nobjectClass: person\ncn: imported\nsn: x\n`);
    const load = () => jammd(['import', '-f', a.configFile, '-l', ldif]);
    expect((await load()).stderr).toMatch(/belongs to a cluster/);
    const cluster = (...args: string[]) => jammd(['cluster', ...args, '-f', a.configFile]);
    expect((await cluster('seed')).stderr).toMatch(/there is a cluster below "seed\/" already/);
    expect((await cluster('seed', '--replace', 'other/')).stderr).toMatch(/the prefix of this cluster is seed/);
    expect((await cluster('leave')).code).toBe(0);
    expect((await load()).code).toBe(0);
    const b = await start('b', 'seed/');
    expect((await cluster('seed', '--replace', 'seed/')).stdout).toMatch(/begins with 4 entries/);
    await a.resume();
    await add(a, 'after');
    expect(await contents(a)).toMatch(/imported/);
    // Whoever has the old generation says so, and is not written to.
    await untilLogs(b, /begins anew with another database \(4 entries\)/);
    await expect(add(b, 'no')).rejects.toThrow(/this node takes no writes/);
    expect(await contents(b)).not.toMatch(/imported/);
    expect((await join(b, a)).stderr).toMatch(/stop it first/);
    await b.halt();
    expect((await join(b, a)).stdout).toMatch(/5 entries from ldap:.*; the old database is in /);
    await b.resume();
    await add(b, 'joined');
    await untilEqual([a, b]);
    // What a node of an older generation holds is not taken.
    await a.halt();
    expect((await cluster('seed', '--replace', 'seed/')).stdout).toMatch(/begins with 6 entries/);
    expect((await join(a, b)).stderr).toMatch(/does not go with the cluster/);
    // Without its line, a node would change on its own.
    await a.halt();
    await writeFile(a.configFile, (await readFile(a.configFile, 'utf8')).replace(/^cluster .*$/m, ''));
    await expect(a.resume()).rejects.toThrow(/belongs to a cluster/);
  });

  it('a schema is changed on one node after the other', { timeout }, async () => {
    const [a, b] = [await start('a', 'schema/'), await start('b', 'schema/')];
    await addBase(a);
    await untilEqual([a, b]);
    await a.halt();
    const text = await readFile(a.configFile, 'utf8');
    const schema = "attributetype ( 1.3.6.1.4.1.4203.666.99.1 NAME 'extra' SYNTAX 1.3.6.1.4.1.1466.115.121.1.15 )\n";
    await writeFile(a.configFile, text.replace(/^database /m, `${schema}database `));
    await a.resume();
    await expect(add(a, 'early')).rejects.toThrow(/another schema/);
    await add(b, 'meanwhile');
    expect((await jammd(['cluster', 'schema', '-f', a.configFile])).stdout).toMatch(/from now on/);
    await expect.poll(() => add(a, 'then').then(() => 'done', String), { timeout: untilMs, interval: 500 }).toBe('done');
    await expect(add(b, 'no')).rejects.toThrow(/another schema/);
  });

  it('without etcd reads go on, also after a restart; when its data is gone the node says so', { timeout }, async () => {
    const a = await start('a', 'alone/', { cluster: 'timeout=1' });
    await addBase(a);
    const [member] = etcd.members;
    await etcd.kill(member!);
    await expect(add(a, 'no')).rejects.toThrow(/cannot be reached|may have been made/);
    await a.halt();
    await a.resume();
    expect((await contents(a)).split('\n')).toHaveLength(3);
    await expect(add(a, 'no')).rejects.toThrow(/cannot be reached/);
    expect((await jammd(['status', '-f', a.configFile])).stdout).toMatch(/cluster +node a: unreachable/);
    etcd.run(member!);
    await etcd.untilLed();
    await untilLogs(a, /within reach again/);
    await add(a, 'yes');
    await etcd.deleteAll('alone/');
    await untilLogs(a, /no cluster below the prefix any more/);
    await expect(add(a, 'no')).rejects.toThrow(/this node takes no writes/);
  });

  it('uses TLS, and a user who may use its prefix alone', { timeout }, async () => {
    const a = await start('a', 'auth/', { cluster: 'timeout=2 user=jammd password=secret1' }).catch(String);
    expect(a).toMatch(/authentication is not enabled/);
    await etcd.allow('jammd', 'secret1', 'auth/');
    try {
      const [one, two] = [
        await start('a', 'auth/', { cluster: 'timeout=2 user=jammd password=secret1' }),
        await start('b', 'auth/', { cluster: 'timeout=2 user=jammd password=secret1' }),
      ];
      await addBase(one);
      await untilEqual([one, two]);
      await expect(start('c', 'auth/', { cluster: 'timeout=2 user=jammd password=wrong' })).rejects.toThrow(
        /authentication failed/,
      );
      await expect(start('c', 'other/', { cluster: 'timeout=2 user=jammd password=secret1' })).rejects.toThrow(
        /permission denied/,
      );
      const { secure } = etcd.members[0]!;
      const login = 'timeout=2 user=jammd password=secret1';
      const trusting = `${login} tls_cacert=${certificates.authority.certificate}`;
      const three = await startNode(secure!, 'c', { prefix: 'auth/', cluster: trusting });
      nodes.push(three);
      expect(await contents(three)).toBe(await contents(one));
      await expect(startNode(secure!, 'd', { prefix: 'auth/', cluster: login })).rejects.toThrow(
        /cannot reach the cluster.*certificate/,
      );
      // etcd forgets tokens when it is restarted.
      await etcd.kill(etcd.members[0]!);
      etcd.run(etcd.members[0]!);
      await expect.poll(() => add(one, 'again').then(() => 'done', String), { timeout: untilMs, interval: 500 }).toBe('done');
    } finally {
      await etcd.allowEverything();
    }
  });
});

function all(prefix: string, to?: string): { key: string; range_end: string; count_only: boolean } {
  const end =
    to === undefined ? prefix.slice(0, -1) + String.fromCharCode(prefix.charCodeAt(prefix.length - 1) + 1) : prefix + to;
  const base64 = (text: string): string => Buffer.from(text).toString('base64');
  return { key: base64(prefix), range_end: base64(end), count_only: true };
}
