/**
 * CSV (RFC 4180) as spreadsheets read and write it: separated by `,` or `;` or tab. A spreadsheet takes a field that begins like
 * a formula for one, and works it out: such fields are written with an apostrophe in front, which is taken off when they are read.
 */
import { forEachBounded } from './context.js';
import { invalid, isMailError, MailError } from './errors.js';
import { told } from './told.js';

export const csvLinesMax = 5_000;
export const csvBytesMax = 2 * 1024 * 1024;

export interface CsvRecord {
  /** Where it begins, from 1. */
  readonly line: number;
  readonly fields: readonly string[];
}

/** A text that a spreadsheet would not leave as it is. The apostrophes are those that earlier guards put there. */
function needsGuard(text: string): boolean {
  return /^[\s']*[=+\-@＝＋－＠]|^'*[\t\r\n]/.test(text);
}

/** The text as a field that no spreadsheet takes for a formula. */
export function guardField(text: string): string {
  return needsGuard(text) ? `'${text}` : text;
}

export function unguardField(text: string): string {
  return text.startsWith("'") && needsGuard(text.slice(1)) ? text.slice(1) : text;
}

export function writeCsv(header: readonly string[], rows: readonly (readonly string[])[]): string {
  return [header, ...rows].map((fields) => `${csvLine(fields)}\r\n`).join('');
}

export function csvLine(fields: readonly string[]): string {
  return fields
    .map(guardField)
    .map((field) => (/[",;\t\r\n]|^\s|\s$/.test(field) ? `"${field.replaceAll('"', '""')}"` : field))
    .join(',');
}

/** A table with what its columns are called: `by` looks a field up, as it stands there. */
export interface CsvTable<C extends string> {
  readonly rows: readonly (CsvRecord & { readonly by: (column: C) => string })[];
}

export interface CsvForm<C extends string> {
  /** In the order that they have without a line of names. */
  readonly columns: readonly C[];
  /** Which one has to be among the names, where there are some. */
  readonly key: C;
  /** Other words for the columns, in lower case and without blanks. */
  readonly names: Readonly<Record<string, C>>;
  readonly example: string;
}

/**
 * The rows of a CSV text. A first line with column names is optional.
 *
 * @throws MailError `invalid` for a text that is no CSV, holds nothing, or too much
 */
export function readCsv<C extends string>(text: string, form: CsvForm<C>): CsvTable<C> {
  if (Buffer.byteLength(text) > csvBytesMax) throw invalid('csv', told('csvTooLarge', { megabytes: csvBytesMax / 1024 / 1024 }));
  const records = parseCsv(text.replace(/^\uFEFF/, ''));
  const first = records[0];
  if (first === undefined) throw invalid('csv', told('csvEmpty', { example: form.example }));
  const known = new Map([
    ...form.columns.map((column) => [column.toLowerCase(), column] as const),
    ...Object.entries(form.names),
  ]);
  const header = first.fields.map((field) => known.get(field.toLowerCase().replace(/[\s_]/g, '')));
  const hasHeader = header.includes(form.key);
  const order: readonly (C | undefined)[] = hasHeader ? header : form.columns;
  const rows = hasHeader ? records.slice(1) : records;
  if (rows.length === 0) throw invalid('csv', told('csvOnlyHeads'));
  if (rows.length > csvLinesMax) throw invalid('csv', told('csvTooMany', { most: csvLinesMax }));
  return { rows: rows.map((record) => ({ ...record, by: (column) => record.fields[order.indexOf(column)]?.trim() ?? '' })) };
}

function parseCsv(text: string): CsvRecord[] {
  const separator = [',', ';', '\t']
    .map((one) => [one, text.split('\n', 1)[0]?.split(one).length ?? 0] as const)
    .reduce((best, next) => (next[1] > best[1] ? next : best))[0];
  const records: CsvRecord[] = [];
  let fields: string[] = [];
  let field = '';
  let quoted = false;
  let line = 1;
  let startLine = 1;
  const endRecord = (): void => {
    fields.push(field);
    if (fields.some((one) => one.trim() !== '')) records.push({ line: startLine, fields });
    fields = [];
    field = '';
    startLine = line;
  };
  for (let position = 0; position < text.length; position++) {
    const character = text.charAt(position);
    if (character === '\n') line += 1;
    if (quoted) {
      if (character !== '"') field += character;
      else if (text.charAt(position + 1) === '"') {
        field += '"';
        position += 1;
      } else quoted = false;
    } else if (character === '"' && field === '') quoted = true;
    else if (character === separator) {
      fields.push(field);
      field = '';
    } else if (character === '\n') endRecord();
    else if (character !== '\r') field += character;
  }
  if (quoted) throw invalid('csv', told('csvQuote', { line: startLine }));
  endRecord();
  return records;
}

/** Words for yes and no in spreadsheets; undefined for others. */
export function yesOrNo(text: string): boolean | undefined {
  if (/^(1|y|yes|true|x|on)$/i.test(text)) return true;
  return /^(0|n|no|false|off)$/i.test(text) ? false : undefined;
}

export interface CsvCheck<R> {
  readonly row: R;
  /** What keeps this row from being made; undefined where nothing does. */
  readonly problem: MailError | undefined;
}

export interface CsvResult<R> extends CsvCheck<R> {
  /** Undefined where it was not made. */
  readonly address: string | undefined;
  /** What of it could not be done although it was made. */
  readonly remark?: MailError | undefined;
}

const rowsInFlight = 16;

/** Does something with every row, and says of each what became of it. */
export async function forEachRow<R>(rows: readonly R[], task: (row: R) => Promise<string>): Promise<readonly CsvResult<R>[]> {
  const results = new Map<R, CsvResult<R>>();
  await forEachBounded(rows, rowsInFlight, async (row) => {
    try {
      results.set(row, { row, problem: undefined, address: await task(row) });
    } catch (error) {
      results.set(row, { row, problem: problemOf(error), address: undefined });
    }
  });
  return rows.map(
    (row) => results.get(row) ?? { row, problem: new MailError('conflict', told('csvSkipped')), address: undefined },
  );
}

/** Does more with the rows that were made; what of it fails is told as a remark. */
export async function completeRows<R>(
  results: readonly CsvResult<R>[],
  task: (row: R, address: string) => Promise<void>,
): Promise<readonly CsvResult<R>[]> {
  const remarks = new Map<R, MailError>();
  await forEachBounded(results, rowsInFlight, async ({ row, address }) => {
    if (address === undefined) return;
    await task(row, address).catch((error: unknown) => remarks.set(row, problemOf(error)));
  });
  return results.map((result) => ({ ...result, remark: remarks.get(result.row) }));
}

/** @throws what is no matter of one row */
export function problemOf(error: unknown): MailError {
  if (isMailError(error) && error.kind !== 'session-lost' && error.kind !== 'unavailable') return error;
  throw error;
}

/** @throws MailError `conflict` where the directory does not show everything: half a list would look like a whole one */
export function requireWhole(cut: boolean): void {
  if (cut) throw new MailError('conflict', told('exportIncomplete'));
}
