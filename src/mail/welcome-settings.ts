/** What a site says about its welcome mails. */
import type { ClientServers } from './client-servers.js';
import { invalid } from './errors.js';
import { isPlainAddress, type MailRelay } from './mail-relay.js';
import { uses, type WelcomeTemplate } from './welcome-template.js';
import { welcomeTemplates, type WelcomeLanguage } from './welcome-texts.js';

export interface WelcomeSettings {
  readonly relay: MailRelay;
  readonly template: WelcomeTemplate;
  /** Of the words in {settings}. */
  readonly language: WelcomeLanguage;
  /** The sender; the postmaster of the account's domain where it is undefined. */
  readonly from: string | undefined;
  /** The address of the pages, {site}. */
  readonly site: string | undefined;
}

export interface TypedWelcome {
  readonly relay: MailRelay;
  readonly language: WelcomeLanguage;
  /** The site's own; the language's where it is undefined. */
  readonly template: WelcomeTemplate | undefined;
  readonly from: string | undefined;
  readonly site: string | undefined;
  readonly clientServers: ClientServers | undefined;
}

/** @throws MailError `invalid` for what would turn out with the first mail only */
export function welcomeSettings(typed: TypedWelcome): WelcomeSettings {
  const { relay, language, template, from, site, clientServers } = typed;
  if (from !== undefined && !isPlainAddress(from)) throw invalid('from', `“${from}” is not a mail address`);
  if (template !== undefined && uses(template, 'site') && site === undefined)
    throw invalid('template', 'it uses {site}, and the address of the pages is not known: give --public-url');
  if (template !== undefined && uses(template, 'settings') && clientServers === undefined)
    throw invalid('template', 'it uses {settings}, and the servers are not known: give --imap-server and --smtp-server');
  return { relay, language, from, site, template: template ?? welcomeTemplates[language] };
}
