/** One account: a new one, and everything that can be changed about it. */
import type { Hono } from 'hono';
import type { FC } from 'hono/jsx';
import { displayAddress, displayDomain, splitAddress } from '../../mail/address.js';
import {
  changeAccount,
  createAccount,
  deleteAccount,
  purgeAccount,
  renameAccount,
  restoreAccount,
  setActive,
} from '../../mail/accounts.js';
import { getOwnDomain, may, requireCapability, type Domain } from '../../mail/domains.js';
import { aliasesDeliveringTo, getAccount, getPerson, type Account, type Alias } from '../../mail/entries.js';
import type { MailError } from '../../mail/errors.js';
import { sameDn } from '../../mail/names.js';
import { setPassword } from '../../mail/passwords.js';
import { appointPostmaster, dismissPostmaster, isPostmaster } from '../../mail/postmasters.js';
import { displayQuota } from '../../mail/quota.js';
import { domainPath, mailOf, param, personPath, sentForm, type Environment, type WebContext } from '../environment.js';
import type { Form } from '../form.js';
import { actAndGoBack, askFirst, goTo, oneOf, orShowAgain, statusOf } from '../respond.js';
import { Action, Badge, Field, FormError, PasswordFields, Switch, Token, When } from '../view/components.js';
import { page } from '../view/layout.js';
import { domainCrumbs } from './domain-head.js';

export function addAccountRoutes(app: Hono<Environment>): void {
  app.get('/domains/:domain/accounts/new', (context) => showNewAccount(context));
  app.post('/domains/:domain/accounts/new', makeAccount);
  const one = '/domains/:domain/accounts/:address';
  app.get(one, (context) => showAccount(context));
  app.post(`${one}/details`, saveDetails);
  app.post(`${one}/password`, savePassword);
  app.post(`${one}/rename`, rename);
  app.post(`${one}/active`, switchActive);
  app.post(`${one}/postmaster`, switchPostmaster);
  app.post(`${one}/delete`, remove);
  app.post(`${one}/restore`, restore);
  app.post(`${one}/purge`, purge);
}

async function showNewAccount(context: WebContext, error?: MailError): Promise<Response> {
  const mail = mailOf(context);
  const domain = await getOwnDomain(mail, param(context, 'domain'));
  requireCapability(mail, domain, 'editAccounts');
  const form = sentForm(context);
  return page(
    context,
    {
      title: 'Add an account',
      narrow: true,
      crumbs: domainCrumbs(mail, domain, { text: 'Add an account' }),
      children: (
        <section class="card">
          <h1>Add an account</h1>
          {error?.field === 'mailbox' ? null : <FormError error={error} />}
          <form method="post" action={domainPath(domain.name, '/accounts/new')} class="stack">
            <Token token={context.get('session').token} />
            {error?.field === 'mailbox' && <MailboxQuestion error={error} />}
            <Field
              name="address"
              label="Address"
              value={form?.text('address')}
              required
              suffix={`@${displayDomain(domain.name)}`}
              error={error}
              autofocus
              placeholder="john"
            />
            <Field name="name" label="Name" value={form?.text('name')} error={error} placeholder="John Doe" />
            <Field
              name="quota"
              label="Quota"
              value={form?.text('quota')}
              error={error}
              placeholder="500 MB"
              hint="How much mail fits, for example 500 MB or 2 GB. Left empty, there is no limit."
            />
            <PasswordFields error={error} lengthMin={mail.settings.passwordLengthMin} />
            {may(mail, domain, 'editPostmasters') && (
              <label class="check">
                <input type="checkbox" name="postmaster" value="on" checked={form?.has('postmaster')} /> Postmaster: may
                administer this domain
              </label>
            )}
            <div class="buttons">
              <button class="primary">Add the account</button>
              <a class="button quiet" href={domainPath(domain.name)}>
                Cancel
              </a>
            </div>
            <p class="hint">
              Mail is taken at once. Send a welcome mail first: the mail folder comes into being with the first message.
            </p>
          </form>
        </section>
      ),
    },
    statusOf(error),
  );
}

const MailboxQuestion: FC<{ error: MailError }> = ({ error }) => (
  <fieldset class="message failed" role="alert">
    <legend>Whose mail is this?</legend>
    <p>{error.message}</p>
    <label class="check">
      <input type="radio" name="mailbox" value="fresh" checked /> A new person: use a fresh folder
    </label>
    <label class="check">
      <input type="radio" name="mailbox" value="reuse" /> The same person as before: take the old folder over
    </label>
    <p class="hint">Passwords are not kept meanwhile: type them again below.</p>
  </fieldset>
);

function makeAccount(context: WebContext): Promise<Response> {
  const mail = mailOf(context);
  const form = context.get('form');
  return orShowAgain(
    async () => {
      const domain = await getOwnDomain(mail, param(context, 'domain'));
      const account = await createAccount(mail, domain, {
        address: form.text('address'),
        name: form.text('name'),
        quota: form.text('quota'),
        password: form.text('password'),
        repeat: form.text('repeat'),
        postmaster: form.has('postmaster'),
        mailbox: oneOf(form.text('mailbox'), ['fresh', 'reuse'] as const),
      });
      return goTo(
        context,
        domainPath(domain.name),
        `${displayAddress(account.address)} is there${domain.active ? ' and takes mail' : ', and will be active with its domain'}.`,
      );
    },
    (error) => showNewAccount(context, error),
  );
}

type AccountForm = 'details' | 'password' | 'rename';

async function showAccount(context: WebContext, failed?: { form: AccountForm; error: MailError }): Promise<Response> {
  const mail = mailOf(context);
  const domain = await getOwnDomain(mail, param(context, 'domain'));
  const account = await getAccount(mail, domain.name, param(context, 'address'));
  const [postmaster, aliases] = await Promise.all([
    isPostmaster(mail, domain.name, account.dn),
    aliasesDeliveringTo(mail, domain.name, account.address),
  ]);
  const props: AccountProps = {
    domain,
    account,
    postmaster,
    aliases,
    token: context.get('session').token,
    form: sentForm(context),
    errorOf: (form) => (failed?.form === form ? failed.error : undefined),
    may: { edit: may(mail, domain, 'editAccounts'), appoint: may(mail, domain, 'editPostmasters') },
    own: sameDn(account.dn, mail.actor.dn),
    lengthMin: mail.settings.passwordLengthMin,
  };
  return page(
    context,
    {
      title: account.address,
      crumbs: domainCrumbs(mail, domain, { text: displayAddress(account.address) }),
      children: <AccountPage {...props} />,
    },
    statusOf(failed?.error),
  );
}

interface AccountProps {
  readonly domain: Domain;
  readonly account: Account;
  readonly postmaster: boolean;
  readonly aliases: readonly Alias[];
  readonly token: string;
  readonly form: Form | undefined;
  readonly errorOf: (form: AccountForm) => MailError | undefined;
  readonly may: { readonly edit: boolean; readonly appoint: boolean };
  readonly own: boolean;
  readonly lengthMin: number;
}

const AccountPage: FC<AccountProps> = (props) => {
  const { domain, account, postmaster, aliases, token, own, errorOf, lengthMin } = props;
  const path = (rest = ''): string => personPath(domain.name, 'account', account.address, rest);
  return (
    <>
      <div class="head">
        <h1>
          {displayAddress(account.address)} {account.deleted && <Badge kind="bad">deleted</Badge>}
          {!account.deleted && !account.active && (
            <Badge kind="off">{account.waitsForDomain ? 'inactive with its domain' : 'inactive'}</Badge>
          )}
          {postmaster && <Badge kind="info">postmaster</Badge>}
          {account.name !== '' && <span class="under">{account.name}</span>}
        </h1>
      </div>
      <div class="cards">
        <Details {...props} />
        {!account.deleted && (
          <section class="card">
            <h2>Password</h2>
            {own ? (
              <p>
                Your own password you change under <a href="/me">My account</a>, with the present one.
              </p>
            ) : (
              <>
                <FormError error={errorOf('password')} />
                <form method="post" action={path('/password')} class="stack">
                  <Token token={token} />
                  <PasswordFields error={errorOf('password')} lengthMin={lengthMin} />
                  <div class="buttons">
                    <button class="primary">Set the password</button>
                  </div>
                </form>
              </>
            )}
          </section>
        )}
        {!account.deleted && !own && <Rights {...props} />}
        <section class="card">
          <h2>Where its mail is</h2>
          <dl class="facts">
            <dt>Mail folder</dt>
            <dd>
              <code>
                {account.homeDirectory}/{account.mailbox}
              </code>
            </dd>
            <dt>Aliases that deliver here</dt>
            <dd>
              {aliases.length === 0 ? (
                <span class="muted">none</span>
              ) : (
                aliases.map((alias) => (
                  <a class="line" href={personPath(domain.name, 'alias', alias.address)}>
                    {displayAddress(alias.address)}
                  </a>
                ))
              )}
            </dd>
            <dt>Last change</dt>
            <dd>
              <When at={account.lastChange} />
            </dd>
            {account.description !== '' && (
              <>
                <dt>Description</dt>
                <dd>{account.description}</dd>
              </>
            )}
          </dl>
        </section>
        {props.may.edit && !own && <Removal {...props} />}
      </div>
    </>
  );
};

const Details: FC<AccountProps> = ({ domain, account, token, form, errorOf }) => {
  const error = errorOf('details');
  const conflict = error?.kind === 'conflict';
  return (
    <section class="card">
      <h2>Details</h2>
      <FormError error={error} />
      {conflict && (
        <dl class="facts">
          <dt>Name they saved</dt>
          <dd>{account.name || '–'}</dd>
          <dt>Quota they saved</dt>
          <dd>{displayQuota(account.quota) || 'no limit'}</dd>
        </dl>
      )}
      <form method="post" action={personPath(domain.name, 'account', account.address, '/details')} class="stack">
        <Token token={token} />
        <input type="hidden" name="version" value={account.version} />
        <Field name="name" label="Name" value={error ? form?.text('name') : account.name} error={error} />
        <Field
          name="quota"
          label="Quota"
          value={error ? form?.text('quota') : displayQuota(account.quota)}
          error={error}
          hint="For example 500 MB or 2 GB. Left empty, there is no limit."
        />
        <div class="buttons">
          <button class="primary">Save</button>
        </div>
      </form>
    </section>
  );
};

const Rights: FC<AccountProps> = ({ domain, account, postmaster, token, may: { appoint } }) => {
  const path = (rest: string): string => personPath(domain.name, 'account', account.address, rest);
  return (
    <section class="card">
      <h2>Access</h2>
      <div class="setting">
        <div>
          <strong>Active</strong>
          <p class="hint">
            {domain.active
              ? 'Off, mail is refused and logging in is not possible. Nothing is lost.'
              : 'Its domain is inactive; it follows when that is active again.'}
          </p>
        </div>
        {domain.active ? (
          <Switch
            action={path('/active')}
            token={token}
            back={path('')}
            name="active"
            on={account.active}
            label={`Active: ${account.address}`}
          />
        ) : (
          <Badge kind="off">off</Badge>
        )}
      </div>
      {appoint && (
        <div class="setting">
          <div>
            <strong>Postmaster</strong>
            <p class="hint">May administer this domain: its accounts, aliases and passwords.</p>
          </div>
          <Switch
            action={path('/postmaster')}
            token={token}
            back={path('')}
            name="postmaster"
            on={postmaster}
            label={`Postmaster: ${account.address}`}
          />
        </div>
      )}
    </section>
  );
};

const Removal: FC<AccountProps> = ({ domain, account, token, form, errorOf }) => {
  const path = (rest: string): string => personPath(domain.name, 'account', account.address, rest);
  const error = errorOf('rename');
  if (account.deleted) {
    return (
      <section class="card danger-zone">
        <h2>Restore or purge</h2>
        <p>This account is deleted: it takes no mail and cannot log in. Its mail is still in its folder.</p>
        <div class="buttons">
          <Action action={path('/restore')} token={token} text="Restore it" class="primary" />
          <Action
            action={path('/purge')}
            token={token}
            text="Purge for good"
            class="danger"
            confirm={`Purge ${account.address}? Its entry goes for good. Its mail stays on the disk until the site admin’s cleaner takes it.`}
          />
        </div>
      </section>
    );
  }
  return (
    <section class="card danger-zone">
      <h2>Rename or delete</h2>
      <FormError error={error} />
      <form method="post" action={path('/rename')} class="stack">
        <Token token={token} />
        <Field
          name="newAddress"
          label="New address"
          required
          value={error ? form?.text('newAddress') : splitAddress(account.address)[0]}
          suffix={`@${displayDomain(domain.name)}`}
          error={error}
          hint="Its mail, its password and the aliases that deliver here follow. Mail to the old address is refused."
        />
        <div class="buttons">
          <button class="quiet">Rename</button>
        </div>
      </form>
      <hr />
      <p>Deleting is soft: it can be undone until the account is purged.</p>
      <Action
        action={path('/delete')}
        token={token}
        text="Delete this account"
        class="danger"
        confirm={`Delete ${account.address}? Mail to it is refused from now on. It can be restored.`}
      />
    </section>
  );
};

function accountPath(context: WebContext, rest = ''): string {
  return personPath(param(context, 'domain'), 'account', param(context, 'address'), rest);
}

function saveDetails(context: WebContext): Promise<Response> {
  const form = context.get('form');
  return orShowAgain(
    async () => {
      const [domain, address] = [param(context, 'domain'), param(context, 'address')];
      await getOwnDomain(mailOf(context), domain);
      await changeAccount(mailOf(context), domain, address, {
        name: form.text('name'),
        quota: form.text('quota'),
        version: form.text('version'),
      });
      return goTo(context, accountPath(context), 'Name and quota are saved.');
    },
    (error) => showAccount(context, { form: 'details', error }),
  );
}

function savePassword(context: WebContext): Promise<Response> {
  const mail = mailOf(context);
  const form = context.get('form');
  return orShowAgain(
    async () => {
      const address = param(context, 'address');
      const account = await getAccount(mail, param(context, 'domain'), address);
      await setPassword(mail, account, { password: form.text('password'), repeat: form.text('repeat') });
      context.get('site').sessions.endAllOf(account.dn);
      return goTo(
        context,
        accountPath(context),
        `The password of ${displayAddress(address)} is changed. Tell it to its owner in person.`,
      );
    },
    (error) => showAccount(context, { form: 'password', error }),
  );
}

function rename(context: WebContext): Promise<Response> {
  const mail = mailOf(context);
  return orShowAgain(
    async () => {
      const domain = await getOwnDomain(mail, param(context, 'domain'));
      const address = param(context, 'address');
      const { account, aliases } = await renameAccount(mail, domain, address, context.get('form').text('newAddress'));
      const followed =
        aliases.length === 0
          ? ''
          : ` ${aliases.length === 1 ? 'One alias delivers' : `${aliases.length} aliases deliver`} to the new address now.`;
      return goTo(
        context,
        personPath(domain.name, 'account', account.address),
        `${displayAddress(address)} is ${displayAddress(account.address)} now.${followed}`,
      );
    },
    (error) => showAccount(context, { form: 'rename', error }),
  );
}

function switchActive(context: WebContext): Promise<Response> {
  const mail = mailOf(context);
  return actAndGoBack(context, accountPath(context), async () => {
    const on = context.get('form').text('active') === 'on';
    const domain = await getOwnDomain(mail, param(context, 'domain'));
    const account = await getAccount(mail, domain.name, param(context, 'address'));
    await setActive(mail, domain, account, on);
    return `${displayAddress(account.address)} is ${on ? 'active: it takes mail and can log in' : 'inactive: mail is refused'}.`;
  });
}

function switchPostmaster(context: WebContext): Promise<Response> {
  const mail = mailOf(context);
  return actAndGoBack(context, accountPath(context), async () => {
    const on = context.get('form').text('postmaster') === 'on';
    const domain = await getOwnDomain(mail, param(context, 'domain'));
    const person = await getPerson(mail, domain.name, param(context, 'address'));
    if (on) await appointPostmaster(mail, domain, person);
    else await dismissPostmaster(mail, domain, person.dn);
    return `${displayAddress(person.address)} is ${on ? 'a postmaster' : 'no longer a postmaster'} of ${displayDomain(domain.name)}.`;
  });
}

async function remove(context: WebContext): Promise<Response> {
  const mail = mailOf(context);
  const domain = await getOwnDomain(mail, param(context, 'domain'));
  requireCapability(mail, domain, 'editAccounts');
  const address = param(context, 'address');
  const aliases = await aliasesDeliveringTo(mail, domain.name, address);
  const warning =
    aliases.length === 0 ? '' : ` These aliases still deliver to it: ${aliases.map((alias) => alias.address).join(', ')}.`;
  const question = await askFirst(context, {
    title: `Delete ${displayAddress(address)}?`,
    text: `Mail to it is refused from now on and it cannot log in. It can be restored until it is purged.${warning}`,
    button: 'Delete it',
    cancel: accountPath(context),
  });
  if (question) return question;
  return actAndGoBack(context, domainPath(domain.name), async () => {
    await deleteAccount(mail, domain, address);
    return `${displayAddress(address)} is deleted. It can be restored: show “Deleted” in the list.${warning}`;
  });
}

function restore(context: WebContext): Promise<Response> {
  const mail = mailOf(context);
  return actAndGoBack(context, accountPath(context), async () => {
    const domain = await getOwnDomain(mail, param(context, 'domain'));
    await restoreAccount(mail, domain, param(context, 'address'));
    return `${displayAddress(param(context, 'address'))} is back${domain.active ? ', with its mail and its password' : ', and will be active with its domain'}.`;
  });
}

async function purge(context: WebContext): Promise<Response> {
  const mail = mailOf(context);
  const address = param(context, 'address');
  const question = await askFirst(context, {
    title: `Purge ${displayAddress(address)}?`,
    text: 'Its entry goes for good. Its mail stays on the disk until the site admin’s cleaner takes it.',
    button: 'Purge for good',
    cancel: accountPath(context),
  });
  if (question) return question;
  return actAndGoBack(context, domainPath(param(context, 'domain')), async () => {
    const domain = await getOwnDomain(mail, param(context, 'domain'));
    await purgeAccount(mail, domain, address);
    return `${displayAddress(address)} is gone for good.`;
  });
}
