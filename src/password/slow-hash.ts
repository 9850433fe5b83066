/** Slow hashes as tasks for a worker thread: request, answer, and the computation. */
import { pbkdf2Sync } from 'node:crypto';
import { argon2, type Argon2Cost, type Argon2Type } from './argon2.js';
import { crypt } from './crypt.js';

export type Pbkdf2Digest = 'sha1' | 'sha256' | 'sha512';

export type SlowHashTask =
  /** `hash` is a whole crypt(3) hash; the answer is what `password` hashes to in its manner. */
  | { readonly kind: 'crypt'; readonly password: Uint8Array; readonly hash: string; readonly memoryBytes?: number }
  | {
      readonly kind: 'pbkdf2';
      readonly password: Uint8Array;
      readonly salt: Uint8Array;
      readonly iterations: number;
      readonly digest: Pbkdf2Digest;
      readonly keyBytes: number;
      readonly memoryBytes?: number;
    }
  | {
      readonly kind: 'argon2';
      readonly type: Argon2Type;
      readonly password: Uint8Array;
      readonly salt: Uint8Array;
      readonly cost: Argon2Cost;
      readonly digestBytes: number;
      /** What it takes while it is computed; tasks of some kilobytes do not say. */
      readonly memoryBytes?: number;
    };

/** Undefined: the password has no such hash. */
export type SlowHashResult = Uint8Array | undefined;

/** What a worker answers to a task. */
export type SlowHashReply =
  { readonly done: true; readonly result: SlowHashResult } | { readonly done: false; readonly message: string };

export async function computeSlowHash(task: SlowHashTask): Promise<SlowHashResult> {
  switch (task.kind) {
    case 'crypt': {
      const hash = crypt(asBuffer(task.password), task.hash);
      return hash === undefined ? undefined : new TextEncoder().encode(hash);
    }
    case 'pbkdf2': {
      const { password, salt, iterations, keyBytes, digest } = task;
      return new Uint8Array(pbkdf2Sync(password, salt, iterations, keyBytes, digest));
    }
    case 'argon2': {
      const { password, type, salt, cost, digestBytes } = task;
      // The library has no hash of nothing, and nobody logs in with it.
      if (password.length === 0) return undefined;
      return argon2(password, { type, salt: asBuffer(salt), ...cost }, digestBytes);
    }
  }
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
