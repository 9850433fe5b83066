/** The pieces pages are made of. */
import type { Child, FC } from 'hono/jsx';
import type { MailError } from '../../mail/errors.js';
import { useTexts } from './texts.js';

/** What can be done with many rows at once. */
export type BulkAction = 'activate' | 'deactivate' | 'delete' | 'restore' | 'purge';

export const Token: FC<{ token: string }> = ({ token }) => <input type="hidden" name="_token" value={token} />;

export interface FieldProps {
  readonly name: string;
  readonly label: string;
  readonly value?: string;
  readonly type?: 'text' | 'password' | 'search' | 'file';
  readonly hint?: Child;
  readonly error?: MailError | undefined;
  readonly required?: boolean;
  readonly autocomplete?: string;
  readonly suffix?: string;
  readonly rows?: number;
  readonly placeholder?: string;
  readonly minlength?: number;
  readonly accept?: string;
  /** For pages with several forms that have fields of the same name. */
  readonly prefix?: string;
  readonly autofocus?: boolean;
}

/** A labelled input with its hint and, where it is the one at fault, its error. */
export const Field: FC<FieldProps> = (props) => {
  const t = useTexts();
  const { name, label, value, type = 'text', hint, error, required, suffix, rows, prefix = '' } = props;
  const id = `${prefix}${name}`;
  const wrong = error?.field === name ? error : undefined;
  const described = [...(hint === undefined ? [] : [`${id}-hint`]), ...(wrong ? [`${id}-error`] : [])].join(' ') || undefined;
  const common = {
    id,
    name,
    required,
    autocomplete: props.autocomplete ?? 'off',
    'aria-describedby': described,
    'aria-invalid': wrong ? ('true' as const) : undefined,
    placeholder: props.placeholder,
    autofocus: props.autofocus,
  };
  return (
    <div class={wrong ? 'field wrong' : 'field'}>
      <label for={id}>
        {label}
        {!required && type !== 'search' && <span class="optional"> {t.form.optional}</span>}
      </label>
      {rows === undefined ? (
        <div class="input-row">
          <input
            {...common}
            type={type}
            value={type === 'password' || type === 'file' ? undefined : (value ?? '')}
            minlength={props.minlength}
            accept={props.accept}
            autocapitalize="none"
            spellcheck={false}
            data-reveal={type === 'password' ? '' : undefined}
            data-strength={name === 'password' && props.autocomplete === 'new-password' ? '' : undefined}
          />
          {suffix !== undefined && <span class="suffix">{suffix}</span>}
        </div>
      ) : (
        <textarea {...common} rows={rows} spellcheck={false}>
          {value ?? ''}
        </textarea>
      )}
      {hint !== undefined && (
        <p class="hint" id={`${id}-hint`}>
          {hint}
        </p>
      )}
      {wrong && (
        <p class="error" id={`${id}-error`}>
          {t.said(wrong)}
        </p>
      )}
    </div>
  );
};

/** What went wrong with a form, above it. An error at a field is told there as well. */
export const FormError: FC<{ error: MailError | undefined }> = ({ error }) =>
  error === undefined ? null : (
    <p class="message failed" role="alert">
      {useTexts().said(error)}
    </p>
  );

export const Badge: FC<{ kind: 'good' | 'off' | 'bad' | 'info'; children: Child }> = ({ kind, children }) => (
  <span class={`badge ${kind}`}>{children}</span>
);

/** A point in time: UTC as it comes, in the viewer's zone once the script has run. */
export const When: FC<{ at: Date | undefined }> = ({ at }) => {
  const t = useTexts();
  if (at === undefined) return <span class="muted">{t.form.never}</span>;
  const iso = at.toISOString();
  return (
    <time datetime={iso} title={`${iso.slice(0, 16).replace('T', ' ')} UTC`}>
      {t.format.day(at)}
    </time>
  );
};

export interface SwitchProps {
  readonly action: string;
  readonly token: string;
  readonly back: string;
  readonly name: string;
  readonly on: boolean;
  readonly label: string;
  readonly disabled?: boolean;
  /** Asked before switching off. */
  readonly confirm?: string;
}

/** One flag that is changed by one press: a form of its own, so that it works without the script. */
export const Switch: FC<SwitchProps> = ({ action, token, back, name, on, label, disabled, confirm }) => (
  <form method="post" action={action} class="switch-form" data-inline data-confirm={on ? confirm : undefined}>
    <Token token={token} />
    <input type="hidden" name="back" value={back} />
    <input type="hidden" name={name} value={on ? 'off' : 'on'} />
    <button
      class="switch"
      role="switch"
      aria-checked={on ? 'true' : 'false'}
      aria-label={label}
      disabled={disabled}
      id={switchId(action, name)}
    >
      <span aria-hidden="true">{on ? useTexts().form.on : useTexts().form.off}</span>
    </button>
  </form>
);

function switchId(action: string, name: string): string {
  return `${action}-${name}`.replace(/[^A-Za-z0-9_-]/g, '_');
}

export interface ActionProps {
  readonly action: string;
  readonly token: string;
  readonly back?: string;
  readonly text: string;
  readonly class?: string;
  readonly confirm?: string;
  readonly fields?: Readonly<Record<string, string>>;
  readonly label?: string;
}

/** A button that does one thing. */
export const Action: FC<ActionProps> = (props) => (
  <form method="post" action={props.action} class="action" data-confirm={props.confirm} data-confirm-text={props.text}>
    <Token token={props.token} />
    {props.back !== undefined && <input type="hidden" name="back" value={props.back} />}
    {Object.entries(props.fields ?? {}).map(([name, value]) => (
      <input type="hidden" name={name} value={value} />
    ))}
    <button class={props.class ?? ''} aria-label={props.label}>
      {props.text}
    </button>
  </form>
);

export interface PostFormProps {
  readonly action: string;
  readonly token: string;
  /** What the button says that sends it. */
  readonly submit: string;
  /** It changes little enough that its button need not stand out. */
  readonly quiet?: boolean;
  /** Where a link leads that leaves it. */
  readonly cancel?: string;
  readonly upload?: boolean;
  readonly children?: Child;
}

/** A form with its token and its button. */
export const PostForm: FC<PostFormProps> = ({ action, token, submit, quiet, cancel, upload, children }) => (
  <form method="post" action={action} enctype={upload ? 'multipart/form-data' : undefined} class="stack">
    <Token token={token} />
    {children}
    <div class="buttons">
      <button class={quiet ? 'quiet' : 'primary'}>{submit}</button>
      {cancel !== undefined && (
        <a class="button quiet" href={cancel}>
          {useTexts().form.cancel}
        </a>
      )}
    </div>
  </form>
);

/** Something that is switched, with what it means. */
export const Setting: FC<{ title: string; hint: string; children: Child }> = ({ title, hint, children }) => (
  <div class="setting">
    <div>
      <strong>{title}</strong>
      <p class="hint">{hint}</p>
    </div>
    {children}
  </div>
);

/** The drop-down list of a search that says which entries to show. */
export const StatusChoice: FC<{ current: string; choices: Readonly<Record<string, string>> }> = ({ current, choices }) => (
  <div class="field">
    <label for="status">{useTexts().list.show}</label>
    <select id="status" name="status">
      {Object.entries(choices).map(([value, text]) => (
        <option value={value} selected={value === current}>
          {text}
        </option>
      ))}
    </select>
  </div>
);

/** What is done with the rows of a list that are selected: their boxes belong to this form, `bulk`. */
export const BulkBar: FC<{ action: string; token: string; back: string; actions: readonly BulkAction[] }> = (props) => {
  const t = useTexts();
  return (
    <form method="post" action={props.action} id="bulk" class="bulk">
      <Token token={props.token} />
      <input type="hidden" name="back" value={props.back} />
      <label for="bulk-action">{t.list.selected}</label>
      <select id="bulk-action" name="action">
        {props.actions.map((action) => (
          <option value={action}>{t.list[action]}</option>
        ))}
      </select>
      <button class="quiet">{t.list.apply}</button>
    </form>
  );
};

export interface PagerProps {
  readonly page: number;
  readonly pages: number;
  /** How many there are, in words. */
  readonly total: string;
  readonly href: (page: number) => string;
}

/** Links to the other pages of a list. */
export const Pager: FC<PagerProps> = ({ page, pages, total, href }) => {
  const t = useTexts();
  return (
    <nav class="pager" aria-label={t.list.pages}>
      <span class="muted">{total}</span>
      {pages > 1 && (
        <span class="pager-links">
          {page > 1 ? (
            <a class="button quiet" href={href(page - 1)} rel="prev">
              {t.list.previous}
            </a>
          ) : (
            <span class="button quiet off">{t.list.previous}</span>
          )}
          <span class="pager-place">{t.list.page({ page, pages })}</span>
          {page < pages ? (
            <a class="button quiet" href={href(page + 1)} rel="next">
              {t.list.next}
            </a>
          ) : (
            <span class="button quiet off">{t.list.next}</span>
          )}
        </span>
      )}
    </nav>
  );
};

/** A column's head that sorts by it. */
export const SortHead: FC<{
  text: string;
  sort: string;
  current: string;
  descending: boolean;
  href: (sort: string, descending: boolean) => string;
}> = ({ text, sort, current, descending, href }) => {
  const active = sort === current;
  return (
    <th scope="col" aria-sort={active ? (descending ? 'descending' : 'ascending') : undefined}>
      <a href={href(sort, active && !descending)} class="sort">
        {text}
        <span aria-hidden="true">{active ? (descending ? ' ↓' : ' ↑') : ''}</span>
      </a>
    </th>
  );
};

export interface PasswordFieldsProps {
  readonly error?: MailError | undefined;
  readonly lengthMin: number;
  readonly required?: boolean;
  readonly prefix?: string;
}

export const PasswordFields: FC<PasswordFieldsProps> = ({ error, lengthMin, required = true, prefix }) => {
  const t = useTexts();
  const common = { type: 'password', autocomplete: 'new-password', error, required, prefix } as const;
  return (
    <>
      <Field
        {...common}
        name="password"
        label={t.form.newPassword}
        hint={t.form.passwordHint({ least: lengthMin })}
        minlength={lengthMin}
      />
      <Field {...common} name="repeat" label={t.form.repeatPassword} />
    </>
  );
};
