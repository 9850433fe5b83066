/** Controls that overlays bring: honoured in their databases alone, and bounded. */
import { expect, it } from 'vitest';
import type { Control } from '../../src/ldap/control.js';
import { Client, manager, managerPassword, openDirectory, suffix } from './support.js';

const dereference = (critical: boolean): Control => ({
  type: 'dereference',
  critical,
  specs: [{ reference: 'member', attributes: ['cn'] }],
});
const valueSort = (critical: boolean): Control => ({ type: 'valueSort', critical, raw: true });

it.each([dereference, valueSort])('without the overlay they are refused where critical, else ignored', async (control) => {
  const directory = await openDirectory();
  const root = new Client(directory);
  await root.bind(manager, managerPassword);
  await root.add(suffix, { objectClass: ['top', 'domain'], dc: 'myhosting' });
  expect((await root.search(suffix, { controls: [control(true)] })).code).toBe(12);
  expect((await root.search(suffix, { controls: [control(false)] })).code).toBe(0);
  expect((await root.search('', { scope: 'base', controls: [control(true)] })).code).toBe(12);
  await directory.close();
});

it('deref follows a bounded number of names', async () => {
  const directory = await openDirectory('overlay deref');
  const root = new Client(directory);
  await root.bind(manager, managerPassword);
  await root.add(suffix, { objectClass: ['top', 'domain'], dc: 'myhosting' });
  const names = (count: number) => Array.from({ length: count }, (_, n) => `cn=m${n},${suffix}`);
  await root.add(`cn=g,${suffix}`, { objectClass: ['groupOfNames'], cn: 'g', member: names(5_000) });
  await root.add(`cn=h,${suffix}`, { objectClass: ['groupOfNames'], cn: 'h', member: names(5_001) });
  const ask = (cn: string) => root.search(`cn=${cn},${suffix}`, { scope: 'base', controls: [dereference(true)] });
  expect([(await ask('g')).code, (await ask('h')).code]).toEqual([0, 11]);
  await directory.close();
});
