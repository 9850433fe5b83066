/** Who somebody is, and what that gives: names have many spellings, and people may write into their own entries. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { getDomain, getOwnDomain, listDomains } from '../../src/mail/domains.js';
import { getAccount, getPerson } from '../../src/mail/entries.js';
import { createAccount } from '../../src/mail/accounts.js';
import { login, openLogin, refreshed } from '../../src/mail/login.js';
import { setPassword } from '../../src/mail/passwords.js';
import { dismissPostmaster, isPostmaster } from '../../src/mail/postmasters.js';
import { defaultSettings, type MailSettings } from '../../src/mail/context.js';
import { account, domainDn, people, ssha, wholeTreeLdif } from '../support/hosting-tree.js';
import { hosting, manager, suffix } from '../support/howto.js';
import { serverKinds, type ReferenceServer } from '../support/reference-server.js';
import { Logins, settings, startHosting } from './support.js';

const clerkDn = `cn=clerk,${suffix}`;
const clerk = `dn: ${clerkDn}\nobjectClass: person\ncn: clerk\nsn: Clerk\nuserPassword: ${ssha('clerk-pw')}\n\n`;
const spellings = (dn: string): string[] => [
  dn.replace(/^mail=/, 'rfc822Mailbox='),
  dn.replace(/^mail=/, '0.9.2342.19200300.100.1.3='),
  dn.replace('o=hosting', 'organizationName=hosting'),
  dn.replace('dc=example', 'domainComponent=EXAMPLE').replaceAll(',', ' , '),
];

describe.each(serverKinds)('identity on %s', (kind) => {
  let server: ReferenceServer;
  let logins: Logins;

  beforeAll(async () => {
    server = await startHosting(kind, `${wholeTreeLdif}${clerk}${account('further@one.example', { password: 'further-pw' })}`);
    logins = new Logins(server.url);
  });
  afterAll(async () => {
    await logins?.close();
    await server?.stop();
  });

  const as = async (name: string, password: string, own: Partial<MailSettings>) => {
    const context = await login({ url: server.url }, { ...settings, ...own }, name, password);
    await context.directory.close();
    return context;
  };

  test.each(spellings(people.user.dn))('a user who logs in as %s is that user and nothing more', async (dn) => {
    const { actor } = await logins.as(dn, people.user.password);
    expect(actor).toMatchObject({ level: 'user', address: people.user.mail, home: 'one.example', dn: people.user.dn });
  });
  test.each(spellings(people.postmaster.dn))('so is a postmaster: %s', async (dn) => {
    expect((await logins.as(dn, people.postmaster.password)).actor).toMatchObject({ level: 'domain', domains: ['one.example'] });
  });
  test.each([...spellings(people.inactive.dn)])('a deactivated account stays out: %s', async (dn) => {
    await expect(logins.as(dn, people.inactive.password)).rejects.toMatchObject({ kind: 'denied' });
  });
  test('a deleted one as well', async () => {
    for (const dn of spellings(people.deleted.dn)) {
      await expect(logins.as(dn, people.deleted.password)).rejects.toMatchObject({ kind: 'denied' });
    }
  });
  test('somebody outside the domains gets no level, unless listed', async () => {
    await expect(logins.as(clerkDn, 'clerk-pw')).rejects.toMatchObject({ kind: 'denied' });
    const siteAdmins = new Map([
      ['root', manager],
      ['clerk', `commonName=Clerk,${suffix}`],
    ]);
    expect((await as(clerkDn, 'clerk-pw', { siteAdmins })).actor).toMatchObject({ level: 'site', dn: clerkDn });
    expect((await as('clerk', 'clerk-pw', { siteAdmins })).actor).toMatchObject({ level: 'site', dn: clerkDn });
    await expect(as(people.user.dn, people.user.password, { siteAdmins })).resolves.toMatchObject({ actor: { level: 'user' } });
  });
  test('an account that is listed as site admin is one only while it is active', async () => {
    const listed = (dn: string): Partial<MailSettings> => ({ siteAdmins: new Map([['boss', dn]]) });
    expect((await as('boss', people.user.password, listed(people.user.dn))).actor.level).toBe('site');
    await expect(as('boss', people.inactive.password, listed(people.inactive.dn))).rejects.toMatchObject({ kind: 'denied' });
  });
  test('all spellings of a name are counted as one', async () => {
    const identities = new Set<string>();
    for (const name of [people.user.mail, 'USER@One.Example', people.user.dn, ...spellings(people.user.dn)]) {
      const pending = await openLogin({ url: server.url }, settings, name);
      identities.add(pending.identity);
      await pending.close();
    }
    expect([...identities]).toEqual([people.user.dn]);
  });
  test('names that lead nowhere are counted together, however they are spelt', async () => {
    const identities = new Set<string>();
    for (const name of [`mail=x,${domainDn('no.example')}`, `rfc822Mailbox=x,${domainDn('no.example')}`, 'cn=', 'EXTERNAL']) {
      const pending = await openLogin({ url: server.url }, settings, name);
      identities.add(pending.identity);
      await pending.close();
    }
    expect(identities.size).toBe(1);
  });
  test('a base that is spelt otherwise is the same tree', async () => {
    const base = `organizationName=Hosting, ${suffix}`;
    expect((await as(people.postmaster.mail, people.postmaster.password, { base })).actor).toMatchObject({
      level: 'domain',
      home: 'one.example',
    });
    await expect(as(people.inactive.mail, people.inactive.password, { base })).rejects.toMatchObject({ kind: 'denied' });
  });
  test('without a base the tree is found, with its Manager', async () => {
    const { base, siteAdmins } = defaultSettings;
    const root = await as('root', 'secret', { base, siteAdmins });
    expect([root.tree.base, root.actor]).toEqual([hosting, expect.objectContaining({ level: 'site', dn: manager })]);
  });
  test.each(['o=wrong', `o=wrong,${suffix}`])('the base %s is told to be missing', async (base) => {
    await expect(as('root', 'secret', { base })).rejects.toMatchObject({
      kind: 'not-found',
      message: expect.stringContaining(`no such base in the directory: ${base}`) as unknown,
    });
  });

  test('so is a suffix that has its domains further below', async () => {
    const { siteAdmins } = defaultSettings;
    await expect(as('root', 'secret', { base: suffix, siteAdmins })).rejects.toMatchObject({
      kind: 'not-found',
      message: expect.stringContaining(`below ${hosting}, so give that as --base`) as unknown,
    });
  });

  test('an address written into one’s own entry makes nobody somebody else', async () => {
    const thief = await logins.as('further@one.example', 'further-pw');
    await thief.directory
      .modify(thief.actor.dn, [
        ['delete', 'mail', ['further@one.example']],
        ['add', 'mail', [people.neighbour.mail, people.postmaster.mail, 'further@one.example']],
      ])
      .catch(() => thief.directory.modify(thief.actor.dn, [['add', 'mail', [people.neighbour.mail, people.postmaster.mail]]]));
    const root = await logins.manager();
    expect((await getPerson(root, 'one.example', people.neighbour.mail)).dn).toBe(people.neighbour.dn);
    expect((await getPerson(root, 'one.example', 'further@one.example')).address).toBe('further@one.example');
    expect((await logins.person('neighbour')).actor.dn).toBe(people.neighbour.dn);
    expect((await logins.person('postmaster')).actor).toMatchObject({ level: 'domain', dn: people.postmaster.dn });
    await thief.directory.modify(thief.actor.dn, [['add', 'mail', ['vacant@one.example']]]);
    await expect(getPerson(root, 'one.example', 'vacant@one.example')).rejects.toMatchObject({ kind: 'not-found' });
    const domain = await getDomain(root, 'one.example');
    const wanted = { address: 'vacant', password: 'correct horse', repeat: 'correct horse' };
    await expect(createAccount(root, domain, wanted)).rejects.toMatchObject({ kind: 'exists', field: 'address' });
  });
  test('a further jvd makes a domain no other domain', async () => {
    const chief = await logins.person('postmaster');
    const dn = domainDn('one.example');
    await chief.directory
      .modify(dn, [
        ['delete', 'jvd', ['one.example']],
        ['add', 'jvd', ['two.example', 'one.example']],
      ])
      .catch(() => chief.directory.modify(dn, [['add', 'jvd', ['two.example']]]));
    const root = await logins.manager();
    expect((await getDomain(root, 'one.example')).name).toBe('one.example');
    expect((await listDomains(root)).domains.map(({ name }) => name)).toEqual(['off.example', 'one.example', 'two.example']);
  });
  test('nobody takes their own rights away, however they spell themselves', async () => {
    const chief = await logins.person('postmaster');
    const domain = await getOwnDomain(chief, 'one.example');
    for (const dn of spellings(people.postmaster.dn)) {
      await expect(dismissPostmaster(chief, domain, dn)).rejects.toMatchObject({ kind: 'conflict' });
      expect(await isPostmaster(chief, 'one.example', dn)).toBe(true);
    }
  });
  test('a session notices that its password was changed elsewhere', async () => {
    const [here, elsewhere] = [await logins.person('stranger'), await logins.person('stranger')];
    await setPassword(elsewhere, await getAccount(elsewhere, 'two.example', people.stranger.mail), {
      old: people.stranger.password,
      password: 'correct horse',
      repeat: 'correct horse',
    });
    await expect(refreshed(here)).rejects.toMatchObject({ kind: 'session-lost' });
  });
});
