/** `jammd token`: API tokens of a domain, from the command line. */
import { Command } from 'commander';
import { parseDomain } from '../mail/address.js';
import { listTokens, makeToken, requireScopes, revokeToken, tokenScopes } from '../mail/api-tokens.js';
import { getOwnDomain } from '../mail/domains.js';
import { collect, mailCommandGroup, positiveInteger, report, table, withMail, type MailOptions } from './mail.js';

export function tokenCommand(): Command {
  return mailCommandGroup(
    'token',
    'list, make and revoke API tokens',
    'API tokens: what programs use the API of the web pages with, each for one domain.',
    [
      new Command('list').argument('<domain>').description('list the tokens of a domain').action(list),
      new Command('add')
        .argument('<domain>')
        .argument('<label>', 'what it is for: Backup script')
        .description('make one and print it; it cannot be shown again')
        .option(
          '--scope <scope>',
          `what it may change, of ${tokenScopes.slice(1).join(', ')}; repeatable (default: only read)`,
          collect,
        )
        .option('--days <number>', 'let it expire after so many days', positiveInteger)
        .action(add),
      new Command('revoke').argument('<domain>').argument('<id>', 'as in the list').description('end one').action(revoke),
    ],
  );
}

function list(text: string, options: MailOptions): Promise<void> {
  return withMail(options, async (mail) => {
    const tokens = await listTokens(mail, parseDomain(text));
    const day = (at: Date | undefined, absent: string): string => at?.toISOString().slice(0, 10) ?? absent;
    const rows = tokens.map(({ id, label, scopes, createdAt, expiresAt, usedAt, expired }) => [
      id,
      `made ${day(createdAt, '')}`,
      expired ? 'expired' : `expires ${day(expiresAt, 'never')}`,
      `used ${day(usedAt, '-')}`,
      scopes.join(','),
      label,
    ]);
    report(options, tokens, table(rows));
  });
}

interface AddOptions extends MailOptions {
  readonly scope?: readonly string[];
  readonly days?: number;
}

function add(text: string, label: string, options: AddOptions): Promise<void> {
  return withMail(options, async (mail) => {
    const domain = await getOwnDomain(mail, parseDomain(text));
    const made = await makeToken(mail, domain, { label, scopes: requireScopes(options.scope ?? []), days: options.days });
    report(options, made, [`token ${made.id} of ${domain.name} for ${label}: ${made.scopes.join(', ')}`, made.token]);
  });
}

function revoke(text: string, id: string, options: MailOptions): Promise<void> {
  return withMail(options, async (mail) => {
    const domain = await getOwnDomain(mail, parseDomain(text));
    await revokeToken(mail, domain, id);
    report(options, { domain: domain.name, id }, [`token ${id} of ${domain.name} is revoked`]);
  });
}
