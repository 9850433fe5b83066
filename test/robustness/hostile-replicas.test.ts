/** Replicas that mean harm: cookies made up, more persistent searches than may be, refreshes that nobody reads. Memory stays bounded. */
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { encodeSyncRequest } from '../../src/protocol/sync-values.js';
import { encodeMessage } from '../protocol/client-messages.js';
import type { RawClient } from '../server/raw-client.js';
import { account } from '../support/hosting-tree.js';
import { manager, managerPassword } from '../support/howto.js';
import { ldapTool } from '../support/ldap-utils.js';
import { inParallel, Installation, type JammdServer, pause, seededRandom, wholeSubtree } from './jammd-server.js';

/** A refresh has some six megabytes to say. */
const manyAccounts = Array.from({ length: 3_000 }, (_, n) =>
  account(`bulk${n}@two.example`, { description: `${n} `.repeat(350) }),
).join('');

let installation: Installation;
let server: JammdServer;
const clients: RawClient[] = [];

beforeAll(async () => {
  installation = await Installation.make({
    global: 'sizelimit unlimited\nwritetimeout 4\n',
    database: 'overlay syncprov\nsyncprov-sessionlog 1000\n',
    ldif: manyAccounts,
  });
  server = await installation.start();
  await server.noteState();
}, 120_000);
afterEach(async () => {
  for (const client of clients.splice(0)) client.end();
  await server.expectUnharmed();
}, 60_000);
afterAll(async () => {
  await server.stop();
  await installation.expectSound();
  await installation.remove();
});

async function connect(): Promise<RawClient> {
  const client = await server.connect();
  clients.push(client);
  return client;
}

interface Wanted {
  readonly cookie?: Buffer;
  readonly mode?: 'refreshOnly' | 'refreshAndPersist';
  readonly scope?: 'base' | 'sub';
}

function sync(messageId: number, { cookie, mode = 'refreshAndPersist', scope = 'sub' }: Wanted): Buffer {
  const value = encodeSyncRequest({ mode, cookie, reloadHint: false });
  const filter = { kind: 'present', attribute: 'objectClass' } as const;
  const request = { ...wholeSubtree, scope, filter, attributes: ['*', '+'] };
  return encodeMessage({ messageId, request, controls: [{ type: 'syncRequest', critical: true, value }] });
}

it('cookies that nobody gave', async () => {
  const random = seededRandom(18);
  const client = await connect();
  const csn = (sid: number): string => `20200101000000.000000Z#000000#${sid.toString(16).padStart(3, '0')}#000000`;
  const made = [
    ...Array.from({ length: 200 }, () => Buffer.from(Array.from({ length: random(60) }, () => random(256)))),
    // Of every server that may be; of one server, thousands; commas, and nothing else.
    Buffer.from(`rid=001,csn=${Array.from({ length: 4_096 }, (_, sid) => csn(sid)).join(';')}`),
    Buffer.from(`rid=001,csn=${Array.from({ length: 5_000 }, () => csn(0)).join(';')}`),
    Buffer.alloc(200_000, ','),
    Buffer.from(`rid=${'9'.repeat(200_000)}`),
  ];
  for (const [index, cookie] of made.entries()) {
    client.send(sync(index + 1, { cookie, mode: 'refreshOnly', scope: 'base' }));
    await client.until(({ messages }) => messages.at(-1)?.type === 'search' || client.closed, `the answer to cookie ${index}`);
    expect(client.summary().at(-1), `cookie ${index}`).toBe(`${index + 1} search 0`);
    client.messages.length = 0;
  }
}, 60_000);

it('more persistent searches than one address may have are told so, and there is room again when they have gone', async () => {
  const searches = 50;
  const many = await Promise.all(Array.from({ length: 40 }, connect));
  for (const client of many) client.send(...Array.from({ length: searches }, (_, n) => sync(n + 1, { scope: 'base' })));
  const refused = (client: RawClient): number => client.summary().filter((line) => line.endsWith('search 51')).length;
  const open = (client: RawClient): number => client.messages.filter(({ type }) => type === 'entry').length;
  for (const client of many) await client.until(() => refused(client) + open(client) === searches, 'an answer to each');
  expect(many.reduce((sum, client) => sum + open(client), 0)).toBe(250);
  await server.expectAnswer();
  for (const client of many) client.end();
  let begun = 0;
  for (const deadline = Date.now() + 10_000; begun === 0 && Date.now() < deadline;) {
    const client = await connect();
    await client.send(sync(1, { scope: 'base' })).receive(1);
    begun = open(client);
  }
  expect(begun).toBe(1);
}, 60_000);

it('refreshes that nobody reads while others write: bounded memory, and they are left in the end', async () => {
  const readers = await Promise.all(Array.from({ length: 40 }, connect));
  for (const client of readers) {
    client.socket.pause();
    client.send(sync(1, {}), sync(2, {}));
  }
  const write = (n: number): string =>
    `dn: mail=bulk${n}@two.example,jvd=two.example,o=hosting,dc=myhosting,dc=example\nchangetype: modify\n` +
    `replace: description\ndescription: ${'later '.repeat(200)}\n\n`;
  await inParallel(3, 3, async (part) => {
    const ldif = Array.from({ length: 500 }, (_, n) => write(part * 500 + n)).join('');
    const { code, stderr } = await ldapTool(
      'ldapmodify',
      { url: `ldap://127.0.0.1:${server.port}` },
      { dn: manager, password: managerPassword },
      [],
      ldif,
    );
    expect([code, stderr]).toEqual([0, '']);
  });
  await server.expectAnswer();
  const deadline = Date.now() + 25_000;
  const left = (): number => server.daemon.output.split('does not read its answers').length - 1;
  while (left() < readers.length && Date.now() < deadline) await pause(100);
  expect(left()).toBe(readers.length);
  await server.noteData();
}, 60_000);
