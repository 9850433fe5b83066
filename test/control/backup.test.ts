import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { jammdProgram } from '../commands/jammd.js';
import { message } from '../protocol/client-messages.js';
import { Installation, mailLookup, pause, type JammdServer } from '../robustness/jammd-server.js';
import { places } from '../support/hosting-tree.js';
import { ControlClient } from './control-client.js';
import { manyAccounts } from './large-tree.js';

/** Enough that its items do not fit into what two sockets hold. */
const accounts = 20_000;

let installation: Installation;
let server: JammdServer;
let backups = 0;
const newFolder = (): string => join(installation.folder, `backup-${++backups}`);

beforeAll(async () => {
  installation = await Installation.make({ ldif: manyAccounts(accounts) });
}, 120_000);
afterAll(() => installation.remove());

describe('while the server runs', () => {
  beforeAll(async () => {
    server = await installation.start();
  });
  afterAll(() => server.stop());

  it('an export writes what it writes while the server is stopped', async () => {
    const selections = [[], ['-s', places.one, '-a', '(mail=many7*)'], ['-a', '(hasSubordinates=TRUE)'], ['-v']];
    const export_ = async (): Promise<unknown[]> => {
      const all: unknown[] = [];
      for (const selection of selections) all.push(await installation.jammd('export', selection));
      return all;
    };
    const running = await export_();
    await server.stop();
    const stopped = await export_();
    server = await installation.start();
    expect(running.map((one) => (one as { stdout: string }).stdout.length)).toEqual(
      stopped.map((one) => (one as { stdout: string }).stdout.length),
    );
    expect(JSON.stringify(running) === JSON.stringify(stopped)).toBe(true);
    expect((running[3] as { stderr: string }).stderr).toMatch(/^20,0\d\d entries written\n$/);
    for (const args of [
      ['-a', '(mail='],
      ['-s', `o=absent,${places.suffix}`],
    ]) {
      const { code, stdout, stderr } = await installation.jammd('export', args);
      expect([code, stdout]).toEqual([1, '']);
      expect(stderr).toMatch(/^jammd export: .+\n$/);
    }
  });

  it.each(['backup', 'export'])('lookups are answered in the middle of a %s, not after it', async (request) => {
    const events: string[] = [];
    const control = await ControlClient.connect(installation.directory);
    control.onFrame = ({ kind }) => events.push(kind);
    const ldap = await server.connect();
    control.ask(request);
    await control.until((client) => client.count('data') > 0, 'the first data');
    for (let id = 1; control.count('end') === 0; id++) {
      await ldap.send(mailLookup(id, 'user@one.example')).receive(2 * id);
      events.push('lookup');
      expect(ldap.messages.at(-2)).toMatchObject({
        messageId: id,
        type: 'entry',
        attributes: { mailbox: ['one.example/user/'] },
      });
    }
    ldap.end();
    const ofWork = events.slice(events.indexOf('data'), events.lastIndexOf('end'));
    expect(control.json('end')!['entries']).toBeGreaterThan(accounts);
    // Had it been done in one go, there could be two.
    expect(ofWork.filter((event) => event === 'lookup').length).toBeGreaterThan(20);
  });

  it('one that is not read waits, holds up nobody, and is done when it is read', async () => {
    const control = await ControlClient.connect(installation.directory);
    control.ask('backup');
    await control.until((client) => client.count('data') > 0, 'the first data');
    control.socket.pause();
    await workIsTold(({ waitsForReader }) => waitsForReader);
    const read = control.count('data');
    for (let n = 0; n < 100; n++) await server.expectAnswer();
    expect(await works()).toMatchObject([{ kind: 'backup', database: places.suffix, waitsForReader: true }]);
    const text = (await installation.jammd('status')).stdout;
    expect(text).toMatch(/backup of dc=myhosting,dc=example, for .* sent, waits for its reader/);
    expect(control.count('data')).toBe(read);
    control.socket.resume();
    await control.until((client) => client.count('end') === 1, 'the end');
    expect(await works()).toEqual([]);
  });

  it('one whose client is killed ends there, and the half of it is not taken for a backup', async () => {
    const folder = newFolder();
    const child = spawn(process.execPath, [jammdProgram, 'backup', '-f', installation.config, folder]);
    await workIsTold(() => true);
    child.kill('SIGSTOP');
    await workIsTold(({ waitsForReader }) => waitsForReader);
    child.kill('SIGKILL');
    await once(child, 'exit');
    await workIsTold(() => false, 'none');
    await server.expectAnswer();
    expect(await readdir(folder)).toEqual(['database-1']);
    const refusedAs = async (command: string, ...args: string[]): Promise<string> => {
      const { code, stderr } = await installation.jammd(command, args);
      expect(code).toBe(1);
      return stderr;
    };
    expect(await refusedAs('restore', folder)).toContain('is not a backup, or not a complete one');
    expect(await refusedAs('backup', folder)).toContain('half a backup');
    await server.stop();
    const other = await Installation.make({ directory: join(folder, 'database-1') }).catch((error: Error) => error.message);
    expect(other).toContain('was cut off and is not whole');
    server = await installation.start();
  });

  it('one that the server stops under is told so, and leaves nothing', async () => {
    const folder = newFolder();
    const child = spawn(process.execPath, [jammdProgram, 'backup', '-f', installation.config, folder]);
    const words: Buffer[] = [];
    child.stderr.on('data', (chunk: Buffer) => words.push(chunk));
    await workIsTold(() => true);
    child.kill('SIGSTOP');
    await workIsTold(({ waitsForReader }) => waitsForReader);
    expect(await readdir(folder)).toEqual(['database-1']);
    const stopping = server.stop();
    await server.daemon.waitUntil(() => server.daemon.output.includes('stopping: SIGTERM'));
    child.kill('SIGCONT');
    const [code] = (await once(child, 'close')) as [number];
    await stopping;
    expect(server.daemon.exitCode).toBe(0);
    expect([code, Buffer.concat(words).toString()]).toEqual([1, 'jammd backup: the server is stopping\n']);
    await expect(readdir(folder)).rejects.toThrow();
    await installation.expectSound();
    server = await installation.start();
  });

  interface Work {
    readonly kind: string;
    readonly waitsForReader: boolean;
  }

  async function works(): Promise<readonly Work[]> {
    const client = await (await ControlClient.connect(installation.directory)).ask('status').untilClosed();
    return (client.json('end') as { underWay: { works: Work[] } }).underWay.works;
  }

  /** Waits until some work is as asked, or until there is none. */
  async function workIsTold(asked: (work: Work) => boolean, otherwise?: 'none'): Promise<void> {
    for (const deadline = Date.now() + 20_000; Date.now() < deadline; await pause(2)) {
      const found = await works();
      if (otherwise === 'none' ? found.length === 0 : found.some(asked)) return;
    }
    throw new Error('the server never told of it');
  }
});

describe('a backup that is made while several clients write', () => {
  const writers = 4;
  afterEach(() => server.stop('SIGKILL'));

  it('has every write that was acknowledged before, is one moment of the tree, and restores to it', async () => {
    server = await installation.start();
    const acknowledged = Array.from({ length: writers }, () => 0);
    const asked = Array.from({ length: writers }, () => 0);
    let over = false;
    const nameOf = (writer: number, n: number): string => `w${writer}n${n}`;
    const writing = acknowledged.map(async (_, writer) => {
      const client = await server.connectAsManager();
      for (let n = 0; !over; n++) {
        asked[writer] = n + 1;
        const cn = nameOf(writer, n);
        const attributes = [
          { type: 'objectClass', values: [Buffer.from('organizationalRole')] },
          { type: 'cn', values: [Buffer.from(cn)] },
        ];
        const count = client.messages.length + 1;
        client.send(message(n + 2, { op: 'add', entry: Buffer.from(`cn=${cn},${places.one}`), attributes }));
        expect((await client.receive(count)).at(-1)).toMatchObject({ type: 'add', code: 0 });
        acknowledged[writer] = n + 1;
      }
      client.end();
    });
    while (acknowledged.some((count) => count < 20)) await pause(5);
    const before = [...acknowledged];
    const folder = newFolder();
    const { code, stdout, stderr } = await installation.jammd('backup', [folder]);
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/^dc=myhosting,dc=example: 20,\d\d\d entries, [\d.]+ MiB, [\d.]+ s\nbackup complete: .*\n$/);
    const after = [...asked];
    over = true;
    await Promise.all(writing);
    expect(after.some((count, writer) => count > before[writer]!)).toBe(true);

    const busy = await installation.jammd('restore', [folder, '--replace']);
    expect(busy.code).toBe(1);
    expect(busy.stderr).toContain(`in use by process ${server.daemon.pid}`);
    await server.stop();
    const ldif = async (): Promise<string> => (await installation.jammd('export')).stdout.replaceAll('\n ', '');
    const last = await ldif();
    expect((await installation.jammd('restore', [folder, '--replace'])).code).toBe(0);
    await installation.expectSound();
    const restored = await ldif();
    const writes = new Set(restored.match(/^dn: cn=w\d+n\d+,/gm));
    for (let writer = 0; writer < writers; writer++) {
      const has = (n: number): boolean => writes.has(`dn: cn=${nameOf(writer, n)},`);
      // A writer's writes are one after the other: the copy has them up to some moment, without a gap.
      let count = 0;
      while (has(count)) count++;
      expect(count).toBeGreaterThanOrEqual(before[writer]!);
      expect(count).toBeLessThanOrEqual(after[writer]!);
      for (let n = count; n < asked[writer]!; n++) expect(has(n), nameOf(writer, n)).toBe(false);
    }
    // All else is what it was; and nothing of what was written later.
    expect(last.startsWith(restored.slice(0, restored.indexOf('dn: cn=w')))).toBe(true);
    server = await installation.start();
    await server.expectAnswer();
    const again = newFolder();
    expect((await installation.jammd('backup', [again])).code).toBe(0);
    await server.stop();
    const aside = (await readdir(installation.directory)).filter((name) => name.startsWith('before-restore-'));
    expect(aside).toHaveLength(1);
    await rm(join(installation.directory, aside[0]!), { recursive: true });
    expect((await installation.jammd('restore', [again, '--replace'])).code).toBe(0);
    expect(await ldif()).toBe(restored);
  });
});
