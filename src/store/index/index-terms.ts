/** Determines the posting lists an entry belongs on, from its values and the index units. */
import type { AttributeDictionary } from '../../entry/dictionary.js';
import type { EntryRecord } from '../../entry/record.js';
import type { MatchingRule } from '../../ldap/schema.js';
import { packedGrams, packGram, unpackGram, valueGrams } from './grams.js';
import { ruleOfType, type IndexUnit } from './index-units.js';
import type { KeyFamily, TermSink } from './term-sink.js';
import { overflowKey, termKey } from '../level/keys.js';

/**
 * An entry whose values of one substring index take more bytes than this goes on the index's overflow list, and while
 * that list is not empty the index answers nothing: one hostile value must not become a million postings.
 */
const substringBytesMax = 64 * 1024;

/** Keys of grams that are remembered for each unit. */
const gramKeysMax = 20_000;

const Coverage = { unknown: 0, yes: 1, no: 2 } as const;

class CoveredUnit {
  /** By attribute number. */
  #coverage = new Uint8Array(64);
  readonly #gramKeys = new Map<string, string>();
  readonly presenceKey: string;
  readonly grams: KeyFamily;

  constructor(
    readonly unit: IndexUnit,
    readonly dictionary: AttributeDictionary,
  ) {
    this.presenceKey = termKey(unit.prefix, '');
    this.grams = { keyOf: (gram) => termKey(unit.prefix, unpackGram(gram)) };
  }

  /** Do values of the attribute with this number belong in the index: the indexed description and its subtypes? */
  covers(number: number): boolean {
    const known = this.#coverage[number];
    return known === undefined || known === Coverage.unknown ? this.#learn(number) : known === Coverage.yes;
  }

  /** Grams come again and again: their keys are made once. */
  gramKey(gram: string): string {
    let key = this.#gramKeys.get(gram);
    if (key === undefined) {
      key = termKey(this.unit.prefix, gram);
      if (this.#gramKeys.size >= gramKeysMax) this.#gramKeys.clear();
      this.#gramKeys.set(gram, key);
    }
    return key;
  }

  #learn(number: number): boolean {
    const description = this.dictionary.description(number);
    const { unit, dictionary } = this;
    const selected = dictionary.schema.isSubtypeOf(description, unit.description);
    const comparable = unit.kind === 'pres' || ruleOfType(description, unit.kind)?.oid === unit.rule?.oid;
    const answer = selected && comparable;
    if (number >= this.#coverage.length) {
      const longer = new Uint8Array(number * 2);
      longer.set(this.#coverage);
      this.#coverage = longer;
    }
    this.#coverage[number] = answer ? Coverage.yes : Coverage.no;
    return answer;
  }
}

/** Units that normalise values by one and the same function, or not at all; at least one. */
type AlikeUnits = readonly CoveredUnit[];

export class IndexTerms {
  readonly #units: readonly CoveredUnit[];
  /** By attribute number: the units that its values belong in. */
  readonly #unitsOf: (readonly AlikeUnits[] | undefined)[] = [];

  constructor(units: readonly IndexUnit[], dictionary: AttributeDictionary) {
    this.#units = units.map((unit) => new CoveredUnit(unit, dictionary));
  }

  /** The keys of the posting lists that `record` belongs on. */
  of(record: EntryRecord): Set<string> {
    const terms = new Set<string>();
    this.visit(record, { term: (term) => terms.add(term) });
    return terms;
  }

  /** The same without gathering them. */
  visit(record: EntryRecord, sink: TermSink): void {
    if (!this.isOfParts(record)) {
      for (const unit of this.#units) visitTerms(unit, record, sink);
      return;
    }
    const count = record.attributeCount;
    for (let index = 0; index < count; index++) this.#visitPart(record, index, sink);
  }

  /** Are its terms those of its attributes, looked at one by one? No index can overflow then. */
  isOfParts(record: EntryRecord): boolean {
    return record.buffer.length <= substringBytesMax;
  }

  /** The terms of the attributes at these places in a record that `isOfParts`. */
  visitParts(record: EntryRecord, places: readonly number[], sink: TermSink): void {
    for (let at = 0; at < places.length; at++) this.#visitPart(record, places[at]!, sink);
  }

  #visitPart(record: EntryRecord, index: number, sink: TermSink): void {
    const number = record.attributeNumber(index);
    const units = this.#unitsOf[number] ?? this.#learn(number);
    for (let at = 0; at < units.length; at++) visitAttribute(units[at]!, record, index, sink);
  }

  #learn(number: number): readonly AlikeUnits[] {
    const byNormalization = new Map<MatchingRule['normalize'] | undefined, CoveredUnit[]>();
    for (const covered of this.#units) {
      if (!covered.covers(number)) continue;
      const normalize = covered.unit.rule?.normalize;
      byNormalization.set(normalize, [...(byNormalization.get(normalize) ?? []), covered]);
    }
    const units = [...byNormalization.values()];
    // No gap stays before it: the array is to remain a plain one.
    while (this.#unitsOf.length <= number) this.#unitsOf.push(undefined);
    this.#unitsOf[number] = units;
    return units;
  }

  /** What changes when `before` is replaced with `after`. Units whose attributes are the same bytes are not read. */
  difference(before: EntryRecord, after: EntryRecord): { removed: string[]; added: string[] } {
    const old = new Set<string>();
    const now = new Set<string>();
    for (const unit of this.#units) {
      if (sameAttributes(unit, before, after)) continue;
      visitTerms(unit, before, { term: (term) => old.add(term) });
      visitTerms(unit, after, { term: (term) => now.add(term) });
    }
    return {
      removed: [...old].filter((term) => !now.has(term)),
      added: [...now].filter((term) => !old.has(term)),
    };
  }
}

function sameAttributes(unit: CoveredUnit, before: EntryRecord, after: EntryRecord): boolean {
  let covered = 0;
  for (let index = 0; index < before.attributeCount; index++) {
    const number = before.attributeNumber(index);
    if (!unit.covers(number)) continue;
    covered++;
    const other = after.indexOf(number);
    if (other < 0) return false;
    const same =
      before.buffer.compare(
        after.buffer,
        after.attributeStart(other),
        after.attributeStart(other + 1),
        before.attributeStart(index),
        before.attributeStart(index + 1),
      ) === 0;
    if (!same) return false;
  }
  for (let index = 0; index < after.attributeCount; index++) {
    if (unit.covers(after.attributeNumber(index))) covered--;
  }
  return covered === 0;
}

function visitTerms(covered: CoveredUnit, record: EntryRecord, sink: TermSink): void {
  const { unit } = covered;
  if (unit.kind === 'sub' && coveredBytes(covered, record) > substringBytesMax) {
    sink.term(overflowKey(unit.prefix));
    return;
  }
  const count = record.attributeCount;
  for (let index = 0; index < count; index++) {
    if (covered.covers(record.attributeNumber(index))) visitAttribute([covered], record, index, sink);
  }
}

function visitAttribute(units: AlikeUnits, record: EntryRecord, index: number, sink: TermSink): void {
  const { rule } = units[0]!.unit;
  if (rule) visitValues(units, rule, record, index, sink);
  else for (const { presenceKey } of units) sink.term(presenceKey);
}

function visitValues(units: AlikeUnits, rule: MatchingRule, record: EntryRecord, index: number, sink: TermSink): void {
  record.someValue(index, (buffer, start, end) => {
    const normalized = rule.normalize(buffer.subarray(start, end));
    if (normalized === undefined) return false;
    for (let at = 0; at < units.length; at++) {
      const covered = units[at]!;
      if (covered.unit.kind === 'eq') sink.term(termKey(covered.unit.prefix, normalized));
      else visitGrams(covered, normalized, sink);
    }
    return false;
  });
}

function visitGrams(covered: CoveredUnit, normalized: string, sink: TermSink): void {
  if (sink.gram && packedGrams(normalized, (gram) => sink.gram!(covered.grams, gram))) return;
  // A gram must come in one form only, whatever value it is from: a list gathered twice would be written twice.
  valueGrams(normalized, (gram) => {
    const packed = sink.gram && packGram(gram);
    if (packed === undefined) sink.term(covered.gramKey(gram));
    else sink.gram!(covered.grams, packed);
  });
}

function coveredBytes(covered: CoveredUnit, record: EntryRecord): number {
  let bytes = 0;
  const count = record.attributeCount;
  for (let index = 0; index < count; index++) {
    if (!covered.covers(record.attributeNumber(index))) continue;
    bytes += record.attributeStart(index + 1) - record.attributeStart(index);
  }
  return bytes;
}
