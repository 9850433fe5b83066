/** A compiled filter's terms: attributes resolved, assertion values normalised. */
import type { AttributeDescription, MatchingRule } from '../ldap/schema.js';
import type { RecurringCandidates } from './recurring-candidates.js';

/** Undefined as in RFC 4511 section 4.5.1.7: neither true nor false. */
export type Ternary = boolean | undefined;

/** Does the value at `buffer[start, end)` satisfy the assertion? */
export type ValueTest = (buffer: Buffer, start: number, end: number) => boolean;

/** Parts of a substring assertion, normalised for their places. */
export interface SubstringParts {
  readonly initial: string | undefined;
  readonly any: readonly string[];
  readonly final: string | undefined;
}

/** What an assertion asks of values. */
export type Assertion =
  | { readonly kind: 'equality' | 'greaterOrEqual' | 'lessOrEqual'; readonly rule: MatchingRule; readonly normalized: string }
  /** By a rule of its own kind: approximate, or one that an extensible filter named. */
  | { readonly kind: 'rule'; readonly rule: MatchingRule; readonly normalized: string }
  | { readonly kind: 'substrings'; readonly rule: MatchingRule; readonly parts: SubstringParts };

/** What a term on a known attribute has whatever it asserts. */
interface AttributeTermBase {
  readonly description: AttributeDescription;
  /** The attribute is worked out by the directory (entryDN, ...) rather than stored. */
  readonly computed: boolean;
  /**
   * Where records of the filter's dictionary hold it. Undefined where it selects too many descriptions to look for each: the
   * attributes that the entry has are gone through instead.
   */
  readonly slots: readonly AttributeSlot[] | undefined;
}

/** One of the descriptions that a term's description selects: itself, a subtype, one with more options. */
export interface AttributeSlot {
  /** In the dictionary. */
  readonly number: number;
  readonly description: AttributeDescription;
  /** Undefined where the subtype has no rule for such an assertion, and for presence terms. */
  readonly test: ValueTest | undefined;
}

export interface PresenceTerm extends AttributeTermBase {
  readonly kind: 'present';
}

export interface ValueTerm extends AttributeTermBase {
  readonly kind: 'value';
  readonly assertion: Assertion;
  /** For values that are not in a record. */
  readonly test: ValueTest;
  /** What access is asked about; undefined for substrings, as by slapd. */
  readonly asserted: Buffer | undefined;
  /** Of an equality term that comes again. */
  readonly recurring: RecurringCandidates | undefined;
}

/** An extensible term that looks at more than one attribute: no type given, or `:dn`. */
export interface ExtensibleTerm {
  readonly kind: 'extensible';
  readonly rule: MatchingRule;
  readonly normalized: string;
  readonly test: ValueTest;
  readonly asserted: Buffer;
  /** The term on the entry's own attribute; undefined: every attribute that the rule applies to. */
  readonly own: ValueTerm | undefined;
  /** Are the values in the entry's name looked at too? */
  readonly dnAttributes: boolean;
}

export type Term =
  /** Undefined for every entry: unknown attribute, no rule for it, or a value that does not fit. */
  | { readonly kind: 'undefined' }
  | { readonly kind: 'and' | 'or'; readonly terms: readonly Term[] }
  | { readonly kind: 'not'; readonly term: Term }
  | PresenceTerm
  | ValueTerm
  | ExtensibleTerm;
