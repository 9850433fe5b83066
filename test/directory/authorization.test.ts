/** authzTo is written by users: what a proxied request costs is bounded, whatever they write. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Directory } from '../../src/directory/directory.js';
import { extendedOids } from '../../src/ldap/extended.js';
import { ResultCode } from '../../src/ldap/result.js';
import { accountDN, change, Client, fill, manager, managerPassword, openDirectory } from './support.js';

const ann = accountDN('ann@one.example');
const bob = accountDN('bob@one.example');

describe('authzTo', () => {
  let directory: Directory;
  let client: Client;

  beforeAll(async () => {
    directory = await openDirectory('authz-policy to');
    client = new Client(directory);
    await fill(client);
  });

  afterAll(() => directory.close());

  async function write(values: string[]): Promise<void> {
    const writer = new Client(directory);
    await writer.bind(manager, managerPassword);
    expect(await writer.modify(ann, [change('replace', 'authzTo', ...values)])).toMatchObject({ code: ResultCode.success });
    await client.bind(ann, 'pw-ann');
  }

  function asBob(): Promise<number> {
    const control = { type: 'proxiedAuthorization', critical: true, authzId: `dn:${bob}` } as const;
    return client.perform({ op: 'extended', name: extendedOids.whoAmI, value: undefined }, [control]).then(({ code }) => code);
  }

  it('costs little with hundreds of long URLs, the first time and every time', async () => {
    const terms = Array.from({ length: 250 }, (_, term) => `(mail=nobody${term}@elsewhere.example)`).join('');
    await write(Array.from({ length: 300 }, (_, rule) => `ldap:///dc=myhosting,dc=example??sub?(|(cn=${rule})${terms})`));
    for (let round = 0; round < 5; round++) {
      const start = performance.now();
      expect(await asBob()).toBe(ResultCode.authorizationDenied);
      expect(performance.now() - start).toBeLessThan(60);
    }
  });

  it('still takes names and short URLs, up to bounds', async () => {
    const names = Array.from({ length: 200 }, (_, rule) => `dn.exact:cn=${rule},dc=example`);
    const search = 'ldap:///dc=myhosting,dc=example??sub?(mail=bob@one.example)';
    await write([...names, search]);
    expect(await asBob()).toBe(ResultCode.success);
    await write([...Array.from({ length: 40 }, (_, rule) => `ldap:///dc=myhosting,dc=example??sub?(cn=${rule})`), search]);
    expect(await asBob()).toBe(ResultCode.authorizationDenied);
    await write([`dn.children:jvd=one.example,o=hosting,dc=myhosting,dc=example`]);
    expect(await asBob()).toBe(ResultCode.success);
  });

  it('follows a group with very many members in time', async () => {
    const writer = new Client(directory);
    await writer.bind(manager, managerPassword);
    const members = Array.from({ length: 5_000 }, (_, member) => `cn=${member},dc=example`);
    const group = `cn=group,dc=myhosting,dc=example`;
    await writer.add(group, { objectClass: ['groupOfNames'], cn: 'group', member: [...members, bob] });
    await write([`group:${group}`]);
    expect(await asBob()).toBe(ResultCode.success);
    const start = performance.now();
    for (let round = 0; round < 50; round++) await asBob();
    expect((performance.now() - start) / 50).toBeLessThan(5);
  });
});
