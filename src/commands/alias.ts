/** `jammd alias`: aliases of a domain and its catch-all, from the command line. */
import { Command } from 'commander';
import { setActive } from '../mail/accounts.js';
import { parseDomain } from '../mail/address.js';
import {
  changeDestinations,
  createAlias,
  deleteAlias,
  getCatchAll,
  nameAlias,
  renameAlias,
  setCatchAll,
} from '../mail/aliases.js';
import { getDomain, getOwnDomain } from '../mail/domains.js';
import { getAlias, listPeople, type Alias } from '../mail/entries.js';
import { setPassword } from '../mail/passwords.js';
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
  stateWord,
  table,
  withMail,
  type MailOptions,
} from './mail.js';

export function aliasCommand(): Command {
  return mailCommandGroup('alias', 'list, add and change aliases and catch-alls', 'Aliases: addresses that deliver elsewhere.', [
    new Command('list')
      .argument('<domain>')
      .description('lists the aliases of a domain')
      .option('--text <text>', 'only those whose address, name or destination holds this text')
      .action(list),
    new Command('show').argument('<address>').description('shows one alias').action(show),
    new Command('add')
      .argument('<address>')
      .argument('<destinations...>')
      .description('makes an alias')
      .option('--name <name>', 'a name')
      .option('--password-from-input', 'let its owner log in, with the password that standard input holds')
      .option(...generateOption)
      .action(add),
    new Command('set')
      .argument('<address>')
      .description('changes an alias; at least one destination stays')
      .option('--add <destination>', 'add a destination; may be given more than once', collect)
      .option('--remove <destination>', 'take a destination out; may be given more than once', collect)
      .option('--name <name>', 'a name; empty removes it')
      .option('--active <on|off>', 'deliver', onOff)
      .action(set),
    new Command('passwd')
      .argument('<address>')
      .description('gives an alias a password, so that its owner can log in')
      .option(...generateOption)
      .action(passwd),
    new Command('rename')
      .argument('<address>')
      .argument('<new-address>')
      .description('gives an alias a new address')
      .action(rename),
    new Command('delete').argument('<address>').description('deletes an alias at once, and for good').action(remove),
    new Command('catch-all')
      .argument('<domain>')
      .argument('[destinations...]')
      .description('shows or sets where mail to unknown addresses of a domain goes')
      .option('--none', 'have no catch-all')
      .action(catchAll),
  ]);
}

function tell(options: MailOptions, alias: Alias): void {
  report(
    options,
    personJson(alias),
    table([
      ['address', alias.address],
      ['name', alias.name],
      ['state', stateWord(alias)],
      ...alias.destinations.map((destination) => ['delivers to', destination]),
      ['last change', alias.lastChange?.toISOString() ?? ''],
    ]),
  );
}

function list(typed: string, options: MailOptions & { text?: string }): Promise<void> {
  return withMail(options, async (mail) => {
    const { name } = await getOwnDomain(mail, parseDomain(typed));
    const { people, cut } = await listPeople(mail, name, {
      kind: 'alias',
      pageSize: 1_000_000,
      ...(options.text === undefined ? {} : { text: options.text }),
    });
    const rows = people.map((person) => [
      person.address,
      stateWord(person),
      person.kind === 'alias' ? person.destinations.join(', ') : '',
    ]);
    report(options, people.map(personJson), table(rows));
    if (cut) process.stderr.write('jammd alias list: the directory does not show all of them; narrow with --text\n');
  });
}

function show(text: string, options: MailOptions): Promise<void> {
  return withMail(options, async (mail) => {
    const { address, domain } = addressArgument(text);
    tell(options, await getAlias(mail, domain, address));
  });
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
    const secret = made?.generated ? made.password : undefined;
    report(options, { ...personJson(alias), ...(secret === undefined ? {} : { password: secret }) }, [
      `${alias.address} delivers to ${alias.destinations.join(', ')}`,
      ...(secret === undefined ? [] : [`password: ${secret}`]),
    ]);
  });
}

interface SetOptions extends MailOptions {
  readonly add?: readonly string[];
  readonly remove?: readonly string[];
  readonly name?: string;
  readonly active?: boolean;
}

function set(text: string, options: SetOptions): Promise<void> {
  const { add: added, remove: removed, name, active } = options;
  if ([added, removed, name, active].every((option) => option === undefined))
    throw new CommandFailure('nothing to change: see jammd alias set --help');
  return withMail(options, async (mail) => {
    const { address, domain: domainName } = addressArgument(text);
    const domain = await getDomain(mail, domainName);
    if (added || removed)
      await changeDestinations(mail, domain, address, { add: (added ?? []).join('\n'), remove: removed ?? [] });
    if (name !== undefined) await nameAlias(mail, domain, address, name);
    if (active !== undefined) await setActive(mail, domain, await getAlias(mail, domainName, address), active);
    tell(options, await getAlias(mail, domainName, address));
  });
}

function passwd(text: string, options: MailOptions & { generate?: true }): Promise<void> {
  return withMail(options, async (mail) => {
    const { address, domain } = addressArgument(text);
    const alias = await getAlias(mail, domain, address);
    const made = await newPassword(options, address);
    await setPassword(mail, alias, made);
    report(options, { address, ...(made.generated ? { password: made.password } : {}) }, [
      `password of ${address} changed`,
      ...(made.generated ? [`password: ${made.password}`] : []),
    ]);
  });
}

function rename(text: string, newText: string, options: MailOptions): Promise<void> {
  return withMail(options, async (mail) => {
    const { address, domain } = addressArgument(text);
    const alias = await renameAlias(mail, await getOwnDomain(mail, domain), address, newText);
    report(options, personJson(alias), [`${address} is ${alias.address} now`]);
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
  if (options.none && destinations.length > 0) throw new CommandFailure('either destinations or --none');
  return withMail(options, async (mail) => {
    const domain = await getOwnDomain(mail, parseDomain(typed));
    if (options.none || destinations.length > 0) await setCatchAll(mail, domain, destinations.join('\n'));
    const now = (await getCatchAll(mail, domain.name))?.destinations ?? [];
    report(options, { domain: domain.name, destinations: now }, now.length === 0 ? [`${domain.name} has no catch-all`] : now);
  });
}
