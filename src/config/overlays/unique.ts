/** `unique`, as slapd's overlay and in jammd's one-line form: no two entries share a value. */
import { configArc } from '../cn-config/definitions.js';
import type { DN } from '../../dn/dn.js';
import type { AttributeDescription, Schema } from '../../ldap/schema.js';
import { attributeDescription, ConfigError, distinguishedName, onlyWord, requireWords, type Directive } from '../directive.js';
import type { Place } from '../place.js';
import { defineOverlay, type OverlayContext } from './definition.js';
import type { EntryRange } from './entry-range.js';
import { localUri } from './local-uri.js';
import { requireEqualityIndexes, requirePresenceIndexes } from './required-indexes.js';
import type { UniqueRule, UniqueSettings } from './settings.js';

interface UniqueDraft {
  readonly rules: UniqueRule[];
  /** `unique_uri` was given. */
  hasUris: boolean;
  /** slapd's older form of the same, whose lines may come in any order. */
  legacy: LegacyLines | undefined;
}

interface LegacyLines {
  readonly place: Directive;
  readonly base?: DN;
  readonly strict?: boolean;
  readonly attributes?: readonly string[];
  /** Every attribute but these. */
  readonly ignored?: readonly string[];
}

const everyAttribute = 'every attribute would have to be unique, objectClass among them; name attributes, or those to ignore';

export const uniqueOverlay = defineOverlay<UniqueDraft>({
  name: 'unique',
  olcClass: 'olcUniqueConfig',
  repeatable: true,
  options: [
    { name: 'unique_uri', olc: 'olcUniqueURI', read: readUri },
    { name: 'unique_base', olc: 'olcUniqueBase', read: readBase },
    { name: 'unique_attributes', olc: 'olcUniqueAttribute', read: readNames('attributes') },
    { name: 'unique_ignore', olc: 'olcUniqueIgnore', read: readNames('ignored') },
    { name: 'unique_strict', olc: 'olcUniqueStrict', read: readStrict },
  ],
  begin: () => ({ rules: [], hasUris: false, legacy: undefined }),
  finish(draft, place, context) {
    addLegacyRule(draft, context);
    return finish(draft, place, context);
  },
});

/** `unique <attribute>[,<attribute>...] [<base>]` */
export const uniqueDirective = defineOverlay<UniqueDraft>({
  name: 'unique',
  olcClass: 'olcUniqueConfig',
  repeatable: true,
  options: [],
  begin(directive, { reader }) {
    requireWords(directive, 1, 2);
    const { schema } = reader;
    const names = directive.words[0]!.split(',').filter((name) => name !== '');
    if (names.length === 0) throw new ConfigError('no attribute in "unique"');
    const base = directive.words[1] === undefined ? undefined : distinguishedName(directive.words[1], 'unique', schema);
    const rule = newRule(directive, { names, isIgnored: false }, { base, scope: 'sub', filter: undefined }, false, schema);
    return { rules: [rule], hasUris: false, legacy: undefined };
  },
  finish,
});

/** Attributes that have to be unique; `isIgnored`: all that are not named. */
interface NamedAttributes {
  readonly names: readonly string[];
  readonly isIgnored: boolean;
}

/** Throws ConfigError. */
function newRule(
  { file, line, name }: Directive,
  { names, isIgnored }: NamedAttributes,
  { base, scope, filter }: EntryRange,
  strict: boolean,
  schema: Schema,
): UniqueRule {
  const named = names.map((attribute) => attributeDescription(attribute, name, schema));
  const attributes = isIgnored ? allBut(named, schema) : named;
  for (const { type } of attributes) {
    if (!type.equality) throw new ConfigError(`attribute "${type.name}" of "${name}" has no equality matching rule`);
  }
  return { file, line, attributes, isOfAll: isIgnored, base, scope, filter, strict };
}

/** Values that no rule compares are never equal; and entries of cn=config are not in a database. */
function allBut(ignored: readonly AttributeDescription[], schema: Schema): AttributeDescription[] {
  const left = new Set(ignored.map(({ key }) => key));
  const compared = [...schema.attributeTypes].filter(
    (type) => !type.operational && type.equality !== undefined && !type.oid.startsWith(configArc),
  );
  return compared.flatMap((type) => schema.attributeDescription(type.name) ?? []).filter(({ key }) => !left.has(key));
}

/** `unique_uri`: keywords and URIs, several of which may stand in one word. */
function readUri(draft: UniqueDraft, directive: Directive, { reader }: OverlayContext): void {
  requireWords(directive, 1);
  requireOneForm(directive, draft.legacy !== undefined);
  const words = directive.words.flatMap((word) => word.split(/\s+/)).filter((word) => word !== '');
  const keywords = new Set<string>();
  // Writes are checked and made one at a time in any case.
  while (/^(?:ignore|strict|serialize)$/i.test(words[0] ?? '')) keywords.add(words.shift()!.toLowerCase());
  if (words.length === 0) throw new ConfigError('no URI in "unique_uri"');
  for (const word of words) {
    const uri = localUri(word, directive, reader);
    if (uri.attributes.length === 0) throw new ConfigError(`"${word}" of "unique_uri" is not supported: ${everyAttribute}`);
    if (uri.scope === 'base') throw new ConfigError(`"${word}" of "unique_uri": one entry alone is always unique`);
    const attributes = { names: uri.attributes, isIgnored: keywords.has('ignore') };
    draft.rules.push(newRule(directive, attributes, uri, keywords.has('strict'), reader.schema));
  }
  draft.hasUris = true;
}

function readBase(draft: UniqueDraft, directive: Directive, { reader }: OverlayContext): void {
  const base = distinguishedName(onlyWord(directive), directive.name, reader.schema);
  requireOneForm(directive, draft.hasUris);
  draft.legacy = { ...draft.legacy, place: directive, base };
}

function readStrict(draft: UniqueDraft, directive: Directive): void {
  requireOneForm(directive, draft.hasUris);
  // As slapd: any other word is no.
  draft.legacy = { ...draft.legacy, place: directive, strict: onlyWord(directive).toLowerCase() === 'true' };
}

function readNames(field: 'attributes' | 'ignored') {
  return (draft: UniqueDraft, directive: Directive, { reader }: OverlayContext): void => {
    requireWords(directive, 1);
    requireOneForm(directive, draft.hasUris);
    if (draft.legacy?.[field === 'attributes' ? 'ignored' : 'attributes']) {
      throw new ConfigError('"unique_attributes" and "unique_ignore" cannot be used together');
    }
    for (const name of directive.words) attributeDescription(name, directive.name, reader.schema);
    draft.legacy = { ...draft.legacy, place: directive, [field]: [...(draft.legacy?.[field] ?? []), ...directive.words] };
  };
}

/** slapd refuses them together, too. */
function requireOneForm(directive: Directive, other: boolean): void {
  if (other) throw new ConfigError(`"${directive.name}" cannot be used together with the other form of configuration`);
}

function addLegacyRule(draft: UniqueDraft, { reader }: OverlayContext): void {
  if (!draft.legacy) return;
  const { place, base, strict = false, attributes, ignored } = draft.legacy;
  reader.attempt(place, () => {
    const names = attributes ?? ignored;
    if (!names) throw new ConfigError(`"${place.name}" also needs "unique_attributes" or "unique_ignore"`);
    const named = { names, isIgnored: ignored !== undefined };
    draft.rules.push(newRule(place, named, { base, scope: 'sub', filter: undefined }, strict, reader.schema));
  });
}

function finish({ rules }: UniqueDraft, _: Place, context: OverlayContext): UniqueSettings | undefined {
  const { suffixes } = context.database;
  for (const rule of rules) {
    requireEqualityIndexes(context, rule, 'unique', rule.attributes, rule.isOfAll);
    if (rule.strict) requirePresenceIndexes(context, rule, 'unique', rule.attributes, rule.isOfAll);
    const { base } = rule;
    if (!base || suffixes.some((suffix) => base.isWithin(suffix))) continue;
    context.reader.error(rule, `base "${base.toString()}" of "unique" is not within the database`);
  }
  return rules.length === 0 ? undefined : { kind: 'unique', rules };
}
