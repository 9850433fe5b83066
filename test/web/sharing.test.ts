/** Limits, other names, forwarding and senders on the pages, as site admin, postmaster and user, in front of slapd and jammd. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { people } from '../support/hosting-tree.js';
import { serverKinds } from '../support/reference-server.js';
import { freshName, startWebUnderTest, Visitor, type WebUnderTest } from './support.js';

describe.each(serverKinds)('on %s', (kind) => {
  let site: WebUnderTest;

  beforeAll(async () => {
    site = await startWebUnderTest(kind);
  });
  afterAll(async () => {
    expect(site?.errors ?? []).toEqual([]);
    await site?.stop();
  });

  const logIn = async (name: string, password: string): Promise<Visitor> => {
    const visitor = new Visitor(site.url);
    await visitor.logIn(name, password);
    return visitor;
  };
  const says = async (visitor: Visitor, path: string, fields: Record<string, string | string[]>): Promise<string> =>
    (await visitor.follow(await visitor.post(path, fields))).says;

  test('the site admin limits a domain; its postmaster sees what is left, and where it ends', async () => {
    const root = await logIn('root', 'secret');
    const chief = await logIn(people.otherPostmaster.mail, people.otherPostmaster.password);
    const limits = { accounts: '3', aliases: '', quotaSum: '5 GB', defaultQuota: '1 GB' };
    expect(await says(root, '/domains/two.example/limits', limits)).toBe('The limits are saved.');
    expect((await root.get('/domains/two.example/settings')).text).toMatch(/name="quotaSum"[^>]*value="5 GB"/);
    expect(await says(root, '/domains/two.example/limits', { ...limits, accounts: 'some' })).toMatch(/“some” is not a number/);
    expect((await chief.get('/domains/two.example')).text).toContain(
      'This domain has 2 of 3 accounts, quotas of 0 bytes of 5 GB.',
    );
    expect((await chief.get('/domains/two.example/accounts/new')).text).toMatch(/name="quota"[^>]*value="1 GB"/);
    const account = { address: freshName(), password: 'correct horse', repeat: 'correct horse', quota: '6 GB' };
    expect(await says(chief, '/domains/two.example/accounts/new', account)).toMatch(/add up to 5 GB, of which 5 GB are left/);
    expect(await says(chief, '/domains/two.example/accounts/new', { ...account, quota: '1 GB' })).toMatch(/^Added /);
    expect(await says(chief, '/domains/two.example/accounts/new', { ...account, address: freshName(), quota: '1 GB' })).toMatch(
      /may have 3 accounts, and no more/,
    );
    expect((await chief.post('/domains/two.example/limits', limits)).text).toMatch(/Only the site admin may do that/);
  });

  test('a domain that is another name of one', async () => {
    const root = await logIn('root', 'secret');
    const name = `${freshName()}.example`;
    expect(await says(root, '/domains/new', { domain: name, aliasOf: 'one.example' })).toMatch(/another name of one\.example/);
    expect((await root.get('/domains')).text).toContain('another name of one.example');
    expect((await root.get('/domains/one.example/settings')).text).toContain(`href="/domains/${name}/settings"`);
    const page = await root.get(`/domains/${name}`);
    expect(page.text).toContain('Its addresses are those of one.example.');
    expect(page.text).not.toContain('Add an account');
    expect(await says(root, `/domains/${name}/alias-of`, { aliasOf: name })).toMatch(/cannot be another name of itself/);
    expect(await says(root, `/domains/${name}/alias-of`, { aliasOf: 'two.example' })).toMatch(/another name of two\.example now/);
  });

  test('a user forwards mail, keeps a copy or none, and ends it', async () => {
    const user = await logIn(people.user.mail, people.user.password);
    const forward = (fields: Record<string, string>) => says(user, '/me/forwarding', fields);
    expect(await forward({ forwardTo: 'far@away.example', keepCopy: 'on' })).toBe(
      'Mail to user@one.example goes to far@away.example, and a copy to the mailbox here.',
    );
    expect((await user.get('/me')).text).toMatch(/name="keepCopy" value="on" checked/);
    expect(await forward({ forwardTo: 'noone@one.example' })).toBe(
      'Mail to user@one.example goes to noone@one.example. noone@one.example does not exist here: mail to it is refused.',
    );
    expect((await user.get('/me')).text).not.toMatch(/name="keepCopy" value="on" checked/);
    expect(await forward({ forwardTo: 'nonsense' })).toMatch(/it is not an address/);
    expect(await forward({ forwardTo: '' })).toBe('Mail to user@one.example stays in its mailbox.');
  });

  test('a postmaster lets an account send from an address, whose owner sees it', async () => {
    const chief = await logIn(people.postmaster.mail, people.postmaster.password);
    const path = `/domains/one.example/aliases/${people.alias.mail}/senders`;
    expect(await says(chief, path, { senders: people.neighbour.mail })).toBe(
      `${people.neighbour.mail} may also send from ${people.alias.mail}.`,
    );
    const neighbour = await logIn(people.neighbour.mail, people.neighbour.password);
    expect((await neighbour.get('/me')).text).toMatch(/May also send from<\/dt><dd><span class="line">team@one\.example/);
    expect(await says(chief, path, { senders: 'far@away.example' })).toMatch(/is not an account here/);
    expect(await says(chief, path, { remove: people.neighbour.mail })).toBe(`Nobody else may send from ${people.alias.mail}.`);
    const account = `/domains/one.example/accounts/${people.user.mail}`;
    expect(await says(chief, `${account}/senders`, { senders: people.neighbour.mail })).toMatch(/may also send from user@/);
    expect(await says(chief, `${account}/forwarding`, { forwardTo: 'far@away.example', keepCopy: 'on' })).toMatch(/goes to far@/);
    const alias = { address: freshName(), destinations: 'notanaddress' };
    expect(await says(chief, '/domains/one.example/aliases/new', alias)).toMatch(/“notanaddress”: it is not an address/);
  });
});
