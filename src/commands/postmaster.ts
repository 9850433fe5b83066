/** `jammd postmaster`: who administers a domain, from the command line. */
import { Command } from 'commander';
import { parseDomain } from '../mail/address.js';
import { getOwnDomain } from '../mail/domains.js';
import { getPerson } from '../mail/entries.js';
import { appointPostmaster, dismissPostmaster, listPostmasters } from '../mail/postmasters.js';
import { addressArgument, mailCommandGroup, report, table, withMail, type MailOptions } from './mail.js';

export function postmasterCommand(): Command {
  return mailCommandGroup(
    'postmaster',
    'list, appoint and dismiss postmasters',
    'Postmasters: the people who may administer a domain.',
    [
      new Command('list').argument('<domain>').description('lists the postmasters of a domain').action(list),
      ...(['add', 'delete'] as const).map((name) =>
        new Command(name)
          .argument('<address>')
          .description(name === 'add' ? 'makes somebody a postmaster' : 'takes the rights back')
          .option('--of <domain>', "the domain to administer (default: the address's own)")
          .action((text: string, options: ChangeOptions) => change(name, text, options)),
      ),
    ],
  );
}

function list(typed: string, options: MailOptions): Promise<void> {
  return withMail(options, async (mail) => {
    const { name } = await getOwnDomain(mail, parseDomain(typed));
    const postmasters = await listPostmasters(mail, name);
    report(
      options,
      postmasters.map(({ dn, person }) => ({ dn, address: person?.address ?? null, active: person?.active ?? false })),
      table(postmasters.map(({ dn, person }) => [person?.address ?? `${dn} (not there any more)`])),
    );
  });
}

interface ChangeOptions extends MailOptions {
  readonly of?: string;
}

function change(what: 'add' | 'delete', text: string, options: ChangeOptions): Promise<void> {
  return withMail(options, async (mail) => {
    const { address, domain: home } = addressArgument(text);
    const domain = await getOwnDomain(mail, options.of === undefined ? home : parseDomain(options.of));
    const person = await getPerson(mail, home, address);
    const changed =
      what === 'add' ? await appointPostmaster(mail, domain, person) : await dismissPostmaster(mail, domain, person.dn);
    const state = what === 'add' ? 'a postmaster' : 'no postmaster';
    report(options, { address, domain: domain.name, changed }, [
      `${address} is ${state} of ${domain.name}${changed ? '' : ' already'}`,
    ]);
  });
}
