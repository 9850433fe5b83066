/** Explains for people which of a filter's terms are indexed, how much that helps, and which indexes are missing. */
import type { Candidates, IndexCatalog } from '../store/model.js';
import { candidatesOfTerm } from './candidates.js';
import type { CompiledFilter } from './compile.js';
import type { Term, ValueTerm } from './term.js';

/** Terms that are told of, at most: filters come from clients. */
const explainedTermsMax = 50;

export interface ExplainedTerm {
  /** `mail eq`, `objectClass pres`, `cn sub`; what no index could be for has the word of its assertion: `cn >=`. */
  readonly name: string;
  /** How many entries it has by the index; undefined: no index helps. */
  readonly candidates: number | undefined;
  /** The index that would help, where there could be one: an attribute and a kind, as the `index` directive takes them. */
  readonly wanting: string | undefined;
}

/** The terms that say which entries match, in the filter's order. `estimate`: how many ids there can be. */
export function explainFilter(
  filter: CompiledFilter,
  indexes: IndexCatalog,
  estimate: (candidates: Candidates) => number,
): readonly ExplainedTerm[] {
  const explained: ExplainedTerm[] = [];
  const todo: Term[] = [filter.root];
  for (let term = todo.pop(); term && explained.length < explainedTermsMax; term = todo.pop()) {
    if (term.kind === 'and' || term.kind === 'or') {
      todo.push(...[...term.terms].reverse());
      continue;
    }
    const leaf = term as Leaf;
    const candidates = candidatesOfTerm(leaf, indexes, filter.schema);
    const known = candidates === 'all' ? undefined : estimate(candidates);
    explained.push({
      name: nameOf(leaf),
      candidates: known,
      wanting: known === undefined ? wantingOf(leaf, indexes) : undefined,
    });
  }
  return explained;
}

type Leaf = Term & { readonly kind: 'undefined' | 'not' | 'present' | 'value' | 'extensible' };

function nameOf(term: Leaf): string {
  switch (term.kind) {
    case 'undefined':
      return 'undefined';
    case 'not':
      return 'not';
    case 'present':
      return `${term.description.text} pres`;
    case 'value':
      return `${term.description.text} ${words[term.assertion.kind]}`;
    case 'extensible':
      return `${term.own ? term.own.description.text : ''}:${term.rule.oid}:`;
  }
}

const words: Readonly<Record<ValueTerm['assertion']['kind'], string>> = {
  equality: 'eq',
  substrings: 'sub',
  greaterOrEqual: '>=',
  lessOrEqual: '<=',
  rule: 'rule',
};

function wantingOf(term: Term, indexes: IndexCatalog): string | undefined {
  if ((term.kind !== 'present' && term.kind !== 'value') || term.computed) return undefined;
  const kind = term.kind === 'present' ? 'pres' : words[term.assertion.kind];
  if (kind !== 'pres' && kind !== 'eq' && kind !== 'sub') return undefined;
  // Where there is one and it does not help, as with parts too short for a substring index, another would not either.
  return indexes.has(kind, term.description) ? undefined : `${term.description.text} ${kind}`;
}
