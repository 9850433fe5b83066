/** What can be done with an account and with an alias alike: password, rename, active, delete. */
import type { Hono } from 'hono';
import { displayAddress } from '../../mail/address.js';
import { setActive } from '../../mail/accounts.js';
import type { MailContext } from '../../mail/context.js';
import { getOwnDomain, type Domain } from '../../mail/domains.js';
import type { Person } from '../../mail/entries.js';
import { setPassword } from '../../mail/passwords.js';
import { domainParam, domainPath, mailOf, param, personPath, type Environment, type WebContext } from '../environment.js';
import type { FailedForm } from '../form-state.js';
import { actAndGoBack, askFirst, goTo, orShowAgain } from '../respond.js';

/** How one kind of person differs. */
export interface PersonKind<P extends Person> {
  readonly kind: P['kind'];
  /** The list that they are in, below the domain's page. */
  readonly list: '' | '/aliases';
  readonly get: (mail: MailContext, domain: string, address: string) => Promise<P>;
  /** The page of one, where something is wrong with a form of it as well. */
  readonly show: (context: WebContext, failed?: FailedForm) => Promise<Response>;
  readonly showNew: (context: WebContext, failed?: FailedForm) => Promise<Response>;
  /** Makes one from the form that was sent. */
  readonly make: (context: WebContext, domain: Domain) => Promise<{ readonly done: string }>;
  readonly rename: (
    mail: MailContext,
    domain: Domain,
    address: string,
    newAddress: string,
  ) => Promise<{ readonly address: string; readonly done: string }>;
  readonly activeMeans: string;
  /** What to ask before one is deleted, and what to say when it is. */
  readonly deletion: (mail: MailContext, domain: Domain, address: string) => Promise<{ question: string; done: string }>;
  readonly remove: (mail: MailContext, domain: Domain, address: string) => Promise<void>;
}

/** A form that is sent to the page of one person. */
export type PersonForm = (context: WebContext, domain: Domain, address: string) => Promise<{ done: string; path?: string }>;

export class PersonRoutes<P extends Person> {
  readonly #kind: PersonKind<P>;
  readonly #app: Hono<Environment>;
  readonly #one: string;

  constructor(app: Hono<Environment>, kind: PersonKind<P>) {
    this.#kind = kind;
    this.#app = app;
    const all = `/domains/:domain/${kind.kind === 'account' ? 'accounts' : 'aliases'}`;
    this.#one = `${all}/:address`;
    app.get(`${all}/new`, (context) => kind.showNew(context));
    app.post(`${all}/new`, (context) => this.#make(context));
    app.get(this.#one, (context) => kind.show(context));
    this.form('password', (context, domain, address) => this.#setPassword(context, domain, address));
    this.form('rename', (context, domain, address) => this.#rename(context, domain, address));
    this.action('active', (context, domain, address) => this.#setActive(context, domain, address));
    app.post(`${this.#one}/delete`, (context) => this.#remove(context));
  }

  /** A form that is shown again with what is wrong with it. */
  form(name: string, action: PersonForm): void {
    this.#app.post(`${this.#one}/${name}`, (context: WebContext) =>
      orShowAgain(
        async () => {
          const domain = await getOwnDomain(mailOf(context), domainParam(context));
          const { done, path } = await action(context, domain, param(context, 'address'));
          return goTo(context, path ?? this.path(context), done);
        },
        (error) => this.#kind.show(context, { name, error }),
      ),
    );
  }

  /** A switch or a button, which leads back to where it was pressed. */
  action(name: string, action: (context: WebContext, domain: Domain, address: string) => Promise<string>): void {
    this.#app.post(`${this.#one}/${name}`, (context: WebContext) =>
      actAndGoBack(context, this.path(context), async () => {
        const domain = await getOwnDomain(mailOf(context), domainParam(context));
        return action(context, domain, param(context, 'address'));
      }),
    );
  }

  path(context: WebContext): string {
    return personPath(domainParam(context), this.#kind.kind, param(context, 'address'));
  }

  #make(context: WebContext): Promise<Response> {
    return orShowAgain(
      async () => {
        const domain = await getOwnDomain(mailOf(context), domainParam(context));
        const { done } = await this.#kind.make(context, domain);
        return goTo(context, domainPath(domain.name, this.#kind.list), done);
      },
      (error) => this.#kind.showNew(context, { name: 'new', error }),
    );
  }

  async #setPassword(context: WebContext, domain: Domain, address: string): Promise<{ done: string }> {
    const form = context.get('form');
    const person = await this.#kind.get(mailOf(context), domain.name, address);
    await setPassword(mailOf(context), person, {
      password: form.text('password'),
      repeat: form.text('repeat'),
      revokeAppPasswords: form.has('revoke'),
    });
    context.get('site').sessions.endAllOf(person.dn);
    return { done: `The password of ${displayAddress(address)} is set. Give it to its owner in person.` };
  }

  async #rename(context: WebContext, domain: Domain, address: string): Promise<{ done: string; path: string }> {
    const renamed = await this.#kind.rename(mailOf(context), domain, address, context.get('form').text('newAddress'));
    return { done: renamed.done, path: personPath(domain.name, this.#kind.kind, renamed.address) };
  }

  async #setActive(context: WebContext, domain: Domain, address: string): Promise<string> {
    const on = context.get('form').text('active') === 'on';
    const person = await this.#kind.get(mailOf(context), domain.name, address);
    await setActive(mailOf(context), domain, person, on);
    return `${displayAddress(person.address)} is ${on ? `active: it ${this.#kind.activeMeans}` : 'inactive: mail is refused'}.`;
  }

  async #remove(context: WebContext): Promise<Response> {
    const mail = mailOf(context);
    const domain = await getOwnDomain(mail, domainParam(context));
    const address = param(context, 'address');
    const { question, done } = await this.#kind.deletion(mail, domain, address);
    const asked = await askFirst(context, {
      title: `Delete ${displayAddress(address)}?`,
      text: question,
      button: 'Delete',
      cancel: this.path(context),
    });
    if (asked) return asked;
    return actAndGoBack(context, domainPath(domain.name, this.#kind.list), async () => {
      await this.#kind.remove(mail, domain, address);
      return done;
    });
  }
}
