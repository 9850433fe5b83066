/**
 * Checks of new passwords that a policy asks for by name, in place of the modules in C that slapd loads (`check_password`).
 * They are words of pwdCheckModuleArg: `classes=3 characters=10 not-name`.
 */
import type { Schema } from '../../../ldap/schema.js';
import type { Valued } from './policy.js';

/** Says what is wrong with a password; undefined: nothing. */
type Check = (password: string, entry: Valued, schema: Schema) => string | undefined;

/** Shorter parts of a name are in many passwords by chance. */
const namePartMin = 3;
const nameAttributes = ['uid', 'cn', 'sn', 'givenName', 'mail'];
const characterClasses = [/\p{Ll}/u, /\p{Lu}/u, /\p{Nd}/u, /[^\p{Ll}\p{Lu}\p{Nd}]/u];

const makers: Readonly<Record<string, (number: number | undefined) => Check | undefined>> = {
  /** Lower case, upper case, digits, everything else. */
  classes: (wanted) => {
    if (wanted === undefined || wanted > characterClasses.length) return undefined;
    return (password) =>
      characterClasses.filter((pattern) => pattern.test(password)).length >= wanted
        ? undefined
        : `it needs ${wanted} of these: small letters, capital letters, digits, other characters`;
  },
  /** Characters, not bytes. */
  characters: (wanted) => {
    if (wanted === undefined) return undefined;
    return (password) => ([...password].length >= wanted ? undefined : `it needs ${wanted} characters`);
  },
  /** No part of the user's names and addresses is in it. */
  'not-name': (number) => (number === undefined ? notName : undefined),
};

function notName(password: string, entry: Valued, schema: Schema): string | undefined {
  const text = password.toLowerCase();
  for (const name of nameAttributes) {
    const description = schema.attributeDescription(name);
    for (const value of description ? entry.values(description) : []) {
      const parts = value
        .toString()
        .toLowerCase()
        .split(/[\s@.,_-]+/);
      if (parts.some((part) => part.length >= namePartMin && text.includes(part))) return `it contains part of your ${name}`;
    }
  }
  return undefined;
}

/** Undefined where a word is not a check. */
export function checksNamed(argument: string): readonly Check[] | undefined {
  const checks: Check[] = [];
  for (const word of argument.split(/\s+/).filter((part) => part !== '')) {
    const [, name, number] = /^([a-z-]+)(?:=(\d{1,4}))?$/.exec(word) ?? [];
    const make = name !== undefined && Object.hasOwn(makers, name) ? makers[name] : undefined;
    const check = make?.(number === undefined ? undefined : Number(number));
    if (!check) return undefined;
    checks.push(check);
  }
  return checks.length > 0 ? checks : undefined;
}

export const knownChecks = 'classes=1 to 4, characters=N, not-name';
