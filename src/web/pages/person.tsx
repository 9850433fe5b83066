/** The parts of pages that accounts and aliases have in common. */
import type { Child, FC } from 'hono/jsx';
import { displayAddress, displayDomain, splitAddress } from '../../mail/address.js';
import type { Domain } from '../../mail/domains.js';
import type { Person } from '../../mail/entries.js';
import { personPath } from '../environment.js';
import type { FormState } from '../form-state.js';
import { Badge, Field, FormError, PasswordFields, PostForm, Setting, Switch } from '../view/components.js';
import { useTexts } from '../view/texts.js';

export interface PersonPageProps<P extends Person> {
  readonly domain: Domain;
  readonly person: P;
  readonly forms: FormState;
  readonly mayEdit: boolean;
  /** It is the viewer's own. */
  readonly own: boolean;
  readonly passwordLengthMin: number;
}

export interface PersonProps {
  readonly domain: Domain;
  readonly person: Person;
  readonly forms: FormState;
}

export function pathOfPerson({ domain, person }: Pick<PersonProps, 'domain' | 'person'>, rest = ''): string {
  return personPath(domain.name, person.kind, person.address, rest);
}

export const PersonHead: FC<{ person: Person; name: string; children?: Child }> = ({ person, name, children }) => (
  <div class="head">
    <h1>
      {displayAddress(person.address)} {children}
      {name !== '' && <span class="under">{name}</span>}
    </h1>
  </div>
);

export const InactiveBadge: FC<{ person: Person }> = ({ person }) => (
  <Badge kind="off">{person.waitsForDomain ? useTexts().person.withDomain : useTexts().person.inactiveBadge}</Badge>
);

export const ActiveSetting: FC<PersonProps & { hint: string }> = (props) => {
  const { domain, person, forms } = props;
  return (
    <Setting title={useTexts().person.active} hint={props.hint}>
      {domain.active ? (
        <Switch
          action={pathOfPerson(props, '/active')}
          token={forms.token}
          back={pathOfPerson(props)}
          name="active"
          on={person.active}
          label={`Active: ${person.address}`}
        />
      ) : (
        <Badge kind="off">{useTexts().person.off}</Badge>
      )}
    </Setting>
  );
};

export const PasswordForm: FC<PersonProps & { lengthMin: number; hint?: string; children?: Child }> = (props) => {
  const error = props.forms.error('password');
  return (
    <>
      <FormError error={error} />
      <PostForm action={pathOfPerson(props, '/password')} token={props.forms.token} submit={useTexts().person.setPassword}>
        <PasswordFields error={error} lengthMin={props.lengthMin} />
        {props.hint !== undefined && <p class="hint">{props.hint}</p>}
        {props.children}
      </PostForm>
    </>
  );
};

export const RenameForm: FC<PersonProps & { hint: string }> = (props) => {
  const { domain, person, forms } = props;
  const error = forms.error('rename');
  return (
    <>
      <FormError error={error} />
      <PostForm action={pathOfPerson(props, '/rename')} token={forms.token} submit={useTexts().person.rename} quiet>
        <Field
          name="newAddress"
          label={useTexts().person.newAddress}
          required
          value={forms.text('rename', 'newAddress', splitAddress(person.address)[0])}
          suffix={`@${displayDomain(domain.name)}`}
          error={error}
          hint={props.hint}
        />
      </PostForm>
    </>
  );
};

/** The first field of a form that makes one. */
export const NewAddressField: FC<{ domain: Domain; forms: FormState; placeholder: string }> = ({
  domain,
  forms,
  placeholder,
}) => (
  <Field
    name="address"
    label={useTexts().person.address}
    value={forms.text('new', 'address')}
    required
    suffix={`@${displayDomain(domain.name)}`}
    error={forms.error('new')}
    autofocus
    placeholder={placeholder}
  />
);
