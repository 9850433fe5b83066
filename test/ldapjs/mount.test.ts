/** A directory on a stock ldapjs server: who a connection is, order, limits, and the program's own routes beside it. */
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import ldapjs, { type Server } from 'ldapjs';
import { afterEach, describe, expect, test } from 'vitest';
import { ResultCode } from '../../src/index.js';
import { mountDirectory } from '../../src/ldapjs/index.js';
import { hosting, manager, suffix } from '../support/howto.js';
import { people } from '../support/hosting-tree.js';
import { makeFolder, removeFolder } from '../support/place.js';
import { integer, octets, sequence } from '../support/wire/ber.js';
import { ConnectionClosed, WireClient } from '../support/wire/client.js';
import { encodeMessage } from '../support/wire/operation.js';
import { abandon } from '../server/requests.js';
import { listen, mountHosting, portOf, type Mounted, type MountedOptions } from './support.js';

const whoAmI = '1.3.6.1.4.1.4203.1.11.3';
const cancel = '1.3.6.1.1.8';
const opened: Mounted[] = [];
const clients: WireClient[] = [];

async function mount(options?: MountedOptions): Promise<Mounted> {
  const mounted = await mountHosting(options);
  opened.push(mounted);
  return mounted;
}

async function dial({ port }: { port: number }): Promise<WireClient> {
  const client = await WireClient.connect(port);
  clients.push(client);
  return client;
}

async function identityOf(client: WireClient): Promise<string> {
  return (await client.request({ op: 'extended', oid: whoAmI })).responseValue?.toString() ?? '';
}

afterEach(async () => {
  for (const client of clients.splice(0)) client.destroy();
  await Promise.all(opened.splice(0).map((mounted) => mounted.close()));
});

describe('who a connection is', () => {
  test('a bind that fails leaves it anonymous, in ldapjs’s eyes too', async () => {
    const seen: string[] = [];
    const mounted = await mount({
      prepare: (server) =>
        server.exop(
          '1.2.3',
          (request: { connection: { ldap: { bindDN: { toString(): string } } } }, response: { end(): void }) => {
            seen.push(request.connection.ldap.bindDN.toString());
            response.end();
          },
        ),
    });
    const client = await dial(mounted);
    const own = (): Promise<unknown> => client.request({ op: 'extended', oid: '1.2.3' });
    expect((await client.request({ op: 'bind', name: people.user.dn, password: people.user.password })).code).toBe(0);
    expect(await identityOf(client)).toBe(`dn:${people.user.dn}`);
    await own();
    expect((await client.request({ op: 'bind', name: people.user.dn, password: 'wrong' })).code).toBe(49);
    expect(await identityOf(client)).toBe('');
    await own();
    expect(seen).toEqual([people.user.dn, 'cn=anonymous']);
  });

  test('an anonymous bind, which ldapjs answers by itself, makes it anonymous', async () => {
    const client = await dial(await mount());
    await client.request({ op: 'bind', name: people.user.dn, password: people.user.password });
    expect((await client.request({ op: 'bind', name: '', password: '' })).code).toBe(0);
    expect(await identityOf(client)).toBe('');
  });

  test('so does a bind at a route of the program’s own, whether it succeeds or not', async () => {
    const mounted = await mount({
      prepare: (server) =>
        server.bind('ou=staff', (request: { credentials: string }, response: { end(code?: number): void }, next: () => void) => {
          response.end(request.credentials === 'right' ? 0 : 49);
          if (request.credentials === 'right') next();
        }),
    });
    const client = await dial(mounted);
    for (const password of ['right', 'wrong']) {
      await client.request({ op: 'bind', name: people.user.dn, password: people.user.password });
      await client.request({ op: 'bind', name: 'cn=x,ou=staff', password });
      expect(await identityOf(client)).toBe('');
    }
  });

  test('requests wait for the bind before them, and a bind for the requests before it', async () => {
    const ldif = [
      `dn: ${suffix}`,
      'objectClass: domain',
      'dc: myhosting',
      '',
      `dn: cn=slow,${suffix}`,
      'objectClass: person',
      'cn: slow',
      'sn: s',
      'userPassword: {CRYPT}$2b$10$N9qo8uLOickgx2ZMRZoMyeIjZAgcfl7p92ldGxad68LJZdL17lhWy',
      '',
    ].join('\n');
    const client = await dial(await mount({ ldif }));
    const answers = await Promise.all([
      client.request({ op: 'bind', name: manager, password: 'secret' }),
      client.request({ op: 'modify', entry: suffix, changes: [['add', 'description', 'a']] }),
      client.request({ op: 'bind', name: `cn=slow,${suffix}`, password: 'wrong' }),
      client.request({ op: 'modify', entry: suffix, changes: [['add', 'description', 'b']] }),
      client.request({ op: 'bind', name: manager, password: 'secret' }),
      client.request({ op: 'extended', oid: whoAmI }),
    ]);
    expect(answers.map(({ code }) => code)).toEqual([0, 0, 49, 8, 0, 0]);
    expect(answers[5]?.responseValue?.toString()).toBe(`dn:${manager}`);
  });

  test('access rules hold', async () => {
    const client = await dial(await mount());
    const read = {
      op: 'search',
      base: people.user.dn,
      scope: 'base',
      filter: '(objectClass=*)',
      attributes: ['USERPASSWORD', 'homeDirectory'],
    } as const;
    const types = async (): Promise<string[]> =>
      (await client.request(read)).entries.flatMap(({ attributes }) => attributes.map(({ type }) => type));
    expect(await types()).toEqual(['homeDirectory']);
    await client.request({ op: 'bind', name: people.postmaster.dn, password: people.postmaster.password });
    expect((await types()).sort()).toEqual(['homeDirectory', 'userPassword']);
  });
});

describe('what ldapjs leaves undone', () => {
  test('entry and done leave in one write, without Nagle’s delay', async () => {
    const client = await dial(await mount());
    const search = { op: 'search', base: hosting, scope: 'sub', filter: `(mail=${people.user.mail})` } as const;
    await client.request(search);
    const started = performance.now();
    for (let count = 0; count < 50; count++) await client.request(search);
    // 44 ms each by stock ldapjs.
    expect(performance.now() - started).toBeLessThan(50 * 20);
  });

  test('an abandoned search ends without an answer; a cancelled one with 118', async () => {
    const mounted = await mount();
    const lines = Array.from(
      { length: 4_000 },
      (_, index) =>
        `dn: cn=n${index},${hosting}\nobjectClass: organizationalRole\ncn: n${index}\ndescription: ${'x'.repeat(500)}\n`,
    );
    await mounted.directory.importLdif(lines.join('\n'));
    const client = await dial(mounted);
    await client.request({ op: 'bind', name: manager, password: 'secret' });
    const all = { op: 'search', base: hosting, scope: 'sub', filter: '(description=*)' } as const;
    const first = client.takeMessageId();
    const abandoned = expect(client.expect(first, 1_500)).rejects.toThrow('no answer');
    client.send(Buffer.concat([encodeMessage(first, all), abandon(client.takeMessageId(), first)]));
    await abandoned;
    const second = client.takeMessageId();
    const canceled = client.expect(second, 10_000, () => client.send(encodeMessage(second, all)));
    const value = { hex: sequence(integer(second)).toString('hex') };
    const answer = await client.request({ op: 'extended', oid: cancel, value });
    expect(answer.code).toBe(0);
    expect((await canceled).code).toBe(ResultCode.canceled);
    const nothing = await client.request({ op: 'extended', oid: cancel, value });
    expect(nothing.code).toBe(ResultCode.noSuchOperation);
  });

  test('a client that reads nothing holds up nobody, and gets everything in the end', async () => {
    const mounted = await mount();
    const lines = Array.from(
      { length: 4_000 },
      (_, index) =>
        `dn: cn=n${index},${hosting}\nobjectClass: organizationalRole\ncn: n${index}\ndescription: ${'x'.repeat(2_000)}\n`,
    );
    await mounted.directory.importLdif(lines.join('\n'));
    const [slow, other] = [await dial(mounted), await dial(mounted)];
    await slow.request({ op: 'bind', name: manager, password: 'secret' });
    slow.pause();
    const before = process.memoryUsage().arrayBuffers;
    const answers = Array.from({ length: 8 }, () =>
      slow.request({ op: 'search', base: hosting, scope: 'one', filter: '(cn=*)' }, 25_000),
    );
    await sleep(500);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(60 << 20);
    const { code } = await other.request({ op: 'search', base: hosting, scope: 'base', filter: '(o=hosting)' });
    expect(code).toBe(0);
    slow.resume();
    for (const answer of answers) expect((await answer).entries).toHaveLength(4_000);
  });

  // None of these harms a stock ldapjs server: it overlooks them or waits for more.
  test.each([
    ['no LDAP at all', Buffer.from('GET / HTTP/1.1\r\n\r\n').toString('hex')],
    ['an outer set', '31050201014200'],
    ['a message ID without octets', '300402004200'],
    ['an abandon without octets', '30050201015000'],
    ['a message beyond every limit', '3084100000000201016384'],
  ])('%s ends its connection and nothing else', async (_, hex) => {
    const mounted = await mount();
    const [bad, good] = [await dial(mounted), await dial(mounted)];
    bad.send(Buffer.from(hex, 'hex'));
    await sleep(50);
    bad.send(Buffer.alloc(64));
    await bad.closed;
    expect((await good.request({ op: 'search', base: '', scope: 'base', filter: '(objectClass=*)' })).code).toBe(0);
    expect(mounted.errors).toHaveLength(1);
  });

  test('a burst of abandons is worked through, and what follows it is answered', async () => {
    const mounted = await mount();
    const client = await dial(mounted);
    const burst = Array.from({ length: 1_000 }, () => abandon(7, 1));
    client.send(Buffer.concat(burst));
    expect((await client.request({ op: 'search', base: '', scope: 'base', filter: '(objectClass=*)' })).code).toBe(0);
    expect(mounted.errors).toEqual([]);
  });

  test('bytes and names arrive as they were sent', async () => {
    const client = await dial(await mount());
    await client.request({ op: 'bind', name: manager, password: 'secret' });
    const dn = `mail=jd\\+abc@one.example,jvd=one.example,${hosting}`;
    const added = await client.request({
      op: 'add',
      entry: dn,
      attributes: {
        objectClass: ['top', 'JammMailAccount'],
        homeDirectory: ['/h'],
        mailbox: ['x/'],
        accountActive: ['TRUE'],
        lastChange: ['1'],
        delete: ['FALSE'],
      },
    });
    expect(added.code).toBe(0);
    const binary = { hex: 'ff00fe80' };
    expect(
      (
        await client.request({
          op: 'modify',
          entry: dn,
          changes: [
            ['add', 'clearPassword', binary],
            ['increment', 'lastChange', '4'],
          ],
        })
      ).code,
    ).toBe(0);
    const { entries } = await client.request({
      op: 'search',
      base: dn,
      scope: 'base',
      filter: '(clearPassword=\\ff\\00\\fe\\80)',
    });
    const valueOf = (type: string): string | undefined =>
      entries[0]?.attributes.find((attribute) => attribute.type === type)?.values[0]?.toString('hex');
    expect(valueOf('clearPassword')).toBe('ff00fe80');
    expect(Buffer.from(valueOf('mail') ?? '', 'hex').toString()).toBe('jd+abc@one.example');
    expect(Buffer.from(valueOf('lastChange') ?? '', 'hex').toString()).toBe('5');
  });
});

describe('the program around it', () => {
  test('routes of its own go on, and see jammd’s outcomes', async () => {
    const outcomes: [number, string][] = [];
    const mounted = await mount({
      prepare: (server) => {
        server.search('ou=mine', (_: unknown, response: { send(entry: object): void; end(): void }, next: () => void) => {
          response.send({ dn: 'cn=x,ou=mine', attributes: { objectclass: ['person'], cn: 'x' } });
          response.end();
          next();
        });
        (
          server as unknown as {
            after(handler: (request: unknown, response: { status: number; matchedDN: string }) => void): void;
          }
        ).after((_, { status, matchedDN }) => outcomes.push([status, matchedDN]));
      },
    });
    const client = await dial(mounted);
    const mine = await client.request({ op: 'search', base: 'ou=mine', scope: 'sub', filter: '(objectClass=*)' });
    expect(mine.entries.map(({ dn }) => dn)).toEqual(['cn=x,ou=mine']);
    const missing = await client.request({ op: 'search', base: `cn=no,${hosting}`, scope: 'sub', filter: '(objectClass=*)' });
    expect(missing).toMatchObject({ code: 32, matchedDN: hosting });
    expect(outcomes).toEqual([
      [0, ''],
      [32, hosting],
    ]);
  });

  test('at its suffixes only: the rest is the program’s', async () => {
    const mounted = await mount({ mount: { at: 'suffixes' } });
    const client = await dial(mounted);
    const inside = await client.request({ op: 'search', base: hosting, scope: 'base', filter: '(o=hosting)' });
    expect(inside.entries).toHaveLength(1);
    const rootDse = await client.request({ op: 'search', base: '', scope: 'base', filter: '(objectClass=*)' });
    expect(rootDse.code).toBe(32);
  });

  test('a place that is taken is told, not overwritten; what is no server or directory is refused', async () => {
    const { directory } = await mount();
    const server = ldapjs.createServer();
    server.search('', () => undefined);
    expect(() => mountDirectory(server, directory)).toThrow('has a handler at ""');
    mountDirectory(server, directory, { at: 'suffixes' });
    expect(() => mountDirectory(server, directory, { at: 'suffixes' })).toThrow('already');
    expect(() => mountDirectory({} as Server, directory)).toThrow(TypeError);
    expect(() => mountDirectory(ldapjs.createServer(), {} as typeof directory)).toThrow(TypeError);
  });

  test('a port that cannot be had is still an error to the program', async () => {
    const { directory, port } = await mount();
    const server = ldapjs.createServer();
    mountDirectory(server, directory);
    const error = await new Promise((resolve) => {
      server.on('error', resolve);
      server.listen(port, '127.0.0.1');
    });
    expect(error).toMatchObject({ code: 'EADDRINUSE' });
  });

  test('a connectionRouter gets mended connections, too', async () => {
    const { directory } = await mount();
    const server: Server = ldapjs.createServer({
      connectionRouter: (socket: unknown) =>
        (server as unknown as { newConnection(socket: unknown): void }).newConnection(socket),
    } as object);
    mountDirectory(server, directory);
    await listen(server);
    const client = await dial({ port: portOf(server) });
    expect((await client.request({ op: 'bind', name: manager, password: 'secret' })).code).toBe(0);
    client.destroy();
    await new Promise<void>((resolve) => server.close(() => resolve()));
  });

  test('after the directory has closed requests are answered 52', async () => {
    const mounted = await mount();
    const client = await dial(mounted);
    await mounted.directory.close();
    expect((await client.request({ op: 'bind', name: manager, password: 'secret' })).code).toBe(ResultCode.unavailable);
  });

  test('on a socket file', async () => {
    const folder = await makeFolder('ldapjs');
    const { directory } = await mount();
    const server = ldapjs.createServer();
    mountDirectory(server, directory);
    const path = join(folder, 'ldapi');
    await new Promise<void>((resolve) => server.listen(path, () => resolve()));
    const socket = connect(path);
    socket.write(encodeMessage(1, { op: 'search', base: '', scope: 'base', filter: '(objectClass=*)' }));
    const answer = await new Promise<Buffer>((resolve) => socket.once('data', resolve));
    expect(answer.includes(octets('top'))).toBe(true);
    socket.destroy();
    await new Promise<void>((resolve) => server.close(() => resolve()));
    await removeFolder(folder);
  });

  test('unbind ends the connection', async () => {
    const client = await dial(await mount());
    await client.unbind();
    await expect(client.request({ op: 'extended', oid: whoAmI })).rejects.toBeInstanceOf(ConnectionClosed);
  });
});
