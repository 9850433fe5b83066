/** One-time passwords beside RFC 6238's own examples and beside oathtool; the key that seals their secrets. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { FactorKey } from '../../src/mail/factor-key.js';
import { encodeBase32, matchingStep, newTotpSecret, stepAt, totpCode, totpUri } from '../../src/mail/totp.js';
import { makeFolder, removeFolder } from '../support/place.js';
import { runOrFail } from '../support/process.js';
import { requirePrograms } from '../support/programs.js';

const rfcSecret = encodeBase32(Buffer.from('12345678901234567890'));

// Appendix B, of whose eight digits six are the last.
test.each([
  [59, '287082'],
  [1_111_111_109, '081804'],
  [1_234_567_890, '005924'],
  [20_000_000_000, '353130'],
])('RFC 6238 at %d s', (seconds, code) => {
  expect(totpCode(rfcSecret, stepAt(new Date(seconds * 1_000)))).toBe(code);
});

test.skipIf(requirePrograms('oathtool'))('oathtool makes the same codes', async () => {
  for (const now of [0, 59, 1_700_000_000, 4_000_000_000]) {
    const secret = newTotpSecret();
    const made = await runOrFail('oathtool', ['--totp', '-b', '-N', `@${now}`, '-w', '1', secret]);
    const step = Math.floor(now / 30);
    expect([totpCode(secret, step), totpCode(secret, step + 1)]).toEqual(made.stdout.trim().split('\n'));
  }
});

test('a code is good in its step and the neighbours, typed with blanks, and not after itself', () => {
  const now = new Date(1_000_000_000_000);
  const step = stepAt(now);
  for (const [at, found] of [
    [-2, undefined],
    [-1, step - 1],
    [0, step],
    [1, step + 1],
    [2, undefined],
  ] as const) {
    expect(matchingStep(rfcSecret, totpCode(rfcSecret, step + at), now, 0)).toBe(found);
  }
  const code = totpCode(rfcSecret, step);
  expect(matchingStep(rfcSecret, `${code.slice(0, 3)} ${code.slice(3)}`, now, step - 1)).toBe(step);
  expect(matchingStep(rfcSecret, code, now, step)).toBeUndefined();
  expect(matchingStep(rfcSecret, '', now, 0)).toBeUndefined();
});

test('the link for the app names who and where', () => {
  expect(totpUri('ABC', 'My Jamm', 'a+b@one.example')).toBe(
    'otpauth://totp/My%20Jamm:a%2Bb%40one.example?secret=ABC&issuer=My%20Jamm&algorithm=SHA1&digits=6&period=30',
  );
});

describe('the key', () => {
  test('opens what it sealed, and nothing that was changed or sealed with another', () => {
    const [key, other] = [new FactorKey(Buffer.alloc(32, 1)), new FactorKey(Buffer.alloc(32, 2))];
    const sealed = key.seal('secret');
    expect(key.seal('secret')).not.toBe(sealed);
    expect(key.unseal(sealed)).toBe('secret');
    expect(other.unseal(sealed)).toBeUndefined();
    const bytes = Buffer.from(sealed, 'base64url');
    for (let index = 0; index < bytes.length; index++) {
      const changed = Buffer.from(bytes);
      changed[index]! ^= 1;
      expect(key.unseal(changed.toString('base64url'))).toBeUndefined();
    }
    expect(key.unseal('short')).toBeUndefined();
    expect(key.hash('code')).not.toBe(other.hash('code'));
  });
  test('comes from a file with 32 bytes in base64', async () => {
    const folder = await makeFolder('factor-key');
    const file = join(folder, 'key');
    writeFileSync(file, `${Buffer.alloc(32, 1).toString('base64')}\n`);
    const sealed = new FactorKey(Buffer.alloc(32, 1)).seal('secret');
    expect(FactorKey.read(file).unseal(sealed)).toBe('secret');
    for (const text of ['', 'c2hvcnQ=', `${'x'.repeat(40)}!`]) {
      writeFileSync(file, text);
      expect(() => FactorKey.read(file)).toThrow(/openssl rand -base64 32/);
    }
    await removeFolder(folder);
  });
});
