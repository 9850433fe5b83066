/** What everybody may do for themselves: name and password, and for aliases where their mail goes. */
import type { Hono } from 'hono';
import type { FC } from 'hono/jsx';
import { displayAddress } from '../../mail/address.js';
import { changeAccount } from '../../mail/accounts.js';
import { changeDestinations } from '../../mail/aliases.js';
import { getDomain } from '../../mail/domains.js';
import { readPerson, type Person } from '../../mail/entries.js';
import { denied, MailError } from '../../mail/errors.js';
import { withNewCredentials } from '../../mail/login.js';
import { setPassword } from '../../mail/passwords.js';
import { displayQuota } from '../../mail/quota.js';
import { mailOf, sentForm, type Environment, type WebContext } from '../environment.js';
import type { Form } from '../form.js';
import { goTo, orShowAgain, statusOf } from '../respond.js';
import { Badge, Field, FormError, PasswordFields, Token, When } from '../view/components.js';
import { page } from '../view/layout.js';
import { DestinationsForm, destinationsDone } from './aliases.js';

export function addOwnRoutes(app: Hono<Environment>): void {
  app.get('/me', (context) => showMe(context));
  app.post('/me/name', saveName);
  app.post('/me/password', savePassword);
  app.post('/me/destinations', saveDestinations);
}

type OwnForm = 'name' | 'password' | 'destinations';

async function me(context: WebContext): Promise<{ person: Person; home: string }> {
  const mail = mailOf(context);
  if (mail.actor.level === 'site')
    throw denied('The site admin’s password is in the directory server’s configuration (rootpw). Change it there.');
  const person = await readPerson(mail, mail.actor.dn);
  if (person === undefined) throw new MailError('session-lost', 'Your account is not there any more.');
  return { person, home: mail.actor.home };
}

async function showMe(context: WebContext, failed?: { form: OwnForm; error: MailError }): Promise<Response> {
  const { person } = await me(context);
  const mail = mailOf(context);
  const props: OwnProps = {
    person,
    token: context.get('session').token,
    form: sentForm(context),
    errorOf: (form) => (failed?.form === form ? failed.error : undefined),
    lengthMin: mail.settings.passwordLengthMin,
  };
  return page(context, { title: 'My account', children: <OwnPage {...props} /> }, statusOf(failed?.error));
}

interface OwnProps {
  readonly person: Person;
  readonly token: string;
  readonly form: Form | undefined;
  readonly errorOf: (form: OwnForm) => MailError | undefined;
  readonly lengthMin: number;
}

const OwnPage: FC<OwnProps> = ({ person, token, form, errorOf, lengthMin }) => (
  <>
    <div class="head">
      <h1>
        {displayAddress(person.address)} <Badge kind="info">{person.kind === 'alias' ? 'alias' : 'account'}</Badge>
        {person.name !== '' && <span class="under">{person.name}</span>}
      </h1>
    </div>
    <div class="cards">
      {person.kind === 'alias' ? (
        <section class="card">
          <h2>Where your mail goes</h2>
          <DestinationsForm action="/me/destinations" token={token} alias={person} form={form} error={errorOf('destinations')} />
        </section>
      ) : (
        <section class="card">
          <h2>Your name</h2>
          <FormError error={errorOf('name')} />
          <form method="post" action="/me/name" class="stack">
            <Token token={token} />
            <Field
              name="name"
              label="Name"
              value={errorOf('name') ? form?.text('name') : person.name}
              autocomplete="name"
              error={errorOf('name')}
            />
            <div class="buttons">
              <button class="primary">Save</button>
            </div>
          </form>
          <dl class="facts">
            <dt>Quota</dt>
            <dd>{displayQuota(person.quota) || 'no limit'}</dd>
            <dt>Last change</dt>
            <dd>
              <When at={person.lastChange} />
            </dd>
          </dl>
        </section>
      )}
      <section class="card">
        <h2>Your password</h2>
        <FormError error={errorOf('password')} />
        <form method="post" action="/me/password" class="stack">
          <Token token={token} />
          <Field
            name="old"
            label="Present password"
            type="password"
            required
            autocomplete="current-password"
            error={errorOf('password')}
          />
          <PasswordFields error={errorOf('password')} lengthMin={lengthMin} />
          <div class="buttons">
            <button class="primary">Change the password</button>
          </div>
        </form>
      </section>
    </div>
  </>
);

function saveName(context: WebContext): Promise<Response> {
  return orShowAgain(
    async () => {
      const { person, home } = await me(context);
      await changeAccount(mailOf(context), home, person.address, { name: context.get('form').text('name') });
      return goTo(context, '/me', 'Your name is saved.');
    },
    (error) => showMe(context, { form: 'name', error }),
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
      });
      const session = context.get('session');
      session.mail = await withNewCredentials(session.mail);
      context.get('site').sessions.endAllOf(person.dn, session);
      return goTo(context, '/me', 'Your password is changed. Change it in your mail program as well.');
    },
    (error) => showMe(context, { form: 'password', error }),
  );
}

function saveDestinations(context: WebContext): Promise<Response> {
  const form = context.get('form');
  return orShowAgain(
    async () => {
      const mail = mailOf(context);
      const { person, home } = await me(context);
      const domain = await getDomain(mail, home);
      const { added, removed } = await changeDestinations(mail, domain, person.address, {
        add: form.text('destinations'),
        remove: form.all('remove'),
      });
      return goTo(context, '/me', destinationsDone(added, removed));
    },
    (error) => showMe(context, { form: 'destinations', error }),
  );
}
