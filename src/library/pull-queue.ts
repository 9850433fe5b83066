/** A queue between a producer and a reader, each at its own pace: items wait for the reader, or the reader for them. */
import type { LdapError } from '../ldap/result.js';

interface Reader<T> {
  readonly resolve: (result: IteratorResult<T, undefined>) => void;
  readonly reject: (error: LdapError) => void;
}

export class PullQueue<T> {
  readonly #items: T[] = [];
  readonly #readers: Reader<T>[] = [];
  #ended = false;
  #failure: LdapError | undefined;

  /** Items that wait for the reader. */
  get length(): number {
    return this.#items.length;
  }

  get ended(): boolean {
    return this.#ended;
  }

  push(item: T): void {
    const reader = this.#readers.shift();
    if (reader) reader.resolve({ done: false, value: item });
    else this.#items.push(item);
  }

  next(): Promise<IteratorResult<T, undefined>> {
    const item = this.#items.shift();
    if (item !== undefined) return Promise.resolve({ done: false, value: item });
    if (this.#ended) return this.#last();
    return new Promise((resolve, reject) => this.#readers.push({ resolve, reject }));
  }

  /** No more items come. `failure` is thrown once, after those that wait; then the iteration is just over. */
  end(failure?: LdapError): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#failure = failure;
    for (const reader of this.#readers.splice(0)) {
      this.#last().then(
        (result) => reader.resolve(result),
        (error: LdapError) => reader.reject(error),
      );
    }
  }

  /** The reader wants no more: what waits is dropped, and a failure with it. */
  drop(): void {
    this.#items.length = 0;
    this.#failure = undefined;
    this.end();
  }

  #last(): Promise<IteratorResult<T, undefined>> {
    const failure = this.#failure;
    this.#failure = undefined;
    return failure ? Promise.reject(failure) : Promise.resolve({ done: true, value: undefined });
  }
}
