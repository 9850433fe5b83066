/**
 * Requests that are well-formed, allowed, and made to cost as much as can be: of strangers, and of users with a password.
 * While one is worked on others are answered, and what is too much is refused with the code for it.
 */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { berBoolean, berElement, berEnumerated, berInteger, berOctetString, berSequence } from '../../src/ber/ber.js';
import type { RawClient } from '../server/raw-client.js';
import { bind } from '../server/requests.js';
import { account, people, type Person, places } from '../support/hosting-tree.js';
import { Installation, type JammdServer, mailLookup, pause, peakBytesMax } from './jammd-server.js';

/** The heap may have 256 MB, and of what was old and is garbage the collector takes its time to give back. */
const grownBytes = 256 << 20;

const accounts = 3_000;
const manyAccounts = Array.from({ length: accounts }, (_, n) => account(`bulk${n}@two.example`)).join('');

let installation: Installation;
let server: JammdServer;
const clients: RawClient[] = [];

beforeAll(async () => {
  installation = await Installation.make({ global: 'sizelimit unlimited', ldif: manyAccounts });
  server = await installation.start();
  await server.noteState();
}, 120_000);
afterEach(async () => {
  for (const client of clients.splice(0)) client.end();
  await server.expectUnharmed(grownBytes);
}, 60_000);
afterAll(async () => {
  await server.stop();
  await installation.expectSound();
  await installation.remove();
});

async function connect(who?: Person): Promise<RawClient> {
  const client = await server.connect();
  clients.push(client);
  if (!who) return client;
  await client.send(bind(1, who.dn, who.password)).receive(1);
  expect(client.messages.splice(0)).toMatchObject([{ type: 'bind', code: 0 }]);
  return client;
}

/** Strangers are answered in time until `work` is done, or for as long as may be. */
async function others<T>(work: Promise<T>, mostMs = 30_000): Promise<T | undefined> {
  let done = false;
  const finished = work.finally(() => (done = true));
  const deadline = performance.now() + mostMs;
  while (!done && performance.now() < deadline) {
    await server.expectAnswer();
    await pause(5);
  }
  return done ? finished : undefined;
}

async function codeOf(client: RawClient, request: Buffer): Promise<number> {
  const before = client.messages.length;
  const answered = (): boolean => client.closed || client.messages.slice(before).some((message) => 'code' in message);
  await others(client.send(request).until(answered, 'a result'));
  const result = client.messages.at(-1)!;
  return 'code' in result ? result.code : -1;
}

const repeated = (count: number, make: (index: number) => Buffer): Buffer =>
  Buffer.concat(Array.from({ length: count }, (_, n) => make(n)));
const or = (count: number, term: (index: number) => Buffer): Buffer => berElement(0xa1, repeated(count, term));
const not = (filter: Buffer): Buffer => berElement(0xa2, filter);
const equality = (attribute: string, value: string | Buffer): Buffer =>
  berElement(0xa3, berOctetString(attribute), berOctetString(value));
const containing = (attribute: string, ...parts: readonly Buffer[]): Buffer =>
  berElement(0xa4, berOctetString(attribute), berElement(0x30, Buffer.concat(parts.map((part) => berElement(0x81, part)))));

function search(messageId: number, filter: Buffer, attribute = '1.1'): Buffer {
  const head = [
    berOctetString(places.suffix),
    berEnumerated(2),
    berEnumerated(0),
    berInteger(0),
    berInteger(0),
    berBoolean(false),
  ];
  return berSequence(berInteger(messageId), berElement(0x63, ...head, filter, berSequence(berOctetString(attribute))));
}

const Change = { add: 0, delete: 1, replace: 2, increment: 3 } as const;
type ChangeParts = readonly [keyof typeof Change, string, ...(readonly string[])];

function modify(messageId: number, dn: string, changes: readonly ChangeParts[]): Buffer {
  const encoded = changes.map(([operation, attribute, ...values]) => {
    const set = berElement(0x31, Buffer.concat(values.map((value) => berOctetString(value))));
    return berSequence(berEnumerated(Change[operation]), berSequence(berOctetString(attribute), set));
  });
  return berSequence(berInteger(messageId), berElement(0x66, berOctetString(dn), berElement(0x30, Buffer.concat(encoded))));
}

const list = <T>(count: number, make: (index: number) => T): T[] => Array.from({ length: count }, (_, n) => make(n));

describe('a stranger’s filter', () => {
  it('of thousands of addresses that exist finds them all', async () => {
    const client = await connect();
    expect(
      await codeOf(
        client,
        search(
          2,
          or(accounts, (n) => equality('mail', `bulk${n}@two.example`)),
        ),
      ),
    ).toBe(0);
    expect(client.messages).toHaveLength(accounts + 1);
  });

  it.each<[string, Buffer]>([
    ['8,000 terms without an index', or(8_000, (n) => equality('mailbox', `nobody${n}`))],
    [
      '7,000 terms on entries’ names',
      or(7_000, (n) =>
        berElement(
          0xa9,
          berElement(0x81, Buffer.from('caseIgnoreIA5Match')),
          berElement(0x83, Buffer.from(`n${n}`)),
          berElement(0x84, Buffer.from('ff', 'hex')),
        ),
      ),
    ],
    ['9,000 terms on a supertype', or(9_000, (n) => equality('name', `n${n}`))],
    ['9,000 parts in a row', not(containing('homeDirectory', ...list(9_000, () => Buffer.from('e'))))],
  ])('of %s may take long, and holds nobody up', async (_, filter) => {
    const client = await connect();
    client.send(search(2, filter));
    await others(client.receive(1), 3_000);
  });

  it('of 80,000 parts has too many', async () => {
    const client = await connect();
    expect(await codeOf(client, search(2, containing('description', ...list(80_000, () => Buffer.from('e')))))).toBe(11);
  });

  it('of ligatures that are spelled out 18-fold is no text', async () => {
    const client = await connect();
    const text = Buffer.from('\ufdfa'.repeat(80_000));
    expect(await codeOf(client, search(2, equality('cn', text)))).toBe(0);
    expect(await codeOf(client, search(3, containing('cn', text)))).toBe(0);
  });
});

describe('a user’s request', () => {
  it('with 90,000 changes, or as many values, is refused at once', async () => {
    const client = await connect(people.user);
    expect(
      await codeOf(
        client,
        modify(
          2,
          people.user.dn,
          list(90_000, (n) => ['add', 'cn', `v${n}`]),
        ),
      ),
    ).toBe(11);
    expect(await codeOf(client, modify(3, people.user.dn, [['replace', 'cn', ...list(200_000, (n) => `v${n}`)]]))).toBe(11);
  });

  it('with as many changes as may be does not look at all values for each: nobody waits for minutes', async () => {
    const client = await connect(people.user);
    const added = list(9_500, (n): ChangeParts => ['add', 'description', `v${n}`]);
    const deleted = list(9_500, (n): ChangeParts => ['delete', 'description', `v${n}`]);
    expect(await codeOf(client, modify(2, people.user.dn, [...added, ...deleted]))).toBe(0);
    await restore(people.user);
  });

  it('that makes an entry larger than may be is refused, the entry being what it was', async () => {
    const client = await connect(people.user);
    const half = (n: number): ChangeParts => ['add', 'description', ...list(15_000, (index) => `${n} ${index}`)];
    expect(await codeOf(client, modify(2, people.user.dn, [half(1)]))).toBe(0);
    expect(await codeOf(client, modify(3, people.user.dn, [half(2)]))).toBe(11);
    expect(await codeOf(client, modify(4, people.user.dn, [['replace', 'description', 'x'.repeat(4_000_000)]]))).toBe(0);
    expect(await codeOf(client, modify(5, people.user.dn, [['add', 'description', 'y'.repeat(4_000_000)]]))).toBe(0);
    expect(await codeOf(client, modify(6, people.user.dn, [['add', 'description', 'z'.repeat(4_000_000)]]))).toBe(11);
    await restore(people.user);
  });

  it('does no arithmetic on millions of digits', async () => {
    const client = await connect(people.user);
    expect(await codeOf(client, modify(2, people.user.dn, [['replace', 'lastChange', '9'.repeat(4_000_000)]]))).toBe(0);
    expect(
      await codeOf(
        client,
        modify(
          3,
          people.user.dn,
          list(1_000, () => ['increment', 'lastChange', '1']),
        ),
      ),
    ).toBe(19);
    await restore(people.user);
  });

  it('uses up no attribute numbers: options make as many descriptions as one likes', async () => {
    const client = await connect(people.user);
    for (const letter of ['a', 'b', 'c']) {
      const changes = list(5_000, (n): ChangeParts => ['replace', `description;lang-${letter}${n}`, 'x']);
      const code = await codeOf(client, modify(2, people.user.dn, changes));
      expect(code).toBe(letter === 'a' ? 0 : 11);
      await codeOf(
        client,
        modify(
          3,
          people.user.dn,
          list(5_000, (n) => ['replace', `description;lang-a${n}`]),
        ),
      );
    }
    expect(await codeOf(client, modify(4, people.user.dn, [['replace', 'description;lang-a1', 'x']]))).toBe(0);
    await restore(people.user);
  });
});

it('an entry of very many values is compared once through, not again and again', async () => {
  const manager = await server.connectAsManager();
  clients.push(manager);
  const values = list(150_000, (n) => `value ${n}`);
  // The Manager may.
  expect(await codeOf(manager, modify(2, people.neighbour.dn, [['replace', 'description', ...values]]))).toBe(0);
  const client = await connect();
  const of = equality('mail', people.neighbour.mail);
  const within = (filter: Buffer): Buffer => berElement(0xa0, of, filter);
  expect(await codeOf(client, search(2, within(equality('description', 'value 149999'))))).toBe(0);
  expect(client.messages.filter(({ type }) => type === 'entry')).toHaveLength(1);
  expect(await codeOf(client, search(3, within(or(200, (n) => containing('description', Buffer.from(`w${n}`))))))).toBe(11);
  expect(await codeOf(client, mailLookup(4, people.neighbour.mail))).toBe(0);
  await restore(people.neighbour);
}, 60_000);

// Last: from one address, large requests that were sent and left are worked through before further ones.
describe('many connections of strangers', () => {
  it('each with a hundred long searches of large filters: told busy, and memory stays bounded', async () => {
    const filter = or(8_000, (n) => equality('mailbox', `nobody${n}`));
    const requests = Buffer.concat(list(100, (n) => search(n + 2, filter)));
    const greedy: RawClient[] = [];
    for (let n = 0; n < 40; n++) greedy.push((await connect()).send(requests));
    await others(pause(4_000));
    const busy = (client: RawClient): boolean => client.messages.some((message) => 'code' in message && message.code === 51);
    expect(greedy.some(busy)).toBe(true);
    expect(await server.peakBytes()).toBeLessThan(peakBytesMax);
  }, 60_000);

  it('each with requests that keep the thread busy: whoever comes new is served between them', async () => {
    const costly = search(
      2,
      or(8_000, (n) => equality(`cn;lang-a${n}`, 'x')),
    );
    for (let n = 0; n < 60; n++) (await connect()).send(costly, costly, costly);
    await others(pause(4_000));
  }, 60_000);
});

/** Takes away what a test has written, in the Manager's name: operational attributes too, which the fingerprint holds. */
async function restore(who: Person): Promise<void> {
  const manager = await server.connectAsManager();
  const undo = modify(2, who.dn, [
    ['replace', 'description'],
    ['replace', 'cn'],
    ['replace', 'lastChange', '1020000000'],
  ]);
  await manager.send(undo).receive(2);
  expect(manager.summary()[1]).toBe('2 modify 0');
  manager.end();
  await server.noteData();
}
