/**
 * Streebog with 256 bits (GOST R 34.11-2012, RFC 6986), and its HMAC: for gost-yescrypt, which hashes a few hundred bytes with
 * it. Written for clarity; words of 64 bits are BigInts.
 */

/** RFC 6986's Pi: the substitution of octets. */
const substitution = Buffer.from(
  [
    'fceedd11cf6e3116fbc4fada23c5044de977f0db932e99ba1736f1bb14cd5fc1',
    'f918655ae25cef21811c3c428b018e4f058402aee36a8fa0060bed987fd4d31f',
    'eb342c51eac848abf22a68a2fd3aceccb5700e56080c7612bf7213479cb75d87',
    '15a19629107b9ac7f391786f9d9eb2b13275193dff358a7e6d54c680c3bd0d57',
    'dff524a93ea843c9d779d6f67c22b903e00fecde7a94b0bcdce828504e330a4a',
    'a79760731e0062441ab83882649f2641ad454692275e552f8ca3a57d69d5953b',
    '0758b34086ac1df730376be488d9e789e11b83494c3ff8fe8d53aa90cad88561',
    '207167a42d2b095bcb9b25d0bee56c5259a674d2e6f4b4c0d166afc2394b63b6',
  ].join(''),
  'hex',
);

/** The rows of the linear transformation: what each bit of the eight octets contributes. */
const linear = words([
  '641c314b2b8ee083c83862965601dd1b8d70c431ac02a73607e095624504536c',
  '0edd37c48a08a6d81ca76e95091051ad3853dc371220a24770a6a56e2440598e',
  'a48b474f9ef5dc18550b8e9e21f7a530aa16012142f35760492c024284fbaec0',
  '9258048415eb419d39b008152acb8227727d102a548b194ee4fa2054a80b329c',
  'f97d86d98a327728effa11af0964ee50c3e9224312c8c1a09bcf4486248d9f5d',
  '2b838811480723ba561b0d22900e4669ac361a443d1c8cd2456c34887a3805b9',
  '5b068c651810a89eb60c05ca30204d2171180a8960409a42e230140fc0802984',
  'd960281e9d1d5215afc0503c273aa42a439da0784e74555486275df09ce8aaa8',
  '0321658cba93c1380642ca05693b9f700c84890ad27623e018150f14b9ec46dd',
  '302a1e286fc58ca760543c50de970553c0a878a0a1330aa69d4df05d5f661451',
  'accc9ca9328a89504585254f64090fa08a174a9ec8121e5d092e94218d243cba',
  '125c35420748786924b86a840e90f0d2486dd4151c3dfdb990dab52a387ae76f',
  '46b60f011a83988e8c711e02341b2d0105e23c0468365a020ad97808d06cb404',
  '14aff010bdd875082843fd2067adea105086e740ce47c920a011d380818e8f40',
  '83478b07b24687641b8e0b0e798c13c83601161cf205268d6c022c38f90a4c07',
  'd8045870ef14980ead08b0e0c3282d1c47107ddd9b505a388e20faa72ba0b470',
]);

/** The constants of the twelve rounds, their words in ascending order. */
const constants = words([
  'dd806559f2a6450705767436cc744d23a2422a08a460d3154b7ce09192676901',
  '714eb88d7585c4fc2f6a76432e45d016ebcb2f81c0657c1fb1085bda1ecadae9',
  'e679047021b19bb755dda21bd7cbcd565cb561c2db0aa7ca9ab5176b12d69958',
  '61d55e0f16b50131f3feea720a232b984fe39d460f70b5d76fa3b58aa99d2f1a',
  '991e96f50aba0ab2c2b6f443867adb31c1c93a376062db09d3e20fe490359eb1',
  'f2ea7514b1297b7b06f15e5f529c1f8b0a39fc286a3d8435f574dcac2bce2fc7',
  '220cbebc84e3d12e3453eaa193e837f1d8b71333935203bea9d72c82ed03d675',
  '9d721cad685e353f488e857e335c3c7df948e1a05d71e4ddef1fdfb3e81566d2',
  '601758fd7c6cfe577a56a27ea9ea63f5dfff00b723271a16bfcd1747253af5a3',
  '359e35d7800fffbd7f151c1f1686104a9a3f410c6ca923634bea6bacad474799',
  'fa68407a46647d6ebf71c57236904f350af21f66c2bec6b6cffaa6b71c9ab7b4',
  '187f9ab49af08ec62d66c4f95142a46c6fa4c33b7a3039c0ae4faeae1d3ad3d9',
  '8886564d3a14d4933517454ca23c4af306476983284a05040992abc52d822c37',
  'd3473e33197a93c9399ec6c7e6bf87c951ac86febf240954f4c70e16eeaac5ec',
  'a47f0dd4bf02e71e36acc2355951a8d969d18d2bd1a5c42ff4892bcb929b0690',
  '89b4443b4ddbc49a4eb7f8719c36de1e03e7aa020c6e41419b1f5b424d93c9a7',
  '7261445183235adb0e38dc92cb1f2a607b2b8a9aa6079c54800a440bdbb2ceb1',
  '3cd955b7e00d09843a7d3a1b25894224944c9ad8ec165fde378f5a541631229b',
  '74b4c7fb98459ced3698fad1153bb6c37a1e6c303b7652f49fe76702af69334b',
  '1fffe18a1b3361038941e71cff8a78db382ae548b2e4f3f3abbedea680056f52',
  '6bcaa4cd81f32d1bdea2594ac06fd85defbacd1d7d476e988a1d71efea48b9ca',
  '2001802114846679d8fa6bbbebab07613002c6cd635afe947bcd9ed0efc889fb',
  '48bc924af11bd720faf417d5d9b21b99e71da4aa88e128525d80ef9d1891cc86',
  'f82012d430219f9bcda43c32bcdf1d77d21380b00449b17a378ee767f11631ba',
]);

const wordMask = 0xffff_ffff_ffff_ffffn;
const zeros = new BigUint64Array(8);

function words(rows: readonly string[]): BigUint64Array {
  return BigUint64Array.from(rows.join('').match(/.{16}/g)!, (hex) => BigInt(`0x${hex}`));
}

/** By octet's place and value: substituted and transformed. */
const transformed: readonly BigUint64Array[] = Array.from({ length: 8 }, (_, place) =>
  BigUint64Array.from(substitution, (octet) => {
    let word = 0n;
    for (let bit = 0; bit < 8; bit++) if ((octet >> bit) & 1) word ^= linear[8 * place + bit]!;
    return word;
  }),
);

/** The transformations L, P and S of `a ^ b`. */
function transform(a: BigUint64Array, b: BigUint64Array): BigUint64Array {
  const octets = new Uint8Array(a.map((word, index) => word ^ b[index]!).buffer);
  return BigUint64Array.from({ length: 8 }, (_, column) => {
    let word = 0n;
    for (let place = 0; place < 8; place++) word ^= transformed[place]![octets[8 * place + column]!]!;
    return word;
  });
}

/** The compression function: `h` after the block `m`, `n` bits into the message. */
function compress(h: BigUint64Array, n: BigUint64Array, m: BigUint64Array): BigUint64Array {
  let key = transform(h, n);
  let state = m;
  for (let round = 0; round < 12; round++) {
    state = transform(key, state);
    key = transform(key, constants.subarray(8 * round, 8 * round + 8));
  }
  return state.map((word, index) => word ^ key[index]! ^ h[index]! ^ m[index]!);
}

function add(a: BigUint64Array, b: BigUint64Array): BigUint64Array {
  let carry = 0n;
  return a.map((word, index) => {
    const sum = word + b[index]! + carry;
    carry = sum >> 64n;
    return sum & wordMask;
  });
}

function blockOf(bytes: Uint8Array): BigUint64Array {
  return new BigUint64Array(Uint8Array.from(bytes).buffer);
}

function bitCount(bytes: number): BigUint64Array {
  const count = new BigUint64Array(8);
  count[0] = BigInt(8 * bytes);
  return count;
}

export function streebog256(message: Uint8Array): Buffer {
  let h: BigUint64Array = new BigUint64Array(8).fill(0x0101_0101_0101_0101n);
  let length: BigUint64Array = new BigUint64Array(8);
  let sum: BigUint64Array = new BigUint64Array(8);
  const step = (block: BigUint64Array, bytes: number): void => {
    h = compress(h, length, block);
    length = add(length, bitCount(bytes));
    sum = add(sum, block);
  };
  let at = 0;
  for (; at + 64 <= message.length; at += 64) step(blockOf(message.subarray(at, at + 64)), 64);
  const rest = new Uint8Array(64);
  rest.set(message.subarray(at));
  rest[message.length - at] = 1;
  step(blockOf(rest), message.length - at);
  h = compress(h, zeros, length);
  h = compress(h, zeros, sum);
  return Buffer.from(new Uint8Array(h.buffer as ArrayBuffer, 32, 32));
}

/** `key`: at most 64 bytes. */
export function streebogHmac(key: Uint8Array, message: Uint8Array): Buffer {
  const pad = (octet: number): Uint8Array => Uint8Array.from({ length: 64 }, (_, index) => (key[index] ?? 0) ^ octet);
  return streebog256(Buffer.concat([pad(0x5c), streebog256(Buffer.concat([pad(0x36), message]))]));
}
