/** LDAP URLs that say what is on a list: `ldap:///base?attributes?scope?filter` (RFC 4516). Each text is read once. */
import type { DN } from '../../dn/dn.js';
import { FilterSyntaxError, parseFilter } from '../../filter/text.js';
import type { Filter } from '../../ldap/filter.js';
import type { SearchScope } from '../../ldap/request.js';
import { LdapError } from '../../ldap/result.js';
import type { DirectoryEnvironment } from '../environment.js';

export interface ListUrl {
  readonly base: DN;
  readonly scope: SearchScope;
  /** Undefined: the URL names none. */
  readonly attributes: readonly string[] | undefined;
  readonly filter: Filter | undefined;
}

const scopes: ReadonlyMap<string, SearchScope> = new Map<string, SearchScope>([
  ['', 'base'],
  ['base', 'base'],
  ['one', 'one'],
  ['onelevel', 'one'],
  ['sub', 'sub'],
  ['subtree', 'sub'],
  ['subordinate', 'children'],
  ['children', 'children'],
]);

/** Longer ones list nothing: each is parsed for each search that meets it. */
const urlCharactersMax = 16_384;
const rememberedMax = 5_000;
const rememberedCharactersMax = 1_024;

const remembered = new WeakMap<DirectoryEnvironment, Map<string, ListUrl | undefined>>();

/** Undefined where it names a host or has extensions, or cannot be read: as to slapd, nothing is on such a list. */
export function listUrl(value: Buffer, directory: DirectoryEnvironment): ListUrl | undefined {
  if (value.length > urlCharactersMax) return undefined;
  const text = value.toString();
  let known = remembered.get(directory);
  if (!known) remembered.set(directory, (known = new Map<string, ListUrl | undefined>()));
  if (known.has(text)) return known.get(text);
  const url = parse(text, directory);
  if (text.length <= rememberedCharactersMax) {
    if (known.size >= rememberedMax) known.clear();
    known.set(text, url);
  }
  return url;
}

function parse(text: string, directory: DirectoryEnvironment): ListUrl | undefined {
  const [base, names = '', scopeName = '', filter = '', ...extensions] = text.replace(/^ldap:\/\/\//i, '').split('?');
  const scope = scopes.get(scopeName.toLowerCase());
  if (!/^ldap:\/\/\//i.test(text) || !scope || extensions.length > 0) return undefined;
  try {
    const decoded = decodeURIComponent(filter);
    return {
      base: directory.parseDN(decodeURIComponent(base ?? '')),
      scope,
      attributes: names === '' ? undefined : decodeURIComponent(names).split(','),
      filter: decoded === '' ? undefined : parseFilter(decoded.startsWith('(') ? decoded : `(${decoded})`),
    };
  } catch (error) {
    if (error instanceof LdapError || error instanceof FilterSyntaxError || error instanceof URIError) return undefined;
    throw error;
  }
}
