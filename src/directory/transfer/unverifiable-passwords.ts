/** Counts the entries whose userPassword holds values that no password can match, by reason: their owners cannot log in. */
import { whyUnverifiable } from '../../password/password.js';

export interface UnverifiablePasswords {
  readonly reason: string;
  readonly entries: number;
  /** The first of them. */
  readonly dn: string;
}

/** Further ones are counted as one. */
const reasonsMax = 20;
const otherReasons = 'other reasons';

export class UnverifiablePasswordCount {
  readonly #byReason = new Map<string, { entries: number; readonly dn: string }>();

  note(values: readonly Buffer[], dn: string | (() => string)): void {
    if (values.length === 0) return;
    const reasons = new Set(values.flatMap((value) => whyUnverifiable(value) ?? []));
    for (const reason of reasons) this.#count(reason, dn);
  }

  #count(reason: string, dn: string | (() => string)): void {
    const known = this.#byReason.get(reason);
    if (known) known.entries++;
    else if (this.#byReason.size < reasonsMax) this.#byReason.set(reason, { entries: 1, dn: typeof dn === 'string' ? dn : dn() });
    else if (reason !== otherReasons) this.#count(otherReasons, dn);
    else this.#byReason.set(reason, { entries: 1, dn: typeof dn === 'string' ? dn : dn() });
  }

  /** The most frequent reason first. */
  get all(): readonly UnverifiablePasswords[] {
    return [...this.#byReason]
      .map(([reason, { entries, dn }]) => ({ reason, entries, dn }))
      .sort((a, b) => b.entries - a.entries);
  }
}
