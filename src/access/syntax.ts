/** Shared by the parsers of <what> and <who> clauses: the error, splitting into words as slapd does, DNs, patterns. */
import { DN } from '../dn/dn.js';
import type { Schema } from '../ldap/schema.js';
import { compileRegex, RegexSyntaxError } from './regex.js';

/** An access directive that cannot be read; one line that names the wrong word. */
export class AccessSyntaxError extends Error {
  override readonly name = 'AccessSyntaxError';
}

/** `left[.style[,modifier]][=right]`, keywords in lower case. */
export interface Word {
  readonly text: string;
  readonly left: string;
  readonly style: string | undefined;
  readonly modifier: string | undefined;
  readonly right: string | undefined;
}

export function splitWord(text: string): Word {
  const equals = text.indexOf('=');
  const head = equals < 0 ? text : text.slice(0, equals);
  const right = equals < 0 ? undefined : text.slice(equals + 1);
  const dot = head.indexOf('.');
  if (dot < 0) return { text, left: head.toLowerCase(), style: undefined, modifier: undefined, right };
  const [style, modifier] = head
    .slice(dot + 1)
    .toLowerCase()
    .split(',', 2);
  const left = head.slice(0, dot).toLowerCase();
  return { text, left, style: style === '' ? undefined : style, modifier, right };
}

/** Undefined where `text` is no DN. */
export function normalizeName(text: string, schema: Schema): string | undefined {
  try {
    return DN.parse(text, schema).normalized;
  } catch {
    return undefined;
  }
}

export function requireName(text: string, word: Word, schema: Schema): string {
  const name = normalizeName(text, schema);
  if (name === undefined) throw new AccessSyntaxError(`bad DN "${text}" in "${word.text}"`);
  return name;
}

/** Does a DN hold what people write in regular expressions and hardly ever in names? */
export function looksLikeRegex(text: string): boolean {
  return /\.[*+]|\[\^?|[\^$()|]|\]\+/.test(text);
}

/** Patterns that match every name. */
export const anyNamePatterns: ReadonlySet<string> = new Set(['.*', '.*$', '^.*', '^.*$', '.*$$', '^.*$$']);

export function requireRegex(pattern: string, word: Word, warn: (message: string) => void): RegExp {
  try {
    const { regex, nestedRepetition } = compileRegex(pattern);
    if (nestedRepetition) {
      warn(`regular expression "${pattern}" has nested repeats: matching a long DN against it can take very long`);
    }
    return regex;
  } catch (error) {
    if (!(error instanceof RegexSyntaxError)) throw error;
    throw new AccessSyntaxError(`regular expression "${pattern}" in "${word.text}" bad because of ${error.message}`);
  }
}

/**
 * A pattern for normalised DNs as people write it: blanks after commas go, as in slapd. Blanks before a comma go too,
 * with a warning: no normalised DN has one there, and a rule that silently matches nothing leaves its entries to the
 * next, usually more generous, rule.
 */
export function namePattern(pattern: string, warn: (message: string) => void): string {
  let result = '';
  let inBracket = false;
  let blanksDropped = false;
  for (let position = 0; position < pattern.length; position++) {
    const char = pattern[position]!;
    if (char === '\\' && position + 1 < pattern.length) {
      result += char + pattern[++position]!;
      continue;
    }
    if (char === '[' && !inBracket) inBracket = true;
    else if (char === ']' && inBracket && !/\[\^?$/.test(result)) inBracket = false;
    if (char === ',') {
      if (!inBracket && / $/.test(result)) {
        result = result.replace(/ +$/, '');
        blanksDropped = true;
      }
      while (pattern[position + 1] === ' ') position++;
    }
    result += char;
  }
  if (blanksDropped) warn(`"${pattern}": a space before "," matches no DN; ignored`);
  return result;
}
