/** What jammd.schema adds, on slapd and on jammd: limits of a domain, alias domains, forwarding, senders; and long lists. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { changeAccount, createAccount, deleteAccount, renameAccount, restoreAccount } from '../../src/mail/accounts.js';
import { aliasDomainsOf, createAliasDomain, pointAliasDomain } from '../../src/mail/alias-domains.js';
import { createAlias } from '../../src/mail/aliases.js';
import { checkAccountsCsv, importAccountsCsv, readAccountsCsv } from '../../src/mail/account-csv.js';
import { destinationWarnings } from '../../src/mail/destinations.js';
import { inEnglish } from '../../src/mail/told.js';
import { domainUse, setLimits } from '../../src/mail/domain-room.js';
import { createDomain, deleteDomain, getDomain, getOwnDomain, listDomains, purgeDomain } from '../../src/mail/domains.js';
import { findPerson, getAccount, getAlias, listPeople } from '../../src/mail/entries.js';
import { setForwarding } from '../../src/mail/forwarding.js';
import { convertQuotas } from '../../src/mail/quota-conversion.js';
import { changeSenders, furtherSenderAddresses } from '../../src/mail/senders.js';
import { account, domain, people, wholeTreeLdif } from '../support/hosting-tree.js';
import { presentConfig } from '../support/howto.js';
import { serverKinds, startServer, type ReferenceServer } from '../support/reference-server.js';
import { Logins, startHosting } from './support.js';

const newPassword = { password: 'correct horse', repeat: 'correct horse' };
/** More than a server shows to anybody but the Manager: those that begin alike, and those that do not. */
const crowd = [
  ...Array.from({ length: 620 }, (_, index) => `user${String(index).padStart(4, '0')}@crowd.example`),
  ...Array.from({ length: 60 }, (_, index) => `${'abcdefghij'[index % 10]}${index}@crowd.example`),
  'User@crowd.example',
];
const boss = { mail: 'boss@crowd.example', password: 'boss-pw' };
const ldif =
  wholeTreeLdif +
  domain('crowd.example', [`mail=${boss.mail},jvd=crowd.example,o=hosting,dc=myhosting,dc=example`]) +
  account(boss.mail, { password: boss.password }) +
  crowd.map((mail) => account(mail, { quota: '1048576S' })).join('') +
  domain('old.example', []) +
  [
    ['megabytes', '10 MB'],
    ['bare', '20'],
    ['none', '0'],
    ['lower', '30s'],
    ['unclear', 'plenty'],
    ['right', '40S,5C'],
  ]
    .map(([local, quota]) => account(`${local}@old.example`, { quota: quota ?? '' }))
    .join('');

describe.each(serverKinds)('on %s', (kind) => {
  let server: ReferenceServer;
  let logins: Logins;

  beforeAll(async () => {
    server = await startHosting(kind, ldif);
    logins = new Logins(server.url);
  });
  afterAll(async () => {
    await logins?.close();
    await server?.stop();
  });

  describe('limits of a domain', () => {
    /** A domain of its own with a postmaster, and how that one sees it. */
    const limited = async (name: string, limits: Parameters<typeof setLimits>[2]) => {
      const root = await logins.manager();
      const made = await createDomain(root, { domain: name });
      await createAccount(root, made, { address: 'chief', postmaster: true, quota: '1 MB', ...newPassword });
      await setLimits(root, made, limits);
      const chief = await logins.as(`chief@${name}`, newPassword.password);
      return { root, chief, domain: await getOwnDomain(chief, name) };
    };

    test('accounts: a postmaster makes as many as there may be, and deleting one makes room until it is restored', async () => {
      const { root, chief, domain } = await limited('few.example', { accounts: '2' });
      await createAccount(chief, domain, { address: 'second', ...newPassword });
      await expect(createAccount(chief, domain, { address: 'third', ...newPassword })).rejects.toMatchObject({
        kind: 'conflict',
        message: 'few.example may have 2 accounts, and no more. Ask your site admin.',
      });
      expect(await findPerson(chief, 'few.example', 'third@few.example')).toBeUndefined();
      await deleteAccount(chief, domain, 'second@few.example');
      await createAccount(chief, domain, { address: 'third', ...newPassword });
      await expect(restoreAccount(chief, domain, 'second@few.example')).rejects.toMatchObject({ kind: 'conflict' });
      // The site admin is not bound, and takes the limit away.
      await restoreAccount(root, domain, 'second@few.example');
      await setLimits(root, domain, { accounts: '' });
      expect((await getDomain(root, 'few.example')).limits).toEqual({
        accounts: undefined,
        aliases: undefined,
        quotaBytes: undefined,
        defaultQuota: '',
      });
    });

    test('aliases: postmaster, abuse and the catch-all do not count', async () => {
      const { chief, domain } = await limited('aliased.example', { aliases: '1' });
      await createAlias(chief, domain, { address: 'one', destinations: 'a@x.example' });
      await expect(createAlias(chief, domain, { address: 'two', destinations: 'a@x.example' })).rejects.toMatchObject({
        kind: 'conflict',
        message: expect.stringMatching(/one alias, and no more/) as string,
      });
      expect(await domainUse(chief, 'aliased.example')).toMatchObject({ accounts: 1, aliases: 1, quotaBytes: 1024 ** 2 });
    });

    test('quotas: the sum is kept, by new accounts and by changes; the default is what new accounts get', async () => {
      const { chief, domain } = await limited('sum.example', { quotaSum: '10 MB', defaultQuota: '4 MB' });
      const made = await createAccount(chief, domain, { address: 'a', ...newPassword });
      expect(made.quota).toBe(`${4 * 1024 ** 2}S`);
      await expect(createAccount(chief, domain, { address: 'b', quota: '6 MB', ...newPassword })).rejects.toMatchObject({
        kind: 'conflict',
        field: 'quota',
        message: expect.stringMatching(/add up to 10 MB, of which 5 MB are left/) as string,
      });
      await expect(createAccount(chief, domain, { address: 'b', quota: '', ...newPassword })).rejects.toMatchObject({
        field: 'quota',
      });
      await changeAccount(chief, 'sum.example', made.address, { quota: '9 MB' });
      await expect(changeAccount(chief, 'sum.example', made.address, { quota: '10 MB' })).rejects.toMatchObject({
        field: 'quota',
      });
      await changeAccount(chief, 'sum.example', made.address, { name: 'Still', quota: '9 MB' });
    });

    test('a CSV: each line counts with those before it', async () => {
      const { chief, domain } = await limited('csv-room.example', { accounts: '3' });
      const rows = readAccountsCsv('a\nb\nc\n');
      const problems = (await checkAccountsCsv(chief, domain, rows)).map(({ problem }) => problem?.message);
      expect(problems).toEqual([undefined, undefined, expect.stringMatching(/3 accounts, and no more/)]);
      const results = await importAccountsCsv(chief, domain, rows);
      expect(results.filter(({ problem }) => problem === undefined)).toHaveLength(2);
    });

    test('only a site admin sets them, and only to numbers', async () => {
      const { root, chief, domain } = await limited('whose.example', {});
      await expect(setLimits(chief, domain, { accounts: '9' })).rejects.toMatchObject({ kind: 'denied' });
      await expect(setLimits(root, domain, { accounts: 'many' })).rejects.toMatchObject({ kind: 'invalid', field: 'accounts' });
      await expect(setLimits(root, domain, { quotaSum: '5C' })).rejects.toMatchObject({ kind: 'invalid', field: 'quotaSum' });
    });
  });

  describe('alias domains', () => {
    test('one has no addresses of its own, and the domain it names stays until it is gone', async () => {
      const root = await logins.manager();
      await createDomain(root, { domain: 'target.example' });
      const made = await createAliasDomain(root, 'Other.Example', 'target.example');
      expect(made).toMatchObject({ name: 'other.example', aliasOf: 'target.example', active: true });
      expect((await aliasDomainsOf(root, 'target.example')).map(({ name }) => name)).toEqual(['other.example']);
      expect((await listDomains(root, { text: 'other.ex' })).domains).toHaveLength(1);
      await expect(createAccount(root, made, { address: 'a', ...newPassword })).rejects.toMatchObject({ kind: 'conflict' });
      await expect(createAlias(root, made, { address: 'a', destinations: 'x@x.example' })).rejects.toMatchObject({
        kind: 'conflict',
      });
      await expect(createAliasDomain(root, 'third.example', 'other.example')).rejects.toMatchObject({ field: 'aliasOf' });
      await expect(createAliasDomain(root, 'other.example', 'target.example')).rejects.toMatchObject({ kind: 'exists' });
      await expect(pointAliasDomain(root, await getDomain(root, 'target.example'), 'one.example')).rejects.toMatchObject({
        kind: 'conflict',
      });
      expect(await pointAliasDomain(root, made, 'two.example')).toMatchObject({ aliasOf: 'two.example' });
      await pointAliasDomain(root, made, 'target.example');
      await deleteDomain(root, 'target.example');
      await expect(purgeDomain(root, 'target.example')).rejects.toMatchObject({
        message: expect.stringMatching(/other\.example is another name/) as string,
      });
      await deleteDomain(root, 'other.example');
      expect(await purgeDomain(root, 'other.example')).toBe(1);
      expect(await purgeDomain(root, 'target.example')).toBe(3);
    });
  });

  describe('forwarding', () => {
    test('users switch it for themselves, with and without a copy, and off', async () => {
      const user = await logins.person('user');
      const one = await getDomain(user, 'one.example');
      const forward = (destinations: string, keepCopy: boolean) =>
        setForwarding(user, one, people.user.mail, { destinations, keepCopy });
      expect(await forward('far@away.example, two@away.example', true)).toMatchObject({
        forwardTo: ['far@away.example', 'two@away.example'],
        keepsCopy: true,
      });
      expect(await forward('far@away.example', false)).toMatchObject({ forwardTo: ['far@away.example'], keepsCopy: false });
      const entry = await user.directory.read(people.user.dn, ['jammdForwardTo', 'jammdRedirectTo']);
      expect([entry?.all('jammdForwardTo'), entry?.all('jammdRedirectTo')]).toEqual([[], ['far@away.example']]);
      expect(await forward('', false)).toMatchObject({ forwardTo: [], keepsCopy: true });
      await expect(forward('User@One.Example', true)).rejects.toMatchObject({ kind: 'invalid', field: 'forwardTo' });
      await expect(forward('root', true)).rejects.toMatchObject({ kind: 'invalid', field: 'forwardTo' });
    });
    test('postmasters do it for their domain, users for nobody else', async () => {
      const user = await logins.person('user');
      const chief = await logins.person('postmaster');
      const one = await getDomain(user, 'one.example');
      const request = { destinations: 'x@away.example', keepCopy: true };
      await expect(setForwarding(user, one, people.neighbour.mail, request)).rejects.toMatchObject({ kind: 'denied' });
      expect(await setForwarding(chief, one, people.neighbour.mail, request)).toMatchObject({ forwardTo: ['x@away.example'] });
    });
  });

  describe('senders', () => {
    test('a postmaster lets accounts send from an address; renaming one takes it along', async () => {
      const chief = await logins.person('postmaster');
      const one = await getOwnDomain(chief, 'one.example');
      await createAccount(chief, one, { address: 'clerk', ...newPassword });
      await createAlias(chief, one, { address: 'desk', destinations: 'far@away.example' });
      await createAlias(chief, one, { address: 'front', destinations: 'clerk@one.example' });
      expect(await changeSenders(chief, one, 'desk@one.example', { add: 'Clerk@ONE.example' })).toMatchObject({
        senders: ['clerk@one.example'],
      });
      const clerk = await getAccount(chief, 'one.example', 'clerk@one.example');
      expect(await furtherSenderAddresses(chief, 'one.example', clerk)).toEqual(['desk@one.example', 'front@one.example']);
      await setForwarding(chief, one, people.postmaster.mail, { destinations: 'clerk@one.example', keepCopy: true });
      await renameAccount(chief, one, 'clerk@one.example', 'officer');
      expect(await getAlias(chief, 'one.example', 'desk@one.example')).toMatchObject({ senders: ['officer@one.example'] });
      expect(await getAccount(chief, 'one.example', people.postmaster.mail)).toMatchObject({
        forwardTo: ['officer@one.example'],
      });
      await expect(changeSenders(chief, one, 'desk@one.example', { remove: ['x@one.example'] })).rejects.toMatchObject({
        field: 'remove',
      });
      expect(await changeSenders(chief, one, 'desk@one.example', { remove: ['officer@one.example'] })).toMatchObject({
        senders: [],
      });
    });
    test.each(['nobody@one.example', 'team@one.example', 'deleted@one.example', 'far@away.example', 'nonsense'])(
      '%s is no account, and no sender',
      async (sender) => {
        const chief = await logins.person('postmaster');
        const one = await getOwnDomain(chief, 'one.example');
        await expect(changeSenders(chief, one, people.alias.mail, { add: sender })).rejects.toMatchObject({
          kind: 'invalid',
          field: 'senders',
        });
      },
    );
  });

  test('destinations that cannot be right are told', async () => {
    const chief = await logins.person('postmaster');
    const one = await getOwnDomain(chief, 'one.example');
    await expect(createAlias(chief, one, { address: 'odd', destinations: 'notanaddress' })).rejects.toMatchObject({
      kind: 'invalid',
      field: 'destinations',
    });
    await createAlias(chief, one, { address: 'ring1', destinations: 'ring2@one.example' });
    await createAlias(chief, one, { address: 'ring2', destinations: 'ring1@one.example, x@away.example' });
    const warnings = (destinations: readonly string[]) =>
      destinationWarnings(chief, 'ring1@one.example', destinations).then((told) => told.map(inEnglish));
    expect(await warnings(['ring2@one.example'])).toEqual([
      'Mail to ring1@one.example goes round in a circle: ring1@one.example → ring2@one.example → ring1@one.example.',
    ]);
    expect(
      await warnings([
        'noone@one.example',
        people.deleted.mail,
        people.inactive.mail,
        'someone@off.example',
        'whoever@two.example',
      ]),
    ).toEqual([
      'noone@one.example does not exist here: mail to it is refused.',
      `${people.deleted.mail} is deleted: mail to it is refused.`,
      `${people.inactive.mail} is inactive: mail to it is refused.`,
      'someone@off.example is in a domain that is inactive: mail to it is refused.',
    ]);
    expect(await warnings([people.user.mail, 'far@away.example'])).toEqual([]);
  });

  test('a postmaster whom the directory shows 500 entries at once sees all accounts, in order', async () => {
    const chief = await logins.as(boss.mail, boss.password);
    const found = await listPeople(chief, 'crowd.example', { kind: 'account', pageSize: 1_000 });
    const expected = [...crowd, boss.mail].map((mail) => mail.toLowerCase()).sort();
    expect(found).toMatchObject({ total: expected.length, cut: false });
    expect(found.people.map(({ address }) => address.toLowerCase())).toEqual(expected);
    expect(await domainUse(chief, 'crowd.example')).toEqual({
      accounts: expected.length,
      aliases: 0,
      quotaBytes: crowd.length * 1024 ** 2,
      unlimited: 1,
      cut: false,
    });
  });

  test('quotas that mail servers cannot read are found and converted', async () => {
    const root = await logins.manager();
    const old = await getDomain(root, 'old.example');
    const told = await convertQuotas(root, old, { bareNumber: 'megabytes', apply: true });
    expect(told.map(({ address, after }) => [address.split('@')[0], after])).toEqual([
      ['bare', `${20 * 1024 ** 2}S`],
      ['lower', '30S'],
      ['megabytes', `${10 * 1024 ** 2}S`],
      ['none', ''],
      ['unclear', undefined],
    ]);
    const stored = await Promise.all(
      ['bare', 'none', 'right', 'unclear'].map(
        async (local) => (await getAccount(root, 'old.example', `${local}@old.example`)).quota,
      ),
    );
    expect(stored).toEqual([`${20 * 1024 ** 2}S`, '', '40S,5C', 'plenty']);
    expect(await convertQuotas(root, old, { bareNumber: 'megabytes', apply: true })).toHaveLength(1);
  });

  test('a directory without jammd.schema works as before, and says what it lacks', async () => {
    const plain = await startServer(kind, { config: presentConfig, ldif: wholeTreeLdif });
    const own = new Logins(plain.url);
    try {
      const root = await own.manager();
      const one = await getDomain(root, 'one.example');
      const missing = { kind: 'conflict', message: expect.stringMatching(/does not know jammd\.schema/) as string };
      await expect(setLimits(root, one, { accounts: '5' })).rejects.toMatchObject(missing);
      await expect(createAliasDomain(root, 'other.example', 'one.example')).rejects.toMatchObject(missing);
      await expect(
        setForwarding(root, one, people.user.mail, { destinations: 'a@x.example', keepCopy: true }),
      ).rejects.toMatchObject(missing);
      await setForwarding(root, one, people.user.mail, { destinations: '', keepCopy: true });
      await setLimits(root, one, { accounts: '', quotaSum: '' });
      await createAccount(root, one, { address: 'plain', ...newPassword });
      await renameAccount(root, one, 'plain@one.example', 'simple');
      expect((await listPeople(root, 'one.example', { kind: 'account', text: 'simple' })).total).toBe(1);
    } finally {
      await own.close();
      await plain.stop();
    }
  });
});
