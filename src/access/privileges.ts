/** The <access> field: levels (`read`) and single privileges (`=wr`, `+s`, `-x`). */
import { Privilege, writePrivilege } from './model.js';

/** What a clause does to the privileges gathered so far. */
export interface Grant {
  readonly operator: '=' | '+' | '-';
  readonly privileges: number;
  /** The clause holds only for a value that is the subject's own name. */
  readonly valueIs: 'self' | 'realself' | undefined;
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
export const noChange: Grant = Object.freeze({ operator: '+', privileges: 0, valueIs: undefined });

/** Undefined where `word` is no <access>. */
export function parseGrant(word: string): Grant | undefined {
  const lower = word.toLowerCase();
  const prefix = lower.startsWith('realself') ? 'realself' : lower.startsWith('self') ? 'self' : undefined;
  const rest = lower.slice(prefix?.length ?? 0);
  const level = levels[rest];
  if (level !== undefined && Object.hasOwn(levels, rest)) {
    return { operator: '=', privileges: level, valueIs: prefix };
  }
  const operator = rest[0];
  if (operator !== '=' && operator !== '+' && operator !== '-') return undefined;
  let privileges = 0;
  for (const letter of rest.slice(1)) {
    if (!Object.hasOwn(letters, letter)) return undefined;
    privileges |= letters[letter]!;
  }
  return { operator, privileges, valueIs: prefix };
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
