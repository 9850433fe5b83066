/** Parses one condition of a <who> clause. */
import type { AttributeDescription, ObjectClass, Schema } from '../ldap/schema.js';
import { parseInternetAddress } from './address.js';
import type { PeerTest, TextTest, Who, WhoStyle } from './rule.js';
import { holdsMemberUrls } from './member-urls.js';
import { parseSet, SetSyntaxError } from './set.js';
import {
  AccessSyntaxError,
  anyNamePatterns,
  looksLikeRegex,
  namePattern,
  normalizeName,
  requireName,
  requireRegex,
  splitWord,
  type Word,
} from './syntax.js';
import { expandTemplate, hasExpansion, parseTemplate, TemplateSyntaxError, type Template } from './template.js';
import { holdsNames } from './values.js';
import { scopeOfStyle } from './what.js';

export interface WhoSource {
  readonly schema: Schema;
  readonly warn: (message: string) => void;
}

/** Styles of a word that has none of its own. */
const plainStyles: ReadonlySet<string> = new Set(['exact', 'base', 'baseobject']);

/** Undefined where the word is no condition: then it is the <access> that follows. Throws AccessSyntaxError. */
export function parseWho(text: string, source: WhoSource): Who | undefined {
  const word = splitWord(text);
  const real = word.left.startsWith('real');
  const left = real ? word.left.slice('real'.length) : word.left;
  const groupParts = left.split('/');
  if (!real && groupParts[0] === 'group') return group(word, groupParts, source);
  if (/^dynacl\//.test(left) || left === 'aci') {
    throw new AccessSyntaxError(`"${text}": access rules inside entries (ACIs) are not supported`);
  }
  switch (left) {
    case 'anonymous':
    case 'users':
      if (word.style !== undefined && !plainStyles.has(word.style) && !/^level\{/.test(word.style))
        throw inappropriateStyle(word);
      return { kind: left, real };
    case 'self':
      // `realselfwrite` and `selfwrite` are levels, not conditions; `self` alone is one.
      return word.right === undefined ? { kind: 'self', real, level: selfLevel(word) } : undefined;
    case 'dn':
      return name(word, real, source);
    case 'dnattr':
      return { kind: 'nameAttribute', real, description: nameAttribute(word, requireRight(word), source.schema) };
  }
  return real ? undefined : connectionCondition(word, source);
}

function connectionCondition(word: Word, source: WhoSource): Who | undefined {
  switch (word.left) {
    case '*':
      return { kind: 'anyone' };
    case 'peername':
      return { kind: 'peername', test: peerTest(word, source) };
    case 'sockname':
    case 'sockurl':
      return { kind: word.left, test: textTest(word, source) };
    case 'domain':
      throw new AccessSyntaxError(
        `"${word.text}": host names of clients are not looked up (anyone can forge them); use peername.ip=`,
      );
    case 'set':
      return { kind: 'set', set: set(word, source) };
    case 'ssf':
      return strength(word, 'ssf');
    case 'transport_ssf':
      return strength(word, 'transportSsf');
    case 'tls_ssf':
      return strength(word, 'tlsSsf');
    case 'sasl_ssf':
      return strength(word, 'saslSsf');
    default:
      return undefined;
  }
}

function requireRight(word: Word): string {
  if (word.right === undefined || word.right === '') {
    throw new AccessSyntaxError(`missing "=" in (or value after) "${word.text}" in by clause`);
  }
  return word.right;
}

function inappropriateStyle(word: Word): AccessSyntaxError {
  return new AccessSyntaxError(`inappropriate style "${word.style}" in "${word.text}" in by clause`);
}

function level(style: string): number | undefined {
  const found = /^level\{(-?\d{1,4})\}$/.exec(style);
  return found ? Number(found[1]) : undefined;
}

function selfLevel(word: Word): number {
  if (word.style === undefined || scopeOfStyle(word.style) === 'base') return 0;
  const levels = level(word.style);
  if (levels === undefined) throw inappropriateStyle(word);
  return levels;
}

function requireTemplate(text: string, word: Word): Template {
  try {
    return parseTemplate(text);
  } catch (error) {
    if (!(error instanceof TemplateSyntaxError)) throw error;
    throw new AccessSyntaxError(`${error.message} in "${word.text}"`);
  }
}

function name(word: Word, real: boolean, source: WhoSource): Who {
  if (word.style === 'regex') return regexName(word, word.right, real, source);
  const text = requireRight(word);
  if (word.style === undefined) return plainName(word, text, real, source);
  const style = nameStyle(word);
  if (word.modifier === undefined) {
    return { kind: 'name', real, style, name: requireName(text, word, source.schema) };
  }
  if (word.modifier !== 'expand') throw new AccessSyntaxError(`unknown modifier "${word.modifier}" in "${word.text}"`);
  if (!hasExpansion(text)) throw new AccessSyntaxError(`"expand" used with no expansions in "${word.text}"`);
  return { kind: 'nameExpand', real, style, template: requireTemplate(text, word) };
}

function nameStyle(word: Word): WhoStyle {
  const scope = scopeOfStyle(word.style!);
  if (scope) return scope;
  const levels = level(word.style!);
  if (levels === undefined) throw new AccessSyntaxError(`unknown style "${word.style}" in by clause`);
  if (levels < 0) throw new AccessSyntaxError(`bad negative level "${levels}" in by DN clause`);
  return { level: levels };
}

/** `dn=`: one exact name to slapd today, a regular expression with `$1` expanded to OpenLDAP 2.0. */
function plainName(word: Word, text: string, real: boolean, source: WhoSource): Who {
  const known = normalizeName(text, source.schema);
  if (known !== undefined && hasExpansion(text)) {
    source.warn(`"${word.text}": $ expanded as OpenLDAP 2.0 did; write dn.exact,expand=`);
    return { kind: 'nameExpand', real, style: 'base', template: requireTemplate(text, word) };
  }
  if (known !== undefined) {
    if (looksLikeRegex(text)) source.warn(`"${word.text}" is one exact name; write dn.regex= if it is a pattern`);
    return { kind: 'name', real, style: 'base', name: known };
  }
  const found = regexName(word, text, real, source);
  source.warn(`"${word.text}": not a DN, read as OpenLDAP 2.0 did; write dn.regex=`);
  return found;
}

function regexName(word: Word, pattern: string | undefined, real: boolean, source: WhoSource): Who {
  if (word.modifier !== undefined) throw new AccessSyntaxError(`"regex" style implies "expand" in "${word.text}"`);
  if (pattern === undefined || pattern === '*' || /^\^?\.\+\${0,2}$/.test(pattern)) return { kind: 'users', real };
  if (pattern === '') return { kind: 'anonymous', real };
  if (anyNamePatterns.has(pattern)) return { kind: 'anyone' };
  const test = regexTest(namePattern(pattern, source.warn), word, source);
  return test.kind === 'regex'
    ? { kind: 'nameRegex', real, regex: test.regex }
    : { kind: 'nameExpandRegex', real, template: test.template };
}

type RegexTest = Extract<TextTest, { kind: 'regex' | 'expandRegex' }>;

/** A <who> regular expression: `$1` is expanded in it, `$$` is its `$`. */
function regexTest(pattern: string, word: Word, source: WhoSource): RegexTest {
  const template = requireTemplate(pattern, word);
  const fixed = template.parts.every((part) => typeof part === 'string');
  const sample = expandTemplate(template, { name: () => 'x', value: () => 'x' })!;
  const regex = requireRegex(sample, word, source.warn);
  return fixed ? { kind: 'regex', regex } : { kind: 'expandRegex', template };
}

function textTest(word: Word, source: WhoSource): TextTest {
  const text = requireRight(word);
  if (text === '*') return { kind: 'any' };
  switch (word.style) {
    case undefined:
    case 'exact':
    case 'base':
    case 'baseobject':
      return word.modifier === 'expand'
        ? { kind: 'expand', template: requireTemplate(text, word) }
        : { kind: 'exact', text: text.toLowerCase() };
    case 'expand':
      return { kind: 'expand', template: requireTemplate(text, word) };
    case 'regex':
      return regexTest(text, word, source);
    default:
      throw inappropriateStyle(word);
  }
}

function peerTest(word: Word, source: WhoSource): PeerTest {
  if (word.style === 'path') return { kind: 'path', path: requireRight(word) };
  if (word.style !== 'ip' && word.style !== 'ipv6') return textTest(word, source);
  const text = requireRight(word);
  const found = /^([^%{]*)(?:%([^{]*))?(?:\{(\d{1,5})\})?$/.exec(text);
  if (!found) throw new AccessSyntaxError(`illegal peername port specification in "${word.text}"`);
  const family = word.style === 'ip' ? 4 : 6;
  const address = parseInternetAddress(found[1]!, family);
  if (!address) throw new AccessSyntaxError(`illegal peername address "${found[1]}" in "${word.text}"`);
  const mask = found[2] === undefined ? Buffer.alloc(address.length, 0xff) : parseInternetAddress(found[2], family);
  if (!mask) throw new AccessSyntaxError(`illegal peername address mask "${found[2]}" in "${word.text}"`);
  return { kind: word.style, address, mask, port: found[3] === undefined ? undefined : Number(found[3]) };
}

function strength(word: Word, factor: Extract<Who, { kind: 'ssf' }>['factor']): Who {
  if (word.style !== undefined && scopeOfStyle(word.style) !== 'base') throw inappropriateStyle(word);
  const text = requireRight(word);
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new AccessSyntaxError(`invalid ${word.left} value (${text})`);
  return { kind: 'ssf', factor, minimum: Number(text) };
}

function set(word: Word, source: WhoSource): Extract<Who, { kind: 'set' }>['set'] {
  const expands = word.style === 'expand' || word.style === 'regex';
  if (!expands && word.style !== undefined && scopeOfStyle(word.style) !== 'base') throw inappropriateStyle(word);
  try {
    return parseSet(requireRight(word), source.schema, expands);
  } catch (error) {
    if (error instanceof SetSyntaxError || error instanceof TemplateSyntaxError) {
      throw new AccessSyntaxError(`${error.message} ("${word.text}")`);
    }
    throw error;
  }
}

/** `group[/class[/attribute]][.style]=`; OpenLDAP 2.0 expanded `$1` without being told. */
function group(word: Word, parts: readonly string[], source: WhoSource): Who {
  const text = requireRight(word);
  const expands = word.style === 'expand' || word.style === 'regex' || word.modifier === 'expand';
  if (!expands && word.style !== undefined && scopeOfStyle(word.style) !== 'base') throw inappropriateStyle(word);
  if (parts.length > 3) throw new AccessSyntaxError(`"${word.text}": expecting group/<objectclass>/<attrname>`);
  const objectClass = groupClass(parts[1] || 'groupOfNames', source.schema);
  const member = groupMember(parts[2] || 'member', objectClass, word, source.schema);
  if (!expands && !hasExpansion(text)) {
    return { kind: 'group', group: requireName(text, word, source.schema), objectClass, member };
  }
  if (!expands) source.warn(`"${word.text}": $ expanded as OpenLDAP 2.0 did; write group/.../....expand=`);
  const template = requireTemplate(namePattern(text, source.warn), word);
  return { kind: 'group', group: template, objectClass, member };
}

function groupClass(className: string, schema: Schema): ObjectClass {
  const found = schema.objectClass(className);
  if (!found) throw new AccessSyntaxError(`group objectclass "${className}" unknown`);
  for (const unfit of ['referral', 'alias']) {
    const superior = schema.objectClass(unfit);
    if (superior && found.lineage.includes(superior)) {
      throw new AccessSyntaxError(`group objectclass "${className}" is subclass of ${unfit}`);
    }
  }
  return found;
}

function groupMember(attribute: string, objectClass: ObjectClass, word: Word, schema: Schema): AttributeDescription {
  const urls = schema.attributeDescription(attribute);
  const member = urls && holdsMemberUrls(urls, schema) ? urls : nameAttribute(word, attribute, schema);
  const allowed = member.type.lineage.some((type) => objectClass.must.has(type) || objectClass.may.has(type));
  if (!allowed && objectClass.name.toLowerCase() !== 'extensibleobject') {
    throw new AccessSyntaxError(`group: "${attribute}" not allowed by "${objectClass.name}"`);
  }
  return member;
}

function nameAttribute(word: Word, attribute: string, schema: Schema): AttributeDescription {
  const description = schema.attributeDescription(attribute);
  if (!description) throw new AccessSyntaxError(`"${word.text}": attribute "${attribute}" undefined`);
  if (!holdsNames(description)) {
    throw new AccessSyntaxError(`"${word.text}": attribute "${attribute}" does not hold DNs (inappropriate syntax)`);
  }
  return description;
}
