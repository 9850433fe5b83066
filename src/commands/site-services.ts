/** Options that name what a mail site has beside its directory, such as the servers of mail programs. */
import { accessSync, constants, readFileSync } from 'node:fs';
import { Option, type Command } from 'commander';
import { ClientServers, type MailProtocol } from '../mail/client-servers.js';
import { defaultAccessLog, type ActivitySource } from '../mail/activity-settings.js';
import type { MailSettings } from '../mail/context.js';
import { parseDomain } from '../mail/address.js';
import { checkDnsServer } from '../mail/dns-lookup.js';
import { parseSelector } from '../mail/dns-settings.js';
import { MailError } from '../mail/errors.js';
import { MailRelay, parseRelay, type RelayCredentials } from '../mail/mail-relay.js';
import { welcomeSettings } from '../mail/welcome-settings.js';
import { parseTemplate, templateBytesMax, type WelcomeTemplate } from '../mail/welcome-template.js';
import { welcomeLanguages, type WelcomeLanguage } from '../mail/welcome-texts.js';
import { CommandFailure, reasonOf } from './failure.js';
import { collect, requireDn } from './mail.js';

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

export interface WelcomeOptions extends ClientServerOptions {
  readonly mailRelay?: string;
  readonly mailRelayUser?: string;
  readonly mailRelayPasswordFile?: string;
  readonly welcomeFrom?: string;
  readonly welcomeTemplate?: string;
  readonly welcomeLanguage: WelcomeLanguage;
  readonly publicUrl?: string;
}

/** All but --public-url. */
export function addWelcomeOptions(command: Command): Command {
  return addClientServerOptions(command)
    .addOption(
      new Option(
        '--mail-relay <server>',
        'the SMTP server that takes welcome mails: HOST[:PORT][/tls|starttls|none]; without the last, STARTTLS if it is offered',
      ).env('JAMMD_MAIL_RELAY'),
    )
    .option('--mail-relay-user <name>', 'log in there as this user')
    .option('--mail-relay-password-file <file>', 'with the password in the first line of this file')
    .option('--welcome-from <address>', "the sender of welcome mails (default: the postmaster of the account's domain)")
    .option('--welcome-template <file>', 'the text of welcome mails, in the place of the one that jammd has')
    .addOption(
      new Option('--welcome-language <language>', 'the language of welcome mails').choices(welcomeLanguages).default('en'),
    );
}

/** As a part of the site's settings. */
export function welcomeServices(options: WelcomeOptions): Pick<MailSettings, 'clientServers' | 'welcome'> {
  const servers = clientServers(options);
  const { mailRelay, welcomeLanguage: language, welcomeFrom: from, publicUrl } = options;
  if (mailRelay === undefined) {
    requireNone({
      '--mail-relay-user': options.mailRelayUser,
      '--welcome-from': from,
      '--welcome-template': options.welcomeTemplate,
    });
    return servers;
  }
  const template = options.welcomeTemplate === undefined ? undefined : readTemplate(options.welcomeTemplate);
  const relay = named({ relay: '--mail-relay' }, () => new MailRelay(parseRelay(mailRelay), relayCredentials(options)));
  const site = publicUrl?.replace(/\/?$/, '/');
  const typed = { relay, language, template, from, site, clientServers: servers.clientServers };
  const welcome = named({ from: '--welcome-from', template: '--welcome-template' }, () => welcomeSettings(typed));
  return { ...servers, welcome };
}

export interface DnsOptions {
  readonly mx?: readonly string[];
  readonly dkimSelector?: readonly string[];
  readonly dnsServer?: readonly string[];
  readonly publicUrl?: string;
}

/** All but --public-url. */
export function addDnsOptions(command: Command): Command {
  return command
    .option('--mx <host>', 'a server that mail of the domains should go to, for DNS advice; repeatable', collect)
    .option('--dkim-selector <name>', 'of a key that the site signs with, for DNS advice; repeatable', collect)
    .option('--dns-server <address>', "ask this DNS server, in the place of the system's; repeatable", collect);
}

/** As a part of the site's settings. */
export function dnsSettings({ mx = [], dkimSelector = [], dnsServer = [], publicUrl }: DnsOptions): Pick<MailSettings, 'dns'> {
  const options = { mx: '--mx', selector: '--dkim-selector', dnsServer: '--dns-server' };
  const dns = named(options, () => ({
    servers: dnsServer.map((text) => checkDnsServer(text)),
    mailHosts: mx.map((text) => parseDomain(text, 'mx')),
    selectors: dkimSelector.map((text) => parseSelector(text)),
    webHost: publicUrl === undefined || !URL.canParse(publicUrl) ? undefined : new URL(publicUrl).hostname,
  }));
  return { dns };
}

export interface ActivityOptions {
  readonly auditLog?: string;
  readonly accesslog?: string | true;
}

export function addActivityOptions(command: Command): Command {
  return command
    .addOption(
      new Option('--audit-log <file>', "jammd's audit log on this machine, to tell who changed what").env('JAMMD_AUDIT_LOG'),
    )
    .option('--accesslog [dn]', `in the place of it: the database of slapd's accesslog overlay (default: ${defaultAccessLog})`);
}

/** As a part of the site's settings. */
export function activitySource({ auditLog: path, accesslog }: ActivityOptions): Pick<MailSettings, 'activity'> {
  const given: readonly ActivitySource[] = [
    ...(path === undefined ? [] : [{ kind: 'audit-log' as const, path }]),
    ...(accesslog === undefined ? [] : [{ kind: 'accesslog' as const, base: accesslog === true ? defaultAccessLog : accesslog }]),
  ];
  const [activity, other] = given;
  if (other !== undefined) throw new CommandFailure('--audit-log and --accesslog: give one of them');
  if (path !== undefined && isForbidden(path)) throw new CommandFailure(`--audit-log ${path}: no permission to read it`);
  if (activity?.kind === 'accesslog') requireDn('--accesslog', activity.base);
  return activity === undefined ? {} : { activity };
}

/** One that is not there yet may come. */
function isForbidden(path: string): boolean {
  try {
    accessSync(path, constants.R_OK);
    return false;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EACCES';
  }
}

function requireNone(options: Readonly<Record<string, unknown>>): void {
  for (const [option, value] of Object.entries(options))
    if (value !== undefined) throw new CommandFailure(`${option} takes --mail-relay`);
}

function readTemplate(file: string): WelcomeTemplate {
  let bytes: Buffer;
  try {
    bytes = readFileSync(file);
  } catch (error) {
    throw new CommandFailure(`--welcome-template: ${reasonOf(error)}`, { cause: error });
  }
  return named({ template: `--welcome-template ${file}` }, () => parseTemplate(bytes.subarray(0, templateBytesMax + 1)));
}

function relayCredentials({ mailRelayUser, mailRelayPasswordFile }: WelcomeOptions): RelayCredentials | undefined {
  if (mailRelayUser === undefined && mailRelayPasswordFile === undefined) return undefined;
  if (mailRelayUser === undefined || mailRelayPasswordFile === undefined)
    throw new CommandFailure('--mail-relay-user and --mail-relay-password-file belong together');
  try {
    return { user: mailRelayUser, password: readFileSync(mailRelayPasswordFile, 'utf8').split(/\r?\n/, 1)[0] ?? '' };
  } catch (error) {
    throw new CommandFailure(`--mail-relay-password-file: ${reasonOf(error)}`, { cause: error });
  }
}

/** As a part of the site's settings. */
export function clientServers(options: ClientServerOptions): Pick<MailSettings, 'clientServers'> {
  const { imapServer = [], popServer = [], smtpServer = [] } = options;
  const servers = named(optionOf, () => ClientServers.parse({ imap: imapServer, pop: popServer, smtp: smtpServer }));
  return servers === undefined ? {} : { clientServers: servers };
}

/** What is wrong with a value, told with the option it was given by. */
function named<T>(options: Readonly<Record<string, string>>, make: () => T): T {
  try {
    return make();
  } catch (error) {
    if (!(error instanceof MailError)) throw error;
    throw new CommandFailure(`${options[error.field ?? ''] ?? ''}: ${error.message}`, { cause: error });
  }
}
