/** Accounts from a CSV text (RFC 4180, `,` or `;` or tab): read, checked line by line before anything is made, then made. */
import { checkNewAccount, createAccount, requireFree, type NewAccount } from './accounts.js';
import { forEachBounded, type MailContext } from './context.js';
import { requireCapability, type Domain } from './domains.js';
import { DomainRoom } from './domain-room.js';
import { invalid, isMailError } from './errors.js';
import { MailFolders } from './mailboxes.js';
import { generatePassword } from './passwords.js';

export const csvLinesMax = 5_000;
export const csvBytesMax = 2 * 1024 * 1024;
const columns = ['address', 'name', 'password', 'quota', 'postmaster'] as const;
type Column = (typeof columns)[number];

/** Words people's spreadsheets use for the columns. */
const columnNames: Readonly<Record<string, Column>> = {
  ...Object.fromEntries(columns.map((column) => [column, column])),
  mail: 'address',
  email: 'address',
  'e-mail': 'address',
  user: 'address',
  username: 'address',
  account: 'address',
  'full name': 'name',
  cn: 'name',
  pass: 'password',
  admin: 'postmaster',
};

export interface CsvRow {
  /** Where the row begins, from 1. */
  readonly line: number;
  readonly account: NewAccount;
  /** The password is ours: the report has to tell it. */
  readonly generated: boolean;
}

/**
 * The rows of a CSV text. A first line with column names is optional; without it the columns are address, name,
 * password, quota, postmaster. An empty password is replaced by a generated one.
 *
 * @throws MailError `invalid` for a text that is no CSV, holds nothing, or too much
 */
export function readAccountsCsv(text: string): readonly CsvRow[] {
  if (Buffer.byteLength(text) > csvBytesMax)
    throw invalid('csv', `That is more than ${csvBytesMax / 1024 / 1024} MB. Split it into several files.`);
  const records = parseCsv(text.replace(/^\uFEFF/, ''));
  const first = records[0];
  if (first === undefined) throw invalid('csv', 'It is empty. Enter one account per line: address, name, password.');
  const header = first.fields.map((field) => columnNames[field.trim().toLowerCase()]);
  const hasHeader = header.includes('address');
  const order = hasHeader ? header : columns;
  const rows = (hasHeader ? records.slice(1) : records).map((record) => toRow(record, order));
  if (rows.length === 0) throw invalid('csv', 'There are column names, but no accounts below them.');
  if (rows.length > csvLinesMax) throw invalid('csv', `That is more than ${csvLinesMax} accounts. Split it into several files.`);
  return rows;
}

function toRow(record: CsvRecord, order: readonly (Column | undefined)[]): CsvRow {
  const field = (column: Column): string => record.fields[order.indexOf(column)]?.trim() ?? '';
  const given = field('password');
  const password = given === '' ? generatePassword() : given;
  return {
    line: record.line,
    generated: given === '',
    account: {
      address: field('address'),
      name: field('name'),
      password,
      repeat: password,
      ...(field('quota') === '' ? {} : { quota: field('quota') }),
      postmaster: /^(1|y|yes|true|x|on)$/i.test(field('postmaster')),
    },
  };
}

interface CsvRecord {
  readonly line: number;
  readonly fields: readonly string[];
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
  if (quoted) throw invalid('csv', `The quotation mark opened in line ${startLine} is never closed.`);
  endRecord();
  return records;
}

export interface CsvCheck {
  readonly row: CsvRow;
  /** What keeps this row from being made; undefined where nothing does. */
  readonly problem: string | undefined;
}

const checksInFlight = 16;

/** What would happen with each row. */
export async function checkAccountsCsv(
  context: MailContext,
  domain: Domain,
  rows: readonly CsvRow[],
): Promise<readonly CsvCheck[]> {
  requireCapability(context, domain, 'editAccounts');
  const problems = new Map<CsvRow, string | undefined>();
  const lines = new Map<string, number>();
  const toLookUp: { row: CsvRow; address: string }[] = [];
  const room = await DomainRoom.open(context, domain);
  for (const row of rows) {
    try {
      const { local, quota } = checkNewAccount(context, domain, row.account);
      const address = `${local}@${domain.name}`;
      const before = lines.get(address.toLowerCase());
      if (before !== undefined) throw invalid('address', `${address} is already in line ${before}.`);
      lines.set(address.toLowerCase(), row.line);
      room.takeAccount(quota);
      toLookUp.push({ row, address });
    } catch (error) {
      problems.set(row, problemOf(error));
    }
  }
  await forEachBounded(toLookUp, checksInFlight, async ({ row, address }) => {
    problems.set(row, await requireFree(context, domain.name, address).then(() => undefined, problemOf));
  });
  return rows.map((row) => ({ row, problem: problems.get(row) }));
}

export interface CsvResult extends CsvCheck {
  readonly address: string | undefined;
}

/** Makes what can be made; every row says what became of it. Mail folders that deleted accounts left are not reused. */
export async function importAccountsCsv(
  context: MailContext,
  domain: Domain,
  rows: readonly CsvRow[],
): Promise<readonly CsvResult[]> {
  requireCapability(context, domain, 'editAccounts');
  const results = new Map<CsvRow, CsvResult>();
  const [folders, room] = await Promise.all([MailFolders.load(context, domain.name), DomainRoom.open(context, domain)]);
  await forEachBounded(rows, checksInFlight, async (row) => {
    try {
      const account = await createAccount(context, domain, { ...row.account, mailbox: 'fresh' }, { folders, room });
      results.set(row, { row, problem: undefined, address: account.address });
    } catch (error) {
      results.set(row, { row, problem: problemOf(error), address: undefined });
    }
  });
  return rows.map((row) => results.get(row) ?? { row, problem: 'This line was skipped.', address: undefined });
}

/** @throws what is no matter of one row */
function problemOf(error: unknown): string {
  if (isMailError(error) && error.kind !== 'session-lost' && error.kind !== 'unavailable') return error.message;
  throw error;
}
