/** crypt(3)'s `$5$` and `$6$`: Ulrich Drepper's "Unix crypt using SHA-256 and SHA-512". */
import { hash } from 'node:crypto';
import { encodeCrypt64, encodeTriples } from './crypt-base64.js';

export type ShaCryptMethod = 'sha256' | 'sha512';

const methods = {
  sha256: { prefix: '$5$', encode: encodeSha256 },
  sha512: { prefix: '$6$', encode: encodeSha512 },
} as const;

const defaultRounds = 5_000;

/** The whole hash; `rounds` undefined: the default, which the hash then does not name. */
export function shaCrypt(method: ShaCryptMethod, password: Buffer, salt: string, rounds: number | undefined): string {
  const digestOf = (parts: readonly Buffer[]): Buffer => hash(method, Buffer.concat(parts), 'buffer');
  const saltBytes = Buffer.from(salt, 'latin1');
  let digest = firstDigest(password, saltBytes, digestOf);
  const passwordDigest = digestOf(Array.from({ length: password.length }, () => password));
  const saltDigest = digestOf(Array.from({ length: 16 + digest[0]! }, () => saltBytes));
  const p = stretch(passwordDigest, password.length);
  const s = stretch(saltDigest, saltBytes.length);
  const count = rounds ?? defaultRounds;
  for (let round = 0; round < count; round++) {
    const odd = (round & 1) === 1;
    const parts = [odd ? p : digest];
    if (round % 3 !== 0) parts.push(s);
    if (round % 7 !== 0) parts.push(p);
    parts.push(odd ? digest : p);
    digest = digestOf(parts);
  }
  const { prefix, encode } = methods[method];
  return `${prefix}${rounds === undefined ? '' : `rounds=${rounds}$`}${salt}$${encode(digest)}`;
}

function firstDigest(password: Buffer, salt: Buffer, digestOf: (parts: readonly Buffer[]) => Buffer): Buffer {
  const inner = digestOf([password, salt, password]);
  const parts = [password, salt, stretch(inner, password.length)];
  for (let bits = password.length; bits > 0; bits >>= 1) parts.push((bits & 1) === 1 ? inner : password);
  return digestOf(parts);
}

/** `digest` over and over, `length` bytes of it. */
function stretch(digest: Buffer, length: number): Buffer {
  return Buffer.alloc(length, digest);
}

function encodeSha256(digest: Buffer): string {
  const triples = rotatingTriples([0, 10, 20], ([a, b, c]) => [c + 1, a + 1, b + 1]);
  return encodeTriples(digest, triples.slice(0, 10)) + encodeCrypt64((digest[31]! << 8) | digest[30]!, 3);
}

function encodeSha512(digest: Buffer): string {
  const triples = rotatingTriples([0, 21, 42], ([a, b, c]) => [b + 1, c + 1, a + 1]);
  return encodeTriples(digest, triples.slice(0, 21)) + encodeCrypt64(digest[63]!, 2);
}

type Triple = readonly [number, number, number];

function rotatingTriples(first: Triple, next: (triple: Triple) => Triple): Triple[] {
  const triples = [first];
  while (triples.length < 21) triples.push(next(triples.at(-1)!));
  return triples;
}
