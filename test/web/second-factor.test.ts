/** The second factor on the pages, in front of slapd and of jammd. Codes are oathtool's where it is installed. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { getAccount } from '../../src/mail/entries.js';
import { FactorKey } from '../../src/mail/factor-key.js';
import { removeSecondFactor, secondFactorOf } from '../../src/mail/second-factor.js';
import { stepAt, totpCode } from '../../src/mail/totp.js';
import { startWeb } from '../../src/web/start.js';
import { people } from '../support/hosting-tree.js';
import { runOrFail } from '../support/process.js';
import { hasProgram } from '../support/programs.js';
import { serverKinds } from '../support/reference-server.js';
import { Logins, settings } from '../mail/support.js';
import { startWebUnderTest, Visitor, type Answer, type WebUnderTest } from './support.js';

const { user, postmaster, otherPostmaster, stranger } = people;

/** The code of now, or of so many steps later. */
async function codeOf(secret: string, later = 0): Promise<string> {
  if (!hasProgram('oathtool')) return totpCode(secret, stepAt(new Date()) + later);
  const at = Math.floor(Date.now() / 1_000) + later * 30;
  return (await runOrFail('oathtool', ['--totp', '-b', '-N', `@${at}`, secret])).stdout.trim();
}

describe.each(serverKinds)('a second factor, on %s', (kind) => {
  let site: WebUnderTest;
  let logins: Logins;

  beforeAll(async () => {
    const key = new FactorKey(Buffer.alloc(32, 7));
    site = await startWebUnderTest(kind, { secondFactor: { key, requiredOf: 'postmasters' } });
    logins = new Logins(site.ldap.url);
  });
  afterAll(async () => {
    expect(site?.errors ?? []).toEqual([]);
    await logins?.close();
    await site?.stop();
  });

  async function visitor({ mail, password }: { readonly mail: string; readonly password: string }): Promise<[Visitor, Answer]> {
    const one = new Visitor(site.url);
    return [one, await one.logIn(mail, password)];
  }

  const send = (one: Visitor, path: string, fields: Record<string, string>): Promise<Answer> =>
    one.post(`/second-factor/${path}`, fields, { from: '/second-factor' });

  async function setUp(one: Visitor, password: string): Promise<{ secret: string; recovery: string[] }> {
    const secret = (/<code id="secret">([^<]*)/.exec((await one.get('/second-factor')).text)?.[1] ?? '').replaceAll(' ', '');
    const wrong = await send(one, 'on', { code: await codeOf(secret), old: 'wrong' });
    expect([wrong.status, wrong.says]).toEqual([422, expect.stringMatching(/current password is wrong/)]);
    const made = await send(one, 'on', { code: await codeOf(secret), old: password });
    expect(made.text).not.toContain(secret);
    return { secret, recovery: [...made.text.matchAll(/<code>([a-z0-9-]{14})</g)].map((match) => match[1] ?? '') };
  }

  test('a code is asked for after the password, is good once, and nothing opens before it', async () => {
    const [me] = await visitor(user);
    const { secret, recovery } = await setUp(me, user.password);
    expect(recovery).toHaveLength(10);
    const stored = await (await logins.manager()).directory.read(user.dn, ['jammdSecondFactor']);
    expect(stored?.all('jammdSecondFactor')).toHaveLength(12);
    expect(stored?.all('jammdSecondFactor').join('\n')).not.toContain(secret);

    const [again, asked] = await visitor(user);
    expect(asked.location).toBe('/second-factor');
    expect((await again.get('/me')).location).toBe('/second-factor');
    expect((await send(again, 'off', { code: '000000' })).location).toBe('/second-factor');
    const { token } = await again.get('/second-factor');
    expect((await again.postRaw('/me/name', { _token: token, name: 'Nobody' })).location).toBe('/second-factor');
    expect((await getAccount(await logins.manager(), 'one.example', user.mail)).name).not.toBe('Nobody');
    const code = await codeOf(secret, 1);
    expect((await send(again, 'code', { code })).location).toBe('/me');
    expect((await again.get('/me')).status).toBe(200);

    const [replayed] = await visitor(user);
    expect((await send(replayed, 'code', { code })).status).toBe(422);
    expect((await send(replayed, 'code', { code: recovery[0]?.toUpperCase() ?? '' })).location).toBe('/me');
    const [twice] = await visitor(user);
    expect((await send(twice, 'code', { code: recovery[0] ?? '' })).status).toBe(422);
    expect((await send(twice, 'code', { code: (recovery[1] ?? '').replaceAll('-', ' ') })).location).toBe('/me');
    expect((await twice.get('/second-factor')).text).toContain('Recovery codes left: 8');
    expect((await send(twice, 'off', { code: recovery[2] ?? '' })).location).toBe('/me');
    expect((await visitor(user))[1].location).toBe('/me');
  });

  test('a postmaster has to set one up first, and the site admin can switch it off', async () => {
    const [chief, asked] = await visitor(postmaster);
    expect(asked.location).toBe('/domains/one.example');
    expect((await chief.get('/domains/one.example')).location).toBe('/second-factor');
    await setUp(chief, postmaster.password);
    expect((await chief.get('/domains/one.example')).status).toBe(200);
    const root = await logins.manager();
    await expect(removeSecondFactor(await logins.person('otherPostmaster'), postmaster.dn)).rejects.toMatchObject({
      kind: 'denied',
    });
    expect(await removeSecondFactor(root, postmaster.dn)).toBe(true);
    expect(await secondFactorOf(root, postmaster.dn)).toMatchObject({ isOn: false, recoveryLeft: 0 });
  });

  test('guessing is braked: after some wrong codes no code is looked at for a while', async () => {
    const [chief] = await visitor(otherPostmaster);
    const { secret } = await setUp(chief, otherPostmaster.password);
    const [guesser] = await visitor(otherPostmaster);
    for (let guess = 0; guess < 5; guess++) expect((await send(guesser, 'code', { code: '000' })).says).toContain('wrong');
    const right = await send(guesser, 'code', { code: await codeOf(secret, 1) });
    expect([right.status, right.says]).toEqual([422, expect.stringMatching(/Too many wrong codes/)]);
  });

  test('the site admin keeps one in the Manager’s entry; a site without the key lets nobody in who has one', async () => {
    const [root] = await visitor({ mail: 'root', password: 'secret' });
    await setUp(root, 'secret');
    expect((await visitor({ mail: 'root', password: 'secret' }))[1].location).toBe('/second-factor');
    const keyless = await startWeb({ ldapUrl: site.ldap.url, listen: '127.0.0.1:0', settings });
    try {
      const url = keyless.url.replace(/\/$/, '');
      const refused = await new Visitor(url).logIn('root', 'secret');
      expect([refused.status, refused.says]).toEqual([403, expect.stringMatching(/no key to check/)]);
      expect((await new Visitor(url).logIn(stranger.mail, stranger.password)).location).toBe('/me');
    } finally {
      await keyless.close();
    }
  });
});
