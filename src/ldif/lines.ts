/**
 * Cuts LDIF text (RFC 2849) into records of logical lines: folded lines joined, comments dropped, a record ended by an
 * empty line. Takes the text in pieces of any size and keeps no more of it than one record.
 */
import { LdifError } from './errors.js';

export interface LogicalLine {
  /** Of its first physical line, counted from 1. */
  readonly line: number;
  /** Without the line end. */
  readonly content: Buffer;
}

export interface LdifLimits {
  /** Bytes of one physical line. */
  readonly lineBytes: number;
  /** Bytes of one record as text. */
  readonly recordBytes: number;
}

export const defaultLdifLimits: LdifLimits = { lineBytes: 64 * 1024 * 1024, recordBytes: 64 * 1024 * 1024 };

const lineFeed = 0x0a;
const carriageReturn = 0x0d;
const space = 0x20;
const numberSign = 0x23;
const nothing = Buffer.alloc(0);

/** A logical line to which folded lines may still be added. */
interface OpenLine {
  readonly line: number;
  readonly isComment: boolean;
  readonly pieces: Buffer[];
}

export class RecordCutter {
  readonly #limits: LdifLimits;
  /** Pieces of the physical line whose end has not come yet. */
  #partial: Buffer[] = [];
  #partialBytes = 0;
  #lineNumber = 0;
  #open: OpenLine | undefined;
  #lines: LogicalLine[] = [];
  #recordBytes = 0;

  constructor(limits: LdifLimits) {
    this.#limits = limits;
  }

  /** The records that `chunk` completes. Throws LdifError where a limit is exceeded. */
  push(chunk: Buffer): LogicalLine[][] {
    const records: LogicalLine[][] = [];
    let start = 0;
    for (let end = chunk.indexOf(lineFeed); end >= 0; end = chunk.indexOf(lineFeed, start)) {
      this.#endLine(chunk.subarray(start, end), records);
      start = end + 1;
    }
    if (start < chunk.length) this.#keep(chunk.subarray(start));
    return records;
  }

  /** The record that the text ends with; its last line needs no line end. */
  end(): LogicalLine[][] {
    const records: LogicalLine[][] = [];
    if (this.#partialBytes > 0) this.#endLine(nothing, records);
    this.#endRecord(records);
    return records;
  }

  #keep(piece: Buffer): void {
    this.#partialBytes += piece.length;
    if (this.#partialBytes > this.#limits.lineBytes) {
      throw new LdifError(`longer than ${this.#limits.lineBytes} bytes`, this.#lineNumber + 1);
    }
    // A copy: the chunk may be a stream's buffer that is used again.
    this.#partial.push(Buffer.from(piece));
  }

  #endLine(last: Buffer, records: LogicalLine[][]): void {
    this.#keep(last);
    const whole = this.#partial.length === 1 ? this.#partial[0]! : Buffer.concat(this.#partial);
    this.#partial = [];
    this.#partialBytes = 0;
    this.#lineNumber++;
    this.#addLine(whole.at(-1) === carriageReturn ? whole.subarray(0, -1) : whole, records);
  }

  #addLine(content: Buffer, records: LogicalLine[][]): void {
    if (content.length === 0) {
      this.#endRecord(records);
      return;
    }
    this.#recordBytes += content.length + 1;
    if (this.#recordBytes > this.#limits.recordBytes) {
      throw new LdifError(`the record is longer than ${this.#limits.recordBytes} bytes`, this.#lineNumber);
    }
    // Where there is nothing to continue, the line stays as it is, for the record's parser to complain about.
    if (content[0] === space && this.#open) {
      if (!this.#open.isComment) this.#open.pieces.push(content.subarray(1));
      return;
    }
    this.#endLogicalLine();
    this.#open = { line: this.#lineNumber, isComment: content[0] === numberSign, pieces: [content] };
  }

  #endLogicalLine(): void {
    const open = this.#open;
    this.#open = undefined;
    if (!open || open.isComment) return;
    const content = open.pieces.length === 1 ? open.pieces[0]! : Buffer.concat(open.pieces);
    this.#lines.push({ line: open.line, content });
  }

  #endRecord(records: LogicalLine[][]): void {
    this.#endLogicalLine();
    if (this.#lines.length > 0) records.push(this.#lines);
    this.#lines = [];
    this.#recordBytes = 0;
  }
}
