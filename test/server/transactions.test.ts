/** Transactions (RFC 5805) as a client sees them on the wire, from jammd's own server and from the mount on ldapjs. */
import { afterEach, describe, expect, it } from 'vitest';
import { createServer, openDirectory, type OpenOptions } from '../../src/index.js';
import { mountHosting } from '../ldapjs/support.js';
import { people, wholeTreeLdif } from '../support/hosting-tree.js';
import { accessRules, manager, suffix } from '../support/howto.js';
import { WireClient, type WireResult } from '../support/wire/client.js';
import type { Operation, WireControl } from '../support/wire/operation.js';

const open: OpenOptions = {
  memory: true,
  configText: `include core.schema
include cosine.schema
include nis.schema
include inetorgperson.schema
include jamm.schema
sockbuf_max_incoming_auth 20000
database mdb
directory unused
suffix "${suffix}"
rootdn "${manager}"
rootpw {SSHA}ra0sD47QP32ASAlaAhF8kgi+8Aflbgr7
index objectClass pres,eq
${accessRules}
`,
};

interface Running {
  readonly port: number;
  close(): Promise<void>;
}

const servers: Record<string, () => Promise<Running>> = {
  'the server': async () => {
    const directory = await openDirectory(open);
    await directory.importLdif(wholeTreeLdif);
    const server = createServer(directory);
    const [url] = await server.listen('ldap://127.0.0.1:0/');
    return {
      port: Number(new URL(url!).port),
      close: async () => {
        await server.close();
        await directory.close();
      },
    };
  },
  'the mount on ldapjs': () => mountHosting({ open }),
};

const queued: readonly WireControl[] = [{ oid: '1.3.6.1.1.21.2', critical: true, value: '' }];
const start: Operation = { op: 'extended', oid: '1.3.6.1.1.21.1' };
const commit: Operation = { op: 'extended', oid: '1.3.6.1.1.21.3', value: { hex: '30050101ff0400' } };
const abort: Operation = { op: 'extended', oid: '1.3.6.1.1.21.3', value: { hex: '30050101000400' } };
const { user, neighbour } = people;

const describes = (entry: string, ...texts: string[]): Operation => ({
  op: 'modify',
  entry,
  changes: [['replace', 'description', ...texts]],
  controls: queued,
});

describe.each(Object.entries(servers))('%s', (_, run) => {
  let running: Running;
  let client: WireClient;

  afterEach(async () => {
    client.destroy();
    await running.close();
  });

  async function connect(): Promise<void> {
    running = await run();
    client = await WireClient.connect(running.port);
    expect((await client.request({ op: 'bind', name: manager, password: 'secret' })).code).toBe(0);
  }

  async function descriptions(): Promise<string[]> {
    const found = await Promise.all(
      [user, neighbour].map(({ dn }) => client.request({ op: 'search', base: dn, scope: 'base', attributes: ['description'] })),
    );
    return found.map(({ entries }) => entries[0]!.attributes.flatMap(({ values }) => values).join());
  }

  it('does at the end what was queued, in pipelined requests, or nothing of it', async () => {
    await connect();
    const all = [start, describes(user.dn, 'one'), describes(neighbour.dn, 'two'), commit];
    const answers = await Promise.all(all.map((operation) => client.request(operation)));
    expect(answers.map(({ code }) => code)).toEqual([0, 0, 0, 0]);
    expect(await descriptions()).toEqual(['one', 'two']);
    expect((await client.request(start)).code).toBe(0);
    for (const { dn } of [user, neighbour]) expect((await client.request(describes(dn, 'three'))).code).toBe(0);
    expect((await client.request(abort)).code).toBe(0);
    expect(await descriptions()).toEqual(['one', 'two']);
  });

  it('names the request that failed', async () => {
    await connect();
    await client.request(start);
    await client.request(describes(user.dn, 'new'));
    const number = client.takeMessageId();
    expect((await client.request(describes(`cn=nobody,${suffix}`, 'x'))).code).toBe(0);
    const failed: WireResult = await client.request(commit);
    expect(failed).toMatchObject({ code: 32, responseValue: Buffer.from([0x30, 3, 2, 1, number + 1]) });
    expect(await descriptions()).toEqual(['', '']);
  });

  it('tells of a transaction that it gives up, and serves the client further', async () => {
    await connect();
    await client.request(start);
    const texts = Array.from({ length: 80 }, (__, n) => `${n} ${'x'.repeat(100)}`);
    expect((await client.request(describes(user.dn, ...texts))).code).toBe(0);
    expect((await client.request(describes(neighbour.dn, ...texts))).code).toBe(11);
    expect(client.notice).toMatchObject({
      code: 11,
      responseName: '1.3.6.1.1.21.4',
      diagnostic: 'the transaction was given up: more than 20000 bytes of requests',
    });
    expect((await client.request(commit)).code).toBe(0x4121);
    expect(await descriptions()).toEqual(['', '']);
    const answers = await Promise.all([start, describes(user.dn, 'again'), commit].map((one) => client.request(one)));
    expect(answers.map(({ code }) => code)).toEqual([0, 0, 0]);
    expect(await descriptions()).toEqual(['again', '']);
  });

  it('forgets it with the connection', async () => {
    await connect();
    await client.request(start);
    await client.request(describes(user.dn, 'lost'));
    client.destroy();
    client = await WireClient.connect(running.port);
    await client.request({ op: 'bind', name: manager, password: 'secret' });
    expect((await client.request(commit)).code).toBe(0x4121);
    expect(await descriptions()).toEqual(['', '']);
  });
});
