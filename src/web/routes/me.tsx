/** What everybody may do for themselves: name and password, and for aliases where their mail goes. */
import type { Hono } from 'hono';
import { changeAccount } from '../../mail/accounts.js';
import { listAppPasswords } from '../../mail/app-passwords.js';
import { changeDestinations } from '../../mail/aliases.js';
import { getDomain } from '../../mail/domains.js';
import { readPerson, type Person } from '../../mail/entries.js';
import { denied, MailError } from '../../mail/errors.js';
import { told } from '../../mail/told.js';
import { withNewCredentials } from '../../mail/login.js';
import { setPassword } from '../../mail/passwords.js';
import { furtherSenderAddresses } from '../../mail/senders.js';
import { mailUsage } from '../../mail/usage.js';
import { mailOf, textsOf, type Environment, type WebContext } from '../environment.js';
import { formState, type FailedForm } from '../form-state.js';
import { OwnPage } from '../pages/own-account.js';
import { goTo, orShowAgain, statusOf } from '../respond.js';
import { page } from '../view/layout.js';
import { forwardingDone } from './accounts.js';
import { destinationsDone } from './aliases.js';
import { addOwnAppPasswordRoutes } from './app-passwords.js';

export function addOwnRoutes(app: Hono<Environment>): void {
  app.get('/me', (context) => showMe(context));
  app.post('/me/name', saveName);
  app.post('/me/password', savePassword);
  app.post('/me/destinations', saveDestinations);
  addOwnAppPasswordRoutes(app, { me, showMe });
  app.post('/me/forwarding', saveForwarding);
}

async function me(context: WebContext): Promise<{ person: Person; home: string }> {
  const mail = mailOf(context);
  if (mail.actor.level === 'site') throw denied(told('siteAdminPassword'));
  const person = await readPerson(mail, mail.actor.dn);
  if (person === undefined) throw new MailError('session-lost', told('ownAccountGone'));
  return { person, home: mail.actor.home };
}

async function showMe(context: WebContext, failed?: FailedForm): Promise<Response> {
  const { person, home } = await me(context);
  const mail = mailOf(context);
  const [appPasswords, usage, sendsFrom] =
    person.kind === 'account'
      ? await Promise.all([
          listAppPasswords(mail, person),
          mailUsage(mail.settings, person),
          furtherSenderAddresses(mail, home, person),
        ])
      : [undefined, undefined, []];
  const offersSecondFactor = context.get('site').options.secondFactor !== undefined;
  const { passwordLengthMin } = mail.settings;
  const clientSettings = mail.settings.clientServers?.of(home);
  const known = { person, passwordLengthMin, appPasswords, offersSecondFactor, usage, sendsFrom, clientSettings };
  const children = <OwnPage {...known} forms={formState(context, failed)} />;
  return page(context, { title: textsOf(context).frame.myAccount, children }, statusOf(failed?.error));
}

function saveName(context: WebContext): Promise<Response> {
  return orShowAgain(
    async () => {
      const { person, home } = await me(context);
      await changeAccount(mailOf(context), home, person.address, { name: context.get('form').text('name') });
      return goTo(context, '/me', textsOf(context).person.nameSaved);
    },
    (error) => showMe(context, { name: 'name', error }),
  );
}

function savePassword(context: WebContext): Promise<Response> {
  const form = context.get('form');
  return orShowAgain(
    async () => {
      const { person } = await me(context);
      await setPassword(mailOf(context), person, {
        old: form.text('old'),
        password: form.text('password'),
        repeat: form.text('repeat'),
        revokeAppPasswords: form.has('revoke'),
      });
      const session = context.get('session');
      session.mail = await withNewCredentials(session.mail);
      context.get('site').sessions.endAllOf(person.dn, session);
      return goTo(context, '/me', textsOf(context).person.passwordChanged);
    },
    (error) => showMe(context, { name: 'password', error }),
  );
}

function saveForwarding(context: WebContext): Promise<Response> {
  return orShowAgain(
    async () => {
      const { person, home } = await me(context);
      return goTo(context, '/me', await forwardingDone(context, await getDomain(mailOf(context), home), person.address));
    },
    (error) => showMe(context, { name: 'forwarding', error }),
  );
}

function saveDestinations(context: WebContext): Promise<Response> {
  const form = context.get('form');
  return orShowAgain(
    async () => {
      const mail = mailOf(context);
      const { person, home } = await me(context);
      const domain = await getDomain(mail, home);
      const { alias, added, removed } = await changeDestinations(mail, domain, person.address, {
        add: form.text('destinations'),
        remove: form.all('remove'),
      });
      return goTo(context, '/me', await destinationsDone(context, alias, added, removed));
    },
    (error) => showMe(context, { name: 'destinations', error }),
  );
}
