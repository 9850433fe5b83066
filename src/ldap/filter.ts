/** A search filter as a value (RFC 4511 section 4.5.1.7). Attribute descriptions as written, values as bytes. */

export type Filter =
  | { readonly kind: 'and' | 'or'; readonly filters: readonly Filter[] }
  | { readonly kind: 'not'; readonly filter: Filter }
  | { readonly kind: 'present'; readonly attribute: string }
  | {
      readonly kind: 'equality' | 'greaterOrEqual' | 'lessOrEqual' | 'approx';
      readonly attribute: string;
      readonly value: Buffer;
    }
  | {
      readonly kind: 'substrings';
      readonly attribute: string;
      readonly initial: Buffer | undefined;
      readonly any: readonly Buffer[];
      readonly final: Buffer | undefined;
    }
  | {
      readonly kind: 'extensible';
      readonly rule: string | undefined;
      readonly attribute: string | undefined;
      readonly value: Buffer;
      readonly dnAttributes: boolean;
    };

/**
 * An equality filter that the request decoder hands out, as this very object, whenever the same bytes come: what is made of
 * it is worth keeping.
 */
export class RecurringEquality {
  readonly kind = 'equality';

  /** `value` is kept: it must not be a view of memory that is much larger. */
  constructor(
    readonly attribute: string,
    readonly value: Buffer,
  ) {}
}
