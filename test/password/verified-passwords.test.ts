import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { closePasswordWorkers, hashPassword } from '../../src/password/password.js';
import { VerifiedPasswords } from '../../src/password/verified-passwords.js';

const ndn = 'mail=a@a.example,jvd=a.example,o=hosting,dc=myhosting,dc=example';
const right = Buffer.from('secret');
const wrong = Buffer.from('wrong');
let stored: Buffer;
let now = 0;
let cache: VerifiedPasswords;

beforeAll(async () => {
  stored = await hashPassword('{PBKDF2-SHA256}', right);
});
beforeEach(() => {
  now = 0;
  cache = new VerifiedPasswords({ entriesMax: 2, lifetimeMilliseconds: 1_000, now: () => now });
});
afterAll(() => closePasswordWorkers());

describe('verified passwords', () => {
  it('answer a repeated right password at once', async () => {
    const first = cache.verify(ndn, stored, right);
    expect(first).toBeInstanceOf(Promise);
    expect(await first).toBe(true);
    expect(cache.verify(ndn, stored, right)).toBe(true);
    expect([cache.hits, cache.misses]).toEqual([1, 1]);
  });

  it('never take a wrong password for right, before or after', async () => {
    expect(await cache.verify(ndn, stored, wrong)).toBe(false);
    expect(cache.size).toBe(0);
    expect(await cache.verify(ndn, stored, right)).toBe(true);
    expect(await cache.verify(ndn, stored, wrong)).toBe(false);
    expect(await cache.verify(ndn, stored, Buffer.alloc(0))).toBe(false);
  });

  it('hold for one entry and one stored value only', async () => {
    await cache.verify(ndn, stored, right);
    const changed = await hashPassword('{PBKDF2-SHA256}', Buffer.from('changed'));
    expect(await cache.verify(ndn, changed, right)).toBe(false);
    expect(cache.verify(`cn=other,${ndn}`, stored, right)).toBeInstanceOf(Promise);
    // Where one value ends and the next begins is part of what is remembered.
    const shifted = Buffer.concat([stored, right.subarray(0, 1)]);
    expect(await cache.verify(ndn, shifted, right.subarray(1))).toBe(false);
  });

  it('end with their lifetime, and when told to', async () => {
    await cache.verify(ndn, stored, right);
    now = 999;
    expect(cache.verify(ndn, stored, right)).toBe(true);
    now = 1_000;
    expect(cache.verify(ndn, stored, right)).toBeInstanceOf(Promise);
    await cache.verify(ndn, stored, right);
    expect(cache.verify(ndn, stored, right)).toBe(true);
    cache.forget(ndn);
    expect(cache.verify(ndn, stored, right)).toBeInstanceOf(Promise);
  });

  it('are no more than their bound: the longest known go', async () => {
    for (const name of ['a', 'b', 'c']) await cache.verify(name, stored, right);
    expect(cache.size).toBe(2);
    expect(cache.verify('c', stored, right)).toBe(true);
    expect(cache.verify('b', stored, right)).toBe(true);
    expect(cache.verify('a', stored, right)).toBeInstanceOf(Promise);
  });

  it('remember several passwords of one entry', async () => {
    const second = Buffer.from('second');
    const other = await hashPassword('{PBKDF2-SHA256}', second);
    await cache.verify(ndn, stored, right);
    await cache.verify(ndn, other, second);
    expect(cache.verify(ndn, stored, right)).toBe(true);
    expect(cache.verify(ndn, other, second)).toBe(true);
  });

  it('leave fast hashes alone', async () => {
    const fast = await hashPassword('{SSHA}', right);
    expect(cache.verify(ndn, fast, right)).toBe(true);
    expect(cache.verify(ndn, fast, wrong)).toBe(false);
    expect(cache.size).toBe(0);
    expect(cache.misses).toBe(0);
  });
});
