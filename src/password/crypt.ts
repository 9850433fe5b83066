/**
 * crypt(3): DES (and its long form), `$1$` (MD5), `$5$` and `$6$` (SHA-2), `$2a$ $2b$ $2y$` (bcrypt). As libxcrypt has it, and with a
 * bound on the work that a stored hash may ask for, since users write their own userPassword.
 *
 * It is slow on purpose: only the worker threads call it.
 */
import bcrypt from 'bcryptjs';
import { bigCrypt, desCrypt } from './des-crypt.js';
import { md5Crypt } from './md5-crypt.js';
import { shaCrypt } from './sha-crypt.js';

/** About four seconds of one core: a hash that costs more never matches. */
export const bcryptCostMax = 16;
/** Likewise. crypt(3)'s own bounds are 1,000 and 999,999,999. */
export const shaCryptRoundsMax = 1_000_000;
const shaCryptRoundsMin = 1_000;

/** libxcrypt refuses longer passwords (`CRYPT_MAX_PASSPHRASE_SIZE`): the work of `$6$` grows with the square. */
export const cryptPasswordBytesMax = 511;

const forms = {
  des: /^([./0-9A-Za-z]{2})[./0-9A-Za-z]{11}$/,
  big: /^([./0-9A-Za-z]{2})(?:[./0-9A-Za-z]{11}){2,16}$/,
  md5: /^\$1\$([^$:\n]{0,8})\$[./0-9A-Za-z]{22}$/,
  sha256: /^\$5\$(?:rounds=([1-9][0-9]{3,8})\$)?([^$:\n]{0,16})\$[./0-9A-Za-z]{43}$/,
  sha512: /^\$6\$(?:rounds=([1-9][0-9]{3,8})\$)?([^$:\n]{0,16})\$[./0-9A-Za-z]{86}$/,
  bcrypt: /^(\$2[aby]\$([0-9]{2})\$[./A-Za-z0-9]{22})[./A-Za-z0-9]{31}$/,
} as const;

type CryptHash =
  | { readonly method: 'des' | 'big' | 'md5'; readonly salt: string }
  | { readonly method: 'sha256' | 'sha512'; readonly salt: string; readonly rounds: number | undefined }
  | { readonly method: 'bcrypt'; readonly setting: string };

/** Can any password have this hash, and is it affordable to find out? */
export function isCryptHash(text: string): boolean {
  return parse(text) !== undefined;
}

/** Can crypt(3) hash it: no NUL (it is a C string there), and not too long. */
export function isCryptPassword(password: Buffer): boolean {
  return password.length <= cryptPasswordBytesMax && !password.includes(0);
}

/**
 * The hash of `password` in the manner of `hash`, a whole hash whose digest does not matter. Undefined where there is
 * none. bcrypt looks at 72 bytes, DES at eight characters of seven bits. bcryptjs hashes text, so for it a password
 * that is not UTF-8 has no hash.
 */
export function crypt(password: Buffer, hash: string): string | undefined {
  const parsed = parse(hash);
  if (!parsed || !isCryptPassword(password)) return undefined;
  switch (parsed.method) {
    case 'des':
      return desCrypt(password, parsed.salt);
    case 'big':
      return bigCrypt(password, parsed.salt);
    case 'md5':
      return md5Crypt(password, parsed.salt);
    case 'sha256':
    case 'sha512':
      return shaCrypt(parsed.method, password, parsed.salt, parsed.rounds);
    case 'bcrypt':
      return bcryptHash(password, parsed.setting);
  }
}

function parse(text: string): CryptHash | undefined {
  const form = formOf(text);
  const found = form && forms[form].exec(text);
  if (!found) return undefined;
  switch (form) {
    case 'des':
    case 'big':
    case 'md5':
      return { method: form, salt: found[1]! };
    case 'sha256':
    case 'sha512': {
      const rounds = found[1] === undefined ? undefined : Number(found[1]);
      if (rounds !== undefined && (rounds < shaCryptRoundsMin || rounds > shaCryptRoundsMax)) return undefined;
      return { method: form, salt: found[2]!, rounds };
    }
    case 'bcrypt': {
      const cost = Number(found[2]);
      return cost < 4 || cost > bcryptCostMax ? undefined : { method: form, setting: found[1]! };
    }
  }
}

function formOf(text: string): keyof typeof forms | undefined {
  if (!text.startsWith('$')) return text.length > 13 ? 'big' : 'des';
  if (text.startsWith('$1$')) return 'md5';
  if (text.startsWith('$5$')) return 'sha256';
  if (text.startsWith('$6$')) return 'sha512';
  return text.startsWith('$2') ? 'bcrypt' : undefined;
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function bcryptHash(password: Buffer, setting: string): string | undefined {
  let text: string;
  try {
    text = utf8.decode(password);
  } catch {
    return undefined;
  }
  return bcrypt.hashSync(text, setting);
}
