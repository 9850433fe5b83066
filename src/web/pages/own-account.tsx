/** What everybody sees of themselves: name or destinations, and the password. */
import type { FC } from 'hono/jsx';
import type { AppPassword } from '../../mail/app-password-notes.js';
import type { ClientSettings } from '../../mail/client-servers.js';
import type { Account, Person } from '../../mail/entries.js';
import type { Usage } from '../../mail/usage.js';
import type { FormState } from '../form-state.js';
import { Badge, Field, FormError, PasswordFields, PostForm, When } from '../view/components.js';
import { DestinationsForm } from './alias.js';
import { KeepAppPasswords, OwnAppPasswords } from './app-passwords.js';
import { ClientSettingsCard } from './client-settings.js';
import { PersonHead } from './person.js';
import { ForwardingCard, UsageFacts } from './sharing.js';

export interface OwnPageProps {
  readonly person: Person;
  readonly forms: FormState;
  readonly passwordLengthMin: number;
  /** Undefined where there can be none. */
  readonly appPasswords: readonly AppPassword[] | undefined;
  readonly offersSecondFactor: boolean;
  readonly usage: Usage | undefined;
  readonly sendsFrom: readonly string[];
  readonly clientSettings: ClientSettings | undefined;
}

export const OwnPage: FC<OwnPageProps> = (props) => {
  const { person, forms, passwordLengthMin, appPasswords, offersSecondFactor } = props;
  const passwordError = forms.error('password');
  return (
    <>
      <PersonHead person={person} name={person.name}>
        <Badge kind="info">{person.kind}</Badge>
      </PersonHead>
      <div class="cards">
        {person.kind === 'alias' ? (
          <section class="card">
            <h2>Where your mail goes</h2>
            <DestinationsForm action="/me/destinations" alias={person} forms={forms} />
          </section>
        ) : (
          <OwnName {...props} account={person} />
        )}
        {person.kind === 'account' && (
          <ClientSettingsCard settings={props.clientSettings} address={person.address} profile="/me/apple.mobileconfig" />
        )}
        {person.kind === 'account' && <ForwardingCard action="/me/forwarding" account={person} forms={forms} own />}
        <section class="card">
          <h2>Your password</h2>
          <FormError error={passwordError} />
          <PostForm action="/me/password" token={forms.token} submit="Change password">
            <Field
              name="old"
              label="Current password"
              type="password"
              required
              autocomplete="current-password"
              error={passwordError}
            />
            <PasswordFields error={passwordError} lengthMin={passwordLengthMin} />
            <KeepAppPasswords appPasswords={appPasswords} />
          </PostForm>
        </section>
        {offersSecondFactor && (
          <section class="card">
            <h2>Second factor</h2>
            <p>With a second factor, these pages ask for a code of an authenticator app after your password.</p>
            <a class="button quiet" href="/second-factor">
              Second factor
            </a>
          </section>
        )}
        {appPasswords && <OwnAppPasswords appPasswords={appPasswords} forms={forms} />}
      </div>
    </>
  );
};

const OwnName: FC<OwnPageProps & { account: Account }> = ({ account, forms, usage, sendsFrom }) => {
  const error = forms.error('name');
  return (
    <section class="card">
      <h2>Your name</h2>
      <FormError error={error} />
      <PostForm action="/me/name" token={forms.token} submit="Save">
        <Field name="name" label="Name" value={forms.text('name', 'name', account.name)} autocomplete="name" error={error} />
      </PostForm>
      <dl class="facts">
        <UsageFacts account={account} usage={usage} sendsFrom={sendsFrom} />
        <dt>Last change</dt>
        <dd>
          <When at={account.lastChange} />
        </dd>
      </dl>
    </section>
  );
};
