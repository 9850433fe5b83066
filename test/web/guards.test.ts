/** What the site does not let happen, asked for directly: other people's business, forged forms, ended sessions. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { people } from '../support/hosting-tree.js';
import { serverKinds } from '../support/reference-server.js';
import { Logins } from '../mail/support.js';
import { getAccount, getAlias } from '../../src/mail/entries.js';
import { createDomain, deactivateDomain, activateDomain, getDomain, setCapability } from '../../src/mail/domains.js';
import { createAccount } from '../../src/mail/accounts.js';
import { freshName, startWebUnderTest, Visitor, type WebUnderTest } from './support.js';

const password = 'correct horse';
const twice = { password, repeat: password };

describe.each(serverKinds)('the web site on %s', (kind) => {
  let site: WebUnderTest;
  let logins: Logins;

  beforeAll(async () => {
    site = await startWebUnderTest(kind);
    logins = new Logins(site.ldap.url);
  });
  afterAll(async () => {
    expect(site?.errors ?? []).toEqual([]);
    await logins?.close();
    await site?.stop();
  });

  async function visitor(who: keyof typeof people | 'root'): Promise<Visitor> {
    const visit = new Visitor(site.url);
    const answer = await (who === 'root' ? visit.logIn('root', 'secret') : visit.logIn(people[who].mail, people[who].password));
    expect(answer.status).toBe(303);
    return visit;
  }

  describe('logging in', () => {
    test.each([
      ['root', '/domains'],
      ['postmaster', '/domains/one.example'],
      ['user', '/me'],
      ['alias', '/me'],
    ] as const)('%s starts at %s', async (who, path) => {
      expect((await (await visitor(who)).get('/')).location).toBe(path);
    });
    test('pages ask for it, and lead back to where one wanted to go', async () => {
      const visit = new Visitor(site.url);
      const asked = await visit.get('/domains/one.example/aliases?q=x');
      expect(asked.location).toBe('/login?next=%2Fdomains%2Fone.example%2Faliases%3Fq%3Dx');
      const { token } = await visit.get(asked.location ?? '');
      const answer = await visit.postRaw('/login', {
        _token: token,
        next: '/domains/one.example/aliases?q=x',
        name: people.postmaster.mail,
        password: people.postmaster.password,
      });
      expect(answer.location).toBe('/domains/one.example/aliases?q=x');
    });
    const elsewhere = [
      ...['https://evil.example/', '//evil.example/', '/\\evil.example', 'javascript:alert(1)', '/a\nb'],
      ...[
        '/.//evil.example/',
        '/a/..//evil.example/',
        '/%2e//evil.example/',
        '/a/%2E%2e//evil.example/',
        '/./%2e/.//evil.example',
      ],
    ];
    const hostOf = (location: string | undefined): string => new URL(location ?? '', site.url).origin;
    test.each(elsewhere)('never to another site: %s', async (next) => {
      const visit = new Visitor(site.url);
      const { token } = await visit.get('/login');
      const answer = await visit.postRaw('/login', { _token: token, next, name: 'root', password: 'secret' });
      expect(answer.location).toBe('/domains');
      const again = await visit.get(`/login?next=${encodeURIComponent(next)}`);
      expect([again.status, hostOf(again.location)]).toEqual([303, site.url]);
      const back = await visit.post('/domains/one.example/flags', { editAccounts: 'on', back: next });
      expect([back.status, hostOf(back.location)]).toEqual([303, site.url]);
      const asked = await visit.post('/domains/one.example/delete', { back: next });
      const cancel = /<a class="button quiet" href="([^"]*)"/.exec(asked.text)?.[1];
      expect(hostOf(cancel)).toBe(site.url);
    });
    test('a path that a browser would read as another host is not come back to', async () => {
      const asked = await new Visitor(site.url).get('//evil.example/%2e%2e//evil.example/');
      expect(hostOf(asked.location)).toBe(site.url);
      expect(asked.location).toBe('/login?next=%2F');
    });
    test('wrong and unknown are told alike; switched off is told', async () => {
      const visit = new Visitor(site.url);
      const wrong = await visit.logIn(people.user.mail, 'nonsense');
      const unknown = await visit.logIn('nobody@one.example', 'nonsense');
      expect([wrong.status, unknown.status]).toEqual([401, 401]);
      expect(wrong.says).toBe(unknown.says);
      expect((await visit.logIn(people.inactive.mail, people.inactive.password)).says).toMatch(/deactivated/);
      expect((await visit.logIn(people.deleted.mail, people.deleted.password)).says).toMatch(/is deleted/);
    });
    test('logging out ends it on the server, whatever the cookie', async () => {
      const visit = await visitor('user');
      const cookie = visit.cookies;
      await visit.post('/logout', {});
      const replay = await fetch(`${site.url}/me`, { headers: { Cookie: cookie }, redirect: 'manual' });
      expect(replay.headers.get('Location')).toMatch(/^\/login/);
    });
  });

  describe('headers', () => {
    test('every answer forbids inline script, framing and sniffing; pages are not stored', async () => {
      const visit = await visitor('root');
      for (const path of ['/domains', '/login', '/nowhere', '/healthz']) {
        const { headers } = (await visit.get(path)).response;
        const policy = headers.get('Content-Security-Policy') ?? '';
        expect(policy).toContain("default-src 'none'");
        expect(policy).not.toContain('unsafe');
        expect(policy).toContain("frame-ancestors 'none'");
        expect(headers.get('X-Content-Type-Options')).toBe('nosniff');
        expect(headers.get('Cache-Control')).toBe('no-store');
      }
    });
    test('the cookie is http-only, same-site, and for TLS where the site is', async () => {
      const plain = await new Visitor(site.url).logIn('root', 'secret');
      expect(plain.response.headers.getSetCookie().join()).toMatch(/jamm=[^;]+; Path=\/; HttpOnly; SameSite=Lax/);
      const tls = await startWebUnderTest(kind, { publicUrl: 'https://mail.example.com' });
      try {
        const answer = await new Visitor(tls.url).logIn('root', 'secret');
        expect(answer.response.headers.getSetCookie().join()).toMatch(
          /__Host-jamm=[^;]+; Path=\/; HttpOnly; Secure; SameSite=Lax/,
        );
        expect(answer.response.headers.get('Strict-Transport-Security')).toMatch(/max-age/);
      } finally {
        await tls.stop();
      }
    });
    test('static files are kept by the browser under a name that changes with them', async () => {
      const visit = new Visitor(site.url);
      const path = /href="(\/static\/[^"]+\.css)"/.exec((await visit.get('/login')).text)?.[1] ?? '';
      const { response } = await visit.get(path);
      expect(response.headers.get('Cache-Control')).toContain('immutable');
      expect((await visit.get('/static/../../package.json')).status).not.toBe(200);
    });
  });

  describe('forged forms', () => {
    test('without the session’s token nothing is done', async () => {
      const visit = await visitor('root');
      const answer = await visit.postRaw('/domains/one.example/flags', { editAccounts: 'off' });
      expect(answer.status).toBe(403);
      expect((await visit.postRaw('/domains/one.example/flags', { _token: 'x'.repeat(32), editAccounts: 'off' })).status).toBe(
        403,
      );
      const root = await logins.manager();
      expect(
        (await root.directory.read('jvd=one.example,o=hosting,dc=myhosting,dc=example', ['editAccounts']))?.first('editAccounts'),
      ).toBe('TRUE');
    });
    test.each([
      { Origin: 'https://evil.example' },
      { Origin: 'null' },
      { 'Sec-Fetch-Site': 'cross-site' },
      { 'Sec-Fetch-Site': 'same-site' },
    ])('one that the browser says another site sent is refused even with the right token: %j', async (headers) => {
      const visit = await visitor('root');
      const { token } = await visit.get('/domains');
      expect(
        (
          await visit.postRaw('/domains/one.example/flags', { _token: token, editAccounts: 'off' }, {
            ...headers,
          } as unknown as Record<string, string>)
        ).status,
      ).toBe(403);
    });
    test('a token of one session is worth nothing in another', async () => {
      const [root, other] = [await visitor('root'), await visitor('root')];
      const { token } = await other.get('/domains');
      expect((await root.postRaw('/domains/one.example/flags', { _token: token, editAccounts: 'off' })).status).toBe(403);
    });
    test('the login form cannot be sent from elsewhere either', async () => {
      const answer = await new Visitor(site.url).postRaw('/login', { _token: 'guess', name: 'root', password: 'secret' });
      expect(answer.status).toBe(403);
      expect(answer.response.headers.getSetCookie().join()).not.toMatch(/jamm=/);
    });
    test('GET changes nothing', async () => {
      const visit = await visitor('root');
      for (const path of ['/domains/one.example/delete', '/domains/one.example/accounts/user%40one.example/delete', '/logout']) {
        expect((await visit.get(path)).status).toBe(404);
      }
    });
    test('a huge form is refused', async () => {
      const visit = await visitor('user');
      expect((await visit.post('/me/name', { name: 'x'.repeat(300_000) })).status).toBe(413);
    });
  });

  describe('denied by direct request', () => {
    const siteOnly: readonly (readonly [string, Record<string, string>])[] = [
      ['/domains/new', { domain: 'mine.example' }],
      ['/domains/bulk', { action: 'deactivate', domain: 'two.example', confirmed: 'yes' }],
      ['/domains/one.example/flags', { editAccounts: 'off' }],
      ['/domains/one.example/active', { active: 'off', confirmed: 'yes' }],
      ['/domains/one.example/settings', { description: 'x', transport: 'smtp:' }],
      ['/domains/one.example/delete', { confirmed: 'yes' }],
      ['/domains/one.example/restore', {}],
      ['/domains/one.example/purge', { confirmed: 'yes' }],
    ];
    const domainOnly = (domain: string, user: string): readonly (readonly [string, Record<string, string>])[] => [
      [`/domains/${domain}/accounts/new`, { address: 'intruder', ...twice }],
      [`/domains/${domain}/accounts/bulk`, { action: 'delete', address: user, confirmed: 'yes' }],
      [`/domains/${domain}/accounts/${user}/details`, { name: 'x', quota: '' }],
      [`/domains/${domain}/accounts/${user}/password`, twice],
      [`/domains/${domain}/accounts/${user}/rename`, { newAddress: 'x' }],
      [`/domains/${domain}/accounts/${user}/active`, { active: 'off' }],
      [`/domains/${domain}/accounts/${user}/postmaster`, { postmaster: 'on' }],
      [`/domains/${domain}/accounts/${user}/delete`, { confirmed: 'yes' }],
      [`/domains/${domain}/aliases/new`, { address: 'intruder', destinations: 'x@y.example' }],
      [`/domains/${domain}/aliases/abuse@${domain}/destinations`, { destinations: 'x@y.example' }],
      [`/domains/${domain}/aliases/abuse@${domain}/password`, twice],
      [`/domains/${domain}/catch-all`, { destinations: 'x@y.example' }],
      [`/domains/${domain}/postmasters`, { address: user }],
      [`/domains/${domain}/postmasters/dismiss`, { dn: 'cn=x', confirmed: 'yes' }],
      [`/domains/${domain}/import`, { csv: 'intruder,x,' }],
      [`/domains/${domain}/aliases/import`, { csv: 'intruder,x@far.example' }],
    ];

    test('users: whatever belongs to postmasters and site admins', async () => {
      for (const who of ['user', 'alias'] as const) {
        const visit = await visitor(who);
        for (const [path, fields] of [...siteOnly, ...domainOnly('one.example', people.neighbour.mail)]) {
          expect([path, (await visit.post(path, fields)).status]).toEqual([path, 403]);
        }
        for (const path of [
          '/domains',
          '/domains/new',
          '/domains/one.example',
          '/domains/one.example/aliases',
          `/domains/one.example/accounts/${people.neighbour.mail}`,
          '/domains/one.example/settings',
        ]) {
          expect([path, (await visit.get(path)).status]).toEqual([path, 403]);
        }
      }
    });
    test('postmasters: whatever belongs to site admins, and to other domains', async () => {
      const visit = await visitor('postmaster');
      for (const [path, fields] of [...siteOnly, ...domainOnly('two.example', people.stranger.mail)]) {
        expect([path, (await visit.post(path, fields)).status]).toEqual([path, 403]);
      }
      const root = await logins.manager();
      expect(await getAccount(root, 'two.example', people.stranger.mail)).toMatchObject({
        active: true,
        deleted: false,
        name: '',
      });
    });
    test('what the capability flags forbid is neither shown nor accepted', async () => {
      const root = await logins.manager();
      const name = `${freshName()}.example`;
      const domain = await createDomain(root, { domain: name, ...twice });
      await createAccount(root, domain, { address: 'a', ...twice });
      const visit = new Visitor(site.url);
      await visit.logIn(`postmaster@${name}`, password);
      const paths = { list: `/domains/${name}`, account: `/domains/${name}/accounts/a@${name}` };
      expect((await visit.get(paths.list)).text).toContain('Add an account');
      await setCapability(root, name, 'editAccounts', false);
      await setCapability(root, name, 'editPostmasters', false);
      const list = await visit.get(paths.list);
      expect(list.text).not.toContain('Add an account');
      expect(list.text).not.toContain('/postmaster"');
      expect(list.text).not.toContain('value="delete"');
      const account = await visit.get(paths.account);
      expect(account.text).not.toContain('Delete this account');
      expect(account.text).toContain('Set password');
      expect((await visit.get(`${paths.list}/accounts/new`)).status).toBe(403);
      const imports = await visit.get(`${paths.list}/import`);
      expect([imports.text.includes('Add many accounts'), imports.text.includes('Add many aliases')]).toEqual([false, true]);
      expect((await visit.post(`${paths.list}/import`, { csv: 'b' })).status).toBe(403);
      expect((await visit.post(`${paths.list}/accounts/new`, { address: 'b', ...twice })).status).toBe(403);
      expect((await visit.post(`${paths.account}/delete`, { confirmed: 'yes' })).status).toBe(403);
      expect((await visit.post(`${paths.account}/postmaster`, { postmaster: 'on' })).status).toBe(403);
      expect((await visit.post(`${paths.account}/password`, twice)).status).toBe(303);
    });
    test('rights taken away, accounts switched off and domains switched off count at the next request', async () => {
      const root = await logins.manager();
      const name = `${freshName()}.example`;
      const domain = await createDomain(root, { domain: name });
      await createAccount(root, domain, { address: 'boss', postmaster: true, ...twice });
      const visit = new Visitor(site.url);
      await visit.logIn(`boss@${name}`, password);
      expect((await visit.get(`/domains/${name}`)).status).toBe(200);
      await deactivateDomain(root, name);
      const refused = await visit.get(`/domains/${name}`);
      expect(refused.status).toBe(401);
      expect(refused.text).toContain('deactivated');
      await activateDomain(root, name);
      expect((await visit.get(`/domains/${name}`)).location).toMatch(/^\/login/);
    });
  });

  describe('what is typed', () => {
    test('is shown as text wherever it comes back', async () => {
      const visit = await visitor('postmaster');
      const evil = `<script>alert("x")</script>'"&`;
      const local = freshName();
      const made = await visit.follow(
        await visit.post('/domains/one.example/accounts/new', { address: local, name: evil, ...twice }),
      );
      expect(made.text).toContain('&lt;script&gt;alert(&quot;x&quot;)');
      for (const page of [
        made,
        await visit.get(`/domains/one.example?q=${encodeURIComponent(evil)}`),
        await visit.post('/domains/one.example/accounts/new', { address: evil, name: evil, ...twice }),
      ]) {
        expect(page.text).not.toContain('<script>alert');
        expect(page.text).not.toContain('"x"</script>');
      }
    });
    test('comes back with the form when something is wrong with it, except passwords', async () => {
      const visit = await visitor('postmaster');
      const answer = await visit.post('/domains/one.example/accounts/new', {
        address: 'new one',
        name: 'Näme',
        quota: '1 GB',
        password,
        repeat: 'different',
      });
      expect(answer.status).toBe(422);
      expect(answer.text).toContain('value="new one"');
      expect(answer.text).toContain('value="Näme"');
      expect(answer.text).not.toContain(password);
      expect(answer.says).toContain('characters that a mail address cannot contain');
    });
    test.each(["o'neil", '(x)', 'a+b', 'sla/sh', '50%', '*', 'x&y=z', 'que?ry', 'ha#sh', 'com,ma'])(
      'an odd address works through every page: %s',
      async (odd) => {
        const visit = await visitor('postmaster');
        const local = `${odd}.${freshName()}`;
        const address = `${local}@one.example`;
        const base = `/domains/one.example/accounts/${encodeURIComponent(address)}`;
        expect((await visit.post('/domains/one.example/accounts/new', { address: local, ...twice })).status).toBe(303);
        expect((await visit.get(base)).status).toBe(200);
        expect((await visit.follow(await visit.post(`${base}/details`, { name: odd, quota: '' }))).says).toContain('saved');
        expect((await visit.follow(await visit.post(`${base}/delete`, { confirmed: 'yes' }))).says).toContain('is deleted');
        expect((await visit.follow(await visit.post(`${base}/purge`, { confirmed: 'yes' }))).says).toContain('is purged');
        expect((await visit.get(base)).status).toBe(404);
      },
    );
  });

  describe('an ended session', () => {
    test('brings the form back after the login, without its passwords, and done only when sent again', async () => {
      const visit = await visitor('postmaster');
      const local = freshName();
      const { token } = await visit.get('/domains/one.example');
      const session = visit.cookies;
      for (const one of [...site.web.sessions.all()]) site.web.sessions.end(one);
      const asked = await visit.postRaw('/domains/one.example/accounts/new', {
        _token: token,
        address: local,
        name: 'Kept Näme',
        ...twice,
      });
      expect(session).not.toBe('');
      expect(asked.status).toBe(401);
      expect(asked.says).toContain('everything you typed is kept');
      expect(asked.text).not.toContain(password);
      const stash = /name="stash" value="([^"]+)"/.exec(asked.text)?.[1] ?? '';
      const resumed = await visit.postRaw('/login', {
        _token: asked.token,
        stash,
        name: people.postmaster.mail,
        password: people.postmaster.password,
      });
      expect(resumed.text).toContain('Kept Näme');
      expect(resumed.text).toContain('action="/domains/one.example/accounts/new"');
      const again = await visit.postRaw('/domains/one.example/accounts/new', {
        _token: resumed.token,
        address: local,
        name: 'Kept Näme',
      });
      expect(again.status).toBe(422);
      expect(again.text).toContain('value="Kept Näme"');
      expect(
        (
          await visit.postRaw('/domains/one.example/accounts/new', {
            _token: again.token,
            address: local,
            name: 'Kept Näme',
            ...twice,
          })
        ).status,
      ).toBe(303);
    });
    test('a stash that was not made here is ignored', async () => {
      const visit = new Visitor(site.url);
      const { token } = await visit.get('/login');
      const stash = Buffer.from(JSON.stringify({ path: '/domains/bulk', fields: [], hadSecrets: false })).toString('base64url');
      const answer = await visit.postRaw('/login', { _token: token, stash: `${stash}.forged`, name: 'root', password: 'secret' });
      expect(answer.location).toBe('/domains');
    });
    test('ends by idleness, and its connection with it', async () => {
      const short = await startWebUnderTest(kind, { sessionIdleMs: 200 });
      try {
        const visit = new Visitor(short.url);
        await visit.logIn('root', 'secret');
        expect((await visit.get('/domains')).status).toBe(200);
        await new Promise((resolve) => setTimeout(resolve, 500));
        expect(short.web.sessions.size).toBe(0);
        expect((await visit.get('/domains')).location).toBe('/login?next=%2Fdomains');
      } finally {
        await short.stop();
      }
    });
    test('a restarted directory asks to log in again instead of going on as anonymous', async () => {
      const own = await startWebUnderTest(kind);
      try {
        const visit = new Visitor(own.url);
        await visit.logIn('root', 'secret');
        await own.ldap.halt();
        expect((await visit.get('/domains')).location).toMatch(/^\/login/);
        expect((await visit.logIn('root', 'secret')).status).toBe(503);
        await own.ldap.resume();
        expect((await visit.logIn('root', 'secret')).status).toBe(303);
      } finally {
        await own.stop();
      }
    });
    test('one person’s sessions are bounded: the one idle longest ends', async () => {
      const own = await startWebUnderTest(kind);
      try {
        const first = new Visitor(own.url);
        await first.logIn(people.user.mail, people.user.password);
        for (let count = 0; count < 20; count++) await new Visitor(own.url).logIn(people.user.mail, people.user.password);
        expect(own.web.sessions.size).toBe(20);
        expect((await first.get('/me')).location).toMatch(/^\/login/);
      } finally {
        await own.stop();
      }
    });
  });

  describe('two admins at once', () => {
    test('the second to delete is told; the second to save sees what the first saved', async () => {
      const [root, chief] = [await visitor('root'), await visitor('postmaster')];
      const local = freshName();
      const base = `/domains/one.example/accounts/${local}@one.example`;
      await chief.post('/domains/one.example/accounts/new', { address: local, ...twice });
      const version = /name="version" value="([^"]+)"/.exec((await chief.get(base)).text)?.[1] ?? '';
      expect((await root.post(`${base}/details`, { name: 'From root', quota: '', version })).status).toBe(303);
      const conflict = await chief.post(`${base}/details`, { name: 'From chief', quota: '', version });
      expect(conflict.status).toBe(409);
      expect(conflict.text).toContain('From root');
      expect(conflict.text).toContain('value="From chief"');
      const next = /name="version" value="([^"]+)"/.exec(conflict.text)?.[1] ?? '';
      expect((await chief.post(`${base}/details`, { name: 'From chief', quota: '', version: next })).status).toBe(303);
      await root.post(`${base}/delete`, { confirmed: 'yes' });
      await root.post(`${base}/purge`, { confirmed: 'yes' });
      expect(
        (await chief.follow(await chief.post(`${base}/active`, { active: 'off', back: '/domains/one.example' }))).says,
      ).toMatch(/There is no/);
    });
  });

  test('an alias user edits destinations: commas and lines in, boxes out, one stays', async () => {
    const visit = await visitor('alias');
    const done = await visit.follow(
      await visit.post('/me/destinations', { destinations: 'a@x.example, b@x.example\nc@x.example', remove: 'far@away.example' }),
    );
    expect(done.says).toBe('Added a@x.example, b@x.example, c@x.example. Removed far@away.example.');
    const root = await logins.manager();
    const { destinations } = await getAlias(root, 'one.example', people.alias.mail);
    const refused = await visit.post('/me/destinations', { remove: [...destinations] });
    expect(refused.status).toBe(422);
    expect(refused.says).toContain('At least one destination must remain');
  });
  describe('a changed password ends sessions', () => {
    const account = async (): Promise<{ address: string; visit: () => Promise<Visitor> }> => {
      const root = await logins.manager();
      const address = `${freshName()}@one.example`;
      const made = { address, password: 'first password', repeat: 'first password' };
      await createAccount(root, await getDomain(root, 'one.example'), made);
      const visit = async (): Promise<Visitor> => {
        const visitor = new Visitor(site.url);
        expect((await visitor.logIn(address, 'first password')).status).toBe(303);
        return visitor;
      };
      return { address, visit };
    };
    const isIn = async (visit: Visitor): Promise<boolean> => (await visit.get('/me')).status === 200;

    test('changed by its owner: all but the one it was changed in', async () => {
      const { visit } = await account();
      const [here, other, third] = [await visit(), await visit(), await visit()];
      expect((await here.post('/me/password', { old: 'first password', ...twice })).status).toBe(303);
      expect([await isIn(here), await isIn(other), await isIn(third)]).toEqual([true, false, false]);
    });
    test('changed by an admin: all', async () => {
      const { address, visit } = await account();
      const [one, other] = [await visit(), await visit()];
      const admin = await visitor('postmaster');
      expect((await admin.post(`/domains/one.example/accounts/${address}/password`, twice)).status).toBe(303);
      expect([await isIn(one), await isIn(other), await isIn(admin)]).toEqual([false, false, true]);
    });
    test('changed with another program: all', async () => {
      const { address, visit } = await account();
      const [one, other] = [await visit(), await visit()];
      const root = await logins.manager();
      await root.directory.changePassword((await getAccount(root, 'one.example', address)).dn, { newPassword: password });
      expect([await isIn(one), await isIn(other)]).toEqual([false, false]);
    });
  });

  test('a user’s own password: the current one is asked for', async () => {
    const visit = await visitor('neighbour');
    const refused = await visit.post('/me/password', { old: 'not it at all', ...twice });
    expect([refused.status, refused.says]).toEqual([422, expect.stringContaining('current password is wrong')]);
    expect((await visit.post('/me/password', { old: people.neighbour.password, ...twice })).status).toBe(303);
    expect((await new Visitor(site.url).logIn(people.neighbour.mail, password)).status).toBe(303);
  });
});
