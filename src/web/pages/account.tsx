/** The pages of one account: a new one, and everything that can be changed about it. */
import type { FC } from 'hono/jsx';
import { displayAddress } from '../../mail/address.js';
import type { Domain } from '../../mail/domains.js';
import type { ClientSettings } from '../../mail/client-servers.js';
import type { AppPassword } from '../../mail/app-password-notes.js';
import type { Account, Alias } from '../../mail/entries.js';
import type { MailError } from '../../mail/errors.js';
import type { Usage } from '../../mail/usage.js';
import { displayQuota } from '../../mail/sizes.js';
import { domainPath, personPath } from '../environment.js';
import type { FormState } from '../form-state.js';
import { Action, Badge, Field, FormError, PasswordFields, PostForm, Setting, Switch, When } from '../view/components.js';
import { AppPasswordList, KeepAppPasswords } from './app-passwords.js';
import { ClientSettingsCard, profilePath } from './client-settings.js';
import {
  ActiveSetting,
  InactiveBadge,
  NewAddressField,
  PasswordForm,
  pathOfPerson,
  PersonHead,
  RenameForm,
  type PersonPageProps,
} from './person.js';
import { ForwardingCard, SendersCard, UsageFacts } from './sharing.js';
import { WelcomeCard, WelcomeTick } from './welcome.js';
import { useTexts } from '../view/texts.js';

/** What to know before an account is purged. */
export const purgeText = 'This removes its entry permanently. Its mail stays on disk until the site admin runs “jammd clean”.';

export interface NewAccountProps {
  readonly domain: Domain;
  readonly forms: FormState;
  readonly mayAppoint: boolean;
  readonly passwordLengthMin: number;
  readonly sendsWelcome: boolean;
}

export const NewAccountPage: FC<NewAccountProps> = ({ domain, forms, mayAppoint, passwordLengthMin, sendsWelcome }) => {
  const error = forms.error('new');
  return (
    <section class="card">
      <h1>Add an account</h1>
      {error?.field !== 'mailbox' && <FormError error={error} />}
      <PostForm
        action={domainPath(domain.name, '/accounts/new')}
        token={forms.token}
        submit="Add account"
        cancel={domainPath(domain.name)}
      >
        {error?.field === 'mailbox' && <MailboxQuestion error={error} />}
        <NewAddressField domain={domain} forms={forms} placeholder="john" />
        <Field
          name="name"
          label={useTexts().person.name}
          value={forms.text('new', 'name')}
          error={error}
          placeholder="John Doe"
        />
        <Field
          name="quota"
          label={useTexts().person.quota}
          value={forms.text('new', 'quota', displayQuota(domain.limits.defaultQuota))}
          error={error}
          placeholder="500 MB"
          hint={useTexts().person.quotaHint}
        />
        <PasswordFields error={error} lengthMin={passwordLengthMin} />
        {mayAppoint && (
          <label class="check">
            <input type="checkbox" name="postmaster" value="on" checked={forms.sent('new')?.has('postmaster')} /> Postmaster: may
            administer this domain
          </label>
        )}
        {sendsWelcome ? (
          <WelcomeTick forms={forms} />
        ) : (
          <p class="hint">Mail is accepted at once. The first message creates the mail folder, so send a welcome mail.</p>
        )}
      </PostForm>
    </section>
  );
};

const MailboxQuestion: FC<{ error: MailError }> = ({ error }) => (
  <fieldset class="message failed" role="alert">
    <legend>Who is the new owner?</legend>
    <p>{error.message}</p>
    <label class="check">
      <input type="radio" name="mailbox" value="fresh" checked /> A different person: use a new folder
    </label>
    <label class="check">
      <input type="radio" name="mailbox" value="reuse" /> The same person: use the old folder with its mail
    </label>
    <p class="hint">Passwords are not kept, so enter them again below.</p>
  </fieldset>
);

export interface AccountPageProps extends PersonPageProps<Account> {
  readonly isPostmaster: boolean;
  readonly mayAppoint: boolean;
  /** Aliases that deliver to it. */
  readonly aliases: readonly Alias[];
  readonly appPasswords: readonly AppPassword[];
  /** Undefined where it cannot be found out. */
  readonly usage: Usage | undefined;
  readonly sendsFrom: readonly string[];
  readonly clientSettings: ClientSettings | undefined;
  readonly sendsWelcome: boolean;
}

export const AccountPage: FC<AccountPageProps> = (props) => {
  const { person: account, own } = props;
  return (
    <>
      <PersonHead person={account} name={account.name}>
        {account.deleted && <Badge kind="bad">{useTexts().person.deletedBadge}</Badge>}
        {!account.deleted && !account.active && <InactiveBadge person={account} />}
        {props.isPostmaster && <Badge kind="info">postmaster</Badge>}
      </PersonHead>
      <div class="cards">
        <Details {...props} />
        {!account.deleted && (
          <section class="card">
            <h2>Password</h2>
            {own ? (
              <p>
                Change your own password under <a href="/me">My account</a>.
              </p>
            ) : (
              <PasswordForm {...props} lengthMin={props.passwordLengthMin}>
                <KeepAppPasswords appPasswords={props.appPasswords} />
              </PasswordForm>
            )}
          </section>
        )}
        {!account.deleted && !own && props.appPasswords.length > 0 && (
          <section class="card">
            <h2>{useTexts().appPassword.title}</h2>
            <AppPasswordList
              appPasswords={props.appPasswords}
              action={pathOfPerson(props, '/app-passwords/revoke')}
              back={pathOfPerson(props)}
              token={props.forms.token}
            />
          </section>
        )}
        {!account.deleted && !own && <Access {...props} />}
        {!account.deleted && (
          <ForwardingCard action={pathOfPerson(props, '/forwarding')} account={account} forms={props.forms} own={own} />
        )}
        {!account.deleted && props.mayEdit && (
          <SendersCard action={pathOfPerson(props, '/senders')} person={account} forms={props.forms} />
        )}
        {!account.deleted && props.sendsWelcome && <WelcomeCard {...props} />}
        {!account.deleted && (
          <ClientSettingsCard settings={props.clientSettings} address={account.address} profile={profilePath(account.address)} />
        )}
        <Facts {...props} />
        {props.mayEdit && !own && (account.deleted ? <RestoreOrPurge {...props} /> : <RenameOrDelete {...props} />)}
      </div>
    </>
  );
};

const Details: FC<AccountPageProps> = (props) => {
  const { person: account, forms } = props;
  const error = forms.error('details');
  return (
    <section class="card">
      <h2>Details</h2>
      <FormError error={error} />
      {error?.kind === 'conflict' && (
        <dl class="facts">
          <dt>Saved name</dt>
          <dd>{account.name || '–'}</dd>
          <dt>Saved quota</dt>
          <dd>{displayQuota(account.quota) || useTexts().person.noLimit}</dd>
        </dl>
      )}
      <PostForm action={pathOfPerson(props, '/details')} token={forms.token} submit={useTexts().form.save}>
        <input type="hidden" name="version" value={account.version} />
        <Field name="name" label={useTexts().person.name} value={forms.text('details', 'name', account.name)} error={error} />
        <Field
          name="quota"
          label={useTexts().person.quota}
          value={forms.text('details', 'quota', displayQuota(account.quota))}
          error={error}
          hint={useTexts().person.quotaHint}
        />
      </PostForm>
    </section>
  );
};

const Access: FC<AccountPageProps> = (props) => {
  const { domain, person: account, forms } = props;
  const hint = domain.active
    ? 'When off, mail is refused and nobody can log in. Nothing is lost.'
    : 'The domain is inactive. The account becomes active again together with it.';
  return (
    <section class="card">
      <h2>Access</h2>
      <ActiveSetting {...props} hint={hint} />
      {props.mayAppoint && (
        <Setting title="Postmaster" hint="May administer this domain: its accounts, aliases and passwords.">
          <Switch
            action={pathOfPerson(props, '/postmaster')}
            token={forms.token}
            back={pathOfPerson(props)}
            name="postmaster"
            on={props.isPostmaster}
            label={`Postmaster: ${account.address}`}
          />
        </Setting>
      )}
    </section>
  );
};

const Facts: FC<AccountPageProps> = ({ domain, person: account, aliases, usage, sendsFrom }) => (
  <section class="card">
    <h2>Mail storage</h2>
    <dl class="facts">
      <UsageFacts account={account} usage={usage} sendsFrom={sendsFrom} />
      <dt>Mail folder</dt>
      <dd>
        <code>
          {account.homeDirectory}/{account.mailbox}
        </code>
      </dd>
      <dt>Aliases that deliver here</dt>
      <dd>
        {aliases.length === 0 && <span class="muted">{useTexts().person.none}</span>}
        {aliases.map((alias) => (
          <a class="line" href={personPath(domain.name, 'alias', alias.address)}>
            {displayAddress(alias.address)}
          </a>
        ))}
      </dd>
      <dt>{useTexts().person.lastChange}</dt>
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
);

const RestoreOrPurge: FC<AccountPageProps> = (props) => (
  <section class="card danger-zone">
    <h2>Restore or purge</h2>
    <p>This account is deleted: it receives no mail and cannot log in. Its mail is still in its folder.</p>
    <div class="buttons">
      <Action action={pathOfPerson(props, '/restore')} token={props.forms.token} text="Restore" class="primary" />
      <Action
        action={pathOfPerson(props, '/purge')}
        token={props.forms.token}
        text="Purge permanently"
        class="danger"
        confirm={`Purge ${props.person.address}? ${purgeText}`}
      />
    </div>
  </section>
);

const RenameOrDelete: FC<AccountPageProps> = (props) => (
  <section class="card danger-zone">
    <h2>Rename or delete</h2>
    <RenameForm
      {...props}
      hint="It keeps its mail and password, and aliases that deliver here follow. Mail to the old address is refused."
    />
    <hr />
    <p>You can restore a deleted account until it is purged.</p>
    <Action
      action={pathOfPerson(props, '/delete')}
      token={props.forms.token}
      text="Delete this account"
      class="danger"
      confirm={`Delete ${props.person.address}? Mail to it is refused from now on. You can restore it.`}
    />
  </section>
);
