/** The second factor: asked for after the password, set up, and switched off. */
import type { FC } from 'hono/jsx';
import type { MailError } from '../../mail/errors.js';
import type { SecondFactor } from '../../mail/second-factor.js';
import type { FormState } from '../form-state.js';
import { Badge, Field, FormError, PostForm, Token } from '../view/components.js';
import { QrCode } from '../view/qr-code.js';
import { useTexts } from '../view/texts.js';

const CodeField: FC<{ error: MailError | undefined; hint: string; autofocus?: boolean }> = ({
  error,
  hint,
  autofocus = false,
}) => <Field name="code" label="Code" required autocomplete="one-time-code" error={error} hint={hint} autofocus={autofocus} />;

/** Between password and pages. */
export const CodePage: FC<{ error: MailError | undefined; token: string }> = ({ error, token }) => (
  <section class="card login">
    <h1>Second factor</h1>
    <FormError error={error} />
    <form method="post" action="/second-factor/code" class="stack">
      <Token token={token} />
      <CodeField error={error} hint="The six digits that your authenticator app shows, or a recovery code." autofocus />
      <button class="primary">Log in</button>
    </form>
    <p class="hint">If you have lost both, ask your postmaster or site admin to switch your second factor off.</p>
    <form method="post" action="/logout" class="action">
      <Token token={token} />
      <button class="quiet">Cancel</button>
    </form>
  </section>
);

export const EnrolPage: FC<{ secret: string; uri: string; forms: FormState; isRequired: boolean }> = (props) => {
  const { secret, uri, forms, isRequired } = props;
  const t = useTexts();
  const error = forms.error('enrol');
  return (
    <section class="card">
      <h1>Set up a second factor</h1>
      {isRequired && (
        <p class="message info" role="status">
          The site admin requires a second factor of you. Set it up to continue.
        </p>
      )}
      <p>{t.qrCode.scan}</p>
      <QrCode text={uri} label={t.qrCode.label} />
      <p>
        Or add this key to an authenticator app: <a href={uri}>open it in an app on this device</a>, or type it in.
      </p>
      <p>
        <code id="secret">{secret.replace(/(.{4})(?=.)/g, '$1 ')}</code>
      </p>
      <FormError error={error} />
      <PostForm action="/second-factor/on" token={forms.token} submit="Switch on">
        <CodeField error={error} hint="The six digits that the app shows now." />
        <Field name="old" label="Your current password" type="password" required autocomplete="current-password" error={error} />
      </PostForm>
    </section>
  );
};

/** Shown once, in answer to the form that switched it on. */
export const RecoveryPage: FC<{ codes: readonly string[] }> = ({ codes }) => (
  <section class="card">
    <h1>Your recovery codes</h1>
    <p>
      Your second factor is on. Each of these codes opens these pages once without the app. Print them or write them down now:
      they are not shown again.
    </p>
    <ul id="recovery">
      {codes.map((code) => (
        <li>
          <code>{code}</code>
        </li>
      ))}
    </ul>
    <a class="button primary" href="/">
      Done
    </a>
  </section>
);

export const FactorPage: FC<{ factor: SecondFactor; forms: FormState }> = ({ factor, forms }) => {
  const error = forms.error('off');
  return (
    <section class="card">
      <h1>
        Second factor <Badge kind="good">on</Badge>
      </h1>
      <p>
        These pages ask for a code after your password. Recovery codes left: {factor.recoveryLeft}. For new ones, or another app,
        switch it off and set it up again.
      </p>
      <FormError error={error} />
      <PostForm action="/second-factor/off" token={forms.token} submit="Switch off" quiet>
        <CodeField error={error} hint="The six digits that your authenticator app shows, or a recovery code." />
      </PostForm>
    </section>
  );
};
