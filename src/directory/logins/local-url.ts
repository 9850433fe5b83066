/** LDAP URLs (RFC 4516) that name entries of this server: `ldap:///base?attributes?scope?filter`. */
import type { DN } from '../../dn/dn.js';
import type { SearchScope } from '../../ldap/request.js';
import { LdapError } from '../../ldap/result.js';
import type { DirectoryEnvironment } from '../environment.js';

export interface LocalUrl {
  readonly base: DN;
  readonly scope: SearchScope;
  /** Text of RFC 4515, not parsed. */
  readonly filter: string;
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

/** Undefined where it names a host, has no filter (slapd finds nobody by such either), or cannot be read. */
export function parseLocalUrl(url: string, directory: DirectoryEnvironment): LocalUrl | undefined {
  if (!/^ldap:\/\/\//i.test(url)) return undefined;
  const [base = '', , scopeName = '', filter = ''] = url.slice('ldap:///'.length).split('?');
  const scope = scopes.get(scopeName.toLowerCase());
  if (!scope || filter === '') return undefined;
  try {
    return { base: directory.parseDN(decodeURIComponent(base)), scope, filter: decodeURIComponent(filter) };
  } catch (error) {
    if (error instanceof LdapError || error instanceof URIError) return undefined;
    throw error;
  }
}
