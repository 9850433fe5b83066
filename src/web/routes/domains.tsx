/** What is done with domains: listing, making, switching, deleting, and the settings of one. */
import type { Hono } from 'hono';
import { displayDomain } from '../../mail/address.js';
import { aliasDomainsOf, createAliasDomain, pointAliasDomain } from '../../mail/alias-domains.js';
import { requireSiteAdmin } from '../../mail/context.js';
import { setLimits } from '../../mail/domain-room.js';
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
} from '../../mail/domains.js';
import { domainParam, domainPath, mailOf, pathOf, type Environment, type WebContext } from '../environment.js';
import { formState, type FailedForm } from '../form-state.js';
import { listLimits } from '../limits.js';
import { deletionText, DomainSettingsPage, NewDomainPage, purgeText } from '../pages/domain.js';
import { DomainList, domainSorts, domainStatuses, type DomainListState } from '../pages/domain-list.js';
import type { Question } from '../pages/notices.js';
import { actAndGoBack, askFirst, goTo, oneOf, orShowAgain, requireChoice, statusOf } from '../respond.js';
import { DomainHead } from '../view/domain-head.js';
import { page } from '../view/layout.js';
import { plural, runBulk, type BulkAction } from './bulk.js';

export function addDomainRoutes(app: Hono<Environment>): void {
  app.get('/domains', showDomains);
  app.get('/domains/new', (context) => showNewDomain(context));
  app.post('/domains/new', makeDomain);
  app.post('/domains/bulk', bulk);
  app.get('/domains/:domain/settings', (context) => showSettings(context));
  app.post('/domains/:domain/settings', saveSettings);
  app.post('/domains/:domain/limits', saveLimits);
  app.post('/domains/:domain/alias-of', saveAliasOf);
  app.post('/domains/:domain/flags', setFlag);
  app.post('/domains/:domain/active', switchDomain);
  for (const action of ['delete', 'restore', 'purge'] as const) {
    app.post(`/domains/:domain/${action}`, (context) => changeDomain(context, action));
  }
}

async function showDomains(context: WebContext): Promise<Response> {
  const mail = mailOf(context);
  const query = context.req.query();
  const state: DomainListState = {
    text: (query['q'] ?? '').slice(0, listLimits.searchText),
    status: oneOf(query['status'], domainStatuses) ?? 'current',
    sort: oneOf(query['sort'], domainSorts) ?? 'name',
    descending: query['dir'] === 'desc',
  };
  const found = await listDomains(mail, { ...state, page: Number(query['page']) || 1 });
  const counts = new Map(
    await Promise.all(found.domains.map(async ({ name }) => [name, await countDomain(mail, name)] as const)),
  );
  const isSite = mail.actor.level === 'site';
  const props = { state, found, counts, isSite, token: context.get('session').token, back: pathOf(context) };
  return page(context, { title: 'Domains', children: <DomainList {...props} /> });
}

async function showNewDomain(context: WebContext, failed?: FailedForm): Promise<Response> {
  const mail = mailOf(context);
  requireSiteAdmin(mail);
  const children = <NewDomainPage forms={formState(context, failed)} passwordLengthMin={mail.settings.passwordLengthMin} />;
  const crumbs = [{ text: 'Domains', href: '/domains' }, { text: 'Add a domain' }];
  return page(context, { title: 'Add a domain', narrow: true, crumbs, children }, statusOf(failed?.error));
}

function makeDomain(context: WebContext): Promise<Response> {
  const form = context.get('form');
  return orShowAgain(
    async () => {
      const aliasOf = form.text('aliasOf');
      if (aliasOf !== '') {
        const { name } = await createAliasDomain(mailOf(context), form.text('domain'), aliasOf);
        return goTo(context, domainPath(name, '/settings'), `Added ${displayDomain(name)}, another name of ${aliasOf}.`);
      }
      const { name } = await createDomain(mailOf(context), {
        domain: form.text('domain'),
        destinations: form.text('destinations'),
        password: form.text('password'),
        repeat: form.text('repeat'),
      });
      return goTo(context, domainPath(name), `Added ${displayDomain(name)} with postmaster and abuse. Add its accounts next.`);
    },
    (error) => showNewDomain(context, { name: 'new', error }),
  );
}

function setFlag(context: WebContext): Promise<Response> {
  const domain = domainParam(context);
  const form = context.get('form');
  const flags = ['editAccounts', 'editPostmasters'] as const;
  return actAndGoBack(context, '/domains', async () => {
    const capability = requireChoice(flags.find((name) => form.has(name)) ?? '', flags);
    const on = form.text(capability) === 'on';
    await setCapability(mailOf(context), domain, capability, on);
    const what = capability === 'editAccounts' ? 'add and remove accounts' : 'appoint postmasters';
    return `The postmasters of ${displayDomain(domain)} ${on ? 'may' : 'may no longer'} ${what}.`;
  });
}

async function switchDomain(context: WebContext): Promise<Response> {
  const action = context.get('form').text('active') === 'on' ? 'activate' : 'deactivate';
  return changeDomain(context, action);
}

async function changeDomain(context: WebContext, action: BulkAction): Promise<Response> {
  const domain = domainParam(context);
  const isListed = action === 'activate' || action === 'deactivate';
  const list = isListed ? '/domains' : domainPath(domain, '/settings');
  const question = questionFor(action, displayDomain(domain));
  const asked = question && (await askFirst(context, { ...question, cancel: list }));
  if (asked) return asked;
  return actAndGoBack(context, action === 'purge' ? '/domains' : list, () => step(context, action, domain));
}

/** Undefined for what takes nothing away. */
function questionFor(action: BulkAction, what: string): Omit<Question, 'cancel'> | undefined {
  switch (action) {
    case 'delete':
      return { title: `Delete ${what}?`, text: deletionText, button: 'Delete' };
    case 'purge':
      return { title: `Purge ${what}?`, text: purgeText, button: 'Purge permanently' };
    case 'deactivate':
      return {
        title: `Deactivate ${what}?`,
        text: 'Mail is refused and nobody can log in until it is active again. Whoever is active now will be active then.',
        button: 'Deactivate',
      };
    default:
      return undefined;
  }
}

async function step(context: WebContext, action: BulkAction, domain: string): Promise<string> {
  const mail = mailOf(context);
  const name = displayDomain(domain);
  const addresses = (count: number): string => plural(count, 'address', 'addresses');
  switch (action) {
    case 'activate':
      return `${name} is active again, with ${addresses(await activateDomain(mail, domain))}.`;
    case 'deactivate':
      return `${name} is now inactive, with ${addresses(await deactivateDomain(mail, domain))}.`;
    case 'delete':
      await deleteDomain(mail, domain);
      return `${name} is deleted. You can restore it until it is purged.`;
    case 'restore':
      await restoreDomain(mail, domain);
      return `${name} is restored and active.`;
    case 'purge':
      return `${name} is purged, with ${plural((await purgeDomain(mail, domain)) - 1, 'entry', 'entries')}.`;
  }
}

function bulk(context: WebContext): Promise<Response> {
  requireSiteAdmin(mailOf(context));
  return runBulk(context, {
    field: 'domain',
    one: 'domain',
    many: 'domains',
    list: '/domains',
    question: questionFor,
    step: (action, domain) => step(context, action, domain),
  });
}

async function showSettings(context: WebContext, failed?: FailedForm): Promise<Response> {
  const mail = mailOf(context);
  requireSiteAdmin(mail);
  const domain = await getOwnDomain(mail, domainParam(context));
  const others = await aliasDomainsOf(mail, domain.name);
  const name = displayDomain(domain.name);
  const crumbs = [{ text: 'Domains', href: '/domains' }, { text: name, href: domainPath(domain.name) }, { text: 'Settings' }];
  const children = (
    <>
      <DomainHead mail={mail} domain={domain} tab="settings" />
      <DomainSettingsPage domain={domain} others={others} forms={formState(context, failed)} />
    </>
  );
  return page(context, { title: `Settings of ${name}`, crumbs, children }, statusOf(failed?.error));
}

function saveLimits(context: WebContext): Promise<Response> {
  const form = context.get('form');
  return orShowAgain(
    async () => {
      const domain = await getOwnDomain(mailOf(context), domainParam(context));
      await setLimits(mailOf(context), domain, {
        accounts: form.text('accounts'),
        aliases: form.text('aliases'),
        quotaSum: form.text('quotaSum'),
        defaultQuota: form.text('defaultQuota'),
      });
      return goTo(context, domainPath(domain.name, '/settings'), 'The limits are saved.');
    },
    (error) => showSettings(context, { name: 'limits', error }),
  );
}

function saveAliasOf(context: WebContext): Promise<Response> {
  return orShowAgain(
    async () => {
      const domain = await getOwnDomain(mailOf(context), domainParam(context));
      const { aliasOf } = await pointAliasDomain(mailOf(context), domain, context.get('form').text('aliasOf'));
      return goTo(context, domainPath(domain.name, '/settings'), `It is another name of ${displayDomain(aliasOf ?? '')} now.`);
    },
    (error) => showSettings(context, { name: 'alias-of', error }),
  );
}

function saveSettings(context: WebContext): Promise<Response> {
  const domain = domainParam(context);
  const form = context.get('form');
  return orShowAgain(
    async () => {
      await describeDomain(mailOf(context), domain, { description: form.text('description'), transport: form.text('transport') });
      return goTo(context, domainPath(domain, '/settings'), 'Saved.');
    },
    (error) => showSettings(context, { name: 'settings', error }),
  );
}
