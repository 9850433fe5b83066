/**
 * Normalises and compares values: one behaviour for each family of matching rules. Filters call `matches` for every
 * candidate's values, so the common families compare plain ASCII in place and normalise only where that cannot decide.
 */
import { isAscii } from 'node:buffer';
import { DN } from '../dn/dn.js';
import { normalizeAuthz } from './authz.js';
import { isNumericOid } from './definition.js';
import type { Schema } from '../ldap/schema.js';
import { soundsMatch, soundsOf } from './phonetic.js';
import { decodeUtf8, foldText, prepareIa5, squeezeText, withoutCharacters, type PreparedPart } from './prepare.js';
import { splitNameAndUid, type KnownSyntax } from './syntaxes.js';
import { csnServerId, normalizeCsn, normalizeTime } from './time.js';

export interface Behaviour {
  readonly normalize: (value: Buffer) => string | undefined;
  /** Where the normalised value need not be made for it. */
  readonly matches?: (buffer: Buffer, start: number, end: number, normalized: string) => boolean;
  /** Where normalised values are not ordered as text. */
  readonly compare?: (a: string, b: string) => number;
  /** Families with a substring rule. */
  readonly normalizePart?: (part: Buffer, place: 'initial' | 'any' | 'final') => string | undefined;
}

const upperA = 0x41;
const upperZ = 0x5a;
const toLower = 0x20;
const blank = 0x20;

/**
 * Compares value bytes with prepared text while both are ASCII: true or false where that decides, undefined where
 * blanks or characters beyond ASCII mean that the value must be prepared first.
 */
function matchesAscii(buffer: Buffer, start: number, end: number, normalized: string, caseIgnored: boolean): boolean | undefined {
  const length = end - start;
  const common = Math.min(length, normalized.length);
  for (let index = 0; index < common; index++) {
    const octet = buffer[start + index]!;
    const wanted = normalized.charCodeAt(index);
    if (octet === wanted && octet < 0x80) continue;
    if (caseIgnored && octet >= upperA && octet <= upperZ && octet + toLower === wanted) continue;
    // A blank may be insignificant; a letter may be composed with a mark that follows it.
    return octet === blank || wanted === blank || octet >= 0x80 || wanted >= 0x80 ? undefined : false;
  }
  if (length === common) return length === normalized.length;
  const next = buffer[start + common]!;
  return next === blank || next >= 0x80 ? undefined : false;
}

function matchesExactly(buffer: Buffer, start: number, end: number, normalized: string): boolean {
  if (end - start !== normalized.length) return false;
  for (let position = start, index = 0; position < end; position++, index++) {
    if (buffer[position] !== normalized.charCodeAt(index)) return false;
  }
  return true;
}

/** Octets as text, one character each. */
function octets(value: Buffer): string {
  return value.toString('latin1');
}

export function directoryString(caseIgnored: boolean): Behaviour {
  const prepare = (value: Buffer, part: PreparedPart): string | undefined => {
    const text = decodeUtf8(value);
    return text === undefined || text === '' ? undefined : squeezeText(foldText(text, caseIgnored), part);
  };
  return {
    normalize: (value) => prepare(value, 'whole'),
    matches: (buffer, start, end, normalized) =>
      matchesAscii(buffer, start, end, normalized, caseIgnored) ?? prepare(buffer.subarray(start, end), 'whole') === normalized,
    normalizePart: prepare,
  };
}

export function ia5String(caseIgnored: boolean): Behaviour {
  const prepare = (value: Buffer): string | undefined => (isAscii(value) ? prepareIa5(octets(value), caseIgnored) : undefined);
  return {
    normalize: prepare,
    matches: (buffer, start, end, normalized) =>
      matchesAscii(buffer, start, end, normalized, caseIgnored) ?? prepare(buffer.subarray(start, end)) === normalized,
    normalizePart: prepare,
  };
}

/** Values that are compared as they are, once they fit `syntax`. */
export function verbatim(syntax: KnownSyntax): Behaviour {
  return {
    normalize: (value) => (syntax.validate(value) ? octets(value) : undefined),
    matches: matchesExactly,
    normalizePart: octets,
  };
}

/** Text in which the characters of `pattern` mean nothing. */
function ignoring(pattern: RegExp): Behaviour {
  const normalize = (value: Buffer): string => withoutCharacters(octets(value), pattern);
  return { normalize, normalizePart: normalize };
}

export const telephoneNumber = ignoring(/[ -]/g);
export const numericString = ignoring(/ /g);

function prepareLines(value: Buffer, part: PreparedPart): string | undefined {
  return decodeUtf8(value)
    ?.split('$')
    .map((line) => (line === '' ? '' : squeezeText(foldText(line, true), part)))
    .join('$');
}

/** Lines between `$`, each prepared on its own. */
export const caseIgnoreList: Behaviour = {
  normalize: (value) => prepareLines(value, 'whole'),
  normalizePart: prepareLines,
};

/** `behaviour` of what fits `syntax` only: slapd asks that of parts of a value, too. */
export function checked(syntax: KnownSyntax, behaviour: Behaviour): Behaviour {
  return {
    ...behaviour,
    normalize: (value) => (syntax.validate(value) ? behaviour.normalize(value) : undefined),
    normalizePart: (part, place) => (syntax.validate(part) ? behaviour.normalizePart?.(part, place) : undefined),
  };
}

export function integer(syntax: KnownSyntax): Behaviour {
  return { ...verbatim(syntax), compare: compareIntegers };
}

/** Integers of any size: sign, then number of digits, then digits. */
function compareIntegers(a: string, b: string): number {
  const aNegative = a.startsWith('-');
  if (aNegative !== b.startsWith('-')) return aNegative ? -1 : 1;
  const order = a.length - b.length || (a < b ? -1 : a > b ? 1 : 0);
  return aNegative ? 0 - order : order;
}

/** With the sign. Longer ones need not be converted to know that they do not fit. */
const digitsOf64BitsMax = 20;

/** Integers as bits: of 64 of them, as in slapd. Larger numbers match nothing. */
export function bitwise(syntax: KnownSyntax, test: (value: bigint, mask: bigint) => boolean): Behaviour {
  const bitsOf = (value: Buffer): bigint | undefined => {
    if (value.length > digitsOf64BitsMax || !syntax.validate(value)) return undefined;
    const number = BigInt(octets(value));
    return number === BigInt.asIntN(64, number) ? number : undefined;
  };
  return {
    normalize: (value) => bitsOf(value)?.toString(),
    matches: (buffer, start, end, normalized) => {
      const value = bitsOf(buffer.subarray(start, end));
      return value !== undefined && test(value, BigInt(normalized));
    },
  };
}

export const generalizedTime: Behaviour = { normalize: (value) => normalizeTime(octets(value)) };
export const changeNumber: Behaviour = { normalize: (value) => normalizeCsn(octets(value)) };
export const changeServerId: Behaviour = { normalize: (value) => csnServerId(octets(value)) };

export const lowerCase: Behaviour = { normalize: (value) => octets(value).toLowerCase() };

export const sound: Behaviour = {
  normalize: soundsOf,
  matches: (buffer, start, end, normalized) => {
    const sounds = soundsOf(buffer.subarray(start, end));
    return sounds !== undefined && soundsMatch(sounds, normalized);
  },
};

export function authz(schema: Schema): Behaviour {
  return { normalize: (value) => normalizeAuthz(value, schema) };
}

function parseDn(value: Buffer, schema: Schema): DN | undefined {
  try {
    return DN.parse(value, schema);
  } catch {
    return undefined;
  }
}

export function distinguishedName(schema: Schema): Behaviour {
  return { normalize: (value) => parseDn(value, schema)?.normalized };
}

/** The first RDN of what is read as a name, as in slapd. */
export function relativeName(schema: Schema): Behaviour {
  return {
    normalize: (value) => {
      const name = parseDn(value, schema);
      return name && (name.rdns[0]?.normalized ?? '');
    },
  };
}

export function nameAndUid(schema: Schema): Behaviour {
  return {
    normalize: (value) => {
      const { name, uid } = splitNameAndUid(value);
      const normalized = parseDn(name, schema)?.normalized;
      return normalized !== undefined && uid !== undefined ? `${normalized}#${uid}` : normalized;
    },
  };
}

/** A relation between a name and an asserted name, both normalised: a comma in them always separates RDNs. */
export function nameRelation(schema: Schema, test: (value: string, asserted: string) => boolean): Behaviour {
  const { normalize } = distinguishedName(schema);
  return {
    normalize,
    matches: (buffer, start, end, normalized) => {
      const value = normalize(buffer.subarray(start, end));
      return value !== undefined && test(value, normalized);
    },
  };
}

export function isBelow(value: string, ancestor: string): boolean {
  return ancestor === '' ? value !== '' : value.endsWith(`,${ancestor}`);
}

export function isChildOf(value: string, parent: string): boolean {
  if (!isBelow(value, parent)) return false;
  const comma = value.indexOf(',');
  return parent === '' ? comma < 0 : comma === value.length - parent.length - 1;
}

/** A description's first word, `( 2.5.4.3 NAME ...`, or an assertion of one, as `read` understands it. */
export function firstComponent(read: (word: string) => string | undefined): Behaviour {
  const ofDescription = (value: Buffer): string | undefined => {
    const text = octets(value);
    const word = /[)}]$/.test(text.slice(-1)) ? /^[({] *([^ )}]+)/.exec(text)?.[1] : undefined;
    return word === undefined ? undefined : read(word);
  };
  return {
    normalize: (value) => ofDescription(value) ?? read(octets(value)),
    matches: (buffer, start, end, normalized) => ofDescription(buffer.subarray(start, end)) === normalized,
  };
}

export function numericOid(word: string): string | undefined {
  return isNumericOid(word) ? word : undefined;
}
