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
}) => (
  <Field
    name="code"
    label={useTexts().factor.code}
    required
    autocomplete="one-time-code"
    error={error}
    hint={hint}
    autofocus={autofocus}
  />
);

/** Between password and pages. */
export const CodePage: FC<{ error: MailError | undefined; token: string }> = ({ error, token }) => (
  <section class="card login">
    <h1>{useTexts().factor.title}</h1>
    <FormError error={error} />
    <form method="post" action="/second-factor/code" class="stack">
      <Token token={token} />
      <CodeField error={error} hint={useTexts().factor.codeHint} autofocus />
      <button class="primary">{useTexts().factor.logIn}</button>
    </form>
    <p class="hint">{useTexts().factor.lost}</p>
    <form method="post" action="/logout" class="action">
      <Token token={token} />
      <button class="quiet">{useTexts().form.cancel}</button>
    </form>
  </section>
);

export const EnrolPage: FC<{ secret: string; uri: string; forms: FormState; isRequired: boolean }> = (props) => {
  const { secret, uri, forms, isRequired } = props;
  const t = useTexts();
  const error = forms.error('enrol');
  return (
    <section class="card">
      <h1>{useTexts().factor.setUp}</h1>
      {isRequired && (
        <p class="message info" role="status">
          {useTexts().factor.required}
        </p>
      )}
      <p>{t.qrCode.scan}</p>
      <QrCode text={uri} label={t.qrCode.label} />
      <p>
        {t.factor.orKey} <a href={uri}>{t.factor.openInApp}</a>
      </p>
      <p>
        <code id="secret">{secret.replace(/(.{4})(?=.)/g, '$1 ')}</code>
      </p>
      <FormError error={error} />
      <PostForm action="/second-factor/on" token={forms.token} submit={useTexts().factor.switchOn}>
        <CodeField error={error} hint={useTexts().factor.codeNow} />
        <Field
          name="old"
          label={useTexts().appPassword.ownPassword}
          type="password"
          required
          autocomplete="current-password"
          error={error}
        />
      </PostForm>
    </section>
  );
};

/** Shown once, in answer to the form that switched it on. */
export const RecoveryPage: FC<{ codes: readonly string[] }> = ({ codes }) => (
  <section class="card">
    <h1>{useTexts().factor.recoveryTitle}</h1>
    <p>{useTexts().factor.recoveryText}</p>
    <ul id="recovery">
      {codes.map((code) => (
        <li>
          <code>{code}</code>
        </li>
      ))}
    </ul>
    <a class="button primary" href="/">
      {useTexts().appPassword.done}
    </a>
  </section>
);

export const FactorPage: FC<{ factor: SecondFactor; forms: FormState }> = ({ factor, forms }) => {
  const error = forms.error('off');
  return (
    <section class="card">
      <h1>
        {useTexts().factor.title} <Badge kind="good">{useTexts().factor.on}</Badge>
      </h1>
      <p>{useTexts().factor.left({ count: factor.recoveryLeft })}</p>
      <FormError error={error} />
      <PostForm action="/second-factor/off" token={forms.token} submit={useTexts().factor.switchOff} quiet>
        <CodeField error={error} hint={useTexts().factor.codeHint} />
      </PostForm>
    </section>
  );
};
