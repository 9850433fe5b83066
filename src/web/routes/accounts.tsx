/** Accounts: a new one, and what can be done with one beyond what aliases have in common with it. */
import type { Hono } from 'hono';
import { displayAddress, displayDomain } from '../../mail/address.js';
import { changeAccount, createAccount, deleteAccount, purgeAccount, renameAccount, restoreAccount } from '../../mail/accounts.js';
import { listAppPasswords } from '../../mail/app-passwords.js';
import type { MailContext } from '../../mail/context.js';
import { destinationWarnings } from '../../mail/destinations.js';
import { getOwnDomain, may, requireCapability, type Domain } from '../../mail/domains.js';
import { setForwarding } from '../../mail/forwarding.js';
import { aliasesDeliveringTo, getAccount, getPerson } from '../../mail/entries.js';
import { sameDn } from '../../mail/names.js';
import { appointPostmaster, dismissPostmaster, isPostmaster } from '../../mail/postmasters.js';
import { changeSenders, furtherSenderAddresses } from '../../mail/senders.js';
import { mailUsage } from '../../mail/usage.js';
import { domainParam, domainPath, mailOf, param, textsOf, type Environment, type WebContext } from '../environment.js';
import { formState, type FailedForm } from '../form-state.js';
import { AccountPage, NewAccountPage, purgeText } from '../pages/account.js';
import { actAndGoBack, askFirst, oneOf, statusOf } from '../respond.js';
import { domainCrumbs } from '../view/domain-head.js';
import { page } from '../view/layout.js';
import { welcomed, welcomeAgain } from './welcome.js';
import { revoked } from './app-passwords.js';
import { PersonRoutes } from './person.js';

export function addAccountRoutes(app: Hono<Environment>): void {
  const routes = new PersonRoutes(app, {
    kind: 'account',
    list: '',
    get: getAccount,
    show: showAccount,
    showNew: showNewAccount,
    make: makeAccount,
    rename,
    activeMeans: 'receives mail and can log in',
    deletion,
    remove: deleteAccount,
  });
  routes.form('details', saveDetails);
  routes.form('forwarding', saveForwarding);
  routes.form('senders', saveSenders);
  routes.action('postmaster', switchPostmaster);
  routes.action('restore', restore);
  routes.action('welcome', welcomeAgain);
  routes.action('app-passwords/revoke', async (context, domain, address) =>
    revoked(context, await getAccount(mailOf(context), domain.name, address)),
  );
  app.post('/domains/:domain/accounts/:address/purge', (context) => purge(context, routes.path(context)));
}

async function showNewAccount(context: WebContext, failed?: FailedForm): Promise<Response> {
  const mail = mailOf(context);
  const domain = await getOwnDomain(mail, domainParam(context));
  requireCapability(mail, domain, 'editAccounts');
  const props = {
    domain,
    forms: formState(context, failed),
    mayAppoint: may(mail, domain, 'editPostmasters'),
    passwordLengthMin: mail.settings.passwordLengthMin,
    sendsWelcome: mail.settings.welcome !== undefined && domain.active,
  };
  const crumbs = domainCrumbs(mail, domain, { text: 'Add an account' });
  const children = <NewAccountPage {...props} />;
  return page(context, { title: 'Add an account', narrow: true, crumbs, children }, statusOf(failed?.error));
}

async function makeAccount(context: WebContext, domain: Domain): Promise<{ done: string }> {
  const form = context.get('form');
  const { address } = await createAccount(mailOf(context), domain, {
    address: form.text('address'),
    name: form.text('name'),
    quota: form.text('quota'),
    password: form.text('password'),
    repeat: form.text('repeat'),
    postmaster: form.has('postmaster'),
    mailbox: oneOf(form.text('mailbox'), ['fresh', 'reuse'] as const),
  });
  if (form.has('welcome')) await welcomed(context, domain, address);
  return { done: `Added ${displayAddress(address)}. It ${domain.active ? 'receives mail' : 'becomes active with its domain'}.` };
}

async function showAccount(context: WebContext, failed?: FailedForm): Promise<Response> {
  const mail = mailOf(context);
  const domain = await getOwnDomain(mail, domainParam(context));
  const person = await getAccount(mail, domain.name, param(context, 'address'));
  const [postmaster, aliases, appPasswords, usage, sendsFrom] = await Promise.all([
    isPostmaster(mail, domain.name, person.dn),
    aliasesDeliveringTo(mail, domain.name, person.address),
    listAppPasswords(mail, person),
    mailUsage(mail.settings, person),
    furtherSenderAddresses(mail, domain.name, person),
  ]);
  const props = {
    domain,
    person,
    aliases,
    appPasswords,
    usage,
    sendsFrom,
    sendsWelcome: mail.settings.welcome !== undefined,
    clientSettings: mail.settings.clientServers?.of(domain.name),
    forms: formState(context, failed),
    isPostmaster: postmaster,
    mayEdit: may(mail, domain, 'editAccounts'),
    mayAppoint: may(mail, domain, 'editPostmasters'),
    own: sameDn(person.dn, mail.actor.dn),
    passwordLengthMin: mail.settings.passwordLengthMin,
  };
  const crumbs = domainCrumbs(mail, domain, { text: displayAddress(person.address) });
  return page(context, { title: person.address, crumbs, children: <AccountPage {...props} /> }, statusOf(failed?.error));
}

async function saveDetails(context: WebContext, domain: Domain, address: string): Promise<{ done: string }> {
  const form = context.get('form');
  const changes = { name: form.text('name'), quota: form.text('quota'), version: form.text('version') };
  await changeAccount(mailOf(context), domain.name, address, changes);
  return { done: 'Name and quota are saved.' };
}

async function saveForwarding(context: WebContext, domain: Domain, address: string): Promise<{ done: string }> {
  return { done: await forwardingDone(context, domain, address) };
}

/** Saves the form of a forwarding and says what is so from now on. */
export async function forwardingDone(context: WebContext, domain: Domain, address: string): Promise<string> {
  const [mail, form] = [mailOf(context), context.get('form')];
  const account = await setForwarding(mail, domain, address, {
    destinations: form.text('forwardTo'),
    keepCopy: form.text('keepCopy') === 'on',
    version: form.text('version'),
  });
  const { forwardTo, keepsCopy } = account;
  const { sharing, said } = textsOf(context);
  const shown = { address: displayAddress(address), to: forwardTo.map(displayAddress).join(', ') };
  if (forwardTo.length === 0) return sharing.stays(shown);
  const done = keepsCopy ? sharing.goesWithCopy(shown) : sharing.goes(shown);
  const warnings = await destinationWarnings(mail, account.address, forwardTo);
  return [done, ...warnings.map(said)].join(' ');
}

/** The form is the same for accounts and aliases. */
export async function saveSenders(context: WebContext, domain: Domain, address: string): Promise<{ done: string }> {
  const form = context.get('form');
  const { senders } = await changeSenders(mailOf(context), domain, address, {
    add: form.text('senders'),
    remove: form.all('remove'),
  });
  const others = senders.length === 0 ? 'Nobody else may' : `${senders.map(displayAddress).join(', ')} may also`;
  return { done: `${others} send from ${displayAddress(address)}.` };
}

async function rename(
  mail: MailContext,
  domain: Domain,
  address: string,
  newAddress: string,
): Promise<{ address: string; done: string }> {
  const { account, aliases } = await renameAccount(mail, domain, address, newAddress);
  const deliver = aliases.length === 1 ? ' One alias delivers' : ` ${aliases.length} aliases deliver`;
  const followed = aliases.length === 0 ? '' : `${deliver} to the new address now.`;
  return {
    address: account.address,
    done: `${displayAddress(address)} is now ${displayAddress(account.address)}.${followed}`,
  };
}

async function switchPostmaster(context: WebContext, domain: Domain, address: string): Promise<string> {
  const mail = mailOf(context);
  const on = context.get('form').text('postmaster') === 'on';
  const person = await getPerson(mail, domain.name, address);
  if (on) await appointPostmaster(mail, domain, person);
  else await dismissPostmaster(mail, domain, person.dn);
  return `${displayAddress(person.address)} is ${on ? 'a postmaster' : 'no longer a postmaster'} of ${displayDomain(domain.name)}.`;
}

async function deletion(mail: MailContext, domain: Domain, address: string): Promise<{ question: string; done: string }> {
  requireCapability(mail, domain, 'editAccounts');
  const aliases = await aliasesDeliveringTo(mail, domain.name, address);
  const names = aliases.map((alias) => alias.address).join(', ');
  const warning = aliases.length === 0 ? '' : ` These aliases still deliver to it: ${names}.`;
  return {
    question: `Mail to it is refused from now on and it cannot log in. You can restore it until it is purged.${warning}`,
    done: `${displayAddress(address)} is deleted. To restore it, show “Deleted” in the list.${warning}`,
  };
}

async function restore(context: WebContext, domain: Domain, address: string): Promise<string> {
  await restoreAccount(mailOf(context), domain, address);
  const state = domain.active ? ' with its mail and its password' : '. It becomes active with its domain';
  return `${displayAddress(address)} is restored${state}.`;
}

async function purge(context: WebContext, path: string): Promise<Response> {
  const address = param(context, 'address');
  const question = await askFirst(context, {
    title: `Purge ${displayAddress(address)}?`,
    text: purgeText,
    button: 'Purge permanently',
    cancel: path,
  });
  if (question) return question;
  return actAndGoBack(context, domainPath(domainParam(context)), async () => {
    const domain = await getOwnDomain(mailOf(context), domainParam(context));
    await purgeAccount(mailOf(context), domain, address);
    return `${displayAddress(address)} is purged.`;
  });
}
