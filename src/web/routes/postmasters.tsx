/** Who administers a domain. */
import type { Hono } from 'hono';
import { displayAddress, displayDomain, parseLocalPart } from '../../mail/address.js';
import { getOwnDomain, may } from '../../mail/domains.js';
import { getPerson } from '../../mail/entries.js';
import { appointPostmaster, dismissPostmaster, listPostmasters } from '../../mail/postmasters.js';
import { domainParam, domainPath, mailOf, type Environment, type WebContext } from '../environment.js';
import { formState, type FailedForm } from '../form-state.js';
import { PostmastersPage } from '../pages/postmasters.js';
import { actAndGoBack, askFirst, goTo, orShowAgain, statusOf } from '../respond.js';
import { page } from '../view/layout.js';
import { DomainHead, domainCrumbs } from '../view/domain-head.js';

export function addPostmasterRoutes(app: Hono<Environment>): void {
  app.get('/domains/:domain/postmasters', (context) => showPostmasters(context));
  app.post('/domains/:domain/postmasters', appoint);
  app.post('/domains/:domain/postmasters/dismiss', dismiss);
}

async function showPostmasters(context: WebContext, failed?: FailedForm): Promise<Response> {
  const mail = mailOf(context);
  const domain = await getOwnDomain(mail, domainParam(context));
  const props = {
    mail,
    domain,
    postmasters: await listPostmasters(mail, domain.name),
    mayAppoint: may(mail, domain, 'editPostmasters') && !domain.deleted,
    forms: formState(context, failed),
  };
  const children = (
    <>
      <DomainHead mail={mail} domain={domain} tab="postmasters" />
      <PostmastersPage {...props} />
    </>
  );
  const title = `Postmasters of ${domain.name}`;
  return page(context, { title, crumbs: domainCrumbs(mail, domain), children }, statusOf(failed?.error));
}

function appoint(context: WebContext): Promise<Response> {
  const mail = mailOf(context);
  return orShowAgain(
    async () => {
      const domain = await getOwnDomain(mail, domainParam(context));
      const local = parseLocalPart(context.get('form').text('address'), domain.name);
      const person = await getPerson(mail, domain.name, `${local}@${domain.name}`);
      const isNew = await appointPostmaster(mail, domain, person);
      return goTo(
        context,
        domainPath(domain.name, '/postmasters'),
        `${displayAddress(person.address)} is ${isNew ? '' : 'already '}a postmaster.`,
      );
    },
    (error) => showPostmasters(context, { name: 'appoint', error }),
  );
}

async function dismiss(context: WebContext): Promise<Response> {
  const mail = mailOf(context);
  const domain = domainParam(context);
  const dn = context.get('form').text('dn');
  const question = await askFirst(context, {
    title: 'Dismiss this postmaster?',
    text: `${dn} will no longer be able to administer ${displayDomain(domain)}.`,
    button: 'Dismiss',
    cancel: domainPath(domain, '/postmasters'),
  });
  if (question) return question;
  return actAndGoBack(context, domainPath(domain, '/postmasters'), async () => {
    const was = await dismissPostmaster(mail, await getOwnDomain(mail, domain), dn);
    return was ? 'The postmaster is dismissed.' : 'They were not a postmaster.';
  });
}
