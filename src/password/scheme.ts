/**
 * userPassword values as slapd reads them (RFC 2307 section 5.3 and slapd's contrib modules): which scheme a stored
 * value names and how to read the rest. A value that no password can match is recognised here, at no cost.
 */
import { readArgon2, type Argon2Hash } from './argon2.js';
import { readCryptHash, type CryptHash } from './crypt-forms.js';
import { parseScramSecret, type ScramSecret } from './scram.js';
import type { Pbkdf2Digest } from './slow-hash.js';

export type DigestAlgorithm = 'md5' | 'sha1' | 'sha256' | 'sha384' | 'sha512';

export type StoredPassword =
  | { readonly kind: 'clear'; readonly text: Buffer }
  | { readonly kind: 'digest'; readonly algorithm: DigestAlgorithm; readonly digest: Buffer; readonly salt: Buffer }
  | { readonly kind: 'crypt'; readonly hash: string; readonly read: CryptHash }
  | { readonly kind: 'argon2'; readonly hash: Argon2Hash }
  /** saslauthd knows the password of this user. */
  | { readonly kind: 'sasl'; readonly user: string }
  | {
      readonly kind: 'pbkdf2';
      readonly digest: Pbkdf2Digest;
      readonly iterations: number;
      readonly salt: Buffer;
      readonly key: Buffer;
    }
  | { readonly kind: 'scram'; readonly secret: ScramSecret }
  /** No password matches. Why, unless that is what the value is for, as with `{CRYPT}!`. */
  | { readonly kind: 'never'; readonly reason?: string };

/** A scheme that `password-hash`, `jammd passwd -h` and RFC 3062 can make values of. */
export type Scheme = { readonly name: string } & (
  | { readonly kind: 'clear' }
  | { readonly kind: 'digest'; readonly algorithm: DigestAlgorithm; readonly digestBytes: number; readonly saltBytes: number }
  | { readonly kind: 'crypt' }
  | { readonly kind: 'bcrypt' }
  | { readonly kind: 'pbkdf2'; readonly digest: Pbkdf2Digest; readonly keyBytes: number }
  | { readonly kind: 'argon2' }
  | { readonly kind: 'sasl' }
  | { readonly kind: 'scram' }
);

/** Some seconds of one core: a stored hash that asks for more never matches. */
export const pbkdf2IterationsMax = 5_000_000;

function never(reason?: string): StoredPassword {
  return reason === undefined ? { kind: 'never' } : { kind: 'never', reason };
}

const schemes: ReadonlyMap<string, Scheme> = new Map(
  (
    [
      // slappasswd's own salts for {SSHA} and {SMD5} have 4 bytes, and Courier can read no others.
      { name: '{SSHA}', kind: 'digest', algorithm: 'sha1', digestBytes: 20, saltBytes: 4 },
      { name: '{SHA}', kind: 'digest', algorithm: 'sha1', digestBytes: 20, saltBytes: 0 },
      { name: '{SMD5}', kind: 'digest', algorithm: 'md5', digestBytes: 16, saltBytes: 4 },
      { name: '{MD5}', kind: 'digest', algorithm: 'md5', digestBytes: 16, saltBytes: 0 },
      { name: '{SSHA256}', kind: 'digest', algorithm: 'sha256', digestBytes: 32, saltBytes: 8 },
      { name: '{SHA256}', kind: 'digest', algorithm: 'sha256', digestBytes: 32, saltBytes: 0 },
      { name: '{SSHA384}', kind: 'digest', algorithm: 'sha384', digestBytes: 48, saltBytes: 8 },
      { name: '{SHA384}', kind: 'digest', algorithm: 'sha384', digestBytes: 48, saltBytes: 0 },
      { name: '{SSHA512}', kind: 'digest', algorithm: 'sha512', digestBytes: 64, saltBytes: 8 },
      { name: '{SHA512}', kind: 'digest', algorithm: 'sha512', digestBytes: 64, saltBytes: 0 },
      { name: '{CRYPT}', kind: 'crypt' },
      { name: '{BCRYPT}', kind: 'bcrypt' },
      { name: '{ARGON2}', kind: 'argon2' },
      // Dovecot's names for the same.
      { name: '{ARGON2I}', kind: 'argon2' },
      { name: '{ARGON2ID}', kind: 'argon2' },
      { name: '{PBKDF2}', kind: 'pbkdf2', digest: 'sha1', keyBytes: 20 },
      { name: '{PBKDF2-SHA1}', kind: 'pbkdf2', digest: 'sha1', keyBytes: 20 },
      { name: '{PBKDF2-SHA256}', kind: 'pbkdf2', digest: 'sha256', keyBytes: 32 },
      { name: '{PBKDF2-SHA512}', kind: 'pbkdf2', digest: 'sha512', keyBytes: 64 },
      { name: '{SCRAM-SHA-256}', kind: 'scram' },
      { name: '{SASL}', kind: 'sasl' },
      { name: '{CLEARTEXT}', kind: 'clear' },
    ] satisfies Scheme[]
  ).map((scheme) => [scheme.name, scheme]),
);

const schemeList: readonly Scheme[] = [...schemes.values()];

/** The names of all schemes that values can be made of, braces included. */
export const schemeNames: readonly string[] = schemeList.filter(({ kind }) => kind !== 'sasl').map(({ name }) => name);

/** By name with its braces, in any case: `{ssha}`. */
export function findScheme(name: string): Scheme | undefined {
  return schemes.get(name.toUpperCase());
}

/** Can `password-hash` name it? With braces, in any case. */
export function isKnownScheme(name: string): boolean {
  const scheme = findScheme(name);
  return scheme !== undefined && scheme.kind !== 'sasl';
}

/** The schemes whose values take a worker's time. */
export function isSlowKind(kind: Scheme['kind'] | undefined): boolean {
  return kind === 'crypt' || kind === 'bcrypt' || kind === 'argon2' || kind === 'pbkdf2' || kind === 'scram';
}

/** Why no password can match the value; undefined where one can, and where none is meant to. */
export function whyUnverifiable(stored: Buffer): string | undefined {
  const parsed = parseStoredPassword(stored);
  return parsed.kind === 'never' ? parsed.reason : undefined;
}

/** The scheme that the value begins with, up to the brace at `close`; looks at the bytes, as each log-in does this. */
function schemeOf(stored: Buffer, close: number): Scheme | undefined {
  for (const scheme of schemeList) {
    if (scheme.name.length === close + 1 && beginsWith(stored, scheme.name)) return scheme;
  }
  return undefined;
}

/** In any case; `name` is in capitals. */
function beginsWith(stored: Buffer, name: string): boolean {
  for (let index = 0; index < name.length; index++) {
    const octet = stored[index]!;
    const capital = octet >= 0x61 && octet <= 0x7a ? octet - 0x20 : octet;
    if (capital !== name.charCodeAt(index)) return false;
  }
  return true;
}

/** Can the stored value be a hash that is slow on purpose? Cheaper than finding out what it says. */
export function namesSlowScheme(stored: Buffer): boolean {
  const close = schemeEnd(stored);
  return isSlowKind(close < 0 ? undefined : schemeOf(stored, close)?.kind);
}

/** Where the brace closes that ends the scheme's name; -1 where none is named: `{x` and `{}x` are passwords in clear text. */
function schemeEnd(stored: Buffer): number {
  const close = stored[0] === 0x7b ? stored.indexOf(0x7d) : -1;
  return close < 2 ? -1 : close;
}

export function parseStoredPassword(stored: Buffer): StoredPassword {
  const close = schemeEnd(stored);
  if (close < 0) return { kind: 'clear', text: stored };
  const scheme = schemeOf(stored, close);
  const rest = stored.subarray(close + 1);
  if (!scheme) return never(`the scheme ${printable(stored.subarray(0, Math.min(close + 1, 40)))} is not known here`);
  if (rest.length === 0) return never();
  switch (scheme.kind) {
    case 'clear':
      return { kind: 'clear', text: rest };
    case 'digest':
      return parseDigest(scheme, rest);
    case 'crypt':
      return parseCrypt(rest);
    case 'bcrypt':
      return rest[0] === 0x24 && rest[1] === 0x32 ? parseCrypt(rest) : never('{BCRYPT} without a bcrypt hash');
    case 'argon2': {
      const hash = readArgon2(rest.toString('latin1'));
      return 'refused' in hash ? never(hash.refused) : { kind: 'argon2', hash };
    }
    case 'sasl':
      return { kind: 'sasl', user: rest.toString('utf8') };
    case 'pbkdf2':
      return parsePbkdf2(scheme, rest);
    case 'scram': {
      const secret = parseScramSecret(rest.toString('latin1'), pbkdf2IterationsMax);
      return secret ? { kind: 'scram', secret } : never(`${scheme.name} with what is no secret, or asks for too much`);
    }
  }
}

function parseDigest(scheme: Scheme & { kind: 'digest' }, rest: Buffer): StoredPassword {
  const bytes = decodeBase64(rest);
  if (!bytes) return never(`${scheme.name} with what is not base64`);
  const fits = scheme.saltBytes === 0 ? bytes.length === scheme.digestBytes : bytes.length > scheme.digestBytes;
  if (!fits) return never(`${scheme.name} with ${bytes.length} bytes, which is not the digest's length`);
  return {
    kind: 'digest',
    algorithm: scheme.algorithm,
    digest: bytes.subarray(0, scheme.digestBytes),
    salt: bytes.subarray(scheme.digestBytes),
  };
}

function parseCrypt(rest: Buffer): StoredPassword {
  const hash = rest.toString('latin1');
  // How passwords are locked: by a character that no hash begins with, or by the word of old password files.
  if (hash.startsWith('!') || hash.startsWith('*') || hash === 'x') return never();
  const read = readCryptHash(hash);
  return 'refused' in read ? never(read.refused) : { kind: 'crypt', hash, read };
}

/** `iterations$salt$key`, in the base 64 of passlib: `.` for `+`, no padding. A salt of any length will do. */
function parsePbkdf2(scheme: Scheme & { kind: 'pbkdf2' }, rest: Buffer): StoredPassword {
  const found = /^([0-9]{1,8})\$([^$]*)\$([^$]*)$/.exec(rest.toString('latin1'));
  if (!found) return never(`${scheme.name} with what is not iterations$salt$key`);
  const iterations = Number(found[1]);
  const salt = decodeAdaptedBase64(found[2]!);
  const key = decodeAdaptedBase64(found[3]!);
  if (iterations > pbkdf2IterationsMax) {
    return never(
      `${scheme.name} asks for ${iterations} iterations, more than the ${pbkdf2IterationsMax} that one login may take`,
    );
  }
  if (iterations < 1 || !salt || key?.length !== scheme.keyBytes) {
    return never(`${scheme.name} with a salt or key that is not base64 of the right length`);
  }
  return { kind: 'pbkdf2', digest: scheme.digest, iterations, salt, key };
}

function printable(bytes: Buffer): string {
  return bytes.toString('latin1').replace(/[^\x20-\x7e]/g, '?');
}

const base64Values = new Int8Array(256).fill(-1);
for (const [value, octet] of Buffer.from('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/').entries()) {
  base64Values[octet] = value;
}
const equalsSign = 0x3d;

function isBlank(octet: number): boolean {
  return octet === 0x20 || (octet >= 0x09 && octet <= 0x0d);
}

/**
 * Strictly: padding as it must be, no stray bits; blanks are skipped, as the resolver's decoder in slapd does. Node's decoder
 * takes what is wrong for what is right, and finding out by encoding it again would take a log-in twice as long.
 */
function decodeBase64(text: Buffer): Buffer | undefined {
  const bytes = Buffer.allocUnsafe((text.length * 3) >> 2);
  let length = 0;
  let bits = 0;
  let held = 0;
  let padding = 0;
  for (let index = 0; index < text.length; index++) {
    const octet = text[index]!;
    if (isBlank(octet)) continue;
    if (octet === equalsSign) {
      padding++;
      continue;
    }
    const value = base64Values[octet]!;
    if (value < 0 || padding > 0) return undefined;
    held = ((held << 6) | value) & 0xffff;
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    bytes[length++] = held >>> bits;
  }
  // What is left are the bits of a byte that was not begun: of two characters four, of three two, of one six.
  const isComplete = bits < 6 && padding === bits >> 1 && (held & ((1 << bits) - 1)) === 0;
  return isComplete ? bytes.subarray(0, length) : undefined;
}

/** With or without padding, `+` as well as `.`: pw-pbkdf2 takes all of them. */
function decodeAdaptedBase64(text: string): Buffer | undefined {
  const standard = text.replaceAll('.', '+');
  return decodeBase64(Buffer.from(standard.padEnd(Math.ceil(standard.length / 4) * 4, '='), 'latin1'));
}

export function encodeAdaptedBase64(bytes: Buffer): string {
  return bytes.toString('base64').replaceAll('+', '.').replaceAll('=', '');
}
