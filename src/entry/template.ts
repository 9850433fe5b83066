/**
 * Makes the records of a series of entries with the same attributes, as an import reads them: numbers, types and the values
 * they share are prepared once. The result is that of `EntryRecord.encode`.
 */
import type { DN } from '../dn/dn.js';
import { elementBytes } from '../ber/ber.js';
import type { AttributeDescription } from '../ldap/schema.js';
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

/**
 * An attribute of all these entries: how many values each entry gives it; the values that all have; or one value that is
 * written over from entry to entry and keeps its length.
 */
export type TemplateAttribute =
  | { readonly description: AttributeDescription; readonly values: number }
  | { readonly description: AttributeDescription; readonly constant: readonly Buffer[] }
  | { readonly description: AttributeDescription; readonly stamp: Buffer };

interface PreparedAttribute {
  readonly description: AttributeDescription;
  readonly type: Buffer;
  /** Its values: from this one, up to that one. */
  readonly from: number;
  readonly to: number;
  /** The PartialAttribute, where the entries do not give the values. */
  readonly whole: Buffer | undefined;
}

export class RecordTemplate {
  /** The next entry's name. */
  dn: DN;
  /** The next entry's values, in the order of the attributes; to be set before each `encode`. */
  readonly values: readonly ValueRange[];
  /** Where in the records the attributes are that are the same in all of them. */
  readonly constant: readonly number[];
  /** Where the others are. */
  readonly varying: readonly number[];
  readonly #attributes: readonly PreparedAttribute[];
  readonly #stamps = new Map<AttributeDescription, Buffer>();
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
      return { description, type: encodedType(description), from, to: values, whole: this.#wholeOf(attribute) };
    });
    this.values = Array.from({ length: values }, () => ({ text: Buffer.alloc(0), start: 0, end: 0 }));
    const places = attributes.map((_, index) => index);
    this.constant = places.filter((index) => 'constant' in attributes[index]!);
    this.varying = places.filter((index) => !('constant' in attributes[index]!));
    this.#userAttributes = attributes.findLastIndex(({ description }) => !description.type.operational) + 1;
    this.#valuesBytes = new Uint32Array(attributes.length);
  }

  /** Where the next entry's values of one attribute will be, of those that each entry gives. */
  rangesOf(description: AttributeDescription): readonly ValueRange[] {
    const found = this.#attributes.find((attribute) => attribute.description === description);
    return found ? this.values.slice(found.from, found.to) : [];
  }

  #wholeOf(attribute: TemplateAttribute): Buffer | undefined {
    const { description } = attribute;
    if ('values' in attribute) return undefined;
    if ('constant' in attribute) return partialAttribute(description, attribute.constant);
    const whole = partialAttribute(description, [attribute.stamp]);
    this.#stamps.set(description, whole.subarray(whole.length - attribute.stamp.length));
    return whole;
  }

  /** The bytes of a value that is to be written over. */
  stamp(description: AttributeDescription): Buffer | undefined {
    return this.#stamps.get(description);
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
      const { whole, type, from, to } = this.#attributes[index]!;
      if (whole) {
        bytes += whole.length;
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
    const { whole, type, from, to } = this.#attributes[index]!;
    if (whole) {
      buffer.set(whole, start);
      return start + whole.length;
    }
    let position = writePartialAttributeHead(buffer, start, type, this.#valuesBytes[index]!);
    for (let at = from; at < to; at++) {
      const value = this.values[at]!;
      position = writeValue(buffer, position, value.text, value.start, value.end);
    }
    return position;
  }
}

function partialAttribute(description: AttributeDescription, values: readonly Buffer[]): Buffer {
  const type = encodedType(description);
  const valuesBytes = values.reduce((sum, value) => sum + elementBytes(value.length), 0);
  const whole = Buffer.alloc(partialAttributeBytes(type.length, valuesBytes));
  let position = writePartialAttributeHead(whole, 0, type, valuesBytes);
  for (const value of values) position = writeValue(whole, position, value, 0, value.length);
  return whole;
}
