/**
 * Writes WebAssembly: just what the hash functions need that JavaScript is too slow for, with 128-bit vectors. A module made
 * while the program runs needs no compiler at build time, and its loops are unrolled by plain TypeScript.
 */

export interface WasmModule {
  readonly [module]: true;
}
declare const module: unique symbol;

export interface WasmMemory {
  readonly buffer: ArrayBuffer;
}

export interface WasmGlobal {
  value: number;
}

/** What is used here of WebAssembly's JavaScript interface, which TypeScript declares for browsers only. */
const { WebAssembly: webAssembly } = globalThis as unknown as {
  readonly WebAssembly: {
    readonly Module: new (bytes: Uint8Array) => WasmModule;
    readonly Instance: new (module: WasmModule, imports: object) => { readonly exports: unknown };
    readonly Memory: new (pages: { readonly initial: number; readonly maximum: number }) => WasmMemory;
  };
};

/** In pages of 64 KiB. */
export function wasmMemory(pages: number): WasmMemory {
  return new webAssembly.Memory({ initial: pages, maximum: pages });
}

/** What the module exports. */
export function wasmInstance(module: WasmModule, memory: WasmMemory): unknown {
  return new webAssembly.Instance(module, { env: { memory } }).exports;
}

export type ValueType = 'i32' | 'v128';

const typeCodes: Readonly<Record<ValueType, number>> = { i32: 0x7f, v128: 0x7b };

const vectorPrefix = 0xfd;
const blockWithoutValue = 0x40;

/** Instructions without operands in the code. */
const plain = {
  'i32.eqz': [0x45],
  'i32.lt_u': [0x49],
  'i32.add': [0x6a],
  'i32.and': [0x71],
  'i32.shr_u': [0x76],
  'i32.wrap_i64': [0xa7],
  'i64.and': [0x83],
  'i64.shr_u': [0x88],
  'v128.and': [vectorPrefix, 0x4e],
  'v128.or': [vectorPrefix, 0x50],
  'v128.xor': [vectorPrefix, 0x51],
  'i32x4.shl': [vectorPrefix, 0xab, 0x01],
  'i32x4.shr_u': [vectorPrefix, 0xad, 0x01],
  'i32x4.add': [vectorPrefix, 0xae, 0x01],
  'i64x2.add': [vectorPrefix, 0xce, 0x01],
  'i64x2.extmul_low_i32x4_u': [vectorPrefix, 0xde, 0x01],
} as const;

export type PlainInstruction = keyof typeof plain;

function unsigned(value: number): number[] {
  const bytes: number[] = [];
  for (let left = value; ; left >>>= 7) {
    if (left < 0x80) return [...bytes, left];
    bytes.push((left & 0x7f) | 0x80);
  }
}

function signed(value: bigint): number[] {
  const bytes: number[] = [];
  for (let left = value; ; left >>= 7n) {
    const low = Number(left & 0x7fn);
    if ((left === 0n || left === -1n) && (low & 0x40) === (left === 0n ? 0 : 0x40)) return [...bytes, low];
    bytes.push(low | 0x80);
  }
}

/** The body of one function. Its parameters are the locals 0, 1, ... */
export class FunctionCode {
  readonly bytes: number[] = [];
  readonly locals: ValueType[] = [];

  constructor(
    readonly name: string,
    readonly parameters: readonly ValueType[],
    readonly result?: ValueType,
  ) {}

  /** A new local; answers its number. */
  local(type: ValueType): number {
    this.locals.push(type);
    return this.parameters.length + this.locals.length - 1;
  }

  do(...instructions: readonly PlainInstruction[]): this {
    for (const instruction of instructions) this.bytes.push(...plain[instruction]);
    return this;
  }

  get(local: number): this {
    return this.#with(0x20, local);
  }

  set(local: number): this {
    return this.#with(0x21, local);
  }

  tee(local: number): this {
    return this.#with(0x22, local);
  }

  getGlobal(global: number): this {
    return this.#with(0x23, global);
  }

  setGlobal(global: number): this {
    return this.#with(0x24, global);
  }

  i32(value: number): this {
    this.bytes.push(0x41, ...signed(BigInt(value | 0)));
    return this;
  }

  i64(value: bigint): this {
    this.bytes.push(0x42, ...signed(value));
    return this;
  }

  /** A vector from the address on the stack plus `offset`. */
  load(offset = 0): this {
    this.bytes.push(vectorPrefix, 0x00, 4, ...unsigned(offset));
    return this;
  }

  store(offset = 0): this {
    this.bytes.push(vectorPrefix, 0x0b, 4, ...unsigned(offset));
    return this;
  }

  /** `words`: for each 32-bit lane of the result, the lane of the vector on the stack that it takes. */
  shuffle(vector: number, words: readonly [number, number, number, number]): this {
    const lanes = words.flatMap((word) => [0, 1, 2, 3].map((octet) => 4 * word + octet));
    this.get(vector).get(vector);
    this.bytes.push(vectorPrefix, 0x0d, ...lanes);
    return this;
  }

  /** The low half of the vector on the stack. */
  lowI64(): this {
    this.bytes.push(vectorPrefix, 0x1d, 0);
    return this;
  }

  lowI32(): this {
    this.bytes.push(vectorPrefix, 0x1b, 0);
    return this;
  }

  /** Repeats `body` as long as it leaves something other than 0 on the stack. */
  repeat(body: () => void): this {
    this.bytes.push(0x03, blockWithoutValue);
    body();
    this.bytes.push(0x0d, 0, 0x0b);
    return this;
  }

  #with(opcode: number, index: number): this {
    this.bytes.push(opcode, ...unsigned(index));
    return this;
  }
}

function vector(items: readonly (readonly number[])[]): number[] {
  return [...unsigned(items.length), ...items.flat()];
}

function section(id: number, content: readonly number[]): number[] {
  return [id, ...unsigned(content.length), ...content];
}

function nameBytes(name: string): number[] {
  const bytes = [...Buffer.from(name)];
  return [...unsigned(bytes.length), ...bytes];
}

/**
 * A module that imports `env.memory`, exports each function by its name, and each global (an i32 that changes) by its.
 * Globals are numbered in the order of `globals`.
 */
export function wasmModule(functions: readonly FunctionCode[], globals: readonly string[]): WasmModule {
  const types = functions.map(({ parameters, result }) => [
    0x60,
    ...vector(parameters.map((type) => [typeCodes[type]])),
    ...vector(result ? [[typeCodes[result]]] : []),
  ]);
  const memory = [...nameBytes('env'), ...nameBytes('memory'), 0x02, 0x00, 0x00];
  const exported = [
    ...functions.map(({ name }, index) => [...nameBytes(name), 0x00, ...unsigned(index)]),
    ...globals.map((name, index) => [...nameBytes(name), 0x03, ...unsigned(index)]),
  ];
  const code = functions.map(({ locals, bytes }) => {
    const body = [...vector(locals.map((type) => [1, typeCodes[type]])), ...bytes, 0x0b];
    return [...unsigned(body.length), ...body];
  });
  return new webAssembly.Module(
    Uint8Array.from([
      ...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
      ...section(1, vector(types)),
      ...section(2, vector([memory])),
      ...section(3, vector(functions.map((_, index) => unsigned(index)))),
      ...section(6, vector(globals.map(() => [typeCodes.i32, 0x01, 0x41, 0x00, 0x0b]))),
      ...section(7, vector(exported)),
      ...section(10, vector(code)),
    ]),
  );
}
