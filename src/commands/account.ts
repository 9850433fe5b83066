/** `jammd account`: accounts of a domain, from the command line. */
import { Command, InvalidArgumentError, Option } from 'commander';
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
import type { MailContext } from '../mail/context.js';
import { checkAccountsCsv, exportAccountsCsv, importAccountsCsv, readAccountsCsv } from '../mail/account-csv.js';
import { getDomain, getOwnDomain } from '../mail/domains.js';
import { destinationWarnings } from '../mail/destinations.js';
import { displayBytes, displayQuota } from '../mail/sizes.js';
import { getAccount, type Account, type Status } from '../mail/entries.js';
import { setForwarding } from '../mail/forwarding.js';
import type { MailboxChoice } from '../mail/mailboxes.js';
import { convertQuotas, type BareNumber } from '../mail/quota-conversion.js';
import { furtherSenderAddresses } from '../mail/senders.js';
import { mailUsage } from '../mail/usage.js';
import { requireWelcome } from '../mail/welcome.js';
import { settingsCommand, trySending, welcomeCommand, withWelcome } from './account-mail.js';
import { exportCommand, importCommand } from './csv.js';
import { CommandFailure } from './failure.js';
import {
  addressArgument,
  collect,
  generateOption,
  mailCommandGroup,
  newPassword,
  onOff,
  personJson,
  report,
  table,
  warn,
  withMail,
  type MailOptions,
} from './mail.js';
import {
  applySenders,
  list,
  passwdCommand,
  renameCommand,
  reportMade,
  showCommand,
  withSenders,
  type PersonCommands,
  type SenderOptions,
} from './person.js';
import { welcomeServices, type WelcomeOptions } from './site-services.js';

interface ListOptions extends MailOptions {
  readonly text?: string;
  readonly status: Status;
}

const accounts: PersonCommands<Account> = {
  kind: 'account',
  get: getAccount,
  summary: ({ name }) => name,
  details: (account) => [
    ['quota', displayQuota(account.quota) || 'no limit'],
    ['mail folder', `${account.homeDirectory}/${account.mailbox}`],
    ...account.forwardTo.map((address) => [account.keepsCopy ? 'copies go to' : 'mail goes to', address]),
  ],
  more: async (mail, domain, account) => {
    const [usage, sendsFrom] = await Promise.all([
      mailUsage(mail.settings, account),
      furtherSenderAddresses(mail, domain, account),
    ]);
    return {
      json: { usage: usage ?? null, sendsFrom },
      rows: [
        ...(usage === undefined ? [] : [['used', `${displayBytes(usage.bytes)}, ${usage.messages} messages`]]),
        ...sendsFrom.map((address) => ['may send from', address]),
      ],
    };
  },
  rename: async (mail, domain, address, newAddress) => {
    const { account, aliases } = await renameAccount(mail, domain, address, newAddress);
    return { person: account, aliases };
  },
};

export function accountCommand(): Command {
  return mailCommandGroup('account', 'list, add and change mail accounts', 'Accounts: addresses with a mailbox and a password.', [
    new Command('list')
      .argument('<domain>')
      .description('list the accounts of a domain')
      .option('--text <text>', 'only those whose address or name contains this text')
      .addOption(
        new Option('--status <status>', 'which ones').choices(['current', 'active', 'inactive', 'deleted']).default('current'),
      )
      .action((domain: string, options: ListOptions) => list(accounts, domain, options)),
    showCommand(accounts),
    settingsCommand(),
    withWelcome(
      new Command('add')
        .argument('<address>')
        .description('create an account; its password comes from standard input')
        .option('--name <name>', "its owner's name")
        .option('--quota <size>', 'space for mail: 500 MB, 2 GB')
        .option('--postmaster', 'may administer the domain')
        .addOption(
          new Option('--mailbox <choice>', 'what to do if the mail folder belonged to a deleted account').choices([
            'fresh',
            'reuse',
          ]),
        )
        .option('--welcome', 'send its owner a welcome mail, which makes the mail folder')
        .option(...generateOption),
    ).action(add),
    welcomeCommand(),
    withSenders(new Command('set'))
      .argument('<address>')
      .description('change an account')
      .option('--name <name>', "its owner's name; empty removes it")
      .option('--quota <size>', 'space for mail; empty for no limit')
      .option('--active <on|off>', 'receive mail and let its owner log in', onOff)
      .option('--forward <address>', 'send its mail on to this address, in the place of earlier ones; repeatable', collect)
      .option('--no-forward', 'send it on no longer')
      .option('--keep-copy <on|off>', 'of mail that is sent on; on by default', onOff)
      .action(set),
    passwdCommand(accounts, 'give an account a new password'),
    renameCommand(accounts, 'give an account a new address; its mail and aliases follow'),
    new Command('delete')
      .argument('<address>')
      .description('delete an account; it can be restored until it is purged')
      .action(remove),
    new Command('restore').argument('<address>').description('restore a deleted account').action(restore),
    new Command('purge')
      .argument('<address>')
      .description("remove a deleted account's entry permanently")
      .requiredOption('--yes', 'confirm that this cannot be undone')
      .action(purge),
    new Command('quotas')
      .argument('<domain>')
      .description('find quotas that mail servers cannot read, such as "10 MB"; with --yes, convert them')
      .addOption(
        new Option('--bare-number <unit>', 'what a number without a unit counts')
          .argParser(bareNumber)
          .default('megabytes', 'megabytes, as on the pages'),
      )
      .option('--yes', 'convert them')
      .action(quotas),
    importCommand({
      what: 'accounts',
      columns: 'address, name, password, quota, postmaster',
      read: readAccountsCsv,
      check: checkAccountsCsv,
      make: importAccountsCsv,
      address: ({ account }) => account.address,
      secret: ({ generated, account }) => (generated ? account.password : undefined),
    }),
    exportCommand('accounts', exportAccountsCsv),
  ]);
}

interface AddOptions extends MailOptions, WelcomeOptions {
  readonly welcome?: true;
  readonly name?: string;
  readonly quota?: string;
  readonly postmaster?: true;
  readonly mailbox?: MailboxChoice;
  readonly generate?: true;
}

async function add(text: string, options: AddOptions): Promise<void> {
  const make = async (mail: MailContext): Promise<void> => {
    if (options.welcome) requireWelcome(mail);
    const { local, domain: name, address } = addressArgument(text);
    const made = await newPassword(options, address);
    const domain = await getOwnDomain(mail, name);
    const account = await createAccount(mail, domain, {
      address: local,
      password: made.password,
      repeat: made.repeat,
      postmaster: options.postmaster === true,
      mailbox: options.mailbox,
      ...(options.name === undefined ? {} : { name: options.name }),
      ...(options.quota === undefined ? {} : { quota: options.quota }),
    });
    const problem = options.welcome ? await trySending(mail, domain, account.address) : undefined;
    const welcomed = options.welcome ? { welcomed: problem === undefined } : {};
    reportMade(options, { ...personJson(account), ...welcomed }, `${account.address} added`, made);
    warn('account add', problem === undefined ? [] : [problem.message]);
  };
  await withMail(options, make, welcomeServices(options));
}

interface SetOptions extends MailOptions, SenderOptions {
  readonly name?: string;
  readonly quota?: string;
  readonly active?: boolean;
  readonly forward?: readonly string[] | false;
  readonly keepCopy?: boolean;
}

function set(text: string, options: SetOptions): Promise<void> {
  const { name, quota, active, forward, keepCopy, addSender, removeSender } = options;
  if ([name, quota, active, forward, keepCopy, addSender, removeSender].every((option) => option === undefined))
    throw new CommandFailure('nothing to change: see jammd account set --help');
  return withMail(options, async (mail) => {
    const { address, domain } = addressArgument(text);
    if (name !== undefined || quota !== undefined) {
      await changeAccount(mail, domain, address, {
        ...(name === undefined ? {} : { name }),
        ...(quota === undefined ? {} : { quota }),
      });
    }
    await applySenders(mail, await getDomain(mail, domain), address, options);
    if (forward !== undefined || keepCopy !== undefined) await applyForwarding(mail, domain, address, options);
    if (active !== undefined)
      await setActive(mail, await getOwnDomain(mail, domain), await getAccount(mail, domain, address), active);
    report(options, personJson(await getAccount(mail, domain, address)), [`${address} changed`]);
  });
}

async function applyForwarding(
  mail: MailContext,
  domain: string,
  address: string,
  { forward, keepCopy }: SetOptions,
): Promise<void> {
  const { forwardTo, keepsCopy } = await getAccount(mail, domain, address);
  const destinations = forward === false ? [] : (forward ?? forwardTo);
  if (destinations.length === 0 && keepCopy !== undefined)
    throw new CommandFailure('--keep-copy is for mail that is sent on: give --forward as well');
  const account = await setForwarding(mail, await getDomain(mail, domain), address, {
    destinations: destinations.join('\n'),
    keepCopy: keepCopy ?? (forwardTo.length === 0 || keepsCopy),
  });
  warn('account set', await destinationWarnings(mail, account.address, account.forwardTo));
}

function bareNumber(text: string): BareNumber {
  if (text === 'bytes' || text === 'megabytes') return text;
  throw new InvalidArgumentError('Say bytes or megabytes.');
}

function quotas(typed: string, options: MailOptions & { yes?: true; bareNumber: BareNumber }): Promise<void> {
  return withMail(options, async (mail) => {
    const domain = await getOwnDomain(mail, parseDomain(typed));
    const apply = options.yes === true;
    const found = await convertQuotas(mail, domain, { bareNumber: options.bareNumber, apply });
    const known = found.filter(({ after }) => after !== undefined);
    report(
      options,
      found.map(({ address, before, after }) => ({ address, before, after: after ?? null })),
      found.length === 0
        ? ['all quotas are in the form that mail servers read']
        : table(
            found.map(({ address, before, after }) => [
              address,
              before,
              after === undefined ? 'unclear' : `-> ${after || 'no limit'}`,
            ]),
          ),
    );
    if (!apply && known.length > 0)
      process.stderr.write('jammd account quotas: nothing was changed; run it with --yes to convert them\n');
    if (known.length < found.length) process.exitCode = 1;
  });
}

function remove(text: string, options: MailOptions): Promise<void> {
  return change(text, options, 'deleted; restore it with jammd account restore', deleteAccount);
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
