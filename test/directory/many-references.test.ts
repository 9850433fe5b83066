/** `refint` where thousands of entries refer to one. */
import { expect, it } from 'vitest';
import { longestTurn } from './longest-turn.js';
import { Client, manager, managerPassword, openDirectory, suffix } from './support.js';

const count = 2_000;

it('changes them in slices, and all of them', async () => {
  const directory = await openDirectory('sizelimit unlimited\nindex seeAlso eq\nrefint seeAlso');
  const root = new Client(directory);
  await root.bind(manager, managerPassword);
  await root.add(suffix, { objectClass: ['top', 'domain'], dc: 'myhosting' });
  await root.add(`ou=old,${suffix}`, { objectClass: ['organizationalUnit'], ou: 'old' });
  const added = Array.from({ length: count }, (_, n) =>
    root.add(`ou=u${n},${suffix}`, { objectClass: ['organizationalUnit'], ou: `u${n}`, seeAlso: `ou=old,${suffix}` }),
  );
  for (const { code } of await Promise.all(added)) expect(code).toBe(0);
  const referring = async (filter: string): Promise<number> => (await root.search(suffix, { filter })).entries.length;
  const renamed = await longestTurn(async () => {
    expect((await root.rename(`ou=old,${suffix}`, 'ou=new')).code).toBe(0);
  });
  expect(await referring(`(seeAlso=ou=new,${suffix})`)).toBe(count);
  const deleted = await longestTurn(async () => {
    expect((await root.delete(`ou=new,${suffix}`)).code).toBe(0);
  });
  expect(await referring('(seeAlso=*)')).toBe(0);
  expect([renamed < 150, deleted < 150]).toEqual([true, true]);
  await directory.close();
}, 60_000);
