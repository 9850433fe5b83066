/** Lists (overlay dynlist) beyond what slapd can be asked: large ones, pages, sorting, and what they may cost. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Directory } from '../../src/directory/directory.js';
import { longestTurn } from './longest-turn.js';
import { Client, manager, managerPassword, openDirectory, suffix, type Found } from './support.js';

const many = 1_500;
const list = (cn: string, ...memberURL: string[]) => ({ objectClass: ['groupOfURLs'], cn, memberURL });
const names = (found: readonly Found[]): readonly string[] => found.map(({ dn }) => dn.split(',')[0]!).sort();

let directory: Directory;
let root: Client;

beforeAll(async () => {
  directory = await openDirectory(
    `sizelimit unlimited
index member eq
overlay dynlist
dynlist-attrset groupOfURLs memberURL member+memberOf@groupOfNames*
`,
    { before: 'moduleload dynlist\ninclude dyngroup.schema' },
  );
  root = new Client(directory);
  await root.bind(manager, managerPassword);
  await root.add(suffix, { objectClass: ['top', 'domain'], dc: 'myhosting' });
  for (const ou of ['people', 'groups']) await root.add(`ou=${ou},${suffix}`, { objectClass: ['organizationalUnit'], ou });
  const person = (n: number) => ({ objectClass: ['inetOrgPerson'], cn: `p${n}`, sn: `S${n % 10}`, mail: `p${n}@x.test` });
  await Promise.all(Array.from({ length: many }, (_, n) => root.add(`cn=p${n},ou=people,${suffix}`, person(n))));
  await root.add(`cn=all,ou=groups,${suffix}`, list('all', `ldap:///ou=people,${suffix}??sub?(objectClass=inetOrgPerson)`));
  await root.add(`cn=one,ou=groups,${suffix}`, list('one', `ldap:///ou=people,${suffix}??sub?(mail=p1@x.test)`));
  await root.add(`cn=some,ou=groups,${suffix}`, {
    objectClass: ['groupOfNames'],
    cn: 'some',
    member: [`cn=one,ou=groups,${suffix}`, `cn=p2,ou=people,${suffix}`],
  });
}, 60_000);

afterAll(() => directory.close());

describe('lists', () => {
  it('are expanded in slices where they are long', async () => {
    let members = 0;
    const turn = await longestTurn(async () => {
      const { entries } = await root.search(suffix, { filter: '(cn=all)', attributes: ['member'] });
      members = entries[0]!.attributes['member']!.length;
    });
    expect(members).toBe(many);
    expect(turn).toBeLessThan(150);
  });

  it('are found by what is on them without expanding the others', async () => {
    const search = (filter: string) => root.search(suffix, { filter, attributes: ['cn'] }).then(({ entries }) => names(entries));
    expect(await search(`(member=cn=p1,ou=people,${suffix})`)).toEqual(['cn=all', 'cn=one', 'cn=some']);
    expect(await search(`(member=cn=p2,ou=people,${suffix})`)).toEqual(['cn=all', 'cn=some']);
    expect(await search(`(member=cn=nobody,ou=people,${suffix})`)).toEqual([]);
    expect(await search(`(&(memberOf=cn=some,ou=groups,${suffix})(objectClass=inetOrgPerson))`)).toEqual(['cn=p1', 'cn=p2']);
    expect(await search(`(&(sn=S1)(memberOf=cn=all,ou=groups,${suffix}))`)).toHaveLength(many / 10);
  });

  it('come in pages and in order as other entries do', async () => {
    const seen: string[] = [];
    let cookie = Buffer.alloc(0);
    do {
      const { entries, controls } = await root.search(suffix, {
        filter: `(|(member=cn=p1,ou=people,${suffix})(cn=people))`,
        attributes: ['cn', 'member'],
        controls: [{ type: 'pagedResults', critical: true, size: 1, cookie }],
      });
      seen.push(...names(entries));
      const value = controls?.[0]?.value;
      cookie = value ? Buffer.from(value.subarray(value.length - (value[value.length - 17] === 16 ? 16 : 0))) : Buffer.alloc(0);
    } while (cookie.length > 0 && seen.length < 10);
    expect(seen.sort()).toEqual(['cn=all', 'cn=one', 'cn=some']);
    const sorted = await root.search(suffix, {
      filter: `(member=cn=p1,ou=people,${suffix})`,
      attributes: ['member'],
      controls: [
        { type: 'serverSideSort', critical: false, keys: [{ attribute: 'cn', orderingRule: undefined, reverse: true }] },
      ],
    });
    expect(sorted.entries.map(({ dn, attributes }) => [dn.split(',')[0], attributes['member']?.length])).toEqual([
      ['cn=some', 3],
      ['cn=one', 1],
      ['cn=all', many],
    ]);
  });

  it('show an entry the lists that it is on, and nobody those that it may not see', async () => {
    const { entries } = await root.search(`cn=p1,ou=people,${suffix}`, { scope: 'base', attributes: ['memberOf'] });
    expect([...entries[0]!.attributes['memberOf']!].sort()).toEqual(
      ['all', 'one', 'some'].map((cn) => `cn=${cn},ou=groups,${suffix}`),
    );
  });

  it('may not hold more than a bound, all those of a search together', async () => {
    for (let n = 0; n < 170; n++) {
      await root.add(`cn=copy${n},ou=groups,${suffix}`, list(`copy${n}`, `ldap:///ou=people,${suffix}??sub?(cn=p*)`));
    }
    const outcome = await root.search(suffix, { filter: '(cn=copy*)', attributes: ['member'] });
    expect(outcome).toMatchObject({ code: 11, diagnostic: expect.stringContaining('lists of one search') as string });
    const few = await root.search(suffix, { filter: '(cn=copy7)', attributes: ['member'] });
    expect(few.entries[0]!.attributes['member']).toHaveLength(many);
    for (let n = 0; n < 170; n++) await root.delete(`cn=copy${n},ou=groups,${suffix}`);
  }, 60_000);

  it('stop being expanded when the client gives up', async () => {
    const outcome = await root.search(suffix, { filter: '(cn=all)', attributes: ['member'], signal: { stopped: 'abandoned' } });
    expect(outcome.entries).toEqual([]);
  });
});
