/**
 * Compiled terms that come again with every lookup: `(objectClass=JammMailAccount)`, `(accountActive=TRUE)`. Only terms on
 * attributes with few possible values are kept, so that addresses do not crowd them out.
 */
import type { AttributeDictionary } from '../entry/dictionary.js';
import type { Term } from './compile.js';

const valuesPerAttributeMax = 100;
const attributesMax = 100;
const valueBytesMax = 64;

/** Equality rules whose values are few. */
const fewValuedRules = new Set(['booleanMatch', 'objectIdentifierMatch']);

interface DictionaryTerms {
  /** Of the dictionary when the terms were compiled: they name attributes by number. */
  size: number;
  readonly byAttribute: Map<string, Map<string, Term>>;
}

const memories = new WeakMap<AttributeDictionary, DictionaryTerms>();

/** The term of an equality assertion, from memory or from `compile`. `value` given to `compile` may be kept. */
export function rememberedTerm(
  attribute: string,
  value: Buffer,
  dictionary: AttributeDictionary,
  compile: (value: Buffer) => Term,
): Term {
  const terms = termsOf(dictionary);
  const known = terms.byAttribute.get(attribute);
  // Attributes are let in by their first term; for the others this costs one lookup.
  if (!known) return firstTerm(terms, attribute, value, compile);
  const key = value.toString('latin1');
  const term = known.get(key);
  if (term) return term;
  const made = compile(Buffer.from(value));
  if (known.size < valuesPerAttributeMax && value.length <= valueBytesMax) known.set(key, made);
  return made;
}

function termsOf(dictionary: AttributeDictionary): DictionaryTerms {
  let terms = memories.get(dictionary);
  if (!terms) memories.set(dictionary, (terms = { size: dictionary.size, byAttribute: new Map<string, Map<string, Term>>() }));
  if (terms.size !== dictionary.size) {
    terms.byAttribute.clear();
    terms.size = dictionary.size;
  }
  return terms;
}

function firstTerm(terms: DictionaryTerms, attribute: string, value: Buffer, compile: (value: Buffer) => Term): Term {
  const term = compile(value);
  if (term.kind === 'value' && fewValuedRules.has(term.assertion.rule.name) && terms.byAttribute.size < attributesMax) {
    terms.byAttribute.set(attribute, new Map<string, Term>());
  }
  return term;
}
