/** `jammd web`: the mail site's pages, in front of any directory with the Jamm schema. */
import { Command, Option } from 'commander';
import { DirectoryConnection, type ConnectionOptions } from '../mail/connection.js';
import { MailError } from '../mail/errors.js';
import { FactorKey } from '../mail/factor-key.js';
import { listenReason } from '../server/listener.js';
import type { SecondFactorOptions } from '../web/options.js';
import { CommandFailure, reasonOf } from './failure.js';
import { addSiteOptions, collect, connectionOptions, positiveInteger, siteSettings, type SiteOptions } from './mail.js';
import { makeLogger } from './logging.js';
import {
  activitySource,
  addActivityOptions,
  addDnsOptions,
  addWelcomeOptions,
  dnsSettings,
  welcomeServices,
  type ActivityOptions,
  type DnsOptions,
  type WelcomeOptions,
} from './site-services.js';

interface WebOptions extends SiteOptions, WelcomeOptions, DnsOptions, ActivityOptions {
  readonly listen: string;
  readonly publicUrl?: string;
  readonly trustedProxy?: readonly string[];
  readonly idle: number;
  readonly apiWithoutSecondFactor?: true;
  readonly secondFactorKey?: string;
  readonly requireSecondFactor?: SecondFactorOptions['requiredOf'];
}

export function webCommand(): Command {
  const command = addSiteOptions(
    new Command('web')
      .summary('serve web pages for mail administration')
      .description(
        'Serves web pages where site admins, postmasters and users manage domains, accounts and aliases. It is only an ' +
          'LDAP client: the directory decides who may do what. It runs in the foreground until SIGTERM or SIGINT, and ' +
          'prints "listening on http://127.0.0.1:8389/" when it is ready.',
      )
      .option('--listen <host:port>', 'where to listen, plain HTTP', '127.0.0.1:8389')
      .option('--public-url <url>', 'the address people use, if a TLS proxy is in front: https://mail.example.com')
      .option(
        '--trusted-proxy <address>',
        'believe X-Forwarded-For from this address or network (10.0.0.0/8); repeatable',
        collect,
      )
      .option('--idle <minutes>', 'end sessions after this long without a request', positiveInteger, 30)
      .option(
        '--second-factor-key <file>',
        'offer a second factor (TOTP), sealed with the key in this file: openssl rand -base64 32',
      )
      .option('--api-without-second-factor', 'let the password alone open the API for those who have a second factor')
      .addOption(
        new Option('--require-second-factor <of>', 'of whom one is required; admins: postmasters and site admins').choices([
          'postmasters',
          'admins',
          'everyone',
        ]),
      ),
  );
  return addActivityOptions(addDnsOptions(addWelcomeOptions(command)))
    .addHelpText(
      'after',
      `
Examples:
  $ jammd web --ldap-url ldap://127.0.0.1:389 --listen 127.0.0.1:8389
  $ jammd web -H ldaps://ldap.example.com --ca /etc/ssl/ldap-ca.pem --public-url https://mail.example.com`,
    )
    .action(web);
}

async function web(options: WebOptions): Promise<void> {
  const { url: ldapUrl, ...connection } = connectionOptions(options);
  if (options.publicUrl !== undefined && !/^https?:\/\/[^/]+\/?$/.test(options.publicUrl)) {
    throw new CommandFailure(`--public-url ${options.publicUrl}: not an address such as https://mail.example.com`);
  }
  const secondFactor = secondFactorOptions(options);
  const settings = { ...siteSettings(options), ...welcomeServices(options), ...dnsSettings(options), ...activitySource(options) };
  const logger = await makeLogger(256);
  // The pages are of no use to the other commands, which should start without them.
  const { startWeb } = await import('../web/start.js');
  const running = await startOrFail(options.listen, () =>
    startWeb({
      ldapUrl,
      ...connection,
      listen: options.listen,
      settings,
      sessionIdleMs: options.idle * 60_000,
      ...(secondFactor === undefined ? {} : { secondFactor }),
      ...(options.publicUrl === undefined ? {} : { publicUrl: options.publicUrl }),
      ...(options.trustedProxy === undefined ? {} : { trustedProxies: options.trustedProxy }),
      onNotice: (line) => logger.info(line),
      onError: (error) => logger.error(error instanceof Error ? (error.stack ?? error.message) : reasonOf(error)),
    }),
  );
  process.stdout.write(`listening on ${running.url}\n`);
  // It may come later: the pages are there already, and say so.
  const problem = await directoryProblem({ url: ldapUrl, ...connection });
  if (problem !== undefined) logger.warn(problem);
  await new Promise((resolve) => {
    process.once('SIGTERM', resolve);
    process.once('SIGINT', resolve);
  });
  await running.close();
}

function secondFactorOptions(options: WebOptions): SecondFactorOptions | undefined {
  const { secondFactorKey, requireSecondFactor, apiWithoutSecondFactor: passwordOpensApi = false } = options;
  if (secondFactorKey !== undefined) {
    return { key: readKey(secondFactorKey), requiredOf: requireSecondFactor ?? 'nobody', passwordOpensApi };
  }
  if (requireSecondFactor !== undefined) throw new CommandFailure('--require-second-factor takes --second-factor-key');
  if (passwordOpensApi) throw new CommandFailure('--api-without-second-factor takes --second-factor-key');
  return undefined;
}

function readKey(file: string): FactorKey {
  try {
    return FactorKey.read(file);
  } catch (error) {
    throw new CommandFailure(`--second-factor-key: ${reasonOf(error)}`, { cause: error });
  }
}

/** Why nobody could log in just now. */
async function directoryProblem(options: ConnectionOptions): Promise<string | undefined> {
  try {
    await (await DirectoryConnection.open(options)).close();
    return undefined;
  } catch (error) {
    if (error instanceof MailError) return error.message;
    throw error;
  }
}

/** What keeps it from starting is told in a line: an address that is taken, or not one at all. */
async function startOrFail<T>(listen: string, start: () => Promise<T>): Promise<T> {
  try {
    return await start();
  } catch (error) {
    const { syscall } = error as NodeJS.ErrnoException;
    if (syscall === 'listen' || syscall === 'getaddrinfo')
      throw new CommandFailure(`cannot listen on ${listen}: ${listenReason(error)}`, { cause: error });
    throw new CommandFailure(reasonOf(error), { cause: error });
  }
}
