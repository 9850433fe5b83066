/** What the DNS says about a domain, for those who administer it. */
import type { Hono } from 'hono';
import { displayDomain } from '../../mail/address.js';
import { dnsAdvice, type DnsFinding } from '../../mail/dns-advice.js';
import { getOwnDomain } from '../../mail/domains.js';
import { isMailError, type MailError } from '../../mail/errors.js';
import { domainParam, mailOf, textsOf, type Environment, type WebContext } from '../environment.js';
import { DnsPage } from '../pages/dns.js';
import { statusOf } from '../respond.js';
import { DomainHead, domainCrumbs } from '../view/domain-head.js';
import { page } from '../view/layout.js';

export function addDnsRoutes(app: Hono<Environment>): void {
  app.get('/domains/:domain/dns', showDns);
}

async function showDns(context: WebContext): Promise<Response> {
  const mail = mailOf(context);
  const domain = await getOwnDomain(mail, domainParam(context));
  const selector = context.req.query('selector')?.trim() ?? '';
  let findings: readonly DnsFinding[] = [];
  let failure: MailError | undefined;
  try {
    findings = await dnsAdvice(mail, domain.name, selector === '' ? [] : [selector]);
  } catch (error) {
    if (!isMailError(error, 'invalid', 'conflict')) throw error;
    failure = error;
  }
  const { dnsPage: t } = textsOf(context);
  const known = selector || mail.settings.dns?.selectors[0];
  const children = (
    <>
      <DomainHead mail={mail} domain={domain} tab="dns" />
      <DnsPage domain={domain} findings={findings} selector={known} error={failure} />
    </>
  );
  const title = t.title({ domain: displayDomain(domain.name) });
  return page(context, { title, crumbs: domainCrumbs(mail, domain, { text: t.tab }), children }, statusOf(failure));
}
