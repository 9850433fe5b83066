/** LDAP URLs without a host in the lines of overlays: `ldap:///[base]?[attributes]?[scope]?[filter]` (RFC 4516). */
import { FilterSyntaxError, parseFilter } from '../../filter/text.js';
import type { Filter } from '../../ldap/filter.js';
import type { SearchScope } from '../../ldap/request.js';
import { ConfigError, distinguishedName, type Directive } from '../directive.js';
import type { ConfigReader } from '../reader.js';
import { decodeUrlPart, UrlSyntaxError } from '../url.js';
import type { EntryRange } from './entry-range.js';

export interface LocalUri extends EntryRange {
  readonly attributes: readonly string[];
  /** False where the scope is what stands for none. */
  readonly hasScope: boolean;
}

const uriPattern = /^ldap:\/\/\/([^?]*)(?:\?([^?]*)(?:\?([^?]*)(?:\?(.*))?)?)?$/is;

const scopes: ReadonlyMap<string, SearchScope> = new Map<string, SearchScope>([
  ['base', 'base'],
  ['one', 'one'],
  ['onelevel', 'one'],
  ['sub', 'sub'],
  ['subtree', 'sub'],
  ['subordinate', 'children'],
  ['children', 'children'],
]);

/** Throws ConfigError. */
export function localUri(text: string, place: Directive, reader: ConfigReader): LocalUri {
  const { name: directive } = place;
  const { schema } = reader;
  const found = uriPattern.exec(text);
  if (!found) throw new ConfigError(`"${text}" of "${directive}" is not ldap:///[base]?[attributes]?[scope]?[filter]`);
  try {
    const [base = '', names = '', scopeName = '', filter = ''] = found.slice(1).map((part) => decodeUrlPart(part ?? ''));
    const scope = scopeName === '' ? 'sub' : scopes.get(scopeName.toLowerCase());
    if (!scope) throw new ConfigError(`unknown scope "${scopeName}" in "${text}" of "${directive}"`);
    return {
      base: base === '' ? undefined : distinguishedName(base, directive, schema),
      attributes: names.split(',').filter((name) => name !== ''),
      scope,
      hasScope: scopeName !== '',
      filter: filter === '' ? undefined : filterOf(filter, place, reader),
    };
  } catch (error) {
    if (!(error instanceof UrlSyntaxError)) throw error;
    throw new ConfigError(`"${text}" of "${directive}": ${error.message}`);
  }
}

/** Throws ConfigError where the filter cannot be read. */
export function filterOf(text: string, place: Directive, reader: ConfigReader): Filter {
  try {
    const filter = parseFilter(text.startsWith('(') ? text : `(${text})`);
    for (const attribute of attributesOf(filter)) {
      if (reader.schema.attributeDescription(attribute)) continue;
      reader.warn(place, `attribute "${attribute}" in the filter of "${place.name}" is not defined: it matches nothing`);
    }
    return filter;
  } catch (error) {
    if (!(error instanceof FilterSyntaxError)) throw error;
    throw new ConfigError(`bad filter "${text}" of "${place.name}": ${error.message}`);
  }
}

function attributesOf(filter: Filter): readonly string[] {
  switch (filter.kind) {
    case 'and':
    case 'or':
      return filter.filters.flatMap(attributesOf);
    case 'not':
      return attributesOf(filter.filter);
    default:
      return filter.attribute === undefined ? [] : [filter.attribute];
  }
}
