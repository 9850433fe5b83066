import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Change } from '../../src/directory/changes.js';
import type { Directory } from '../../src/directory/directory.js';
import { account, accountDN, change, Client, fill, hosting, manager, managerPassword, openDirectory, suffix } from './support.js';

const ann = accountDN('ann@one.example');
const domain = `jvd=one.example,${hosting}`;

let directory: Directory;
let root: Client;

beforeEach(async () => {
  directory = await openDirectory('index description eq');
  root = new Client(directory);
  await fill(root);
  await root.bind(manager, managerPassword);
});

afterEach(() => directory.close());

describe('add', () => {
  it.each([
    ['a name that exists, spelled otherwise', 'MAIL=Ann@one.example, jvd=one.example,' + hosting, {}, 68],
    ['a name whose parent is missing', `mail=x@no.example,jvd=no.example,${hosting}`, {}, 32],
    ['a name outside every suffix', 'dc=elsewhere', {}, 53],
    ['a missing MUST', accountDN('new@one.example'), { mailbox: [] as string[] }, 2],
    ['an attribute that no class allows', accountDN('new@one.example'), { sn: 'x' }, 65],
    ['an undefined attribute', accountDN('new@one.example'), { nonsense: 'x' }, 17],
    ['an unknown object class', accountDN('new@one.example'), { objectClass: ['top', 'nonsense'] }, 21],
    ['a value that does not fit', accountDN('new@one.example'), { accountActive: 'true' }, 21],
    ['two values of a single-valued attribute', accountDN('new@one.example'), { quota: ['1', '2'] }, 19],
    [
      'an attribute that only the server writes',
      accountDN('new@one.example'),
      { entryUUID: '597ae2f6-16a6-1027-98f4-abcdefABCDEF' },
      19,
    ],
    ['values that are equal', accountDN('new@one.example'), { cn: ['ONE', 'one'] }, 20],
    ['a second structural class', accountDN('new@one.example'), { objectClass: ['JammMailAccount', 'domain'], dc: 'x' }, 65],
  ])('refuses %s', async (_, dn, more, code) => {
    const response = await root.add(dn, account('new@one.example', more));
    expect(response.code).toBe(code);
    expect((await root.search(accountDN('new@one.example'), { scope: 'base' })).code).toBe(32);
  });

  it('puts in the values of the RDN, even for a MUST', async () => {
    const all = Object.entries(account('new@one.example'));
    const rest = Object.fromEntries(all.filter(([type]) => type !== 'mail'));
    expect((await root.add(accountDN('new@one.example'), rest)).code).toBe(0);
    const { entries } = await root.search(suffix, { filter: '(mail=NEW@one.example)', attributes: ['mail'] });
    expect(entries).toEqual([{ dn: accountDN('new@one.example'), attributes: { mail: ['new@one.example'] } }]);
  });

  it('stamps who and when', async () => {
    const dn = accountDN('new@one.example');
    await root.add(dn, account('new@one.example'));
    const { entries } = await root.search(dn, { scope: 'base', attributes: ['+'] });
    const stamped = entries[0]!.attributes;
    expect(stamped.creatorsName).toEqual([manager]);
    expect(stamped.structuralObjectClass).toEqual(['JammMailAccount']);
    expect(stamped.entryUUID![0]).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/);
    expect(stamped.entryCSN![0]).toMatch(/^\d{14}\.\d{6}Z#[0-9a-f]{6}#[0-9a-f]{3}#[0-9a-f]{6}$/);
    expect(stamped.entryDN).toEqual([dn]);
    expect(stamped.hasSubordinates).toEqual(['FALSE']);
    expect(stamped.subschemaSubentry).toEqual(['cn=Subschema']);
  });

  it('needs a login before anything else', async () => {
    expect((await new Client(directory).add(accountDN('x@one.example'), account('x@one.example'))).code).toBe(8);
  });
});

describe('modify', () => {
  it.each([
    ['a missing entry', accountDN('x@one.example'), [change('replace', 'cn', 'x')], 32],
    ['deleting an absent attribute', ann, [change('delete', 'quota')], 16],
    ['deleting an absent value', ann, [change('delete', 'cn', 'nobody')], 16],
    ['adding a present value', ann, [change('add', 'cn', 'ANN  of one.example')], 20],
    ['emptying a MUST', ann, [change('replace', 'mailbox')], 65],
    ["removing the RDN's value", ann, [change('replace', 'mail', 'other@one.example')], 64],
    ['another structural class', ann, [change('replace', 'objectClass', 'top', 'domain')], 69],
    ['an undefined attribute', ann, [change('replace', 'nonsense')], 17],
    ['deleting a value of an attribute without equality', ann, [change('delete', 'lastChange', '1032000000')], 18],
    ['a second value of an attribute without equality', ann, [change('add', 'lastChange', '2')], 18],
    ['no changes of a missing entry', accountDN('x@one.example'), [], 32],
  ])('refuses %s and changes nothing', async (_, dn, changes, code) => {
    const before = await root.search(ann, { scope: 'base', attributes: ['*', '+'] });
    expect((await root.modify(dn, changes)).code).toBe(code);
    expect(await root.search(ann, { scope: 'base', attributes: ['*', '+'] })).toEqual(before);
  });

  it('makes no changes, writes nothing and tells nobody', async () => {
    const told: Change[] = [];
    directory.onChange((change) => told.push(change));
    const batches = () => directory.databases[0]!.store.statistics.batches;
    const written = batches();
    const before = await root.search(ann, { scope: 'base', attributes: ['*', '+'] });
    expect((await root.modify(ann, [])).code).toBe(0);
    expect(await root.search(ann, { scope: 'base', attributes: ['*', '+'] })).toEqual(before);
    expect(told).toEqual([]);
    expect(batches()).toBe(written);
  });

  it('moves an attribute that is replaced to the end, and no other', async () => {
    const order = async (): Promise<string[]> =>
      Object.keys(
        (await root.search(ann, { scope: 'base', attributes: ['cn', 'mail', 'mailbox', 'quota'] })).entries[0]!.attributes,
      );
    await root.modify(ann, [change('replace', 'quota', '1')]);
    const first = await order();
    await root.modify(ann, [change('replace', 'mailbox', 'there/')]);
    expect(await order()).toEqual([...first.filter((name) => name !== 'mailbox'), 'mailbox']);
    await root.modify(ann, [change('add', 'cn', 'another'), change('delete', 'cn', 'another')]);
    expect(await order()).toEqual([...first.filter((name) => name !== 'mailbox'), 'mailbox']);
  });

  it('makes all changes or none, and minds only the outcome', async () => {
    expect((await root.modify(ann, [change('delete', 'mailbox'), change('add', 'mailbox', 'elsewhere/')])).code).toBe(0);
    expect((await root.modify(ann, [change('replace', 'cn', 'Anna'), change('delete', 'quota')])).code).toBe(16);
    const { entries } = await root.search(ann, { scope: 'base', attributes: ['mailbox', 'cn'] });
    expect(entries[0]!.attributes).toEqual({ mailbox: ['elsewhere/'], cn: ['ann of one.example'] });
  });

  it('replaces without values whether there were any or not', async () => {
    expect((await root.modify(ann, [change('replace', 'quota')])).code).toBe(0);
    expect((await root.modify(ann, [change('replace', 'cn')])).code).toBe(0);
    expect((await root.search(ann, { scope: 'base', attributes: ['cn'] })).entries[0]!.attributes).toEqual({});
  });

  it('stores a new spelling, and finds by the changed value at once', async () => {
    expect((await root.modify(ann, [change('replace', 'cn', 'ANN OF ONE')])).code).toBe(0);
    const { entries } = await root.search(suffix, { filter: '(cn=ann of one)', attributes: ['cn'] });
    expect(entries.map((entry) => entry.attributes.cn)).toEqual([['ANN OF ONE']]);
    expect((await root.search(suffix, { filter: '(cn=ann of one.example)' })).entries).toEqual([]);
  });

  it('increments', async () => {
    expect((await root.modify(ann, [change('increment', 'lastChange', '-5')])).code).toBe(0);
    const { entries } = await root.search(ann, { scope: 'base', attributes: ['lastChange'] });
    expect(entries[0]!.attributes.lastChange).toEqual(['1031999995']);
  });

  it('numbers values anew, for so many changes in one request', async () => {
    const rule = (number: number): string => `dn:cn=${number}`;
    await root.modify(ann, [change('replace', 'authzTo', ...Array.from({ length: 1_000 }, (_, number) => rule(number)))]);
    const many = (from: number, count: number): ReturnType<typeof change>[] =>
      Array.from({ length: count }, (_, index) => change('add', 'authzTo', `{0}${rule(from + index)}`));
    expect((await root.modify(ann, many(1_000, 100))).code).toBe(0);
    const { entries } = await root.search(ann, { scope: 'base', attributes: ['authzTo'] });
    const numbers = [...Array.from({ length: 100 }, (_, index) => 1_099 - index), ...Array.from({ length: 1_000 }, (_, n) => n)];
    expect(entries[0]!.attributes['authzTo']).toEqual(numbers.map((number, place) => `{${place}}${rule(number)}`));
    const started = performance.now();
    expect((await root.modify(ann, many(2_000, 20_000))).code).toBe(11);
    expect(performance.now() - started).toBeLessThan(5_000);
    const after = await root.search(ann, { scope: 'base', attributes: ['authzTo'] });
    expect(after.entries).toEqual(entries);
  });

  it('counts on what is queued before it', async () => {
    const outcomes = await Promise.all([
      root.modify(ann, [change('add', 'description', 'a')]),
      root.modify(ann, [change('add', 'description', 'A')]),
      root.modify(ann, [change('delete', 'description', 'a')]),
      root.modify(ann, [change('add', 'description', 'b')]),
    ]);
    expect(outcomes.map(({ code }) => code)).toEqual([0, 20, 0, 0]);
    const { entries } = await root.search(suffix, { filter: '(description=b)', attributes: ['description'] });
    expect(entries.map(({ attributes }) => attributes.description)).toEqual([['b']]);
  });
});

describe('modify DN', () => {
  it('renames a leaf, finds it by the new name only', async () => {
    expect((await root.rename(ann, 'mail=anna@one.example')).code).toBe(0);
    expect((await root.search(ann, { scope: 'base' })).code).toBe(32);
    const { entries } = await root.search(suffix, { filter: '(mail=anna@one.example)', attributes: ['mail'] });
    expect(entries).toEqual([{ dn: accountDN('anna@one.example'), attributes: { mail: ['anna@one.example'] } }]);
    expect((await root.search(suffix, { filter: '(mail=ann@one.example)' })).entries).toEqual([]);
  });

  it('keeps the old value where it is told to', async () => {
    await root.rename(ann, 'mail=anna@one.example', undefined, false);
    const { entries } = await root.search(suffix, { filter: '(mail=ann@one.example)', attributes: ['mail'] });
    expect(entries[0]!.attributes.mail).toEqual(['ann@one.example', 'anna@one.example']);
  });

  it('moves a whole subtree', async () => {
    await root.add(`ou=archive,${suffix}`, { objectClass: ['top', 'organizationalUnit'], ou: 'archive' });
    expect((await root.rename(domain, 'jvd=old.example', `ou=archive,${suffix}`)).code).toBe(0);
    const { entries } = await root.search(`ou=archive,${suffix}`, { attributes: ['1.1'] });
    expect(entries.map(({ dn }) => dn.replace(`ou=archive,${suffix}`, '')).sort()).toEqual([
      '',
      'cn=postmaster,jvd=old.example,',
      'jvd=old.example,',
      'mail=admin@one.example,jvd=old.example,',
      'mail=ann@one.example,jvd=old.example,',
      'mail=bob@one.example,jvd=old.example,',
    ]);
    expect((await root.search(domain, { scope: 'base' })).code).toBe(32);
    expect((await root.bind(`mail=ann@one.example,jvd=old.example,ou=archive,${suffix}`, 'pw-ann')).code).toBe(0);
  });

  it.each([
    ['onto an existing name', ann, 'mail=bob@one.example', undefined, 68],
    ['below itself', domain, 'jvd=one.example', `mail=ann@one.example,${domain}`, 53],
    ['out of its database', ann, 'mail=ann@one.example', 'dc=elsewhere', 71],
    ['to a parent that is missing', ann, 'mail=ann@one.example', `jvd=no.example,${hosting}`, 32],
    ['of a missing entry', accountDN('x@one.example'), 'mail=y@one.example', undefined, 32],
    ['to what is no RDN', ann, 'nonsense', undefined, 34],
  ])('refuses a rename %s', async (_, dn, rdn, superior, code) => {
    expect((await root.rename(dn, rdn, superior)).code).toBe(code);
    expect((await root.search(suffix, { attributes: ['1.1'] })).entries).toHaveLength(13);
  });
});

describe('an entry that would be in the tree of another database', () => {
  const archive = `ou=archive,${suffix}`;

  beforeEach(async () => {
    await directory.close();
    directory = await openDirectory('', {
      before: `database mdb\nsuffix "cn=taken,ou=archive,${suffix}"\ndirectory /nowhere\naccess to * by * read`,
    });
    root = new Client(directory);
    await fill(root);
    await root.bind(manager, managerPassword);
    await root.add(archive, { objectClass: ['top', 'organizationalUnit'], ou: 'archive' });
    await root.add(`ou=other,${suffix}`, { objectClass: ['top', 'organizationalUnit'], ou: 'other' });
    await root.add(`cn=free,${archive}`, { objectClass: 'device', cn: 'free' });
    await root.add(`cn=taken,ou=other,${suffix}`, { objectClass: 'device', cn: 'taken' });
  });

  it.each([
    ['by its own rename', `cn=free,${archive}`, 'cn=taken', undefined],
    ['by its move', `cn=taken,ou=other,${suffix}`, 'cn=taken', archive],
    ['or is not there, as slapd', `cn=none,${archive}`, 'cn=taken', undefined],
  ])('stays where it is: %s', async (_, dn, rdn, superior) => {
    const before = (await root.search(suffix, { attributes: ['1.1'] })).entries;
    expect((await root.rename(dn, rdn, superior)).code).toBe(71);
    expect((await root.search(suffix, { attributes: ['1.1'] })).entries).toEqual(before);
  });

  it('stays where it is when a subtree is renamed, and all of that with it', async () => {
    await root.delete(`cn=free,${archive}`);
    await root.delete(archive);
    const before = (await root.search(suffix, { attributes: ['1.1'] })).entries;
    expect((await root.rename(`ou=other,${suffix}`, 'ou=archive')).code).toBe(71);
    expect((await root.search(suffix, { attributes: ['1.1'] })).entries).toEqual(before);
    expect((await root.search(`cn=taken,ou=other,${suffix}`, { scope: 'base' })).code).toBe(0);
  });
});

it('keeps entries from growing beyond their limit by renames that keep the old name', async () => {
  await directory.close();
  directory = await openDirectory('entry_max_values 100');
  root = new Client(directory);
  await fill(root);
  await root.bind(manager, managerPassword);
  const values = Array.from({ length: 79 }, (_, n) => `d${n}`);
  await root.modify(ann, [change('add', 'description', ...values)]);
  const postmaster = new Client(directory);
  await postmaster.bind(accountDN('admin@one.example'), 'pw-admin');
  const codes: number[] = [];
  for (let n = 0, dn = ann; n < 10; n++) {
    const { code } = await postmaster.rename(dn, `mail=a${n}@one.example`, undefined, false);
    codes.push(code);
    if (code === 0) dn = accountDN(`a${n}@one.example`);
  }
  expect(new Set(codes)).toEqual(new Set([0, 11]));
});

it('stamps changes after those of an earlier run, also when the clock has stepped back', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'jammd-test-'));
  const open = async (): Promise<void> => {
    await directory.close();
    directory = await openDirectory('', { folder });
    root = new Client(directory);
    await root.bind(manager, managerPassword);
  };
  const csn = async (dn: string): Promise<string> =>
    (await root.search(dn, { scope: 'base', attributes: ['entryCSN'] })).entries[0]!.attributes['entryCSN']![0]!;
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() });
  try {
    await open();
    await fill(root);
    await root.bind(manager, managerPassword);
    const seen: string[] = [];
    for (let run = 0; run < 3; run++) {
      await root.modify(ann, [change('replace', 'cn', `run ${run}`)]);
      seen.push(await csn(ann));
      vi.setSystemTime(Date.now() - 3_600_000);
      await open();
    }
    expect(seen.toSorted()).toEqual(seen);
    expect(new Set(seen).size).toBe(3);
  } finally {
    vi.useRealTimers();
    await directory.close();
    await rm(folder, { recursive: true, force: true });
    directory = await openDirectory();
  }
});

describe('delete', () => {
  it('takes leaves only', async () => {
    expect((await root.delete(domain)).code).toBe(66);
    expect((await root.delete(accountDN('x@one.example'))).code).toBe(32);
    expect((await root.delete('dc=elsewhere')).code).toBe(53);
    expect((await root.delete(ann)).code).toBe(0);
    expect((await root.search(suffix, { filter: '(mail=ann@one.example)' })).entries).toEqual([]);
  });

  it('says 32 for the suffix of an empty database', async () => {
    const empty = await openDirectory();
    const client = new Client(empty);
    await client.bind(manager, managerPassword);
    expect((await client.delete(suffix)).code).toBe(32);
    await empty.close();
  });
});

describe('unique and refint', () => {
  it('lets no two entries claim one address', async () => {
    await directory.close();
    directory = await openDirectory(`unique mail ${hosting}\nrefint roleOccupant`);
    root = new Client(directory);
    await fill(root);
    await root.bind(manager, managerPassword);
    expect((await root.add(`cn=copy,${domain}`, { ...account('ann@one.example'), cn: 'copy' })).code).toBe(19);
    const taken = await root.modify(ann, [change('add', 'mail', 'BOB@two.example')]);
    expect(taken.code).toBe(19);
    expect(taken.diagnostic).toContain('mail');
    const both = await Promise.all(
      ['a', 'b'].map((cn) => root.add(`cn=${cn},${domain}`, { ...account('same@one.example'), cn })),
    );
    expect(both.map(({ code }) => code)).toEqual([0, 19]);
  });

  it('lets a postmaster group follow its members', async () => {
    await directory.close();
    directory = await openDirectory('refint roleOccupant');
    root = new Client(directory);
    await fill(root);
    await root.bind(manager, managerPassword);
    const group = `cn=postmaster,${domain}`;
    const occupants = async () =>
      (await root.search(group, { scope: 'base', attributes: ['roleOccupant'] })).entries[0]!.attributes.roleOccupant;
    await root.rename(accountDN('admin@one.example'), 'mail=chief@one.example');
    expect(await occupants()).toEqual([group, accountDN('chief@one.example')]);
    await root.delete(accountDN('chief@one.example'));
    expect(await occupants()).toEqual([group]);
  });

  it('lets references to names below a renamed entry follow, though no entry has them', async () => {
    await directory.close();
    directory = await openDirectory('refint roleOccupant');
    root = new Client(directory);
    await fill(root);
    await root.bind(manager, managerPassword);
    const group = `cn=postmaster,jvd=two.example,${hosting}`;
    await root.modify(group, [change('add', 'roleOccupant', `cn=ghost,cn=x,${domain}`, `cn=ghost,${hosting}`)]);
    await root.rename(domain, 'jvd=new.example');
    const [found] = (await root.search(group, { scope: 'base', attributes: ['roleOccupant'] })).entries;
    const occupants = found!.attributes['roleOccupant']!;
    expect(occupants).toContain(`cn=ghost,cn=x,jvd=new.example,${hosting}`);
    expect(occupants).toContain(`cn=ghost,${hosting}`);
    expect(occupants.filter((name) => name.includes('one.example,o'))).toEqual([]);
  });

  it('moves thousands of references that no entry has in one pass', async () => {
    await directory.close();
    directory = await openDirectory('refint roleOccupant');
    root = new Client(directory);
    await fill(root);
    await root.bind(manager, managerPassword);
    const dn = `cn=ghosts,${hosting}`;
    const names = Array.from({ length: 3_000 }, (_, number) => `cn=g${number},${domain}`);
    expect((await root.add(dn, { objectClass: ['organizationalRole'], roleOccupant: names })).code).toBe(0);
    const started = performance.now();
    expect((await root.rename(domain, 'jvd=new.example')).code).toBe(0);
    // A pass for each took 18 s with a thousand.
    expect(performance.now() - started).toBeLessThan(10_000);
    const { entries } = await root.search(dn, { scope: 'base', attributes: ['roleOccupant'] });
    expect(entries[0]!.attributes['roleOccupant']).toEqual(names.map((name) => name.replace('one.example', 'new.example')));
  }, 60_000);

  it('lets numbered references follow in their places', async () => {
    await directory.close();
    const syntax = 'EQUALITY distinguishedNameMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.12';
    const before = `attributetype ( 1.3.6.1.4.1.99999.1.1 NAME 'steps' ${syntax} X-ORDERED 'VALUES' )
objectclass ( 1.3.6.1.4.1.99999.2.1 NAME 'way' AUXILIARY MAY steps )`;
    directory = await openDirectory('refint steps', { before });
    root = new Client(directory);
    await fill(root);
    await root.bind(manager, managerPassword);
    const dn = `cn=way,${hosting}`;
    const ghost = `cn=ghost,${domain}`;
    const way = {
      objectClass: ['organizationalRole', 'way'],
      steps: [`{0}${hosting}`, `{1}${domain}`, `{2}${ghost}`, `{3}${suffix}`],
    };
    expect((await root.add(dn, way)).code).toBe(0);
    expect((await root.rename(domain, 'jvd=new.example')).code).toBe(0);
    const moved = `jvd=new.example,${hosting}`;
    const { entries } = await root.search(dn, { scope: 'base', attributes: ['steps'] });
    expect(entries[0]!.attributes['steps']).toEqual([`{0}${hosting}`, `{1}${moved}`, `{2}cn=ghost,${moved}`, `{3}${suffix}`]);
  });

  it('has the equality index that it stands on, without being told', async () => {
    await directory.close();
    directory = await openDirectory('unique mailbox');
    root = new Client(directory);
    await fill(root);
    await root.bind(manager, managerPassword);
    expect((await root.modify(ann, [change('replace', 'mailbox', 'one.example/bob/')])).code).toBe(19);
  });
});

describe('names of the server’s own entries', () => {
  it('are given to no other entry, by a rename as little as by an add', async () => {
    const everything = 'database mdb\ndirectory unused\nsuffix ""\nrootdn cn=root\nrootpw root-pw\naccess to * by * read';
    const own = await openDirectory(everything, { before: 'database monitor\n' });
    const client = new Client(own);
    await client.bind('cn=root', 'root-pw');
    const unit = { objectClass: ['organizationalUnit'], ou: 'x', description: 'mine' };
    expect((await client.add('ou=x', unit)).code).toBe(0);
    expect((await client.add('ou=y,ou=x', { ...unit, ou: 'y' })).code).toBe(0);
    const refused = [
      () => client.rename('ou=x', 'cn=Monitor'),
      () => client.rename('ou=x', 'cn=Subschema'),
      () => client.rename('ou=y,ou=x', 'cn=Monitor', ''),
      () => client.rename('ou=y,ou=x', 'ou=y', 'cn=Monitor'),
      () => client.rename('ou=y,ou=x', 'ou=y', 'cn=Connections,cn=Monitor'),
      () => client.rename('ou=y,ou=x', 'cn=Time', 'cn=Monitor'),
    ];
    for (const rename of refused) expect((await rename()).code).toBe(71);
    for (const dn of ['ou=x', 'ou=y,ou=x']) {
      const { entries } = await client.search(dn, { scope: 'base', attributes: ['description'] });
      expect(entries.map(({ attributes }) => attributes['description'])).toEqual([['mine']]);
    }
    const { entries } = await client.search('', { scope: 'sub', filter: '(description=mine)', attributes: ['1.1'] });
    expect(entries.map(({ dn }) => dn)).toEqual(['ou=x', 'ou=y,ou=x']);
    await own.close();
  });
});
