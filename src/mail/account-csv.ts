/** Accounts from a CSV text, checked line by line before anything is made, then made; and accounts as such a text. */
import { checkNewAccount, createAccount, requireFree, setActive, type NewAccount } from './accounts.js';
import { parseDestinations } from './address.js';
import { forEachBounded, type MailContext } from './context.js';
import { completeRows, forEachRow, problemOf, readCsv, requireWhole, unguardField, writeCsv, yesOrNo } from './csv.js';
import type { CsvCheck, CsvForm, CsvResult } from './csv.js';
import { requireCapability, type Domain } from './domains.js';
import { DomainRoom } from './domain-room.js';
import { everybody, getAccount, type Account } from './entries.js';
import { invalid, type MailError } from './errors.js';
import { told } from './told.js';
import { setForwarding } from './forwarding.js';
import { MailFolders } from './mailboxes.js';
import { normalizedDn } from './names.js';
import { generatePassword } from './passwords.js';
import { postmasterNames } from './postmasters.js';
import { displayQuota } from './sizes.js';
import { changeSenders } from './senders.js';

const columns = ['address', 'name', 'password', 'quota', 'postmaster', 'active', 'forwardTo', 'keepCopy', 'senders'] as const;
type Column = (typeof columns)[number];

const form: CsvForm<Column> = {
  columns,
  key: 'address',
  // Words people's spreadsheets use for the columns.
  names: {
    mail: 'address',
    email: 'address',
    'e-mail': 'address',
    user: 'address',
    username: 'address',
    account: 'address',
    fullname: 'name',
    cn: 'name',
    pass: 'password',
    admin: 'postmaster',
  },
  example: 'address, name, password',
};

export interface AccountRow {
  /** Where the row begins, from 1. */
  readonly line: number;
  readonly account: NewAccount;
  /** The password is ours: the report has to tell it. */
  readonly generated: boolean;
  readonly inactive: boolean;
  /** Addresses, with commas between them. */
  readonly forwardTo: string;
  readonly keepCopy: boolean;
  readonly senders: string;
}

/**
 * The rows of a CSV text. A first line with column names is optional; without it the columns are address, name,
 * password, quota, postmaster. An empty password is replaced by a generated one.
 *
 * @throws MailError `invalid` for a text that is no CSV, holds nothing, or too much
 */
export function readAccountsCsv(text: string): readonly AccountRow[] {
  return readCsv(text, form).rows.map(({ line, by }) => {
    const field = (column: Column): string => unguardField(by(column));
    // Passwords are never written, so nothing stands in front of one.
    const given = by('password');
    const password = given === '' ? generatePassword() : given;
    return {
      line,
      generated: given === '',
      account: {
        address: field('address'),
        name: field('name'),
        password,
        repeat: password,
        ...(field('quota') === '' ? {} : { quota: field('quota') }),
        postmaster: yesOrNo(field('postmaster')) === true,
      },
      inactive: yesOrNo(field('active')) === false,
      forwardTo: field('forwardTo'),
      keepCopy: yesOrNo(field('keepCopy')) !== false,
      senders: field('senders'),
    };
  });
}

const checksInFlight = 16;

/** What would happen with each row. */
export async function checkAccountsCsv(
  context: MailContext,
  domain: Domain,
  rows: readonly AccountRow[],
): Promise<readonly CsvCheck<AccountRow>[]> {
  requireCapability(context, domain, 'editAccounts');
  const problems = new Map<AccountRow, MailError | undefined>();
  const lines = new Map<string, number>();
  const toLookUp: { row: AccountRow; address: string }[] = [];
  const room = await DomainRoom.open(context, domain);
  for (const row of rows) {
    try {
      const { local, quota } = checkNewAccount(context, domain, row.account);
      parseDestinations(row.forwardTo, 'forwardTo');
      const address = `${local}@${domain.name}`;
      const before = lines.get(address.toLowerCase());
      if (before !== undefined) throw invalid('address', told('csvRepeated', { address, line: before }));
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

/** Makes what can be made; every row says what became of it. Mail folders that deleted accounts left are not reused. */
export async function importAccountsCsv(
  context: MailContext,
  domain: Domain,
  rows: readonly AccountRow[],
): Promise<readonly CsvResult<AccountRow>[]> {
  requireCapability(context, domain, 'editAccounts');
  const [folders, room] = await Promise.all([MailFolders.load(context, domain.name), DomainRoom.open(context, domain)]);
  const made = await forEachRow(rows, async ({ account: request }) => {
    const account = await createAccount(context, domain, { ...request, mailbox: 'fresh' }, { folders, room });
    return account.address;
  });
  // Rows may name each other as senders: they come when all are there.
  return completeRows(made, async ({ forwardTo, keepCopy, senders, inactive }, address) => {
    if (forwardTo !== '') await setForwarding(context, domain, address, { destinations: forwardTo, keepCopy });
    if (senders !== '') await changeSenders(context, domain, address, { add: senders });
    if (inactive && domain.active) await setActive(context, domain, await getAccount(context, domain.name, address), false);
  });
}

/** The accounts of a domain, without deleted ones and without passwords, in the form that readAccountsCsv reads. */
export async function exportAccountsCsv(context: MailContext, domain: Domain): Promise<string> {
  const [{ people, cut }, postmasters] = await Promise.all([
    everybody(context, domain.name, 'account'),
    postmasterNames(context, domain.name),
  ]);
  requireWhole(cut);
  const rows = people
    .filter((person): person is Account => person.kind === 'account')
    .map((account) => [
      account.address,
      account.name,
      displayQuota(account.quota) || 'no limit',
      postmasters.has(normalizedDn(account.dn)) ? 'yes' : 'no',
      // What is off because its domain is comes back with it.
      account.active || account.waitsForDomain ? 'yes' : 'no',
      account.forwardTo.join(', '),
      account.keepsCopy ? 'yes' : 'no',
      account.senders.join(', '),
    ]);
  return writeCsv(
    columns.filter((column) => column !== 'password'),
    rows,
  );
}
