/** Time-based one-time passwords (RFC 6238) as authenticator apps make them: SHA-1, six digits, a new one every 30 seconds. */
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

const stepSeconds = 30;
const digits = 6;
const secretBytes = 20;
/** Clocks differ, and typing takes time: the codes before and after the present one are good, too. */
const window = 1;
const base32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/** A new secret, in base32 as authenticator apps take it. */
export function newTotpSecret(): string {
  return encodeBase32(randomBytes(secretBytes));
}

export function encodeBase32(bytes: Uint8Array): string {
  let text = '';
  let [bits, held] = [0, 0];
  for (const byte of bytes) {
    held = (held << 8) | byte;
    for (bits += 8; bits >= 5; bits -= 5) text += base32[(held >> (bits - 5)) & 31];
    held &= (1 << bits) - 1;
  }
  return bits === 0 ? text : text + base32[(held << (5 - bits)) & 31];
}

function decodeBase32(text: string): Buffer {
  const bytes: number[] = [];
  let [bits, held] = [0, 0];
  for (const character of text) {
    held = (held << 5) | base32.indexOf(character);
    bits += 5;
    if (bits < 8) continue;
    bits -= 8;
    bytes.push(held >> bits);
    held &= (1 << bits) - 1;
  }
  return Buffer.from(bytes);
}

/** The code of one step (RFC 4226 section 5.3). */
export function totpCode(secret: string, step: number): string {
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(step));
  const mac = createHmac('sha1', decodeBase32(secret)).update(counter).digest();
  const number = mac.readUInt32BE((mac.at(-1) ?? 0) & 0xf) & 0x7fff_ffff;
  return String(number % 10 ** digits).padStart(digits, '0');
}

export function stepAt(now: Date): number {
  return Math.floor(now.getTime() / 1_000 / stepSeconds);
}

/**
 * The step whose code this is, of those that are good now and later than `last`: no code is good twice (RFC 6238 section 5.2).
 * Undefined where there is none.
 */
export function matchingStep(secret: string, code: string, now: Date, last: number): number | undefined {
  const typed = Buffer.from(code.replace(/[\s-]/g, ''));
  let found: number | undefined;
  for (let step = stepAt(now) - window; step <= stepAt(now) + window; step++) {
    const expected = Buffer.from(totpCode(secret, step));
    if (typed.length === expected.length && timingSafeEqual(typed, expected) && step > last) found ??= step;
  }
  return found;
}

/** What an authenticator app reads from a link or a QR code. */
export function totpUri(secret: string, issuer: string, account: string): string {
  const label = `${encodeURIComponent(issuer)}:${encodeURIComponent(account)}`;
  const query = new URLSearchParams({ secret, issuer, algorithm: 'SHA1', digits: String(digits), period: String(stepSeconds) });
  return `otpauth://totp/${label}?${query.toString().replaceAll('+', '%20')}`;
}
