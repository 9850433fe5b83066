/** One alias: a new one, where it delivers, and the domain's catch-all. */
import type { Hono } from 'hono';
import type { FC } from 'hono/jsx';
import { displayAddress, displayDomain, splitAddress } from '../../mail/address.js';
import { requireNotReserved, setActive } from '../../mail/accounts.js';
import {
  changeDestinations,
  createAlias,
  deleteAlias,
  getCatchAll,
  isCatchAll,
  nameAlias,
  renameAlias,
  setCatchAll,
} from '../../mail/aliases.js';
import { getOwnDomain, may, requireCapability, type Domain } from '../../mail/domains.js';
import { getAlias, type Alias } from '../../mail/entries.js';
import { isMailError, type MailError } from '../../mail/errors.js';
import { sameDn } from '../../mail/names.js';
import { setPassword } from '../../mail/passwords.js';
import { domainPath, mailOf, param, personPath, sentForm, type Environment, type WebContext } from '../environment.js';
import type { Form } from '../form.js';
import { actAndGoBack, askFirst, goTo, orShowAgain, statusOf } from '../respond.js';
import { Action, Badge, Field, FormError, PasswordFields, Switch, Token, When } from '../view/components.js';
import { page } from '../view/layout.js';
import { DomainHead, domainCrumbs } from './domain-head.js';

export function addAliasRoutes(app: Hono<Environment>): void {
  app.get('/domains/:domain/aliases/new', (context) => showNewAlias(context));
  app.post('/domains/:domain/aliases/new', makeAlias);
  app.get('/domains/:domain/catch-all', (context) => showCatchAll(context));
  app.post('/domains/:domain/catch-all', saveCatchAll);
  const one = '/domains/:domain/aliases/:address';
  app.get(one, (context) => showAlias(context));
  app.post(`${one}/destinations`, saveDestinations);
  app.post(`${one}/name`, saveName);
  app.post(`${one}/password`, savePassword);
  app.post(`${one}/rename`, rename);
  app.post(`${one}/active`, switchActive);
  app.post(`${one}/delete`, remove);
}

const destinationsHint =
  'One or more addresses, with commas or line ends between them. A name without @ is one of this machine’s.';

async function showNewAlias(context: WebContext, error?: MailError): Promise<Response> {
  const mail = mailOf(context);
  const domain = await getOwnDomain(mail, param(context, 'domain'));
  requireCapability(mail, domain, 'editAliases');
  const form = sentForm(context);
  return page(
    context,
    {
      title: 'Add an alias',
      narrow: true,
      crumbs: domainCrumbs(
        mail,
        domain,
        { text: 'Aliases', href: domainPath(domain.name, '/aliases') },
        { text: 'Add an alias' },
      ),
      children: (
        <section class="card">
          <h1>Add an alias</h1>
          <FormError error={error} />
          <form method="post" action={domainPath(domain.name, '/aliases/new')} class="stack">
            <Token token={context.get('session').token} />
            <Field
              name="address"
              label="Address"
              value={form?.text('address')}
              required
              suffix={`@${displayDomain(domain.name)}`}
              error={error}
              autofocus
              placeholder="sales"
            />
            <Field
              name="destinations"
              label="Delivers to"
              value={form?.text('destinations')}
              required
              rows={4}
              error={error}
              hint={destinationsHint}
            />
            <Field name="name" label="Name" value={form?.text('name')} error={error} placeholder="Sales team" />
            <fieldset>
              <legend>Password</legend>
              <p class="hint">With one, whoever knows it can log in here and change where the mail goes.</p>
              <PasswordFields error={error} lengthMin={mail.settings.passwordLengthMin} required={false} />
            </fieldset>
            <div class="buttons">
              <button class="primary">Add the alias</button>
              <a class="button quiet" href={domainPath(domain.name, '/aliases')}>
                Cancel
              </a>
            </div>
          </form>
        </section>
      ),
    },
    statusOf(error),
  );
}

function makeAlias(context: WebContext): Promise<Response> {
  const mail = mailOf(context);
  const form = context.get('form');
  return orShowAgain(
    async () => {
      const domain = await getOwnDomain(mail, param(context, 'domain'));
      const alias = await createAlias(mail, domain, {
        address: form.text('address'),
        name: form.text('name'),
        destinations: form.text('destinations'),
        password: form.text('password'),
        repeat: form.text('repeat'),
      });
      return goTo(
        context,
        domainPath(domain.name, '/aliases'),
        `${displayAddress(alias.address)} delivers to ${alias.destinations.map(displayAddress).join(', ')}.`,
      );
    },
    (error) => showNewAlias(context, error),
  );
}

type AliasForm = 'destinations' | 'name' | 'password' | 'rename';

async function showAlias(context: WebContext, failed?: { form: AliasForm; error: MailError }): Promise<Response> {
  const mail = mailOf(context);
  const domain = await getOwnDomain(mail, param(context, 'domain'));
  const alias = await getAlias(mail, domain.name, param(context, 'address'));
  const props: AliasProps = {
    domain,
    alias,
    token: context.get('session').token,
    form: sentForm(context),
    errorOf: (form) => (failed?.form === form ? failed.error : undefined),
    mayEdit: may(mail, domain, 'editAliases'),
    removable: isRemovable(alias) && !sameDn(alias.dn, mail.actor.dn),
    own: sameDn(alias.dn, mail.actor.dn),
    lengthMin: mail.settings.passwordLengthMin,
  };
  return page(
    context,
    {
      title: alias.address,
      crumbs: domainCrumbs(
        mail,
        domain,
        { text: 'Aliases', href: domainPath(domain.name, '/aliases') },
        { text: displayAddress(alias.address) },
      ),
      children: <AliasPage {...props} />,
    },
    statusOf(failed?.error),
  );
}

function isRemovable(alias: Alias): boolean {
  try {
    requireNotReserved(alias);
    return true;
  } catch (error) {
    if (isMailError(error)) return false;
    throw error;
  }
}

interface AliasProps {
  readonly domain: Domain;
  readonly alias: Alias;
  readonly token: string;
  readonly form: Form | undefined;
  readonly errorOf: (form: AliasForm) => MailError | undefined;
  readonly mayEdit: boolean;
  readonly removable: boolean;
  readonly own: boolean;
  readonly lengthMin: number;
}

const AliasPage: FC<AliasProps> = (props) => {
  const { domain, alias, token, form, errorOf, mayEdit, removable, own } = props;
  const path = (rest = ''): string => personPath(domain.name, 'alias', alias.address, rest);
  return (
    <>
      <div class="head">
        <h1>
          {displayAddress(alias.address)} <Badge kind="info">{isCatchAll(alias) ? 'catch-all' : 'alias'}</Badge>
          {!alias.active && <Badge kind="off">{alias.waitsForDomain ? 'inactive with its domain' : 'inactive'}</Badge>}
          {alias.name !== '' && !alias.isPostmasterGroup && <span class="under">{alias.name}</span>}
        </h1>
      </div>
      <div class="cards">
        <section class="card">
          <h2>Delivers to</h2>
          {mayEdit || own ? (
            <DestinationsForm
              action={path('/destinations')}
              token={token}
              alias={alias}
              form={form}
              error={errorOf('destinations')}
            />
          ) : (
            <ul class="plain">
              {alias.destinations.map((destination) => (
                <li>{displayAddress(destination)}</li>
              ))}
            </ul>
          )}
        </section>
        <section class="card">
          <h2>{own || isCatchAll(alias) ? 'State' : 'State and password'}</h2>
          {mayEdit && !own && domain.active && (
            <div class="setting">
              <div>
                <strong>Active</strong>
                <p class="hint">Off, mail to this address is refused.</p>
              </div>
              <Switch
                action={path('/active')}
                token={token}
                back={path()}
                name="active"
                on={alias.active}
                label={`Active: ${alias.address}`}
              />
            </div>
          )}
          <dl class="facts">
            <dt>Last change</dt>
            <dd>
              <When at={alias.lastChange} />
            </dd>
          </dl>
          {!own && !isCatchAll(alias) && (
            <>
              <FormError error={errorOf('password')} />
              <form method="post" action={path('/password')} class="stack">
                <Token token={token} />
                <PasswordFields error={errorOf('password')} lengthMin={props.lengthMin} />
                <p class="hint">
                  {alias.isPostmasterGroup
                    ? 'With a password, this address can log in here and administer the domain.'
                    : 'With a password, this address can log in here and change where its mail goes.'}
                </p>
                <div class="buttons">
                  <button class="primary">Set the password</button>
                </div>
              </form>
            </>
          )}
        </section>
        {removable && (mayEdit || isCatchAll(alias)) && (
          <section class="card danger-zone">
            <h2>{isCatchAll(alias) ? 'Delete' : 'Name, rename or delete'}</h2>
            {!isCatchAll(alias) && <NamesForms {...props} />}
            <p>An alias is deleted at once, and for good.</p>
            <Action
              action={path('/delete')}
              token={token}
              text="Delete this alias"
              class="danger"
              confirm={`Delete ${alias.address}? Mail to it is refused from now on.`}
            />
          </section>
        )}
      </div>
    </>
  );
};

const NamesForms: FC<AliasProps> = ({ domain, alias, token, form, errorOf }) => {
  const path = (rest: string): string => personPath(domain.name, 'alias', alias.address, rest);
  const [nameError, renameError] = [errorOf('name'), errorOf('rename')];
  return (
    <>
      <FormError error={nameError ?? renameError} />
      <form method="post" action={path('/name')} class="stack">
        <Token token={token} />
        <Field name="name" label="Name" value={nameError ? form?.text('name') : alias.name} error={nameError} />
        <div class="buttons">
          <button class="quiet">Save the name</button>
        </div>
      </form>
      <form method="post" action={path('/rename')} class="stack">
        <Token token={token} />
        <Field
          name="newAddress"
          label="New address"
          required
          value={renameError ? form?.text('newAddress') : splitAddress(alias.address)[0]}
          suffix={`@${displayDomain(domain.name)}`}
          error={renameError}
        />
        <div class="buttons">
          <button class="quiet">Rename</button>
        </div>
      </form>
      <hr />
    </>
  );
};

/** Jamm's form: a box to tick for each destination that goes, a text for those that come. */
export const DestinationsForm: FC<{
  action: string;
  token: string;
  alias: Alias;
  form: Form | undefined;
  error: MailError | undefined;
}> = ({ action, token, alias, form, error }) => (
  <>
    <FormError error={error} />
    <form method="post" action={action} class="stack">
      <Token token={token} />
      <fieldset class="destinations-now">
        <legend>Tick what is to be taken out</legend>
        {alias.destinations.map((destination) => (
          <label class="check">
            <input
              type="checkbox"
              name="remove"
              value={destination}
              checked={error !== undefined && form?.all('remove').includes(destination)}
            />{' '}
            {displayAddress(destination)}
          </label>
        ))}
      </fieldset>
      <Field
        name="destinations"
        label="Add destinations"
        rows={3}
        value={error ? form?.text('destinations') : ''}
        error={error}
        hint={destinationsHint}
      />
      <div class="buttons">
        <button class="primary">Save the destinations</button>
      </div>
    </form>
  </>
);

export function destinationsDone(added: readonly string[], removed: readonly string[]): string {
  const parts = [
    ...(added.length > 0 ? [`Added ${added.map(displayAddress).join(', ')}.`] : []),
    ...(removed.length > 0 ? [`Taken out ${removed.map(displayAddress).join(', ')}.`] : []),
  ];
  return parts.length === 0 ? 'Nothing to change: those destinations are there already.' : parts.join(' ');
}

function aliasPath(context: WebContext, rest = ''): string {
  return personPath(param(context, 'domain'), 'alias', param(context, 'address'), rest);
}

function saveDestinations(context: WebContext): Promise<Response> {
  const mail = mailOf(context);
  const form = context.get('form');
  return orShowAgain(
    async () => {
      const domain = await getOwnDomain(mail, param(context, 'domain'));
      const { added, removed } = await changeDestinations(mail, domain, param(context, 'address'), {
        add: form.text('destinations'),
        remove: form.all('remove'),
      });
      return goTo(context, aliasPath(context), destinationsDone(added, removed));
    },
    (error) => showAlias(context, { form: 'destinations', error }),
  );
}

function saveName(context: WebContext): Promise<Response> {
  const mail = mailOf(context);
  return orShowAgain(
    async () => {
      const domain = await getOwnDomain(mail, param(context, 'domain'));
      await nameAlias(mail, domain, param(context, 'address'), context.get('form').text('name'));
      return goTo(context, aliasPath(context), 'The name is saved.');
    },
    (error) => showAlias(context, { form: 'name', error }),
  );
}

function savePassword(context: WebContext): Promise<Response> {
  const mail = mailOf(context);
  const form = context.get('form');
  return orShowAgain(
    async () => {
      const alias = await getAlias(mail, param(context, 'domain'), param(context, 'address'));
      await setPassword(mail, alias, { password: form.text('password'), repeat: form.text('repeat') });
      context.get('site').sessions.endAllOf(alias.dn);
      return goTo(context, aliasPath(context), `The password of ${displayAddress(alias.address)} is set.`);
    },
    (error) => showAlias(context, { form: 'password', error }),
  );
}

function rename(context: WebContext): Promise<Response> {
  const mail = mailOf(context);
  return orShowAgain(
    async () => {
      const domain = await getOwnDomain(mail, param(context, 'domain'));
      const alias = await renameAlias(mail, domain, param(context, 'address'), context.get('form').text('newAddress'));
      return goTo(context, personPath(domain.name, 'alias', alias.address), `It is ${displayAddress(alias.address)} now.`);
    },
    (error) => showAlias(context, { form: 'rename', error }),
  );
}

function switchActive(context: WebContext): Promise<Response> {
  const mail = mailOf(context);
  return actAndGoBack(context, aliasPath(context), async () => {
    const on = context.get('form').text('active') === 'on';
    const domain = await getOwnDomain(mail, param(context, 'domain'));
    const alias = await getAlias(mail, domain.name, param(context, 'address'));
    await setActive(mail, domain, alias, on);
    return `${displayAddress(alias.address)} is ${on ? 'active: it delivers' : 'inactive: mail is refused'}.`;
  });
}

async function remove(context: WebContext): Promise<Response> {
  const mail = mailOf(context);
  const domain = await getOwnDomain(mail, param(context, 'domain'));
  const address = param(context, 'address');
  const question = await askFirst(context, {
    title: `Delete ${displayAddress(address)}?`,
    text: 'Mail to it is refused from now on. An alias is deleted for good.',
    button: 'Delete it',
    cancel: aliasPath(context),
  });
  if (question) return question;
  return actAndGoBack(context, domainPath(domain.name, '/aliases'), async () => {
    await deleteAlias(mail, domain, address);
    return `${displayAddress(address)} is deleted.`;
  });
}

async function showCatchAll(context: WebContext, error?: MailError): Promise<Response> {
  const mail = mailOf(context);
  const domain = await getOwnDomain(mail, param(context, 'domain'));
  const catchAll = await getCatchAll(mail, domain.name);
  const mayEdit = may(mail, domain, 'editCatchAlls') && !domain.deleted;
  const form = sentForm(context);
  return page(
    context,
    {
      title: `Catch-all of ${domain.name}`,
      crumbs: domainCrumbs(mail, domain),
      children: (
        <>
          <DomainHead mail={mail} domain={domain} tab="catch-all" />
          <section class="card">
            <h2>Mail to addresses that nobody has</h2>
            <p>
              {catchAll === undefined
                ? 'Such mail is refused: its sender learns of the mistake at once.'
                : `Such mail goes to ${catchAll.destinations.map(displayAddress).join(', ')}.`}{' '}
              A catch-all takes it all, and most of it is spam.
            </p>
            <FormError error={error} />
            {mayEdit ? (
              <form method="post" action={domainPath(domain.name, '/catch-all')} class="stack">
                <Token token={context.get('session').token} />
                <Field
                  name="destinations"
                  label="Deliver it to"
                  rows={3}
                  value={error ? form?.text('destinations') : catchAll?.destinations.join('\n')}
                  error={error}
                  hint={`${destinationsHint} Left empty, such mail is refused.`}
                />
                <div class="buttons">
                  <button class="primary">Save</button>
                </div>
              </form>
            ) : (
              <p class="muted">The site admin does not let this be changed here.</p>
            )}
          </section>
        </>
      ),
    },
    statusOf(error),
  );
}

function saveCatchAll(context: WebContext): Promise<Response> {
  const mail = mailOf(context);
  return orShowAgain(
    async () => {
      const domain = await getOwnDomain(mail, param(context, 'domain'));
      const destinations = await setCatchAll(mail, domain, context.get('form').text('destinations'));
      const done =
        destinations.length === 0
          ? 'There is no catch-all: mail to unknown addresses is refused.'
          : `Mail to unknown addresses goes to ${destinations.map(displayAddress).join(', ')}.`;
      return goTo(context, domainPath(domain.name, '/catch-all'), done);
    },
    (error) => showCatchAll(context, error),
  );
}
