/** `memberof` where slapd leaves names behind: renamed subtrees; and where groups are large. */
import { describe, expect, it } from 'vitest';
import type { Directory } from '../../src/directory/directory.js';
import { defaultConfigText } from '../../src/config/default.js';
import { parseConfig } from '../../src/config/parse.js';
import { exportLdif } from '../../src/directory/transfer/export.js';
import { importLdif } from '../../src/directory/transfer/import.js';
import { Store } from '../../src/store/store.js';
import { longestTurn } from './longest-turn.js';
import { Client, manager, managerPassword, openDirectory, suffix } from './support.js';

const unit = (ou: string) => ({ objectClass: ['organizationalUnit'], ou });
const person = (cn: string) => ({ objectClass: ['person'], cn, sn: 'S' });
const group = (cn: string, ...member: string[]) => ({ objectClass: ['groupOfNames'], cn, member });

async function rooted(lines: string): Promise<{ directory: Directory; root: Client }> {
  const directory = await openDirectory(`sizelimit unlimited\n${lines}`, { before: 'moduleload memberof' });
  const root = new Client(directory);
  await root.bind(manager, managerPassword);
  await root.add(suffix, { objectClass: ['top', 'domain'], dc: 'myhosting' });
  return { directory, root };
}

async function values(root: Client, attribute: string): Promise<Record<string, readonly string[]>> {
  const { entries } = await root.search(suffix, { filter: `(${attribute}=*)`, attributes: [attribute] });
  return Object.fromEntries(entries.map(({ dn, attributes }) => [dn, [...attributes[attribute]!].sort()]));
}

describe('memberof', () => {
  it.each([true, false])('follows groups and members below a renamed entry (refint: %s)', async (refint) => {
    const { directory, root } = await rooted(`overlay memberof\nmemberof-refint ${refint ? 'TRUE' : 'FALSE'}`);
    await root.add(`ou=a,${suffix}`, unit('a'));
    await root.add(`ou=b,${suffix}`, unit('b'));
    for (const ou of ['a', 'b']) await root.add(`cn=p,ou=${ou},${suffix}`, person('p'));
    const both = [`cn=p,ou=a,${suffix}`, `cn=p,ou=b,${suffix}`];
    for (const ou of ['a', 'b']) await root.add(`cn=g,ou=${ou},${suffix}`, group('g', ...both));
    expect((await root.rename(`ou=a,${suffix}`, 'ou=c', `ou=b,${suffix}`)).code).toBe(0);
    const inside = `ou=c,ou=b,${suffix}`;
    const groups = [`cn=g,${inside}`, `cn=g,ou=b,${suffix}`].sort();
    expect(await values(root, 'memberOf')).toEqual({ [`cn=p,${inside}`]: groups, [both[1]!]: groups });
    const members = [refint ? `cn=p,${inside}` : both[0]!, both[1]!].sort();
    expect(await values(root, 'member')).toEqual({ [groups[0]!]: members, [groups[1]!]: members });
    await directory.close();
  });

  it('writes to the members of a large group in slices', async () => {
    const { directory, root } = await rooted('index memberOf eq\noverlay memberof');
    const names = Array.from({ length: 600 }, (_, n) => `cn=p${n},${suffix}`);
    await Promise.all(names.map((dn, n) => root.add(dn, person(`p${n}`))));
    const count = async () => (await root.search(suffix, { filter: `(memberOf=cn=g,${suffix})` })).entries.length;
    const added = await longestTurn(async () => {
      expect((await root.add(`cn=g,${suffix}`, group('g', ...names))).code).toBe(0);
    });
    expect(await count()).toBe(names.length);
    const removed = await longestTurn(async () => {
      expect((await root.delete(`cn=g,${suffix}`)).code).toBe(0);
    });
    expect(await count()).toBe(0);
    expect([added < 150, removed < 150]).toEqual([true, true]);
    await directory.close();
  }, 60_000);

  it('memberof-addcheck finds the groups that a new entry was named by before', async () => {
    const { directory, root } = await rooted('index member eq\noverlay memberof\nmemberof-addcheck TRUE');
    await root.add(`cn=g,${suffix}`, group('g', `cn=late,${suffix}`));
    await root.add(`cn=late,${suffix}`, person('late'));
    expect(await values(root, 'memberOf')).toEqual({ [`cn=late,${suffix}`]: [`cn=g,${suffix}`] });
    await directory.close();
  });

  it.each([false, true])('memberOf in slapcat output is kept as it is (trusted values: %s)', async (quick) => {
    const { config } = parseConfig({ file: 'test.conf', text: `${defaultConfigText({})}\noverlay memberof\n` });
    const database = config!.databases[0]!;
    const store = await Store.open({ location: ':memory:', schema: config!.schema, indexes: database.indexes });
    const memberOf = `memberOf: cn=g,${suffix}`;
    const ldif = [`dn: ${suffix}`, 'objectClass: domain', 'dc: myhosting', memberOf, `memberOf: cn=h,${suffix}`, ''].join('\n');
    const failures: unknown[] = [];
    await importLdif([ldif], { config: config!, database, store }, { quick, onFailure: (failure) => failures.push(failure) });
    expect(failures).toEqual([]);
    let text = '';
    for await (const piece of exportLdif(store, config!.schema)) text += piece;
    expect(text).toContain(`${memberOf}\nmemberOf: cn=h`);
    await store.close();
  });
});
