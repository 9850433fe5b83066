import { readFile } from 'node:fs/promises';
import { type Agent, request } from 'node:http';
import net from 'node:net';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { root } from '../commands/jammd.js';
import { encodeMessage } from '../support/wire/operation.js';
import { account, people, places } from '../support/hosting-tree.js';
import { manager } from '../support/howto.js';
import type { JammdServer } from '../robustness/jammd-server.js';
import { RawClient } from '../server/raw-client.js';
import { abandon } from '../server/requests.js';
import { asManager, cleanUp, connected, httpOf, installation, Scrape, started } from './support.js';

afterEach(cleanUp);

const withMetrics = { args: ['--metrics', '127.0.0.1:0'] };
const database = `database="${places.suffix}"`;

async function running(setup = {}): Promise<JammdServer> {
  return started(await installation({ ...withMetrics, ...setup }));
}

const findUser = {
  op: 'search',
  base: places.hosting,
  scope: 'sub',
  filter: `(mail=${people.user.mail})`,
  attributes: ['mailbox'],
} as const;
const findNobody = { ...findUser, filter: '(mail=nobody@one.example)' } as const;

describe('the figures', () => {
  it('are exactly what happened', async () => {
    const server = await running();
    const before = await Scrape.of(server);
    expect(before.results).toEqual({});
    const client = await connected(server);
    for (let n = 0; n < 7; n++) expect((await client.request(findUser)).entries).toHaveLength(1);
    for (let n = 0; n < 3; n++) expect((await client.request(findNobody)).entries).toHaveLength(0);
    expect((await client.request({ ...findUser, base: 'o=elsewhere' })).code).toBe(32);
    expect((await client.request({ op: 'bind', name: people.user.dn, password: 'wrong' })).code).toBe(49);
    expect((await client.request({ op: 'delete', entry: people.user.dn })).code).toBe(8);
    expect(
      (await client.request({ op: 'compare', entry: people.user.dn, attribute: 'mail', value: people.user.mail })).code,
    ).toBe(6);
    const writer = await asManager(server);
    const change = ['replace', 'description', 'changed'] as const;
    for (let n = 0; n < 2; n++) {
      expect((await writer.request({ op: 'modify', entry: people.user.dn, changes: [change] })).code).toBe(0);
    }
    expect((await writer.request({ op: 'extended', oid: '1.3.6.1.4.1.4203.1.11.3' })).code).toBe(0);
    await writer.unbind();
    await expect.poll(async () => (await Scrape.of(server)).value('jammd_connections')).toBe(1);
    const after = await Scrape.of(server);
    expect(after.results).toEqual({
      'search 0 success': 10,
      'search 32 noSuchObject': 1,
      'bind 0 success': 1,
      'bind 49 invalidCredentials': 1,
      'delete 8 strongerAuthRequired': 1,
      'compare 6 compareTrue': 1,
      'modify 0 success': 2,
      'extended 0 success': 1,
      'unbind none none': 1,
    });
    const figures: Record<string, number> = {
      jammd_connections: 1,
      jammd_connections_peak: 2,
      jammd_connections_limit: 10_000,
      jammd_connections_total: 2,
      jammd_connections_refused_total: 0,
      jammd_connections_write_waiting: 0,
      jammd_bind_failures_total: 1,
      jammd_binds_throttled_total: 0,
      jammd_entries_sent_total: 7,
      jammd_referrals_sent_total: 0,
      jammd_messages_sent_total: 7 + 18,
      jammd_long_searches: 0,
      jammd_long_searches_waiting: 0,
      jammd_slow_hashes_pending: 0,
      jammd_slow_hashes_total: 0,
      [`jammd_batched_writes_total{${database}}`]: 2,
      [`jammd_write_batches_total{${database}}`]: 2,
      [`jammd_writes_waiting{${database}}`]: 0,
      [`jammd_pending_indexes{${database}}`]: 0,
      [`jammd_database_failed{${database}}`]: 0,
      [`jammd_damaged_reads_total{${database}}`]: 0,
      'jammd_operations_initiated_total{operation="search"}': 11,
      'jammd_operations_in_progress{operation="search"}': 0,
    };
    for (const [sample, value] of Object.entries(figures)) expect([sample, after.value(sample)]).toEqual([sample, value]);
    expect(after.value(`jammd_write_sync_seconds_total{${database}}`)).toBeGreaterThan(0);
    expect(after.value(`jammd_cache_hits_total{cache="record",${database}}`)).toBeGreaterThan(5);
    expect(after.value(`jammd_cache_bytes{cache="record",${database}}`)).toBeGreaterThan(100);
    expect(after.value(`jammd_cache_hits_total{cache="posting",${database}}`)).toBeGreaterThan(5);
    // Who does without an audit log has no figures of one.
    expect(after.value('jammd_audit_lines_total')).toBeUndefined();
  });

  it('count bytes as a client does', async () => {
    const server = await running();
    const client = await RawClient.connect(server.port);
    const bytes = encodeMessage(1, findUser);
    client.send(bytes);
    await client.receive(2);
    client.end();
    const scrape = await Scrape.of(server);
    expect(scrape.value('jammd_received_bytes_total')).toBe(bytes.length);
    expect(scrape.value('jammd_sent_bytes_total')).toBe(client.chunks.reduce((sum, size) => sum + size, 0));
  });

  it('tell a search under way, and an abandoned one from one that was answered', async () => {
    const ldif = Array.from({ length: 5_000 }, (_, n) =>
      account(`many${n}@one.example`, { description: 'x'.repeat(4_000) }),
    ).join('');
    const server = await running({ ldif, global: 'sizelimit unlimited' });
    const value = (sample: string) => async (): Promise<number | undefined> => (await Scrape.of(server)).value(sample);
    const everything = { op: 'search', base: places.hosting, scope: 'sub', filter: '(description=x*)' } as const;
    const slow = await RawClient.connect(server.port);
    slow.socket.pause();
    slow.send(encodeMessage(1, everything));
    // More than the kernel keeps for a client that does not read.
    await expect.poll(value('jammd_connections_write_waiting')).toBe(1);
    expect(await value('jammd_long_searches')()).toBe(1);
    expect(await value('jammd_operations_in_progress{operation="search"}')()).toBe(1);
    const hasty = await RawClient.connect(server.port);
    hasty.send(encodeMessage(1, everything), abandon(2, 1));
    await expect
      .poll(async () => (await Scrape.of(server)).results)
      .toEqual({ 'search none abandoned': 1, 'abandon none none': 1 });
    slow.socket.resume();
    await slow.until(({ messages }) => messages.at(-1)?.type === 'search', 'the end of a search');
    expect((await Scrape.of(server)).results).toEqual({
      'search 0 success': 1,
      'search none abandoned': 1,
      'abandon none none': 1,
    });
    slow.end();
    hasty.end();
  });

  it('have a histogram that agrees with the counts, and with itself', async () => {
    const server = await running();
    const client = await connected(server);
    for (let n = 0; n < 20; n++) await client.request(n % 3 === 0 ? findNobody : findUser);
    await client.request({ op: 'bind', name: manager, password: 'wrong' });
    const scrape = await Scrape.of(server);
    const { samples } = scrape.families.get('jammd_operation_duration_seconds')!;
    for (const operation of ['search', 'bind', 'modify', 'add', 'delete', 'modifyDN', 'compare', 'extended']) {
      const buckets = [...samples]
        .map(
          ([sample, value]) =>
            [/^jammd_operation_duration_seconds_bucket\{le="(.*)",operation="(.*)"\}$/.exec(sample), value] as const,
        )
        .filter(([match]) => match?.[2] === operation)
        .map(([match, value]) => [match![1] === '+Inf' ? Infinity : Number(match![1]), value] as const);
      expect(buckets.map(([bound]) => bound)).toEqual(buckets.map(([bound]) => bound).sort((a, b) => a - b));
      expect(buckets[0]![0]).toBe(0.000_05);
      expect(buckets.map(([, count]) => count)).toEqual(buckets.map(([, count]) => count).sort((a, b) => a - b));
      const count = scrape.value(`jammd_operation_duration_seconds_count{operation="${operation}"}`)!;
      expect(buckets.at(-1)).toEqual([Infinity, count]);
      const ended = Object.entries(scrape.results).filter(([name]) => name.startsWith(`${operation} `));
      expect(count).toBe(ended.reduce((sum, [, value]) => sum + value, 0));
      const sum = scrape.value(`jammd_operation_duration_seconds_sum{operation="${operation}"}`)!;
      const least = buckets.reduce((total, [, n], index) => {
        const [below, counted] = buckets[index - 1] ?? [0, 0];
        return total + (n - counted) * below;
      }, 0);
      expect(sum).toBeGreaterThanOrEqual(least);
    }
    expect(scrape.value('jammd_operation_duration_seconds_count{operation="unbind"}')).toBeUndefined();
  });

  it('are as many whatever clients send', async () => {
    const server = await running();
    const client = await connected(server, people.user.dn, people.user.password);
    await client.request(findUser);
    // Node's own figures gain samples with time: a kind of garbage collection, or of resource, that had not been there.
    const samples = (scrape: Scrape): string[] =>
      [...scrape.families.values()].flatMap(({ samples }) => [...samples.keys()]).filter((sample) => sample.startsWith('jammd_'));
    const before = samples(await Scrape.of(server));
    for (let n = 0; n < 50; n++) {
      await client.request({ op: 'search', base: `o=made-up${n},${places.hosting}`, scope: 'sub', filter: `(made-up${n}=x)` });
      await client.request({ op: 'extended', oid: `1.2.3.${n}` });
      await client.request({ op: 'bind', name: `cn=made-up${n}`, password: 'x' });
    }
    const after = await Scrape.of(server);
    expect(
      samples(after)
        .filter((sample) => !before.includes(sample))
        .sort(),
    ).toEqual([
      'jammd_operations_total{code="2",operation="extended",result="protocolError"}',
      'jammd_operations_total{code="32",operation="search",result="noSuchObject"}',
      'jammd_operations_total{code="49",operation="bind",result="invalidCredentials"}',
    ]);
    expect(after.text).not.toContain('made-up');
  });

  it('are those of the process, too', async () => {
    const scrape = await Scrape.of(await running());
    expect(scrape.value('process_resident_memory_bytes')).toBeGreaterThan(10 << 20);
    expect(scrape.value('process_cpu_seconds_total')).toBeGreaterThan(0);
    expect(scrape.families.get('nodejs_eventloop_lag_p99_seconds')?.samples.size).toBe(1);
    expect([...scrape.families.get('jammd_build_info')!.samples.keys()].join()).toMatch(
      /^jammd_build_info\{node="v[\d.]+",version="\d+\.\d+\.\d+[^"]*"\}$/,
    );
    for (const [name, { help, type }] of scrape.families) {
      expect(help).not.toBe('');
      expect(['counter', 'gauge', 'histogram']).toContain(type);
      if (name.startsWith('jammd_')) expect(name.endsWith('_total')).toBe(type === 'counter');
    }
  });
});

it('the documentation names every metric, and none that is not there', async () => {
  const page = await readFile(join(root, 'docs/operations.md'), 'utf8');
  const made = await installation();
  const scrape = await Scrape.of(await started(made, '--metrics', '127.0.0.1:0', '--audit-log', join(made.folder, 'audit')));
  const named = new Set([...page.matchAll(/\bjammd_[a-z_]+/g)].map(([name]) => name.replace(/_bucket$/, '')));
  const served = [...scrape.families.keys()].filter((name) => name.startsWith('jammd_'));
  expect([...named].sort()).toEqual(served.sort());
  for (const [name] of page.matchAll(/\bnodejs_[a-z0-9_]+(?!\w|\*)/g)) {
    if (!name.endsWith('_')) expect([...scrape.families.keys()]).toContain(name);
  }
});

describe('the HTTP server', () => {
  const get = (url: string, options: { method?: string; headers?: Record<string, string>; body?: string; agent?: Agent } = {}) =>
    new Promise<{ status: number; text: string; headers: Record<string, unknown> }>((resolve, reject) => {
      const { body, ...rest } = options;
      const sent = request(url, rest, (response) => {
        let text = '';
        response.setEncoding('utf8');
        response.on('data', (chunk: string) => (text += chunk));
        response.on('end', () => resolve({ status: response.statusCode!, text, headers: response.headers }));
      });
      sent.on('error', reject);
      sent.end(body);
    });

  it('says what there is, and takes GET and HEAD alone', async () => {
    const base = httpOf((await running()).daemon.output);
    expect(await get(`${base}/healthz`)).toMatchObject({ status: 200, text: 'ok\n' });
    expect(await get(`${base}/readyz?verbose=1`)).toMatchObject({ status: 200, text: 'ready\n' });
    const head = await get(`${base}/metrics`, { method: 'HEAD' });
    expect(head).toMatchObject({ status: 200, text: '' });
    expect(Number(head.headers['content-length'])).toBeGreaterThan(1_000);
    expect((await get(`${base}/`)).status).toBe(404);
    expect((await get(`${base}/metrics/../etc/passwd`)).status).toBe(404);
    for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS', 'TRACE']) {
      const answer = await get(`${base}/metrics`, { method });
      expect([method, answer.status, answer.headers['allow']]).toEqual([method, 405, 'GET, HEAD']);
    }
    expect((await get(`${base}/metrics`, { method: 'GET', body: 'x', headers: { 'Content-Length': '1' } })).status).toBe(413);
  });

  it('is bounded: headers, connections, and time', async () => {
    const server = await running();
    const base = httpOf(server.daemon.output);
    const port = Number(new URL(base).port);
    expect((await get(`${base}/metrics`, { headers: { 'X-Large': 'x'.repeat(20_000) } })).status).toBe(431);
    const sockets = await Promise.all(
      Array.from({ length: 60 }, async () => {
        const socket = net.connect(port, '127.0.0.1');
        const state = { closed: false };
        socket.on('error', () => undefined);
        socket.on('close', () => (state.closed = true));
        socket.resume();
        await new Promise((resolve) => socket.once('connect', resolve));
        return { socket, state };
      }),
    );
    await expect.poll(() => sockets.filter(({ state }) => state.closed).length).toBeGreaterThanOrEqual(60 - 32);
    expect(sockets.some(({ state }) => !state.closed)).toBe(true);
    // Those that say nothing, or only a part, are sent away.
    for (const { socket } of sockets) socket.write('GET /metrics HTTP/1.1\r\nHost: x\r\nX-');
    await expect.poll(() => sockets.every(({ state }) => state.closed), { timeout: 15_000 }).toBe(true);
    expect((await get(`${base}/healthz`)).status).toBe(200);
    expect((await connected(server)).isClosed).toBe(false);
  });

  it('serves on every address of a name, and warns where that is not this machine alone', async () => {
    const made = await installation();
    const local = await started(made, '--metrics', 'localhost:0');
    expect(httpOf(local.daemon.output)).toMatch(/^http:\/\/localhost:\d+$/);
    expect((await get(`${httpOf(local.daemon.output)}/healthz`)).status).toBe(200);
    expect(local.daemon.output).not.toContain('everybody');
    expect(local.daemon.output.indexOf('metrics on ')).toBeLessThan(local.daemon.output.indexOf('listening on '));
    await local.stop();
    const everywhere = await started(made, '--metrics', ':0');
    expect(everywhere.daemon.output).toContain('metrics are served on every address: anyone who can connect there can read them');
    const { port } = new URL(httpOf(everywhere.daemon.output));
    expect((await get(`http://127.0.0.1:${port}/healthz`)).status).toBe(200);
  });

  it('serves on IPv6', async () => {
    const server = await started(await installation(), '--metrics', '[::1]:0');
    expect(httpOf(server.daemon.output)).toMatch(/^http:\/\/\[::1\]:\d+$/);
    expect((await get(`${httpOf(server.daemon.output)}/healthz`)).status).toBe(200);
  });

  it('says why it cannot, before anything is served', async () => {
    const made = await installation();
    const serve = (...args: string[]) => made.jammd('serve', ['-h', 'ldap://127.0.0.1:0/', ...args]);
    expect(await serve('--metrics', '9646')).toMatchObject({
      code: 1,
      stdout: '',
      stderr: expect.stringContaining('"9646" is not HOST:PORT') as string,
    });
    expect(await serve('--metrics', '192.0.2.1:0')).toMatchObject({
      code: 1,
      stdout: '',
      stderr: expect.stringContaining('cannot serve metrics on 192.0.2.1:0') as string,
    });
    const holder = net.createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => holder.once('listening', resolve));
    const { port } = holder.address() as net.AddressInfo;
    const refused = await serve('--metrics', `127.0.0.1:${port}`);
    holder.close();
    expect(refused).toMatchObject({ code: 1, stdout: '' });
    expect(refused.stderr).toContain(`cannot serve metrics on 127.0.0.1:${port}`);
    expect(refused.stderr).not.toContain('    at ');
  });
});
