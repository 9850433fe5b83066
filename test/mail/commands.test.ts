/** The mail commands as scripts use them: --json in, exit codes, passwords from standard input. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { mkdir, mkdtemp, readdir, rm, symlink, writeFile, access } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { run, type Finished } from '../support/process.js';
import { serverKinds, type ReferenceServer } from '../support/reference-server.js';
import { account, domain } from '../support/hosting-tree.js';
import { baseLdif } from '../support/howto.js';
import { people, hostingLdif } from '../support/hosting-tree.js';
import { Logins, startHosting } from './support.js';

const program = resolve(import.meta.dirname, '../../bin/jammd');

describe.each(serverKinds)('mail commands on %s', (kind) => {
  let server: ReferenceServer;
  let mailHome: string;

  beforeAll(async () => {
    mailHome = await mkdtemp(join(tmpdir(), 'jammd-clean-'));
    const at = (ldif: string): string => ldif.replaceAll('/home/vmail/domains', join(mailHome, 'domains'));
    const cleanable =
      domain('clean.example', []) +
      ['gone', 'alive', 'linked', 'shared', 'outside', 'nomaildir', 'absent']
        .map((local) =>
          account(`${local}@clean.example`, {
            delete: local === 'alive' ? 'FALSE' : 'TRUE',
            mailbox: { shared: 'clean.example/alive/', outside: '../../outside/' }[local] ?? `clean.example/${local}/`,
          }),
        )
        .join('');
    server = await startHosting(kind, at(`${baseLdif}\n${hostingLdif}${cleanable}`));
  });
  afterAll(async () => {
    await server?.stop();
    await rm(mailHome, { recursive: true, force: true });
  });

  function jammd(args: readonly string[], options: { as?: readonly [string, string]; input?: string } = {}): Promise<Finished> {
    const [who, password] = options.as ?? ['root', 'secret'];
    const env = { ...process.env, JAMMD_LDAP_URL: server.url, JAMMD_PASSWORD: password };
    return run(process.execPath, [program, ...args, '-D', who], {
      env,
      ...(options.input === undefined ? {} : { input: options.input }),
    });
  }

  async function json<T>(args: readonly string[], options: { as?: readonly [string, string]; input?: string } = {}): Promise<T> {
    const finished = await jammd([...args, '--json'], options);
    expect({ args, code: finished.code, stderr: finished.stderr }).toEqual({ args, code: 0, stderr: '' });
    return JSON.parse(finished.stdout) as T;
  }

  test('a domain from its making to its purge', async () => {
    expect(await json(['domain', 'add', 'cli.example', '--postmaster', 'admin@one.example'])).toMatchObject({
      name: 'cli.example',
      active: true,
    });
    expect(await json<{ name: string }[]>(['domain', 'list', '--text', 'cli'])).toHaveLength(1);
    expect(await json(['domain', 'set', 'cli.example', '--edit-accounts', 'off', '--active', 'off'])).toMatchObject({
      active: false,
      can: { editAccounts: false },
    });
    expect(await json(['domain', 'show', 'cli.example'])).toMatchObject({ accounts: 0, aliases: 2 });
    expect((await jammd(['domain', 'purge', 'cli.example', '--yes'])).code).toBe(1);
    await json(['domain', 'delete', 'cli.example']);
    expect(await json(['domain', 'purge', 'cli.example', '--yes'])).toEqual({ name: 'cli.example', entries: 3 });
  });
  test('the settings of mail programs, for the owner of an account alone', async () => {
    const servers = [
      ...['--imap-server', 'mail.host.example', '--smtp-server', 'mail.host.example'],
      ...['--smtp-server', 'one.example=out.one.example:587'],
    ];
    const own = { as: [people.user.mail, people.user.password] as const };
    expect(await json(['account', 'settings', people.user.mail, ...servers], own)).toEqual({
      userName: people.user.mail,
      incoming: [{ protocol: 'imap', host: 'mail.host.example', port: 993, security: 'tls' }],
      outgoing: { protocol: 'smtp', host: 'out.one.example', port: 587, security: 'starttls' },
    });
    expect((await jammd(['account', 'settings', people.neighbour.mail, ...servers], own)).stderr).toMatch(
      /only your own settings/,
    );
    expect((await jammd(['account', 'settings', people.user.mail], own)).stderr).toMatch(/not known which servers/);
    expect((await jammd(['account', 'settings', people.user.mail, '--pop-server', 'x'], own)).stderr).toMatch(/--pop-server: /);
  });

  test('an account from its making to its purge', async () => {
    const made = await json<{ password: string; mailbox: string }>([
      'account',
      'add',
      'cli@one.example',
      '--name',
      'Çlï',
      '--quota',
      '1 GB',
      '--generate',
    ]);
    const logins = new Logins(server.url);
    expect((await logins.as('cli@one.example', made.password)).actor.level).toBe('user');
    await json(['account', 'passwd', 'cli@one.example'], { input: 'from standard input\n' });
    expect((await logins.as('cli@one.example', 'from standard input')).actor.level).toBe('user');
    expect(await json(['account', 'set', 'cli@one.example', '--name', 'New', '--active', 'off'])).toMatchObject({
      name: 'New',
      active: false,
      quota: `${1024 ** 3}S`,
    });
    expect(await json(['account', 'rename', 'cli@one.example', 'cli2'])).toMatchObject({
      address: 'cli2@one.example',
      mailbox: made.mailbox,
    });
    await json(['account', 'delete', 'cli2@one.example']);
    await json(['account', 'restore', 'cli2@one.example']);
    await json(['account', 'delete', 'cli2@one.example']);
    await json(['account', 'purge', 'cli2@one.example', '--yes']);
    expect((await jammd(['account', 'show', 'cli2@one.example'])).stderr).toMatch(/There is no cli2@one.example/);
    await logins.close();
  });
  test('aliases, catch-all and postmasters', async () => {
    expect(await json(['alias', 'add', 'all@one.example', 'a@x.example', 'b@x.example'])).toMatchObject({
      destinations: ['a@x.example', 'b@x.example'],
    });
    expect(await json(['alias', 'set', 'all@one.example', '--add', 'c@x.example', '--remove', 'a@x.example'])).toMatchObject({
      destinations: ['b@x.example', 'c@x.example'],
    });
    const absent = await jammd(['alias', 'set', 'all@one.example', '--add', 'd@x.example', '--remove', 'z@x.example']);
    expect(absent).toMatchObject({ code: 1, stderr: 'jammd alias: z@x.example is not a destination of all@one.example.\n' });
    expect(await json(['alias', 'show', 'all@one.example'])).toMatchObject({ destinations: ['b@x.example', 'c@x.example'] });
    expect(await json(['alias', 'catch-all', 'one.example', 'all@one.example'])).toEqual({
      domain: 'one.example',
      destinations: ['all@one.example'],
    });
    expect(await json(['alias', 'catch-all', 'one.example', '--none'])).toMatchObject({ destinations: [] });
    await json(['alias', 'delete', 'all@one.example']);
    expect(await json(['postmaster', 'add', people.user.mail])).toMatchObject({ changed: true });
    expect(await json<{ address: string }[]>(['postmaster', 'list', 'one.example'])).toContainEqual(
      expect.objectContaining({ address: people.user.mail }),
    );
    expect(await json(['postmaster', 'delete', people.user.mail])).toMatchObject({ changed: true });
    expect((await jammd(['postmaster', 'delete', people.user.mail])).stdout).toBe(
      `${people.user.mail} is not a postmaster of one.example\n`,
    );
  });
  test('limits, other names, forwarding, senders, and quotas of another form', async () => {
    await json(['domain', 'add', 'limits.example']);
    const limits = ['--max-accounts', '5', '--max-quota', '10 GB', '--default-quota', '1 GB'];
    expect(await json(['domain', 'set', 'limits.example', ...limits])).toMatchObject({
      limits: { accounts: 5, aliases: null, quotaBytes: 10 * 1024 ** 3, defaultQuota: `${1024 ** 3}S` },
      use: { accounts: 0, aliases: 0, quotaBytes: 0 },
    });
    expect(await json(['domain', 'add', 'also.example', '--alias-of', 'limits.example'])).toMatchObject({
      aliasOf: 'limits.example',
    });
    await json(['account', 'add', 'a@limits.example', '--generate']);
    const shown = await jammd(['domain', 'show', 'limits.example']);
    expect(shown.stdout).toMatch(/^also named +also\.example$/m);
    expect(shown.stdout).toMatch(/^limit of accounts +1 of 5\nlimit of quotas +1 GB of 10 GB\ndefault quota +1 GB$/m);
    const forward = ['account', 'set', 'a@limits.example', '--forward', 'x@x.example', '--forward', 'y@x.example'];
    expect(await json(forward)).toMatchObject({ forwardTo: ['x@x.example', 'y@x.example'], keepsCopy: true });
    const redirect = ['account', 'set', 'a@limits.example', '--keep-copy', 'off'];
    expect(await json(redirect)).toMatchObject({ forwardTo: ['x@x.example', 'y@x.example'], keepsCopy: false });
    expect(await json(['account', 'set', 'a@limits.example', '--no-forward'])).toMatchObject({ forwardTo: [] });
    const sender = ['alias', 'set', 'team@one.example', '--add-sender', 'a@limits.example'];
    expect(await json(sender)).toMatchObject({ senders: ['a@limits.example'] });
    const lost = await jammd(['alias', 'add', 'lost@limits.example', 'nobody@limits.example']);
    expect(lost).toMatchObject({
      code: 0,
      stderr: 'jammd alias add: warning: nobody@limits.example does not exist here: mail to it is refused.\n',
    });
    expect(await jammd(['alias', 'add', 'odd@limits.example', 'notanaddress'])).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/Destination “notanaddress”: it is not an address/) as unknown,
    });
    const logins = new Logins(server.url);
    const { directory, tree } = await logins.manager();
    await directory.modify(tree.mail('a@limits.example', 'limits.example'), [['replace', 'quota', ['2 MB']]]);
    expect((await jammd(['account', 'quotas', 'limits.example'])).stdout).toBe(`a@limits.example  2 MB  -> ${2 * 1024 ** 2}S\n`);
    await json(['account', 'quotas', 'limits.example', '--yes']);
    await logins.close();
    const folder = join(mailHome, 'usage');
    await mkdir(join(folder, 'limits.example/a'), { recursive: true });
    await writeFile(join(folder, 'limits.example/a/maildirsize'), '2097152S\n  1000 2\n-400 -1\n');
    const show = ['account', 'show', 'a@limits.example', '--mail-home', folder];
    expect(await json(show)).toMatchObject({ usage: null, sendsFrom: [] });
    await json(['account', 'add', 'used@limits.example', '--generate', '--mail-home', folder, '--quota', '2 MB']);
    await mkdir(join(folder, 'limits.example/used'));
    await writeFile(join(folder, 'limits.example/used/maildirsize'), '2097152S\n  1000 2\n-400 -1\n');
    const used = ['account', 'show', 'used@limits.example', '--mail-home', folder];
    expect(await json(used)).toMatchObject({ quota: '2097152S', usage: { bytes: 600, messages: 1 } });
  });
  test('a CSV file: told first, made with --yes, passwords reported once', async () => {
    const file = join(mailHome, 'accounts.csv');
    await writeFile(file, 'one-csv,One\ntwo-csv,Two,given password\npostmaster,No\n');
    const preview = await jammd(['account', 'import', 'one.example', file]);
    expect(preview.code).toBe(1);
    expect(preview.stderr).toContain('--yes');
    const finished = await jammd(['account', 'import', 'one.example', file, '--yes', '--json']);
    const rows = JSON.parse(finished.stdout) as { made: boolean; password: string | null }[];
    expect(rows.map(({ made, password }) => [made, password === null])).toEqual([
      [true, false],
      [true, true],
      [false, true],
    ]);
  });
  test('aliases from CSV on standard input, and all of a domain as CSV', async () => {
    const input = 'address,destinations\nmany-csv,"one@far.example, two@far.example"\nabuse,chief@far.example\n';
    const made = await json<{ made: boolean }[]>(['alias', 'import', 'one.example', '-', '--yes'], { input });
    expect(made.map((row) => row.made)).toEqual([true, true]);
    const aliases = await jammd(['alias', 'export', 'one.example']);
    expect(aliases.stdout).toMatch(/^many-csv@one\.example,"one@far\.example, two@far\.example",,yes,\r$/m);
    expect(aliases.stdout).toMatch(/^abuse@one\.example,chief@far\.example,,yes,\r$/m);
    expect((await jammd(['account', 'export', 'one.example'])).stdout).toMatch(
      /^one-csv@one\.example,One,no limit,no,yes,,yes,\r$/m,
    );
    expect((await jammd(['domain', 'export'])).stdout).toMatch(/^domain,aliasOf,.*\r\n.*^one\.example,,yes,/ms);
    expect(await jammd(['alias', 'import', 'one.example', '/nowhere.csv'])).toMatchObject({ code: 1, stdout: '' });
  });
  test('postmasters use them within their domain, and are told where it ends', async () => {
    const as = [people.postmaster.mail, people.postmaster.password] as const;
    expect((await json<unknown[]>(['account', 'list', 'one.example'], { as })).length).toBeGreaterThan(5);
    const refused = await jammd(['account', 'list', 'two.example'], { as });
    expect(refused).toMatchObject({
      code: 1,
      stdout: '',
      stderr: 'jammd account: Only a postmaster of two.example may do that. Ask them to do it for you.\n',
    });
    expect((await jammd(['domain', 'list'], { as: ['root', 'wrong'] })).stderr).toMatch(/password is wrong/);
  });

  test('app passwords, second factors and tokens: made, listed, ended', async () => {
    const address = people.neighbour.mail;
    const made = await json<{ id: string; password: string }>(['app-password', 'add', address, 'Phone', '--days', '9']);
    const as = [address, made.password] as const;
    expect((await jammd(['account', 'show', address], { as })).stderr).toContain('only for mail programs');
    expect(await json(['app-password', 'list', address])).toMatchObject([{ id: made.id, label: 'Phone', expired: false }]);
    expect(await json(['app-password', 'expire'])).toEqual([]);
    expect((await jammd(['app-password', 'revoke', address])).stderr).toContain('give the id of one, or --all');
    expect((await jammd(['app-password', 'revoke', address, made.id])).stdout).toContain('the app password for Phone is revoked');
    expect(await json(['app-password', 'revoke', address, '--all'])).toEqual({ address, revoked: 0 });
    expect((await jammd(['second-factor', 'show', address])).stdout).toBe(`${address}: off\n`);
    expect(await json(['second-factor', 'off', address])).toEqual({ address, changed: false });
    const token = await json<{ id: string }>(['token', 'add', 'one.example', 'Script', '--scope', 'aliases']);
    expect(token).toMatchObject({
      scopes: ['read', 'aliases'],
      token: expect.stringMatching(/^jammd_.*_one\.example$/) as unknown,
    });
    expect((await jammd(['token', 'add', 'one.example', 'Script', '--scope', 'all'])).stderr).toContain('“all” is no scope');
    expect((await jammd(['token', 'list', 'one.example'])).stdout).toContain(token.id);
    expect(await json(['token', 'revoke', 'one.example', token.id])).toEqual({ domain: 'one.example', id: token.id });
    expect(await json(['token', 'list', 'one.example'])).toEqual([]);
  });
  test('a base that is not there is told, and the tree is found without one', async () => {
    expect(await jammd(['domain', 'list', '-b', 'o=wrong'])).toMatchObject({
      code: 1,
      stdout: '',
      stderr: expect.stringContaining('no such base in the directory: o=wrong') as unknown,
    });
    expect((await json<unknown[]>(['domain', 'list'])).length).toBeGreaterThan(2);
  });
  test('an address that is taken, or is none, keeps the pages from starting with one line', async () => {
    const port = /:(\d+)/.exec(server.url)?.[1];
    for (const listen of [`127.0.0.1:${port}`, 'nowhere', '127.0.0.1:70000']) {
      const finished = await run(process.execPath, [program, 'web', '-H', server.url, '--listen', listen]);
      expect([listen, finished.code, finished.stderr.split('\n').length]).toEqual([listen, 1, 2]);
      expect(finished.stderr).toMatch(/^jammd web: .*(another program listens there|is not HOST:PORT)/);
    }
    const trusted = await run(process.execPath, [program, 'web', '-H', server.url, '--trusted-proxy', 'proxy.example']);
    expect([trusted.code, trusted.stderr]).toEqual([1, expect.stringMatching(/^jammd web: “proxy.example” is not an address/)]);
  });

  describe('clean', () => {
    const maildir = async (name: string): Promise<string> => {
      const folder = join(mailHome, name);
      for (const sub of ['cur', 'new', 'tmp']) await mkdir(join(folder, sub), { recursive: true });
      await writeFile(join(folder, 'cur', 'message'), 'Subject: hello\n\n');
      return folder;
    };
    const exists = (path: string): Promise<boolean> =>
      access(path).then(
        () => true,
        () => false,
      );
    const flags = (): string[] => ['--mail-home', join(mailHome, 'domains'), '--archive', join(mailHome, 'archive')];

    test('archives and removes Maildirs of the deleted, and touches nothing else', async () => {
      const gone = await maildir('domains/clean.example/gone');
      const alive = await maildir('domains/clean.example/alive');
      const outside = await maildir('outside');
      const target = await maildir('elsewhere');
      await symlink(target, join(mailHome, 'domains/clean.example/linked'));
      await mkdir(join(mailHome, 'domains/clean.example/nomaildir'));
      await writeFile(join(mailHome, 'domains/clean.example/nomaildir/file'), '');

      const dry = await jammd(['clean', ...flags()]);
      expect(dry.stdout).toMatch(/gone@clean.example would be removed; .*would be archived/);
      expect(await exists(gone)).toBe(true);
      expect(await exists(join(mailHome, 'archive'))).toBe(false);

      const real = await jammd(['clean', ...flags(), '--yes']);
      expect(real.code).toBe(1);
      expect(real.stdout).toMatch(/^gone@clean.example removed; .*gone archived as /m);
      expect(real.stdout).toMatch(/^absent@clean.example removed; no mail on disk$/m);
      expect(real.stdout).toMatch(/^left alone: linked@clean.example: .* is a symbolic link$/m);
      expect(real.stdout).toMatch(/^left alone: shared@clean.example: .* live account$/m);
      expect(real.stdout).toMatch(/^left alone: outside@clean.example: .* is not below /m);
      expect(real.stdout).toMatch(/^left alone: nomaildir@clean.example: .* is not a Maildir/m);
      expect(await exists(gone)).toBe(false);
      for (const kept of [alive, outside, target, join(mailHome, 'domains/clean.example/nomaildir/file')])
        expect([kept, await exists(kept)]).toEqual([kept, true]);
      const archives = await readdir(join(mailHome, 'archive'));
      const ours = archives.find((name) => name.startsWith('gone@clean.example-')) ?? '';
      expect((await run('tar', ['-tzf', join(mailHome, 'archive', ours)])).stdout).toContain('Maildir/cur/message');
      expect((await jammd(['account', 'show', 'gone@clean.example'])).code).toBe(1);
      expect((await jammd(['account', 'show', 'linked@clean.example'])).code).toBe(0);
    });
    test('takes a deleted domain away whole, and what purged accounts left', async () => {
      const folder = await maildir('domains/whole.example/a');
      const purged = await maildir('domains/one.example/purged');
      const home = ['--mail-home', join(mailHome, 'domains')];
      await json(['domain', 'add', 'whole.example']);
      await json(['account', 'add', 'a@whole.example', '--generate', ...home]);
      await json(['domain', 'delete', 'whole.example']);
      await json(['account', 'add', 'purged@one.example', '--generate', ...home]);
      await json(['account', 'delete', 'purged@one.example']);
      await json(['account', 'purge', 'purged@one.example', '--yes']);
      const real = await jammd(['clean', ...flags(), '--yes']);
      expect(real.stdout).toMatch(/^whole.example removed, 3 entries$/m);
      expect(real.stdout).toMatch(/^what a purged account of one.example left removed;/m);
      expect([await exists(folder), await exists(purged)]).toEqual([false, false]);
      expect((await jammd(['domain', 'show', 'whole.example'])).code).toBe(1);
      expect(await json(['account', 'add', 'purged@one.example', '--generate'])).toMatchObject({
        mailbox: 'one.example/purged/',
      });
    });
  });
});
