/** What a configuration sets about new hashes, beside the scheme: the cost of Argon2, and the form of {CRYPT}. */
import { randomBytes } from 'node:crypto';
import { defaultArgon2Cost, type Argon2Cost } from './argon2.js';
import { cryptAlphabet } from './crypt-base64.js';
import { readCryptHash } from './crypt-forms.js';

export interface PasswordSettings {
  readonly argon2: Argon2Cost;
  /** `password-crypt-salt-format`: slapd puts 31 random characters in place of `%s`, or fewer with `%.8s`. */
  readonly cryptSaltFormat: string | undefined;
}

export const defaultPasswordSettings: PasswordSettings = { argon2: defaultArgon2Cost, cryptSaltFormat: undefined };

/** As slapd has them. */
const saltCharacters = 31;
const formatForm = /^((?:[^%]|%%)*)%(?:\.([0-9]{1,2}))?s((?:[^%]|%%)*)$/;
/** Some forms take few of the random texts: those in base 64 whose last bits are zero. */
const triesMax = 1_000;

/** Lengths of digests, of the forms in use. */
const digestLengths = [86, 43, 31, 28, 22, 11];

/** Is it a form of crypt(3) that new hashes can have? */
export function isCryptSaltFormat(format: string): boolean {
  return formFrom(format) !== undefined;
}

/** A whole hash with a random salt, its digest blank: what new hashes are made after. */
export function cryptFormFor({ cryptSaltFormat }: PasswordSettings): string {
  // `$6$` with 96 bits, where nothing is said.
  return (cryptSaltFormat === undefined ? undefined : formFrom(cryptSaltFormat)) ?? `$6$${randomCryptText(16)}$${'.'.repeat(86)}`;
}

function formFrom(format: string): string | undefined {
  const found = formatForm.exec(format);
  if (!found) return undefined;
  const [before, after] = [found[1]!, found[3]!].map((text) => text.replaceAll('%%', '%'));
  const length = Math.min(saltCharacters, Number(found[2] ?? saltCharacters));
  for (let count = 0; count < triesMax; count++) {
    const whole = blank(`${before}${randomCryptText(length)}${after}`);
    if (whole !== undefined) return whole;
  }
  return undefined;
}

/** crypt(3) takes as much of a setting as it needs. */
function blank(setting: string): string | undefined {
  const sha = /^\$[56]\$(?:rounds=\d+\$)?[^$]{0,16}|^\$1\$[^$]{0,8}|^\$2[abxy]\$\d\d\$.{21}|^_.{8}|^[^$_].(?=.*$)/.exec(
    setting,
  )?.[0];
  const starts = [sha, setting.replace(/\$$/, '')].filter((start) => start !== undefined);
  for (const start of starts) {
    for (const length of digestLengths) {
      for (const between of ['$', '', '.']) {
        const whole = `${start}${between}${'.'.repeat(length)}`;
        if (!('refused' in readCryptHash(whole))) return whole;
      }
    }
  }
  return undefined;
}

export function randomCryptText(length: number): string {
  return Array.from(randomBytes(length), (byte) => cryptAlphabet[byte & 0x3f]!).join('');
}
