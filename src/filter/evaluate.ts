/**
 * Evaluates a filter on an entry with three values (RFC 4511 section 4.5.1.7), as slapd does: a term that cannot be decided,
 * or that the client may not test, is Undefined and stays so inside NOT. Ordinary terms allocate nothing; values are
 * compared in place, in the record.
 */
import { DN } from '../dn/dn.js';
import type { EntryRecord } from '../entry/record.js';
import type { AttributeDescription, AttributeType, Schema } from '../ldap/schema.js';
import { subtypeTest, type CompiledFilter } from './compile.js';
import type { ExtensibleTerm, PresenceTerm, Term, Ternary, ValueTerm } from './term.js';
import { checkComparisons, isLarge } from './weight.js';

/** What evaluation must ask the directory. */
export interface FilterEnvironment {
  /**
   * May the asker search by this attribute of the entry (whether or not the entry has it)? `value` is the assertion
   * value as sent; undefined for presence and substrings.
   */
  mayTest(entry: EntryRecord, description: AttributeDescription, value: Buffer | undefined): boolean;
  /** The values of an attribute that is worked out rather than stored; undefined where this type is not. */
  computedValues(entry: EntryRecord, type: AttributeType): readonly Buffer[] | undefined;
}

/** Throws 11 where too much would have to be compared at one go. */
export function evaluateFilter(filter: CompiledFilter, entry: EntryRecord, environment: FilterEnvironment): Ternary {
  const root = filter.rootFor(entry.dictionary);
  if (isLarge(entry)) checkComparisons(root, entry, filter.schema);
  return evaluateTerm(root, entry, environment, filter.schema);
}

/** Recursion is bounded: compiling refuses filters that nest too deep. */
function evaluateTerm(term: Term, entry: EntryRecord, environment: FilterEnvironment, schema: Schema): Ternary {
  switch (term.kind) {
    case 'value':
      return evaluateValue(term, entry, environment, schema);
    case 'present':
      return evaluatePresence(term, entry, environment, schema);
    case 'and': {
      let result: Ternary = true;
      for (const inner of term.terms) {
        const value = evaluateTerm(inner, entry, environment, schema);
        if (value === false) return false;
        if (value === undefined) result = undefined;
      }
      return result;
    }
    case 'or': {
      let result: Ternary = false;
      for (const inner of term.terms) {
        const value = evaluateTerm(inner, entry, environment, schema);
        if (value === true) return true;
        if (value === undefined) result = undefined;
      }
      return result;
    }
    case 'not': {
      const value = evaluateTerm(term.term, entry, environment, schema);
      return value === undefined ? undefined : !value;
    }
    case 'extensible':
      return evaluateExtensible(term, entry, environment, schema);
    case 'undefined':
      return undefined;
  }
}

function evaluatePresence(term: PresenceTerm, entry: EntryRecord, environment: FilterEnvironment, schema: Schema): Ternary {
  const { description } = term;
  if (!environment.mayTest(entry, description, undefined)) return undefined;
  if (term.computed && environment.computedValues(entry, description.type)?.length) return true;
  if (!term.slots) return somePresent(term, entry, environment, schema);
  let result: Ternary = false;
  for (const slot of term.slots) {
    if (entry.indexOf(slot.number) < 0) continue;
    if (slot.description === description || environment.mayTest(entry, slot.description, undefined)) return true;
    result = undefined;
  }
  return result;
}

function evaluateValue(term: ValueTerm, entry: EntryRecord, environment: FilterEnvironment, schema: Schema): Ternary {
  const { description, asserted } = term;
  if (!environment.mayTest(entry, description, asserted)) return undefined;
  if (term.computed) {
    const values = environment.computedValues(entry, description.type);
    if (values?.length) return values.some((value) => term.test(value, 0, value.length));
  }
  if (!term.slots) return someSelectedMatches(term, entry, environment, schema);
  let result: Ternary = false;
  for (const { number, description: selected, test } of term.slots) {
    const index = entry.indexOf(number);
    if (index < 0) continue;
    // Access to each subtype is checked: a client that may search `name` may not be allowed to search `cn`.
    if (!test || (selected !== description && !environment.mayTest(entry, selected, asserted))) result = undefined;
    else if (entry.someValue(index, test)) return true;
  }
  return result;
}

/** Where the term selects more descriptions than most entries have attributes. */
function somePresent({ description }: PresenceTerm, entry: EntryRecord, environment: FilterEnvironment, schema: Schema): Ternary {
  let result: Ternary = false;
  for (let index = 0; index < entry.attributeCount; index++) {
    const selected = entry.description(index);
    if (!schema.isSubtypeOf(selected, description)) continue;
    if (selected === description || environment.mayTest(entry, selected, undefined)) return true;
    result = undefined;
  }
  return result;
}

function someSelectedMatches(term: ValueTerm, entry: EntryRecord, environment: FilterEnvironment, schema: Schema): Ternary {
  const { description, asserted } = term;
  let result: Ternary = false;
  for (let index = 0; index < entry.attributeCount; index++) {
    const selected = entry.description(index);
    if (!schema.isSubtypeOf(selected, description)) continue;
    const test = subtypeTest(term, selected.type);
    if (!test || (selected !== description && !environment.mayTest(entry, selected, asserted))) result = undefined;
    else if (entry.someValue(index, test)) return true;
  }
  return result;
}

function evaluateExtensible(term: ExtensibleTerm, entry: EntryRecord, environment: FilterEnvironment, schema: Schema): Ternary {
  const own = term.own ? evaluateValue(term.own, entry, environment, schema) : someAttributeMatches(term, entry, environment);
  if (own !== false || !term.dnAttributes) return own;
  return someNamePartMatches(term, entry, environment, schema);
}

/** Without a type, attributes that the rule does not fit or that may not be searched are passed over. */
function someAttributeMatches(term: ExtensibleTerm, entry: EntryRecord, environment: FilterEnvironment): boolean {
  for (let index = 0; index < entry.attributeCount; index++) {
    const description = entry.description(index);
    if (!term.rule.appliesTo(description.type)) continue;
    if (environment.mayTest(entry, description, term.asserted) && entry.someValue(index, term.test)) return true;
  }
  return false;
}

function someNamePartMatches(term: ExtensibleTerm, entry: EntryRecord, environment: FilterEnvironment, schema: Schema): boolean {
  for (const { description, value } of namePartsOf(entry, schema)) {
    const { type } = description;
    const fits = term.own ? schema.isSubtypeOf(description, term.own.description) : term.rule.appliesTo(type);
    if (!fits || !environment.mayTest(entry, description, term.asserted)) continue;
    if (term.test(value, 0, value.length)) return true;
  }
  return false;
}

interface NamePart {
  readonly description: AttributeDescription;
  readonly value: Buffer;
}

/** Of the entry that was asked about last: a filter may have thousands of terms on its name. */
let lastNamed: { readonly entry: EntryRecord; readonly parts: readonly NamePart[] } | undefined;

function namePartsOf(entry: EntryRecord, schema: Schema): readonly NamePart[] {
  if (lastNamed?.entry !== entry) {
    const avas = DN.parse(entry.dn, schema).rdns.flatMap((rdn) => rdn.avas);
    const parts = avas.map(({ type, value }) => ({ description: schema.attributeDescription(type.name)!, value }));
    lastNamed = { entry, parts };
  }
  return lastNamed.parts;
}
