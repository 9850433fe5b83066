/** The API tokens of a domain: listed, made, shown once. */
import type { FC } from 'hono/jsx';
import { displayDomain } from '../../mail/address.js';
import { tokenScopes, type ApiToken, type MadeToken } from '../../mail/api-tokens.js';
import type { Domain } from '../../mail/domains.js';
import { domainPath } from '../environment.js';
import type { FormState } from '../form-state.js';
import { Action, Badge, Field, FormError, PostForm, When } from '../view/components.js';
import { useTexts } from '../view/texts.js';

export interface TokensProps {
  readonly domain: Domain;
  readonly tokens: readonly ApiToken[];
  readonly forms: FormState;
}

export const TokensPage: FC<TokensProps> = (props) => (
  <div class="cards">
    <TokenList {...props} />
    {!props.domain.deleted && <NewToken {...props} />}
  </div>
);

const TokenList: FC<TokensProps> = ({ domain, tokens, forms }) => {
  const t = useTexts();
  const path = domainPath(domain.name, '/tokens');
  return (
    <section class="card">
      <h2>{t.tokens.title({ domain: displayDomain(domain.name) })}</h2>
      <p>{t.tokens.intro}</p>
      {tokens.length === 0 && <p class="muted">{t.tokens.none}</p>}
      {tokens.map((one) => (
        <div class="setting">
          <div>
            <strong>{one.label}</strong> {one.expired && <Badge kind="bad">{t.tokens.expired}</Badge>}
            <p class="hint">{t.tokens.scopes({ list: one.scopes.map((scope) => t.tokenScopes[scope]).join('; ') })}</p>
            <p class="hint">
              {t.tokens.made}: <When at={one.createdAt} />. {t.tokens.used}: <When at={one.usedAt} />. {t.tokens.expires}:{' '}
              <When at={one.expiresAt} />.
            </p>
          </div>
          <Action
            action={`${path}/revoke`}
            token={forms.token}
            fields={{ id: one.id }}
            text={t.tokens.revoke}
            label={t.tokens.revokeOne({ label: one.label })}
            class="quiet"
            confirm={t.tokens.revokeQuestion({ label: one.label })}
          />
        </div>
      ))}
    </section>
  );
};

const NewToken: FC<TokensProps> = ({ domain, forms }) => {
  const t = useTexts();
  const error = forms.error('token');
  return (
    <section class="card">
      <h2>{t.tokens.new}</h2>
      <FormError error={error} />
      <PostForm action={domainPath(domain.name, '/tokens')} token={forms.token} submit={t.tokens.make}>
        <Field
          name="label"
          label={t.tokens.label}
          value={forms.text('token', 'label')}
          required
          error={error}
          placeholder={t.tokens.labelExample}
        />
        <fieldset>
          <legend>{t.tokens.mayDo}</legend>
          <p class="hint">{t.tokens.alwaysReads}</p>
          {tokenScopes.slice(1).map((scope) => (
            <label class="check">
              <input type="checkbox" name="scope" value={scope} checked={forms.sent('token')?.all('scope').includes(scope)} />{' '}
              {t.tokenScopes[scope]}
            </label>
          ))}
          <p class="hint">{t.tokens.warning}</p>
        </fieldset>
        <Field
          name="days"
          label={t.tokens.days}
          value={forms.text('token', 'days', '365')}
          error={error}
          hint={t.tokens.daysHint}
        />
        <Field name="old" label={t.tokens.ownPassword} type="password" required autocomplete="current-password" error={error} />
      </PostForm>
    </section>
  );
};

/** Shown once, in answer to the form that made it. */
export const MadeTokenPage: FC<{ domain: Domain; made: MadeToken }> = ({ domain, made }) => {
  const t = useTexts();
  return (
    <section class="card">
      <h1>{t.tokens.madeTitle({ label: made.label })}</h1>
      <p>{t.tokens.madeText}</p>
      <dl class="facts">
        <dt>{t.tokens.token}</dt>
        <dd>
          <code id="api-token">{made.token}</code>
        </dd>
        <dt>{t.tokens.mayDo}</dt>
        <dd>{made.scopes.map((scope) => t.tokenScopes[scope]).join('; ')}</dd>
        <dt>{t.tokens.expires}</dt>
        <dd>
          <When at={made.expiresAt} />
        </dd>
      </dl>
      <p class="hint">
        {t.tokens.how} <code>Authorization: Bearer jammd_…</code> <a href="/api/v1/docs">{t.tokens.api}</a>
      </p>
      <a class="button primary" href={domainPath(domain.name, '/tokens')}>
        {t.tokens.done}
      </a>
    </section>
  );
};
