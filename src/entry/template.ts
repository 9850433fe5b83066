/**
 * Makes records of entries that have the same attributes, one entry after the other, as an import reads them: numbers,
 * types and the values that do not differ are made ready once. The outcome is that of `EntryRecord.encode`.
 */
import type { DN } from '../dn/dn.js';
import { elementBytes } from '../protocol/ber.js';
import type { AttributeDescription } from '../schema/model.js';
import type { AttributeDictionary } from './dictionary.js';
import {
  attributesStart,
  encodedType,
  partialAttributeBytes,
  recordName,
  writeChecksum,
  writeHead,
  writePartialAttributeHead,
  writeTableRow,
  writeValue,
  type RecordPlace,
} from './layout.js';
import { EntryRecord } from './record.js';

/** A value where it lies. */
export interface ValueRange {
  text: Buffer;
  start: number;
  end: number;
}

/** An attribute of all these entries: how many values each entry gives it, or the one value that all have. */
export type TemplateAttribute =
  | { readonly description: AttributeDescription; readonly values: number }
  | { readonly description: AttributeDescription; readonly fixed: Buffer };

interface PreparedAttribute {
  readonly description: AttributeDescription;
  readonly type: Buffer;
  /** Its values: from this one, up to that one. */
  readonly from: number;
  readonly to: number;
  readonly fixed: FixedAttribute | undefined;
}

interface FixedAttribute {
  /** The PartialAttribute. */
  readonly whole: Buffer;
  /** The value, as a view of it. */
  readonly value: Buffer;
}

export class RecordTemplate {
  /** The next entry's name. */
  dn: DN;
  /** The next entry's values, in the order of the attributes; to be set before each `encode`. */
  readonly values: readonly ValueRange[];
  readonly #attributes: readonly PreparedAttribute[];
  readonly #userAttributes: number;
  /** Bytes of each attribute's values as elements, of the entry that is being made. */
  readonly #valuesBytes: Uint32Array;
  #numbers: number[] | undefined;

  /** `attributes` in the order of the record: user attributes before operational ones. */
  constructor(dn: DN, attributes: readonly TemplateAttribute[]) {
    this.dn = dn;
    let values = 0;
    this.#attributes = attributes.map((attribute) => {
      const { description } = attribute;
      const from = values;
      if ('values' in attribute) values += attribute.values;
      const fixed = 'fixed' in attribute ? fixedAttribute(description, attribute.fixed) : undefined;
      return { description, type: encodedType(description), from, to: values, fixed };
    });
    this.values = Array.from({ length: values }, () => ({ text: Buffer.alloc(0), start: 0, end: 0 }));
    this.#userAttributes = attributes.findLastIndex(({ description }) => !description.type.operational) + 1;
    this.#valuesBytes = new Uint32Array(attributes.length);
  }

  /** The bytes of a fixed value, which may be written over: it keeps its length. */
  fixedValue(description: AttributeDescription): Buffer | undefined {
    return this.#attributes.find((candidate) => candidate.description === description)?.fixed?.value;
  }

  /** The record of `dn` with `values`. All calls speak of one dictionary; see `EntryRecord.encode`. */
  encode(
    place: RecordPlace,
    dictionary: AttributeDictionary,
    numberOf: (description: AttributeDescription) => number,
    allocate: (bytes: number) => Buffer,
  ): EntryRecord {
    const attributes = this.#attributes;
    const { length } = attributes;
    this.#numbers ??= attributes.map(({ description }) => numberOf(description));
    const name = recordName(this.dn);
    let position = attributesStart(length, name);
    const buffer = allocate(position + this.#measure());
    writeHead(buffer, place, name, length, this.#userAttributes);
    for (let index = 0; index < length; index++) {
      writeTableRow(buffer, index, this.#numbers[index]!, position);
      position = this.#write(buffer, position, index);
    }
    writeChecksum(buffer);
    return new EntryRecord(buffer, dictionary);
  }

  /** Bytes of all attributes. */
  #measure(): number {
    const { values } = this;
    let bytes = 0;
    for (let index = 0; index < this.#attributes.length; index++) {
      const { fixed, type, from, to } = this.#attributes[index]!;
      if (fixed) {
        bytes += fixed.whole.length;
        continue;
      }
      let ofValues = 0;
      for (let at = from; at < to; at++) ofValues += elementBytes(values[at]!.end - values[at]!.start);
      this.#valuesBytes[index] = ofValues;
      bytes += partialAttributeBytes(type.length, ofValues);
    }
    return bytes;
  }

  #write(buffer: Buffer, start: number, index: number): number {
    const { fixed, type, from, to } = this.#attributes[index]!;
    if (fixed) {
      buffer.set(fixed.whole, start);
      return start + fixed.whole.length;
    }
    let position = writePartialAttributeHead(buffer, start, type, this.#valuesBytes[index]!);
    for (let at = from; at < to; at++) {
      const value = this.values[at]!;
      position = writeValue(buffer, position, value.text, value.start, value.end);
    }
    return position;
  }
}

function fixedAttribute(description: AttributeDescription, value: Buffer): FixedAttribute {
  const type = encodedType(description);
  const valuesBytes = elementBytes(value.length);
  const whole = Buffer.alloc(partialAttributeBytes(type.length, valuesBytes));
  writeValue(whole, writePartialAttributeHead(whole, 0, type, valuesBytes), value, 0, value.length);
  return { whole, value: whole.subarray(whole.length - value.length) };
}
