/** Directives for rules across entries, in jammd's and slapd's syntax: unique values, and references that follow renames. */
import type { Schema } from '../ldap/schema.js';
import { attributeDescription, ConfigError, distinguishedName, requireWords, type Directive } from './directive.js';
import type { DatabaseDraft } from './draft.js';
import type { Place, ReferentialIntegrity, UniqueRule } from './model.js';
import type { ConfigReader } from './reader.js';

/** Throws ConfigError. */
export function newUniqueRule(
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

/** `unique <attribute>[,<attribute>...] [<base>]` */
export function readUnique(directive: Directive, database: DatabaseDraft, { schema }: ConfigReader): void {
  requireWords(directive, 1, 2);
  const names = directive.words[0]!.split(',').filter((name) => name !== '');
  if (names.length === 0) throw new ConfigError('no attribute in "unique"');
  database.unique.push(newUniqueRule(directive, names, directive.words[1], schema));
}

const namesSyntaxes = new Set(['1.3.6.1.4.1.1466.115.121.1.12', '1.3.6.1.4.1.1466.115.121.1.34']);

/** Throws ConfigError where an attribute does not hold names. */
export function addReferences(
  before: ReferentialIntegrity | undefined,
  names: readonly string[],
  directive: string,
  schema: Schema,
): ReferentialIntegrity {
  const added = names.map((name) => {
    const description = attributeDescription(name, directive, schema);
    if (!namesSyntaxes.has(description.type.syntax.oid)) {
      throw new ConfigError(`attribute "${name}" of "${directive}" does not hold DNs`);
    }
    return description;
  });
  return { nothing: undefined, modifiersName: undefined, ...before, attributes: [...(before?.attributes ?? []), ...added] };
}

export function readNothing(
  before: ReferentialIntegrity | undefined,
  text: string,
  directive: string,
  schema: Schema,
): ReferentialIntegrity {
  const nothing = distinguishedName(text, directive, schema);
  return { attributes: [], modifiersName: undefined, ...before, nothing };
}

/** `refint <attribute>... [nothing=<dn>]` */
export function readRefint(directive: Directive, database: DatabaseDraft, { schema }: ConfigReader): void {
  requireWords(directive, 1);
  if (database.refint) throw new ConfigError('refint is given twice');
  let refint: ReferentialIntegrity | undefined;
  for (const word of directive.words) {
    const substitute = /^nothing=(.*)$/is.exec(word)?.[1];
    refint =
      substitute === undefined
        ? addReferences(refint, [word], 'refint', schema)
        : readNothing(refint, substitute, 'refint', schema);
  }
  if (!refint || refint.attributes.length === 0) throw new ConfigError('no attribute in "refint"');
  database.refint = refint;
  database.refintPlace = directive;
}

/** Makes the rule of slapd's older lines, `unique_base` and `unique_attributes`, which may come in any order. */
export function finishUnique(draft: DatabaseDraft, reader: ConfigReader): void {
  const legacy = draft.uniqueLegacy;
  if (!legacy) return;
  const { names, base, place } = legacy;
  reader.attempt(place, () => {
    if (names.length === 0) throw new ConfigError('"unique_base" also needs "unique_attributes"');
    draft.unique.push({ ...newUniqueRule(place, names, undefined, reader.schema), base });
  });
}

/** Both kinds of rule find entries by equality indexes, which are kept for them whether or not `index` lines ask for them. */
export function addRuleIndexes(draft: DatabaseDraft, reader: ConfigReader): void {
  const require = (place: Place, what: string, attributes: UniqueRule['attributes']): void => {
    for (const description of attributes) {
      if (!description.type.equality) {
        reader.error(place, `attribute "${description.text}" of "${what}" has no equality matching rule`);
      } else if (draft.indexes.requireEquality(description)) {
        reader.warn(place, `"${what}" keeps an equality index of ${description.text}; add "index ${description.text} eq"`);
      }
    }
  };
  for (const rule of draft.unique) require(rule, 'unique', rule.attributes);
  require(draft.refintPlace ?? draft, 'refint', draft.refint?.attributes ?? []);
}
