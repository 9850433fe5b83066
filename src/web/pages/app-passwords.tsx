/** App passwords on the pages of their owners and of those who may revoke them. */
import type { FC } from 'hono/jsx';
import type { AppPassword } from '../../mail/app-password-notes.js';
import type { MadeAppPassword } from '../../mail/app-passwords.js';
import type { FormState } from '../form-state.js';
import { Action, Badge, Field, FormError, PostForm, When } from '../view/components.js';
import { useTexts } from '../view/texts.js';

export interface AppPasswordListProps {
  readonly appPasswords: readonly AppPassword[];
  readonly action: string;
  readonly back: string;
  readonly token: string;
}

export const AppPasswordList: FC<AppPasswordListProps> = ({ appPasswords, action, back, token }) => (
  <>
    {appPasswords.map((one) => (
      <div class="setting">
        <div>
          <strong>{one.label}</strong> {one.expired && <Badge kind="bad">{useTexts().appPassword.expired}</Badge>}
          <p class="hint">
            {useTexts().appPassword.made} <When at={one.createdAt} />, {useTexts().appPassword.used} <When at={one.usedAt} />,{' '}
            {one.expired ? useTexts().appPassword.expiredOn : useTexts().appPassword.expires} <When at={one.expiresAt} />.
          </p>
        </div>
        <Action
          action={action}
          token={token}
          back={back}
          fields={{ id: one.id }}
          text={useTexts().appPassword.revoke}
          label={useTexts().appPassword.revokeOne(one)}
          class="quiet"
          confirm={useTexts().appPassword.revokeQuestion(one)}
        />
      </div>
    ))}
  </>
);

export const OwnAppPasswords: FC<{ appPasswords: readonly AppPassword[]; forms: FormState }> = ({ appPasswords, forms }) => {
  const error = forms.error('app-password');
  return (
    <section class="card">
      <h2>{useTexts().appPassword.title}</h2>
      <p class="hint">{useTexts().appPassword.intro}</p>
      <AppPasswordList appPasswords={appPasswords} action="/me/app-passwords/revoke" back="/me" token={forms.token} />
      <FormError error={error} />
      <PostForm action="/me/app-passwords" token={forms.token} submit={useTexts().appPassword.make} quiet>
        <Field
          name="label"
          label={useTexts().appPassword.label}
          value={forms.text('app-password', 'label')}
          required
          error={error}
          placeholder={useTexts().appPassword.labelExample}
          prefix="app-"
        />
        <Field
          name="days"
          label={useTexts().appPassword.days}
          value={forms.text('app-password', 'days')}
          error={error}
          placeholder="365"
          hint={useTexts().appPassword.daysHint}
          prefix="app-"
        />
        <Field
          name="old"
          label={useTexts().appPassword.ownPassword}
          type="password"
          required
          autocomplete="current-password"
          error={error}
          prefix="app-"
        />
      </PostForm>
    </section>
  );
};

/** Shown once, in answer to the form that made it. */
export const MadePage: FC<{ made: MadeAppPassword; address: string }> = ({ made, address }) => (
  <section class="card">
    <h1>{useTexts().appPassword.madeFor(made)}</h1>
    <p>{useTexts().appPassword.enterNow}</p>
    <dl class="facts">
      <dt>{useTexts().appPassword.userName}</dt>
      <dd>{address}</dd>
      <dt>{useTexts().appPassword.password}</dt>
      <dd>
        <code id="app-password">{made.password}</code>
      </dd>
      <dt>{useTexts().appPassword.expiry}</dt>
      <dd>
        <When at={made.expiresAt} />
      </dd>
    </dl>
    <a class="button primary" href="/me">
      {useTexts().appPassword.done}
    </a>
  </section>
);

/** On forms that change a password. */
export const KeepAppPasswords: FC<{ appPasswords: readonly AppPassword[] | undefined }> = ({ appPasswords }) =>
  appPasswords === undefined || appPasswords.length === 0 ? null : (
    <label class="check">
      <input type="checkbox" name="revoke" value="on" /> {useTexts().appPassword.revokeAll}
    </label>
  );
