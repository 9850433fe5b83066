/** The list of domains, with switches for what their postmasters may do. */
import type { FC } from 'hono/jsx';
import { displayDomain } from '../../mail/address.js';
import type { Capability, Domain, DomainCounts, DomainPage } from '../../mail/domains.js';
import { domainPath } from '../environment.js';
import { Badge, BulkBar, type BulkAction, Field, Pager, SortHead, StatusChoice, Switch, When } from '../view/components.js';
import { useTexts } from '../view/texts.js';
import { deactivationText } from './domain.js';

export const domainStatuses = ['current', 'active', 'inactive', 'deleted'] as const;
export const domainSorts = ['name', 'changed'] as const;

const statusTexts = { current: 'All but deleted', active: 'Active', inactive: 'Inactive', deleted: 'Deleted' };

export interface DomainListState {
  readonly text: string;
  readonly status: (typeof domainStatuses)[number];
  readonly sort: (typeof domainSorts)[number];
  readonly descending: boolean;
}

function listHref(state: DomainListState, page: number): string {
  const query = new URLSearchParams();
  if (state.text !== '') query.set('q', state.text);
  if (state.status !== 'current') query.set('status', state.status);
  if (state.sort !== 'name') query.set('sort', state.sort);
  if (state.descending) query.set('dir', 'desc');
  if (page > 1) query.set('page', String(page));
  const text = query.toString();
  return text === '' ? '/domains' : `/domains?${text}`;
}

function bulkActionsFor(status: string): readonly BulkAction[] {
  return status === 'deleted' ? ['restore', 'purge'] : ['activate', 'deactivate', 'delete'];
}

export interface DomainListProps {
  readonly state: DomainListState;
  readonly found: DomainPage;
  readonly counts: ReadonlyMap<string, DomainCounts>;
  readonly token: string;
  readonly isSite: boolean;
  readonly back: string;
}

export const DomainList: FC<DomainListProps> = ({ state, found, counts, token, isSite, back }) => {
  const t = useTexts();
  const sorting = {
    current: state.sort,
    descending: state.descending,
    href: (sort: string, descending: boolean) => listHref({ ...state, sort: sort as DomainListState['sort'], descending }, 1),
  };
  return (
    <>
      <div class="head">
        <h1>Domains</h1>
        {isSite && (
          <a class="button primary" href="/domains/new">
            Add a domain
          </a>
        )}
      </div>
      <form method="get" action="/domains" class="search" role="search" data-live="#results">
        <Field name="q" label="Search" type="search" value={state.text} placeholder="Part of a name" />
        <StatusChoice current={state.status} choices={statusTexts} />
        <button class="quiet">Search</button>
      </form>
      <div id="results">
        {found.domains.length === 0 ? (
          <p class="empty">
            {state.text === '' && state.status === 'current'
              ? 'There are no domains yet. Add the first one.'
              : 'No domain matches. Try fewer letters or another status.'}
          </p>
        ) : (
          <table class="list">
            <caption class="sr">Domains</caption>
            <thead>
              <tr>
                {isSite && (
                  <th class="pick">
                    <span class="sr">Select</span>
                  </th>
                )}
                <SortHead text="Domain" sort="name" {...sorting} />
                <th scope="col" class="number">
                  Accounts
                </th>
                <th scope="col" class="number">
                  Aliases
                </th>
                {isSite && <th scope="col">Edit accounts</th>}
                {isSite && <th scope="col">Appoint postmasters</th>}
                <th scope="col">Active</th>
                <SortHead text="Changed" sort="changed" {...sorting} />
              </tr>
            </thead>
            <tbody>
              {found.domains.map((domain) => (
                <DomainRow domain={domain} counts={counts.get(domain.name)} token={token} isSite={isSite} back={back} />
              ))}
            </tbody>
          </table>
        )}
        {isSite && found.domains.length > 0 && (
          <BulkBar action="/domains/bulk" token={token} back={back} actions={bulkActionsFor(state.status)} />
        )}
        <Pager
          page={found.page}
          pages={found.pages}
          total={`${found.total.toLocaleString('en')}${found.cut ? '+' : ''} ${found.total === 1 ? 'domain' : 'domains'}`}
          href={(page) => listHref(state, page)}
        />
        <p>
          <a href="/export/domains.csv" download>
            {t.transfer.exportDomains}
          </a>
        </p>
      </div>
    </>
  );
};

const DomainRow: FC<{ domain: Domain; counts: DomainCounts | undefined; token: string; isSite: boolean; back: string }> = ({
  domain,
  counts,
  token,
  isSite,
  back,
}) => {
  const flag = (capability: Capability, label: string) => (
    <Switch
      action={domainPath(domain.name, '/flags')}
      token={token}
      back={back}
      name={capability}
      on={domain.can[capability]}
      label={`${label}: ${domain.name}`}
    />
  );
  return (
    <tr class={domain.active ? '' : 'off'}>
      {isSite && (
        <td class="pick">
          <input type="checkbox" name="domain" value={domain.name} form="bulk" aria-label={`Select ${domain.name}`} />
        </td>
      )}
      <th scope="row" data-label="Domain">
        <a href={domainPath(domain.name)}>{displayDomain(domain.name)}</a> {domain.deleted && <Badge kind="bad">deleted</Badge>}
        {isSite && !domain.deleted && !domain.active && <Badge kind="off">{useTexts().person.inactiveBadge}</Badge>}{' '}
        {domain.aliasOf !== undefined && <Badge kind="info">another name of {displayDomain(domain.aliasOf)}</Badge>}
        {domain.description !== '' && <span class="under">{domain.description}</span>}
      </th>
      <td class="number" data-label="Accounts">
        {countText(counts, 'accounts')}
      </td>
      <td class="number" data-label="Aliases">
        {countText(counts, 'aliases')}
      </td>
      {isSite && <td data-label="Edit accounts">{flag('editAccounts', 'Postmasters may edit accounts')}</td>}
      {isSite && <td data-label="Appoint postmasters">{flag('editPostmasters', 'Postmasters may appoint postmasters')}</td>}
      <td data-label="Active">
        {isSite && !domain.deleted ? (
          <Switch
            action={domainPath(domain.name, '/active')}
            token={token}
            back={back}
            name="active"
            on={domain.active}
            label={`Active: ${domain.name}`}
            confirm={deactivationText(domain.name)}
          />
        ) : (
          <Badge kind={domain.active ? 'good' : 'off'}>{domain.active ? 'active' : 'inactive'}</Badge>
        )}
      </td>
      <td data-label="Changed">
        <When at={domain.lastChange} />
      </td>
    </tr>
  );
};

function countText(counts: DomainCounts | undefined, what: 'accounts' | 'aliases'): string {
  return counts === undefined ? '' : `${counts[what].toLocaleString('en')}${counts.cut ? '+' : ''}`;
}
