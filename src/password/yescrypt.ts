/**
 * yescrypt (`$y$`): the default of Debian, Ubuntu and Fedora, and scrypt's heir. As its reference implementation 1.1 has it
 * for password hashes: no ROM, no local parameters, no hash upgrades.
 */
import { createHash, createHmac, pbkdf2Sync, scryptSync } from 'node:crypto';
import { wasmMemory } from './wasm-code.js';
import { sBoxBytes, yescryptCore, type YescryptCore } from './yescrypt-core.js';

export interface YescryptParameters {
  /** `scrypt` is the classic; `worm` scrypt with more time; `rw` what everybody uses. */
  readonly mode: 'scrypt' | 'worm' | 'rw';
  readonly n: number;
  readonly r: number;
  readonly p: number;
  readonly t: number;
}

const hashBytes = 32;
const pageBytes = 65_536;

/** Bytes of memory that such a hash takes, but for a block or two. */
export function yescryptMemory({ n, r, p }: YescryptParameters): number {
  return 128 * r * (n + p - 1);
}

/** Bytes that it goes through: what its time depends on. */
export function yescryptWork({ mode, n, r, p, t }: YescryptParameters): number {
  const block = 128 * r;
  if (mode === 'scrypt') return 2 * n * p * block;
  if (mode === 'worm') return (n + n * (t === 0 ? 1 : Math.max(1.5, t))) * p * block;
  // Here p shares the work out, until its second half, which each of the p does in full.
  const loops = t === 0 ? n / 3 : t === 1 ? (2 * n) / 3 : n * (t - 1);
  return (n + loops + sBoxBytes) * block;
}

/** Throws RangeError for parameters that yescrypt does not allow. */
export function yescrypt(password: Buffer, salt: Buffer, parameters: YescryptParameters): Buffer {
  const { mode, n, r, p } = parameters;
  if (n < 4 || r < 1 || p < 1 || r * p >= 2 ** 30 || (mode === 'rw' && n / p < 4))
    throw new RangeError('no such yescrypt parameters');
  if (mode === 'scrypt') {
    return scryptSync(password, salt, hashBytes, { N: n, r, p, maxmem: yescryptMemory(parameters) + 1_048_576 });
  }
  let secret = password;
  if (mode === 'rw' && Math.floor(n / p) >= 0x100 && Math.floor(n / p) * r >= 0x20000) {
    secret = derive(password, salt, { ...parameters, n: n / 64, t: 0 }, true);
  }
  return derive(secret, salt, parameters, false);
}

function hmac(key: Buffer | string, message: Buffer | string): Buffer {
  return createHmac('sha256', key).update(message).digest();
}

function derive(password: Buffer, salt: Buffer, parameters: YescryptParameters, isPrehash: boolean): Buffer {
  const { r, p } = parameters;
  const start = hmac(isPrehash ? 'yescrypt-prehash' : 'yescrypt', password);
  const blocks = pbkdf2Sync(start, salt, 1, 128 * r * p, 'sha256');
  const mixing = new Mixing(parameters);
  const first = Buffer.from(blocks.subarray(0, 32));
  const key = mixing.mix(blocks, first);
  const made = pbkdf2Sync(key, blocks, 1, hashBytes, 'sha256');
  if (isPrehash) return made;
  // As in SCRAM: what is stored does not let anybody log in.
  return createHash('sha256').update(hmac(made, 'Client Key')).digest();
}

/** The S-boxes of one of the p parts, and how far they are. */
interface PwxContext {
  s0: number;
  s1: number;
  s2: number;
  w: number;
}

/** The part that takes the memory. Addresses are those of one WebAssembly memory. */
class Mixing {
  readonly #parameters: YescryptParameters;
  readonly #core: YescryptCore;
  readonly #bytes: Buffer;
  /** Of a block: 128 r. */
  readonly #block: number;
  readonly #v: number;
  readonly #xy: number;
  /** A block of zeros, for a mix of one block instead of two. */
  readonly #zeros: number;
  readonly #boxes: number;

  constructor(parameters: YescryptParameters) {
    const { mode, n, r, p } = parameters;
    this.#parameters = parameters;
    this.#block = 128 * r;
    const boxes = mode === 'rw' ? p : 0;
    this.#v = 0;
    this.#xy = this.#v + n * this.#block;
    this.#zeros = this.#xy + 2 * this.#block;
    this.#boxes = this.#zeros + Math.max(this.#block, 128);
    const pages = Math.ceil((this.#boxes + boxes * sBoxBytes) / pageBytes);
    const memory = wasmMemory(pages);
    this.#core = yescryptCore(memory);
    this.#bytes = Buffer.from(memory.buffer);
  }

  /** Mixes the p blocks where they are. Answers `key`, or what the first block's S-boxes make of it. */
  mix(blocks: Buffer, key: Buffer): Buffer {
    const { mode, p, t, n } = this.#parameters;
    const part = (index: number): Buffer => blocks.subarray(index * this.#block, (index + 1) * this.#block);
    if (mode === 'worm') {
      const loops = t === 0 ? n : t === 1 ? n + Math.ceil(n / 2) : n * t;
      for (let index = 0; index < p; index++) {
        this.#fill(part(index), this.#v, n, this.#block, undefined);
        this.#loop(part(index), this.#v, n, even(loops), 'salsa');
      }
      return key;
    }
    const chunk = Math.floor(n / p);
    const loops = t === 0 ? Math.ceil(chunk / 3) : t === 1 ? Math.ceil((2 * chunk) / 3) : chunk * (t - 1);
    const all = even(loops);
    const saving = even(Math.floor(loops / p));
    const evenChunk = chunk - (chunk % 2);
    let madeKey = key;
    const contexts: PwxContext[] = [];
    for (let index = 0; index < p; index++) {
      const block = part(index);
      const start = index * evenChunk;
      const count = index < p - 1 ? evenChunk : n - start;
      const context = this.#fillBoxes(block, this.#boxes + index * sBoxBytes);
      contexts.push(context);
      if (index === 0) madeKey = hmac(block.subarray(-64), key);
      this.#enter(context);
      const v = this.#v + start * this.#block;
      this.#fill(block, v, count, this.#block, 'pwx');
      this.#loop(block, v, powerOfTwoWithin(count), saving, 'save');
      this.#leave(context);
    }
    if (all > saving) {
      for (const [index, context] of contexts.entries()) {
        this.#enter(context);
        this.#loop(part(index), this.#v, n, all - saving, 'pwx');
        this.#leave(context);
      }
    }
    return madeKey;
  }

  #enter({ s0, s1, s2, w }: PwxContext): void {
    this.#core.s0.value = s0;
    this.#core.s1.value = s1;
    this.#core.s2.value = s2;
    this.#core.w.value = w;
  }

  #leave(context: PwxContext): void {
    context.s0 = this.#core.s0.value;
    context.s1 = this.#core.s1.value;
    context.s2 = this.#core.s2.value;
    context.w = this.#core.w.value;
  }

  #fillBoxes(block: Buffer, at: number): PwxContext {
    this.#fill(block.subarray(0, 128), at, sBoxBytes / 128, 128, undefined);
    const third = sBoxBytes / 3;
    return { s0: at + 2 * third, s1: at + third, s2: at, w: 0 };
  }

  /** SMix's first loop: fills `count` blocks at `v`. */
  #fill(block: Buffer, v: number, count: number, size: number, mixer: 'pwx' | undefined): void {
    const { mixSalsa, mixPwx } = this.#core;
    this.#shuffle(block, v);
    const at = (index: number): number => v + index * size;
    if (!mixer) {
      for (let index = 1; index < count; index++) mixSalsa(at(index - 1), this.#zeros, at(index), size);
      mixSalsa(at(count - 1), this.#zeros, this.#xy, size);
    } else {
      mixPwx(at(0), this.#zeros, at(1), size);
      let j = mixPwx(at(1), this.#zeros, at(2), size);
      let power = 2;
      for (let index = 3; index <= count; index++) {
        // Of the blocks so far, one of the last `power` ones, a power of two.
        while (2 * power < index) power *= 2;
        j = ((j & (power - 1)) >>> 0) + (index - 1 - power);
        j = mixPwx(at(index - 1), at(j), index === count ? this.#xy : at(index), size);
      }
    }
    this.#unshuffle(this.#xy, block);
  }

  /** SMix's second loop: goes to and fro in the blocks at `v`. `count` is a power of two. */
  #loop(block: Buffer, v: number, count: number, loops: number, mixer: 'salsa' | 'pwx' | 'save'): void {
    if (loops === 0) return;
    const { mixSalsa, mixPwx, mixPwxSave } = this.#core;
    const size = this.#block;
    const mask = count - 1;
    const x = this.#xy;
    const y = x + size;
    this.#shuffle(block, x);
    let j = this.#bytes.readUInt32LE(x + size - 64);
    for (let loop = 0; loop < loops; loop++) {
      const at = v + ((j & mask) >>> 0) * size;
      if (mixer === 'save') j = mixPwxSave(x, at, size);
      else if (mixer === 'pwx') j = mixPwx(x, at, x, size);
      else j = loop % 2 === 0 ? mixSalsa(x, at, y, size) : mixSalsa(y, at, x, size);
    }
    this.#unshuffle(x, block);
  }

  #shuffle(block: Buffer, to: number): void {
    for (let at = 0; at < block.length; at += 4) {
      const word = (at >> 2) & 15;
      const from = at - 4 * word + 4 * ((word * 5) & 15);
      this.#bytes.writeUInt32LE(block.readUInt32LE(from), to + at);
    }
  }

  #unshuffle(from: number, block: Buffer): void {
    for (let at = 0; at < block.length; at += 4) {
      const word = (at >> 2) & 15;
      const target = at - 4 * word + 4 * ((word * 5) & 15);
      block.writeUInt32LE(this.#bytes.readUInt32LE(from + at), target);
    }
  }
}

function even(count: number): number {
  return count + (count % 2);
}

function powerOfTwoWithin(count: number): number {
  return 2 ** Math.floor(Math.log2(count));
}
