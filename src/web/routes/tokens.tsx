/** API tokens of a domain, on its pages: listed, made and revoked. */
import type { Hono } from 'hono';
import { displayDomain } from '../../mail/address.js';
import { listTokens, makeToken, requireScopes, revokeToken, type MadeToken } from '../../mail/api-tokens.js';
import { requireOwnPassword } from '../../mail/app-passwords.js';
import { getOwnDomain } from '../../mail/domains.js';
import { withPasswordBrake } from '../braked.js';
import { domainParam, domainPath, mailOf, type Environment, type WebContext } from '../environment.js';
import { formState, type FailedForm } from '../form-state.js';
import { MadeTokenPage, TokensPage } from '../pages/tokens.js';
import { actAndGoBack, orShowAgain, statusOf } from '../respond.js';
import { DomainHead, domainCrumbs } from '../view/domain-head.js';
import { page } from '../view/layout.js';
import { parseDays } from './app-passwords.js';

export function addTokenRoutes(app: Hono<Environment>): void {
  app.get('/domains/:domain/tokens', (context) => show(context));
  app.post('/domains/:domain/tokens', make);
  app.post('/domains/:domain/tokens/revoke', revoke);
}

async function show(context: WebContext, failed?: FailedForm): Promise<Response> {
  const mail = mailOf(context);
  const domain = await getOwnDomain(mail, domainParam(context));
  const tokens = await listTokens(mail, domain.name);
  const children = (
    <>
      <DomainHead mail={mail} domain={domain} tab="tokens" />
      <TokensPage domain={domain} tokens={tokens} forms={formState(context, failed)} />
    </>
  );
  const title = context.get('texts').tokens.title({ domain: displayDomain(domain.name) });
  return page(context, { title, crumbs: domainCrumbs(mail, domain), children }, statusOf(failed?.error));
}

function make(context: WebContext): Promise<Response> {
  const mail = mailOf(context);
  const form = context.get('form');
  return orShowAgain(
    async () => {
      const domain = await getOwnDomain(mail, domainParam(context));
      const request = {
        label: form.text('label'),
        scopes: requireScopes(form.all('scope')),
        days: parseDays(form.text('days')),
      };
      // A session that was left open must not outlive itself as a token.
      const password = form.text('old');
      const made = await withPasswordBrake(context.get('site'), mail, password, async (): Promise<MadeToken> => {
        await requireOwnPassword(mail, password);
        return makeToken(mail, domain, request);
      });
      const title = context.get('texts').tokens.madeTitle({ label: made.label });
      return page(context, { title, narrow: true, children: <MadeTokenPage domain={domain} made={made} /> });
    },
    (error) => show(context, { name: 'token', error }),
  );
}

function revoke(context: WebContext): Promise<Response> {
  const mail = mailOf(context);
  const domainName = domainParam(context);
  return actAndGoBack(context, domainPath(domainName, '/tokens'), async () => {
    await revokeToken(mail, await getOwnDomain(mail, domainName), context.get('form').text('id'));
    return context.get('texts').tokens.revoked;
  });
}
