import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Directory } from '../../src/directory/directory.js';
import { parseFilter } from '../../src/filter/text.js';
import type { Control } from '../../src/ldap/control.js';
import { account, accountDN, change, Client, fill, hosting, manager, managerPassword, openDirectory, suffix } from './support.js';

let directory: Directory;
let anonymous: Client;
let root: Client;
const domain = `jvd=one.example,${hosting}`;
const ann = accountDN('ann@one.example');

beforeAll(async () => {
  directory = await openDirectory();
  anonymous = new Client(directory);
  root = new Client(directory);
  await fill(root);
  await root.bind(manager, managerPassword);
});

afterAll(() => directory.close());

async function names(filter: string, client = anonymous): Promise<string[]> {
  const { code, entries } = await client.search(suffix, { filter, attributes: ['1.1'] });
  expect(code).toBe(0);
  return entries.map(({ dn }) => dn);
}

describe('a lookup as Postfix sends it', () => {
  const filter = (mail: string) => `(&(objectClass=JammMailAccount)(mail=${mail})(accountActive=TRUE)(delete=FALSE))`;

  it('is answered at once, without a promise', () => {
    const found: string[] = [];
    const sink = {
      entry: ({ record }: { record: { dn: string } }) => found.push(record.dn) > 0,
      reference: () => true,
      drained: () => Promise.reject(new Error('nothing to wait for')),
    };
    const answer = anonymous.session.perform(
      {
        request: {
          op: 'search',
          base: Buffer.from(hosting),
          scope: 'sub',
          derefAliases: 0,
          sizeLimit: 0,
          timeLimit: 10,
          typesOnly: false,
          filter: { kind: 'equality', attribute: 'mail', value: Buffer.from('ann@one.example') },
          attributes: ['mailbox'],
        },
        controls: [],
      },
      { sink, signal: { stopped: undefined } },
    );
    expect(answer).not.toBeInstanceOf(Promise);
    expect(found).toEqual([ann]);
  });

  it("finds in any case, and gives the attribute asked for in the schema's spelling", async () => {
    const { entries } = await anonymous.search(hosting, { filter: filter('ANN@One.Example'), attributes: ['MAILBOX'] });
    expect(entries).toEqual([{ dn: ann, attributes: { mailbox: ['one.example/ann/'] } }]);
  });

  it('misses with success', async () => {
    const { code, entries } = await anonymous.search(hosting, { filter: filter('nobody@one.example') });
    expect([code, entries]).toEqual([0, []]);
  });

  it('takes a star in an equality assertion as a star', async () => {
    expect(await names('(mail=\\2a)')).toEqual([]);
  });
});

describe('filters under access rules', () => {
  it('learn nothing about passwords, not by NOT either', async () => {
    expect(await names('(userPassword=*)')).toEqual([]);
    expect(await names('(!(userPassword=*))')).not.toContain(ann);
    expect(await names('(|(userPassword=pw-ann)(cn=ann of one.example))')).toEqual([ann]);
  });

  it('show the owner its own', async () => {
    const user = new Client(directory);
    await user.bind(ann, 'pw-ann');
    expect(await names('(userPassword=*)', user)).toEqual([ann]);
    const { entries } = await user.search(ann, { scope: 'base', attributes: ['userPassword'] });
    expect(entries[0]!.attributes.userPassword).toEqual(['pw-ann']);
  });
});

describe('scopes', () => {
  it.each([
    ['base', [domain]],
    [
      'one',
      ['cn=postmaster', 'mail=admin@one.example', 'mail=ann@one.example', 'mail=bob@one.example'].map(
        (rdn) => `${rdn},${domain}`,
      ),
    ],
  ] as const)('%s', async (scope, expected) => {
    const { entries } = await anonymous.search(domain, { scope, attributes: ['1.1'] });
    expect(entries.map(({ dn }) => dn)).toEqual(expected);
  });

  it('children leaves the base out, sub does not', async () => {
    const sub = await anonymous.search(domain, { scope: 'sub' });
    const children = await anonymous.search(domain, { scope: 'children' });
    expect(sub.entries.map(({ dn }) => dn)).toEqual([domain, ...children.entries.map(({ dn }) => dn)]);
  });

  it('answers a missing base with 32 and the nearest entry above', async () => {
    const { code, matchedDN } = await anonymous.search(`mail=x@one.example,jvd=one.example, ${hosting}`);
    expect([code, matchedDN]).toEqual([32, domain]);
    expect((await anonymous.search('dc=elsewhere')).code).toBe(32);
    expect((await anonymous.search('', { scope: 'sub' })).code).toBe(32);
  });
});

describe('matched values', () => {
  it('are compared with so many filters at one go and no more', async () => {
    const many = `cn=many,${suffix}`;
    const description = Array.from({ length: 1_001 }, (_, n) => `value ${n}`);
    expect((await root.add(many, { objectClass: ['organizationalRole'], cn: 'many', description })).code).toBe(0);
    const ask = async (count: number) => {
      const filters = Array.from({ length: count }, (_, n) => parseFilter(`(description=value ${n})`));
      const controls: Control[] = [{ type: 'matchedValues', critical: true, filters }];
      const { code, entries } = await anonymous.search(many, { scope: 'base', controls, attributes: ['description'] });
      return [code, entries[0]?.attributes.description?.length];
    };
    expect(await ask(249)).toEqual([0, 249]);
    expect(await ask(250)).toEqual([11, undefined]);
    await root.delete(many);
  });
});

describe('attribute selection', () => {
  it.each([
    [['1.1'], []],
    [['name'], ['cn']],
    [['2.5.4.3'], ['cn']],
    [['nonsense'], []],
    [
      ['cn', '+'],
      [
        'cn',
        'createTimestamp',
        'creatorsName',
        'entryCSN',
        'entryDN',
        'entryUUID',
        'hasSubordinates',
        'modifiersName',
        'modifyTimestamp',
        'structuralObjectClass',
        'subschemaSubentry',
      ],
    ],
    [
      ['@JammPostmaster', 'cn'],
      ['cn', 'objectClass'],
    ],
  ])('%j gives %j', async (attributes, expected) => {
    const { entries } = await anonymous.search(ann, { scope: 'base', attributes });
    expect(Object.keys(entries[0]!.attributes).sort()).toEqual(expected);
  });

  it('gives types without values where asked', async () => {
    const { entries } = await anonymous.search(ann, { scope: 'base', attributes: ['cn', 'mail'], typesOnly: true });
    expect(entries[0]!.attributes).toEqual({ mail: [], cn: [] });
  });
});

describe("the server's own entries", () => {
  it('shows the root DSE bare, and whole on request', async () => {
    const bare = await anonymous.search('', { scope: 'base' });
    expect(bare.entries).toEqual([{ dn: '', attributes: { objectClass: ['top', 'OpenLDAProotDSE'] } }]);
    const whole = await anonymous.search('', { scope: 'base', attributes: ['+'] });
    expect(whole.entries[0]!.attributes.namingContexts).toEqual([suffix]);
    expect(whole.entries[0]!.attributes.supportedLDAPVersion).toEqual(['3']);
  });

  it('publishes the Jamm schema', async () => {
    const { entries } = await anonymous.search('cn=Subschema', { scope: 'base', attributes: ['objectClasses'] });
    expect(entries[0]!.attributes.objectClasses!.some((text) => text.includes("NAME 'JammMailAccount'"))).toBe(true);
  });

  it('shows cn=Monitor where it is configured, and only there', async () => {
    expect((await anonymous.search('cn=Monitor')).code).toBe(32);
    const monitored = await openDirectory('database monitor');
    const { code, entries } = await new Client(monitored).search('cn=Databases,cn=Monitor', { attributes: ['+'] });
    expect(code).toBe(0);
    const named = ['cn=Database 1,', 'cn=Database 2,'].map((rdn) => `${rdn}cn=Databases,cn=Monitor`);
    expect(entries.map(({ dn }) => dn)).toEqual(['cn=Databases,cn=Monitor', ...named]);
    expect(entries[1]!.attributes.namingContexts).toEqual([suffix]);
    await monitored.close();
  });
});

describe('limits', () => {
  it('returns exactly as many as allowed, then 4', async () => {
    const { code, entries } = await anonymous.search(suffix, { sizeLimit: 3 });
    expect([code, entries.length]).toEqual([4, 3]);
    expect((await anonymous.search(suffix, { sizeLimit: 13 })).code).toBe(0);
  });

  it('names them for groups of users', async () => {
    const limited = await openDirectory('limits anonymous size.soft=2 size.hard=5\nlimits users size=unlimited');
    const client = new Client(limited);
    await fill(client);
    expect((await client.search(suffix)).entries).toHaveLength(2);
    expect((await client.search(suffix, { sizeLimit: 4 })).entries).toHaveLength(4);
    const tooMany = await client.search(suffix, { sizeLimit: 6 });
    expect([tooMany.code, tooMany.entries.length]).toEqual([4, 5]);
    await client.bind(accountDN('ann@one.example'), 'pw-ann');
    expect((await client.search(suffix)).entries).toHaveLength(13);
    await limited.close();
  });

  it('lets an abandoned search end early, also while the receiver is slow', async () => {
    const signal: { stopped: 'abandoned' | undefined } = { stopped: undefined };
    let seen = 0;
    const outcome = await root.search(suffix, {
      filter: '(!(cn=nobody))',
      signal,
      onEntry: () => {
        if (++seen === 3) signal.stopped = 'abandoned';
        return false;
      },
    });
    expect(outcome.entries.length).toBeLessThan(13);
  });
});

describe('paged results', () => {
  const paged = (size: number, cookie = Buffer.alloc(0)): readonly Control[] => [
    { type: 'pagedResults', critical: true, size, cookie },
  ];
  const cookieOf = (controls: readonly { value: Buffer | undefined }[] | undefined): Buffer => {
    const value = controls![0]!.value!;
    return value.subarray(value.length - value[6]!);
  };

  it('gives each entry once, also when entries come and go between the pages', async () => {
    const seen: string[] = [];
    let cookie = Buffer.alloc(0);
    const transient = accountDN('transient@one.example');
    for (let page = 0; page < 20; page++) {
      const outcome = await root.search(suffix, { attributes: ['1.1'], controls: paged(4, cookie) });
      expect(outcome.code).toBe(0);
      expect(outcome.entries.length).toBeLessThanOrEqual(4);
      seen.push(...outcome.entries.map(({ dn }) => dn).filter((dn) => dn !== transient));
      if (page === 0) await root.add(transient, account('transient@one.example'));
      if (page === 1) await root.delete(transient);
      cookie = Buffer.from(cookieOf(outcome.controls));
      if (cookie.length === 0) break;
    }
    expect(seen).toEqual((await root.search(suffix)).entries.map(({ dn }) => dn));
  });

  it('takes no cookie but its own last one', async () => {
    const first = await root.search(suffix, { controls: paged(2) });
    const cookie = Buffer.from(cookieOf(first.controls));
    expect((await new Client(directory).search(suffix, { controls: paged(2, cookie) })).code).toBe(2);
    const forged = Buffer.from(cookie);
    forged[0]! ^= 1;
    expect((await root.search(suffix, { controls: paged(2, forged) })).code).toBe(2);
  });

  it('returns no entries for a page of size 0', async () => {
    const outcome = await root.search(suffix, { controls: paged(0) });
    expect([outcome.code, outcome.entries]).toEqual([0, []]);
  });

  it('counts the size limit over all pages', async () => {
    const limited = await openDirectory('sizelimit 5');
    const client = new Client(limited);
    await fill(client);
    const first = await client.search(suffix, { controls: paged(3) });
    const second = await client.search(suffix, { controls: paged(3, Buffer.from(cookieOf(first.controls))) });
    expect([first.code, first.entries.length, second.code, second.entries.length]).toEqual([0, 3, 4, 2]);
    await limited.close();
  });
});

describe('other controls', () => {
  it('refuses a critical one that it does not know', async () => {
    const unknown = (critical: boolean): Control[] => [{ type: 'unknown', critical, oid: '1.2.3.4', value: undefined }];
    expect((await anonymous.search(suffix, { controls: unknown(true) })).code).toBe(12);
    expect((await anonymous.search(suffix, { controls: unknown(false) })).code).toBe(0);
  });

  it('writes only where the assertion holds', async () => {
    const assertion = (mail: string): Control[] => [
      { type: 'assertion', critical: true, filter: { kind: 'equality', attribute: 'mail', value: Buffer.from(mail) } },
    ];
    const change1 = [change('replace', 'description', 'x')];
    expect((await root.modify(ann, change1, assertion('bob@one.example'))).code).toBe(122);
    expect((await root.modify(ann, change1, assertion('ann@one.example'))).code).toBe(0);
  });

  it('speaks as somebody else only where that is allowed', async () => {
    const as = (authzId: string): Control[] => [{ type: 'proxiedAuthorization', critical: true, authzId }];
    const own = await root.search(suffix, { filter: '(userPassword=*)', controls: as(`dn:${ann}`) });
    expect(own.entries.map(({ dn }) => dn)).toEqual([ann]);
    const user = new Client(directory);
    await user.bind(ann, 'pw-ann');
    expect((await user.search(suffix, { controls: as(`dn:${manager}`) })).code).toBe(123);
  });

  it('does nothing where the No-Op control says so, and tells that it would', async () => {
    expect((await root.delete(ann, [{ type: 'noOp', critical: true }])).code).toBe(0x410e);
    expect((await root.search(ann, { scope: 'base' })).code).toBe(0);
  });
});

describe('referral objects and aliases', () => {
  it('send a client elsewhere, unless it says ManageDsaIT', async () => {
    const dn = `ou=there,${suffix}`;
    const manage: Control[] = [{ type: 'manageDsaIT', critical: true }];
    const add = await root.add(
      dn,
      { objectClass: ['referral', 'extensibleObject'], ou: 'there', ref: 'ldap://other.example/ou=here,dc=other' },
      manage,
    );
    expect(add.code).toBe(0);
    const below = await anonymous.search(`cn=x,${dn}`, { scope: 'base' });
    expect([below.code, below.matchedDN]).toEqual([10, dn]);
    const sub = await anonymous.search(suffix, { filter: '(mail=ann@one.example)' });
    expect(sub.references).toEqual([['ldap://other.example/ou=here,dc=other??sub']]);
    expect((await root.search(dn, { scope: 'base', controls: manage })).entries.map((entry) => entry.dn)).toEqual([dn]);
    expect((await root.delete(dn, manage)).code).toBe(0);
  });

  it('are followed from the base and in the search', async () => {
    const alias = `ou=short,${suffix}`;
    await root.add(alias, { objectClass: ['alias', 'extensibleObject'], ou: 'short', aliasedObjectName: domain });
    const through = await anonymous.search(`mail=ann@one.example,${alias}`, { scope: 'base', derefAliases: 3 });
    expect(through.entries.map(({ dn }) => dn)).toEqual([ann]);
    const plain = await anonymous.search(alias, { scope: 'sub', derefAliases: 0 });
    expect(plain.entries.map(({ dn }) => dn)).toEqual([alias]);
    const one = await anonymous.search(suffix, { scope: 'one', derefAliases: 1, attributes: ['1.1'] });
    expect(one.entries.map(({ dn }) => dn)).toContain(domain);
    expect(one.entries.map(({ dn }) => dn)).not.toContain(alias);
    await root.delete(alias);
  });
});
