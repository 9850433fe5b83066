/** Estimates the cost of a filter, to bound the memory filters take while they wait and the time they take at once. */
import { LdapError, ResultCode } from '../ldap/result.js';
import type { EntryRecord } from '../entry/record.js';
import { isItem } from './compile.js';
import type { Schema } from '../ldap/schema.js';
import type { PresenceTerm, Term, ValueTerm } from './term.js';
import type { Filter } from '../ldap/filter.js';

export interface FilterWeight {
  /** Assertions, each part of a substring assertion counted. */
  readonly terms: number;
  /** Memory that the filter takes, read and compiled: roughly. */
  readonly bytes: number;
}

/** Measured: a term as it was decoded and as it was compiled. */
const bytesPerTerm = 800;
/** A value is there as it was sent and as text, at up to two bytes a char. */
const bytesPerValueByte = 3;

/** Iterative: filters may nest deeply. */
export function filterWeight(filter: Filter): FilterWeight {
  let terms = 0;
  let valueBytes = 0;
  const todo: Filter[] = [filter];
  for (let next = todo.pop(); next; next = todo.pop()) {
    terms++;
    if (!isItem(next)) {
      if (next.kind === 'not') todo.push(next.filter);
      else for (const term of next.filters) todo.push(term);
    } else if (next.kind === 'substrings') {
      terms += next.any.length;
      for (const part of [next.initial, ...next.any, next.final]) valueBytes += part?.length ?? 0;
    } else if (next.kind !== 'present') {
      valueBytes += next.value.length;
    }
  }
  return { terms, bytes: terms * bytesPerTerm + valueBytes * bytesPerValueByte };
}

const largeRecordBytes = 8 * 1_024;
const manyAttributes = 64;

/** Such records are looked at more closely before a filter is put to them. */
export function isLarge(record: EntryRecord): boolean {
  return record.buffer.length > largeRecordBytes || record.attributeCount > manyAttributes;
}

/** Bytes of values that one filter may go through in one large record, besides once through all of it. */
const comparedBytesMax = 8 * 1_024 * 1_024;

/**
 * Throws 11 where the filter would go through the record's values again and again: an entry with 100,000 values and a
 * filter of 10,000 terms on them would otherwise stop everybody for hours, since nothing can come between.
 */
export function checkComparisons(root: Term, record: EntryRecord, schema: Schema): void {
  let left = comparedBytesMax + record.buffer.length;
  const todo: Term[] = [root];
  for (let term = todo.pop(); term; term = todo.pop()) {
    switch (term.kind) {
      case 'and':
      case 'or':
        for (const inner of term.terms) todo.push(inner);
        continue;
      case 'not':
        todo.push(term.term);
        continue;
      case 'value':
        left -= selectedBytes(term, record, schema);
        break;
      case 'present':
        left -= stepsOf(term, record);
        break;
      case 'extensible':
        left -= record.buffer.length;
        break;
      case 'undefined':
    }
    if (left < 0) throw new LdapError(ResultCode.adminLimitExceeded, 'too many comparisons in one large entry');
  }
}

/** Finding an attribute goes through the record's table. Telling whether a description is selected takes longer than a step. */
const bytesPerSelection = 32;

/** What it costs to find the attributes that a term looks at, counted as bytes of values. */
function stepsOf({ slots }: PresenceTerm | ValueTerm, { attributeCount }: EntryRecord): number {
  return attributeCount * (slots?.length ?? bytesPerSelection);
}

function selectedBytes(term: ValueTerm, record: EntryRecord, schema: Schema): number {
  let bytes = stepsOf(term, record);
  if (term.slots) {
    for (const { number } of term.slots) bytes += attributeBytes(record, number);
    return bytes;
  }
  for (let index = 0; index < record.attributeCount; index++) {
    if (!schema.isSubtypeOf(record.description(index), term.description)) continue;
    bytes += record.attributeStart(index + 1) - record.attributeStart(index);
  }
  return bytes;
}

function attributeBytes(record: EntryRecord, number: number): number {
  const index = record.indexOf(number);
  return index < 0 ? 0 : record.attributeStart(index + 1) - record.attributeStart(index);
}
