/** Reads and writes the fields of which log entries are made: numbers, and byte strings with their length before them. */
import { LogEntryError } from './errors.js';

export class FieldWriter {
  readonly #pieces: Buffer[] = [];
  #bytes = 0;

  get bytes(): number {
    return this.#bytes;
  }

  raw(bytes: Buffer): this {
    this.#pieces.push(bytes);
    this.#bytes += bytes.length;
    return this;
  }

  u8(value: number): this {
    return this.raw(Buffer.of(value));
  }

  u32(value: number): this {
    const bytes = Buffer.allocUnsafe(4);
    bytes.writeUInt32BE(value);
    return this.raw(bytes);
  }

  /** Up to 2^53. */
  u64(value: number): this {
    const bytes = Buffer.allocUnsafe(8);
    bytes.writeBigUInt64BE(BigInt(value));
    return this.raw(bytes);
  }

  field(value: Buffer): this {
    return this.u32(value.length).raw(value);
  }

  text(value: string): this {
    return this.field(Buffer.from(value));
  }

  finish(): Buffer {
    return Buffer.concat(this.#pieces, this.#bytes);
  }
}

/** All methods throw LogEntryError where the bytes end too early. */
export class FieldReader {
  #position = 0;

  constructor(private readonly buffer: Buffer) {}

  get atEnd(): boolean {
    return this.#position === this.buffer.length;
  }

  raw(bytes: number): Buffer {
    const end = this.#position + bytes;
    if (end > this.buffer.length) throw new LogEntryError('a log entry is cut short');
    const found = this.buffer.subarray(this.#position, end);
    this.#position = end;
    return found;
  }

  u8(): number {
    return this.raw(1)[0]!;
  }

  u32(): number {
    return this.raw(4).readUInt32BE();
  }

  u64(): number {
    const value = Number(this.raw(8).readBigUInt64BE());
    if (!Number.isSafeInteger(value)) throw new LogEntryError('a log entry holds a number that is too large');
    return value;
  }

  field(): Buffer {
    return this.raw(this.u32());
  }

  text(): string {
    return this.field().toString();
  }

  /** What is left. */
  rest(): Buffer {
    return this.raw(this.buffer.length - this.#position);
  }
}
