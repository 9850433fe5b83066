/** The directives about new passwords: their scheme, the form of {CRYPT}, and what Argon2 costs. */
import {
  defaultPasswordSettings,
  isCryptSaltFormat,
  isKnownScheme,
  schemeNames,
  whyArgon2Costs,
  type PasswordSettings,
} from '../password/password.js';
import { ConfigError, onlyWord, requireWords, wholeNumber, type Directive } from './directive.js';
import type { ConfigReader } from './reader.js';

export const argon2Module = /^(?:.*\/)?(?:pw-)?argon2(?:\.l?[as]o?)?$/i;

export function readPasswordHash(directive: Directive, { global }: ConfigReader): void {
  requireWords(directive, 1);
  for (const word of directive.words) {
    if (!/^\{.*\}$/.test(word) || !isKnownScheme(word)) {
      throw new ConfigError(`unknown password-hash "${word}" (known: ${schemeNames.join(' ')})`);
    }
  }
  global.passwordHash = directive.words.map((word) => word.toUpperCase());
}

/** slapd takes any text here, and makes passwords that nobody can use of some. */
export function readCryptSaltFormat(directive: Directive, reader: ConfigReader): void {
  const cryptSaltFormat = onlyWord(directive);
  if (!isCryptSaltFormat(cryptSaltFormat)) {
    reader.warn(
      directive,
      `password-crypt-salt-format "${cryptSaltFormat}" is no form of crypt(3) with a %s for the salt; {CRYPT} passwords are made with $6$`,
    );
    return;
  }
  reader.global.passwordSettings = { ...reader.global.passwordSettings, cryptSaltFormat };
}

const argon2Options: ReadonlyMap<string, keyof PasswordSettings['argon2']> = new Map([
  ['m', 'memoryKibibytes'],
  ['t', 'iterations'],
  ['p', 'parallelism'],
]);

/** `moduleload argon2.so m=65536 t=2 p=1`. */
export function changeArgon2({ words }: Directive, { global }: ConfigReader): void {
  global.passwordSettings = { ...global.passwordSettings, argon2: argon2CostOf(words.slice(1)) };
}

/** `m=65536`, `t=2` and the like. Throws ConfigError. */
export function argon2CostOf(words: readonly string[]): PasswordSettings['argon2'] {
  const argon2 = { ...defaultPasswordSettings.argon2 };
  for (const word of words) {
    const [name = '', value = ''] = word.split('=', 2);
    const option = argon2Options.get(name);
    if (!option) throw new ConfigError(`"${word}" of argon2 must be m=, t= or p= with a number`);
    argon2[option] = wholeNumber(value, `${name}= of argon2`);
  }
  const costly = whyArgon2Costs(argon2);
  if (costly !== undefined) throw new ConfigError(costly);
  return argon2;
}
