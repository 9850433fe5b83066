/** What the commands for accounts and for aliases have in common. */
import { Command } from 'commander';
import { parseDomain } from '../mail/address.js';
import type { MailContext } from '../mail/context.js';
import { getOwnDomain, type Domain } from '../mail/domains.js';
import { listPeople, type PeopleQuery, type Person } from '../mail/entries.js';
import { sameDn } from '../mail/names.js';
import { setPassword } from '../mail/passwords.js';
import { changeSenders } from '../mail/senders.js';
import { CommandFailure } from './failure.js';
import {
  addressArgument,
  collect,
  generateOption,
  newPassword,
  personJson,
  report,
  stateWord,
  table,
  withMail,
  type MailOptions,
  type NewPassword,
} from './mail.js';

/** How one kind of person differs. */
export interface PersonCommands<P extends Person> {
  readonly kind: P['kind'];
  readonly get: (mail: MailContext, domain: string, address: string) => Promise<P>;
  /** The last column of its row in a list. */
  readonly summary: (person: Person) => string;
  /** What `show` tells of it beyond address, name, state and last change. */
  readonly details: (person: P) => readonly (readonly string[])[];
  /** What is found out for `show` alone, as JSON and as rows. */
  readonly more?: (
    mail: MailContext,
    domain: string,
    person: P,
  ) => Promise<{ readonly json: Readonly<Record<string, unknown>>; readonly rows: readonly (readonly string[])[] }>;
  readonly rename: (
    mail: MailContext,
    domain: Domain,
    address: string,
    newAddress: string,
  ) => Promise<{ readonly person: P; readonly aliases?: readonly string[] }>;
}

export function showCommand<P extends Person>(kind: PersonCommands<P>): Command {
  return new Command('show')
    .argument('<address>')
    .description(`show one ${kind.kind}`)
    .action((text: string, options: MailOptions) =>
      withMail(options, async (mail) => {
        const { address, domain } = addressArgument(text);
        const person = await kind.get(mail, domain, address);
        tell(options, kind, person, await kind.more?.(mail, domain, person));
      }),
    );
}

export function passwdCommand<P extends Person>(kind: PersonCommands<P>, description: string): Command {
  return new Command('passwd')
    .argument('<address>')
    .description(description)
    .option(...generateOption)
    .action((text: string, options: MailOptions & { generate?: true }) =>
      withMail(options, async (mail) => {
        const { address, domain } = addressArgument(text);
        const person = await kind.get(mail, domain, address);
        if (sameDn(person.dn, mail.actor.dn)) {
          throw new CommandFailure('change your own password with ldappasswd or on the web pages, which ask for the current one');
        }
        const made = await newPassword(options, address);
        await setPassword(mail, person, made);
        reportMade(options, { address }, `password of ${address} changed`, made);
      }),
    );
}

export function renameCommand<P extends Person>(kind: PersonCommands<P>, description: string): Command {
  return new Command('rename')
    .argument('<address>')
    .argument('<new-address>')
    .description(description)
    .action((text: string, newText: string, options: MailOptions) =>
      withMail(options, async (mail) => {
        const { address, domain } = addressArgument(text);
        const { person, aliases } = await kind.rename(mail, await getOwnDomain(mail, domain), address, newText);
        const followed = aliases?.length ? [`these aliases now deliver to it: ${aliases.join(', ')}`] : [];
        report(options, { ...personJson(person), ...(aliases ? { aliases } : {}) }, [
          `${address} is now ${person.address}`,
          ...followed,
        ]);
      }),
    );
}

/** Prints one, as `show` does. */
export function tell<P extends Person>(
  options: MailOptions,
  kind: PersonCommands<P>,
  person: P,
  more?: Awaited<ReturnType<NonNullable<PersonCommands<P>['more']>>>,
): void {
  report(
    options,
    { ...personJson(person), ...more?.json },
    table([
      ['address', person.address],
      ['name', person.name],
      ['state', stateWord(person)],
      ...kind.details(person),
      ...person.senders.map((sender) => ['sender', sender]),
      ...(more?.rows ?? []),
      ['last change', person.lastChange?.toISOString() ?? ''],
    ]),
  );
}

/** Options that change who may send from an address. */
export function withSenders(command: Command): Command {
  return command
    .option('--add-sender <address>', 'let this account send from the address; repeatable', collect)
    .option('--remove-sender <address>', 'no longer let it; repeatable', collect);
}

export interface SenderOptions {
  readonly addSender?: readonly string[];
  readonly removeSender?: readonly string[];
}

export async function applySenders(
  mail: MailContext,
  domain: Domain,
  address: string,
  { addSender, removeSender }: SenderOptions,
): Promise<void> {
  if (addSender === undefined && removeSender === undefined) return;
  await changeSenders(mail, domain, address, { add: (addSender ?? []).join('\n'), remove: removeSender ?? [] });
}

export function list<P extends Person>(
  kind: PersonCommands<P>,
  typed: string,
  options: MailOptions & Pick<PeopleQuery, 'text' | 'status'>,
): Promise<void> {
  return withMail(options, async (mail) => {
    const { name } = await getOwnDomain(mail, parseDomain(typed));
    const { text, status } = options;
    const query = { kind: kind.kind, ...(status === undefined ? {} : { status }), ...(text === undefined ? {} : { text }) };
    const { people, cut } = await listPeople(mail, name, { ...query, pageSize: 1_000_000 });
    report(options, people.map(personJson), table(people.map((one) => [one.address, stateWord(one), kind.summary(one)])));
    if (people.length === 0 && !options.json) {
      const one = kind.kind === 'account' ? 'account' : 'alias';
      process.stderr.write(`jammd ${one} list: no ${one} of ${name} matches; jammd ${one} add makes one\n`);
    }
    if (cut) {
      process.stderr.write(
        `jammd ${kind.kind} list: the directory's size limit cut this list off; narrow it with --text, or raise the limit\n`,
      );
    }
  });
}

/** Says what was made or changed, with the password where that was generated: it is shown this once. */
export function reportMade(
  options: MailOptions,
  value: Readonly<Record<string, unknown>>,
  line: string,
  made: NewPassword | undefined,
): void {
  const secret = made?.generated ? made.password : undefined;
  report(options, { ...value, ...(secret === undefined ? {} : { password: secret }) }, [
    line,
    ...(secret === undefined ? [] : [`password: ${secret}`]),
  ]);
}
