/**
 * Numbers for attribute descriptions. A record names its attributes by number, so that a filter finds them by
 * comparing integers. A database's numbers are stored in it and never reused; entries that are not stored (root DSE,
 * cn=Subschema, cn=Monitor) share a dictionary that lives in memory.
 */
import type { AttributeDescription, AttributeType, Schema } from '../ldap/schema.js';

export const attributeNumberMax = 0xffff;

const noNumbers: readonly number[] = [];

export class AttributeDictionary {
  readonly #byNumber: (AttributeDescription | undefined)[] = [];
  readonly #byKey = new Map<string, number>();
  /** The numbers of each type and its subtypes, ascending. */
  readonly #byType = new Map<AttributeType, number[]>();
  /** The numbers of the descriptions that have an option, ascending. */
  readonly #byOption = new Map<string, number[]>();

  #version = 0;

  constructor(readonly schema: Schema) {}

  /** Another number after each change: what was worked out from the dictionary before holds no more. */
  get version(): number {
    return this.#version;
  }

  get size(): number {
    return this.#byNumber.length;
  }

  number(description: AttributeDescription): number | undefined {
    return this.#byKey.get(description.key);
  }

  description(number: number): AttributeDescription {
    const found = this.#byNumber[number];
    if (!found) throw new Error(`attribute number ${number} is in no dictionary`);
    return found;
  }

  /** Gives `description` the number `number`, or the next free one. */
  define(description: AttributeDescription, number = this.#byNumber.length): number {
    if (number > attributeNumberMax) throw new Error('too many different attribute descriptions in one database');
    if (this.#byNumber[number] === description) return number;
    this.#version++;
    this.#byNumber[number] = description;
    this.#byKey.set(description.key, number);
    for (const type of description.type.lineage) addNumber(this.#byType, type, number);
    for (const option of description.options) addNumber(this.#byOption, option, number);
    return number;
  }

  /**
   * The schema has changed: numbers stay, and stand for the descriptions that it has now. What it no longer knows stays as it was.
   */
  refresh(): void {
    const descriptions = [...this.#byNumber];
    this.#byNumber.length = 0;
    this.#byType.clear();
    this.#byOption.clear();
    this.#version++;
    descriptions.forEach((description, number) => {
      if (description) this.define(this.schema.attributeDescription(description.text) ?? description, number);
    });
  }

  /** Every description that has a number. */
  get descriptions(): readonly AttributeDescription[] {
    return this.#byNumber.filter((description) => description !== undefined);
  }

  /** The numbers of all descriptions that a request for `wanted` selects: itself, subtypes, more options. */
  selectedBy(wanted: AttributeDescription): readonly number[] {
    const candidates = this.#candidates(wanted);
    if (wanted.options.length === 0) return candidates;
    return candidates.filter((number) => this.schema.isSubtypeOf(this.description(number), wanted));
  }

  /**
   * The same, or undefined where working it out would take long because many descriptions share a type and options.
   * Clients choose options, and a filter has thousands of terms.
   */
  fewSelectedBy(wanted: AttributeDescription): readonly number[] | undefined {
    if (this.#candidates(wanted).length > candidatesMax) return undefined;
    const selected = this.selectedBy(wanted);
    return selected.length > selectedMax ? undefined : selected;
  }

  /** All that may be selected: the shortest list that an index by type or option has. */
  #candidates({ type, options }: AttributeDescription): readonly number[] {
    let shortest: readonly number[] = this.#byType.get(type) ?? noNumbers;
    for (const option of options) {
      // A range (`lang-en-`) is no option itself.
      const numbers = option.endsWith('-') ? shortest : (this.#byOption.get(option) ?? noNumbers);
      if (numbers.length < shortest.length) shortest = numbers;
    }
    return shortest;
  }
}

/** Descriptions that `fewSelectedBy` looks at. */
const candidatesMax = 64;
/** Descriptions that `fewSelectedBy` answers: each is looked for in every entry. */
const selectedMax = 8;

function addNumber<Key>(index: Map<Key, number[]>, key: Key, number: number): void {
  const numbers = index.get(key);
  if (!numbers) {
    index.set(key, [number]);
    return;
  }
  // A database's dictionary is read in the order of its keys, which need not be that of the numbers.
  const after = numbers[numbers.length - 1]! < number ? -1 : numbers.findIndex((other) => other > number);
  numbers.splice(after < 0 ? numbers.length : after, 0, number);
}
