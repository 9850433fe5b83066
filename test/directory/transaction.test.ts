/** Transactions (RFC 5805): all of it happens or nothing, each operation on what those before it left, within limits. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Change } from '../../src/directory/changes.js';
import type { Directory } from '../../src/directory/directory.js';
import { transactionLimits } from '../../src/directory/limits.js';
import { withoutEntries, type OperationIO } from '../../src/directory/model.js';
import type { Control } from '../../src/ldap/control.js';
import type { AnsweredRequest } from '../../src/ldap/request.js';
import type { ExtendedResponse, Response } from '../../src/ldap/response.js';
import { account, accountDN, change, Client, fill, hosting, manager, managerPassword, openDirectory } from './support.js';

const domain = `jvd=one.example,${hosting}`;
const ann = accountDN('ann@one.example');
const bob = accountDN('bob@one.example');
const group = `cn=postmaster,${domain}`;
const queued: readonly Control[] = [{ type: 'transactionSpecification', critical: true, identifier: Buffer.alloc(0) }];
const transactionIdInvalid = 0x4121;

let directory: Directory;
let root: Transacting;
let notices: ExtendedResponse[];

/** A client whose requests are numbered and belong to a transaction. */
class Transacting extends Client {
  #messageId = 0;
  readonly #io: OperationIO = { ...withoutEntries, notify: (notice) => void notices.push(notice) };

  request(request: AnsweredRequest, controls: readonly Control[] = queued): Promise<Response> {
    return this.perform(request, controls, { ...this.#io, messageId: ++this.#messageId });
  }

  start(): Promise<ExtendedResponse> {
    return this.request({ op: 'extended', name: '1.3.6.1.1.21.1', value: undefined }, []);
  }

  end(commit: boolean): Promise<ExtendedResponse> {
    const value = Buffer.from(commit ? '30050101ff0400' : '30050101000400', 'hex');
    return this.request({ op: 'extended', name: '1.3.6.1.1.21.3', value }, []);
  }

  describes(dn: string, text: string, more: readonly Control[] = []): Promise<Response> {
    const changes = [change('replace', 'description', text)];
    return this.request({ op: 'modify', object: Buffer.from(dn), changes }, [...queued, ...more]);
  }

  renames(dn: string, newRDN: string, newSuperior?: string): Promise<Response> {
    const superior = newSuperior === undefined ? undefined : Buffer.from(newSuperior);
    const names = { entry: Buffer.from(dn), newRDN: Buffer.from(newRDN), newSuperior: superior };
    return this.request({ op: 'modifyDN', ...names, deleteOldRDN: true });
  }
}

async function descriptions(dn: string): Promise<readonly string[] | undefined> {
  const { entries } = await root.search(dn, { scope: 'base' });
  return entries[0]?.attributes['description'];
}

async function names(base: string): Promise<string[]> {
  const { entries } = await root.search(base);
  return entries.map(({ dn }) => dn).sort();
}

async function open(more = ''): Promise<void> {
  directory = await openDirectory(more);
  root = new Transacting(directory);
  await fill(root);
  await root.bind(manager, managerPassword);
}

beforeEach(() => {
  notices = [];
});

afterEach(async () => {
  vi.useRealTimers();
  vi.restoreAllMocks();
  await directory.close();
});

describe('a commit', () => {
  beforeEach(() => open('index description eq\nunique description\nrefint roleOccupant'));

  it('tells listeners of all changes, in order, when they are written, and of none when one fails', async () => {
    const told: Change[] = [];
    directory.onChange((one) => told.push(one));
    await root.start();
    await root.describes(ann, 'one');
    await root.delete(bob, queued);
    expect(told).toEqual([]);
    expect(await descriptions(ann)).toBeUndefined();
    expect(await root.end(true)).toMatchObject({ code: 0 });
    expect(told.map(({ kind }) => kind)).toEqual(['modify', 'delete']);
    await root.start();
    await root.describes(ann, 'two');
    await root.describes(bob, 'is gone');
    expect(await root.end(true)).toMatchObject({ code: 32, responseValue: Buffer.from('3003020106', 'hex') });
    expect(told).toHaveLength(2);
    expect(await descriptions(ann)).toEqual(['one']);
  });

  it('asks unique of each entry as those before it left the others', async () => {
    await root.describes(ann, 'x', []);
    await root.start();
    await root.describes(ann, 'taken');
    await root.describes(bob, 'taken');
    expect(await root.end(true)).toMatchObject({ code: 19 });
    await root.start();
    await root.describes(ann, 'first');
    await root.describes(ann, 'second');
    await root.describes(bob, 'first');
    expect(await root.end(true)).toMatchObject({ code: 0 });
    expect([await descriptions(ann), await descriptions(bob)]).toEqual([['second'], ['first']]);
  });

  it('renames subtrees with the entries that it has added, moved and removed below', async () => {
    const other = 'jvd=renamed.example';
    const one = 'jvd=one.example';
    await root.start();
    await root.add(accountDN('new@one.example'), account('new@one.example'), queued);
    await root.delete(bob, queued);
    await root.renames(accountDN('ann@two.example'), 'mail=ann@two.example', domain);
    await root.renames(domain, other);
    await root.renames(`mail=new@one.example,${other},${hosting}`, 'mail=newer@one.example');
    await root.renames(`${other},${hosting}`, 'jvd=again.example');
    await root.describes(`mail=ann@one.example,jvd=again.example,${hosting}`, 'followed');
    expect(await root.end(true)).toMatchObject({ code: 0 });
    expect(await names(hosting).then((all) => all.filter((dn) => dn.includes('again')))).toEqual(
      [
        '',
        'cn=postmaster,',
        'mail=admin@one.example,',
        'mail=ann@one.example,',
        'mail=ann@two.example,',
        'mail=newer@one.example,',
      ]
        .map((name) => `${name}jvd=again.example,${hosting}`)
        .sort(),
    );
    expect((await names(hosting)).filter((dn) => dn.includes(one))).toEqual([]);
    const { entries } = await root.search(`cn=postmaster,jvd=again.example,${hosting}`, { scope: 'base' });
    expect(entries[0]?.attributes['roleOccupant']?.toSorted()).toEqual([
      `cn=postmaster,jvd=again.example,${hosting}`,
      `mail=admin@one.example,jvd=again.example,${hosting}`,
    ]);
    for (const { store } of directory.databases) {
      const problems: string[] = [];
      await store.verify(({ message }) => problems.push(message));
      expect(problems).toEqual([]);
    }
  });

  it('lets references to missing entries follow a subtree, also those that it has written itself', async () => {
    const missing = accountDN('missing@two.example');
    await root.start();
    const occupants = [change('add', 'roleOccupant', missing)];
    await root.request({ op: 'modify', object: Buffer.from(group), changes: occupants });
    await root.renames(`jvd=two.example,${hosting}`, 'jvd=three.example');
    expect(await root.end(true)).toMatchObject({ code: 0 });
    const { entries } = await root.search(group, { scope: 'base' });
    expect(entries[0]?.attributes['roleOccupant']).toContain(`mail=missing@two.example,jvd=three.example,${hosting}`);
  });

  it('keeps to the access of each asker, as it is at the end', async () => {
    const user = new Transacting(directory);
    await user.bind(ann, 'pw-ann');
    await user.start();
    expect(await user.describes(bob, 'not mine')).toMatchObject({ code: 0 });
    expect(await user.end(true)).toMatchObject({ code: 50 });
    expect(await descriptions(bob)).toBeUndefined();
    const nobody = new Transacting(directory);
    expect(await nobody.start()).toMatchObject({ code: 8 });
    await root.start();
    const asAnn: Control = { type: 'proxiedAuthorization', critical: true, authzId: `dn:${ann}` };
    await root.describes(bob, 'by proxy', [asAnn]);
    expect(await root.end(true)).toMatchObject({ code: 50 });
  });

  it('does nothing where one operation is only to be tried', async () => {
    await root.start();
    await root.describes(ann, 'x');
    await root.describes(bob, 'y', [{ type: 'noOp', critical: true }]);
    expect(await root.end(true)).toMatchObject({ code: 0x410e });
    expect(await descriptions(ann)).toBeUndefined();
  });

  it('leaves nothing behind where the disk fails', async () => {
    await root.start();
    await root.describes(ann, 'x');
    const [database] = directory.databases;
    await database!.store.close();
    expect(await root.end(true)).toMatchObject({ code: 52 });
    expect(await root.end(true)).toMatchObject({ code: transactionIdInvalid });
  });
});

describe('a password that is judged first', () => {
  beforeEach(() => open('overlay ppolicy\nppolicy_hash_cleartext'));

  it('keeps its place among requests that were sent with it', async () => {
    const secret = [change('replace', 'userPassword', 'a-new-one')];
    const answers = await Promise.all([
      root.start(),
      root.request({ op: 'modify', object: Buffer.from(bob), changes: secret }),
      root.describes(bob, 'after it'),
      root.end(true),
    ]);
    expect(answers.map(({ code }) => code)).toEqual([0, 0, 0, 0]);
    expect(await descriptions(bob)).toEqual(['after it']);
    expect((await new Client(directory).bind(bob, 'a-new-one')).code).toBe(0);
  });
});

describe('a transaction is forgotten', () => {
  beforeEach(() => open());

  const forgets: readonly (readonly [string, () => unknown])[] = [
    ['by a bind', () => root.bind(manager, managerPassword)],
    ['by a bind that fails', () => root.bind(manager, 'wrong').then(() => root.bind(manager, managerPassword))],
    ['when the connection ends', () => (root.session.reset(), root.bind(manager, managerPassword))],
  ];

  it.each(forgets)('%s', async (_, forget) => {
    await root.start();
    await root.describes(ann, 'x');
    await forget();
    expect(await root.end(true)).toMatchObject({ code: transactionIdInvalid });
    expect(await descriptions(ann)).toBeUndefined();
    expect(notices).toEqual([]);
  });
});

describe('the server gives a transaction up', () => {
  beforeEach(() => open());

  const notice = (code: number): object => ({ code, responseName: '1.3.6.1.1.21.4', responseValue: Buffer.alloc(0) });

  async function expectGivenUp(code: number): Promise<void> {
    expect(notices).toMatchObject([notice(code)]);
    expect(await root.describes(ann, 'late')).toMatchObject({ code: transactionIdInvalid });
    expect(await root.end(true)).toMatchObject({ code: transactionIdInvalid });
    expect(await descriptions(ann)).toBeUndefined();
    expect(await root.start()).toMatchObject({ code: 0 });
    expect(await root.end(false)).toMatchObject({ code: 0 });
  }

  it('after too many operations', async () => {
    await root.start();
    for (let n = 0; n < transactionLimits.operationsMax; n++) expect((await root.describes(ann, 'x')).code).toBe(0);
    expect(await root.describes(ann, 'x')).toMatchObject({ code: 11 });
    await expectGivenUp(11);
  });

  it('after too many bytes', async () => {
    await root.start();
    const text = 'x'.repeat(1_000_000);
    for (let n = 0; n < 4; n++) expect((await root.describes(ann, text)).code).toBe(0);
    expect(await root.describes(ann, text)).toMatchObject({ code: 11 });
    await expectGivenUp(11);
  });

  it('where all transactions together take too much', async () => {
    const others: Transacting[] = [];
    const text = 'x'.repeat(4_000_000);
    for (let n = 0; n < 16; n++) {
      const other = new Transacting(directory);
      others.push(other);
      await other.bind(manager, managerPassword);
      await other.start();
      expect(await other.describes(ann, text)).toMatchObject({ code: 0 });
    }
    await root.start();
    expect(await root.describes(ann, text)).toMatchObject({ code: 51 });
    await expectGivenUp(51);
    others[0]!.session.reset();
    await root.start();
    expect(await root.describes(ann, text)).toMatchObject({ code: 0 });
  });

  it('after its time', async () => {
    vi.useFakeTimers();
    await root.start();
    await root.describes(ann, 'x');
    vi.advanceTimersByTime(transactionLimits.milliseconds - 1);
    expect(notices).toEqual([]);
    vi.advanceTimersByTime(1);
    await expectGivenUp(3);
  });
});
