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

it.each([
  ['refint', 'index member eq\noverlay refint\nrefint_attributes member', ['member']],
  ['memberof', 'overlay memberof\nmemberof-refint TRUE', ['member', 'memberOf']],
])('%s writes a group of renamed entries once', async (_, overlay, attributes) => {
  const members = 200;
  const directory = await openDirectory(`sizelimit unlimited\n${overlay}`);
  const root = new Client(directory);
  await root.bind(manager, managerPassword);
  await root.add(suffix, { objectClass: ['top', 'domain'], dc: 'myhosting' });
  await root.add(`ou=old,${suffix}`, { objectClass: ['organizationalUnit'], ou: 'old' });
  const name = (n: number, unit: string): string => `cn=u${n},ou=${unit},${suffix}`;
  const person = (cn: string): Record<string, string> => ({ objectClass: 'person', cn, sn: cn });
  for (const { code } of await Promise.all(
    Array.from({ length: members }, (__, n) => root.add(name(n, 'old'), person(`u${n}`))),
  )) {
    expect(code).toBe(0);
  }
  const outside = `cn=outside,${suffix}`;
  await root.add(outside, person('outside'));
  const group = (unit: string): string[] => [...Array.from({ length: members }, (__, n) => name(n, unit)), outside];
  const groups = [`cn=g1,${suffix}`, `cn=g2,${suffix}`];
  for (const dn of groups) {
    expect((await root.add(dn, { objectClass: 'groupOfNames', cn: dn.slice(3, 5), member: group('old') })).code).toBe(0);
  }
  const written: string[] = [];
  directory.onChange((change) => {
    if (change.kind === 'modify') written.push(change.after.dn);
  });
  expect((await root.rename(`ou=old,${suffix}`, 'ou=new')).code).toBe(0);
  expect(written.toSorted()).toEqual(groups);
  for (const dn of groups) {
    const { entries } = await root.search(dn, { scope: 'base', attributes: ['member'] });
    expect(entries[0]!.attributes['member']!.toSorted()).toEqual(group('new').toSorted());
  }
  if (attributes.includes('memberOf')) {
    const { entries } = await root.search(name(7, 'new'), { scope: 'base', attributes: ['memberOf'] });
    expect(entries[0]!.attributes['memberOf']!.toSorted()).toEqual(groups);
  }
  await directory.close();
});
