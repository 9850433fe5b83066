/**
 * crypt(3) as libxcrypt has it: all forms that Debian 13 verifies. It is slow on purpose: only the worker threads call it.
 */
import bcrypt from 'bcryptjs';
import { encodeCryptBytes } from './crypt-base64.js';
import { readCryptHash } from './crypt-forms.js';
import { bigCrypt, bsdiCrypt, desCrypt } from './des-crypt.js';
import { md5Crypt } from './md5-crypt.js';
import { ntHash } from './nt-hash.js';
import { sha1Crypt } from './sha1-crypt.js';
import { shaCrypt } from './sha-crypt.js';
import { streebog256, streebogHmac } from './streebog.js';
import { sunMd5 } from './sun-md5.js';
import { yescrypt, type YescryptParameters } from './yescrypt.js';

/** libxcrypt refuses longer passwords (`CRYPT_MAX_PASSPHRASE_SIZE`): the work of `$6$` grows with the square. */
export const cryptPasswordBytesMax = 511;

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
  const parsed = readCryptHash(hash);
  if ('refused' in parsed || !isCryptPassword(password)) return undefined;
  switch (parsed.method) {
    case 'des':
      return desCrypt(password, parsed.salt);
    case 'big':
      return bigCrypt(password, parsed.salt);
    case 'bsdi':
      return bsdiCrypt(password, parsed.salt);
    case 'md5':
      return md5Crypt(password, parsed.salt);
    case 'nt':
      return ntHash(password);
    case 'sha1':
      return sha1Crypt(password, parsed.salt, parsed.rounds);
    case 'sha256':
    case 'sha512':
      return shaCrypt(parsed.method, password, parsed.salt, parsed.rounds);
    case 'sunmd5':
      return sunMd5(password, parsed.salt, parsed.rounds);
    case 'bcrypt':
      return bcryptHash(password, parsed.setting);
    case 'scrypt':
    case 'yescrypt':
      return `${parsed.setting}$${encodeCryptBytes(yescrypt(password, parsed.salt, parsed.parameters))}`;
    case 'gost-yescrypt':
      return gostYescrypt(password, parsed);
  }
}

/** yescrypt's digest under a key that GOST's hash makes of password and setting. */
function gostYescrypt(
  password: Buffer,
  { setting, salt, parameters }: { setting: string; salt: Buffer; parameters: YescryptParameters },
): string {
  const digest = yescrypt(password, salt, parameters);
  const key = streebogHmac(streebog256(password), Buffer.from(setting, 'latin1'));
  return `${setting}$${encodeCryptBytes(streebogHmac(key, digest))}`;
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** `$2x$` is what PHP made before it mended a fault with octets above 127; where there is none of them it is `$2b$`. */
function bcryptHash(password: Buffer, setting: string): string | undefined {
  let text: string;
  try {
    text = utf8.decode(password);
  } catch {
    return undefined;
  }
  if (!setting.startsWith('$2x$')) return bcrypt.hashSync(text, setting);
  if (password.some((octet) => octet > 0x7f)) return undefined;
  return bcrypt.hashSync(text, setting.replace('$2x$', '$2b$')).replace('$2b$', '$2x$');
}
