import { afterAll, describe, expect, it } from 'vitest';
import {
  closePasswordWorkers,
  defaultPasswordSettings,
  hashPassword,
  isCryptSaltFormat,
  onPasswordTrouble,
  verify,
  whyUnverifiable,
} from '../../src/password/password.js';
import { SlowHashPool } from '../../src/password/slow-hash-pool.js';
import { libxcryptVectors } from './libxcrypt-vectors.js';

afterAll(() => closePasswordWorkers());

const check = async (stored: string | Buffer, offered: string | Buffer): Promise<boolean> =>
  verify(Buffer.from(stored), Buffer.from(offered));

describe('{CRYPT}', () => {
  it.each(libxcryptVectors)("%s and %s belong together, as in Debian 13's libcrypt", async (hex, hash) => {
    const password = Buffer.from(hex, 'hex');
    expect(await check(`{CRYPT}${hash}`, password)).toBe(true);
    const other = Buffer.from(password.length === 0 ? 'x' : password);
    other[0]! ^= 1;
    expect(await check(`{CRYPT}${hash}`, other)).toBe(false);
  });

  it.each([
    // yescrypt's higher costs, 512 MiB and 1 GiB; scrypt of 1 GiB; p and t that multiply the work.
    ['$y$jFT$F5Jx5fExrKuPp53xLKQ..1$', 43, /yescrypt asks for 1024 MiB of memory, more than the 256/],
    ['$gy$jET$F5Jx5fExrKuPp53xLKQ..1$', 43, /gost-yescrypt asks for 512 MiB of memory/],
    ['$7$GU..../....abcdefgh$', 43, /scrypt asks for 1024 MiB/],
    ['$y$j9T0z...$F5Jx5fExrKuPp53xLKQ..1$', 43, /parameters that crypt\(3\)'s yescrypt does not have/],
    ['$y$jzzzzz$F5Jx5fExrKuPp53xLKQ..1$', 43, /yescrypt/],
    ['$y$k9T$F5Jx5fExrKuPp53xLKQ..1$', 43, /does not have/],
    ['$sha1$9999999$abcdefgh$', 28, /sha1 asks for 9999999 rounds/],
    ['$md5,rounds=99999999$abcdefgh$', 22, /sunmd5 asks for/],
    ['_zzzzabcd', 11, /bsdi asks for/],
    ['$argon$x$', 22, /crypt\(3\) here does not know \$argon\$/],
  ] as const)('%s... is refused before any work, and the reason told', async (setting, length, reason) => {
    const stored = Buffer.from(`{CRYPT}${setting}${'.'.repeat(length)}`);
    expect(whyUnverifiable(stored)).toMatch(reason);
    const start = performance.now();
    expect(await verify(stored, Buffer.from('secret'))).toBe(false);
    expect(performance.now() - start).toBeLessThan(100);
  });

  it('has made yescrypt hashes in a fraction of a second', async () => {
    const stored = '{CRYPT}$y$j9T$F5Jx5fExrKuPp53xLKQ..1$GmcwIgvdUC9qLWcKCi6gklUa1dM3ziD43YxYNURLKy0';
    const times: number[] = [];
    for (let round = 0; round < 5; round++) {
      const start = performance.now();
      expect(await check(stored, 'secret')).toBe(true);
      times.push(performance.now() - start);
    }
    // Some 40 ms on a quiet machine.
    expect(Math.min(...times)).toBeLessThan(200);
  });

  it.each(['{CRYPT}!', '{CRYPT}*', '{CRYPT}!$6$x$y', '{CRYPT}x', '{CRYPT}'])('%s is a locked password, not a fault', (stored) => {
    expect(whyUnverifiable(Buffer.from(stored))).toBeUndefined();
  });
});

describe('{ARGON2}', () => {
  const values = [
    // slappasswd -o module-load=argon2 -h '{ARGON2}'; with m=16384 t=4 p=2; doveadm pw -s ARGON2ID, ARGON2I.
    '{ARGON2}$argon2i$v=19$m=4096,t=3,p=1$qLgIt4tPXkUzuv3uucgizw$TBVYti5BuV75WSWcAn+Ls36TIXdGc658xM8J369ADjs',
    '{ARGON2}$argon2i$v=19$m=16384,t=4,p=2$hT6BOxWOBNo9K1pkmLVO3Q$G5HJj9lNIK7xxiJ9Ivp05nOzxnOVBcG4fhsUQrfh9Bs',
    '{ARGON2ID}$argon2id$v=19$m=65536,t=3,p=1$I+ZIadHAxgWmEGNxSRbAXQ$Vrldc3P3jUxeBPpwHJc/y2jQ4WUt4icP6+NHSK93nO4',
    '{ARGON2I}$argon2i$v=19$m=32768,t=4,p=1$WMk0u94KO+rT5h2v6CbouA$qiJE8IAnT2YB2GQOEASpV5ju4wPGliZL4xgVPbKhzNk',
  ];

  it.each(values)('%s is verified', async (stored) => {
    expect(await check(stored, 'secret')).toBe(true);
    expect(await check(stored, 'Secret')).toBe(false);
    expect(await check(stored, '')).toBe(false);
  });

  it.each([
    ['$argon2id$v=19$m=4194304,t=3,p=1$I+ZIadHAxgWmEGNxSRbAXQ$Vrldc3P3jUxe', /4096 MiB of memory/],
    ['$argon2id$v=19$m=65536,t=99999,p=1$I+ZIadHAxgWmEGNxSRbAXQ$Vrldc3P3jUxe', /more than one login may take/],
    ['$argon2id$v=19$m=4,t=1,p=1$I+ZIadHAxgWmEGNxSRbAXQ$Vrldc3P3jUxe', /does not have these parameters/],
    ['$argon2id$v=16$m=4096,t=1,p=1$I+ZIadHAxgWmEGNxSRbAXQ$Vrldc3P3jUxe', /before 1\.3/],
    ['$argon2x$v=19$m=4096', /not a whole/],
  ])('{ARGON2}%s matches nothing, and the reason is told', async (hash, reason) => {
    expect(whyUnverifiable(Buffer.from(`{ARGON2}${hash}`))).toMatch(reason);
    expect(await check(`{ARGON2}${hash}`, 'secret')).toBe(false);
  });

  it('is made as the settings say, argon2i by default as slapd does', async () => {
    const made = (await hashPassword('{ARGON2}', Buffer.from('secret'))).toString();
    expect(made).toMatch(/^\{ARGON2\}\$argon2i\$v=19\$m=4096,t=3,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/);
    const argon2 = { memoryKibibytes: 1_024, iterations: 2, parallelism: 2 };
    const other = await hashPassword('{ARGON2ID}', Buffer.from('secret'), undefined, { ...defaultPasswordSettings, argon2 });
    expect(other.toString()).toContain('{ARGON2ID}$argon2id$v=19$m=1024,t=2,p=2$');
    for (const stored of [made, other]) expect(await check(stored, 'secret')).toBe(true);
  });
});

describe('password-crypt-salt-format', () => {
  it.each([
    ['$6$%.16s', /^\{CRYPT\}\$6\$[./0-9A-Za-z]{16}\$[./0-9A-Za-z]{86}$/],
    ['$6$rounds=2000$%.8s', /^\{CRYPT\}\$6\$rounds=2000\$[./0-9A-Za-z]{8}\$/],
    ['$5$%s', /^\{CRYPT\}\$5\$[./0-9A-Za-z]{16}\$/],
    ['$1$%.8s', /^\{CRYPT\}\$1\$[./0-9A-Za-z]{8}\$[./0-9A-Za-z]{22}$/],
    ['$2b$05$%.22s', /^\{CRYPT\}\$2b\$05\$[./0-9A-Za-z]{53}$/],
    ['$y$j75$%.22s', /^\{CRYPT\}\$y\$j75\$[./0-9A-Za-z]{22}\$[./0-9A-Za-z]{43}$/],
    ['%.2s', /^\{CRYPT\}[./0-9A-Za-z]{13}$/],
  ])('%s', async (cryptSaltFormat, form) => {
    const stored = await hashPassword('{CRYPT}', Buffer.from('secret'), undefined, {
      ...defaultPasswordSettings,
      cryptSaltFormat,
    });
    expect(stored.toString()).toMatch(form);
    expect(await check(stored, 'secret')).toBe(true);
  });

  it.each(['abc', '%d', '%s%s', '$zz$%s', '$6$', ''])('%j is no form', (format) => {
    expect(isCryptSaltFormat(format)).toBe(false);
  });
});

describe('the log', () => {
  it('is told once a minute why a value cannot match, and for whom', async () => {
    const told: string[] = [];
    const end = onPasswordTrouble((reason, target) => told.push(`${target}: ${reason}`));
    const origin = { target: 'cn=someone' };
    for (let round = 0; round < 3; round++) await verify(Buffer.from('{NS-MTA-MD5}abc'), Buffer.from('secret'), origin);
    await verify(Buffer.from('{CRYPT}!'), Buffer.from('secret'), origin);
    end();
    expect(told).toEqual(['cn=someone: the scheme {NS-MTA-MD5} is not known here']);
  });
});

describe('the memory of hashes that are computed at once', () => {
  it('is bounded, and whoever waits for it is served in turn', async () => {
    const pool = new SlowHashPool({ workers: 3, memoryMax: 20 * 1_024 ** 2 });
    const order: string[] = [];
    const run = (name: string, memoryKibibytes: number): Promise<unknown> =>
      pool
        .run({
          kind: 'argon2',
          type: 'argon2id',
          password: new Uint8Array(Buffer.from(name)),
          salt: new Uint8Array(16),
          cost: { memoryKibibytes, iterations: 1, parallelism: 1 },
          digestBytes: 32,
          memoryBytes: memoryKibibytes * 1_024,
        })
        .then(() => order.push(name));
    const all = [run('a', 16_384), run('b', 16_384), run('c', 16_384), run('d', 64)];
    expect(pool.started).toBe(1);
    await Promise.all(all);
    expect(order).toEqual(['a', 'b', 'c', 'd'].toSorted((x, y) => order.indexOf(x) - order.indexOf(y)));
    expect(order.indexOf('a')).toBeLessThan(order.indexOf('c'));
    await pool.close();
  });
});
