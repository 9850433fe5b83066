/** Searches as async iterators: complete, in step with their reader, and over when the reader is. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ResultCode, type Directory } from '../../src/index.js';
import type { SearchSink } from '../../src/directory/model.js';
import type { SearchRequest } from '../../src/ldap/request.js';
import { internalsOf } from '../../src/library/core.js';
import { SearchResults } from '../../src/library/search-results.js';
import { account, failureOf, hosting, one, openHosting } from './support.js';

const accounts = 3_000;
let directory: Directory;

beforeAll(async () => {
  directory = await openHosting();
  const lines = Array.from({ length: accounts }, (_, index) => {
    const mail = `n${index}@bulk.example`;
    const attributes = Object.entries(account(mail)).flatMap(([type, values]) =>
      [values].flat().map((value) => `${type}: ${value}`),
    );
    return [`dn: mail=${mail},jvd=bulk.example,${hosting}`, ...attributes, ''].join('\n');
  });
  const domain = [
    `dn: jvd=bulk.example,${hosting}`,
    'objectClass: JammVirtualDomain',
    'accountActive: TRUE',
    'lastChange: 0',
    'delete: FALSE',
    'editAccounts: TRUE',
    'editPostmasters: TRUE',
    '',
  ].join('\n');
  await directory.importLdif([domain, '\n', lines.join('\n')]);
});

afterAll(() => directory.close());

const bulk = `jvd=bulk.example,${hosting}`;

test('every entry once, whatever the pace', async () => {
  const names = new Set<string>();
  let count = 0;
  for await (const entry of directory.root().search(bulk, { scope: 'one', attributes: ['mail'] })) {
    names.add(entry.dn);
    if (++count % 500 === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  }
  expect(count).toBe(accounts);
  expect(names.size).toBe(accounts);
});

test('a reader that takes nothing more holds the search back', async () => {
  const session = internalsOf(directory).core.openSession({
    address: '',
    name: 'test',
    listener: '',
    tlsSsf: 0,
    transportSsf: 0,
    externalIdentity: undefined,
  });
  session.assume(internalsOf(directory).core.parseDN(directory.root().identity));
  let found = 0;
  const results = new SearchResults((sink, signal) => {
    const counting: SearchSink = {
      entry: (entry) => {
        found++;
        return sink.entry(entry);
      },
      reference: (urls) => sink.reference(urls),
      drained: () => sink.drained(),
    };
    const request: SearchRequest = {
      op: 'search',
      base: Buffer.from(bulk),
      scope: 'one',
      derefAliases: 0,
      sizeLimit: 0,
      timeLimit: 0,
      typesOnly: false,
      filter: { kind: 'present', attribute: 'mail' },
      attributes: [],
    };
    return session.perform({ request, controls: [] }, { sink: counting, signal });
  });
  await results.next();
  await new Promise((resolve) => setTimeout(resolve, 200));
  expect(found).toBeLessThan(300);
  expect(await results.toArray()).toHaveLength(accounts - 1);
  expect(found).toBe(accounts);
});

test('leaving the loop abandons the search; entries of several readers do not mix', async () => {
  const search = directory.root().search(bulk);
  let seen = 0;
  for await (const entry of search) {
    expect(entry.dn).toContain('bulk.example');
    if (++seen === 3) break;
  }
  expect(await search.next()).toEqual({ done: true, value: undefined });
  const fresh = directory.root().search(bulk);
  const first = fresh.next();
  const second = fresh.next();
  expect((await first).value?.dn).not.toBe((await second).value?.dn);
  await fresh.return();
});

test('a search abandoned while its reader waits ends that reader, too', async () => {
  const search = directory.root().search(hosting, { filter: '(description=nothing like it)' });
  const waiting = search.next();
  await search.return();
  expect(await waiting).toEqual({ done: true, value: undefined });
});

test('a search that was given back before it began never begins', async () => {
  const search = directory.root().search('not a DN');
  await search.return();
  expect(await search.next()).toEqual({ done: true, value: undefined });
});

test('the size limit: so many entries, then the error, then the end', async () => {
  const search = directory.anonymous().search(bulk, { scope: 'one', sizeLimit: 2 });
  expect((await search.next()).done).toBe(false);
  expect((await search.next()).done).toBe(false);
  expect((await failureOf(() => search.next())).code).toBe(ResultCode.sizeLimitExceeded);
  expect((await search.next()).done).toBe(true);
  const ordinary = await failureOf(() => directory.anonymous().search(bulk).toArray());
  expect(ordinary.code).toBe(ResultCode.sizeLimitExceeded);
  expect(await directory.root().search(bulk).toArray()).toHaveLength(accounts + 1);
});

test('scope, filter, attributes and typesOnly', async () => {
  const root = directory.root();
  const names = async (options: Parameters<typeof root.search>[1]): Promise<number> =>
    (await root.search(bulk, options).toArray()).length;
  expect(await names({ scope: 'base' })).toBe(1);
  expect(await names({ scope: 'children' })).toBe(accounts);
  expect(await names({ filter: '(mail=n17@bulk.example)' })).toBe(1);
  expect(await names({ filter: '(mail=n12*)' })).toBe(111);
  const [entry] = await root.search(bulk, { filter: '(mail=n17@bulk.example)', attributes: ['MAILBOX', '+'] }).toArray();
  expect(entry?.types).toContain('entryUUID');
  expect(entry?.types).toContain('entryDN');
  expect(entry?.value('mailbox')).toBe('one.example/n17@bulk.example/');
  const [bare] = await root.search(bulk, { scope: 'base', typesOnly: true }).toArray();
  expect(bare?.has('objectClass')).toBe(true);
  expect(bare?.values('objectClass')).toEqual([]);
});

test('a missing base, a bad filter', async () => {
  const missing = await failureOf(() => directory.root().search(`jvd=none.example,${hosting}`).toArray());
  expect(missing).toMatchObject({ code: ResultCode.noSuchObject, matchedDN: hosting });
  const bad = await failureOf(() => directory.root().search(hosting, { filter: '(mail=' }).toArray());
  expect(bad.code).toBe(ResultCode.protocolError);
  expect(bad.diagnostic).toContain('filter');
});

test('referral objects are told aside, and looked at with manageDsaIT', async () => {
  const root = directory.root();
  const dn = `cn=elsewhere,${one}`;
  await root.add(dn, { objectClass: ['referral', 'extensibleObject'], cn: 'elsewhere', ref: `ldap://other.example/${dn}` });
  const urls: string[] = [];
  await root.search(one, { onReference: (found) => urls.push(...found) }).toArray();
  expect(urls).toEqual([`ldap://other.example/${dn}??sub`]);
  expect((await failureOf(() => root.delete(dn))).referrals).toHaveLength(1);
  expect((await root.read(dn, { manageDsaIT: true }))?.value('cn')).toBe('elsewhere');
  await root.delete(dn, { manageDsaIT: true });
});
