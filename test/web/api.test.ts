/** The API, in front of slapd and of jammd: what it does, who may use it, and that it keeps to its own document. */
import fc from 'fast-check';
import { setTimeout } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ClientServers } from '../../src/mail/client-servers.js';
import { FactorKey } from '../../src/mail/factor-key.js';
import { makeAppPassword } from '../../src/mail/app-passwords.js';
import { getAccount } from '../../src/mail/entries.js';
import { loginByToken } from '../../src/mail/api-tokens.js';
import { enableSecondFactor } from '../../src/mail/second-factor.js';
import { newTotpSecret, stepAt, totpCode } from '../../src/mail/totp.js';
import { people } from '../support/hosting-tree.js';
import { serverKinds } from '../support/reference-server.js';
import { deafDns, Logins, settings } from '../mail/support.js';
import { misfits, valuesOf, type Schema, type Schemas } from './json-schema.js';
import { startWebUnderTest, type WebUnderTest } from './support.js';

const root = { mail: 'root', password: 'secret' };
const { user, neighbour, postmaster } = people;
/** Of each operation; more are worth it after changes of the API. */
const runs = Number(process.env['JAMMD_API_RUNS'] ?? 6);

interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, DocumentedOperation>>>>;
  readonly components: { readonly schemas: Schemas };
}

interface DocumentedOperation {
  readonly operationId: string;
  readonly parameters: readonly { readonly name: string; readonly in: 'path' | 'query'; readonly schema: Schema }[];
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: Schema }>> };
  readonly responses: Readonly<Record<string, { readonly content?: Readonly<Record<string, { readonly schema: Schema }>> }>>;
}

interface Reply {
  readonly status: number;
  readonly body: unknown;
  readonly headers: Headers;
}

const csvTexts = fc.oneof(
  fc.constantFrom('csv-one,One\ncsv-two,Two', 'address;destinations\ncsv-team;user@one.example', 'a,"', ''),
  fc.array(fc.array(fc.string({ maxLength: 12 }), { maxLength: 4 })).map((rows) => rows.join('\n')),
);

describe.each(serverKinds)('the API on %s', (kind) => {
  let site: WebUnderTest;
  let logins: Logins;

  beforeAll(async () => {
    const secondFactor = { key: new FactorKey(Buffer.alloc(32, 3)), requiredOf: 'nobody' } as const;
    const clientServers = ClientServers.parse({ imap: ['mail.host.example'], smtp: ['mail.host.example'] });
    site = await startWebUnderTest(kind, {
      secondFactor,
      settings: { ...settings, dns: deafDns, ...(clientServers === undefined ? {} : { clientServers }) },
    });
    logins = new Logins(site.ldap.url);
  });
  afterAll(async () => {
    expect(site?.errors ?? []).toEqual([]);
    await logins?.close();
    await site?.stop();
  });

  const basic = ({ mail, password }: { readonly mail: string; readonly password: string }): string =>
    `Basic ${Buffer.from(`${mail}:${password}`).toString('base64')}`;

  async function call(who: string, method: string, path: string, body?: unknown, headers = {}): Promise<Reply> {
    const response = await fetch(`${site.url}/api/v1${path}`, {
      method,
      headers: {
        Authorization: who,
        ...(body === undefined ? {} : { 'Content-Type': typeof body === 'string' ? 'text/csv' : 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    const isText = response.headers.get('Content-Type')?.startsWith('text/') ?? false;
    const read: unknown = text === '' ? undefined : isText ? text : JSON.parse(text);
    return { status: response.status, body: read, headers: response.headers };
  }

  test('a domain, an account, an alias and a postmaster are put twice, listed by pages, and deleted', async () => {
    const admin = basic(root);
    const chief = basic(postmaster);
    expect((await call(admin, 'PUT', '/domains/api.example', { description: 'By API' })).status).toBe(201);
    const again = await call(admin, 'PUT', '/domains/api.example', { description: 'By API' });
    expect(again).toMatchObject({ status: 200, body: { domain: 'api.example', description: 'By API', active: true } });
    const account = { name: 'Jane', quota: '500 MB', password: 'correct horse' };
    expect(await call(chief, 'PUT', '/domains/one.example/accounts/jane', account)).toMatchObject({ status: 201 });
    expect(await call(chief, 'PUT', '/domains/one.example/accounts/jane@one.example', account)).toMatchObject({
      status: 200,
      body: { address: 'jane@one.example', name: 'Jane', quota: '500 MB', active: true },
    });
    const alias = { destinations: ['jane@one.example', 'far@away.example'] };
    expect((await call(chief, 'PUT', '/domains/one.example/aliases/sales', alias)).status).toBe(201);
    expect(await call(chief, 'PUT', '/domains/one.example/aliases/sales', { destinations: ['far@away.example'] })).toMatchObject({
      status: 200,
      body: { destinations: ['far@away.example'] },
    });
    const place = '/domains/one.example/postmasters/jane';
    for (let time = 0; time < 2; time++) expect((await call(chief, 'PUT', place)).status).toBe(204);
    expect((await call(chief, 'DELETE', place)).status).toBe(204);
    const listed = await call(chief, 'GET', '/domains/one.example/accounts?pageSize=2&page=2');
    expect(listed.body).toMatchObject({ page: 2, items: [{}, {}] });
    expect(listed.headers.get('Link')).toMatch(/page=1>; rel="prev", .*page=3>; rel="next"/);
    expect((await call(chief, 'DELETE', '/domains/one.example/accounts/jane')).status).toBe(204);
    expect((await call(chief, 'PUT', '/domains/one.example/accounts/jane', account)).status).toBe(409);
    expect((await call(chief, 'DELETE', '/domains/one.example/accounts/jane?purge=true')).status).toBe(204);
    expect((await call(chief, 'GET', '/domains/two.example/accounts')).status).toBe(403);
  });

  test('limits and other names of a domain, its catch-all, forwarding, senders and usage', async () => {
    const [admin, chief] = [basic(root), basic(postmaster)];
    const limits = { accounts: 50, aliases: null, quotaSum: '20 GB', defaultQuota: '500 MB' };
    for (const status of [201, 200]) {
      const put = await call(admin, 'PUT', '/domains/limited.example', { limits });
      expect(put).toMatchObject({ status, body: { limits, aliasOf: null } });
    }
    const loosened = { ...limits, accounts: null, defaultQuota: '' };
    expect((await call(admin, 'PUT', '/domains/limited.example', { limits: loosened })).body).toMatchObject({ limits: loosened });
    const wrong = { limits: { quotaSum: 'much' } };
    expect((await call(admin, 'PUT', '/domains/never.example', wrong)).body).toMatchObject({ errors: [{ field: 'quotaSum' }] });
    expect((await call(admin, 'GET', '/domains/never.example')).status).toBe(404);
    expect((await call(chief, 'GET', '/domains/one.example/usage')).body).toMatchObject({ cut: false });
    for (const status of [201, 200]) {
      const put = await call(admin, 'PUT', '/domains/other-name.example', { aliasOf: 'limited.example' });
      expect(put).toMatchObject({ status, body: { aliasOf: 'limited.example' } });
    }
    expect((await call(admin, 'PUT', '/domains/other-name.example', { aliasOf: null })).status).toBe(409);
    expect((await call(admin, 'GET', '/domains/limited.example/alias-domains')).body).toMatchObject({
      items: [{ domain: 'other-name.example' }],
    });
    const catchAll = { destinations: ['user@one.example'] };
    expect(await call(chief, 'PUT', '/domains/one.example/catch-all', catchAll)).toMatchObject({ status: 200, body: catchAll });
    expect((await call(chief, 'GET', '/domains/one.example/catch-all')).body).toEqual(catchAll);
    expect((await call(chief, 'PUT', '/domains/one.example/catch-all', { destinations: [] })).body).toEqual({ destinations: [] });

    const own = '/domains/one.example/accounts/user';
    const forward = { forwardTo: ['far@away.example'], keepCopy: false };
    expect(await call(basic(user), 'PUT', own, forward)).toMatchObject({ status: 200, body: forward });
    expect((await call(basic(user), 'PUT', own, { forwardTo: [] })).body).toMatchObject({ forwardTo: [], keepCopy: true });
    expect((await call(basic(user), 'PUT', own, { quota: '9 TB' })).status).toBe(403);
    expect((await call(basic(user), 'PUT', '/domains/one.example/accounts/neighbour', { name: 'x' })).status).toBe(403);
    const senders = { senders: [neighbour.mail] };
    expect(await call(chief, 'PUT', own, senders)).toMatchObject({ status: 200, body: senders });
    const from = await call(basic(neighbour), 'GET', '/domains/one.example/accounts/neighbour/sender-addresses');
    expect(from.body).toMatchObject({ items: expect.arrayContaining([user.mail]) as unknown });
    expect((await call(chief, 'PUT', own, { senders: [] })).body).toMatchObject({ senders: [] });
    expect((await call(basic(user), 'GET', `${own}/usage`)).body).toMatchObject({ bytes: null, messages: null });
    const lost = { destinations: ['nobody-there@one.example'] };
    expect((await call(chief, 'PUT', '/domains/one.example/aliases/lost', lost)).status).toBe(201);
    expect((await call(chief, 'GET', '/domains/one.example/addresses/lost/warnings')).body).toMatchObject({
      items: [expect.stringMatching(/does not exist/)],
    });
    const renamed = await call(chief, 'POST', '/domains/one.example/aliases/lost/rename', { address: 'found' });
    expect(renamed).toMatchObject({ status: 200, body: { address: 'found@one.example' } });
    const conversion = await call(chief, 'POST', '/domains/one.example/quota-conversion', { apply: false });
    expect(conversion).toMatchObject({ status: 200, body: { items: expect.any(Array) as unknown } });
  });

  test('accounts and aliases leave and come as CSV; what a token may not do otherwise it may not import', async () => {
    const chief = basic(postmaster);
    const base = '/domains/one.example';
    const csv = 'address,name,postmaster\nby-csv,"=SUM(A1)",no\nuser,,\n';
    const dry = await call(chief, 'POST', `${base}/import/accounts`, csv);
    const expected = [
      { line: 2, address: 'by-csv', made: false, problem: null, password: null },
      { line: 3, made: false, problem: expect.stringMatching(/already/) as unknown },
    ];
    expect(dry).toMatchObject({ status: 200, body: { items: expected } });
    const done = await call(chief, 'POST', `${base}/import/accounts?apply=true`, csv);
    expect(done.body).toMatchObject({ items: [{ address: 'by-csv@one.example', made: true }, { made: false }] });
    const [{ password }] = (done.body as { items: [{ password: string }] }).items;
    expect((await call(basic({ mail: 'by-csv@one.example', password }), 'GET', '/me')).status).toBe(200);
    const out = await call(chief, 'GET', `${base}/export/accounts`);
    expect(out.headers.get('Content-Disposition')).toBe('attachment; filename="accounts.csv"');
    expect(out.body).toMatch(/^by-csv@one\.example,'=SUM\(A1\),no limit,no,yes,,yes,\r$/m);
    const aliases = 'address,destinations\ncsv-team,"by-csv@one.example, far@away.example"\n';
    const made = await call(chief, 'POST', `${base}/import/aliases?apply=true`, aliases);
    expect(made.body).toMatchObject({ items: [{ address: 'csv-team@one.example', made: true, problem: null }] });
    expect((await call(chief, 'GET', `${base}/export/aliases`)).body).toMatch(/^csv-team@one\.example,"by-csv@/m);
    expect((await call(basic(root), 'GET', '/export/domains')).body).toMatch(/^one\.example,,yes,no,/m);

    const request = { label: 'Import', scopes: ['accounts'] };
    const token = `Bearer ${((await call(chief, 'POST', `${base}/tokens`, request)).body as { token: string }).token}`;
    const appointing = 'address,postmaster\nby-token-csv,yes\n';
    expect((await call(token, 'POST', `${base}/import/accounts?apply=true`, appointing)).status).toBe(403);
    expect((await call(token, 'PUT', `${base}/accounts/by-csv`, { password: 'correct horse' })).status).toBe(403);
    expect((await call(token, 'POST', `${base}/import/aliases`, aliases)).status).toBe(403);
    await call(chief, 'DELETE', `${base}/accounts/by-csv`);
  });

  test('a token reaches its domain, as far as its scopes; the directory sees to that, too', async () => {
    const chief = basic(postmaster);
    const path = '/domains/one.example/tokens';
    const made = await call(chief, 'POST', path, { label: 'Script', scopes: ['accounts'], days: 30 });
    const { id, token } = made.body as { id: string; token: string };
    expect(made).toMatchObject({ status: 201, body: { scopes: ['read', 'accounts'], label: 'Script' } });
    const bearer = `Bearer ${token}`;
    expect((await call(bearer, 'GET', '/me')).body).toMatchObject({ level: 'domain', domains: ['one.example'] });
    const account = { password: 'correct horse' };
    expect((await call(bearer, 'PUT', '/domains/one.example/accounts/by-token', account)).status).toBe(201);
    expect((await call(bearer, 'PUT', '/domains/one.example/aliases/no', { destinations: ['a@b.example'] })).status).toBe(403);
    expect((await call(bearer, 'PUT', '/domains/two.example/accounts/no', account)).status).toBe(403);
    expect((await call(bearer, 'GET', path)).status).toBe(403);
    expect((await call(chief, 'GET', '/domains/one.example/postmasters')).body).not.toMatchObject({
      items: expect.arrayContaining([{ address: null }]) as unknown,
    });

    const reading = (await call(chief, 'POST', path, { label: 'Look', scopes: [] })).body as { token: string };
    const { context } = await loginByToken({ url: site.ldap.url }, settings, reading.token);
    try {
      const write = context.directory.modify(user.dn, [['replace', 'cn', ['By token']]]);
      await expect(write).rejects.toMatchObject({ kind: 'denied' });
    } finally {
      await context.directory.close();
    }
    expect((await call(chief, 'GET', path)).body).toMatchObject({
      items: expect.arrayContaining([expect.objectContaining({ id }), expect.objectContaining({ label: 'Look' })]) as unknown,
    });
    expect((await call(chief, 'DELETE', `${path}/${id}`)).status).toBe(204);
    expect((await call(bearer, 'GET', '/me')).status).toBe(401);
    expect((await call(basic(user), 'POST', path, { label: 'Mine', scopes: [] })).status).toBe(403);
  });

  test('who gets in: nobody without a password, with an app password, or with a second factor and the password alone', async () => {
    const anybody = await fetch(`${site.url}/api/v1/me`);
    expect([anybody.status, anybody.headers.get('WWW-Authenticate')]).toEqual([401, expect.stringMatching(/^Basic .*Bearer/)]);
    expect(anybody.headers.get('Content-Type')).toBe('application/problem+json');
    expect((await call(basic({ ...user, password: 'wrong' }), 'GET', '/me')).status).toBe(401);
    expect((await call('Bearer jammd_x', 'GET', '/me')).status).toBe(401);
    const me = await logins.person('neighbour');
    const account = await getAccount(me, 'one.example', neighbour.mail);
    const { password } = await makeAppPassword(me, account, { label: 'Phone', old: neighbour.password });
    expect((await call(basic({ ...neighbour, password }), 'GET', '/me')).status).toBe(403);
    expect((await call(basic(neighbour), 'GET', '/me')).status).toBe(200);
    const secret = newTotpSecret();
    const key = new FactorKey(Buffer.alloc(32, 3));
    await enableSecondFactor(me, key, secret, totpCode(secret, stepAt(new Date())));
    const refused = await call(basic(neighbour), 'GET', '/me');
    expect(refused).toMatchObject({ status: 403, body: { detail: expect.stringMatching(/second factor/) as unknown } });
    const factor = '/domains/one.example/accounts/neighbour/second-factor';
    const found = await call(basic(postmaster), 'GET', factor);
    expect(found).toMatchObject({ status: 200, body: { on: true, required: false, recoveryLeft: 10 } });
    expect((await call(basic(user), 'GET', factor)).status).toBe(403);
    expect((await call(basic(user), 'DELETE', '/domains/one.example/accounts/user/second-factor')).status).toBe(403);
    expect((await call(basic(postmaster), 'DELETE', factor)).status).toBe(204);
    expect((await call(basic(neighbour), 'GET', '/me/second-factor')).body).toMatchObject({ on: false, required: false });
    const appPasswords = '/domains/one.example/accounts/neighbour/app-passwords';
    expect((await call(basic(postmaster), 'DELETE', appPasswords)).status).toBe(204);
    expect((await call(basic(neighbour), 'GET', appPasswords)).body).toEqual({ items: [] });
    expect((await call(basic(root), 'POST', '/app-passwords/remove-expired')).body).toEqual({ items: [] });
  });

  test('what cannot be read is told as a problem, and too many requests are', async () => {
    const chief = basic(postmaster);
    const path = '/domains/one.example/accounts/x';
    expect((await call(chief, 'PUT', path, '{', { 'Content-Type': 'application/json' })).status).toBe(400);
    expect((await call(chief, 'PUT', path, {}, { 'Content-Type': 'text/plain' })).status).toBe(415);
    expect((await call(chief, 'PUT', path, { name: 'x'.repeat(70_000) })).status).toBe(413);
    expect((await call(chief, 'PUT', path, { nme: 'x' })).body).toMatchObject({ status: 422, errors: [{ field: 'nme' }] });
    expect((await call(chief, 'GET', '/me', undefined, { Origin: 'https://evil.example' })).status).toBe(403);
    expect((await call(chief, 'GET', '/nothing')).body).toMatchObject({ status: 404, type: '/api/v1/docs#not-found' });
    const docs = await fetch(`${site.url}/api/v1/docs`);
    expect([docs.status, (await docs.text()).includes('/domains/{domain}/accounts/{address}')]).toEqual([200, true]);
    const statuses = new Set<number>();
    for (let request = 0; request < 400 && !statuses.has(429); request++) {
      statuses.add((await call('Nobody', 'GET', '/me')).status);
    }
    expect([...statuses].at(-1)).toBe(429);
  });

  test('whatever is sent, the answers are those of the document', { timeout: 30_000 + 3_000 * runs }, async () => {
    const document = (await (await fetch(`${site.url}/api/v1/openapi.json`)).json()) as Document;
    const { schemas } = document.components;
    const seen = new Map<string, Set<number>>();
    const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, one]) => ({ path, method, one })),
    );
    // Things are made before they are looked at, and looked at before they go. Those who ask stay as they are.
    const order = ['put', 'post', 'get', 'delete'];
    operations.sort((left, right) => order.indexOf(left.method) - order.indexOf(right.method));
    const ownDomains = ['new.example', 'new.example', 'no domain', 'Ünï.example'];
    const addresses = [
      'new',
      'new',
      'Newer@one.example',
      'neighbour',
      'neighbour',
      'neighbour',
      'team',
      'team',
      'nobody',
      'a+b',
      "o'brien",
      'x@two.example',
      ' ',
      '*',
    ];
    const parameter = (name: string, path: string): fc.Arbitrary<string> => {
      if (name === 'address') return fc.constantFrom(...addresses);
      if (name !== 'domain') return fc.constantFrom('0123456789abcdef', 'x', '%');
      const isOfDomain = /^\/domains\/{domain}(\/restore)?$/.test(path);
      return fc.constantFrom(
        ...ownDomains,
        ...(isOfDomain ? ['new.example'] : [...Array<string>(6).fill('one.example'), 'two.example']),
      );
    };
    for (const [place, { path, method, one }] of operations.entries()) {
      const content = one.requestBody?.content;
      const body = content?.['application/json']?.schema;
      const request = fc.record({
        who: fc.constantFrom(root, root, postmaster, postmaster, user),
        names: fc.record(
          Object.fromEntries(
            one.parameters.filter((each) => each.in === 'path').map(({ name }) => [name, parameter(name, path)]),
          ),
        ),
        query: fc.record(
          Object.fromEntries(
            one.parameters.filter((each) => each.in === 'query').map(({ name, schema }) => [name, valuesOf(schema, schemas)]),
          ),
          { requiredKeys: [] },
        ),
        body: content?.['text/csv'] ? csvTexts : body === undefined ? fc.constant(undefined) : valuesOf(body, schemas),
      });
      const property = fc.asyncProperty(request, async ({ who, names, query, body: sent }) => {
        const search = new URLSearchParams(Object.entries(query).map(([name, value]): [string, string] => [name, String(value)]));
        const filled = path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(names[name] ?? ''));
        const send = async (): Promise<Reply> => {
          const reply = await call(basic(who), method.toUpperCase(), `${filled}?${search.toString()}`, sent);
          if (reply.status !== 429) return reply;
          await setTimeout(Number(reply.headers.get('Retry-After')) * 1_000);
          return send();
        };
        const reply = await send();
        seen.set(one.operationId, (seen.get(one.operationId) ?? new Set()).add(reply.status));
        const described = one.responses[String(reply.status)] as {
          $ref?: string;
          content?: Record<string, { schema: Schema }>;
        };
        expect([one.operationId, reply.status, reply.body, described !== undefined]).toEqual([
          ...[one.operationId, reply.status, reply.body],
          true,
        ]);
        const [type = null, given] = Object.entries(described.content ?? {})[0] ?? [];
        const schema = reply.status >= 400 ? schemas['Problem'] : given?.schema;
        const expected = reply.status >= 400 ? 'application/problem+json' : type;
        expect(reply.headers.get('Content-Type')?.replace(/;.*/, '') ?? null).toBe(expected);
        if (schema) expect([one.operationId, misfits(reply.body, schema, schemas)]).toEqual([one.operationId, []]);
        if (method !== 'put' || reply.status >= 300) return;
        const once = { ...(reply.body as Record<string, unknown> | undefined) };
        delete once['lastChange'];
        const second = await send();
        expect([second.status === 201, second.body ?? {}]).toEqual([false, expect.objectContaining(once)]);
      });
      await fc.assert(property, { numRuns: runs, seed: 21 + 1_009 * place });
    }
    const succeeded = [...seen].filter(([, codes]) => [...codes].some((code) => code < 300)).map(([id]) => id);
    expect(succeeded.length).toBeGreaterThanOrEqual(24);
  });
});
