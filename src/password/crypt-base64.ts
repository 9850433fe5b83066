/** The base 64 of crypt(3): its own alphabet, least significant six bits first. */

export const cryptAlphabet = './0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

/** The low `6 * digits` bits of `value`. */
export function encodeCrypt64(value: number, digits: number): string {
  let text = '';
  for (let count = 0; count < digits; count++) {
    text += cryptAlphabet[value & 0x3f]!;
    value >>>= 6;
  }
  return text;
}

/** `digest`'s bytes at each triple of indexes (most significant first), four digits each. */
export function encodeTriples(digest: Buffer, triples: readonly (readonly [number, number, number])[]): string {
  return triples
    .map(([high, middle, low]) => encodeCrypt64((digest[high]! << 16) | (digest[middle]! << 8) | digest[low]!, 4))
    .join('');
}
