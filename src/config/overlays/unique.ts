/** `unique`, as slapd's overlay and in jammd's one-line form: no two entries share a value. */
import type { DN } from '../../dn/dn.js';
import { decodeUrlPart, UrlSyntaxError } from '../url.js';
import type { Schema } from '../../ldap/schema.js';
import { attributeDescription, ConfigError, distinguishedName, onlyWord, requireWords, type Directive } from '../directive.js';
import type { Place } from '../place.js';
import { defineOverlay, type OverlayContext } from './definition.js';
import { requireEqualityIndexes } from './required-indexes.js';
import type { UniqueRule, UniqueSettings } from './settings.js';

interface UniqueDraft {
  readonly rules: UniqueRule[];
  /** `unique_uri` was given. */
  hasUris: boolean;
  /** slapd's older form of the same, whose lines may come in any order. */
  legacy: { readonly names: readonly string[]; readonly base: DN | undefined; readonly place: Directive } | undefined;
}

const everyAttribute = 'every attribute but those named would have to be unique; name the attributes that have to be';
const missingValues = 'a missing value is never compared; leave "strict" out';

function refuse(why: string): (draft: UniqueDraft, directive: Directive) => never {
  return (_, directive) => {
    throw new ConfigError(`"${directive.name}" is not supported: ${why}`);
  };
}

export const uniqueOverlay = defineOverlay<UniqueDraft>({
  name: 'unique',
  olcClass: 'olcUniqueConfig',
  repeatable: true,
  options: [
    { name: 'unique_uri', olc: 'olcUniqueURI', read: readUri },
    { name: 'unique_base', olc: 'olcUniqueBase', read: readBase },
    { name: 'unique_attributes', olc: 'olcUniqueAttribute', read: readAttributes },
    { name: 'unique_ignore', olc: 'olcUniqueIgnore', read: refuse(everyAttribute) },
    { name: 'unique_strict', olc: 'olcUniqueStrict', read: refuse(missingValues) },
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
    const names = directive.words[0]!.split(',').filter((name) => name !== '');
    if (names.length === 0) throw new ConfigError('no attribute in "unique"');
    return { rules: [newRule(directive, names, directive.words[1], reader.schema)], hasUris: false, legacy: undefined };
  },
  finish,
});

/** Throws ConfigError. */
function newRule(
  { file, line, name }: Directive,
  names: readonly string[],
  base: string | undefined,
  schema: Schema,
): UniqueRule {
  const attributes = names.map((attribute) => attributeDescription(attribute, name, schema));
  for (const { type } of attributes) {
    if (!type.equality) throw new ConfigError(`attribute "${type.name}" of "${name}" has no equality matching rule`);
  }
  return { file, line, attributes, base: base === undefined ? undefined : distinguishedName(base, name, schema) };
}

/** `unique_uri`: keywords and URIs, several of which may stand in one word. */
function readUri(draft: UniqueDraft, directive: Directive, { reader }: OverlayContext): void {
  requireWords(directive, 1);
  requireOneForm(directive, draft.legacy !== undefined);
  const words = directive.words.flatMap((word) => word.split(/\s+/)).filter((word) => word !== '');
  let uris = 0;
  for (const word of words) {
    switch (word.toLowerCase()) {
      case 'ignore':
        throw new ConfigError(`"ignore" of "unique_uri" is not supported: ${everyAttribute}`);
      case 'strict':
        throw new ConfigError(`"strict" of "unique_uri" is not supported: ${missingValues}`);
      // Writes are checked and made one at a time in any case.
      case 'serialize':
        continue;
      default:
        uris++;
        draft.rules.push(uriRule(word, directive, reader.schema));
    }
  }
  if (uris === 0) throw new ConfigError('no URI in "unique_uri"');
  draft.hasUris = true;
}

const uriPattern = /^ldap:\/\/\/([^?]*)(?:\?([^?]*)(?:\?([^?]*)(?:\?(.*))?)?)?$/is;

/** `ldap:///[base]?[attributes]?scope[?filter]` */
function uriRule(text: string, directive: Directive, schema: Schema): UniqueRule {
  const found = uriPattern.exec(text);
  if (!found) throw new ConfigError(`"${text}" of "unique_uri" is not ldap:///[base]?attributes?sub`);
  const [, base = '', names = '', scope = '', filter] = found;
  if (!/^(?:sub(?:tree)?)?$/i.test(scope)) {
    throw new ConfigError(`scope "${scope}" of "unique_uri" is not supported: only "sub" is`);
  }
  if (filter !== undefined && !/^(?:\(objectclass=\*\))?$/i.test(filter)) {
    throw new ConfigError(
      `filter "${filter}" of "unique_uri" is not supported: values are unique among all entries below the base`,
    );
  }
  try {
    const attributes = decodeUrlPart(names)
      .split(',')
      .filter((name) => name !== '');
    if (attributes.length === 0) throw new ConfigError(`"${text}" of "unique_uri" is not supported: ${everyAttribute}`);
    return newRule(directive, attributes, decodeUrlPart(base) || undefined, schema);
  } catch (error) {
    if (!(error instanceof UrlSyntaxError)) throw error;
    throw new ConfigError(`"${text}" of "unique_uri": ${error.message}`);
  }
}

function readBase(draft: UniqueDraft, directive: Directive, { reader }: OverlayContext): void {
  const base = distinguishedName(onlyWord(directive), directive.name, reader.schema);
  requireOneForm(directive, draft.hasUris);
  draft.legacy = { names: [], ...draft.legacy, place: directive, base };
}

function readAttributes(draft: UniqueDraft, directive: Directive, { reader }: OverlayContext): void {
  requireWords(directive, 1);
  requireOneForm(directive, draft.hasUris);
  for (const name of directive.words) attributeDescription(name, directive.name, reader.schema);
  const before = draft.legacy;
  draft.legacy = { base: before?.base, names: [...(before?.names ?? []), ...directive.words], place: directive };
}

/** slapd refuses them together, too. */
function requireOneForm(directive: Directive, other: boolean): void {
  if (other) throw new ConfigError(`"${directive.name}" cannot be used together with the other form of configuration`);
}

function addLegacyRule(draft: UniqueDraft, { reader }: OverlayContext): void {
  if (!draft.legacy) return;
  const { names, base, place } = draft.legacy;
  reader.attempt(place, () => {
    if (names.length === 0) throw new ConfigError('"unique_base" also needs "unique_attributes"');
    draft.rules.push({ ...newRule(place, names, undefined, reader.schema), base });
  });
}

function finish({ rules }: UniqueDraft, _: Place, context: OverlayContext): UniqueSettings | undefined {
  const { suffixes } = context.database;
  for (const rule of rules) {
    requireEqualityIndexes(context, rule, 'unique', rule.attributes);
    const { base } = rule;
    if (!base || suffixes.some((suffix) => base.isWithin(suffix))) continue;
    context.reader.error(rule, `base "${base.toString()}" of "unique" is not within the database`);
  }
  return rules.length === 0 ? undefined : { kind: 'unique', rules };
}
