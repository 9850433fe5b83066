/** `jammd app-password`: passwords for single mail programs, from the command line. */
import { Command } from 'commander';
import {
  listAppPasswords,
  makeAppPassword,
  removeExpired,
  revokeAllAppPasswords,
  revokeAppPassword,
} from '../mail/app-passwords.js';
import type { AppPassword } from '../mail/app-password-notes.js';
import { getAccount } from '../mail/entries.js';
import { sameDn } from '../mail/names.js';
import { CommandFailure } from './failure.js';
import { addressArgument, mailCommandGroup, positiveInteger, report, table, withMail, type MailOptions } from './mail.js';

export function appPasswordCommand(): Command {
  return mailCommandGroup(
    'app-password',
    'list, make and revoke passwords for single mail programs',
    'App passwords: further passwords of an account, one for each mail program. Its pages and commands refuse them.',
    [
      new Command('list').argument('<address>').description('list the app passwords of an account').action(list),
      new Command('add')
        .argument('<address>')
        .argument('<label>', 'what it is for: Phone')
        .description('make one and print it; it cannot be shown again')
        .option('--days <number>', 'let it expire after so many days', positiveInteger)
        .action(add),
      new Command('revoke')
        .argument('<address>')
        .argument('[id]', 'as in the list')
        .description('end one, or all with --all')
        .option('--all', 'end all of the account')
        .action(revoke),
      new Command('expire')
        .description('remove expired ones from the directory, for cron: servers other than jammd take them until then')
        .action(expire),
    ],
  );
}

function dateOf(at: Date | undefined, absent: string): string {
  return at?.toISOString().slice(0, 10) ?? absent;
}

function appPasswordJson({ id, label, createdAt, expiresAt, usedAt, expired }: AppPassword): Readonly<Record<string, unknown>> {
  const time = (at: Date | undefined): string | null => at?.toISOString() ?? null;
  return { id, label, created: time(createdAt), expires: time(expiresAt), used: time(usedAt), expired };
}

function list(text: string, options: MailOptions): Promise<void> {
  return withMail(options, async (mail) => {
    const { address, domain } = addressArgument(text);
    const all = await listAppPasswords(mail, await getAccount(mail, domain, address));
    const rows = all.map((one) => [
      one.id,
      `made ${dateOf(one.createdAt, '')}`,
      one.expired ? 'expired' : `expires ${dateOf(one.expiresAt, 'never')}`,
      `used ${dateOf(one.usedAt, '-')}`,
      one.label,
    ]);
    report(options, all.map(appPasswordJson), table(rows));
  });
}

function add(text: string, label: string, options: MailOptions & { days?: number }): Promise<void> {
  return withMail(options, async (mail) => {
    const { address, domain } = addressArgument(text);
    const account = await getAccount(mail, domain, address);
    if (sameDn(account.dn, mail.actor.dn)) {
      throw new CommandFailure('make your own app passwords on the web pages, which ask for your current password');
    }
    const { password, id, expiresAt } = await makeAppPassword(mail, account, { label, days: options.days });
    report(options, { address, id, label, expires: expiresAt?.toISOString() ?? null, password }, [
      `${address} has an app password for ${label}: ${id}`,
      `password: ${password}`,
    ]);
  });
}

function revoke(text: string, id: string | undefined, options: MailOptions & { all?: true }): Promise<void> {
  if ((id === undefined) !== (options.all === true)) throw new CommandFailure('give the id of one, or --all');
  return withMail(options, async (mail) => {
    const { address, domain } = addressArgument(text);
    const account = await getAccount(mail, domain, address);
    if (id === undefined) {
      const count = await revokeAllAppPasswords(mail, account);
      return report(options, { address, revoked: count }, [`${address}: ${count} app passwords revoked`]);
    }
    const label = await revokeAppPassword(mail, account, id);
    report(options, { address, id, label }, [`${address}: the app password for ${label} is revoked`]);
  });
}

function expire(options: MailOptions): Promise<void> {
  return withMail(options, async (mail) => {
    const removed = await removeExpired(mail);
    const lines = removed.map(({ dn, labels }) => `${dn}: ${labels.join(', ')} removed`);
    report(options, removed, lines.length === 0 ? ['no app password has expired'] : lines);
  });
}
