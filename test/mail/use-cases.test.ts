/** Jamm's use cases over LDAP, on slapd and on jammd, as each of the three levels. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  changeAccount,
  createAccount,
  deleteAccount,
  purgeAccount,
  renameAccount,
  restoreAccount,
  setActive,
} from '../../src/mail/accounts.js';
import { changeDestinations, createAlias, deleteAlias, setCatchAll } from '../../src/mail/aliases.js';
import { getCatchAll } from '../../src/mail/catch-all.js';
import { checkAccountsCsv, importAccountsCsv, readAccountsCsv } from '../../src/mail/account-csv.js';
import {
  activateDomain,
  countDomain,
  createDomain,
  deactivateDomain,
  deleteDomain,
  getDomain,
  getOwnDomain,
  listDomains,
  purgeDomain,
  restoreDomain,
  setCapability,
} from '../../src/mail/domains.js';
import { findPerson, getAccount, getAlias, listPeople } from '../../src/mail/entries.js';
import { setForwarding } from '../../src/mail/forwarding.js';
import { refreshed } from '../../src/mail/login.js';
import { setPassword } from '../../src/mail/passwords.js';
import { appointPostmaster, dismissPostmaster, isPostmaster, listPostmasters } from '../../src/mail/postmasters.js';
import { changeSenders } from '../../src/mail/senders.js';
import { oddLocalParts, people } from '../support/hosting-tree.js';
import { serverKinds, type ReferenceServer } from '../support/reference-server.js';
import { Logins, startHosting } from './support.js';

const newPassword = { password: 'correct horse', repeat: 'correct horse' };

describe.each(serverKinds)('mail use cases on %s', (kind) => {
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

  describe('logging in', () => {
    test('the Manager is site admin, by login name and by DN', async () => {
      expect((await logins.manager()).actor.level).toBe('site');
      expect((await logins.as('cn=Manager, dc=myhosting,dc=example', 'secret')).actor.level).toBe('site');
    });
    test('a role occupant is domain admin of exactly their domains', async () => {
      expect((await logins.person('postmaster')).actor).toMatchObject({ level: 'domain', domains: ['one.example'] });
    });
    test('accounts and aliases with a password are users', async () => {
      expect((await logins.person('user')).actor).toMatchObject({ level: 'user', address: people.user.mail });
      expect((await logins.person('alias')).actor).toMatchObject({ level: 'user', address: people.alias.mail });
    });
    test.each([
      ['a wrong password', people.user.mail, 'nonsense'],
      ['an empty password', people.user.mail, ''],
      ['an unknown address', 'nobody@one.example', 'nonsense'],
      ['an unknown domain', 'nobody@nowhere.example', 'nonsense'],
      ['a filter as name', '*@one.example', 'user-pw'],
      ['a filter with parentheses', 'x)(objectClass=*@one.example', 'user-pw'],
      ['the name of a SASL mechanism', 'EXTERNAL', 'user-pw'],
      ['half a DN', 'cn=', 'user-pw'],
    ])('%s is refused in the same words', async (_, name, password) => {
      await expect(logins.as(name, password)).rejects.toMatchObject({
        kind: 'credentials',
        message: 'Login name or password is wrong. Check both and try again.',
      });
    });
    test('switched off and deleted accounts may not log in, although the directory lets them bind', async () => {
      await expect(logins.person('inactive')).rejects.toMatchObject({
        kind: 'denied',
        message: expect.stringMatching(/deactivated/) as unknown,
      });
      await expect(logins.person('deleted')).rejects.toMatchObject({
        kind: 'denied',
        message: expect.stringMatching(/deleted/) as unknown,
      });
    });
    test('an address in capitals is the same person', async () => {
      expect((await logins.as('USER@One.Example', 'user-pw')).actor).toMatchObject({ level: 'user', address: people.user.mail });
    });
  });

  describe('domains', () => {
    test('a new domain comes with its postmaster and its abuse alias', async () => {
      const root = await logins.manager();
      await createDomain(root, {
        domain: 'New.Example',
        destinations: 'admin@one.example',
        password: 'postmaster-pw',
        repeat: 'postmaster-pw',
      });
      const domain = await getDomain(root, 'new.example');
      expect(domain).toMatchObject({
        name: 'new.example',
        active: true,
        transport: 'virtual:',
        can: { editAccounts: true, editPostmasters: true },
      });
      expect(await getAlias(root, 'new.example', 'postmaster@new.example')).toMatchObject({
        destinations: ['admin@one.example'],
        isPostmasterGroup: true,
      });
      expect(await getAlias(root, 'new.example', 'abuse@new.example')).toMatchObject({
        destinations: ['postmaster@new.example'],
      });
      expect((await logins.as('postmaster@new.example', 'postmaster-pw')).actor).toMatchObject({
        level: 'domain',
        domains: ['new.example'],
      });
    });
    test('a name in another script is stored as punycode and found by either', async () => {
      const root = await logins.manager();
      await createDomain(root, { domain: 'bücher.example' });
      expect((await getDomain(root, 'xn--bcher-kva.example')).name).toBe('xn--bcher-kva.example');
      expect((await listDomains(root, { text: 'büch' })).domains.map(({ name }) => name)).toEqual(['xn--bcher-kva.example']);
      expect((await listDomains(root, { text: 'bcher' })).total).toBe(1);
    });
    test('one that is there already is told, and stays as it was', async () => {
      const root = await logins.manager();
      await expect(createDomain(root, { domain: 'one.example' })).rejects.toMatchObject({ kind: 'exists', field: 'domain' });
      expect(await findPerson(root, 'one.example', people.user.mail)).toBeDefined();
    });
    test('deactivation remembers who was active', async () => {
      const root = await logins.manager();
      expect(await deactivateDomain(root, 'two.example')).toBe(5);
      expect(await getDomain(root, 'two.example')).toMatchObject({ active: false });
      expect(await getAccount(root, 'two.example', people.stranger.mail)).toMatchObject({
        active: false,
        waitsForDomain: true,
        description: '',
      });
      await expect(logins.person('stranger')).rejects.toMatchObject({ kind: 'denied' });
      const domain = await getDomain(root, 'two.example');
      await expect(
        setActive(root, domain, await getAccount(root, 'two.example', people.stranger.mail), true),
      ).rejects.toMatchObject({ kind: 'conflict' });
      expect(await activateDomain(root, 'two.example')).toBe(5);
      expect(await getAccount(root, 'two.example', people.stranger.mail)).toMatchObject({ active: true, waitsForDomain: false });
    });
    test('what was inactive before its domain stays inactive after it', async () => {
      const root = await logins.manager();
      await deactivateDomain(root, 'one.example');
      await activateDomain(root, 'one.example');
      expect(await getAccount(root, 'one.example', people.inactive.mail)).toMatchObject({ active: false });
      expect(await getAccount(root, 'one.example', people.user.mail)).toMatchObject({ active: true });
    });
    test('deletion is soft, can be undone, and purging takes all of it', async () => {
      const root = await logins.manager();
      await createDomain(root, { domain: 'gone.example' });
      await expect(purgeDomain(root, 'gone.example')).rejects.toMatchObject({ kind: 'conflict' });
      await deleteDomain(root, 'gone.example');
      expect(await getAlias(root, 'gone.example', 'abuse@gone.example')).toMatchObject({ active: false });
      await restoreDomain(root, 'gone.example');
      expect(await getAlias(root, 'gone.example', 'abuse@gone.example')).toMatchObject({ active: true });
      await deleteDomain(root, 'gone.example');
      expect((await listDomains(root, { status: 'deleted' })).domains.map(({ name }) => name)).toContain('gone.example');
      expect(await purgeDomain(root, 'gone.example')).toBe(3);
      await expect(getDomain(root, 'gone.example')).rejects.toMatchObject({ kind: 'not-found' });
    });
    test('postmasters see their own, cannot make any, and cannot touch another', async () => {
      const chief = await logins.person('postmaster');
      expect((await listDomains(chief)).domains.map(({ name }) => name)).toEqual(['one.example']);
      await expect(createDomain(chief, { domain: 'mine.example' })).rejects.toMatchObject({ kind: 'denied' });
      await expect(getOwnDomain(chief, 'two.example')).rejects.toMatchObject({ kind: 'denied' });
      await expect(deactivateDomain(chief, 'one.example')).rejects.toMatchObject({ kind: 'denied' });
    });
  });

  describe('accounts', () => {
    test('a new one can log in at once and has its folder', async () => {
      const chief = await logins.person('postmaster');
      const domain = await getOwnDomain(chief, 'one.example');
      const account = await createAccount(chief, domain, { address: 'jane', name: 'Jané Döe', quota: '500 MB', ...newPassword });
      expect(account).toMatchObject({
        address: 'jane@one.example',
        name: 'Jané Döe',
        mailbox: 'one.example/jane/',
        quota: '524288000S',
        active: true,
      });
      expect((await logins.as('jane@one.example', newPassword.password)).actor.level).toBe('user');
    });
    test.each(['a+b', "o'neil", '(x)', '*', 'com,ma', 'equ=al', 'ha#sh', 'semi;colon', 'sla/sh', '*)(mail=*'])(
      'an address that filters and names treat specially works everywhere: %s',
      async (local) => {
        const chief = await logins.person('postmaster');
        const domain = await getOwnDomain(chief, 'one.example');
        const address = `${local}-n@one.example`;
        await createAccount(chief, domain, { address: `${local}-n`, ...newPassword });
        expect((await getAccount(chief, 'one.example', address)).address).toBe(address);
        expect(
          (await listPeople(chief, 'one.example', { kind: 'account', text: `${local}-n` })).people.map((one) => one.address),
        ).toEqual([address]);
        const { account } = await renameAccount(chief, domain, address, `${local}-m`);
        expect((await logins.as(account.address, newPassword.password)).actor).toMatchObject({
          address: `${local}-m@one.example`,
        });
        await deleteAccount(chief, domain, account.address);
        await purgeAccount(chief, domain, account.address);
        expect(await findPerson(chief, 'one.example', account.address)).toBeUndefined();
      },
    );
    test('a search text is text: no star or parenthesis in it widens what is found', async () => {
      const chief = await logins.person('postmaster');
      for (const text of ['*', 'u*r', 'x)(mail=*', '(user']) {
        const found = await listPeople(chief, 'one.example', { kind: 'account', text });
        expect(found.people.every((one) => one.address.includes(text))).toBe(true);
      }
      expect((await listPeople(chief, 'one.example', { kind: 'account', text: 'dö' })).people.map((one) => one.name)).toEqual([
        'Jané Döe',
      ]);
    });
    test('entries whose names were escaped by others are found and shown', async () => {
      const chief = await logins.person('postmaster');
      for (const local of oddLocalParts) {
        expect((await getAccount(chief, 'one.example', `${local}@one.example`)).address).toBe(`${local}@one.example`);
      }
    });
    test.each(['postmaster', 'abuse', 'Abuse@one.example', '', 'two words', 'ümlaut', 'a..b', '.a', 'x@two.example'])(
      'the address “%s” is refused with a reason',
      async (address) => {
        const chief = await logins.person('postmaster');
        const domain = await getOwnDomain(chief, 'one.example');
        await expect(createAccount(chief, domain, { address, ...newPassword })).rejects.toMatchObject({
          kind: 'invalid',
          field: 'address',
        });
      },
    );
    test('passwords: long enough, twice the same', async () => {
      const chief = await logins.person('postmaster');
      const domain = await getOwnDomain(chief, 'one.example');
      await expect(createAccount(chief, domain, { address: 'pw', password: 'short', repeat: 'short' })).rejects.toMatchObject({
        field: 'password',
      });
      await expect(
        createAccount(chief, domain, { address: 'pw', password: 'long enough', repeat: 'other' }),
      ).rejects.toMatchObject({ field: 'repeat' });
      expect(await findPerson(chief, 'one.example', 'pw@one.example')).toBeUndefined();
    });
    test('a postmaster changes any password of the domain, nobody else’s', async () => {
      const chief = await logins.person('postmaster');
      await setPassword(chief, await getAccount(chief, 'one.example', people.neighbour.mail), newPassword);
      expect((await logins.as(people.neighbour.mail, newPassword.password)).actor.level).toBe('user');
      const stranger = await getAccount(chief, 'two.example', people.stranger.mail);
      await expect(setPassword(chief, stranger, newPassword)).rejects.toMatchObject({ kind: 'denied' });
    });
    test('users change their own name and password, with the present one', async () => {
      const jane = await logins.as('jane@one.example', newPassword.password);
      const own = await getAccount(jane, 'one.example', 'jane@one.example');
      const next = { password: 'staple battery', repeat: 'staple battery' };
      await expect(setPassword(jane, own, next)).rejects.toMatchObject({ field: 'old' });
      await expect(setPassword(jane, own, { ...next, old: 'wrong one' })).rejects.toMatchObject({
        kind: 'credentials',
        field: 'old',
      });
      await setPassword(jane, own, { ...next, old: newPassword.password });
      await logins.as('jane@one.example', next.password);
      expect(await changeAccount(jane, 'one.example', own.address, { name: 'Jane Roe' })).toMatchObject({ name: 'Jane Roe' });
      await expect(changeAccount(jane, 'one.example', own.address, { quota: '5 TB' })).rejects.toMatchObject({ kind: 'denied' });
      await expect(changeAccount(jane, 'one.example', people.user.mail, { name: 'x' })).rejects.toMatchObject({ kind: 'denied' });
    });
    test('saving over what someone else saved meanwhile is a conflict, not a loss', async () => {
      const chief = await logins.person('postmaster');
      const seen = await getAccount(chief, 'one.example', people.user.mail);
      await changeAccount(await logins.manager(), 'one.example', people.user.mail, { name: 'By root', version: seen.version });
      await expect(
        changeAccount(chief, 'one.example', people.user.mail, { name: 'By chief', version: seen.version }),
      ).rejects.toMatchObject({ kind: 'conflict' });
      expect((await getAccount(chief, 'one.example', people.user.mail)).name).toBe('By root');
    });
    test('deletion is soft; the restored account is as before', async () => {
      const chief = await logins.person('postmaster');
      const domain = await getOwnDomain(chief, 'one.example');
      await createAccount(chief, domain, { address: 'brief', ...newPassword });
      await deleteAccount(chief, domain, 'brief@one.example');
      await expect(logins.as('brief@one.example', newPassword.password)).rejects.toMatchObject({ kind: 'denied' });
      const listed = await listPeople(chief, 'one.example', { kind: 'account', status: 'deleted' });
      expect(listed.people.map((one) => one.address)).toContain('brief@one.example');
      await expect(createAccount(chief, domain, { address: 'brief', ...newPassword })).rejects.toMatchObject({
        kind: 'exists',
        message: expect.stringMatching(/Restore it/) as unknown,
      });
      await restoreAccount(chief, domain, 'brief@one.example');
      expect((await logins.as('brief@one.example', newPassword.password)).actor.level).toBe('user');
    });
    test('a folder that belonged to someone deleted is not handed on silently', async () => {
      const chief = await logins.person('postmaster');
      const domain = await getOwnDomain(chief, 'one.example');
      await createAccount(chief, domain, { address: 'heir', ...newPassword });
      await deleteAccount(chief, domain, 'heir@one.example');
      await purgeAccount(chief, domain, 'heir@one.example');
      await expect(createAccount(chief, domain, { address: 'heir', ...newPassword })).rejects.toMatchObject({
        kind: 'needs-confirmation',
        field: 'mailbox',
      });
      expect(await createAccount(chief, domain, { address: 'heir', mailbox: 'fresh', ...newPassword })).toMatchObject({
        mailbox: 'one.example/heir-2/',
      });
      await deleteAccount(chief, domain, 'heir@one.example');
      await purgeAccount(chief, domain, 'heir@one.example');
      expect(await createAccount(chief, domain, { address: 'heir', mailbox: 'reuse', ...newPassword })).toMatchObject({
        mailbox: 'one.example/heir/',
      });
    });
    test('a renamed account keeps its mail, its rights and its aliases, and nobody gets its old folder', async () => {
      const root = await logins.manager();
      const domain = await getDomain(root, 'one.example');
      await createAccount(root, domain, { address: 'maiden', postmaster: true, ...newPassword });
      await createAlias(root, domain, { address: 'follows', destinations: 'maiden@one.example' });
      const renamed = await renameAccount(root, domain, 'maiden@one.example', 'married');
      expect(renamed).toMatchObject({
        account: { address: 'married@one.example', mailbox: 'one.example/maiden/' },
        aliases: ['follows@one.example'],
      });
      expect(await isPostmaster(root, 'one.example', renamed.account.dn)).toBe(true);
      expect((await getAlias(root, 'one.example', 'follows@one.example')).destinations).toEqual(['married@one.example']);
      expect(await createAccount(root, domain, { address: 'maiden', ...newPassword })).toMatchObject({
        mailbox: 'one.example/maiden-2/',
      });
    });
    test('what the capability flag forbids is refused, and everything else still goes', async () => {
      const root = await logins.manager();
      await setCapability(root, 'one.example', 'editAccounts', false);
      const chief = await logins.person('postmaster');
      const domain = await getOwnDomain(chief, 'one.example');
      await expect(createAccount(chief, domain, { address: 'no', ...newPassword })).rejects.toMatchObject({ kind: 'denied' });
      await expect(deleteAccount(chief, domain, people.user.mail)).rejects.toMatchObject({ kind: 'denied' });
      await setPassword(chief, await getAccount(chief, 'one.example', people.user.mail), newPassword);
      await setCapability(root, 'one.example', 'editAccounts', true);
      await setPassword(root, await getAccount(root, 'one.example', people.user.mail), {
        password: people.user.password.padEnd(8),
        repeat: people.user.password.padEnd(8),
      });
    });
  });

  describe('aliases', () => {
    test('destinations are added and taken out one by one, and at least one stays', async () => {
      const team = await logins.person('alias');
      const domain = await getDomain(team, 'one.example');
      const { added, removed } = await changeDestinations(team, domain, people.alias.mail, {
        add: 'new@away.example, other@away.example\nuser@one.example',
        remove: ['far@away.example'],
      });
      expect({ added, removed }).toEqual({ added: ['new@away.example', 'other@away.example'], removed: ['far@away.example'] });
      const { destinations } = await getAlias(team, 'one.example', people.alias.mail);
      expect([...destinations].sort()).toEqual([
        'new@away.example',
        'other@away.example',
        'stranger@two.example',
        'user@one.example',
      ]);
      await expect(changeDestinations(team, domain, people.alias.mail, { remove: destinations })).rejects.toMatchObject({
        field: 'destinations',
      });
      await expect(changeDestinations(team, domain, 'abuse@one.example', { add: 'x@y.example' })).rejects.toMatchObject({
        kind: 'denied',
      });
    });
    test('two people who change one alias at once both get what they asked for', async () => {
      const [root, chief] = await Promise.all([logins.manager(), logins.person('postmaster')]);
      const domain = await getDomain(root, 'one.example');
      await createAlias(root, domain, { address: 'busy', destinations: 'a@x.example' });
      await Promise.all([
        changeDestinations(root, domain, 'busy@one.example', { add: 'b@x.example' }),
        changeDestinations(chief, domain, 'busy@one.example', { add: 'c@x.example' }),
      ]);
      expect([...(await getAlias(root, 'one.example', 'busy@one.example')).destinations].sort()).toEqual([
        'a@x.example',
        'b@x.example',
        'c@x.example',
      ]);
      await deleteAlias(chief, domain, 'busy@one.example');
      await expect(deleteAlias(root, domain, 'busy@one.example')).rejects.toMatchObject({ kind: 'not-found' });
    });
    test('postmaster and abuse cannot be deleted', async () => {
      const root = await logins.manager();
      const domain = await getDomain(root, 'one.example');
      await expect(deleteAlias(root, domain, 'postmaster@one.example')).rejects.toMatchObject({ kind: 'denied' });
      await expect(deleteAlias(root, domain, 'abuse@one.example')).rejects.toMatchObject({ kind: 'denied' });
    });
    test('the catch-all is set, changed and cleared', async () => {
      const chief = await logins.person('postmaster');
      const domain = await getOwnDomain(chief, 'one.example');
      await setCatchAll(chief, domain, people.user.mail);
      expect((await getCatchAll(chief, 'one.example'))?.destinations).toEqual([people.user.mail]);
      await setCatchAll(chief, domain, 'a@x.example, b@x.example');
      expect((await getCatchAll(chief, 'one.example'))?.destinations).toHaveLength(2);
      await setCatchAll(chief, domain, '');
      expect(await getCatchAll(chief, 'one.example')).toBeUndefined();
    });
  });

  describe('postmasters', () => {
    test('appointed and dismissed, twice being as good as once; rights on open sessions follow', async () => {
      const chief = await logins.person('postmaster');
      const domain = await getOwnDomain(chief, 'one.example');
      const neighbour = await getAccount(chief, 'one.example', people.neighbour.mail);
      const session = await logins.as(people.neighbour.mail, newPassword.password);
      expect(await appointPostmaster(chief, domain, neighbour)).toBe(true);
      expect(await appointPostmaster(chief, domain, neighbour)).toBe(false);
      expect((await refreshed(session)).actor).toMatchObject({ level: 'domain', domains: ['one.example'] });
      expect(await dismissPostmaster(chief, domain, neighbour.dn)).toBe(true);
      expect(await dismissPostmaster(chief, domain, neighbour.dn)).toBe(false);
      expect((await refreshed(session)).actor.level).toBe('user');
    });
    test('the last of a group leaves the group standing', async () => {
      const root = await logins.manager();
      const domain = await getDomain(root, 'two.example');
      for (const { dn } of await listPostmasters(root, 'two.example')) await dismissPostmaster(root, domain, dn);
      expect((await listPostmasters(root, 'two.example')).map(({ dn }) => dn)).toEqual([
        expect.stringMatching(/^cn=postmaster,jvd=two/),
      ]);
      await appointPostmaster(root, domain, await getAccount(root, 'two.example', people.otherPostmaster.mail));
    });
    test('deleting an account ends its postmaster rights', async () => {
      const root = await logins.manager();
      const domain = await getDomain(root, 'one.example');
      const account = await createAccount(root, domain, { address: 'expired', postmaster: true, ...newPassword });
      await deleteAccount(root, domain, account.address);
      expect(await isPostmaster(root, 'one.example', account.dn)).toBe(false);
    });
  });

  describe('CSV', () => {
    test('is checked line by line, then made line by line, with passwords where none are given', async () => {
      const root = await logins.manager();
      const domain = await createDomain(root, { domain: 'csv.example' });
      const rows = readAccountsCsv(
        'E-Mail;Name;Password;Quota\na@csv.example;"Doe; Ann";correct horse;1 GB\nb;Bob;;\npostmaster;x;;\na;again;;\nc;;short;\n',
      );
      const checks = await checkAccountsCsv(root, domain, rows);
      expect(checks.map(({ problem }) => problem === undefined)).toEqual([true, true, false, false, false]);
      const results = await importAccountsCsv(
        root,
        domain,
        checks.filter(({ problem }) => !problem).map(({ row }) => row),
      );
      expect(results.map(({ address }) => address)).toEqual(['a@csv.example', 'b@csv.example']);
      expect(await getAccount(root, 'csv.example', 'a@csv.example')).toMatchObject({ name: 'Doe; Ann', quota: `${1024 ** 3}S` });
      await logins.as('b@csv.example', results[1]?.row.account.password ?? '');
      expect(await countDomain(root, 'csv.example')).toEqual({ accounts: 2, aliases: 2, cut: false });
    });
  });

  test('a connection that is gone does not come back as anonymous', async () => {
    const chief = await logins.person('postmaster');
    await chief.directory.close();
    await expect(getDomain(chief, 'one.example')).rejects.toMatchObject({ kind: 'session-lost' });
  });

  test('with the stricter rules of the manual the directory keeps flags, limits and quotas, and nobody lacks anything', async () => {
    const rule = `access to dn.regex="^jvd=[^,]+,o=hosting,dc=myhosting,dc=example$"
    attrs=jvd,accountActive,delete,editAccounts,editPostmasters,postfixTransport,@jammdDomain,@jammdAliasDomain
    by * read
access to dn.regex="^mail=[^,]+,jvd=([^,]+),o=hosting,dc=myhosting,dc=example$"
    attrs=mail,quota,homeDirectory,mailbox,accountActive,delete,jammdSender
    by group/jammPostmaster/roleOccupant.expand="cn=postmaster,jvd=$1,o=hosting,dc=myhosting,dc=example" write
    by * read
`;
    const strict = await startHosting(kind, undefined, `limits users size=20000\n${rule}`);
    const own = new Logins(strict.url);
    try {
      const chief = await own.person('postmaster');
      const domain = await getOwnDomain(chief, 'one.example');
      await expect(chief.directory.modify(domain.dn, [['replace', 'editAccounts', ['FALSE']]])).rejects.toMatchObject({
        kind: 'denied',
      });
      await expect(
        chief.directory.modify(domain.dn, [
          ['add', 'objectClass', ['jammdDomain']],
          ['replace', 'jammdAccountsMax', ['9']],
        ]),
      ).rejects.toMatchObject({ kind: 'denied' });
      const user = await own.person('user');
      for (const [type, value] of [
        ['quota', '9S'],
        ['mail', 'neighbour@one.example'],
        ['jammdSender', 'user@one.example'],
      ] as const) {
        await expect(user.directory.modify(people.user.dn, [['add', type, [value]]])).rejects.toMatchObject({ kind: 'denied' });
      }
      await setForwarding(user, domain, people.user.mail, { destinations: 'x@away.example', keepCopy: false });
      await changeAccount(chief, 'one.example', people.user.mail, { quota: '1 GB' });
      await changeSenders(chief, domain, people.user.mail, { add: people.neighbour.mail });
      await createAccount(chief, domain, { address: 'brief', postmaster: true, ...newPassword });
      await renameAccount(chief, domain, 'brief@one.example', 'short');
      await deleteAccount(chief, domain, 'short@one.example');
      await purgeAccount(chief, domain, 'short@one.example');
      await expect(createAccount(chief, domain, { address: 'brief', ...newPassword })).rejects.toMatchObject({
        kind: 'needs-confirmation',
      });
      await createAccount(chief, domain, { address: 'brief', mailbox: 'reuse', ...newPassword });
    } finally {
      await own.close();
      await strict.stop();
    }
  });
});
