/** A lookup that comes again is answered from what was made of it before, and must see all that has changed since. */
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Directory } from '../../src/directory/directory.js';
import type { Filter } from '../../src/ldap/filter.js';
import { parseFilter } from '../../src/filter/text.js';
import type { SearchRequest } from '../../src/ldap/request.js';
import { RequestDecoder } from '../../src/protocol/request-decoder.js';
import { message } from '../protocol/client-messages.js';
import { account, accountDN, change, Client, fill, hosting, manager, managerPassword, openDirectory } from './support.js';

const decoder = new RequestDecoder({ filterDepth: 100, filterTerms: 100 });

/** As a server gets it from a client. */
function received(text: string): Filter {
  const request: SearchRequest = {
    op: 'search',
    base: Buffer.from(hosting),
    scope: 'sub',
    derefAliases: 0,
    sizeLimit: 0,
    timeLimit: 0,
    typesOnly: false,
    filter: parseFilter(text),
    attributes: [],
  };
  const bytes = message(1, request);
  return (decoder.decode(bytes, 0, bytes.length).request as SearchRequest).filter;
}

const directories: Directory[] = [];
let clients: Client[];

/** The same tree, with and without the indexes that the lookups would use. */
beforeAll(async () => {
  for (const more of ['index description,uid eq', '']) directories.push(await openDirectory(more));
  clients = directories.map((directory) => new Client(directory));
  for (const client of clients) {
    await fill(client);
    await client.bind(manager, managerPassword);
  }
});

afterAll(() => Promise.all(directories.map((directory) => directory.close())));

async function found(client: Client, filter: string): Promise<string[]> {
  const { code, entries } = await client.search(hosting, { filter: received(filter), attributes: ['1.1'] });
  expect(code).toBe(0);
  return entries.map(({ dn }) => dn).sort();
}

const mails = ['first@one.example', 'second@one.example', 'third@one.example'];
const values = ['x', 'y'];
const attributes = ['description', 'uid'] as const;

const step = fc.record({
  mail: fc.constantFrom(...mails),
  attribute: fc.constantFrom(...attributes),
  value: fc.constantFrom(...values),
  deletes: fc.boolean(),
  looks: fc.integer({ min: 0, max: 4 }),
});

it('finds the first entry that has an attribute', async () => {
  const dn = accountDN('first@one.example');
  for (const client of clients) {
    for (let look = 0; look < 4; look++) expect(await found(client, '(quota=100S)')).toEqual([]);
    expect((await client.add(dn, account('first@one.example', { quota: '100S' }))).code).toBe(0);
    expect(await found(client, '(quota=100S)')).toEqual([dn]);
    expect((await client.delete(dn)).code).toBe(0);
  }
});

it('finds what is there, however often it was looked for in vain or found before', async () => {
  const property = fc.asyncProperty(fc.array(step, { maxLength: 12 }), async (steps) => {
    const present = new Map<string, Record<string, string>>();
    for (const { mail, attribute, value, deletes, looks } of steps) {
      for (let look = 0; look < looks; look++) await expectAll(present);
      const held = present.get(mail);
      for (const client of clients) {
        const dn = accountDN(mail);
        const changed = await (!held
          ? client.add(dn, account(mail, { [attribute]: value }))
          : deletes
            ? client.delete(dn)
            : client.modify(dn, [change('replace', attribute, value)]));
        expect(changed.code).toBe(0);
      }
      if (held && deletes) present.delete(mail);
      else present.set(mail, { ...held, [attribute]: value });
      await expectAll(present);
    }
    for (const mail of present.keys()) for (const client of clients) await client.delete(accountDN(mail));
  });
  await fc.assert(property, { numRuns: 30 });
});

async function expectAll(present: ReadonlyMap<string, Record<string, string>>): Promise<void> {
  const holders = (test: (mail: string, held: Record<string, string>) => boolean): string[] =>
    [...present]
      .filter(([mail, held]) => test(mail, held))
      .map(([mail]) => accountDN(mail))
      .sort();
  for (const client of clients) {
    for (const mail of mails) {
      expect(await found(client, `(&(objectClass=JammMailAccount)(mail=${mail})(delete=FALSE))`)).toEqual(
        holders((name) => name === mail),
      );
    }
    for (const attribute of attributes) {
      for (const value of values) {
        expect(await found(client, `(${attribute}=${value})`)).toEqual(holders((_, held) => held[attribute] === value));
      }
    }
  }
}
