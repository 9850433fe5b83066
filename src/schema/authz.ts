/**
 * slapd's authorization rules (authzTo, authzFrom): names, users, groups and search URLs, as slapd.conf(5) writes them
 * under `authz-policy`.
 */
import { DN } from '../dn/dn.js';
import type { Schema } from '../ldap/schema.js';
import { decodeUtf8 } from './prepare.js';

const regexRule = /^dn\.regex:(.+)$/is;
const nameRule = /^dn(?:\.(exact|children|subtree|onelevel))?:(.*)$/is;
const userRule = /^u(?:\.[^/:]+(?:\/[^:]*)?)?:/i;
const groupRule = /^group(?:\/([^/:]+)(?:\/([^/:]+))?)?:(.*)$/is;
const urlRule = /^(ldap:\/\/[^/]*\/)([^?]*)(.*)$/is;

/** How a name is spelled: pretty where a rule is kept, normalised where rules are compared. */
type Spelling = (name: DN) => string;

/** The form in which slapd keeps a rule: names pretty and marked `dn:`. Undefined where it is none. */
export function prettyAuthz(value: Buffer, schema: Schema): Buffer | undefined {
  const pretty = spelledRule(value, schema, String);
  return pretty === undefined ? undefined : Buffer.from(pretty);
}

export function normalizeAuthz(value: Buffer, schema: Schema): string | undefined {
  return spelledRule(value, schema, (name) => name.normalized);
}

function spelledRule(value: Buffer, schema: Schema, spelling: Spelling): string | undefined {
  const text = decodeUtf8(value);
  if (text === undefined) return undefined;
  if (userRule.test(text)) return text;
  const regex = regexRule.exec(text);
  if (regex) return isRegularExpression(regex[1]!) ? `dn.regex:${regex[1]!}` : undefined;
  const group = groupRule.exec(text);
  if (group) return spelledGroup(group, schema, spelling);
  const url = urlRule.exec(text);
  if (url) return around(url[1]!, spelledName(decodeUrl(url[2]!), schema, spelling), url[3]);
  const name = nameRule.exec(text);
  const style = name?.[1]?.toLowerCase() ?? 'exact';
  const spelled = spelledName(name ? name[2]!.replace(/^ +/, '') : text, schema, spelling);
  return around(style === 'exact' || spelled === '*' ? 'dn:' : `dn.${style}:`, spelled);
}

function around(before: string, name: string | undefined, after = ''): string | undefined {
  return name === undefined ? undefined : before + name + after;
}

/** `group[/class[/attribute]]:`, in the schema's spelling. */
function spelledGroup(match: RegExpExecArray, schema: Schema, spelling: Spelling): string | undefined {
  const [, className, attributeName, name] = match;
  const objectClass = className === undefined ? undefined : schema.objectClass(className);
  if (className !== undefined && !objectClass) return undefined;
  const attribute = attributeName === undefined ? undefined : schema.attributeDescription(attributeName);
  if (attributeName !== undefined && !attribute) return undefined;
  const words = ['group', objectClass?.name, attribute?.text].filter((word) => word !== undefined);
  return around(`${words.join('/')}:`, spelledName(name, schema, spelling));
}

function spelledName(text: string | undefined, schema: Schema, spelling: Spelling): string | undefined {
  if (text === undefined || text === '*') return text;
  try {
    return spelling(DN.parse(text, schema));
  } catch {
    return undefined;
  }
}

function decodeUrl(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

function isRegularExpression(source: string): boolean {
  try {
    return new RegExp(source) instanceof RegExp;
  } catch {
    return false;
  }
}
