/** `overlay dynlist`: entries that are lists of what their LDAP URLs find, and entries that name the lists they are on. */
import type { AttributeDescription, ObjectClass, Schema } from '../../ldap/schema.js';
import { attributeDescription, ConfigError, onOff, requireWords, type Directive } from '../directive.js';
import type { Place } from '../place.js';
import { defineOverlay, type OverlayContext } from './definition.js';
import type { EntryRange } from './entry-range.js';
import { localUri } from './local-uri.js';
import { memberOfDefinition } from './memberof.js';
import { requireNames } from './names.js';
import { requireEqualityIndexes } from './required-indexes.js';
import type { DynlistSettings, ListMapping, ListRule } from './settings.js';

const defaultClass = 'groupOfURLs';
const defaultUrl = 'memberURL';

interface DynlistDraft {
  readonly rules: ListRule[];
  simple: boolean;
}

export const dynlistOverlay = defineOverlay<DynlistDraft>({
  name: 'dynlist',
  olcClass: 'olcDynListConfig',
  repeatable: false,
  schema: [memberOfDefinition],
  options: [
    { name: 'dynlist-attrset', olc: 'olcDynListAttrSet', read: readRule },
    { name: 'dynlist-attrpair', olc: undefined, read: readPair },
    // The overlay dyngroup's, which slapd reads here as well.
    { name: 'attrpair', olc: undefined, read: readPair },
    // Of slapd 2.6.
    {
      name: 'dynlist-simple',
      olc: 'olcDynListSimple',
      read: (draft, directive) => void (draft.simple = onOff(directive)),
    },
  ],
  begin: () => ({ rules: [], simple: false }),
  finish,
});

function finish({ rules: given, simple }: DynlistDraft, place: Place, context: OverlayContext): DynlistSettings | undefined {
  const { reader } = context;
  let rules = given;
  reader.attempt(place, () => {
    if (given.length > 0) return;
    const url = urlAttribute(defaultUrl, 'dynlist-attrset', reader.schema);
    rules = [{ objectClass: listClass(defaultClass, 'dynlist-attrset', reader.schema), within: undefined, url, mappings: [] }];
  });
  if (rules.length === 0) return undefined;
  const statics = rules.flatMap(({ mappings }) =>
    simple ? [] : mappings.flatMap(({ staticClass, member }) => (staticClass ? [member] : [])),
  );
  const objectClass = attributeDescription('objectClass', 'dynlist-attrset', reader.schema);
  requireEqualityIndexes(context, place, 'dynlist-attrset', [objectClass, ...new Set(statics)]);
  return { kind: 'dynlist', rules, simple };
}

/** `dynlist-attrset <class> [<URI>] <URL attribute> [[<mapped>:]<member>[+<memberOf>[@<class>[*]]]]...` */
function readRule({ rules }: DynlistDraft, directive: Directive, { reader }: OverlayContext): void {
  requireWords(directive, 2);
  const { schema } = reader;
  const [className, ...words] = directive.words as [string, ...string[]];
  const objectClass = listClass(className, directive.name, schema);
  const within = /^ldap:\/\//i.test(words[0]!) ? rangeOf(words.shift()!, directive, reader) : undefined;
  const [attribute, ...mappings] = words;
  if (attribute === undefined) throw new ConfigError(`no URL attribute in "${directive.name}"`);
  const url = urlAttribute(attribute, directive.name, schema);
  rules.push({ objectClass, within, url, mappings: mappings.map((word) => mapping(word, directive.name, schema)) });
}

/** `dynlist-attrpair <member> <URL attribute>`: an older form. */
function readPair({ rules }: DynlistDraft, directive: Directive, { reader: { schema } }: OverlayContext): void {
  requireWords(directive, 2, 2);
  const [member, url] = directive.words as [string, string];
  rules.push({
    objectClass: listClass(defaultClass, directive.name, schema),
    within: undefined,
    url: urlAttribute(url, directive.name, schema),
    mappings: [mapping(member, directive.name, schema)],
  });
}

function rangeOf(uri: string, directive: Directive, reader: OverlayContext['reader']): EntryRange {
  const { base, scope, filter, attributes, hasScope } = localUri(uri, directive, reader);
  if (attributes.length > 0) throw new ConfigError(`"${uri}" of "${directive.name}" must not name attributes`);
  // As in any LDAP URL (RFC 4516).
  return { base, scope: hasScope ? scope : 'base', filter };
}

function listClass(name: string, directive: string, schema: Schema): ObjectClass {
  const found = schema.objectClass(name);
  if (found) return found;
  const hint = name === defaultClass ? ': include dyngroup.schema' : '';
  throw new ConfigError(`object class "${name}" of "${directive}" is not defined${hint}`);
}

export function urlAttribute(name: string, directive: string, schema: Schema): AttributeDescription {
  const description = attributeDescription(name, directive, schema);
  const labeledUri = schema.attributeType('labeledURI');
  if (labeledUri && description.type.lineage.includes(labeledUri)) return description;
  throw new ConfigError(`attribute "${name}" of "${directive}" must be a subtype of labeledURI`);
}

function mapping(word: string, directive: string, schema: Schema): ListMapping {
  const parts = /^(?:([^:+@*]*):)?([^:+@*]+)(?:\+([^+@*]+)(?:@([^@*]+))?(\*)?)?$/.exec(word);
  if (!parts) throw new ConfigError(`"${word}" of "${directive}" is not [mapped:]member[+memberOf[@class[*]]]`);
  const [, mapped, member = '', memberOf, staticClass, star] = parts;
  return {
    mapped: mapped === undefined ? undefined : attributeDescription(mapped, directive, schema),
    member: attributeDescription(member, directive, schema),
    memberOf: memberOf === undefined ? undefined : requireNames(memberOf, directive, schema),
    staticClass: staticClass === undefined ? undefined : listClass(staticClass, directive, schema),
    isNested: star !== undefined,
  };
}
