/** What stands in a hash of yescrypt (`$y$`) or of scrypt (`$7$`) before its digest: parameters and salt. */
import { cryptAlphabet, decodeCrypt64 } from './crypt-base64.js';
import type { YescryptParameters } from './yescrypt.js';

export interface YescryptSetting {
  readonly parameters: YescryptParameters;
  readonly salt: Buffer;
}

/** Of the flags there is one set that anybody uses, and the only one that libxcrypt computes. */
const usualFlavor = 47;
const wormFlavor = 1;

const saltBytesMax = 64;

/** `text`: what is between `$y$` and the `$` before the digest. Undefined where crypt(3) computes no such hash. */
export function readYescryptSetting(text: string): YescryptSetting | undefined {
  const [parameterText = '', saltText, ...rest] = text.split('$');
  const salt = saltText === undefined || rest.length > 0 ? undefined : decodeCrypt64(saltText);
  if (!salt || salt.length > saltBytesMax) return undefined;
  const digits = new Digits(parameterText);
  const flavor = digits.number(0);
  const mode = flavor === usualFlavor ? 'rw' : flavor === wormFlavor ? 'worm' : flavor === 0 ? 'scrypt' : undefined;
  const n = 2 ** digits.number(1);
  const r = digits.number(1);
  let [p, t] = [1, 0];
  if (!digits.atEnd) {
    const have = digits.number(1);
    if (have & 1) p = digits.number(2);
    if (have & 2) t = digits.number(1);
    // Hash upgrades and ROMs, which crypt(3) does not have.
    if (have & ~3) return undefined;
  }
  const isValid = digits.atEnd && !digits.failed && n >= 4 && r * p < 2 ** 30;
  if (!mode || !isValid || (mode === 'scrypt' && t > 0) || (mode === 'rw' && n / p < 4)) return undefined;
  return { parameters: { mode, n, r, p, t }, salt };
}

/** `text`: what is between `$7$` and the `$` before the digest. */
export function readScryptSetting(text: string): YescryptSetting | undefined {
  const found = /^([./0-9A-Za-z])([./0-9A-Za-z]{5})([./0-9A-Za-z]{5})([./0-9A-Za-z$]*)$/.exec(text);
  if (!found) return undefined;
  const n = 2 ** cryptAlphabet.indexOf(found[1]!);
  const [r, p] = [fixedNumber(found[2]!), fixedNumber(found[3]!)];
  if (n < 4 || r < 1 || p < 1 || r * p >= 2 ** 30) return undefined;
  return { parameters: { mode: 'scrypt', n, r, p, t: 0 }, salt: Buffer.from(found[4]!, 'latin1') };
}

/** Least significant digit first. */
function fixedNumber(text: string): number {
  return [...text].reduceRight((value, digit) => value * 64 + cryptAlphabet.indexOf(digit), 0);
}

/** Reads numbers of variable length: the first digit also tells how many follow. */
class Digits {
  #at = 0;
  failed = false;

  constructor(private readonly text: string) {}

  get atEnd(): boolean {
    return this.#at >= this.text.length;
  }

  number(least: number): number {
    let [start, end, bits] = [0, 47, 0];
    const first = this.#digit();
    let value = least;
    while (first > end && !this.failed) {
      value += (end + 1 - start) * 2 ** bits;
      start = end + 1;
      end = start + ((62 - end) >> 1);
      bits += 6;
    }
    value += (first - start) * 2 ** bits;
    while (bits > 0) {
      bits -= 6;
      value += this.#digit() * 2 ** bits;
    }
    return value;
  }

  #digit(): number {
    const digit = this.atEnd ? -1 : cryptAlphabet.indexOf(this.text[this.#at]!);
    this.#at++;
    if (digit < 0) this.failed = true;
    return Math.max(0, digit);
  }
}
