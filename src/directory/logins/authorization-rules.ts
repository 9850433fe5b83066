/**
 * The values of authzTo and authzFrom, read once for each version of an entry: users may write them, so what they can cost
 * is bounded here. The forms are those of slapd.conf(5)'s authz-policy: `dn[.style]:`, a bare DN,
 * `group[/class[/attribute]]:`, an LDAP URL.
 */
import { holdsNames } from '../../access/values.js';
import type { EntryRecord } from '../../entry/record.js';
import { compileFilter, type CompiledFilter } from '../../filter/compile.js';
import { FilterSyntaxError, parseFilter } from '../../filter/text.js';
import { withoutNumber } from '../../ldap/ordered-values.js';
import { LdapError } from '../../ldap/result.js';
import type { AttributeDescription, ObjectClass } from '../../ldap/schema.js';
import type { DirectoryEnvironment } from '../environment.js';
import { parseName } from './asker.js';
import { parseLocalUrl, type LocalUrl } from './local-url.js';

export type AuthorizationRule =
  | { readonly kind: 'anyone' }
  | { readonly kind: 'name'; readonly style: 'exact' | 'one' | 'subtree' | 'children'; readonly ndn: string }
  | {
      readonly kind: 'group';
      readonly ndn: string;
      readonly objectClass: ObjectClass;
      readonly member: AttributeDescription;
    }
  | { readonly kind: 'url'; readonly url: LocalUrl; readonly filter: CompiledFilter };

/** Of an attribute's values, in their order; what is beyond these names nobody. */
const rulesMax = 1_000;
const ruleBytesMax = 65_536;
/** Rules that look at other entries cost more than those that compare names. */
const urlsMax = 32;
const urlBytesMax = 8_192;
const groupsMax = 32;

const known = new WeakMap<EntryRecord, Map<AttributeDescription, readonly AuthorizationRule[]>>();

export function authorizationRules(
  directory: DirectoryEnvironment,
  holder: EntryRecord,
  attribute: AttributeDescription,
): readonly AuthorizationRule[] {
  let ofEntry = known.get(holder);
  if (!ofEntry) known.set(holder, (ofEntry = new Map<AttributeDescription, readonly AuthorizationRule[]>()));
  let rules = ofEntry.get(attribute);
  if (!rules) ofEntry.set(attribute, (rules = readRules(directory, holder, attribute)));
  return rules;
}

function readRules(
  directory: DirectoryEnvironment,
  holder: EntryRecord,
  attribute: AttributeDescription,
): readonly AuthorizationRule[] {
  const rules: AuthorizationRule[] = [];
  const left = { bytes: ruleBytesMax, group: groupsMax, url: urlsMax, urlBytes: urlBytesMax };
  for (const value of holder.values(attribute).slice(0, rulesMax)) {
    left.bytes -= value.length;
    if (left.bytes < 0) break;
    const text = withoutNumber(value).toString();
    const isUrl = /^ldap:/i.test(text);
    if (isUrl && (left.urlBytes -= value.length) < 0) continue;
    const rule = isUrl ? urlRule(directory, text, holder) : nameOrGroupRule(directory, text);
    if (!rule || ((rule.kind === 'url' || rule.kind === 'group') && --left[rule.kind] < 0)) continue;
    rules.push(rule);
  }
  return rules;
}

function urlRule(directory: DirectoryEnvironment, text: string, holder: EntryRecord): AuthorizationRule | undefined {
  const url = parseLocalUrl(text, directory);
  if (!url) return undefined;
  try {
    const filter = compileFilter(parseFilter(url.filter), directory.schema, holder.dictionary);
    return { kind: 'url', url, filter };
  } catch (error) {
    if (error instanceof FilterSyntaxError || error instanceof LdapError) return undefined;
    throw error;
  }
}

function nameOrGroupRule(directory: DirectoryEnvironment, text: string): AuthorizationRule | undefined {
  const group = /^group(?:\/([^/:]*))?(?:\/([^:]*))?:(.*)$/is.exec(text);
  if (group) return groupRule(directory, group[3]!, group[1] || 'groupOfNames', group[2] || 'member');
  const parts = /^dn(?:\.(\w+))?:(.*)$/is.exec(text);
  return nameRule(directory, parts?.[1]?.toLowerCase() ?? 'exact', parts ? parts[2]! : text);
}

/**
 * A `dn.regex` names nobody here: users may write their own authzTo, and an expression of a stranger's making could hold
 * the server up.
 */
function nameRule(directory: DirectoryEnvironment, style: string, text: string): AuthorizationRule | undefined {
  if (text === '*') return { kind: 'anyone' };
  const ndn = parseName(directory, text)?.normalized;
  if (ndn === undefined) return undefined;
  switch (style) {
    case 'exact':
    case 'subtree':
    case 'children':
      return { kind: 'name', style, ndn };
    case 'one':
    case 'onelevel':
      return { kind: 'name', style: 'one', ndn };
    default:
      return undefined;
  }
}

function groupRule(
  directory: DirectoryEnvironment,
  name: string,
  className: string,
  attribute: string,
): AuthorizationRule | undefined {
  const { schema } = directory;
  const ndn = parseName(directory, name)?.normalized;
  const objectClass = schema.objectClass(className);
  const member = schema.attributeDescription(attribute);
  return ndn !== undefined && objectClass && member && holdsNames(member)
    ? { kind: 'group', ndn, objectClass, member }
    : undefined;
}
