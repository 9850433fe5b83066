/**
 * userPassword: verify what a client offers against what an entry stores, and make new values. Fast digests are
 * answered at once; slow hashes with a promise, from worker threads.
 */
import { createHmac, hash as digestOf, randomBytes, timingSafeEqual } from 'node:crypto';
import { LdapError, ResultCode } from '../ldap/result.js';
import { argon2DigestBytes, argon2SaltBytes, formatArgon2, type Argon2Type } from './argon2.js';
import { cryptAlphabet } from './crypt-base64.js';
import { cryptPasswordBytesMax, isCryptPassword } from './crypt.js';
import type { CryptHash } from './crypt-forms.js';
import { cryptFormFor, defaultPasswordSettings, randomCryptText, type PasswordSettings } from './password-settings.js';
import { askSaslauthd, SaslauthdError, saslauthdIsBusy } from './saslauthd.js';
import {
  formatScramSecret,
  preparedPassword,
  scramIterations,
  scramKeyBytes,
  scramSaltBytes,
  scramSecret,
  type ScramSecret,
} from './scram.js';
import {
  encodeAdaptedBase64,
  findScheme,
  isSlowKind,
  namesSlowScheme,
  parseStoredPassword,
  type DigestAlgorithm,
  type Scheme,
} from './scheme.js';
import { PasswordBusyError, SlowHashPool, type HashOrigin } from './slow-hash-pool.js';
import type { SlowHashTask } from './slow-hash.js';
import { tellTrouble } from './trouble.js';
import { yescryptMemory } from './yescrypt.js';

export { argon2Excess as whyArgon2Costs } from './argon2.js';
export { defaultPasswordSettings, isCryptSaltFormat, type PasswordSettings } from './password-settings.js';
export { onPasswordTrouble } from './trouble.js';
export { isKnownScheme, schemeNames, whyUnverifiable } from './scheme.js';
export { PasswordBusyError, type HashOrigin } from './slow-hash-pool.js';

/** slapd's default of `password-hash`. */
export const defaultScheme = '{SSHA}';

export const bcryptCost = 10;

/** As OpenLDAP's pw-pbkdf2 makes them. */
const pbkdf2Iterations = 10_000;
const pbkdf2SaltBytes = 16;

/** slapd generates 8 characters; twelve of the same 64 are 72 bits. */
const generatedLength = 12;

/** A userPassword value longer than this matches nothing: it is longer than any hash, and no one types it. */
export const storedBytesMax = 65_536;

let pool = new SlowHashPool();

/** Ends the worker threads, and with them the checks that wait. They start again when needed. */
export async function closePasswordWorkers(): Promise<void> {
  const closing = pool;
  pool = new SlowHashPool();
  await closing.close();
}

/** The slow hashes of this process: being worked on or waiting, begun since the start, and refused for want of room. */
export function slowHashFigures(): { readonly pending: number; readonly started: number; readonly refused: number } {
  const { pending, started, refused } = pool;
  return { pending, started, refused };
}

/** Is `stored` a hash that takes a worker's time (crypt, bcrypt, Argon2, PBKDF2)? Such are worth remembering. */
export function isSlow(stored: Buffer): boolean {
  if (!namesSlowScheme(stored)) return false;
  const { kind } = parseStoredPassword(stored);
  return kind === 'crypt' || kind === 'argon2' || kind === 'pbkdf2' || kind === 'scram';
}

/**
 * Does `offered` match the userPassword value `stored`? A promise only for slow hashes and {SASL}; it rejects with
 * PasswordBusyError (51) where too many wait. `origin`: for whom, so that slow hashes are shared out fairly.
 */
export function verify(stored: Buffer, offered: Buffer, origin?: HashOrigin): boolean | Promise<boolean> {
  if (stored.length > storedBytesMax) return false;
  const parsed = parseStoredPassword(stored);
  switch (parsed.kind) {
    case 'never':
      if (parsed.reason !== undefined) tellTrouble(parsed.reason, origin?.target);
      return false;
    case 'clear':
      return equalInConstantTime(parsed.text, offered);
    case 'digest':
      return timingSafeEqual(digest(parsed.algorithm, offered, parsed.salt), parsed.digest);
    case 'crypt':
      if (!isCryptPassword(offered)) return false;
      return compute(cryptTask(offered, parsed.hash, parsed.read), Buffer.from(parsed.hash, 'latin1'), origin);
    case 'argon2': {
      const { type, salt, digest: expected, ...cost } = parsed.hash;
      return compute(argon2Task(offered, { type, salt, cost, digestBytes: expected.length }), expected, origin);
    }
    case 'sasl':
      return verifyBySaslauthd(parsed.user, offered, origin);
    case 'pbkdf2':
      return compute(pbkdf2Task(parsed, offered), parsed.key, origin);
    case 'scram': {
      const { salt, iterations, storedKey } = parsed.secret;
      return deriveScramSecret(offered, salt, iterations, origin).then((made) => timingSafeEqual(made.storedKey, storedKey));
    }
  }
}

/** Where saslauthd cannot be asked the password does not match, as in slapd; the log says why. */
async function verifyBySaslauthd(user: string, offered: Buffer, origin: HashOrigin | undefined): Promise<boolean> {
  if (saslauthdIsBusy()) throw new PasswordBusyError();
  try {
    return await askSaslauthd(user, offered);
  } catch (error) {
    if (!(error instanceof SaslauthdError)) throw error;
    tellTrouble(error.message, origin?.target);
    return false;
  }
}

const decoys = new Map<string, Buffer | Promise<Buffer>>();

/**
 * For a bind to an entry that does not exist: costs what a wrong password costs under `scheme` (the one that
 * `password-hash` names first), so that the time tells nobody which names exist. Always false.
 */
export function verifyDecoy(offered: Buffer, scheme = defaultScheme, origin?: HashOrigin): boolean | Promise<boolean> {
  const found = requireScheme(scheme);
  let decoy = decoys.get(found.name);
  if (!decoy) {
    decoy = makeDecoy(found, origin);
    decoys.set(found.name, decoy);
  }
  return Buffer.isBuffer(decoy)
    ? verifyInVain(decoy, offered, origin)
    : decoy.then((stored) => verifyInVain(stored, offered, origin));
}

/** The same with the cost of one stored value. */
export function verifyDecoyLike(stored: Buffer, offered: Buffer, origin?: HashOrigin): boolean | Promise<boolean> {
  return verifyInVain(stored, offered, origin);
}

/** Does `password-hash` name a scheme that takes a worker's time? */
export function isSlowScheme(scheme: string): boolean {
  return isSlowKind(requireScheme(scheme).kind);
}

function makeDecoy(scheme: Scheme, origin: HashOrigin | undefined): Buffer | Promise<Buffer> {
  const password = Buffer.from(randomBytes(16).toString('hex'));
  if (scheme.kind === 'clear' || scheme.kind === 'digest') return fastHash(scheme, password);
  return hashPassword(scheme.name, password, origin).catch((error: unknown) => {
    // Busy workers could not make it: the next bind tries again.
    decoys.delete(scheme.name);
    throw error;
  });
}

function verifyInVain(stored: Buffer, offered: Buffer, origin: HashOrigin | undefined): boolean | Promise<boolean> {
  const result = verify(stored, offered, origin);
  return typeof result === 'boolean' ? false : result.then(() => false);
}

/**
 * A new userPassword value under `scheme`, a name with braces in any case. {CRYPT} makes `$6$` unless `settings` have a salt
 * format; {CLEARTEXT} the bare password, as slappasswd does. Rejects with LdapError: 19 where the scheme cannot hash the
 * password, 51 where busy.
 */
export async function hashPassword(
  scheme: string,
  password: Buffer,
  origin?: HashOrigin,
  settings: PasswordSettings = defaultPasswordSettings,
): Promise<Buffer> {
  const found = requireScheme(scheme);
  switch (found.kind) {
    case 'clear':
    case 'digest':
      return fastHash(found, password);
    case 'sasl':
      throw new LdapError(ResultCode.other, '{SASL} names a user of saslauthd and hashes nothing');
    case 'argon2':
      return Buffer.from(found.name + (await argon2Hash(found.name, password, settings, origin)));
    case 'crypt':
      return Buffer.from(found.name + (await cryptHash(password, cryptFormFor(settings), origin)));
    case 'bcrypt':
      return Buffer.from(found.name + (await cryptHash(password, bcryptForm(), origin)));
    case 'scram': {
      const secret = await deriveScramSecret(password, randomBytes(scramSaltBytes), scramIterations, origin);
      return Buffer.from(found.name + formatScramSecret(secret));
    }
    case 'pbkdf2': {
      const salt = randomBytes(pbkdf2SaltBytes);
      const key = Buffer.alloc(found.keyBytes);
      const task = pbkdf2Task({ digest: found.digest, iterations: pbkdf2Iterations, salt, key }, password);
      const result = await pool.run(task, origin);
      const parts = [pbkdf2Iterations, encodeAdaptedBase64(salt), encodeAdaptedBase64(Buffer.from(result!))];
      return Buffer.from(found.name + parts.join('$'));
    }
  }
}

/** The SCRAM-SHA-256 secret of a password, from a worker thread. Rejects with 51 where too many wait. */
export async function deriveScramSecret(
  password: Buffer,
  salt: Buffer,
  iterations: number,
  origin?: HashOrigin,
): Promise<ScramSecret> {
  const key = Buffer.alloc(scramKeyBytes);
  const task = pbkdf2Task({ digest: 'sha256', iterations, salt, key }, preparedPassword(password));
  return scramSecret((await pool.run(task, origin))!, salt, iterations);
}

/** A random password that can be typed, of crypt's 64 characters. */
export function generatePassword(): Buffer {
  return Buffer.from(randomBytes(generatedLength).map((byte) => cryptAlphabet.charCodeAt(byte & 0x3f)));
}

/** Throws LdapError 80: the configuration's schemes were checked when it was read. */
function requireScheme(name: string): Scheme {
  const scheme = findScheme(name);
  if (!scheme) throw new LdapError(ResultCode.other, `password scheme ${name} is not known`);
  return scheme;
}

function fastHash(scheme: Scheme & { kind: 'clear' | 'digest' }, password: Buffer): Buffer {
  if (scheme.kind === 'clear') {
    // A password that looks like a scheme would be read as one.
    return password[0] === 0x7b ? Buffer.concat([Buffer.from(scheme.name), password]) : password;
  }
  const salt = randomBytes(scheme.saltBytes);
  const bytes = Buffer.concat([digest(scheme.algorithm, password, salt), salt]);
  return Buffer.from(scheme.name + bytes.toString('base64'));
}

/** Where password and salt are put together; longer ones get memory of their own. */
const salted = Buffer.allocUnsafeSlow(256);

function digest(algorithm: DigestAlgorithm, password: Buffer, salt: Buffer): Buffer {
  const length = password.length + salt.length;
  if (salt.length === 0) return digestOf(algorithm, password, 'buffer');
  if (length > salted.length) return digestOf(algorithm, Buffer.concat([password, salt]), 'buffer');
  password.copy(salted, 0);
  salt.copy(salted, password.length);
  const result = digestOf(algorithm, salted.subarray(0, length), 'buffer');
  salted.fill(0, 0, length);
  return result;
}

const comparisonKey = randomBytes(32);

/** Equal lengths and bytes, in a time that depends on neither. */
function equalInConstantTime(a: Buffer, b: Buffer): boolean {
  const macOf = (bytes: Buffer): Buffer => createHmac('sha256', comparisonKey).update(bytes).digest();
  return timingSafeEqual(macOf(a), macOf(b));
}

async function compute(task: SlowHashTask, expected: Buffer, origin: HashOrigin | undefined): Promise<boolean> {
  const result = await pool.run(task, origin);
  return result !== undefined && result.length === expected.length && timingSafeEqual(result, expected);
}

/** Copies: a small Buffer is a view of a block shared with others', all of which would go to the worker. */
function cryptTask(password: Buffer, hash: string, read?: CryptHash): SlowHashTask {
  const memory = read && 'parameters' in read ? { memoryBytes: yescryptMemory(read.parameters) } : {};
  return { kind: 'crypt', password: new Uint8Array(password), hash, ...memory };
}

function argon2Task(
  password: Buffer,
  { salt, ...hash }: Pick<SlowHashTask & { kind: 'argon2' }, 'type' | 'salt' | 'cost' | 'digestBytes'>,
): SlowHashTask {
  const memoryBytes = hash.cost.memoryKibibytes * 1_024;
  return { kind: 'argon2', password: new Uint8Array(password), salt: new Uint8Array(salt), ...hash, memoryBytes };
}

/** slapd's module makes argon2i; Dovecot's names say which. */
async function argon2Hash(
  scheme: string,
  password: Buffer,
  { argon2: cost }: PasswordSettings,
  origin: HashOrigin | undefined,
): Promise<string> {
  const type: Argon2Type = scheme === '{ARGON2ID}' ? 'argon2id' : 'argon2i';
  const salt = randomBytes(argon2SaltBytes);
  const made = await pool.run(argon2Task(password, { type, salt, cost, digestBytes: argon2DigestBytes }), origin);
  if (!made) throw new LdapError(ResultCode.constraintViolation, 'this password scheme takes no empty password');
  return formatArgon2({ type, ...cost, salt, digest: Buffer.from(made) });
}

function pbkdf2Task(
  parameters: { digest: 'sha1' | 'sha256' | 'sha512'; iterations: number; salt: Buffer; key: Buffer },
  password: Buffer,
): SlowHashTask {
  return {
    kind: 'pbkdf2',
    password: new Uint8Array(password),
    salt: new Uint8Array(parameters.salt),
    iterations: parameters.iterations,
    digest: parameters.digest,
    keyBytes: parameters.key.length,
  };
}

async function cryptHash(password: Buffer, form: string, origin: HashOrigin | undefined): Promise<string> {
  const result = await pool.run(cryptTask(password, form), origin);
  if (!result) {
    throw new LdapError(
      ResultCode.constraintViolation,
      `this password scheme takes UTF-8 text without NUL of at most ${cryptPasswordBytesMax} bytes`,
    );
  }
  return Buffer.from(result).toString('latin1');
}

/** 21 characters of salt hold 126 bits; the 22nd has room for two more bits, and `.` has them zero. */
function bcryptForm(): string {
  return `$2b$${String(bcryptCost).padStart(2, '0')}$${randomCryptText(21)}.${'.'.repeat(31)}`;
}
