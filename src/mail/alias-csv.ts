/** Aliases from a CSV text, checked line by line before anything is made, then made; and aliases as such a text. */
import { requireFree, setActive } from './accounts.js';
import { isReserved, parseDestinations, parseLocalPart, splitAddress } from './address.js';
import { checkNewAlias, createAlias, replaceDestinations, setCatchAll, type NewAlias } from './aliases.js';
import { getCatchAll, isCatchAll } from './catch-all.js';
import { forEachBounded, type MailContext } from './context.js';
import { completeRows, forEachRow, problemOf, readCsv, requireWhole, unguardField, writeCsv, yesOrNo } from './csv.js';
import type { CsvCheck, CsvForm, CsvResult } from './csv.js';
import { requireCapability, type Domain } from './domains.js';
import { DomainRoom } from './domain-room.js';
import { everybody, getAlias, type Alias } from './entries.js';
import { invalid, MailError } from './errors.js';
import { told } from './told.js';
import { changeSenders } from './senders.js';

const columns = ['address', 'destinations', 'name', 'active', 'senders'] as const;
type Column = (typeof columns)[number];

const form: CsvForm<Column> = {
  columns,
  key: 'address',
  names: {
    mail: 'address',
    email: 'address',
    'e-mail': 'address',
    alias: 'address',
    from: 'address',
    destination: 'destinations',
    maildrop: 'destinations',
    goto: 'destinations',
    forwardto: 'destinations',
    to: 'destinations',
    cn: 'name',
  },
  example: 'address, destination',
};

export interface AliasRow {
  /** Where the row begins, from 1. */
  readonly line: number;
  readonly alias: NewAlias;
  readonly inactive: boolean;
  readonly senders: string;
}

/**
 * The rows of a CSV text. A first line with column names is optional; without it the columns are address, destinations, name. An
 * address that is only an @ and the domain is the catch-all.
 *
 * @throws MailError `invalid` for a text that is no CSV, holds nothing, or too much
 */
export function readAliasesCsv(text: string): readonly AliasRow[] {
  return readCsv(text, form).rows.map(({ line, by }) => {
    const field = (column: Column): string => unguardField(by(column));
    return {
      line,
      alias: { address: field('address'), name: field('name'), destinations: field('destinations') },
      inactive: yesOrNo(field('active')) === false,
      senders: field('senders'),
    };
  });
}

/** What a row stands for: most aliases are new, two are in every domain, and one takes what nobody else does. */
function kindOf({ alias: { address } }: AliasRow): 'new' | 'reserved' | 'catch-all' {
  const [local] = splitAddress(address.trim());
  if (address.trim().startsWith('@')) return 'catch-all';
  return isReserved(local) ? 'reserved' : 'new';
}

const checksInFlight = 16;

/** What would happen with each row. */
export async function checkAliasesCsv(
  context: MailContext,
  domain: Domain,
  rows: readonly AliasRow[],
): Promise<readonly CsvCheck<AliasRow>[]> {
  requireCapability(context, domain, 'editAliases');
  const problems = new Map<AliasRow, MailError | undefined>();
  const lines = new Map<string, number>();
  const toLookUp: { row: AliasRow; address: string }[] = [];
  const room = await DomainRoom.open(context, domain);
  for (const row of rows) {
    try {
      const address = checkRow(context, domain, row);
      const before = lines.get(address.toLowerCase());
      if (before !== undefined) throw invalid('address', told('csvRepeated', { address, line: before }));
      lines.set(address.toLowerCase(), row.line);
      if (kindOf(row) === 'new') room.takeAlias();
      if (kindOf(row) !== 'reserved') toLookUp.push({ row, address });
    } catch (error) {
      problems.set(row, problemOf(error));
    }
  }
  await forEachBounded(toLookUp, checksInFlight, async ({ row, address }) => {
    const free = kindOf(row) === 'catch-all' ? requireNoCatchAll(context, domain) : requireFree(context, domain.name, address);
    problems.set(row, await free.then(() => undefined, problemOf));
  });
  return rows.map((row) => ({ row, problem: problems.get(row) }));
}

/** Returns the address. @throws MailError */
function checkRow(context: MailContext, domain: Domain, row: AliasRow): string {
  if (kindOf(row) === 'new') return checkNewAlias(context, domain, row.alias).address;
  if (parseDestinations(row.alias.destinations).length === 0) throw invalid('destinations', told('destinationRequired'));
  if (kindOf(row) === 'reserved') return `${parseLocalPart(row.alias.address, domain.name)}@${domain.name}`;
  requireCapability(context, domain, 'editCatchAlls');
  if (row.alias.address.trim() !== '@') parseLocalPart(`x${row.alias.address.trim()}`, domain.name);
  return `@${domain.name}`;
}

async function requireNoCatchAll(context: MailContext, domain: Domain): Promise<void> {
  if ((await getCatchAll(context, domain.name)) !== undefined)
    throw new MailError('exists', told('catchAllExists', { domain: domain.name }));
}

/** Makes what can be made; every row says what became of it. postmaster and abuse, which are there, get the destinations. */
export async function importAliasesCsv(
  context: MailContext,
  domain: Domain,
  rows: readonly AliasRow[],
): Promise<readonly CsvResult<AliasRow>[]> {
  requireCapability(context, domain, 'editAliases');
  const room = await DomainRoom.open(context, domain);
  const made = await forEachRow(rows, (row) => importRow(context, domain, row, room));
  return completeRows(made, async ({ senders, inactive }, address) => {
    if (senders !== '') await changeSenders(context, domain, address, { add: senders });
    if (inactive && domain.active) await setActive(context, domain, await getAlias(context, domain.name, address), false);
  });
}

async function importRow(context: MailContext, domain: Domain, row: AliasRow, room: DomainRoom): Promise<string> {
  const address = checkRow(context, domain, row);
  switch (kindOf(row)) {
    case 'new':
      return (await createAlias(context, domain, row.alias, { room })).address;
    case 'catch-all':
      await requireNoCatchAll(context, domain);
      await setCatchAll(context, domain, row.alias.destinations);
      return address;
    case 'reserved':
      await replaceDestinations(context, domain, address, row.alias.destinations);
      return address;
  }
}

/** The aliases of a domain, its catch-all among them, in the form that readAliasesCsv reads. */
export async function exportAliasesCsv(context: MailContext, domain: Domain): Promise<string> {
  const { people, cut } = await everybody(context, domain.name, 'alias');
  requireWhole(cut);
  const rows = people
    .filter((person): person is Alias => person.kind === 'alias')
    .map((alias) => [
      alias.address,
      alias.destinations.join(', '),
      // The postmaster group's own name is part of its entry's.
      alias.isPostmasterGroup || isCatchAll(alias) ? '' : alias.name,
      alias.active || alias.waitsForDomain ? 'yes' : 'no',
      alias.senders.join(', '),
    ]);
  return writeCsv(columns, rows);
}
