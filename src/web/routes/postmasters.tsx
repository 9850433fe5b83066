/** Who administers a domain. */
import type { Hono } from 'hono';
import { displayAddress, displayDomain, parseLocalPart } from '../../mail/address.js';
import { getOwnDomain, may } from '../../mail/domains.js';
import { getPerson } from '../../mail/entries.js';
import type { MailError } from '../../mail/errors.js';
import { sameDn } from '../../mail/names.js';
import { appointPostmaster, dismissPostmaster, listPostmasters } from '../../mail/postmasters.js';
import { domainPath, mailOf, param, personPath, sentForm, type Environment, type WebContext } from '../environment.js';
import { actAndGoBack, askFirst, goTo, orShowAgain, statusOf } from '../respond.js';
import { Action, Badge, Field, FormError, Token } from '../view/components.js';
import { page } from '../view/layout.js';
import { DomainHead, domainCrumbs } from './domain-head.js';

export function addPostmasterRoutes(app: Hono<Environment>): void {
  app.get('/domains/:domain/postmasters', (context) => showPostmasters(context));
  app.post('/domains/:domain/postmasters', appoint);
  app.post('/domains/:domain/postmasters/dismiss', dismiss);
}

async function showPostmasters(context: WebContext, error?: MailError): Promise<Response> {
  const mail = mailOf(context);
  const domain = await getOwnDomain(mail, param(context, 'domain'));
  const postmasters = await listPostmasters(mail, domain.name);
  const mayAppoint = may(mail, domain, 'editPostmasters') && !domain.deleted;
  const form = sentForm(context);
  const token = context.get('session').token;
  const path = domainPath(domain.name, '/postmasters');
  return page(
    context,
    {
      title: `Postmasters of ${domain.name}`,
      crumbs: domainCrumbs(mail, domain),
      children: (
        <>
          <DomainHead mail={mail} domain={domain} tab="postmasters" />
          <div class="cards">
            <section class="card">
              <h2>Who may administer {displayDomain(domain.name)}</h2>
              <ul class="rows">
                {postmasters.map(({ dn, person }) => (
                  <li>
                    <span>
                      {person === undefined ? (
                        <code>{dn}</code>
                      ) : (
                        <a href={personPath(mail.tree.domainOf(dn) ?? domain.name, person.kind, person.address)}>
                          {displayAddress(person.address)}
                        </a>
                      )}{' '}
                      {person === undefined && <Badge kind="bad">not there any more</Badge>}
                      {person?.kind === 'alias' && person.isPostmasterGroup && (
                        <Badge kind="info">the domain’s own address</Badge>
                      )}
                      {sameDn(dn, mail.actor.dn) && <Badge kind="info">you</Badge>}
                    </span>
                    {mayAppoint && !sameDn(dn, mail.actor.dn) && postmasters.length > 1 && (
                      <Action
                        action={`${path}/dismiss`}
                        token={token}
                        fields={{ dn }}
                        text="Remove"
                        class="quiet small"
                        label={`Remove ${person?.address ?? dn}`}
                        confirm={`${person?.address ?? dn} may no longer administer ${domain.name}?`}
                      />
                    )}
                  </li>
                ))}
              </ul>
            </section>
            {mayAppoint && (
              <section class="card">
                <h2>Appoint somebody</h2>
                <FormError error={error} />
                <form method="post" action={path} class="stack">
                  <Token token={token} />
                  <Field
                    name="address"
                    label="Address"
                    required
                    value={form?.text('address')}
                    suffix={`@${displayDomain(domain.name)}`}
                    error={error}
                    hint="An account, or an alias with a password."
                  />
                  <div class="buttons">
                    <button class="primary">Appoint</button>
                  </div>
                </form>
              </section>
            )}
          </div>
        </>
      ),
    },
    statusOf(error),
  );
}

function appoint(context: WebContext): Promise<Response> {
  const mail = mailOf(context);
  return orShowAgain(
    async () => {
      const domain = await getOwnDomain(mail, param(context, 'domain'));
      const local = parseLocalPart(context.get('form').text('address'), domain.name);
      const person = await getPerson(mail, domain.name, `${local}@${domain.name}`);
      const isNew = await appointPostmaster(mail, domain, person);
      return goTo(
        context,
        domainPath(domain.name, '/postmasters'),
        `${displayAddress(person.address)} is ${isNew ? '' : 'already '}a postmaster.`,
      );
    },
    (error) => showPostmasters(context, error),
  );
}

async function dismiss(context: WebContext): Promise<Response> {
  const mail = mailOf(context);
  const domain = param(context, 'domain');
  const dn = context.get('form').text('dn');
  const question = await askFirst(context, {
    title: 'Take the postmaster rights away?',
    text: `${dn} may no longer administer ${displayDomain(domain)}.`,
    button: 'Take them away',
    cancel: domainPath(domain, '/postmasters'),
  });
  if (question) return question;
  return actAndGoBack(context, domainPath(domain, '/postmasters'), async () => {
    const was = await dismissPostmaster(mail, await getOwnDomain(mail, domain), dn);
    return was ? 'The rights are taken away.' : 'They were no postmaster any more.';
  });
}
