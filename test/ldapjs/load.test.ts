/** Many clients with large requests: look-ups on a mount go on being answered, and what waits stays small. */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { suffix } from '../support/howto.js';
import { RawClient } from '../server/raw-client.js';
import { message } from '../protocol/client-messages.js';
import type { Filter } from '../../src/ldap/filter.js';
import { mountHosting, type Mounted } from './support.js';

const connections = 40;
const requestsEach = 12;
const terms = 6_000;

/** About 170 KB, of an attribute without an index: well-formed, within every limit, and it finds nothing. */
const largeFilter: Filter = { kind: 'or', filters: Array.from({ length: terms }, (_, n) => equality('mailbox', `nobody${n}`)) };

let mounted: Mounted;
const clients: RawClient[] = [];

beforeAll(async () => {
  mounted = await mountHosting();
});
afterAll(async () => {
  for (const client of clients) client.end();
  await mounted.close();
});

test('look-ups are answered between the large ones, and memory stays bounded', async () => {
  const lookups = await dial();
  await lookup(lookups, 1);
  const busy = await Promise.all(Array.from({ length: connections }, dial));
  const before = process.memoryUsage().heapUsed;
  const load = Buffer.concat(Array.from({ length: requestsEach }, (_, n) => search(n + 1, largeFilter)));
  for (const client of busy) client.send(load);
  const answered = (): number => busy.reduce((sum, { messages }) => sum + messages.length, 0);
  const passed: number[] = [];
  let peak = 0;
  for (let id = 2; answered() < connections && id < 200; id++) {
    const earlier = answered();
    await lookup(lookups, id);
    passed.push(answered() - earlier);
    peak = Math.max(peak, process.memoryUsage().heapUsed);
    await sleep(5);
  }
  // One that was being worked on when the look-up came, and one that is let in for each turn of the event loop.
  expect(Math.max(...passed)).toBeLessThan(8);
  expect(peak - before).toBeLessThan(192 << 20);
}, 60_000);

async function dial(): Promise<RawClient> {
  const client = await RawClient.connect(mounted.port);
  clients.push(client);
  return client;
}

async function lookup(client: RawClient, id: number): Promise<void> {
  client.send(search(id, equality('mail', 'nobody@one.example')));
  await client.until(({ messages }) => messages.some(({ messageId }) => messageId === id), 'a look-up');
}

function equality(attribute: string, value: string): Filter {
  return { kind: 'equality', attribute, value: Buffer.from(value) };
}

function search(messageId: number, filter: Filter): Buffer {
  const base = Buffer.from(suffix);
  const limits = { derefAliases: 0, sizeLimit: 0, timeLimit: 0, typesOnly: false } as const;
  return message(messageId, { op: 'search', base, scope: 'sub', ...limits, filter, attributes: ['1.1'] });
}
