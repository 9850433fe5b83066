/** `overlay constraint`: what values of an attribute may look like, how many there may be, and where they must come from. */
import { compileRegex, RegexSyntaxError } from '../../access/regex.js';
import { parseSet, SetSyntaxError } from '../../access/set.js';
import { attributeDescription, ConfigError, oneOf, requireWords, wholeNumber, type Directive } from '../directive.js';
import type { ConfigReader } from '../reader.js';
import { defineOverlay, type OverlayContext } from './definition.js';
import type { EntryRange } from './entry-range.js';
import { localUri } from './local-uri.js';
import { requireEqualityIndexes } from './required-indexes.js';
import type { ConstraintRule, ConstraintTest } from './settings.js';

const kinds = new Map([
  ['regex', 'regex'],
  ['negregex', 'negregex'],
  ['size', 'size'],
  ['count', 'count'],
  ['uri', 'uri'],
  ['set', 'set'],
] as const);

export const constraintOverlay = defineOverlay<ConstraintRule[]>({
  name: 'constraint',
  olcClass: 'olcConstraintConfig',
  repeatable: false,
  options: [{ name: 'constraint_attribute', olc: 'olcConstraintAttribute', read: readRule }],
  begin: () => [],
  finish: (rules) => (rules.length === 0 ? undefined : { kind: 'constraint', rules }),
});

/** `constraint_attribute <attribute>[,<attribute>...] <kind> <value> [restrict=<uri>]...` */
function readRule(rules: ConstraintRule[], directive: Directive, context: OverlayContext): void {
  requireWords(directive, 3);
  const { reader } = context;
  const [names, kind, value, ...more] = directive.words as [string, string, string, ...string[]];
  const attributes = names
    .split(',')
    .filter((name) => name !== '')
    .map((name) => attributeDescription(name, directive.name, reader.schema));
  if (attributes.length === 0) throw new ConfigError(`no attribute in "${directive.name}"`);
  const test = readTest(oneOf(kind, directive.name, kinds), value, directive, context);
  let restrict: EntryRange | undefined;
  for (const word of more) {
    const uri = /^restrict=(.*)$/is.exec(word)?.[1];
    if (uri === undefined) throw new ConfigError(`unknown argument "${word}" of "${directive.name}"`);
    restrict = readRestriction(uri, directive, context);
  }
  rules.push({ attributes, test, restrict });
}

function readTest(
  kind: 'regex' | 'negregex' | 'size' | 'count' | 'uri' | 'set',
  value: string,
  directive: Directive,
  context: OverlayContext,
): ConstraintTest {
  switch (kind) {
    case 'size':
    case 'count':
      return { kind, most: wholeNumber(value, `${directive.name} ${kind}`, 0, Number.MAX_SAFE_INTEGER) };
    case 'regex':
    case 'negregex':
      return { kind: 'regex', regex: readRegex(value, directive, context.reader), isForbidden: kind === 'negregex' };
    case 'set':
      return { kind, set: readSet(value, directive, context.reader) };
    case 'uri':
      return readUri(value, directive, context);
  }
}

function readRegex(pattern: string, directive: Directive, reader: ConfigReader): RegExp {
  try {
    const { regex, nestedRepetition } = compileRegex(pattern, false);
    if (nestedRepetition) {
      reader.warn(directive, `"${pattern}": a repeated group that repeats inside can take very long; write it without`);
    }
    return regex;
  } catch (error) {
    if (!(error instanceof RegexSyntaxError)) throw error;
    throw new ConfigError(`illegal regular expression "${pattern}" of "${directive.name}": ${error.message}`);
  }
}

function readSet(text: string, directive: Directive, { schema }: ConfigReader): Extract<ConstraintTest, { kind: 'set' }>['set'] {
  try {
    return parseSet(text, schema, false);
  } catch (error) {
    if (!(error instanceof SetSyntaxError)) throw error;
    throw new ConfigError(`set "${text}" of "${directive.name}": ${error.message}`);
  }
}

/** Values must be those of some attribute in some entries. As slapd: without a scope, of the base alone. */
function readUri(text: string, directive: Directive, context: OverlayContext): ConstraintTest {
  const { reader } = context;
  const { attributes: names, hasScope, scope, base, filter } = localUri(text, directive, reader);
  if (names.length === 0) throw new ConfigError(`"${text}" of "${directive.name}" names no attribute`);
  const attributes = names.map((name) => attributeDescription(name, directive.name, reader.schema));
  requireInDatabase({ base }, text, directive, context);
  requireEqualityIndexes(context, directive, 'constraint', attributes);
  return { kind: 'uri', attributes, range: { base, scope: hasScope ? scope : 'base', filter } };
}

function readRestriction(text: string, directive: Directive, context: OverlayContext): EntryRange {
  const { attributes, hasScope, scope, base, filter } = localUri(text, directive, context.reader);
  if (attributes.length > 0) throw new ConfigError(`attributes are not allowed in "restrict=${text}"`);
  requireInDatabase({ base }, text, directive, context);
  return { base, scope: base === undefined ? 'sub' : hasScope ? scope : 'base', filter };
}

function requireInDatabase(
  { base }: Pick<EntryRange, 'base'>,
  text: string,
  directive: Directive,
  { database }: OverlayContext,
): void {
  if (!base || database.suffixes.some((suffix) => base.isWithin(suffix))) return;
  throw new ConfigError(`the DN of "${text}" in "${directive.name}" is not within the database`);
}
