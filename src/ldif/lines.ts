/**
 * Cuts LDIF text (RFC 2849) into records of logical lines: folded lines joined, comments dropped, a record ended by an
 * empty line. Takes the text in pieces of any size and keeps no more of it than one record.
 */
import { LdifError } from './errors.js';

/** A line's bytes, without the line end, where they lie: an import reads very many of them. */
export interface LogicalLine {
  /** Of its first physical line, counted from 1. */
  readonly line: number;
  readonly text: Buffer;
  readonly start: number;
  readonly end: number;
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
/** Lines are mostly so short that looking at their bytes here is faster than asking Buffer for the line's end. */
const shortLineBytes = 128;

/** A logical line to which folded lines may still be added. */
interface OpenLine {
  readonly line: number;
  readonly isComment: boolean;
  text: Buffer;
  start: number;
  end: number;
  /** Of a folded line: all its parts so far. */
  pieces: Buffer[] | undefined;
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

  /** The records that `chunk` completes. Throws LdifError if a limit is exceeded. */
  push(chunk: Buffer): LogicalLine[][] {
    const records: LogicalLine[][] = [];
    // A copy: the chunk may be a stream's buffer that is used again.
    const text = Buffer.from(chunk);
    let start = 0;
    for (let end = lineEnd(text, 0); end >= 0; end = lineEnd(text, start)) {
      if (this.#partialBytes > 0) this.#endPartial(text.subarray(start, end), records);
      else this.#endLine(text, start, end, records);
      start = end + 1;
    }
    if (start < text.length) this.#keep(text.subarray(start));
    return records;
  }

  /** The record that the text ends with; its last line needs no line end. */
  end(): LogicalLine[][] {
    const records: LogicalLine[][] = [];
    if (this.#partialBytes > 0) this.#endPartial(undefined, records);
    this.#endRecord(records);
    return records;
  }

  #keep(piece: Buffer): void {
    this.#partialBytes += piece.length;
    this.#checkLine(this.#partialBytes);
    this.#partial.push(piece);
  }

  #checkLine(bytes: number): void {
    if (bytes > this.#limits.lineBytes) {
      throw new LdifError(`longer than ${this.#limits.lineBytes} bytes`, this.#lineNumber + 1);
    }
  }

  #endPartial(last: Buffer | undefined, records: LogicalLine[][]): void {
    if (last) this.#keep(last);
    const whole = Buffer.concat(this.#partial);
    this.#partial = [];
    this.#partialBytes = 0;
    this.#endLine(whole, 0, whole.length, records);
  }

  #endLine(text: Buffer, start: number, end: number, records: LogicalLine[][]): void {
    this.#checkLine(end - start);
    this.#lineNumber++;
    this.#addLine(text, start, end > start && text[end - 1] === carriageReturn ? end - 1 : end, records);
  }

  #addLine(text: Buffer, start: number, end: number, records: LogicalLine[][]): void {
    if (start === end) {
      this.#endRecord(records);
      return;
    }
    this.#recordBytes += end - start + 1;
    if (this.#recordBytes > this.#limits.recordBytes) {
      throw new LdifError(`the record is longer than ${this.#limits.recordBytes} bytes`, this.#lineNumber);
    }
    // Where there is nothing to continue, the line stays as it is, for the record's parser to complain about.
    if (text[start] === space && this.#open) {
      if (!this.#open.isComment) continueLine(this.#open, text.subarray(start + 1, end));
      return;
    }
    this.#endLogicalLine();
    const isComment = text[start] === numberSign;
    this.#open = { line: this.#lineNumber, isComment, text, start, end, pieces: undefined };
  }

  #endLogicalLine(): void {
    const open = this.#open;
    this.#open = undefined;
    if (!open || open.isComment) return;
    if (open.pieces) {
      open.text = Buffer.concat(open.pieces);
      open.start = 0;
      open.end = open.text.length;
    }
    this.#lines.push(open);
  }

  #endRecord(records: LogicalLine[][]): void {
    this.#endLogicalLine();
    if (this.#lines.length > 0) records.push(this.#lines);
    this.#lines = [];
    this.#recordBytes = 0;
  }
}

function continueLine(open: OpenLine, piece: Buffer): void {
  open.pieces ??= [open.text.subarray(open.start, open.end)];
  open.pieces.push(piece);
}

/** Where the line that starts at `start` ends; -1: not in this text. */
function lineEnd(text: Buffer, start: number): number {
  const shortEnd = Math.min(start + shortLineBytes, text.length);
  for (let at = start; at < shortEnd; at++) if (text[at] === lineFeed) return at;
  return shortEnd === text.length ? -1 : text.indexOf(lineFeed, shortEnd);
}
