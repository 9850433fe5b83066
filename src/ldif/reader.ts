/** Reads LDIF (RFC 2849) as it streams in, one typed record after the other. */
import { LdifError } from './errors.js';
import { defaultLdifLimits, RecordCutter, type LdifLimits, type LogicalLine } from './lines.js';
import { nameOfRecord, parseRecord, type LdifRecord } from './record.js';

export interface LdifReaderOptions {
  readonly limits?: LdifLimits;
  /** May `attribute:< file:///...` read files? Default: no. */
  readonly fileUrls?: boolean;
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
  for await (const records of readLdifChunks(source, options)) yield* records;
}

/**
 * The same for those who read very much: the records of each chunk of the source, without a promise for each. They are
 * parsed as they are taken. Their values are views of the text that was read.
 */
export async function* readLdifChunks(
  source: LdifSource,
  options: LdifReaderOptions = {},
): AsyncGenerator<Iterable<LdifRecord>, void, undefined> {
  const cutter = new RecordCutter(options.limits ?? defaultLdifLimits);
  for await (const chunk of source) {
    yield parseAll(cutter.push(typeof chunk === 'string' ? Buffer.from(chunk) : chunk), options);
  }
  yield parseAll(cutter.end(), options);
}

function* parseAll(records: readonly LogicalLine[][], options: LdifReaderOptions): Generator<LdifRecord> {
  const fileBytes = (options.limits ?? defaultLdifLimits).recordBytes;
  const recordOptions = { fileUrls: options.fileUrls ?? false, fileBytes };
  for (const lines of records) {
    const record = parseOne(lines, recordOptions, options.onError);
    if (record) yield record;
  }
}

function parseOne(
  lines: readonly LogicalLine[],
  recordOptions: Parameters<typeof parseRecord>[1],
  onError: LdifReaderOptions['onError'],
): LdifRecord | undefined {
  try {
    return parseRecord(lines, recordOptions);
  } catch (error) {
    if (!onError || !(error instanceof LdifError)) throw error;
    onError(error, nameOfRecord(lines));
    return undefined;
  }
}
