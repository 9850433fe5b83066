/** What every use case starts from: a connection with an identity, where the tree is, the site's rules, who acts. */
import type { ActivitySource } from './activity-settings.js';
import type { ClientServers } from './client-servers.js';
import type { DirectoryConnection } from './connection.js';
import type { DnsSettings } from './dns-settings.js';
import { denied } from './errors.js';
import { told } from './told.js';
import type { HostingTree } from './names.js';
import type { WelcomeSettings } from './welcome-settings.js';

/** The rules of a site; they bind everybody, the site admin too. */
export interface MailSettings {
  /** The entry above the domains; undefined to look for it. */
  readonly base: string | undefined;
  /** Login names of site admins and the DNs they stand for; undefined for cn=Manager beside the entry above the domains. */
  readonly siteAdmins: ReadonlyMap<string, string | undefined>;
  /** Characters. */
  readonly passwordLengthMin: number;
  /** The homeDirectory of new accounts: mailbox paths are relative to it. */
  readonly mailHome: string;
  /** The postfixTransport of new domains. */
  readonly transport: string;
  /** Asked how full a mailbox is; undefined to look into the Maildir, which Dovecot 2.4 does not tell by itself. */
  readonly doveadm?: string;
  /** What mail programs are to be told; undefined where the site does not say. */
  readonly clientServers?: ClientServers;
  /** Where it can be read who changed what; undefined where it cannot. */
  readonly activity?: ActivitySource;
  /** What is known of the DNS of domains; nothing where it is undefined. */
  readonly dns?: DnsSettings;
  /** How welcome mails are sent; undefined where none are. */
  readonly welcome?: WelcomeSettings;
}

export const defaultSettings: MailSettings = {
  base: undefined,
  siteAdmins: new Map([['root', undefined]]),
  passwordLengthMin: 8,
  mailHome: '/home/vmail/domains',
  transport: 'virtual:',
};

/** Who acts. The directory's access rules decide what may be read and written; this decides what is offered. */
export type Actor =
  | { readonly level: 'site'; readonly dn: string; readonly login: string }
  | {
      readonly level: 'domain';
      readonly dn: string;
      readonly login: string;
      /** The person's own entry. */
      readonly address: string;
      readonly home: string;
      /** Domains whose postmaster group names this person, in order. */
      readonly domains: readonly string[];
    }
  | { readonly level: 'user'; readonly dn: string; readonly login: string; readonly address: string; readonly home: string };

export interface MailContext {
  readonly directory: DirectoryConnection;
  readonly tree: HostingTree;
  readonly settings: MailSettings;
  readonly actor: Actor;
  /** Changes with the actor's password; undefined where the directory does not show it. */
  readonly credentials?: string | undefined;
}

export function requireSiteAdmin({ actor }: MailContext): void {
  if (actor.level !== 'site') throw denied(told('onlySiteAdmin'));
}

export function administers({ actor }: MailContext, domain: string): boolean {
  return actor.level === 'site' || (actor.level === 'domain' && actor.domains.includes(domain));
}

export function requireDomainAdmin(context: MailContext, domain: string): void {
  if (!administers(context, domain)) throw denied(told('onlyPostmaster', { domain }));
}

/** Seconds since 1970 as the directory stores them in lastChange. */
export function lastChangeNow(): string {
  return String(Math.floor(Date.now() / 1000));
}

/** Runs `task` on every item, a bounded number of them at a time. */
export async function forEachBounded<T>(items: readonly T[], limit: number, task: (item: T) => Promise<void>): Promise<void> {
  const queue = items.values();
  const worker = async (): Promise<void> => {
    for (const item of queue) await task(item);
  };
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, worker));
}
