/** A hosting tree on a real server, and people logged in to it, for the tests of the mail use cases and the web pages. */
import { login } from '../../src/mail/login.js';
import { defaultSettings, type MailContext } from '../../src/mail/context.js';
import { people, wholeTreeLdif } from '../support/hosting-tree.js';
import { accessRules, configHead, hosting, manager, managerPassword, suffix } from '../support/howto.js';
import { startServer, type ReferenceServer, type ServerKind } from '../support/reference-server.js';

/** The HOWTO's set-up with a clear root password. `limits` are further lines of the database section. */
export function hostingConfig(limits = ''): string {
  return `${configHead}include @JAMMD_SCHEMA@

database mdb
maxsize 1073741824
suffix "${suffix}"
rootdn "${manager}"
rootpw ${managerPassword}
directory @DIRECTORY@
${limits}
index objectClass pres,eq
index mail,cn eq,sub
${accessRules}`;
}

export function startHosting(kind: ServerKind, ldif = wholeTreeLdif, limits = ''): Promise<ReferenceServer> {
  return startServer(kind, { config: hostingConfig(limits), ldif });
}

/** Asks a port where nobody answers: tests do not ask the world. */
export const deafDns = { servers: ['127.0.0.1:9'], mailHosts: [], selectors: [], webHost: undefined };

export const settings = { ...defaultSettings, base: hosting, siteAdmins: new Map([['root', manager]]) };

/** Logs people in and closes their connections in the end. */
export class Logins {
  readonly #open: MailContext[] = [];

  constructor(readonly url: string) {}

  async as(name: string, password: string): Promise<MailContext> {
    const context = await login({ url: this.url }, settings, name, password);
    this.#open.push(context);
    return context;
  }

  manager(): Promise<MailContext> {
    return this.as('root', managerPassword);
  }

  person(who: keyof typeof people): Promise<MailContext> {
    return this.as(people[who].mail, people[who].password);
  }

  async close(): Promise<void> {
    await Promise.all(this.#open.map(({ directory }) => directory.close()));
  }
}
