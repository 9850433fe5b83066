/**
 * Search filters from BER (RFC 4511 section 4.5.1.7), without recursion: a filter may nest as deep as its limit says
 * and the stack does not grow.
 *
 * A filter choice this server does not know, and substrings out of order, are well-formed and yet cannot be
 * evaluated: they are Undefined, as slapd has it. Such a term becomes a test on the empty attribute description, which
 * names no attribute.
 */
import { RecurringEquality, type Filter } from '../ldap/filter.js';
import { LdapError, ResultCode } from '../ldap/result.js';
import { BerError, type BerReader, contextTag, Tag } from '../ber/ber.js';
import { BytesMemory } from '../ber/bytes-memory.js';
import { DescriptionCache } from '../ber/description-cache.js';

export const FilterTag = {
  and: 0xa0,
  or: 0xa1,
  not: 0xa2,
  equality: 0xa3,
  substrings: 0xa4,
  greaterOrEqual: 0xa5,
  lessOrEqual: 0xa6,
  present: 0x87,
  approx: 0xa8,
  extensible: 0xa9,
} as const;

const SubstringTag = { initial: 0x80, any: 0x81, final: 0x82 } as const;

export interface FilterLimits {
  /** How deep and, or and not may nest. */
  readonly filterDepth: number;
  /** How many terms, combining ones and the parts of substring assertions included, a filter may have. */
  readonly filterTerms: number;
}

const keptAssertions = 1_024;
const keptAssertionBytesMax = 64;

/** What decoding one filter leaves for the next. */
export class FilterMemory {
  readonly descriptions = new DescriptionCache();
  /** By the content of an AttributeValueAssertion, as it was encoded: not decoded, nor compiled, again. */
  readonly assertions = new BytesMemory<Filter>(keptAssertions, keptAssertionBytesMax);
}

/** An and, or or not whose terms are being read. */
interface Combination {
  readonly kind: 'and' | 'or' | 'not';
  readonly terms: Filter[];
  readonly outerEnd: number;
  /** The one that this is a term of. */
  readonly around: Combination | undefined;
  readonly depth: number;
}

const undefinedTerm: Filter = Object.freeze({ kind: 'present', attribute: '' });

/** Reads one filter. Throws BerError where the encoding is wrong, LdapError where a limit is exceeded. */
export function decodeFilter(reader: BerReader, limits: FilterLimits, memory: FilterMemory): Filter {
  let around: Combination | undefined;
  let termsLeft = limits.filterTerms;
  for (;;) {
    if (--termsLeft < 0) throw tooManyTerms(limits);
    const kind = combinationKind(reader.peekTag());
    let term: Filter;
    if (kind === undefined) {
      term = decodeTerm(reader, memory, termsLeft);
      if (term.kind === 'substrings') termsLeft -= term.any.length;
      if (termsLeft < 0) throw tooManyTerms(limits);
    } else {
      const depth: number = around ? around.depth + 1 : 1;
      if (depth > limits.filterDepth) throw limitExceeded(`filter is nested deeper than ${limits.filterDepth}`);
      const combination: Combination = { kind, terms: [], outerEnd: reader.enter(reader.peekTag()), around, depth };
      if (!reader.atEnd) {
        around = combination;
        continue;
      }
      term = close(reader, combination);
    }
    while (around) {
      around.terms.push(term);
      if (!reader.atEnd) break;
      term = close(reader, around);
      around = around.around;
    }
    if (!around) return term;
  }
}

function combinationKind(tag: number): Combination['kind'] | undefined {
  switch (tag) {
    case FilterTag.and:
      return 'and';
    case FilterTag.or:
      return 'or';
    case FilterTag.not:
      return 'not';
    default:
      return undefined;
  }
}

function close(reader: BerReader, { kind, terms, outerEnd }: Combination): Filter {
  reader.leave(outerEnd);
  if (kind !== 'not') return { kind, filters: terms };
  if (terms.length !== 1) throw new BerError('a not filter holds one filter');
  return { kind, filter: terms[0]! };
}

function decodeTerm(reader: BerReader, memory: FilterMemory, partsMax: number): Filter {
  const tag = reader.peekTag();
  const { descriptions } = memory;
  switch (tag) {
    case FilterTag.equality:
      return decodeEquality(reader, memory);
    case FilterTag.greaterOrEqual:
      return decodeAssertion(reader, tag, 'greaterOrEqual', descriptions);
    case FilterTag.lessOrEqual:
      return decodeAssertion(reader, tag, 'lessOrEqual', descriptions);
    case FilterTag.approx:
      return decodeAssertion(reader, tag, 'approx', descriptions);
    case FilterTag.present:
      return { kind: 'present', attribute: decodeDescription(reader, descriptions, tag) };
    case FilterTag.substrings:
      return decodeSubstrings(reader, descriptions, partsMax);
    case FilterTag.extensible:
      return decodeExtensible(reader, descriptions);
    default:
      reader.skip();
      return undefinedTerm;
  }
}

/** An AttributeDescription or another short, recurring string. */
export function decodeDescription(reader: BerReader, descriptions: DescriptionCache, tag: number = Tag.octetString): string {
  const start = reader.pass(tag);
  return descriptions.text(reader.buffer, start, reader.position);
}

function decodeEquality(reader: BerReader, { assertions, descriptions }: FilterMemory): Filter {
  const outerEnd = reader.enter(FilterTag.equality);
  const { buffer, position: start, end } = reader;
  const known = assertions.find(buffer, start, end);
  if (known) {
    reader.leave(outerEnd);
    return known;
  }
  const attribute = decodeDescription(reader, descriptions);
  const value = reader.octets();
  expectEnd(reader);
  reader.leave(outerEnd);
  const valueStart = value.byteOffset - buffer.byteOffset - start;
  assertions.note(buffer, start, end, (bytes) => {
    return new RecurringEquality(attribute, bytes.subarray(valueStart, valueStart + value.length));
  });
  return { kind: 'equality', attribute, value };
}

function decodeAssertion(
  reader: BerReader,
  tag: number,
  kind: 'greaterOrEqual' | 'lessOrEqual' | 'approx',
  descriptions: DescriptionCache,
): Filter {
  const outerEnd = reader.enter(tag);
  const attribute = decodeDescription(reader, descriptions);
  const value = reader.octets();
  expectEnd(reader);
  reader.leave(outerEnd);
  return { kind, attribute, value };
}

/** Parts between the first and the last beyond `partsMax` are one too many, and not read. */
function decodeSubstrings(reader: BerReader, descriptions: DescriptionCache, partsMax: number): Filter {
  const outerEnd = reader.enter(FilterTag.substrings);
  const attribute = decodeDescription(reader, descriptions);
  const partsEnd = reader.enter(Tag.sequence);
  let initial: Buffer | undefined;
  const any: Buffer[] = [];
  let final: Buffer | undefined;
  let inOrder = !reader.atEnd;
  for (let first = true; !reader.atEnd; first = false) {
    const tag = reader.peekTag();
    if (final !== undefined) inOrder = false;
    if (tag === SubstringTag.initial && first) initial = reader.octets(tag);
    else if (tag === SubstringTag.any) {
      if (any.length <= partsMax) any.push(reader.octets(tag));
      else reader.skip();
    } else if (tag === SubstringTag.final) final = reader.octets(tag);
    else {
      reader.skip();
      inOrder = false;
    }
  }
  reader.leave(partsEnd);
  expectEnd(reader);
  reader.leave(outerEnd);
  if (!inOrder || isEmpty(initial) || isEmpty(final) || any.some(isEmpty)) return undefinedTerm;
  return { kind: 'substrings', attribute, initial, any, final };
}

function isEmpty(part: Buffer | undefined): boolean {
  return part?.length === 0;
}

function decodeExtensible(reader: BerReader, descriptions: DescriptionCache): Filter {
  const outerEnd = reader.enter(FilterTag.extensible);
  const ruleTag = contextTag(1);
  const typeTag = contextTag(2);
  const dnAttributesTag = contextTag(4);
  const rule = reader.peekTag() === ruleTag ? reader.latin1(ruleTag) : undefined;
  const attribute = reader.peekTag() === typeTag ? decodeDescription(reader, descriptions, typeTag) : undefined;
  const value = reader.octets(contextTag(3));
  const dnAttributes = reader.peekTag() === dnAttributesTag && reader.boolean(dnAttributesTag);
  expectEnd(reader);
  reader.leave(outerEnd);
  if (rule === undefined && attribute === undefined) return undefinedTerm;
  return { kind: 'extensible', rule, attribute, value, dnAttributes };
}

function expectEnd(reader: BerReader): void {
  if (!reader.atEnd) throw new BerError(`unexpected element at byte ${reader.position}`);
}

function tooManyTerms({ filterTerms }: FilterLimits): LdapError {
  return limitExceeded(`filter has more than ${filterTerms} terms`);
}

function limitExceeded(diagnostic: string): LdapError {
  return new LdapError(ResultCode.adminLimitExceeded, diagnostic);
}
