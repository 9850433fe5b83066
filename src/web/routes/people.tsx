/** What is done with the lists of a domain's accounts and of its aliases. */
import type { Hono } from 'hono';
import { deleteAccount, purgeAccount, restoreAccount, setActive } from '../../mail/accounts.js';
import { deleteAlias } from '../../mail/aliases.js';
import type { MailContext } from '../../mail/context.js';
import { domainUse } from '../../mail/domain-room.js';
import { getOwnDomain, type Domain } from '../../mail/domains.js';
import { getPerson, listPeople } from '../../mail/entries.js';
import { postmasterNames } from '../../mail/postmasters.js';
import { domainParam, domainPath, mailOf, pathOf, type Environment, type WebContext } from '../environment.js';
import { listLimits } from '../limits.js';
import { RoomLine } from '../pages/domain-limits.js';
import { PeopleList, type PeopleKind, type PeopleListState } from '../pages/people-list.js';
import { oneOf } from '../respond.js';
import { DomainHead, domainCrumbs } from '../view/domain-head.js';
import { page } from '../view/layout.js';
import { runBulk, type BulkAction } from './bulk.js';

const statuses = ['current', 'active', 'inactive', 'deleted'] as const;
const sorts = ['address', 'name', 'changed'] as const;

export function addPeopleRoutes(app: Hono<Environment>): void {
  app.get('/domains/:domain', (context) => showPeople(context, 'account'));
  app.get('/domains/:domain/aliases', (context) => showPeople(context, 'alias'));
  app.post('/domains/:domain/accounts/bulk', (context) => bulk(context, 'account'));
  app.post('/domains/:domain/aliases/bulk', (context) => bulk(context, 'alias'));
}

async function showPeople(context: WebContext, kind: PeopleKind): Promise<Response> {
  const mail = mailOf(context);
  const query = context.req.query();
  const state: PeopleListState = {
    text: (query['q'] ?? '').slice(0, listLimits.searchText),
    status: oneOf(query['status'], statuses) ?? 'current',
    begins: (query['begins'] ?? '').slice(0, listLimits.initials).toLowerCase(),
    sort: oneOf(query['sort'], sorts) ?? 'address',
    descending: query['dir'] === 'desc',
  };
  const domain = await getOwnDomain(mail, domainParam(context));
  const isLimited = [domain.limits.accounts, domain.limits.aliases, domain.limits.quotaBytes].some((one) => one !== undefined);
  const [found, postmasters, use] = await Promise.all([
    listPeople(mail, domain.name, { kind, ...state, page: Number(query['page']) || 1 }),
    postmasterNames(mail, domain.name),
    isLimited ? domainUse(mail, domain.name) : undefined,
  ]);
  const props = { mail, domain, kind, state, found, postmasters, token: context.get('session').token, back: pathOf(context) };
  const title = `${kind === 'account' ? 'Accounts' : 'Aliases'} of ${domain.name}`;
  const children = (
    <>
      <DomainHead mail={mail} domain={domain} tab={kind === 'account' ? 'accounts' : 'aliases'} />
      <RoomLine domain={domain} use={use} />
      <PeopleList {...props} />
    </>
  );
  return page(context, { title, crumbs: domainCrumbs(mail, domain), children });
}

async function bulk(context: WebContext, kind: PeopleKind): Promise<Response> {
  const mail = mailOf(context);
  const domain = await getOwnDomain(mail, domainParam(context));
  const [one, many] = kind === 'account' ? ['account', 'accounts'] : ['alias', 'aliases'];
  const cannotBeUndone = 'Mail to them is refused, and this cannot be undone.';
  return runBulk(context, {
    field: 'address',
    one,
    many,
    list: domainPath(domain.name, kind === 'account' ? '' : '/aliases'),
    question: (action, what) => {
      if (action === 'purge') return { title: `Purge ${what}?`, text: cannotBeUndone, button: 'Purge permanently' };
      if (action !== 'delete') return undefined;
      const soft = 'Mail to them is refused and they cannot log in. You can restore them until they are purged.';
      return { title: `Delete ${what}?`, text: kind === 'alias' ? cannotBeUndone : soft, button: 'Delete' };
    },
    step: (action, address) => step(mail, domain, address, action),
  });
}

async function step(mail: MailContext, domain: Domain, address: string, action: BulkAction): Promise<void> {
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
