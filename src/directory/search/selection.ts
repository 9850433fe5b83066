/**
 * Which attributes a search answers with (RFC 4511 section 4.5.1.8, RFC 3673): worked out once per request, then applied
 * to each record by number.
 */
import type { AccessEvaluator } from '../../access/model.js';
import { Privilege } from '../../access/model.js';
import type { AttributeDictionary } from '../../entry/dictionary.js';
import type { EntryRecord } from '../../entry/record.js';
import { LdapError, ResultCode } from '../../ldap/result.js';
import type { PartialAttribute } from '../../ldap/request.js';
import type { AttributeDescription, AttributeType, ObjectClass, Schema } from '../../ldap/schema.js';
import { optionsRequestedMax } from '../limits.js';
import type { ComputedAttribute } from './computed.js';
import type { ResultEntry } from '../../entry/result-entry.js';
import { wellKnownOf } from '../rules/schema-check.js';

const noAttribute = '1.1';

/** Narrows the values of an attribute (RFC 3876). Undefined: all of them. */
export type ValueFilter = (record: EntryRecord, description: AttributeDescription, values: Buffer[]) => Buffer[];

export class Selection {
  readonly #allUser: boolean;
  readonly #allOperational: boolean;
  /** Per attribute number: asked for by name. Made anew when the dictionary has changed. */
  #named: Uint8Array = new Uint8Array(0);
  #version = -1;
  readonly #descriptions: readonly AttributeDescription[];
  readonly #computed: readonly ComputedAttribute[];
  readonly #answer: { record: EntryRecord; ranges: number[]; extra: PartialAttribute[]; controls: [] };

  constructor(
    attributes: readonly string[],
    readonly typesOnly: boolean,
    private readonly schema: Schema,
    computed: readonly ComputedAttribute[],
    private readonly valueFilter?: ValueFilter,
  ) {
    this.#allUser = attributes.length === 0 || attributes.includes('*');
    this.#allOperational = attributes.includes('+');
    this.#descriptions = [...new Set(attributes.flatMap((text) => requested(text, schema)))];
    // Without options there are no more of them than the schema has types.
    if (this.#descriptions.length > optionsRequestedMax) demandFewOptions(this.#descriptions);
    this.#computed = computed.filter(
      ({ description }) => this.#allOperational || this.#descriptions.some((wanted) => schema.isSubtypeOf(description, wanted)),
    );
    this.#answer = { record: undefined as never, ranges: [], extra: [], controls: [] };
  }

  /** Does the client ask for this attribute, whether or not an entry has it? */
  asksFor(description: AttributeDescription): boolean {
    if (description.type.operational ? this.#allOperational : this.#allUser) return true;
    return this.#descriptions.some((wanted) => this.schema.isSubtypeOf(description, wanted));
  }

  /** The part of the record that was asked for and may be read. The answer is reused by the next call. */
  apply(record: EntryRecord, access: AccessEvaluator): ResultEntry {
    const answer = this.#answer;
    answer.record = record;
    answer.ranges.length = 0;
    if (answer.extra.length > 0) answer.extra = [];
    const byValue = this.typesOnly || access.dependsOnValues || this.valueFilter !== undefined;
    const userCount = record.userAttributeCount;
    const count = record.attributeCount;
    const named = this.#numbersIn(record.dictionary);
    for (let index = 0; index < count; index++) {
      const all = index < userCount ? this.#allUser : this.#allOperational;
      if (!all && named[record.attributeNumber(index)] !== 1) continue;
      const description = record.description(index);
      if (byValue) this.#addByValue(record, index, description, access);
      else if (access.allows(record, description, Privilege.read)) addRange(answer.ranges, record, index);
    }
    for (const computed of this.#computed) {
      const values = this.#readable(record, computed.description, () => computed.values(record), access);
      if (!values || values.length === 0) continue;
      // As slapd: where none of its values matches, such an attribute goes out empty rather than not at all.
      const wanted = this.valueFilter ? this.valueFilter(record, computed.description, [...values]) : values;
      answer.extra.push({ type: computed.description.text, values: this.typesOnly ? [] : wanted });
    }
    return answer;
  }

  #addByValue(record: EntryRecord, index: number, description: AttributeDescription, access: AccessEvaluator): void {
    let values = this.#readable(record, description, () => record.valuesAt(index), access);
    if (!values) return;
    // As slapd: types alone are told whether or not a value matches.
    if (this.valueFilter && !this.typesOnly) {
      values = this.valueFilter(record, description, [...values]);
      if (values.length === 0) return;
    }
    this.#answer.extra.push({ type: description.text, values: this.typesOnly ? [] : values });
  }

  /** The values that may be read; undefined where the attribute must not be mentioned. */
  #readable(
    record: EntryRecord,
    description: AttributeDescription,
    values: () => readonly Buffer[],
    access: AccessEvaluator,
  ): readonly Buffer[] | undefined {
    // A rule about one value decides about that value alone, so where values are answered nobody asks about the attribute.
    if (this.typesOnly || !access.dependsOnValues) {
      return access.allows(record, description, Privilege.read) ? values() : undefined;
    }
    const readable = values().filter((value) => access.allows(record, description, Privilege.read, value));
    return readable.length > 0 ? readable : undefined;
  }

  #numbersIn(dictionary: AttributeDictionary): Uint8Array {
    if (this.#version !== dictionary.version) {
      this.#version = dictionary.version;
      this.#named = new Uint8Array(dictionary.size);
      for (const description of this.#descriptions) {
        for (const number of dictionary.selectedBy(description)) this.#named[number] = 1;
      }
    }
    return this.#named;
  }
}

/** Throws 11: each of them is compared with all descriptions that a database knows. */
function demandFewOptions(descriptions: readonly AttributeDescription[]): void {
  const withOptions = descriptions.filter(({ options }) => options.length > 0).length;
  if (withOptions <= optionsRequestedMax) return;
  throw new LdapError(
    ResultCode.adminLimitExceeded,
    `more than ${optionsRequestedMax} different attributes with options requested`,
  );
}

function addRange(ranges: number[], record: EntryRecord, index: number): void {
  const start = record.attributeStart(index);
  const end = record.attributeStart(index + 1);
  if (ranges.length > 0 && ranges[ranges.length - 1] === start) ranges[ranges.length - 1] = end;
  else ranges.push(start, end);
}

/** What one word of the attribute list asks for: `@class` stands for all attributes of the class (RFC 4529). */
function requested(text: string, schema: Schema): AttributeDescription[] {
  if (text === '*' || text === '+' || text === noAttribute) return [];
  if (text.startsWith('@')) {
    const objectClass = schema.objectClass(text.slice(1));
    return objectClass ? attributesOf(objectClass, schema) : [];
  }
  const description = schema.attributeDescription(text);
  return description ? [description] : [];
}

function attributesOf(objectClass: ObjectClass, schema: Schema): AttributeDescription[] {
  const types = new Set<AttributeType>([wellKnownOf(schema).objectClass.type]);
  for (const type of objectClass.must) types.add(type);
  for (const type of objectClass.may) types.add(type);
  return [...types].flatMap((type) => schema.attributeDescription(type.name) ?? []);
}
