/** `sizelimit`, `timelimit` and `limits <who> ...` (slapd.conf(5)). */
import { compileRegex, RegexSyntaxError } from '../access/regex.js';
import type { Schema } from '../ldap/schema.js';
import { attributeDescription, ConfigError, distinguishedName, requireWords, wholeNumber, type Directive } from './directive.js';
import type { LimitsRule, SearchLimits } from './model.js';

/** Limits as they are written: `hard` may follow `soft`, whatever that is in the end. Infinity: unlimited. */
export interface WrittenLimits {
  readonly sizeSoft: number;
  readonly sizeHard: number | 'soft';
  readonly sizeUnchecked: number;
  readonly pageSize: number;
  readonly pageTotal: number | 'hard' | 'disabled';
  readonly timeSoft: number;
  readonly timeHard: number | 'soft';
}

/** slapd's: 500 entries, an hour. */
export const defaultWrittenLimits: WrittenLimits = Object.freeze({
  sizeSoft: 500,
  sizeHard: 'soft',
  sizeUnchecked: Infinity,
  pageSize: Infinity,
  pageTotal: 'hard',
  timeSoft: 3_600,
  timeHard: 'soft',
});

export function searchLimits(written: WrittenLimits): SearchLimits {
  const { sizeSoft, sizeHard, timeSoft, timeHard } = written;
  return {
    ...written,
    sizeHard: hardLimit(sizeSoft, sizeHard),
    timeHard: hardLimit(timeSoft, timeHard),
  };
}

/** A hard limit below the soft one is raised to it, as slapd does. */
function hardLimit(soft: number, hard: number | 'soft'): number {
  return hard === 'soft' || hard < soft ? soft : hard;
}

function amount(text: string, what: string): number {
  return /^(?:unlimited|none|-1)$/i.test(text) ? Infinity : wholeNumber(text, what);
}

/** `sizelimit` and `timelimit`: a number, `unlimited`, or the finer forms. */
export function changeDefaultLimits(limits: WrittenLimits, directive: Directive, kind: 'size' | 'time'): WrittenLimits {
  requireWords(directive, 1);
  return directive.words.reduce((changed, word) => {
    if (word.toLowerCase().startsWith(kind)) return changeLimits(changed, word);
    return withBoth(changed, kind, amount(word, directive.name));
  }, limits);
}

function withBoth(limits: WrittenLimits, kind: 'size' | 'time', value: number): WrittenLimits {
  return kind === 'size' ? { ...limits, sizeSoft: value, sizeHard: 'soft' } : { ...limits, timeSoft: value, timeHard: 'soft' };
}

/** One `size...=` or `time...=`. */
function changeLimits(limits: WrittenLimits, word: string): WrittenLimits {
  const found = /^(size|time)(?:\.([a-z]+))?=(.*)$/i.exec(word);
  if (!found) throw new ConfigError(`unknown limit "${word}"`);
  const [, kindText, qualifier, value] = found as unknown as [string, string, string | undefined, string];
  const kind = kindText.toLowerCase() as 'size' | 'time';
  const lower = value.toLowerCase();
  switch (`${kind}.${qualifier?.toLowerCase() ?? ''}`) {
    case 'size.':
    case 'time.':
      return withBoth(limits, kind, amount(value, word));
    case 'size.soft':
      return { ...limits, sizeSoft: amount(value, word) };
    case 'time.soft':
      return { ...limits, timeSoft: amount(value, word) };
    case 'size.hard':
      return { ...limits, sizeHard: hardAmount(value, word) };
    case 'time.hard':
      return { ...limits, timeHard: hardAmount(value, word) };
    case 'size.unchecked':
      return { ...limits, sizeUnchecked: lower === 'disabled' ? 0 : amount(value, word) };
    case 'size.pr':
      // No page comes with an estimate.
      if (lower === 'noestimate') return limits;
      return { ...limits, pageSize: amount(value, word) || Infinity };
    case 'size.prtotal':
      if (lower === 'hard' || lower === 'disabled') return { ...limits, pageTotal: lower };
      return { ...limits, pageTotal: amount(value, word) || 'hard' };
    default:
      throw new ConfigError(`unknown limit "${word}"`);
  }
}

/** 0 means the soft limit, too. */
function hardAmount(text: string, what: string): number | 'soft' {
  return text.toLowerCase() === 'soft' ? 'soft' : amount(text, what) || 'soft';
}

/** `limits <who> <limit>...`, over the limits the database has by then. */
export function limitsRule(directive: Directive, defaults: WrittenLimits, schema: Schema): LimitsRule {
  requireWords(directive, 2);
  const [who, ...changes] = directive.words as [string, ...string[]];
  return {
    file: directive.file,
    line: directive.line,
    who: limitsWho(who, schema),
    changes: searchLimits(changes.reduce(changeLimits, defaults)),
  };
}

const styles: ReadonlyMap<string, 'exact' | 'one' | 'subtree' | 'children'> = new Map([
  ['exact', 'exact'],
  ['base', 'exact'],
  ['one', 'one'],
  ['onelevel', 'one'],
  ['sub', 'subtree'],
  ['subtree', 'subtree'],
  ['children', 'children'],
]);

function limitsWho(text: string, schema: Schema): LimitsRule['who'] {
  const lower = text.toLowerCase();
  if (lower === '*') return { kind: 'everyone' };
  if (lower === 'anonymous' || lower === 'users') return { kind: lower };
  if (/^dn\.(?:self\.)?anonymous(?:=|$)/.test(lower)) return { kind: 'anonymous' };
  const name = /^dn(?:\.(self|this))?(?:\.([a-z]+))?=(.*)$/is.exec(text);
  if (name) {
    const self = name[1]?.toLowerCase() !== 'this';
    return namedWho(name[3]!, self, name[2]?.toLowerCase() ?? 'exact', text, schema);
  }
  const group = /^group(?:\/([^/=]+)(?:\/([^=]+))?)?=(.*)$/is.exec(text);
  if (group) return groupWho(group[3]!, group[1] ?? 'groupOfNames', group[2] ?? 'member', text, schema);
  return { kind: 'dn', style: 'exact', self: true, dn: distinguishedName(text, 'limits', schema) };
}

function namedWho(pattern: string, self: boolean, style: string, text: string, schema: Schema): LimitsRule['who'] {
  if (pattern === '*' || (style === 'regex' && pattern === '.*')) return { kind: 'everyone' };
  if (style === 'regex') return { kind: 'dnRegex', self, pattern: regularExpression(pattern, text) };
  const known = styles.get(style);
  if (!known) throw new ConfigError(`unknown dn style "${style}" in "${text}"`);
  return { kind: 'dn', style: known, self, dn: distinguishedName(pattern, 'limits', schema) };
}

function groupWho(name: string, className: string, attribute: string, text: string, schema: Schema): LimitsRule['who'] {
  const objectClass = schema.objectClass(className);
  if (!objectClass) throw new ConfigError(`object class "${className}" in "${text}" is not defined`);
  return {
    kind: 'group',
    dn: distinguishedName(name, 'limits', schema),
    objectClass: objectClass.name,
    attribute: attributeDescription(attribute, 'limits', schema),
  };
}

/** POSIX extended, any case. Throws ConfigError. */
export function regularExpression(pattern: string, where: string): RegExp {
  try {
    return compileRegex(pattern).regex;
  } catch (error) {
    if (!(error instanceof RegexSyntaxError)) throw error;
    throw new ConfigError(`regular expression "${pattern}" in "${where}" is invalid: ${error.message}`);
  }
}
