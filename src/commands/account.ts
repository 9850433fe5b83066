/** `jammd account`: accounts of a domain, from the command line. */
import { readFile } from 'node:fs/promises';
import { Command, Option } from 'commander';
import {
  changeAccount,
  createAccount,
  deleteAccount,
  purgeAccount,
  renameAccount,
  restoreAccount,
  setActive,
} from '../mail/accounts.js';
import { parseDomain } from '../mail/address.js';
import { checkAccountsCsv, importAccountsCsv, readAccountsCsv } from '../mail/csv.js';
import { getDomain, getOwnDomain } from '../mail/domains.js';
import { getAccount, listPeople, type Status } from '../mail/entries.js';
import type { MailboxChoice } from '../mail/mailboxes.js';
import { sameDn } from '../mail/names.js';
import { setPassword } from '../mail/passwords.js';
import { displayQuota } from '../mail/quota.js';
import { CommandFailure } from './failure.js';
import {
  addressArgument,
  generateOption,
  mailCommandGroup,
  newPassword,
  onOff,
  personJson,
  report,
  stateWord,
  table,
  withMail,
  type MailOptions,
} from './mail.js';

export function accountCommand(): Command {
  return mailCommandGroup('account', 'list, add and change mail accounts', 'Accounts: addresses with a mailbox and a password.', [
    new Command('list')
      .argument('<domain>')
      .description('lists the accounts of a domain')
      .option('--text <text>', 'only those whose address or name holds this text')
      .addOption(
        new Option('--status <status>', 'which ones').choices(['current', 'active', 'inactive', 'deleted']).default('current'),
      )
      .action(list),
    new Command('show').argument('<address>').description('shows one account').action(show),
    new Command('add')
      .argument('<address>')
      .description('makes an account; its password comes from standard input')
      .option('--name <name>', "its owner's name")
      .option('--quota <size>', 'how much mail fits: 500 MB, 2 GB')
      .option('--postmaster', 'may administer the domain')
      .addOption(
        new Option('--mailbox <choice>', 'where the mail folder once was a deleted account’s').choices(['fresh', 'reuse']),
      )
      .option(...generateOption)
      .action(add),
    new Command('set')
      .argument('<address>')
      .description('changes an account')
      .option('--name <name>', "its owner's name; empty removes it")
      .option('--quota <size>', 'how much mail fits; empty for no limit')
      .option('--active <on|off>', 'take mail and let its owner log in', onOff)
      .action(set),
    new Command('passwd')
      .argument('<address>')
      .description('gives an account a new password')
      .option(...generateOption)
      .action(passwd),
    new Command('rename')
      .argument('<address>')
      .argument('<new-address>')
      .description('gives an account a new address; its mail and aliases follow')
      .action(rename),
    new Command('delete')
      .argument('<address>')
      .description('deletes an account softly: it can be restored until it is purged')
      .action(remove),
    new Command('restore').argument('<address>').description('brings a deleted account back').action(restore),
    new Command('purge')
      .argument('<address>')
      .description("removes a deleted account's entry for good")
      .requiredOption('--yes', 'yes, for good')
      .action(purge),
    new Command('import')
      .argument('<domain>')
      .argument('<file>', 'CSV: address, name, password, quota, postmaster')
      .description('makes accounts from a CSV file; tells what would happen, and does it with --yes')
      .option('--yes', 'make them')
      .action(importCsv),
  ]);
}

function list(domain: string, options: MailOptions & { text?: string; status: Status }): Promise<void> {
  return withMail(options, async (mail) => {
    const { name } = await getOwnDomain(mail, parseDomain(domain));
    const { text, status } = options;
    const { people, cut } = await listPeople(mail, name, {
      kind: 'account',
      status,
      pageSize: 1_000_000,
      ...(text === undefined ? {} : { text }),
    });
    const rows = people.map((person) => [person.address, stateWord(person), person.name]);
    report(options, people.map(personJson), table(rows));
    if (cut) process.stderr.write('jammd account list: the directory does not show all of them; narrow with --text\n');
  });
}

function show(text: string, options: MailOptions): Promise<void> {
  return tell(text, options);
}

function tell(text: string, options: MailOptions, before?: (address: string) => Promise<void>): Promise<void> {
  return withMail(options, async (mail) => {
    const { address, domain } = addressArgument(text);
    await before?.(address);
    const account = await getAccount(mail, domain, address);
    report(
      options,
      personJson(account),
      table([
        ['address', account.address],
        ['name', account.name],
        ['state', stateWord(account)],
        ['quota', displayQuota(account.quota) || 'no limit'],
        ['mail folder', `${account.homeDirectory}/${account.mailbox}`],
        ['last change', account.lastChange?.toISOString() ?? ''],
      ]),
    );
  });
}

interface AddOptions extends MailOptions {
  readonly name?: string;
  readonly quota?: string;
  readonly postmaster?: true;
  readonly mailbox?: MailboxChoice;
  readonly generate?: true;
}

function add(text: string, options: AddOptions): Promise<void> {
  return withMail(options, async (mail) => {
    const { local, domain, address } = addressArgument(text);
    const made = await newPassword(options, address);
    const account = await createAccount(mail, await getOwnDomain(mail, domain), {
      address: local,
      password: made.password,
      repeat: made.repeat,
      postmaster: options.postmaster === true,
      mailbox: options.mailbox,
      ...(options.name === undefined ? {} : { name: options.name }),
      ...(options.quota === undefined ? {} : { quota: options.quota }),
    });
    report(options, { ...personJson(account), ...(made.generated ? { password: made.password } : {}) }, [
      `${account.address} added`,
      ...(made.generated ? [`password: ${made.password}`] : []),
    ]);
  });
}

interface SetOptions extends MailOptions {
  readonly name?: string;
  readonly quota?: string;
  readonly active?: boolean;
}

function set(text: string, options: SetOptions): Promise<void> {
  const { name, quota, active } = options;
  if ([name, quota, active].every((option) => option === undefined))
    throw new CommandFailure('nothing to change: see jammd account set --help');
  return withMail(options, async (mail) => {
    const { address, domain } = addressArgument(text);
    if (name !== undefined || quota !== undefined) {
      await changeAccount(mail, domain, address, {
        ...(name === undefined ? {} : { name }),
        ...(quota === undefined ? {} : { quota }),
      });
    }
    if (active !== undefined)
      await setActive(mail, await getOwnDomain(mail, domain), await getAccount(mail, domain, address), active);
    report(options, personJson(await getAccount(mail, domain, address)), [`${address} changed`]);
  });
}

function passwd(text: string, options: MailOptions & { generate?: true }): Promise<void> {
  return withMail(options, async (mail) => {
    const { address, domain } = addressArgument(text);
    const account = await getAccount(mail, domain, address);
    if (sameDn(account.dn, mail.actor.dn))
      throw new CommandFailure('your own password is changed with ldappasswd or on the web pages, which ask for the present one');
    const made = await newPassword(options, address);
    await setPassword(mail, account, made);
    report(options, { address, ...(made.generated ? { password: made.password } : {}) }, [
      `password of ${address} changed`,
      ...(made.generated ? [`password: ${made.password}`] : []),
    ]);
  });
}

function rename(text: string, newText: string, options: MailOptions): Promise<void> {
  return withMail(options, async (mail) => {
    const { address, domain } = addressArgument(text);
    const { account, aliases } = await renameAccount(mail, await getOwnDomain(mail, domain), address, newText);
    const followed = aliases.length === 0 ? [] : [`these aliases deliver to it now: ${aliases.join(', ')}`];
    report(options, { ...personJson(account), aliases }, [`${address} is ${account.address} now`, ...followed]);
  });
}

function remove(text: string, options: MailOptions): Promise<void> {
  return change(text, options, 'deleted; jammd account restore brings it back', deleteAccount);
}

function restore(text: string, options: MailOptions): Promise<void> {
  return change(text, options, 'restored', restoreAccount);
}

function purge(text: string, options: MailOptions): Promise<void> {
  return change(text, options, 'purged; its mail stays on disk until jammd clean', purgeAccount);
}

function change(text: string, options: MailOptions, done: string, useCase: typeof deleteAccount): Promise<void> {
  return withMail(options, async (mail) => {
    const { address, domain } = addressArgument(text);
    await useCase(mail, await getDomain(mail, domain), address);
    report(options, { address, done }, [`${address} ${done}`]);
  });
}

function importCsv(typed: string, file: string, options: MailOptions & { yes?: true }): Promise<void> {
  return withMail(options, async (mail) => {
    const domain = await getOwnDomain(mail, parseDomain(typed));
    const checks = await checkAccountsCsv(mail, domain, readAccountsCsv(await readFile(file, 'utf8')));
    const good = checks.filter(({ problem }) => problem === undefined).map(({ row }) => row);
    const bad = checks.filter(({ problem }) => problem !== undefined);
    const results = options.yes
      ? await importAccountsCsv(mail, domain, good)
      : good.map((row) => ({ row, address: row.account.address, problem: undefined }));
    const all = [...results, ...bad.map((check) => ({ ...check, address: undefined }))].sort(
      (one, other) => one.row.line - other.row.line,
    );
    const password = ({ row, problem }: (typeof all)[number]): string | undefined =>
      options.yes && row.generated && problem === undefined ? row.account.password : undefined;
    report(
      options,
      all.map((result) => ({
        line: result.row.line,
        address: result.address ?? result.row.account.address,
        made: options.yes === true && result.problem === undefined,
        problem: result.problem ?? null,
        password: password(result) ?? null,
      })),
      all.map((result) => {
        if (result.problem !== undefined) return `line ${result.row.line}: ${result.problem}`;
        const secret = password(result);
        return `${result.address} ${options.yes ? 'added' : 'can be added'}${secret === undefined ? '' : `, password: ${secret}`}`;
      }),
    );
    if (!options.yes) process.stderr.write('jammd account import: nothing was made; --yes makes them\n');
    if (all.some(({ problem }) => problem !== undefined)) process.exitCode = 1;
  });
}
