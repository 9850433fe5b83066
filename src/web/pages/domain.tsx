/** The site admin's pages of one domain: a new one, and its settings. */
import type { FC } from 'hono/jsx';
import type { Domain } from '../../mail/domains.js';
import { domainPath } from '../environment.js';
import type { FormState } from '../form-state.js';
import { LimitsCard, OtherNames } from './domain-limits.js';
import { Action, Badge, Field, FormError, PasswordFields, PostForm, Setting, Switch } from '../view/components.js';

export const deletionText = 'Mail to it is refused and nobody in it can log in. You can restore all of it until it is purged.';
export const purgeText =
  'This removes all its accounts and aliases permanently. To archive and remove their mail too, run “jammd clean” instead.';

export function deactivationText(name: string): string {
  return `Deactivate ${name}? Mail to all its addresses is refused until it is active again.`;
}

export const NewDomainPage: FC<{ forms: FormState; passwordLengthMin: number }> = ({ forms, passwordLengthMin }) => {
  const error = forms.error('new');
  return (
    <section class="card">
      <h1>Add a domain</h1>
      <p>Every mail domain must answer at postmaster and abuse, so both addresses are created with it.</p>
      <FormError error={error} />
      <PostForm action="/domains/new" token={forms.token} submit="Add domain" cancel="/domains">
        <Field
          name="domain"
          label="Domain name"
          value={forms.text('new', 'domain')}
          required
          error={error}
          placeholder="example.com"
          autofocus
          hint="Any script works: bücher.example becomes xn--bcher-kva.example."
        />
        <Field
          name="aliasOf"
          label="Another name of"
          value={forms.text('new', 'aliasOf')}
          error={error}
          hint="A domain of this site whose addresses it has as well. It then has none of its own, and the fields below do not apply."
        />
        <Field
          name="destinations"
          label="Deliver mail for postmaster to"
          value={forms.text('new', 'destinations')}
          error={error}
          rows={2}
          hint="One or more addresses. Leave empty for this server’s own postmaster."
        />
        <fieldset>
          <legend>Postmaster’s password</legend>
          <p class="hint">
            Set one to let postmaster@ the domain log in here and administer it. You can also appoint people later.
          </p>
          <PasswordFields error={error} lengthMin={passwordLengthMin} required={false} />
        </fieldset>
      </PostForm>
    </section>
  );
};

interface SettingsProps {
  readonly domain: Domain;
  /** Domains that are other names of this one. */
  readonly others: readonly Domain[];
  readonly forms: FormState;
}

const settingsPath = (domain: Domain): string => domainPath(domain.name, '/settings');

export const DomainSettingsPage: FC<SettingsProps> = (props) => {
  const { domain, forms } = props;
  const switchOf = { token: forms.token, back: settingsPath(domain) };
  const flag = { ...switchOf, action: domainPath(domain.name, '/flags') };
  return (
    <div class="cards">
      <section class="card">
        <h2>What its postmasters may do</h2>
        <Setting title="Edit accounts" hint="Add, rename and delete accounts. They can always change passwords and names.">
          <Switch {...flag} name="editAccounts" on={domain.can.editAccounts} label="Postmasters may edit accounts" />
        </Setting>
        <Setting title="Appoint postmasters" hint="Make other accounts of the domain postmasters, and dismiss them.">
          <Switch {...flag} name="editPostmasters" on={domain.can.editPostmasters} label="Postmasters may appoint postmasters" />
        </Setting>
        {!domain.deleted && (
          <Setting title="Domain is active" hint="When off, mail to it is refused and nobody in it can log in.">
            <Switch
              {...switchOf}
              action={domainPath(domain.name, '/active')}
              name="active"
              on={domain.active}
              label="Domain is active"
              confirm={deactivationText(domain.name)}
            />
          </Setting>
        )}
      </section>
      {domain.aliasOf === undefined && <LimitsCard {...props} />}
      <OtherNames {...props} />
      <Description {...props} />
      <section class="card danger-zone">
        <h2>{domain.deleted ? 'Restore or purge' : 'Delete'}</h2>
        {domain.deleted ? <RestoreOrPurge {...props} /> : <Deletion {...props} />}
      </section>
    </div>
  );
};

const Description: FC<SettingsProps> = ({ domain, forms }) => {
  const error = forms.error('settings');
  return (
    <section class="card">
      <h2>Description and delivery</h2>
      <FormError error={error} />
      <PostForm action={settingsPath(domain)} token={forms.token} submit="Save">
        <Field
          name="description"
          label="Description"
          value={forms.text('settings', 'description', domain.description)}
          hint="The domain’s postmasters see it too."
          error={error}
        />
        <Field
          name="transport"
          label="Postfix transport"
          value={forms.text('settings', 'transport', domain.transport)}
          required
          hint="virtual: delivers into the mail folders of this site."
          error={error}
        />
      </PostForm>
    </section>
  );
};

const RestoreOrPurge: FC<SettingsProps> = ({ domain, forms }) => (
  <>
    <p>
      <Badge kind="bad">deleted</Badge> Mail to this domain is refused, and nobody in it can log in.
    </p>
    <div class="buttons">
      <Action
        action={domainPath(domain.name, '/restore')}
        token={forms.token}
        back={settingsPath(domain)}
        text="Restore"
        class="primary"
      />
      <Action
        action={domainPath(domain.name, '/purge')}
        token={forms.token}
        back="/domains"
        text="Purge permanently"
        class="danger"
        confirm={`Purge ${domain.name}? ${purgeText}`}
      />
    </div>
  </>
);

const Deletion: FC<SettingsProps> = ({ domain, forms }) => (
  <>
    <p>You can restore a deleted domain until it is purged.</p>
    <Action
      action={domainPath(domain.name, '/delete')}
      token={forms.token}
      back={settingsPath(domain)}
      text="Delete this domain"
      class="danger"
      confirm={`Delete ${domain.name}? ${deletionText}`}
    />
  </>
);
