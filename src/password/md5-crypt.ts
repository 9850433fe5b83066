/** crypt(3)'s `$1$`: FreeBSD's salted MD5, a thousand rounds. */
import { hash } from 'node:crypto';
import { encodeCrypt64, encodeTriples } from './crypt-base64.js';

const prefix = '$1$';
const rounds = 1_000;

/** The whole hash, `$1$salt$digest`. */
export function md5Crypt(password: Buffer, salt: string): string {
  const saltBytes = Buffer.from(salt, 'latin1');
  let digest = firstDigest(password, saltBytes);
  for (let round = 0; round < rounds; round++) {
    const odd = (round & 1) === 1;
    const parts = [odd ? password : digest];
    if (round % 3 !== 0) parts.push(saltBytes);
    if (round % 7 !== 0) parts.push(password);
    parts.push(odd ? digest : password);
    digest = md5(parts);
  }
  return `${prefix}${salt}$${encode(digest)}`;
}

function firstDigest(password: Buffer, salt: Buffer): Buffer {
  const inner = md5([password, salt, password]);
  const parts = [password, Buffer.from(prefix), salt];
  for (let left = password.length; left > 0; left -= inner.length) parts.push(inner.subarray(0, left));
  // The original meant to add bytes of the digest here, but had cleared it: a zero byte it is.
  for (let bits = password.length; bits > 0; bits >>= 1) {
    parts.push((bits & 1) === 1 ? Buffer.of(0) : password.subarray(0, 1));
  }
  return md5(parts);
}

function encode(digest: Buffer): string {
  const triples = [
    [0, 6, 12],
    [1, 7, 13],
    [2, 8, 14],
    [3, 9, 15],
    [4, 10, 5],
  ] as const;
  return encodeTriples(digest, triples) + encodeCrypt64(digest[11]!, 2);
}

function md5(parts: readonly Buffer[]): Buffer {
  return hash('md5', Buffer.concat(parts), 'buffer');
}
