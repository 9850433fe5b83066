/** Password Modify and Compare as ways to guess passwords: what they tell, and how fast. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Directory } from '../../src/directory/directory.js';
import { extendedOids } from '../../src/ldap/extended.js';
import { parseFilter } from '../../src/filter/text.js';
import { ResultCode } from '../../src/ldap/result.js';
import type { Response } from '../../src/ldap/response.js';
import { slowHashFigures } from '../../src/password/password.js';
import { octets, sequence } from '../support/wire/ber.js';
import { account, accountDN, Client, fill, manager, managerPassword, openDirectory } from './support.js';

const ann = accountDN('ann@one.example');
const bob = accountDN('bob@one.example');
const slow = accountDN('slow@one.example');
const bcrypt = '{BCRYPT}$2b$04$abcdefghijklmnopqrstuu5s7aFLwCFIdVJ6dUGCsNdxkVv/cnkFC';

function passwordModify(client: Client, user: string, old?: string, fresh = 'new'): Promise<Response> {
  const fields = [octets(user, 0x80), ...(old === undefined ? [] : [octets(old, 0x81)]), octets(fresh, 0x82)];
  return client.perform({ op: 'extended', name: extendedOids.passwordModify, value: sequence(...fields) });
}

let directory: Directory;
let attacker: Client;

beforeEach(async () => {
  directory = await openDirectory();
  const client = new Client(directory);
  await fill(client);
  await client.bind(manager, managerPassword);
  await client.add(slow, account('slow@one.example', { userPassword: [bcrypt] }));
  attacker = new Client(directory, { address: '192.0.2.1' });
  await attacker.bind(ann, 'pw-ann');
});

afterEach(() => directory.close());

async function timed(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

describe('Password Modify of an entry that one may not authenticate against', () => {
  it('gives one answer for the right old password, a wrong one, and no entry', async () => {
    for (const old of ['pw-bob', 'wrong']) {
      expect(await passwordModify(attacker, bob, old)).toMatchObject({ code: ResultCode.unwillingToPerform });
    }
    const nobody = accountDN('nobody@one.example');
    expect((await passwordModify(attacker, nobody, 'x')).code).toBe(ResultCode.unwillingToPerform);
    expect((await passwordModify(attacker, bob)).code).toBe(ResultCode.insufficientAccessRights);
    expect((await new Client(directory).bind(bob, 'pw-bob')).code).toBe(ResultCode.success);
  });

  it('still changes what one may change, and refuses a wrong old password', async () => {
    expect((await passwordModify(attacker, ann, 'wrong')).code).toBe(ResultCode.unwillingToPerform);
    expect((await passwordModify(attacker, ann, 'pw-ann', 'fresh')).code).toBe(ResultCode.success);
    expect((await new Client(directory).bind(ann, 'fresh')).code).toBe(ResultCode.success);
  });

  it('makes no hash for those who may not store it', async () => {
    await directory.close();
    directory = await openDirectory('password-hash {BCRYPT}');
    const client = new Client(directory);
    await fill(client);
    await client.bind(ann, 'pw-ann');
    const before = slowHashFigures().started;
    expect((await passwordModify(client, bob)).code).toBe(ResultCode.insufficientAccessRights);
    expect(slowHashFigures().started).toBe(before);
  });
});

describe('guesses outside binds', () => {
  it('are slowed down as failed binds are, in the same count', async () => {
    for (let guess = 0; guess < 9; guess++) await passwordModify(attacker, bob, `guess ${guess}`);
    // Nine failures: the tenth attempt waits for 0.8 s, whichever way it is made.
    expect(await timed(() => passwordModify(attacker, bob, 'guess 9'))).toBeGreaterThan(700);
    const request = { op: 'bind', version: 3, name: Buffer.from(bob), authentication: simple('x') } as const;
    expect(directory.logins.delayMs(attacker.session.peer, request)).toBe(1_600);
  });

  it('wait for each other on one connection, so that none gets through before the others have failed', async () => {
    const guesses = Array.from({ length: 9 }, (_, guess) => guess);
    const spentMs = await timed(() => Promise.all(guesses.map((guess) => passwordModify(attacker, slow, `guess ${guess}`))));
    // Five are free; then 50, 100, 200 and 400 ms one after the other.
    expect(spentMs).toBeGreaterThan(700);
  });

  it('are refused where too many wait on one connection', async () => {
    const { peer } = attacker.session;
    const guess = { peer, dn: directory.parseDN('cn=x'), password: Buffer.from('x'), watcher: undefined };
    let finish: (right: boolean) => void = () => undefined;
    const first = directory.logins.brake(guess, () => new Promise((resolve) => (finish = resolve)));
    const waiting = Array.from({ length: 7 }, () => directory.logins.brake(guess, () => true));
    expect(() => directory.logins.brake(guess, () => true)).toThrow(expect.objectContaining({ code: ResultCode.busy }));
    expect(directory.logins.brake({ ...guess, peer: { ...peer } }, () => true)).toBe(true);
    finish(true);
    expect(await Promise.all([first, ...waiting])).toEqual(Array.from({ length: 8 }, () => true));
    expect(await directory.logins.brake(guess, () => true)).toBe(true);
  });

  it('are slowed down in Compare, too, where passwords may be compared and not read', async () => {
    await directory.close();
    const rules = 'access to attrs=userPassword by anonymous auth by * compare\naccess to * by * read';
    directory = await openDirectory(rules, { ownRules: true });
    const client = new Client(directory);
    await fill(client);
    await client.bind(ann, 'pw-ann');
    for (let guess = 0; guess < 8; guess++) {
      expect((await client.compare(bob, 'userPassword', `guess ${guess}`)).code).toBe(ResultCode.compareFalse);
    }
    expect(await timed(() => client.compare(bob, 'userPassword', 'guess 8'))).toBeGreaterThan(300);
    expect((await client.compare(bob, 'userPassword', 'pw-bob')).code).toBe(ResultCode.compareTrue);
  });

  it('are not helped by Pre-Read and Post-Read, nor by an assertion', async () => {
    const control = { type: 'preRead', critical: true, attributes: ['userPassword', 'mail'] } as const;
    const own = [{ operation: 'replace', attribute: { type: 'description', values: [] } }] as const;
    const refused = await attacker.modify(bob, own, [control]);
    expect(refused.code).toBe(ResultCode.insufficientAccessRights);
    for (const value of ['pw-bob', 'wrong']) {
      const filter = parseFilter(`(userPassword=${value})`);
      const { code } = await attacker.perform(
        { op: 'compare', entry: Buffer.from(bob), attribute: 'mail', value: Buffer.from('bob@one.example') },
        [{ type: 'assertion', critical: true, filter }],
      );
      expect(code).toBe(ResultCode.assertionFailed);
    }
  });
});

function simple(password: string): { method: 'simple'; password: Buffer } {
  return { method: 'simple', password: Buffer.from(password) };
}
