/** Attribute options, of which clients may invent thousands: what requests about them cost. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Directory } from '../../src/directory/directory.js';
import type { Filter } from '../../src/ldap/filter.js';
import { longestTurn } from './longest-turn.js';
import { Client, manager, managerPassword, openDirectory, suffix } from './support.js';

const descriptions = 6_000;
const each = 200;
const terms = 10_000;
const one = `ou=u1,${suffix}`;

let directory: Directory;
let root: Client;

beforeAll(async () => {
  directory = await openDirectory('sizelimit unlimited');
  root = new Client(directory);
  await root.bind(manager, managerPassword);
  await root.add(suffix, { objectClass: ['top', 'domain'], dc: 'myhosting' });
  for (let first = 0; first < descriptions; first += each) await addUnit(`u${first / each}`, first, each);
}, 60_000);

afterAll(() => directory.close());

async function addUnit(ou: string, first: number, count: number): Promise<void> {
  const options = Array.from({ length: count }, (_, index) => [`description;lang-a;lang-n${first + index}`, `text ${index}`]);
  const response = await root.add(`ou=${ou},${suffix}`, {
    objectClass: ['organizationalUnit'],
    ou,
    ...(Object.fromEntries(options) as Record<string, string>),
  });
  expect(response.code).toBe(0);
}

const anyOf = (attribute: (index: number) => string, value: (index: number) => string): Filter => ({
  kind: 'or',
  filters: Array.from({ length: terms }, (_, index) => ({
    kind: 'equality',
    attribute: attribute(index),
    value: Buffer.from(value(index)),
  })),
});

describe('a filter of thousands of terms', () => {
  it('on as many descriptions that no entry has', async () => {
    const filter = anyOf(
      (index) => `description;lang-z${index}`,
      () => 'x',
    );
    const longest = await longestTurn(async () => {
      expect(await root.search(one, { filter })).toMatchObject({ code: 0, entries: [] });
    });
    expect(longest).toBeLessThan(500);
  });

  it('on ranges of options', async () => {
    const filter = anyOf(
      (index) => `description;lang-a;lang-z${index}-`,
      () => 'x',
    );
    const longest = await longestTurn(async () => {
      expect((await root.search(one, { filter })).entries).toEqual([]);
    });
    expect(longest).toBeLessThan(500);
  });

  it('on a type that thousands of descriptions have', async () => {
    const filter = anyOf(
      () => 'description',
      (index) => `no text ${index}`,
    );
    const longest = await longestTurn(async () => {
      const { code } = await root.search(one, { scope: 'base', filter });
      expect([0, 11]).toContain(code);
    });
    expect(longest).toBeLessThan(500);
  });
});

it('what few terms say of such entries stays as it was', async () => {
  const found = async (filter: string): Promise<number> => (await root.search(suffix, { filter })).entries.length;
  expect(await found('(description=text 7)')).toBe(descriptions / each);
  expect(await found('(description;lang-n7=text 7)')).toBe(1);
  expect(await found('(description;lang-a;lang-n7=text 8)')).toBe(0);
  expect(await found('(description;lang-=text 7)')).toBe(descriptions / each);
  expect(await found('(description;lang-n=text 7)')).toBe(0);
  expect(await found('(description;lang-a=*)')).toBe(descriptions / each);
  expect(await found('(!(description;lang-a=*))')).toBe(1);
  expect((await root.compare(one, 'description', 'text 7')).code).toBe(6);
  expect((await root.compare(one, 'description', 'text')).code).toBe(5);
  expect((await root.compare(one, 'description;lang-b', 'text')).code).toBe(16);
});

describe('thousands of attributes requested', () => {
  const requested = (count: number) => Array.from({ length: count }, (_, index) => `description;lang-a;lang-n${index}`);

  it('are answered up to a bound, and more are refused', async () => {
    const { code, entries } = await root.search(`ou=u0,${suffix}`, { attributes: requested(200) });
    expect([code, Object.keys(entries[0]!.attributes).length]).toEqual([0, 200]);
    const longest = await longestTurn(async () => {
      expect((await root.search(one, { attributes: requested(20_000) })).code).toBe(11);
    });
    expect(longest).toBeLessThan(500);
  });
});
