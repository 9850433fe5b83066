/**
 * The forms of crypt(3), as libxcrypt has them in Debian 13: which one a stored hash has, what it says, and a bound on the work
 * that it may ask for, since users write their own userPassword.
 */
import { bsdiCount } from './des-crypt.js';
import { readScryptSetting, readYescryptSetting, type YescryptSetting } from './yescrypt-setting.js';
import { yescryptMemory, yescryptWork } from './yescrypt.js';

/** About four seconds of one core, as are the other bounds: a hash that costs more never matches. */
export const bcryptCostMax = 16;
/** crypt(3)'s own bounds are 1,000 and 999,999,999. */
export const shaCryptRoundsMax = 1_000_000;
const shaCryptRoundsMin = 1_000;
const sha1IterationsMax = 1_000_000;
const sunMd5RoundsMax = 1_000_000;
const bsdiCountMax = 50_000;
const scryptWorkMax = 2 * 1_024 ** 3;
/** Of one hash; how many are computed at once depends on the pool of workers. */
export const hashMemoryMax = 256 * 1_024 ** 2;

export type CryptHash =
  | { readonly method: 'des' | 'big' | 'md5' | 'bsdi'; readonly salt: string }
  | { readonly method: 'nt' }
  | { readonly method: 'sha256' | 'sha512'; readonly salt: string; readonly rounds: number | undefined }
  | { readonly method: 'sha1'; readonly salt: string; readonly rounds: number }
  | { readonly method: 'sunmd5'; readonly salt: string; readonly rounds: number }
  | { readonly method: 'bcrypt'; readonly setting: string }
  | ({ readonly method: 'yescrypt' | 'gost-yescrypt' | 'scrypt'; readonly setting: string } & YescryptSetting);

/** Why no password can have the hash. */
export interface CryptRefusal {
  readonly refused: string;
}

const digit = '[./0-9A-Za-z]';
const forms = {
  des: new RegExp(`^(${digit}{2})${digit}{11}$`),
  big: new RegExp(`^(${digit}{2})(?:${digit}{11}){2,16}$`),
  bsdi: new RegExp(`^(_${digit}{8})${digit}{11}$`),
  md5: new RegExp(`^\\$1\\$([^$:\\n]{0,8})\\$${digit}{22}$`),
  nt: /^\$3\$\$[0-9a-f]{32}$/,
  sha256: new RegExp(`^\\$5\\$(?:rounds=([1-9][0-9]{3,8})\\$)?([^$:\\n]{0,16})\\$${digit}{43}$`),
  sha512: new RegExp(`^\\$6\\$(?:rounds=([1-9][0-9]{3,8})\\$)?([^$:\\n]{0,16})\\$${digit}{86}$`),
  sha1: new RegExp(`^\\$sha1\\$([0-9]{1,10})\\$(${digit}{1,64})\\$${digit}{28}$`),
  sunmd5: new RegExp(`^(\\$md5(?:[,$]rounds=([1-9][0-9]{0,9}))?\\$${digit}*\\$?)\\$${digit}{22}$`),
  bcrypt: new RegExp(`^(\\$2[abxy]\\$([0-9]{2})\\$${digit}{22})${digit}{31}$`),
  yescrypt: new RegExp(`^(\\$y\\$([^:\\n]*))\\$${digit}{43}$`),
  'gost-yescrypt': new RegExp(`^(\\$gy\\$([^:\\n]*))\\$${digit}{43}$`),
  scrypt: new RegExp(`^(\\$7\\$([^:\\n]*))\\$${digit}{43}$`),
} as const;

const prefixes: readonly (readonly [string, keyof typeof forms])[] = [
  ['$1$', 'md5'],
  ['$2', 'bcrypt'],
  ['$3$', 'nt'],
  ['$5$', 'sha256'],
  ['$6$', 'sha512'],
  ['$7$', 'scrypt'],
  ['$y$', 'yescrypt'],
  ['$gy$', 'gost-yescrypt'],
  ['$sha1$', 'sha1'],
  ['$md5', 'sunmd5'],
  ['_', 'bsdi'],
];

export function readCryptHash(text: string): CryptHash | CryptRefusal {
  const form = formOf(text);
  if (!form) return { refused: `crypt(3) here does not know ${/^\$[^$]{0,16}\$?/.exec(text)?.[0] ?? 'this form'}` };
  const found = forms[form].exec(text);
  if (!found) return { refused: `not a whole hash of crypt(3)'s ${form}` };
  switch (form) {
    case 'des':
    case 'big':
    case 'md5':
      return { method: form, salt: found[1]! };
    case 'nt':
      return { method: form };
    case 'bsdi': {
      const count = bsdiCount(found[1]!);
      if (count === 0) return { refused: "not a whole hash of crypt(3)'s bsdi" };
      return count > bsdiCountMax ? tooMuch(form, `${count} rounds`, bsdiCountMax) : { method: form, salt: found[1]! };
    }
    case 'sha256':
    case 'sha512': {
      const rounds = found[1] === undefined ? undefined : Number(found[1]);
      if (rounds !== undefined && rounds < shaCryptRoundsMin) return { refused: `${form}-crypt with less than 1,000 rounds` };
      if (rounds !== undefined && rounds > shaCryptRoundsMax) return tooMuch(form, `${rounds} rounds`, shaCryptRoundsMax);
      return { method: form, salt: found[2]!, rounds };
    }
    case 'sha1': {
      const rounds = Number(found[1]);
      if (rounds > sha1IterationsMax) return tooMuch(form, `${rounds} rounds`, sha1IterationsMax);
      return { method: form, salt: found[2]!, rounds };
    }
    case 'sunmd5': {
      const rounds = Number(found[2] ?? 0);
      return rounds > sunMd5RoundsMax
        ? tooMuch(form, `${rounds} rounds`, sunMd5RoundsMax)
        : { method: form, salt: found[1]!, rounds };
    }
    case 'bcrypt': {
      const cost = Number(found[2]);
      if (cost < 4) return { refused: 'bcrypt with a cost below 4' };
      return cost > bcryptCostMax ? tooMuch(form, `cost ${cost}`, bcryptCostMax) : { method: form, setting: found[1]! };
    }
    case 'yescrypt':
    case 'gost-yescrypt':
    case 'scrypt':
      return boundedScrypt(form, found[1]!, (form === 'scrypt' ? readScryptSetting : readYescryptSetting)(found[2]!));
  }
}

function boundedScrypt(
  method: 'yescrypt' | 'gost-yescrypt' | 'scrypt',
  setting: string,
  read: YescryptSetting | undefined,
): CryptHash | CryptRefusal {
  if (!read) return { refused: `parameters that crypt(3)'s ${method} does not have` };
  const memory = yescryptMemory(read.parameters);
  if (memory > hashMemoryMax) return tooMuch(method, `${mebibytes(memory)} MiB of memory`, mebibytes(hashMemoryMax));
  const work = yescryptWork(read.parameters);
  if (work > scryptWorkMax) {
    return tooMuch(method, `${mebibytes(work)} MiB to go through`, mebibytes(scryptWorkMax));
  }
  return { method, setting, ...read };
}

function tooMuch(form: string, what: string, max: number): CryptRefusal {
  return { refused: `${form} asks for ${what}, more than the ${max} that one login may take` };
}

export function mebibytes(bytes: number): number {
  return Math.ceil(bytes / 1_024 ** 2);
}

function formOf(text: string): keyof typeof forms | undefined {
  const found = prefixes.find(([prefix]) => text.startsWith(prefix));
  if (found) return found[1];
  if (text.startsWith('$') || text.length < 13) return undefined;
  return text.length > 13 ? 'big' : 'des';
}
