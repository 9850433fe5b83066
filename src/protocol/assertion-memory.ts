/**
 * Finds assertions that came before by their bytes, so that they are neither decoded nor compiled again. An assertion is let
 * in when it comes for the second time while nothing else took its place: addresses from all over a directory, which would
 * only push out what comes with every lookup, hardly ever do.
 */
import { RecurringAssertion } from '../filter/recurring.js';

/** A power of two. */
const slots = 1_024;
/** Longer ones are rare, and not worth keeping. */
const keptBytesMax = 64;

interface Kept {
  /** An AttributeValueAssertion's content, as it was encoded. */
  readonly bytes: Buffer;
  readonly assertion: RecurringAssertion;
}

export class AssertionMemory {
  readonly #kept: (Kept | undefined)[] = new Array<Kept | undefined>(slots).fill(undefined);
  /** Of the assertion that was not kept last, by slot. */
  readonly #seenOnce = new Int32Array(slots);
  #hash = 0;

  /** The assertion with the content `buffer[start, end)`; undefined where it is not kept. */
  find(buffer: Buffer, start: number, end: number): RecurringAssertion | undefined {
    if (end - start > keptBytesMax) return undefined;
    this.#hash = hashOf(buffer, start, end);
    const kept = this.#kept[slotOf(this.#hash)];
    return kept && isSame(kept.bytes, buffer, start, end) ? kept.assertion : undefined;
  }

  /** Takes what `find` has just not found; `attribute` and `value`, a view of `buffer`, are what it says. */
  note(buffer: Buffer, start: number, end: number, attribute: string, value: Buffer): void {
    if (end - start > keptBytesMax) return;
    const slot = slotOf(this.#hash);
    if (this.#seenOnce[slot] !== this.#hash) {
      this.#seenOnce[slot] = this.#hash;
      return;
    }
    const bytes = Buffer.allocUnsafeSlow(end - start);
    buffer.copy(bytes, 0, start, end);
    const valueStart = value.byteOffset - buffer.byteOffset - start;
    const ownValue = bytes.subarray(valueStart, valueStart + value.length);
    this.#kept[slot] = { bytes, assertion: new RecurringAssertion(attribute, ownValue) };
  }
}

function hashOf(buffer: Buffer, start: number, end: number): number {
  let hash = end - start;
  for (let index = start; index < end; index++) hash = (Math.imul(hash, 31) + buffer[index]!) | 0;
  return hash;
}

function slotOf(hash: number): number {
  return (hash ^ (hash >>> 10) ^ (hash >>> 20)) & (slots - 1);
}

function isSame(bytes: Buffer, buffer: Buffer, start: number, end: number): boolean {
  if (bytes.length !== end - start) return false;
  for (let index = 0; index < bytes.length; index++) if (bytes[index] !== buffer[start + index]) return false;
  return true;
}
