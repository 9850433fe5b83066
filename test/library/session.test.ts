/** Sessions: who a program is, and the operations it may do. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { LdapError, ResultCode, type Directory } from '../../src/index.js';
import { people } from '../support/hosting-tree.js';
import { account, failureOf, hosting, manager, one, openHosting, suffix } from './support.js';

let directory: Directory;

beforeAll(async () => {
  directory = await openHosting();
});

afterAll(() => directory.close());

describe('who a session is', () => {
  test('nobody, a name, the rootdn', () => {
    expect(directory.anonymous().identity).toBe('');
    expect(directory.as(people.user.dn.toUpperCase()).identity.toLowerCase()).toBe(people.user.dn);
    expect(directory.as('').identity).toBe('');
    expect(directory.root().identity).toBe(manager);
    expect(directory.suffixes).toEqual([suffix]);
  });

  test('bind answers with the session of whom the password belongs to', async () => {
    const session = await directory.bind(people.user.dn, people.user.password);
    expect(session.identity).toBe(people.user.dn);
    expect((await directory.bind(manager, Buffer.from('secret'))).identity).toBe(manager);
  });

  test.each([
    ['a wrong password', people.user.dn, 'wrong', ResultCode.invalidCredentials],
    ['an unknown name', `mail=no@one.example,${one}`, 'x', ResultCode.invalidCredentials],
    ['an empty password', people.user.dn, '', ResultCode.unwillingToPerform],
    ['no DN', 'ann', 'x', ResultCode.invalidDNSyntax],
  ])('bind refuses %s', async (_, dn, password, code) => {
    const error = await failureOf(() => directory.bind(dn, password));
    expect(error).toBeInstanceOf(LdapError);
    expect(error.code).toBe(code);
  });

  test('a name that is none is told at once', async () => {
    expect((await failureOf(() => directory.as('ann'))).code).toBe(ResultCode.invalidDNSyntax);
    expect((await failureOf(() => directory.root('dc=elsewhere'))).code).toBe(ResultCode.noSuchObject);
  });

  test('access rules hold: hashes are for their owner and its postmaster', async () => {
    const read = async (dn: string): Promise<string | undefined> =>
      (await directory.as(dn).read(people.user.dn))?.value('userPassword');
    expect(await read('')).toBeUndefined();
    expect(await read(people.neighbour.dn)).toBeUndefined();
    expect(await read(people.user.dn)).toBeDefined();
    expect(await read(people.postmaster.dn)).toBeDefined();
    expect(await read(manager)).toBeDefined();
  });
});

describe('operations', () => {
  test('add, read, modify, compare, rename and delete', async () => {
    const root = directory.root();
    const dn = `mail=new@one.example,${one}`;
    await root.add(dn, { ...account('new@one.example'), cn: ['New', Buffer.from('Neu')] });
    await root.modify(dn, [
      { operation: 'replace', type: 'accountActive', values: 'FALSE' },
      { operation: 'add', type: 'description', values: ['a', new Uint8Array([0x62])] },
      { operation: 'delete', type: 'cn', values: 'Neu' },
      { operation: 'increment', type: 'lastChange', values: '41' },
    ]);
    const entry = await root.read(dn);
    expect(entry?.dn).toBe(dn);
    expect(entry?.value('ACCOUNTACTIVE')).toBe('FALSE');
    expect(entry?.values('description')).toEqual(['a', 'b']);
    expect(entry?.values('cn')).toEqual(['New']);
    expect(entry?.value('lastChange')).toBe('41');
    expect(entry?.values('mail')).toEqual(['new@one.example']);
    expect(await root.compare(dn, 'mail', 'NEW@one.example')).toBe(true);
    expect(await root.compare(dn, 'cn', Buffer.from('Old'))).toBe(false);
    await root.rename(dn, { newRDN: 'mail=newer@one.example', newSuperior: `jvd=two.example,${hosting}` });
    const renamed = `mail=newer@one.example,jvd=two.example,${hosting}`;
    expect(await root.read(dn)).toBeUndefined();
    expect((await root.read(renamed))?.values('mail')).toEqual(['newer@one.example']);
    await root.rename(renamed, { newRDN: 'mail=newest@one.example', deleteOldRDN: false });
    const last = `mail=newest@one.example,jvd=two.example,${hosting}`;
    expect((await root.read(last))?.values('mail').sort()).toEqual(['newer@one.example', 'newest@one.example']);
    await root.delete(last);
    expect(await root.read(last)).toBeUndefined();
  });

  test('what fails says so with code, matched DN and diagnostic', async () => {
    const root = directory.root();
    const missing = await failureOf(() => root.delete(`mail=no@one.example,${one}`));
    expect(missing).toMatchObject({ code: ResultCode.noSuchObject, matchedDN: one, name: 'LdapError' });
    const unknown = await failureOf(() => root.add(`cn=x,${hosting}`, { objectClass: 'device', nosuch: 'x' }));
    expect(unknown.code).toBe(ResultCode.undefinedAttributeType);
    expect(unknown.diagnostic).toContain('nosuch');
    const refused = await failureOf(() => directory.as(people.user.dn).delete(people.neighbour.dn));
    expect(refused.code).toBe(ResultCode.insufficientAccessRights);
    const anonymous = await failureOf(() => directory.anonymous().delete(people.user.dn));
    expect(anonymous.code).toBe(ResultCode.strongerAuthRequired);
    expect((await failureOf(() => root.compare(people.user.dn, 'quota', '1'))).code).toBe(ResultCode.noSuchAttribute);
    expect((await failureOf(() => root.read('ann'))).code).toBe(ResultCode.invalidDNSyntax);
  });

  test('an assertion that does not hold keeps the write from happening', async () => {
    const root = directory.root();
    const changes = [{ operation: 'replace', type: 'description', values: 'x' }] as const;
    const refused = await failureOf(() => root.modify(people.user.dn, changes, { assertion: '(accountActive=FALSE)' }));
    expect(refused.code).toBe(ResultCode.assertionFailed);
    const broken = await failureOf(() => root.modify(people.user.dn, changes, { assertion: '(accountActive' }));
    expect(broken.code).toBe(ResultCode.protocolError);
    await root.modify(people.user.dn, changes, { assertion: '(accountActive=TRUE)' });
    expect((await root.read(people.user.dn))?.value('description')).toBe('x');
  });

  test('passwords are changed, checked and made', async () => {
    const { dn, password } = people.neighbour;
    const self = await directory.bind(dn, password);
    const wrong = await failureOf(() => self.changePassword({ oldPassword: 'wrong', newPassword: 'x' }));
    expect(wrong.code).toBe(ResultCode.unwillingToPerform);
    expect(await self.changePassword({ oldPassword: password, newPassword: 'second' })).toBeUndefined();
    await directory.bind(dn, 'second');
    const made = await directory.as(people.postmaster.dn).changePassword({ dn });
    expect(made).toMatch(/^\S{8,}$/);
    await directory.bind(dn, made!);
    expect((await failureOf(() => directory.bind(dn, 'second'))).code).toBe(ResultCode.invalidCredentials);
    const anonymous = await failureOf(() => directory.anonymous().changePassword({ dn, newPassword: 'x' }));
    expect(anonymous.code).toBe(ResultCode.strongerAuthRequired);
  });

  test('entries are copies: what is done to them does not reach the directory', async () => {
    const root = directory.root();
    const before = (await root.read(people.user.dn))!;
    before.buffers('mailbox')[0]!.fill(0x58);
    expect((await root.read(people.user.dn))?.value('mailbox')).toBe('one.example/user/');
    expect(JSON.parse(JSON.stringify(await root.read(suffix)))).toMatchObject({ dn: suffix, dc: ['myhosting'] });
  });

  test('bytes that are not UTF-8 come back as they went in', async () => {
    const root = directory.root();
    const bytes = Buffer.from([0xff, 0x00, 0xfe, 0x80]);
    await root.modify(people.user.dn, [{ operation: 'replace', type: 'clearPassword', values: bytes }]);
    const entry = await root.read(people.user.dn, { attributes: ['clearPassword'] });
    expect(entry?.buffers('clearpassword')).toEqual([bytes]);
    expect(entry?.types).toEqual(['clearPassword']);
    expect(entry?.has('mail')).toBe(false);
    expect(entry?.value('mail')).toBeUndefined();
  });
});
