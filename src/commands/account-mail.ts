/** What `jammd account` has for an account's owner: a welcome mail, and the settings of mail programs. */
import { Command } from 'commander';
import { accountSettings } from '../mail/client-settings.js';
import type { ClientServer } from '../mail/client-servers.js';
import type { MailContext } from '../mail/context.js';
import { getOwnDomain, type Domain } from '../mail/domains.js';
import { isMailError, type MailError } from '../mail/errors.js';
import { requireWelcome, sendWelcome } from '../mail/welcome.js';
import { addressArgument, report, table, withMail, type MailOptions } from './mail.js';
import {
  addClientServerOptions,
  addWelcomeOptions,
  clientServers,
  welcomeServices,
  type ClientServerOptions,
  type WelcomeOptions,
} from './site-services.js';

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

/** Options for commands that send a welcome mail. */
export function withWelcome(command: Command): Command {
  return addWelcomeOptions(command).option('--public-url <url>', 'the address of the web pages, for the welcome mail');
}

export function welcomeCommand(): Command {
  return withWelcome(new Command('welcome'))
    .argument('<address...>')
    .description('send a welcome mail, which makes the mail folder of a new account')
    .action(welcome);
}

async function welcome(texts: readonly string[], options: MailOptions & WelcomeOptions): Promise<void> {
  const send = async (mail: MailContext): Promise<void> => {
    const results: { readonly address: string; readonly sent: boolean; readonly problem: string | null }[] = [];
    requireWelcome(mail);
    for (const { address, domain } of texts.map(addressArgument)) {
      const problem = await trySending(mail, await getOwnDomain(mail, domain), address);
      results.push({ address, sent: problem === undefined, problem: problem?.message ?? null });
    }
    report(
      options,
      results,
      results.map(({ address, problem }) => (problem === null ? `${address} welcomed` : `${address}: ${problem}`)),
    );
    if (results.some(({ sent }) => !sent)) process.exitCode = 1;
  };
  await withMail(options, send, welcomeServices(options));
}

/** What kept a mail to one account from being sent; others may still get theirs. */
export async function trySending(mail: MailContext, domain: Domain, address: string): Promise<MailError | undefined> {
  try {
    await sendWelcome(mail, domain, address);
    return undefined;
  } catch (error) {
    if (isMailError(error, 'not-sent', 'conflict', 'not-found')) return error;
    throw error;
  }
}
