/** What receives the terms of an entry while its postings are made. */

/** Keys of one substring index: what is gathered under them is found by the gram, and spelled out when it is written. */
export interface KeyFamily {
  readonly keyOf: (gram: number) => string;
}

/** Takes an entry's terms; the same one may come more than once. */
export interface TermSink {
  term(key: string): void;
  /** Where ASCII grams come as numbers; else they are terms like others. */
  gram?(family: KeyFamily, gram: number): void;
}
