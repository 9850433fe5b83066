import { closeSync, openSync } from 'node:fs';
import net from 'node:net';
import { pino } from 'pino';
import { afterEach, describe, expect, it } from 'vitest';
import type { MaybePromise, OperationSignal, SearchSink } from '../../src/directory/model.js';
import type { Response } from '../../src/ldap/response.js';
import { LdapError, ResultCode, success } from '../../src/ldap/result.js';
import { berBoolean, berElement, berEnumerated, berInteger, berOctetString, berSequence } from '../../src/ber/ber.js';
import { defaultTuning } from '../../src/server/limits.js';
import type { CompletedOperation } from '../../src/server/model.js';
import { makeRecord, resultEntry } from '../protocol/records.js';
import { rawControl } from '../protocol/client-messages.js';
import { type Behaviour, found, startServer, stopServers, type TestServerOptions } from './fake-directory.js';
import { RawClient } from './raw-client.js';
import { abandon, bind, cancel, extended, lookup, remove, startTls, unbind } from './requests.js';

const clients: RawClient[] = [];

afterEach(async () => {
  for (const client of clients.splice(0)) client.end();
  await stopServers();
});

async function connect(to: number | string): Promise<RawClient> {
  const client = await RawClient.connect(to);
  clients.push(client);
  return client;
}

async function connected(options: TestServerOptions = {}) {
  const running = await startServer(options);
  return { ...running, client: await connect(running.port) };
}

/** Searches that end when the test says so, by message id of arrival. */
function heldSearches() {
  const held: { sink: SearchSink; signal: OperationSignal; end(response?: Response): void }[] = [];
  const behaviour: Behaviour = {
    search: (_, sink, signal) =>
      new Promise((resolve) => held.push({ sink, signal, end: (response = success) => resolve(response) })),
  };
  return { held, behaviour };
}

const tick = () => new Promise((resolve) => setTimeout(resolve, 20));
const range = (count: number, first = 1) => Array.from({ length: count }, (_, index) => first + index);

describe('requests and answers', () => {
  it('answer a lookup with entry and result in one write', async () => {
    const { client } = await connected();
    client.send(lookup(7));
    expect(await client.receive(2)).toMatchObject([
      { messageId: 7, type: 'entry', dn: 'mail=jd@d.example,o=hosting', attributes: { mailbox: ['d/jd'] } },
      { messageId: 7, type: 'search', code: 0 },
    ]);
    expect(client.chunks).toHaveLength(1);
  });

  it('answer everything in a chunk in its order and in one write', async () => {
    const { client } = await connected();
    client.send(...range(16).map(lookup));
    await client.receive(32);
    expect(client.summary()).toEqual(range(16).flatMap((id) => [`${id} entry`, `${id} search 0`]));
    expect(client.chunks).toHaveLength(1);
  });

  it('let the first entries of a long answer leave before the others are found, and a few wait for their result', async () => {
    const { held, behaviour } = heldSearches();
    const { client } = await connected({ behaviour });
    for (const { id, entries, seen } of [
      { id: 1, entries: 31, seen: 0 },
      { id: 2, entries: 33, seen: 32 },
    ]) {
      client.send(lookup(id));
      while (held.length < id) await tick();
      const search = held[id - 1]!;
      const before = client.messages.length;
      for (let entry = 0; entry < entries; entry++) expect(search.sink.entry(found)).toBe(true);
      await client.receive(before + seen);
      await tick();
      expect(client.messages).toHaveLength(before + seen);
      search.end();
      await client.receive(before + entries + 1);
    }
  });

  it('leave in larger and larger pieces the longer an answer is, and in small ones again for the next', async () => {
    const entry = resultEntry(makeRecord('cn=large', { description: ['x'.repeat(1_000)] }));
    /** Entries in each piece of each answer. */
    const answers: number[][] = [];
    const behaviour: Behaviour = {
      search: (_, sink) => {
        const pieces: number[] = [];
        for (let number = 0, waiting = 1, sent = server.statistics.bytesSent; number < 250; number++, waiting++) {
          sink.entry(entry);
          if (server.statistics.bytesSent === sent) continue;
          sent = server.statistics.bytesSent;
          pieces.push(waiting);
          waiting = 0;
        }
        answers.push(pieces);
        return success;
      },
    };
    const { client, server } = await connected({ behaviour });
    for (const id of [1, 2]) {
      client.send(lookup(id));
      await client.receive(251 * id);
    }
    // An entry has some 1,046 bytes: 12 KiB, what is there at the 32nd entry, 24 KiB, 48, then 60 each.
    expect(answers).toEqual([
      [12, 20, 24, 47, 59, 59],
      [12, 20, 24, 47, 59, 59],
    ]);
  });

  it('come byte by byte', async () => {
    const { client } = await connected();
    for (const byte of lookup(1)) client.send(Buffer.from([byte]));
    await client.receive(2);
    expect(client.summary()).toEqual(['1 entry', '1 search 0']);
  });

  it('come 10,000 at once', async () => {
    const { client } = await connected();
    client.send(...range(10_000).map(lookup));
    await client.receive(20_000);
    expect(client.summary().filter((line) => line.endsWith('search 0'))).toEqual(range(10_000).map((id) => `${id} search 0`));
  });

  it('carry 1,000 abandons of nothing', async () => {
    const { client } = await connected();
    client.send(...range(1_000).map((id) => abandon(id, id + 5)), lookup(5_000));
    await client.receive(2);
    expect(client.summary()).toEqual(['5000 entry', '5000 search 0']);
  });

  it('answer message ids 0 and -1', async () => {
    const { client } = await connected();
    client.send(lookup(0), lookup(-1));
    await client.receive(4);
    expect(client.summary()).toEqual(['0 entry', '0 search 0', '-1 entry', '-1 search 0']);
  });

  it('keep the arrival order of updates and answer each when it is done', async () => {
    const ends: ((response: Response) => void)[] = [];
    const { client, directory } = await connected({
      behaviour: { update: () => new Promise((resolve) => ends.push(resolve)) },
    });
    client.send(remove(1, 'a'), remove(2, 'b'), lookup(3));
    await client.receive(2);
    expect(client.summary()).toEqual(['3 entry', '3 search 0']);
    expect(directory.sessions[0]!.seen.map(({ op }) => op)).toEqual(['delete', 'delete', 'search']);
    for (const end of ends) end(success);
    await client.receive(4);
    expect(client.summary().slice(2)).toEqual(['1 delete 0', '2 delete 0']);
    expect(client.chunks).toHaveLength(2);
  });

  it('pass results on as the directory gives them', async () => {
    const { client } = await connected({
      behaviour: {
        search: () => {
          throw new LdapError(ResultCode.noSuchObject, 'no such base', { matchedDN: 'o=hosting' });
        },
        update: () => Promise.reject(new LdapError(ResultCode.referral, '', { referrals: ['ldap://other/'] })),
        extended: () => ({ ...success, responseName: '1.2.3', responseValue: Buffer.from('dn:') }),
      },
    });
    client.send(lookup(1), remove(2), extended(3, '1.3.6.1.4.1.4203.1.11.3'));
    await client.receive(3);
    expect(client.messages).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ messageId: 1, code: 32, matchedDN: 'o=hosting', diagnostic: 'no such base' }),
        expect.objectContaining({ messageId: 2, code: 10, referrals: ['ldap://other/'] }),
        expect.objectContaining({ messageId: 3, code: 0, name: '1.2.3', value: Buffer.from('dn:') }),
      ]),
    );
  });

  it('survive faults of the directory, which they answer with other', async () => {
    const lines: string[] = [];
    const logger = pino({ level: 'info' }, { write: (line) => lines.push(line) });
    const { client } = await connected({
      logger,
      behaviour: {
        search: () => {
          throw new TypeError('the inside of the server');
        },
        update: () => Promise.reject(new Error('the inside of the server')),
        bind: () => Promise.reject(new Error('the inside of the server')),
      },
    });
    client.send(lookup(1), remove(2)).send(bind(3));
    await client.receive(3);
    expect(client.summary()).toEqual(['1 search 80', '2 delete 80', '3 bind 80']);
    for (const message of client.messages) expect(message).toMatchObject({ diagnostic: 'internal error' });
    expect(lines.join('')).toContain('TypeError: the inside of the server');
  });
});

describe('malformed messages', () => {
  it.each([
    ['no LDAP at all', Buffer.from('GET / HTTP/1.0\r\n\r\n'), 2],
    ['a broken operation', Buffer.from('300502010163500000', 'hex'), 2],
    ['more than an anonymous client may send', Buffer.from('3083040000', 'hex'), 11],
  ])('%s: Notice of Disconnection, then the end', async (_, bytes, code) => {
    const { client } = await connected();
    client.send(lookup(1), bytes, lookup(2));
    await client.untilClosed();
    expect(client.summary()).toEqual(['1 entry', '1 search 0', `0 extended ${code}`]);
    expect(client.messages[2]).toMatchObject({ name: '1.3.6.1.4.1.1466.20036' });
  });

  it('are answered, and the connection goes on, where only values are wrong', async () => {
    const { client, server } = await connected();
    const badScope = berElement(
      0x63,
      berOctetString(''),
      berEnumerated(9),
      berEnumerated(0),
      berInteger(0),
      berInteger(0),
      berBoolean(false),
      berElement(0x87),
      berSequence(),
    );
    client.send(berSequence(berInteger(1), badScope), lookup(2));
    await client.receive(3);
    expect(client.summary()).toEqual(['1 search 2', '2 entry', '2 search 0']);
    expect(client.messages[0]).toMatchObject({ diagnostic: 'invalid scope' });
    expect(server.operations.search).toEqual({ initiated: 2, completed: 2 });
  });

  it('leave the session anonymous where they were binds', async () => {
    const { client, directory } = await connected();
    client.send(bind(1));
    await client.receive(1);
    expect(directory.sessions[0]!.identity).toBeDefined();
    const body = bind(2).subarray(5);
    const twice = rawControl('2.16.840.1.113730.3.4.2', false, undefined);
    const controls = berElement(0xa0, ...new Array<Buffer>(65).fill(twice));
    client.send(berSequence(berInteger(2), body, controls));
    await client.receive(2);
    expect(client.summary()[1]).toBe('2 bind 2');
    expect(directory.sessions[0]!.identity).toBeUndefined();
  });
});

describe('binds', () => {
  it('wait for what came before and hold up what comes after', async () => {
    const order: string[] = [];
    const { held, behaviour } = heldSearches();
    let endBind: () => void = () => undefined;
    const { client, directory } = await connected({
      behaviour: {
        search: (...parameters) => {
          order.push(`search as ${parameters[3].identity?.toString() ?? 'anonymous'}`);
          return behaviour.search!(...parameters);
        },
        bind: (_, session) => {
          order.push('bind');
          return new Promise((resolve) => {
            endBind = () => {
              session.become('cn=Manager');
              resolve(success);
            };
          });
        },
      },
    });
    client.send(lookup(1), bind(2), lookup(3));
    await tick();
    expect(order).toEqual(['search as anonymous']);
    held[0]!.end();
    await client.receive(1);
    await tick();
    expect(order).toEqual(['search as anonymous', 'bind']);
    endBind();
    await client.receive(2);
    await tick();
    expect(order).toEqual(['search as anonymous', 'bind', 'search as cn=Manager']);
    held[1]!.end();
    await client.receive(3);
    expect(client.summary()).toEqual(['1 search 0', '2 bind 0', '3 search 0']);
    expect(directory.sessions).toHaveLength(1);
  });

  it('change the size limit for the next message of the same chunk', async () => {
    const { client } = await connected();
    const large = remove(3, 'x'.repeat(300_000));
    client.send(bind(1), large);
    await client.receive(2);
    expect(client.summary()).toEqual(['1 bind 0', '3 delete 0']);
    client.send(bind(4, 'cn=Manager', 'wrong'), large);
    await client.untilClosed();
    expect(client.summary().slice(2)).toEqual(['4 bind 49', '0 extended 11']);
  });

  it('that fail are logged with the address, never with the password', async () => {
    const lines: string[] = [];
    const { client, server } = await connected({ logger: pino({ level: 'trace' }, { write: (line) => lines.push(line) }) });
    client.send(bind(1, 'cn=Manager\n', 'hunter2'));
    await client.receive(1);
    expect(server.statistics.bindFailures).toBe(1);
    const line = lines.find((text) => text.includes('bind failed'))!;
    expect(JSON.parse(line)).toMatchObject({ level: 40, peer: expect.stringMatching(/^IP=127\.0\.0\.1:\d+$/) as string });
    expect(line).toContain('err=49');
    expect(lines.join('')).not.toContain('hunter2');
  });

  it('that keep failing are slowed down, and right ones are not locked out', async () => {
    const { client, directory } = await connected();
    for (const attempt of range(6)) {
      client.send(bind(attempt, 'cn=victim', `guess ${attempt}`));
      await client.receive(attempt);
    }
    directory.logins.waits.splice(0);
    client.send(bind(7, 'CN=Victim', 'guess 7'));
    await client.receive(7);
    expect(directory.logins.waits).toEqual([100]);
    client.send(bind(8, 'cn=victim', 'secret'));
    await client.receive(8);
    expect(client.summary().at(-1)).toBe('8 bind 0');
    directory.logins.waits.splice(0);
    client.send(bind(9, 'cn=somebody else', 'wrong'), bind(10, 'cn=victim', 'wrong'));
    await client.receive(10);
    expect(directory.logins.waits).toEqual([]);
  });
});

describe('operations that are stopped', () => {
  it('are not answered when abandoned', async () => {
    const { held, behaviour } = heldSearches();
    const { client } = await connected({ behaviour });
    client.send(lookup(1), lookup(2), abandon(3, 1));
    await tick();
    expect(held.map(({ signal }) => signal.stopped)).toEqual(['abandoned', undefined]);
    held[0]!.sink.entry(found);
    held[0]!.end();
    held[1]!.end();
    await client.receive(1);
    expect(client.summary()).toEqual(['2 search 0']);
  });

  it('end with canceled, and so does the Cancel with success', async () => {
    const { held, behaviour } = heldSearches();
    const { client } = await connected({ behaviour });
    client.send(lookup(1), lookup(2), cancel(3, 1), cancel(4, 2), cancel(5, 99), cancel(6, 1));
    await client.receive(2);
    expect(held[0]!.signal.stopped).toBe('canceled');
    held[0]!.end({ code: ResultCode.canceled, matchedDN: '', diagnostic: '' });
    held[1]!.end();
    await client.receive(6);
    expect(client.summary()).toEqual([
      '5 extended 119',
      '6 extended 1',
      '1 search 118',
      '2 search 0',
      '3 extended 0',
      '4 extended 120',
    ]);
  });

  it('cannot be canceled when they are updates', async () => {
    const { client } = await connected({
      behaviour: { update: () => new Promise((resolve) => setTimeout(() => resolve(success), 50)) },
    });
    client.send(remove(1), cancel(2, 1), extended(3, '1.3.6.1.1.8'), extended(4, '1.3.6.1.1.8', Buffer.from('x')));
    await client.receive(4);
    expect(client.summary()).toEqual(['2 extended 120', '3 extended 2', '4 extended 2', '1 delete 0']);
  });

  it('are stopped when the client unbinds, and the connection ends', async () => {
    const { held, behaviour } = heldSearches();
    const { client } = await connected({ behaviour });
    client.send(lookup(1), unbind(2));
    await client.untilClosed();
    expect(held[0]!.signal.stopped).toBe('abandoned');
    expect(client.summary()).toEqual([]);
  });

  it('are stopped when the client goes away', async () => {
    const { held, behaviour } = heldSearches();
    const { client, server } = await connected({ behaviour });
    client.send(lookup(1));
    await tick();
    client.end();
    await expect.poll(() => held[0]!.signal.stopped).toBe('abandoned');
    await expect.poll(() => server.connectionsCurrent).toBe(0);
    held[0]!.end();
  });
});

/** Sends entries for ever, minding the sink, until it is stopped. */
function endlessSearch(size: number) {
  const state = { sent: 0, ended: undefined as string | undefined };
  const large = resultEntry(makeRecord('cn=large', { description: ['x'.repeat(size)] }));
  const search = async (sink: SearchSink, signal: OperationSignal): Promise<Response> => {
    try {
      while (!signal.stopped) {
        state.sent++;
        if (!sink.entry(large)) await sink.drained();
        else await new Promise((resolve) => setImmediate(resolve));
      }
      state.ended = signal.stopped;
    } catch (error) {
      state.ended = (error as Error).message;
    }
    return success;
  };
  return { state, behaviour: { search: (_, sink, signal) => search(sink, signal) } satisfies Behaviour };
}

describe('clients that do not read', () => {
  it('make their searches wait, at a bounded cost', async () => {
    const { state, behaviour } = endlessSearch(10_000);
    const { client, server } = await connected({ behaviour, limits: { unreadBytes: 200_000 } });
    client.socket.pause();
    client.send(lookup(1));
    await expect.poll(() => server.writeWaiters).toBe(1);
    let before = -1;
    await expect
      .poll(
        () => {
          const still = state.sent === before;
          before = state.sent;
          return still;
        },
        { interval: 100 },
      )
      .toBe(true);
    // What the kernel holds for both ends comes on top of what this process holds.
    expect(state.sent).toBeLessThan(2_000);
    client.socket.resume();
    await expect.poll(() => state.sent).toBeGreaterThan(before);
    client.send(abandon(2, 1));
    await expect.poll(() => state.ended).toBe('abandoned');
  });

  it('can abandon the search that waits for them', async () => {
    const { state, behaviour } = endlessSearch(10_000);
    const { client, server } = await connected({ behaviour });
    client.socket.pause();
    client.send(lookup(1));
    await expect.poll(() => server.writeWaiters).toBe(1);
    client.end();
    await expect.poll(() => state.ended).toMatch(/abandoned|the client is gone/);
  });

  it('are not read from either, while their answers wait', async () => {
    const large = resultEntry(makeRecord('cn=large', { description: ['x'.repeat(100_000)] }));
    const { client, directory } = await connected({
      behaviour: {
        search: (_, sink) => {
          sink.entry(large);
          return success;
        },
      },
      limits: { unreadBytes: 200_000 },
    });
    client.socket.pause();
    client.send(...range(2_000).map(lookup));
    await new Promise((resolve) => setTimeout(resolve, 300));
    const served = directory.sessions[0]!.seen.length;
    expect(served).toBeLessThan(500);
    client.socket.resume();
    await client.receive(4_000);
    expect(directory.sessions[0]!.seen).toHaveLength(2_000);
  });

  it('are left after the write timeout', async () => {
    const { state, behaviour } = endlessSearch(10_000);
    const { client, server } = await connected({ behaviour, limits: { writeTimeout: 1 } });
    client.socket.pause();
    client.send(lookup(1));
    await expect.poll(() => server.connectionsCurrent, { timeout: 5_000 }).toBe(0);
    expect(state.ended).toBeDefined();
  });
});

describe('limits', () => {
  it('let only so many operations of a connection be under way', async () => {
    const { held, behaviour } = heldSearches();
    const { client } = await connected({ behaviour, limits: { pendingAnonymous: 5 } });
    client.send(...range(50).map(lookup));
    await tick();
    expect(held).toHaveLength(5);
    for (let ended = 0; ended < 50; ended++) {
      await expect.poll(() => held.length).toBeGreaterThan(ended);
      held[ended]!.end();
      expect(held.length - ended).toBeLessThanOrEqual(5);
    }
    await client.receive(50);
    expect(client.summary()).toEqual(range(50).map((id) => `${id} search 0`));
  });

  it('end connections that are idle, not those with work under way', async () => {
    const { held, behaviour } = heldSearches();
    const { client, port } = await connected({ behaviour, limits: { idleTimeout: 1 } });
    const idle = await connect(port);
    client.send(lookup(1));
    await idle.untilClosed();
    expect(idle.messages).toEqual([]);
    expect(client.closed).toBe(false);
    held[0]!.end();
    await client.receive(1);
    await client.untilClosed();
  });

  it('refuse connections where file descriptors run out, and go on', async () => {
    // This process has some: the next one gets the lowest that is free.
    const probe = openSync('/dev/null', 'r');
    closeSync(probe);
    const reserved = 64;
    const { client, port, server } = await connected({ tuning: { openFilesMax: probe + 30 + reserved } });
    const others: RawClient[] = [];
    for (let n = 0; n < 100; n++) others.push(await connect(port));
    await others.at(-1)!.untilClosed();
    expect(others.at(-1)!.messages).toMatchObject([{ messageId: 0, type: 'extended', code: 51 }]);
    expect(server.statistics.connectionsRefused).toBeGreaterThan(0);
    client.send(lookup(1));
    await client.receive(2);
    for (const other of others) other.end();
    await expect.poll(() => server.connectionsCurrent).toBe(1);
    const next = await connect(port);
    next.send(lookup(1));
    await next.receive(2);
    expect(next.summary()).toEqual(['1 entry', '1 search 0']);
  });

  it('end at once when the server stops and nothing is under way, though their peers stay', async () => {
    const { server, port } = await connected();
    // Without an end of its own.
    const socket = net.connect({ port, host: '127.0.0.1', allowHalfOpen: true });
    const staying = new RawClient(socket);
    clients.push(staying);
    staying.send(lookup(1));
    await staying.receive(2);
    const closed = server.close().then(() => 'closed');
    const lingered = new Promise((resolve) => setTimeout(() => resolve('lingered'), defaultTuning.lingerMs / 2));
    expect(await Promise.race([closed, lingered])).toBe('closed');
  });

  it('refuse connections beyond the cap, and take new ones when there is room', async () => {
    const { client, port, server } = await connected({ limits: { connections: 1 } });
    const refused = await connect(port);
    await refused.untilClosed();
    expect(refused.messages).toMatchObject([{ messageId: 0, type: 'extended', code: 51 }]);
    expect(server.statistics.connectionsRefused).toBe(1);
    client.end();
    await expect.poll(() => server.connectionsCurrent).toBe(0);
    const next = await connect(port);
    next.send(lookup(1));
    await next.receive(2);
    expect(next.summary()).toEqual(['1 entry', '1 search 0']);
  });

  it('refuse too many connections of one address', async () => {
    const { port } = await connected({ limits: { connectionsPerAddress: 2 } });
    await connect(port);
    const third = await connect(port);
    await third.untilClosed();
    expect(third.summary()).toEqual(['0 extended 51']);
  });

  it('give others their turn while one connection has a lot to do', async () => {
    const busy = (): MaybePromise<Response> => {
      const end = performance.now() + 2;
      while (performance.now() < end);
      return success;
    };
    const { client, port } = await connected({ behaviour: { search: busy } });
    const other = await connect(port);
    client.send(...range(500).map(lookup));
    await client.receive(1);
    const started = performance.now();
    other.send(lookup(1));
    await other.receive(1);
    expect(performance.now() - started).toBeLessThan(300);
    expect(client.messages.length).toBeLessThan(500);
    await client.receive(500);
  });

  it('stand 300 connections that say nothing and as many that come and go', async () => {
    const { client, port, server } = await connected();
    const silent = await Promise.all(range(300).map(() => connect(port)));
    for (const one of silent) one.send(Buffer.from([0x30]));
    for (let visits = 0; visits < 300; visits++) (await RawClient.connect(port)).end();
    client.send(lookup(1));
    await client.receive(2);
    for (const one of silent) one.end();
    await expect.poll(() => server.connectionsCurrent).toBe(1);
    expect(server.connectionsTotal).toBe(601);
  });
});

describe('a server that stops', () => {
  it('finishes what is under way, closes as slapd does without a notice, and takes nobody new', async () => {
    let end: (response: Response) => void = () => undefined;
    const { client, server, port } = await connected({
      behaviour: { update: () => new Promise((resolve) => (end = resolve)) },
    });
    const idle = await connect(port);
    client.send(remove(1));
    await tick();
    const closed = server.close();
    await idle.untilClosed();
    expect(idle.messages).toEqual([]);
    await expect(RawClient.connect(port)).rejects.toThrow('ECONNREFUSED');
    client.send(lookup(2));
    await tick();
    expect(client.messages).toEqual([]);
    end(success);
    await client.untilClosed();
    expect(client.summary()).toEqual(['1 delete 0']);
    await closed;
  });

  it('does not wait for ever', async () => {
    const { client, server } = await connected({ ...heldSearches(), tuning: { graceMs: 100 } });
    client.send(lookup(1));
    await tick();
    await server.close();
    await client.untilClosed();
  });
});

describe('StartTLS', () => {
  it('is a protocolError where TLS is not configured, and the connection stays', async () => {
    const { client } = await connected();
    client.send(startTls(1), lookup(2));
    await client.receive(3);
    expect(client.summary()).toEqual(['1 extended 2', '2 entry', '2 search 0']);
    expect(client.messages[0]).toMatchObject({ diagnostic: 'unsupported extended operation', name: undefined });
  });
});

describe('what the server tells about itself', () => {
  it('counts what it does', async () => {
    const { client, server } = await connected();
    client.send(bind(1), lookup(2), remove(3), abandon(4, 9), bind(5, 'cn=x', 'wrong'));
    await client.receive(5);
    expect(server.operations).toMatchObject({
      bind: { initiated: 2, completed: 2 },
      search: { initiated: 1, completed: 1 },
      delete: { initiated: 1, completed: 1 },
      abandon: { initiated: 1, completed: 1 },
    });
    expect(server.statistics).toMatchObject({ entriesSent: 1, messagesSent: 5, bindFailures: 1 });
    expect(server.bytesSent).toBe(client.chunks.reduce((sum, size) => sum + size, 0));
    expect([...server.connections]).toMatchObject([
      { number: 1_000, peerName: expect.stringMatching(/^IP=127/) as string, received: 5, completed: 5, identity: undefined },
    ]);
    expect(server.listeners).toHaveLength(1);
  });

  it('goes on where an observer fails', async () => {
    const lines: string[] = [];
    const logger = pino({ level: 'info' }, { write: (line) => lines.push(line) });
    const failing = { wants: () => true, completed: () => JSON.parse('no JSON') as void };
    const { client } = await connected({ observers: [failing], logger });
    client.send(lookup(1), remove(2));
    await client.receive(3);
    client.send(lookup(3));
    await client.receive(5);
    expect(client.summary().sort()).toEqual(['1 entry', '1 search 0', '2 delete 0', '3 entry', '3 search 0']);
    expect(lines.filter((line) => line.includes('failed'))).toHaveLength(3);
  });

  it('gives every operation that ends to the observers that want it', async () => {
    const seen: CompletedOperation[] = [];
    const { client } = await connected({ observers: [{ wants: () => true, completed: (operation) => seen.push(operation) }] });
    client.send(lookup(1), remove(2), bind(3, 'cn=x', 'wrong'));
    await client.receive(4);
    expect(seen.map(({ request, code, entries }) => [request.op, code, entries])).toEqual([
      ['search', 0, 1],
      ['delete', 0, 0],
      ['bind', 49, 0],
    ]);
    for (const { milliseconds } of seen) expect(milliseconds).toBeGreaterThan(0);
  });
});
