/**
 * The numbers of values that keep an order: `{2}third`. Attribute types that are defined with `X-ORDERED 'VALUES'` have
 * such values.
 */

const brace = 0x7b;
const closingBrace = 0x7d;
const zero = 0x30;
const nine = 0x39;
const blank = 0x20;

/** Where the value at `buffer[start, end)` goes on after its number: `start` where it has none. */
export function endOfNumber(buffer: Buffer, start: number, end: number): number {
  if (start >= end || buffer[start] !== brace) return start;
  for (let position = start + 1; position < end; position++) {
    const octet = buffer[position]!;
    if (octet === closingBrace) return position > start + 1 ? position + 1 : start;
    // As slapd, which takes a NumericString for a number.
    if (octet !== blank && (octet < zero || octet > nine)) return start;
  }
  return start;
}

/** The value without its number: a view of it. */
export function withoutNumber(value: Buffer): Buffer {
  const start = endOfNumber(value, 0, value.length);
  return start === 0 ? value : value.subarray(start);
}
