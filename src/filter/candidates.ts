/**
 * Translates a filter's terms into posting lists, for the store to combine. Every entry that satisfies the filter is among
 * the candidates; others may be too, so each is still evaluated.
 */
import type { MatchingRule, Schema } from '../ldap/schema.js';
import type { Candidates, IndexCatalog } from '../store/model.js';
import type { CompiledFilter } from './compile.js';
import type { Term, ValueTerm } from './term.js';

/** No entry at all. */
const none: Candidates = Object.freeze({ op: 'or', terms: [] });

export function candidatesFor(filter: CompiledFilter, indexes: IndexCatalog): Candidates {
  return candidatesOfTerm(filter.root, indexes, filter.schema);
}

/** Recursion is bounded: compiling refuses filters that nest too deep. */
export function candidatesOfTerm(term: Term, indexes: IndexCatalog, schema: Schema): Candidates {
  switch (term.kind) {
    case 'undefined':
      // Never true: alone, in AND, and as one of OR's terms it finds nothing.
      return none;
    case 'and':
      return intersection(term.terms, (inner) => candidatesOfTerm(inner, indexes, schema));
    case 'or':
      return union(term.terms.map((inner) => candidatesOfTerm(inner, indexes, schema)));
    case 'not':
      return term.term.kind === 'undefined' ? none : 'all';
    case 'present':
      return term.computed ? 'all' : posting(indexes.presence(term.description));
    case 'value':
      if (term.computed) return 'all';
      if (!term.recurring) return valueCandidates(term, indexes, schema);
      return term.recurring.in(indexes, () => valueCandidates(term, indexes, schema));
    case 'extensible':
      return 'all';
  }
}

function valueCandidates(term: ValueTerm, indexes: IndexCatalog, schema: Schema): Candidates {
  const { assertion, description } = term;
  switch (assertion.kind) {
    case 'equality': {
      const { rule, normalized } = assertion;
      if (!rule.satisfied) return posting(indexes.equality(description, normalized));
      const classes = classesSatisfying(rule, normalized, schema);
      if (classes.length > classesMax) return 'all';
      return union(classes.map((name) => posting(indexes.equality(description, name))));
    }
    case 'substrings': {
      const keys = indexes.substrings(description, assertion.parts);
      return keys ? intersection(keys, posting) : 'all';
    }
    case 'greaterOrEqual':
    case 'lessOrEqual':
    case 'rule':
      return 'all';
  }
}

/** A class with more subclasses (`top`) is not looked up: it holds for about everything. */
const classesMax = 32;
const knownClasses = new WeakMap<Schema['epoch'], Map<MatchingRule, Map<string, readonly string[]>>>();

/**
 * The normalised names of the asserted class and of all its subclasses: an entry that satisfies the assertion holds
 * one of them, whether or not its superclasses are stored.
 */
function classesSatisfying(rule: MatchingRule, asserted: string, schema: Schema): readonly string[] {
  let byRule = knownClasses.get(schema.epoch);
  if (!byRule) knownClasses.set(schema.epoch, (byRule = new Map<MatchingRule, Map<string, readonly string[]>>()));
  let known = byRule.get(rule);
  if (!known) byRule.set(rule, (known = new Map<string, readonly string[]>()));
  const found = known.get(asserted);
  if (found) return found;
  const names = new Set([asserted]);
  for (const objectClass of schema.objectClasses) {
    const value = Buffer.from(objectClass.name);
    const name = rule.normalize(value);
    if (name !== undefined && rule.satisfied?.(value).includes(asserted)) names.add(name);
  }
  const classes = [...names];
  // OIDs of unknown classes come only from clients: they are not worth caching.
  if (schema.objectClass(asserted)) known.set(asserted, classes);
  return classes;
}

function posting(key: string | undefined): Candidates {
  return key === undefined ? 'all' : { op: 'posting', key };
}

/** Where all of `parts` hold, each as `find` says. */
function intersection<Part>(parts: readonly Part[], find: (part: Part) => Candidates): Candidates {
  const useful: Candidates[] = [];
  for (const part of parts) {
    const candidates = find(part);
    if (isNone(candidates)) return none;
    if (candidates !== 'all') useful.push(candidates);
  }
  if (useful.length === 0) return 'all';
  return useful.length === 1 ? useful[0]! : { op: 'and', terms: useful };
}

function union(terms: readonly Candidates[]): Candidates {
  if (terms.includes('all')) return 'all';
  const useful = terms.filter((term) => !isNone(term));
  if (useful.length === 0) return none;
  return useful.length === 1 ? useful[0]! : { op: 'or', terms: useful };
}

function isNone(candidates: Candidates): boolean {
  return candidates !== 'all' && candidates.op === 'or' && candidates.terms.length === 0;
}
