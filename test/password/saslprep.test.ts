/** SASLprep beside Python's tables of stringprep, for every character and for texts of several; and passwords prepared by it. */
import { spawnSync } from 'node:child_process';
import { afterAll, describe, expect, it } from 'vitest';
import { closePasswordWorkers, hashPassword, verify } from '../../src/password/password.js';
import { saslPrep } from '../../src/password/saslprep.js';
import { requirePrograms } from '../support/programs.js';

afterAll(closePasswordWorkers);

describe('SASLprep', () => {
  // RFC 4013 section 3.
  it.each([
    ['I\u00adX', 'IX'],
    ['user', 'user'],
    ['USER', 'USER'],
    ['\u00aa', 'a'],
    ['\u2168', 'IX'],
    ['\u0007', undefined],
    ['\u06271', undefined],
    ['\u0627\u0031\u0628', '\u0627\u0031\u0628'],
    ['\u0627a\u0628', undefined],
    ['a\u00a0b\u3000c\u200bd', 'a b c d'],
    ['\u{1f600}', undefined],
  ])('%j becomes %j', (text, prepared) => {
    expect(saslPrep(text)).toBe(prepared);
  });
});

/** Answers, for each line of code points in hex, the prepared ones, or `-`. Python's NFKC of Unicode 3.2 where that has all of them. */
const python = `
import sys, stringprep as s, unicodedata
tables = [s.in_table_c12, s.in_table_c21, s.in_table_c22, s.in_table_c3, s.in_table_c4, s.in_table_c5, s.in_table_c6,
          s.in_table_c7, s.in_table_c8, s.in_table_c9, s.in_table_a1]
for line in sys.stdin:
    text = ''.join(chr(int(word, 16)) for word in line.split())
    text = ''.join(' ' if s.in_table_c12(c) else c for c in text if s.in_table_c12(c) or not s.in_table_b1(c))
    text = unicodedata.ucd_3_2_0.normalize('NFKC', text)
    right = [s.in_table_d1(c) for c in text]
    mixed = any(right) and (any(s.in_table_d2(c) for c in text) or not right[0] or not right[-1])
    bad = mixed or any(table(c) for c in text for table in tables)
    print('-' if bad else ' '.join('%x' % ord(c) for c in text))
`;

describe.skipIf(requirePrograms('python3') !== undefined)('SASLprep beside Python', () => {
  const compare = (texts: readonly (readonly number[])[]): string[] => {
    const hex = (codePoints: readonly number[]): string => codePoints.map((code) => code.toString(16)).join(' ');
    const input = texts.map((text) => `${hex(text)}\n`).join('');
    const { stdout } = spawnSync('python3', ['-c', python], { input, encoding: 'utf8', maxBuffer: 1 << 28 });
    const expected = stdout.split('\n');
    expect(expected).toHaveLength(texts.length + 1);
    return texts.flatMap((text, index) => {
      const prepared = saslPrep(String.fromCodePoint(...text));
      const ours = prepared === undefined ? '-' : hex(Array.from(prepared, (character) => character.codePointAt(0)!));
      return ours === expected[index] ? [] : [`${hex(text)}: ${ours}, not ${expected[index]}`];
    });
  };
  // Ideographs, Hangul and the higher planes are all alike: some of them.
  const isAlike = (code: number): boolean =>
    (code > 0x3400 && code < 0xd7a0) || (code > 0xe010 && code < 0xf8f0) || code > 0x1d800;
  const isSurrogate = (code: number): boolean => code >= 0xd800 && code <= 0xdfff;
  // Unicode has corrected these since 3.2.
  const corrected = new Set([0xf951, 0x2f868, 0x2f874, 0x2f91f, 0x2f95f, 0x2f9bf]);
  const characters = Array.from({ length: 0x110000 }, (_, code) => code).filter(
    (code) => !isSurrogate(code) && !corrected.has(code) && (!isAlike(code) || code % 211 === 0),
  );

  it('character by character', () => {
    expect(compare(characters.map((code) => [code]))).toEqual([]);
  }, 60_000);

  it('characters beside an Arabic letter, and beside a Latin one', () => {
    const some = characters.filter((code) => code < 0x800 || code % 17 === 0);
    const texts = some.flatMap((code) => [
      [0x627, code, 0x627],
      [0x61, code],
      [0x627, 0x31, code],
    ]);
    expect(compare(texts)).toEqual([]);
  }, 60_000);
});

describe('a {SCRAM-SHA-256} password', () => {
  it.each([
    ['typed in another form', 'Ko\u0308ln\u00a0IX', 'K\u00f6ln \u2168', true],
    ['with other letters', 'K\u00f6ln', 'Koln', false],
    ['that cannot be prepared, byte for byte', '\u{1f600}\u00a0', '\u{1f600}\u00a0', true],
    ['that cannot be prepared, and is another', '\u{1f600}\u00a0', '\u{1f600} ', false],
    ['that prepares to nothing, and is another', '\u00ad', '\u200d', false],
  ])('%s', async (_, stored, offered, matches) => {
    expect(await verify(await hashPassword('{SCRAM-SHA-256}', Buffer.from(stored)), Buffer.from(offered))).toBe(matches);
  });

  it('of a million combining marks holds nobody up', async () => {
    const stored = await hashPassword('{SCRAM-SHA-256}', Buffer.from('x'));
    const started = performance.now();
    const verified = verify(stored, Buffer.from('\u0301\u0323'.repeat(500_000)));
    expect(performance.now() - started).toBeLessThan(500);
    expect(await verified).toBe(false);
  });
});
