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
import { useTexts } from '../view/texts.js';

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
        <Badge kind="info">{useTexts().person[person.kind]}</Badge>
      </PersonHead>
      <div class="cards">
        {person.kind === 'alias' ? (
          <section class="card">
            <h2>{useTexts().person.yourMail}</h2>
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
          <h2>{useTexts().person.yourPassword}</h2>
          <FormError error={passwordError} />
          <PostForm action="/me/password" token={forms.token} submit={useTexts().person.changePassword}>
            <Field
              name="old"
              label={useTexts().person.currentPassword}
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
            <h2>{useTexts().frame.secondFactor}</h2>
            <p>{useTexts().person.factorText}</p>
            <a class="button quiet" href="/second-factor">
              {useTexts().frame.secondFactor}
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
      <h2>{useTexts().person.yourName}</h2>
      <FormError error={error} />
      <PostForm action="/me/name" token={forms.token} submit={useTexts().form.save}>
        <Field
          name="name"
          label={useTexts().person.name}
          value={forms.text('name', 'name', account.name)}
          autocomplete="name"
          error={error}
        />
      </PostForm>
      <dl class="facts">
        <UsageFacts account={account} usage={usage} sendsFrom={sendsFrom} />
        <dt>{useTexts().person.lastChange}</dt>
        <dd>
          <When at={account.lastChange} />
        </dd>
      </dl>
    </section>
  );
};
