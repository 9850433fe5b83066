/** API tokens on the pages, in front of slapd and of jammd: who makes them, what is shown, and that they end. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { setCapability } from '../../src/mail/domains.js';
import { people } from '../support/hosting-tree.js';
import { serverKinds } from '../support/reference-server.js';
import { Logins } from '../mail/support.js';
import { startWebUnderTest, Visitor, type Answer, type WebUnderTest } from './support.js';

const { postmaster, user } = people;
const path = '/domains/one.example/tokens';

describe.each(serverKinds)('API tokens on the pages, on %s', (kind) => {
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

  async function visitor(name: string, password: string): Promise<Visitor> {
    const one = new Visitor(site.url);
    await one.logIn(name, password);
    return one;
  }

  const send = (one: Visitor, to: string, fields: Record<string, string | string[]>): Promise<Answer> =>
    one.post(to, fields, { from: path });
  const tokenOf = ({ text }: Answer): string => /<code id="api-token">([^<]*)/.exec(text)?.[1] ?? '';

  async function api(token: string, method: string, to: string): Promise<number> {
    return (await fetch(`${site.url}/api/v1${to}`, { method, headers: { Authorization: `Bearer ${token}` } })).status;
  }

  test.each([
    ['a postmaster', postmaster.mail, postmaster.password],
    ['the site admin', 'root', 'secret'],
  ])('%s makes one, which is shown once and opens the API, lists it, and revokes it', async (who, name, password) => {
    const label = `Script of ${who}`;
    const one = await visitor(name, password);
    const asked = await one.get(path);
    expect([asked.status, asked.text.includes(label)]).toEqual([200, false]);
    const fields = { label, scope: ['accounts', 'aliases'], days: '30', old: password };
    const wrong = await send(one, path, { ...fields, old: 'wrong' });
    expect([wrong.status, wrong.says, tokenOf(wrong)]).toEqual([422, expect.stringMatching(/current password is wrong/), '']);
    expect(wrong.text).toMatch(/value="aliases" checked/);
    expect((await send(one, path, { ...fields, days: 'soon' })).says).toContain('Enter a number of days');
    expect((await send(one, path, { ...fields, scope: 'everything' })).says).toContain('is no scope');
    const token = tokenOf(await send(one, path, fields));
    expect(token).toMatch(/^jammd_\w+_\w+_one\.example$/);
    expect(await api(token, 'GET', '/domains/one.example/accounts')).toBe(200);
    expect(await api(token, 'PUT', `/domains/one.example/postmasters/${user.mail}`)).toBe(403);

    const list = await one.get(path);
    expect(list.text).toContain(label);
    expect(list.text).not.toContain(token.split('_')[2]);
    const id = token.split('_')[1] ?? '';
    const revoked = await send(one, `${path}/revoke`, { id });
    expect((await one.follow(revoked)).says).toContain('The token is revoked.');
    expect(await api(token, 'GET', '/me')).toBe(401);
    expect((await one.follow(await send(one, `${path}/revoke`, { id }))).says).toContain('no such token');
    expect((await one.get(path)).text).not.toContain(id);
  });

  test('nobody else does, nor a postmaster who may not appoint others', async () => {
    const [chief, nobody] = [await visitor(postmaster.mail, postmaster.password), await visitor(user.mail, user.password)];
    expect((await nobody.get(path)).status).toBe(403);
    expect((await nobody.post(path, { label: 'Mine', old: user.password })).status).toBe(403);
    expect((await chief.get('/domains/two.example/tokens')).status).toBe(403);
    const root = await logins.manager();
    expect((await chief.get('/domains/one.example')).text).toContain(`href="${path}"`);
    await setCapability(root, 'one.example', 'editPostmasters', false);
    try {
      expect((await chief.get('/domains/one.example')).text).not.toContain(`href="${path}"`);
      expect((await chief.get(path)).status).toBe(403);
      const refused = await chief.post(path, { label: 'Mine', old: postmaster.password }, { from: '/domains/one.example' });
      expect(refused.status).toBe(403);
    } finally {
      await setCapability(root, 'one.example', 'editPostmasters', true);
    }
  });
});
