/**
 * Argon2 (RFC 9106) as slapd's argon2 module and Dovecot store it, in the form of its reference implementation:
 * `$argon2id$v=19$m=65536,t=3,p=1$salt$digest`.
 */
import { hashMemoryMax, mebibytes } from './crypt-forms.js';

export type Argon2Type = 'argon2d' | 'argon2i' | 'argon2id';

/** What new hashes cost; `moduleload argon2.so` sets it. */
export interface Argon2Cost {
  readonly memoryKibibytes: number;
  readonly iterations: number;
  readonly parallelism: number;
}

export interface Argon2Hash extends Argon2Cost {
  readonly type: Argon2Type;
  readonly salt: Buffer;
  readonly digest: Buffer;
}

/** slapd's, which are libargon2's. */
export const defaultArgon2Cost: Argon2Cost = { memoryKibibytes: 4_096, iterations: 3, parallelism: 1 };

/** What slapd's module makes. */
export const argon2SaltBytes = 16;
export const argon2DigestBytes = 32;

/** Some seconds of one core: memory times iterations. */
const workKibibytesMax = 2 * 1_024 * 1_024;
const parallelismMax = 255;

const form =
  /^\$(argon2id|argon2i|argon2d)\$(?:v=(\d{1,4})\$)?m=(\d{1,10}),t=(\d{1,10}),p=(\d{1,8})\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)$/;

/** Or why no password can have it. */
export function readArgon2(text: string): Argon2Hash | { readonly refused: string } {
  const found = form.exec(text);
  if (!found) return { refused: 'not a whole Argon2 hash' };
  if (found[2] !== '19') return { refused: 'Argon2 of a version before 1.3' };
  const [memoryKibibytes, iterations, parallelism] = found.slice(3, 6).map(Number) as [number, number, number];
  const [salt, digest] = [Buffer.from(found[6]!, 'base64'), Buffer.from(found[7]!, 'base64')];
  if (salt.length < 8 || digest.length < 4) return { refused: 'not a whole Argon2 hash' };
  const costly = argon2Excess({ memoryKibibytes, iterations, parallelism });
  if (costly !== undefined) return { refused: costly };
  return { type: found[1] as Argon2Type, memoryKibibytes, iterations, parallelism, salt, digest };
}

/** What is wrong with such a cost; undefined if nothing is. */
export function argon2Excess({ memoryKibibytes, iterations, parallelism }: Argon2Cost): string | undefined {
  if (iterations < 1 || parallelism < 1 || memoryKibibytes < 8 * parallelism) return 'Argon2 does not have these parameters';
  if (memoryKibibytes * 1_024 > hashMemoryMax) {
    const asked = Math.ceil(memoryKibibytes / 1_024);
    return `Argon2 asks for ${asked} MiB of memory, more than the ${mebibytes(hashMemoryMax)} that one login may take`;
  }
  const work = memoryKibibytes * iterations;
  if (work > workKibibytesMax || parallelism > parallelismMax) {
    return `Argon2 asks for m=${memoryKibibytes},t=${iterations},p=${parallelism}, more than one login may take`;
  }
  return undefined;
}

export function formatArgon2({ type, memoryKibibytes, iterations, parallelism, salt, digest }: Argon2Hash): string {
  const [saltText, digestText] = [salt, digest].map((bytes) => bytes.toString('base64').replaceAll('=', ''));
  return `$${type}$v=19$m=${memoryKibibytes},t=${iterations},p=${parallelism}$${saltText}$${digestText}`;
}

/** Runs where nothing waits for it: a worker thread. The library is loaded by the first hash. */
export async function argon2(password: Uint8Array, hash: Omit<Argon2Hash, 'digest'>, digestBytes: number): Promise<Uint8Array> {
  const { default: library } = await import('hash-wasm');
  return library[hash.type]({
    password,
    salt: hash.salt,
    iterations: hash.iterations,
    parallelism: hash.parallelism,
    memorySize: hash.memoryKibibytes,
    hashLength: digestBytes,
    outputType: 'binary',
  });
}
