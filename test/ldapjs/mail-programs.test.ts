/** Postfix's LDAP client, Courier's authtest and ldapts against a directory on a stock ldapjs server. */
import { Attribute, Change, Client, InvalidCredentialsError } from 'ldapts';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { authBindSettings, CourierAuth, courierObstacle } from '../support/courier.js';
import { hosting, ldapSources, manager } from '../support/howto.js';
import { domainDn, oddLocalParts, people } from '../support/hosting-tree.js';
import { mapStyles, PostfixMaps } from '../support/postfix.js';
import { requirePrograms } from '../support/programs.js';
import { mountHosting, type Mounted } from './support.js';

let mounted: Mounted;

beforeAll(async () => {
  mounted = await mountHosting();
});

afterAll(() => mounted.close());

describe.skipIf(requirePrograms('postmap'))('postmap -q', () => {
  let maps: PostfixMaps;

  beforeAll(async () => {
    maps = await PostfixMaps.create(mounted.port, ldapSources);
  });

  afterAll(() => maps.remove());

  test.each(mapStyles)('hits and misses, sources in %s style', async (style) => {
    const lookups = [
      ['transport', 'one.example', 'virtual:'],
      ['transport', '*', undefined],
      ['aliases', 'team@one.example', 'user@one.example,stranger@two.example,far@away.example'],
      ['accounts', 'User@One.Example', 'one.example/user/'],
      ['accounts', 'inactive@one.example', undefined],
      ['accountsmmap', 'mixed.case@one.example', 'Mixed.Case@One.Example'],
    ] as const;
    for (const [source, key, answer] of lookups) {
      const expected = answer === undefined ? { kind: 'miss' } : { kind: 'hit', answer };
      expect(await maps.query(style, source, key)).toEqual(expected);
    }
  });

  test('addresses with characters that filters treat specially, hundreds over one connection', async () => {
    const odd = oddLocalParts.map((local) => `${local}@one.example`);
    const keys = [...odd, ...Array.from({ length: 300 }, (_, index) => `no-${index}@one.example`)];
    const hits = await maps.queryAll('file', 'accounts', keys);
    expect([...hits.keys()].sort()).toEqual(odd.sort());
  });
});

describe.skipIf(courierObstacle())('authtest', () => {
  test('LDAP_AUTHBIND accepts the right password and refuses the others', async () => {
    const courier = await CourierAuth.start(authBindSettings(mounted.port));
    try {
      const { accepted, output } = await courier.authenticate(people.user.mail, people.user.password);
      expect(accepted, output).toBe(true);
      expect(output).toMatch(/Maildir: one\.example\/user\/$/m);
      for (const [user, password] of [
        [people.user.mail, 'wrong'],
        [people.inactive.mail, people.inactive.password],
        ['nobody@one.example', 'x'],
      ] as const) {
        expect((await courier.authenticate(user, password)).accepted).toBe(false);
      }
      expect((await courier.authenticate(people.user.mail, people.user.password)).accepted).toBe(true);
    } finally {
      await courier.stop();
    }
  });
});

describe('ldapts', () => {
  test('a front end’s work, from login to pages', async () => {
    const client = new Client({ url: `ldap://127.0.0.1:${mounted.port}`, timeout: 10_000 });
    await expect(client.bind(people.user.dn, 'wrong')).rejects.toBeInstanceOf(InvalidCredentialsError);
    await client.bind(manager, 'secret');
    const dn = `mail=a@one.example,${domainDn('one.example')}`;
    await client.add(dn, {
      objectClass: ['top', 'JammMailAccount'],
      homeDirectory: '/home/vmail/domains',
      mailbox: 'one.example/a/',
      accountActive: 'TRUE',
      lastChange: '1',
      delete: 'FALSE',
    });
    await client.modify(dn, [
      new Change({ operation: 'replace', modification: new Attribute({ type: 'description', values: ['Größe 😀'] }) }),
    ]);
    const { searchEntries } = await client.search(hosting, { filter: '(description=Größe 😀)' });
    expect(searchEntries).toMatchObject([{ dn, objectClass: ['top', 'JammMailAccount'], homeDirectory: '/home/vmail/domains' }]);
    await client.modifyDN(dn, 'mail=b@one.example');
    expect(await client.compare(`mail=b@one.example,${domainDn('one.example')}`, 'mail', 'B@ONE.example')).toBe(true);
    await client.del(`mail=b@one.example,${domainDn('one.example')}`);
    let found = 0;
    for await (const page of client.searchPaginated(hosting, { filter: '(objectClass=*)', paged: { pageSize: 5 } })) {
      expect(page.searchEntries.length).toBeLessThanOrEqual(5);
      found += page.searchEntries.length;
    }
    expect(found).toBe((await mounted.directory.root().search(hosting).toArray()).length);
    await client.unbind();
  });
});
