/**
 * crypt(3)'s `$3$`: Windows' NT hash, MD4 (RFC 1320) of the password with a zero octet after each of its octets. OpenSSL offers
 * MD4 no longer.
 */

const prefix = '$3$$';

/** The whole hash. */
export function ntHash(password: Buffer): string {
  const wide = Buffer.alloc(2 * password.length);
  for (const [index, octet] of password.entries()) wide[2 * index] = octet;
  return prefix + md4(wide).toString('hex');
}

type Words = [number, number, number, number];

/** Of each round: the order of the message's words, the shifts, the constant, the function of three words. */
const rounds = [
  {
    order: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15],
    shifts: [3, 7, 11, 19],
    constant: 0,
    mix: (x: number, y: number, z: number): number => (x & y) | (~x & z),
  },
  {
    order: [0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15],
    shifts: [3, 5, 9, 13],
    constant: 0x5a827999,
    mix: (x: number, y: number, z: number): number => (x & y) | (x & z) | (y & z),
  },
  {
    order: [0, 8, 4, 12, 2, 10, 6, 14, 1, 9, 5, 13, 3, 11, 7, 15],
    shifts: [3, 9, 11, 15],
    constant: 0x6ed9eba1,
    mix: (x: number, y: number, z: number): number => x ^ y ^ z,
  },
] as const;

function md4(message: Buffer): Buffer {
  const padded = Buffer.alloc(64 * Math.ceil((message.length + 9) / 64));
  message.copy(padded);
  padded[message.length] = 0x80;
  padded.writeBigUInt64LE(BigInt(8 * message.length), padded.length - 8);
  let state: Words = [0x67452301, 0xefcdab89 | 0, 0x98badcfe | 0, 0x10325476];
  for (let at = 0; at < padded.length; at += 64) {
    let [a, b, c, d] = state;
    for (const { order, shifts, constant, mix } of rounds) {
      for (const [step, word] of order.entries()) {
        const sum = (a + mix(b, c, d) + padded.readUInt32LE(at + 4 * word) + constant) | 0;
        const shift = shifts[step & 3]!;
        [a, b, c, d] = [d, (sum << shift) | (sum >>> (32 - shift)), b, c];
      }
    }
    state = [(state[0] + a) | 0, (state[1] + b) | 0, (state[2] + c) | 0, (state[3] + d) | 0];
  }
  const digest = Buffer.alloc(16);
  for (const [index, word] of state.entries()) digest.writeInt32LE(word, 4 * index);
  return digest;
}
