/** Options that name what a mail site has beside its directory, such as the servers of mail programs. */
import type { Command } from 'commander';
import { ClientServers, type MailProtocol } from '../mail/client-servers.js';
import type { MailSettings } from '../mail/context.js';
import { MailError } from '../mail/errors.js';
import { CommandFailure } from './failure.js';
import { collect } from './mail.js';

export interface ClientServerOptions {
  readonly imapServer?: readonly string[];
  readonly popServer?: readonly string[];
  readonly smtpServer?: readonly string[];
}

const optionOf: Readonly<Record<MailProtocol, string>> = { imap: '--imap-server', pop: '--pop-server', smtp: '--smtp-server' };

export function addClientServerOptions(command: Command): Command {
  return command
    .option(
      '--imap-server <server>',
      'the server that mail programs read from: HOST[:PORT][/tls|starttls|none]; for one domain alone: DOMAIN=HOST...; repeatable',
      collect,
    )
    .option('--pop-server <server>', 'the same for POP3', collect)
    .option('--smtp-server <server>', 'the same for sending', collect);
}

/** As a part of the site's settings. */
export function clientServers(options: ClientServerOptions): Pick<MailSettings, 'clientServers'> {
  const { imapServer = [], popServer = [], smtpServer = [] } = options;
  try {
    const servers = ClientServers.parse({ imap: imapServer, pop: popServer, smtp: smtpServer });
    return servers === undefined ? {} : { clientServers: servers };
  } catch (error) {
    if (!(error instanceof MailError)) throw error;
    const option = Object.entries(optionOf).find(([protocol]) => protocol === error.field)?.[1];
    throw new CommandFailure(`${option}: ${error.message}`, { cause: error });
  }
}
