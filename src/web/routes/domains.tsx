/** The site admin's pages: the list of domains, a new one, and a domain's own settings. */
import type { Hono } from 'hono';
import type { FC } from 'hono/jsx';
import { displayDomain } from '../../mail/address.js';
import {
  activateDomain,
  countDomain,
  createDomain,
  deactivateDomain,
  deleteDomain,
  describeDomain,
  getOwnDomain,
  listDomains,
  purgeDomain,
  restoreDomain,
  setCapability,
  type Capability,
  type Domain,
  type DomainCounts,
  type DomainPage,
} from '../../mail/domains.js';
import { requireSiteAdmin } from '../../mail/context.js';
import { isMailError, invalid, type MailError } from '../../mail/errors.js';
import { domainPath, mailOf, param, pathOf, sentForm, type Environment, type WebContext } from '../environment.js';
import { listLimits } from '../limits.js';
import { actAndGoBack, askFirst, goBack, goTo, oneOf, orShowAgain, requireChoice, statusOf } from '../respond.js';
import { Action, Badge, Field, FormError, Pager, PasswordFields, SortHead, Switch, Token, When } from '../view/components.js';
import { page } from '../view/layout.js';
import { DomainHead } from './domain-head.js';

const statuses = ['current', 'active', 'inactive', 'deleted'] as const;
const sorts = ['name', 'changed'] as const;
const bulkActions = ['activate', 'deactivate', 'delete', 'restore', 'purge'] as const;
type BulkAction = (typeof bulkActions)[number];

export function addDomainRoutes(app: Hono<Environment>): void {
  app.get('/domains', showDomains);
  app.get('/domains/new', (context) => {
    requireSiteAdmin(mailOf(context));
    return showNewDomain(context);
  });
  app.post('/domains/new', makeDomain);
  app.post('/domains/bulk', bulk);
  app.get('/domains/:domain/settings', (context) => showSettings(context));
  app.post('/domains/:domain/settings', saveSettings);
  app.post('/domains/:domain/flags', setFlag);
  app.post('/domains/:domain/active', switchDomain);
  for (const action of ['delete', 'restore', 'purge'] as const) {
    app.post(`/domains/:domain/${action}`, (context) => changeDomain(context, action));
  }
}

interface ListState {
  readonly text: string;
  readonly status: (typeof statuses)[number];
  readonly sort: (typeof sorts)[number];
  readonly descending: boolean;
}

function listHref(state: ListState, page: number): string {
  const query = new URLSearchParams();
  if (state.text !== '') query.set('q', state.text);
  if (state.status !== 'current') query.set('status', state.status);
  if (state.sort !== 'name') query.set('sort', state.sort);
  if (state.descending) query.set('dir', 'desc');
  if (page > 1) query.set('page', String(page));
  const text = query.toString();
  return text === '' ? '/domains' : `/domains?${text}`;
}

async function showDomains(context: WebContext): Promise<Response> {
  const mail = mailOf(context);
  const query = context.req.query();
  const state: ListState = {
    text: (query['q'] ?? '').slice(0, listLimits.searchText),
    status: oneOf(query['status'], statuses) ?? 'current',
    sort: oneOf(query['sort'], sorts) ?? 'name',
    descending: query['dir'] === 'desc',
  };
  const found = await listDomains(mail, { ...state, page: Number(query['page']) || 1 });
  const counts = new Map(
    await Promise.all(found.domains.map(async ({ name }) => [name, await countDomain(mail, name)] as const)),
  );
  return page(context, {
    title: 'Domains',
    children: (
      <DomainList
        state={state}
        found={found}
        counts={counts}
        token={context.get('session').token}
        isSite={mail.actor.level === 'site'}
        back={pathOf(context)}
      />
    ),
  });
}

interface DomainListProps {
  readonly state: ListState;
  readonly found: DomainPage;
  readonly counts: ReadonlyMap<string, DomainCounts>;
  readonly token: string;
  readonly isSite: boolean;
  readonly back: string;
}

const DomainList: FC<DomainListProps> = ({ state, found, counts, token, isSite, back }) => (
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
      <div class="field">
        <label for="status">Show</label>
        <select id="status" name="status">
          <option value="current" selected={state.status === 'current'}>
            All but deleted
          </option>
          <option value="active" selected={state.status === 'active'}>
            Active
          </option>
          <option value="inactive" selected={state.status === 'inactive'}>
            Inactive
          </option>
          <option value="deleted" selected={state.status === 'deleted'}>
            Deleted
          </option>
        </select>
      </div>
      <button class="quiet">Search</button>
    </form>
    <div id="results">
      {found.domains.length === 0 ? (
        <p class="empty">
          {state.text === '' && state.status === 'current'
            ? 'There is no domain yet. Add the first one.'
            : 'No domain matches. Try fewer letters, or show others.'}
        </p>
      ) : (
        <table class="list">
          <caption class="sr">Domains</caption>
          <thead>
            <tr>
              {isSite && (
                <th class="pick">
                  <span class="sr">Choose</span>
                </th>
              )}
              <SortHead
                text="Domain"
                sort="name"
                current={state.sort}
                descending={state.descending}
                href={(sort, descending) => listHref({ ...state, sort: sort as 'name', descending }, 1)}
              />
              <th scope="col" class="number">
                Accounts
              </th>
              <th scope="col" class="number">
                Aliases
              </th>
              {isSite && <th scope="col">Edit accounts</th>}
              {isSite && <th scope="col">Appoint postmasters</th>}
              <th scope="col">Active</th>
              <SortHead
                text="Changed"
                sort="changed"
                current={state.sort}
                descending={state.descending}
                href={(sort, descending) => listHref({ ...state, sort: sort as 'changed', descending }, 1)}
              />
            </tr>
          </thead>
          <tbody>
            {found.domains.map((domain) => (
              <DomainRow domain={domain} counts={counts.get(domain.name)} token={token} isSite={isSite} back={back} />
            ))}
          </tbody>
        </table>
      )}
      {isSite && found.domains.length > 0 && <BulkBar token={token} back={back} status={state.status} />}
      <Pager
        page={found.page}
        pages={found.pages}
        total={found.total}
        what={found.total === 1 ? 'domain' : 'domains'}
        href={(page) => listHref(state, page)}
        cut={found.cut}
      />
    </div>
  </>
);

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
    <tr>
      {isSite && (
        <td class="pick">
          <input type="checkbox" name="domain" value={domain.name} form="bulk" aria-label={`Choose ${domain.name}`} />
        </td>
      )}
      <th scope="row" data-label="Domain">
        <a href={domainPath(domain.name)}>{displayDomain(domain.name)}</a> {domain.deleted && <Badge kind="bad">deleted</Badge>}
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
            confirm={`Deactivate ${domain.name}? Mail to all its addresses is refused until it is active again.`}
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

const BulkBar: FC<{ token: string; back: string; status: string }> = ({ token, back, status }) => (
  <form method="post" action="/domains/bulk" id="bulk" class="bulk">
    <Token token={token} />
    <input type="hidden" name="back" value={back} />
    <label for="bulk-action">With the chosen ones</label>
    <select id="bulk-action" name="action">
      {(status === 'deleted' ? (['restore', 'purge'] as const) : (['activate', 'deactivate', 'delete'] as const)).map(
        (action) => (
          <option value={action}>{action}</option>
        ),
      )}
    </select>
    <button class="quiet">Apply</button>
  </form>
);

async function showNewDomain(context: WebContext, error?: MailError): Promise<Response> {
  const form = sentForm(context);
  const { settings } = mailOf(context);
  return page(
    context,
    {
      title: 'Add a domain',
      narrow: true,
      crumbs: [{ text: 'Domains', href: '/domains' }, { text: 'Add a domain' }],
      children: (
        <section class="card">
          <h1>Add a domain</h1>
          <p>It comes with its postmaster and its abuse address, which every mail domain must answer.</p>
          <FormError error={error} />
          <form method="post" action="/domains/new" class="stack">
            <Token token={context.get('session').token} />
            <Field
              name="domain"
              label="Domain name"
              value={form?.text('domain')}
              required
              error={error}
              placeholder="example.com"
              autofocus
              hint="Letters of any script are fine: bücher.example becomes xn--bcher-kva.example."
            />
            <Field
              name="destinations"
              label="Mail for postmaster goes to"
              value={form?.text('destinations')}
              error={error}
              rows={2}
              hint="One or more addresses. Left empty, this machine’s own postmaster gets it."
            />
            <fieldset>
              <legend>Password of the postmaster</legend>
              <p class="hint">
                With one, postmaster@ the domain can log in here at once and administer it. You may also appoint people later.
              </p>
              <PasswordFields error={error} lengthMin={settings.passwordLengthMin} required={false} />
            </fieldset>
            <div class="buttons">
              <button class="primary">Add the domain</button>
              <a class="button quiet" href="/domains">
                Cancel
              </a>
            </div>
          </form>
        </section>
      ),
    },
    statusOf(error),
  );
}

function makeDomain(context: WebContext): Promise<Response> {
  const form = context.get('form');
  return orShowAgain(
    async () => {
      const domain = await createDomain(mailOf(context), {
        domain: form.text('domain'),
        destinations: form.text('destinations'),
        password: form.text('password'),
        repeat: form.text('repeat'),
      });
      return goTo(
        context,
        domainPath(domain.name),
        `${displayDomain(domain.name)} is there, with postmaster and abuse. Add its accounts next.`,
      );
    },
    (error) => showNewDomain(context, error),
  );
}

function setFlag(context: WebContext): Promise<Response> {
  const domain = param(context, 'domain');
  const form = context.get('form');
  return actAndGoBack(context, '/domains', async () => {
    const capability = requireChoice(['editAccounts', 'editPostmasters'].find((name) => form.has(name)) ?? '', [
      'editAccounts',
      'editPostmasters',
    ] as const);
    const on = form.text(capability) === 'on';
    await setCapability(mailOf(context), domain, capability, on);
    const what = capability === 'editAccounts' ? 'add and remove accounts' : 'appoint postmasters';
    return `The postmasters of ${displayDomain(domain)} ${on ? 'may' : 'may no longer'} ${what}.`;
  });
}

async function switchDomain(context: WebContext): Promise<Response> {
  const domain = param(context, 'domain');
  const on = context.get('form').text('active') === 'on';
  if (!on) {
    const question = await askFirst(context, {
      title: `Deactivate ${displayDomain(domain)}?`,
      text: 'Mail to all its addresses is refused and nobody in it can log in, until it is active again. Who is active now will be active then.',
      button: 'Deactivate it',
      cancel: '/domains',
    });
    if (question) return question;
  }
  return actAndGoBack(context, '/domains', () => bulkStep(context, on ? 'activate' : 'deactivate', domain));
}

async function changeDomain(context: WebContext, action: 'delete' | 'restore' | 'purge'): Promise<Response> {
  const domain = param(context, 'domain');
  if (action !== 'restore') {
    const question = await askFirst(context, bulkQuestion(action, displayDomain(domain), domainPath(domain, '/settings')));
    if (question) return question;
  }
  return actAndGoBack(context, action === 'purge' ? '/domains' : domainPath(domain, '/settings'), () =>
    bulkStep(context, action, domain),
  );
}

function bulkQuestion(
  action: BulkAction,
  what: string,
  cancel: string,
): { title: string; text: string; button: string; cancel: string } {
  switch (action) {
    case 'delete':
      return {
        title: `Delete ${what}?`,
        text: 'No mail is taken and nobody can log in there any more. It can be restored, with all that is in it, until it is purged.',
        button: 'Delete',
        cancel,
      };
    case 'purge':
      return {
        title: `Purge ${what}?`,
        text: 'All accounts and aliases in it go for good. Mail that lies on the disk stays there: run “jammd clean” instead to archive and remove both.',
        button: 'Purge for good',
        cancel,
      };
    default:
      return {
        title: `Deactivate ${what}?`,
        text: 'Mail is refused until it is active again. Who is active now will be active then.',
        button: 'Deactivate',
        cancel,
      };
  }
}

async function bulkStep(context: WebContext, action: BulkAction, domain: string): Promise<string> {
  const mail = mailOf(context);
  const name = displayDomain(domain);
  switch (action) {
    case 'activate':
      return `${name} is active again, and so are ${plural(await activateDomain(mail, domain), 'address', 'addresses')} in it.`;
    case 'deactivate':
      return `${name} is inactive now, and so are ${plural(await deactivateDomain(mail, domain), 'address', 'addresses')} in it.`;
    case 'delete':
      await deleteDomain(mail, domain);
      return `${name} is deleted. It can be restored until it is purged.`;
    case 'restore':
      await restoreDomain(mail, domain);
      return `${name} is back, and active.`;
    case 'purge':
      return `${name} is gone for good, with ${plural((await purgeDomain(mail, domain)) - 1, 'entry', 'entries')} in it.`;
  }
}

function plural(count: number, one: string, many: string): string {
  return `${count.toLocaleString('en')} ${count === 1 ? one : many}`;
}

async function bulk(context: WebContext): Promise<Response> {
  const form = context.get('form');
  const session = context.get('session');
  requireSiteAdmin(session.mail);
  const action = requireChoice(form.text('action'), bulkActions);
  const domains = form.all('domain');
  if (domains.length === 0) {
    session.say('failed', 'Choose one or more domains first, with the boxes on the left.');
    return goBack(context, '/domains');
  }
  if (domains.length > listLimits.bulk) throw invalid('domain', `Choose ${listLimits.bulk} at most.`);
  if (action !== 'activate' && action !== 'restore') {
    const question = await askFirst(context, bulkQuestion(action, plural(domains.length, 'domain', 'domains'), '/domains'));
    if (question) return question;
  }
  let done = 0;
  for (const domain of domains) {
    try {
      await bulkStep(context, action, domain);
      done += 1;
    } catch (error) {
      if (!isMailError(error, 'conflict', 'not-found', 'denied')) throw error;
      session.say('failed', `${displayDomain(domain)}: ${error.message}`);
    }
  }
  const words: Readonly<Record<BulkAction, string>> = {
    activate: 'activated',
    deactivate: 'deactivated',
    delete: 'deleted',
    restore: 'restored',
    purge: 'purged',
  };
  return goBack(context, '/domains', `${plural(done, 'domain', 'domains')} ${words[action]}.`);
}

async function showSettings(context: WebContext, error?: MailError): Promise<Response> {
  const mail = mailOf(context);
  requireSiteAdmin(mail);
  const domain = await getOwnDomain(mail, param(context, 'domain'));
  const form = sentForm(context);
  const token = context.get('session').token;
  const back = domainPath(domain.name, '/settings');
  return page(
    context,
    {
      title: `Settings of ${displayDomain(domain.name)}`,
      crumbs: [
        { text: 'Domains', href: '/domains' },
        { text: displayDomain(domain.name), href: domainPath(domain.name) },
        { text: 'Settings' },
      ],
      children: (
        <>
          <DomainHead mail={mail} domain={domain} tab="settings" />
          <div class="cards">
            <section class="card">
              <h2>What its postmasters may do</h2>
              <div class="setting">
                <div>
                  <strong>Edit accounts</strong>
                  <p class="hint">Add, rename and delete accounts. Passwords and names they may always change.</p>
                </div>
                <Switch
                  action={domainPath(domain.name, '/flags')}
                  token={token}
                  back={back}
                  name="editAccounts"
                  on={domain.can.editAccounts}
                  label="Postmasters may edit accounts"
                />
              </div>
              <div class="setting">
                <div>
                  <strong>Appoint postmasters</strong>
                  <p class="hint">Give other accounts of the domain the same rights, and take them back.</p>
                </div>
                <Switch
                  action={domainPath(domain.name, '/flags')}
                  token={token}
                  back={back}
                  name="editPostmasters"
                  on={domain.can.editPostmasters}
                  label="Postmasters may appoint postmasters"
                />
              </div>
              {!domain.deleted && (
                <div class="setting">
                  <div>
                    <strong>Domain is active</strong>
                    <p class="hint">Off, mail to it is refused and nobody in it can log in.</p>
                  </div>
                  <Switch
                    action={domainPath(domain.name, '/active')}
                    token={token}
                    back={back}
                    name="active"
                    on={domain.active}
                    label="Domain is active"
                    confirm={`Deactivate ${domain.name}? Mail to all its addresses is refused until it is active again.`}
                  />
                </div>
              )}
            </section>
            <section class="card">
              <h2>Description and delivery</h2>
              <FormError error={error} />
              <form method="post" action={back} class="stack">
                <Token token={token} />
                <Field
                  name="description"
                  label="Description"
                  value={form?.text('description') ?? domain.description}
                  hint="For you; customers see it too."
                  error={error}
                />
                <Field
                  name="transport"
                  label="Postfix transport"
                  value={form?.text('transport') ?? domain.transport}
                  required
                  hint="virtual: delivers into this site’s mail folders."
                  error={error}
                />
                <div class="buttons">
                  <button class="primary">Save</button>
                </div>
              </form>
            </section>
            <section class="card danger-zone">
              <h2>{domain.deleted ? 'Restore or purge' : 'Delete'}</h2>
              {domain.deleted ? (
                <>
                  <p>This domain is deleted: no mail is taken, nobody can log in.</p>
                  <div class="buttons">
                    <Action
                      action={domainPath(domain.name, '/restore')}
                      token={token}
                      back={back}
                      text="Restore it"
                      class="primary"
                    />
                    <Action
                      action={domainPath(domain.name, '/purge')}
                      token={token}
                      back="/domains"
                      text="Purge for good"
                      class="danger"
                      confirm={bulkQuestion('purge', domain.name, '').text}
                    />
                  </div>
                </>
              ) : (
                <>
                  <p>Deleting is soft: it can be undone until the domain is purged.</p>
                  <Action
                    action={domainPath(domain.name, '/delete')}
                    token={token}
                    back={back}
                    text="Delete this domain"
                    class="danger"
                    confirm={bulkQuestion('delete', domain.name, '').text}
                  />
                </>
              )}
            </section>
          </div>
        </>
      ),
    },
    statusOf(error),
  );
}

function saveSettings(context: WebContext): Promise<Response> {
  const domain = param(context, 'domain');
  const form = context.get('form');
  return orShowAgain(
    async () => {
      await describeDomain(mailOf(context), domain, { description: form.text('description'), transport: form.text('transport') });
      return goTo(context, domainPath(domain, '/settings'), 'Saved.');
    },
    (error) => showSettings(context, error),
  );
}
