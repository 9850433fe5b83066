/** Disks that are full, lie, or may not be written to, under the running program. */
import { execFileSync } from 'node:child_process';
import { cp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { message } from '../protocol/client-messages.js';
import type { RawClient } from '../server/raw-client.js';
import { moveLogsToTables } from '../support/database-files.js';
import { account, places } from '../support/hosting-tree.js';
import { makeFolder, removeFolder } from '../support/place.js';
import { Installation, type JammdServer, mailLookup, pause, searchAll, seededRandom } from './jammd-server.js';

const cleaners: (() => unknown)[] = [];

afterEach(async () => {
  for (const clean of cleaners.splice(0).reverse()) await clean();
});

/** A file system of its own, where this machine lets us make one. */
async function disk(size: string): Promise<string | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  const folder = await makeFolder('disk');
  cleaners.push(() => removeFolder(folder));
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'jammd-test', folder], { stdio: 'ignore' });
  } catch {
    return undefined;
  }
  cleaners.push(() => execFileSync('umount', ['-l', folder], { stdio: 'ignore' }));
  return folder;
}

async function installation(setup: Parameters<typeof Installation.make>[0]): Promise<Installation> {
  const made = await Installation.make(setup);
  cleaners.push(() => made.remove());
  return made;
}

async function started(made: Installation): Promise<JammdServer> {
  const server = await made.start();
  cleaners.push(() => server.stop('SIGKILL'));
  return server;
}

let nextId = 100;

/** The result code. */
async function add(client: RawClient, name: string, bytes: number): Promise<number> {
  const id = nextId++;
  const values = { objectClass: 'organizationalRole', cn: name, description: noise(bytes) };
  client.send(
    message(id, {
      op: 'add',
      entry: Buffer.from(`cn=${name},${places.one}`),
      attributes: Object.entries(values).map(([type, value]) => ({ type, values: [Buffer.from(value)] })),
    }),
  );
  await client.until(({ messages }) => messages.at(-1)?.messageId === id, 'the answer to an add');
  return (client.messages.at(-1) as { code: number }).code;
}

/** Text that does not compress. */
function noise(bytes: number): string {
  let text = '';
  for (let state = nextId; text.length < bytes;) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    text += state.toString(36);
  }
  return text.slice(0, bytes);
}

async function countOf(server: JammdServer, name: string): Promise<number> {
  const client = await server.connect();
  const filter = { kind: 'equality', attribute: 'cn', value: Buffer.from(name) } as const;
  const request = { op: 'search', base: Buffer.from(places.one), scope: 'sub', derefAliases: 0, sizeLimit: 0 } as const;
  client.send(message(1, { ...request, timeLimit: 0, typesOnly: false, filter, attributes: ['cn'] }));
  await client.until(({ messages }) => messages.at(-1)?.type === 'search', 'a count');
  client.end();
  return client.messages.length - 1;
}

it('a full disk: writes are told unavailable, reads go on, and writes too when there is room', async (context) => {
  const folder = await disk('40m');
  if (folder === undefined) return context.skip('no tmpfs can be mounted here');
  const made = await installation({ directory: join(folder, 'data') });
  const server = await started(made);
  const client = await server.connectAsManager();
  await writeFile(join(folder, 'ballast'), Buffer.alloc(8 << 20));
  const acknowledged: string[] = [];
  let refused = 0;
  for (let n = 0; refused === 0 && n < 2_000; n++) {
    const code = await add(client, `n${n}`, 60_000);
    if (code === 0) acknowledged.push(`n${n}`);
    else refused = code;
  }
  expect(refused).toBe(52);
  expect(await add(client, 'another', 60_000)).toBe(52);
  await server.expectAnswer();
  for (const name of [acknowledged[0]!, acknowledged.at(-1)!]) expect(await countOf(server, name)).toBe(1);
  await rm(join(folder, 'ballast'));
  execFileSync('mount', ['-o', 'remount,size=160m', folder], { stdio: 'ignore' });
  await pause(1_200);
  expect(await add(client, 'room-again', 100)).toBe(0);
  for (const name of [...acknowledged, 'room-again']) expect(await countOf(server, name)).toBe(1);
  await server.stop();
  expect(server.daemon.exitCode).toBe(0);
  await made.expectSound();
}, 60_000);

it('read-only media: refused at start with a word on what to do', async (context) => {
  const folder = await disk('60m');
  if (folder === undefined) return context.skip('no tmpfs can be mounted here');
  const made = await installation({ directory: join(folder, 'data') });
  const server = await started(made);
  await server.stop();
  execFileSync('mount', ['-o', 'remount,ro', folder], { stdio: 'ignore' });
  const { code, stderr } = await made.jammd('serve', ['-h', 'ldap://127.0.0.1:0/']);
  expect(code).toBe(1);
  expect(stderr).toMatch(/read-only|must be writable/i);
  expect(stderr).not.toContain('    at ');
}, 30_000);

describe('a table file with flipped bits', () => {
  const mails = Array.from({ length: 2_000 }, (_, n) => `bulk${n}@two.example`);

  async function withMails(): Promise<{ made: Installation; description: string }> {
    const description = noise(300);
    const ldif = mails.map((mail, n) => account(mail, { description: `${description}${n}` })).join('');
    const made = await installation({ ldif });
    await moveLogsToTables(made.directory);
    return { made, description };
  }

  async function tablesOf(made: Installation): Promise<string[]> {
    return (await readdir(made.directory)).filter((name) => name.endsWith('.ldb')).map((name) => join(made.directory, name));
  }

  async function flip(path: string, places: readonly number[]): Promise<void> {
    const bytes = await readFile(path);
    for (const place of places) bytes[place]! ^= 0x40;
    await writeFile(path, bytes);
  }

  /** Three blocks of records are harmed, and nothing else. */
  async function damaged(): Promise<Installation> {
    const { made, description } = await withMails();
    // The first record of a block has it in full; the others refer to it.
    const text = Buffer.from(description.slice(100, 124));
    let flipped = 0;
    for (const table of await tablesOf(made)) {
      const bytes = await readFile(table);
      const places: number[] = [];
      for (let at = bytes.indexOf(text); at >= 0; at = bytes.indexOf(text, at + 1)) places.push(at);
      // The later ones: what the tree has besides was loaded first.
      const chosen = [0.5, 0.7, 0.9]
        .map((part) => places[Math.floor(places.length * part)])
        .filter((place) => place !== undefined);
      await flip(table, chosen);
      flipped += chosen.length;
    }
    expect(flipped).toBeGreaterThanOrEqual(3);
    return made;
  }

  it('is found by a check that names file and block, and the rest is served, never a wrong byte', async () => {
    const made = await damaged();
    const check = await made.jammd('check', ['--database']);
    expect(check.code).toBe(1);
    expect(check.stderr).toMatch(/\d+\.ldb: the block at byte \d+ fails its checksum/);
    expect(check.stderr).toContain('restore a backup');
    const server = await started(made);
    await server.expectAnswer();
    let answered = 0;
    const client = await server.connect();
    for (const [index, mail] of mails.entries()) {
      client.send(mailLookup(index + 1, mail));
      await client.until(({ messages }) => messages.at(-1)?.messageId === index + 1 && messages.at(-1)?.type === 'search');
      const entry = client.messages.findLast(({ messageId, type }) => messageId === index + 1 && type === 'entry');
      if (!entry) continue;
      answered++;
      expect(entry).toMatchObject({ attributes: { mailbox: [`two.example/${mail.split('@')[0]}/`] } });
    }
    expect(answered).toBeGreaterThan(mails.length / 2);
    const manager = await server.connectAsManager();
    await manager.send(searchAll(2)).until(({ messages }) => messages.at(-1)?.type === 'search', 'all entries');
    expect(manager.messages.length).toBeGreaterThan(mails.length / 2);
    expect(server.daemon.running).toBe(true);
  }, 60_000);

  it('is mended by exporting what is whole and importing that', async () => {
    const made = await damaged();
    const file = join(made.folder, 'rescued.ldif');
    const rescued = await made.jammd('export', ['-l', file]);
    expect(rescued.code).toBe(1);
    expect(rescued.stderr).toMatch(/skipped entry \d+/);
    await rm(made.directory, { recursive: true });
    const imported = await made.jammd('import', ['-l', file]);
    expect(imported.stderr).toMatch(/^[\d,]+ entries loaded\n$/);
    expect(imported.code).toBe(0);
    await made.expectSound();
    expect((await readFile(file, 'utf8')).split('\ndn: ').length).toBeGreaterThan(mails.length / 2);
  }, 60_000);

  it('ends no process a second time, wherever they are: what is harmed is left out from then on', async () => {
    const { made } = await withMails();
    const whole = join(made.folder, 'whole');
    await cp(made.directory, whole, { recursive: true });
    const random = seededRandom(20_020_501);
    const file = join(made.folder, 'rescued.ldif');
    await made.jammd('export', ['-l', file]);
    const entries = (await readFile(file, 'utf8')).split('\ndn: ').length;
    let opened = 0;
    for (let round = 0; round < 12; round++) {
      await rm(made.directory, { recursive: true });
      await cp(whole, made.directory, { recursive: true });
      for (const table of await tablesOf(made)) {
        const { size } = await stat(table);
        if (size > 100_000)
          await flip(
            table,
            Array.from({ length: 16 }, () => random(size)),
          );
      }
      // What a process that has been ended leaves.
      await writeFile(join(made.directory, 'jammd.pid'), '1\n');
      const rescued = await made.jammd('export', ['-l', file]);
      expect(rescued.stderr).toMatch(/the block at byte \d+ fails its checksum|not a complete table file/);
      // Some harm is such that nothing can be opened; it says so. Some costs indexes only, and no entry.
      if (rescued.stderr.includes('cannot be opened')) continue;
      const written = (await readFile(file, 'utf8')).split('\ndn: ').length;
      expect(rescued.code, rescued.stderr).toBe(written === entries ? 0 : 1);
      opened++;
      const server = await made.start();
      const client = await server.connectAsManager();
      await client.send(searchAll(2)).until(({ messages }) => messages.at(-1)?.type === 'search', 'all entries');
      expect(server.daemon.running).toBe(true);
      await server.stop();
    }
    expect(opened).toBeGreaterThan(3);
  }, 120_000);
});

it('a log with a flipped bit: found by a check, told at the next start, and the rest is served', async () => {
  const made = await installation({});
  const first = await started(made);
  const client = await first.connectAsManager();
  for (let n = 0; n < 30; n++) expect(await add(client, `n${n}`, 2_000)).toBe(0);
  await first.stop();
  const [log] = (await readdir(made.directory)).filter((name) => name.endsWith('.log'));
  const bytes = await readFile(join(made.directory, log!));
  bytes[bytes.indexOf('cn=n10') + 200]! ^= 4;
  await writeFile(join(made.directory, log!), bytes);
  const check = await made.jammd('check', ['--database']);
  expect(check.code).toBe(1);
  expect(check.stderr).toMatch(/\d+\.log: the record at byte \d+ fails its checksum/);
  const server = await started(made);
  await server.expectAnswer();
  expect(server.daemon.output).toMatch(/\d+\.log: the record at byte \d+ fails its checksum/);
  expect(await countOf(server, 'n0')).toBe(1);
  expect(await countOf(server, 'n10')).toBe(0);
  expect(await countOf(server, 'n29')).toBe(1);
}, 60_000);
