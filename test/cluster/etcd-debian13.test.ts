/** etcd 3.5 as Debian 13 has it: three members and three nodes by TLS, with client certificates and a user who has the prefix alone. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { seededRandom } from '../robustness/jammd-server.js';
import { Certificates } from '../server/certificates.js';
import { releaseFolder, releaseMakingMs, releaseObstacle } from '../support/debian-release.js';
import type { ReferenceServer } from '../support/reference-server.js';
import { EtcdMembers } from './etcd-members.js';
import { History } from './history.js';
import { addBase, pause, startNode, untilEqual } from './nodes.js';
import { checkRound, ClusterWriter, Round } from './writers.js';

const timeout = 120_000;

describe.skipIf(releaseObstacle() !== undefined)("a cluster on Debian 13's etcd", () => {
  const certificates = new Certificates();
  const nodes: ReferenceServer[] = [];
  let etcd: EtcdMembers;

  beforeAll(async () => {
    const { certificate: authority } = certificates.authority;
    etcd = await EtcdMembers.start(3, {
      tls: certificates.issue('etcd', '/CN=etcd'),
      more: ['--client-cert-auth', '--trusted-ca-file', authority],
      programs: `${await releaseFolder('trixie', 'etcd')}/usr/bin/`,
    });
    await etcd.allow('jammd', 'secret', 'jammd/');
  }, releaseMakingMs + timeout);

  afterAll(async () => {
    await Promise.all(nodes.map((node) => node.stop()));
    await etcd?.stop();
    certificates.remove();
  }, timeout);

  it('loses no acknowledged write when its leader is killed', { timeout }, async () => {
    const secure = etcd.members.map((member) => member.secure!).join(',');
    const { certificate, key } = certificates.issue('node', '/O=jammd');
    const files = `tls_cacert=${certificates.authority.certificate} tls_cert=${certificate} tls_key=${key}`;
    const cluster = `timeout=4 user=jammd password=secret ${files}`;
    nodes.push(...(await Promise.all(['a', 'b', 'c'].map((name) => startNode(secure, name, { cluster })))));
    await addBase(nodes[0]!);
    await untilEqual(nodes);
    const round = new Round('r', new History(), seededRandom(13));
    const places = nodes.map((server, at) => ({ name: `node${at}`, server }));
    const running = places.flatMap((place, at) =>
      [1, 2].map((client) => new ClusterWriter(`n${at}c${client}`, place, round).run()),
    );
    await pause(500);
    const leader = await etcd.untilLed();
    await etcd.kill(leader);
    await etcd.untilLed();
    etcd.run(leader, 'existing');
    await pause(500);
    round.stop();
    await Promise.all(running);
    await checkRound(places, round);
    expect(round.done).toBeGreaterThan(0);
    // Whoever has no certificate of this authority is not let in.
    const bare = `timeout=2 user=jammd password=secret tls_cacert=${certificates.authority.certificate}`;
    await expect(startNode(secure, 'd', { cluster: bare })).rejects.toThrow(/cannot reach the cluster to join it/);
    const { certificate: named, key: namedKey } = certificates.issue('named', '/CN=named');
    await expect(startNode(secure, 'd', { cluster: `${bare} tls_cert=${named} tls_key=${namedKey}` })).rejects.toThrow(
      /takes no client certificate with a CommonName/,
    );
    await expect(startNode(secure, 'd', { cluster, prefix: 'other/' })).rejects.toThrow(/permission denied/);
  });
});
