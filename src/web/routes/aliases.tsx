/** Aliases: a new one, where one delivers, and the domain's catch-all. */
import type { Hono } from 'hono';
import { displayAddress } from '../../mail/address.js';
import { requireNotReserved } from '../../mail/accounts.js';
import { changeDestinations, createAlias, deleteAlias, nameAlias, renameAlias, setCatchAll } from '../../mail/aliases.js';
import { catchAllAddress, getCatchAll } from '../../mail/catch-all.js';
import { destinationWarnings } from '../../mail/destinations.js';
import type { MailContext } from '../../mail/context.js';
import { getOwnDomain, may, requireCapability, type Domain } from '../../mail/domains.js';
import { getAlias, type Alias } from '../../mail/entries.js';
import { isMailError } from '../../mail/errors.js';
import { sameDn } from '../../mail/names.js';
import { domainParam, domainPath, mailOf, param, textsOf, type Environment, type WebContext } from '../environment.js';
import { formState, type FailedForm } from '../form-state.js';
import { AliasPage, CatchAllPage, NewAliasPage } from '../pages/alias.js';
import { goTo, orShowAgain, statusOf } from '../respond.js';
import { DomainHead, domainCrumbs } from '../view/domain-head.js';
import { page, type Crumb } from '../view/layout.js';
import { saveSenders } from './accounts.js';
import { PersonRoutes } from './person.js';

export function addAliasRoutes(app: Hono<Environment>): void {
  const routes = new PersonRoutes(app, {
    kind: 'alias',
    list: '/aliases',
    get: getAlias,
    show: showAlias,
    showNew: showNewAlias,
    make: makeAlias,
    rename,
    activeMeans: 'delivers',
    deletion,
    remove: deleteAlias,
  });
  routes.form('destinations', saveDestinations);
  routes.form('senders', saveSenders);
  routes.form('name', saveName);
  app.get('/domains/:domain/catch-all', (context) => showCatchAll(context));
  app.post('/domains/:domain/catch-all', saveCatchAll);
}

function aliasCrumbs(mail: MailContext, domain: Domain, text: string): readonly Crumb[] {
  return domainCrumbs(mail, domain, { text: 'Aliases', href: domainPath(domain.name, '/aliases') }, { text });
}

async function showNewAlias(context: WebContext, failed?: FailedForm): Promise<Response> {
  const mail = mailOf(context);
  const domain = await getOwnDomain(mail, domainParam(context));
  requireCapability(mail, domain, 'editAliases');
  const { passwordLengthMin } = mail.settings;
  const children = <NewAliasPage domain={domain} forms={formState(context, failed)} passwordLengthMin={passwordLengthMin} />;
  const crumbs = aliasCrumbs(mail, domain, 'Add an alias');
  return page(context, { title: 'Add an alias', narrow: true, crumbs, children }, statusOf(failed?.error));
}

async function makeAlias(context: WebContext, domain: Domain): Promise<{ done: string }> {
  const form = context.get('form');
  const { address, destinations } = await createAlias(mailOf(context), domain, {
    address: form.text('address'),
    name: form.text('name'),
    destinations: form.text('destinations'),
    password: form.text('password'),
    repeat: form.text('repeat'),
  });
  const warnings = await destinationWarnings(mailOf(context), address, destinations);
  return {
    done: [
      `${displayAddress(address)} delivers to ${destinations.map(displayAddress).join(', ')}.`,
      ...warnings.map(textsOf(context).said),
    ].join(' '),
  };
}

async function showAlias(context: WebContext, failed?: FailedForm): Promise<Response> {
  const mail = mailOf(context);
  const domain = await getOwnDomain(mail, domainParam(context));
  const person = await getAlias(mail, domain.name, param(context, 'address'));
  const own = sameDn(person.dn, mail.actor.dn);
  const props = {
    domain,
    person,
    own,
    forms: formState(context, failed),
    mayEdit: may(mail, domain, 'editAliases'),
    removable: isRemovable(person) && !own,
    passwordLengthMin: mail.settings.passwordLengthMin,
  };
  const crumbs = aliasCrumbs(mail, domain, displayAddress(person.address));
  return page(context, { title: person.address, crumbs, children: <AliasPage {...props} /> }, statusOf(failed?.error));
}

function isRemovable(alias: Alias): boolean {
  try {
    requireNotReserved(alias);
    return true;
  } catch (error) {
    if (isMailError(error)) return false;
    throw error;
  }
}

/** What was changed, and what is wrong with it. */
export async function destinationsDone(
  context: WebContext,
  alias: Alias,
  added: readonly string[],
  removed: readonly string[],
): Promise<string> {
  const { destinations: t } = textsOf(context);
  const warnings = added.length === 0 ? [] : await destinationWarnings(mailOf(context), alias.address, alias.destinations);
  const parts = [
    ...(added.length > 0 ? [t.added({ list: added.map(displayAddress).join(', ') })] : []),
    ...(removed.length > 0 ? [t.removed({ list: removed.map(displayAddress).join(', ') })] : []),
  ];
  return parts.length === 0 ? t.unchanged : [...parts, ...warnings.map(textsOf(context).said)].join(' ');
}

async function saveDestinations(context: WebContext, domain: Domain, address: string): Promise<{ done: string }> {
  const form = context.get('form');
  const changes = { add: form.text('destinations'), remove: form.all('remove') };
  const { alias, added, removed } = await changeDestinations(mailOf(context), domain, address, changes);
  return { done: await destinationsDone(context, alias, added, removed) };
}

async function saveName(context: WebContext, domain: Domain, address: string): Promise<{ done: string }> {
  await nameAlias(mailOf(context), domain, address, context.get('form').text('name'));
  return { done: 'The name is saved.' };
}

async function rename(
  mail: MailContext,
  domain: Domain,
  oldAddress: string,
  newAddress: string,
): Promise<{ address: string; done: string }> {
  const { address } = await renameAlias(mail, domain, oldAddress, newAddress);
  return { address, done: `${displayAddress(oldAddress)} is now ${displayAddress(address)}.` };
}

function deletion(_mail: MailContext, _domain: Domain, address: string): Promise<{ question: string; done: string }> {
  return Promise.resolve({
    question: 'Mail to it is refused from now on. Deleting an alias cannot be undone.',
    done: `${displayAddress(address)} is deleted.`,
  });
}

async function showCatchAll(context: WebContext, failed?: FailedForm): Promise<Response> {
  const mail = mailOf(context);
  const domain = await getOwnDomain(mail, domainParam(context));
  const props = {
    domain,
    catchAll: await getCatchAll(mail, domain.name),
    mayEdit: may(mail, domain, 'editCatchAlls') && !domain.deleted,
    forms: formState(context, failed),
  };
  const children = (
    <>
      <DomainHead mail={mail} domain={domain} tab="catch-all" />
      <CatchAllPage {...props} />
    </>
  );
  const title = `Catch-all of ${domain.name}`;
  return page(context, { title, crumbs: domainCrumbs(mail, domain), children }, statusOf(failed?.error));
}

function saveCatchAll(context: WebContext): Promise<Response> {
  const mail = mailOf(context);
  return orShowAgain(
    async () => {
      const domain = await getOwnDomain(mail, domainParam(context));
      const destinations = await setCatchAll(mail, domain, context.get('form').text('destinations'));
      const done =
        destinations.length === 0
          ? 'The catch-all is off: mail to unknown addresses is refused.'
          : `Mail to unknown addresses goes to ${destinations.map(displayAddress).join(', ')}.`;
      const warnings = await destinationWarnings(mail, catchAllAddress(domain.name), destinations);
      return goTo(context, domainPath(domain.name, '/catch-all'), [done, ...warnings.map(textsOf(context).said)].join(' '));
    },
    (error) => showCatchAll(context, { name: 'catch-all', error }),
  );
}
