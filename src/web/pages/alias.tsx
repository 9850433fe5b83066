/** The pages of one alias: a new one, and where it delivers. The catch-all is one too, with a page of its own. */
import type { FC } from 'hono/jsx';
import { displayAddress } from '../../mail/address.js';
import { isCatchAll } from '../../mail/catch-all.js';
import type { Domain } from '../../mail/domains.js';
import type { Alias } from '../../mail/entries.js';
import { domainPath } from '../environment.js';
import type { FormState } from '../form-state.js';
import { Action, Badge, Field, FormError, PasswordFields, PostForm, When } from '../view/components.js';
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
import { SendersCard } from './sharing.js';
import { useTexts } from '../view/texts.js';

export interface NewAliasProps {
  readonly domain: Domain;
  readonly forms: FormState;
  readonly passwordLengthMin: number;
}

export const NewAliasPage: FC<NewAliasProps> = ({ domain, forms, passwordLengthMin }) => {
  const error = forms.error('new');
  const list = domainPath(domain.name, '/aliases');
  return (
    <section class="card">
      <h1>Add an alias</h1>
      <FormError error={error} />
      <PostForm action={`${list}/new`} token={forms.token} submit="Add alias" cancel={list}>
        <NewAddressField domain={domain} forms={forms} placeholder="sales" />
        <Field
          name="destinations"
          label={useTexts().destinations.title}
          value={forms.text('new', 'destinations')}
          required
          rows={4}
          error={error}
          hint={useTexts().destinations.hint}
        />
        <Field
          name="name"
          label={useTexts().person.name}
          value={forms.text('new', 'name')}
          error={error}
          placeholder="Sales team"
        />
        <fieldset>
          <legend>Password</legend>
          <p class="hint">Set one to let its owner log in here and change where the mail goes.</p>
          <PasswordFields error={error} lengthMin={passwordLengthMin} required={false} />
        </fieldset>
      </PostForm>
    </section>
  );
};

export interface AliasPageProps extends PersonPageProps<Alias> {
  readonly removable: boolean;
}

export const AliasPage: FC<AliasPageProps> = (props) => {
  const { domain, person: alias, forms, mayEdit, own } = props;
  const catchAll = isCatchAll(alias);
  return (
    <>
      <PersonHead person={alias} name={alias.isPostmasterGroup ? '' : alias.name}>
        <Badge kind="info">{catchAll ? 'catch-all' : 'alias'}</Badge>
        {!alias.active && <InactiveBadge person={alias} />}
      </PersonHead>
      <div class="cards">
        <section class="card">
          <h2>{useTexts().destinations.title}</h2>
          {mayEdit || own ? (
            <DestinationsForm action={pathOfPerson(props, '/destinations')} alias={alias} forms={forms} />
          ) : (
            <ul class="plain">
              {alias.destinations.map((destination) => (
                <li>{displayAddress(destination)}</li>
              ))}
            </ul>
          )}
        </section>
        <section class="card">
          <h2>{own || catchAll ? 'Status' : 'Status and password'}</h2>
          {mayEdit && !own && domain.active && <ActiveSetting {...props} hint="When off, mail to this address is refused." />}
          <dl class="facts">
            <dt>{useTexts().person.lastChange}</dt>
            <dd>
              <When at={alias.lastChange} />
            </dd>
          </dl>
          {!own && !catchAll && (
            <PasswordForm
              {...props}
              lengthMin={props.passwordLengthMin}
              hint={
                alias.isPostmasterGroup
                  ? 'With a password, this address can log in here and administer the domain.'
                  : 'With a password, this address can log in here and change where its mail goes.'
              }
            />
          )}
        </section>
        {mayEdit && !catchAll && <SendersCard action={pathOfPerson(props, '/senders')} person={alias} forms={forms} />}
        {props.removable && (mayEdit || catchAll) && (
          <section class="card danger-zone">
            <h2>{catchAll ? 'Delete' : 'Name, rename or delete'}</h2>
            {!catchAll && <NameForm {...props} />}
            {!catchAll && <RenameForm {...props} hint="Mail to the old address is refused." />}
            {!catchAll && <hr />}
            <p>Deleting an alias cannot be undone.</p>
            <Action
              action={pathOfPerson(props, '/delete')}
              token={forms.token}
              text="Delete this alias"
              class="danger"
              confirm={`Delete ${alias.address}? Mail to it is refused from now on.`}
            />
          </section>
        )}
      </div>
    </>
  );
};

const NameForm: FC<AliasPageProps> = (props) => {
  const { person: alias, forms } = props;
  const error = forms.error('name');
  return (
    <>
      <FormError error={error} />
      <PostForm action={pathOfPerson(props, '/name')} token={forms.token} submit="Save name" quiet>
        <Field name="name" label={useTexts().person.name} value={forms.text('name', 'name', alias.name)} error={error} />
      </PostForm>
    </>
  );
};

/** Jamm's form: a box to tick for each destination that goes, a text for those that come. */
export const DestinationsForm: FC<{ action: string; alias: Alias; forms: FormState }> = ({ action, alias, forms }) => {
  const error = forms.error('destinations');
  return (
    <>
      <FormError error={error} />
      <PostForm action={action} token={forms.token} submit={useTexts().destinations.save}>
        <fieldset class="destinations-now">
          <legend>{useTexts().destinations.remove}</legend>
          {alias.destinations.map((destination) => (
            <label class="check">
              <input
                type="checkbox"
                name="remove"
                value={destination}
                checked={forms.sent('destinations')?.all('remove').includes(destination)}
              />{' '}
              {displayAddress(destination)}
            </label>
          ))}
        </fieldset>
        <Field
          name="destinations"
          label={useTexts().destinations.add}
          rows={3}
          value={forms.text('destinations', 'destinations', '')}
          error={error}
          hint={useTexts().destinations.hint}
        />
      </PostForm>
    </>
  );
};

export const CatchAllPage: FC<{ domain: Domain; catchAll: Alias | undefined; mayEdit: boolean; forms: FormState }> = ({
  domain,
  catchAll,
  mayEdit,
  forms,
}) => {
  const error = forms.error('catch-all');
  return (
    <section class="card">
      <h2>Mail to unknown addresses</h2>
      <p>
        {catchAll === undefined
          ? 'Such mail is refused, so its sender learns of the mistake at once.'
          : `Such mail goes to ${catchAll.destinations.map(displayAddress).join(', ')}.`}{' '}
        A catch-all accepts all of it, and most of it is spam.
      </p>
      <FormError error={error} />
      {mayEdit ? (
        <PostForm action={domainPath(domain.name, '/catch-all')} token={forms.token} submit="Save">
          <Field
            name="destinations"
            label="Deliver to"
            rows={3}
            value={forms.text('catch-all', 'destinations', catchAll?.destinations.join('\n'))}
            error={error}
            hint={`${useTexts().destinations.hint} Leave empty to refuse such mail.`}
          />
        </PostForm>
      ) : (
        <p class="muted">The site admin does not allow changes here.</p>
      )}
    </section>
  );
};
