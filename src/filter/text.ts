/**
 * Parses and prints filters as text (RFC 4515), as ldapsearch and slapd accept them: spaces between filters, a single item
 * without parentheses and the LDAPv2 escapes `\(`, `\)`, `\*`, `\\` too. Read and written without recursion.
 */
import { isUtf8 } from 'node:buffer';
import { filterDepthMax } from './compile.js';
import type { Filter } from '../ldap/filter.js';

/** A filter's text that is none. `position` counts characters from 0. */
export class FilterSyntaxError extends Error {
  override readonly name = 'FilterSyntaxError';

  constructor(
    reason: string,
    readonly position: number,
  ) {
    super(`bad search filter: ${reason} (at character ${position + 1})`);
  }
}

/** An and, or or not whose closing parenthesis is still to come. */
interface OpenFilter {
  readonly kind: 'and' | 'or' | 'not';
  readonly filters: Filter[];
  readonly position: number;
}

const combinationKinds = { '&': 'and', '|': 'or', '!': 'not' } as const;

/** Throws FilterSyntaxError. And, or and not may nest `depthMax` deep. */
export function parseFilter(text: string, depthMax = filterDepthMax): Filter {
  const start = skipBlanks(text, 0);
  if (text[start] !== '(') return parseItem(text, start, text.trimEnd().length);
  const open: OpenFilter[] = [];
  let position = start;
  for (;;) {
    position = skipBlanks(text, position);
    const character = text[position];
    let filter: Filter;
    if (character === '(') {
      const inner = skipBlanks(text, position + 1);
      const kind = combinationKinds[text[inner] as keyof typeof combinationKinds] as OpenFilter['kind'] | undefined;
      if (kind) {
        if (open.length === depthMax) throw new FilterSyntaxError(`nested deeper than ${depthMax}`, position);
        open.push({ kind, filters: [], position });
        position = inner + 1;
        continue;
      }
      const end = closingParenthesis(text, inner);
      filter = parseItem(text, inner, end);
      position = end + 1;
    } else if (character === ')' && open.length > 0) {
      filter = closeFilter(open.pop()!);
      position++;
    } else {
      throw new FilterSyntaxError(character === undefined ? 'a ")" is missing' : 'a "(" is missing', position);
    }
    const around = open.at(-1);
    if (!around) {
      if (skipBlanks(text, position) < text.length) throw new FilterSyntaxError('text after the filter', position);
      return filter;
    }
    around.filters.push(filter);
  }
}

function closeFilter({ kind, filters, position }: OpenFilter): Filter {
  if (kind !== 'not') return { kind, filters };
  if (filters.length !== 1) throw new FilterSyntaxError('"!" takes exactly one filter', position);
  return { kind, filter: filters[0]! };
}

function skipBlanks(text: string, position: number): number {
  while (isBlank(text.charCodeAt(position))) position++;
  return position;
}

function isBlank(code: number): boolean {
  return code === 0x20 || (code >= 0x09 && code <= 0x0d);
}

function closingParenthesis(text: string, start: number): number {
  for (let position = start; position < text.length; position++) {
    if (text[position] === '\\') position++;
    else if (text[position] === ')') return position;
  }
  throw new FilterSyntaxError('a ")" is missing', text.length);
}

const descriptionPattern = /^(?:[A-Za-z][A-Za-z0-9-]*|[0-9]+(?:\.[0-9]+)*)(?:;[A-Za-z0-9-]+)*$/;
const rulePattern = /^(?:[A-Za-z][A-Za-z0-9-]*|[0-9]+(?:\.[0-9]+)*)$/;

/** `attribute=value` and its kin, at `text[start, end)`. */
function parseItem(text: string, start: number, end: number): Filter {
  const equals = text.indexOf('=', start);
  if (equals < 0 || equals >= end) throw new FilterSyntaxError('no "=" in an assertion', start);
  const operator = text[equals - 1];
  const value: Place = { text, start: equals + 1, end };
  switch (equals > start ? operator : undefined) {
    case '>':
      return { kind: 'greaterOrEqual', attribute: attributeAt(text, start, equals - 1), value: plainValue(value) };
    case '<':
      return { kind: 'lessOrEqual', attribute: attributeAt(text, start, equals - 1), value: plainValue(value) };
    case '~':
      return { kind: 'approx', attribute: attributeAt(text, start, equals - 1), value: plainValue(value) };
    case ':':
      return parseExtensible(text, start, equals - 1, value);
    default:
      return parseEquality(attributeAt(text, start, equals), value);
  }
}

interface Place {
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

function attributeAt(text: string, start: number, end: number): string {
  const attribute = text.slice(start, end);
  if (!descriptionPattern.test(attribute)) {
    throw new FilterSyntaxError(`${JSON.stringify(attribute)} is not an attribute description`, start);
  }
  return attribute;
}

/** `type:dn:rule`, each part optional but not all of type and rule. */
function parseExtensible(text: string, start: number, end: number, value: Place): Filter {
  const [type = '', ...rest] = text.slice(start, end).split(':');
  const dnAttributes = rest[0]?.toLowerCase() === 'dn';
  if (dnAttributes) rest.shift();
  const rule = rest.shift();
  if (rest.length > 0 || (rule !== undefined && !rulePattern.test(rule)) || (type === '' && rule === undefined)) {
    throw new FilterSyntaxError('an extensible assertion must have the form attribute:dn:rule:=value', start);
  }
  const attribute = type === '' ? undefined : attributeAt(text, start, start + type.length);
  return { kind: 'extensible', rule, attribute, value: plainValue(value), dnAttributes };
}

function parseEquality(attribute: string, { text, start, end }: Place): Filter {
  const stars = starsAt(text, start, end);
  if (stars.length === 0) return { kind: 'equality', attribute, value: readValue(text, start, end) };
  if (end - start === 1) return { kind: 'present', attribute };
  const bounds = [start - 1, ...stars, end];
  const parts = bounds.slice(1).map((bound, index) => readValue(text, bounds[index]! + 1, bound));
  const any = parts.slice(1, -1);
  const initial = parts[0]!;
  const final = parts.at(-1)!;
  if (any.some((part) => part.length === 0)) throw new FilterSyntaxError('"**" in a value', stars[0]!);
  return {
    kind: 'substrings',
    attribute,
    initial: initial.length > 0 ? initial : undefined,
    any,
    final: final.length > 0 ? final : undefined,
  };
}

/** Where the unescaped asterisks are. */
function starsAt(text: string, start: number, end: number): number[] {
  const stars: number[] = [];
  for (let position = start; position < end; position++) {
    if (text[position] === '\\') position++;
    else if (text[position] === '*') stars.push(position);
  }
  return stars;
}

/** A value in which `*` has no meaning and must be escaped. */
function plainValue({ text, start, end }: Place): Buffer {
  const star = starsAt(text, start, end)[0];
  if (star !== undefined) throw new FilterSyntaxError('an unescaped "*"', star);
  return readValue(text, start, end);
}

function readValue(text: string, start: number, end: number): Buffer {
  const chunks: Buffer[] = [];
  let runStart = start;
  for (let position = start; position < end; position++) {
    const character = text[position]!;
    if (character === '(' || character === ')' || character === '\0')
      throw new FilterSyntaxError(`an unescaped ${JSON.stringify(character)}`, position);
    if (character !== '\\') continue;
    chunks.push(Buffer.from(text.slice(runStart, position)));
    const pair = text.slice(position + 1, Math.min(position + 3, end));
    if (/^[0-9a-f]{2}$/i.test(pair)) {
      chunks.push(Buffer.from(pair, 'hex'));
      position += 2;
    } else if (/^[()*\\]/.test(pair)) {
      chunks.push(Buffer.from(pair[0]!));
      position++;
    } else {
      throw new FilterSyntaxError('"\\" must be followed by two hexadecimal digits', position);
    }
    runStart = position + 1;
  }
  const last = Buffer.from(text.slice(runStart, end));
  return chunks.length === 0 ? last : Buffer.concat([...chunks, last]);
}

const operators = { equality: '=', approx: '~=', greaterOrEqual: '>=', lessOrEqual: '<=' } as const;
const combinationSigns = { and: '(&', or: '(|', not: '(!' } as const;

/** The filter's text; what is not printable ASCII or UTF-8 comes out escaped. Parsing it gives the filter back. */
export function printFilter(filter: Filter): string {
  let text = '';
  // What is still to be written, the next on top.
  const waiting: (Filter | ')')[] = [filter];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (next === ')') {
      text += next;
      continue;
    }
    switch (next.kind) {
      case 'and':
      case 'or':
        text += combinationSigns[next.kind];
        waiting.push(')');
        for (let index = next.filters.length - 1; index >= 0; index--) waiting.push(next.filters[index]!);
        break;
      case 'not':
        text += combinationSigns.not;
        waiting.push(')', next.filter);
        break;
      case 'present':
      case 'equality':
      case 'approx':
      case 'greaterOrEqual':
      case 'lessOrEqual':
      case 'substrings':
      case 'extensible':
        text += `(${printItem(next)})`;
    }
  }
  return text;
}

function printItem(item: Exclude<Filter, { kind: 'and' | 'or' | 'not' }>): string {
  switch (item.kind) {
    case 'present':
      return `${item.attribute}=*`;
    case 'substrings': {
      const parts = [item.initial, ...item.any, item.final];
      return `${item.attribute}=${parts.map((part) => (part ? printValue(part) : '')).join('*')}`;
    }
    case 'extensible': {
      const rule = item.rule === undefined ? '' : `:${item.rule}`;
      return `${item.attribute ?? ''}${item.dnAttributes ? ':dn' : ''}${rule}:=${printValue(item.value)}`;
    }
    case 'equality':
    case 'approx':
    case 'greaterOrEqual':
    case 'lessOrEqual':
      return `${item.attribute}${operators[item.kind]}${printValue(item.value)}`;
  }
}

function printValue(value: Buffer): string {
  // eslint-disable-next-line no-control-regex -- control characters are what is looked for
  if (isUtf8(value)) return value.toString('utf8').replace(/[()*\\\0-\x1f\x7f]/g, escaped);
  // eslint-disable-next-line no-control-regex -- as above
  return value.toString('latin1').replace(/[()*\\\0-\x1f\x7f-\xff]/g, escaped);
}

function escaped(character: string): string {
  return `\\${character.charCodeAt(0).toString(16).padStart(2, '0')}`;
}
