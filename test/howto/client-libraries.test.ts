/** Two independent JavaScript clients, ldapts and ldapjs, do a front end's work against the HOWTO's tree. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import ldapjs from 'ldapjs';
import { Attribute, Change, Client, InvalidCredentialsError, InsufficientAccessError, NoSuchObjectError } from 'ldapts';
import { hosting, manager, managerPassword, presentConfig } from '../support/howto.js';
import { domainDn, people, wholeTreeLdif } from '../support/hosting-tree.js';
import { serverKinds, startServer, type ReferenceServer } from '../support/reference-server.js';

describe.each(serverKinds)('client libraries on %s', (kind) => {
  let server: ReferenceServer;

  beforeAll(async () => {
    server = await startServer(kind, { config: presentConfig, ldif: wholeTreeLdif });
  });

  afterAll(() => server.stop());

  describe('ldapts', () => {
    const withClient = async <T>(work: (client: Client) => Promise<T>): Promise<T> => {
      const client = new Client({ url: server.url, timeout: 10_000, connectTimeout: 5_000 });
      try {
        return await work(client);
      } finally {
        await client.unbind();
      }
    };

    test('creates a domain, an account, changes, moves and deletes it', () =>
      withClient(async (client) => {
        await client.bind(manager, managerPassword);
        const dn = domainDn('ldapts.example');
        await client.add(dn, {
          objectClass: ['top', 'JammVirtualDomain'],
          accountActive: 'TRUE',
          lastChange: '1',
          delete: 'FALSE',
          editAccounts: 'TRUE',
          editPostmasters: 'FALSE',
        });
        const account = `mail=a@ldapts.example,${dn}`;
        await client.add(account, {
          objectClass: ['top', 'JammMailAccount'],
          homeDirectory: '/home/vmail/domains',
          mailbox: 'ldapts.example/a/',
          accountActive: 'TRUE',
          lastChange: '1',
          delete: 'FALSE',
        });
        await client.modify(account, [
          new Change({ operation: 'replace', modification: new Attribute({ type: 'description', values: ['Größe'] }) }),
        ]);
        await client.modifyDN(account, 'mail=b@ldapts.example');
        const { searchEntries } = await client.search(dn, { scope: 'one', filter: '(mail=B@ldapts.example)' });
        expect(searchEntries).toMatchObject([
          { dn: `mail=b@ldapts.example,${dn}`, description: 'Größe', mail: 'b@ldapts.example' },
        ]);
        await client.del(`mail=b@ldapts.example,${dn}`);
        await client.del(dn);
        await expect(client.search(dn)).rejects.toBeInstanceOf(NoSuchObjectError);
      }));

    test('reads the whole tree in pages', () =>
      withClient(async (client) => {
        const all = await client.search(hosting, { scope: 'sub', attributes: ['1.1'] });
        const paged = await client.search(hosting, { scope: 'sub', attributes: ['1.1'], paged: { pageSize: 7 } });
        expect(paged.searchEntries.length).toBeGreaterThan(14);
        expect(paged.searchEntries.map((entry) => entry.dn).sort()).toEqual(all.searchEntries.map((entry) => entry.dn).sort());
      }));

    test('errors are the ones a program asks for', () =>
      withClient(async (client) => {
        await expect(client.bind(people.user.dn, 'wrong')).rejects.toBeInstanceOf(InvalidCredentialsError);
        await client.bind(people.user.dn, people.user.password);
        await expect(client.del(people.neighbour.dn)).rejects.toBeInstanceOf(InsufficientAccessError);
        expect(await client.compare(people.user.dn, 'accountActive', 'TRUE')).toBe(true);
      }));
  });

  describe('ldapjs', () => {
    const withClient = async <T>(work: (client: ldapjs.Client) => Promise<T>): Promise<T> => {
      const client = ldapjs.createClient({ url: server.url, timeout: 10_000, connectTimeout: 5_000 });
      try {
        return await work(client);
      } finally {
        await new Promise<void>((resolve) => {
          client.unbind(() => {
            resolve();
          });
        });
      }
    };

    const call = (start: (done: (error: unknown) => void) => void): Promise<void> =>
      new Promise((resolve, reject) => {
        start((error) => {
          if (error === null || error === undefined) resolve();
          else reject(error);
        });
      });

    const search = (client: ldapjs.Client, base: string, options: ldapjs.SearchOptions): Promise<string[]> =>
      new Promise((resolve, reject) => {
        client.search(base, options, (error, result) => {
          if (error) {
            reject(error);
            return;
          }
          const found: string[] = [];
          result.on('searchEntry', (entry) => found.push(String(entry.dn)));
          result.on('error', reject);
          result.on('end', () => {
            resolve(found);
          });
        });
      });

    test('binds, searches, modifies, compares', () =>
      withClient(async (client) => {
        await call((done) => {
          client.bind(people.postmaster.dn, people.postmaster.password, done);
        });
        const change = new ldapjs.Change({
          operation: 'replace',
          modification: new ldapjs.Attribute({ type: 'description', values: ['by ldapjs'] }),
        });
        await call((done) => {
          client.modify(people.user.dn, change, done);
        });
        const found = await search(client, hosting, { scope: 'sub', filter: '(description=BY LDAPJS)' });
        expect(found).toEqual([people.user.dn]);
        const matched = await new Promise((resolve, reject) => {
          client.compare(people.user.dn, 'description', 'by ldapjs', (error, same) => {
            if (error) reject(error);
            else resolve(same);
          });
        });
        expect(matched).toBe(true);
      }));

    test('adds, renames and deletes as the Manager', () =>
      withClient(async (client) => {
        const dn = `cn=ldapjs,${hosting}`;
        await call((done) => {
          client.bind(manager, managerPassword, done);
        });
        await call((done) => {
          client.add(dn, { objectClass: ['top', 'organizationalRole'], cn: 'ldapjs' }, done);
        });
        await call((done) => {
          client.modifyDN(dn, 'cn=ldapjs2', done);
        });
        expect(await search(client, hosting, { scope: 'one', filter: '(cn=ldapjs*)' })).toEqual([`cn=ldapjs2,${hosting}`]);
        await call((done) => {
          client.del(`cn=ldapjs2,${hosting}`, done);
        });
        expect(await search(client, hosting, { scope: 'one', filter: '(cn=ldapjs*)' })).toEqual([]);
      }));

    test('a refused bind says 49', () =>
      withClient(async (client) => {
        const refused = call((done) => {
          client.bind(people.user.dn, 'wrong', done);
        });
        await expect(refused).rejects.toMatchObject({ code: 49 });
      }));
  });
});
