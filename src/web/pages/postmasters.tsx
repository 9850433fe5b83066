/** Who administers a domain, and a form to appoint others. */
import type { FC } from 'hono/jsx';
import { displayAddress, displayDomain } from '../../mail/address.js';
import type { MailContext } from '../../mail/context.js';
import type { Domain } from '../../mail/domains.js';
import { sameDn } from '../../mail/names.js';
import type { Postmaster } from '../../mail/postmasters.js';
import { domainPath, personPath } from '../environment.js';
import type { FormState } from '../form-state.js';
import { Action, Badge, Field, FormError, PostForm } from '../view/components.js';

export interface PostmastersProps {
  readonly mail: MailContext;
  readonly domain: Domain;
  readonly postmasters: readonly Postmaster[];
  readonly mayAppoint: boolean;
  readonly forms: FormState;
}

export const PostmastersPage: FC<PostmastersProps> = ({ mail, domain, postmasters, mayAppoint, forms }) => {
  const path = domainPath(domain.name, '/postmasters');
  const { token } = forms;
  const error = forms.error('appoint');
  return (
    <div class="cards">
      <section class="card">
        <h2>Postmasters of {displayDomain(domain.name)}</h2>
        <ul class="rows">
          {postmasters.map(({ dn, person }) => (
            <li>
              <span>
                {person === undefined ? (
                  <code>{dn}</code>
                ) : (
                  <a href={personPath(mail.tree.domainOf(dn) ?? domain.name, person.kind, person.address)}>
                    {displayAddress(person.address)}
                  </a>
                )}{' '}
                {person === undefined && <Badge kind="bad">no longer exists</Badge>}
                {person?.kind === 'alias' && person.isPostmasterGroup && <Badge kind="info">the domain’s own address</Badge>}
                {sameDn(dn, mail.actor.dn) && <Badge kind="info">you</Badge>}
              </span>
              {mayAppoint && !sameDn(dn, mail.actor.dn) && postmasters.length > 1 && (
                <Action
                  action={`${path}/dismiss`}
                  token={token}
                  fields={{ dn }}
                  text="Remove"
                  class="quiet small"
                  label={`Remove ${person?.address ?? dn}`}
                  confirm={`${person?.address ?? dn} will no longer be able to administer ${domain.name}. Continue?`}
                />
              )}
            </li>
          ))}
        </ul>
      </section>
      {mayAppoint && (
        <section class="card">
          <h2>Appoint a postmaster</h2>
          <FormError error={error} />
          <PostForm action={path} token={token} submit="Appoint">
            <Field
              name="address"
              label="Address"
              required
              value={forms.text('appoint', 'address')}
              suffix={`@${displayDomain(domain.name)}`}
              error={error}
              hint="An account, or an alias with a password."
            />
          </PostForm>
        </section>
      )}
    </div>
  );
};
