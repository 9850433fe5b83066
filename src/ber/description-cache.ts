/**
 * Attribute descriptions as strings. Clients send the same few over and over (`mail`, `objectClass`, `mailbox`), so
 * the string made last time is found by its bytes and handed out again. Fixed in size: strangers' descriptions only
 * push each other out.
 */

const slots = 1_024;
/** Longer ones are rare, and not worth keeping. */
const cachedBytesMax = 64;

export class DescriptionCache {
  readonly #strings: (string | undefined)[] = new Array<string | undefined>(slots).fill(undefined);

  /** The bytes `buffer[start, end)` as a string with one character for each. */
  text(buffer: Buffer, start: number, end: number): string {
    if (end - start > cachedBytesMax) return buffer.toString('latin1', start, end);
    let hash = end - start;
    for (let index = start; index < end; index++) hash = (Math.imul(hash, 31) + buffer[index]!) | 0;
    const slot = (hash ^ (hash >>> 10)) & (slots - 1);
    const cached = this.#strings[slot];
    if (cached !== undefined && isText(buffer, start, end, cached)) return cached;
    return (this.#strings[slot] = buffer.toString('latin1', start, end));
  }
}

function isText(buffer: Buffer, start: number, end: number, text: string): boolean {
  if (text.length !== end - start) return false;
  for (let index = 0; index < text.length; index++) if (text.charCodeAt(index) !== buffer[start + index]) return false;
  return true;
}
