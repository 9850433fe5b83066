/** What a search that synchronises tells: refreshes by the log and in full, views by filter, scope and access rules, and its end. */
import { afterEach, describe, expect, it } from 'vitest';
import type { Directory } from '../../src/directory/directory.js';
import type { Control } from '../../src/ldap/control.js';
import { syncOids, type SyncInfo } from '../../src/ldap/sync.js';
import type { Response } from '../../src/ldap/response.js';
import type { SearchScope } from '../../src/ldap/request.js';
import { parseFilter } from '../../src/filter/text.js';
import { decodeSyncDone, decodeSyncInfo, decodeSyncState, encodeSyncRequest } from '../../src/protocol/sync-values.js';
import { change, Client, manager, managerPassword, openDirectory, suffix } from '../directory/support.js';

const open: Directory[] = [];
const replicas: Replica[] = [];

afterEach(async () => {
  for (const replica of replicas.splice(0)) replica.stop('abandoned');
  for (const directory of open.splice(0)) await directory.close();
});

async function provider(lines = 'overlay syncprov'): Promise<readonly [Directory, Client]> {
  const directory = await openDirectory(lines);
  open.push(directory);
  const client = new Client(directory);
  await client.bind(manager, managerPassword);
  expect((await client.add(suffix, { objectClass: 'domain', dc: 'myhosting' })).code).toBe(0);
  for (const ou of ['a', 'b']) await client.add(`ou=${ou},${suffix}`, { objectClass: 'organizationalUnit', ou });
  return [directory, client];
}

const person = (name: string, ou = 'a'): string => `cn=${name},ou=${ou},${suffix}`;

async function addPerson(client: Client, name: string, ou = 'a', more: Record<string, string> = {}): Promise<void> {
  expect((await client.add(person(name, ou), { objectClass: 'person', cn: name, sn: 's', ...more })).code).toBe(0);
}

interface Wanted {
  readonly base?: string;
  readonly scope?: SearchScope;
  readonly filter?: string;
  readonly cookie?: string | undefined;
  readonly persist?: boolean;
  readonly controls?: readonly Control[];
  readonly derefAliases?: number;
  readonly sizeLimit?: number;
}

/** A search under way: what it was told so far, in short words. */
class Replica {
  readonly told: string[] = [];
  cookie: string | undefined;
  response: Response | undefined;
  /** False: the reader is slow. */
  reads = true;
  readonly done: Promise<Response>;
  #stopped: 'abandoned' | 'canceled' | undefined;
  #whenStopped: (() => void) | undefined;
  #drained: (() => void) | undefined;

  constructor(client: Client, wanted: Wanted = {}) {
    replicas.push(this);
    const value = encodeSyncRequest({
      mode: wanted.persist === false ? 'refreshOnly' : 'refreshAndPersist',
      cookie: wanted.cookie === undefined ? undefined : Buffer.from(wanted.cookie),
      reloadHint: true,
    });
    const controls: readonly Control[] = [{ type: 'syncRequest', critical: true, value }, ...(wanted.controls ?? [])];
    // eslint-disable-next-line @typescript-eslint/no-this-alias
    const replica = this;
    const io = {
      sink: {
        entry: ({
          record,
          controls: [control],
        }: {
          record: { dn: string };
          controls: readonly { value: Buffer | undefined }[];
        }) => {
          const { state, cookie } = decodeSyncState(control!.value!);
          replica.#note(`${state} ${record.dn.replace(`,${suffix}`, '')}`, cookie);
          return replica.reads;
        },
        reference: () => true,
        intermediate: (name: string, bytes: Buffer) => {
          expect(name).toBe(syncOids.info);
          const info: SyncInfo = decodeSyncInfo(bytes);
          replica.#note(info.kind, info.cookie);
          return replica.reads;
        },
        drained: () => (replica.reads ? Promise.resolve() : new Promise<void>((resolve) => (replica.#drained = resolve))),
      },
      signal: {
        get stopped() {
          return replica.#stopped;
        },
        whenStopped: (listener: () => void) => (replica.#whenStopped = listener),
      },
    };
    const request = {
      op: 'search',
      base: Buffer.from(wanted.base ?? suffix),
      scope: wanted.scope ?? 'sub',
      derefAliases: wanted.derefAliases ?? 0,
      sizeLimit: wanted.sizeLimit ?? 0,
      timeLimit: 0,
      typesOnly: false,
      filter: parseFilter(wanted.filter ?? '(objectClass=*)'),
      attributes: ['*', '+'],
    } as const;
    this.done = client.perform(request, controls, io).then((response) => {
      const [control] = response.controls ?? [];
      if (control) this.#note('done', decodeSyncDone(control.value!).cookie);
      return (this.response = response);
    });
  }

  #note(what: string, cookie: Buffer | undefined): void {
    this.told.push(what);
    if (cookie) this.cookie = cookie.toString();
  }

  stop(how: 'abandoned' | 'canceled'): void {
    this.#stopped = how;
    this.#whenStopped?.();
    this.read();
  }

  read(): void {
    this.reads = true;
    this.#drained?.();
  }

  /** What is told from now on, until it has been so much. */
  async next(count: number): Promise<string[]> {
    const until = Date.now() + 5_000;
    while (this.told.length < count && Date.now() < until && !this.response)
      await new Promise((resolve) => setTimeout(resolve, 2));
    return this.told.splice(0, count);
  }
}

async function settled(client: Client, wanted: Wanted = {}): Promise<Replica> {
  const replica = new Replica(client, { ...wanted, persist: false });
  await replica.done;
  return replica;
}

describe('a refresh', () => {
  it('tells all entries, parents first, and later what has changed since', async () => {
    const [, client] = await provider();
    const first = await settled(client);
    expect(first.told).toEqual([`add ${suffix}`, 'add ou=a', 'add ou=b', 'done']);
    expect((await settled(client, { cookie: first.cookie })).told).toEqual(['done']);
    await addPerson(client, 'x');
    await client.modify(person('x'), [change('replace', 'description', 'd')]);
    await client.rename(`ou=a,${suffix}`, 'ou=c');
    await client.delete(person('x', 'c'));
    const second = await settled(client, { cookie: first.cookie });
    expect(second.told).toEqual([
      ...['add cn=x,ou=a', 'modify cn=x,ou=a', 'modify ou=c', 'modify cn=x,ou=c', 'newCookie', 'delete cn=x,ou=c', 'done'],
    ]);
    const bySlapd = await settled(client, { cookie: `rid=001,${first.cookie}` });
    expect(bySlapd.told).toEqual(['add cn=x,ou=a', 'modify cn=x,ou=a', 'modify ou=c', 'delete cn=x,ou=c', 'done']);
    expect(bySlapd.cookie).toBe(`rid=001,${second.cookie}`);
  });

  it('tells all entries where the cookie is unknown, of another server, or none', async () => {
    const [, client] = await provider();
    const { cookie } = await settled(client);
    for (const other of [
      'nonsense',
      `csn=20200101000000.000000Z#000000#000#000000`,
      cookie!.replace('#000#', '#00a#'),
      'csn=',
      '',
    ]) {
      expect((await settled(client, { cookie: other })).told).toEqual([`add ${suffix}`, 'add ou=a', 'add ou=b', 'done']);
    }
  });

  it('answers 53 to a cookie from the future', async () => {
    const [, client] = await provider();
    const future = await settled(client, { cookie: 'csn=20990101000000.000000Z#000000#000#000000' });
    expect(future.response).toMatchObject({ code: 53, diagnostic: 'consumer state is newer than provider!' });
  });

  it('goes on from its cookie after a restart', async () => {
    const { mkdtemp, rm } = await import('node:fs/promises');
    const folder = await mkdtemp('/tmp/jammd-sync-');
    try {
      const before = await openDirectory('overlay syncprov', { folder });
      const client = new Client(before);
      await client.bind(manager, managerPassword);
      await client.add(suffix, { objectClass: 'domain', dc: 'myhosting' });
      const { cookie } = await settled(client);
      await client.add(`ou=z,${suffix}`, { objectClass: 'organizationalUnit', ou: 'z' });
      await before.close();
      const after = await openDirectory('overlay syncprov', { folder });
      open.push(after);
      const again = new Client(after);
      await again.bind(manager, managerPassword);
      expect((await settled(again, { cookie })).told).toEqual(['add ou=z', 'done']);
    } finally {
      for (const directory of open.splice(0)) await directory.close();
      await rm(folder, { recursive: true, force: true });
    }
  });

  it('leaves out what the replica has, by syncprov-nopresent', async () => {
    const [, client] = await provider('overlay syncprov\nsyncprov-nopresent TRUE');
    const foreign = 'csn=20200101000000.000000Z#000000#000#000000';
    expect((await settled(client, { cookie: foreign })).told).toHaveLength(4);
    expect((await settled(client)).told).toHaveLength(4);
  });

  it('refuses what cannot be synchronised', async () => {
    const [, client] = await provider();
    const paged: Control = { type: 'pagedResults', critical: true, size: 10, cookie: Buffer.alloc(0) };
    expect((await settled(client, { controls: [paged] })).response?.code).toBe(2);
    expect((await settled(client, { derefAliases: 3 })).response).toMatchObject({
      code: 2,
      diagnostic: 'illegal value for derefAliases',
    });
    expect((await settled(client, { base: `ou=none,${suffix}` })).response?.code).toBe(32);
    expect((await settled(client, { base: 'cn=Subschema', scope: 'base' })).response?.code).toBe(12);
    expect((await settled(client, { sizeLimit: 2 })).response?.code).toBe(4);
    const [, without] = await provider('');
    expect((await settled(without)).response?.code).toBe(12);
  });

  it('shows contextCSN at the suffix, and nowhere else', async () => {
    const [, client] = await provider();
    const { cookie } = await settled(client);
    const { entries } = await client.search(suffix, { attributes: ['contextCSN'] });
    expect(entries.map(({ dn, attributes }) => [dn, attributes['contextCSN']])).toEqual([
      [suffix, [cookie!.replace('csn=', '')]],
      [`ou=a,${suffix}`, undefined],
      [`ou=b,${suffix}`, undefined],
    ]);
    expect((await client.search(suffix, { filter: '(contextCSN=*)' })).entries).toHaveLength(1);
    const [, without] = await provider('');
    expect((await without.search(suffix, { scope: 'base', attributes: ['+'] })).entries[0]!.attributes).not.toHaveProperty(
      'contextCSN',
    );
  });
});

describe('a search that persists', () => {
  it('follows every kind of change', async () => {
    const [, client] = await provider();
    const replica = new Replica(client);
    expect(await replica.next(4)).toEqual([`add ${suffix}`, 'add ou=a', 'add ou=b', 'refreshPresent']);
    await addPerson(client, 'x');
    await client.rename(person('x'), 'cn=y', `ou=b,${suffix}`);
    await client.delete(person('y', 'b'));
    expect(await replica.next(3)).toEqual(['add cn=x,ou=a', 'modify cn=y,ou=b', 'delete cn=y,ou=b']);
    const { cookie } = await settled(client);
    expect(replica.cookie).toBe(cookie);
  });

  it('deletes what leaves its filter or scope, and adds what comes', async () => {
    const [, client] = await provider();
    const filtered = new Replica(client, { filter: '(description=yes)' });
    const scoped = new Replica(client, { base: `ou=b,${suffix}`, scope: 'one' });
    expect(await filtered.next(1)).toEqual(['refreshPresent']);
    expect(await scoped.next(1)).toEqual(['refreshPresent']);
    await addPerson(client, 'x');
    await client.modify(person('x'), [change('add', 'description', 'yes')]);
    await client.rename(person('x'), 'cn=x', `ou=b,${suffix}`);
    await client.modify(person('x', 'b'), [change('replace', 'description', 'no')]);
    await client.rename(person('x', 'b'), 'cn=x', `ou=a,${suffix}`);
    expect((await filtered.next(5)).filter((one) => one !== 'newCookie')).toEqual([
      'add cn=x,ou=a',
      'modify cn=x,ou=b',
      'delete cn=x,ou=b',
    ]);
    expect((await scoped.next(5)).filter((one) => one !== 'newCookie')).toEqual([
      'add cn=x,ou=b',
      'modify cn=x,ou=b',
      'delete cn=x,ou=b',
    ]);
    const { cookie } = await settled(client);
    await filtered.next(1);
    expect(filtered.cookie).toBe(cookie);
  });

  it('tells of a subtree that moves into its view and out of it, in an order that can be applied', async () => {
    const [, client] = await provider();
    await client.add(`ou=u,ou=a,${suffix}`, { objectClass: 'organizationalUnit', ou: 'u' });
    await addPerson(client, 'x,ou=u'.split(',')[0]!, 'u,ou=a');
    const replica = new Replica(client, { base: `ou=b,${suffix}`, cookie: 'rid=001' });
    expect(await replica.next(2)).toEqual(['add ou=b', 'refreshPresent']);
    await client.rename(`ou=u,ou=a,${suffix}`, 'ou=u', `ou=b,${suffix}`);
    expect(await replica.next(3)).toEqual(['add ou=u,ou=b', 'add cn=x,ou=u,ou=b', 'newCookie']);
    await client.rename(`ou=u,ou=b,${suffix}`, 'ou=v', `ou=a,${suffix}`);
    expect(await replica.next(3)).toEqual(['delete cn=x,ou=u,ou=b', 'delete ou=u,ou=b', 'newCookie']);
    expect(replica.cookie).toBe(`rid=001,${(await settled(client)).cookie}`);
  });

  it('obeys access rules of its identity, and says nothing of what they hide', async () => {
    const rules = [
      'overlay syncprov',
      'access to filter=(description=secret) by * none',
      'access to attrs=sn by * none',
      'access to * by * read',
    ];
    const directory = await openDirectory(rules.join('\n'), { ownRules: true });
    open.push(directory);
    const client = new Client(directory);
    await client.bind(manager, managerPassword);
    await client.add(suffix, { objectClass: 'domain', dc: 'myhosting' });
    await client.add(`ou=a,${suffix}`, { objectClass: 'organizationalUnit', ou: 'a' });
    const replica = new Replica(new Client(directory));
    expect(await replica.next(3)).toEqual([`add ${suffix}`, 'add ou=a', 'refreshPresent']);
    await addPerson(client, 'x', 'a', { description: 'secret' });
    await client.modify(person('x'), [change('replace', 'description', 'open')]);
    await client.modify(person('x'), [change('replace', 'description', 'secret')]);
    await client.delete(person('x'));
    expect((await replica.next(4)).filter((one) => one !== 'newCookie')).toEqual(['add cn=x,ou=a', 'delete cn=x,ou=a']);
  });

  it('reads on from the log where its reader is slow, and is sent away where the log has moved on', async () => {
    const [directory, client] = await provider('overlay syncprov\nsyncprov-sessionlog 1000');
    const slow = new Replica(client);
    expect(await slow.next(4)).toHaveLength(4);
    slow.reads = false;
    for (let n = 0; n < 50; n++) await client.modify(`ou=a,${suffix}`, [change('replace', 'description', String(n))]);
    expect(slow.told.length).toBeLessThan(3);
    slow.read();
    expect(await slow.next(50)).toEqual(Array.from({ length: 50 }, () => 'modify ou=a'));
    slow.reads = false;
    const writes = Array.from({ length: 1_100 }, (_, n) =>
      client.modify(`ou=a,${suffix}`, [change('replace', 'description', String(n))]),
    );
    await Promise.all(writes);
    slow.read();
    expect(await slow.done).toMatchObject({ code: 51 });
    const log = directory.databases[0]!.store.log;
    expect(log.next - log.first).toBe(1_000);
    // It has been told of everything up to its cookie: what has not changed since is only named.
    const { told, cookie } = await settled(client, { cookie: slow.cookie });
    expect(told).toEqual(['add ou=a', 'syncIdSet', 'done']);
    // Nobody was ever told this: all entries come.
    const foreign = cookie!.replace(/#000000$/, '#000001');
    await client.modify(`ou=a,${suffix}`, [change('replace', 'description', 'last')]);
    expect((await settled(client, { cookie: foreign })).told).toEqual([`add ${suffix}`, 'add ou=a', 'add ou=b', 'done']);
  });

  it('ends when it is canceled, and at once', async () => {
    const [, client] = await provider();
    const replica = new Replica(client);
    await replica.next(4);
    replica.stop('canceled');
    expect((await replica.done).code).toBe(118);
  });

  it('is one of so many', async () => {
    const [, client] = await provider();
    const many = Array.from({ length: 250 }, () => new Replica(client));
    await Promise.all(many.map((replica) => replica.next(4)));
    expect((await new Replica(client).done).code).toBe(51);
    many[0]!.stop('abandoned');
    await many[0]!.done;
    expect(await new Replica(client).next(4)).toHaveLength(4);
  });
});
