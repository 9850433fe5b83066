/** Who changed what in a domain, for those who administer it. */
import type { Hono } from 'hono';
import { domainActivity } from '../../mail/activity.js';
import { displayDomain } from '../../mail/address.js';
import { getOwnDomain } from '../../mail/domains.js';
import { domainParam, mailOf, textsOf, type Environment, type WebContext } from '../environment.js';
import { ActivityPageView } from '../pages/activity.js';
import { DomainHead, domainCrumbs } from '../view/domain-head.js';
import { page } from '../view/layout.js';

export function addActivityRoutes(app: Hono<Environment>): void {
  app.get('/domains/:domain/activity', showActivity);
}

async function showActivity(context: WebContext): Promise<Response> {
  const mail = mailOf(context);
  const domain = await getOwnDomain(mail, domainParam(context));
  const typed = new Date(context.req.query('before') ?? '');
  const before = Number.isNaN(typed.getTime()) ? undefined : typed;
  const found = await domainActivity(mail, domain.name, { before });
  const { activityPage: t } = textsOf(context);
  const children = (
    <>
      <DomainHead mail={mail} domain={domain} tab="activity" />
      <ActivityPageView domain={domain} found={found} isFirst={before === undefined} />
    </>
  );
  const title = t.title({ domain: displayDomain(domain.name) });
  return page(context, { title, crumbs: domainCrumbs(mail, domain, { text: t.tab }), children });
}
