/** What `jammd account` has for an account's owner: the settings of mail programs. */
import { Command } from 'commander';
import { accountSettings } from '../mail/client-settings.js';
import type { ClientServer } from '../mail/client-servers.js';
import type { MailContext } from '../mail/context.js';
import { addressArgument, report, table, withMail, type MailOptions } from './mail.js';
import { addClientServerOptions, clientServers, type ClientServerOptions } from './site-services.js';

export function settingsCommand(): Command {
  return addClientServerOptions(new Command('settings'))
    .argument('<address>')
    .description('print what its owner enters in a mail program')
    .action(settings);
}

async function settings(text: string, options: MailOptions & ClientServerOptions): Promise<void> {
  const tell = async (mail: MailContext): Promise<void> => {
    const { address, domain } = addressArgument(text);
    const { address: userName, settings: found } = await accountSettings(mail, domain, address);
    const { incoming, outgoing } = found;
    report(
      options,
      { userName, incoming, outgoing },
      table([['user name', userName], ...incoming.map((server) => row('incoming', server)), row('outgoing', outgoing)]),
    );
  };
  await withMail(options, tell, clientServers(options));
}

function row(what: string, { protocol, host, port, security }: ClientServer): readonly string[] {
  return [what, `${protocol.toUpperCase()} ${host} port ${port} ${security}`];
}
