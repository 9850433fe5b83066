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
const groupRule = /^(group(?:\/([^/:]+)(?:\/([^/:]+))?)?:)(.*)$/is;
const urlRule = /^(ldap:\/\/[^/]*\/)([^?]*)(.*)$/is;

/** The form in which slapd keeps a rule: names pretty and marked `dn:`. Undefined where it is none. */
export function prettyAuthz(value: Buffer, schema: Schema): Buffer | undefined {
  const text = decodeUtf8(value);
  const pretty = text === undefined ? undefined : prettyRule(text, schema);
  return pretty === undefined ? undefined : Buffer.from(pretty);
}

function prettyRule(text: string, schema: Schema): string | undefined {
  if (userRule.test(text)) return text;
  const regex = regexRule.exec(text);
  if (regex) return isRegularExpression(regex[1]!) ? text : undefined;
  const group = groupRule.exec(text);
  if (group) return prettyGroup(group, schema);
  const url = urlRule.exec(text);
  if (url) return around(url[1]!, prettyName(decodeUrl(url[2]!), schema), url[3]);
  const name = nameRule.exec(text);
  const style = name?.[1]?.toLowerCase() ?? 'exact';
  return around(style === 'exact' ? 'dn:' : `dn.${style}:`, prettyName(name ? name[2]! : text, schema));
}

function around(before: string, name: string | undefined, after = ''): string | undefined {
  return name === undefined ? undefined : before + name + after;
}

function prettyGroup(match: RegExpExecArray, schema: Schema): string | undefined {
  const [, mark, objectClass, attribute, name] = match;
  if (objectClass !== undefined && !schema.objectClass(objectClass)) return undefined;
  if (attribute !== undefined && !schema.attributeDescription(attribute)) return undefined;
  return around(mark!, prettyName(name, schema));
}

function prettyName(text: string | undefined, schema: Schema): string | undefined {
  if (text === undefined || text === '*') return text;
  try {
    return DN.parse(text, schema).toString();
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
