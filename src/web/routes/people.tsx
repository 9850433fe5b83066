/** The lists of a domain's accounts and of its aliases, and what is done to several of them at once. */
import type { Hono } from 'hono';
import type { FC } from 'hono/jsx';
import { displayAddress, isReserved, splitAddress } from '../../mail/address.js';
import { deleteAccount, purgeAccount, restoreAccount, setActive } from '../../mail/accounts.js';
import { deleteAlias, isCatchAll } from '../../mail/aliases.js';
import { getOwnDomain, may, type Domain } from '../../mail/domains.js';
import { getPerson, listPeople, type PeoplePage, type Person, type SortKey, type Status } from '../../mail/entries.js';
import { isMailError, invalid } from '../../mail/errors.js';
import { normalizedDn, sameDn } from '../../mail/names.js';
import type { MailContext } from '../../mail/context.js';
import { postmasterNames } from '../../mail/postmasters.js';
import { displayQuota } from '../../mail/quota.js';
import { domainPath, mailOf, param, pathOf, personPath, type Environment, type WebContext } from '../environment.js';
import { listLimits } from '../limits.js';
import { askFirst, goBack, oneOf, requireChoice } from '../respond.js';
import { Badge, Field, Pager, SortHead, Switch, Token, When } from '../view/components.js';
import { page } from '../view/layout.js';
import { DomainHead, domainCrumbs } from './domain-head.js';

type Kind = 'account' | 'alias';
const statuses = ['current', 'active', 'inactive', 'deleted'] as const;
const sorts = ['address', 'name', 'changed'] as const;
const bulkActions = ['activate', 'deactivate', 'delete', 'restore', 'purge'] as const;

export function addPeopleRoutes(app: Hono<Environment>): void {
  app.get('/domains/:domain', (context) => showPeople(context, 'account'));
  app.get('/domains/:domain/aliases', (context) => showPeople(context, 'alias'));
  app.post('/domains/:domain/accounts/bulk', (context) => bulk(context, 'account'));
  app.post('/domains/:domain/aliases/bulk', (context) => bulk(context, 'alias'));
}

interface ListState {
  readonly text: string;
  readonly status: Status;
  readonly begins: string;
  readonly sort: SortKey;
  readonly descending: boolean;
}

function listHref(base: string, state: ListState, page = 1): string {
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

async function showPeople(context: WebContext, kind: Kind): Promise<Response> {
  const mail = mailOf(context);
  const query = context.req.query();
  const state: ListState = {
    text: (query['q'] ?? '').slice(0, listLimits.searchText),
    status: oneOf(query['status'], statuses) ?? 'current',
    begins: (query['begins'] ?? '').slice(0, listLimits.initials).toLowerCase(),
    sort: oneOf(query['sort'], sorts) ?? 'address',
    descending: query['dir'] === 'desc',
  };
  const domain = await getOwnDomain(mail, param(context, 'domain'));
  const [found, postmasters] = await Promise.all([
    listPeople(mail, domain.name, { kind, ...state, page: Number(query['page']) || 1 }),
    postmasterNames(mail, domain.name),
  ]);
  const props = { mail, domain, kind, state, found, postmasters, token: context.get('session').token, back: pathOf(context) };
  return page(context, {
    title: `${kind === 'account' ? 'Accounts' : 'Aliases'} of ${domain.name}`,
    crumbs: domainCrumbs(mail, domain),
    children: (
      <>
        <DomainHead mail={mail} domain={domain} tab={kind === 'account' ? 'accounts' : 'aliases'} />
        <PeopleList {...props} />
      </>
    ),
  });
}

interface PeopleListProps {
  readonly mail: MailContext;
  readonly domain: Domain;
  readonly kind: Kind;
  readonly state: ListState;
  readonly found: PeoplePage;
  readonly postmasters: ReadonlySet<string>;
  readonly token: string;
  readonly back: string;
}

const PeopleList: FC<PeopleListProps> = (props) => {
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
          <div class="field">
            <label for="status">Show</label>
            <select id="status" name="status">
              <Choice value="current" text={kind === 'account' ? 'All but deleted' : 'All'} current={state.status} />
              <Choice value="active" text="Active" current={state.status} />
              <Choice value="inactive" text="Inactive" current={state.status} />
              {kind === 'account' && <Choice value="deleted" text="Deleted" current={state.status} />}
            </select>
          </div>
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
        {found.people.length > 0 && <BulkBar {...props} />}
        <Pager
          page={found.page}
          pages={found.pages}
          total={found.total}
          what={kind === 'account' ? (found.total === 1 ? 'account' : 'accounts') : found.total === 1 ? 'alias' : 'aliases'}
          href={(number) => listHref(base, state, number)}
          cut={found.cut}
        />
      </div>
    </>
  );
};

const Choice: FC<{ value: string; text: string; current: string }> = ({ value, text, current }) => (
  <option value={value} selected={value === current}>
    {text}
  </option>
);

function emptyText({ kind, state }: PeopleListProps): string {
  if (state.text !== '' || state.status !== 'current' || state.begins !== '')
    return `No ${kind} matches. Try fewer letters, or show others.`;
  return kind === 'account' ? 'There is no account yet. Add the first one.' : 'There is no alias yet. Add the first one.';
}

const initialCharacters = [...'abcdefghijklmnopqrstuvwxyz0123456789'];

/** Where the directory does not show everything at once: a way to all of it, by how addresses begin. */
const Initials: FC<{ base: string; state: ListState; cut: boolean }> = ({ base, state, cut }) => (
  <nav class="initials" aria-label="Addresses that begin with">
    <p class="muted">
      {cut
        ? 'The directory shows only a part at once. Search, or choose how the address begins:'
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
            <span class="sr">Choose</span>
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
  return (
    <tr class={person.active ? '' : 'off'}>
      <td class="pick">
        {!own && <input type="checkbox" name="address" value={address} form="bulk" aria-label={`Choose ${address}`} />}
      </td>
      <th scope="row" data-label="Address">
        <a href={path()}>
          {person.kind === 'alias' && isCatchAll(person) ? `${displayAddress(address)} (catch-all)` : displayAddress(address)}
        </a>{' '}
        {deleted && <Badge kind="bad">deleted</Badge>}
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
        {deleted ||
        own ||
        (!domain.active && !person.active) ||
        (person.kind === 'alias' && !may(mail, domain, 'editAliases')) ? (
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

const BulkBar: FC<PeopleListProps> = ({ mail, domain, kind, state, token, back }) => {
  const mayEdit = may(mail, domain, kind === 'account' ? 'editAccounts' : 'editAliases');
  const deleted = state.status === 'deleted';
  const actions = deleted ? ['restore', 'purge'] : ['activate', 'deactivate', ...(mayEdit ? ['delete'] : [])];
  if (deleted && !mayEdit) return null;
  return (
    <form
      method="post"
      action={domainPath(domain.name, kind === 'account' ? '/accounts/bulk' : '/aliases/bulk')}
      id="bulk"
      class="bulk"
    >
      <Token token={token} />
      <input type="hidden" name="back" value={back} />
      <label for="bulk-action">With the chosen ones</label>
      <select id="bulk-action" name="action">
        {actions.map((action) => (
          <option value={action}>{action}</option>
        ))}
      </select>
      <button class="quiet">Apply</button>
    </form>
  );
};

async function bulk(context: WebContext, kind: Kind): Promise<Response> {
  const mail = mailOf(context);
  const session = context.get('session');
  const form = context.get('form');
  const domain = await getOwnDomain(mail, param(context, 'domain'));
  const list = domainPath(domain.name, kind === 'account' ? '' : '/aliases');
  const action = requireChoice(form.text('action'), bulkActions);
  const addresses = form.all('address');
  const what = (count: number): string =>
    `${count} ${kind === 'account' ? (count === 1 ? 'account' : 'accounts') : count === 1 ? 'alias' : 'aliases'}`;
  if (addresses.length === 0) {
    session.say('failed', 'Choose one or more of them first, with the boxes on the left.');
    return goBack(context, list);
  }
  if (addresses.length > listLimits.bulk) throw invalid('address', `Choose ${listLimits.bulk} at most.`);
  if (action === 'delete' || action === 'purge') {
    const question = await askFirst(context, {
      title: `${action === 'delete' ? 'Delete' : 'Purge'} ${what(addresses.length)}?`,
      text:
        action === 'purge' || kind === 'alias'
          ? 'They go for good, and mail to them is refused.'
          : 'Mail to them is refused and they cannot log in. They can be restored until they are purged.',
      button: action === 'delete' ? 'Delete' : 'Purge for good',
      cancel: list,
    });
    if (question) return question;
  }
  let done = 0;
  for (const address of addresses) {
    try {
      await bulkStep(mail, domain, address, action);
      done += 1;
    } catch (error) {
      if (!isMailError(error, 'conflict', 'not-found', 'denied')) throw error;
      session.say('failed', `${address}: ${error.message}`);
    }
  }
  const words = {
    activate: 'activated',
    deactivate: 'deactivated',
    delete: 'deleted',
    restore: 'restored',
    purge: 'purged',
  } as const;
  return goBack(context, list, `${what(done)} ${words[action]}.`);
}

async function bulkStep(mail: MailContext, domain: Domain, address: string, action: (typeof bulkActions)[number]): Promise<void> {
  switch (action) {
    case 'activate':
    case 'deactivate':
      return setActive(mail, domain, await getPerson(mail, domain.name, address), action === 'activate');
    case 'delete': {
      const person = await getPerson(mail, domain.name, address);
      return person.kind === 'account' ? deleteAccount(mail, domain, address) : deleteAlias(mail, domain, address);
    }
    case 'restore':
      return restoreAccount(mail, domain, address);
    case 'purge':
      return purgeAccount(mail, domain, address);
  }
}

export function isReservedPerson(person: Person): boolean {
  return isReserved(splitAddress(person.address)[0]);
}
