/** Who changed what in a domain: from jammd's audit log and slapd's accesslog, whole, bounded, and of no other domain. */
import { appendFile, rename, utimes, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createAccount, deleteAccount, renameAccount } from '../../src/mail/accounts.js';
import { domainActivity, type Activity } from '../../src/mail/activity.js';
import type { ActivitySource } from '../../src/mail/activity-settings.js';
import { AuditLogFile } from '../../src/mail/audit-lines.js';
import type { MailContext } from '../../src/mail/context.js';
import { getDomain } from '../../src/mail/domains.js';
import { getAccount } from '../../src/mail/entries.js';
import { LogTail, tailLimits } from '../../src/mail/log-tail.js';
import { setPassword } from '../../src/mail/passwords.js';
import { startWeb, type RunningWeb } from '../../src/web/start.js';
import { people, wholeTreeLdif } from '../support/hosting-tree.js';
import { manager, suffix } from '../support/howto.js';
import { makeFolder, removeFolder } from '../support/place.js';
import { run } from '../support/process.js';
import { serverKinds, startServer, type ReferenceServer } from '../support/reference-server.js';
import { Visitor } from '../web/support.js';
import { hostingConfig, Logins, settings } from './support.js';

const program = resolve(import.meta.dirname, '../../bin/jammd');
const password = 'correct horse battery';

/** The database that slapd's overlay writes to, with the rules of docs/administration.md. */
function withAccessLog(config: string): string {
  const database = `moduleload accesslog
database mdb
suffix cn=accesslog
rootdn "${manager}"
directory @FOLDER@/accesslog
index reqStart eq
access to attrs=reqMod,reqOld by * none
access to * by users read

database mdb
`;
  return config.replace('database mdb\n', database);
}

describe.each(serverKinds)('on %s', (kind) => {
  let folder: string;
  let server: ReferenceServer;
  let logins: Logins;
  let web: RunningWeb;
  let source: ActivitySource;

  beforeAll(async () => {
    folder = await makeFolder('activity');
    const path = join(folder, 'audit.jsonl');
    const ldif = [{ base: suffix, ldif: wholeTreeLdif }];
    source = kind === 'jammd' ? { kind: 'audit-log', path } : { kind: 'accesslog', base: 'cn=accesslog' };
    server =
      kind === 'jammd'
        ? await startServer(kind, { config: hostingConfig(), ldif, jammdArgs: ['--audit-log', path] })
        : await startServer(kind, {
            config: withAccessLog(hostingConfig('overlay accesslog\nlogdb cn=accesslog\nlogops writes\nlogsuccess TRUE')),
            ldif,
          });
    logins = new Logins(server.url);
    web = await startWeb({ ldapUrl: server.url, listen: '127.0.0.1:0', settings: { ...settings, activity: source } });
  });
  afterAll(async () => {
    await web?.close();
    await logins?.close();
    await server?.stop();
    await removeFolder(folder);
  });

  const known = (mail: MailContext): MailContext => ({ ...mail, settings: { ...mail.settings, activity: source } });

  test('what a postmaster and a site admin did, for those who may know it', async () => {
    const [chief, root] = [known(await logins.person('postmaster')), known(await logins.manager())];
    const domain = await getDomain(root, 'one.example');
    await createAccount(root, domain, { address: 'zoe', name: 'Zoe', password, repeat: password });
    await setPassword(chief, await getAccount(chief, domain.name, 'zoe@one.example'), { password, repeat: password });
    await renameAccount(root, domain, 'zoe@one.example', 'zora');
    await deleteAccount(root, domain, 'zora@one.example');
    await root.directory.modify(people.stranger.dn, [['replace', 'cn', ['Not yours']]]);
    const other = await logins.person('otherPostmaster');
    const refusal = other.directory.modify(people.user.dn, [['replace', 'cn', ['Refused']]]);
    await expect(refusal).rejects.toMatchObject({ kind: 'denied' });

    const admin = { kind: 'site-admin', name: 'root' } as const;
    const mine: readonly Partial<Activity>[] = [
      { who: admin, kind: 'changed', subject: 'zora@one.example', attributes: ['delete', 'accountActive'] },
      { who: admin, kind: 'renamed', subject: 'zoe@one.example', newSubject: 'zora@one.example' },
      { who: { kind: 'person', name: people.postmaster.mail }, kind: 'password', subject: 'zoe@one.example', attributes: [] },
      { who: admin, kind: 'added', subject: 'zoe@one.example', refused: false },
    ];
    const activities = async (mail: MailContext, name: string): Promise<readonly Activity[]> =>
      (await domainActivity(mail, name)).activities;
    // The audit log follows within a moment.
    await expect
      .poll(async () => (await activities(chief, 'one.example')).map(({ kind: what }) => what), { timeout: 15_000 })
      .toEqual(expect.arrayContaining(['changed', 'renamed', 'added']));
    const told = await activities(chief, 'one.example');
    const whole = kind === 'jammd' ? told : await activities(root, 'one.example');
    for (const one of mine) expect(whole).toContainEqual(expect.objectContaining(one));
    const order = whole.map(({ kind: what, attributes }) => [what, ...attributes].join(' '));
    expect(order.indexOf('changed delete accountActive')).toBeLessThan(order.indexOf('renamed'));
    expect(order.indexOf('renamed')).toBeLessThan(order.indexOf('password'));
    expect(told.map(({ at }) => at.getTime())).toEqual(told.map(({ at }) => at.getTime()).sort((left, right) => right - left));
    expect(told.every(({ from }) => from === undefined)).toBe(true);
    if (kind === 'slapd') expect(told.every(({ attributes }) => attributes.length === 0)).toBe(true);
    const text = JSON.stringify(whole);
    expect(text).not.toMatch(/two\.example|\{SSHA|correct horse|Refused|Not yours/);
    if (kind === 'jammd') {
      await expect
        .poll(async () => (await activities(chief, 'one.example')).filter(({ refused }) => refused), { timeout: 15_000 })
        .toEqual([expect.objectContaining({ who: { kind: 'other', name: '' }, subject: people.user.mail, attributes: ['cn'] })]);
      const [refused] = (await activities(root, 'one.example')).filter((one) => one.refused);
      expect(refused).toMatchObject({ who: { kind: 'person', name: people.otherPostmaster.mail } });
      expect(refused?.from).toMatch(/^IP=127\.0\.0\.1:/);
    }
    await expect(domainActivity(known(await logins.person('otherPostmaster')), 'one.example')).rejects.toMatchObject({
      kind: 'denied',
    });
    expect((await activities(root, 'two.example')).map(({ subject }) => subject)).toEqual([people.stranger.mail]);

    const pages: Activity[] = [];
    for (let before: Date | undefined, more = true; more;) {
      const page = await domainActivity(chief, 'one.example', { before, max: 1 });
      expect(page.activities.length).toBeGreaterThan(0);
      pages.push(...page.activities);
      ({ more } = page);
      before = page.activities.at(-1)?.at;
    }
    expect(pages).toEqual(told);
  });

  test('on the page, by the API and on the command line', async () => {
    const url = web.url.replace(/\/$/, '');
    // Of slapd's log, the rootdn alone sees all.
    const who = kind === 'slapd' ? { mail: 'root', password: 'secret' } : people.postmaster;
    const chief = new Visitor(url);
    await chief.logIn(who.mail, who.password);
    const page = await chief.get('/domains/one.example/activity', { 'Accept-Language': 'de' });
    expect(page.text).toContain('Passwort von zoe@one.example geändert');
    expect(page.text).toContain('zoe@one.example umbenannt in zora@one.example');
    expect(page.text).toContain('Site-Admin');
    const credentials = Buffer.from(`${who.mail}:${who.password}`).toString('base64');
    const ask = (query: string): Promise<Response> =>
      fetch(`${url}/api/v1/domains/one.example/activity${query}`, { headers: { Authorization: `Basic ${credentials}` } });
    const { items, more } = (await (await ask('')).json()) as { items: readonly { at: string; kind: string }[]; more: boolean };
    expect([items.map((one) => one.kind), more]).toEqual([expect.arrayContaining(['added', 'renamed', 'password']), false]);
    expect(await (await ask('?before=2001-01-01T00:00:00Z')).json()).toMatchObject({ items: [], more: false });
    expect((await ask('?before=x')).status).toBe(422);
    const log = source.kind === 'accesslog' ? ['--accesslog'] : ['--audit-log', source.path];
    const jammd = (...args: readonly string[]): ReturnType<typeof run> =>
      run(process.execPath, [program, 'domain', 'activity', 'one.example', ...args], {
        env: { ...process.env, JAMMD_LDAP_URL: server.url, JAMMD_PASSWORD: 'secret' },
      });
    const [told, json, none] = await Promise.all([jammd(...log, '--max', '1'), jammd(...log, '--json'), jammd()]);
    // Those of one millisecond are not parted, and this machine's clock may not go further.
    const isAll = new Set(items.map(({ at }) => at)).size === 1;
    expect([told.code, told.stderr]).toEqual([0, isAll ? '' : (expect.stringMatching(/there are more/) as unknown)]);
    expect((JSON.parse(json.stdout) as unknown[]).length).toBe(items.length);
    expect([none.code, none.stderr]).toEqual([1, expect.stringMatching(/--audit-log or --accesslog/)]);
  });
});

describe('the end of a log', () => {
  let folder: string;
  let path: string;
  beforeEach(async () => {
    folder = await makeFolder('tail');
    path = join(folder, 'audit.jsonl');
  });
  afterEach(() => removeFolder(folder));

  async function linesOf(tail: LogTail): Promise<readonly string[]> {
    const lines: string[] = [];
    for await (const line of tail.lines()) lines.push(line);
    return lines;
  }
  const numbered = (from: number, count: number, length = 0): readonly string[] =>
    Array.from({ length: count }, (_, place) => `${from + place} ${'é'.repeat((place * length) % 3_001)}`);
  const reversed = (lines: readonly string[]): readonly string[] => [...lines].reverse();

  test('comes newest first, over chunks, rotated and packed files', async () => {
    const parts = [numbered(0, 500, 7), numbered(1_000, 800, 13), numbered(5_000, 700, 29)];
    const [oldest = [], older = [], newest = []] = parts;
    const file = (lines: readonly string[]): string => `${lines.join('\n')}\n`;
    await writeFile(`${path}-20261101.gz`, gzipSync(file(oldest)));
    await writeFile(`${path}.1`, file(older));
    await writeFile(`${path}.bak`, 'not of the log\n');
    await writeFile(`${path}.2.gz`, 'not packed');
    await writeFile(path, file(newest));
    await utimes(`${path}-20261101.gz`, 1_000, 1_000);
    await utimes(`${path}.2.gz`, 1_500, 1_500);
    await utimes(`${path}.1`, 2_000, 2_000);
    const tail = new LogTail(path);
    expect(await linesOf(tail)).toEqual([...reversed(newest), ...reversed(older), ...reversed(oldest)]);
    expect(tail.cut).toBe(false);
  });

  test('a line that is too long is passed over; what is beyond the bound is not read', async () => {
    const long = 'x'.repeat(400_000);
    await writeFile(path, `first\n${long}\nsecond\n${'y'.repeat(300_000)}\nlast without its end`);
    expect(await linesOf(new LogTail(path))).toEqual(['last without its end', 'second', 'first']);
    const bounded = new LogTail(path, { ...tailLimits, bytesMax: 300_030 });
    expect([await linesOf(bounded), bounded.cut]).toEqual([['last without its end', 'second'], true]);
    await rename(path, `${path}.1`);
    await writeFile(`${path}.2.gz`, gzipSync('z\n'.repeat(1_000_000)));
    await utimes(`${path}.2.gz`, 1_000, 1_000);
    await writeFile(path, '');
    const packed = new LogTail(path, { ...tailLimits, bytesMax: 1_000_000 });
    expect([await linesOf(packed), packed.cut]).toEqual([['last without its end', 'second', 'first'], true]);
  });

  test('changes that waited for the end of a transaction count if it was committed; broken lines are passed over', async () => {
    const line = (value: object): string => `${JSON.stringify({ time: '2026-11-28T17:50:13.100Z', ...value })}\n`;
    const change = (conn: number, dn: string): string =>
      line({ event: 'delete', conn, who: 'cn=x', dn, code: 0, transaction: 'queued' });
    await writeFile(path, change(1, 'mail=committed') + line({ event: 'endTransaction', conn: 1, commit: true, code: 0 }));
    await appendFile(path, change(1, 'mail=aborted') + line({ event: 'endTransaction', conn: 1, commit: false, code: 0 }));
    await appendFile(path, change(2, 'mail=failed') + line({ event: 'endTransaction', conn: 2, commit: true, code: 53 }));
    await appendFile(
      path,
      `${change(3, 'mail=open')}[1]\nnull\n{"event":"delete","dn":5}\n{"time":"x","event":"delete","dn":"a=b"}\n`,
    );
    await appendFile(path, `${line({ event: 'bind', dn: 'mail=login', code: 49 })}{"time":"2026-11-28T17:5`);
    const names: string[] = [];
    for await (const { dn } of new AuditLogFile(new LogTail(path), () => true).changes()) names.push(dn);
    expect(names).toEqual(['mail=committed']);
    await expect(new AuditLogFile(new LogTail(join(folder, 'none')), () => true).changes().next()).rejects.toMatchObject({
      kind: 'unavailable',
      message: 'The log of changes cannot be read: ENOENT',
    });
  });
});
