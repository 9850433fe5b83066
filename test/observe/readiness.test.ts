/** `/healthz` and `/readyz` through a server's life, and while its disk is full. */
import { execFileSync } from 'node:child_process';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { pino } from 'pino';
import { Observation } from '../../src/observe/observation.js';
import { defaultSchema } from '../../src/schema/default.js';
import { account, people, places } from '../support/hosting-tree.js';
import { makeFolder, removeFolder } from '../support/place.js';
import type { JammdServer } from '../robustness/jammd-server.js';
import { RawClient } from '../server/raw-client.js';
import { encodeMessage } from '../support/wire/operation.js';
import { asManager, cleanLater, cleanUp, httpOf, installation, Scrape, started } from './support.js';

afterEach(cleanUp);

async function ask(base: string, path: string): Promise<string> {
  const response = await fetch(`${base}${path}`);
  return `${response.status} ${await response.text()}`;
}

const ready = (server: JammdServer): Promise<string> => ask(httpOf(server.daemon.output), '/readyz');
const healthy = (server: JammdServer): Promise<string> => ask(httpOf(server.daemon.output), '/healthz');

it('while the databases are being opened: alive, not ready, metrics of the process', async () => {
  const observation = await Observation.open(
    { metrics: { host: '127.0.0.1', port: 0 }, auditLog: undefined, slowMs: undefined },
    { logger: pino({ level: 'silent' }), schema: defaultSchema() },
  );
  cleanLater(() => observation.close());
  const base = observation.metricsUrl!.replace('/metrics', '');
  expect(await ask(base, '/healthz')).toBe('200 ok\n');
  expect(await ask(base, '/readyz')).toBe('503 not ready: the server is starting\n');
  const scrape = new Scrape(await (await fetch(`${base}/metrics`)).text());
  expect(scrape.value('process_resident_memory_bytes')).toBeGreaterThan(0);
  expect(scrape.value('jammd_connections')).toBeUndefined();
});

it('while it stops, with an operation under way: alive and not ready', async () => {
  const ldif = Array.from({ length: 5_000 }, (_, n) => account(`many${n}@one.example`, { description: 'x'.repeat(4_000) })).join(
    '',
  );
  const made = await installation({ args: ['--metrics', '127.0.0.1:0'], global: 'sizelimit unlimited', ldif });
  const server = await started(made);
  expect(await ready(server)).toBe('200 ready\n');
  const client = await RawClient.connect(server.port);
  client.socket.pause();
  client.send(encodeMessage(1, { op: 'search', base: places.hosting, scope: 'sub', filter: '(description=x*)' }));
  await expect.poll(async () => (await Scrape.of(server)).value('jammd_connections_write_waiting')).toBe(1);
  server.daemon.signal('SIGTERM');
  await expect.poll(() => ready(server)).toBe('503 not ready: the server is stopping\n');
  expect(await healthy(server)).toBe('200 ok\n');
  client.socket.resume();
  await server.stop();
  expect(server.daemon.exitCode).toBe(0);
  await expect(healthy(server)).rejects.toThrow();
}, 60_000);

it('with a full disk: alive, not ready with the reason, and ready again when there is room', async (context) => {
  const folder = await disk('60m');
  if (folder === undefined) return context.skip('no tmpfs can be mounted here');
  const made = await installation({ args: ['--metrics', '127.0.0.1:0'], directory: join(folder, 'data') });
  const server = await started(made);
  expect(await ready(server)).toBe('200 ready\n');
  const failed = async (): Promise<number | undefined> =>
    (await Scrape.of(server)).value(`jammd_database_failed{database="${places.suffix}"}`);
  expect(await failed()).toBe(0);
  await writeFile(join(folder, 'ballast'), Buffer.alloc(80 << 20)).catch(() => undefined);
  // Nobody writes: the question itself finds it out, when what it knows is too old.
  await expect
    .poll(() => ready(server), { timeout: 15_000, interval: 500 })
    .toMatch(new RegExp(`^503 not ready: ${places.suffix}: cannot write to the database: .*No space left on device\n$`));
  expect(await healthy(server)).toBe('200 ok\n');
  expect(await failed()).toBe(1);
  const client = await asManager(server);
  const change = { op: 'modify', entry: people.user.dn, changes: [['replace', 'description', 'x']] } as const;
  expect((await client.request(change)).code).toBe(52);
  await rm(join(folder, 'ballast'));
  await expect.poll(() => ready(server), { timeout: 15_000, interval: 500 }).toBe('200 ready\n');
  expect(await failed()).toBe(0);
  expect((await client.request(change)).code).toBe(0);
  await server.stop();
  await made.expectSound();
}, 60_000);

it('is told at once what a client has found out', async (context) => {
  const folder = await disk('60m');
  if (folder === undefined) return context.skip('no tmpfs can be mounted here');
  const made = await installation({ args: ['--metrics', '127.0.0.1:0'], directory: join(folder, 'data') });
  const server = await started(made);
  const client = await asManager(server);
  await writeFile(join(folder, 'ballast'), Buffer.alloc(80 << 20)).catch(() => undefined);
  expect(await ready(server)).toMatch(/^(200|503)/);
  const description = 'x'.repeat(100_000);
  expect(
    (await client.request({ op: 'modify', entry: people.user.dn, changes: [['replace', 'description', description]] })).code,
  ).toBe(52);
  expect(await ready(server)).toMatch(/^503 /);
}, 60_000);

/** A file system of its own, where this machine lets us make one. */
async function disk(size: string): Promise<string | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  const folder = await makeFolder('disk');
  cleanLater(() => removeFolder(folder));
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'jammd-test', folder], { stdio: 'ignore' });
  } catch {
    return undefined;
  }
  cleanLater(() => execFileSync('umount', ['-l', folder], { stdio: 'ignore' }));
  return folder;
}
