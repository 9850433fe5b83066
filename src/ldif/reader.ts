/** Reads a stream of LDIF (RFC 2849) as typed records. */
import { LdifError } from './errors.js';
import { defaultLdifLimits, RecordCutter, type LdifLimits, type LogicalLine } from './lines.js';
import { nameOfRecord, parseRecord, type LdifRecord } from './record.js';

export interface LdifReaderOptions {
  readonly limits?: LdifLimits;
  /** May `attribute:< file:///...` read files? Default: no. */
  readonly fileUrls?: boolean;
  /** Is a record without `changetype` a modification? Default: no, an entry. */
  readonly modifications?: boolean;
  /**
   * Takes what is wrong with a record, which is then left out, and the record's name where it can be read. Default: the
   * error is thrown and ends the reading.
   */
  readonly onError?: (error: LdifError, dn: Buffer | undefined) => void;
}

export type LdifSource = AsyncIterable<Buffer | string> | Iterable<Buffer | string>;

/** Throws LdifError, which names the line. Records longer than the limits end the reading whatever `onError` does. */
export async function* readLdif(
  source: LdifSource,
  options: LdifReaderOptions = {},
): AsyncGenerator<LdifRecord, void, undefined> {
  const parser = new LdifParser(options);
  for await (const records of cutLdif(source, options)) {
    for (const lines of records) {
      const record = parser.parse(lines);
      if (record) yield record;
    }
  }
}

/**
 * The first half of that, for those who read very much: the records of each chunk of the source as lines, without a
 * promise for each. The lines are views of the text that was read.
 */
export async function* cutLdif(
  source: LdifSource,
  options: LdifReaderOptions = {},
): AsyncGenerator<LogicalLine[][], void, undefined> {
  const cutter = new RecordCutter(options.limits ?? defaultLdifLimits);
  for await (const chunk of source) yield cutter.push(typeof chunk === 'string' ? Buffer.from(chunk) : chunk);
  yield cutter.end();
}

/** The second half: makes a typed record of lines, its values views of them. */
export class LdifParser {
  readonly #options: Parameters<typeof parseRecord>[1];
  readonly #onError: LdifReaderOptions['onError'];

  constructor(options: LdifReaderOptions = {}) {
    const fileBytes = (options.limits ?? defaultLdifLimits).recordBytes;
    this.#options = { fileUrls: options.fileUrls ?? false, fileBytes, modifications: options.modifications ?? false };
    this.#onError = options.onError;
  }

  /** Undefined if the record is a version line only, or an error was told to `onError`. */
  parse(lines: readonly LogicalLine[]): LdifRecord | undefined {
    try {
      return parseRecord(lines, this.#options);
    } catch (error) {
      if (!this.#onError || !(error instanceof LdifError)) throw error;
      this.#onError(error, nameOfRecord(lines));
      return undefined;
    }
  }
}
