/**
 * Changes of values that are numbered (`X-ORDERED 'VALUES'`), as slapd makes them: a value that is added goes where its
 * number says, or last; one is deleted by its number, its text, or both; and each change numbers the values anew.
 */
import { LdapError, ResultCode } from '../../ldap/result.js';
import type { AttributeDescription } from '../../ldap/schema.js';
import { numberingStepsMax } from '../limits.js';
import { valueKey } from './attribute-values.js';
import { numberedValue, Places, type NumberedValue } from './places.js';

/** What the changes of one request may still cost. */
export class NumberingBudget {
  #left = numberingStepsMax;

  spend(steps: number): void {
    this.#left -= steps;
    if (this.#left < 0) throw new LdapError(ResultCode.adminLimitExceeded, 'too many changes of numbered values');
  }
}

/** One attribute's values during a request. */
export class OrderedValues {
  #values: NumberedValue[];
  /** How many values have a key. */
  readonly #keys = new Map<string, number>();
  /** A value's place is its number, whatever it says itself. An add leaves numbers as they came; changes do not. */
  #isNumbered = false;

  constructor(
    private readonly description: AttributeDescription,
    values: readonly Buffer[],
    private readonly budget: NumberingBudget,
  ) {
    budget.spend(values.length);
    this.#values = values.map((value) => this.#read(value));
    for (const { key } of this.#values) this.#count(key, 1);
  }

  get length(): number {
    return this.#values.length;
  }

  /** Throws 20 or 80. `permissive`: what is there already is left out. */
  add(added: readonly Buffer[], permissive: boolean): void {
    this.#spend(added);
    const known = this.#isNumbered ? undefined : this.#places();
    const values = added.map((value) => this.#read(value));
    const isThere = values.map((value) => (known ? known.equalTo(value) !== undefined : this.#hasEqual(value)));
    if (!permissive && isThere.includes(true)) {
      const reason = `modify/add: ${this.description.text}: value #${isThere.indexOf(true)} already exists`;
      throw new LdapError(ResultCode.attributeOrValueExists, reason);
    }
    this.#sort();
    values.forEach((value, index) => {
      if (!isThere[index]) this.#insert(value);
    });
    this.#isNumbered = true;
  }

  /** Throws 16. `permissive`: what is not there needs not be. */
  delete(deleted: readonly Buffer[], permissive: boolean): void {
    this.#spend(deleted);
    const places = this.#places();
    const gone = new Set<number>();
    for (const value of deleted) {
      const place = places.meantBy(this.#read(value));
      if (place !== undefined) gone.add(place);
      else if (!permissive) {
        throw new LdapError(ResultCode.noSuchAttribute, `modify/delete: ${this.description.text}: no such value`);
      }
    }
    for (const place of gone) this.#count(this.#values[place]!.key, -1);
    this.#values = this.#values.filter((_, place) => !gone.has(place));
    this.#sort();
    // As slapd: values of which only some are numbered stay so.
    const some = this.#values.some(({ number }) => number !== undefined);
    this.#isNumbered ||= !some || this.#values.every(({ number }) => number !== undefined);
  }

  all(): Buffer[] {
    return this.#values.map(({ number, text }, place) => {
      const shown = this.#isNumbered ? place : number;
      return shown === undefined ? text : Buffer.concat([Buffer.from(`{${shown}}`), text]);
    });
  }

  #read(value: Buffer): NumberedValue {
    return numberedValue(value, (whole) => valueKey(this.description, whole));
  }

  #spend(values: readonly Buffer[]): void {
    this.budget.spend(1 + values.length + (this.#values.length >> 3));
  }

  #count(key: string, more: number): void {
    const count = (this.#keys.get(key) ?? 0) + more;
    if (count > 0) this.#keys.set(key, count);
    else this.#keys.delete(key);
  }

  #places(): Places {
    const places = new Places();
    this.#values.forEach(({ key, number }, place) => {
      places.add({ key, number: this.#isNumbered ? String(place) : number }, place);
    });
    return places;
  }

  /** Where a value's place is its number. */
  #hasEqual({ key, number }: NumberedValue): boolean {
    if (number === undefined) return this.#keys.has(key);
    return String(Number(number)) === number && this.#values[Number(number)]?.key === key;
  }

  /** By their numbers, where all have one. */
  #sort(): void {
    if (this.#isNumbered || this.#values.some(({ number }) => number === undefined)) return;
    this.#values.sort((a, b) => Number(a.number) - Number(b.number));
  }

  #insert(value: NumberedValue): void {
    const place = placeOf(this.description, value);
    this.#count(value.key, 1);
    if (place === undefined || place >= this.#values.length) {
      this.#values.push(value);
      return;
    }
    // Moving what follows is cheap, not free.
    this.budget.spend((this.#values.length - place) >> 8);
    this.#values.splice(place, 0, value);
  }
}

const brace = 0x7b;

/** Undefined: last. As slapd, which takes what begins with a brace for a number: throws 80 for any other. */
function placeOf(description: AttributeDescription, { number, text }: NumberedValue): number | undefined {
  if (number === undefined ? text[0] !== brace : /^ *\d+$/.test(number)) return number === undefined ? undefined : Number(number);
  throw new LdapError(ResultCode.other, `modify/add: ${description.text}: a value that begins with { must begin with {number}`);
}
