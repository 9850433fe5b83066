/**
 * Compiles a filter for many entries: resolves attribute descriptions, normalises assertion values, and recognises terms
 * that slapd treats as Undefined, once. evaluate.ts evaluates the result, and candidates.ts turns it into index lookups.
 */
import type { AttributeDictionary } from '../entry/dictionary.js';
import { LdapError, ResultCode } from '../ldap/result.js';
import type { AttributeDescription, AttributeType, MatchingRule, Schema } from '../ldap/schema.js';
import { RecurringEquality, type Filter } from '../ldap/filter.js';
import { recurringTerm } from './recurring.js';
import type {
  Assertion,
  AttributeSlot,
  ExtensibleTerm,
  PresenceTerm,
  SubstringParts,
  Term,
  ValueTerm,
  ValueTest,
} from './term.js';

/** slapd's SLAP_MAX_FILTER_DEPTH. */
export const filterDepthMax = 1_000;

/** entryDN (RFC 5020), hasSubordinates (X.501), subschemaSubentry (RFC 4512), contextCSN: asked from the directory. */
const computedTypes = new Set(['1.3.6.1.1.20', '2.5.18.9', '2.5.18.10', '1.3.6.1.4.1.4203.666.1.25']);

const substringAssertionSyntax = '1.3.6.1.4.1.1466.115.121.1.58';

/** Terms by which attribute numbers they look at: valid for one dictionary as it was. */
export class CompiledFilter {
  readonly schema: Schema;
  readonly #filter: Filter;
  #root: Term;
  #dictionary: AttributeDictionary;
  #dictionaryVersion: number;

  constructor(filter: Filter, schema: Schema, dictionary: AttributeDictionary) {
    this.schema = schema;
    this.#filter = filter;
    this.#dictionary = dictionary;
    this.#dictionaryVersion = dictionary.version;
    this.#root = compileTerm(filter, schema, dictionary, 0);
  }

  get root(): Term {
    return this.#root;
  }

  /** The terms for records of `dictionary`: made anew where it is another one, or has grown since. */
  rootFor(dictionary: AttributeDictionary): Term {
    if (dictionary !== this.#dictionary || dictionary.version !== this.#dictionaryVersion) {
      this.#root = compileTerm(this.#filter, this.schema, dictionary, 0);
      this.#dictionary = dictionary;
      this.#dictionaryVersion = dictionary.version;
    }
    return this.#root;
  }
}

/** Throws LdapError 2 (protocolError, as slapd) where and, or and not are nested deeper than `filterDepthMax`. */
export function compileFilter(filter: Filter, schema: Schema, dictionary: AttributeDictionary): CompiledFilter {
  return new CompiledFilter(filter, schema, dictionary);
}

const undefinedTerm: { readonly kind: 'undefined' } = Object.freeze({ kind: 'undefined' });

function compileTerm(filter: Filter, schema: Schema, dictionary: AttributeDictionary, depth: number): Term {
  if (depth > filterDepthMax) throw new LdapError(ResultCode.protocolError, 'filter nested too deeply');
  switch (filter.kind) {
    case 'and':
    case 'or': {
      const terms = filter.filters.map((inner) => compileTerm(inner, schema, dictionary, depth + 1));
      return { kind: filter.kind, terms };
    }
    case 'not':
      return { kind: 'not', term: compileTerm(filter.filter, schema, dictionary, depth + 1) };
    case 'equality':
      if (!(filter instanceof RecurringEquality)) return compileItem(filter, schema, dictionary);
      return recurringTerm(filter, dictionary, () => compileItem(filter, schema, dictionary));
    case 'present':
    case 'approx':
    case 'greaterOrEqual':
    case 'lessOrEqual':
    case 'substrings':
    case 'extensible':
      return compileItem(filter, schema, dictionary);
  }
}

export type FilterItem = Exclude<Filter, { kind: 'and' | 'or' | 'not' }>;

export function isItem(filter: Filter): filter is FilterItem {
  return filter.kind !== 'and' && filter.kind !== 'or' && filter.kind !== 'not';
}

/** A filter without and, or, not. `dictionary` undefined: for single values, which are in no record. */
export function compileItem(
  item: FilterItem,
  schema: Schema,
  dictionary: AttributeDictionary | undefined,
): PresenceTerm | ValueTerm | ExtensibleTerm | typeof undefinedTerm {
  if (item.kind === 'extensible') return compileExtensible(item, schema, dictionary);
  const description = schema.attributeDescription(item.attribute);
  if (!description) return undefinedTerm;
  if (item.kind === 'present') {
    return {
      kind: 'present',
      description,
      computed: isComputed(description),
      slots: slotsOf(description, dictionary, undefined),
    };
  }
  const assertion = item.kind === 'substrings' ? substringAssertion(item, description.type) : assertionOf(item, description.type);
  if (!assertion) return undefinedTerm;
  return valueTerm(description, assertion, item.kind === 'substrings' ? undefined : item.value, dictionary);
}

function valueTerm(
  description: AttributeDescription,
  assertion: Assertion,
  asserted: Buffer | undefined,
  dictionary: AttributeDictionary | undefined,
): ValueTerm {
  const test = testOf(assertion);
  const slots = slotsOf(description, dictionary, { assertion, test });
  return {
    kind: 'value',
    description,
    computed: isComputed(description),
    slots,
    assertion,
    test,
    asserted,
    recurring: undefined,
  };
}

function isComputed({ type }: AttributeDescription): boolean {
  return computedTypes.has(type.oid);
}

function slotsOf(
  description: AttributeDescription,
  dictionary: AttributeDictionary | undefined,
  wanted: { readonly assertion: Assertion; readonly test: ValueTest } | undefined,
): readonly AttributeSlot[] | undefined {
  if (!dictionary) return [];
  return dictionary.fewSelectedBy(description)?.map((number): AttributeSlot => {
    const selected = dictionary.description(number);
    return { number, description: selected, test: wanted && subtypeTest(wanted, selected.type) };
  });
}

/**
 * As slapd: a subtype's values are compared by the subtype's own rule, where the filter names none. Undefined where the
 * subtype has no rule for such an assertion.
 */
export function subtypeTest(
  wanted: { readonly assertion: Assertion; readonly test: ValueTest },
  subtype: AttributeType,
): ValueTest | undefined {
  const { assertion, test } = wanted;
  if (assertion.kind === 'rule') return test;
  const rule = ruleFor(assertion.kind, subtype);
  if (rule === assertion.rule) return test;
  return rule && testOf({ ...assertion, rule });
}

function ruleFor(kind: Exclude<FilterItem['kind'], 'present' | 'extensible'>, type: AttributeType): MatchingRule | undefined {
  switch (kind) {
    case 'equality':
      return type.equality;
    case 'approx':
      return type.approximate ?? type.equality;
    case 'greaterOrEqual':
    case 'lessOrEqual':
      return type.ordering;
    case 'substrings':
      return type.substring;
  }
}

/** Undefined where the type has no such rule, or the value does not fit it. */
function assertionOf(
  item: Extract<Filter, { kind: 'equality' | 'greaterOrEqual' | 'lessOrEqual' | 'approx' }>,
  type: AttributeType,
): Assertion | undefined {
  const rule = ruleFor(item.kind, type);
  const normalized = rule && assertedBy(rule, item.value);
  if (!rule || normalized === undefined) return undefined;
  if (item.kind !== 'approx') return { kind: item.kind, rule, normalized };
  return { kind: rule === type.equality ? 'equality' : 'rule', rule, normalized };
}

/** The normalised assertion value; undefined where it does not fit the rule. */
function assertedBy(rule: MatchingRule, value: Buffer): string | undefined {
  // slapd has no assertions in the syntax of substring assertions: those are made of parts.
  if (rule.syntax.oid === substringAssertionSyntax) return undefined;
  // An unknown object class makes the term Undefined, not false.
  if (rule.satisfied && rule.satisfied(value).length === 0) return undefined;
  return (rule.normalizeAssertion ?? rule.normalize)(value);
}

function substringAssertion(item: Extract<Filter, { kind: 'substrings' }>, type: AttributeType): Assertion | undefined {
  const rule = type.substring;
  if (!rule) return undefined;
  const initial = item.initial && rule.normalizePart(item.initial, 'initial');
  const final = item.final && rule.normalizePart(item.final, 'final');
  if ((item.initial && initial === undefined) || (item.final && final === undefined)) return undefined;
  const any: string[] = [];
  for (const part of item.any) {
    const normalized = rule.normalizePart(part, 'any');
    if (normalized === undefined) return undefined;
    any.push(normalized);
  }
  return { kind: 'substrings', rule, parts: { initial, any, final } };
}

function compileExtensible(
  item: Extract<Filter, { kind: 'extensible' }>,
  schema: Schema,
  dictionary: AttributeDictionary | undefined,
): ValueTerm | ExtensibleTerm | typeof undefinedTerm {
  const description = item.attribute === undefined ? undefined : schema.attributeDescription(item.attribute);
  if (item.attribute !== undefined && !description) return undefinedTerm;
  const rule = item.rule === undefined ? description?.type.equality : schema.matchingRule(item.rule);
  if (!rule || (description && !rule.appliesTo(description.type))) return undefinedTerm;
  const normalized = assertedBy(rule, item.value);
  if (normalized === undefined) return undefinedTerm;
  const kind = rule === description?.type.equality ? 'equality' : 'rule';
  const assertion: Assertion = { kind, rule, normalized };
  const own = description && valueTerm(description, assertion, item.value, dictionary);
  if (own && !item.dnAttributes) return own;
  const { dnAttributes, value: asserted } = item;
  return { kind: 'extensible', rule, normalized, test: testOf(assertion), asserted, own, dnAttributes };
}

function testOf(assertion: Assertion): ValueTest {
  const { rule } = assertion;
  switch (assertion.kind) {
    case 'equality':
    case 'rule': {
      const { normalized } = assertion;
      return (buffer, start, end) => rule.matches(buffer, start, end, normalized);
    }
    case 'greaterOrEqual':
      return orderingTest(assertion.rule, assertion.normalized, (order) => order >= 0);
    case 'lessOrEqual':
      return orderingTest(assertion.rule, assertion.normalized, (order) => order <= 0);
    case 'substrings': {
      const { parts } = assertion;
      return (buffer, start, end) => {
        const value = rule.normalize(buffer.subarray(start, end));
        return value !== undefined && hasParts(value, parts);
      };
    }
  }
}

function orderingTest(rule: MatchingRule, normalized: string, wanted: (order: number) => boolean): ValueTest {
  return (buffer, start, end) => {
    const value = rule.normalize(buffer.subarray(start, end));
    return value !== undefined && wanted(rule.compare(value, normalized));
  };
}

/** Do the parts occur in the value, in order and without sharing a character? */
function hasParts(value: string, { initial, any, final }: SubstringParts): boolean {
  let position = 0;
  if (initial !== undefined) {
    if (!value.startsWith(initial)) return false;
    position = initial.length;
  }
  for (const part of any) {
    const found = value.indexOf(part, position);
    if (found < 0) return false;
    position = found + part.length;
  }
  return final === undefined || (value.length - final.length >= position && value.endsWith(final));
}
