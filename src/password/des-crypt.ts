/**
 * Traditional crypt(3): DES (FIPS 46-3) with its expansion permuted by a 12-bit salt, iterated 25 times; and its two
 * extensions. Used only to check hashes from old directories. Blocks are arrays of bits, which is clear and fast enough here.
 */
import { cryptAlphabet } from './crypt-base64.js';

type Bits = readonly number[];

const bigCryptSegmentsMax = 16;

/**
 * Digital Unix's way with longer passwords, which libxcrypt and so slappasswd's {CRYPT} take up: each eight characters
 * are hashed on their own, with the two digits that begin the segment before as salt.
 */
export function bigCrypt(password: Buffer, salt: string): string {
  const segments = Math.min(bigCryptSegmentsMax, Math.max(1, Math.ceil(password.length / 8)));
  let text = salt;
  let segmentSalt = salt;
  for (let segment = 0; segment < segments; segment++) {
    const digits = desCrypt(password.subarray(segment * 8), segmentSalt).slice(2);
    text += digits;
    segmentSalt = digits.slice(0, 2);
  }
  return text;
}

/** The whole 13-character hash. `salt` is two characters of crypt's alphabet. */
export function desCrypt(password: Buffer, salt: string): string {
  return salt + encode(iterate(keyBits(password), digitsValue(salt), 25));
}

/**
 * BSDi's way, `_` with four digits each for count and salt: the password, however long, is folded into one key, and salt and
 * count are larger.
 */
export function bsdiCrypt(password: Buffer, setting: string): string {
  let key = keyBits(password);
  for (let at = 8; at < password.length; at += 8) {
    const folded = encrypt(key, keySchedule(key), expansion);
    key = keyBits(password.subarray(at)).map((bit, index) => bit ^ folded[index]!);
  }
  return setting + encode(iterate(key, digitsValue(setting.slice(5)), bsdiCount(setting)));
}

export function bsdiCount(setting: string): number {
  return digitsValue(setting.slice(1, 5));
}

function iterate(key: Bits, salt: number, counts: number): Bits {
  const roundKeys = keySchedule(key);
  const expansionTable = saltedExpansion(salt);
  let block: Bits = Array.from({ length: 64 }, () => 0);
  for (let count = 0; count < counts; count++) block = encrypt(block, roundKeys, expansionTable);
  return block;
}

/** Least significant digit first. */
function digitsValue(text: string): number {
  return [...text].reduceRight((value, digit) => value * 64 + cryptAlphabet.indexOf(digit), 0);
}

/** Seven bits of each of the first eight characters, each with a parity bit that DES ignores. */
function keyBits(password: Buffer): Bits {
  return Array.from({ length: 64 }, (_, bit) => (bit % 8 === 7 ? 0 : ((password[bit >> 3] ?? 0) >> (6 - (bit % 8))) & 1));
}

function keySchedule(key: Bits): readonly Bits[] {
  let halves = permute(key, permutedChoice1);
  return keyShifts.map((shift) => {
    halves = [...rotate(halves.slice(0, 28), shift), ...rotate(halves.slice(28), shift)];
    return permute(halves, permutedChoice2);
  });
}

function rotate(bits: Bits, by: number): Bits {
  return [...bits.slice(by), ...bits.slice(0, by)];
}

/** Each bit of the salt that is set swaps one bit of the expansion's first half with the same of its second. */
function saltedExpansion(salt: number): readonly number[] {
  const table = [...expansion];
  for (let bit = 0; bit < 24; bit++) {
    if (((salt >> bit) & 1) === 0) continue;
    [table[bit], table[bit + 24]] = [table[bit + 24]!, table[bit]!];
  }
  return table;
}

function encrypt(block: Bits, roundKeys: readonly Bits[], expansionTable: readonly number[]): Bits {
  const start = permute(block, initialPermutation);
  let left: Bits = start.slice(0, 32);
  let right: Bits = start.slice(32);
  for (const key of roundKeys) {
    const mixed = permute(substitute(permute(right, expansionTable), key), roundPermutation);
    [left, right] = [right, left.map((bit, index) => bit ^ mixed[index]!)];
  }
  return permute([...right, ...left], finalPermutation);
}

function substitute(expanded: Bits, key: Bits): Bits {
  const out: number[] = [];
  for (let box = 0; box < 8; box++) {
    let input = 0;
    for (let bit = box * 6; bit < box * 6 + 6; bit++) input = (input << 1) | (expanded[bit]! ^ key[bit]!);
    const row = ((input >> 4) & 2) | (input & 1);
    const output = substitutions[box]![row * 16 + ((input >> 1) & 15)]!;
    out.push((output >> 3) & 1, (output >> 2) & 1, (output >> 1) & 1, output & 1);
  }
  return out;
}

function permute(bits: Bits, table: readonly number[]): number[] {
  return table.map((position) => bits[position - 1]!);
}

/** Eleven digits, most significant bits first, two zero bits at the end. */
function encode(block: Bits): string {
  let text = '';
  for (let bit = 0; bit < 66; bit += 6) {
    let digit = 0;
    for (let offset = 0; offset < 6; offset++) digit = (digit << 1) | (block[bit + offset] ?? 0);
    text += cryptAlphabet[digit]!;
  }
  return text;
}

// FIPS 46-3's tables; positions count from 1.

const initialPermutation = [
  58, 50, 42, 34, 26, 18, 10, 2, 60, 52, 44, 36, 28, 20, 12, 4, 62, 54, 46, 38, 30, 22, 14, 6, 64, 56, 48, 40, 32, 24, 16, 8, 57,
  49, 41, 33, 25, 17, 9, 1, 59, 51, 43, 35, 27, 19, 11, 3, 61, 53, 45, 37, 29, 21, 13, 5, 63, 55, 47, 39, 31, 23, 15, 7,
];

const finalPermutation = [
  40, 8, 48, 16, 56, 24, 64, 32, 39, 7, 47, 15, 55, 23, 63, 31, 38, 6, 46, 14, 54, 22, 62, 30, 37, 5, 45, 13, 53, 21, 61, 29, 36,
  4, 44, 12, 52, 20, 60, 28, 35, 3, 43, 11, 51, 19, 59, 27, 34, 2, 42, 10, 50, 18, 58, 26, 33, 1, 41, 9, 49, 17, 57, 25,
];

const expansion = [
  32, 1, 2, 3, 4, 5, 4, 5, 6, 7, 8, 9, 8, 9, 10, 11, 12, 13, 12, 13, 14, 15, 16, 17, 16, 17, 18, 19, 20, 21, 20, 21, 22, 23, 24,
  25, 24, 25, 26, 27, 28, 29, 28, 29, 30, 31, 32, 1,
];

const roundPermutation = [
  16, 7, 20, 21, 29, 12, 28, 17, 1, 15, 23, 26, 5, 18, 31, 10, 2, 8, 24, 14, 32, 27, 3, 9, 19, 13, 30, 6, 22, 11, 4, 25,
];

const permutedChoice1 = [
  57, 49, 41, 33, 25, 17, 9, 1, 58, 50, 42, 34, 26, 18, 10, 2, 59, 51, 43, 35, 27, 19, 11, 3, 60, 52, 44, 36, 63, 55, 47, 39, 31,
  23, 15, 7, 62, 54, 46, 38, 30, 22, 14, 6, 61, 53, 45, 37, 29, 21, 13, 5, 28, 20, 12, 4,
];

const permutedChoice2 = [
  14, 17, 11, 24, 1, 5, 3, 28, 15, 6, 21, 10, 23, 19, 12, 4, 26, 8, 16, 7, 27, 20, 13, 2, 41, 52, 31, 37, 47, 55, 30, 40, 51, 45,
  33, 48, 44, 49, 39, 56, 34, 53, 46, 42, 50, 36, 29, 32,
];

const keyShifts = [1, 1, 2, 2, 2, 2, 2, 2, 1, 2, 2, 2, 2, 2, 2, 1];

const substitutions = [
  [
    14, 4, 13, 1, 2, 15, 11, 8, 3, 10, 6, 12, 5, 9, 0, 7, 0, 15, 7, 4, 14, 2, 13, 1, 10, 6, 12, 11, 9, 5, 3, 8, 4, 1, 14, 8, 13,
    6, 2, 11, 15, 12, 9, 7, 3, 10, 5, 0, 15, 12, 8, 2, 4, 9, 1, 7, 5, 11, 3, 14, 10, 0, 6, 13,
  ],
  [
    15, 1, 8, 14, 6, 11, 3, 4, 9, 7, 2, 13, 12, 0, 5, 10, 3, 13, 4, 7, 15, 2, 8, 14, 12, 0, 1, 10, 6, 9, 11, 5, 0, 14, 7, 11, 10,
    4, 13, 1, 5, 8, 12, 6, 9, 3, 2, 15, 13, 8, 10, 1, 3, 15, 4, 2, 11, 6, 7, 12, 0, 5, 14, 9,
  ],
  [
    10, 0, 9, 14, 6, 3, 15, 5, 1, 13, 12, 7, 11, 4, 2, 8, 13, 7, 0, 9, 3, 4, 6, 10, 2, 8, 5, 14, 12, 11, 15, 1, 13, 6, 4, 9, 8,
    15, 3, 0, 11, 1, 2, 12, 5, 10, 14, 7, 1, 10, 13, 0, 6, 9, 8, 7, 4, 15, 14, 3, 11, 5, 2, 12,
  ],
  [
    7, 13, 14, 3, 0, 6, 9, 10, 1, 2, 8, 5, 11, 12, 4, 15, 13, 8, 11, 5, 6, 15, 0, 3, 4, 7, 2, 12, 1, 10, 14, 9, 10, 6, 9, 0, 12,
    11, 7, 13, 15, 1, 3, 14, 5, 2, 8, 4, 3, 15, 0, 6, 10, 1, 13, 8, 9, 4, 5, 11, 12, 7, 2, 14,
  ],
  [
    2, 12, 4, 1, 7, 10, 11, 6, 8, 5, 3, 15, 13, 0, 14, 9, 14, 11, 2, 12, 4, 7, 13, 1, 5, 0, 15, 10, 3, 9, 8, 6, 4, 2, 1, 11, 10,
    13, 7, 8, 15, 9, 12, 5, 6, 3, 0, 14, 11, 8, 12, 7, 1, 14, 2, 13, 6, 15, 0, 9, 10, 4, 5, 3,
  ],
  [
    12, 1, 10, 15, 9, 2, 6, 8, 0, 13, 3, 4, 14, 7, 5, 11, 10, 15, 4, 2, 7, 12, 9, 5, 6, 1, 13, 14, 0, 11, 3, 8, 9, 14, 15, 5, 2,
    8, 12, 3, 7, 0, 4, 10, 1, 13, 11, 6, 4, 3, 2, 12, 9, 5, 15, 10, 11, 14, 1, 7, 6, 0, 8, 13,
  ],
  [
    4, 11, 2, 14, 15, 0, 8, 13, 3, 12, 9, 7, 5, 10, 6, 1, 13, 0, 11, 7, 4, 9, 1, 10, 14, 3, 5, 12, 2, 15, 8, 6, 1, 4, 11, 13, 12,
    3, 7, 14, 10, 15, 6, 8, 0, 5, 9, 2, 6, 11, 13, 8, 1, 4, 10, 7, 9, 5, 0, 15, 14, 2, 3, 12,
  ],
  [
    13, 2, 8, 4, 6, 15, 11, 1, 10, 9, 3, 14, 5, 0, 12, 7, 1, 15, 13, 8, 10, 3, 7, 4, 12, 5, 6, 11, 0, 14, 9, 2, 7, 11, 4, 1, 9,
    12, 14, 2, 0, 6, 10, 13, 15, 3, 5, 8, 2, 1, 14, 7, 4, 10, 8, 13, 15, 12, 9, 0, 3, 5, 6, 11,
  ],
];
