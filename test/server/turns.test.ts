/** Who comes when many ask for much at once. */
import { afterEach, describe, expect, it } from 'vitest';
import { success } from '../../src/ldap/result.js';
import { largeRequestBytes, Turns } from '../../src/server/turns.js';
import { startServer, stopServers } from './fake-directory.js';
import { RawClient } from './raw-client.js';
import { extended, lookup, lookupOf } from './requests.js';

afterEach(stopServers);

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('turns', () => {
  it('go to one connection in each turn of the event loop, addresses by turns', async () => {
    const turns = new Turns(4);
    const went: string[] = [];
    for (const name of ['a1', 'a2', 'a3', 'b1', 'c1', 'a4']) turns.wait(name[0]!, () => went.push(name));
    for (let before = 0; went.length < 6;) {
      await turn();
      expect(went.length - before).toBeLessThanOrEqual(1);
      before = went.length;
    }
    expect(went).toEqual(['a1', 'b1', 'c1', 'a2', 'a3', 'a4']);
  });

  it('are not kept for those who have gone', async () => {
    const turns = new Turns(4);
    const went: string[] = [];
    const gone = (): void => void went.push('gone');
    turns.wait('a', gone);
    turns.wait('b', () => went.push('b'));
    turns.leave('a', gone);
    turns.leave('a', gone);
    while (went.length === 0) await turn();
    for (let n = 0; n < 10; n++) await turn();
    expect(went).toEqual(['b']);
  });

  it('wait while others work, but not for ever', async () => {
    const turns = new Turns(4);
    let went = false;
    turns.wait('a', () => (went = true));
    let passed = 0;
    for (; !went; passed++) {
      for (const end = performance.now() + 1; performance.now() < end;);
      await turn();
    }
    expect(passed).toBeGreaterThan(50);
    expect(passed).toBeLessThan(200);
  });

  it('are cut short where many are used up in one turn of the event loop, and only there', async () => {
    const turns = new Turns(4);
    for (let n = 0; n < 5; n++) {
      expect(turns.allowanceMs).toBe(4);
      turns.wait('a', () => undefined);
    }
    expect(turns.allowanceMs).toBe(0);
    await turn();
    expect(turns.allowanceMs).toBe(4);
  });
});

describe('a connection', () => {
  /** Takes as long as a request of that size may. */
  const busyMs = 20;
  const large = (id: number): Buffer => extended(id, '1.2.3', Buffer.alloc(largeRequestBytes));

  it('with large requests lets others come between any two of them, however many there are', async () => {
    let handled = 0;
    const { port } = await startServer({
      behaviour: {
        extended: () => {
          handled++;
          for (const end = performance.now() + busyMs; performance.now() < end;);
          return success;
        },
      },
    });
    const greedy = await Promise.all(Array.from({ length: 40 }, () => RawClient.connect(port)));
    for (const client of greedy) client.send(large(1), large(2));
    await greedy[0]!.receive(1);
    const before = handled;
    const modest = (await RawClient.connect(port)).send(lookup(1));
    await modest.receive(2);
    expect(modest.summary()).toEqual(['1 entry', '1 search 0']);
    // A connection is accepted, read and answered in three turns of the event loop or so, not after all 80.
    expect(handled - before).toBeLessThan(20);
    for (const client of greedy) {
      await client.receive(2);
      expect(client.summary()).toEqual(['1 extended 0', '2 extended 0']);
      client.end();
    }
    expect(handled).toBe(80);
    modest.end();
  });

  it('has large and small requests answered in their order', async () => {
    const { port } = await startServer({ behaviour: { extended: () => success } });
    const client = (await RawClient.connect(port)).send(lookup(1), large(2), lookup(3), large(4), large(5), lookup(6));
    await client.receive(9);
    expect(client.messages.flatMap((message) => ('code' in message ? [message.messageId] : []))).toEqual([1, 2, 3, 4, 5, 6]);
    client.end();
  });

  it('that goes away while its large request waits leaves nothing behind', async () => {
    let handled = 0;
    const { port, server } = await startServer({
      behaviour: {
        extended: () => {
          handled++;
          for (const end = performance.now() + busyMs; performance.now() < end;);
          return success;
        },
      },
    });
    const greedy = await Promise.all(Array.from({ length: 30 }, () => RawClient.connect(port)));
    for (const client of greedy) client.send(large(1));
    await greedy[0]!.receive(1);
    for (const client of greedy) client.end();
    const client = (await RawClient.connect(port)).send(large(1));
    await client.receive(1);
    expect(handled).toBeLessThan(30);
    expect(server.connectionsCurrent).toBeLessThan(20);
    client.end();
  });

  it('keeps no more bytes of requests under way than one request may have', async () => {
    const waiting: (() => void)[] = [];
    const { port, directory } = await startServer({
      limits: { pduBytesAnonymous: 10_000 },
      behaviour: { search: () => new Promise((resolve) => waiting.push(() => resolve(success))) },
    });
    // Each of these is some 100 bytes and may wait in any number up to 100; of 4,000 bytes three may.
    const bulky = (id: number): Buffer => lookupOf(id, 'x'.repeat(3_900));
    const client = (await RawClient.connect(port)).send(...[1, 2, 3, 4, 5, 6].map(bulky));
    const seen = (): number => directory.sessions[0]?.seen.length ?? 0;
    while (seen() < 3) await turn();
    for (let n = 0; n < 20; n++) await turn();
    expect(seen()).toBe(3);
    for (let answered = 0; answered < 6; answered++) {
      while (waiting.length <= answered) await turn();
      waiting[answered]!();
    }
    await client.receive(6);
    expect(client.summary()).toHaveLength(6);
    client.end();
  });
});
