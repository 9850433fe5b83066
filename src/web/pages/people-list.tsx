/** The lists of a domain's accounts and of its aliases. */
import type { FC } from 'hono/jsx';
import { displayAddress, displayDomain } from '../../mail/address.js';
import { isCatchAll } from '../../mail/catch-all.js';
import type { MailContext } from '../../mail/context.js';
import { may, type Domain } from '../../mail/domains.js';
import type { PeoplePage, Person, SortKey, Status } from '../../mail/entries.js';
import { normalizedDn, sameDn } from '../../mail/names.js';
import { displayQuota } from '../../mail/sizes.js';
import { domainPath, personPath } from '../environment.js';
import { Badge, BulkBar, type BulkAction, Field, Pager, SortHead, StatusChoice, Switch, When } from '../view/components.js';
import { useTexts } from '../view/texts.js';

export type PeopleKind = Person['kind'];

const statusTexts = {
  account: { current: 'All but deleted', active: 'Active', inactive: 'Inactive', deleted: 'Deleted' },
  alias: { current: 'All', active: 'Active', inactive: 'Inactive' },
};

export interface PeopleListState {
  readonly text: string;
  readonly status: Status;
  readonly begins: string;
  readonly sort: SortKey;
  readonly descending: boolean;
}

function listHref(base: string, state: PeopleListState, page = 1): string {
  const query = new URLSearchParams();
  if (state.text !== '') query.set('q', state.text);
  if (state.status !== 'current') query.set('status', state.status);
  if (state.begins !== '') query.set('begins', state.begins);
  if (state.sort !== 'address') query.set('sort', state.sort);
  if (state.descending) query.set('dir', 'desc');
  if (page > 1) query.set('page', String(page));
  const text = query.toString();
  return text === '' ? base : `${base}?${text}`;
}

export interface PeopleListProps {
  readonly mail: MailContext;
  readonly domain: Domain;
  readonly kind: PeopleKind;
  readonly state: PeopleListState;
  readonly found: PeoplePage;
  readonly postmasters: ReadonlySet<string>;
  readonly token: string;
  readonly back: string;
}

export const PeopleList: FC<PeopleListProps> = (props) => {
  const { mail, domain, kind, state, found } = props;
  const base = domainPath(domain.name, kind === 'account' ? '' : '/aliases');
  const mayAdd = may(mail, domain, kind === 'account' ? 'editAccounts' : 'editAliases') && !domain.deleted;
  return (
    <>
      <div class="toolbar">
        <form method="get" action={base} class="search" role="search" data-live="#results">
          <Field
            name="q"
            label="Search"
            type="search"
            value={state.text}
            placeholder={kind === 'account' ? 'Address or name' : 'Address or destination'}
          />
          <StatusChoice current={state.status} choices={statusTexts[kind]} />
          {state.begins !== '' && <input type="hidden" name="begins" value={state.begins} />}
          <button class="quiet">Search</button>
        </form>
        {mayAdd && (
          <a class="button primary" href={domainPath(domain.name, kind === 'account' ? '/accounts/new' : '/aliases/new')}>
            {kind === 'account' ? 'Add an account' : 'Add an alias'}
          </a>
        )}
      </div>
      <div id="results">
        {(found.cut || state.begins !== '') && <Initials base={base} state={state} cut={found.cut} />}
        {found.people.length === 0 ? <p class="empty">{emptyText(props)}</p> : <PeopleTable {...props} base={base} />}
        {found.people.length > 0 && <PeopleActions {...props} />}
        <Pager page={found.page} pages={found.pages} total={totalText(props)} href={(number) => listHref(base, state, number)} />
      </div>
    </>
  );
};

function totalText({ kind, found: { total, cut } }: PeopleListProps): string {
  const words = kind === 'account' ? (['account', 'accounts'] as const) : (['alias', 'aliases'] as const);
  return `${total.toLocaleString('en')}${cut ? '+' : ''} ${words[total === 1 ? 0 : 1]}`;
}

function emptyText({ kind, state, domain }: PeopleListProps): string {
  if (domain.aliasOf !== undefined) return `Its addresses are those of ${displayDomain(domain.aliasOf)}.`;
  if (state.text !== '' || state.status !== 'current' || state.begins !== '')
    return `No ${kind} matches. Try fewer letters or another status.`;
  return kind === 'account' ? 'There are no accounts yet. Add the first one.' : 'There are no aliases yet. Add the first one.';
}

const initialCharacters = [...'abcdefghijklmnopqrstuvwxyz0123456789'];

/** Where the directory does not show everything at once: a way to all of it, by how addresses begin. */
const Initials: FC<{ base: string; state: PeopleListState; cut: boolean }> = ({ base, state, cut }) => (
  <nav class="initials" aria-label="Addresses that begin with">
    <p class="muted">
      {cut
        ? 'The directory limits how many entries it shows, so these are not all. Search, or choose how the address begins:'
        : `Addresses that begin with “${state.begins}”.`}{' '}
      {state.begins !== '' && <a href={listHref(base, { ...state, begins: '' })}>Show all</a>}
    </p>
    {cut && (
      <div class="chips">
        {initialCharacters.map((character) => (
          <a href={listHref(base, { ...state, begins: state.begins + character })}>
            {state.begins}
            {character}
          </a>
        ))}
      </div>
    )}
  </nav>
);

const PeopleTable: FC<PeopleListProps & { base: string }> = (props) => {
  const { mail, domain, kind, state, found, base } = props;
  const sortHref = (sort: string, descending: boolean): string => listHref(base, { ...state, sort: sort as SortKey, descending });
  const sorting = { current: state.sort, descending: state.descending, href: sortHref };
  const mayAppoint = may(mail, domain, 'editPostmasters');
  return (
    <table class="list">
      <caption class="sr">{kind === 'account' ? 'Accounts' : 'Aliases'}</caption>
      <thead>
        <tr>
          <th class="pick">
            <span class="sr">Select</span>
          </th>
          <SortHead text="Address" sort="address" {...sorting} />
          {kind === 'account' ? <SortHead text="Name" sort="name" {...sorting} /> : <th scope="col">Delivers to</th>}
          {kind === 'account' && <th scope="col">Quota</th>}
          <th scope="col">Active</th>
          {kind === 'account' && mayAppoint && <th scope="col">Postmaster</th>}
          <SortHead text="Changed" sort="changed" {...sorting} />
        </tr>
      </thead>
      <tbody>
        {found.people.map((person) => (
          <PersonRow {...props} person={person} mayAppoint={mayAppoint} />
        ))}
      </tbody>
    </table>
  );
};

const PersonRow: FC<PeopleListProps & { person: Person; mayAppoint: boolean }> = ({
  mail,
  domain,
  person,
  postmasters,
  mayAppoint,
  token,
  back,
}) => {
  const { address } = person;
  const path = (rest = ''): string => personPath(domain.name, person.kind, address, rest);
  const isPostmaster = postmasters.has(normalizedDn(person.dn));
  const own = sameDn(person.dn, mail.actor.dn);
  const deleted = person.kind === 'account' && person.deleted;
  const isFixed =
    deleted || own || (!domain.active && !person.active) || (person.kind === 'alias' && !may(mail, domain, 'editAliases'));
  return (
    <tr class={person.active ? '' : 'off'}>
      <td class="pick">
        {!own && <input type="checkbox" name="address" value={address} form="bulk" aria-label={`Select ${address}`} />}
      </td>
      <th scope="row" data-label="Address">
        <a href={path()}>
          {person.kind === 'alias' && isCatchAll(person) ? `${displayAddress(address)} (catch-all)` : displayAddress(address)}
        </a>{' '}
        {deleted && <Badge kind="bad">deleted</Badge>}
        {!isFixed && !person.active && <Badge kind="off">{useTexts().person.inactiveBadge}</Badge>}
        {person.kind === 'account' && isPostmaster && !mayAppoint && <Badge kind="info">postmaster</Badge>}
        {own && <Badge kind="info">you</Badge>}
        {person.kind === 'alias' && person.name !== '' && !person.isPostmasterGroup && <span class="under">{person.name}</span>}
      </th>
      {person.kind === 'account' ? (
        <>
          <td data-label="Name">{person.name === '' ? <span class="muted nothing">–</span> : person.name}</td>
          <td data-label="Quota">
            {person.quota === '' ? <span class="muted nothing">no limit</span> : displayQuota(person.quota)}
          </td>
        </>
      ) : (
        <td data-label="Delivers to" class="destinations">
          {person.destinations.slice(0, 3).map((destination) => (
            <span>{displayAddress(destination)}</span>
          ))}
          {person.destinations.length > 3 && <span class="muted">and {person.destinations.length - 3} more</span>}
        </td>
      )}
      <td data-label="Active">
        {isFixed ? (
          <Badge kind={person.active ? 'good' : 'off'}>
            {person.active ? 'active' : person.waitsForDomain ? 'with its domain' : 'inactive'}
          </Badge>
        ) : (
          <Switch
            action={path('/active')}
            token={token}
            back={back}
            name="active"
            on={person.active}
            label={`Active: ${address}`}
          />
        )}
      </td>
      {person.kind === 'account' && mayAppoint && (
        <td data-label="Postmaster">
          {deleted || own ? (
            <Badge kind={isPostmaster ? 'info' : 'off'}>{isPostmaster ? 'yes' : 'no'}</Badge>
          ) : (
            <Switch
              action={path('/postmaster')}
              token={token}
              back={back}
              name="postmaster"
              on={isPostmaster}
              label={`Postmaster: ${address}`}
            />
          )}
        </td>
      )}
      <td data-label="Changed">
        <When at={person.lastChange} />
      </td>
    </tr>
  );
};

const PeopleActions: FC<PeopleListProps> = ({ mail, domain, kind, state, token, back }) => {
  const mayEdit = may(mail, domain, kind === 'account' ? 'editAccounts' : 'editAliases');
  const action = domainPath(domain.name, kind === 'account' ? '/accounts/bulk' : '/aliases/bulk');
  if (state.status !== 'deleted') {
    const actions: BulkAction[] = ['activate', 'deactivate', ...(mayEdit ? (['delete'] as const) : [])];
    return <BulkBar action={action} token={token} back={back} actions={actions} />;
  }
  return mayEdit ? <BulkBar action={action} token={token} back={back} actions={['restore', 'purge']} /> : null;
};
