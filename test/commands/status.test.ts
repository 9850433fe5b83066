import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { statusLines } from '../../src/commands/status-text.js';
import type { StatusAnswer } from '../../src/control/client.js';
import { manyAccounts } from '../control/large-tree.js';
import { message } from '../protocol/client-messages.js';
import { Installation, mailLookup, pause, wholeSubtree, type JammdServer } from '../robustness/jammd-server.js';
import type { RawClient } from '../server/raw-client.js';
import { bind } from '../server/requests.js';
import { places, ssha } from '../support/hosting-tree.js';
import { manager, managerPassword } from '../support/howto.js';
import { requirePrograms } from '../support/programs.js';
import { jammdProgram } from './jammd.js';

let installation: Installation;
let server: JammdServer;
beforeAll(async () => {
  installation = await Installation.make({ ldif: manyAccounts(20_000) });
  const config = await readFile(installation.config, 'utf8');
  await writeFile(installation.config, config.replace(/^index +mail.*$/m, '$&\nindex description eq'));
  server = await installation.start();
}, 120_000);
afterAll(async () => {
  await server.stop();
  await installation.remove();
});

interface Status {
  readonly [name: string]: unknown;
  readonly operations: Record<string, { initiated: number; completed: number; perSecond: number }>;
  readonly connections: Record<string, number>;
  readonly bindFailures: number;
  readonly sent: { entries: number; bytes: number };
  readonly databases: readonly { entries: number; batches: number; batchedWrites: number; recordCache: { hits: number } }[];
  readonly underWay: { operations: readonly { connection: number; what: string; entriesSent: number; milliseconds: number }[] };
}

async function status(): Promise<Status> {
  const { code, stdout, stderr } = await installation.jammd('status', ['--json']);
  expect([code, stderr]).toEqual([0, '']);
  return JSON.parse(stdout) as Status;
}

const number = expect.any(Number) as unknown;
const text = (pattern: RegExp): unknown => expect.stringMatching(pattern);

async function words(): Promise<string> {
  return (await installation.jammd('status')).stdout;
}

/** Asks for everything, by a filter that names a password, and reads no more than comes by itself. */
async function askAndStopReading(): Promise<RawClient> {
  const client = await server.connectAsManager();
  const secret = { kind: 'equality', attribute: 'userPassword', value: Buffer.from('hunter2') } as const;
  const everybody = { kind: 'present', attribute: 'objectClass' } as const;
  const filter = { kind: 'or', filters: [secret, everybody] } as const;
  client.socket.pause();
  client.send(message(2, { ...wholeSubtree, filter, attributes: [] }));
  return client;
}

describe('jammd status', () => {
  it('tells what the server is and has done, in JSON', async () => {
    const before = await status();
    expect(before).toMatchObject({
      version: text(/^jammd \d/),
      pid: server.daemon.pid,
      listeners: server.urls,
      longSearches: { working: 0, waiting: 0 },
      slowHashes: { pending: 0, started: 0, refused: 0 },
      memory: { residentBytes: number, heapBytes: number },
      eventLoopDelay: { meanMilliseconds: number, mostMilliseconds: number },
      databases: [
        {
          suffixes: [places.suffix],
          folder: installation.directory,
          indexes: {
            built: expect.arrayContaining([{ attribute: 'mail', kind: 'eq' }]) as unknown,
            pending: [{ attribute: 'description', kind: 'eq' }],
          },
        },
      ],
      underWay: { operations: [], operationCount: 0, works: [] },
    });
    const client = await server.connectAsManager();
    for (let id = 2; id < 12; id++) await client.send(mailLookup(id, 'user@one.example')).receive(1 + 2 * (id - 1));
    const attributes = [
      { type: 'objectClass', values: [Buffer.from('organizationalRole')] },
      { type: 'cn', values: [Buffer.from('told')] },
    ];
    client.send(message(20, { op: 'add', entry: Buffer.from(`cn=told,${places.one}`), attributes }));
    await client.until(({ messages }) => messages.at(-1)!.type === 'add', 'the add');
    await client.send(bind(21, manager, 'wrong')).until(({ messages }) => messages.at(-1)!.type === 'bind', 'the bind');
    const after = await status();
    client.end();
    const more = (name: string): number => after.operations[name]!.completed - before.operations[name]!.completed;
    expect([more('search'), more('add'), more('bind'), more('delete')]).toEqual([10, 1, 2, 0]);
    expect(after.operations['search']!.perSecond).toBeGreaterThan(0);
    expect(after.connections['now']).toBe(1);
    expect(after.connections['total']! - before.connections['total']!).toBe(1);
    expect(after.bindFailures - before.bindFailures).toBe(1);
    expect(after.sent.entries - before.sent.entries).toBe(10);
    expect(after.sent.bytes).toBeGreaterThan(before.sent.bytes);
    expect(after.databases[0]!.entries - before.databases[0]!.entries).toBe(1);
    expect(after.databases[0]!.batchedWrites - before.databases[0]!.batchedWrites).toBe(1);
    expect(after.databases[0]!.recordCache.hits).toBeGreaterThan(before.databases[0]!.recordCache.hits);
  });

  it('tells it to people', async () => {
    const said = await words();
    for (const pattern of [
      new RegExp(`^jammd [\\d.]+, process ${server.daemon.pid}, up .* s\n`),
      /^ {2}listening +ldap:\/\/127\.0\.0\.1:\d+\/$/m,
      /^ {2}connections +\d+ now, \d+ at most, \d+ in all, 0 refused$/m,
      /^ +search +[\d.]+ +\d+$/m,
      /^ {2}logins +1 failed$/m,
      /^ {2}memory +.* resident/m,
      /^ {2}event loop +.* ms at most \(last \d s\)$/m,
      /^dc=myhosting,dc=example in /m,
      /^ {2}entries +20,0\d\d$/m,
      /^ {2}indexes +.*mail eq sub/m,
      /^ +not built: description eq \(jammd reindex\)$/m,
      /^ {2}memory +[\d.]+ \w+ of [\d.]+ \w+ for all databases: [\d,]+ entries, (?:all|some) names and equality terms \([\d,]+\)/m,
      /^ {2}caches +records [\d.]+% hits/m,
      /^ {2}writes +1 in 1 batch, [\d.]+ ms a sync$/m,
      /^ {2}under way +nothing$/m,
    ]) {
      expect(said).toMatch(pattern);
    }
  });

  it('tells what is under way, of whom and since when, and no secret', async () => {
    const client = await askAndStopReading();
    let found: Status['underWay']['operations'][number] | undefined;
    while (!(found = (await status()).underWay.operations.find(({ entriesSent }) => entriesSent > 0))) await pause(20);
    expect(found).toMatchObject({
      operation: 1,
      identity: manager,
      peer: text(/^IP=127\.0\.0\.1:\d+$/),
      what: `SRCH base="${places.suffix}" scope=2 deref=0 filter="(|(userPassword=<hidden>)(objectClass=*))"`,
    });
    expect(found.milliseconds).toBeGreaterThan(0);
    const later = await words();
    expect(later).toMatch(/^ {2}under way +1 operation; long searches: 1 at work, 0 waiting$/m);
    expect(later).toMatch(
      new RegExp(`^ {2}conn=${found.connection} op=1 for .* entries sent: SRCH base=.*; ${manager} from IP=`, 'm'),
    );
    for (const said of [later, JSON.stringify(await status())]) {
      for (const secret of ['hunter2', managerPassword, ssha(managerPassword), '{SSHA}']) expect(said).not.toContain(secret);
    }
    client.socket.resume();
    await client.until(({ messages }) => messages.at(-1)?.type === 'search', 'the end of the search');
    expect((await status()).underWay.operations).toEqual([]);
  });

  it('lets no name from a client steer the terminal', async () => {
    const client = await server.connect();
    client.socket.pause();
    const filter = { kind: 'present', attribute: 'objectClass' } as const;
    client.send(bind(1, manager, managerPassword));
    client.send(message(2, { ...wholeSubtree, filter, attributes: ['*', '\u001b[2J\u009b2J'] }));
    while (!(await words()).includes('SRCH attr=* \\1b[2J\\9b2J')) await pause(20);
    const told = (await status()) as unknown as StatusAnswer;
    client.end();
    const [operation] = told.underWay.operations;
    const odd = { ...operation!, identity: 'cn=\u001b]0;x\u0007', what: '\u009b2J' };
    const lines = statusLines({ ...told, underWay: { ...told.underWay, operations: [odd] } });
    expect(lines.at(-1)).toContain('?2J; cn=?]0;x? from');
    // eslint-disable-next-line no-control-regex
    for (const said of [await words(), ...lines]) expect(said).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/);
  });

  it('with --watch and no terminal writes one after the other', async () => {
    for (const [args, pattern] of [
      [['--watch', '0.1'], /(?:^jammd [^]*?under way[^]*?\n\n){3}/m],
      [['--watch', '0.1', '--json'], /^(?:\{"version":.*\}\n){3}/],
    ] as const) {
      const child = spawn(process.execPath, [jammdProgram, 'status', '-f', installation.config, ...args]);
      let output = '';
      child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
      while (!pattern.test(output)) await once(child.stdout, 'data');
      child.kill('SIGTERM');
      await once(child, 'exit');
      expect(output).not.toContain('\u001b');
    }
  });

  it.each([['0'], ['-1'], ['1e9'], ['often'], ['']])('--watch %j is refused', async (seconds) => {
    const { code, stdout, stderr } = await installation.jammd('status', ['--watch', seconds]);
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toContain('a number of seconds');
  });
});

describe.skipIf(requirePrograms('script', 'stty'))('jammd status --watch on a terminal', () => {
  const ending = { q: 'q', 'Ctrl-C': '\u0003' };

  /** The program in a pseudo terminal, with the terminal's settings before and after. */
  function watch(): {
    output: () => string;
    type(keys: string): void;
    untilShown(words: RegExp): Promise<void>;
    ended: Promise<unknown>;
  } {
    const quoted = [process.execPath, jammdProgram, installation.config].map((path) => `'${path}'`);
    const program = `${quoted[0]} ${quoted[1]} status -f ${quoted[2]} --watch 0.2`;
    const command = `stty cols 60 rows 12; echo before $(stty -g); ${program}; echo code $?; echo after $(stty -g)`;
    const child = spawn('script', ['-q', '-e', '-c', command, '/dev/null'], { stdio: ['pipe', 'pipe', 'inherit'] });
    let output = '';
    child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
    return {
      output: () => output,
      type: (keys) => void child.stdin.write(keys),
      untilShown: async (words) => {
        while (!words.test(output)) await once(child.stdout, 'data');
      },
      ended: once(child, 'close'),
    };
  }

  it.each(Object.entries(ending))('draws in place, and leaves the terminal as it was at %s', async (_, key) => {
    const view = watch();
    // eslint-disable-next-line no-control-regex
    await view.untilShown(/(?:\u001b\[H[^]*?\u001b\[J[^]*){3}/);
    view.type(key);
    await view.ended;
    const output = view.output();
    expect(output).toContain('code 0\r\n');
    expect(/^after (\S+)\r$/m.exec(output)![1]).toBe(/^before (\S+)\r$/m.exec(output)![1]);
    const [enter, leave] = ['\u001b[?1049h\u001b[?25l', '\u001b[?25h\u001b[?1049l'];
    const shown = output.slice(output.indexOf(enter) + enter.length, output.indexOf(leave));
    const screens = shown.split('\u001b[H').slice(1);
    for (const screen of screens) {
      // eslint-disable-next-line no-control-regex
      const lines = screen.replace(/\u001b\[[KJ]/g, '').split(/\r+\n/);
      expect(lines[0]).toMatch(/^jammd [\d.]+, process \d+, up /);
      expect(lines.length).toBeLessThanOrEqual(12);
      for (const line of lines) expect(line.length).toBeLessThanOrEqual(60);
    }
    expect(output.slice(output.indexOf(leave) + leave.length)).not.toContain('\u001b');
  });

  it('goes on over a restart of the server', async () => {
    const view = watch();
    await view.untilShown(/under way|connections/);
    await server.stop();
    await view.untilShown(/no server is running on/);
    server = await installation.start();
    await view.untilShown(new RegExp(`process ${server.daemon.pid}`));
    view.type('q');
    await view.ended;
    expect(view.output()).toContain('code 0\r\n');
  });
});
