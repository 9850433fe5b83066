/** The four maps of section 4.4 through Postfix's own LDAP client: hits and misses, in both styles of configuration. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ldapSources, presentConfig } from '../support/howto.js';
import { oddLocalParts, wholeTreeLdif } from '../support/hosting-tree.js';
import { mapStyles, PostfixMaps, type Lookup } from '../support/postfix.js';
import { requirePrograms } from '../support/programs.js';
import { serverKinds, startServer, type ReferenceServer } from '../support/reference-server.js';

const hit = (answer: string): Lookup => ({ kind: 'hit', answer });
const miss: Lookup = { kind: 'miss' };

const lookups: readonly (readonly [source: keyof typeof ldapSources, key: string, expected: Lookup])[] = [
  ['transport', 'one.example', hit('virtual:')],
  ['transport', 'ONE.example', hit('virtual:')],
  ['transport', 'off.example', miss],
  ['transport', 'elsewhere.example', miss],
  ['transport', '*', miss],
  ['transport', '.one.example', miss],
  ['transport', 'user@one.example', miss],
  ['aliases', 'team@one.example', hit('user@one.example,stranger@two.example,far@away.example')],
  ['aliases', 'postmaster@one.example', hit('postmaster')],
  ['aliases', '@two.example', hit('stranger@two.example')],
  ['aliases', 'user@one.example', miss],
  ['aliases', 'one.example', miss],
  ['accounts', 'user@one.example', hit('one.example/user/')],
  ['accounts', 'User@One.Example', hit('one.example/user/')],
  ['accounts', 'mixed.case@one.example', hit('one.example/Mixed.Case/')],
  ['accounts', 'inactive@one.example', miss],
  ['accounts', 'deleted@one.example', miss],
  ['accounts', 'team@one.example', miss],
  ['accounts', 'nobody@one.example', miss],
  ['accounts', 'user', miss],
  ['accountsmmap', 'user@one.example', hit('user@one.example')],
  ['accountsmmap', 'mixed.case@one.example', hit('Mixed.Case@One.Example')],
  ['accountsmmap', 'inactive@one.example', miss],
];

describe.skipIf(requirePrograms('postmap')).each(serverKinds)('postmap -q on %s', (kind) => {
  let server: ReferenceServer;
  let maps: PostfixMaps;

  beforeAll(async () => {
    server = await startServer(kind, { config: presentConfig, ldif: wholeTreeLdif });
    maps = await PostfixMaps.create(server.port, ldapSources);
  });

  afterAll(async () => {
    await maps.remove();
    await server.stop();
  });

  describe.each(mapStyles)('sources in %s style', (style) => {
    test.each(lookups)('%s %s', async (source, key, expected) => {
      expect(await maps.query(style, source, key)).toEqual(expected);
    });

    test('addresses with characters that filters treat specially are found, and are no patterns', async () => {
      const keys = [...oddLocalParts.map((local) => `${local}@one.example`), '*@one.example', 'st*@one.example', '*'];
      const hits = await maps.queryAll(style, 'accounts', keys);
      expect([...hits.keys()].sort()).toEqual(oddLocalParts.map((local) => `${local}@one.example`).sort());
    });
  });

  test('hundreds of lookups over one connection', async () => {
    const keys = Array.from({ length: 600 }, (_, index) => (index % 3 === 0 ? 'user@one.example' : `no-${index}@one.example`));
    expect([...(await maps.queryAll('file', 'accounts', keys))]).toEqual([['user@one.example', 'one.example/user/']]);
  });

  test('a server that is away is trouble, not a miss', async () => {
    await server.halt();
    expect((await maps.query('file', 'accounts', 'user@one.example')).kind).toBe('error');
    await server.resume();
    expect(await maps.query('file', 'accounts', 'user@one.example')).toEqual(hit('one.example/user/'));
  });
});
