/** The audit log of the real program: which operations have a line, and what it says. */
import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { people, places, postmasterGroup } from '../support/hosting-tree.js';
import { manager } from '../support/howto.js';
import type { Installation, JammdServer } from '../robustness/jammd-server.js';
import { RawClient } from '../server/raw-client.js';
import { encodeMessage, type Operation } from '../support/wire/operation.js';
import { WireClient } from '../support/wire/client.js';
import { asManager, cleanUp, connected, installation, Scrape, started } from './support.js';

afterEach(cleanUp);

type Line = Readonly<Record<string, unknown>>;

class Audited {
  private constructor(
    readonly made: Installation,
    readonly path: string,
    readonly server: JammdServer,
  ) {}

  static async start(setup: Parameters<typeof installation>[0] = {}, ...args: string[]): Promise<Audited> {
    const made = await installation(setup);
    const path = join(made.folder, 'audit.jsonl');
    return new Audited(made, path, await started(made, '--audit-log', path, ...args));
  }

  /** All of its lines, when there are so many. */
  async lines(count: number): Promise<Line[]> {
    await expect.poll(async () => (await linesOf(this.path)).length).toBe(count);
    return linesOf(this.path);
  }
}

async function linesOf(path: string): Promise<Line[]> {
  if (!existsSync(path)) return [];
  const text = await readFile(path, 'utf8');
  return text
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as Line);
}

/** What does not change from run to run. */
function shown({ time, conn, op, from, ms, ...rest }: Line): Line {
  expect(time).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  expect(Math.abs(Date.parse(time as string) - Date.now())).toBeLessThan(60_000);
  expect(conn).toBeGreaterThanOrEqual(1_000);
  expect(op).toBeGreaterThanOrEqual(0);
  expect(from).toMatch(/^IP=127\.0\.0\.1:\d+$/);
  expect(ms).toBeGreaterThan(0);
  return rest;
}

const entry = `cn=audited,${places.one}`;
const add: Operation = {
  op: 'add',
  entry,
  attributes: { objectClass: ['organizationalRole'], cn: ['audited'], description: ['private words'] },
};
const modify: Operation = {
  op: 'modify',
  entry,
  changes: [
    ['replace', 'description', 'other words'],
    ['delete', 'description', 'other words'],
    ['add', 'telephoneNumber', '+1 555 0100'],
  ],
};
const rename_: Operation = { op: 'modifyDN', entry, newRDN: 'cn=renamed', newSuperior: places.two };
const remove: Operation = { op: 'delete', entry: `cn=renamed,${places.two}` };
const password: Operation = { op: 'passwordModify', user: people.user.dn, new: 'brand-new' };
const success = { code: 0, result: 'success' };

const changes = {
  add: { event: 'add', dn: entry, attributes: ['objectClass', 'cn', 'description'] },
  modify: {
    event: 'modify',
    dn: entry,
    changes: [
      { change: 'replace', attribute: 'description' },
      { change: 'delete', attribute: 'description' },
      { change: 'add', attribute: 'telephoneNumber' },
    ],
  },
  rename: {
    event: 'modifyDN',
    dn: entry,
    newDn: `cn=renamed,${places.two}`,
    newRdn: 'cn=renamed',
    deleteOldRdn: true,
    newSuperior: places.two,
  },
  remove: { event: 'delete', dn: `cn=renamed,${places.two}` },
  password: {
    event: 'passwordModify',
    dn: people.user.dn,
    changes: [{ change: 'replace', attribute: 'userPassword' }],
    generated: false,
  },
};

describe('the audit log', () => {
  it("has a line for each change that was made, and is its owner's alone", async () => {
    const audited = await Audited.start();
    const client = await asManager(audited.server);
    for (const operation of [add, modify, rename_, remove, password]) expect((await client.request(operation)).code).toBe(0);
    // Without a name it is one's own password, and without a new one the server makes it.
    const user = await connected(audited.server, people.user.dn, 'brand-new');
    expect((await user.request({ op: 'passwordModify', old: 'brand-new' })).code).toBe(0);
    const lines = await audited.lines(6);
    expect(lines.map(shown)).toEqual([
      { who: manager, ...changes.add, ...success },
      { who: manager, ...changes.modify, ...success },
      { who: manager, ...changes.rename, ...success },
      { who: manager, ...changes.remove, ...success },
      { who: manager, ...changes.password, ...success },
      { who: people.user.dn, ...changes.password, generated: true, ...success },
    ]);
    expect(lines.slice(0, 5).map(({ op }) => op)).toEqual([1, 2, 3, 4, 5]);
    expect(new Set(lines.map(({ conn }) => conn)).size).toBe(2);
    expect((await stat(audited.path)).mode & 0o777).toBe(0o600);
  });

  it.each([
    ['anonymous', '', '', { code: 8, result: 'strongerAuthRequired' }, ['add', 'modify', 'rename', 'remove', 'password']],
    [
      'a user',
      people.user.dn,
      people.user.password,
      { code: 50, result: 'insufficientAccessRights' },
      ['add', 'modify', 'rename', 'remove'],
    ],
    [
      'a stranger',
      people.stranger.dn,
      people.stranger.password,
      { code: 50, result: 'insufficientAccessRights' },
      ['add', 'modify', 'rename', 'remove', 'password'],
    ],
  ] as const)('has a line for each change that was refused for want of access: %s', async (_, name, secret, outcome, refused) => {
    const audited = await Audited.start();
    const manages = await asManager(audited.server);
    const client = await connected(audited.server, name, secret);
    const expected: Line[] = [];
    const step = async (key: keyof typeof changes, operation: Operation): Promise<void> => {
      const made = (refused as readonly string[]).includes(key) ? outcome : success;
      expect((await client.request(operation)).code).toBe(made.code);
      expected.push({ who: name || 'anonymous', ...changes[key], ...made });
      if (key === 'password') return;
      expect((await manages.request(operation)).code).toBe(0);
      expected.push({ who: manager, ...changes[key], ...success });
    };
    await step('add', add);
    await step('modify', modify);
    await step('rename', rename_);
    await step('remove', remove);
    await step('password', password);
    expect((await audited.lines(expected.length)).map(shown)).toEqual(expected);
  });

  it("tells a postmaster's changes", async () => {
    const audited = await Audited.start();
    const client = await connected(audited.server, people.postmaster.dn, people.postmaster.password);
    const group: Operation = { op: 'modify', entry: postmasterGroup('one.example'), changes: [['replace', 'description', 'x']] };
    expect((await client.request(group)).code).toBe(0);
    expect((await client.request(password)).code).toBe(0);
    expect((await audited.lines(2)).map(({ who, event, code }) => [who, event, code])).toEqual([
      [people.postmaster.dn, 'modify', 0],
      [people.postmaster.dn, 'passwordModify', 0],
    ]);
  });

  it('tells as whom a proxied change was made', async () => {
    const audited = await Audited.start();
    const client = await asManager(audited.server);
    const control = (authzId: string) => ({ oid: '2.16.840.1.113730.3.4.18', critical: true, value: authzId });
    const change: Operation = { op: 'modify', entry: people.user.dn, changes: [['replace', 'description', 'x']] };
    expect((await client.request({ ...change, controls: [control(`dn:${people.user.dn}`)] })).code).toBe(0);
    expect((await client.request({ ...change, controls: [control(`dn:${people.stranger.dn}`)] })).code).toBe(50);
    const user = await connected(audited.server, people.user.dn, people.user.password);
    expect((await user.request({ ...change, controls: [control(`dn:${manager}`)] })).code).toBe(123);
    expect((await audited.lines(3)).map(({ who, authzid, code, result }) => [who, authzid, code, result])).toEqual([
      [manager, `dn:${people.user.dn}`, 0, 'success'],
      [manager, `dn:${people.stranger.dn}`, 50, 'insufficientAccessRights'],
      [people.user.dn, `dn:${manager}`, 123, 'authorizationDenied'],
    ]);
  });

  it('tells what was queued in a transaction, and what became of it', async () => {
    const audited = await Audited.start();
    const client = await asManager(audited.server);
    const start: Operation = { op: 'extended', oid: '1.3.6.1.1.21.1' };
    const end = (hex: string): Operation => ({ op: 'extended', oid: '1.3.6.1.1.21.3', value: { hex } });
    const [commit, abort] = [end('30050101ff0400'), end('30050101000400')];
    const queued = (operation: Operation): Operation => ({
      ...operation,
      controls: [{ oid: '1.3.6.1.1.21.2', critical: true, value: '' }],
    });
    const steps: (readonly [Operation, number])[] = [
      ...([start, queued(add), queued(modify), commit, start, queued(rename_), abort, start] as const).map(
        (operation) => [operation, 0] as const,
      ),
      // Fails at the end: the entry is there.
      [queued(add), 0],
      [commit, 68],
      [commit, 0x4121],
    ];
    for (const [operation, code] of steps) expect((await client.request(operation)).code).toBe(code);
    const waits = { ...success, transaction: 'queued' };
    const ended = { who: manager, event: 'endTransaction' };
    const lines = (await audited.lines(8)).map(shown);
    expect(lines).toEqual([
      { who: manager, ...changes.add, ...waits },
      { who: manager, ...changes.modify, ...waits },
      { ...ended, commit: true, ...success },
      { who: manager, ...changes.rename, ...waits },
      { ...ended, commit: false, ...success },
      { who: manager, ...changes.add, ...waits },
      { ...ended, commit: true, code: 68, result: 'entryAlreadyExists' },
      { ...ended, commit: true, code: 0x4121, result: 'transactionIdInvalid' },
    ]);
  });

  it('has no line for what only failed, for what only reads, or for a login that succeeds', async () => {
    const audited = await Audited.start();
    const client = await asManager(audited.server);
    expect((await client.request({ op: 'delete', entry: `cn=nobody,${places.one}` })).code).toBe(32);
    expect((await client.request({ op: 'delete', entry: places.one })).code).toBe(66);
    expect((await client.request({ ...add, attributes: { objectClass: ['nonsense'] } })).code).not.toBe(0);
    expect((await client.request({ op: 'compare', entry: people.user.dn, attribute: 'mail', value: 'x' })).code).toBe(5);
    expect((await client.request({ op: 'search', base: places.hosting, scope: 'sub' })).code).toBe(0);
    expect((await client.request({ op: 'extended', oid: '1.3.6.1.4.1.4203.1.11.3' })).code).toBe(0);
    expect((await client.request(add)).code).toBe(0);
    expect(await audited.lines(1)).toMatchObject([{ event: 'add' }]);
  });

  it('has a line for each login that fails, and for each that has to wait', async () => {
    const audited = await Audited.start();
    const wrong = async (name: string, secret: string): Promise<number> => {
      const client = await WireClient.connect(audited.server.port);
      const { code } = await client.request({ op: 'bind', name, password: secret });
      client.destroy();
      return code;
    };
    expect(await wrong(people.user.dn, 'guess-0')).toBe(49);
    expect(await wrong('cn=nobody', 'guess-0')).toBe(49);
    expect(await wrong(people.user.dn, '')).toBe(53);
    const sasl = await connected(audited.server);
    expect((await sasl.request({ op: 'saslBind', mechanism: 'EXTERNAL', name: 'cn=x' })).code).toBe(7);
    const failed = { event: 'bind', who: 'anonymous' };
    expect((await audited.lines(4)).map(shown)).toEqual([
      { ...failed, dn: people.user.dn, method: 'simple', code: 49, result: 'invalidCredentials' },
      { ...failed, dn: 'cn=nobody', method: 'simple', code: 49, result: 'invalidCredentials' },
      { ...failed, dn: people.user.dn, method: 'simple', code: 53, result: 'unwillingToPerform' },
      { ...failed, dn: 'cn=x', method: 'sasl', mechanism: 'EXTERNAL', code: 7, result: 'authMethodNotSupported' },
    ]);
    for (let n = 1; n < 7; n++) expect(await wrong(people.user.dn, `guess-${n}`)).toBe(49);
    // The right password waits as well, and is told of for that reason.
    await connected(audited.server, people.user.dn, people.user.password);
    const lines = await audited.lines(11);
    const throttled = lines.filter(({ throttledMs }) => throttledMs !== undefined);
    expect(throttled.length).toBeGreaterThanOrEqual(2);
    for (const { throttledMs, ms } of throttled) {
      expect(throttledMs).toBeGreaterThanOrEqual(50);
      expect(ms).toBeGreaterThanOrEqual((throttledMs as number) - 1);
    }
    expect(lines.at(-1)).toMatchObject({ event: 'bind', who: people.user.dn, dn: people.user.dn, ...success });
  });

  it('tells the path of a local socket', async () => {
    const made = await installation();
    const [path, socket] = [join(made.folder, 'audit'), join(made.folder, 'ldapi')];
    const server = await started(made, '--audit-log', path, '-h', `ldap://127.0.0.1:0/ ldapi://${encodeURIComponent(socket)}/`);
    const client = await RawClient.connect(socket);
    await client.send(encodeMessage(1, { op: 'bind', name: manager, password: 'wrong' })).receive(1);
    client.end();
    await expect.poll(async () => (await linesOf(path)).length).toBe(1);
    expect(await linesOf(path)).toMatchObject([{ event: 'bind', from: `PATH=${socket}`, dn: manager }]);
    expect(server.daemon.running).toBe(true);
  });

  it('has a line for a change that was abandoned or whose client has gone', async () => {
    const audited = await Audited.start();
    const client = await asManager(audited.server);
    client.send(Buffer.concat([encodeMessage(50, add), Buffer.from('3006020133500132', 'hex')]));
    await expect.poll(async () => (await linesOf(audited.path)).length).toBe(1);
    const leaving = await asManager(audited.server);
    leaving.send(encodeMessage(60, modify));
    leaving.destroy();
    const lines = await audited.lines(2);
    expect(lines[0]).toMatchObject({ ...changes.add, ...success, abandoned: true });
    expect(lines[1]).toMatchObject({ ...changes.modify, ...success });
  });

  it('keeps its lines short and whole, whatever names clients think of', async () => {
    const audited = await Audited.start();
    const client = await connected(audited.server);
    const odd = `cn=a\n{"event":"x"}\u2028\u0000"'\\${'y'.repeat(50_000)}`;
    expect((await client.request({ op: 'bind', name: odd, password: 'x' })).code).not.toBe(0);
    const manages = await asManager(audited.server);
    const many = Array.from({ length: 300 }, (_, n) => ['add', 'description', `v${n}`] as const);
    expect((await manages.request({ op: 'modify', entry: people.user.dn, changes: many })).code).toBe(0);
    const lines = await audited.lines(2);
    expect((lines[0]!['dn'] as string).length).toBeLessThan(2_010);
    expect((lines[0]!['dn'] as string).startsWith('cn=a\n{"event":"x"}')).toBe(true);
    expect(lines[1]!['changes']).toHaveLength(200);
    expect(lines[1]!['more']).toBe(100);
  });

  it('loses no line when it is rotated under load', async () => {
    const audited = await Audited.start();
    const client = await asManager(audited.server);
    const rotated: string[] = [];
    const count = 400;
    const rotate = async (): Promise<void> => {
      for (let n = 1; n <= 8; n++) {
        await new Promise((resolve) => setTimeout(resolve, 40));
        rotated.push(`${audited.path}.${n}`);
        await rename(audited.path, rotated.at(-1)!);
        audited.server.daemon.signal('SIGHUP');
        await expect.poll(() => existsSync(audited.path)).toBe(true);
      }
    };
    const write = async (): Promise<void> => {
      for (let n = 0; n < count; n += 10) {
        const codes = await Promise.all(
          Array.from({ length: 10 }, (_, i) =>
            client.request({ op: 'modify', entry: people.user.dn, changes: [['replace', 'description', `${n + i}`]] }),
          ),
        );
        expect(codes.every(({ code }) => code === 0)).toBe(true);
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    };
    await Promise.all([rotate(), write()]);
    await audited.server.stop();
    expect(audited.server.daemon.exitCode).toBe(0);
    const all = (await Promise.all([...rotated, audited.path].map(linesOf))).flat();
    expect(all.map(({ op }) => op)).toEqual(Array.from({ length: count }, (_, n) => n + 1));
    expect((await Promise.all(rotated.map(linesOf))).filter((lines) => lines.length > 0).length).toBeGreaterThan(1);
    expect((await stat(audited.path)).mode & 0o777).toBe(0o600);
  });

  it('that fails is told of once and stops nobody, and goes on when it can', async () => {
    const made = await installation({ args: ['--metrics', '127.0.0.1:0'] });
    const path = join(made.folder, 'logs', 'audit');
    await mkdir(join(made.folder, 'logs'));
    const server = await started(made, '--audit-log', path);
    const client = await asManager(server);
    const change = async (): Promise<void> => {
      expect(
        (await client.request({ op: 'modify', entry: people.user.dn, changes: [['replace', 'description', 'x']] })).code,
      ).toBe(0);
    };
    await change();
    await rename(join(made.folder, 'logs'), join(made.folder, 'gone'));
    server.daemon.signal('SIGHUP');
    await expect.poll(() => server.daemon.output).toContain('cannot write to the audit log; keeping its lines in memory');
    for (let n = 0; n < 5; n++) await change();
    const scrape = await Scrape.of(server);
    expect(scrape.value('jammd_audit_log_failed')).toBe(1);
    expect(scrape.value('jammd_audit_lines_total')).toBe(1);
    await rename(join(made.folder, 'gone'), join(made.folder, 'logs'));
    await expect.poll(() => server.daemon.output, { timeout: 5_000 }).toContain('the audit log can be written again');
    await expect.poll(async () => (await linesOf(path)).length).toBe(6);
    expect(server.daemon.output.split('cannot write to the audit log')).toHaveLength(2);
    expect((await Scrape.of(server)).value('jammd_audit_log_failed')).toBe(0);
  });

  it('that cannot be opened is a reason not to start', async () => {
    const made = await installation();
    const refused = await made.jammd('serve', ['-h', 'ldap://127.0.0.1:0/', '--audit-log', join(made.folder, 'no', 'such')]);
    expect(refused).toMatchObject({ code: 1, stdout: '' });
    expect(refused.stderr).toContain(`cannot open ${join(made.folder, 'no', 'such')} to append to it`);
    expect(refused.stderr).not.toContain('    at ');
  });
});
