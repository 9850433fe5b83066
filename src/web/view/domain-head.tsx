/** The head of all pages of one domain: its name, its state, its tabs. */
import type { FC } from 'hono/jsx';
import { displayDomain } from '../../mail/address.js';
import type { MailContext } from '../../mail/context.js';
import { may, type Domain } from '../../mail/domains.js';
import { domainPath } from '../environment.js';
import { Badge } from './components.js';
import type { Crumb } from './layout.js';
import { useTexts } from './texts.js';

export type DomainTab =
  'accounts' | 'aliases' | 'postmasters' | 'catch-all' | 'import' | 'tokens' | 'dns' | 'activity' | 'settings';

export const DomainHead: FC<{ mail: MailContext; domain: Domain; tab: DomainTab }> = ({ mail, domain, tab }) => {
  const t = useTexts();
  const tabs: readonly (readonly [DomainTab, string, string])[] = [
    ['accounts', t.tabs.accounts, ''],
    ['aliases', t.tabs.aliases, '/aliases'],
    ['catch-all', t.tabs.catchAll, '/catch-all'],
    ['postmasters', t.tabs.postmasters, '/postmasters'],
    ['import', t.transfer.tab, '/import'],
    ...(may(mail, domain, 'editPostmasters') ? ([['tokens', t.tokens.tab, '/tokens']] as const) : []),
    ['dns', t.dnsPage.tab, '/dns'],
    ...(mail.settings.activity === undefined ? [] : ([['activity', t.activityPage.tab, '/activity']] as const)),
    ...(mail.actor.level === 'site' ? ([['settings', t.tabs.settings, '/settings']] as const) : []),
  ];
  return (
    <>
      <div class="head">
        <h1>
          {displayDomain(domain.name)}{' '}
          {domain.deleted ? (
            <Badge kind="bad">{t.person.deletedBadge}</Badge>
          ) : (
            !domain.active && <Badge kind="off">{t.person.inactiveBadge}</Badge>
          )}
          {domain.aliasOf !== undefined && <Badge kind="info">another name of {displayDomain(domain.aliasOf)}</Badge>}
          {displayDomain(domain.name) !== domain.name && <span class="under">{domain.name}</span>}
        </h1>
      </div>
      <nav class="tabs" aria-label={t.tabs.domain}>
        {tabs.map(([name, text, path]) => (
          <a href={domainPath(domain.name, path)} aria-current={name === tab ? 'page' : undefined}>
            {text}
          </a>
        ))}
      </nav>
    </>
  );
};

/** The way to a page of a domain; domain admins of one domain have no list above it. */
export function domainCrumbs(mail: MailContext, domain: Domain, ...rest: readonly Crumb[]): readonly Crumb[] {
  const several = mail.actor.level === 'site' || (mail.actor.level === 'domain' && mail.actor.domains.length > 1);
  return [
    ...(several ? [{ text: 'Domains', href: '/domains' }] : []),
    rest.length === 0
      ? { text: displayDomain(domain.name) }
      : { text: displayDomain(domain.name), href: domainPath(domain.name) },
    ...rest,
  ];
}
