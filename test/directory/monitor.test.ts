/** cn=Monitor where there are as many connections as there may be. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Directory } from '../../src/directory/directory.js';
import type { MonitoredConnection, MonitorSource } from '../../src/directory/server-entries/monitor.js';
import { longestTurn } from './longest-turn.js';
import { Client, openDirectory } from './support.js';

const count = 10_000;
let described = 0;

function* connections(): Iterable<MonitoredConnection> {
  for (let number = 1_000; number < 1_000 + count; number++) {
    described++;
    yield {
      number,
      peerName: `IP=192.0.2.1:${number}`,
      localName: 'IP=192.0.2.2:389',
      listener: 'ldap:///',
      identity: undefined,
      received: 1,
      executing: 0,
      pending: 0,
      completed: 1,
      reads: 1,
      writes: 0,
      waitsForWrite: false,
      started: new Date(),
      active: new Date(),
    };
  }
}

const counts = { initiated: 0, completed: 0 };
const source: MonitorSource = {
  started: new Date(),
  listeners: [],
  get connections() {
    return connections();
  },
  connectionsTotal: count,
  connectionsCurrent: count,
  connectionsMax: count,
  operations: {
    bind: counts,
    unbind: counts,
    search: counts,
    compare: counts,
    modify: counts,
    modifyDN: counts,
    add: counts,
    delete: counts,
    abandon: counts,
    extended: counts,
  },
  bytesSent: 0,
  messagesSent: 0,
  entriesSent: 0,
  referralsSent: 0,
  writeWaiters: 0,
};

let directory: Directory;

beforeAll(async () => {
  directory = await openDirectory('database monitor\naccess to * by * read');
  directory.describeFrontEnd({ startTls: false }, source);
});

afterAll(() => directory.close());

it('shows all connections in slices', async () => {
  const longest = await longestTurn(async () => {
    const { code, entries } = await new Client(directory).search('cn=Monitor', { attributes: ['*', '+'] });
    expect(code).toBe(0);
    expect(entries.filter(({ dn }) => /^cn=Connection \d/.test(dn)).length).toBe(count);
  });
  expect(longest).toBeLessThan(150);
});

it('makes no entry of a connection that nobody asks for', async () => {
  described = 0;
  const anonymous = new Client(directory);
  const longest = await longestTurn(async () => {
    for (const base of ['cn=Monitor', 'cn=Current,cn=Connections,cn=Monitor', 'cn=Uptime,cn=Time,cn=Monitor']) {
      expect((await anonymous.search(base, { scope: 'base' })).entries.length).toBe(1);
    }
    expect((await anonymous.compare('cn=Current,cn=Connections,cn=Monitor', 'monitorCounter', String(count))).code).toBe(6);
  });
  expect(described).toBe(0);
  expect(longest).toBeLessThan(150);
  const { entries } = await anonymous.search('cn=Connection 1007,cn=Connections,cn=Monitor', { attributes: ['+'] });
  expect(entries.map(({ attributes }) => attributes['monitorConnectionNumber'])).toEqual([['1007']]);
});

it('stops where the size limit or the client says so', async () => {
  const client = new Client(directory);
  const { code, entries } = await client.search('cn=Connections,cn=Monitor', { scope: 'one', sizeLimit: 3 });
  expect([code, entries.length]).toEqual([4, 3]);
  const signal: { stopped: 'canceled' | undefined } = { stopped: undefined };
  const answer = client.search('cn=Monitor', { signal });
  signal.stopped = 'canceled';
  expect((await answer).code).toBe(118);
});
