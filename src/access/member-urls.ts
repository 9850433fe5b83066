/**
 * Members that a group names by LDAP URLs (memberURL of groupOfURLs): whoever lies in the scope of one and matches its filter, as stored,
 * whatever the asker may see.
 */
import { DN } from '../dn/dn.js';
import type { EntryRecord } from '../entry/record.js';
import { compileFilter, type CompiledFilter } from '../filter/compile.js';
import { evaluateFilter } from '../filter/evaluate.js';
import { FilterSyntaxError, parseFilter } from '../filter/text.js';
import { LdapError } from '../ldap/result.js';
import type { AttributeDescription, Schema } from '../ldap/schema.js';
import { storedOnly } from './filter-tests.js';
import { isInScope, type NameScope } from './names.js';

interface MemberUrl {
  readonly base: string;
  readonly scope: NameScope;
  /** Undefined: none that can be read. */
  readonly filter: CompiledFilter | undefined;
}

const scopes: ReadonlyMap<string, NameScope> = new Map<string, NameScope>([
  ['', 'base'],
  ['base', 'base'],
  ['one', 'one'],
  ['onelevel', 'one'],
  ['sub', 'subtree'],
  ['subtree', 'subtree'],
  ['subordinate', 'children'],
  ['children', 'children'],
]);

/** Longer ones name nobody, and so do more of them: a rule may be asked about each entry of a search. */
const urlCharactersMax = 16_384;
const urlsMax = 100;

/** Does the attribute hold URLs of members? slapd knows them by their superior type. */
export function holdsMemberUrls({ type }: AttributeDescription, schema: Schema): boolean {
  const labeledUri = schema.attributeType('labeledURI');
  return labeledUri !== undefined && type.lineage.includes(labeledUri);
}

/** Those of a group that can be read. */
export function memberUrls(group: EntryRecord, description: AttributeDescription, schema: Schema): readonly MemberUrl[] {
  const values = group.values(description).slice(0, urlsMax);
  return values.flatMap((value) => parse(value.toString(), group, schema) ?? []);
}

/** As to slapd, a URL whose filter cannot be read ends the list for those in its scope. */
export function someUrlNames(urls: readonly MemberUrl[], user: EntryRecord): boolean {
  for (const { base, scope, filter } of urls) {
    if (!isInScope(user.ndn, scope, base)) continue;
    if (!filter) return false;
    if (matches(filter, user)) return true;
  }
  return false;
}

function matches(filter: CompiledFilter, user: EntryRecord): boolean {
  try {
    return evaluateFilter(filter, user, storedOnly) === true;
  } catch (error) {
    // Too much to compare at one go.
    if (error instanceof LdapError) return false;
    throw error;
  }
}

/** Undefined where it names a host or attributes, has extensions, or cannot be read: as to slapd, it names nobody. */
function parse(value: string, { dictionary }: EntryRecord, schema: Schema): MemberUrl | undefined {
  if (value.length > urlCharactersMax) return undefined;
  const text = /^<?ldap[si]?:\/\/\/([^>]*)>?$/is.exec(value)?.[1];
  const [base = '', attributes = '', scopeName = '', filter = '', ...extensions] = (text ?? '').split('?');
  const scope = scopes.get(scopeName.toLowerCase());
  if (text === undefined || !scope || attributes !== '' || extensions.length > 0) return undefined;
  try {
    const { normalized } = DN.parse(decodeURIComponent(base), schema);
    return { base: normalized, scope, filter: readFilter(decodeURIComponent(filter), dictionary, schema) };
  } catch (error) {
    if (error instanceof LdapError || error instanceof URIError) return undefined;
    throw error;
  }
}

function readFilter(text: string, dictionary: EntryRecord['dictionary'], schema: Schema): CompiledFilter | undefined {
  try {
    return compileFilter(parseFilter(text.startsWith('(') ? text : `(${text})`), schema, dictionary);
  } catch (error) {
    if (error instanceof LdapError || error instanceof FilterSyntaxError) return undefined;
    throw error;
  }
}
