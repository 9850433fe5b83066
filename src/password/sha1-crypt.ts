/** crypt(3)'s `$sha1`: NetBSD's iterated HMAC-SHA-1. */
import { createHmac } from 'node:crypto';
import { encodeTriples } from './crypt-base64.js';

/** The whole hash, `$sha1$iterations$salt$digest`. */
export function sha1Crypt(password: Buffer, salt: string, iterations: number): string {
  let digest = Buffer.from(`${salt}$sha1$${iterations}`, 'latin1');
  for (let count = 0; count < Math.max(1, iterations); count++) digest = createHmac('sha1', password).update(digest).digest();
  const triples = Array.from({ length: 7 }, (_, index) => [3 * index, 3 * index + 1, (3 * index + 2) % 20] as const);
  return `$sha1$${iterations}$${salt}$${encodeTriples(digest, triples)}`;
}
