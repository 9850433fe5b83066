/** App passwords on slapd and on jammd: what opens with them, what ends them, and who sees them. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeNote, readPasswords } from '../../src/mail/app-password-notes.js';
import {
  listAppPasswords,
  makeAppPassword,
  removeExpired,
  revokeAllAppPasswords,
  revokeAppPassword,
} from '../../src/mail/app-passwords.js';
import { DirectoryConnection } from '../../src/mail/connection.js';
import { getAccount, type Account } from '../../src/mail/entries.js';
import { refreshed } from '../../src/mail/login.js';
import { setPassword } from '../../src/mail/passwords.js';
import { people } from '../support/hosting-tree.js';
import { serverKinds, type ReferenceServer } from '../support/reference-server.js';
import { Logins, startHosting } from './support.js';

const { user, neighbour } = people;

describe.each(serverKinds)('app passwords on %s', (kind) => {
  let server: ReferenceServer;
  let logins: Logins;

  beforeAll(async () => {
    server = await startHosting(kind);
    logins = new Logins(server.url);
  });
  afterAll(async () => {
    await logins?.close();
    await server?.stop();
  });

  /** Does a mail program get in? */
  async function opens(dn: string, password: string): Promise<boolean> {
    const anybody = await DirectoryConnection.open({ url: server.url });
    try {
      return await anybody.isPassword(dn, password);
    } finally {
      await anybody.close();
    }
  }

  const own = async (who: 'user' | 'neighbour'): Promise<Account> =>
    getAccount(await logins.person(who), 'one.example', people[who].mail);

  test('one opens the directory and none of the pages; its owner’s sessions go on', async () => {
    const [me, elsewhere] = [await logins.person('user'), await logins.person('user')];
    const account = await own('user');
    const made = await makeAppPassword(me, account, { label: 'Téléphone', days: 30, old: user.password });
    expect(await opens(user.dn, made.password)).toBe(true);
    expect(await opens(user.dn, user.password)).toBe(true);
    await expect(logins.as(user.mail, made.password)).rejects.toMatchObject({ kind: 'denied' });
    await refreshed(elsewhere);
    expect(await listAppPasswords(me, account)).toMatchObject([{ id: made.id, label: 'Téléphone', expired: false }]);
  });
  test('it takes the owner’s own password, a label of its own and days that can be', async () => {
    const me = await logins.person('user');
    const account = await own('user');
    const wrong = { kind: 'credentials', field: 'old' };
    await expect(makeAppPassword(me, account, { label: 'Tablet', old: 'wrong' })).rejects.toMatchObject(wrong);
    const { password } = await makeAppPassword(me, account, { label: 'Tablet', old: user.password });
    await expect(makeAppPassword(me, account, { label: 'TV', old: password })).rejects.toMatchObject(wrong);
    for (const [field, request] of [
      ['label', { label: 'tablet' }],
      ['label', { label: ' ' }],
      ['label', { label: 'a\nb' }],
      ['days', { label: 'TV', days: 0 }],
      ['days', { label: 'TV', days: 1.5 }],
    ] as const) {
      await expect(makeAppPassword(me, account, { old: user.password, ...request })).rejects.toMatchObject({ field });
    }
  });
  test('others see nothing of them; postmasters of the domain and the site admin do', async () => {
    const account = await own('user');
    await expect(listAppPasswords(await logins.person('neighbour'), account)).rejects.toMatchObject({ kind: 'denied' });
    await expect(listAppPasswords(await logins.person('otherPostmaster'), account)).rejects.toMatchObject({ kind: 'denied' });
    const stranger = await logins.person('neighbour');
    expect((await readPasswords(stranger.directory, user.dn))?.all('jammdAppPassword')).toEqual([]);
    expect(await listAppPasswords(await logins.manager(), account)).toHaveLength(2);
    const chief = await logins.person('postmaster');
    const [first] = await listAppPasswords(chief, account);
    expect(await revokeAppPassword(chief, account, first?.id ?? '')).toBe('Téléphone');
    await expect(revokeAppPassword(chief, account, first?.id ?? '')).rejects.toMatchObject({ kind: 'not-found' });
    expect((await listAppPasswords(chief, account)).map(({ label }) => label)).toEqual(['Tablet']);
  });
  test('a new main password keeps them, unless told otherwise', async () => {
    const chief = await logins.person('postmaster');
    const account = await own('neighbour');
    const { password } = await makeAppPassword(chief, account, { label: 'Phone' });
    const next = { password: 'staple battery', repeat: 'staple battery' };
    await setPassword(chief, account, next);
    expect(await opens(neighbour.dn, neighbour.password)).toBe(false);
    expect(await opens(neighbour.dn, next.password)).toBe(true);
    expect(await opens(neighbour.dn, password)).toBe(true);
    const me = await logins.as(neighbour.mail, next.password);
    const back = { password: neighbour.password, repeat: neighbour.password, revokeAppPasswords: true };
    await expect(setPassword(me, account, { ...back, old: password })).rejects.toMatchObject({ kind: 'credentials' });
    await setPassword(me, account, { ...back, old: next.password });
    expect(await opens(neighbour.dn, password)).toBe(false);
    expect((await readPasswords(me.directory, neighbour.dn))?.all('jammdAppPassword')).toEqual([]);
  });
  test('ldappasswd replaces them all, and what is left of them goes with the next change', async () => {
    const root = await logins.manager();
    const account = await own('neighbour');
    const { password } = await makeAppPassword(root, account, { label: 'Phone' });
    await root.directory.changePassword(neighbour.dn, { newPassword: neighbour.password });
    expect(await opens(neighbour.dn, password)).toBe(false);
    expect(await listAppPasswords(root, account)).toEqual([]);
    await makeAppPassword(root, account, { label: 'Phone' });
    expect((await readPasswords(root.directory, neighbour.dn))?.all('jammdAppPassword')).toHaveLength(1);
    expect(await revokeAllAppPasswords(root, account)).toBe(1);
  });
  test('an expired one is removed by the command for cron; jammd refuses it before that', async () => {
    const root = await logins.manager();
    const account = await own('neighbour');
    const { password } = await makeAppPassword(root, account, { label: 'Old laptop', days: 1 });
    const kept = await makeAppPassword(root, account, { label: 'Laptop', days: 1 });
    const [old] = await listAppPasswords(root, account);
    await root.directory.modify(neighbour.dn, [
      ['delete', 'jammdAppPassword', [old?.note ?? '']],
      ['add', 'jammdAppPassword', [makeNote(old?.value ?? '', 'Old laptop', new Date(Date.now() - 2_000))]],
    ]);
    expect(await opens(neighbour.dn, password)).toBe(kind === 'slapd');
    expect(await opens(neighbour.dn, neighbour.password)).toBe(true);
    expect(await removeExpired(root)).toMatchObject([{ labels: ['Old laptop'] }]);
    expect(await opens(neighbour.dn, password)).toBe(false);
    expect(await opens(neighbour.dn, kept.password)).toBe(true);
    expect(await removeExpired(root)).toEqual([]);
    await expect(removeExpired(await logins.person('postmaster'))).rejects.toMatchObject({ kind: 'denied' });
  });
  test('with jammd, whoever has one reads and changes nothing; slapd takes it for any other password', async () => {
    const root = await logins.manager();
    const account = await own('user');
    const { password, id } = await makeAppPassword(root, account, { label: 'Lost phone' });
    const finder = await DirectoryConnection.open({ url: server.url });
    try {
      await finder.bind(user.dn, password);
      expect(await finder.nameOf(user.dn)).toBeDefined();
      const rename = finder.modify(user.dn, [['replace', 'cn', ['Finder']]]);
      const takeOver = finder.changePassword(user.dn, { newPassword: 'of the finder' });
      const outcomes = await Promise.allSettled([rename, takeOver]);
      const outcome = kind === 'jammd' ? { status: 'rejected', reason: { kind: 'denied' } } : { status: 'fulfilled' };
      expect(outcomes).toMatchObject([outcome, outcome]);
      if (kind === 'slapd') return root.directory.changePassword(user.dn, { newPassword: user.password });
      await finder.bind(user.dn, user.password);
      await finder.modify(user.dn, [['replace', 'cn', ['Owner']]]);
    } finally {
      await finder.close();
    }
    return revokeAppPassword(root, account, id);
  });
  test('jammd notes the last use, once an hour; slapd notes none', async () => {
    const root = await logins.manager();
    const account = await own('user');
    const { password, id } = await makeAppPassword(root, account, { label: 'Watch' });
    const found = async (): Promise<Date | undefined> =>
      (await listAppPasswords(root, account)).find((one) => one.id === id)?.usedAt;
    expect(await found()).toBeUndefined();
    expect(await opens(user.dn, user.password)).toBe(true);
    expect(await opens(user.dn, password)).toBe(true);
    if (kind === 'slapd') return expect(await found()).toBeUndefined();
    await expect.poll(found, { timeout: 20_000 }).toBeInstanceOf(Date);
    const { version } = await getAccount(root, 'one.example', user.mail);
    for (let login = 0; login < 3; login++) await opens(user.dn, password);
    expect((await getAccount(root, 'one.example', user.mail)).version).toBe(version);
    await revokeAppPassword(root, account, id);
  });
});
