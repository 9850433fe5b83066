/** Which entries of which databases a command is to look at, in the words of slapcat's options. */
import type { DatabaseConfig } from '../config/model.js';
import type { DN } from '../dn/dn.js';
import type { SearchScope } from '../ldap/request.js';
import { CommandFailure } from './failure.js';

export interface SelectionOptions {
  readonly url?: string;
  readonly subtree?: string;
  readonly filter?: string;
}

/** What is meant of one database. */
export interface SelectedPart {
  readonly database: DatabaseConfig;
  readonly base: DN | undefined;
  readonly scope: SearchScope | undefined;
}

/** What a glued database adds to what is at and below `base`. */
export function gluedPart(
  database: DatabaseConfig,
  base: DN | undefined,
  scope: SearchScope | undefined,
): readonly SelectedPart[] {
  const suffix = database.suffixes[0];
  if (!suffix || (base && !suffix.isWithin(base)) || scope === 'base') return [];
  if (scope !== 'one') return [{ database, base: undefined, scope: undefined }];
  return base && suffix.parent?.normalized === base.normalized ? [{ database, base: suffix, scope: 'base' }] : [];
}

export interface Selection {
  readonly subtree?: string | undefined;
  readonly filter?: string | undefined;
  readonly scope?: SearchScope;
}

/** slapcat's -H says what -s and -a say, and the scope. */
export function selectionOf({ url, subtree, filter }: SelectionOptions): Selection {
  if (url === undefined) return { subtree, filter };
  const found = /^ldaps?:\/\/\/([^?]*)(?:\?([^?]*)(?:\?([^?]*)(?:\?([^?]*))?)?)?$/i.exec(url);
  if (!found) throw new CommandFailure(`-H ${url}: expected ldap:///BASE??SCOPE?FILTER, without a host`);
  const [base, attributes, scope, filterText] = found.slice(1).map((part) => decodePart(url, part));
  if (attributes) throw new CommandFailure(`-H ${url}: a URL with attributes; entries are written whole`);
  const scopes = ['base', 'one', 'sub', 'children'] as const;
  const named = scopes.find((name) => name === (scope === 'subtree' ? 'sub' : (scope ?? '').toLowerCase()));
  if (scope && !named) throw new CommandFailure(`-H ${url}: ${scope} is no scope`);
  return {
    subtree: base ? base : subtree,
    filter: filterText ? filterText : filter,
    ...(named && { scope: named }),
  };
}

function decodePart(url: string, part: string | undefined): string | undefined {
  try {
    return part === undefined ? undefined : decodeURIComponent(part);
  } catch {
    throw new CommandFailure(`-H ${url}: a "%" that is not followed by two hexadecimal digits of UTF-8`);
  }
}
