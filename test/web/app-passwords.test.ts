/** App passwords on the pages: made by their owner, shown once, revoked by them and by their postmaster. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { people } from '../support/hosting-tree.js';
import { startWebUnderTest, Visitor, type WebUnderTest } from './support.js';

const { user, postmaster } = people;
let site: WebUnderTest;

beforeAll(async () => {
  site = await startWebUnderTest('jammd');
});
afterAll(async () => {
  expect(site?.errors ?? []).toEqual([]);
  await site?.stop();
});

async function visitor({ mail, password }: { readonly mail: string; readonly password: string }): Promise<Visitor> {
  const one = new Visitor(site.url);
  expect((await one.logIn(mail, password)).status).toBe(303);
  return one;
}

test('its owner makes one, sees it once, and it opens no page', async () => {
  const me = await visitor(user);
  const wrong = await me.post('/me/app-passwords', { label: 'Phone', days: 'soon', old: user.password });
  expect([wrong.status, wrong.says]).toEqual([422, expect.stringMatching(/number of days/)]);
  const made = await me.post('/me/app-passwords', { label: 'Phone', days: '30', old: user.password });
  const password = /id="app-password">([^<]*)/.exec(made.text)?.[1] ?? '';
  expect(password).toMatch(/^(\w{5}-){3}\w{5}$/);
  const own = await me.get('/me');
  expect(own.text).toContain('Phone');
  expect(own.text).not.toContain(password);
  const refused = await new Visitor(site.url).logIn(user.mail, password);
  expect([refused.status, refused.says]).toEqual([403, expect.stringMatching(/only for mail programs/)]);
});

test('the postmaster sees and revokes it, the owner chooses whether a new password ends the others', async () => {
  const path = `/domains/one.example/accounts/${user.mail}`;
  const chief = await visitor(postmaster);
  const id = /name="id" value="(\w+)"/.exec((await chief.get(path)).text)?.[1] ?? '';
  const revoked = await chief.follow(await chief.post(`${path}/app-passwords/revoke`, { id, back: path }));
  expect(revoked.says).toContain('The app password for Phone is revoked.');
  const me = await visitor(user);
  await me.post('/me/app-passwords', { label: 'Tablet', old: user.password });
  const next = { old: user.password, password: 'long enough', repeat: 'long enough' };
  await me.follow(await me.post('/me/password', next));
  expect((await me.get('/me')).text).toContain('Tablet');
  await me.follow(await me.post('/me/password', { ...next, old: 'long enough', revoke: 'on' }));
  expect((await me.get('/me')).text).not.toContain('Tablet');
});
