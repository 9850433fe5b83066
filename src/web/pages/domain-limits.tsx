/** The site admin's cards of a domain's limits and of its other names, and what postmasters see of the limits. */
import type { FC } from 'hono/jsx';
import { displayDomain } from '../../mail/address.js';
import { displayBytes, displayQuota } from '../../mail/sizes.js';
import type { DomainUse } from '../../mail/domain-room.js';
import type { Domain } from '../../mail/domains.js';
import { domainPath } from '../environment.js';
import type { FormState } from '../form-state.js';
import { Field, FormError, PostForm } from '../view/components.js';

const shown = (limit: number | undefined): string => (limit === undefined ? '' : String(limit));

export const LimitsCard: FC<{ domain: Domain; forms: FormState }> = ({ domain, forms }) => {
  const error = forms.error('limits');
  const { accounts, aliases, quotaBytes, defaultQuota } = domain.limits;
  const fields = [
    ['accounts', 'Accounts', shown(accounts), 'How many its postmasters may make.'],
    ['aliases', 'Aliases', shown(aliases), 'Beside postmaster, abuse and the catch-all.'],
    [
      'quotaSum',
      'Sum of quotas',
      quotaBytes === undefined ? '' : displayQuota(`${quotaBytes}S`),
      'For example 20 GB. Each account then needs a quota.',
    ],
    ['defaultQuota', 'Quota of new accounts', displayQuota(defaultQuota), 'For example 500 MB.'],
  ] as const;
  return (
    <section class="card">
      <h2>Limits</h2>
      <p>They bind the domain’s postmasters. An empty field is no limit; what is there already stays.</p>
      <FormError error={error} />
      <PostForm action={domainPath(domain.name, '/limits')} token={forms.token} submit="Save limits">
        {fields.map(([name, label, stored, hint]) => (
          <Field name={name} label={label} value={forms.text('limits', name, stored)} hint={hint} error={error} />
        ))}
      </PostForm>
    </section>
  );
};

export const OtherNames: FC<{ domain: Domain; others: readonly Domain[]; forms: FormState }> = ({ domain, others, forms }) => {
  const error = forms.error('alias-of');
  if (domain.aliasOf === undefined) {
    return (
      <section class="card">
        <h2>Other names</h2>
        {others.length === 0 ? (
          <p class="muted">None. Add a domain as another name of this one, and all its addresses are there, too.</p>
        ) : (
          <ul class="plain">
            {others.map(({ name }) => (
              <li>
                <a href={domainPath(name, '/settings')}>{displayDomain(name)}</a>
              </li>
            ))}
          </ul>
        )}
      </section>
    );
  }
  return (
    <section class="card">
      <h2>Another name of a domain</h2>
      <p>Each address of that domain is there under this name as well. What is unknown there is refused here.</p>
      <FormError error={error} />
      <PostForm action={domainPath(domain.name, '/alias-of')} token={forms.token} submit="Save">
        <Field
          name="aliasOf"
          label="Another name of"
          required
          value={forms.text('alias-of', 'aliasOf', domain.aliasOf)}
          error={error}
        />
      </PostForm>
    </section>
  );
};

/** A line above the list, for a domain with limits. */
export const RoomLine: FC<{ domain: Domain; use: DomainUse | undefined }> = ({ domain, use }) => {
  if (use === undefined) return <></>;
  const { accounts, aliases, quotaBytes } = domain.limits;
  const more = use.cut ? ' or more' : '';
  const parts = [
    ...(accounts === undefined ? [] : [`${use.accounts}${more} of ${accounts} accounts`]),
    ...(aliases === undefined ? [] : [`${use.aliases}${more} of ${aliases} aliases`]),
    ...(quotaBytes === undefined ? [] : [`quotas of ${displayBytes(use.quotaBytes)}${more} of ${displayBytes(quotaBytes)}`]),
  ];
  return <p class="muted">This domain has {parts.join(', ')}.</p>;
};
