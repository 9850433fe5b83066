/** The login form, and the form that an ended session left behind. */
import type { FC } from 'hono/jsx';
import type { MailError } from '../../mail/errors.js';
import type { StashedForm } from '../form.js';
import { Field, FormError, Token } from '../view/components.js';
import { useTexts } from '../view/texts.js';

export interface LoginState {
  readonly name?: string;
  readonly next?: string;
  readonly stash?: string;
  readonly reason?: string;
  readonly error?: MailError;
}

export const LoginForm: FC<LoginState & { token: string }> = ({ name, next, stash, reason, error, token }) => {
  const t = useTexts();
  return (
    <section class="card login">
      <h1>{t.login.title}</h1>
      {reason !== undefined && (
        <p class="message info" role="status">
          {reason}
        </p>
      )}
      <FormError error={error} />
      <form method="post" action="/login" class="stack">
        <Token token={token} />
        {next !== undefined && <input type="hidden" name="next" value={next} />}
        {stash !== undefined && stash !== '' && <input type="hidden" name="stash" value={stash} />}
        <Field name="name" label={t.login.name} value={name} required autocomplete="username" autofocus={name === undefined} />
        <Field
          name="password"
          label={t.login.password}
          type="password"
          required
          autocomplete="current-password"
          autofocus={name !== undefined}
        />
        <button class="primary">{t.login.button}</button>
      </form>
      <p class="hint">{t.login.hint}</p>
    </section>
  );
};

export const ResumeForm: FC<{ stashed: StashedForm; token: string }> = ({ stashed, token }) => {
  const t = useTexts();
  const shown = stashed.fields.filter(([name, value]) => name !== 'back' && name !== 'version' && value !== '');
  return (
    <section class="card">
      <h1>{t.login.resumeTitle}</h1>
      <p>{stashed.hadSecrets ? t.login.resumeWithoutPasswords : t.login.resume}</p>
      {shown.length > 0 && (
        <dl class="facts">
          {shown.map(([name, value]) => (
            <>
              <dt>{name}</dt>
              <dd class="typed">{value.length > 300 ? `${value.slice(0, 300)}…` : value}</dd>
            </>
          ))}
        </dl>
      )}
      <form method="post" action={stashed.path} class="stack">
        <Token token={token} />
        {stashed.fields.map(([name, value]) => (
          <input type="hidden" name={name} value={value} />
        ))}
        <div class="buttons">
          <button class="primary">{t.login.sendAgain}</button>
          <a class="button quiet" href="/">
            {t.login.discard}
          </a>
        </div>
      </form>
    </section>
  );
};
