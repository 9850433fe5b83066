/**
 * SCRAM-SHA-256's keys (RFC 5802 section 3, RFC 7677) and the form they are stored in: RFC 5803's, under the scheme's name,
 * `{SCRAM-SHA-256}iterations:salt$StoredKey:ServerKey`. Neither key lets anybody log in, and neither tells the password.
 */
import { isUtf8 } from 'node:buffer';
import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { preparedBytesMax, saslPrep } from './saslprep.js';

export interface ScramSecret {
  readonly iterations: number;
  readonly salt: Buffer;
  readonly storedKey: Buffer;
  readonly serverKey: Buffer;
}

export const scramKeyBytes = 32;
/** RFC 7677 asks for no fewer. Cyrus SASL's clients take no more than 65,536. */
export const scramIterations = 4_096;
export const scramSaltBytes = 16;

const secretForm = /^([1-9][0-9]{0,7}):([A-Za-z0-9+/]+=*)\$([A-Za-z0-9+/]{43}=):([A-Za-z0-9+/]{43}=)$/;

/** What follows the scheme's name; undefined where it is no secret, or asks for more than `iterationsMax`. */
export function parseScramSecret(text: string, iterationsMax: number): ScramSecret | undefined {
  const [, iterations, salt, storedKey, serverKey] = secretForm.exec(text) ?? [];
  if (iterations === undefined || Number(iterations) > iterationsMax) return undefined;
  const [saltBytes, stored, server] = [salt!, storedKey!, serverKey!].map((part) => Buffer.from(part, 'base64'));
  return { iterations: Number(iterations), salt: saltBytes!, storedKey: stored!, serverKey: server! };
}

export function formatScramSecret({ iterations, salt, storedKey, serverKey }: ScramSecret): string {
  return `${iterations}:${salt.toString('base64')}$${storedKey.toString('base64')}:${serverKey.toString('base64')}`;
}

/** From what PBKDF2 makes of the password. */
export function scramSecret(saltedPassword: Uint8Array, salt: Buffer, iterations: number): ScramSecret {
  const storedKey = createHash('sha256').update(hmac(saltedPassword, 'Client Key')).digest();
  return { iterations, salt, storedKey, serverKey: hmac(saltedPassword, 'Server Key') };
}

/** Does the client's proof show that it knows the password? */
export function isScramProof({ storedKey }: ScramSecret, authMessage: string, proof: Buffer): boolean {
  if (proof.length !== scramKeyBytes) return false;
  const signature = hmac(storedKey, authMessage);
  const clientKey = Buffer.from(proof.map((octet, index) => octet ^ signature[index]!));
  return timingSafeEqual(createHash('sha256').update(clientKey).digest(), storedKey);
}

/** What proves to the client that the server has the secret. */
export function scramServerSignature({ serverKey }: ScramSecret, authMessage: string): Buffer {
  return hmac(serverKey, authMessage);
}

/**
 * The password that PBKDF2 gets: prepared by SASLprep, or the bytes themselves where that fails. Clients differ there: some refuse
 * such passwords, and those of Cyrus SASL prepare none.
 */
export function preparedPassword(password: Buffer): Buffer {
  if (password.length > preparedBytesMax || isPlainAscii(password) || !isUtf8(password)) return password;
  const prepared = saslPrep(password.toString('utf8'));
  // What comes down to nothing would be everybody's password.
  return prepared ? Buffer.from(prepared, 'utf8') : password;
}

/** ASCII without control characters, of which SASLprep changes nothing. */
function isPlainAscii(password: Buffer): boolean {
  return password.every((octet) => octet >= 0x20 && octet < 0x7f);
}

function hmac(key: Uint8Array, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}
