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

/** yescrypt's way with bytes: three in four digits, the first byte in the lowest bits; the last digits are as few as will do. */
export function encodeCryptBytes(bytes: Buffer): string {
  let text = '';
  for (let at = 0; at < bytes.length; at += 3) {
    const count = Math.min(3, bytes.length - at);
    text += encodeCrypt64(bytes.readUIntLE(at, count), Math.ceil((8 * count) / 6));
  }
  return text;
}

/** Undefined where that is not how any bytes are written. */
export function decodeCrypt64(text: string): Buffer | undefined {
  const bytes: number[] = [];
  for (let at = 0; at < text.length; at += 4) {
    const digits = [...text.slice(at, at + 4)].map((digit) => cryptAlphabet.indexOf(digit));
    const value = digits.reduceRight((sum, digit) => sum * 64 + digit, 0);
    const count = digits.length - 1;
    if (count === 0 || digits.includes(-1) || value >= 2 ** (8 * count)) return undefined;
    for (let index = 0; index < count; index++) bytes.push((value >> (8 * index)) & 0xff);
  }
  return Buffer.from(bytes);
}
