/** The <access> field: levels (`read`) and single privileges (`=wr`, `+s`, `-x`). */
import { Privilege, writePrivilege } from './model.js';

/** What a clause does to the privileges gathered so far. */
export interface Grant {
  readonly operator: '=' | '+' | '-';
  readonly privileges: number;
  /** The clause holds only for a value that is the subject's own name. */
  readonly valueIs: 'self' | 'realself' | undefined;
  /** It names a level (`read`), rather than single privileges (`=rscxd`). */
  readonly isLevel: boolean;
}

const read = Privilege.disclose | Privilege.auth | Privilege.compare | Privilege.search | Privilege.read;

const levels: Readonly<Record<string, number>> = {
  none: 0,
  disclose: Privilege.disclose,
  auth: Privilege.disclose | Privilege.auth,
  compare: Privilege.disclose | Privilege.auth | Privilege.compare,
  search: Privilege.disclose | Privilege.auth | Privilege.compare | Privilege.search,
  read,
  add: read | Privilege.add,
  delete: read | Privilege.delete,
  write: read | writePrivilege,
  manage: read | writePrivilege | Privilege.manage,
};

const letters: Readonly<Record<string, number>> = {
  '0': 0,
  d: Privilege.disclose,
  x: Privilege.auth,
  c: Privilege.compare,
  s: Privilege.search,
  r: Privilege.read,
  z: Privilege.delete,
  a: Privilege.add,
  w: writePrivilege,
  m: Privilege.manage,
};

/** What everybody has where there are no rules at all. */
export const readLevel = read;

export const allPrivileges = levels['manage']!;

/** No <access> given: nothing changes. */
export const noChange: Grant = Object.freeze({ operator: '+', privileges: 0, valueIs: undefined, isLevel: false });

/** Undefined where `word` is no <access>. */
export function parseGrant(word: string): Grant | undefined {
  const lower = word.toLowerCase();
  const prefix = lower.startsWith('realself') ? 'realself' : lower.startsWith('self') ? 'self' : undefined;
  const rest = lower.slice(prefix?.length ?? 0);
  const level = levels[rest];
  if (level !== undefined && Object.hasOwn(levels, rest)) {
    return { operator: '=', privileges: level, valueIs: prefix, isLevel: true };
  }
  const operator = rest[0];
  if (operator !== '=' && operator !== '+' && operator !== '-') return undefined;
  let privileges = 0;
  for (const letter of rest.slice(1)) {
    if (!Object.hasOwn(letters, letter)) return undefined;
    privileges |= letters[letter]!;
  }
  return { operator, privileges, valueIs: prefix, isLevel: false };
}

/** What it takes to do what a level is named after (`read`: to read); undefined where there is no such level. */
export function privilegesAsked(level: string): number | undefined {
  if (level === 'write') return writePrivilege;
  return Object.hasOwn(Privilege, level) ? Privilege[level as keyof typeof Privilege] : undefined;
}

/** As slapd's tools print them: `read(=rscxd)` for a level, else `=rscxd`. */
export function privilegesText(privileges: number, isLevel: boolean): string {
  const write = (privileges & writePrivilege) === writePrivilege ? 'w' : '';
  const single = write === '' ? 'az' : '';
  const letter = (name: string): string => ((privileges & letters[name]!) === 0 ? '' : name);
  const text = `=${letter('m')}${write}${[...single, ...'rscxd'].map(letter).join('') || (write || letter('m') ? '' : '0')}`;
  const level = isLevel ? Object.keys(levels).find((name) => levels[name] === privileges) : undefined;
  return level === undefined ? text : `${level}(${text})`;
}

export function applyGrant(gathered: number, grant: Grant): number {
  switch (grant.operator) {
    case '=':
      return grant.privileges;
    case '+':
      return gathered | grant.privileges;
    case '-':
      return gathered & ~grant.privileges;
  }
}
