/** `jammd alias`: aliases of a domain and its catch-all, from the command line. */
import { Command } from 'commander';
import { setActive } from '../mail/accounts.js';
import { parseDomain } from '../mail/address.js';
import { checkAliasesCsv, exportAliasesCsv, importAliasesCsv, readAliasesCsv } from '../mail/alias-csv.js';
import { changeDestinations, createAlias, deleteAlias, nameAlias, renameAlias, setCatchAll } from '../mail/aliases.js';
import { getCatchAll } from '../mail/catch-all.js';
import { destinationWarnings } from '../mail/destinations.js';
import { getDomain, getOwnDomain } from '../mail/domains.js';
import { getAlias, type Alias } from '../mail/entries.js';
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
  tell,
  withSenders,
  type PersonCommands,
  type SenderOptions,
} from './person.js';

const aliases: PersonCommands<Alias> = {
  kind: 'alias',
  get: getAlias,
  summary: (person) => (person.kind === 'alias' ? person.destinations.join(', ') : ''),
  details: ({ destinations }) => destinations.map((destination) => ['delivers to', destination]),
  rename: async (mail, domain, address, newAddress) => ({ person: await renameAlias(mail, domain, address, newAddress) }),
};

export function aliasCommand(): Command {
  return mailCommandGroup('alias', 'list, add and change aliases and catch-alls', 'Aliases: addresses that deliver elsewhere.', [
    new Command('list')
      .argument('<domain>')
      .description('list the aliases of a domain')
      .option('--text <text>', 'only those whose address, name or destination contains this text')
      .action((domain: string, options: MailOptions & { text?: string }) => list(aliases, domain, options)),
    showCommand(aliases),
    new Command('add')
      .argument('<address>')
      .argument('<destinations...>')
      .description('create an alias')
      .option('--name <name>', 'a name')
      .option('--password-from-input', 'let its owner log in with the password read from standard input')
      .option(...generateOption)
      .action(add),
    withSenders(new Command('set'))
      .argument('<address>')
      .description('change an alias; at least one destination must remain')
      .option('--add <destination>', 'add a destination; repeatable', collect)
      .option('--remove <destination>', 'remove a destination; repeatable', collect)
      .option('--name <name>', 'a name; empty removes it')
      .option('--active <on|off>', 'deliver mail', onOff)
      .action(set),
    passwdCommand(aliases, 'give an alias a password, so that its owner can log in'),
    renameCommand(aliases, 'give an alias a new address'),
    new Command('delete').argument('<address>').description('delete an alias; this cannot be undone').action(remove),
    new Command('catch-all')
      .argument('<domain>')
      .argument('[destinations...]')
      .description('show or set where mail to unknown addresses of a domain goes')
      .option('--none', 'remove the catch-all')
      .action(catchAll),
    importCommand({
      what: 'aliases',
      columns: 'address, destinations, name',
      read: readAliasesCsv,
      check: checkAliasesCsv,
      make: importAliasesCsv,
      address: ({ alias }) => alias.address,
    }),
    exportCommand('aliases', exportAliasesCsv),
  ]);
}

interface AddOptions extends MailOptions {
  readonly name?: string;
  readonly passwordFromInput?: true;
  readonly generate?: true;
}

function add(text: string, destinations: readonly string[], options: AddOptions): Promise<void> {
  return withMail(options, async (mail) => {
    const { local, domain, address } = addressArgument(text);
    const made = options.generate || options.passwordFromInput ? await newPassword(options, address) : undefined;
    const alias = await createAlias(mail, await getOwnDomain(mail, domain), {
      address: local,
      destinations: destinations.join('\n'),
      ...(options.name === undefined ? {} : { name: options.name }),
      ...made,
    });
    reportMade(options, personJson(alias), `${alias.address} delivers to ${alias.destinations.join(', ')}`, made);
    warn('alias add', await destinationWarnings(mail, alias.address, alias.destinations));
  });
}

interface SetOptions extends MailOptions, SenderOptions {
  readonly add?: readonly string[];
  readonly remove?: readonly string[];
  readonly name?: string;
  readonly active?: boolean;
}

function set(text: string, options: SetOptions): Promise<void> {
  const { add: added, remove: removed, name, active } = options;
  if ([added, removed, name, active, options.addSender, options.removeSender].every((option) => option === undefined))
    throw new CommandFailure('nothing to change: see jammd alias set --help');
  return withMail(options, async (mail) => {
    const { address, domain: domainName } = addressArgument(text);
    const domain = await getDomain(mail, domainName);
    if (added || removed)
      await changeDestinations(mail, domain, address, { add: (added ?? []).join('\n'), remove: removed ?? [] });
    await applySenders(mail, domain, address, options);
    if (name !== undefined) await nameAlias(mail, domain, address, name);
    if (active !== undefined) await setActive(mail, domain, await getAlias(mail, domainName, address), active);
    const alias = await getAlias(mail, domainName, address);
    tell(options, aliases, alias);
    if (added) warn('alias set', await destinationWarnings(mail, alias.address, alias.destinations));
  });
}

function remove(text: string, options: MailOptions): Promise<void> {
  return withMail(options, async (mail) => {
    const { address, domain } = addressArgument(text);
    await deleteAlias(mail, await getOwnDomain(mail, domain), address);
    report(options, { address, done: 'deleted' }, [`${address} deleted`]);
  });
}

function catchAll(typed: string, destinations: readonly string[], options: MailOptions & { none?: true }): Promise<void> {
  if (options.none && destinations.length > 0) throw new CommandFailure('give either destinations or --none');
  return withMail(options, async (mail) => {
    const domain = await getOwnDomain(mail, parseDomain(typed));
    if (options.none || destinations.length > 0) await setCatchAll(mail, domain, destinations.join('\n'));
    const now = (await getCatchAll(mail, domain.name))?.destinations ?? [];
    report(options, { domain: domain.name, destinations: now }, now.length === 0 ? [`${domain.name} has no catch-all`] : now);
    if (destinations.length > 0) warn('alias catch-all', await destinationWarnings(mail, `@${domain.name}`, now));
  });
}
