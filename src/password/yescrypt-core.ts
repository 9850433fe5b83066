/**
 * The inner loops of yescrypt as WebAssembly: BlockMix with Salsa20/8 and with pwxform. Blocks of 64 bytes are kept as four
 * vectors in the order in which Salsa20's diagonals are rows.
 */
import { FunctionCode, wasmInstance, wasmModule, type WasmGlobal, type WasmMemory, type WasmModule } from './wasm-code.js';

/** Bytes of the three S-boxes of one pwxform. */
export const sBoxBytes = 3 * 4_096;

const blockBytes = 64;
/** Which of an S-box's 256 pairs of 64-bit words the two halves of a word name, as byte offsets. */
const sMask = 0xff0;
const sMasks = (BigInt(sMask) << 32n) | BigInt(sMask);

/** The globals: where the S-boxes lie, and where in the last one the next words are written. */
const globals = ['s0', 's1', 's2', 'w'] as const;

export interface YescryptCore {
  /** X = Bin1 ^ Bin2 through Salsa20/8: `mixSalsa(bin1, bin2, out, r)`. Answers the first word of the last block, as all do. */
  readonly mixSalsa: (bin1: number, bin2: number, out: number, r: number) => number;
  /** The same through pwxform. `out` may be `bin1`. */
  readonly mixPwx: (bin1: number, bin2: number, out: number, r: number) => number;
  /** The same into `bin1`; `bin2` becomes what went in. */
  readonly mixPwxSave: (bin1: number, bin2: number, r: number) => number;
  readonly s0: WasmGlobal;
  readonly s1: WasmGlobal;
  readonly s2: WasmGlobal;
  readonly w: WasmGlobal;
}

let compiled: WasmModule | undefined;

export function yescryptCore(memory: WasmMemory): YescryptCore {
  compiled ??= wasmModule([mixSalsa(), mixPwx(false), mixPwx(true)], globals);
  return wasmInstance(compiled, memory) as YescryptCore;
}

type Block = readonly [number, number, number, number];

function newBlock(code: FunctionCode): Block {
  return [code.local('v128'), code.local('v128'), code.local('v128'), code.local('v128')];
}

/** `out ^= rotate(a + b, bits)` in each lane. */
function addRotateXor(code: FunctionCode, temporary: number, out: number, a: number, b: number, bits: number): void {
  code.get(a).get(b).do('i32x4.add').set(temporary);
  code
    .get(temporary)
    .i32(bits)
    .do('i32x4.shl')
    .get(temporary)
    .i32(32 - bits)
    .do('i32x4.shr_u', 'v128.or');
  code.get(out).do('v128.xor').set(out);
}

/** X = Salsa20(X) of so many double rounds. */
function salsa(code: FunctionCode, x: Block, before: Block, temporary: number, doubleRounds: number): void {
  const [x0, x1, x2, x3] = x;
  const mix = (out: number, a: number, b: number, bits: number): void => addRotateXor(code, temporary, out, a, b, bits);
  const left = [3, 0, 1, 2] as const;
  const across = [2, 3, 0, 1] as const;
  const right = [1, 2, 3, 0] as const;
  for (let lane = 0; lane < 4; lane++) code.get(x[lane]!).set(before[lane]!);
  for (let round = 0; round < doubleRounds; round++) {
    mix(x1, x0, x3, 7);
    mix(x2, x1, x0, 9);
    mix(x3, x2, x1, 13);
    mix(x0, x3, x2, 18);
    code.shuffle(x1, left).set(x1).shuffle(x2, across).set(x2).shuffle(x3, right).set(x3);
    mix(x3, x0, x1, 7);
    mix(x2, x3, x0, 9);
    mix(x1, x2, x3, 13);
    mix(x0, x1, x2, 18);
    code.shuffle(x1, right).set(x1).shuffle(x2, across).set(x2).shuffle(x3, left).set(x3);
  }
  for (let lane = 0; lane < 4; lane++) code.get(x[lane]!).get(before[lane]!).do('i32x4.add').set(x[lane]!);
}

/** X ^= the block at the address in the local. */
function xorBlock(code: FunctionCode, x: Block, address: number): void {
  for (let lane = 0; lane < 4; lane++)
    code
      .get(address)
      .load(16 * lane)
      .get(x[lane]!)
      .do('v128.xor')
      .set(x[lane]!);
}

function storeBlock(code: FunctionCode, x: Block, address: number): void {
  for (let lane = 0; lane < 4; lane++)
    code
      .get(address)
      .get(x[lane]!)
      .store(16 * lane);
}

/** X = the last of the 2r blocks at `bin1` xor that at `bin2`. */
function loadLast(code: FunctionCode, x: Block, bin1: number, bin2: number, lastOffset: number): void {
  for (let lane = 0; lane < 4; lane++) {
    code
      .get(bin1)
      .get(lastOffset)
      .do('i32.add')
      .load(16 * lane);
    code
      .get(bin2)
      .get(lastOffset)
      .do('i32.add')
      .load(16 * lane);
    code.do('v128.xor').set(x[lane]!);
  }
}

function advance(code: FunctionCode, address: number, bytes: number): void {
  code.get(address).i32(bytes).do('i32.add').set(address);
}

/** Parameters: bin1, bin2, out, 128 r. Of the 2r results those with an even number come first, then the others. */
function mixSalsa(): FunctionCode {
  const code = new FunctionCode('mixSalsa', ['i32', 'i32', 'i32', 'i32'], 'i32');
  const [bin1, bin2, out, bytes] = [0, 1, 2, 3];
  const x = newBlock(code);
  const before = newBlock(code);
  const temporary = code.local('v128');
  const end = code.local('i32');
  const oddOut = code.local('i32');
  const lastOffset = code.local('i32');
  code.get(bytes).i32(-blockBytes).do('i32.add').set(lastOffset);
  loadLast(code, x, bin1, bin2, lastOffset);
  code.get(bin1).get(bytes).do('i32.add').set(end);
  // Half of 128 r further on.
  code.get(out).get(bytes).i32(1).do('i32.shr_u', 'i32.add').set(oddOut);
  code.repeat(() => {
    for (const target of [out, oddOut]) {
      xorBlock(code, x, bin1);
      xorBlock(code, x, bin2);
      salsa(code, x, before, temporary, 4);
      storeBlock(code, x, target);
      for (const address of [bin1, bin2, target]) advance(code, address, blockBytes);
    }
    code.get(bin1).get(end).do('i32.lt_u');
  });
  code.get(x[0]).lowI32();
  return code;
}

/** Parameters: bin1, bin2, out, 128 r; without `out` where it saves. */
function mixPwx(saves: boolean): FunctionCode {
  const code = new FunctionCode(
    saves ? 'mixPwxSave' : 'mixPwx',
    saves ? ['i32', 'i32', 'i32'] : ['i32', 'i32', 'i32', 'i32'],
    'i32',
  );
  const [bin1, bin2] = [0, 1];
  const out = saves ? bin1 : 2;
  const bytes = saves ? 2 : 3;
  const x = newBlock(code);
  const before = newBlock(code);
  const temporary = code.local('v128');
  const [end, s0, s1, s2, w, address] = Array.from({ length: 6 }, () => code.local('i32')) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  const state = [s0, s1, s2, w];
  for (const [index, local] of state.entries()) code.getGlobal(index).set(local);
  code.get(bytes).i32(-blockBytes).do('i32.add').set(end);
  loadLast(code, x, bin1, bin2, end);
  code.get(bin1).get(bytes).do('i32.add').set(end);
  code.repeat(() => {
    if (saves) {
      for (let lane = 0; lane < 4; lane++) {
        code
          .get(bin2)
          .get(bin1)
          .load(16 * lane)
          .get(bin2)
          .load(16 * lane)
          .do('v128.xor')
          .tee(temporary)
          .store(16 * lane);
        code.get(x[lane]!).get(temporary).do('v128.xor').set(x[lane]!);
      }
    } else {
      xorBlock(code, x, bin1);
      xorBlock(code, x, bin2);
    }
    pwxform(code, x, { s0, s1, s2, w, address });
    storeBlock(code, x, out);
    for (const at of saves ? [bin1, bin2] : [bin1, bin2, out]) advance(code, at, blockBytes);
    code.get(bin1).get(end).do('i32.lt_u');
  });
  // The last block goes through Salsa20/2 as well.
  salsa(code, x, before, temporary, 1);
  code.get(out).i32(-blockBytes).do('i32.add').set(address);
  storeBlock(code, x, address);
  for (const [index, local] of state.entries()) code.get(local).setGlobal(index);
  code.get(x[0]).lowI32();
  return code;
}

interface PwxState {
  readonly s0: number;
  readonly s1: number;
  readonly s2: number;
  readonly w: number;
  /** For use on the way. */
  readonly address: number;
}

/** Six rounds; after each of the second to the fifth X is written to the third S-box, and at the end the boxes change places. */
function pwxform(code: FunctionCode, x: Block, { s0, s1, s2, w, address }: PwxState): void {
  code.get(s2).get(w).do('i32.add').set(address);
  for (let round = 0; round < 6; round++) {
    for (const lane of x) pwxRound(code, lane, s0, s1);
    if (round === 0 || round === 5) continue;
    for (let lane = 0; lane < 4; lane++)
      code
        .get(address)
        .get(x[lane]!)
        .store(blockBytes * (round - 1) + 16 * lane);
  }
  code
    .get(w)
    .i32(4 * blockBytes)
    .do('i32.add')
    .i32(sMask)
    .do('i32.and')
    .set(w);
  code.get(s2).set(address).get(s1).set(s2).get(s0).set(s1).get(address).set(s0);
}

/** In each 64-bit word: the product of its halves, plus a word of one S-box, xor one of the other; the low word says which. */
function pwxRound(code: FunctionCode, x: number, s0: number, s1: number): void {
  code.shuffle(x, [1, 3, 1, 3]).shuffle(x, [0, 2, 0, 2]).do('i64x2.extmul_low_i32x4_u');
  code.get(s0).get(x).lowI64().i64(sMasks).do('i64.and', 'i32.wrap_i64', 'i32.add').load().do('i64x2.add');
  code.get(s1).get(x).lowI64().i64(sMasks).do('i64.and').i64(32n).do('i64.shr_u', 'i32.wrap_i64', 'i32.add').load();
  code.do('v128.xor').set(x);
}
