/** Numbered values (`X-ORDERED 'VALUES'`): their parts, which of them are equal, and where they are. */
import { endOfNumber } from '../../ldap/ordered-values.js';

export interface NumberedValue {
  /** As it is written: `{01}` is another number than `{1}`. Undefined where there is none. */
  readonly number: string | undefined;
  /** What follows the number: a view of the value. */
  readonly text: Buffer;
  /** The text's identity under the attribute's equality rule. */
  readonly key: string;
}

/** `keyOf`: a value's identity, its number left out. */
export function numberedValue(value: Buffer, keyOf: (value: Buffer) => string): NumberedValue {
  const end = endOfNumber(value, 0, value.length);
  const number = end === 0 ? undefined : value.toString('latin1', 1, end - 1);
  return { number, text: value.subarray(end), key: keyOf(value) };
}

/** Where values are: the first place of those that are equal. */
export class Places {
  readonly #byKey = new Map<string, Map<string | undefined, number>>();
  readonly #byNumber = new Map<string, number>();

  add({ key, number }: Pick<NumberedValue, 'key' | 'number'>, place: number): void {
    let places = this.#byKey.get(key);
    if (!places) this.#byKey.set(key, (places = new Map<string | undefined, number>()));
    if (!places.has(number)) places.set(number, place);
    if (number !== undefined && !this.#byNumber.has(number)) this.#byNumber.set(number, place);
  }

  /** As slapd: values are equal whose text is, unless both have numbers and those differ. */
  equalTo({ key, number }: NumberedValue): number | undefined {
    const places = this.#byKey.get(key);
    if (!places) return undefined;
    if (number !== undefined) return places.get(number) ?? places.get(undefined);
    return places.values().next().value;
  }

  /** What a value to be deleted means: a number alone stands for whatever has it. */
  meantBy(value: NumberedValue): number | undefined {
    const { number, text } = value;
    const byNumber = number !== undefined && text.length === 0 ? this.#byNumber.get(number) : undefined;
    return byNumber ?? this.equalTo(value);
  }
}
