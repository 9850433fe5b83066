/** Postfix asks the replica beside it: while the provider is down, and the provider while the replica is. */
import { afterEach, expect, test } from 'vitest';
import { PostfixMaps } from '../support/postfix.js';
import { requirePrograms } from '../support/programs.js';
import type { ReferenceServer } from '../support/reference-server.js';
import { suffix } from './random-changes.js';
import { expectEqual, startFollower, startProvider, write } from './support.js';

const servers: ReferenceServer[] = [];

afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.stop()));
});

test.skipIf(requirePrograms('postmap', 'ldapsearch') !== undefined)(
  'Postfix on a replica',
  async () => {
    const provider = await startProvider();
    servers.push(provider);
    const replica = await startFollower([provider]);
    servers.push(replica);
    const person = `dn: cn=ann,ou=a,${suffix}\nchangetype: add\nobjectClass: inetOrgPerson\ncn: ann\nsn: a\n`;
    await write(provider, `${person}mail: ann@one.example\n\n`);
    await expectEqual(provider, replica, 'at first');
    const maps = await PostfixMaps.create(replica.port, {
      people: {
        server_host: `${replica.url}/ ${provider.url}/`,
        search_base: suffix,
        query_filter: '(mail=%s)',
        result_attribute: 'cn',
        bind: 'no',
      },
    });
    const answers = async (): Promise<unknown[]> => [
      await maps.query('file', 'people', 'ann@one.example'),
      await maps.query('file', 'people', 'nobody@one.example'),
    ];
    const right = [{ kind: 'hit', answer: 'ann' }, { kind: 'miss' }];
    try {
      expect(await answers(), 'both are there').toEqual(right);
      await provider.halt();
      expect(await answers(), 'the provider is down').toEqual(right);
      await replica.halt();
      await replica.resume();
      expect(await answers(), 'a replica that was started meanwhile').toEqual(right);
      await provider.resume();
      await replica.halt();
      expect(await answers(), 'the replica is down').toEqual(right);
    } finally {
      await maps.remove();
    }
  },
  120_000,
);
