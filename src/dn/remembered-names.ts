/**
 * Parsed parent names, by their text as written. Two generations: what is asked for again stays. A name is admitted when it
 * comes a second time within a while; names from all over a large directory, which are never found again, would cost the
 * garbage collector more than they save.
 */

/** Longer ones are not worth remembering. */
export const rememberedCharactersMax = 512;
const generationMax = 1_000;
/** Names that came once, by hash; a power of two. */
const seenOnceMax = 4_096;
/** Of a name, from its start, go into its hash: siblings differ there. */
const hashedCharacters = 32;

export class RememberedNames<Name> {
  #young = new Map<string, Name>();
  #old = new Map<string, Name>();
  readonly #seenOnce = new Uint32Array(seenOnceMax);
  /** The one that came last: names often come sibling after sibling. */
  lastText = '';
  last: Name | undefined;

  /** Undefined if it is not remembered. */
  get(text: string): Name | undefined {
    const young = this.#young.get(text);
    if (young !== undefined) return this.#noteLast(text, young);
    const old = this.#old.get(text);
    if (old === undefined) return undefined;
    this.#letIn(text, old);
    return this.#noteLast(text, old);
  }

  /** Remembers a name that `get` did not know, if it has come before. */
  add(text: string, name: Name): void {
    this.#noteLast(text, name);
    const hash = hashOf(text);
    const place = hash & (seenOnceMax - 1);
    if (this.#seenOnce[place] === hash) this.#letIn(text, name);
    else this.#seenOnce[place] = hash;
  }

  #noteLast(text: string, name: Name): Name {
    this.lastText = text;
    this.last = name;
    return name;
  }

  #letIn(text: string, name: Name): void {
    if (this.#young.size >= generationMax) {
      this.#old = this.#young;
      this.#young = new Map();
    }
    this.#young.set(text, name);
  }
}

/** FNV-1a, 32 bits, without a sign. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  const length = Math.min(text.length, hashedCharacters);
  for (let index = 0; index < length; index++) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  return hash >>> 0;
}
