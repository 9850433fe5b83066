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
      new Command('list').argument('<domain>').description('list the postmasters of a domain').action(list),
      ...(['add', 'delete'] as const).map((name) =>
        new Command(name)
          .argument('<address>')
          .description(name === 'add' ? 'make somebody a postmaster' : 'dismiss a postmaster')
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
      table(postmasters.map(({ dn, person }) => [person?.address ?? `${dn} (no longer exists)`])),
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
    const words = {
      add: changed ? 'is now a postmaster of' : 'is already a postmaster of',
      delete: changed ? 'is no longer a postmaster of' : 'is not a postmaster of',
    };
    report(options, { address, domain: domain.name, changed }, [`${address} ${words[what]} ${domain.name}`]);
  });
}
