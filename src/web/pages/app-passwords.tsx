/** App passwords on the pages of their owners and of those who may revoke them. */
import type { FC } from 'hono/jsx';
import type { AppPassword } from '../../mail/app-password-notes.js';
import type { MadeAppPassword } from '../../mail/app-passwords.js';
import type { FormState } from '../form-state.js';
import { Action, Badge, Field, FormError, PostForm, When } from '../view/components.js';

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
          <strong>{one.label}</strong> {one.expired && <Badge kind="bad">expired</Badge>}
          <p class="hint">
            Made <When at={one.createdAt} />, last used <When at={one.usedAt} />, {one.expired ? 'expired' : 'expires'}{' '}
            <When at={one.expiresAt} />.
          </p>
        </div>
        <Action
          action={action}
          token={token}
          back={back}
          fields={{ id: one.id }}
          text="Revoke"
          label={`Revoke ${one.label}`}
          class="quiet"
          confirm={`Revoke the app password for ${one.label}? The program that uses it can no longer log in.`}
        />
      </div>
    ))}
  </>
);

export const OwnAppPasswords: FC<{ appPasswords: readonly AppPassword[]; forms: FormState }> = ({ appPasswords, forms }) => {
  const error = forms.error('app-password');
  return (
    <section class="card">
      <h2>App passwords</h2>
      <p class="hint">
        Give each mail program a password of its own. If you lose a device, revoke its password and keep the others. App passwords
        do not open these pages.
      </p>
      <AppPasswordList appPasswords={appPasswords} action="/me/app-passwords/revoke" back="/me" token={forms.token} />
      <FormError error={error} />
      <PostForm action="/me/app-passwords" token={forms.token} submit="Make an app password" quiet>
        <Field
          name="label"
          label="What it is for"
          value={forms.text('app-password', 'label')}
          required
          error={error}
          placeholder="Phone"
          prefix="app-"
        />
        <Field
          name="days"
          label="Expires after days"
          value={forms.text('app-password', 'days')}
          error={error}
          placeholder="365"
          hint="Leave empty for no expiry."
          prefix="app-"
        />
        <Field
          name="old"
          label="Your current password"
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
    <h1>App password for {made.label}</h1>
    <p>Enter it in your mail program now. It is not shown again.</p>
    <dl class="facts">
      <dt>User name</dt>
      <dd>{address}</dd>
      <dt>Password</dt>
      <dd>
        <code id="app-password">{made.password}</code>
      </dd>
      <dt>Expires</dt>
      <dd>
        <When at={made.expiresAt} />
      </dd>
    </dl>
    <a class="button primary" href="/me">
      Done
    </a>
  </section>
);

/** On forms that change a password. */
export const KeepAppPasswords: FC<{ appPasswords: readonly AppPassword[] | undefined }> = ({ appPasswords }) =>
  appPasswords === undefined || appPasswords.length === 0 ? null : (
    <label class="check">
      <input type="checkbox" name="revoke" value="on" /> Revoke all app passwords, too
    </label>
  );
