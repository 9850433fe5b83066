import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { closePasswordWorkers, hashPassword, isKnownScheme, schemeNames, verify } from '../../src/password/password.js';
import { cryptVectors } from './crypt-vectors.js';

afterAll(() => closePasswordWorkers());

const check = async (stored: string | Buffer, offered: string | Buffer): Promise<boolean> =>
  verify(Buffer.from(stored), Buffer.from(offered));

const digest = (algorithm: string, ...parts: (string | Buffer)[]): Buffer =>
  createHash(algorithm)
    .update(Buffer.concat(parts.map((part) => Buffer.from(part))))
    .digest();

const ssha = (password: string, salt: string): string =>
  `{SSHA}${Buffer.concat([digest('sha1', password, salt), Buffer.from(salt)]).toString('base64')}`;

/** Made by slappasswd 2.5.13 with pw-sha2 and pw-pbkdf2. */
const slappasswdValues = [
  '{SSHA}sFsVOcZTfNvivriBfYMyc4qZEjmFWpxh',
  '{SHA}/Hrn08gEogcgvDjo5YNQSGibZVE=',
  '{SMD5}6fSqBjdwIb6wCaK9eeiz/f27+w0=',
  '{MD5}znS4ktpEGwD0thUjhyvGtA==',
  '{SSHA256}DefEkXO3yDjmT8FxXSBf5A9XFSSlsslB6GYZG/VobiCU9w4M2s4TgA==',
  '{SHA256}UODX5JZHe18JVwv9yvMbAoeS719Y7fwn28vMuM/OHRU=',
  '{SSHA384}s75yzTo3cSzmAZYLemwX3zNgv118bkWx6xjXqeXA0MeWidwomoL5UY4eaualXS6gUmiK3fS1LI8=',
  '{SHA384}ApD7ahowLagKGQgTWtKmW0S0jVKWpaZvYYIbAVRw13Sw9Kf/Ux6SK5IVp4/nVlay',
  '{SSHA512}SGJhqQYE7yohGO3ItqAYozBeuY1XtgyzgF4rDIuvXf0P1iR03pEKql1z0NrK0Ji1i+9RknLmqz9uWYhmeEgxpDS3Pi583swb',
  '{SHA512}MGrCWX/OaIyw5xBZ0RrM2vwe1YHoo2MD/NKt2+vkfLiudEOMnHxXTsVXCSooO5eehIdUJFylnTmr3TTyK23wMw==',
  '{PBKDF2}10000$zSgkZCEDtNV5DsZg2DEf/g$WmwIB9GPm3sdxU0jCkuSY7iKd5g',
  '{PBKDF2-SHA1}10000$G6aMOVi/ATLEEBiTIO48sA$5QwA2SVxA0T6VxJs7Yvb6FFr2FM',
  '{PBKDF2-SHA256}10000$ijAmR3nlbQ.DK.1g.KJp9w$WyITu7SJpkPGG1izbY6VbzO7GXGI.IkHH2D8b9/DA4k',
  '{PBKDF2-SHA512}10000$avF1T2Q0iJ00vQ/Ej6BGxg$' +
    'v1kZxXuDJb1R2X.xeNv3.wt3LPHqFWIIYfeR4R9oO7Imtr/EhAkYPxenTHZiZqVkFgymod9B6IPHdXxZcorFPQ',
];

describe("slappasswd's values", () => {
  it.each(slappasswdValues)('%s is verified', async (stored) => {
    expect(await check(stored, 'pässwörd 1')).toBe(true);
    expect(await check(stored, 'passwörd 1')).toBe(false);
    expect(await check(stored, '')).toBe(false);
    expect(await check(stored, stored)).toBe(false);
  });

  it('takes scheme names in any case', async () => {
    for (const stored of slappasswdValues) {
      const lower = stored.replace(/^\{[^}]*\}/, (name) => name.toLowerCase());
      expect(await check(lower, 'pässwörd 1')).toBe(true);
    }
  });
});

describe('base 64 in a digest', () => {
  /** What Node makes of it, where it makes the same text of that again. */
  const decoded = (text: string): Buffer | undefined => {
    const compact = text.replace(/[\t-\r ]/g, '');
    const bytes = Buffer.from(compact, 'base64');
    return bytes.toString('base64') === compact ? bytes : undefined;
  };

  it.each(['{SHA}', '{MD5}', '{SHA256}'])('%s is read strictly, and blanks in it are skipped', (scheme) => {
    const algorithm = scheme === '{SHA}' ? 'sha1' : scheme.slice(1, -1).toLowerCase();
    const right = digest(algorithm, 'password');
    const characters = fc.constantFrom(...' \t\v\n=-_+/A!Zz09\u00e9');
    const edit = fc.record({ at: fc.nat(48), removed: fc.nat(2), put: fc.string({ unit: characters, maxLength: 2 }) });
    fc.assert(
      fc.property(fc.array(edit, { maxLength: 3 }), (edits) => {
        let text = right.toString('base64');
        for (const { at, removed, put } of edits) text = text.slice(0, at) + put + text.slice(at + removed);
        expect(verify(Buffer.from(scheme + text, 'latin1'), Buffer.from('password'))).toBe(decoded(text)?.equals(right) ?? false);
      }),
      { numRuns: 2_000 },
    );
  });

  it('is right up to any salt, and for passwords of any length', () => {
    const long = (minLength: number) => fc.uint8Array({ minLength, maxLength: 300, size: 'max' });
    fc.assert(
      fc.property(long(1), long(0), (saltBytes, passwordBytes) => {
        const [salt, password] = [Buffer.from(saltBytes), Buffer.from(passwordBytes)];
        const stored = Buffer.from(`{SSHA}${Buffer.concat([digest('sha1', password, salt), salt]).toString('base64')}`);
        expect(verify(stored, password)).toBe(true);
        expect(verify(stored, Buffer.concat([password, salt.subarray(0, 1)]))).toBe(false);
      }),
    );
  });
});

describe('{CRYPT}', () => {
  it.each(cryptVectors)('%j makes %s as crypt(3) has it', async (password, hash) => {
    expect(await check(`{CRYPT}${hash}`, password)).toBe(true);
    expect(await check(`{crypt}${hash}`, `y${password}`)).toBe(false);
  });

  it('sees eight characters with DES, 72 bytes with bcrypt, and all with the others', async () => {
    const long = '0123456789'.repeat(8);
    for (const [password, hash] of cryptVectors) {
      if (password !== long) continue;
      const significant = hash.startsWith('$2') ? 72 : hash.startsWith('$') ? 80 : 8;
      expect(await check(`{CRYPT}${hash}`, long.slice(0, significant)), hash).toBe(true);
      expect(await check(`{CRYPT}${hash}`, long.slice(0, significant - 1)), hash).toBe(false);
    }
  });

  it('hashes eight characters at a time where the hash has more than one segment', async () => {
    const stored = '{CRYPT}abHr9elwESrHsnvS1jnG6t/Q';
    expect(await check(stored, 'secretsecret')).toBe(true);
    expect(await check(stored, 'secretse')).toBe(false);
    expect(await check(stored, 'secretsecretx')).toBe(false);
  });

  it('matches no password with NUL, which a C string cannot hold, and none of 512 bytes', async () => {
    expect(await check('{CRYPT}abNANd1rDfiNc', 'secret')).toBe(true);
    expect(await check('{CRYPT}abNANd1rDfiNc', 'secret\0')).toBe(false);
    expect(await check('{CRYPT}abNANd1rDfiNc', `secret${'x'.repeat(505)}`)).toBe(false);
    expect(await check('{CRYPT}abNANd1rDfiNc', 'secretx')).toBe(false);
  });

  it.each([
    ['unknown method', '$q$j9T$F5Jx5fExrKuPp53xLKQ..1$X3DX6M94c7o.9agCG9G317fhZg9SqC.5i5rd.RhAtQ7'],
    ['locked account', '!'],
    ['rounds below the least', '$6$rounds=999$x$' + '.'.repeat(86)],
    ['rounds with a leading zero', '$6$rounds=01000$x$' + '.'.repeat(86)],
    ['more rounds than the server will compute', '$6$rounds=999999999$x$' + '.'.repeat(86)],
    ['a bcrypt cost that would take hours', '$2b$31$' + '.'.repeat(53)],
    ['a bcrypt cost below the least', '$2b$03$' + '.'.repeat(53)],
    ['a cut hash', '$1$abcdefgh$cHJi5PXp/ki/ktXzqlk6'],
  ])('never matches: %s', (_, hash) => {
    // A plain false: nothing was computed for it.
    expect(verify(Buffer.from(`{CRYPT}${hash}`), Buffer.from('secret'))).toBe(false);
  });

  it('tells apart passwords that are not UTF-8', async () => {
    const stored = `{BCRYPT}${cryptVectors.find(([password, hash]) => password === 'pässwörd' && hash.startsWith('$2b'))![1]}`;
    expect(await check(stored, Buffer.from('pässwörd'))).toBe(true);
    expect(await check(stored, Buffer.from('pässwörd', 'latin1'))).toBe(false);
  });
});

describe('what a stored value means', () => {
  it.each([
    ['secret', 'secret', true],
    ['secret', 'Secret', false],
    ['secret', 'secret2', false],
    ['{CLEARTEXT}secret', 'secret', true],
    ['{cleartext}secret', 'secret', true],
    ['{CLEARTEXT}secret', '{CLEARTEXT}secret', false],
    ['{CLEARTEXT}', '{CLEARTEXT}', false],
    ['{FOO}secret', 'secret', false],
    ['{FOO}secret', '{FOO}secret', false],
    ['{a}', '{a}', false],
    ['{secret', '{secret', true],
    ['{}secret', '{}secret', true],
    ['{}secret', 'secret', false],
    ['{}}x', '{}}x', true],
    ['sec\0ret', 'sec\0ret', true],
    ['sec\0ret', 'sec', false],
  ])('%j offered %j: %s', async (stored, offered, expected) => {
    expect(await check(stored, offered)).toBe(expected);
  });

  it('takes a salt of any length but none', async () => {
    expect(await check(ssha('secret', 's'), 'secret')).toBe(true);
    expect(await check(ssha('secret', 's'.repeat(64)), 'secret')).toBe(true);
    expect(await check(ssha('secret', ''), 'secret')).toBe(false);
    expect(await check(`{SHA}${digest('sha1', 'secret').toString('base64')}`, 'secret')).toBe(true);
    expect(await check(`{SHA}${Buffer.concat([digest('sha1', 'secretx'), Buffer.from('x')]).toString('base64')}`, 'secret')).toBe(
      false,
    );
  });

  it('matches nothing under malformed base64 or a short digest', async () => {
    const whole = ssha('secret', 'salts');
    expect(await check(whole, 'secret')).toBe(true);
    expect(whole.endsWith('=')).toBe(true);
    for (const bad of [whole.slice(0, -1), `${whole}!`, `${whole}AAAA`, whole.replace(/.=+$/, '/=='), '{SSHA}YWJj', '{SSHA}']) {
      expect(await check(bad, 'secret'), bad).toBe(false);
    }
    expect(await check(`${whole.slice(0, 12)} ${whole.slice(12)}\n`, 'secret')).toBe(true);
  });

  it.each([
    ['no iterations', '{PBKDF2-SHA256}0$MDEyMzQ1Njc$gmXJMVhdatNfVsJ9ypeofsgQYGm4.3G7niyjLFz1pDU', false],
    ['too many iterations', '{PBKDF2-SHA256}99999999$MDEyMzQ1Njc$gmXJMVhdatNfVsJ9ypeofsgQYGm4.3G7niyjLFz1pDU', false],
    ['a short key', '{PBKDF2-SHA256}1000$MDEyMzQ1Njc$gmXJMVhdatNfVsJ9ypeo', false],
    ['another scheme', '{PBKDF2-SHA512}1000$MDEyMzQ1Njc$gmXJMVhdatNfVsJ9ypeofsgQYGm4.3G7niyjLFz1pDU', false],
    ['a salt of 8 bytes', '{PBKDF2-SHA256}1000$MDEyMzQ1Njc$gmXJMVhdatNfVsJ9ypeofsgQYGm4.3G7niyjLFz1pDU', true],
    ['padding', '{PBKDF2-SHA256}1000$MDEyMzQ1Njc=$gmXJMVhdatNfVsJ9ypeofsgQYGm4.3G7niyjLFz1pDU=', true],
    ['+ for .', '{PBKDF2-SHA256}1000$MDEyMzQ1Njc$gmXJMVhdatNfVsJ9ypeofsgQYGm4+3G7niyjLFz1pDU', true],
  ])('PBKDF2 with %s', async (_, stored, expected) => {
    expect(await check(stored, 'secret')).toBe(expected);
  });

  it('bare bytes match exactly themselves', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1 }), fc.uint8Array(), (stored, offered) => {
        fc.pre(stored[0] !== 0x7b);
        expect(verify(Buffer.from(stored), Buffer.from(stored))).toBe(true);
        expect(verify(Buffer.from(stored), Buffer.from(offered))).toBe(Buffer.compare(stored, offered) === 0);
      }),
    );
  });

  it('never throws, whatever is stored or offered', async () => {
    const stored = fc.oneof(
      fc.uint8Array().map((bytes) => Buffer.from(bytes)),
      fc.tuple(fc.constantFrom(...schemeNames, '{', '{}', '{FOO}'), fc.string()).map((parts) => Buffer.from(parts.join(''))),
    );
    await fc.assert(
      fc.asyncProperty(stored, fc.uint8Array(), async (value, offered) => {
        expect(typeof (await verify(value, Buffer.from(offered)))).toBe('boolean');
      }),
    );
  });
});

describe('new values', () => {
  it.each(schemeNames)('%s verifies its own password and no other', async (scheme) => {
    const slow = /CRYPT|PBKDF2/.test(scheme);
    const password = fc
      .string({ minLength: 1, maxLength: 70, unit: 'grapheme-composite' })
      .filter((text) => !slow || (!text.includes('\0') && Buffer.byteLength(text) <= 70));
    await fc.assert(
      fc.asyncProperty(password, async (text) => {
        const stored = await hashPassword(scheme.toLowerCase(), Buffer.from(text));
        expect(await verify(stored, Buffer.from(text))).toBe(true);
        expect(await verify(stored, Buffer.from(`${text}!`))).toBe(false);
        expect(await verify(stored, Buffer.from(text.slice(1)))).toBe(false);
      }),
      { numRuns: slow ? 4 : 50 },
    );
  });

  it('differ each time where there is a salt', async () => {
    for (const scheme of ['{SSHA}', '{SMD5}', '{SSHA512}', '{CRYPT}', '{BCRYPT}', '{PBKDF2-SHA256}']) {
      const [one, other] = await Promise.all([1, 2].map(() => hashPassword(scheme, Buffer.from('secret'))));
      expect(one!.equals(other!)).toBe(false);
    }
  });

  it('have the forms that other programs read', async () => {
    const make = async (scheme: string): Promise<string> => (await hashPassword(scheme, Buffer.from('secret'))).toString();
    expect(Buffer.from((await make('{SSHA}')).slice(6), 'base64')).toHaveLength(24);
    expect(await make('{BCRYPT}')).toMatch(/^\{BCRYPT\}\$2b\$10\$[./A-Za-z0-9]{53}$/);
    expect(await make('{CRYPT}')).toMatch(/^\{CRYPT\}\$6\$[./A-Za-z0-9]{16}\$[./A-Za-z0-9]{86}$/);
    expect(await make('{PBKDF2-SHA256}')).toMatch(/^\{PBKDF2-SHA256\}10000\$[./A-Za-z0-9]{22}\$[./A-Za-z0-9]{43}$/);
    expect(await make('{CLEARTEXT}')).toBe('secret');
  });

  it('keep a clear text password that looks like a scheme', async () => {
    const stored = await hashPassword('{CLEARTEXT}', Buffer.from('{SSHA}x'));
    expect(await verify(stored, Buffer.from('{SSHA}x'))).toBe(true);
  });

  it('are refused where crypt(3) cannot hash the password', async () => {
    for (const password of [Buffer.from('a\0b'), Buffer.alloc(512, 'x')]) {
      await expect(hashPassword('{CRYPT}', password)).rejects.toMatchObject({ code: 19 });
    }
    await expect(hashPassword('{BCRYPT}', Buffer.of(0xff))).rejects.toMatchObject({ code: 19 });
  });

  it('cannot be had of an unknown scheme', async () => {
    expect(isKnownScheme('{ssha}')).toBe(true);
    expect(isKnownScheme('SSHA')).toBe(false);
    expect(isKnownScheme('{FOO}')).toBe(false);
    await expect(hashPassword('{FOO}', Buffer.from('x'))).rejects.toMatchObject({ code: 80 });
  });
});
