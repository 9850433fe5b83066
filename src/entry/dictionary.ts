/**
 * Numbers for attribute descriptions. A record names its attributes by number, so that a filter finds them by
 * comparing integers. A database's numbers are stored in it and never reused; entries that are not stored (root DSE,
 * cn=Subschema, cn=Monitor) share a dictionary that lives in memory.
 */
import type { AttributeDescription, AttributeType, Schema } from '../ldap/schema.js';

export const attributeNumberMax = 0xffff;

export class AttributeDictionary {
  readonly #byNumber: (AttributeDescription | undefined)[] = [];
  readonly #byKey = new Map<string, number>();
  readonly #subtypes = new Map<string, readonly number[]>();

  constructor(readonly schema: Schema) {}

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
    this.#byNumber[number] = description;
    this.#byKey.set(description.key, number);
    this.#subtypes.clear();
    return number;
  }

  /** The numbers of all descriptions that a request for `wanted` selects: itself, subtypes, more options. */
  selectedBy(wanted: AttributeDescription): readonly number[] {
    let found = this.#subtypes.get(wanted.key);
    if (!found) {
      found = this.#byNumber.flatMap((candidate, number) =>
        candidate && this.schema.isSubtypeOf(candidate, wanted) ? [number] : [],
      );
      // Descriptions come from clients (`cn;lang-x1`, `cn;lang-x2`, ...): remember a bounded number of answers.
      if (this.#subtypes.size >= 1_000) this.#subtypes.clear();
      this.#subtypes.set(wanted.key, found);
    }
    return found;
  }

  /** The numbers of `type` and its subtypes, whatever their options. */
  ofType(type: AttributeType): readonly number[] {
    const key = `type:${type.oid}`;
    let found = this.#subtypes.get(key);
    if (!found) {
      found = this.#byNumber.flatMap((candidate, number) => (candidate?.type.lineage.includes(type) ? [number] : []));
      this.#subtypes.set(key, found);
    }
    return found;
  }
}
