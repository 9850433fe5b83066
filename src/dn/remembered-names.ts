/**
 * Names that others lie below, by their text as it was written. Two generations: what is asked for again stays. Names that
 * come from all over a large directory are mostly not; then little is kept, and not for long.
 */

/** Longer ones are not worth remembering. */
export const rememberedCharactersMax = 512;
const generationMax = 1_000;

export class RememberedNames<Name> {
  #young = new Map<string, Name>();
  #old = new Map<string, Name>();
  /** The one that was set last: names often come brother after brother. */
  lastText = '';
  last: Name | undefined;

  get(text: string): Name | undefined {
    return this.#young.get(text) ?? this.#old.get(text);
  }

  set(text: string, name: Name): void {
    this.lastText = text;
    this.last = name;
    if (this.#young.has(text)) return;
    if (this.#young.size >= generationMax) {
      this.#old = this.#young;
      this.#young = new Map();
    }
    this.#young.set(text, name);
  }
}
